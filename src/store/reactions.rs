//! Reactions, changes and deletions as rows: the newest one of each side at the message that it is about.
//!
//! A reaction is a message row that stands in no transcript, a change or deletion one that does; here is the way to them
//! from their target. Apart from messages because they may come before their target, and then wait under the target's
//! provider id. Invariant: of one side only the latest counts, whatever order they came in.

use redb::ReadableTable as _;

use crate::domain::ids::{MessageId, Wamid};
use crate::domain::message::{Author, Message};

use super::StoreError;
use super::codec;
use super::persist::Pages;
use super::prefetch::message_of;
use super::query::{Snapshot, decode};
use super::record::Pointer;
use super::tables::{MESSAGES, REACTIONS};

/// What it is and whose: the second part of the row's key.
fn side(message: &Message) -> u8 {
    let author = match message.author {
        Author::Contact => 0,
        Author::Agent(_) | Author::System | Author::BusinessApp => 1,
    };
    if message.content.revises() { author + 2 } else { author }
}

impl Pages<'_> {
    /// Our reaction to a message.
    pub(super) fn our_reaction(&mut self, target: MessageId) -> Result<Option<Message>, StoreError> {
        let found = self.tables.reactions()?.get((target.0, 1))?;
        let pointer: Option<Pointer> = found.map(|value| decode("reactions", target, value.value())).transpose()?;
        pointer.map_or(Ok(None), |Pointer(id)| self.message(MessageId(id)))
    }

    /// Keeps a reaction: at its target, or until the target comes.
    pub(super) fn keep_reaction(&mut self, reaction: &Message, target: Option<MessageId>) -> Result<(), StoreError> {
        self.tables.messages()?.insert(reaction.id.0, codec::encode(reaction).as_slice())?;
        self.tables.beside()?.insert((reaction.conversation.0, reaction.id.0), [].as_slice())?;
        if let Some(wamid) = &reaction.wamid {
            self.name(wamid, reaction.id)?;
        }
        self.place_or_park(reaction, target)
    }

    fn place_or_park(&mut self, message: &Message, target: Option<MessageId>) -> Result<(), StoreError> {
        match (target, &message.quoted) {
            (Some(target), _) => self.place_reaction(message, target),
            (None, Some(wamid)) => {
                self.tables.parked_reactions()?.insert((wamid.0.as_str(), message.id.0), [].as_slice())?;
                Ok(())
            }
            (None, None) => Ok(()),
        }
    }

    /// A message that changes or takes back an earlier one is known there too.
    pub(super) fn keep_revision(&mut self, message: &Message) -> Result<(), StoreError> {
        let Some(wamid) = message.quoted.as_ref().filter(|_| message.content.revises()) else { return Ok(()) };
        let target = message_of(self, wamid)?;
        self.place_or_park(message, target)
    }

    /// The target has come: whatever waited for it is put in place.
    pub(super) fn place_parked_reactions(&mut self, wamid: &Wamid, target: MessageId) -> Result<(), StoreError> {
        let mut waiting = Vec::new();
        for row in self.tables.parked_reactions()?.range((wamid.0.as_str(), 0)..=(wamid.0.as_str(), u64::MAX))? {
            waiting.push(row?.0.value().1);
        }
        for id in waiting {
            self.tables.parked_reactions()?.remove((wamid.0.as_str(), id))?;
            if let Some(reaction) = self.message(MessageId(id))? {
                self.place_reaction(&reaction, target)?;
            }
        }
        Ok(())
    }

    fn place_reaction(&mut self, reaction: &Message, target: MessageId) -> Result<(), StoreError> {
        let key = (target.0, side(reaction));
        let found = self.tables.reactions()?.get(key)?;
        let before: Option<Pointer> = found.map(|value| decode("reactions", target, value.value())).transpose()?;
        if let Some(Pointer(before)) = before
            && let Some(before) = self.message(MessageId(before))?
            && before.at > reaction.at
        {
            return Ok(());
        }
        self.tables.reactions()?.insert(key, codec::encode(&Pointer(reaction.id.0)).as_slice())?;
        Ok(())
    }
}

impl Snapshot {
    /// The latest reaction of each side to a message, the contact's first, and the latest change or deletion by each side;
    /// a reaction that was taken back has no emoji.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn reactions(&self, target: MessageId) -> Result<Vec<Message>, StoreError> {
        let mut reactions = Vec::new();
        for row in self.table(REACTIONS)?.range((target.0, 0)..=(target.0, u8::MAX))? {
            let Pointer(id) = decode("reactions", target, row?.1.value())?;
            reactions.extend(self.row::<Message>(MESSAGES, id)?);
        }
        Ok(reactions)
    }
}
