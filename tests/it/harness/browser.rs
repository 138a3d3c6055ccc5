//! A browser as the server sees it: requests with a cookie and an origin, and a stream of events.
//!
//! Written on bare sockets so that a test can also send what no browser would.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// Reads an answer until the server closes.
    pub(crate) fn read(mut stream: &TcpStream) -> Self {
        let mut bytes = Vec::new();
        // A reset after the answer is an answer too.
        let _ = stream.read_to_end(&mut bytes);
        Self::parse(&bytes)
    }

    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        let Some(end) = end else { return Self { status: 0, headers: vec![], body: String::new(), bytes: vec![] } };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status line");
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let bytes = bytes[end + 4..].to_vec();
        Self { status, headers, body: String::from_utf8_lossy(&bytes).into_owned(), bytes }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.body))
    }

    /// Status and code of a problem.
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem = self.json();
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.ends_with('.')), "{problem}");
        assert_eq!(problem["status"], self.status);
        (self.status, problem["code"].as_str().expect("a code").to_owned())
    }
}

/// A browser.
#[derive(Clone)]
pub(crate) struct Browser {
    pub address: SocketAddr,
    pub cookie: Option<String>,
}

impl Browser {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, cookie: None }
    }

    /// Signs in, and keeps the cookie.
    pub(crate) fn sign_in(&mut self, login: &str, password: &str) -> Answer {
        let body = serde_json::json!({ "login": login, "password": password }).to_string();
        let answer = self.post("/api/sign-in", &body);
        if let Some(cookie) = answer.header("set-cookie").and_then(|line| line.split(';').next()) {
            self.cookie = Some(cookie.to_owned());
        }
        answer
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.raw(self.head("GET", path, "").as_bytes())
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> Answer {
        self.ask("POST", path, body)
    }

    pub(crate) fn put(&self, path: &str, body: &str) -> Answer {
        self.ask("PUT", path, body)
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.ask("DELETE", path, "{}")
    }

    /// Any request; a GET goes without the body.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        if method == "GET" {
            return self.get(path);
        }
        let more = format!(
            "Origin: http://{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
            self.address,
            body.len()
        );
        self.raw((self.head(method, path, &more) + body).as_bytes())
    }

    /// A request's head with further lines, complete.
    pub(crate) fn head(&self, method: &str, path: &str, more: &str) -> String {
        let cookie = self.cookie.as_ref().map_or_else(String::new, |cookie| format!("Cookie: {cookie}\r\n"));
        format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{cookie}{more}\r\n", self.address)
    }

    /// Sends bytes as they are; reads until the server closes.
    pub(crate) fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = self.connect();
        // The server may answer and close before it has read everything.
        let _ = stream.write_all(request);
        Answer::read(&stream)
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a positive time-out");
        stream
    }

    /// Listens from `after` on.
    pub(crate) fn events_after(&self, after: &str) -> Events {
        self.events(&format!("/api/events?after={after}"), "")
    }

    pub(crate) fn events(&self, path: &str, more: &str) -> Events {
        let mut stream = self.connect();
        stream.write_all(self.head("GET", path, more).as_bytes()).expect("the server reads");
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(reader.read_line(&mut head).expect("a head in time"), 0, "closed: {head}");
        }
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(head.contains("text/event-stream"), "{head}");
        Events { reader, waiting: String::new(), page: None }
    }
}

/// One event of a stream; a comment has the name `comment`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub id: Option<u64>,
    pub name: String,
    pub data: String,
}

impl Event {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.data).expect("data is JSON")
    }
}

/// An open event stream.
pub(crate) struct Events {
    reader: BufReader<TcpStream>,
    waiting: String,
    /// Which page the server said that it has.
    pub(crate) page: Option<String>,
}

impl Events {
    /// The next event or comment; `None` when the stream is over.
    pub(crate) fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.waiting.split_once("\n\n") {
                let event = Self::parse(block);
                self.waiting = rest.to_owned();
                match event {
                    Some(event) if event.name == "page" => {
                        self.page = event.json()["page"].as_str().map(str::to_owned);
                    }
                    Some(event) => return Some(event),
                    None => {}
                }
                continue;
            }
            // A chunk: its length in hexadecimal digits, then its bytes.
            let mut line = String::new();
            self.reader.read_line(&mut line).expect("an event in time");
            let length = usize::from_str_radix(line.trim(), 16).ok().filter(|length| *length > 0)?;
            let mut chunk = vec![0; length + 2];
            self.reader.read_exact(&mut chunk).expect("a whole chunk");
            self.waiting.push_str(std::str::from_utf8(&chunk[..length]).expect("frames are UTF-8"));
        }
    }

    fn parse(block: &str) -> Option<Event> {
        let mut event = Event { id: None, name: String::new(), data: String::new() };
        for line in block.lines() {
            match line.split_once(": ") {
                Some(("", comment)) => (event.name, event.data) = ("comment".to_owned(), comment.to_owned()),
                Some(("id", id)) => event.id = id.parse().ok(),
                Some(("event", name)) => name.clone_into(&mut event.name),
                Some(("data", data)) => event.data.push_str(data),
                _ => {}
            }
        }
        (!event.name.is_empty()).then_some(event)
    }

    /// The next change, which must be one.
    pub(crate) fn change(&mut self) -> Value {
        let event = self.next().expect("the stream goes on");
        assert_eq!(event.name, "change", "{event:?}");
        let change = event.json();
        assert_eq!(change["seq"].as_u64(), event.id);
        change
    }

    /// Reads changes until one of this kind.
    pub(crate) fn until(&mut self, kind: &str) -> Value {
        loop {
            let change = self.change();
            if change["event"] == kind {
                return change;
            }
        }
    }
}
