//! An agent's browser without a screen: sign-in, the API, the live events.
//!
//! Invariants: a lost answer is asked for again with the same client key, and a lost stream is taken up after the last
//! event that was seen, as the page does it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{CONTENT_TYPE, COOKIE, ORIGIN, SET_COOKIE};
use hyper::{Method, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// Pause before a lost connection is tried again.
const AGAIN: Duration = Duration::from_millis(50);
/// Time for one answer.
const ANSWER_MAX: Duration = Duration::from_secs(20);
/// In the answer when a message is still on its way.
const PENDING: &[u8] = b"send_pending";
/// Bytes of one answer.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What a rehearsed agent looks at in an interaction.
#[derive(Debug, Deserialize)]
pub(super) struct InteractionView {
    pub(super) id: u64,
    pub(super) conversation_id: u64,
    pub(super) contact: ContactView,
    pub(super) state: String,
    pub(super) owner_id: Option<u64>,
    pub(super) offered_to_id: Option<u64>,
    pub(super) last_message: Option<MessageView>,
}

/// Whom it is about.
#[derive(Debug, Deserialize)]
pub(super) struct ContactView {
    pub(super) addresses: Vec<AddressView>,
}

/// One of their addresses.
#[derive(Debug, Deserialize)]
pub(super) struct AddressView {
    pub(super) kind: String,
    pub(super) value: String,
}

/// What a rehearsed agent looks at in a message.
#[derive(Debug, Deserialize)]
pub(super) struct MessageView {
    pub(super) id: u64,
    pub(super) conversation_id: u64,
    pub(super) author: AuthorView,
    pub(super) content: ContentView,
    pub(super) delivery: Option<String>,
}

/// Who wrote it.
#[derive(Debug, Deserialize)]
pub(super) struct AuthorView {
    pub(super) kind: String,
}

/// What it says.
#[derive(Debug, Deserialize)]
pub(super) struct ContentView {
    #[serde(default)]
    pub(super) text: String,
}

/// One live event.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    pub(super) interaction: Option<InteractionView>,
    pub(super) message: Option<MessageView>,
}

#[derive(Deserialize)]
struct Snapshot {
    seq: u64,
    me: Me,
    interactions: Vec<InteractionView>,
    dispositions: Vec<Disposition>,
}

#[derive(Deserialize)]
struct Me {
    id: u64,
}

#[derive(Deserialize)]
struct Disposition {
    id: u64,
}

#[derive(Deserialize)]
struct Page {
    messages: Vec<MessageView>,
}

type HttpClient = Client<HttpConnector, Full<Bytes>>;

/// A signed-in browser; cheap to clone.
#[derive(Clone)]
pub(super) struct Browser(Arc<Inner>);

struct Inner {
    client: HttpClient,
    address: SocketAddr,
    cookie: String,
    /// The agent's id.
    agent: u64,
    disposition: u64,
    seen: AtomicU64,
}

impl Browser {
    /// Signs in and reads the snapshot.
    pub(super) async fn sign_in(address: SocketAddr, login: &str, password: &str) -> Result<Self, String> {
        let client = client();
        let body = json!({"login": login, "password": password});
        let (status, cookie, answer) = call(&client, address, None, Method::POST, "/api/sign-in", Some(&body)).await?;
        if status != StatusCode::OK {
            return Err(format!("{login} could not sign in: {}", String::from_utf8_lossy(&answer)));
        }
        let cookie = cookie.ok_or("The server set no cookie at the sign-in.")?;
        let (_, _, answer) = call(&client, address, Some(&cookie), Method::GET, "/api/snapshot", None).await?;
        let snapshot: Snapshot = serde_json::from_slice(&answer).map_err(|error| format!("The snapshot: {error}."))?;
        let disposition = snapshot.dispositions.first().map_or(0, |disposition| disposition.id);
        let seen = AtomicU64::new(snapshot.seq);
        Ok(Self(Arc::new(Inner { client, address, cookie, agent: snapshot.me.id, disposition, seen })))
    }

