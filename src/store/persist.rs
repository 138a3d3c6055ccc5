//! Event to rows: one exhaustive match, so that a new event cannot be forgotten here.
//!
//! Cold rows are written at the event, because the prefetch of later commands of the batch must see them. Rows that
//! mirror the floor are written once a batch, for whatever its events touched. Invariant: after `finish` the tables
//! give the floor as it stands.

use std::collections::{BTreeMap, BTreeSet};

use redb::ReadableTable;

use super::StoreError;
use super::codec::{self, Record};
use super::journal;
use super::query::{get, login_key, missing, read};
use super::record::contact::{ConversationRow, address_key};
use super::record::feed::JournalEvent;
use super::record::message::{ParkedPlace, ParkedReport, RawRow};
use super::record::people::Person;
use super::record::work::DoneInteraction;
use super::record::{Mark, Pointer, Text};
use super::tables::Tables;
use crate::domain::agent::AgentProfile;
use crate::domain::command::DeliveryReport;
use crate::domain::contact::{Address, Contact};
use crate::domain::event::Event;
use crate::domain::floor::Floor;
use crate::domain::ids::{
    AgentId, ChannelId, ContactId, ConversationId, DispositionId, InteractionId, MessageId, QueueId, TokenHash, Wamid,
};
use crate::domain::interaction::Interaction;
use crate::domain::message::{Author, Delivery, Message};
use crate::domain::time::Timestamp;
use crate::limits::{
    OLD_ROWS_PER_ARRIVAL_MAX, PARKED_REPORT_AGE_MS_MAX, PARKED_REPORTS_MAX, RAW_AGE_MS_MAX, RAW_ROWS_MAX,
};

/// One write transaction's work.
pub(super) struct Batch<'txn> {
    pub(super) tables: Tables<'txn>,
    /// The journal's head before this batch.
    base: u64,
    events: Vec<JournalEvent>,
    conversations: BTreeMap<u64, ConversationRow>,
    touched: Touched,
}

/// Rows of the floor that have to be written.
#[derive(Default)]
struct Touched {
    agents: BTreeSet<AgentId>,
    sign_ins: BTreeSet<TokenHash>,
    queues: BTreeSet<QueueId>,
    channels: BTreeSet<ChannelId>,
    dispositions: BTreeSet<DispositionId>,
    settings: bool,
    interactions: BTreeSet<InteractionId>,
    sends: BTreeSet<MessageId>,
    /// Conversations whose row is newer in `conversations` than in the table.
    conversations: BTreeSet<u64>,
}

impl<'txn> Batch<'txn> {
    pub(super) fn new(tables: Tables<'txn>, head: u64) -> Self {
        Self { tables, base: head, events: Vec::new(), conversations: BTreeMap::new(), touched: Touched::default() }
    }

    /// The journal's head after what was persisted so far.
    pub(super) fn head(&self) -> u64 {
        self.base + self.events.len() as u64
    }

    /// Whether there is nothing to commit.
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// A conversation, as the batch has left it so far.
    pub(super) fn conversation(&mut self, id: u64) -> Result<Option<ConversationRow>, StoreError> {
        if let Some(row) = self.conversations.get(&id) {
            return Ok(Some(row.clone()));
        }
        let row: Option<ConversationRow> = get(self.tables.conversations()?, id)?;
        if let Some(row) = &row {
            self.conversations.insert(id, row.clone());
        }
        Ok(row)
    }

    /// Writes what the events of one step say; `floor` is the floor after that step.
    pub(super) fn persist(&mut self, floor: &Floor, events: &[Event]) -> Result<(), StoreError> {
        for event in events {
            self.persist_event(floor, event)?;
            self.events.push(JournalEvent { at: floor.at(), kind: event.kind(), subjects: event.subjects() });
        }
        Ok(())
    }

