//! The audit log: who did what to what, when, from where.
//!
//! Written in the transaction of the change itself, from its events and its origin, so that neither is there without
//! the other and no command can forget it. Each entry holds the SHA-256 of the one before; what is removed for its age
//! leaves the anchor at which the chain begins. Invariants: entries are never changed; one exhaustive match, so that a
//! new event is decided about here.

use redb::ReadableTable as _;
use sha2::{Digest as _, Sha256};

use crate::domain::event::{Event, Subject};
use crate::domain::second_factor::Proof;
use crate::domain::security::SecurityRules;
use crate::domain::time::Timestamp;
use crate::limits::{AUDIT_ENTRIES_MAX, OLD_ROWS_PER_ARRIVAL_MAX};

use super::StoreError;
use super::codec;
use super::origin::Who;
use super::persist::Pages;
use super::query::{Snapshot, decode};
use super::record::security::{AuditEnds, AuditEntry, AuditRow};
use super::tables::{AUDIT, AUDIT_ENDS, Tables};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// The key of the only row of the ends.
const ENDS: u8 = 0;

/// What is written about an event: action, subject, detail. `None`: it is daily work and no administration.
fn deed(event: &Event) -> Option<(&str, Option<Subject>, String)> {
    let nothing = String::new;
    Some(match event {
        Event::AgentAdded { agent, profile } => {
            ("person_added", Some(Subject::Agent(*agent)), format!("role {}", profile.role.word()))
        }
        Event::AgentChanged { agent, change } => (
            "person_changed",
            Some(Subject::Agent(*agent)),
            format!(
                "role {}, capacity {}, auto-ready {}, skills {}",
                change.role.word(),
                change.capacity,
                change.auto_ready,
                change.skills.len()
            ),
        ),
        Event::AgentDisabled { agent, disabled } => {
            let action = if *disabled { "person_disabled" } else { "person_enabled" };
            (action, Some(Subject::Agent(*agent)), nothing())
        }
        Event::PasswordSet { agent, temporary, .. } => {
            let detail = if *temporary { "temporary".to_owned() } else { nothing() };
            ("password_set", Some(Subject::Agent(*agent)), detail)
        }
        Event::SecondFactorSet { agent, .. } => ("second_factor_set", Some(Subject::Agent(*agent)), nothing()),
        Event::SecondFactorRemoved { agent } => ("second_factor_removed", Some(Subject::Agent(*agent)), nothing()),
        Event::SecondFactorUsed { agent, proof: Proof::Recovery(_) } => {
            ("recovery_code_used", Some(Subject::Agent(*agent)), nothing())
        }
        Event::SignInStarted { agent, .. } => ("signed_in", Some(Subject::Agent(*agent)), nothing()),
        Event::SignInEnded { agent, .. } => ("signed_out", Some(Subject::Agent(*agent)), nothing()),
        Event::SignInFailed { agent, at_second_factor, left_out } => {
            let step = if *at_second_factor { "second factor" } else { "password" };
            let more = if *left_out > 0 { format!(", {left_out} more before were not written") } else { nothing() };
            ("sign_in_failed", agent.map(Subject::Agent), format!("{step}{more}"))
        }
        Event::SecuritySet { rules } => (
            "security_changed",
            None,
            format!(
                "administrators need a second factor: {}, audit log kept for {} days",
                rules.administrators_need_second_factor, rules.audit_days
            ),
        ),
        Event::SetUpOffered { .. } => ("set_up_link_made", None, nothing()),
        Event::SetUpUsed { agent } => ("set_up_link_used", Some(Subject::Agent(*agent)), nothing()),
        Event::DeedNoted { deed } => (&deed.action, deed.subject, deed.detail.clone()),
        Event::ChannelAdded { channel, .. } => ("channel_added", Some(Subject::Channel(*channel)), nothing()),
        Event::ChannelChanged { channel, .. } => ("channel_changed", Some(Subject::Channel(*channel)), nothing()),
        Event::ChannelRemoved { channel } => ("channel_removed", Some(Subject::Channel(*channel)), nothing()),
        Event::AccessTokenSet { channel, .. } => ("access_token_set", Some(Subject::Channel(*channel)), nothing()),
        Event::QueueSet { queue } => ("queue_set", None, format!("queue {}: {}", queue.id, queue.name)),
        Event::SettingsSet { .. } => ("settings_set", None, nothing()),
        Event::DispositionAdded { disposition } => ("outcome_added", None, disposition.code.clone()),
        Event::ContactErased { contact } => ("contact_erased", Some(Subject::Contact(*contact)), nothing()),
        Event::BackupScheduleSet { .. } => ("backup_schedule_set", None, nothing()),
        Event::DispositionChanged { disposition } => ("outcome_changed", None, disposition.code.clone()),
        Event::CaseKeySet { case_key } => ("case_key_set", None, case_key.key.clone()),
        Event::ResponseSet { response, .. } => ("response_set", None, format!("response {}", response.id)),
        Event::ResponseRemoved { response, .. } => ("response_removed", None, format!("response {response}")),
        Event::SecondFactorUsed { proof: Proof::Code(_), .. }
        | Event::SignInSeen { .. }
        | Event::AgentConnected { .. }
        | Event::AgentDisconnected { .. }
        | Event::PresenceChanged { .. }
        | Event::AfterWorkSet { .. }
        | Event::ContactCreated { .. }
        | Event::ContactChanged { .. }
        | Event::ContactAdded { .. }
        | Event::ContactEdited { .. }
        | Event::ContactsMerged { .. }
        | Event::ContactImported { .. }
        | Event::ConversationErased { .. }
        | Event::TracesErased { .. }
        | Event::BackupRecorded { .. }
        | Event::MediaRemoved { .. }
        | Event::ConversationMoved { .. }
        | Event::ConversationJoined { .. }
        | Event::MarketingPreferenceSet { .. }
        | Event::ContactAssigned { .. }
        | Event::ContactUnassigned { .. }
        | Event::DraftChanged { .. }
        | Event::ConversationOpened { .. }
        | Event::WindowOpened { .. }
        | Event::MessageReceived { .. }
        | Event::EchoReceived { .. }
        | Event::MessageQueued { .. }
        | Event::MessageImported { .. }
        | Event::NoticeAdded { .. }
        | Event::InternalMessageAdded { .. }
        | Event::RawKept { .. }
        | Event::InteractionQueued { .. }
        | Event::InteractionOffered { .. }
        | Event::OfferAccepted { .. }
        | Event::OfferRejected { .. }
        | Event::OfferExpired { .. }
        | Event::OfferWithdrawn { .. }
        | Event::AutoAnswered { .. }
        | Event::InteractionParked { .. }
        | Event::InteractionOpened { .. }
        | Event::InteractionRequeued { .. }
        | Event::TransferStarted { .. }
        | Event::TransferOffered { .. }
        | Event::TransferAccepted { .. }
        | Event::TransferEnded { .. }
        | Event::InteractionEnded { .. }
        | Event::InteractionReactivated { .. }
        | Event::InteractionDone { .. }
        | Event::InteractionCreated { .. }
        | Event::IdleAlerted { .. }
        | Event::MessageReadByAgent { .. }
        | Event::NoteSet { .. }
        | Event::DispositionSet { .. }
        | Event::AwayTextSent { .. }
        | Event::SendStarted { .. }
        | Event::SendAccepted { .. }
        | Event::SendRetried { .. }
        | Event::SendAwaitsStatus { .. }
        | Event::SendClosed { .. }
        | Event::SendHeld { .. }
        | Event::ChannelTroubled { .. }
        | Event::ChannelMended { .. }
        | Event::DeliveryAdvanced { .. }
        | Event::ReportParked { .. }
        | Event::ReactionQueued { .. }
        | Event::ReactionReceived { .. }
        | Event::ParticipantJoined { .. }
        | Event::ParticipantLeft { .. }
        | Event::AgentMentioned { .. }
        | Event::CaseValueSet { .. }
        | Event::TemplatesAsked { .. }
        | Event::TemplatesSynced { .. }
        | Event::TemplateSyncFailed { .. }
        | Event::MediaStored { .. }
        | Event::MediaDelayed { .. }
        | Event::MediaFailed { .. }
        | Event::FileAdded { .. } => return None,
    })
}

