//! HTTPS for tests: certificates made on the spot, a server that speaks it, and HTTP/2 both through hyper and frame by
//! frame, so that a test can also send what no browser would.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deskbell::clock::Clock;
use deskbell::config::{Config, TlsMode};
use deskbell::http::{HttpLimits, HttpRules};
use deskbell::tls::Tls;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tokio_rustls::TlsConnector;

use super::desk::Desk;

/// A certificate for these names with its key, PEM; valid until the end of that year.
pub(crate) fn certificate(names: &[&str], until_year: i32) -> (String, String) {
    let key = KeyPair::generate().expect("a key");
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("names");
    params.not_before = date_time_ymd(2001, 1, 1);
    params.not_after = date_time_ymd(until_year, 12, 31);
    (params.self_signed(&key).expect("a certificate").pem(), key.serialize_pem())
}

/// A key that its owner alone can read.
pub(crate) fn keep_key(path: &Path, pem: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, pem).expect("writable");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).expect("ours");
}

/// A client that knows this root and offers these protocols.
pub(crate) fn client(root: &[u8], protocols: &[&str]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(root).expect("PEM")).expect("a root");
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().expect("ring speaks them");
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    Arc::new(config)
}

/// A desk that speaks HTTPS under the name `localhost`, with an authority of its own.
pub(crate) struct SecureDesk {
    pub desk: Desk,
    pub root: Bytes,
    _tls: Tls,
    runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

impl SecureDesk {
    pub(crate) fn open(limits: HttpLimits) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("threads");
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let config = Config { tls_mode: TlsMode::SelfSigned, ..Config::plain(folder.path().to_owned(), address) };
        let tls = runtime.block_on(async { Tls::start(&config, Clock::system()) });
        let tls = tls.expect("a certificate is made").expect("it is on");
        let root = tls.root_certificate().expect("its own authority");
        let rules = HttpRules {
            limits,
            tls: Some(tls.server_config()),
            root_certificate: Some(root.clone()),
            hsts_days: 1,
            ..HttpRules::default()
        };
        Self { desk: Desk::with_limits(rules), root, _tls: tls, runtime, _folder: folder }
    }

    /// Runs a test's own waiting.
    pub(crate) fn wait<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(async {
            tokio::time::timeout(Duration::from_secs(20), work).await.expect("it does not take so long")
        })
    }

    /// A connection of HTTP/2 through hyper.
    pub(crate) fn http2(&self) -> Http2 {
        let config = client(&self.root, &["h2"]);
        let sender = self.wait(Http2::open(self.desk.address, config));
        Http2 { authority: format!("localhost:{}", self.desk.address.port()), cookie: None, sender }
    }

    /// A connection of HTTP/2 frame by frame, after the preface and both sides' settings.
    pub(crate) fn frames(&self) -> Frames {
        let mut frames = Frames(self.handshake());
        frames.0.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").expect("sent");
        frames.send(4, 0, 0, &[]);
        let settings = frames.until(|kind, _, _| kind == 4).expect("the server's settings");
        assert_eq!(settings.0, 4);
        frames.send(4, 1, 0, &[]);
        frames
    }

    /// After the handshake, with nothing said yet.
    pub(crate) fn handshake(&self) -> StreamOwned<ClientConnection, TcpStream> {
        let stream = TcpStream::connect(self.desk.address).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a positive time-out");
        let name = ServerName::try_from("localhost").expect("a name");
        let connection = ClientConnection::new(client(&self.root, &["h2"]), name).expect("a client");
        let mut stream = StreamOwned::new(connection, stream);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock).expect("a handshake");
        }
        assert_eq!(stream.conn.alpn_protocol(), Some(&b"h2"[..]));
        stream
    }
}

/// A browser that speaks HTTP/2.
pub(crate) struct Http2 {
    pub authority: String,
    pub cookie: Option<String>,
    sender: hyper::client::conn::http2::SendRequest<Full<Bytes>>,
}