    fn persist_event(&mut self, floor: &Floor, event: &Event) -> Result<(), StoreError> {
        let touched = &mut self.touched;
        match event {
            Event::AgentAdded { agent, profile } => {
                touched.agents.insert(*agent);
                self.add_person(*agent, profile)?;
            }
            Event::PasswordSet { agent, password_hash } => self.set_password(*agent, password_hash)?,
            Event::ChannelAdded { channel, profile } => {
                touched.channels.insert(*channel);
                put(self.tables.channel_profiles()?, channel.0, profile)?;
                put(self.tables.phone_number_ids()?, profile.phone_number_id.as_str(), &Pointer(channel.0))?;
            }
            Event::QueueSet { queue } => {
                touched.queues.insert(queue.id);
            }
            Event::SettingsSet { .. } => touched.settings = true,
            Event::DispositionAdded { disposition } => {
                touched.dispositions.insert(disposition.id);
            }
            Event::SignInStarted { token, agent } | Event::SignInEnded { token, agent } => {
                touched.sign_ins.insert(*token);
                touched.agents.insert(*agent);
            }
            Event::SignInSeen { token } => {
                touched.sign_ins.insert(*token);
            }
            Event::AgentConnected { agent }
            | Event::AgentDisconnected { agent }
            | Event::PresenceChanged { agent, .. }
            | Event::AfterWorkSet { agent, .. } => {
                touched.agents.insert(*agent);
            }
            Event::ContactCreated { contact, name, addresses } | Event::ContactChanged { contact, name, addresses } => {
                self.set_contact(*contact, name, addresses)?
            }
            Event::ConversationOpened { conversation, contact, channel } => {
                self.open_conversation(*conversation, *contact, *channel, floor.at())?;
            }
            Event::WindowOpened { conversation, until } => {
                touched.interactions.extend(floor.open_of(*conversation).map(|open| open.id));
                self.change_conversation(*conversation, |row| row.window_until = row.window_until.max(Some(*until)))?;
            }
            Event::MessageReceived { message } | Event::NoticeAdded { message } => {
                touched.interactions.extend(floor.open_of(message.conversation).map(|open| open.id));
                self.add_message(message)?;
            }
            Event::MessageQueued { message, channel: _ } => {
                touched.interactions.extend(floor.open_of(message.conversation).map(|open| open.id));
                touched.sends.insert(message.id);
                self.add_message(message)?;
            }
            Event::RawKept { kind, raw } => self.keep_raw(kind, raw, floor.at())?,
            Event::InteractionQueued { interaction } | Event::InteractionCreated { interaction } => {
                touched.interactions.insert(interaction.id);
                touched.agents.extend(interaction.owner);
                let key = (interaction.conversation.0, interaction.id.0);
                put(self.tables.interactions_of()?, key, &Mark)?;
                self.take(floor, interaction.id, interaction.owner)?;
            }
            Event::InteractionOffered { interaction, agent, .. }
            | Event::TransferOffered { interaction, agent, .. } => {
                touched.interactions.insert(*interaction);
                touched.agents.insert(*agent);
            }
            Event::OfferAccepted { interaction, agent }
            | Event::AutoAnswered { interaction, agent }
            | Event::TransferAccepted { interaction, to: agent, .. }
            | Event::InteractionOpened { interaction, agent }
            | Event::InteractionReactivated { interaction, agent } => {
                touched.interactions.insert(*interaction);
                touched.agents.insert(*agent);
                self.take(floor, *interaction, Some(*agent))?;
            }
            Event::OfferRejected { interaction, .. }
            | Event::OfferExpired { interaction, .. }
            | Event::OfferWithdrawn { interaction, .. }
            | Event::InteractionParked { interaction, .. }
            | Event::InteractionRequeued { interaction, .. }
            | Event::TransferEnded { interaction, .. }
            | Event::InteractionEnded { interaction, .. }
            | Event::IdleAlerted { interaction }
            | Event::MessageReadByAgent { interaction, .. }
            | Event::DispositionSet { interaction, .. }
            | Event::AwayTextSent { interaction } => {
                touched.interactions.insert(*interaction);
            }
            Event::TransferStarted { interaction, note, .. } => {
                touched.interactions.insert(*interaction);
                put(self.tables.transfer_notes()?, interaction.0, &Text(note.clone()))?;
            }
            Event::InteractionDone { interaction, agent } => {
                touched.interactions.insert(interaction.id);
                touched.agents.extend(interaction.holders());
                self.close(interaction, *agent, floor.at())?;
            }
            Event::NoteSet { interaction, text, .. } => {
                touched.interactions.insert(*interaction);
                put(self.tables.notes()?, interaction.0, &Text(text.clone()))?;
            }
            Event::SendStarted { message, .. }
            | Event::SendRetried { message, .. }
            | Event::SendAwaitsStatus { message, .. }
            | Event::SendClosed { message } => {
                touched.sends.insert(*message);
            }
            Event::SendAccepted { message, wamid } => {
                touched.sends.insert(*message);
                self.drop_parked(wamid)?;
            }
            Event::DeliveryAdvanced { message, delivery, wamid } => {
                self.advance(*message, delivery, wamid.as_ref())?;
            }
            Event::ReportParked { report } => self.park(report, floor.at())?,
        }
        Ok(())
    }

