//! The journal: what happened, in order, for those who follow.
//!
//! One row for each commit (a large one is cut), under the number of its first event, so that numbers are dense and a
//! commit costs one row. Invariant: ids only; the last row also holds the floor's counters and time.

use redb::ReadableTable as _;

use crate::domain::event::{Event, EventKind, Subject};
use crate::domain::floor::Floor;
use crate::domain::ids::{AgentId, ChannelId, ContactId, ConversationId, InteractionId, MessageId};
use crate::domain::time::Timestamp;
use crate::limits::{JOURNAL_EVENTS_KEPT, JOURNAL_ROW_EVENTS_MAX, JOURNAL_TRIM_EVENTS_MIN, JOURNAL_TRIM_ROWS_MAX};

use super::StoreError;
use super::codec;
use super::query::Snapshot;
use super::record::{JournalBatch, JournalEvent};
use super::tables::{JOURNAL, Tables};

/// One event, as a follower reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// Its number: dense, from 1.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// What kind.
    pub kind: EventKind,
    /// What it is about.
    pub subjects: Vec<Subject>,
}

/// The journal's shape of an event.
pub(super) fn noted(at: Timestamp, event: &Event) -> JournalEvent {
    JournalEvent { at: at.0, kind: event.kind() as u8, subjects: event.subjects().iter().map(subject_out).collect() }
}

/// An event of a row.
pub(super) fn entry(seq: u64, event: &JournalEvent) -> Result<JournalEntry, StoreError> {
    let corrupt =
        |reason: &str| StoreError::Corrupt { table: "journal", key: seq.to_string(), reason: reason.to_owned() };
    let kind = EventKind::from_code(event.kind).ok_or_else(|| corrupt("an unknown kind of event"))?;
    let subjects: Option<Vec<Subject>> = event.subjects.iter().copied().map(subject_in).collect();
    let subjects = subjects.ok_or_else(|| corrupt("an unknown kind of subject"))?;
    Ok(JournalEntry { seq, at: Timestamp(event.at), kind, subjects })
}

fn subject_out(subject: &Subject) -> (u8, u64) {
    match subject {
        Subject::Agent(id) => (0, id.0),
        Subject::Contact(id) => (1, id.0),
        Subject::Conversation(id) => (2, id.0),
        Subject::Interaction(id) => (3, id.0),
        Subject::Message(id) => (4, id.0),
        Subject::Channel(id) => (5, id.0),
    }
}

fn subject_in((kind, id): (u8, u64)) -> Option<Subject> {
    match kind {
        0 => Some(Subject::Agent(AgentId(id))),
        1 => Some(Subject::Contact(ContactId(id))),
        2 => Some(Subject::Conversation(ConversationId(id))),
        3 => Some(Subject::Interaction(InteractionId(id))),
        4 => Some(Subject::Message(MessageId(id))),
        5 => Some(Subject::Channel(ChannelId(id))),
        _ => None,
    }
}

/// Appends the events of a commit after `head`; gives the new head.
pub(super) fn append(
    tables: &mut Tables<'_>,
    head: u64,
    events: &[JournalEvent],
    floor: &Floor,
) -> Result<u64, StoreError> {
    let mut next = head + 1;
    for part in events.chunks(JOURNAL_ROW_EVENTS_MAX) {
        let batch = JournalBatch { events: part.to_vec(), counters: floor.rows().counters, at: floor.at() };
        tables.journal()?.insert(next, codec::encode(&batch).as_slice())?;
        next += part.len() as u64;
    }
    Ok(next - 1)
}

/// Removes the oldest rows once there is enough surplus; gives the number of the oldest event that is left. A row goes
/// as a whole or not at all, so that a few more events than the limit may stay.
pub(super) fn trim(tables: &mut Tables<'_>, tail: u64, head: u64) -> Result<u64, StoreError> {
    if head + 1 - tail < JOURNAL_EVENTS_KEPT + JOURNAL_TRIM_EVENTS_MIN {
        return Ok(tail);
    }
    let journal = tables.journal()?;
    let starts: Vec<u64> = journal
        .range(..=head + 1 - JOURNAL_EVENTS_KEPT)?
        .take(JOURNAL_TRIM_ROWS_MAX + 1)
        .map(|row| row.map(|(key, _)| key.value()))
        .collect::<Result<_, _>>()?;
    let Some((kept, removed)) = starts.split_last() else { return Ok(tail) };
    for start in removed {
        journal.remove(start)?;
    }
    Ok(*kept)
}

/// The number of the oldest event in the journal; 1 before the first.
pub(super) fn tail(snapshot: &Snapshot) -> Result<u64, StoreError> {
    Ok(snapshot.table(JOURNAL)?.first()?.map_or(1, |(key, _)| key.value()))
}
