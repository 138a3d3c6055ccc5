//! The thread that keeps the index up with the store.
//!
//! It commits what the tail holds every so often, builds the index anew when it does not fit, and mends it when its
//! files are damaged or gone. Queries never wait for it: what it has not committed is in the tail. Invariants: a commit
//! carries exactly what its number says; after a failure nothing is taken for committed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::ids::MessageId;
use crate::limits::{
    SEARCH_BATCH_MESSAGES, SEARCH_CHECK_MS, SEARCH_COMMIT_MS, SEARCH_MERGED_CHECK_MS, SEARCH_REBUILD_COMMIT_MESSAGES,
    SEARCH_REBUILD_PAGE_MAX, SEARCH_RETRY_MS, SEARCH_RETRY_MS_MAX,
};
use crate::store::StoreError;

use super::analyzer::Analysis;
use super::index::{Index, IndexError, Standing};
use super::shared::{Progress, Shared};
use super::source;

/// What the thread is told.
#[derive(Clone, Debug)]
pub(super) enum Order {
    /// Build the index anew.
    Rebuild,
    /// Commit what waits now.
    Commit,
    /// Commit what waits, leave nothing on disk of what was removed, and say when it is done.
    Purge(Sender<()>),
    /// End.
    Stop,
}

/// Why a round came to nothing.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("stopped")]
    Stopped,
    #[error("the library panicked")]
    Panicked,
    #[error("the index cannot be opened now")]
    Short,
}

impl From<tantivy::TantivyError> for Failure {
    fn from(error: tantivy::TantivyError) -> Self {
        Self::Index(error.into())
    }
}

/// What became of opening the index.
pub(super) enum Opened {
    /// It fits the store, and has been taken over.
    Fitting(Box<Index>),
    /// There is none, or it is damaged, or of another store or schema.
    Unfit,
    /// It could not be looked at now.
    Short,
}

/// Runs until it is told to stop.
pub(super) fn run(shared: &Shared, data: &Path, orders: &Receiver<Order>, mut opened: Opened) {
    let mut wait_ms = SEARCH_RETRY_MS;
    loop {
        let begun = Instant::now();
        // Damaged files can make the library panic; the thread lives on and makes the index anew.
        let outcome = catch_unwind(AssertUnwindSafe(|| match opened {
            Opened::Fitting(index) => serve(shared, data, orders, *index),
            Opened::Unfit => anew(shared, data, orders).and_then(|index| serve(shared, data, orders, index)),
            Opened::Short => Err(Failure::Short),
        }));
        match outcome.unwrap_or(Err(Failure::Panicked)) {
            Ok(()) | Err(Failure::Stopped) => return,
            Err(failure) => tracing::error!(error = %failure, "the search index cannot be kept up; it is tried again"),
        }
        if begun.elapsed() > Duration::from_millis(SEARCH_RETRY_MS_MAX) {
            wait_ms = SEARCH_RETRY_MS;
        }
        let (mut asked, until) = (false, Instant::now() + Duration::from_millis(wait_ms));
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            match orders.recv_timeout(left) {
                Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(Order::Rebuild) => asked = true,
                // Whoever waits for a purge hears that there was none.
                Ok(Order::Commit | Order::Purge(_)) | Err(RecvTimeoutError::Timeout) => {}
            }
        }
        wait_ms = (wait_ms * 2).min(SEARCH_RETRY_MS_MAX);
        // The last commit may be whole after all; else everything is built anew.
        opened = if asked { Opened::Unfit } else { open_fitting(shared, data) };
    }
}