    /// The agent's id.
    pub(super) fn agent(&self) -> u64 {
        self.0.agent
    }

    /// Asks until the server answers; the status and the body.
    pub(super) async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Bytes) {
        let inner = &*self.0;
        loop {
            let answer = call(&inner.client, inner.address, Some(&inner.cookie), method.clone(), path, body).await;
            match answer {
                Ok((StatusCode::SERVICE_UNAVAILABLE, ..)) | Err(_) => tokio::time::sleep(AGAIN).await,
                Ok((status, _, body)) => return (status, body),
            }
        }
    }

    /// Accepts an offer; one that is gone is somebody else's.
    pub(super) async fn accept(&self, interaction: u64) {
        let path = format!("/api/interactions/{interaction}/accept");
        self.ask(Method::POST, &path, Some(&json!({}))).await;
    }

    /// Sends a message; the answer's status says whether it is in the outbox.
    pub(super) async fn send(&self, interaction: u64, client_key: &str, text: &str) -> Result<(), String> {
        let path = format!("/api/interactions/{interaction}/messages");
        let (status, answer) =
            self.ask(Method::POST, &path, Some(&json!({"client_key": client_key, "text": text}))).await;
        expect(StatusCode::ACCEPTED, status, &answer)
    }

    /// Sends an unconfirmed or failed message again, as a person would who sees that it did not arrive.
    pub(super) async fn retry(&self, message: u64, client_key: &str) -> Result<(), String> {
        let path = format!("/api/messages/{message}/retry");
        let (status, answer) = self.ask(Method::POST, &path, Some(&json!({"client_key": client_key}))).await;
        expect(StatusCode::ACCEPTED, status, &answer)
    }

    /// Sets an outcome and closes the work.
    pub(super) async fn finish(&self, interaction: u64) -> Result<(), String> {
        let path = format!("/api/interactions/{interaction}/disposition");
        let body = json!({"disposition_id": self.0.disposition});
        let (status, answer) = self.ask(Method::PUT, &path, Some(&body)).await;
        if status == StatusCode::NOT_FOUND {
            return Ok(());
        }
        expect(StatusCode::OK, status, &answer)?;
        let path = format!("/api/interactions/{interaction}/done");
        let (mut status, mut answer) = self.ask(Method::POST, &path, Some(&json!({}))).await;
        while status == StatusCode::CONFLICT && answer.windows(PENDING.len()).any(|part| part == PENDING) {
            tokio::time::sleep(AGAIN).await;
            (status, answer) = self.ask(Method::POST, &path, Some(&json!({}))).await;
        }
        // A lost answer: it was done already.
        if status == StatusCode::NOT_FOUND || status == StatusCode::CONFLICT {
            return Ok(());
        }
        expect(StatusCode::OK, status, &answer)
    }

    /// The newest messages of a conversation, oldest first.
    pub(super) async fn transcript(&self, conversation: u64) -> Result<Vec<MessageView>, String> {
        let path = format!("/api/conversations/{conversation}/messages?limit=200");
        let (status, answer) = self.ask(Method::GET, &path, None).await;
        expect(StatusCode::OK, status, &answer)?;
        let page: Page = serde_json::from_slice(&answer).map_err(|error| format!("A transcript: {error}."))?;
        Ok(page.messages)
    }

    /// Follows the live events until the receiver is gone.
    pub(super) async fn follow(self, index: usize, to: mpsc::UnboundedSender<(usize, Change)>) {
        while !to.is_closed() {
            match self.stream(index, &to).await {
                Ok(()) => {}
                Err(problem) => tracing::debug!(%problem, "a stream ended"),
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn stream(&self, index: usize, to: &mpsc::UnboundedSender<(usize, Change)>) -> Result<(), String> {
        let inner = &*self.0;
        let after = inner.seen.load(Ordering::Relaxed);
        let uri = format!("http://{}/api/events?after={after}", inner.address);
        let request =
            Request::get(uri).header(COOKIE, &inner.cookie).body(Full::default()).map_err(|error| error.to_string())?;
        let answer = inner.client.request(request).await.map_err(|error| error.to_string())?;
        if answer.status() != StatusCode::OK {
            return Err(format!("events: {}", answer.status()));
        }
        let mut body = answer.into_body();
        let mut rest = String::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| error.to_string())?;
            let Some(data) = frame.data_ref() else { continue };
            rest.push_str(&String::from_utf8_lossy(data));
            while let Some(end) = rest.find("\n\n") {
                let event: String = rest.drain(..end + 2).collect();
                if self.take(index, &event, to)? {
                    return self.catch_up(index, to).await;
                }
            }
        }
        Ok(())
    }

    /// Takes one event; `true` when the server asks for a new start.
    fn take(&self, index: usize, event: &str, to: &mpsc::UnboundedSender<(usize, Change)>) -> Result<bool, String> {
        let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim_start);
        if field("event:") == Some("reset") {
            return Ok(true);
        }
        if let Some(data) = field("data:").filter(|_| field("event:") == Some("change")) {
            let change = serde_json::from_str(data).map_err(|error| format!("an event cannot be read: {error}"))?;
            // A closed receiver ends `follow`.
            drop(to.send((index, change)));
        }
        if let Some(seq) = field("id:").and_then(|id| id.parse().ok()) {
            self.0.seen.store(seq, Ordering::Relaxed);
        }
        Ok(false)
    }

    /// Reads the snapshot anew.
    async fn catch_up(&self, index: usize, to: &mpsc::UnboundedSender<(usize, Change)>) -> Result<(), String> {
        let (status, answer) = self.ask(Method::GET, "/api/snapshot", None).await;
        expect(StatusCode::OK, status, &answer)?;
        let snapshot: Snapshot = serde_json::from_slice(&answer).map_err(|error| format!("The snapshot: {error}."))?;
        for interaction in snapshot.interactions {
            drop(to.send((index, Change { interaction: Some(interaction), message: None })));
        }
        self.0.seen.store(snapshot.seq, Ordering::Relaxed);
        Ok(())
    }
}

