//! Read models from one snapshot.
//!
//! Invariant: a reader never sees half a commit, and a damaged value is reported with its table and key.

use std::fmt::Debug;
use std::sync::Arc;

use redb::{Key, ReadOnlyTable, ReadTransaction, ReadableTable as _, TableDefinition, TableHandle as _};

use crate::domain::agent::Agent;
use crate::domain::case_data::CaseData;
use crate::domain::channel::{Channel, ChannelProfile};
use crate::domain::contact::{Address, Contact};
use crate::domain::ids::{AgentId, ChannelId, ContactId, ConversationId, InteractionId, MessageId, TokenHash, Wamid};
use crate::domain::interaction::Interaction;
use crate::domain::message::Message;
use crate::domain::queue::Queue;
use crate::domain::send::Send;
use crate::domain::settings::{Disposition, Settings};
use crate::domain::sign_in::SignIn;
use crate::domain::time::Timestamp;

use super::StoreError;
use super::codec::{self, Record};
use super::journal::{self, JournalEntry};
use super::record::contact::{ConversationRow, kind_number};
use super::record::interaction::DoneInteraction;
use super::record::people::Person;
use super::record::{JournalBatch, Pointer, Words};
use super::secrets::SecretKey;
use super::tables::{
    ADDRESSES, AGENTS, CASE_DATA, CHANNEL_PROFILES, CHANNELS, CONTACTS, CONVERSATIONS, CONVERSATIONS_OF, DISPOSITIONS,
    INTERACTIONS, INTERACTIONS_DONE, INTERACTIONS_OF, JOURNAL, LOGINS, MESSAGES, NOTES, PEOPLE, QUEUES, RAW, SENDS,
    SETTINGS, SIGN_INS, TRANSFER_NOTES, Value, WAMIDS, name_of,
};

/// An agent with what colleagues see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentRow {
    /// On the floor.
    pub agent: Agent,
    /// The name typed at sign-in.
    pub login: String,
    /// The name shown.
    pub name: String,
}

/// A channel account with its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRow {
    /// On the floor.
    pub channel: Channel,
    /// What the administrator said.
    pub profile: ChannelProfile,
}

/// An interaction, open or done.
#[derive(Clone, PartialEq, Eq)]
pub struct InteractionRow {
    /// Its state; the last one when done.
    pub interaction: Interaction,
    /// The private note.
    pub note: String,
    /// What the agent said at the last hand-over.
    pub transfer_note: Option<String>,
    /// When and by whom it was done.
    pub done: Option<(Timestamp, AgentId)>,
    /// Everybody who held it at some time, in order.
    pub handled_by: Vec<AgentId>,
    /// Typed keys and values.
    pub case_data: CaseData,
}

/// An interaction's state; when and by whom it was done.
pub(super) type BareInteraction = (Interaction, Option<(Timestamp, AgentId)>);

/// One moment of the store.
pub struct Snapshot {
    transaction: ReadTransaction,
    key: Arc<SecretKey>,
}

/// A value of a table.
pub(super) fn decode<R: Record>(table: &'static str, key: impl Debug, bytes: &[u8]) -> Result<R, StoreError> {
    codec::decode(bytes).map_err(|error| StoreError::Corrupt {
        table,
        key: format!("{key:?}"),
        reason: error.to_string(),
    })
}

impl Snapshot {
    pub(super) fn new(transaction: ReadTransaction, key: Arc<SecretKey>) -> Self {
        Self { transaction, key }
    }

    /// What opens sealed secrets.
    pub(super) fn key(&self) -> &SecretKey {
        &self.key
    }

