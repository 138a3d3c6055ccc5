//! The line to the Graph API: one POST, one verdict.
//!
//! Apart because it is the only I/O of this edge. What matters is not whether a call succeeded but what is known about
//! it: taken, surely not taken, or unknown; only the caller may decide what to do then, and nothing is repeated here.
//! Invariants: a call whose body has left our hands and that brings no verdict is [`GraphError::Unknown`]; no redirect
//! is followed; the access token goes nowhere but into the request.

mod body;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::{Method, Request, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_json::Value;
use tokio::sync::mpsc;

use self::body::{Content, WatchedBody};
use super::codes;
use super::media::GraphHosts;
use crate::domain::channel::ChannelProfile;
use crate::domain::ids::Wamid;
use crate::limits::{
    FAILURE_TITLE_CHARS_MAX, GRAPH_ANSWER_BYTES_MAX, GRAPH_CALL_MS_MAX, GRAPH_CONNECT_MS_MAX,
    GRAPH_CONNECTION_IDLE_MS_MAX, GRAPH_CONNECTIONS_IDLE_MAX, GRAPH_FILE_MS_MAX, GRAPH_LIST_BYTES_MAX,
    RETRY_AFTER_MS_MAX,
};

pub use self::body::Upload;

/// The header that tells how much of what the business may ask for has been used.
const USAGE: &str = "x-business-use-case-usage";

/// What is known about a call that brought no success.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "fields are named after what they hold")]
pub enum GraphError {
    /// Surely not sent: the request never left.
    #[error("not sent: {reason}")]
    NotSent { reason: String },
    /// Surely not accepted: Graph, or a proxy before it, said no. `code` is 0 where no code came along.
    #[error("refused with HTTP {http_status}, code {code}: {title}")]
    Refused { http_status: u16, code: u32, title: String, retry_after: Option<Duration> },
    /// May have been sent.
    #[error("fate unknown: {reason}")]
    Unknown { reason: String },
}

/// How long to wait.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For the connection.
    pub connect: Duration,
    /// For the whole call, connection included.
    pub call: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_millis(GRAPH_CONNECT_MS_MAX), call: Duration::from_millis(GRAPH_CALL_MS_MAX) }
    }
}

/// Connections to Graph, kept and shared; cheap to clone.
#[derive(Clone)]
pub struct GraphClient {
    client: Client<HttpsConnector<HttpConnector>, WatchedBody>,
    call_timeout: Duration,
    hosts: GraphHosts,
}

