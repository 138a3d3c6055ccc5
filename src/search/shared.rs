//! What queries and the indexing thread share: the index's moment and the tail after it.
//!
//! Invariants: view and tail are exchanged together, so that no query sees an entry twice or misses one; whoever holds
//! the state may read the store, and nobody who reads the store asks for the state;
//! nothing is answered before the index of before has been looked at.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};

use crate::domain::ids::MessageId;
use crate::limits::SEARCH_UNINDEXED_EVENTS_MAX;
use crate::store::{Store, StoreError};

use super::tail::Tail;
use super::view::View;

/// How far a rebuild is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Messages in the index.
    pub done: u64,
    /// Messages of the store when it began.
    pub of: u64,
}

pub(super) struct Shared {
    pub(super) store: Store,
    pub(super) state: RwLock<State>,
    suspicion: AtomicBool,
    /// Whether the index of before has been looked at, and who waits for that.
    looked: (Mutex<bool>, Condvar),
}

pub(super) struct State {
    pub(super) view: Arc<View>,
    pub(super) tail: Tail,
    /// Messages with smaller numbers are left to the rebuild.
    frontier: MessageId,
    pub(super) progress: Option<Progress>,
    /// View and tail are everything.
    whole: bool,
}

impl Shared {
    pub(super) fn new(store: Store) -> Self {
        let progress = Some(Progress { done: 0, of: 0 });
        let state =
            State { view: Arc::default(), tail: Tail::default(), frontier: MessageId(0), progress, whole: true };
        Self { store, state: RwLock::new(state), suspicion: AtomicBool::new(false), looked: Default::default() }
    }

    /// The index of before has been taken over, or there is none that fits.
    pub(super) fn set_looked(&self) {
        *self.looked.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.looked.1.notify_all();
    }

    /// Waits until then: reading its files takes a moment, in which messages are taken already.
    pub(super) fn await_look(&self) {
        let looked = self.looked.0.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.looked.1.wait_while(looked, |looked| !*looked).unwrap_or_else(PoisonError::into_inner));
    }

    /// Takes an index over that has everything up to a number of the journal; `false` where the two do not fit.
    pub(super) fn adopt(&self, view: Arc<View>, cursor: u64) -> Result<bool, StoreError> {
        let tail = self.store.read(|snapshot| {
            if cursor > snapshot.head()? {
                return Ok(None);
            }
            match snapshot.journal(cursor, 1) {
                Ok(_) => Tail::at(snapshot, cursor).map(Some),
                Err(StoreError::JournalTrimmed) => Ok(None),
                Err(error) => Err(error),
            }
        })?;
        let Some(tail) = tail else { return Ok(false) };
        *self.state.write().unwrap_or_else(PoisonError::into_inner) =
            State { view, tail, frontier: MessageId(0), progress: None, whole: true };
        Ok(true)
    }

    /// Begins with an empty index; gives the newest message that the rebuild has to read.
    pub(super) fn begin_rebuild(&self, view: Arc<View>) -> Result<MessageId, StoreError> {
        let (tail, last) = self.store.read(|snapshot| Ok((Tail::at_head(snapshot)?, snapshot.last_message_id()?)))?;
        let progress = Some(Progress { done: 0, of: last.0 });
        *self.state.write().unwrap_or_else(PoisonError::into_inner) =
            State { view, tail, frontier: MessageId(last.0 + 1), progress, whole: false };
        Ok(last)
    }

    /// A rebuild has come to its end.
    pub(super) fn end_rebuild(&self) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        (state.progress, state.whole) = (None, true);
    }

    /// Whether everything is found without an index, and is little enough for that.
    pub(super) fn is_in_memory(&self) -> bool {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.whole && state.view.segments_held() == 0 && *self.store.head().borrow() <= SEARCH_UNINDEXED_EVENTS_MAX
    }

    /// Goes on with what another one has built over the same store.
    pub(super) fn take_over(&self, built: Self) {
        let built = built.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = built;
    }

    pub(super) fn set_frontier(&self, frontier: MessageId) {
        self.state.write().unwrap_or_else(PoisonError::into_inner).frontier = frontier;
    }

    pub(super) fn set_progress(&self, progress: Option<Progress>) {
        self.state.write().unwrap_or_else(PoisonError::into_inner).progress = progress;
    }

    /// Lets the tail take over everything that has been acknowledged by now.
    pub(super) fn catch_up(&self) -> Result<(), StoreError> {
        let head = *self.store.head().borrow();
        if self.state.read().unwrap_or_else(PoisonError::into_inner).tail.cursor >= head {
            return Ok(());
        }
        loop {
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            let State { tail, frontier, .. } = &mut *state;
            let more = self.store.read(|snapshot| tail.catch_up(snapshot, *frontier))?;
            if !more {
                return Ok(());
            }
        }
    }

    /// A query met something that cannot be: the files are looked at.
    pub(super) fn suspect(&self) {
        self.suspicion.store(true, Ordering::Relaxed);
    }

    pub(super) fn take_suspicion(&self) -> bool {
        self.suspicion.swap(false, Ordering::Relaxed)
    }
}
