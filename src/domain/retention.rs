//! How long what was said and sent is kept.
//!
//! Apart from the other rules because what they let go cannot be brought back. Invariant: a rule that is not set keeps
//! for ever, and no rule touches work that is open.

use std::collections::BTreeMap;

use crate::limits::{RETENTION_DAYS_MAX, RETENTION_DAYS_MIN};

use super::media::MediaKind;
use super::time::Timestamp;

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Rules by age and kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// A conversation on which nothing has happened for so many days is erased; `None` keeps it for ever.
    pub messages_days: Option<u32>,
    /// A file of this kind is removed so many days after its message; kinds that are not named are kept for ever.
    pub media_days: BTreeMap<MediaKind, u32>,
}

impl Retention {
    /// Whether every number of days is one that may be set.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let days = self.messages_days.iter().chain(self.media_days.values());
        days.into_iter().all(|days| (RETENTION_DAYS_MIN..=RETENTION_DAYS_MAX).contains(days))
    }

    /// What happened last before this moment is to be let go; `None` while conversations are kept for ever.
    #[must_use]
    pub fn messages_before(&self, at: Timestamp) -> Option<Timestamp> {
        self.messages_days.map(|days| back(at, days))
    }

    /// Files of messages before this moment are to be let go; `None` while files of the kind are kept for ever.
    #[must_use]
    pub fn media_before(&self, kind: MediaKind, at: Timestamp) -> Option<Timestamp> {
        self.media_days.get(&kind).map(|days| back(at, *days))
    }
}

fn back(at: Timestamp, days: u32) -> Timestamp {
    at.plus_ms(-(i64::from(days) * DAY_MS))
}
