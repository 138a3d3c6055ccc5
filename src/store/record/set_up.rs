//! What an administrator sets up: queues, rules, outcome codes, channel accounts.

use serde::{Deserialize, Serialize};

use super::super::codec::{CodecError, Record};
use crate::domain::channel::{Channel, ChannelProfile};
use crate::domain::ids::{ChannelId, DispositionId, QueueId};
use crate::domain::queue::{AutoAnswer, BusinessHours, Queue};
use crate::domain::settings::{Disposition, Settings};

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct QueueV1 {
    id: u64,
    name: String,
    skills: Vec<String>,
    priority: i32,
    offer_timeout_ms: i64,
    last_agent_wait_ms: i64,
    pass_over_ms: i64,
    transfer_timeout_ms: i64,
    auto_answer: bool,
    greeting: Option<String>,
    away_text: Option<String>,
    hours: Option<BusinessHoursV1>,
}

#[derive(Serialize, Deserialize)]
struct BusinessHoursV1 {
    time_zone: String,
    spans: Vec<(u8, u16, u16)>,
}

impl Record for Queue {
    const VERSION: u8 = 1;
    type Stored = QueueV1;

    fn to_stored(&self) -> QueueV1 {
        QueueV1 {
            id: self.id.0,
            name: self.name.clone(),
            skills: self.skills.iter().cloned().collect(),
            priority: self.priority,
            offer_timeout_ms: self.offer_timeout_ms,
            last_agent_wait_ms: self.last_agent_wait_ms,
            pass_over_ms: self.pass_over_ms,
            transfer_timeout_ms: self.transfer_timeout_ms,
            auto_answer: match self.auto_answer {
                AutoAnswer::Off => false,
                AutoAnswer::On => true,
            },
            greeting: self.greeting.clone(),
            away_text: self.away_text.clone(),
            hours: self
                .hours
                .as_ref()
                .map(|hours| BusinessHoursV1 { time_zone: hours.time_zone.clone(), spans: hours.spans.clone() }),
        }
    }

    fn from_stored(stored: QueueV1) -> Result<Self, CodecError> {
        Ok(Self {
            id: QueueId(stored.id),
            name: stored.name,
            skills: stored.skills.into_iter().collect(),
            priority: stored.priority,
            offer_timeout_ms: stored.offer_timeout_ms,
            last_agent_wait_ms: stored.last_agent_wait_ms,
            pass_over_ms: stored.pass_over_ms,
            transfer_timeout_ms: stored.transfer_timeout_ms,
            auto_answer: if stored.auto_answer { AutoAnswer::On } else { AutoAnswer::Off },
            greeting: stored.greeting,
            away_text: stored.away_text,
            hours: stored.hours.map(|hours| BusinessHours { time_zone: hours.time_zone, spans: hours.spans }),
        })
    }
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct SettingsV1 {
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
    const VERSION: u8 = 1;
    type Stored = SettingsV1;

    fn to_stored(&self) -> SettingsV1 {
        SettingsV1 {
            disposition_mandatory: self.disposition_mandatory,
            reject_allowed: self.reject_allowed,
            reasons: self.reasons.clone(),
            disconnect_grace_ms: self.disconnect_grace_ms,
            owner_grace_ms: self.owner_grace_ms,
            idle_alert_ms: self.idle_alert_ms,
            idle_close_ms: self.idle_close_ms,
            idle_alert_text: self.idle_alert_text.clone(),
        }
    }

    fn from_stored(stored: SettingsV1) -> Result<Self, CodecError> {
        Ok(Self {
            disposition_mandatory: stored.disposition_mandatory,
            reject_allowed: stored.reject_allowed,
            reasons: stored.reasons,
            disconnect_grace_ms: stored.disconnect_grace_ms,
            owner_grace_ms: stored.owner_grace_ms,
            idle_alert_ms: stored.idle_alert_ms,
            idle_close_ms: stored.idle_close_ms,
            idle_alert_text: stored.idle_alert_text,
        })
    }
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct DispositionV1 {
    id: u64,
    code: String,
    label: String,
    parent: Option<u64>,
}

impl Record for Disposition {
    const VERSION: u8 = 1;
    type Stored = DispositionV1;

    fn to_stored(&self) -> DispositionV1 {
        DispositionV1 {
            id: self.id.0,
            code: self.code.clone(),
            label: self.label.clone(),
            parent: self.parent.map(|parent| parent.0),
        }
    }

    fn from_stored(stored: DispositionV1) -> Result<Self, CodecError> {
        Ok(Self {
            id: DispositionId(stored.id),
            code: stored.code,
            label: stored.label,
            parent: stored.parent.map(DispositionId),
        })
    }
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct ChannelV1 {
    id: u64,
    asynchronous: bool,
    enabled: bool,
}

impl Record for Channel {
    const VERSION: u8 = 1;
    type Stored = ChannelV1;

    fn to_stored(&self) -> ChannelV1 {
        ChannelV1 { id: self.id.0, asynchronous: self.asynchronous, enabled: self.enabled }
    }

    fn from_stored(stored: ChannelV1) -> Result<Self, CodecError> {
        Ok(Self { id: ChannelId(stored.id), asynchronous: stored.asynchronous, enabled: stored.enabled })
    }
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct ChannelProfileV1 {
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

impl Record for ChannelProfile {
    const VERSION: u8 = 1;
    type Stored = ChannelProfileV1;

    fn to_stored(&self) -> ChannelProfileV1 {
        ChannelProfileV1 {
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
        }
    }

    fn from_stored(stored: ChannelProfileV1) -> Result<Self, CodecError> {
        Ok(Self {
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