fn subject(subject: Subject) -> (&'static str, u64) {
    match subject {
        Subject::Agent(id) => ("agent", id.0),
        Subject::Contact(id) => ("contact", id.0),
        Subject::Conversation(id) => ("conversation", id.0),
        Subject::Interaction(id) => ("interaction", id.0),
        Subject::Message(id) => ("message", id.0),
        Subject::Channel(id) => ("channel", id.0),
    }
}

/// Writes what an event is to the audit log. What Deskbell does by itself is no deed, nor is a failure of nobody.
pub(super) fn note(pages: &mut Pages<'_>, at: Timestamp, event: &Event) -> Result<(), StoreError> {
    if pages.origin.who == Who::Deskbell {
        return Ok(());
    }
    let Some((action, about, detail)) = deed(event) else { return Ok(()) };
    let rules = pages.security()?;
    let origin = &pages.origin;
    let agent = if let Who::Agent(agent) = origin.who { Some(agent.0) } else { None };
    let about = about.map(subject);
    let entry = AuditEntry {
        at: at.0,
        who: origin.who.to_string(),
        agent,
        address: origin.address_words(),
        browser: origin.browser.clone(),
        action: action.to_owned(),
        subject: about.map_or_else(String::new, |(kind, _)| kind.to_owned()),
        subject_id: about.map(|(_, id)| id),
        detail,
    };
    append(&mut pages.tables, rules, entry)
}

