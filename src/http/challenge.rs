//! Sign-ins under way: the password was right, and a code or a new password is still asked for.
//!
//! In memory only: after a start one begins anew. Each belongs to the browser that holds its cookie. Invariants: their
//! number and their age are bounded; a challenge opens nothing but its own next step.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::ids::{AgentId, TokenHash};
use crate::domain::time::Timestamp;
use crate::limits::{CHALLENGE_MS_MAX, CHALLENGES_MAX};

/// What is asked for next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A code of the second factor.
    Code,
    /// Another password than the temporary one.
    Password,
}

/// A sign-in under way.
#[derive(Clone, Debug)]
pub(super) struct Challenge {
    pub(super) agent: AgentId,
    pub(super) login: String,
    pub(super) step: Step,
    /// A new password is asked for after the code.
    pub(super) password_temporary: bool,
    pub(super) began_at: Timestamp,
    /// The hash of the password that was right; when it is replaced, the challenge is over.
    pub(super) password_hash: String,
}

/// The sign-ins under way, by the hash of their cookie's secret.
#[derive(Default)]
pub(super) struct Challenges(Mutex<HashMap<TokenHash, Challenge>>);

impl Challenges {
    /// Begins one, or moves one on; the oldest goes when there are too many.
    pub(super) fn put(&self, token: TokenHash, challenge: Challenge) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = challenge.began_at;
        all.retain(|_, one| now.since_ms(one.began_at) < CHALLENGE_MS_MAX);
        if all.len() >= CHALLENGES_MAX
            && let Some(oldest) = all.iter().min_by_key(|(_, one)| one.began_at).map(|(token, _)| *token)
        {
            all.remove(&oldest);
        }
        all.insert(token, challenge);
    }

    /// The one of this browser, while its time lasts.
    pub(super) fn find(&self, token: TokenHash, now: Timestamp) -> Option<Challenge> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&token).filter(|one| now.since_ms(one.began_at) < CHALLENGE_MS_MAX).cloned()
    }

    /// It is over.
    pub(super) fn end(&self, token: TokenHash) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&token);
    }
}
