//! The store: tables that survive, one writer, and snapshots for everybody else.
//!
//! Apart because nobody else may name redb. Writes go through the mailbox to the writer thread, which commits them in
//! groups; reads see the last commit. Invariants: an answer leaves after its commit is durable; tables are the truth,
//! and the floor in memory can be rebuilt from them at any moment.

mod backend;
mod codec;
mod journal;
mod load;
mod mailbox;
mod migrate;
mod persist;
mod prefetch;
mod quarantine;
mod query;
mod record;
mod tables;
mod writer;

use std::fmt;
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

use redb::Database;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::domain::command::Command;
use crate::domain::event::Event;
use crate::domain::ids::MessageId;
use crate::domain::rejection::Rejection;
use crate::domain::time::Timestamp;

pub use backend::OpenFile;
pub use journal::JournalEntry;
pub use query::{AgentRow, ChannelRow, InteractionRow, Snapshot};
pub use record::contact::ConversationRow;
pub use record::message::RawRow;

use mailbox::Mailbox;

/// How a store is opened.
pub struct StoreOptions {
    /// Tells the writer the time.
    pub clock: Clock,
    /// Opens the store's files in place of the file system; for tests with disks that fail.
    pub open_file: Option<OpenFile>,
    /// Compares the floor with the tables after every commit, and stops the writer when they differ; for tests.
    pub check_floor: bool,
}

impl StoreOptions {
    /// A store in files.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { clock, open_file: None, check_floor: false }
    }
}

/// What went wrong with the store. Its text is for people and says the way out; `source` is for the log.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the data directory.
    #[error("the data directory {} is in use by another deskbell; stop that one first, or talk to it", .0.display())]
    Locked(PathBuf),
    /// A newer Deskbell wrote this store.
    #[error(
        "the store has format {found}, this deskbell knows formats up to {known}; run the newer deskbell, or restore a backup made before the upgrade"
    )]
    NewerFormat {
        /// The store's.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// The file is not a store.
    #[error("{} is not a deskbell store; choose another data directory", .0.display())]
    NotAStore(PathBuf),
    /// A stored value is not what was written.
    #[error("the value of key {key} in table {table} is damaged ({reason}); restore a backup, and check the disk")]
    Corrupt {
        /// Which table.
        table: String,
        /// Which key; text is masked.
        key: String,
        /// What is wrong.
        reason: String,
    },
    /// The reader is too far behind: these events have been trimmed.
    #[error("events after {after} are no longer in the journal, which begins after {trimmed}; read the tables anew")]
    JournalTrimmed {
        /// Where the reader stands.
        after: u64,
        /// The last event that is gone.
        trimmed: u64,
    },
    /// The floor and the tables differ; only looked for in tests.
    #[error("the floor differs from the tables")]
    FloorDiffers,
    /// The file system refused.
    #[error("the data directory cannot be used: {0}; check its owner, its mode and the free space")]
    Io(#[from] io::Error),
    /// The database refused.
    #[error("the database cannot be used: {0}; check the disk and its free space")]
    Database(#[from] Box<redb::Error>),
    /// Being opened anew after a failure, or closed.
    #[error("the store cannot be read at the moment; try again")]
    Unavailable,
}

macro_rules! from_redb {
    ($($error:ident),+) => {$(
        impl From<redb::$error> for StoreError {
            fn from(error: redb::$error) -> Self {
                Self::Database(Box::new(error.into()))
            }
        }
    )+};
}

from_redb!(StorageError, TableError, TransactionError, CommitError, DatabaseError, SetDurabilityError);

/// Why an envelope got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// As much is waiting as may wait: try again shortly. Nothing was done.
    #[error("more work is waiting than can be taken in; try again shortly")]
    Overloaded,
    /// The commit failed or its fate is unknown: try again; what was done is recognised.
    #[error("the store cannot write at the moment; try again shortly")]
    Unavailable,
    /// The store is closed.
    #[error("the server is stopping")]
    Stopped,
}

/// What a command led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The journal's head after this command.
    pub seq: u64,
    /// The floor's time.
    pub at: Timestamp,
    /// What happened; empty when there was nothing to change.
    pub events: Arc<[Event]>,
    /// The message that was already there, when the command repeated an earlier one.
    pub known_message: Option<MessageId>,
}

