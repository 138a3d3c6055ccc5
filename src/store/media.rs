//! Rows of files: which are on the shelf, and which are still to be fetched.
//!
//! Apart from messages because a file comes later than its message and may not come at all. Invariant: a fetch that is
//! due stands in the list of those that are waited for, and no other does.

use redb::ReadableTable as _;

use crate::domain::ids::MessageId;
use crate::domain::media::{Fetch, FetchState, FileHash, MediaFile, MediaSource};
use crate::domain::message::{Content, Message};
use crate::domain::response::Response;
use crate::domain::time::Timestamp;

use super::StoreError;
use super::codec;
use super::persist::Pages;
use super::query::{Snapshot, decode};
use super::tables::{FETCHES, FETCHES_DUE, FILE_USES, FILES};

impl Pages<'_> {
    /// What is known about fetching a message's file.
    pub(super) fn fetch(&mut self, message: MessageId) -> Result<Option<Fetch>, StoreError> {
        let found = self.tables.fetches()?.get(message.0)?;
        found.map(|value| decode("fetches", message, value.value())).transpose()
    }

    /// A file on the shelf.
    pub(super) fn file(&mut self, hash: FileHash) -> Result<Option<MediaFile>, StoreError> {
        let found = self.tables.files()?.get(&hash.0)?;
        found.map(|value| decode("files", hash, value.value())).transpose()
    }

    /// A message with a file at the provider's: to be fetched at once.
    pub(super) fn begin_fetch(&mut self, at: Timestamp, message: &Message) -> Result<(), StoreError> {
        let Content::Media(media) = &message.content else { return Ok(()) };
        let MediaSource::Provider { .. } = media.source else { return Ok(()) };
        let channel = self.conversation(message.conversation.0)?.channel;
        self.put_fetch(&Fetch { message: message.id, channel, state: FetchState::Due(at), attempt: 0 })
    }

    /// The fetch has come so far.
    pub(super) fn change_fetch(
        &mut self,
        message: MessageId,
        state: FetchState,
        attempt: Option<u32>,
    ) -> Result<(), StoreError> {
        let before = self.fetch(message)?.ok_or(StoreError::Missing("the fetch of a file"))?;
        if let FetchState::Ready(file) = &state {
            self.put_file(file)?;
            self.tables.file_uses()?.insert((&file.hash.0, message.0), [].as_slice())?;
        }
        self.put_fetch(&Fetch { state, attempt: attempt.unwrap_or(before.attempt), ..before })
    }

    pub(super) fn put_file(&mut self, file: &MediaFile) -> Result<(), StoreError> {
        self.tables.files()?.insert(&file.hash.0, codec::encode(file).as_slice())?;
        Ok(())
    }

    /// A message of ours takes a file along.
    pub(super) fn use_own_file(&mut self, message: &Message) -> Result<(), StoreError> {
        if let Some(hash) = message.content.own_file() {
            self.tables.file_uses()?.insert((&hash.0, message.id.0), [].as_slice())?;
        }
        Ok(())
    }

    /// A message has its file no longer. A file that no other message and no canned reply has is not on the shelf any
    /// more; its bytes go when the shelf is swept.
    pub(super) fn release_file(&mut self, hash: FileHash, message: MessageId) -> Result<(), StoreError> {
        self.tables.file_uses()?.remove((&hash.0, message.0))?;
        let others = self.tables.file_uses()?.range((&hash.0, 0)..=(&hash.0, u64::MAX))?.next().is_some();
        if !others && !self.is_attached(hash)? {
            self.tables.files()?.remove(&hash.0)?;
        }
        Ok(())
    }

    /// Whether a canned reply has the file.
    fn is_attached(&mut self, hash: FileHash) -> Result<bool, StoreError> {
        for row in self.tables.responses()?.iter()? {
            let (key, value) = row?;
            let response: Response = decode("responses", key.value(), value.value())?;
            if response.attachments.iter().any(|attachment| attachment.file == hash) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn put_fetch(&mut self, fetch: &Fetch) -> Result<(), StoreError> {
        self.tables.fetches()?.insert(fetch.message.0, codec::encode(fetch).as_slice())?;
        match fetch.state {
            FetchState::Due(_) => self.tables.fetches_due()?.insert(fetch.message.0, [].as_slice())?,
            FetchState::Ready(_) | FetchState::Failed(_) | FetchState::Removed => {
                self.tables.fetches_due()?.remove(fetch.message.0)?
            }
        }
        Ok(())
    }
}

impl Snapshot {
    /// What is known about fetching a message's file.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn fetch(&self, message: MessageId) -> Result<Option<Fetch>, StoreError> {
        self.row(FETCHES, message.0)
    }

    /// The fetches that are waited for, oldest message first, up to `limit`.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn fetches_due(&self, limit: usize) -> Result<Vec<Fetch>, StoreError> {
        let mut due = Vec::new();
        for row in self.table(FETCHES_DUE)?.range(0_u64..)?.take(limit) {
            due.extend(self.fetch(MessageId(row?.0.value()))?);
        }
        Ok(due)
    }

    /// A file on the shelf.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn file(&self, hash: FileHash) -> Result<Option<MediaFile>, StoreError> {
        let found = self.table(FILES)?.get(&hash.0)?;
        found.map(|value| decode("files", hash, value.value())).transpose()
    }

    /// Up to `limit` files with a message that each belongs to, after a place in their order.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn files_in_use(
        &self,
        after: Option<(FileHash, MessageId)>,
        limit: usize,
    ) -> Result<Vec<(FileHash, MessageId)>, StoreError> {
        let table = self.table(FILE_USES)?;
        let (hash, message) = after.map_or(([0; 32], 0), |(hash, message)| (hash.0, message.0 + 1));
        let rows = table.range((&hash, message)..)?.take(limit);
        rows.map(|row| {
            let key = row?.0;
            let (hash, message) = key.value();
            Ok((FileHash(*hash), MessageId(message)))
        })
        .collect()
    }
}
