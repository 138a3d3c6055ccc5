//! Opens the database: makes a new one, knows an old one's format, refuses a newer one.
//!
//! Invariant: a database has an identity or it is not ours; the format number grows only together with a step here.

use redb::{Database, DatabaseError};

use super::StoreError;
use super::backend::{Disk, Opener};
use super::codec;
use super::query::get;
use super::record::{Identity, Mark};
use super::tables::{self, Tables};
use crate::limits::STORE_CACHE_BYTES_MAX;

/// The layout of the tables that this code reads and writes.
const FORMAT: u32 = 1;
const IDENTITY_KEY: u8 = 0;
const PROBE_KEY: u8 = 1;

/// Opens the database, making it when there is none, and tells who it is.
pub(super) fn open(opener: &Opener) -> Result<(Database, Identity), StoreError> {
    if !opener.exists() {
        drop(open_disk(opener, opener.open_new()?).and_then(|database| {
            make(&database)?;
            Ok(database)
        })?);
        opener.finish_new()?;
    }
    let database = open_disk(opener, opener.open()?)?;
    let identity = match identity(&database)? {
        Some(identity) => identity,
        // A database that is empty may be made ours; one with strangers' tables must not.
        None if tables::begin_read(&database)?.list_tables()?.next().is_none() => make(&database)?,
        None => return Err(StoreError::NotAStore(opener.directory().to_owned())),
    };
    if identity.format > FORMAT {
        return Err(StoreError::NewerFormat { found: identity.format, known: FORMAT });
    }
    Ok((database, identity))
}

fn open_disk(opener: &Opener, disk: Disk) -> Result<Database, StoreError> {
    let opened = redb::Builder::new().set_cache_size(STORE_CACHE_BYTES_MAX).create_with_backend(disk);
    opened.map_err(|error| {
        if matches!(error, DatabaseError::DatabaseAlreadyOpen) {
            StoreError::Locked(opener.directory().to_owned())
        } else {
            error.into()
        }
    })
}

/// Writes a new identity and every table.
fn make(database: &Database) -> Result<Identity, StoreError> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|error| std::io::Error::other(error.to_string()))?;
    let identity = Identity { id, format: FORMAT };
    let mut transaction = database.begin_write()?;
    transaction.set_quick_repair(true);
    Tables::create(&transaction)?;
    {
        let mut tables = Tables::new(&transaction);
        tables.meta()?.insert(IDENTITY_KEY, codec::encode(&identity).as_slice())?;
    }
    transaction.commit()?;
    Ok(identity)
}

/// Whether the database can be written: a tiny commit says.
pub(super) fn probe(database: &Database) -> Result<(), StoreError> {
    let mut transaction = database.begin_write()?;
    transaction.set_quick_repair(true);
    Tables::new(&transaction).meta()?.insert(PROBE_KEY, codec::encode(&Mark).as_slice())?;
    transaction.commit()?;
    Ok(())
}

fn identity(database: &Database) -> Result<Option<Identity>, StoreError> {
    match tables::begin_read(database)?.open_table(tables::META) {
        Ok(table) => get(&table, IDENTITY_KEY),
        Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
