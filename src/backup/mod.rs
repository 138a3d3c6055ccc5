//! Backups: one file with everything that a store holds and the files of its shelf, made while the server serves.
//!
//! An edge: it reads and fills through the store's own doors. `format.rs` says what the bytes are, `age.rs` how a
//! passphrase closes them. Invariants: a backup gets its name only when it was read back and every record and reference
//! in it was checked; nothing is written over; what is read is bounded in memory; the search index is left out, because
//! it is built anew by itself.

mod age;
mod folder;
mod format;
mod make;
mod pace;
mod read;
mod restore;
mod schedule;
mod upgrade;
mod verify;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::limits::SECRET_FILE_BYTES_MAX;
use crate::store::StoreError;

pub use self::make::{Made, Order, make};
pub use self::restore::{Restored, restore};
pub use self::schedule::{Keeper, on_own_thread, refusal, schedule, standing};
pub use self::upgrade::options;
pub use self::verify::{Verified, verify_data, verify_file};

/// Why there is no backup, or what is wrong with one: a sentence, with the way out.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// What was asked for makes no sense; nothing was done.
    #[error("{0}")]
    Refused(String),
    /// A file or folder cannot be written.
    #[error("{path} cannot be written: {error}.", path = .path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The file is no whole backup.
    #[error("{path} is no whole backup: {reason}.", path = .path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BackupError {
    fn write(path: &Path) -> impl Fn(io::Error) -> Self {
        move |error| Self::Write { path: path.to_owned(), error }
    }

    /// Whether nothing was done because it makes no sense.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}

/// The passphrase in the first line of a file.
///
/// # Errors
/// `Refused`: it cannot be read, or there is none.
pub fn passphrase(path: &Path) -> Result<String, BackupError> {
    let unreadable = |error| BackupError::Refused(format!("{} cannot be read: {error}.", path.display()));
    let mut text = String::new();
    File::open(path).map_err(unreadable)?.take(SECRET_FILE_BYTES_MAX).read_to_string(&mut text).map_err(unreadable)?;
    match text.lines().next() {
        Some(line) if !line.trim().is_empty() => Ok(line.to_owned()),
        Some(_) | None => Err(BackupError::Refused(format!("{} is empty.", path.display()))),
    }
}
