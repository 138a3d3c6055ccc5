//! Fetches the files of inbound messages, at once and until they are here: the provider keeps them for a few days only.
//!
//! Apart from the outbox because nothing waits for it and its calls are long. Invariants: the token goes to the
//! provider's own hosts and nowhere else; what is kept has the announced hash; each due fetch has one call at most.

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};

use super::shelf::{Draft, Kept, Shelf};
use super::sniff::trusted_type;
use crate::clock::Clock;
use crate::domain::channel::ChannelProfile;
use crate::domain::command::Command;
use crate::domain::ids::MessageId;
use crate::domain::media::{Fetch, FetchOutcome, FetchState, FileHash, MediaFile, MediaMessage, MediaSource};
use crate::domain::message::Content;
use crate::domain::time::Timestamp;
use crate::limits::{
    DOCUMENT_BYTES_MAX, MEDIA_CHUNKS_AHEAD, MEDIA_FETCHES_DUE_MAX, MEDIA_FETCHES_MAX, MEDIA_LOOK_MS,
    MEDIA_RETRY_MS_BASE, MEDIA_RETRY_MS_MAX, MEDIA_STOP_MS_MAX, OUTBOX_WAKE_MS_MAX,
};
use crate::store::{Store, StoreError};
use crate::whatsapp::client::{GraphClient, GraphError, Timeouts};
use crate::whatsapp::media::{GraphHosts, description};

/// The running worker.
pub struct Fetcher {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Fetcher {
    /// Starts to fetch what is due. Needs a tokio runtime.
    #[must_use]
    pub fn start(store: Store, clock: Clock, shelf: Shelf, hosts: GraphHosts) -> Self {
        let stop = watch::Sender::new(false);
        let client = GraphClient::new(Timeouts::default()).allowing(hosts);
        let worker = Worker { store, clock, shelf, client, under_way: BTreeSet::new(), tries: JoinSet::new() };
        let task = tokio::spawn(worker.run(stop.subscribe()));
        Self { stop, task }
    }

    /// Gives up what is under way; it is due again at the next start.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if tokio::time::timeout(Duration::from_millis(MEDIA_STOP_MS_MAX), self.task).await.is_err() {
            tracing::warn!("the fetching of files did not stop in time");
        }
    }
}

struct Worker {
    store: Store,
    clock: Clock,
    shelf: Shelf,
    client: GraphClient,
    under_way: BTreeSet<MessageId>,
    tries: JoinSet<Ended>,
}

/// A try that has ended; a file that came is held until the store knows it.
type Ended = (MessageId, FetchOutcome, Option<Kept>);

/// All that one try needs.
struct Job {
    fetch: Fetch,
    profile: ChannelProfile,
    media: MediaMessage,
}

impl Worker {
    async fn run(mut self, mut stop: watch::Receiver<bool>) {
        self.shelf.tidy();
        let mut head = self.store.head();
        loop {
            head.borrow_and_update();
            let turn = async {
                self.begin().await;
                tokio::time::sleep(Duration::from_millis(MEDIA_LOOK_MS)).await;
                tokio::select! {
                    Ok(()) = head.changed() => {}
                    Some(ended) = self.tries.join_next(), if !self.tries.is_empty() => self.record(ended).await,
                    () = tokio::time::sleep(Duration::from_millis(OUTBOX_WAKE_MS_MAX)) => {}
                }
                while let Some(ended) = self.tries.try_join_next() {
                    self.record(ended).await;
                }
            };
            tokio::select! {
                biased;
                // An error means that the fetcher was dropped, which stops it as well.
                _ = stop.wait_for(|stop| *stop) => return,
                () = turn => {}
            }
        }
    }

    /// Starts what is due, as far as there is room.
    async fn begin(&mut self) {
        let room = MEDIA_FETCHES_MAX.saturating_sub(self.under_way.len());
        if room == 0 {
            return;
        }
        let jobs = match self.due().await {
            Ok(jobs) => jobs,
            Err(error) => return tracing::warn!(%error, "the files that are due cannot be looked up"),
        };
        let fresh: Vec<_> =
            jobs.into_iter().filter(|job| !self.under_way.contains(&job.fetch.message)).take(room).collect();
        for job in fresh {
            self.under_way.insert(job.fetch.message);
            let (client, shelf, now) = (self.client.clone(), self.shelf.clone(), self.clock.now());
            self.tries.spawn(async move {
                let message = job.fetch.message;
                match attempt(&client, &shelf, &job).await {
                    Ok((file, kept)) => (message, FetchOutcome::Stored(file), Some(kept)),
                    Err(trouble) => (message, trouble.outcome(now, job.fetch.attempt), None),
                }
            });
        }
    }

