//! The ordered feed of what happened: browsers, index and outbox follow it by sequence number.
//!
//! One row for each commit (large ones in parts), keyed by its first number. Invariants: numbers are dense, from 1;
//! rows carry ids, never texts; only the oldest events are trimmed, and a reader who needs them is told.

use redb::ReadableTable;

use super::StoreError;
use super::codec;
use super::query::{Snapshot, read};
use super::record::feed::{JournalEvent, JournalRow};
use super::tables::{self, Tables};
use crate::domain::event::{EventKind, Subject};
use crate::domain::floor::Counters;
use crate::domain::time::Timestamp;
use crate::limits::{JOURNAL_EVENTS_KEPT, JOURNAL_ROW_EVENTS_MAX, JOURNAL_TRIM_EVENTS_MIN, JOURNAL_TRIM_ROWS_MAX};

/// One event of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// Its number; the next event has the next number.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// What kind.
    pub kind: EventKind,
    /// What it is about.
    pub subjects: Vec<Subject>,
}

impl Snapshot {
    /// The number of the last event; 0 before the first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn head(&self) -> Result<u64, StoreError> {
        let table = self.table(tables::JOURNAL)?;
        let Some((first, value)) = table.last()? else { return Ok(0) };
        let row: JournalRow = read(&table, first.value(), value.value())?;
        Ok(first.value() + row.events.len() as u64 - 1)
    }

    /// Up to `limit` events after the one with the number `after`.
    ///
    /// # Errors
    /// [`StoreError::JournalTrimmed`] when some of them are gone, or when the store cannot be read.
    pub fn journal(&self, after: u64, limit: usize) -> Result<Vec<JournalEntry>, StoreError> {
        let table = self.table(tables::JOURNAL)?;
        let Some((first, _)) = table.first()? else { return Ok(Vec::new()) };
        let trimmed = first.value() - 1;
        if after < trimmed {
            return Err(StoreError::JournalTrimmed { after, trimmed });
        }
        // The row that holds the next event begins at or before it.
        let start = table.range(..=after.saturating_add(1))?.next_back().transpose()?.map_or(1, |(key, _)| key.value());
        let mut entries = Vec::new();
        for row in table.range(start..)? {
            let (key, value) = row?;
            let row: JournalRow = read(&table, key.value(), value.value())?;
            for (seq, event) in (key.value()..).zip(row.events).skip_while(|(seq, _)| *seq <= after) {
                if entries.len() == limit {
                    return Ok(entries);
                }
                entries.push(JournalEntry { seq, at: event.at, kind: event.kind, subjects: event.subjects });
            }
        }
        Ok(entries)
    }

    /// The last row: where time and counters stand.
    pub(super) fn last_journal_row(&self) -> Result<JournalRow, StoreError> {
        let table = self.table(tables::JOURNAL)?;
        match table.last()? {
            Some((key, value)) => read(&table, key.value(), value.value()),
            None => Ok(JournalRow::default()),
        }
    }

    /// The number of the oldest event that is kept; 1 before the first.
    pub(super) fn tail(&self) -> Result<u64, StoreError> {
        Ok(self.table(tables::JOURNAL)?.first()?.map_or(1, |(key, _)| key.value()))
    }
}

/// Appends the events of a commit after `head`, and says where the floor stands after them.
pub(super) fn append(
    tables: &mut Tables<'_>,
    head: u64,
    events: &[JournalEvent],
    at: Timestamp,
    counters: Counters,
) -> Result<(), StoreError> {
    let mut first = head + 1;
    for part in events.chunks(JOURNAL_ROW_EVENTS_MAX) {
        let row = JournalRow { at, counters, events: part.to_vec() };
        tables.journal()?.insert(first, codec::encode(&row).as_slice())?;
        first += part.len() as u64;
    }
    Ok(())
}

/// Removes the oldest rows once there is enough surplus; answers the number of the oldest event kept. A row goes only
/// as a whole, so a few more events than the limit may stay.
pub(super) fn trim(tables: &mut Tables<'_>, tail: u64, head: u64) -> Result<u64, StoreError> {
    if head + 1 - tail < JOURNAL_EVENTS_KEPT + JOURNAL_TRIM_EVENTS_MIN {
        return Ok(tail);
    }
    let wanted = head + 1 - JOURNAL_EVENTS_KEPT;
    let table = tables.journal()?;
    let starts: Vec<u64> = table
        .range(..=wanted)?
        .take(JOURNAL_TRIM_ROWS_MAX + 1)
        .map(|row| Ok(row?.0.value()))
        .collect::<Result<_, StoreError>>()?;
    let Some((kept, removed)) = starts.split_last() else { return Ok(tail) };
    for start in removed {
        table.remove(start)?;
    }
    Ok(*kept)
}
