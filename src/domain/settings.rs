//! Rules of the whole centre that an administrator may change, and the outcome codes.
//!
//! Invariant: the defaults are the ones of domain.md.

use crate::limits::{
    DISCONNECT_GRACE_MS_DEFAULT, IDLE_ALERT_MS_DEFAULT, IDLE_CLOSE_MS_DEFAULT, IDLE_WARNING_MS_DEFAULT,
    OWNER_GRACE_MS_DEFAULT,
};

use super::ids::DispositionId;
use super::language::Language;
use super::retention::Retention;

/// When a contact learns that their messages were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadMarks {
    /// As soon as an agent has them before their eyes.
    OnView,
    /// Only with an answer. Typing is not shown either, because Meta marks as read with it.
    OnReply,
}

/// Rules of the whole centre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Done needs a disposition.
    pub disposition_mandatory: bool,
    /// Agents may reject offers.
    pub reject_allowed: bool,
    /// Reasons for Not Ready that an agent may choose.
    pub reasons: Vec<String>,
    /// A dropped connection shorter than this changes nothing, milliseconds.
    pub disconnect_grace_ms: i64,
    /// An owner gone longer than this loses live work to the queue, milliseconds.
    pub owner_grace_ms: i64,
    /// Quiet time before the alert, milliseconds.
    pub idle_alert_ms: i64,
    /// Time from the alert to the close, milliseconds.
    pub idle_close_ms: i64,
    /// Sent to the contact with the alert, while the reply window is open.
    pub idle_alert_text: Option<String>,
    /// An agent who touches nothing for so long is signed out by the page, milliseconds; 0 = never.
    pub idle_lock_ms: i64,
    /// How long before that the page warns, milliseconds; shorter than `idle_lock_ms`.
    pub idle_warning_ms: i64,
    /// The outcome may not be changed any more once the interaction has ended.
    pub disposition_read_only_after_end: bool,
    /// The language of most customers: search finds a word of it in its other forms too. `None`: words as they are.
    pub main_language: Option<Language>,
    /// When a contact learns that their messages were read.
    pub read_marks: ReadMarks,
    /// How long what was said and sent is kept.
    pub retention: Retention,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            disposition_mandatory: true,
            reject_allowed: true,
            reasons: ["Break", "Lunch", "Meeting", "Training"].map(str::to_owned).to_vec(),
            disconnect_grace_ms: DISCONNECT_GRACE_MS_DEFAULT,
            owner_grace_ms: OWNER_GRACE_MS_DEFAULT,
            idle_alert_ms: IDLE_ALERT_MS_DEFAULT,
            idle_close_ms: IDLE_CLOSE_MS_DEFAULT,
            idle_alert_text: None,
            idle_lock_ms: 0,
            idle_warning_ms: IDLE_WARNING_MS_DEFAULT,
            disposition_read_only_after_end: false,
            main_language: None,
            read_marks: ReadMarks::OnView,
            retention: Retention::default(),
        }
    }
}

/// An outcome code; flat, or a tree by `parent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disposition {
    /// Which.
    pub id: DispositionId,
    /// Stable code for reports.
    pub code: String,
    /// Shown to people.
    pub label: String,
    /// The code above it.
    pub parent: Option<DispositionId>,
    /// Not to be chosen any more; what was decided with it keeps its name.
    pub retired: bool,
}