    pub(super) fn table<K: Key + 'static>(
        &self,
        definition: TableDefinition<'static, K, Value>,
    ) -> Result<ReadOnlyTable<K, Value>, StoreError> {
        Ok(self.transaction.open_table(definition)?)
    }

    /// The number behind a text.
    fn pointer(
        &self,
        definition: TableDefinition<'static, &'static str, Value>,
        table: &'static str,
        key: &str,
    ) -> Result<Option<u64>, StoreError> {
        let found = self.table(definition)?.get(key)?;
        let pointer: Option<Pointer> = found.map(|value| decode(table, "(text)", value.value())).transpose()?;
        Ok(pointer.map(|Pointer(id)| id))
    }

    /// A row by its number.
    pub(super) fn row<R: Record>(
        &self,
        definition: TableDefinition<'static, u64, Value>,
        id: u64,
    ) -> Result<Option<R>, StoreError> {
        let found = self.table(definition)?.get(id)?;
        found.map(|value| decode(name_of(definition.name()), id, value.value())).transpose()
    }

    /// Every row of a table, in the order of its numbers.
    pub(super) fn all<R: Record>(
        &self,
        definition: TableDefinition<'static, u64, Value>,
    ) -> Result<Vec<R>, StoreError> {
        let table = self.table(definition)?;
        let mut rows = Vec::new();
        for row in table.iter()? {
            let (key, value) = row?;
            rows.push(decode(name_of(definition.name()), key.value(), value.value())?);
        }
        Ok(rows)
    }

    /// The journal's head.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn head(&self) -> Result<u64, StoreError> {
        Ok(self.last_batch()?.map_or(0, |(first, batch)| first + batch.events.len() as u64 - 1))
    }

    /// The newest row of the journal, with the number of its first event.
    pub(super) fn last_batch(&self) -> Result<Option<(u64, JournalBatch)>, StoreError> {
        let journal = self.table(JOURNAL)?;
        let Some((key, value)) = journal.last()? else { return Ok(None) };
        Ok(Some((key.value(), decode("journal", key.value(), value.value())?)))
    }

    /// Everybody.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn agents(&self) -> Result<Vec<AgentRow>, StoreError> {
        self.all::<Agent>(AGENTS)?.into_iter().map(|agent| self.with_name(agent)).collect()
    }

    /// One person.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn agent(&self, id: AgentId) -> Result<Option<AgentRow>, StoreError> {
        self.row::<Agent>(AGENTS, id.0)?.map(|agent| self.with_name(agent)).transpose()
    }

    fn with_name(&self, agent: Agent) -> Result<AgentRow, StoreError> {
        let person: Person = self.row(PEOPLE, agent.id.0)?.ok_or(StoreError::Missing("the name of an agent"))?;
        Ok(AgentRow { agent, login: person.login, name: person.name })
    }

    /// The person with this login, and their password hash.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn agent_by_login(&self, login: &str) -> Result<Option<(AgentRow, String)>, StoreError> {
        let login = login.to_lowercase();
        let Some(id) = self.pointer(LOGINS, "logins", &login)? else { return Ok(None) };
        let person: Person = self.row(PEOPLE, id)?.ok_or(StoreError::Missing("the name of an agent"))?;
        let row = self.agent(AgentId(id))?.ok_or(StoreError::Missing("the agent of a login"))?;
        Ok(Some((row, person.password_hash)))
    }

    /// Every sign-in.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn sign_ins(&self) -> Result<Vec<(TokenHash, SignIn)>, StoreError> {
        let table = self.table(SIGN_INS)?;
        let mut rows = Vec::new();
        for row in table.iter()? {
            let (key, value) = row?;
            rows.push((TokenHash(*key.value()), decode("sign_ins", "(text)", value.value())?));
        }
        Ok(rows)
    }

    /// The centre's rules.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn settings(&self) -> Result<Settings, StoreError> {
        let found = self.table(SETTINGS)?.get(0)?;
        Ok(found.map(|value| decode("settings", 0, value.value())).transpose()?.unwrap_or_default())
    }

    /// Every queue.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn queues(&self) -> Result<Vec<Queue>, StoreError> {
        self.all(QUEUES)
    }

    /// Every outcome code.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn dispositions(&self) -> Result<Vec<Disposition>, StoreError> {
        self.all(DISPOSITIONS)
    }

    /// Every channel account.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn channels(&self) -> Result<Vec<ChannelRow>, StoreError> {
        self.all::<Channel>(CHANNELS)?.into_iter().map(|channel| self.with_profile(channel)).collect()
    }

    /// One channel account.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn channel(&self, id: ChannelId) -> Result<Option<ChannelRow>, StoreError> {
        self.row::<Channel>(CHANNELS, id.0)?.map(|channel| self.with_profile(channel)).transpose()
    }

    fn with_profile(&self, channel: Channel) -> Result<ChannelRow, StoreError> {
        let profile = self.row(CHANNEL_PROFILES, channel.id.0)?;
        let profile = profile.ok_or(StoreError::Missing("the profile of a channel account"))?;
        Ok(ChannelRow { profile: self.unsealed(channel.id, profile)?, channel })
    }

    /// An interaction, open or done.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn interaction(&self, id: InteractionId) -> Result<Option<InteractionRow>, StoreError> {
        self.bare_interaction(id)?.map(|(interaction, done)| self.with_note(interaction, done)).transpose()
    }

    /// An interaction's state, and when and by whom it was done.
    pub(super) fn bare_interaction(&self, id: InteractionId) -> Result<Option<BareInteraction>, StoreError> {
        if let Some(interaction) = self.row::<Interaction>(INTERACTIONS, id.0)? {
            return Ok(Some((interaction, None)));
        }
        let done: Option<DoneInteraction> = self.row(INTERACTIONS_DONE, id.0)?;
        Ok(done.map(|done| (done.interaction, Some((done.at, done.agent)))))
    }

    /// The interaction with all that belongs to it.
    pub(super) fn with_note(
        &self,
        interaction: Interaction,
        done: Option<(Timestamp, AgentId)>,
    ) -> Result<InteractionRow, StoreError> {
        let note = self.row(NOTES, interaction.id.0)?.map_or_else(String::new, |Words(note)| note);
        let transfer_note = self.row(TRANSFER_NOTES, interaction.id.0)?.map(|Words(note)| note);
        let handled_by = self.handled_by(interaction.id)?;
        let case_data = self.row(CASE_DATA, interaction.id.0)?.unwrap_or_default();
        Ok(InteractionRow { interaction, note, transfer_note, done, handled_by, case_data })
    }

    /// Every open interaction.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn interactions_open(&self) -> Result<Vec<InteractionRow>, StoreError> {
        self.all(INTERACTIONS)?.into_iter().map(|interaction| self.with_note(interaction, None)).collect()
    }

    /// The interactions of a conversation, oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn interactions_of(&self, conversation: ConversationId) -> Result<Vec<InteractionId>, StoreError> {
        let table = self.table(INTERACTIONS_OF)?;
        let rows = table.range((conversation.0, 0)..=(conversation.0, u64::MAX))?;
        rows.map(|row| Ok(InteractionId(row?.0.value().1))).collect()
    }

    /// One contact.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn contact(&self, id: ContactId) -> Result<Option<Contact>, StoreError> {
        self.row(CONTACTS, id.0)
    }

    /// The contact with this address.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn contact_by_address(&self, address: &Address) -> Result<Option<ContactId>, StoreError> {
        let key = (kind_number(address.kind), address.value.as_str());
        let found = self.table(ADDRESSES)?.get(key)?;
        let pointer: Option<Pointer> = found.map(|value| decode("addresses", "(text)", value.value())).transpose()?;
        Ok(pointer.map(|Pointer(id)| ContactId(id)))
    }

    /// One conversation.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn conversation(&self, id: ConversationId) -> Result<Option<ConversationRow>, StoreError> {
        self.row(CONVERSATIONS, id.0)
    }

    /// The conversation of a contact on a channel account.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn conversation_of(
        &self,
        contact: ContactId,
        channel: ChannelId,
    ) -> Result<Option<ConversationRow>, StoreError> {
        let found = self.table(CONVERSATIONS_OF)?.get((contact.0, channel.0))?;
        let pointer: Option<Pointer> =
            found.map(|value| decode("conversations_of", "(text)", value.value())).transpose()?;
        pointer.map_or(Ok(None), |Pointer(id)| self.conversation(ConversationId(id)))
    }

    /// One message.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn message(&self, id: MessageId) -> Result<Option<Message>, StoreError> {
        self.row(MESSAGES, id.0)
    }

    /// The message with this provider's id.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn message_by_wamid(&self, wamid: &Wamid) -> Result<Option<MessageId>, StoreError> {
        Ok(self.pointer(WAMIDS, "wamids", &wamid.0)?.map(MessageId))
    }

    /// Every message on its way, oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn sends(&self) -> Result<Vec<Send>, StoreError> {
        self.all(SENDS)
    }

    /// What was kept because nobody understood it, oldest first: kind and text.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn raw(&self) -> Result<Vec<(String, String)>, StoreError> {
        let rows = self.all::<super::record::message::Raw>(RAW)?;
        Ok(rows.into_iter().map(|row| (row.kind, row.raw)).collect())
    }

    /// Up to `limit` events after a number.
    ///
    /// # Errors
    /// `JournalTrimmed` when events after it are gone, or the database cannot be read.
    pub fn journal(&self, after: u64, limit: usize) -> Result<Vec<JournalEntry>, StoreError> {
        let journal = self.table(JOURNAL)?;
        let Some(first) = journal.first()?.map(|(key, _)| key.value()) else { return Ok(Vec::new()) };
        if after.saturating_add(1) < first {
            return Err(StoreError::JournalTrimmed);
        }
        // The row that holds the next event may begin before it.
        let start =
            journal.range(..=after.saturating_add(1))?.next_back().transpose()?.map_or(first, |(key, _)| key.value());
        let mut entries = Vec::new();
        for row in journal.range(start..)? {
            let (key, value) = row?;
            let batch: JournalBatch = decode("journal", key.value(), value.value())?;
            for (place, event) in batch.events.iter().enumerate() {
                let seq = key.value() + place as u64;
                if seq > after && entries.len() < limit {
                    entries.push(journal::entry(seq, event)?);
                }
            }
            if entries.len() >= limit {
                break;
            }
        }
        Ok(entries)
    }
}
