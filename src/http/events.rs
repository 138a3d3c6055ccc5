//! The event stream: what concerns a person, as it happens (server-sent events).
//!
//! Apart from the feed because a stream also has a reader, who may be slow, and a sign-in, which may end. Invariants:
//! what waits for a reader is bounded; a reader who falls behind is cut off and resumes by number, never fed a gap.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use crate::domain::ids::TokenHash;
use crate::limits::{CONNECTION_BUFFER_BYTES_MAX, RESUME_ENTRIES_MAX, STREAM_BYTES_MAX, STREAM_EVENTS_MAX};
use crate::store::StoreError;

use super::App;
use super::attendance::{Attendance, Attending};
use super::error::HttpError;
use super::fanout::missed;
use super::feed::Joined;
use super::frames::caught_up;
use super::reading::Viewer;
use super::request::Asked;
use super::response::Body;
use super::sign_in::Caller;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const EVENT_STREAM: &str = "text/event-stream";
const BEAT: Bytes = Bytes::from_static(b"event: beat\ndata: {}\n\n");
const RESET: Bytes = Bytes::from_static(b"event: reset\ndata: {}\n\n");
const BYE_SIGNED_OUT: Bytes = Bytes::from_static(b"event: bye\ndata: {\"reason\":\"signed_out\"}\n\n");
const BYE_STOPPING: Bytes = Bytes::from_static(b"event: bye\ndata: {\"reason\":\"stopping\"}\n\n");

/// The first bytes: they open the stream for a browser, which is to come back after a second when it ends, and tell it
/// which page the server has now.
fn hello(page: &str) -> Bytes {
    format!("retry: 1000\n\nevent: page\ndata: {{\"page\":\"{page}\"}}\n\n").into()
}

/// Why a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Its reader is too slow: it resumes by number.
    Behind,
    /// Its place in the journal is gone: the page fetches the snapshot.
    Reset,
    /// The sign-in is over.
    SignedOut,
    /// The process stops.
    Stopping,
}

/// Where the feed puts what a stream is to send.
pub(super) struct Outlet {
    pub(super) viewer: Viewer,
    pub(super) token: TokenHash,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    frames: VecDeque<Bytes>,
    /// Frames of before it joined; they do not count against the reader.
    missed: VecDeque<Bytes>,
    bytes: usize,
    /// Frames up to this number are not for this stream.
    after: u64,
    end: Option<End>,
    waker: Option<Waker>,
}