/// The answer to one command.
pub type Answer = Result<Done, Rejection>;

/// Whether the store takes writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreState {
    /// It does.
    Ready,
    /// It does not, for this reason; it recovers by itself when the reason is gone.
    Unavailable(String),
}

/// A handle to the store; clones are the same store. The last one to go closes it.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    mailbox: Mailbox,
    shared: Arc<Shared>,
    writer: Mutex<Option<JoinHandle<()>>>,
    tag: String,
}

/// What the writer and the readers have in common.
struct Shared {
    /// `None` while it is opened anew, and after `stop`. Held for reading by each reader and by each commit.
    database: RwLock<Option<Database>>,
    head: watch::Sender<u64>,
    state: watch::Sender<StoreState>,
}

impl Store {
    /// Opens the store in this directory, or creates both, and starts the writer.
    ///
    /// # Errors
    /// When the directory is in use, of a newer format, damaged, or cannot be used.
    pub fn open(directory: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        let opener = backend::Opener::new(directory, options.open_file)?;
        let (database, identity) = migrate::open(&opener)?;
        let shared = Arc::new(Shared {
            database: RwLock::new(Some(database)),
            head: watch::Sender::new(0),
            state: watch::Sender::new(StoreState::Ready),
        });
        let mut writer = writer::Writer::new(Arc::clone(&shared), opener, options.clock, options.check_floor)?;
        writer.start()?;
        let (mailbox, receiver) = mailbox::open();
        let thread = std::thread::Builder::new().name("writer".to_owned()).spawn(move || writer.run(&receiver))?;
        let tag = identity.id.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self(Arc::new(Inner { mailbox, shared, writer: Mutex::new(Some(thread)), tag })))
    }

    /// Submits an envelope: one transaction, one answer for each command, after durability. It is posted at once,
    /// whether or not the future is awaited.
    ///
    /// # Errors
    /// When there is no answer; see [`SubmitError`].
    pub fn submit(
        &self,
        commands: Vec<Command>,
    ) -> impl Future<Output = Result<Vec<Answer>, SubmitError>> + Send + 'static + use<> {
        self.0.mailbox.submit(commands)
    }

    /// The same without a runtime; must not be called from asynchronous code.
    ///
    /// # Errors
    /// When there is no answer; see [`SubmitError`].
    pub fn submit_blocking(&self, commands: Vec<Command>) -> Result<Vec<Answer>, SubmitError> {
        self.0.mailbox.submit_blocking(commands)
    }

    /// The journal's head as of the last commit.
    #[must_use]
    pub fn head(&self) -> watch::Receiver<u64> {
        self.0.shared.head.subscribe()
    }

    /// Whether writes are taken.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<StoreState> {
        self.0.shared.state.subscribe()
    }

    /// Reads from one snapshot of the last commit. Blocks on the disk; must not be nested.
    ///
    /// # Errors
    /// Whatever `read` returns, or that the store cannot be read.
    pub fn read<T>(&self, read: impl FnOnce(&Snapshot) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.0.shared.read(read)
    }

    /// Eight characters by which this store knows its own messages again.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.0.tag
    }

    /// Answers what was submitted before, then closes. Later submissions are refused. Blocks until done.
    pub fn stop(&self) {
        self.0.stop();
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Store({})", self.0.tag)
    }
}

impl Shared {
    fn read<T>(&self, read: impl FnOnce(&Snapshot) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let transaction = tables::begin_read(database.as_ref().ok_or(StoreError::Unavailable)?)?;
        read(&Snapshot::new(transaction))
    }
}

impl Inner {
    fn stop(&self) {
        self.mailbox.stop();
        let thread = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A writer that panicked has said so; what it did not answer was not committed.
        let _ = thread.map(JoinHandle::join);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}
