//! The byte stream under a connection: closes it when the peer leaves our bytes unread, and remembers a request's
//! head as it came.
//!
//! Apart because hyper does neither: it waits for a blocked peer for ever, and of a request that carries both
//! `Content-Length` and `Transfer-Encoding` it shows only the second. Invariant: at most `HEAD_BYTES_MAX` bytes are
//! remembered for a connection.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use crate::limits::HEAD_BYTES_MAX;

/// What a connection's peer has sent since it was last forgotten, up to `HEAD_BYTES_MAX` bytes.
#[derive(Clone, Default)]
pub(super) struct Heard(Arc<Mutex<Vec<u8>>>);

impl Heard {
    /// Begins anew; called before and after each request.
    pub(super) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Whether the head that begins with `request_line` is remembered and has no `Content-Length` line.
    pub(super) fn head_without_content_length(&self, request_line: &str) -> bool {
        let heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(start) = position(&heard, request_line.as_bytes()) else { return false };
        let head = &heard[start..];
        let Some(end) = position(head, b"\r\n\r\n") else { return false };
        head[..end].split(|byte| *byte == b'\n').all(|line| {
            let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
            !name.trim_ascii().eq_ignore_ascii_case(b"content-length")
        })
    }

    fn hear(&self, bytes: &[u8]) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = HEAD_BYTES_MAX.saturating_sub(heard.len());
        heard.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

fn position(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// A stream that remembers heads and does not wait for ever to write.
pub(super) struct Wire<S> {
    stream: S,
    heard: Option<Heard>,
    stall_max: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> Wire<S> {
    /// `heard` is for HTTP/1.1; in HTTP/2 a head can be read in one way only.
    pub(super) fn new(stream: S, heard: Option<Heard>, stall_max: Duration) -> Self {
        Self { stream, heard, stall_max, stalled: None }
    }

    /// Passes a write's outcome on, or gives up when the peer has taken nothing for too long.
    fn watch<T>(&mut self, context: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.stalled = None;
            return outcome;
        }
        let limit = self.stall_max;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(limit)));
        match stalled.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut wire.stream).poll_read(context, buffer);
        if let Some(heard) = &wire.heard {
            heard.hear(&buffer.filled()[before..]);
        }
        outcome
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let wire = self.get_mut();
        let outcome = Pin::new(&mut wire.stream).poll_write(context, bytes);
        wire.watch(context, outcome)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wire = self.get_mut();
        let outcome = Pin::new(&mut wire.stream).poll_write_vectored(context, slices);
        wire.watch(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        // TLS takes bytes into its own buffer, so that a peer who reads nothing shows only here.
        let outcome = Pin::new(&mut wire.stream).poll_flush(context);
        wire.watch(context, outcome)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
