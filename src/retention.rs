//! Lets go what the centre's rules name, a little at a time, while everything else goes on.
//!
//! Looks for what may be due in snapshots and asks the writer to let it go; the core decides by the rules. Invariants:
//! one step looks at a bounded number of rows and lets a bounded number go; a sweep that is interrupted begins anew, and
//! finds what is left.

use std::io;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::domain::command::Command;
use crate::domain::ids::MessageId;
use crate::domain::media::{FileHash, MediaKind};
use crate::domain::message::Content;
use crate::domain::time::Timestamp;
use crate::limits::{
    RETENTION_AHEAD_MS_MAX, RETENTION_ERASED_PER_STEP, RETENTION_LOOK_MS, RETENTION_ROWS_PER_STEP, RETENTION_STEP_MS,
    RETENTION_SWEEP_MS,
};
use crate::media::{Shelf, sweep};
use crate::store::{ContactPlace, Store, StoreError};

/// Why a step came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store takes no commands.
    #[error(transparent)]
    Submit(#[from] crate::store::SubmitError),
    /// The shelf cannot be swept.
    #[error("files cannot be removed: {0}")]
    Shelf(#[from] io::Error),
}

/// Where a sweep is.
#[derive(Debug)]
enum Place {
    Begin,
    Conversations(Option<ContactPlace>),
    Media(Option<(FileHash, MessageId)>),
    Files,
    End,
}

/// One sweep over everything that rules may name.
#[derive(Debug)]
pub struct Sweep {
    at: Timestamp,
    place: Place,
    /// Something was let go, so that there may be files that nobody knows.
    changed: bool,
}

impl Sweep {
    /// A sweep at this time. The first one of a process also looks for files that nobody knows.
    #[must_use]
    pub fn begin(now: Timestamp, first: bool) -> Self {
        Self { at: now, place: Place::Begin, changed: first }
    }

    /// One bounded step; blocks. Gives whether there is more to do.
    ///
    /// # Errors
    /// The store cannot be read or written now, or a file cannot be removed; the same step can be taken again.
    pub fn step(&mut self, store: &Store, shelf: &Shelf) -> Result<bool, RetentionError> {
        self.place = match self.place {
            Place::Begin => {
                // A clock far ahead of everything that was ever said is wrong.
                let last = store.read(crate::store::Snapshot::last_activity)?;
                self.at = last.map_or(self.at, |last| self.at.min(last.plus_ms(RETENTION_AHEAD_MS_MAX)));
                Place::Conversations(None)
            }
            Place::Conversations(after) => self.conversations(store, after)?,
            Place::Media(after) => self.media(store, after)?,
            Place::Files => {
                if self.changed {
                    let removed = sweep(store, shelf)?;
                    tracing::info!(removed, "files that nobody knows were removed");
                }
                Place::End
            }
            Place::End => Place::End,
        };
        Ok(!matches!(self.place, Place::End))
    }

    fn conversations(&mut self, store: &Store, after: Option<ContactPlace>) -> Result<Place, RetentionError> {
        let at = self.at;
        let (found, last) = store.read(|snapshot| {
            match snapshot.settings()?.retention.messages_before(at) {
                // An erasure is much work for the writer: few at once.
                Some(before) => snapshot.conversations_quiet_since(before, after, RETENTION_ERASED_PER_STEP),
                None => Ok((Vec::new(), None)),
            }
        })?;
        let commands = found.into_iter().map(|conversation| Command::ExpireConversation { conversation });
        self.submit(store, commands.collect())?;
        Ok(last.map_or(Place::Media(None), |last| Place::Conversations(Some(last))))
    }

    fn media(&mut self, store: &Store, after: Option<(FileHash, MessageId)>) -> Result<Place, RetentionError> {
        let at = self.at;
        let (due, last) = store.read(|snapshot| {
            let rules = snapshot.settings()?.retention;
            if rules.media_days.is_empty() {
                return Ok((Vec::new(), None));
            }
            let mut due = Vec::new();
            let mut last = None;
            for (hash, message) in snapshot.files_in_use(after, RETENTION_ROWS_PER_STEP)? {
                if due.len() == RETENTION_ERASED_PER_STEP {
                    break;
                }
                last = Some((hash, message));
                let Some(found) = snapshot.message(message)? else { continue };
                let kind = match &found.content {
                    Content::Media(media) => Some(media.kind),
                    Content::Text(_)
                    | Content::Other { .. }
                    | Content::Notice(_)
                    | Content::Internal(_)
                    | Content::Template(_)
                    | Content::Reaction { .. } => None::<MediaKind>,
                };
                let before = kind.and_then(|kind| rules.media_before(kind, at));
                if before.is_some_and(|before| found.at < before) {
                    due.push(message);
                }
            }
            Ok((due, last))
        })?;
        self.submit(store, due.into_iter().map(|message| Command::ExpireMedia { message }).collect())?;
        Ok(last.map_or(Place::Files, |last| Place::Media(Some(last))))
    }

    fn submit(&mut self, store: &Store, commands: Vec<Command>) -> Result<(), RetentionError> {
        if commands.is_empty() {
            return Ok(());
        }
        for answer in store.submit_blocking(commands)? {
            self.changed |= answer.is_ok_and(|done| !done.events.is_empty());
        }
        Ok(())
    }
}

/// The running task.
pub struct Retention {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Retention {
    /// Sweeps now and then until it is stopped. Needs a tokio runtime.
    #[must_use]
    pub fn start(store: Store, clock: Clock, shelf: Shelf) -> Self {
        let stop = watch::Sender::new(false);
        let task = tokio::spawn(run(store, clock, shelf, stop.subscribe()));
        Self { stop, task }
    }

    /// Ends after the step that is under way.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the retention sweep broke");
        }
    }
}

async fn run(store: Store, clock: Clock, shelf: Shelf, mut stop: watch::Receiver<bool>) {
    let mut sweep = Some(Sweep::begin(clock.now(), true));
    let mut next = clock.now().plus_ms(RETENTION_SWEEP_MS);
    let mut rules = None;
    loop {
        let pause_ms = if sweep.is_some() { RETENTION_STEP_MS } else { RETENTION_LOOK_MS };
        tokio::select! {
            // An error means that the task was dropped, which stops it as well.
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(Duration::from_millis(pause_ms)) => {}
        }
        if let Some(mut under_way) = sweep.take() {
            let (store, shelf) = (store.clone(), shelf.clone());
            let step = tokio::task::spawn_blocking(move || {
                let more = under_way.step(&store, &shelf);
                (under_way, more)
            });
            match step.await {
                Ok((under_way, Ok(true))) => sweep = Some(under_way),
                Ok((_, Ok(false))) => {}
                Ok((_, Err(error))) => tracing::warn!(%error, "a retention sweep broke off; the next one goes on"),
                Err(error) => tracing::error!(%error, "a retention sweep broke"),
            }
            continue;
        }
        let now = clock.now();
        // Another rule counts at once; a clock that was set back waits no longer than an hour.
        let changed = store.read(|snapshot| Ok(snapshot.settings()?.retention)).is_ok_and(|found| {
            let other = rules.as_ref().is_some_and(|rules| *rules != found);
            rules = Some(found);
            other
        });
        if changed || now >= next || next.since_ms(now) > RETENTION_SWEEP_MS {
            next = now.plus_ms(RETENTION_SWEEP_MS);
            sweep = Some(Sweep::begin(now, false));
        }
    }
}
