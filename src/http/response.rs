//! Answers: JSON, problems, text, and the headers that every one of them carries.
//!
//! Apart so that no handler sets a security header and none can forget one. Invariant: everything that leaves the
//! server has passed through `sealed`.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Bytes, Frame, SizeHint};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;
use tokio::sync::mpsc;

use super::events::EventStream;

/// The page may load from its own origin only, may not be framed, and runs no inline code. A picture that is about to be
/// sent is shown from its own memory.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; img-src 'self' blob:; media-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
);
/// What the page never asks a browser for, so that nothing in it can.
// A voice note is recorded by this page and no other.
const PERMISSIONS_POLICY: HeaderValue = HeaderValue::from_static(
    "camera=(), display-capture=(), geolocation=(), hid=(), microphone=(self), payment=(), serial=(), usb=()",
);
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// What an answer carries.
pub(super) enum Body {
    /// All of it at once.
    Full(Bytes),
    /// So many bytes, part by part.
    Parts(mpsc::Receiver<Bytes>, u64),
    /// Events as they happen.
    Events(Box<EventStream>),
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        match self.get_mut() {
            Self::Full(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Full(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Parts(_, 0) => Poll::Ready(None),
            Self::Parts(parts, left) => match parts.poll_recv(context) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(Some(part)) => {
                    *left = left.saturating_sub(part.len() as u64);
                    Poll::Ready(Some(Ok(Frame::data(part))))
                }
                // The connection has to break, or the browser takes the beginning for the whole.
                Poll::Ready(None) => Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into()))),
            },
            Self::Events(stream) => stream.poll_bytes(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Full(bytes) => bytes.is_empty(),
            Self::Parts(_, left) => *left == 0,
            Self::Events(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Parts(_, left) => SizeHint::with_exact(*left),
            Self::Events(_) => SizeHint::default(),
        }
    }
}

/// An answer with a JSON body.
pub(super) fn json<T: Serialize>(status: StatusCode, value: &T) -> Response<Body> {
    let bytes = serde_json::to_vec(value).expect("our shapes have string keys only and cannot fail to serialise");
    with_type(status, "application/json", bytes.into())
}

/// An answer without a body.
pub(super) fn empty() -> Response<Body> {
    let mut response = Response::new(Body::Full(Bytes::new()));
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// An answer in plain words.
pub(super) fn text(status: StatusCode, words: impl Into<Bytes>) -> Response<Body> {
    with_type(status, "text/plain; charset=utf-8", words.into())
}

/// An answer of a given type.
pub(super) fn with_type(status: StatusCode, content_type: &'static str, bytes: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::Full(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// The answer with the headers that all of them carry. What says nothing about caching may not be kept. `hsts_days` is 0
/// where the browser is not to be told to speak HTTPS only (RFC 6797).
pub(super) fn sealed(mut response: Response<Body>, hsts_days: u32) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // A stranger's file brings a stricter one.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(CONTENT_SECURITY_POLICY);
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
    headers.insert(HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY);
    if hsts_days > 0
        && let Ok(value) = HeaderValue::from_str(&format!("max-age={}", u64::from(hsts_days) * 24 * 60 * 60))
    {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(NO_STORE);
    response
}