fn append(tables: &mut Tables<'_>, rules: SecurityRules, entry: AuditEntry) -> Result<(), StoreError> {
    let now = Timestamp(entry.at);
    let found = tables.audit_ends()?.get(ENDS)?;
    let mut ends: AuditEnds =
        found.map(|value| decode("audit_ends", ENDS, value.value())).transpose()?.unwrap_or_default();
    let (last, previous) = ends.newest;
    let number = last + 1;
    let hash = hash(number, &previous, &entry);
    tables.audit()?.insert(number, codec::encode(&AuditRow { entry, previous, hash }))?;
    ends.newest = (number, hash);
    for _ in 0..OLD_ROWS_PER_ARRIVAL_MAX {
        let Some((key, value)) = tables.audit()?.first()? else { break };
        let oldest = key.value();
        let row: AuditRow = decode("audit", oldest, value.value())?;
        drop((key, value));
        let old = now.since_ms(Timestamp(row.entry.at)) > i64::from(rules.audit_days) * DAY_MS;
        if oldest == number || (!old && number - oldest < AUDIT_ENTRIES_MAX) {
            break;
        }
        tables.audit()?.remove(oldest)?;
        ends.removed = (oldest, row.hash);
    }
    tables.audit_ends()?.insert(ENDS, codec::encode(&ends))?;
    Ok(())
}

/// SHA-256 of number, the hash before, and every field with its length, so that no two entries look alike.
fn hash(number: u64, previous: &[u8; 32], entry: &AuditEntry) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(number.to_be_bytes());
    hasher.update(previous);
    hasher.update(entry.at.to_be_bytes());
    for id in [entry.agent, entry.subject_id] {
        hasher.update([u8::from(id.is_some())]);
        hasher.update(id.unwrap_or(0).to_be_bytes());
    }
    for text in [&entry.who, &entry.address, &entry.browser, &entry.action, &entry.subject, &entry.detail] {
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text);
    }
    hasher.finalize().into()
}

/// What a look at the whole chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditCheck {
    /// Every entry is the one that was written: how many there are, and how many were removed for their age.
    Whole {
        /// Entries.
        entries: u64,
        /// Removed for their age.
        removed: u64,
    },
    /// The first entry that was changed, or before which some are missing.
    Broken {
        /// Its number.
        number: u64,
    },
}

impl Snapshot {
    /// Entries of the audit log with their numbers, the newest first, those before a number.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn audit(&self, before: Option<u64>, limit: usize) -> Result<Vec<(u64, AuditRow)>, StoreError> {
        let table = self.table(AUDIT)?;
        let mut rows = Vec::new();
        for row in table.range(..before.unwrap_or(u64::MAX))?.rev().take(limit) {
            let (number, value) = row?;
            rows.push((number.value(), decode("audit", number.value(), value.value())?));
        }
        Ok(rows)
    }

    /// Goes through the whole chain.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn audit_check(&self) -> Result<AuditCheck, StoreError> {
        let found = self.table(AUDIT_ENDS)?.get(ENDS)?;
        let ends: AuditEnds =
            found.map(|value| decode("audit_ends", ENDS, value.value())).transpose()?.unwrap_or_default();
        let (mut last, mut previous) = ends.removed;
        let mut entries = 0;
        for row in self.table(AUDIT)?.iter()? {
            let (number, value) = row?;
            let number = number.value();
            let row = codec::decode::<AuditRow>(value.value()).ok();
            let whole = row.filter(|row| {
                number == last + 1 && row.previous == previous && row.hash == hash(number, &previous, &row.entry)
            });
            let Some(row) = whole else { return Ok(AuditCheck::Broken { number }) };
            (last, previous, entries) = (number, row.hash, entries + 1);
        }
        if (last, previous) == ends.newest {
            Ok(AuditCheck::Whole { entries, removed: ends.removed.0 })
        } else {
            Ok(AuditCheck::Broken { number: last + 1 })
        }
    }
}