impl Http2 {
    pub(crate) async fn open(
        address: SocketAddr,
        config: Arc<ClientConfig>,
    ) -> hyper::client::conn::http2::SendRequest<Full<Bytes>> {
        let stream = tokio::net::TcpStream::connect(address).await.expect("the server listens");
        let name = ServerName::try_from("localhost").expect("a name");
        let stream = TlsConnector::from(config).connect(name, stream).await.expect("a handshake");
        let (sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .expect("the server speaks HTTP/2");
        tokio::spawn(connection);
        sender
    }

    pub(crate) async fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Response<Incoming>, hyper::Error> {
        let mut request = Request::builder().method(method).uri(format!("https://{}{path}", self.authority));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let request = request.body(Full::new(Bytes::from(body.to_owned()))).expect("a request");
        self.sender.ready().await?;
        self.sender.send_request(request).await
    }

    /// Status and body.
    pub(crate) async fn get(&mut self, path: &str) -> (u16, String) {
        let answer = self.ask("GET", path, &[], "").await.expect("an answer");
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.expect("whole").to_bytes();
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    pub(crate) async fn sign_in(&mut self, login: &str, password: &str) -> Response<Incoming> {
        let body = serde_json::json!({ "login": login, "password": password }).to_string();
        let origin = format!("https://{}", self.authority);
        let headers = [("content-type", "application/json"), ("origin", origin.as_str())];
        let answer = self.ask("POST", "/api/sign-in", &headers, &body).await.expect("an answer");
        let cookie = answer.headers().get("set-cookie").and_then(|line| line.to_str().ok()?.split(';').next());
        self.cookie = cookie.map(str::to_owned);
        answer
    }
}

/// HTTP/2 as it is on the wire.
pub(crate) struct Frames(pub StreamOwned<ClientConnection, TcpStream>);

impl Frames {
    /// Sends a frame (RFC 9113, section 4.1). The server may have closed already.
    pub(crate) fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
        let mut frame = vec![length[1], length[2], length[3], kind, flags];
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        let _ = self.0.write_all(&frame);
        let _ = self.0.flush();
    }

    /// The next frame: kind, stream, payload. `None` when the server has closed.
    pub(crate) fn next(&mut self) -> Option<(u8, u32, Vec<u8>)> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).ok()?;
        let mut payload = vec![0; usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2])];
        self.0.read_exact(&mut payload).ok()?;
        Some((head[3], u32::from_be_bytes([head[5], head[6], head[7], head[8]]), payload))
    }

    /// Reads until a frame that fits; answers pings on the way.
    pub(crate) fn until(&mut self, fits: impl Fn(u8, u32, &[u8]) -> bool) -> Option<(u8, u32, Vec<u8>)> {
        loop {
            let (kind, stream, payload) = self.next()?;
            if kind == 6 {
                self.send(6, 1, 0, &payload);
            }
            if fits(kind, stream, &payload) {
                return Some((kind, stream, payload));
            }
        }
    }

    /// Asks for a path on a stream, with further headers; all of it in one frame, which ends the stream if `ends`.
    pub(crate) fn ask(&mut self, stream: u32, method: &str, path: &str, more: &[(&str, &str)], ends: bool) {
        let mut block = Vec::new();
        for (name, value) in [(":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path)] {
            literal(&mut block, name, value);
        }
        for (name, value) in more {
            literal(&mut block, name, value);
        }
        self.send(1, 4 | u8::from(ends), stream, &block);
    }
}

/// A header without any table (RFC 7541, section 6.2.2).
pub(crate) fn literal(block: &mut Vec<u8>, name: &str, value: &str) {
    block.push(0);
    for text in [name, value] {
        let mut length = text.len();
        if length < 127 {
            block.push(u8::try_from(length).expect("below 127"));
        } else {
            block.push(127);
            length -= 127;
            while length >= 128 {
                block.push(u8::try_from(length % 128 + 128).expect("a byte"));
                length /= 128;
            }
            block.push(u8::try_from(length).expect("below 128"));
        }
        block.extend(text.as_bytes());
    }
}
