//! The shapes of the API, and how domain values become them. The contract with the page lives here.
//!
//! Apart because domain types never reach serde: a field renamed inside must not change what a browser reads.
//! Invariant: an entity's `version` never goes down while the entity changes.

mod contact;
mod detail;
mod interaction;
mod message;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::api::agents::AgentView;
use super::api::case_data::CaseKeyView;
use super::api::collaboration::MentionView;
use super::api::drafts::DraftView;
use super::challenge::Step;
use crate::domain::channel::Trouble;
use crate::domain::queue::{AutoAnswer, Queue};
use crate::domain::settings::Disposition;
use crate::limits::{
    CASE_KEY_CHARS_MAX, CASE_VALUE_CHARS_MAX, MESSAGE_CHARS_MAX, NOTE_CHARS_MAX, PENDING_RED_MS, PENDING_YELLOW_MS,
};
use crate::whatsapp::codes;

pub(super) use self::contact::ContactView;
pub(super) use self::interaction::InteractionView;
pub(super) use self::message::{FileFate, MessageView, Related};

/// `POST /api/sign-in`.
#[derive(Deserialize)]
pub(super) struct SignInBody {
    pub(super) login: String,
    pub(super) password: String,
}

#[derive(Serialize)]
pub(super) struct AgentAnswer {
    pub(super) agent: AgentView,
}

/// `POST /api/sign-in/code`, and the code that confirms a new second factor.
#[derive(Deserialize)]
pub(super) struct CodeBody {
    pub(super) code: String,
}

/// `POST /api/setup`.
#[derive(Deserialize)]
pub(super) struct SetUpBody {
    pub(super) token: String,
    pub(super) login: String,
    pub(super) name: String,
    pub(super) password: String,
}

/// A password to be set, or the caller's own.
#[derive(Deserialize)]
pub(super) struct NewPasswordBody {
    pub(super) password: String,
}

/// What a sign-in under way asks for next.
#[derive(Serialize)]
pub(super) struct StepAnswer {
    step: &'static str,
}

impl StepAnswer {
    pub(super) fn of(step: Step) -> Self {
        let step = match step {
            Step::Code => "code",
            Step::Password => "password",
        };
        Self { step }
    }
}

/// One frame of the event stream.
#[derive(Default, Serialize)]
pub(super) struct ChangeView<'a> {
    pub(super) seq: u64,
    pub(super) at: i64,
    pub(super) event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) interaction: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) interaction_gone: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<MessageView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) agent: Option<AgentView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) contact: Option<ContactView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) contact_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) draft: Option<DraftView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) queues: Option<Vec<QueueView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mention: Option<MentionView>,
    pub(super) responses_version: Option<u64>,
}

/// `GET /api/snapshot`.
#[derive(Serialize)]
pub(super) struct SnapshotView {
    pub(super) seq: u64,
    pub(super) now: i64,
    pub(super) server_version: &'static str,
    pub(super) me: AgentView,
    pub(super) agents: Vec<AgentView>,
    pub(super) interactions: Vec<InteractionView>,
    pub(super) drafts: Vec<DraftView>,
    pub(super) queues: Vec<QueueView>,
    pub(super) channels: Vec<ChannelView>,
    pub(super) dispositions: Vec<DispositionView>,
    pub(super) case_keys: Vec<CaseKeyView>,
    pub(super) responses_version: u64,
    pub(super) reasons: Vec<String>,
    pub(super) settings: SettingsView,
}

#[derive(Serialize)]
pub(super) struct QueueView {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) waiting: usize,
    pub(super) auto_answer: &'static str,
}

impl QueueView {
    /// `waiting` counts the interactions that wait in it.
    pub(super) fn of(queue: Queue, waiting: usize) -> Self {
        let auto_answer = match queue.auto_answer {
            AutoAnswer::Off => "off",
            AutoAnswer::On => "on",
            AutoAnswer::Preview => "preview",
        };
        Self { id: queue.id.0, name: queue.name, waiting, auto_answer }
    }
}

#[derive(Serialize)]
pub(super) struct ChannelView {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) display_number: String,
    pub(super) asynchronous: bool,
    pub(super) trouble: Option<TroubleView>,
}

/// Why messages of a number wait, and what mends it.
#[derive(Serialize)]
pub(super) struct TroubleView {
    code: u32,
    since: i64,
    title: &'static str,
    detail: &'static str,
}

impl TroubleView {
    pub(super) fn of(trouble: Trouble) -> Self {
        let explanation = codes::explain(trouble.code);
        let (title, detail) = (explanation.title, explanation.way_out);
        Self { code: trouble.code, since: trouble.since.0, title, detail }
    }
}

#[derive(Serialize)]
pub(super) struct DispositionView {
    id: u64,
    code: String,
    label: String,
    parent_id: Option<u64>,
    retired: bool,
}

#[derive(Serialize)]
pub(super) struct SettingsView {
    pub(super) disposition_mandatory: bool,
    pub(super) disposition_read_only_after_end: bool,
    pub(super) idle_lock_ms: i64,
    pub(super) idle_warning_ms: i64,
    pub(super) reject_allowed: bool,
    pub(super) heartbeat_ms: u64,
    #[serde(flatten)]
    pub(super) bounds: Bounds,
}

/// What the page must not let people exceed, and when a waiting contact changes colour.
#[derive(Serialize)]
pub(super) struct Bounds {
    pending_yellow_ms: u64,
    pending_red_ms: u64,
    message_chars_max: usize,
    note_chars_max: usize,
    case_key_chars_max: usize,
    case_value_chars_max: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            pending_yellow_ms: PENDING_YELLOW_MS,
            pending_red_ms: PENDING_RED_MS,
            message_chars_max: MESSAGE_CHARS_MAX,
            note_chars_max: NOTE_CHARS_MAX,
            case_key_chars_max: CASE_KEY_CHARS_MAX,
            case_value_chars_max: CASE_VALUE_CHARS_MAX,
        }
    }
}

impl DispositionView {
    pub(super) fn of(disposition: Disposition) -> Self {
        Self {
            id: disposition.id.0,
            code: disposition.code,
            label: disposition.label,
            parent_id: disposition.parent.map(|parent| parent.0),
            retired: disposition.retired,
        }
    }
}
