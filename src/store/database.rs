//! The database file: made once, opened, opened anew after a failed write.
//!
//! A power cut while the file is first made could leave one that never opens, so it is made under another name, synced
//! and renamed. Invariant: readers and writer use the same handle, and nobody holds it while it is exchanged.

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use redb::{Database, ReadableDatabase as _, TableHandle as _};
use tokio::sync::watch;

use crate::limits::STORE_CACHE_BYTES_MAX;

use super::backend::BackendFactory;
use super::codec;
use super::query::Snapshot;
use super::record::{Identity, Pointer};
use super::tables::{META, Tables};
use super::{StoreError, StoreState};

/// The number of the tables' layout that this program writes.
const FORMAT: u32 = 1;
/// The key of the identity in the table `meta`.
const IDENTITY: u8 = 0;
/// The database's file in the data directory.
const FILE_NAME: &str = "deskbell.redb";

/// The key of the row in the table `meta` that shows whether the database can be written.
const PROBE: u8 = 1;

/// What writer and readers share.
pub(super) struct Shared {
    path: PathBuf,
    backend: Option<BackendFactory>,
    database: RwLock<Option<Database>>,
    /// The journal's head.
    pub(super) head: watch::Sender<u64>,
    /// Whether the store can be written.
    pub(super) state: watch::Sender<StoreState>,
    /// Eight characters of the store's id.
    pub(super) tag: String,
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Shared({})", self.tag)
    }
}

impl Shared {
    pub(super) fn open(directory: &Path, backend: Option<BackendFactory>) -> Result<Self, StoreError> {
        let path = directory.join(FILE_NAME);
        if backend.is_none() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
            if !path.exists() {
                create(directory, &path)?;
            }
        }
        let database = open(&path, backend.as_ref())?;
        let tag = identify(&database)?;
        Ok(Self {
            path,
            backend,
            database: RwLock::new(Some(database)),
            head: watch::Sender::new(0),
            state: watch::Sender::new(StoreState::Ready),
            tag,
        })
    }

    /// Reads from one snapshot. The handle is held meanwhile, so that it is not exchanged under the reader.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Snapshot) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.with(|database| read(&Snapshot::new(database.begin_read()?)))
    }

    /// Works with the database.
    pub(super) fn with<T>(&self, work: impl FnOnce(&Database) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let guard = self.database.read().unwrap_or_else(PoisonError::into_inner);
        work(guard.as_ref().ok_or(StoreError::Unavailable)?)
    }

    /// Closes the database and opens it anew: after an I/O error redb refuses every write until then.
    pub(super) fn reopen(&self) -> Result<(), StoreError> {
        let mut guard = self.database.write().unwrap_or_else(PoisonError::into_inner);
        *guard = None;
        *guard = Some(open(&self.path, self.backend.as_ref())?);
        Ok(())
    }

    /// Shows by a small commit whether the database can be written.
    pub(super) fn probe(&self) -> Result<(), StoreError> {
        self.with(|database| {
            let mut transaction = database.begin_write()?;
            transaction.set_quick_repair(true);
            Tables::new(&transaction).meta()?.insert(PROBE, codec::encode(&Pointer(0)).as_slice())?;
            Ok(transaction.commit()?)
        })
    }

    /// Closes the database for good.
    pub(super) fn close(&self) {
        *self.database.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn create(directory: &Path, path: &Path) -> Result<(), StoreError> {
    let draft = path.with_extension("draft");
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        Ok(()) | Err(_) => {}
    }
    let database = redb::Builder::new().create(&draft).map_err(database_error)?;
    fs::set_permissions(&draft, fs::Permissions::from_mode(0o600))?;
    identify(&database)?;
    drop(database);
    File::open(&draft)?.sync_all()?;
    fs::rename(&draft, path)?;
    File::open(directory)?.sync_all()?;
    Ok(())
}

fn open(path: &Path, backend: Option<&BackendFactory>) -> Result<Database, StoreError> {
    let mut builder = redb::Builder::new();
    builder.set_cache_size(STORE_CACHE_BYTES_MAX);
    match backend {
        Some(backend) => builder.create_with_backend(backend()?).map_err(database_error),
        None => builder.open(path).map_err(database_error),
    }
}

fn database_error(error: redb::DatabaseError) -> StoreError {
    if matches!(error, redb::DatabaseError::DatabaseAlreadyOpen) {
        StoreError::Locked
    } else {
        StoreError::Database(error.into())
    }
}

/// The store's tag; a new store gets its identity and its tables first.
fn identify(database: &Database) -> Result<String, StoreError> {
    let mut transaction = database.begin_write()?;
    transaction.set_quick_repair(true);
    let identity = {
        let meta = transaction.open_table(META)?;
        let found = redb::ReadableTable::get(&meta, IDENTITY)?;
        found.map(|value| codec::decode::<Identity>(value.value())).transpose()
    };
    let identity = identity.map_err(|error| StoreError::Corrupt {
        table: "meta",
        key: IDENTITY.to_string(),
        reason: error.to_string(),
    })?;
    match identity {
        Some(identity) => {
            transaction.abort()?;
            if identity.format > FORMAT {
                return Err(StoreError::Newer(identity.format));
            }
            Ok(tag(&identity))
        }
        None => {
            // An empty database may be made ours; one with strangers' tables must not.
            if transaction.list_tables()?.any(|table| table.name() != META.name()) {
                return Err(StoreError::Foreign);
            }
            let mut id = [0; 16];
            getrandom::fill(&mut id).map_err(|error| StoreError::Io(io::Error::other(error)))?;
            let identity = Identity { id, format: FORMAT };
            Tables::create(&transaction)?;
            Tables::new(&transaction).meta()?.insert(IDENTITY, codec::encode(&identity).as_slice())?;
            transaction.commit()?;
            Ok(tag(&identity))
        }
    }
}

fn tag(identity: &Identity) -> String {
    identity.id.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}
