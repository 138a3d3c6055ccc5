//! Whole tables, read in order: for those who make something of everything that ever was.
//!
//! Apart from `query.rs`, which answers single questions. Invariant: rows come in the order of their numbers, and a
//! damaged one is reported and not skipped.

use std::collections::BTreeMap;
use std::ops::Bound;

use redb::{ReadableTable as _, TableDefinition, TableHandle as _};

use crate::domain::contact::Contact;
use crate::domain::ids::{ContactId, ConversationId, InteractionId, MessageId};
use crate::domain::interaction::Interaction;
use crate::domain::message::Message;

use super::StoreError;
use super::codec::Record;
use super::query::{InteractionRow, Snapshot, decode};
use super::record::contact::ConversationRow;
use super::record::interaction::DoneInteraction;
use super::tables::{
    CONTACTS, CONVERSATIONS, CONVERSATIONS_OF, INTERACTIONS, INTERACTIONS_DONE, MESSAGES, Value, name_of,
};

impl Snapshot {
    /// Calls `take` with every interaction, the open ones first.
    ///
    /// # Errors
    /// Those of `take`, or the database cannot be read.
    pub fn each_interaction(
        &self,
        take: &mut dyn FnMut(InteractionRow) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        for row in self.table(INTERACTIONS)?.iter()? {
            let (key, value) = row?;
            let interaction: Interaction = decode("interactions", key.value(), value.value())?;
            take(self.with_note(interaction, None)?)?;
        }
        for row in self.table(INTERACTIONS_DONE)?.iter()? {
            let (key, value) = row?;
            let done: DoneInteraction = decode("interactions_done", key.value(), value.value())?;
            take(self.with_note(done.interaction, Some((done.at, done.agent)))?)?;
        }
        Ok(())
    }

    /// Calls `take` with every conversation and its contact.
    ///
    /// # Errors
    /// Those of `take`, or the database cannot be read.
    pub fn each_conversation(
        &self,
        take: &mut dyn FnMut(ConversationRow, Contact) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        for row in self.table(CONVERSATIONS)?.iter()? {
            let (key, value) = row?;
            let conversation: ConversationRow = decode("conversations", key.value(), value.value())?;
            let contact = self.contact(conversation.contact)?;
            take(conversation, contact.ok_or(StoreError::Missing("the contact of a conversation"))?)?;
        }
        Ok(())
    }

    /// The conversations of a contact.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn conversations_of(&self, contact: ContactId) -> Result<Vec<ConversationRow>, StoreError> {
        let table = self.table(CONVERSATIONS_OF)?;
        let mut found = Vec::new();
        for row in table.range((contact.0, 0)..=(contact.0, u64::MAX))? {
            let super::record::Pointer(id) = decode("conversations_of", contact, row?.1.value())?;
            found.extend(self.conversation(ConversationId(id))?);
        }
        Ok(found)
    }

    /// The number of the newest message; 0 before the first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn last_message_id(&self) -> Result<MessageId, StoreError> {
        Ok(MessageId(self.table(MESSAGES)?.last()?.map_or(0, |(key, _)| key.value())))
    }

    /// Up to `limit` messages with smaller numbers than `before`, newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn messages_before(&self, before: MessageId, limit: usize) -> Result<Vec<Message>, StoreError> {
        let table = self.table(MESSAGES)?;
        let rows = table.range(..before.0)?.rev().take(limit);
        rows.map(|row| {
            let (key, value) = row?;
            decode("messages", key.value(), value.value())
        })
        .collect()
    }

    /// Up to `limit` contacts with larger numbers than `after`, erased ones included.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn contacts_after(&self, after: ContactId, limit: usize) -> Result<Vec<Contact>, StoreError> {
        self.rows_after(CONTACTS, after.0, limit)
    }

    /// Up to `limit` conversations with larger numbers than `after`.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn conversations_after(&self, after: ConversationId, limit: usize) -> Result<Vec<ConversationRow>, StoreError> {
        self.rows_after(CONVERSATIONS, after.0, limit)
    }

    /// Up to `limit` messages with larger numbers than `after`, reactions included.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn messages_after(&self, after: MessageId, limit: usize) -> Result<Vec<Message>, StoreError> {
        self.rows_after(MESSAGES, after.0, limit)
    }

    /// Up to `limit` interactions with larger numbers than `after`, open and done ones.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn interactions_after(&self, after: InteractionId, limit: usize) -> Result<Vec<InteractionRow>, StoreError> {
        let (open, done) = (self.table(INTERACTIONS)?, self.table(INTERACTIONS_DONE)?);
        let from = (Bound::Excluded(after.0), Bound::Unbounded);
        let mut ids = Vec::new();
        for row in open.range::<u64>(from)?.take(limit).chain(done.range::<u64>(from)?.take(limit)) {
            ids.push(InteractionId(row?.0.value()));
        }
        ids.sort_unstable();
        ids.truncate(limit);
        Ok(self.interactions(&ids)?.into_values().collect())
    }

    fn rows_after<R: Record>(
        &self,
        definition: TableDefinition<'static, u64, Value>,
        after: u64,
        limit: usize,
    ) -> Result<Vec<R>, StoreError> {
        let table = self.table(definition)?;
        let rows = table.range::<u64>((Bound::Excluded(after), Bound::Unbounded))?.take(limit);
        rows.map(|row| {
            let (key, value) = row?;
            decode(name_of(definition.name()), key.value(), value.value())
        })
        .collect()
    }

    /// The messages with these numbers, where they are.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn messages(&self, ids: &[MessageId]) -> Result<BTreeMap<MessageId, Message>, StoreError> {
        let table = self.table(MESSAGES)?;
        let mut found = BTreeMap::new();
        for id in ids {
            if let Some(value) = table.get(id.0)? {
                found.insert(*id, decode("messages", id, value.value())?);
            }
        }
        Ok(found)
    }

    /// The interactions with these numbers, where they are.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn interactions(&self, ids: &[InteractionId]) -> Result<BTreeMap<InteractionId, InteractionRow>, StoreError> {
        let mut found = BTreeMap::new();
        for id in ids {
            if let Some(row) = self.interaction(*id)? {
                found.insert(*id, row);
            }
        }
        Ok(found)
    }
}