/// Opens the index and takes it over, where it fits the store.
pub(super) fn open_fitting(shared: &Shared, data: &Path) -> Opened {
    if !Index::is_there(data) {
        return Opened::Unfit;
    }
    let fit = AssertUnwindSafe(|| -> Result<Opened, Failure> {
        let (index, standing) = Index::open(data)?;
        let fits = standing.filter(|standing| standing.complete && standing.store == shared.store.tag());
        let Some(standing) = fits else { return Ok(Opened::Unfit) };
        let adopted = shared.adopt(index.view()?, standing.cursor)?;
        Ok(if adopted { Opened::Fitting(Box::new(index)) } else { Opened::Unfit })
    });
    catch_unwind(fit).unwrap_or(Err(Failure::Panicked)).unwrap_or_else(|failure| {
        tracing::warn!(error = %failure, "the search index cannot be opened");
        match failure {
            Failure::Index(error) if !error.is_shortage() => Opened::Unfit,
            Failure::Panicked => Opened::Unfit,
            // The store is being opened anew, and says so itself.
            Failure::Store(_) | Failure::Index(_) | Failure::Short | Failure::Stopped => Opened::Short,
        }
    })
}

/// Keeps the index up until something fails.
fn serve(shared: &Shared, data: &Path, orders: &Receiver<Order>, mut index: Index) -> Result<(), Failure> {
    let (mut checked, mut merged) = (Instant::now(), Instant::now());
    loop {
        let (mut damaged, mut purged) = (false, None);
        let stopped = match orders.recv_timeout(Duration::from_millis(SEARCH_COMMIT_MS)) {
            Ok(Order::Rebuild) => {
                damaged = true;
                false
            }
            Ok(Order::Purge(done)) => {
                purged = Some(done);
                false
            }
            Ok(Order::Commit) | Err(RecvTimeoutError::Timeout) => false,
            Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => true,
        };
        if stopped {
            // Whatever goes wrong now is made good at the next start: the thread ends in any case.
            if let Err(error) = finish(shared, index) {
                tracing::error!(%error, "the search index was not closed in order");
            }
            return Ok(());
        }
        let suspected = shared.take_suspicion() | index.take_damage();
        if suspected || checked.elapsed() >= Duration::from_millis(SEARCH_CHECK_MS) {
            checked = Instant::now();
            match index.check() {
                Ok(()) => {}
                Err(error) if error.is_shortage() => tracing::warn!(%error, "the search index cannot be checked now"),
                Err(error) => {
                    tracing::error!(%error, "the search index is damaged and is built anew");
                    damaged = true;
                }
            }
        }
        if damaged {
            // Answers say so from now on: they still come from what is damaged.
            shared.set_progress(Some(Progress { done: 0, of: 0 }));
            drop(index);
            index = anew(shared, data, orders)?;
        }
        if merged.elapsed() >= Duration::from_millis(SEARCH_MERGED_CHECK_MS) {
            merged = Instant::now();
            show_merged(shared, &index)?;
        }
        match shared.catch_up() {
            Ok(()) => {
                commit(shared, &mut index, Reason::Changes)?;
                if let Some(done) = purged {
                    purge(shared, &mut index)?;
                    // Nobody may be waiting any more.
                    done.send(()).ok();
                }
            }
            // The store is being opened anew: it says so itself.
            Err(error) if !matches!(error, StoreError::JournalTrimmed) => {
                tracing::debug!(%error, "search waits for the store");
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Queries of a quiet night, too, look into few large segments.
fn show_merged(shared: &Shared, index: &Index) -> Result<(), Failure> {
    let shown = Arc::clone(&shared.state.read().unwrap_or_else(PoisonError::into_inner).view);
    if let Some(view) = index.merged(&shown)? {
        shared.state.write().unwrap_or_else(PoisonError::into_inner).view = view;
    }
    Ok(())
}

/// Leaves nothing on disk of what was removed.
fn purge(shared: &Shared, index: &mut Index) -> Result<(), Failure> {
    index.merge_removed()?;
    let view = index.view()?;
    // The earlier moment goes, unless a query still looks at it, and with it the files that only it needs.
    drop(std::mem::replace(&mut shared.state.write().unwrap_or_else(PoisonError::into_inner).view, view));
    Ok(index.remove_unused()?)
}

/// The last commit.
fn finish(shared: &Shared, mut index: Index) -> Result<(), Failure> {
    shared.catch_up()?;
    commit(shared, &mut index, Reason::Changes)?;
    Ok(index.close()?)
}

/// Why a commit is made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reason {
    /// What changed, if anything.
    Changes,
    /// To show what a rebuild has so far.
    Part,
    /// A rebuild is complete.
    Whole,
}

/// Commits what the tail holds.
fn commit(shared: &Shared, index: &mut Index, reason: Reason) -> Result<(), Failure> {
    let (changes, erased, cursor) = {
        let state = shared.state.read().unwrap_or_else(PoisonError::into_inner);
        (state.tail.changes(), state.tail.erased(), state.tail.cursor)
    };
    if changes.is_empty() && erased.is_empty() && reason == Reason::Changes {
        return Ok(());
    }
    for conversation in erased {
        index.remove_conversation(conversation);
    }
    for (key, change, replaces) in &changes {
        if *replaces {
            index.remove(*key, change.conversation)?;
        }
        if let Some(entry) = &change.entry {
            index.add(entry)?;
        }
    }
    let complete = reason != Reason::Part;
    let view = index.commit(&Standing { store: shared.store.tag().to_owned(), cursor, complete })?;
    let mut state = shared.state.write().unwrap_or_else(PoisonError::into_inner);
    state.view = view;
    state.tail.forget(cursor);
    Ok(())
}

/// Builds an index from the store, while queries are answered from what is there.
fn anew(shared: &Shared, data: &Path, orders: &Receiver<Order>) -> Result<Index, Failure> {
    let index = Index::create(data)?;
    if !shared.is_in_memory() {
        return fill(shared, index, orders);
    }
    // What is found without an index is found on until there is one: the disk may have no room for it.
    let building = Shared::new(shared.store.clone());
    let index = fill(&building, index, orders)?;
    shared.take_over(building);
    Ok(index)
}

/// Fills an empty index, newest messages first.
fn fill(shared: &Shared, mut index: Index, orders: &Receiver<Order>) -> Result<Index, Failure> {
    let last = shared.begin_rebuild(index.view()?)?;
    add_small(shared, &index)?;
    let mut analysis = Analysis::default();
    let mut before = MessageId(last.0 + 1);
    let mut waiting = 0;
    while before.0 > 1 {
        // Changes of what is read from now on are taken over by the tail, and replace what was read.
        shared.set_frontier(MessageId(before.0.saturating_sub(SEARCH_REBUILD_PAGE_MAX as u64)));
        let messages = shared.store.read(|snapshot| snapshot.messages_before(before, SEARCH_REBUILD_PAGE_MAX))?;
        for part in messages.chunks(SEARCH_BATCH_MESSAGES) {
            index.add_all(part.iter().filter_map(|message| source::message_entry(&mut analysis, message)))?;
        }
        before = messages.last().map_or(MessageId(0), |message| message.id);
        waiting += messages.len();
        shared.set_progress(Some(Progress { done: (last.0 + 1).saturating_sub(before.0), of: last.0 }));
        if waiting >= SEARCH_REBUILD_COMMIT_MESSAGES {
            shared.catch_up()?;
            commit(shared, &mut index, Reason::Part)?;
            waiting = 0;
        }
        if matches!(orders.try_recv(), Ok(Order::Stop)) {
            return Err(Failure::Stopped);
        }
    }
    shared.set_frontier(MessageId(0));
    shared.catch_up()?;
    commit(shared, &mut index, Reason::Whole)?;
    shared.end_rebuild();
    Ok(index.follow()?)
}

/// Notes and contacts: far fewer than messages, and changed more often.
fn add_small(shared: &Shared, index: &Index) -> Result<(), Failure> {
    let mut analysis = Analysis::default();
    let mut outcome = Ok(());
    shared.store.read(|snapshot| {
        let outcomes = source::Outcomes::new(snapshot.dispositions()?);
        snapshot.each_interaction(&mut |row| {
            if let (Ok(()), Some(entry)) = (&outcome, source::note_entry(&mut analysis, &row, &outcomes)) {
                outcome = index.add(&entry);
            }
            Ok(())
        })?;
        snapshot.each_conversation(&mut |conversation, contact| {
            if outcome.is_ok() && !contact.is_erased() {
                outcome = index.add(&source::contact_entry(&mut analysis, &conversation, &contact));
            }
            Ok(())
        })
    })?;
    Ok(outcome?)
}
