//! Sends that the store could not write about, and when to try again.
//!
//! Apart so that one command that the core cannot digest holds up its own message and nothing else. Invariant: a
//! message that is held is neither started nor reported until its time has come.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::ids::MessageId;
use crate::limits::{OUTBOX_PAUSE_MS, OUTBOX_PAUSE_MS_MAX};

struct Refusal {
    wait: Duration,
    until: Instant,
}

/// What was refused and has not been taken since.
#[derive(Default)]
pub(super) struct Refusals(BTreeMap<MessageId, Refusal>);

impl Refusals {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The store refused again: the wait doubles, up to a cap.
    pub(super) fn add(&mut self, message: MessageId, now: Instant) {
        let pause = Duration::from_millis(OUTBOX_PAUSE_MS);
        let wait = self.0.get(&message).map_or(pause, |refusal| refusal.wait * 2);
        let wait = wait.min(Duration::from_millis(OUTBOX_PAUSE_MS_MAX));
        self.0.insert(message, Refusal { wait, until: now + wait });
    }

    pub(super) fn remove(&mut self, message: MessageId) {
        self.0.remove(&message);
    }

    pub(super) fn holds(&self, message: MessageId, now: Instant) -> bool {
        self.0.get(&message).is_some_and(|refusal| refusal.until > now)
    }

    /// When the next held message may be tried again.
    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        self.0.values().map(|refusal| refusal.until).filter(|until| *until > now).min()
    }
}
