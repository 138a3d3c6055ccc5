//! What an administrator sets up: queues, rules, outcome codes, channel accounts.

use serde::{Deserialize, Serialize};

use super::super::codec::{CodecError, Record, shape};
use crate::domain::channel::{Channel, ChannelProfile, Trouble};
use crate::domain::ids::{ChannelId, DispositionId, QueueId};
use crate::domain::language::Language;
use crate::domain::media::MediaKind;
use crate::domain::queue::{AutoAnswer, BusinessHours, Queue};
use crate::domain::retention::Retention;
use crate::domain::settings::{Disposition, ReadMarks, Settings};
use crate::domain::time::Timestamp;

/// A queue. Version 1 said only whether auto-answer was on, in the same byte.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredQueue {
    id: u64,
    name: String,
    skills: Vec<String>,
    priority: i32,
    offer_timeout_ms: i64,
    last_agent_wait_ms: i64,
    pass_over_ms: i64,
    transfer_timeout_ms: i64,
    auto_answer: u8,
    greeting: Option<String>,
    away_text: Option<String>,
    hours: Option<StoredHours>,
}

/// Time zone and open spans.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredHours(String, Vec<(u8, u16, u16)>);

fn queue_in(stored: StoredQueue) -> Result<Queue, CodecError> {
    Ok(Queue {
        id: QueueId(stored.id),
        name: stored.name,
        skills: stored.skills.into_iter().collect(),
        priority: stored.priority,
        offer_timeout_ms: stored.offer_timeout_ms,
        last_agent_wait_ms: stored.last_agent_wait_ms,
        pass_over_ms: stored.pass_over_ms,
        transfer_timeout_ms: stored.transfer_timeout_ms,
        auto_answer: match stored.auto_answer {
            0 => AutoAnswer::Off,
            1 => AutoAnswer::On,
            2 => AutoAnswer::Preview,
            other => return Err(CodecError::Shape(format!("auto-answer {other}"))),
        },
        greeting: stored.greeting,
        away_text: stored.away_text,
        hours: stored.hours.map(|StoredHours(time_zone, spans)| BusinessHours { time_zone, spans }),
    })
}

impl Record for Queue {
    const VERSION: u8 = 2;
    type Stored = StoredQueue;

    fn to_stored(&self) -> Self::Stored {
        StoredQueue {
            id: self.id.0,
            name: self.name.clone(),
            skills: self.skills.iter().cloned().collect(),
            priority: self.priority,
            offer_timeout_ms: self.offer_timeout_ms,
            last_agent_wait_ms: self.last_agent_wait_ms,
            pass_over_ms: self.pass_over_ms,
            transfer_timeout_ms: self.transfer_timeout_ms,
            auto_answer: match self.auto_answer {
                AutoAnswer::Off => 0,
                AutoAnswer::On => 1,
                AutoAnswer::Preview => 2,
            },
            greeting: self.greeting.clone(),
            away_text: self.away_text.clone(),
            hours: self.hours.as_ref().map(|hours| StoredHours(hours.time_zone.clone(), hours.spans.clone())),
        }
    }

    fn from_stored(stored: Self::Stored) -> Result<Self, CodecError> {
        queue_in(stored)
    }

    fn from_version(version: u8, payload: &[u8]) -> Result<Self, CodecError> {
        match version {
            // A truth value is one byte, 0 or 1, as the number is.
            1 | Self::VERSION => queue_in(shape(payload)?),
            _ => Err(CodecError::Version(version)),
        }
    }
}

/// The centre's rules: the fourth shape, after how many days conversations go, and files by their kind's word.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredSettings(StoredSettings4, Option<u32>, Vec<(String, u32)>);

/// The fourth shape: the third, and whether read marks wait for an answer.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredSettings4(StoredSettings3, bool);

/// The third shape of the centre's rules.
#[derive(Serialize, Deserialize)]
struct StoredSettings3 {
    second: StoredSettings2,
    /// Its code.
    main_language: Option<String>,
}

/// The second shape of the centre's rules.
#[derive(Serialize, Deserialize)]
struct StoredSettings2 {
    first: StoredSettings1,
    idle_lock_ms: i64,
    idle_warning_ms: i64,
    disposition_read_only_after_end: bool,
}

