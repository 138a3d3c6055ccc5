//! HTTPS beside plain HTTP in the same run: handshakes, webhooks over HTTP/2, and what an idle stream of events costs.
//!
//! The last of them asks the real binary, whose memory holds no client.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use deskbell::clock::Clock;
use deskbell::config::{Config, TlsMode};
use deskbell::control::{self, Request as Asked, RoleName};
use deskbell::http::{App, HttpRules, serve};
use deskbell::observe;
use deskbell::password;
use deskbell::search::Search;
use deskbell::store::Store;
use deskbell::tls::Tls;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio_rustls::TlsConnector;

use super::wire::NoMarks;
use super::{PASSWORD, percentiles, webhook};

/// Agents and event streams of each, for the memory of one.
const LISTENERS: usize = 25;
const STREAMS_EACH: usize = 8;

type Sender = SendRequest<Full<Bytes>>;

fn client(root: &[u8]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(root).expect("PEM")).expect("a root");
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().expect("ring speaks them");
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    // Each handshake is a whole one.
    config.resumption = rustls::client::Resumption::disabled();
    Arc::new(config)
}

async fn connect(address: SocketAddr, config: &Arc<ClientConfig>) -> Sender {
    let stream = tokio::net::TcpStream::connect(address).await.expect("the server listens");
    stream.set_nodelay(true).expect("a socket option");
    let name = ServerName::try_from("localhost").expect("a name");
    let stream = TlsConnector::from(Arc::clone(config)).connect(name, stream).await.expect("a handshake");
    let io = TokioIo::new(stream);
    let (sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.expect("HTTP/2");
    tokio::spawn(connection);
    sender
}

async fn ask(
    sender: &mut Sender,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Bytes,
) -> hyper::Response<Incoming> {
    let mut request = Request::builder().method(method).uri(format!("https://localhost{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    sender.ready().await.expect("the connection is open");
    sender.send_request(request.body(Full::new(body)).expect("a request")).await.expect("an answer")
}

/// A signed message, as `webhook` makes it for HTTP/1.1.
async fn bring(sender: &mut Sender, address: SocketAddr) {
    let (_, request) = webhook(address);
    let end = request.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&request[..end]).into_owned();
    let signature = head.lines().find_map(|line| line.strip_prefix("X-Hub-Signature-256: ")).expect("signed");
    let headers = [("content-type", "application/json"), ("x-hub-signature-256", signature)];
    let body = Bytes::copy_from_slice(&request[end + 4..]);
    let answer = ask(sender, "POST", "/webhooks/whatsapp", &headers, body).await;
    assert_eq!(answer.status(), 200);
    answer.into_body().collect().await.expect("whole");
}

/// Prints all of it.
pub(crate) fn figures(store: &Store, search: &Search, folder: &Path, runtime: &Runtime) {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let config = Config { tls_mode: TlsMode::SelfSigned, ..Config::plain(folder.join("authority"), address) };
    let (stop, stopped) = watch::channel(false);
    let (tls, address, serving) = runtime.block_on(async {
        let tls = Tls::start(&config, Clock::system()).expect("a certificate is made").expect("it is on");
        let rules = HttpRules { tls: Some(tls.server_config()), ..HttpRules::default() };
        let app = App::start(store.clone(), search.clone(), Clock::system(), Box::new(NoMarks), rules);
        let listener = tokio::net::TcpListener::bind(address).await.expect("a free port");
        let address = listener.local_addr().expect("it was bound");
        (tls, address, tokio::spawn(serve(listener, app.expect("the store can be read"), stopped)))
    });
    let client = client(&tls.root_certificate().expect("its own authority"));
    runtime.block_on(async {
        let mut times = Vec::new();
        for _ in 0..200 {
            let begun = Instant::now();
            let mut sender = connect(address, &client).await;
            ask(&mut sender, "GET", "/healthz", &[], Bytes::new()).await.into_body().collect().await.expect("whole");
            times.push(begun.elapsed());
        }
        let (p50, p99, max) = percentiles(times);
        println!("HTTPS, connection to first answer: p50 {p50:?}, p99 {p99:?}, max {max:?}");

        let mut sender = connect(address, &client).await;
        let mut times = Vec::new();
        for _ in 0..1_000 {
            let begun = Instant::now();
            bring(&mut sender, address).await;
            times.push(begun.elapsed());
        }
        let (p50, p99, max) = percentiles(times);
        println!("acknowledgement over HTTP/2: p50 {p50:?}, p99 {p99:?}, max {max:?}");

        for connections in [1, 64] {
            let mut senders = Vec::new();
            for _ in 0..connections {
                senders.push(connect(address, &client).await);
            }
            let begun = Instant::now();
            let workers: Vec<_> = (0..64)
                .map(|worker: usize| {
                    let mut sender = senders[worker % connections].clone();
                    tokio::spawn(async move {
                        for _ in 0..250 {
                            bring(&mut sender, address).await;
                        }
                    })
                })
                .collect();
            for worker in workers {
                worker.await.expect("all answered 200");
            }
            let rate = 64.0 * 250.0 / begun.elapsed().as_secs_f64();
            println!("64 at once over HTTP/2, {connections} connections: {rate:.0} messages/s");
        }
    });
    stop.send_replace(true);
    runtime.block_on(serving).expect("the server does not panic");
    drop(tls);
    memory(&folder.join("own"), runtime);
}

/// What an idle event stream over HTTP/2 costs the real binary.
fn memory(data: &Path, runtime: &Runtime) {
    std::fs::create_dir_all(data).expect("a folder");
    let password_hash = password::hash(PASSWORD).expect("a good password");
    for n in 0..LISTENERS {
        let (login, password_hash) = (format!("agent{n}"), password_hash.clone());
        let person = Asked::UserAdd {
            name: login.clone(),
            login,
            role: RoleName::Agent,
            password_hash,
            capacity: 3,
            auto_ready: false,
        };
        assert!(control::ask(data, person).expect("the store opens").done);
    }
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    let address = free.expect("a free port");
    let mut child = Command::new(env!("CARGO_BIN_EXE_deskbell"))
        .args(["serve", "--data", &data.to_string_lossy(), "--listen", &address.to_string()])
        .env("DESKBELL_TLS_MODE", "self_signed")
        .env("DESKBELL_LOG", "error")
        .spawn()
        .expect("the binary runs");
    let begun = Instant::now();
    while std::net::TcpStream::connect(address).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the server does not listen");
        std::thread::sleep(Duration::from_millis(10));
    }
    let client = client(&std::fs::read(data.join("tls/root-certificate.pem")).expect("it was made"));
    runtime.block_on(async {
        let mut cookies = Vec::new();
        for n in 0..LISTENERS {
            let mut sender = connect(address, &client).await;
            let body = format!(r#"{{"login":"agent{n}","password":"{PASSWORD}"}}"#);
            let headers = [("content-type", "application/json"), ("origin", "https://localhost")];
            let answer = ask(&mut sender, "POST", "/api/sign-in", &headers, body.into()).await;
            let line = answer.headers()["set-cookie"].to_str().expect("text");
            cookies.push(line.split(';').next().expect("a cookie").to_owned());
        }
        let before = observe::memory_mib(child.id()).expect("the system tells");
        let mut held = Vec::new();
        for cookie in &cookies {
            for _ in 0..STREAMS_EACH {
                let mut sender = connect(address, &client).await;
                let headers = [("cookie", cookie.as_str())];
                let mut body = ask(&mut sender, "GET", "/api/events", &headers, Bytes::new()).await.into_body();
                body.frame().await.expect("the stream opens").expect("it goes on");
                held.push((sender, body));
            }
        }
        let after = observe::memory_mib(child.id()).expect("the system tells");
        let each = (after - before) * 1_024.0 / held.len() as f64;
        println!("idle event streams over HTTP/2, a connection each: {each:.1} KiB each ({} of them)", held.len());
    });
    child.kill().expect("it runs");
    child.wait().expect("it ends");
}
