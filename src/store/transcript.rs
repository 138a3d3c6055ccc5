//! A conversation's transcript, page by page in both directions.
//!
//! Apart because it is the reader whose cost must not grow with what is stored: a page is one range of the order, read
//! from a place in it. Invariant: a page is oldest first, and between two pages that meet at a place no message is
//! missing and none is twice.

use std::ops::{Bound, RangeBounds};

use crate::domain::ids::{ClientKey, ConversationId, MessageId};
use crate::domain::message::{Author, Delivery, Message};
use crate::domain::time::Timestamp;
use crate::limits::LAST_INBOUND_SCAN_MAX;

use super::StoreError;
use super::persist::ANYBODY;
use super::query::{Snapshot, decode};
use super::record::Pointer;
use super::tables::{CLIENT_KEYS, MESSAGES, TRANSCRIPTS};

/// Which part of a transcript a reader wants. The messages named must be of that conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TranscriptPart {
    /// The oldest messages.
    Start,
    /// The newest messages.
    End,
    /// What stands before a message.
    Before(MessageId),
    /// What stands after a message.
    After(MessageId),
    /// A message with what stands on both sides of it.
    Around(MessageId),
}

/// A part of a transcript, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranscriptPage {
    /// In the order of the transcript.
    pub messages: Vec<Message>,
    /// There are older ones.
    pub older: bool,
    /// There are newer ones.
    pub newer: bool,
}

/// A place in the order of a transcript.
type Place = (Timestamp, MessageId);

impl Snapshot {
    /// Up to `limit` messages before a place in the transcript (its end when `None`), oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn transcript(
        &self,
        conversation: ConversationId,
        before: Option<Place>,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError> {
        let until =
            before.map_or(Bound::Included(last(conversation)), |place| Bound::Excluded(key(conversation, place)));
        let mut found = self.in_order((Bound::Included(first(conversation)), until), true, limit)?;
        found.reverse();
        Ok(found)
    }

    /// A part of the transcript with at most `limit` messages, `limit` > 0; `None` when it names a message that is not
    /// in this conversation.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn transcript_page(
        &self,
        conversation: ConversationId,
        part: TranscriptPart,
        limit: usize,
    ) -> Result<Option<TranscriptPage>, StoreError> {
        let place = match part {
            TranscriptPart::Start => {
                let from = Bound::Included((Timestamp(i64::MIN), MessageId(0)));
                return Ok(Some(self.beginning(conversation, from, limit)?));
            }
            TranscriptPart::End => return Ok(Some(self.ending(conversation, None, limit)?)),
            TranscriptPart::Before(id) | TranscriptPart::After(id) | TranscriptPart::Around(id) => self.message(id)?,
        };
        let Some(place) = place.filter(|message| message.conversation == conversation) else { return Ok(None) };
        let place = (place.at, place.id);
        Ok(Some(match part {
            TranscriptPart::Start | TranscriptPart::End | TranscriptPart::Before(_) => {
                self.ending(conversation, Some(place), limit)?
            }
            TranscriptPart::After(_) => self.beginning(conversation, Bound::Excluded(place), limit)?,
            TranscriptPart::Around(_) => {
                let newer = self.beginning(conversation, Bound::Included(place), limit - limit / 2)?;
                let older = self.ending(conversation, Some(place), limit - newer.messages.len())?;
                let messages = older.messages.into_iter().chain(newer.messages).collect();
                TranscriptPage { messages, older: older.older, newer: newer.newer }
            }
        }))
    }

    /// The page that ends before a place, or at the end of the transcript.
    fn ending(
        &self,
        conversation: ConversationId,
        before: Option<Place>,
        limit: usize,
    ) -> Result<TranscriptPage, StoreError> {
        // One more than asked for tells whether there are older ones.
        let mut messages = self.transcript(conversation, before, limit + 1)?;
        let older = messages.len() > limit;
        if older {
            messages.remove(0);
        }
        Ok(TranscriptPage { messages, older, newer: before.is_some() })
    }

    /// The page that begins at or after a place.
    fn beginning(
        &self,
        conversation: ConversationId,
        from: Bound<Place>,
        limit: usize,
    ) -> Result<TranscriptPage, StoreError> {
        let range = (from.map(|place| key(conversation, place)), Bound::Included(last(conversation)));
        let mut messages = self.in_order(range, false, limit + 1)?;
        let newer = messages.len() > limit;
        messages.truncate(limit);
        Ok(TranscriptPage { messages, older: matches!(from, Bound::Excluded(_)), newer })
    }

    /// Up to `limit` messages of a range of the order, from its end when `backwards`.
    fn in_order(
        &self,
        range: impl RangeBounds<(u64, i64, u64)>,
        backwards: bool,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError> {
        let order = self.table(TRANSCRIPTS)?;
        let messages = self.table(MESSAGES)?;
        let mut rows = order.range(range)?;
        let mut found = Vec::new();
        while found.len() < limit
            && let Some(row) = if backwards { rows.next_back() } else { rows.next() }
        {
            let (_, _, id) = row?.0.value();
            let value = messages.get(id)?.ok_or(StoreError::Missing("a message of a transcript"))?;
            found.push(decode("messages", id, value.value())?);
        }
        Ok(found)
    }

    /// The contact's newest message, among the last few hundred of the transcript.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn last_inbound(&self, conversation: ConversationId) -> Result<Option<Message>, StoreError> {
        let order = self.table(TRANSCRIPTS)?;
        let messages = self.table(MESSAGES)?;
        for row in order.range(first(conversation)..=last(conversation))?.rev().take(LAST_INBOUND_SCAN_MAX) {
            let (_, _, id) = row?.0.value();
            let value = messages.get(id)?.ok_or(StoreError::Missing("a message of a transcript"))?;
            let message: Message = decode("messages", id, value.value())?;
            if message.author == Author::Contact {
                return Ok(Some(message));
            }
        }
        Ok(None)
    }

    /// The message that repeats a failed or unconfirmed one.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn resent_as(&self, message: &Message) -> Result<Option<MessageId>, StoreError> {
        if !matches!(message.delivery, Some(Delivery::Failed(_) | Delivery::Unconfirmed)) {
            return Ok(None);
        }
        let key = ClientKey::of_retry(message.id);
        let found = self.table(CLIENT_KEYS)?.get((ANYBODY.0, key.0.as_str()))?;
        let pointer: Option<Pointer> = found.map(|value| decode("client_keys", key, value.value())).transpose()?;
        Ok(pointer.map(|Pointer(id)| MessageId(id)))
    }
}

fn key(conversation: ConversationId, (at, id): Place) -> (u64, i64, u64) {
    (conversation.0, at.0, id.0)
}

fn first(conversation: ConversationId) -> (u64, i64, u64) {
    (conversation.0, i64::MIN, 0)
}

fn last(conversation: ConversationId) -> (u64, i64, u64) {
    (conversation.0, i64::MAX, u64::MAX)
}