    async fn due(&self) -> Result<Vec<Job>, StoreError> {
        let (store, now) = (self.store.clone(), self.clock.now());
        let read = move || {
            store.read(|snapshot| {
                let mut jobs = Vec::new();
                for fetch in snapshot.fetches_due(MEDIA_FETCHES_DUE_MAX)? {
                    if !matches!(fetch.state, FetchState::Due(due) if due <= now) {
                        continue;
                    }
                    let (Some(row), Some(message)) =
                        (snapshot.channel(fetch.channel)?, snapshot.message(fetch.message)?)
                    else {
                        continue;
                    };
                    if let Content::Media(media) = message.content {
                        jobs.push(Job { fetch, profile: row.profile, media: *media });
                    }
                }
                Ok(jobs)
            })
        };
        match tokio::task::spawn_blocking(read).await {
            Ok(outcome) => outcome,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    async fn record(&mut self, ended: Result<Ended, tokio::task::JoinError>) {
        let Ok((message, outcome, _kept)) = ended else {
            // Nobody knows which one broke: all are looked at anew, and a file that is here already stays.
            self.under_way.clear();
            return tracing::error!("the fetching of a file broke");
        };
        if let FetchOutcome::Retry(_, reason) | FetchOutcome::GiveUp(reason) = &outcome {
            tracing::warn!(message.id = message.0, %reason, "a file could not be fetched");
        }
        if let Err(error) = self.store.submit(vec![Command::RecordFetch { message, outcome }]).await {
            tracing::warn!(message.id = message.0, %error, "a fetched file waits for the store");
        }
        self.under_way.remove(&message);
    }
}

/// Why a try brought no file.
enum Trouble {
    /// It may be better later.
    Passing(String),
    /// It will not.
    Final(String),
}

impl Trouble {
    fn outcome(self, now: Timestamp, attempt: u32) -> FetchOutcome {
        match self {
            Self::Final(reason) => FetchOutcome::GiveUp(reason),
            Self::Passing(reason) => {
                let wait_ms = MEDIA_RETRY_MS_BASE.saturating_mul(1_i64.checked_shl(attempt).unwrap_or(i64::MAX));
                FetchOutcome::Retry(now.plus_ms(wait_ms.clamp(1, MEDIA_RETRY_MS_MAX)), reason)
            }
        }
    }
}

impl From<GraphError> for Trouble {
    fn from(error: GraphError) -> Self {
        match &error {
            // The provider has no such file any more, or never had.
            GraphError::Refused { code: 100, .. } => Self::Final(error.to_string()),
            GraphError::Refused { .. } | GraphError::NotSent { .. } | GraphError::Unknown { .. } => {
                Self::Passing(error.to_string())
            }
        }
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::Passing(error.to_string())
    }
}

async fn attempt(client: &GraphClient, shelf: &Shelf, job: &Job) -> Result<(MediaFile, Kept), Trouble> {
    let MediaSource::Provider { id, sha256 } = &job.media.source else {
        return Err(Trouble::Final("the file is not the provider's".to_owned()));
    };
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-') {
        return Err(Trouble::Final("the id is none of the provider's".to_owned()));
    }
    let answer = client.list(&job.profile, id).await?;
    let found = description(&answer).ok_or_else(|| Trouble::Passing("the answer describes no file".to_owned()))?;
    if found.bytes > DOCUMENT_BYTES_MAX {
        return Err(Trouble::Final("the file is too large".to_owned()));
    }
    if !client.may_fetch(&job.profile, &found.url) {
        return Err(Trouble::Final("the file's address is none of the provider's".to_owned()));
    }
    let (sender, chunks) = mpsc::channel(MEDIA_CHUNKS_AHEAD);
    let draft = shelf.draft()?;
    let writing = tokio::task::spawn_blocking(move || written(draft, chunks));
    let outcome = client.download(&job.profile, &found.url, sender).await;
    let draft = writing.await.map_err(|error| Trouble::Passing(error.to_string()))??;
    outcome?;
    let hash = draft.hash();
    for announced in [sha256, &found.sha256] {
        if hash_of(announced).is_some_and(|announced| announced != hash) {
            return Err(Trouble::Passing("the bytes are not those that were announced".to_owned()));
        }
    }
    let mime_type = trusted_type(draft.head(), &job.media.mime_type);
    let bytes = draft.bytes();
    let keeping = tokio::task::spawn_blocking(move || draft.keep());
    let kept = keeping.await.map_err(|error| Trouble::Passing(error.to_string()))??;
    Ok((MediaFile { hash: kept.hash, mime_type, bytes }, kept))
}

fn written(mut draft: Draft, mut chunks: mpsc::Receiver<Bytes>) -> Result<Draft, Trouble> {
    while let Some(chunk) = chunks.blocking_recv() {
        draft.append(&chunk)?;
        if draft.bytes() > DOCUMENT_BYTES_MAX {
            return Err(Trouble::Final("the file is too large".to_owned()));
        }
    }
    Ok(draft)
}

/// A hash in either of the provider's spellings.
fn hash_of(text: &str) -> Option<FileHash> {
    FileHash::of_hex(text).or_else(|| Some(FileHash(STANDARD.decode(text).ok()?.try_into().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::hash_of;
    use crate::domain::media::FileHash;

    #[test]
    fn both_spellings_of_a_hash_are_read() {
        let hash = FileHash([7; 32]);
        assert_eq!(hash_of(&hash.hex()), Some(hash));
        assert_eq!(hash_of("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="), Some(hash));
        assert_eq!(hash_of(""), None);
        assert_eq!(hash_of("nonsense"), None);
    }
}