    fn add_person(&mut self, agent: AgentId, profile: &AgentProfile) -> Result<(), StoreError> {
        let person = Person {
            login: profile.login.trim().to_owned(),
            name: profile.name.clone(),
            password_hash: profile.password_hash.clone(),
        };
        put(self.tables.people()?, agent.0, &person)?;
        put(self.tables.logins()?, login_key(&profile.login).as_str(), &Pointer(agent.0))
    }

    fn set_password(&mut self, agent: AgentId, password_hash: &str) -> Result<(), StoreError> {
        let table = self.tables.people()?;
        let person: Person = get(table, agent.0)?.ok_or_else(|| missing("people", agent.0))?;
        put(table, agent.0, &Person { password_hash: password_hash.to_owned(), ..person })
    }

    /// An address stays with the contact who had it first.
    fn set_contact(&mut self, id: ContactId, name: &str, addresses: &[Address]) -> Result<(), StoreError> {
        let table = self.tables.contacts()?;
        let blocked = get::<Contact, _>(table, id.0)?.is_some_and(|contact| contact.blocked);
        let contact = Contact { id, name: name.to_owned(), addresses: addresses.to_vec(), blocked };
        put(table, id.0, &contact)?;
        for key in addresses.iter().filter_map(address_key) {
            let table = self.tables.addresses()?;
            if table.get(key)?.is_none() {
                put(table, key, &Pointer(id.0))?;
            }
        }
        Ok(())
    }

    fn open_conversation(
        &mut self,
        id: ConversationId,
        contact: ContactId,
        channel: ChannelId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        put(self.tables.conversations_of()?, (contact.0, channel.0), &Pointer(id.0))?;
        let row = ConversationRow {
            id,
            contact,
            channel,
            window_until: None,
            last_agent: None,
            last_message: None,
            last_message_at: Timestamp(0),
            opened_at: at,
        };
        self.conversations.insert(id.0, row);
        self.touched.conversations.insert(id.0);
        Ok(())
    }

    fn change_conversation(
        &mut self,
        id: ConversationId,
        change: impl FnOnce(&mut ConversationRow),
    ) -> Result<(), StoreError> {
        self.conversation(id.0)?;
        let row = self.conversations.get_mut(&id.0).ok_or_else(|| missing("conversations", id.0))?;
        change(row);
        self.touched.conversations.insert(id.0);
        Ok(())
    }

    /// The conversation remembers who handled it last.
    fn take(&mut self, floor: &Floor, id: InteractionId, agent: Option<AgentId>) -> Result<(), StoreError> {
        match (agent, floor.rows().interactions.get(&id)) {
            (Some(agent), Some(interaction)) => {
                self.change_conversation(interaction.conversation, |row| row.last_agent = Some(agent))
            }
            (None, _) | (_, None) => Ok(()),
        }
    }

    fn close(&mut self, interaction: &Interaction, by: AgentId, at: Timestamp) -> Result<(), StoreError> {
        let done = DoneInteraction { interaction: interaction.clone(), at, by };
        put(self.tables.interactions_done()?, interaction.id.0, &done)
    }

    fn add_message(&mut self, message: &Message) -> Result<(), StoreError> {
        let id = message.id;
        put(self.tables.messages()?, id.0, message)?;
        put(self.tables.transcripts()?, (message.conversation.0, message.at.0, id.0), &Mark)?;
        if let Some(wamid) = &message.wamid {
            put(self.tables.wamids()?, wamid.0.as_str(), &Pointer(id.0))?;
        }
        if let (Author::Agent(agent), Some(key)) = (message.author, &message.client_key) {
            put(self.tables.client_keys()?, (agent.0, key.0.as_str()), &Pointer(id.0))?;
        }
        self.change_conversation(message.conversation, |row| {
            row.last_message = row.last_message.max(Some(id));
            row.last_message_at = row.last_message_at.max(message.at);
        })
    }

    fn advance(&mut self, id: MessageId, delivery: &Delivery, wamid: Option<&Wamid>) -> Result<(), StoreError> {
        let mut message = self.message(id)?.ok_or_else(|| missing("messages", id.0))?;
        message.delivery = Some(delivery.clone());
        if let Some(wamid) = wamid {
            message.wamid = Some(wamid.clone());
            put(self.tables.wamids()?, wamid.0.as_str(), &Pointer(id.0))?;
            self.drop_parked(wamid)?;
        }
        put(self.tables.messages()?, id.0, &message)
    }

