//! The store: redb as the single source of truth, one writer, readers on snapshots.
//!
//! Synchronous; the only place that names redb. Commands go in by `submit` and are answered when their commit is on
//! disk. Invariants: what was answered is durable; a refused command changed nothing; `load(tables) == floor`.

mod archive;
mod audit;
mod backend;
mod backups;
mod case_data;
mod census;
mod check;
mod codec;
mod compact;
mod contacts;
mod database;
mod dump;
mod fill;
mod handled;
mod journal;
mod keys;
mod load;
mod log;
mod mailbox;
mod media;
mod origin;
mod persist;
mod plan;
mod prefetch;
mod quarantine;
mod query;
mod reactions;
mod record;
mod secrets;
mod security;
mod tables;
mod templates;
mod transcript;
mod upgrade;
mod words;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::watch;

use crate::clock::Clock;
use crate::domain::event::Event;
use crate::domain::ids::MessageId;
use crate::domain::rejection::Rejection;
use crate::domain::time::Timestamp;
use crate::limits::LOG_BYTES;
use crate::measure::Measures;

use self::database::Shared;
use self::mailbox::Mailbox;

pub use self::audit::AuditCheck;
pub use self::backend::{BackendFactory, BoxedBackend};
pub use self::census::Census;
pub use self::check::{Checked, Checker};
pub use self::contacts::{ContactFilter, ContactPlace, ContactRow};
pub use self::dump::{Dump, Moment, TakeRow};
pub use self::fill::Filler;
pub use self::handled::{HistoryFilter, HistoryPage};
pub use self::journal::JournalEntry;
pub use self::origin::{Origin, Who};
pub use self::query::{AgentRow, ChannelRow, InteractionRow, Snapshot};
pub use self::record::contact::{ConversationRow, Draft};
pub use self::record::security::{AuditEntry, AuditRow, SignInOrigin};
pub use self::security::{PersonRow, SignInRow};
pub use self::transcript::{TranscriptPage, TranscriptPart};

/// What went wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has it.
    #[error("Another Deskbell uses this data directory. Stop it first, or give each its own directory.")]
    Locked,
    /// Written by a newer version.
    #[error(
        "This data directory was written by a newer Deskbell (format {0}). Install that version, or a later one. To go \
         back to this version, restore the newest file of its folder backups-before-upgrade into a new directory: \
         deskbell restore FILE --data NEW-DIRECTORY."
    )]
    Newer(u32),
    /// It has to be brought to the present layout, and no backup could be made before.
    #[error(
        "This data directory is of an earlier layout (format {0}), and no backup of it could be made before it is \
         brought to the present one: {1} Nothing was changed."
    )]
    Upgrade(u32, String),
    /// A restore into it did not come to its end.
    #[error("A backup was being restored into this directory and the restore did not end. Empty it and restore again.")]
    Unfinished,
    /// There is no store.
    #[error("There is no Deskbell data directory in this place.")]
    Absent,
    /// Somebody reads everything already.
    #[error("A backup is being made or the data are being verified already. Wait for its end.")]
    Dumping,
    /// It was closed while everything was being read.
    #[error("The store was closed meanwhile.")]
    Closed,
    /// The file system said no.
    #[error("The data directory cannot be used: {0}.")]
    Io(#[from] std::io::Error),
    /// redb said no.
    #[error("The database cannot be used: {0}.")]
    Database(#[from] redb::Error),
    /// A value is not what was written.
    #[error("A record of table {table} (key {key}) is damaged: {reason}. Restore a backup.")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The key, as text.
        key: String,
        /// What does not fit.
        reason: String,
    },
    /// A row that another row names is not there.
    #[error("A record is missing: {0}. Restore a backup.")]
    Missing(&'static str),
    /// The journal does not go back that far.
    #[error("The journal does not go back that far.")]
    JournalTrimmed,
    /// The key file cannot be used.
    #[error("The key file {path} cannot be used: {reason}. Name another one with --key-file or mend it.", path = .path.display())]
    KeyFile {
        /// Where it is.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The core panicked on a command.
    #[error("A command made the core fail.")]
    Panic,
    /// The file is a database of something else.
    #[error("This directory holds a database that is not Deskbell's. Choose another directory.")]
    Foreign,
    /// The database is being opened anew after a failed write.
    #[error("The store is being opened anew; try again in a moment.")]
    Unavailable,
}

impl StoreError {
    /// A row that another row names is not there.
    #[must_use]
    pub fn missing(what: &'static str) -> Self {
        Self::Missing(what)
    }

    /// Whether it is the fault of what was asked for, and others can go on.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self {
            Self::Corrupt { .. } | Self::Missing(_) | Self::Panic => true,
            Self::Locked
            | Self::Newer(_)
            | Self::KeyFile { .. }
            | Self::Io(_)
            | Self::Database(_)
            | Self::JournalTrimmed
            | Self::Foreign
            | Self::Upgrade(..)
            | Self::Unfinished
            | Self::Absent
            | Self::Dumping
            | Self::Closed
            | Self::Unavailable => false,
        }
    }
}

