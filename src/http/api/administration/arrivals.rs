//! What has come from Meta's side of late: the last signed webhook of each number, and what was turned away.
//!
//! Apart from the intake because a connection test asks for it and nothing depends on it. Kept in memory since the start:
//! it says whether the way is open now. Invariant: it holds times only, one for each number and two for strangers.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::domain::time::Timestamp;

/// What has come, and when.
#[derive(Default)]
pub(in crate::http) struct Arrivals(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    /// The last signed webhook that was about the number, by its phone-number id.
    heard: HashMap<String, Timestamp>,
    /// The last handshake with a verify token of ours.
    greeted: Option<Timestamp>,
    /// The last handshake with another one.
    token_refused: Option<Timestamp>,
    /// The last body that nobody known here had signed.
    signature_refused: Option<Timestamp>,
}

/// As a connection test shows it; times in milliseconds since the Unix epoch.
#[derive(Serialize)]
pub(super) struct ArrivalsView {
    now: i64,
    heard_at: Option<i64>,
    greeted_at: Option<i64>,
    token_refused_at: Option<i64>,
    signature_refused_at: Option<i64>,
}

impl Arrivals {
    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A signed webhook about this number. Only numbers that are set up here are told of.
    pub(in crate::http) fn hear(&self, phone_number_id: &str, at: Timestamp) {
        self.seen().heard.insert(phone_number_id.to_owned(), at);
    }

    /// A handshake.
    pub(in crate::http) fn greet(&self, known: bool, at: Timestamp) {
        let mut seen = self.seen();
        *(if known { &mut seen.greeted } else { &mut seen.token_refused }) = Some(at);
    }

    /// A body whose signature is nobody's here.
    pub(in crate::http) fn refuse(&self, at: Timestamp) {
        self.seen().signature_refused = Some(at);
    }

    pub(super) fn view(&self, phone_number_id: &str, now: Timestamp) -> ArrivalsView {
        let seen = self.seen();
        let ms = |at: Option<Timestamp>| at.map(|at| at.0);
        ArrivalsView {
            now: now.0,
            heard_at: ms(seen.heard.get(phone_number_id).copied()),
            greeted_at: ms(seen.greeted),
            token_refused_at: ms(seen.token_refused),
            signature_refused_at: ms(seen.signature_refused),
        }
    }
}
