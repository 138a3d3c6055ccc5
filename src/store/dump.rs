//! Everything that a store holds at one moment, row by row, for backups and for those who check it.
//!
//! Apart from `Snapshot`, which is held for the time of one question: this takes long, so it holds nothing that the
//! writer waits for. When the database is opened anew or closed meanwhile, reading ends with an error. Pages that
//! commits free are kept for it until it is dropped, so that one is let in at a time. Invariant: what was acknowledged
//! before it was made is in it.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redb::{ReadTransaction, ReadableDatabase as _, ReadableTable as _};

use crate::domain::hex::hex;
use crate::domain::media::{FileHash, MediaFile};
use crate::domain::time::Timestamp;
use crate::limits::DUMP_STOP_MS_MAX;

use super::database::{DATABASE_NAME, Files, IDENTITY, Opened, RESTORED, RESTORING_NAME, tag};
use super::query::{Snapshot, decode};
use super::record::{Identity, JournalBatch};
use super::tables::{self, FILES, JOURNAL, META};
use super::{Store, StoreError, StoreOptions};

/// Which store, and which moment of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The store's id, hexadecimal.
    pub store: String,
    /// Its first eight characters.
    pub tag: String,
    /// The number of the tables' layout.
    pub format: u32,
    /// The journal's head.
    pub head: u64,
    /// When something happened last.
    pub at: Timestamp,
}

/// Takes table, key and value of a row.
pub type TakeRow<'a, E> = dyn FnMut(u8, &[u8], &[u8]) -> Result<(), E> + 'a;

/// All rows of one moment.
pub struct Dump {
    rows: ReadTransaction,
    moment: Moment,
    /// The place of a reader in a store that goes on.
    pass: Option<Pass>,
    /// A stopped directory's own database.
    _opened: Option<Opened>,
}

impl Store {
    /// Everything as it is now, while the writer goes on.
    ///
    /// # Errors
    /// Somebody reads everything already, or the database cannot be read.
    pub fn dump(&self) -> Result<Dump, StoreError> {
        let pass = self.shared.turnstile.enter()?;
        let identity = self.read(|snapshot| snapshot.identity())?;
        let rows = self.shared.with(|opened| Ok(opened.database.begin_read()?))?;
        Ok(Dump { pass: Some(pass), ..Dump::new(rows, &identity)? })
    }
}

impl Dump {
    pub(super) fn new(rows: ReadTransaction, identity: &Identity) -> Result<Self, StoreError> {
        let (mut head, mut at) = (0, Timestamp(0));
        if let Some((key, value)) = rows.open_table(JOURNAL)?.last()? {
            let batch: JournalBatch = decode("journal", key.value(), value.value())?;
            (head, at) = (key.value() + batch.events.len() as u64 - 1, batch.at);
        }
        let store = hex(&identity.id);
        let moment = Moment { store, tag: tag(identity), format: identity.format, head, at };
        Ok(Self { rows, moment, pass: None, _opened: None })
    }

    /// Everything in the directory of a stopped server, in whatever layout it is. What the commit log holds beyond the
    /// last checkpoint is carried out first, as the next start would do; nothing else is changed.
    ///
    /// # Errors
    /// There is no store, another process holds it, it is newer than this program, damaged, or cannot be read.
    pub fn open(directory: &Path, options: &StoreOptions) -> Result<Self, StoreError> {
        if directory.join(RESTORING_NAME).exists() {
            return Err(StoreError::Unfinished);
        }
        if !directory.join(DATABASE_NAME).exists() {
            return Err(StoreError::Absent);
        }
        let (opened, identity) = Files::of(directory, options).open_as_it_is()?;
        let rows = opened.database.begin_read()?;
        Ok(Self { _opened: Some(opened), ..Self::new(rows, &identity)? })
    }

    /// Which store and which moment.
    #[must_use]
    pub fn moment(&self) -> &Moment {
        &self.moment
    }

    /// Whether the store wants this to go on; asked between two pieces of long work.
    ///
    /// # Errors
    /// The store is being closed.
    pub fn goes_on(&self) -> Result<(), StoreError> {
        match &self.pass {
            Some(pass) if pass.is_over() => Err(StoreError::Closed),
            Some(_) | None => Ok(()),
        }
    }

    /// Calls `take` with table, key and value of every row, in the order of the tables' numbers and of the keys.
    ///
    /// # Errors
    /// Those of `take`, the database cannot be read, or the store was closed.
    pub fn each_row<E: From<StoreError>>(&self, take: &mut TakeRow<'_, E>) -> Result<(), E> {
        tables::each_row(&self.rows, take)
    }

    /// Calls `take` with every file that is said to be on the shelf; a row that cannot be read is passed over, because
    /// whoever reads the rows reports it.
    ///
    /// # Errors
    /// Those of `take`, or the database cannot be read.
    pub fn each_file<E: From<StoreError>>(&self, take: &mut dyn FnMut(&MediaFile) -> Result<(), E>) -> Result<(), E> {
        let table = match self.rows.open_table(FILES) {
            Ok(table) => table,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(()),
            Err(error) => return Err(StoreError::from(error).into()),
        };
        for row in table.iter().map_err(StoreError::from)? {
            let (key, value) = row.map_err(StoreError::from)?;
            if let Ok(file) = decode::<MediaFile>("files", FileHash(*key.value()), value.value()) {
                take(&file)?;
            }
        }
        Ok(())
    }
}

impl Snapshot {
    /// Whether the store was restored and has not been started since.
    pub(super) fn was_restored(&self) -> Result<bool, StoreError> {
        Ok(self.table(META)?.get(RESTORED)?.is_some())
    }

    /// Who the store is.
    fn identity(&self) -> Result<Identity, StoreError> {
        let found = self.table(META)?.get(IDENTITY)?;
        let identity: Option<Identity> = found.map(|value| decode("meta", IDENTITY, value.value())).transpose()?;
        identity.ok_or(StoreError::Missing("the identity of the store"))
    }
}

/// Lets one reader of everything in at a time, and tells them when to end.
#[derive(Debug, Default)]
pub(super) struct Turnstile(Arc<Gate>);

#[derive(Debug, Default)]
struct Gate {
    state: Mutex<GateState>,
    left: Condvar,
}

#[derive(Debug, Default)]
struct GateState {
    taken: bool,
    closed: bool,
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, GateState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of the reader who was let in.
#[derive(Debug)]
struct Pass(Arc<Gate>);

impl Turnstile {
    fn enter(&self) -> Result<Pass, StoreError> {
        let mut state = self.0.state();
        if state.closed {
            return Err(StoreError::Closed);
        }
        if state.taken {
            return Err(StoreError::Dumping);
        }
        state.taken = true;
        Ok(Pass(Arc::clone(&self.0)))
    }

    /// Lets nobody in any more, and tells the one who is in to end.
    pub(super) fn close(&self) {
        self.0.state().closed = true;
    }

    /// Gives the one who is in a moment to tidy up.
    pub(super) fn wait_until_empty(&self) {
        let patience = Duration::from_millis(DUMP_STOP_MS_MAX);
        let waited = self.0.left.wait_timeout_while(self.0.state(), patience, |state| state.taken);
        if waited.is_ok_and(|(_, outcome)| outcome.timed_out()) {
            tracing::warn!("a backup did not end in time");
        }
    }
}

impl Pass {
    fn is_over(&self) -> bool {
        self.0.state().closed
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.0.state().taken = false;
        self.0.left.notify_all();
    }
}
