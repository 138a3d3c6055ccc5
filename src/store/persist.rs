//! Events to rows.
//!
//! Rows that mirror the floor are written once for each commit, from the floor; all others at their event, because the
//! facts of later commands of the same commit need them. Invariant: one exhaustive match, so that a new event cannot be
//! forgotten here.

mod channels;
mod contacts;
mod erasure;
mod kept;
mod merging;
mod people;

use std::collections::{BTreeMap, BTreeSet};

use redb::ReadableTable as _;

use crate::domain::command::DeliveryReport;
use crate::domain::contact::Contact;
use crate::domain::event::Event;
use crate::domain::floor::Floor;
use crate::domain::ids::{
    AgentId, CaseKeyId, ChannelId, ContactId, ConversationId, DispositionId, InteractionId, MessageId, QueueId,
    TokenHash, Wamid,
};
use crate::domain::interaction::Interaction;
use crate::domain::media::FetchState;
use crate::domain::message::{Author, Message};
use crate::domain::time::Timestamp;

use super::StoreError;
use super::codec;
use super::origin::Origin;
use super::query::decode;
use super::record::contact::ConversationRow;
use super::record::interaction::DoneInteraction;
use super::record::{Pointer, Words};
use super::secrets::SecretKey;
use super::tables::Tables;

pub(super) use self::erasure::ERASED;

/// In the place of an agent in the table of client keys: the key belongs to the message and not to a browser.
pub(super) const ANYBODY: AgentId = AgentId(0);

/// The tables of one commit, with what is written at its end.
pub(super) struct Pages<'txn> {
    pub(super) tables: Tables<'txn>,
    key: &'txn SecretKey,
    /// Of the command whose events are taken over.
    pub(super) origin: Origin,
    conversations: BTreeMap<u64, Conversation>,
    touched: Touched,
}

/// A conversation that the commit may change, and its time in `recent` before it.
struct Conversation {
    row: ConversationRow,
    active_before: Option<Timestamp>,
    /// It stands in lists of contacts.
    listed: bool,
}

/// Rows of the floor that the commit changes.
#[derive(Default)]
struct Touched {
    agents: BTreeSet<AgentId>,
    sign_ins: BTreeSet<TokenHash>,
    queues: BTreeSet<QueueId>,
    channels: BTreeSet<ChannelId>,
    dispositions: BTreeSet<DispositionId>,
    case_keys: BTreeSet<CaseKeyId>,
    settings: bool,
    interactions: BTreeSet<InteractionId>,
    sends: BTreeSet<MessageId>,
}

impl<'txn> Pages<'txn> {
    pub(super) fn new(tables: Tables<'txn>, key: &'txn SecretKey) -> Self {
        Self { tables, key, origin: Origin::default(), conversations: BTreeMap::new(), touched: Touched::default() }
    }

