//! Bodies of Graph calls: JSON at once, files part by part.
//!
//! Apart from the calls because a body has to tell when it leaves our hands. Invariant: a body is as long as it says, or
//! it breaks off and the call with it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

/// A boundary that no file has in it by chance; what comes after the file is counted, not searched.
const BOUNDARY: &str = "deskbell-3f1c7a90b5e84d2d";

/// A file on its way to Graph.
pub struct Upload {
    /// Its type.
    pub mime_type: String,
    /// Its size.
    pub bytes: u64,
    /// Its parts, all of them.
    pub parts: mpsc::Receiver<Bytes>,
}

/// What a body carries.
pub(super) enum Content {
    Whole(Option<Bytes>),
    Parts { head: Option<Bytes>, parts: mpsc::Receiver<Bytes>, left: u64, tail: Option<Bytes> },
}

impl Upload {
    /// The multipart body that Graph wants, and its type.
    pub(super) fn into_body(self) -> (Content, String) {
        let Self { mime_type, bytes, parts } = self;
        let field = |name: &str, value: &str| {
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let head = format!(
            "{}{}--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n\
             Content-Type: {mime_type}\r\n\r\n",
            field("messaging_product", "whatsapp"),
            field("type", &mime_type),
        );
        let tail = format!("\r\n--{BOUNDARY}--\r\n");
        let content = Content::Parts { head: Some(head.into()), parts, left: bytes, tail: Some(tail.into()) };
        (content, format!("multipart/form-data; boundary={BOUNDARY}"))
    }
}

/// A body that tells when it is taken to be written. Before that Graph cannot have the message, because it has not
/// even a part of the JSON that the request announces: that is how refused connections, failed handshakes and requests
/// that waited for a connection in vain are told from calls of unknown fate.
pub(super) struct WatchedBody {
    pub(super) body: Content,
    pub(super) left: Arc<AtomicBool>,
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.left.store(true, Ordering::SeqCst);
        match &mut self.body {
            Content::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Content::Parts { head, parts, left, tail } => {
                if let Some(head) = head.take() {
                    return Poll::Ready(Some(Ok(Frame::data(head))));
                }
                if *left == 0 {
                    return Poll::Ready(tail.take().map(|tail| Ok(Frame::data(tail))));
                }
                match parts.poll_recv(context) {
                    Poll::Pending => Poll::Pending,
                    Poll::Ready(Some(part)) => {
                        *left = left.saturating_sub(part.len() as u64);
                        Poll::Ready(Some(Ok(Frame::data(part))))
                    }
                    Poll::Ready(None) => Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into()))),
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.body {
            Content::Whole(bytes) => bytes.is_none(),
            Content::Parts { left, tail, .. } => *left == 0 && tail.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        let length = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
        SizeHint::with_exact(match &self.body {
            Content::Whole(bytes) => length(bytes),
            Content::Parts { head, left, tail, .. } => length(head) + left + length(tail),
        })
    }
}
