//! Two contacts become one: events to rows.
//!
//! Apart because nothing else moves rows from one key to another. Invariant: afterwards no row names the contact or the
//! conversation that is gone, but the journal's, and the one by which an agent's added contact was listed.

use redb::ReadableTable as _;

use crate::domain::contact::Contact;
use crate::domain::event::Joined;
use crate::domain::floor::Floor;
use crate::domain::ids::{AgentId, ChannelId, ContactId, ConversationId, InteractionId, MessageId};
use crate::domain::message::Message;
use crate::limits::DRAFT_CHARS_MAX;

use super::Pages;
use crate::store::StoreError;
use crate::store::codec;
use crate::store::query::decode;
use crate::store::record::Pointer;
use crate::store::record::contact::{ConversationRow, kind_number};
use crate::store::record::interaction::DoneInteraction;
use crate::store::words::Terms;

impl Pages<'_> {
    /// The conversations with a contact, and on which numbers.
    pub(in crate::store) fn conversations_with(
        &mut self,
        contact: ContactId,
    ) -> Result<Vec<(ChannelId, u64)>, StoreError> {
        let mut found = Vec::new();
        for row in self.tables.conversations_of()?.range((contact.0, 0)..=(contact.0, u64::MAX))? {
            let (key, value) = row?;
            let Pointer(id) = decode("conversations_of", contact, value.value())?;
            found.push((ChannelId(key.value().1), id));
        }
        Ok(found)
    }

    /// The contact is found by no address and no word any more.
    pub(super) fn unname(&mut self, contact: &Contact) -> Result<(), StoreError> {
        for address in &contact.addresses {
            if self.contact_at(address)? == Some(contact.id) {
                self.tables.addresses()?.remove((kind_number(address.kind), address.value.as_str()))?;
            }
        }
        self.index_contact(contact.id, &Terms::of(contact), &Terms::default())
    }

    pub(super) fn merge_contacts(
        &mut self,
        floor: &Floor,
        contact: &Contact,
        gone: ContactId,
    ) -> Result<(), StoreError> {
        if let Some(before) = self.contact(gone)? {
            self.unname(&before)?;
            self.tables.contacts()?.remove(gone.0)?;
        }
        self.put_contact(contact)?;
        for agent in floor.rows().agents.keys() {
            if self.is_assigned(*agent, gone)? {
                self.tables.assigned()?.remove((agent.0, gone.0))?;
                self.tables.assigned()?.insert((agent.0, contact.id.0), [])?;
            }
        }
        Ok(())
    }

    pub(super) fn move_conversation(
        &mut self,
        floor: &Floor,
        conversation: ConversationId,
        from: ContactId,
        contact: ContactId,
        channel: ChannelId,
    ) -> Result<(), StoreError> {
        self.tables.conversations_of()?.remove((from.0, channel.0))?;
        let pointer = codec::encode(&Pointer(conversation.0));
        self.tables.conversations_of()?.insert((contact.0, channel.0), pointer)?;
        self.leave_recent(conversation)?;
        self.conversation(conversation.0)?.contact = contact;
        for interaction in self.interactions_of(conversation)? {
            self.rewrite_interaction(floor, interaction, contact, conversation)?;
        }
        Ok(())
    }

    pub(super) fn join_conversations(&mut self, floor: &Floor, joined: &Joined) -> Result<(), StoreError> {
        let Joined { from, into, .. } = joined;
        let gone = self.conversation(from.0)?.contact;
        let contact = self.conversation(into.0)?.contact;
        self.leave_recent(*from)?;
        self.conversations.remove(&from.0);
        self.tables.conversations()?.remove(from.0)?;
        self.tables.conversations_of()?.remove((gone.0, joined.channel.0))?;
        for interaction in self.interactions_of(*from)? {
            self.tables.interactions_of()?.remove((from.0, interaction.0))?;
            self.tables.interactions_of()?.insert((into.0, interaction.0), [])?;
            self.rewrite_interaction(floor, interaction, contact, *into)?;
        }
        self.move_transcript(*from, *into)?;
        for agent in floor.rows().agents.keys() {
            self.join_drafts(*agent, *from, *into)?;
        }
        let sends = floor.rows().sends.values().filter(|send| send.conversation == *into);
        self.touched.sends.extend(sends.map(|send| send.message));
        self.touch_open(floor, *into);
        let opened_at = self.conversation(into.0)?.opened_at;
        let row = self.conversation(into.0)?;
        *row = ConversationRow {
            window_until: joined.window_until,
            last_agent: joined.last_agent,
            last_message: joined.last_message,
            last_message_at: joined.last_message_at,
            opened_at,
            ..row.clone()
        };
        Ok(())
    }

    /// Takes a conversation out of the order of contacts; the end of the commit puts it where it belongs.
    fn leave_recent(&mut self, conversation: ConversationId) -> Result<(), StoreError> {
        self.conversation(conversation.0)?;
        let Some(known) = self.conversations.get_mut(&conversation.0) else { return Ok(()) };
        let contact = known.row.contact;
        if let Some(before) = known.active_before.take() {
            self.tables.recent()?.remove((before.0, contact.0, conversation.0))?;
        }
        Ok(())
    }

    pub(super) fn interactions_of(&mut self, conversation: ConversationId) -> Result<Vec<InteractionId>, StoreError> {
        let table = self.tables.interactions_of()?;
        let rows = table.range((conversation.0, 0)..=(conversation.0, u64::MAX))?;
        rows.map(|row| Ok(InteractionId(row?.0.value().1))).collect()
    }

    /// An open one is written from the floor at the end of the commit.
    fn rewrite_interaction(
        &mut self,
        floor: &Floor,
        interaction: InteractionId,
        contact: ContactId,
        conversation: ConversationId,
    ) -> Result<(), StoreError> {
        if floor.rows().interactions.contains_key(&interaction) {
            self.touched.interactions.insert(interaction);
        }
        let found = self.tables.interactions_done()?.get(interaction.0)?;
        let done: Option<DoneInteraction> =
            found.map(|value| decode("interactions_done", interaction, value.value())).transpose()?;
        let Some(mut done) = done else { return Ok(()) };
        (done.interaction.contact, done.interaction.conversation) = (contact, conversation);
        self.tables.interactions_done()?.insert(interaction.0, codec::encode(&done))?;
        Ok(())
    }

    fn move_transcript(&mut self, from: ConversationId, into: ConversationId) -> Result<(), StoreError> {
        let table = self.tables.transcripts()?;
        let rows = table.range((from.0, i64::MIN, 0)..=(from.0, i64::MAX, u64::MAX))?;
        let places = rows.map(|row| Ok(row?.0.value())).collect::<Result<Vec<_>, StoreError>>()?;
        for (_, at, id) in places {
            self.tables.transcripts()?.remove((from.0, at, id))?;
            self.tables.transcripts()?.insert((into.0, at, id), [])?;
            self.move_message(MessageId(id), into)?;
        }
        // What stands in no transcript: reactions.
        let rows = self.tables.beside()?.range((from.0, 0)..=(from.0, u64::MAX))?;
        let beside = rows.map(|row| Ok(row?.0.value().1)).collect::<Result<Vec<_>, StoreError>>()?;
        for id in beside {
            self.tables.beside()?.remove((from.0, id))?;
            self.tables.beside()?.insert((into.0, id), [])?;
            self.move_message(MessageId(id), into)?;
        }
        Ok(())
    }

    fn move_message(&mut self, id: MessageId, into: ConversationId) -> Result<(), StoreError> {
        let Some(message) = self.message(id)? else { return Ok(()) };
        self.tables.messages()?.insert(id.0, codec::encode(&Message { conversation: into, ..message }))?;
        Ok(())
    }

    /// What an agent has written on both and not sent stands in one draft.
    fn join_drafts(&mut self, agent: AgentId, from: ConversationId, into: ConversationId) -> Result<(), StoreError> {
        let Some(draft) = self.draft(agent, from)? else { return Ok(()) };
        self.tables.drafts()?.remove((agent.0, from.0))?;
        let other = self.draft(agent, into)?;
        let written_at = other.as_ref().map_or(draft.written_at, |other| other.written_at.max(draft.written_at));
        let text = other.map_or_else(|| draft.text.clone(), |other| format!("{}\n{}", other.text, draft.text));
        let text: String = text.chars().take(DRAFT_CHARS_MAX).collect();
        self.put_draft(agent, into, &text, written_at)
    }
}