/// The first shape of the centre's rules.
#[derive(Serialize, Deserialize)]
struct StoredSettings1 {
    disposition_mandatory: bool,
    reject_allowed: bool,
    reasons: Vec<String>,
    disconnect_grace_ms: i64,
    owner_grace_ms: i64,
    idle_alert_ms: i64,
    idle_close_ms: i64,
    idle_alert_text: Option<String>,
}

impl Record for Settings {
    const VERSION: u8 = 5;
    type Stored = StoredSettings;

    fn to_stored(&self) -> StoredSettings {
        let first = StoredSettings1 {
            disposition_mandatory: self.disposition_mandatory,
            reject_allowed: self.reject_allowed,
            reasons: self.reasons.clone(),
            disconnect_grace_ms: self.disconnect_grace_ms,
            owner_grace_ms: self.owner_grace_ms,
            idle_alert_ms: self.idle_alert_ms,
            idle_close_ms: self.idle_close_ms,
            idle_alert_text: self.idle_alert_text.clone(),
        };
        let second = StoredSettings2 {
            first,
            idle_lock_ms: self.idle_lock_ms,
            idle_warning_ms: self.idle_warning_ms,
            disposition_read_only_after_end: self.disposition_read_only_after_end,
        };
        let third =
            StoredSettings3 { second, main_language: self.main_language.map(|language| language.code().to_owned()) };
        let fourth = StoredSettings4(third, self.read_marks == ReadMarks::OnReply);
        let media = self.retention.media_days.iter().map(|(kind, days)| (kind.word().to_owned(), *days));
        StoredSettings(fourth, self.retention.messages_days, media.collect())
    }

    fn from_stored(StoredSettings(fourth, messages_days, media): StoredSettings) -> Result<Self, CodecError> {
        let StoredSettings4(stored, on_reply) = fourth;
        let kind = |word: &str| {
            MediaKind::of_word(word).ok_or_else(|| CodecError::Shape(format!("{word:?} is no kind of file")))
        };
        let media_days = media.into_iter().map(|(word, days)| Ok((kind(&word)?, days)));
        let retention = Retention { messages_days, media_days: media_days.collect::<Result<_, CodecError>>()? };
        let read_marks = if on_reply { ReadMarks::OnReply } else { ReadMarks::OnView };
        let main_language = match stored.main_language {
            Some(code) => {
                Some(Language::from_code(&code).ok_or_else(|| CodecError::Shape(format!("{code:?} is no language")))?)
            }
            None => None,
        };
        Ok(Self { main_language, read_marks, retention, ..settings_in_second(stored.second) })
    }

    fn from_version(version: u8, payload: &[u8]) -> Result<Self, CodecError> {
        match version {
            1 => Ok(settings_in(shape(payload)?)),
            2 => Ok(settings_in_second(shape(payload)?)),
            3 => Self::from_stored(StoredSettings(StoredSettings4(shape(payload)?, false), None, Vec::new())),
            4 => Self::from_stored(StoredSettings(shape(payload)?, None, Vec::new())),
            Self::VERSION => Self::from_stored(shape(payload)?),
            _ => Err(CodecError::Version(version)),
        }
    }
}

/// The rules of the second shape; the later ones as they are by default.
fn settings_in_second(second: StoredSettings2) -> Settings {
    Settings {
        idle_lock_ms: second.idle_lock_ms,
        idle_warning_ms: second.idle_warning_ms,
        disposition_read_only_after_end: second.disposition_read_only_after_end,
        ..settings_in(second.first)
    }
}

/// The rules of the first shape; the later ones as they are by default.
fn settings_in(first: StoredSettings1) -> Settings {
    Settings {
        disposition_mandatory: first.disposition_mandatory,
        reject_allowed: first.reject_allowed,
        reasons: first.reasons,
        disconnect_grace_ms: first.disconnect_grace_ms,
        owner_grace_ms: first.owner_grace_ms,
        idle_alert_ms: first.idle_alert_ms,
        idle_close_ms: first.idle_close_ms,
        idle_alert_text: first.idle_alert_text,
        ..Settings::default()
    }
}

/// The first shape of an outcome code: id, code, label, parent.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredDisposition1(u64, String, String, Option<u64>);

/// The second shape says whether it is retired.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredDisposition(StoredDisposition1, bool);

