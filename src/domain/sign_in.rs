//! A browser's log-in, as the floor counts it.
//!
//! Apart from presence: one agent may work in several browsers. Invariant: an agent without a sign-in is logged off.

use crate::limits::{SIGN_IN_AGE_MS_MAX, SIGN_IN_IDLE_MS_MAX};

use super::ids::AgentId;
use super::time::Timestamp;

/// One browser's log-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Whose.
    pub agent: AgentId,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was last used, to within `SIGN_IN_SEEN_MS_MIN`.
    pub seen_at: Timestamp,
}

impl SignIn {
    /// When it ends by itself: idle or too old, whichever comes first.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        self.seen_at.plus_ms(SIGN_IN_IDLE_MS_MAX).min(self.started_at.plus_ms(SIGN_IN_AGE_MS_MAX))
    }
}