    /// Takes over one event. `floor` is the floor after the command.
    pub(super) fn event(&mut self, floor: &Floor, at: Timestamp, event: &Event) -> Result<(), StoreError> {
        match event {
            Event::AgentAdded { .. }
            | Event::AgentChanged { .. }
            | Event::AgentDisabled { .. }
            | Event::PasswordSet { .. }
            | Event::SecondFactorSet { .. }
            | Event::SecondFactorRemoved { .. }
            | Event::SecondFactorUsed { .. }
            | Event::SecuritySet { .. }
            | Event::SetUpOffered { .. }
            | Event::SetUpUsed { .. } => self.person_event(event)?,
            // Only in the audit log.
            Event::SignInFailed { .. } | Event::DeedNoted { .. } => {}
            Event::ChannelAdded { channel, profile } | Event::ChannelChanged { channel, profile } => {
                self.put_profile(*channel, profile)?;
                self.touched.channels.insert(*channel);
            }
            Event::ChannelRemoved { channel } => {
                self.forget_secrets(*channel)?;
                self.touched.channels.insert(*channel);
            }
            Event::AccessTokenSet { channel, access_token } => self.set_access_token(*channel, access_token)?,
            Event::ChannelTroubled { channel, .. } | Event::ChannelMended { channel } => {
                self.touched.channels.insert(*channel);
            }
            Event::QueueSet { queue } => {
                self.touched.queues.insert(queue.id);
            }
            Event::SettingsSet { .. } => self.touched.settings = true,
            Event::BackupScheduleSet { schedule } => self.put_schedule(at, schedule.as_ref())?,
            Event::BackupRecorded { outcome } => self.put_backup(at, outcome)?,
            Event::DispositionAdded { disposition } | Event::DispositionChanged { disposition } => {
                self.touched.dispositions.insert(disposition.id);
            }
            Event::CaseKeySet { case_key } => {
                self.touched.case_keys.insert(case_key.id);
            }
            Event::ResponseSet { response, .. } => {
                self.tables.responses()?.insert(response.id.0, codec::encode(response))?;
            }
            Event::ResponseRemoved { response, .. } => self.tables.responses()?.remove(response.0)?,
            Event::SignInStarted { token, agent } => self.sign_in_event(*token, *agent, true)?,
            Event::SignInEnded { token, agent } => self.sign_in_event(*token, *agent, false)?,
            Event::SignInSeen { token } => {
                self.touched.sign_ins.insert(*token);
            }
            Event::AgentConnected { agent }
            | Event::AgentDisconnected { agent }
            | Event::PresenceChanged { agent, .. }
            | Event::AfterWorkSet { agent, .. } => {
                self.touched.agents.insert(*agent);
            }
            Event::ContactCreated { contact, name, addresses } => {
                self.put_contact(&Contact::new(*contact, name.clone(), addresses.clone()))?;
            }
            Event::ContactChanged { contact, name, addresses } => self.renew_contact(*contact, name, addresses)?,
            Event::ContactAdded { contact, .. } => {
                self.put_contact(contact)?;
                self.tables.recent()?.insert((at.0, contact.id.0, 0), [])?;
            }
            Event::ContactEdited { contact, .. } => self.put_contact(contact)?,
            Event::MarketingPreferenceSet { contact, stopped } => self.set_marketing(*contact, *stopped)?,
            Event::ContactsMerged { contact, gone } => self.merge_contacts(floor, contact, *gone)?,
            Event::ConversationMoved { conversation, from, contact, channel } => {
                self.move_conversation(floor, *conversation, *from, *contact, *channel)?;
            }
            Event::ConversationJoined { joined } => self.join_conversations(floor, joined)?,
            Event::ContactAssigned { agent, contact } => {
                self.tables.assigned()?.insert((agent.0, contact.0), [])?;
            }
            Event::ContactUnassigned { agent, contact } => self.tables.assigned()?.remove((agent.0, contact.0))?,
            Event::DraftChanged { agent, conversation, text, written_at } => {
                self.put_draft(*agent, *conversation, text, *written_at)?;
            }
            Event::ConversationOpened { conversation, contact, channel } => {
                self.open_conversation(at, *conversation, *contact, *channel)?;
            }
            Event::WindowOpened { conversation, until } => {
                self.conversation(conversation.0)?.window_until = Some(*until);
                self.touch_open(floor, *conversation);
            }
            Event::MessageReceived { message } | Event::EchoReceived { message } => {
                self.add(floor, message)?;
                self.keep_revision(message)?;
                self.begin_fetch(at, message)?;
            }
            Event::NoticeAdded { message } | Event::InternalMessageAdded { message } => self.add(floor, message)?,
            // Told, not kept.
            Event::AgentMentioned { .. } => {}
            Event::MessageImported { message } => {
                self.import(message)?;
                self.keep_revision(message)?;
                self.begin_fetch(at, message)?;
            }
            Event::MessageQueued { message, .. } => {
                self.add(floor, message)?;
                self.touched.sends.insert(message.id);
            }
            Event::RawKept { kind, raw } => self.keep_raw(at, kind, raw)?,
            Event::InteractionQueued { interaction } => self.open_interaction(interaction)?,
            Event::InteractionCreated { interaction } => {
                self.open_interaction(interaction)?;
                self.conversation(interaction.conversation.0)?.last_agent = interaction.owner;
                if let Some(owner) = interaction.owner {
                    self.handle(owner, interaction.id)?;
                }
            }
            Event::OfferAccepted { interaction, agent }
            | Event::AutoAnswered { interaction, agent }
            | Event::InteractionOpened { interaction, agent }
            | Event::InteractionReactivated { interaction, agent }
            | Event::TransferAccepted { interaction, to: agent, .. } => {
                let found = floor.rows().interactions.get(interaction).map(|found| found.conversation);
                if let Some(conversation) = found {
                    self.conversation(conversation.0)?.last_agent = Some(*agent);
                }
                self.handle(*agent, *interaction)?;
                self.touched.interactions.insert(*interaction);
            }
            Event::InteractionOffered { interaction, agent, .. }
            | Event::TransferOffered { interaction, agent, .. } => {
                self.touched.interactions.insert(*interaction);
                self.touched.agents.insert(*agent);
            }
            Event::TransferStarted { interaction, note, .. } => {
                let note = codec::encode(&Words(note.clone()));
                self.tables.transfer_notes()?.insert(interaction.0, note.as_slice())?;
                self.touched.interactions.insert(*interaction);
            }
            Event::NoteSet { interaction, text, .. } => {
                self.tables.notes()?.insert(interaction.0, codec::encode(&Words(text.clone())).as_slice())?;
                self.touched.interactions.insert(*interaction);
            }
            Event::CaseValueSet { interaction, key, value, .. } => {
                self.set_case_value(*interaction, key, value.as_deref())?;
                self.touched.interactions.insert(*interaction);
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
            | Event::ParticipantJoined { interaction, .. }
            | Event::ParticipantLeft { interaction, .. }
            | Event::AwayTextSent { interaction } => {
                self.touched.interactions.insert(*interaction);
            }
            Event::InteractionDone { interaction, agent } => {
                let done = DoneInteraction { interaction: interaction.clone(), at, agent: *agent };
                self.tables.interactions_done()?.insert(interaction.id.0, codec::encode(&done).as_slice())?;
                self.touched.interactions.insert(interaction.id);
                self.touched.agents.extend(interaction.holders());
            }
            Event::SendStarted { message, .. }
            | Event::SendRetried { message, .. }
            | Event::SendHeld { message, .. }
            | Event::SendAwaitsStatus { message, .. }
            | Event::SendClosed { message }
            | Event::SendAccepted { message, .. } => {
                self.touched.sends.insert(*message);
            }
            Event::DeliveryAdvanced { message, delivery, wamid } => {
                let mut row = self.message(*message)?.ok_or(StoreError::Missing("the message of a delivery"))?;
                row.delivery = Some(delivery.clone());
                if let Some(wamid) = wamid {
                    self.name(wamid, row.id)?;
                    row.wamid = Some(wamid.clone());
                }
                self.tables.messages()?.insert(row.id.0, codec::encode(&row).as_slice())?;
            }
            Event::ReportParked { report } => self.park(at, report)?,
            Event::ReactionReceived { message, target } => {
                self.keep_reaction(message, *target)?;
                self.touch_open(floor, message.conversation);
            }
            Event::ReactionQueued { message, target, .. } => {
                self.keep_reaction(message, Some(*target))?;
                self.touched.sends.insert(message.id);
            }
            Event::MediaStored { message, file } => {
                self.change_fetch(*message, FetchState::Ready(file.clone()), None)?;
            }
            Event::MediaDelayed { message, due, attempt } => {
                self.change_fetch(*message, FetchState::Due(*due), Some(*attempt))?;
            }
            Event::MediaFailed { message, reason } => {
                self.change_fetch(*message, FetchState::Failed(reason.clone()), None)?;
            }
            Event::MediaRemoved { message } => self.remove_media(*message)?,
            Event::ConversationErased { conversation } => self.erase_conversation(at, *conversation)?,
            Event::ContactErased { contact } => self.erase_contact(*contact)?,
            Event::TracesErased { contact } => self.erase_traces(*contact)?,
            Event::ContactImported { contact } => {
                let known = self.contact(contact.id)?.is_some();
                self.put_contact(contact)?;
                if !known {
                    self.tables.recent()?.insert((at.0, contact.id.0, 0), [])?;
                }
            }
            Event::FileAdded { file, .. } => self.put_file(file)?,
            Event::TemplatesAsked { channel } => self.ask_templates(at, *channel)?,
            Event::TemplatesSynced { channel, looked_at, templates } => {
                self.put_templates(*looked_at, *channel, templates)?
            }
            Event::TemplateSyncFailed { channel, looked_at, failure } => {
                self.fail_templates(*looked_at, *channel, failure)?
            }
        }
        Ok(())
    }

    /// Writes what waited for the end of the commit.
    pub(super) fn finish(&mut self, floor: &Floor) -> Result<(), StoreError> {
        macro_rules! mirror {
            ($($ids:ident -> $table:ident),+) => {$(
                for id in std::mem::take(&mut self.touched.$ids) {
                    match floor.rows().$table.get(&id) {
                        Some(row) => self.tables.$table()?.insert(id.0, codec::encode(row))?,
                        None => self.tables.$table()?.remove(id.0)?,
                    }
                }
            )+};
        }
        mirror!(agents -> agents, queues -> queues, channels -> channels, dispositions -> dispositions,
                case_keys -> case_keys,
                interactions -> interactions, sends -> sends);
        for token in std::mem::take(&mut self.touched.sign_ins) {
            match floor.rows().sign_ins.get(&token) {
                Some(row) => self.tables.sign_ins()?.insert(&token.0, codec::encode(row))?,
                None => self.tables.sign_ins()?.remove(&token.0)?,
            }
        }
        if self.touched.settings {
            self.tables.settings()?.insert(0, codec::encode(&floor.rows().settings).as_slice())?;
        }
        for (id, Conversation { row, active_before, listed }) in std::mem::take(&mut self.conversations) {
            self.tables.conversations()?.insert(id, codec::encode(&row).as_slice())?;
            let active_at = row.active_at();
            if listed && active_before == Some(active_at) {
                continue;
            }
            if let Some(before) = active_before {
                self.tables.recent()?.remove((before.0, row.contact.0, id))?;
            }
            if listed {
                self.tables.recent()?.insert((active_at.0, row.contact.0, id), [])?;
            }
        }
        Ok(())
    }

    /// The conversation stands in no list any more.
    fn unlist(&mut self, id: ConversationId) -> Result<(), StoreError> {
        if self.find_conversation(id.0)?.is_some()
            && let Some(conversation) = self.conversations.get_mut(&id.0)
        {
            conversation.listed = false;
        }
        Ok(())
    }

    pub(super) fn message(&mut self, message: MessageId) -> Result<Option<Message>, StoreError> {
        let found = self.tables.messages()?.get(message.0)?;
        found.map(|value| decode("messages", message, value.value())).transpose()
    }

    /// A conversation that exists; changes are written at the end of the commit.
    pub(super) fn conversation(&mut self, id: u64) -> Result<&mut ConversationRow, StoreError> {
        self.find_conversation(id)?.ok_or(StoreError::Missing("a conversation"))
    }

    /// A conversation that may not exist.
    pub(super) fn find_conversation(&mut self, id: u64) -> Result<Option<&mut ConversationRow>, StoreError> {
        if !self.conversations.contains_key(&id) {
            let Some(value) = self.tables.conversations()?.get(id)? else { return Ok(None) };
            let row: ConversationRow = decode("conversations", id, value.value())?;
            drop(value);
            let active_before = Some(row.active_at());
            self.conversations.insert(id, Conversation { row, active_before, listed: true });
        }
        Ok(self.conversations.get_mut(&id).map(|conversation| &mut conversation.row))
    }

    pub(super) fn parked_reports(&mut self, wamid: &Wamid) -> Result<Vec<DeliveryReport>, StoreError> {
        let table = self.tables.parked_reports()?;
        let mut reports = Vec::new();
        for row in table.range((wamid.0.as_str(), 0)..=(wamid.0.as_str(), u64::MAX))? {
            reports.push(decode("parked_reports", wamid, row?.1.value())?);
        }
        Ok(reports)
    }

    fn open_conversation(
        &mut self,
        at: Timestamp,
        id: ConversationId,
        contact: ContactId,
        channel: ChannelId,
    ) -> Result<(), StoreError> {
        let pointer = codec::encode(&Pointer(id.0));
        self.tables.conversations_of()?.insert((contact.0, channel.0), pointer.as_slice())?;
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
        self.conversations.insert(id.0, Conversation { row, active_before: None, listed: true });
        Ok(())
    }

    fn open_interaction(&mut self, interaction: &Interaction) -> Result<(), StoreError> {
        let key = (interaction.conversation.0, interaction.id.0);
        self.tables.interactions_of()?.insert(key, [].as_slice())?;
        self.touched.interactions.insert(interaction.id);
        self.touched.agents.extend(interaction.owner);
        Ok(())
    }

    fn touch_open(&mut self, floor: &Floor, conversation: ConversationId) {
        self.touched.interactions.extend(floor.open_of(conversation).map(|interaction| interaction.id));
    }

    fn add(&mut self, floor: &Floor, message: &Message) -> Result<(), StoreError> {
        self.tables.messages()?.insert(message.id.0, codec::encode(message).as_slice())?;
        let place = (message.conversation.0, message.at.0, message.id.0);
        self.tables.transcripts()?.insert(place, [].as_slice())?;
        if let Some(wamid) = &message.wamid {
            self.name(wamid, message.id)?;
        }
        self.use_own_file(message)?;
        if let (Author::Agent(agent), Some(key)) = (message.author, &message.client_key) {
            let pointer = codec::encode(&Pointer(message.id.0));
            // A message is sent again once, whoever asks.
            let agent = if message.retry_of.is_some() { ANYBODY } else { agent };
            self.tables.client_keys()?.insert((agent.0, key.0.as_str()), pointer.as_slice())?;
        }
        let conversation = self.conversation(message.conversation.0)?;
        conversation.last_message = Some(message.id);
        conversation.last_message_at = conversation.last_message_at.max(message.at);
        self.touch_open(floor, message.conversation);
        Ok(())
    }

    /// A message of the past may stand before others, and no open work changes by it.
    fn import(&mut self, message: &Message) -> Result<(), StoreError> {
        self.tables.messages()?.insert(message.id.0, codec::encode(message).as_slice())?;
        let place = (message.conversation.0, message.at.0, message.id.0);
        self.tables.transcripts()?.insert(place, [].as_slice())?;
        if let Some(wamid) = &message.wamid {
            self.name(wamid, message.id)?;
        }
        let conversation = self.conversation(message.conversation.0)?;
        if conversation.last_message.is_none() || message.at >= conversation.last_message_at {
            conversation.last_message = Some(message.id);
            conversation.last_message_at = message.at;
        }
        Ok(())
    }

    /// The provider's id finds the message from now on; statuses that waited for it have been applied, reactions
    /// are put in place now.
    pub(super) fn name(&mut self, wamid: &Wamid, message: MessageId) -> Result<(), StoreError> {
        self.tables.wamids()?.insert(wamid.0.as_str(), codec::encode(&Pointer(message.0)).as_slice())?;
        let table = self.tables.parked_reports()?;
        let mut order = Vec::new();
        for row in table.range((wamid.0.as_str(), 0)..=(wamid.0.as_str(), u64::MAX))? {
            order.push(row?.0.value().1);
        }
        for number in order {
            self.tables.parked_reports()?.remove((wamid.0.as_str(), number))?;
            self.tables.parked_order()?.remove(number)?;
        }
        self.place_parked_reactions(wamid, message)
    }
}
