//! Database and commit log: made once, opened, opened anew after a failed write.
//!
//! A power cut while the file is first made could leave one that never opens, so it is made under another name, synced
//! and renamed. Invariant: readers and writer use the same handle, and nobody holds it while it is exchanged.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use redb::backends::FileBackend;
use redb::{Database, Durability, ReadableDatabase as _, TableHandle as _, WriteTransaction};
use tokio::sync::watch;

use crate::domain::hex::hex;
use crate::limits::{REOPEN_ROOM_BYTES, STORE_CACHE_BYTES_MAX};
use crate::measure::Measures;

use super::backend::{BackendFactory, BoxedBackend};
use super::codec;
use super::dump::{Dump, Turnstile};
use super::log::{self, CommitLog};
use super::query::{Snapshot, decode};
use super::record::{Identity, Pointer};
use super::secrets::{self, SecretKey};
use super::tables::{META, Tables};
use super::{BeforeUpgrade, StoreError, StoreOptions, StoreState, compact, upgrade};

/// The number of the tables' layout that this program writes.
pub(super) const FORMAT: u32 = 4;
/// The key of the identity in the table `meta`.
pub(super) const IDENTITY: u8 = 0;
/// The key of the log's epoch in the table `meta`.
pub(super) const EPOCH: u8 = 1;
/// The key of the mark in the table `meta` that the log still holds what was erased.
pub(super) const WIPE: u8 = 3;
/// The key in the table `meta` of a row that is there from a restore to the first start after it.
pub(super) const RESTORED: u8 = 4;
/// The database's file in the data directory.
pub(super) const DATABASE_NAME: &str = "deskbell.redb";
/// The database's file while a backup is being restored into it.
pub(super) const RESTORING_NAME: &str = "deskbell.restoring";
/// The commit log's file in the data directory.
pub(super) const LOG_NAME: &str = "deskbell.log";

/// A file that is written and removed to see whether there is room.
const ROOM_NAME: &str = "deskbell.room";

/// What writer and readers share.
pub(super) struct Shared {
    files: Files,
    opened: RwLock<Option<Opened>>,
    /// The journal's head.
    pub(super) head: watch::Sender<u64>,
    /// Whether the store can be written.
    pub(super) state: watch::Sender<StoreState>,
    /// Eight characters of the store's id.
    pub(super) tag: String,
    /// What seals and opens secrets.
    pub(super) key: Arc<SecretKey>,
    /// What is counted while it is open.
    pub(super) measures: Measures,
    /// Lets one reader of everything in at a time.
    pub(super) turnstile: Turnstile,
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Shared({})", self.tag)
    }
}

impl Shared {
    /// The data directory.
    pub(super) fn directory(&self) -> &Path {
        &self.files.directory
    }

    pub(super) fn open(directory: &Path, options: &StoreOptions) -> Result<Self, StoreError> {
        let files = Files::of(directory, options);
        if files.backend.is_none() {
            if directory.join(RESTORING_NAME).exists() {
                return Err(StoreError::Unfinished);
            }
            fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
            if !directory.join(DATABASE_NAME).exists() {
                create(directory)?;
            }
        }
        let (opened, tag) = files.open()?;
        let key = match files.backend {
            Some(_) => SecretKey::of_memory(),
            None => SecretKey::open(directory, options.key_file.as_deref())?,
        };
        let shared = Self {
            files,
            opened: RwLock::new(Some(opened)),
            head: watch::Sender::new(0),
            state: watch::Sender::new(StoreState::Ready),
            tag,
            key: Arc::new(key),
            measures: Measures::default(),
            turnstile: Turnstile::default(),
        };
        shared.seal_secrets()?;
        Ok(shared)
    }

    /// Seals what an earlier version left in plain words, and says so when the key is not the one that sealed.
    fn seal_secrets(&self) -> Result<(), StoreError> {
        if self.read(secrets::any_plain)? {
            self.with(|opened| {
                let transaction = opened.begin()?;
                secrets::seal_plain(&mut Tables::new(&transaction), &self.key)?;
                opened.commit_erasure(transaction)
            })?;
        }
        let lost = self.read(secrets::lost)?;
        if lost > 0 {
            tracing::error!(
                secrets = lost,
                "The key file does not open the secrets of this data directory: it was lost, or is another one. Put the \
                 right one back and start again, or enter access tokens and app secrets again and let people set up \
                 their second factor anew. Everything else works."
            );
        }
        Ok(())
    }

