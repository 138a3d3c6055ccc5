//! HTTPS from the outside: the real binary with its certificates, asked by independent clients (curl, openssl).

use std::io::Read as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use deskbell::clock::Clock;
use deskbell::config::{Config, TlsMode};
use deskbell::tls::Tls;
use http_body_util::BodyExt as _;

use crate::harness::https::{Http2, certificate, client, keep_key};
use crate::harness::program::program;
use crate::harness::server::Server;

fn free() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr()).expect("a free port")
}

/// The server with this configuration in its data directory, once it listens.
fn serve(data: &Path, address: SocketAddr, rest: &str) -> Server {
    std::fs::write(data.join("deskbell.toml"), format!("listen = \"{address}\"\n{rest}")).expect("writable");
    let child = Command::new(env!("CARGO_BIN_EXE_deskbell"))
        .args(["serve", "--data", &data.to_string_lossy()])
        .stderr(std::fs::File::create(data.join("log.txt")).expect("writable"))
        .stdin(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let server = Server(child);
    eventually("it listens", || TcpStream::connect(address).is_ok());
    server
}

fn log(data: &Path) -> String {
    std::fs::read_to_string(data.join("log.txt")).expect("it was made")
}

fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(30), "not in time: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn curl(arguments: &[&str]) -> Output {
    Command::new("curl")
        .args(["-sS", "--max-time", "10", "--noproxy", "*"])
        .args(arguments)
        .output()
        .expect("curl runs")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn files_of(folder: &Path) -> String {
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    format!(
        "[tls]\nmode = \"files\"\ncertificate_file = \"{}\"\nkey_file = \"{}\"\n",
        certificate.display(),
        key.display()
    )
}

#[test]
fn an_authority_of_its_own_is_made_once_and_known_by_its_root_alone() {
    let Some(_) = program("curl", "REQUIRE_CURL") else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (data, address) = (folder.path(), free());
    let tls = data.join("tls");
    let root = tls.join("root-certificate.pem").to_string_lossy().into_owned();
    let url = |path: &str| format!("https://localhost:{}{path}", address.port());
    let server = serve(data, address, "[tls]\nmode = \"self_signed\"\n");
    for (flag, version) in [("--http2", "2"), ("--http1.1", "1.1")] {
        let answer = curl(&[flag, "--cacert", &root, "-w", " %{http_version} %{ssl_verify_result}", &url("/healthz")]);
        assert_eq!(said(&answer), format!("ok {version} 0"));
    }
    let by_address = curl(&["--cacert", &root, &format!("https://{address}/healthz")]);
    assert_eq!(said(&by_address), "ok", "addresses are in the certificate too");
    assert_eq!(curl(&[&url("/healthz")]).status.code(), Some(60), "nobody else trusts it");
    let old = curl(&["--cacert", &root, "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0", &url("/healthz")]);
    assert_eq!(old.status.code(), Some(35), "older versions of TLS are not spoken: {}", said(&old));
    let downloaded = curl(&["--cacert", &root, "-i", &url("/root-certificate.pem")]);
    let kept = std::fs::read_to_string(&root).expect("it was made");
    assert!(said(&downloaded).contains("application/x-x509-ca-cert") && said(&downloaded).ends_with(&kept));
    let modes = std::fs::read_dir(&tls)
        .expect("a folder")
        .map(|file| file.expect("a file").metadata().expect("there").permissions().mode() & 0o777);
    assert!(modes.collect::<Vec<_>>().iter().all(|mode| *mode == 0o600), "files are their owner's alone");
    assert_eq!(tls.metadata().expect("there").permissions().mode() & 0o777, 0o700);
    let openssl = Command::new("openssl").arg("version").output().is_ok();
    assert!(openssl || std::env::var_os("REQUIRE_OPENSSL").is_none_or(|value| value != "1"), "openssl is missing");
    if openssl {
        let leaf = tls.join("certificate.pem").to_string_lossy().into_owned();
        let verified = Command::new("openssl")
            .args([
                "verify",
                "-x509_strict",
                "-purpose",
                "sslserver",
                "-verify_hostname",
                "localhost",
                "-CAfile",
                &root,
                &leaf,
            ])
            .output()
            .expect("openssl runs");
        assert!(verified.status.success(), "{}", said(&verified));
    }
    drop(server);
    let leaf = std::fs::read(tls.join("certificate.pem")).expect("it is there");
    let server = serve(data, address, "[tls]\nmode = \"self_signed\"\n");
    assert_eq!(std::fs::read_to_string(&root).expect("there"), kept, "the root outlives a restart");
    assert_eq!(std::fs::read(tls.join("certificate.pem")).expect("there"), leaf);
    drop(server);
    let _server = serve(data, address, "allowed_hosts = [\"desk.example\"]\n[tls]\nmode = \"self_signed\"\n");
    let resolve = format!("desk.example:{}:127.0.0.1", address.port());
    let named =
        curl(&["--cacert", &root, "--resolve", &resolve, &format!("https://desk.example:{}/healthz", address.port())]);
    assert_eq!(said(&named), "ok", "a new name is certified under the same root");
}

#[test]
fn files_are_read_anew_without_a_connection_ending_and_bad_ones_change_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (data, address) = (folder.path(), free());
    let (first, first_key) = certificate(&["localhost"], 2090);
    let (second, second_key) = certificate(&["localhost"], 2090);
    let put = |certificate: &str, key: &str| {
        std::fs::write(data.join("certificate.pem"), certificate).expect("writable");
        keep_key(&data.join("key.pem"), key);
    };
    put(&first, &first_key);
    let _server = serve(data, address, &files_of(data));
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let knows = |root: &str| {
        let config = client(root.as_bytes(), &["h2"]);
        runtime.block_on(async {
            let stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
            let name = rustls::pki_types::ServerName::try_from("localhost").expect("a name");
            tokio_rustls::TlsConnector::from(config).connect(name, stream).await.is_ok()
        })
    };
    assert!(knows(&first) && !knows(&second));
    let mut sender = runtime.block_on(Http2::open(address, client(first.as_bytes(), &["h2"])));
    let mut still_answers = || {
        runtime.block_on(async {
            let request =
                hyper::Request::get("https://localhost/healthz").body(http_body_util::Full::default()).expect("one");
            let answer = sender.send_request(request).await.expect("the connection is open");
            answer.into_body().collect().await.expect("whole").to_bytes()
        })
    };
    assert_eq!(still_answers(), "ok");
    put(&second, &second_key);
    eventually("the second certificate is shown", || {
        still_answers();
        knows(&second)
    });
    assert!(!knows(&first));
    let garbage = second.replace("CERTIFICATE", "NONSENSE");
    for (certificate, key, words) in [
        (garbage.as_str(), second_key.as_str(), "holds no certificate"),
        (second.as_str(), first_key.as_str(), "is not the key of the first certificate"),
        (first.as_str(), "", "holds no private key"),
    ] {
        put(certificate, key);
        eventually(words, || {
            still_answers();
            log(data).contains(words)
        });
        assert!(knows(&second), "{words}");
    }
    std::fs::remove_file(data.join("key.pem")).expect("it was there");
    eventually("a missing file", || log(data).contains("key.pem: cannot be read"));
    assert!(knows(&second));
    put(&first, &first_key);
    eventually("the first one again", || knows(&first));
    assert_eq!(still_answers(), "ok", "the connection of the beginning is still open");
}

