//! A new store from the rows of another: what a restore writes.
//!
//! The database is filled under another name and gets its own at the very end, so that a directory whose filling was
//! interrupted is never taken for a store. Invariant: identity and rows are the other store's; the commit log's epoch is
//! new, so that no log of another life counts.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use redb::{Database, Durability, ReadableTable as _};

use crate::limits::{FILL_DURABLE_BYTES, STORE_CACHE_BYTES_MAX};

use super::StoreError;
use super::codec;
use super::database::{DATABASE_NAME, EPOCH, FORMAT, IDENTITY, RESTORED, RESTORING_NAME, database_error};
use super::log;
use super::query::decode;
use super::record::{Identity, Pointer};
use super::tables::Tables;

/// The number of the table `meta`, whose epoch is not taken over.
const META_NUMBER: u8 = 1;

/// A store that is being filled.
pub struct Filler {
    directory: PathBuf,
    database: Database,
    /// Bytes since the last durable commit.
    pending_bytes: usize,
}

impl Filler {
    /// Begins to fill the store of an empty directory.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn create(directory: &Path) -> Result<Self, StoreError> {
        let path = directory.join(RESTORING_NAME);
        let database =
            redb::Builder::new().set_cache_size(STORE_CACHE_BYTES_MAX).create(&path).map_err(database_error)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        File::open(directory)?.sync_all()?;
        Ok(Self { directory: directory.to_owned(), database, pending_bytes: 0 })
    }

    /// Whether this program reads stores of this layout.
    ///
    /// # Errors
    /// It is newer.
    pub fn knows(format: u32) -> Result<(), StoreError> {
        if format > FORMAT { Err(StoreError::Newer(format)) } else { Ok(()) }
    }

    /// Takes over rows of one table: keys and values.
    ///
    /// # Errors
    /// A key is none of the table, there is no such table, or the disk does not take it.
    pub fn rows<'a>(&mut self, table: u8, rows: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Result<(), StoreError> {
        let mut transaction = self.database.begin_write()?;
        let mut tables = Tables::new(&transaction);
        for (key, value) in rows {
            if table == META_NUMBER && key == [EPOCH] {
                continue;
            }
            tables.fill(table, key, value)?;
            self.pending_bytes += key.len() + value.len();
        }
        drop(tables);
        if self.pending_bytes < FILL_DURABLE_BYTES {
            transaction.set_durability(Durability::None)?;
        } else {
            self.pending_bytes = 0;
        }
        Ok(transaction.commit()?)
    }

    /// Makes the store whole and gives it its name.
    ///
    /// # Errors
    /// The rows did not say which store it is, or the disk does not take it.
    pub fn finish(self) -> Result<(), StoreError> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_quick_repair(true);
        let identity: Option<Identity> = {
            let mut tables = Tables::new(&transaction);
            let found = tables.meta()?.get(IDENTITY)?;
            found.map(|value| decode("meta", IDENTITY, value.value())).transpose()?
        };
        let identity = identity.ok_or(StoreError::Missing("the identity of the store"))?;
        // An earlier layout gets its missing tables when it is opened.
        if identity.format >= FORMAT {
            Tables::create(&transaction)?;
        }
        let mut tables = Tables::new(&transaction);
        tables.meta()?.insert(RESTORED, codec::encode(&Pointer(0)))?;
        tables.meta()?.insert(EPOCH, codec::encode(&Pointer(log::new_epoch()?)))?;
        drop(tables);
        transaction.commit()?;
        drop(self.database);
        let draft = self.directory.join(RESTORING_NAME);
        File::open(&draft)?.sync_all()?;
        fs::rename(&draft, self.directory.join(DATABASE_NAME))?;
        File::open(&self.directory)?.sync_all()?;
        Ok(())
    }
}