macro_rules! from_redb {
    ($($error:ty),+) => {$(
        impl From<$error> for StoreError {
            fn from(error: $error) -> Self {
                Self::Database(error.into())
            }
        }
    )+};
}

from_redb!(redb::TransactionError, redb::TableError, redb::StorageError, redb::CommitError, redb::SetDurabilityError);

/// Why an envelope was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// More waits than can be done in good time.
    #[error("The server has more to do than it can; try again in a moment.")]
    Overloaded,
    /// The write failed; whether it is durable shows when the store is back.
    #[error("The store cannot be written now; try again in a moment.")]
    Unavailable,
    /// The store has been stopped.
    #[error("The store has been stopped.")]
    Stopped,
}

/// What a command led to.
#[derive(Clone, Debug)]
pub struct Done {
    /// The journal's head after this command.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub events: Arc<[Event]>,
    /// The command was a repetition: the message that is already there.
    pub known_message: Option<MessageId>,
}

/// The answer to one command.
pub type Answer = Result<Done, Rejection>;

/// Whether the store can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreState {
    /// It can.
    Ready,
    /// It cannot, for this reason.
    Unavailable(String),
}

/// Keeps a copy of a data directory of an earlier layout before it is changed; a sentence when it cannot.
pub type BeforeUpgrade = Arc<dyn Fn(&Path, &Dump) -> Result<(), String> + Send + Sync>;

/// How to open a store.
#[derive(Clone)]
pub struct StoreOptions {
    clock: Clock,
    backend: Option<BackendFactory>,
    before_upgrade: Option<BeforeUpgrade>,
    floor_checked: bool,
    log_bytes: u64,
    key_file: Option<PathBuf>,
}

impl StoreOptions {
    /// A store on the file `deskbell.redb` of the directory.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { clock, backend: None, before_upgrade: None, floor_checked: false, log_bytes: LOG_BYTES, key_file: None }
    }

    /// Tests put another storage under it, opened anew after each failure.
    #[must_use]
    pub fn with_backend(self, backend: BackendFactory) -> Self {
        Self { backend: Some(backend), ..self }
    }

    /// Is called before a directory of an earlier layout is brought to this one; nothing is changed when it fails.
    #[must_use]
    pub fn with_before_upgrade(self, before_upgrade: BeforeUpgrade) -> Self {
        Self { before_upgrade: Some(before_upgrade), ..self }
    }

    /// Tests compare the tables with the floor after every commit; a difference panics in the writer.
    #[must_use]
    pub fn with_floor_checked(self) -> Self {
        Self { floor_checked: true, ..self }
    }

    /// The key of the secrets at rest lies there, and not beside the data.
    #[must_use]
    pub fn with_key_file(self, key_file: Option<PathBuf>) -> Self {
        Self { key_file, ..self }
    }

    /// Tests use a small commit log, so that it is full often.
    #[must_use]
    pub fn with_log_bytes(self, log_bytes: u64) -> Self {
        Self { log_bytes, ..self }
    }
}

