//! A journal row: what one commit (or a part of a large one) brought, and where time and counters stand after it.
//!
//! Time and counters live here because the row is written by every commit anyway: one page less to sync.
//! Invariant: no personal text; numbers only.

use serde::{Deserialize, Serialize};

use super::super::codec::{CodecError, Record};
use crate::domain::event::{EventKind, Subject};
use crate::domain::floor::Counters;
use crate::domain::ids::{AgentId, ChannelId, ContactId, ConversationId, InteractionId, MessageId};
use crate::domain::time::Timestamp;

/// One event in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct JournalEvent {
    /// When it happened.
    pub(in crate::store) at: Timestamp,
    /// What kind.
    pub(in crate::store) kind: EventKind,
    /// What it is about.
    pub(in crate::store) subjects: Vec<Subject>,
}

/// The events of one commit, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::store) struct JournalRow {
    /// The floor's time after them.
    pub(in crate::store) at: Timestamp,
    /// The floor's counters after them.
    pub(in crate::store) counters: Counters,
    /// At least one.
    pub(in crate::store) events: Vec<JournalEvent>,
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct JournalRowV1 {
    at: i64,
    /// Agent, contact, conversation, interaction, message, queue, channel, disposition.
    counters: [u64; 8],
    events: Vec<JournalEventV1>,
}

#[derive(Serialize, Deserialize)]
struct JournalEventV1 {
    at: i64,
    kind: u8,
    subjects: Vec<(u8, u64)>,
}

impl Record for JournalRow {
    const VERSION: u8 = 1;
    type Stored = JournalRowV1;

    fn to_stored(&self) -> JournalRowV1 {
        let counters = &self.counters;
        JournalRowV1 {
            at: self.at.0,
            counters: [
                counters.agent,
                counters.contact,
                counters.conversation,
                counters.interaction,
                counters.message,
                counters.queue,
                counters.channel,
                counters.disposition,
            ],
            events: self
                .events
                .iter()
                .map(|event| JournalEventV1 {
                    at: event.at.0,
                    kind: event.kind as u8,
                    subjects: event.subjects.iter().copied().map(stored_subject).collect(),
                })
                .collect(),
        }
    }

    fn from_stored(stored: JournalRowV1) -> Result<Self, CodecError> {
        let [agent, contact, conversation, interaction, message, queue, channel, disposition] = stored.counters;
        let counters = Counters { agent, contact, conversation, interaction, message, queue, channel, disposition };
        let events = stored.events.into_iter().map(event).collect::<Result<_, _>>()?;
        Ok(Self { at: Timestamp(stored.at), counters, events })
    }
}

fn event(stored: JournalEventV1) -> Result<JournalEvent, CodecError> {
    let kind = EventKind::from_code(stored.kind)
        .ok_or_else(|| CodecError::Shape(format!("event kind {} is unknown", stored.kind)))?;
    let subjects = stored.subjects.into_iter().map(subject).collect::<Result<_, _>>()?;
    Ok(JournalEvent { at: Timestamp(stored.at), kind, subjects })
}

fn stored_subject(subject: Subject) -> (u8, u64) {
    match subject {
        Subject::Agent(agent) => (1, agent.0),
        Subject::Contact(contact) => (2, contact.0),
        Subject::Conversation(conversation) => (3, conversation.0),
        Subject::Interaction(interaction) => (4, interaction.0),
        Subject::Message(message) => (5, message.0),
        Subject::Channel(channel) => (6, channel.0),
    }
}

fn subject((kind, id): (u8, u64)) -> Result<Subject, CodecError> {
    match kind {
        1 => Ok(Subject::Agent(AgentId(id))),
        2 => Ok(Subject::Contact(ContactId(id))),
        3 => Ok(Subject::Conversation(ConversationId(id))),
        4 => Ok(Subject::Interaction(InteractionId(id))),
        5 => Ok(Subject::Message(MessageId(id))),
        6 => Ok(Subject::Channel(ChannelId(id))),
        _ => Err(CodecError::Shape(format!("subject kind {kind} is unknown"))),
    }
}
