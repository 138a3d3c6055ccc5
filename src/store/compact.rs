//! Compacting: the database is written anew, so that nothing is left in it of what was removed.
//!
//! redb keeps removed rows in free pages until these are used again, and its own compaction moves pages without wiping
//! what lies between them. So every row is copied into a new file, which takes the place of the old one. Invariants:
//! readers and writer wait meanwhile; a cut at any moment leaves one whole database; a draft that was left behind goes
//! away when the store is opened next, because it holds words too.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use redb::{Database, ReadableDatabase as _};

use super::StoreError;
use super::database::{DATABASE_NAME, database_error};
use super::tables::Tables;
use crate::limits::STORE_CACHE_BYTES_MAX;

/// The new database until it is whole.
pub(super) const DRAFT_NAME: &str = "deskbell.draft";

/// Removes a draft that a process that is gone left behind.
pub(super) fn tidy(directory: &Path) -> Result<(), StoreError> {
    match fs::remove_file(directory.join(DRAFT_NAME)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes a copy of the database, durably, under the draft's name.
pub(super) fn draft(directory: &Path, database: &Database) -> Result<(), StoreError> {
    tidy(directory)?;
    let path = directory.join(DRAFT_NAME);
    let written = copy(&path, database);
    if written.is_err() {
        tidy(directory)?;
    }
    written
}

fn copy(path: &Path, database: &Database) -> Result<(), StoreError> {
    let mut new = redb::Builder::new().set_cache_size(STORE_CACHE_BYTES_MAX).create(path).map_err(database_error)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    let reading = database.begin_read()?;
    let mut writing = new.begin_write()?;
    writing.set_quick_repair(true);
    Tables::copy(&reading, &writing)?;
    writing.commit()?;
    // Rows that come in order leave pages half full.
    new.compact().map_err(|error| StoreError::Database(error.into()))?;
    drop(new);
    Ok(File::open(path)?.sync_all()?)
}

/// Puts the draft in the place of the database.
pub(super) fn exchange(directory: &Path) -> Result<(), StoreError> {
    fs::rename(directory.join(DRAFT_NAME), directory.join(DATABASE_NAME))?;
    Ok(File::open(directory)?.sync_all()?)
}