#[test]
fn an_expired_certificate_is_served_and_told_loudly() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (data, address) = (folder.path(), free());
    let (expired, key) = certificate(&["localhost"], 2024);
    std::fs::write(data.join("certificate.pem"), &expired).expect("writable");
    keep_key(&data.join("key.pem"), &key);
    let server = serve(data, address, &files_of(data));
    eventually("it is told", || log(data).contains("ERROR") && log(data).contains("has expired"));
    if program("curl", "REQUIRE_CURL").is_some() {
        let url = format!("https://localhost:{}/healthz", address.port());
        assert_eq!(said(&curl(&["-k", &url])), "ok");
        let root = data.join("certificate.pem").to_string_lossy().into_owned();
        assert!(said(&curl(&["--cacert", &root, &url])).contains("expired"));
    }
    drop(server);
    let config = Config {
        tls_mode: TlsMode::Files,
        certificate_file: Some(data.join("certificate.pem")),
        key_file: Some(data.join("key.pem")),
        ..Config::plain(data.to_owned(), address)
    };
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let tls = runtime.block_on(async { Tls::start(&config, Clock::system()) }).expect("it starts").expect("it is on");
    let report = tls.report().borrow().clone();
    assert!(report.trouble.is_some_and(|trouble| trouble.contains("expired")));
    assert_eq!(report.ends_at.map(|at| at.0), Some(1_735_603_200_000));
}

#[test]
fn files_that_cannot_be_used_are_refused_with_their_names() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path();
    let (good, key) = certificate(&["localhost"], 2090);
    let (_, other_key) = certificate(&["localhost"], 2090);
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let cut = good[..good.len() / 2].to_owned();
    let damaged = good.replace("MII", "MI!");
    let not_one = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (certificate, key, words) in [
        (good.as_str(), other_key.as_str(), "key.pem: is not the key of the first certificate in"),
        ("", key.as_str(), "certificate.pem: holds no certificate"),
        ("garbage", key.as_str(), "certificate.pem: holds no certificate"),
        (cut.as_str(), key.as_str(), "certificate.pem: "),
        (damaged.as_str(), key.as_str(), "certificate.pem: "),
        (not_one, key.as_str(), "certificate.pem: holds a certificate that cannot be read"),
        (good.as_str(), "garbage", "key.pem: holds no private key"),
        (good.as_str(), good.as_str(), "key.pem: holds no private key"),
        (good.as_str(), encrypted, "protected by a passphrase"),
    ] {
        std::fs::write(data.join("certificate.pem"), certificate).expect("writable");
        keep_key(&data.join("key.pem"), key);
        std::fs::write(data.join("deskbell.toml"), files_of(data)).expect("writable");
        let run = |arguments: &[&str]| {
            let data = data.to_string_lossy().into_owned();
            let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell"));
            command.args(arguments).args(["--data", &data, "--listen", &free().to_string()]).output().expect("it runs")
        };
        let checked = run(&["config", "check"]);
        assert_eq!(checked.status.code(), Some(2), "{words}: {}", said(&checked));
        assert!(said(&checked).contains(words), "{words}: {}", said(&checked));
        let served = run(&["serve"]);
        assert_eq!(served.status.code(), Some(1), "{words}");
        assert!(said(&served).contains("HTTPS cannot be had") && said(&served).contains(words), "{}", said(&served));
        assert!(!said(&served).contains("PRIVATE KEY-----\nMI"), "no key is in the log");
    }
}

