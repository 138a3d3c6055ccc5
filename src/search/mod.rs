//! Search: everything that was said, noted and decided, found by words, newest or best first.
//!
//! The only place that names tantivy. Synchronous: the store's journal in, hits out. Invariants: what the store has
//! acknowledged is found at once; rights are part of the query; the index can be thrown away at any time.

mod analyzer;
mod ask;
mod correct;
mod cursor;
mod dates;
mod documents;
mod entry;
mod expression;
mod fold;
mod forms;
mod hits;
mod index;
mod indexer;
mod interactions;
mod merging;
mod names;
mod newest;
mod numbers;
mod parse;
mod plan;
mod rank;
mod resolve;
mod scan;
mod schema;
mod shared;
mod snippet;
mod source;
mod tail;
#[cfg(test)]
mod tests;
mod view;
mod words;

use std::fmt;
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::domain::ids::{ConversationId, QueueId};
use crate::limits::{SEARCH_PURGE_MS_MAX, SEARCH_PURGE_PAUSE_MS, SEARCH_QUERY_BYTES_MAX};
use crate::store::{Store, StoreError};

use self::indexer::Order;
use self::shared::Shared;

pub use self::entry::HitKind;
pub use self::hits::{Hit, HitAuthor};
pub use self::shared::Progress;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// As the person typed it.
    pub query: String,
    /// The last word is still being typed: its beginning counts.
    pub typing: bool,
    /// In this conversation only.
    pub conversation: Option<ConversationId>,
    /// What the asker may read.
    pub permitted: Permitted,
    /// Which hits first.
    pub order: Ranking,
    /// Hits at most.
    pub limit: usize,
    /// Whether all hits are counted, which takes longer than to find the first ones.
    pub counted: bool,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// The time zone in which the asker names days, by its name in the IANA database; this machine's where it is unknown.
    pub time_zone: Option<String>,
}

/// What somebody may read; part of the query, so that pages are full and counts tell nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permitted {
    /// The whole centre.
    All,
    /// These conversations.
    Conversations(Vec<ConversationId>),
    /// What was said in interactions of these queues, and of the conversations with such an interaction the contact and
    /// what was imported.
    Queues(Vec<QueueId>),
}

/// Which hits come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ranking {
    /// The newest.
    Newest,
    /// Those that fit best (BM25).
    Best,
}

/// Why a query was read in another way than it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// A word is nowhere; the one that was probably meant is.
    Corrected,
    /// Operators that do not fit.
    PlainWords,
}

/// The answer.
#[derive(Clone, Debug)]
pub struct Page {
    /// In order.
    pub hits: Vec<Hit>,
    /// How many there are in all, exact or at least so many; where they are not counted, those found so far.
    pub total: u64,
    /// Whether the total is exact.
    pub total_is_exact: bool,
    /// For the next page.
    pub cursor: Option<String>,
    /// How the query was read, where not as it was typed.
    pub read_as: Option<(String, Because)>,
    /// The journal's number up to which everything is found.
    pub indexed_through: u64,
    /// How far the index is, while it is being built.
    pub indexing: Option<Progress>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// More than a person types.
    #[error("A query has at most {SEARCH_QUERY_BYTES_MAX} bytes; use fewer words.")]
    QueryTooLong,
    /// Not a cursor of this query.
    #[error("This page belongs to another query; search again.")]
    CursorInvalid,
    /// The index cannot be read; it is being mended.
    #[error("Search is being repaired; try again in a moment.")]
    Unavailable,
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Search over a store; cheap to clone. It ends by `stop`, or with its last handle.
#[derive(Clone)]
pub struct Search {
    shared: Arc<Shared>,
    clock: Clock,
    thread: Arc<Thread>,
}

impl fmt::Debug for Search {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Search")
    }
}

/// The indexing thread; whoever drops it waits for its end.
struct Thread {
    orders: Mutex<Sender<Order>>,
    handle: Mutex<Option<JoinHandle<()>>>,
}

impl Thread {
    fn tell(&self, order: Order) {
        // A thread that has ended needs no orders.
        self.orders.lock().unwrap_or_else(PoisonError::into_inner).send(order).ok();
    }

    fn stop(&self) {
        self.tell(Order::Stop);
        let handle = self.handle.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(handle) = handle
            && handle.join().is_err()
        {
            tracing::error!("the indexing thread ended in a panic");
        }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Search {
    /// Opens the index in the store's data directory, or begins to build it, and follows the store from then on. Returns at
    /// once: whoever asks waits until the index has been looked at.
    ///
    /// # Errors
    /// The machine gives no thread.
    pub fn start(store: Store, data: &Path, clock: Clock) -> Result<Self, StoreError> {
        let shared = Arc::new(Shared::new(store));
        let (orders, received) = channel();
        let (following, data) = (Arc::clone(&shared), data.to_owned());
        let run = move || {
            let index = indexer::open_fitting(&following, &data);
            following.set_looked();
            indexer::run(&following, &data, &received, index);
        };
        let handle = thread::Builder::new().name("indexer".to_owned()).spawn(run)?;
        let thread = Thread { orders: Mutex::new(orders), handle: Mutex::new(Some(handle)) };
        Ok(Self { shared, clock, thread: Arc::new(thread) })
    }

    /// Answers a question.
    ///
    /// # Errors
    /// The query is too long, the cursor belongs to another query, or store or index cannot be read.
    pub fn ask(&self, question: &Question) -> Result<Page, SearchError> {
        self.shared.await_look();
        ask::ask(&self.shared, &self.clock, question)
    }

    /// Begins to build the index anew; queries are answered meanwhile.
    pub fn rebuild(&self) {
        self.shared.await_look();
        self.shared.set_progress(Some(Progress { done: 0, of: 0 }));
        self.thread.tell(Order::Rebuild);
    }

    /// Commits what waits now, instead of in a moment.
    pub fn commit(&self) {
        self.thread.tell(Order::Commit);
    }

    /// Leaves nothing on disk of what was removed, and waits for it. Blocks; a large index takes some seconds.
    ///
    /// # Errors
    /// The index could not be built or mended in good time.
    pub fn purge(&self) -> Result<(), SearchError> {
        let until = Instant::now() + Duration::from_millis(SEARCH_PURGE_MS_MAX);
        while Instant::now() < until {
            // What is being built has nothing removed in it, and takes no orders.
            if self.progress().is_none() {
                let (done, purged) = channel();
                self.thread.tell(Order::Purge(done));
                if purged.recv().is_ok() {
                    return Ok(());
                }
            }
            thread::sleep(Duration::from_millis(SEARCH_PURGE_PAUSE_MS));
        }
        Err(SearchError::Unavailable)
    }

    /// How far the index is, while it is being built.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        self.shared.await_look();
        self.shared.state.read().unwrap_or_else(PoisonError::into_inner).progress
    }

    /// Changes that are in memory and not yet in the index.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shared.await_look();
        self.shared.state.read().unwrap_or_else(PoisonError::into_inner).tail.len()
    }

    /// The journal's number up to which everything was taken over, committed or not.
    #[must_use]
    pub fn taken_over(&self) -> u64 {
        self.shared.await_look();
        self.shared.state.read().unwrap_or_else(PoisonError::into_inner).tail.cursor
    }

    /// Commits what waits and ends the thread.
    pub fn stop(&self) {
        self.thread.stop();
    }
}