impl GraphClient {
    /// A client without connections; they are opened when needed. It calls this machine only, until it is told which
    /// hosts it may call.
    #[must_use]
    pub fn new(timeouts: Timeouts) -> Self {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(timeouts.connect));
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
            .expect("ring speaks the default versions of TLS")
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_millis(GRAPH_CONNECTION_IDLE_MS_MAX))
            .pool_max_idle_per_host(GRAPH_CONNECTIONS_IDLE_MAX)
            // Only a request that a kept connection hands back unwritten is put on another one.
            .retry_canceled_requests(true)
            .build(connector);
        Self { client, call_timeout: timeouts.call, hosts: GraphHosts::default() }
    }

    /// The same client, which calls these hosts and no others.
    #[must_use]
    pub fn allowing(self, hosts: GraphHosts) -> Self {
        Self { hosts, ..self }
    }

    /// Whether a file that Graph names may be fetched.
    #[must_use]
    pub fn may_fetch(&self, channel: &ChannelProfile, url: &str) -> bool {
        self.hosts.allow_file(&channel.graph_url, url)
    }

    /// Sends a message. `Ok` means accepted; whether it arrives is told by statuses.
    ///
    /// # Errors
    /// What is known about the call.
    pub async fn send(&self, channel: &ChannelProfile, body: Vec<u8>) -> Result<Wamid, GraphError> {
        let answer = self.post(channel, body).await?;
        match answer["messages"][0]["id"].as_str() {
            Some(wamid) if !wamid.is_empty() => Ok(Wamid(wamid.to_owned())),
            Some(_) | None => Err(unknown("the answer names no message")),
        }
    }

    /// Marks a contact's message as read, and shows typing if the body says so.
    ///
    /// # Errors
    /// What is known about the call; nothing is lost by it.
    pub async fn mark(&self, channel: &ChannelProfile, body: Vec<u8>) -> Result<(), GraphError> {
        self.post(channel, body).await.map(|_| ())
    }

    /// Tells the provider to let nothing of a person through, or everything again.
    ///
    /// # Errors
    /// What is known about the call.
    pub async fn block(&self, channel: &ChannelProfile, blocked: bool, body: Vec<u8>) -> Result<(), GraphError> {
        let path = format!("{}/block_users", channel.phone_number_id);
        let method = if blocked { Method::POST } else { Method::DELETE };
        self.call(channel, method, &path, Some(body.into()), GRAPH_ANSWER_BYTES_MAX).await.map(|_| ())
    }

    /// Reads a list. `path` stands below the Graph version.
    ///
    /// # Errors
    /// What is known about the call; reading changes nothing.
    pub async fn list(&self, channel: &ChannelProfile, path: &str) -> Result<Value, GraphError> {
        self.call(channel, Method::GET, path, None, GRAPH_LIST_BYTES_MAX).await
    }

    /// Orders something that needs no words; `path` stands below the Graph version.
    ///
    /// # Errors
    /// What is known about the call.
    pub async fn order(&self, channel: &ChannelProfile, path: &str) -> Result<(), GraphError> {
        let body = Bytes::from_static(b"{}");
        self.call(channel, Method::POST, path, Some(body), GRAPH_ANSWER_BYTES_MAX).await.map(|_| ())
    }

    /// Uploads a file; gives Graph's id of it. Nothing is sent to anybody by it.
    ///
    /// # Errors
    /// What is known about the call.
    pub async fn upload(&self, channel: &ChannelProfile, file: Upload) -> Result<String, GraphError> {
        let path = format!("{}/media", channel.phone_number_id);
        let (body, content_type) = file.into_body();
        let body = WatchedBody { body, left: Arc::new(AtomicBool::new(false)) };
        let request = self.request(channel, Method::POST, &path, &content_type, body)?;
        let exchange = self.exchange(request, GRAPH_ANSWER_BYTES_MAX);
        let answer = match tokio::time::timeout(Duration::from_millis(GRAPH_FILE_MS_MAX), exchange).await {
            Ok(Ok(answer)) => verdict(&answer, &channel.access_token)?,
            Ok(Err(reason)) => return Err(GraphError::NotSent { reason }),
            Err(_) => return Err(GraphError::NotSent { reason: "the upload took too long".to_owned() }),
        };
        let id = answer["id"].as_str().filter(|id| !id.is_empty());
        id.map(str::to_owned).ok_or_else(|| GraphError::NotSent { reason: "the upload brought no id".to_owned() })
    }

    /// Reads a file of the provider's, part by part. No redirect is followed.
    ///
    /// # Errors
    /// What is known about the call; nobody who takes the parts is one of the errors.
    pub async fn download(
        &self,
        channel: &ChannelProfile,
        url: &str,
        parts: mpsc::Sender<Bytes>,
    ) -> Result<(), GraphError> {
        if !self.may_fetch(channel, url) {
            return Err(GraphError::NotSent {
                reason: "the file's address is none that graph_hosts allows".to_owned(),
            });
        }
        let body = WatchedBody { body: Content::Whole(None), left: Arc::new(AtomicBool::new(false)) };
        let request = request_to(url.to_owned(), Method::GET, "", &channel.access_token, body)?;
        let exchange = async {
            let response = self.client.request(request).await.map_err(|error| unknown(&causes(&error)))?;
            let status = response.status();
            if status != StatusCode::OK {
                let title = format!("the file's address answers with HTTP status {}", status.as_u16());
                return Err(GraphError::Refused { http_status: status.as_u16(), code: 0, title, retry_after: None });
            }
            let mut body = response.into_body();
            while let Some(frame) = body.frame().await {
                let frame = frame.map_err(|error| unknown(&causes(&error)))?;
                let Ok(data) = frame.into_data() else { continue };
                if parts.send(data).await.is_err() {
                    return Err(unknown("the file is not taken any further"));
                }
            }
            Ok(())
        };
        let outcome = tokio::time::timeout(Duration::from_millis(GRAPH_FILE_MS_MAX), exchange).await;
        outcome.unwrap_or_else(|_| Err(unknown("the download took too long")))
    }

    async fn post(&self, channel: &ChannelProfile, body: Vec<u8>) -> Result<Value, GraphError> {
        let path = format!("{}/messages", channel.phone_number_id);
        self.call(channel, Method::POST, &path, Some(body.into()), GRAPH_ANSWER_BYTES_MAX).await
    }

    async fn call(
        &self,
        channel: &ChannelProfile,
        method: Method,
        path: &str,
        bytes: Option<Bytes>,
        answer_bytes_max: usize,
    ) -> Result<Value, GraphError> {
        let left = Arc::new(AtomicBool::new(false));
        let body = WatchedBody { body: Content::Whole(bytes), left: Arc::clone(&left) };
        let request = self.request(channel, method, path, "application/json", body)?;
        let outcome = tokio::time::timeout(self.call_timeout, self.exchange(request, answer_bytes_max)).await;
        match outcome {
            Ok(Ok(answer)) => verdict(&answer, &channel.access_token),
            Ok(Err(reason)) => Err(without_verdict(&left, reason)),
            Err(_) => Err(without_verdict(&left, "no answer in time".to_owned())),
        }
    }

    fn request(
        &self,
        channel: &ChannelProfile,
        method: Method,
        path: &str,
        content_type: &str,
        body: WatchedBody,
    ) -> Result<Request<WatchedBody>, GraphError> {
        let ChannelProfile { graph_url, graph_version, access_token, .. } = channel;
        if !self.hosts.allow_graph(graph_url) {
            let reason = "the address of Graph calls is none that graph_hosts allows".to_owned();
            return Err(GraphError::NotSent { reason });
        }
        let url = format!("{}/{graph_version}/{path}", graph_url.trim_end_matches('/'));
        request_to(url, method, content_type, access_token, body)
    }

    async fn exchange(&self, request: Request<WatchedBody>, bytes_max: usize) -> Result<Answer, String> {
        let response = self.client.request(request).await.map_err(|error| causes(&error))?;
        let (head, body) = response.into_parts();
        // A refusal stands even where the words that explain it are lost.
        let body = match Limited::new(body, bytes_max).collect().await {
            Ok(body) => body.to_bytes(),
            Err(_) => Bytes::new(),
        };
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
}

