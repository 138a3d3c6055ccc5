//! What an HTTP/2 connection has under way, and when its peer has held it long enough.
//!
//! Apart because hyper bounds a connection's first head and its silence in HTTP/1.1 only, and a write that stalls does not
//! show in HTTP/2, where each stream has a window of its own. Invariants: a connection with nothing under way ends; so
//! does one that leaves bytes of ours unread, and one that asks and gives up without end.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Bytes, Frame, SizeHint};
use tokio::time::Instant;

use crate::limits::{H2_RESETS_MAX, H2_RESETS_MS};

use super::response::Body;

/// The streams of one connection.
#[derive(Clone)]
pub(super) struct Streams(Arc<Mutex<Ledger>>);

struct Ledger {
    next: u64,
    open: usize,
    /// When the last one ended, or the connection began.
    idle_since: Instant,
    /// Streams that gave us bytes to send and have not come back for more, and since when.
    unread: HashMap<u64, Instant>,
    given_up: usize,
    counted_since: Instant,
}

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// Nothing was under way for long.
    Idle,
    /// Bytes of ours stay unread.
    Stalled,
    /// Requests are given up faster than anybody could mean them.
    Flooded,
}

impl Streams {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self(Arc::new(Mutex::new(Ledger {
            next: 0,
            open: 0,
            idle_since: now,
            unread: HashMap::new(),
            given_up: 0,
            counted_since: now,
        })))
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request begins; what is returned goes along with it to the end of its answer.
    pub(super) fn begin(&self) -> Stream {
        let mut ledger = self.ledger();
        ledger.next += 1;
        ledger.open += 1;
        Stream { streams: self.clone(), number: ledger.next, ended: false }
    }

    /// Whether it is time to end the connection.
    pub(super) fn over(&self, idle_max: Duration, stall_max: Duration) -> Option<Over> {
        let mut ledger = self.ledger();
        let now = Instant::now();
        let flooded = ledger.given_up > H2_RESETS_MAX;
        if now.duration_since(ledger.counted_since) >= Duration::from_millis(H2_RESETS_MS) {
            ledger.counted_since = now;
            ledger.given_up = 0;
        }
        if flooded {
            return Some(Over::Flooded);
        }
        if ledger.open == 0 && now.duration_since(ledger.idle_since) >= idle_max {
            return Some(Over::Idle);
        }
        ledger.unread.values().any(|since| now.duration_since(*since) >= stall_max).then_some(Over::Stalled)
    }
}

/// One request under way.
pub(super) struct Stream {
    streams: Streams,
    number: u64,
    ended: bool,
}

impl Stream {
    /// Lets the answer's body carry it. One that is empty is never asked for more.
    pub(super) fn carried_by(mut self, body: Body) -> Carried {
        self.ended = hyper::body::Body::is_end_stream(&body);
        Carried { body, stream: self }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let mut ledger = self.streams.ledger();
        ledger.open = ledger.open.saturating_sub(1);
        ledger.unread.remove(&self.number);
        if !self.ended {
            ledger.given_up += 1;
        }
        ledger.idle_since = Instant::now();
    }
}

/// A body that notes when it is asked for more.
pub(super) struct Carried {
    body: Body,
    stream: Stream,
}

impl hyper::body::Body for Carried {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let carried = self.get_mut();
        let outcome = Pin::new(&mut carried.body).poll_frame(context);
        // Nobody asks for more before there is room in the stream's window.
        let mut ledger = carried.stream.streams.ledger();
        if let Poll::Ready(Some(Ok(_))) = outcome {
            ledger.unread.insert(carried.stream.number, Instant::now());
        } else {
            ledger.unread.remove(&carried.stream.number);
        }
        drop(ledger);
        carried.stream.ended |= matches!(outcome, Poll::Ready(None)) || carried.body.is_end_stream();
        outcome
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use hyper::body::Body as _;

    use super::*;

    const LONG: Duration = Duration::from_secs(3_600);

    #[test]
    fn a_connection_is_over_when_nothing_is_under_way_and_not_before() {
        let streams = Streams::new();
        assert_eq!(streams.over(Duration::ZERO, LONG), Some(Over::Idle));
        let stream = streams.begin();
        assert_eq!(streams.over(Duration::ZERO, LONG), None);
        drop(stream);
        assert_eq!(streams.over(Duration::ZERO, LONG), Some(Over::Idle));
        assert_eq!(streams.over(LONG, LONG), None);
    }

    #[test]
    fn bytes_that_nobody_reads_end_it_and_read_ones_do_not() {
        let streams = Streams::new();
        let mut body = Box::pin(streams.begin().carried_by(Body::Full(Bytes::from_static(b"words"))));
        let mut context = Context::from_waker(std::task::Waker::noop());
        assert!(body.as_mut().poll_frame(&mut context).is_ready());
        assert_eq!(streams.over(LONG, Duration::ZERO), Some(Over::Stalled));
        assert!(matches!(body.as_mut().poll_frame(&mut context), Poll::Ready(None)));
        assert_eq!(streams.over(LONG, Duration::ZERO), None);
    }

    #[test]
    fn requests_given_up_without_end_end_it() {
        let streams = Streams::new();
        for _ in 0..H2_RESETS_MAX {
            drop(streams.begin());
        }
        assert_eq!(streams.over(LONG, LONG), None);
        // An empty answer is whole without being asked for.
        drop(streams.begin().carried_by(Body::Full(Bytes::new())));
        assert_eq!(streams.over(LONG, LONG), None);
        drop(streams.begin());
        assert_eq!(streams.over(LONG, LONG), Some(Over::Flooded));
    }
}
