//! Read models: what the edge, the outbox and the page want to know, from one snapshot.
//!
//! Apart from the writer's own reads, which see what is not committed yet. Invariant: nothing here writes, and a
//! damaged value is an error that names its table and key.

use redb::{Key, ReadOnlyTable, ReadTransaction, ReadableTable, TableDefinition, TableHandle};

use super::codec::{self, Record};
use super::record::contact::address_key;
use super::record::people::Person;
use super::record::work::DoneInteraction;
use super::record::{Pointer, Text};
use super::tables::{self, KeyText, Value};
use super::{ConversationRow, RawRow, StoreError};
use crate::domain::agent::Agent;
use crate::domain::channel::{Channel, ChannelProfile};
use crate::domain::contact::{Address, Contact};
use crate::domain::floor::FloorRows;
use crate::domain::ids::{AgentId, ChannelId, ContactId, ConversationId, InteractionId, MessageId, TokenHash, Wamid};
use crate::domain::interaction::Interaction;
use crate::domain::message::{Author, Message};
use crate::domain::queue::Queue;
use crate::domain::send::Send;
use crate::domain::settings::{Disposition, Settings};
use crate::domain::sign_in::SignIn;
use crate::domain::time::Timestamp;
use crate::limits::LAST_INBOUND_SCAN_MAX;

/// An agent and the person behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentRow {
    /// As the floor knows them.
    pub agent: Agent,
    /// The name typed at sign-in.
    pub login: String,
    /// Shown to colleagues.
    pub name: String,
}

/// A channel account and what the administrator said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRow {
    /// As the floor knows it.
    pub channel: Channel,
    /// With its secrets.
    pub profile: ChannelProfile,
}

/// An interaction, open or done.
#[derive(Clone, PartialEq, Eq)]
pub struct InteractionRow {
    /// Its state; of one that is done, the last.
    pub interaction: Interaction,
    /// The note, or an empty string.
    pub note: String,
    /// The note of its last hand-over.
    pub transfer_note: Option<String>,
    /// When and by whom it was closed.
    pub done: Option<(Timestamp, AgentId)>,
}

/// The state of the last commit when it was taken.
pub struct Snapshot {
    transaction: ReadTransaction,
}

impl Snapshot {
    pub(super) fn new(transaction: ReadTransaction) -> Self {
        Self { transaction }
    }

