//! Where interactions wait, and the rules of waiting.
//!
//! Invariant: every duration here is set, so that no offer and no reservation lasts for ever.

use std::collections::BTreeSet;

use crate::limits::{
    LAST_AGENT_WAIT_MS_DEFAULT, OFFER_TIMEOUT_MS_DEFAULT, PASS_OVER_MS_DEFAULT, TRANSFER_TIMEOUT_MS_DEFAULT,
};

use super::ids::QueueId;

/// Whether an offer waits for a click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AutoAnswer {
    /// The agent accepts or rejects.
    Off,
    /// The interaction opens by itself.
    On,
    /// The interaction is shown first and opens by itself when the offer's time is over; the agent may accept sooner.
    Preview,
}

/// Opening times in one time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusinessHours {
    /// IANA name, such as `Europe/Berlin`.
    pub time_zone: String,
    /// Open spans: weekday (0 = Monday), first minute of the day, minute after the last (1440 = midnight).
    pub spans: Vec<(u8, u16, u16)>,
}

/// A queue and its rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Which.
    pub id: QueueId,
    /// Shown to people.
    pub name: String,
    /// Skills that an agent must have.
    pub skills: BTreeSet<String>,
    /// Higher goes first.
    pub priority: i32,
    /// Time to answer an offer, milliseconds.
    pub offer_timeout_ms: i64,
    /// Time that work is kept for the agent who knew the contact, milliseconds.
    pub last_agent_wait_ms: i64,
    /// Time that an agent who rejected is passed over, milliseconds.
    pub pass_over_ms: i64,
    /// Time that a transfer to this queue may look for a taker, milliseconds.
    pub transfer_timeout_ms: i64,
    /// Whether an offer waits for a click.
    pub auto_answer: AutoAnswer,
    /// Sent when a contact's new interaction begins.
    pub greeting: Option<String>,
    /// Sent once when a contact writes outside business hours.
    pub away_text: Option<String>,
    /// When somebody is there; `None` = always.
    pub hours: Option<BusinessHours>,
}

impl Queue {
    /// A queue with the documented defaults.
    #[must_use]
    pub fn new(id: QueueId, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            skills: BTreeSet::new(),
            priority: 0,
            offer_timeout_ms: OFFER_TIMEOUT_MS_DEFAULT,
            last_agent_wait_ms: LAST_AGENT_WAIT_MS_DEFAULT,
            pass_over_ms: PASS_OVER_MS_DEFAULT,
            transfer_timeout_ms: TRANSFER_TIMEOUT_MS_DEFAULT,
            auto_answer: AutoAnswer::Off,
            greeting: None,
            away_text: None,
            hours: None,
        }
    }
}