/// What came back.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    /// Empty where it broke off or was too long.
    body: Bytes,
}

fn request_to(
    url: String,
    method: Method,
    content_type: &str,
    access_token: &str,
    body: WatchedBody,
) -> Result<Request<WatchedBody>, GraphError> {
    let not_sent = |reason: &str| GraphError::NotSent { reason: reason.to_owned() };
    let mut token = HeaderValue::from_str(&format!("Bearer {access_token}"))
        .map_err(|_| not_sent("the access token has characters that no token has"))?;
    token.set_sensitive(true);
    let mut request = Request::builder()
        .method(method)
        .uri(url)
        .header(AUTHORIZATION, token)
        .header(USER_AGENT, concat!("deskbell/", env!("CARGO_PKG_VERSION")));
    if !content_type.is_empty() {
        request = request.header(CONTENT_TYPE, content_type);
    }
    request.body(body).map_err(|_| not_sent("Graph URL, version and id make no address"))
}

/// The JSON of a success, or why it is none. A success code without readable JSON, a redirect and a server error that
/// is not Graph's own leave open what happened behind them; any other 4xx says that nothing did.
fn verdict(answer: &Answer, access_token: &str) -> Result<Value, GraphError> {
    let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let status = answer.status;
    let error = json.as_ref().map(|json| &json["error"]).filter(|error| error.is_object());
    let refused = |code, title| GraphError::Refused {
        http_status: status.as_u16(),
        code,
        title,
        retry_after: retry_after(&answer.headers),
    };
    match (error, json.as_ref()) {
        // A gateway may write an error object too; what happened behind it is open.
        (Some(error), _) if status.is_server_error() && !codes::listed(code_of(error)) => {
            Err(unknown(&format!("HTTP status {} with an unknown error", status.as_u16())))
        }
        (Some(error), _) => Err(refused(code_of(error), title_of(error, access_token))),
        (None, Some(json)) if status.is_success() => Ok(json.clone()),
        _ if status.is_client_error() && status != StatusCode::REQUEST_TIMEOUT => {
            Err(refused(0, format!("HTTP status {}", status.as_u16())))
        }
        _ => Err(unknown(&format!("HTTP status {} without a readable answer", status.as_u16()))),
    }
}

