//! The schedule of backups, and how the last ones went.

use serde::{Deserialize, Serialize};

use super::super::codec::{CodecError, Record};
use crate::domain::backup::{BackupSchedule, BackupStanding};
use crate::domain::time::Timestamp;

/// A schedule, and since when it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct ScheduleRow(pub(in crate::store) BackupSchedule, pub(in crate::store) Timestamp);

/// Folder, minute of the day, how many are kept, passphrase file, since when.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredSchedule(String, u16, u16, Option<String>, i64);

impl Record for ScheduleRow {
    const VERSION: u8 = 1;
    type Stored = StoredSchedule;

    fn to_stored(&self) -> StoredSchedule {
        let Self(schedule, since) = self.clone();
        StoredSchedule(schedule.folder, schedule.at_minute, schedule.keep, schedule.passphrase_file, since.0)
    }

    fn from_stored(stored: StoredSchedule) -> Result<Self, CodecError> {
        let StoredSchedule(folder, at_minute, keep, passphrase_file, since) = stored;
        Ok(Self(BackupSchedule { folder, at_minute, keep, passphrase_file }, Timestamp(since)))
    }
}

/// The last one that was made (when, where, bytes), and the last one that failed (when, why).
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredStanding(Option<(i64, String, u64)>, Option<(i64, String)>);

impl Record for BackupStanding {
    const VERSION: u8 = 1;
    type Stored = StoredStanding;

    fn to_stored(&self) -> StoredStanding {
        let made = self.made.clone().map(|(at, path, bytes)| (at.0, path, bytes));
        StoredStanding(made, self.failed.clone().map(|(at, reason)| (at.0, reason)))
    }

    fn from_stored(StoredStanding(made, failed): StoredStanding) -> Result<Self, CodecError> {
        let made = made.map(|(at, path, bytes)| (Timestamp(at), path, bytes));
        Ok(Self { made, failed: failed.map(|(at, reason)| (Timestamp(at), reason)) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::golden::each;
    use super::{BackupSchedule, BackupStanding, ScheduleRow, Timestamp};

    #[test]
    fn golden_backups() {
        let plain =
            BackupSchedule { folder: "/mnt/backups".to_owned(), at_minute: 180, keep: 14, passphrase_file: None };
        let sealed = BackupSchedule { passphrase_file: Some("/etc/deskbell/passphrase".to_owned()), ..plain.clone() };
        each("backup_schedule", [ScheduleRow(plain, Timestamp(1)), ScheduleRow(sealed, Timestamp(2))]);
        let made = Some((Timestamp(3), "/mnt/backups/deskbell-0a1b2c3d-20260131T030000Z.backup".to_owned(), 70));
        let failed = Some((Timestamp(4), "The disk is full.".to_owned()));
        each("backup_standing", [BackupStanding::default(), BackupStanding { made, failed }]);
    }
}
