//! A certificate from an authority: the whole protocol with Pebble, Let's Encrypt's own server for tests.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use deskbell::appliance::Appliance;
use deskbell::clock::Clock;
use deskbell::config::{Acme, Config, TlsMode};
use rustls::pki_types::ServerName;

use crate::harness::https::{certificate, client, keep_key};
use crate::harness::server::Server;

const NAME: &str = "desk.example.org";

fn free() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr()).expect("a free port").port()
}

/// Pebble with a name server that leads every name here; `None` where it is not installed.
struct Authority {
    directory: u16,
    management: u16,
    _processes: [Server; 2],
}

impl Authority {
    fn start(folder: &Path, tls_port: u16) -> Option<Self> {
        let there = Command::new("pebble").arg("-help").stderr(Stdio::null()).status().is_ok();
        if !there {
            assert!(std::env::var_os("REQUIRE_ACME").is_none_or(|value| value != "1"), "pebble is missing");
            return None;
        }
        let (directory, management, names) = (free(), free(), UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)));
        let names = names.and_then(|socket| socket.local_addr()).expect("a free port").port();
        let (pem, key) = certificate(&["localhost", "127.0.0.1"], 2090);
        std::fs::write(folder.join("authority.pem"), pem).expect("writable");
        keep_key(&folder.join("authority-key.pem"), &key);
        let config = serde_json::json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{directory}"),
            "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": folder.join("authority.pem"),
            "privateKey": folder.join("authority-key.pem"),
            "httpPort": 1, "tlsPort": tls_port,
            "ocspResponderURL": "", "externalAccountBindingRequired": false,
        }});
        std::fs::write(folder.join("pebble.json"), config.to_string()).expect("writable");
        let quiet = |command: &mut Command| {
            Server(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it is installed"))
        };
        let resolver = quiet(Command::new("pebble-challtestsrv").args([
            "-dns01",
            &format!("127.0.0.1:{names}"),
            "-http01",
            "",
            "-https01",
            "",
            "-tlsalpn01",
            "",
            "-defaultIPv4",
            "127.0.0.1",
            "-defaultIPv6",
            "",
            "-management",
            &format!("127.0.0.1:{}", free()),
        ]));
        let pebble = quiet(
            Command::new("pebble")
                .args([
                    "-config",
                    &folder.join("pebble.json").to_string_lossy(),
                    "-dnsserver",
                    &format!("127.0.0.1:{names}"),
                ])
                // A part of the requests is refused once, as a busy authority may.
                .envs([("PEBBLE_VA_NOSLEEP", "1"), ("PEBBLE_WFE_NONCEREJECT", "20")]),
        );
        eventually(|| TcpStream::connect((Ipv4Addr::LOCALHOST, directory)).is_ok());
        eventually(|| TcpStream::connect((Ipv4Addr::LOCALHOST, management)).is_ok());
        Some(Self { directory, management, _processes: [resolver, pebble] })
    }

    /// The root under which it issues.
    fn root(&self) -> Vec<u8> {
        let url = format!("https://127.0.0.1:{}/roots/0", self.management);
        Command::new("curl").args(["-sSk", "--noproxy", "*", &url]).output().expect("curl runs").stdout
    }
}

fn eventually(mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it did not come about");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Shakes hands under the name; whether the server shows a certificate of this root.
async fn certified(root: &[u8], address: SocketAddr) -> bool {
    let stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
    let name = ServerName::try_from(NAME).expect("a name");
    tokio_rustls::TlsConnector::from(client(root, &["h2"])).connect(name, stream).await.is_ok()
}

fn config(folder: &Path, address: SocketAddr, directory: u16) -> Config {
    Config {
        tls_mode: TlsMode::Acme,
        acme: Acme {
            domains: vec![NAME.to_owned()],
            contact: Some("admin@example.org".to_owned()),
            terms_agreed: true,
            directory_url: format!("https://127.0.0.1:{directory}/dir"),
            root_file: Some(folder.join("authority.pem")),
        },
        ..Config::plain(folder.join("data"), address)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_fetched_by_itself_kept_and_used_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free()));
    let Some(authority) = Authority::start(folder.path(), address.port()) else { return };
    let root = authority.root();
    let config = config(folder.path(), address, authority.directory);
    let appliance = Appliance::start_with(&config, Clock::system()).await.expect("it starts without a certificate");
    let mut report = appliance.tls().expect("it is on").report();
    let fetched = report.wait_for(|report| report.ends_at.is_some() || report.trouble.is_some());
    let fetched =
        tokio::time::timeout(Duration::from_secs(60), fetched).await.expect("in time").expect("it goes on").clone();
    assert_eq!(fetched.trouble, None);
    assert!(certified(&root, address).await);
    appliance.stop().await;
    for name in ["acme-account.json", "acme-key.pem", "acme-certificate.pem"] {
        use std::os::unix::fs::PermissionsExt as _;
        let file = config.data.join("tls").join(name);
        assert_eq!(file.metadata().expect("kept").permissions().mode() & 0o777, 0o600, "{name}");
    }

    // The authority is gone; the certificate is still here.
    drop(authority);
    let again = Appliance::start_with(&config, Clock::system()).await.expect("it starts");
    assert!(certified(&root, address).await, "from the first handshake on");
    assert_eq!(again.tls().expect("it is on").report().borrow().ends_at, fetched.ends_at);
    again.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_authority_that_cannot_be_reached_is_told_and_the_server_runs() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (pem, _) = certificate(&["localhost"], 2090);
    std::fs::write(folder.path().join("authority.pem"), pem).expect("writable");
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free()));
    let config = config(folder.path(), address, free());
    let appliance = Appliance::start_with(&config, Clock::system()).await.expect("it starts");
    let mut report = appliance.tls().expect("it is on").report();
    let told = report.wait_for(|report| report.trouble.is_some());
    let told = tokio::time::timeout(Duration::from_secs(30), told).await.expect("in time").expect("it goes on").clone();
    let trouble = told.trouble.expect("a sentence");
    assert!(trouble.contains(NAME) && trouble.contains("tried again by itself"), "{trouble}");
    assert_eq!(told.ends_at, None);
    appliance.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_does_not_lead_here_is_told_with_the_authoritys_reason() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    // The authority knocks at a port where nobody is.
    let Some(authority) = Authority::start(folder.path(), free()) else { return };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free()));
    let config = config(folder.path(), address, authority.directory);
    let appliance = Appliance::start_with(&config, Clock::system()).await.expect("it starts");
    let mut report = appliance.tls().expect("it is on").report();
    let told = report.wait_for(|report| report.trouble.is_some());
    let told = tokio::time::timeout(Duration::from_secs(60), told).await.expect("in time").expect("it goes on").clone();
    assert!(told.trouble.is_some_and(|trouble| trouble.contains("port 443")));
    appliance.stop().await;
}