    fn keep_raw(&mut self, kind: &str, raw: &str, at: Timestamp) -> Result<(), StoreError> {
        let next = self.head() + 1;
        let table = self.tables.raw()?;
        put(table, next, &RawRow { at, kind: kind.to_owned(), raw: raw.to_owned() })?;
        for _ in 0..OLD_ROWS_PER_ARRIVAL_MAX {
            let many = redb::ReadableTableMetadata::len(table)? > RAW_ROWS_MAX;
            let Some(oldest) = oldest::<RawRow>(table, many, |row| at.since_ms(row.at) > RAW_AGE_MS_MAX)? else {
                break;
            };
            table.remove(oldest.0)?;
        }
        Ok(())
    }

    fn park(&mut self, report: &DeliveryReport, at: Timestamp) -> Result<(), StoreError> {
        let next = self.head() + 1;
        let wamid = &report.wamid;
        let parked = ParkedReport { report: report.clone(), kept_at: at };
        put(self.tables.parked_reports()?, (wamid.0.as_str(), next), &parked)?;
        put(self.tables.parked_order()?, next, &ParkedPlace { wamid: wamid.clone(), kept_at: at })?;
        for _ in 0..OLD_ROWS_PER_ARRIVAL_MAX {
            let table = self.tables.parked_order()?;
            let many = redb::ReadableTableMetadata::len(table)? > PARKED_REPORTS_MAX;
            let too_old = |place: &ParkedPlace| at.since_ms(place.kept_at) > PARKED_REPORT_AGE_MS_MAX;
            let Some((key, place)) = oldest(table, many, too_old)? else { break };
            table.remove(key)?;
            self.tables.parked_reports()?.remove((place.wamid.0.as_str(), key))?;
        }
        Ok(())
    }

    fn drop_parked(&mut self, wamid: &Wamid) -> Result<(), StoreError> {
        let wamid = wamid.0.as_str();
        let table = self.tables.parked_reports()?;
        let range = table.range((wamid, 0)..=(wamid, u64::MAX))?;
        let keys: Vec<u64> = range.map(|row| Ok(row?.0.value().1)).collect::<Result<_, StoreError>>()?;
        for key in keys {
            self.tables.parked_reports()?.remove((wamid, key))?;
            self.tables.parked_order()?.remove(key)?;
        }
        Ok(())
    }

    /// Writes the rows of the floor that were touched, and the journal.
    pub(super) fn finish(&mut self, floor: &Floor) -> Result<(), StoreError> {
        let rows = floor.rows();
        let touched = std::mem::take(&mut self.touched);
        for id in touched.agents {
            mirror(self.tables.agents()?, id.0, rows.agents.get(&id))?;
        }
        for token in touched.sign_ins {
            mirror(self.tables.sign_ins()?, &token.0, rows.sign_ins.get(&token))?;
        }
        for id in touched.queues {
            mirror(self.tables.queues()?, id.0, rows.queues.get(&id))?;
        }
        for id in touched.channels {
            mirror(self.tables.channels()?, id.0, rows.channels.get(&id))?;
        }
        for id in touched.dispositions {
            mirror(self.tables.dispositions()?, id.0, rows.dispositions.get(&id))?;
        }
        if touched.settings {
            put(self.tables.settings()?, 0, &rows.settings)?;
        }
        for id in touched.interactions {
            mirror(self.tables.interactions()?, id.0, rows.interactions.get(&id))?;
        }
        for id in touched.sends {
            mirror(self.tables.sends()?, id.0, rows.sends.get(&id))?;
        }
        for id in touched.conversations {
            mirror(self.tables.conversations()?, id, self.conversations.get(&id))?;
        }
        journal::append(&mut self.tables, self.base, &self.events, floor.at(), rows.counters)
    }
}

fn put<'k, K: redb::Key + 'static, R: Record>(
    table: &mut redb::Table<'_, K, &'static [u8]>,
    key: K::SelfType<'k>,
    record: &R,
) -> Result<(), StoreError> {
    table.insert(&key, codec::encode(record).as_slice())?;
    Ok(())
}

/// The row as the floor has it; no row where it has left the floor.
fn mirror<'k, K: redb::Key + 'static, R: Record>(
    table: &mut redb::Table<'_, K, &'static [u8]>,
    key: K::SelfType<'k>,
    record: Option<&R>,
) -> Result<(), StoreError> {
    match record {
        Some(record) => put(table, key, record),
        None => {
            table.remove(&key)?;
            Ok(())
        }
    }
}

/// The oldest row, when there are too many or it is too old.
fn oldest<R: Record>(
    table: &redb::Table<'_, u64, &'static [u8]>,
    many: bool,
    too_old: impl FnOnce(&R) -> bool,
) -> Result<Option<(u64, R)>, StoreError> {
    let Some((key, value)) = table.first()? else { return Ok(None) };
    let row: R = read(table, key.value(), value.value())?;
    Ok((many || too_old(&row)).then(|| (key.value(), row)))
}