    /// Reads from one snapshot. The handle is held meanwhile, so that it is not exchanged under the reader.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Snapshot) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.with(|opened| read(&Snapshot::new(opened.database.begin_read()?, Arc::clone(&self.key))))
    }

    /// Works with the database and its log.
    pub(super) fn with<T>(&self, work: impl FnOnce(&Opened) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let guard = self.opened.read().unwrap_or_else(PoisonError::into_inner);
        work(guard.as_ref().ok_or(StoreError::Unavailable)?)
    }

    /// Closes the database and opens it anew: after an I/O error redb refuses every write until then.
    ///
    /// While the disk is full the old handle stays, because it can still be read and a new one could not be opened.
    pub(super) fn reopen(&self) -> Result<(), StoreError> {
        self.files.has_room()?;
        let mut guard = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        *guard = None;
        *guard = Some(self.files.open()?.0);
        Ok(())
    }

    /// Writes the database and its log anew.
    pub(super) fn compact(&self) -> Result<(), StoreError> {
        if self.files.backend.is_some() {
            return Err(io::Error::from(io::ErrorKind::Unsupported).into());
        }
        let mut guard = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        let opened = guard.as_ref().ok_or(StoreError::Unavailable)?;
        opened.checkpoint()?;
        opened.log().wipe()?;
        compact::draft(&self.files.directory, &opened.database)?;
        *guard = None;
        compact::exchange(&self.files.directory)?;
        *guard = Some(self.files.open()?.0);
        Ok(())
    }

    /// Bytes of the database's file.
    pub(super) fn database_bytes(&self) -> Result<u64, StoreError> {
        Ok(self.files.directory.join(DATABASE_NAME).metadata()?.len())
    }

    /// Closes the database for good. Without the last checkpoint the log does its work at the next start.
    pub(super) fn close(&self) {
        let checkpoint = self.with(|opened| if opened.log().is_empty() { Ok(()) } else { opened.checkpoint() });
        if let Err(error) = checkpoint {
            tracing::warn!(%error, "the last checkpoint failed; the commit log keeps what it would have held");
        }
        *self.opened.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Where the files are.
pub(super) struct Files {
    directory: PathBuf,
    backend: Option<BackendFactory>,
    log_bytes: u64,
    before_upgrade: Option<BeforeUpgrade>,
}

impl Files {
    pub(super) fn of(directory: &Path, options: &StoreOptions) -> Self {
        Self {
            directory: directory.to_owned(),
            backend: options.backend.clone(),
            log_bytes: options.log_bytes,
            before_upgrade: options.before_upgrade.clone(),
        }
    }

    /// Opens database and log, and brings an earlier layout to the present one. Also tells the tag.
    fn open(&self) -> Result<(Opened, String), StoreError> {
        if self.backend.is_none() {
            compact::tidy(&self.directory)?;
        }
        let (opened, identity) = self.open_as_it_is()?;
        if opened.is_to_be_wiped()? {
            opened.wipe()?;
        }
        if identity.format < FORMAT {
            if let Some(before_upgrade) = &self.before_upgrade {
                let dump = Dump::new(opened.database.begin_read()?, &identity)?;
                before_upgrade(&self.directory, &dump)
                    .map_err(|reason| StoreError::Upgrade(identity.format, reason))?;
            }
            opened.upgrade(&identity)?;
        }
        Ok((opened, tag(&identity)))
    }

    /// Opens database and log in whatever layout they are; what the log holds beyond the last checkpoint is carried out.
    pub(super) fn open_as_it_is(&self) -> Result<(Opened, Identity), StoreError> {
        let mut builder = redb::Builder::new();
        builder.set_cache_size(STORE_CACHE_BYTES_MAX);
        let database = match &self.backend {
            Some(backend) => builder.create_with_backend(backend(DATABASE_NAME)?).map_err(database_error)?,
            None => builder.open(self.directory.join(DATABASE_NAME)).map_err(database_error)?,
        };
        let identity = identify(&database)?;
        let log = CommitLog::open(self.log_disk()?, self.log_bytes, epoch(&database)?)?;
        let opened = Opened { database, log: Mutex::new(log) };
        opened.catch_up()?;
        Ok((opened, identity))
    }

    /// Whether the disk takes what opening and a checkpoint may need.
    fn has_room(&self) -> Result<(), StoreError> {
        if self.backend.is_some() {
            return Ok(());
        }
        let path = self.directory.join(ROOM_NAME);
        let written = File::create(&path).and_then(|mut file| {
            let zeros = [0; 64 * 1024];
            for _ in 0..REOPEN_ROOM_BYTES / zeros.len() as u64 {
                file.write_all(&zeros)?;
            }
            file.sync_all()
        });
        fs::remove_file(&path)?;
        Ok(written?)
    }

    fn log_disk(&self) -> Result<BoxedBackend, StoreError> {
        if let Some(backend) = &self.backend {
            return Ok(backend(LOG_NAME)?);
        }
        let path = self.directory.join(LOG_NAME);
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        File::open(&self.directory)?.sync_all()?;
        Ok(BoxedBackend(Box::new(FileBackend::new(file).map_err(database_error)?)))
    }
}

/// The open database and its log.
pub(super) struct Opened {
    pub(super) database: Database,
    log: Mutex<CommitLog>,
}

impl Opened {
    pub(super) fn log(&self) -> MutexGuard<'_, CommitLog> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins what will end in a durable commit, unless it is made durable by the log.
    pub(super) fn begin(&self) -> Result<WriteTransaction, StoreError> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        transaction.set_quick_repair(true);
        Ok(transaction)
    }

    /// Commits what `tables` holds of this transaction; when this returns it is durable, in the log or by a checkpoint.
    pub(super) fn commit(&self, mut transaction: WriteTransaction, changes: &[u8]) -> Result<(), StoreError> {
        let mut log = self.log();
        if !log.has_room(changes.len()) {
            drop(log);
            return self.commit_checkpoint(transaction);
        }
        log.append(changes)?;
        transaction.set_quick_repair(false);
        transaction.set_durability(Durability::None)?;
        Ok(transaction.commit()?)
    }

    /// Commits an erasure: durable in the database itself, and nothing of it is left in the log.
    pub(super) fn commit_erasure(&self, transaction: WriteTransaction) -> Result<(), StoreError> {
        Tables::new(&transaction).meta()?.insert(WIPE, [])?;
        self.commit_checkpoint(transaction)?;
        self.wipe()
    }

    /// Whether a process was stopped between an erasure and the wiping of the log.
    fn is_to_be_wiped(&self) -> Result<bool, StoreError> {
        Ok(self.database.begin_read()?.open_table(META)?.get(WIPE)?.is_some())
    }

    /// Fills the log anew. It must hold nothing that the database does not have.
    fn wipe(&self) -> Result<(), StoreError> {
        self.log().wipe()?;
        let transaction = self.begin()?;
        Tables::new(&transaction).meta()?.remove(WIPE)?;
        self.commit_checkpoint(transaction)
    }

    /// Makes everything so far durable in the database itself; also shows whether it can be written.
    pub(super) fn checkpoint(&self) -> Result<(), StoreError> {
        self.commit_checkpoint(self.begin()?)
    }

    fn commit_checkpoint(&self, transaction: WriteTransaction) -> Result<(), StoreError> {
        let epoch = log::new_epoch()?;
        Tables::new(&transaction).meta()?.insert(EPOCH, codec::encode(&Pointer(epoch)))?;
        transaction.commit()?;
        self.log().restart(epoch);
        Ok(())
    }

    /// The floor knows that the store was restored.
    pub(super) fn forget_restored(&self) -> Result<(), StoreError> {
        let transaction = self.begin()?;
        Tables::new(&transaction).meta()?.remove(RESTORED)?;
        self.commit_checkpoint(transaction)
    }

    /// Gives a directory of an earlier layout the tables of this one. The log is empty, so nothing is missing in them.
    fn upgrade(&self, identity: &Identity) -> Result<(), StoreError> {
        tracing::info!(from = identity.format, to = FORMAT, "the data directory is brought to the present layout");
        let transaction = self.begin()?;
        Tables::create(&transaction)?;
        let mut tables = Tables::new(&transaction);
        upgrade::fill(&mut tables, identity.format)?;
        tables.meta()?.insert(IDENTITY, codec::encode(&Identity { format: FORMAT, ..identity.clone() }))?;
        drop(tables);
        self.commit_checkpoint(transaction)
    }

    fn catch_up(&self) -> Result<(), StoreError> {
        let records = self.log().read()?;
        if records.is_empty() {
            return Ok(());
        }
        let transaction = self.begin()?;
        let mut tables = Tables::new(&transaction);
        for record in &records {
            tables.carry_out(record)?;
        }
        drop(tables);
        self.commit_checkpoint(transaction)
    }
}

