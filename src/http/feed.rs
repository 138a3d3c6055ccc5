//! What the fan-out hands out: recent frames, the open streams, loads and waiting counts.
//!
//! Apart from the thread that fills it and from the streams that empty it. Invariant: a stream gets every frame that
//! concerns its viewer after the number at which it joined, in order and once, or it ends.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Notify, watch};

use crate::domain::ids::{AgentId, TokenHash};
use crate::limits::{FEED_WAIT_MS_MAX, FRAMES_KEPT_BYTES_MAX, FRAMES_KEPT_MAX, STREAMS_PER_AGENT_MAX};

use super::desktops::Counts;
use super::events::{End, Outlet};
use super::frames::Frame;

/// The hub between the journal and the streams.
pub(super) struct Feed {
    state: Mutex<State>,
    /// The journal entry up to which everything was handed out.
    cursor: watch::Sender<u64>,
    joined: Notify,
}

#[derive(Default)]
struct State {
    frames: VecDeque<Arc<Frame>>,
    frames_bytes: usize,
    /// Every frame after this number is in `frames`.
    frames_after: u64,
    cursor: u64,
    outlets: Vec<Arc<Outlet>>,
    counts: Counts,
    closed: bool,
}

/// What became of a stream that wants to join.
pub(super) enum Joined {
    /// It gets what happens.
    Live,
    /// Frames that it needs are no longer in memory; they reach back to this number.
    Behind(u64),
    /// The agent has as many streams as an agent may.
    TooMany,
}

impl Default for Feed {
    fn default() -> Self {
        Self { state: Mutex::default(), cursor: watch::Sender::new(0), joined: Notify::new() }
    }
}

impl Feed {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a stream join, with the frames after `after` first.
    pub(super) fn join(&self, outlet: &Arc<Outlet>, after: u64) -> Joined {
        let mut state = self.state();
        if state.closed {
            outlet.end(End::Stopping);
            return Joined::Live;
        }
        if after < state.frames_after {
            return Joined::Behind(state.frames_after);
        }
        let same = state.outlets.iter().filter(|other| other.viewer.agent == outlet.viewer.agent).count();
        if same >= STREAMS_PER_AGENT_MAX {
            return Joined::TooMany;
        }
        outlet.begin_after(after);
        let missed = |frame: &&Arc<Frame>| frame.seq > after || (frame.beside && frame.seq == after);
        for frame in state.frames.iter().filter(missed) {
            if let Some(bytes) = frame.bytes_for(outlet.viewer) {
                outlet.prepend(bytes.clone());
            }
        }
        state.outlets.push(Arc::clone(outlet));
        drop(state);
        self.joined.notify_one();
        Joined::Live
    }

    /// How many streams are open.
    pub(super) fn streams(&self) -> usize {
        self.state().outlets.len()
    }

    /// Forgets a stream that has ended.
    pub(super) fn leave(&self, outlet: &Arc<Outlet>) {
        self.state().outlets.retain(|other| !Arc::ptr_eq(other, outlet));
    }

    /// Moves on without frames when nobody listens; `false` when somebody does.
    pub(super) fn pass(&self, cursor: u64) -> bool {
        let mut state = self.state();
        if !state.outlets.is_empty() {
            return false;
        }
        state.forget_frames(cursor);
        self.cursor.send_replace(cursor);
        true
    }

    /// Hands frames out. They cover the journal up to `cursor`.
    pub(super) fn publish(&self, frames: Vec<Frame>, cursor: u64) {
        let mut state = self.state();
        for frame in frames {
            for outlet in &state.outlets {
                if let Some(bytes) = frame.bytes_for(outlet.viewer) {
                    outlet.push(frame.seq, bytes.clone());
                }
            }
            state.keep(frame);
        }
        state.cursor = cursor;
        self.cursor.send_replace(cursor);
    }