/// An open store; cheap to clone. It is closed by `stop`, or with its last handle.
#[derive(Clone, Debug)]
pub struct Store {
    mailbox: Mailbox,
    shared: Arc<Shared>,
    writer: Arc<Thread>,
}

/// The writer's thread; whoever drops it waits for its end.
#[derive(Debug)]
struct Thread {
    mailbox: Mailbox,
    handle: Mutex<Option<JoinHandle<()>>>,
}

impl Thread {
    fn stop(&self) {
        self.mailbox.stop();
        let handle = self.handle.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(handle) = handle
            && handle.join().is_err()
        {
            tracing::error!("the writer ended in a panic");
        }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Store {
    /// Opens the store of a directory, made when it is missing, and starts the writer.
    ///
    /// # Errors
    /// Another process holds it, it is newer than this program, damaged, or the file system said no.
    pub fn open(directory: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        let shared = Arc::new(Shared::open(directory, &options)?);
        let (mailbox, letters) = mailbox::open();
        let handle = writer::start(Arc::clone(&shared), letters, options)?;
        let writer = Arc::new(Thread { mailbox: mailbox.clone(), handle: Mutex::new(Some(handle)) });
        Ok(Self { mailbox, shared, writer })
    }

    /// The data directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.shared.directory()
    }

    /// Carries out commands in one transaction; the answers come when it is durable.
    ///
    /// # Errors
    /// Too much waits, the write failed, or the store was stopped.
    pub fn submit(
        &self,
        commands: Vec<crate::domain::command::Command>,
    ) -> impl Future<Output = Result<Vec<Answer>, SubmitError>> + Send + use<> {
        self.mailbox.submit(commands)
    }

    /// The same, for callers without a runtime.
    ///
    /// # Errors
    /// As `submit`.
    pub fn submit_blocking(&self, commands: Vec<crate::domain::command::Command>) -> Result<Vec<Answer>, SubmitError> {
        self.mailbox.submit_blocking(commands)
    }

    /// The journal's head; changes after each commit.
    #[must_use]
    pub fn head(&self) -> watch::Receiver<u64> {
        self.shared.head.subscribe()
    }

    /// Whether the store can be written.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<StoreState> {
        self.shared.state.subscribe()
    }

    /// Eight characters of this store's random id, to tell our echoes from another store's.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.shared.tag
    }

    /// A key for a purpose beside the store, the same as long as the key file is.
    #[must_use]
    pub fn derived_key(&self, purpose: &str) -> [u8; 32] {
        self.shared.key.derived(purpose)
    }

    /// What is counted while the store is open.
    #[must_use]
    pub fn measures(&self) -> &Measures {
        &self.shared.measures
    }

    /// Reads from one snapshot.
    ///
    /// # Errors
    /// What `read` returns, or the database cannot be read.
    pub fn read<T>(&self, read: impl FnOnce(&Snapshot) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.shared.read(read)
    }

    /// Writes database and commit log anew, so that nothing is left in them of what was removed. Reads and writes wait
    /// meanwhile: some seconds for a million messages. Blocks.
    ///
    /// # Errors
    /// There is no room for a second database, or the file system said no: the old one stays.
    pub fn compact(&self) -> Result<(), StoreError> {
        self.shared.compact()
    }

    /// Bytes of the database's file.
    ///
    /// # Errors
    /// The file system said no.
    pub fn database_bytes(&self) -> Result<u64, StoreError> {
        self.shared.database_bytes()
    }

    /// Does what was submitted, then closes. Later submissions are answered with `Stopped`, and who reads everything is
    /// told to end.
    pub fn stop(&self) {
        self.shared.turnstile.close();
        self.writer.stop();
        self.shared.turnstile.wait_until_empty();
    }
}