impl Record for Disposition {
    const VERSION: u8 = 2;
    type Stored = StoredDisposition;

    fn to_stored(&self) -> StoredDisposition {
        let parent = self.parent.map(|parent| parent.0);
        StoredDisposition(StoredDisposition1(self.id.0, self.code.clone(), self.label.clone(), parent), self.retired)
    }

    fn from_version(version: u8, payload: &[u8]) -> Result<Self, CodecError> {
        match version {
            1 => Self::from_stored(StoredDisposition(shape(payload)?, false)),
            Self::VERSION => Self::from_stored(shape(payload)?),
            _ => Err(CodecError::Version(version)),
        }
    }

    fn from_stored(StoredDisposition(first, retired): StoredDisposition) -> Result<Self, CodecError> {
        let StoredDisposition1(id, code, label, parent) = first;
        Ok(Self { id: DispositionId(id), code, label, parent: parent.map(DispositionId), retired })
    }
}

/// The first shape of a channel account: id, asynchronous, enabled.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredChannel1(u64, bool, bool);

/// The second shape has the trouble: code, since, next try.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredChannel(StoredChannel1, Option<(u32, i64, i64)>);

impl Record for Channel {
    const VERSION: u8 = 2;
    type Stored = StoredChannel;

    fn to_stored(&self) -> StoredChannel {
        let trouble = self.trouble.map(|trouble| (trouble.code, trouble.since.0, trouble.probe_at.0));
        StoredChannel(StoredChannel1(self.id.0, self.asynchronous, self.enabled), trouble)
    }

    fn from_stored(StoredChannel(first, trouble): StoredChannel) -> Result<Self, CodecError> {
        let StoredChannel1(id, asynchronous, enabled) = first;
        let trouble = trouble.map(|(code, since, probe_at)| Trouble {
            code,
            since: Timestamp(since),
            probe_at: Timestamp(probe_at),
        });
        Ok(Self { id: ChannelId(id), asynchronous, enabled, trouble })
    }

    fn from_version(version: u8, payload: &[u8]) -> Result<Self, CodecError> {
        match version {
            1 => Self::from_stored(StoredChannel(shape(payload)?, None)),
            Self::VERSION => Self::from_stored(shape(payload)?),
            _ => Err(CodecError::Version(version)),
        }
    }
}

/// What the administrator said about a channel account: the first shape, and the second with the business account.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredProfile1 {
    name: String,
    phone_number_id: String,
    display_number: String,
    app_secret: String,
    verify_token: String,
    access_token: String,
    graph_url: String,
    graph_version: String,
    messages_per_s_max: u32,
    asynchronous: bool,
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredProfile(StoredProfile1, Option<String>);

impl Record for ChannelProfile {
    const VERSION: u8 = 2;
    type Stored = StoredProfile;

    fn to_stored(&self) -> StoredProfile {
        let first = StoredProfile1 {
            name: self.name.clone(),
            phone_number_id: self.phone_number_id.clone(),
            display_number: self.display_number.clone(),
            app_secret: self.app_secret.clone(),
            verify_token: self.verify_token.clone(),
            access_token: self.access_token.clone(),
            graph_url: self.graph_url.clone(),
            graph_version: self.graph_version.clone(),
            messages_per_s_max: self.messages_per_s_max,
            asynchronous: self.asynchronous,
        };
        StoredProfile(first, self.business_account_id.clone())
    }

    fn from_version(version: u8, payload: &[u8]) -> Result<Self, CodecError> {
        match version {
            1 => Self::from_stored(StoredProfile(shape(payload)?, None)),
            Self::VERSION => Self::from_stored(shape(payload)?),
            _ => Err(CodecError::Version(version)),
        }
    }

    fn from_stored(StoredProfile(stored, business_account_id): StoredProfile) -> Result<Self, CodecError> {
        Ok(Self {
            business_account_id,
            name: stored.name,
            phone_number_id: stored.phone_number_id,
            display_number: stored.display_number,
            app_secret: stored.app_secret,
            verify_token: stored.verify_token,
            access_token: stored.access_token,
            graph_url: stored.graph_url,
            graph_version: stored.graph_version,
            messages_per_s_max: stored.messages_per_s_max,
            asynchronous: stored.asynchronous,
        })
    }
}
