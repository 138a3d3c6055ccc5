//! When backups are made by themselves, and how the last ones went.
//!
//! The core keeps the rules sensible; making backups is an edge's work. Nothing here is on the floor, because no decision
//! about interactions needs it. Invariant: folder and passphrase file are whole paths; the passphrase itself is nowhere.

use super::time::Timestamp;
use crate::limits::{BACKUPS_KEPT_MAX, PATH_CHARS_MAX};

/// Minutes of a day.
const DAY_MINUTES: u16 = 24 * 60;

/// When and where backups are made by themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupSchedule {
    /// The folder, from the root.
    pub folder: String,
    /// Minutes after midnight, by the machine's clock on the wall.
    pub at_minute: u16,
    /// How many are kept.
    pub keep: u16,
    /// A file whose first line is the passphrase; `None`: not encrypted.
    pub passphrase_file: Option<String>,
}

impl BackupSchedule {
    /// Whether it can be carried out.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let whole = |path: &String| path.starts_with('/') && path.chars().count() <= PATH_CHARS_MAX;
        whole(&self.folder)
            && self.passphrase_file.as_ref().is_none_or(whole)
            && self.at_minute < DAY_MINUTES
            && (1..=BACKUPS_KEPT_MAX).contains(&self.keep)
    }
}

/// How a backup went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackupOutcome {
    /// It is there and was read back whole.
    Made {
        /// Where.
        path: String,
        /// Its size.
        bytes: u64,
    },
    /// It is not; in a sentence.
    Failed(String),
}

/// How the last backups went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackupStanding {
    /// The last one that was made: when, where, and its size in bytes.
    pub made: Option<(Timestamp, String, u64)>,
    /// The last one that failed: when, and why.
    pub failed: Option<(Timestamp, String)>,
}

impl BackupStanding {
    /// With one more outcome.
    #[must_use]
    pub fn after(self, at: Timestamp, outcome: &BackupOutcome) -> Self {
        match outcome {
            BackupOutcome::Made { path, bytes } => Self { made: Some((at, path.clone(), *bytes)), ..self },
            BackupOutcome::Failed(reason) => Self { failed: Some((at, reason.clone())), ..self },
        }
    }
}
