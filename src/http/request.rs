//! A request as a handler sees it: checked framing, bounded body, JSON, cookies, origin.
//!
//! Apart so that every refusal which needs no knowledge of the centre is decided here, once. Invariant: no body is
//! read without a limit of bytes and of time.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use cookie::Cookie;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode, Version};
use serde::de::DeserializeOwned;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use crate::limits::{
    API_BODY_BYTES_MAX, BODY_DRAIN_BYTES_MAX, HEAD_LINES_MAX, WEBHOOK_BODY_BYTES_MAX, WEBHOOK_BODY_LARGE_BYTES,
};

use super::error::HttpError;
use super::wire::Heard;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// How a request was read from the wire.
#[derive(Clone, Copy)]
pub(super) enum Read<'a> {
    /// HTTP/1.1, with the bytes of its head.
    Lines(&'a Heard),
    /// HTTP/2.
    Frames,
}

/// A request, its sender, and the limits that hold for it.
pub(super) struct Asked {
    pub(super) head: Parts,
    pub(super) body: Incoming,
    /// Who sends it, as far as a trusted proxy tells.
    pub(super) peer: IpAddr,
    /// It came over HTTPS.
    pub(super) secure: bool,
    pub(super) body_read_max: Duration,
}

/// A body held in memory. A large one holds its place until it is dropped.
pub(super) struct Held {
    pub(super) bytes: Bytes,
    _place: Option<OwnedSemaphorePermit>,
}

impl Asked {
    /// Refuses what two readers could understand in two ways, and the methods that have no business here.
    pub(super) fn check_framing(&mut self, read: Read<'_>) -> Result<(), HttpError> {
        let checked = self.check_head(read);
        if let Read::Lines(heard) = read {
            heard.forget();
        }
        checked
    }