    pub(super) fn table<K: Key + 'static>(
        &self,
        definition: TableDefinition<'static, K, Value>,
    ) -> Result<ReadOnlyTable<K, Value>, StoreError> {
        Ok(self.transaction.open_table(definition)?)
    }

    fn one<R: Record>(
        &self,
        definition: TableDefinition<'static, u64, Value>,
        key: u64,
    ) -> Result<Option<R>, StoreError> {
        get(&self.table(definition)?, key)
    }

    fn all<R: Record>(&self, definition: TableDefinition<'static, u64, Value>) -> Result<Vec<R>, StoreError> {
        let table = self.table(definition)?;
        let rows = table.iter()?.map(|row| {
            let (key, value) = row?;
            read(&table, key.value(), value.value())
        });
        rows.collect()
    }

    /// Everybody, in the order of ids.
    ///
    /// # Errors
    /// When the store cannot be read; so for all queries.
    pub fn agents(&self) -> Result<Vec<AgentRow>, StoreError> {
        let people = self.table(tables::PEOPLE)?;
        self.all::<Agent>(tables::AGENTS)?
            .into_iter()
            .map(|agent| {
                let person: Person = get(&people, agent.id.0)?.ok_or_else(|| missing("people", agent.id.0))?;
                Ok(AgentRow { agent, login: person.login, name: person.name })
            })
            .collect()
    }

    /// One agent.
    #[allow(missing_docs, clippy::missing_errors_doc, reason = "see `agents`")]
    pub fn agent(&self, agent: AgentId) -> Result<Option<AgentRow>, StoreError> {
        Ok(self.agent_with_hash(agent)?.map(|(row, _)| row))
    }

    fn agent_with_hash(&self, agent: AgentId) -> Result<Option<(AgentRow, String)>, StoreError> {
        let Some(state) = self.one::<Agent>(tables::AGENTS, agent.0)? else { return Ok(None) };
        let person: Person = self.one(tables::PEOPLE, agent.0)?.ok_or_else(|| missing("people", agent.0))?;
        Ok(Some((AgentRow { agent: state, login: person.login, name: person.name }, person.password_hash)))
    }

    /// The agent with this login in any case, and the password hash.
    #[allow(clippy::missing_errors_doc, reason = "see `agents`")]
    pub fn agent_by_login(&self, login: &str) -> Result<Option<(AgentRow, String)>, StoreError> {
        let login = login_key(login);
        match get::<Pointer, _>(&self.table(tables::LOGINS)?, login.as_str())? {
            Some(Pointer(agent)) => self.agent_with_hash(AgentId(agent)),
            None => Ok(None),
        }
    }

    /// All sign-ins.
    #[allow(clippy::missing_errors_doc, reason = "see `agents`")]
    pub fn sign_ins(&self) -> Result<Vec<(TokenHash, SignIn)>, StoreError> {
        let table = self.table(tables::SIGN_INS)?;
        let rows = table.iter()?.map(|row| {
            let (key, value) = row?;
            Ok((TokenHash(*key.value()), read(&table, key.value(), value.value())?))
        });
        rows.collect()
    }

    /// The centre's rules.
    #[allow(clippy::missing_errors_doc, reason = "see `agents`")]
    pub fn settings(&self) -> Result<Settings, StoreError> {
        let settings = get(&self.table(tables::SETTINGS)?, 0_u8)?;
        Ok(settings.unwrap_or_default())
    }

    /// All queues, in the order of ids.
    #[allow(clippy::missing_errors_doc, reason = "see `agents`")]
    pub fn queues(&self) -> Result<Vec<Queue>, StoreError> {
        self.all(tables::QUEUES)
    }

    /// All outcome codes, in the order of ids.
    #[allow(clippy::missing_errors_doc, reason = "see `agents`")]
    pub fn dispositions(&self) -> Result<Vec<Disposition>, StoreError> {
        self.all(tables::DISPOSITIONS)
    }

    /// All channel accounts, in the order of ids.
    #[allow(clippy::missing_errors_doc, reason = "see `agents`")]
    pub fn channels(&self) -> Result<Vec<ChannelRow>, StoreError> {
        let profiles = self.table(tables::CHANNEL_PROFILES)?;
        self.all::<Channel>(tables::CHANNELS)?
            .into_iter()
            .map(|channel| {
                let id = channel.id.0;
                let profile = get(&profiles, id)?.ok_or_else(|| missing("channel_profiles", id))?;
                Ok(ChannelRow { channel, profile })
            })
            .collect()
    }

    /// One channel account.
    #[allow(clippy::missing_errors_doc, reason = "see `agents`")]
    pub fn channel(&self, channel: ChannelId) -> Result<Option<ChannelRow>, StoreError> {
        let Some(state) = self.one::<Channel>(tables::CHANNELS, channel.0)? else { return Ok(None) };
        let profile =
            self.one(tables::CHANNEL_PROFILES, channel.0)?.ok_or_else(|| missing("channel_profiles", channel.0))?;
        Ok(Some(ChannelRow { channel: state, profile }))
    }

    /// One interaction, open or done.
    #[allow(clippy::missing_errors_doc, reason = "see `agents`")]
    pub fn interaction(&self, interaction: InteractionId) -> Result<Option<InteractionRow>, StoreError> {
        if let Some(open) = self.one::<Interaction>(tables::INTERACTIONS, interaction.0)? {
            return self.with_notes(open, None).map(Some);
        }
        match self.one::<DoneInteraction>(tables::INTERACTIONS_DONE, interaction.0)? {
            Some(done) => self.with_notes(done.interaction, Some((done.at, done.by))).map(Some),
            None => Ok(None),
        }
    }

    fn with_notes(
        &self,
        interaction: Interaction,
        done: Option<(Timestamp, AgentId)>,
    ) -> Result<InteractionRow, StoreError> {
        let note = self.one::<Text>(tables::NOTES, interaction.id.0)?.map_or_else(String::new, |text| text.0);
        let transfer_note = self.one::<Text>(tables::TRANSFER_NOTES, interaction.id.0)?.map(|text| text.0);
        Ok(InteractionRow { interaction, note, transfer_note, done })
    }

    /// All open interactions, in the order of ids.
    #[allow(clippy::missing_errors_doc, reason = "see `agents`")]
    pub fn interactions_open(&self) -> Result<Vec<InteractionRow>, StoreError> {
        let open = self.all::<Interaction>(tables::INTERACTIONS)?;
        open.into_iter().map(|interaction| self.with_notes(interaction, None)).collect()
    }

    /// The interactions of a conversation, oldest first.
    #[allow(clippy::missing_errors_doc, reason = "see `agents`")]
    pub fn interactions_of(&self, conversation: ConversationId) -> Result<Vec<InteractionId>, StoreError> {
        let table = self.table(tables::INTERACTIONS_OF)?;
        let range = table.range((conversation.0, 0)..=(conversation.0, u64::MAX))?;
        range.map(|row| Ok(InteractionId(row?.0.value().1))).collect()
    }

    /// One contact.
    #[allow(clippy::missing_errors_doc, reason = "see `agents`")]
    pub fn contact(&self, contact: ContactId) -> Result<Option<Contact>, StoreError> {
        self.one(tables::CONTACTS, contact.0)
    }

    /// The contact with this address; usernames find nobody.
    #[allow(clippy::missing_errors_doc, reason = "see `agents`")]
    pub fn contact_by_address(&self, address: &Address) -> Result<Option<Contact>, StoreError> {
        let Some(key) = address_key(address) else { return Ok(None) };
        match get::<Pointer, _>(&self.table(tables::ADDRESSES)?, key)? {
            Some(Pointer(contact)) => self.contact(ContactId(contact)),
            None => Ok(None),
        }
    }

    /// One conversation.
    #[allow(clippy::missing_errors_doc, reason = "see `agents`")]
    pub fn conversation(&self, conversation: ConversationId) -> Result<Option<ConversationRow>, StoreError> {
        self.one(tables::CONVERSATIONS, conversation.0)
    }

    /// The conversation of a contact on a channel account.
    #[allow(clippy::missing_errors_doc, reason = "see `agents`")]
    pub fn conversation_of(
        &self,
        contact: ContactId,
        channel: ChannelId,
    ) -> Result<Option<ConversationRow>, StoreError> {
        let key = (contact.0, channel.0);
        match get::<Pointer, _>(&self.table(tables::CONVERSATIONS_OF)?, key)? {
            Some(Pointer(conversation)) => self.conversation(ConversationId(conversation)),
            None => Ok(None),
        }
    }

    /// One message.
    #[allow(clippy::missing_errors_doc, reason = "see `agents`")]
    pub fn message(&self, message: MessageId) -> Result<Option<Message>, StoreError> {
        self.one(tables::MESSAGES, message.0)
    }

    /// The message with this provider's id.
    #[allow(clippy::missing_errors_doc, reason = "see `agents`")]
    pub fn message_by_wamid(&self, wamid: &Wamid) -> Result<Option<MessageId>, StoreError> {
        let found = get::<Pointer, _>(&self.table(tables::WAMIDS)?, wamid.0.as_str())?;
        Ok(found.map(|pointer| MessageId(pointer.0)))
    }

    /// Up to `limit` messages of a conversation that stand before the place given (or the last ones), oldest first.
    #[allow(clippy::missing_errors_doc, reason = "see `agents`")]
    pub fn transcript(
        &self,
        conversation: ConversationId,
        before: Option<(Timestamp, MessageId)>,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError> {
        let table = self.table(tables::TRANSCRIPTS)?;
        let messages = self.table(tables::MESSAGES)?;
        let (at, id) = before.map_or((i64::MAX, u64::MAX), |(at, id)| (at.0, id.0));
        let places = table.range((conversation.0, i64::MIN, 0)..(conversation.0, at, id))?;
        let mut page = Vec::new();
        for place in places.rev().take(limit) {
            let (_, _, id) = place?.0.value();
            page.push(get(&messages, id)?.ok_or_else(|| missing("messages", id))?);
        }
        page.reverse();
        Ok(page)
    }

    /// The contact's last message, if it is among the last few hundred.
    #[allow(clippy::missing_errors_doc, reason = "see `agents`")]
    pub fn last_inbound(&self, conversation: ConversationId) -> Result<Option<Message>, StoreError> {
        let table = self.table(tables::TRANSCRIPTS)?;
        let messages = self.table(tables::MESSAGES)?;
        let places = table.range((conversation.0, i64::MIN, 0)..=(conversation.0, i64::MAX, u64::MAX))?;
        for place in places.rev().take(LAST_INBOUND_SCAN_MAX) {
            let (_, _, id) = place?.0.value();
            let message: Message = get(&messages, id)?.ok_or_else(|| missing("messages", id))?;
            if message.author == Author::Contact {
                return Ok(Some(message));
            }
        }
        Ok(None)
    }

    /// Everything in the outbox, oldest first.
    #[allow(clippy::missing_errors_doc, reason = "see `agents`")]
    pub fn sends(&self) -> Result<Vec<Send>, StoreError> {
        self.all(tables::SENDS)
    }

    /// Everything that was not understood and is still kept, oldest first.
    #[allow(clippy::missing_errors_doc, reason = "see `agents`")]
    pub fn raw(&self) -> Result<Vec<RawRow>, StoreError> {
        self.all(tables::RAW)
    }

    /// The rows of the floor.
    pub(super) fn floor_rows(&self) -> Result<FloorRows, StoreError> {
        let last = self.last_journal_row()?;
        Ok(FloorRows {
            agents: self.all::<Agent>(tables::AGENTS)?.into_iter().map(|agent| (agent.id, agent)).collect(),
            sign_ins: self.sign_ins()?.into_iter().collect(),
            queues: self.queues()?.into_iter().map(|queue| (queue.id, queue)).collect(),
            channels: self.all::<Channel>(tables::CHANNELS)?.into_iter().map(|row| (row.id, row)).collect(),
            dispositions: self.dispositions()?.into_iter().map(|row| (row.id, row)).collect(),
            settings: self.settings()?,
            interactions: self.all::<Interaction>(tables::INTERACTIONS)?.into_iter().map(|row| (row.id, row)).collect(),
            sends: self.sends()?.into_iter().map(|send| (send.message, send)).collect(),
            counters: last.counters,
            at: last.at,
        })
    }
}

/// Logins are compared without case.
pub(super) fn login_key(login: &str) -> String {
    login.trim().to_lowercase()
}

/// The record under a key.
pub(super) fn get<'k, R: Record, K: Key + 'static>(
    table: &(impl ReadableTable<K, Value> + TableHandle),
    key: K::SelfType<'k>,
) -> Result<Option<R>, StoreError>
where
    K::SelfType<'k>: KeyText,
{
    match table.get(&key)? {
        Some(value) => read(table, key, value.value()).map(Some),
        None => Ok(None),
    }
}

/// The record in these bytes, or an error that says where they are.
pub(super) fn read<R: Record>(table: &impl TableHandle, key: impl KeyText, bytes: &[u8]) -> Result<R, StoreError> {
    codec::decode(bytes).map_err(|error| StoreError::Corrupt {
        table: table.name().to_owned(),
        key: key.text(),
        reason: error.to_string(),
    })
}

/// A row that another row promises is not there.
pub(super) fn missing(table: &str, key: u64) -> StoreError {
    StoreError::Corrupt { table: table.to_owned(), key: key.to_string(), reason: "the row is missing".to_owned() }
}