/// Whether a server answers there.
pub(super) async fn healthy(address: SocketAddr) -> bool {
    let answer = call(&client(), address, None, Method::GET, "/healthz", None).await;
    answer.is_ok_and(|(status, ..)| status == StatusCode::OK)
}

fn client() -> HttpClient {
    Client::builder(TokioExecutor::new()).build(HttpConnector::new())
}

fn expect(wanted: StatusCode, status: StatusCode, answer: &[u8]) -> Result<(), String> {
    if status == wanted {
        return Ok(());
    }
    Err(format!("answered {status} instead of {wanted}: {}", String::from_utf8_lossy(answer)))
}

async fn call(
    client: &HttpClient,
    address: SocketAddr,
    cookie: Option<&str>,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Result<(StatusCode, Option<String>, Bytes), String> {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("http://{address}{path}"))
        .header(ORIGIN, format!("http://{address}"))
        .header(CONTENT_TYPE, "application/json");
    if let Some(cookie) = cookie {
        request = request.header(COOKIE, cookie);
    }
    let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
    let request = request.body(Full::new(body)).map_err(|error| error.to_string())?;
    let answer = async {
        let answer = client.request(request).await.map_err(|error| error.to_string())?;
        let status = answer.status();
        let set_cookie = answer.headers().get(SET_COOKIE).and_then(|cookie| cookie.to_str().ok());
        let cookie = set_cookie.and_then(|cookie| cookie.split(';').next()).map(str::to_owned);
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX);
        let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
        Ok((status, cookie, body))
    };
    tokio::time::timeout(ANSWER_MAX, answer).await.map_err(|_| "no answer in time".to_owned())?
}