    /// Hands out frames beside the events so far.
    pub(super) fn publish_beside(&self, frames: Vec<Frame>) {
        let mut state = self.state();
        for frame in frames {
            for outlet in &state.outlets {
                if let Some(bytes) = frame.bytes_for(outlet.viewer) {
                    outlet.push_aside(bytes.clone());
                }
            }
            state.keep(frame);
        }
    }

    /// Tells these agents something of this moment, which nobody gets later.
    pub(super) fn tell_aside(&self, frame: &Bytes, told: impl Fn(AgentId) -> bool) {
        for outlet in self.state().outlets.iter().filter(|outlet| told(outlet.viewer.agent)) {
            outlet.push_aside(frame.clone());
        }
    }

    /// Whether anybody listens.
    pub(super) fn has_streams(&self) -> bool {
        !self.state().outlets.is_empty()
    }

    /// Waits until one more stream has joined.
    pub(super) async fn joined(&self) {
        self.joined.notified().await;
    }

    /// The journal cannot be followed without a gap: every stream has to fetch the snapshot.
    pub(super) fn reset(&self, cursor: u64) {
        let mut state = self.state();
        for outlet in state.outlets.drain(..) {
            outlet.end(End::Reset);
        }
        state.forget_frames(cursor);
        self.cursor.send_replace(cursor);
    }

    /// Ends the streams of sign-ins that are over.
    pub(super) fn end_streams_of(&self, tokens: &[TokenHash]) {
        if tokens.is_empty() {
            return;
        }
        self.state().outlets.retain(|outlet| {
            let over = tokens.contains(&outlet.token);
            if over {
                outlet.end(End::SignedOut);
            }
            !over
        });
    }

    /// Lets the streams of these people begin anew where they are: their rights have changed.
    pub(super) fn renew_streams_of(&self, agents: &[AgentId]) {
        if agents.is_empty() {
            return;
        }
        self.state().outlets.retain(|outlet| {
            let changed = agents.contains(&outlet.viewer.agent);
            if changed {
                outlet.end(End::Behind);
            }
            !changed
        });
    }

    /// Ends every stream: the process stops.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        for outlet in state.outlets.drain(..) {
            outlet.end(End::Stopping);
        }
    }

    /// The number up to which a stream that has nothing waiting is up to date.
    pub(super) fn up_to_date(&self, outlet: &Outlet) -> Option<u64> {
        let state = self.state();
        outlet.is_empty().then_some(state.cursor)
    }

    /// Waits, within bounds, until everything up to `seq` was handed out and taken over.
    pub(super) async fn reached(&self, seq: u64) {
        let mut cursor = self.cursor.subscribe();
        let wait =
            tokio::time::timeout(Duration::from_millis(FEED_WAIT_MS_MAX), cursor.wait_for(|cursor| *cursor >= seq));
        if !matches!(wait.await, Ok(Ok(_))) {
            tracing::warn!(seq, "the fan-out is behind");
        }
    }

    /// How many interactions take up an agent's capacity.
    pub(super) fn load(&self, agent: AgentId) -> u32 {
        self.state().counts.load(agent)
    }

    /// Loads and waiting counts.
    pub(super) fn counts(&self) -> Counts {
        self.state().counts.clone()
    }

    /// Interactions were taken, given or moved.
    pub(super) fn set_counts(&self, counts: &Counts) {
        self.state().counts.clone_from(counts);
    }

    /// The journal entry up to which everything was handed out.
    pub(super) fn cursor(&self) -> u64 {
        *self.cursor.borrow()
    }
}

impl State {
    fn keep(&mut self, frame: Frame) {
        self.frames_bytes += frame.len();
        self.frames.push_back(Arc::new(frame));
        while self.frames.len() > FRAMES_KEPT_MAX || self.frames_bytes > FRAMES_KEPT_BYTES_MAX {
            let Some(oldest) = self.frames.pop_front() else { break };
            self.frames_bytes -= oldest.len();
            self.frames_after = oldest.seq;
        }
    }

    fn forget_frames(&mut self, cursor: u64) {
        self.frames.clear();
        self.frames_bytes = 0;
        self.frames_after = cursor;
        self.cursor = cursor;
    }
}