    fn check_head(&mut self, read: Read<'_>) -> Result<(), HttpError> {
        if self.head.method == Method::TRACE || self.head.method == Method::CONNECT {
            return Err(HttpError::method_not_allowed("GET, HEAD, POST, PUT, DELETE".to_owned()).closing());
        }
        if self.head.headers.len() > HEAD_LINES_MAX {
            // In HTTP/1.1 hyper counts them; in HTTP/2 it does not.
            return Err(HttpError::head_too_large());
        }
        if let Read::Frames = read
            && !self.head.headers.contains_key(header::HOST)
        {
            // HTTP/2 names the host beside the headers (RFC 9113, section 8.3.1).
            let named = self.head.uri.authority().and_then(|named| HeaderValue::from_str(named.as_str()).ok());
            let named = named.ok_or_else(|| HttpError::bad_request("A request must name its authority."))?;
            self.head.headers.insert(header::HOST, named);
        }
        let mut hosts = self.head.headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return Err(HttpError::bad_request("A request must name its Host, once.").closing());
        };
        if host.is_empty()
            || self.head.uri.authority().is_some_and(|named| named.as_str().as_bytes() != host.as_bytes())
        {
            return Err(
                HttpError::bad_request("The request line and the Host header must name the same host.").closing()
            );
        }
        if let Read::Lines(heard) = read
            && self.head.headers.contains_key(header::TRANSFER_ENCODING)
        {
            let version = if self.head.version == Version::HTTP_11 { "HTTP/1.1" } else { "HTTP/1.0" };
            let line = format!("{} {} {version}\r\n", self.head.method, self.head.uri);
            if !heard.head_without_content_length(&line) {
                return Err(HttpError::bad_request(
                    "A request must not have both Content-Length and Transfer-Encoding, nor follow another one unasked.",
                )
                .closing());
            }
        }
        Ok(())
    }

    /// Refuses a request that a foreign page could have caused (the cookie comes along by itself).
    pub(super) fn check_origin(&self) -> Result<(), HttpError> {
        let headers = &self.head.headers;
        let site = headers.get(SEC_FETCH_SITE).map(|site| site.as_bytes() == b"same-origin");
        let origin = headers.get(header::ORIGIN).map(|origin| {
            let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
            origin.to_str().is_ok_and(|origin| host.is_some_and(|host| names_host(origin, host)))
        });
        match (site, origin) {
            (Some(true), Some(true) | None) | (None, Some(true)) => Ok(()),
            _ => Err(HttpError::origin_refused()),
        }
    }

    /// Refuses a reading request that a foreign page has caused, so that it cannot even tell from the time it takes what
    /// is here (Fetch Metadata). What has no such header is no browser of today.
    pub(super) fn check_site(&self) -> Result<(), HttpError> {
        match self.head.headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes) {
            None | Some(b"same-origin" | b"none") => Ok(()),
            Some(_) => Err(HttpError::origin_refused()),
        }
    }

    /// The value of a query field, as forms write them (URL Standard, application/x-www-form-urlencoded).
    pub(super) fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut fields = form_urlencoded::parse(self.head.uri.query()?.as_bytes());
        fields.find_map(|(field, value)| (field == name).then_some(value))
    }

    /// The value of a cookie.
    pub(super) fn cookie(&self, name: &str) -> Option<String> {
        let lines = self.head.headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        lines
            .flat_map(Cookie::split_parse)
            .flatten()
            .find(|cookie| cookie.name() == name)
            .map(|cookie| cookie.value().to_owned())
    }

    /// The body as JSON of the expected shape.
    pub(super) async fn json<T: DeserializeOwned>(self) -> Result<T, HttpError> {
        let content_type = self.head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            return Err(HttpError::unsupported_media_type());
        }
        let held = self.read(API_BODY_BYTES_MAX, None).await?;
        // The parser's message names a place and a type, never a value of the body.
        serde_json::from_slice(&held.bytes).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let what = match error.classify() {
                serde_json::error::Category::Data => "a field is missing or of the wrong type",
                serde_json::error::Category::Syntax
                | serde_json::error::Category::Eof
                | serde_json::error::Category::Io => "this is not JSON",
            };
            HttpError::bad_request(format!(
                "The body cannot be read: {what} (line {line}, column {column}). Reload the page."
            ))
        })
    }

    /// A JSON body that says nothing.
    pub(super) async fn nothing(self) -> Result<(), HttpError> {
        self.json::<serde::de::IgnoredAny>().await.map(drop)
    }

    /// The body as it came, for the webhook; a large one needs one of the `places`.
    pub(super) async fn raw(self, places: &Arc<Semaphore>) -> Result<Held, HttpError> {
        self.read(WEBHOOK_BODY_BYTES_MAX, Some(places)).await
    }

    /// Reads up to `bytes_max`. Of a body that is larger, some more is thrown away so that the sender, who may read
    /// only after writing, sees the answer.
    async fn read(mut self, bytes_max: usize, places: Option<&Arc<Semaphore>>) -> Result<Held, HttpError> {
        let announced =
            self.head.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let announced: usize = announced.unwrap_or(0);
        let waits_for_leave = self.head.headers.contains_key(header::EXPECT);
        if announced > BODY_DRAIN_BYTES_MAX || (announced > bytes_max && waits_for_leave) {
            return Err(HttpError::body_too_large(bytes_max));
        }
        let deadline = Instant::now() + self.body_read_max;
        let mut bytes = BytesMut::with_capacity(announced.min(WEBHOOK_BODY_LARGE_BYTES));
        let mut bytes_read = 0_usize;
        let mut place = None;
        loop {
            let frame = match timeout_at(deadline, self.body.frame()).await {
                Ok(None) => break,
                Ok(Some(Ok(frame))) => frame,
                Ok(Some(Err(_))) => return Err(HttpError::bad_request("The body ended too early.").closing()),
                Err(_) if bytes_read > bytes_max => break,
                Err(_) => return Err(too_slow()),
            };
            let Ok(data) = frame.into_data() else { continue };
            bytes_read += data.len();
            if bytes_read > BODY_DRAIN_BYTES_MAX {
                break;
            }
            if bytes_read > bytes_max {
                bytes = BytesMut::new();
                continue;
            }
            if let Some(places) = places
                && bytes_read > WEBHOOK_BODY_LARGE_BYTES
                && place.is_none()
            {
                let permit = timeout_at(deadline, Arc::clone(places).acquire_owned()).await;
                place = Some(permit.map_err(|_| HttpError::overloaded().closing())?.expect("never closed"));
            }
            bytes.extend_from_slice(&data);
        }
        if bytes_read > bytes_max {
            return Err(HttpError::body_too_large(bytes_max));
        }
        Ok(Held { bytes: bytes.freeze(), _place: place })
    }
}

fn too_slow() -> HttpError {
    HttpError::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", "The body came too slowly. Send it again.").closing()
}

/// Whether an `Origin` (`https://desk.example:8443`) is the host that the request was sent to.
fn names_host(origin: &str, host: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    let port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return false,
    };
    let without_port = |name: &str| name.strip_suffix(port).unwrap_or(name).to_ascii_lowercase();
    without_port(authority) == without_port(host)
}

#[cfg(test)]
mod tests {
    use super::names_host;

    #[test]
    fn an_origin_names_the_host_that_was_asked() {
        for (origin, host, same) in [
            ("http://desk.example", "desk.example", true),
            ("https://Desk.example:443", "desk.example", true),
            ("http://desk.example:8080", "desk.example:8080", true),
            ("http://desk.example:8080", "desk.example", false),
            ("https://desk.example:80", "desk.example", false),
            ("https://desk.example.evil.example", "desk.example", false),
            ("https://evil.example", "desk.example", false),
            ("null", "desk.example", false),
            ("ftp://desk.example", "desk.example", false),
        ] {
            assert_eq!(names_host(origin, host), same, "{origin} for {host}");
        }
    }
}
