//! A server that plays Graph with the manners of a bad network: it says exactly the bytes it is told, or nothing.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use deskbell::domain::channel::ChannelProfile;

/// What happens after a request has come in whole.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// These bytes; the connection stays open.
    Say(String),
    /// These bytes after a while.
    SayLate(Duration, String),
    /// These bytes, then an orderly end.
    SayAndClose(String),
    /// These bytes, then a reset.
    SayAndReset(String),
    /// Nothing, for ever.
    Hang,
}

/// A request as it came: head and body.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) head: String,
    pub(crate) body: String,
}

/// The server.
pub(crate) struct RawGraph {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl RawGraph {
    /// Starts one; `reply` is asked for each request, with its number from 0.
    pub(crate) async fn start(reply: impl Fn(usize, &Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (reply, kept) = (Arc::new(reply), Arc::clone(&seen));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&reply), Arc::clone(&kept)));
            }
        });
        Self { url, seen }
    }

    /// The requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("nobody panics with it").clone()
    }
}

async fn converse<R>(mut stream: TcpStream, reply: Arc<R>, seen: Arc<Mutex<Vec<Seen>>>)
where
    R: Fn(usize, &Seen) -> Reply + Send + Sync,
{
    let mut bytes = Vec::new();
    while let Some(request) = next_request(&mut stream, &mut bytes).await {
        let number = {
            let mut seen = seen.lock().expect("nobody panics with it");
            seen.push(request.clone());
            seen.len() - 1
        };
        let (words, last, reset) = match reply(number, &request) {
            Reply::Say(words) => (words, false, false),
            Reply::SayLate(delay, words) => {
                tokio::time::sleep(delay).await;
                (words, false, false)
            }
            Reply::SayAndClose(words) => (words, true, false),
            Reply::SayAndReset(words) => (words, true, true),
            Reply::Hang => std::future::pending().await,
        };
        if stream.write_all(words.as_bytes()).await.is_err() || last {
            if reset {
                // Long enough for the words to be read before the reset takes them away.
                tokio::time::sleep(Duration::from_millis(20)).await;
                stream.set_zero_linger().expect("an open socket");
            }
            return;
        }
    }
}

/// The next request on a connection, once it is whole.
async fn next_request(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<Seen> {
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
            let whole = end + 4 + length.unwrap_or(0);
            if bytes.len() >= whole {
                let body = String::from_utf8_lossy(&bytes[end + 4..whole]).into_owned();
                bytes.drain(..whole);
                return Some(Seen { head, body });
            }
        }
        if stream.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    }
}

/// An HTTP answer with this status line and JSON.
pub(crate) fn answer(status: &str, headers: &str, json: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\r\n{json}",
        json.len()
    )
}

/// Graph's answer to a send that it takes.
pub(crate) fn accepted(wamid: &str) -> String {
    let json = format!(
        r#"{{"messaging_product":"whatsapp","contacts":[{{"input":"+5511","wa_id":"5511"}}],"messages":[{{"id":"{wamid}"}}]}}"#
    );
    answer("200 OK", "", &json)
}

/// Graph's answer to a send that it refuses.
pub(crate) fn refused(status: &str, headers: &str, code: u32) -> String {
    let json = format!(
        r#"{{"error":{{"message":"(#{code}) No","type":"OAuthException","code":{code},"error_data":{{"messaging_product":"whatsapp","details":"Because"}},"fbtrace_id":"A"}}}}"#
    );
    answer(status, headers, &json)
}

/// A channel account that calls this address.
pub(crate) fn channel(graph_url: &str) -> ChannelProfile {
    ChannelProfile {
        name: "Shop".to_owned(),
        phone_number_id: "1000".to_owned(),
        business_account_id: None,
        display_number: "+1 555 000 1000".to_owned(),
        app_secret: "app-secret".to_owned(),
        verify_token: "verify".to_owned(),
        access_token: "EAAsecretToken".to_owned(),
        graph_url: graph_url.to_owned(),
        graph_version: "v27.0".to_owned(),
        messages_per_s_max: 80,
        asynchronous: true,
    }
}