fn code_of(error: &Value) -> u32 {
    let code = &error["code"];
    let number = code.as_u64().or_else(|| code.as_str()?.parse().ok());
    number.and_then(|number| u32::try_from(number).ok()).unwrap_or_default()
}

/// Graph's words. Those about a malformed token repeat it, so it is taken out.
fn title_of(error: &Value, access_token: &str) -> String {
    let message = error["message"].as_str().or_else(|| error["title"].as_str()).unwrap_or_default();
    let words = match error["error_data"]["details"].as_str() {
        Some(details) if details != message => format!("{message} ({details})"),
        Some(_) | None => message.to_owned(),
    };
    let words = if access_token.is_empty() { words } else { words.replace(access_token, "…") };
    words.chars().take(FAILURE_TITLE_CHARS_MAX).collect()
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let told = |seconds: u64| Duration::from_millis(seconds.saturating_mul(1_000).min(RETRY_AFTER_MS_MAX));
    let seconds = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    seconds.or_else(|| Some(minutes_of_usage(headers)?.saturating_mul(60))).map(told)
}

/// Until when the business has used up its calls: `X-Business-Use-Case-Usage` tells it in minutes, for each use
/// (whatsapp-cloud-api.md 2.4).
fn minutes_of_usage(headers: &HeaderMap) -> Option<u64> {
    let usage: Value = serde_json::from_str(headers.get(USAGE)?.to_str().ok()?).ok()?;
    let uses = usage.as_object()?.values().filter_map(Value::as_array).flatten();
    uses.filter_map(|one| one["estimated_time_to_regain_access"].as_u64()).max().filter(|minutes| *minutes > 0)
}

fn without_verdict(left: &AtomicBool, reason: String) -> GraphError {
    if left.load(Ordering::SeqCst) { GraphError::Unknown { reason } } else { GraphError::NotSent { reason } }
}

fn unknown(reason: &str) -> GraphError {
    GraphError::Unknown { reason: reason.to_owned() }
}

/// An error and what lies under it, for the log.
fn causes(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        words.push_str(": ");
        words.push_str(&cause.to_string());
        next = cause.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hyper::header::{HeaderMap, HeaderValue, RETRY_AFTER};

    use super::{USAGE, retry_after};

    #[test]
    fn both_headers_of_patience_are_read() {
        let mut headers = HeaderMap::new();
        assert_eq!(retry_after(&headers), None);
        for (usage, expected) in [
            (r#"{"1":[{"type":"whatsapp","estimated_time_to_regain_access":0}]}"#, None),
            (r#"{"1":[{"estimated_time_to_regain_access":3}],"2":[{"estimated_time_to_regain_access":1}]}"#, Some(180)),
            (r#"{"1":[{"estimated_time_to_regain_access":100000}]}"#, Some(3_600)),
            ("nonsense", None),
        ] {
            headers.insert(USAGE, HeaderValue::from_static(usage));
            assert_eq!(retry_after(&headers), expected.map(Duration::from_secs), "{usage}");
        }
        headers.insert(RETRY_AFTER, HeaderValue::from_static("7"));
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(7)), "the plain header is nearer");
    }
}