/// The epoch whose records in the log count.
fn epoch(database: &Database) -> Result<u64, StoreError> {
    let table = database.begin_read()?.open_table(META)?;
    let found = table.get(EPOCH)?;
    let pointer: Option<Pointer> = found.map(|value| decode("meta", EPOCH, value.value())).transpose()?;
    Ok(pointer.map_or(0, |Pointer(epoch)| epoch))
}

fn create(directory: &Path) -> Result<(), StoreError> {
    let path = directory.join(DATABASE_NAME);
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
    fs::rename(&draft, &path)?;
    File::open(directory)?.sync_all()?;
    Ok(())
}

pub(super) fn database_error(error: redb::DatabaseError) -> StoreError {
    if matches!(error, redb::DatabaseError::DatabaseAlreadyOpen) {
        StoreError::Locked
    } else {
        StoreError::Database(error.into())
    }
}

/// Who the store is; a new one gets its identity and its tables first.
fn identify(database: &Database) -> Result<Identity, StoreError> {
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
            Ok(identity)
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
            let mut tables = Tables::new(&transaction);
            tables.meta()?.insert(IDENTITY, codec::encode(&identity))?;
            tables.meta()?.insert(EPOCH, codec::encode(&Pointer(log::new_epoch()?)))?;
            drop(tables);
            transaction.commit()?;
            Ok(identity)
        }
    }
}

pub(super) fn tag(identity: &Identity) -> String {
    hex(&identity.id[..4])
}