#[test]
fn a_root_that_is_damaged_is_not_replaced_unasked_and_a_lost_leaf_is() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = Config {
        tls_mode: TlsMode::SelfSigned,
        ..Config::plain(folder.path().to_owned(), SocketAddr::from(([127, 0, 0, 1], 0)))
    };
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let start = || runtime.block_on(async { Tls::start(&config, Clock::system()) }).map(|tls| tls.expect("it is on"));
    let root = start().expect("made").root_certificate().expect("a root");
    let tls = folder.path().join("tls");
    for name in ["certificate.pem", "key.pem", "names.txt"] {
        std::fs::remove_file(tls.join(name)).expect("it was there");
        let again = start().expect("the leaf is made anew");
        assert_eq!(again.root_certificate(), Some(root.clone()), "{name}");
        std::fs::write(tls.join(name), "garbage").expect("writable");
        assert_eq!(start().expect("the leaf is made anew").root_certificate(), Some(root.clone()), "{name}");
    }
    for name in ["root-key.pem", "root-certificate.pem"] {
        let kept = std::fs::read(tls.join(name)).expect("there");
        std::fs::write(tls.join(name), "garbage").expect("writable");
        let refused = start().err().expect("it is not replaced").to_string();
        assert!(refused.contains(name) && refused.contains("from a backup"), "{refused}");
        std::fs::write(tls.join(name), kept).expect("writable");
    }
    assert_eq!(start().expect("as before").root_certificate(), Some(root));
}

#[test]
fn a_certificate_of_its_own_is_renewed_before_its_end() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = Config {
        tls_mode: TlsMode::SelfSigned,
        ..Config::plain(folder.path().to_owned(), SocketAddr::from(([127, 0, 0, 1], 0)))
    };
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let clock = Clock::manual(deskbell::domain::time::Timestamp(1_800_000_000_000));
    let end = |clock: &Clock| {
        let tls = runtime.block_on(async { Tls::start(&config, clock.clone()) }).expect("it starts").expect("it is on");
        let report = tls.report().borrow().clone();
        assert_eq!(report.trouble, None);
        (report.ends_at.expect("an end"), tls.root_certificate())
    };
    let first = end(&clock);
    clock.advance_ms(100 * 24 * 60 * 60 * 1_000);
    assert_eq!(end(&clock), first, "there is time");
    clock.advance_ms(25 * 24 * 60 * 60 * 1_000);
    let second = end(&clock);
    assert!(second.0 > first.0 && second.1 == first.1, "a new certificate, the same root");
    clock.advance_ms(-365 * 24 * 60 * 60 * 1_000);
    let third = end(&clock);
    assert!(third.0 < second.0, "a clock set back gets one that is valid for it");
}

#[test]
fn the_plain_address_beside_https_sends_browsers_there_and_takes_nothing() {
    let Some(_) = program("curl", "REQUIRE_CURL") else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (address, plain) = (free(), free());
    let _server =
        serve(folder.path(), address, &format!("[tls]\nmode = \"self_signed\"\nredirect_listen = \"{plain}\"\n"));
    eventually("it listens", || TcpStream::connect(plain).is_ok());
    let format = "%{http_code} %{redirect_url}";
    let ask = |rest: &[&str]| {
        said(&curl(&[&["-o", "/dev/null", "-w", format], rest, &[&format!("http://{plain}/a?b=c")]].concat()))
    };
    assert_eq!(ask(&[]), format!("308 https://127.0.0.1:{}/a?b=c", address.port()));
    assert_eq!(ask(&["-H", "Host: localhost"]), format!("308 https://localhost:{}/a?b=c", address.port()));
    assert_eq!(ask(&["-H", "Host: evil.example"]), "421 ");
    assert_eq!(ask(&["-d", "login=ana"]), "403 ");
    assert_eq!(ask(&["-H", "Host:"]), "400 ");
    let mut begun = TcpStream::connect(plain).expect("it listens");
    begun.set_read_timeout(Some(Duration::from_secs(1))).expect("positive");
    assert!(begun.read(&mut [0]).is_err(), "nothing comes unasked");
}
