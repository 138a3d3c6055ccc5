//! Reactions as rows: the newest one of each side at the message that it is about.
//!
//! A reaction is a message row that stands in no transcript; here is the way to it from its target. Apart from
//! messages because a reaction may come before its target, and then waits under the target's provider id. Invariant:
//! of one side only the latest reaction counts, whatever order they came in.

use redb::ReadableTable as _;

use crate::domain::ids::{MessageId, Wamid};
use crate::domain::message::{Author, Message};

use super::StoreError;
use super::codec;
use super::persist::Pages;
use super::query::{Snapshot, decode};
use super::record::Pointer;
use super::tables::{MESSAGES, REACTIONS};

/// Whose reaction it is: the second part of the row's key.
fn side(author: Author) -> u8 {
    match author {
        Author::Contact => 0,
        Author::Agent(_) | Author::System | Author::BusinessApp => 1,
    }
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
        if let Some(wamid) = &reaction.wamid {
            self.name(wamid, reaction.id)?;
        }
        match (target, &reaction.quoted) {
            (Some(target), _) => self.place_reaction(reaction, target),
            (None, Some(wamid)) => {
                self.tables.parked_reactions()?.insert((wamid.0.as_str(), reaction.id.0), [].as_slice())?;
                Ok(())
            }
            (None, None) => Ok(()),
        }
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
        let key = (target.0, side(reaction.author));
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
    /// The latest reaction of each side to a message, the contact's first; one that was taken back has no emoji.
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