impl Outlet {
    fn new(viewer: Viewer, token: TokenHash) -> Self {
        Self { viewer, token, waiting: Mutex::default() }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The stream joins here.
    pub(super) fn begin_after(&self, seq: u64) {
        self.waiting().after = seq;
    }

    /// Adds a frame of before the stream joined.
    pub(super) fn prepend(&self, frame: Bytes) {
        self.waiting().missed.push_back(frame);
    }

    /// Adds what happened; a stream with too much waiting is ended, with what it has still to be read.
    pub(super) fn push(&self, seq: u64, frame: Bytes) {
        let mut waiting = self.waiting();
        if waiting.end.is_some() || seq <= waiting.after {
            return;
        }
        if waiting.has_room(&frame) {
            waiting.put(frame);
        } else {
            waiting.end = Some(End::Behind);
        }
        wake(waiting);
    }

    /// Adds what happens beside the numbered events; a stream that does not read goes without.
    pub(super) fn push_aside(&self, frame: Bytes) {
        let mut waiting = self.waiting();
        if waiting.end.is_none() && waiting.has_room(&frame) {
            waiting.put(frame);
            wake(waiting);
        }
    }

    /// Ends the stream when it has sent what waits.
    pub(super) fn end(&self, end: End) {
        let mut waiting = self.waiting();
        waiting.end.get_or_insert(end);
        wake(waiting);
    }

    /// Nothing waits to be sent.
    pub(super) fn is_empty(&self) -> bool {
        let waiting = self.waiting();
        waiting.frames.is_empty() && waiting.missed.is_empty() && waiting.end.is_none()
    }
}

fn wake(mut waiting: MutexGuard<'_, Waiting>) {
    let waker = waiting.waker.take();
    drop(waiting);
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// The body of an event stream.
pub(super) struct EventStream {
    app: Arc<App>,
    outlet: Arc<Outlet>,
    beat: Interval,
    /// The number that the reader was told last by a heart-beat.
    told: u64,
    ended: bool,
    _attending: Attending,
}

impl EventStream {
    /// The next bytes; `None` when the stream is over.
    pub(super) fn poll_bytes(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let mut waiting = self.outlet.waiting();
        if let Some(bytes) = waiting.take() {
            return Poll::Ready(Some(bytes));
        }
        if let Some(end) = waiting.end {
            self.ended = true;
            return Poll::Ready(match end {
                End::Behind => None,
                End::Reset => Some(RESET),
                End::SignedOut => Some(BYE_SIGNED_OUT),
                End::Stopping => Some(BYE_STOPPING),
            });
        }
        waiting.waker = Some(context.waker().clone());
        drop(waiting);
        if self.beat.poll_tick(context).is_pending() {
            return Poll::Pending;
        }
        Poll::Ready(Some(self.heartbeat()))
    }

    /// Shows that the server lives, and that the browser does: an open stream is a use of the sign-in.
    fn heartbeat(&mut self) -> Bytes {
        if self.app.use_sign_in(self.outlet.token).is_none() {
            self.outlet.end(End::SignedOut);
            return BEAT;
        }
        match self.app.feed.up_to_date(&self.outlet) {
            Some(seq) if seq > self.told => {
                self.told = seq;
                [BEAT, caught_up(seq, self.app.clock.now().0)].concat().into()
            }
            _ => BEAT,
        }
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.app.feed.leave(&self.outlet);
    }
}

impl Waiting {
    fn has_room(&self, frame: &Bytes) -> bool {
        self.frames.len() < STREAM_EVENTS_MAX && self.bytes + frame.len() <= STREAM_BYTES_MAX
    }

    fn put(&mut self, frame: Bytes) {
        self.bytes += frame.len();
        self.frames.push_back(frame);
    }

    /// What waits, in one piece as far as it fits a connection's buffer.
    fn take(&mut self) -> Option<Bytes> {
        let first = self.pop()?;
        if self.frames.is_empty() && self.missed.is_empty() {
            return Some(first);
        }
        let mut joined = BytesMut::from(first);
        while joined.len() < CONNECTION_BUFFER_BYTES_MAX
            && let Some(frame) = self.pop()
        {
            joined.extend_from_slice(&frame);
        }
        Some(joined.freeze())
    }

    fn pop(&mut self) -> Option<Bytes> {
        if let Some(frame) = self.missed.pop_front() {
            return Some(frame);
        }
        let frame = self.frames.pop_front()?;
        self.bytes -= frame.len();
        Some(frame)
    }
}

/// `GET /api/events`.
pub(super) async fn open(app: &Arc<App>, asked: &Asked, caller: Caller) -> Result<Response<Body>, HttpError> {
    let last_id = asked.head.headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()).filter(|id| !id.is_empty());
    let after = match last_id.map(Into::into).or_else(|| asked.query("after")) {
        Some(after) => after.parse().map_err(|_| HttpError::bad_request("The number to resume after is not one."))?,
        None => app.feed.cursor(),
    };
    let viewer = app.read(move |snapshot| Viewer::of(snapshot, caller.agent)).await?;
    let outlet = Arc::new(Outlet::new(viewer, caller.token));
    outlet.prepend(hello(app.assets.tree()));
    let beat_from = Instant::now() + app.limits.heartbeat;
    let mut beat = interval_at(beat_from, app.limits.heartbeat);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The stream leaves the feed when it is dropped, whatever happens from here on.
    let stream = EventStream {
        app: Arc::clone(app),
        outlet: Arc::clone(&outlet),
        beat,
        told: after,
        ended: false,
        _attending: Attendance::arrive(app, caller.agent),
    };
    resume(app, &outlet, after).await?;
    // Between the check of the cookie and the joining, the sign-in may have ended unseen.
    if app.use_sign_in(caller.token).is_none() {
        return Err(HttpError::sign_in_required());
    }
    let mut response = Response::new(Body::Events(Box::new(stream)));
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(EVENT_STREAM));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

/// Joins the feed after `after`, with what was missed first: from memory, else from the journal, else not at all.
async fn resume(app: &Arc<App>, outlet: &Arc<Outlet>, mut after: u64) -> Result<(), HttpError> {
    // A number from the future is another store's.
    let head = *app.store.head().borrow();
    if after > head {
        outlet.end(End::Reset);
        return Ok(());
    }
    loop {
        let frames_after = match app.feed.join(outlet, after) {
            Joined::Live => return Ok(()),
            Joined::TooMany => return Err(HttpError::overloaded()),
            Joined::Behind(frames_after) => frames_after,
        };
        if frames_after - after > RESUME_ENTRIES_MAX {
            outlet.end(End::Reset);
            return Ok(());
        }
        let (viewer, counts) = (outlet.viewer, app.feed.counts());
        let page = app.read(move |snapshot| match missed(snapshot, &counts, viewer, (after, frames_after)) {
            Err(StoreError::JournalTrimmed) => Ok(None),
            page => Ok(Some(page?)),
        });
        let Some((frames, reached)) = page.await?.filter(|(_, reached)| *reached > after) else {
            outlet.end(End::Reset);
            return Ok(());
        };
        for frame in frames {
            outlet.prepend(frame);
        }
        after = reached;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::AgentId;

    fn outlet() -> Outlet {
        Outlet::new(Viewer { agent: AgentId(1), supervises: false }, TokenHash([0; 32]))
    }

    #[test]
    fn a_reader_too_slow_gets_what_waits_and_then_the_end() {
        let outlet = outlet();
        for seq in 1..=300 {
            outlet.push(seq, Bytes::from(format!("{seq},")));
        }
        let mut waiting = outlet.waiting();
        let all = waiting.take().expect("something waits");
        assert!(all.ends_with(b",255,256,"), "no gap before the end");
        assert!(waiting.take().is_none());
        assert_eq!(waiting.end, Some(End::Behind));
    }

    #[test]
    fn bytes_are_bounded_too() {
        let outlet = outlet();
        for seq in 1..=5 {
            outlet.push(seq, Bytes::from(vec![0; 300 * 1_024]));
        }
        let waiting = outlet.waiting();
        assert_eq!((waiting.frames.len(), waiting.end), (3, Some(End::Behind)));
    }

    #[test]
    fn frames_of_before_it_joined_are_not_pushed_again() {
        let outlet = outlet();
        outlet.begin_after(7);
        outlet.push(7, Bytes::from_static(b"7"));
        outlet.push(8, Bytes::from_static(b"8"));
        assert_eq!(outlet.waiting().take().as_deref(), Some(b"8".as_slice()));
    }
}
