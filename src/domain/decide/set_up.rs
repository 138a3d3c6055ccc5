//! What an administrator sets up: people, channel accounts, queues, rules, outcome codes.

use crate::limits::{CAPACITY_MAX, NAME_CHARS_MAX};

use super::Decision;
use crate::domain::agent::AgentProfile;
use crate::domain::backup::BackupSchedule;
use crate::domain::channel::ChannelProfile;
use crate::domain::event::Event;
use crate::domain::facts::Facts;
use crate::domain::floor::Floor;
use crate::domain::ids::{AgentId, ChannelId, DispositionId, QueueId};
use crate::domain::queue::Queue;
use crate::domain::rejection::Rejection;
use crate::domain::settings::{Disposition, Settings};

impl Floor {
    pub(super) fn add_agent(&self, facts: &Facts, profile: &AgentProfile) -> Decision {
        named(&profile.login)?;
        named(&profile.name)?;
        if profile.capacity == 0 || profile.capacity > CAPACITY_MAX {
            return Err(Rejection::BadValue);
        }
        if facts.login_taken {
            return Err(Rejection::LoginTaken);
        }
        let agent = AgentId(self.rows.counters.agent);
        Ok(vec![Event::AgentAdded { agent, profile: profile.clone() }])
    }

    pub(super) fn add_channel(&self, facts: &Facts, profile: &ChannelProfile) -> Decision {
        profile_fits(profile)?;
        if facts.channel.is_some() {
            return Err(Rejection::PhoneNumberIdTaken);
        }
        let channel = ChannelId(self.rows.counters.channel);
        Ok(vec![Event::ChannelAdded { channel, profile: profile.clone() }])
    }

    pub(super) fn set_queue(&self, queue: &Queue) -> Decision {
        named(&queue.name)?;
        let durations =
            [queue.offer_timeout_ms, queue.last_agent_wait_ms, queue.pass_over_ms, queue.transfer_timeout_ms];
        if durations.iter().any(|duration_ms| *duration_ms <= 0) {
            return Err(Rejection::BadValue);
        }
        let mut queue = queue.clone();
        if queue.id == QueueId(0) {
            queue.id = QueueId(self.rows.counters.queue);
        } else if !self.rows.queues.contains_key(&queue.id) {
            return Err(Rejection::UnknownQueue);
        }
        Ok(vec![Event::QueueSet { queue }])
    }

    pub(super) fn set_settings(&self, settings: &Settings) -> Decision {
        let durations =
            [settings.disconnect_grace_ms, settings.owner_grace_ms, settings.idle_alert_ms, settings.idle_close_ms];
        if durations.iter().any(|duration_ms| *duration_ms <= 0) {
            return Err(Rejection::BadValue);
        }
        let lock_ms = settings.idle_lock_ms;
        if lock_ms < 0 || settings.idle_warning_ms < 0 || (lock_ms > 0 && settings.idle_warning_ms >= lock_ms) {
            return Err(Rejection::BadValue);
        }
        if !settings.retention.is_sound() {
            return Err(Rejection::BadValue);
        }
        for reason in &settings.reasons {
            named(reason)?;
        }
        Ok(vec![Event::SettingsSet { settings: settings.clone() }])
    }

    pub(super) fn add_disposition(&self, code: &str, label: &str, parent: Option<DispositionId>) -> Decision {
        named(code)?;
        named(label)?;
        let can_hold = |parent| self.rows.dispositions.get(&parent).is_some_and(|above| !above.retired);
        if parent.is_some_and(|parent| !can_hold(parent)) {
            return Err(Rejection::UnknownDisposition);
        }
        let id = DispositionId(self.rows.counters.disposition);
        let disposition = Disposition { id, code: code.to_owned(), label: label.to_owned(), parent, retired: false };
        Ok(vec![Event::DispositionAdded { disposition }])
    }
}

/// Whether a channel account can be used as it is described.
pub(super) fn profile_fits(profile: &ChannelProfile) -> Result<(), Rejection> {
    for needed in [&profile.name, &profile.phone_number_id, &profile.display_number, &profile.graph_version] {
        named(needed)?;
    }
    for secret in [&profile.app_secret, &profile.verify_token, &profile.access_token] {
        if secret.is_empty() {
            return Err(Rejection::BadValue);
        }
    }
    let of_business = profile.business_account_id.as_deref();
    if of_business.is_some_and(|id| id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(Rejection::BadValue);
    }
    let address = profile.graph_url.strip_prefix("https://").or_else(|| profile.graph_url.strip_prefix("http://"));
    if profile.messages_per_s_max == 0 || address.is_none_or(str::is_empty) {
        return Err(Rejection::BadValue);
    }
    Ok(())
}

pub(super) fn set_backup_schedule(schedule: Option<&BackupSchedule>) -> Decision {
    if schedule.is_some_and(|schedule| !schedule.is_sound()) {
        return Err(Rejection::BadValue);
    }
    Ok(vec![Event::BackupScheduleSet { schedule: schedule.cloned() }])
}

/// A name that people can read: neither blank nor endless.
pub(super) fn named(text: &str) -> Result<(), Rejection> {
    if text.trim().is_empty() || text.chars().count() > NAME_CHARS_MAX { Err(Rejection::BadValue) } else { Ok(()) }
}
