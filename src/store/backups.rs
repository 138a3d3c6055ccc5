//! Rows of the schedule of backups and of how the last ones went, beside the centre's rules.
//!
//! Invariant: a schedule that was switched off leaves no row.

use redb::ReadableTable as _;

use crate::domain::backup::{BackupOutcome, BackupSchedule, BackupStanding};
use crate::domain::time::Timestamp;

use super::StoreError;
use super::codec;
use super::persist::Pages;
use super::query::{Snapshot, decode};
use super::record::backup::ScheduleRow;
use super::tables::SETTINGS;

/// The key of the schedule in the table `settings`.
pub(super) const SCHEDULE: u8 = 10;
/// The key of how the last backups went in the table `settings`.
pub(super) const STANDING: u8 = 11;

impl Pages<'_> {
    /// Another schedule, or none.
    pub(super) fn put_schedule(&mut self, at: Timestamp, schedule: Option<&BackupSchedule>) -> Result<(), StoreError> {
        let settings = self.tables.settings()?;
        match schedule {
            Some(schedule) => settings.insert(SCHEDULE, codec::encode(&ScheduleRow(schedule.clone(), at)))?,
            None => settings.remove(SCHEDULE)?,
        }
        Ok(())
    }

    /// A backup was made, or failed.
    pub(super) fn put_backup(&mut self, at: Timestamp, outcome: &BackupOutcome) -> Result<(), StoreError> {
        let found = self.tables.settings()?.get(STANDING)?;
        // What cannot be read is replaced: it must not keep backups from being known.
        let before: Option<BackupStanding> = found.and_then(|value| codec::decode(value.value()).ok());
        let standing = before.unwrap_or_default().after(at, outcome);
        self.tables.settings()?.insert(STANDING, codec::encode(&standing))?;
        Ok(())
    }
}

impl Snapshot {
    /// When backups are made by themselves, and since when that holds.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn backup_schedule(&self) -> Result<Option<(BackupSchedule, Timestamp)>, StoreError> {
        let found = self.table(SETTINGS)?.get(SCHEDULE)?;
        let row: Option<ScheduleRow> = found.map(|value| decode("settings", SCHEDULE, value.value())).transpose()?;
        Ok(row.map(|ScheduleRow(schedule, since)| (schedule, since)))
    }

    /// How the last backups went.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn backup_standing(&self) -> Result<BackupStanding, StoreError> {
        let found = self.table(SETTINGS)?.get(STANDING)?;
        Ok(found.map(|value| decode("settings", STANDING, value.value())).transpose()?.unwrap_or_default())
    }
}
