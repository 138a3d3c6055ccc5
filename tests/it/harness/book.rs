//! A store without a disk: the floor, and the cold facts kept in maps.
//!
//! Scenario and property tests drive the pure core through it. Invariant: it learns from events only, as the real
//! store does.

use std::collections::{BTreeMap, BTreeSet};

use deskbell::domain::before_sender;
use deskbell::domain::case_data::CaseData;
use deskbell::domain::command::{Command, DeliveryReport};
use deskbell::domain::contact::{Address, AddressKind, Contact, Sender};
use deskbell::domain::event::{Event, Joined};
use deskbell::domain::facts::{ConversationFacts, Facts, Merging};
use deskbell::domain::floor::Floor;
use deskbell::domain::ids::{
    AgentId, ChannelId, ClientKey, ContactId, ConversationId, InteractionId, MessageId, Wamid,
};
use deskbell::domain::interaction::Interaction;
use deskbell::domain::message::{Author, Content, Message};
use deskbell::domain::rejection::Rejection;
use deskbell::domain::template::Template;
use deskbell::domain::time::Timestamp;

/// Floor and facts.
#[derive(Default)]
pub(crate) struct Book {
    pub floor: Floor,
    pub contacts: BTreeMap<ContactId, Contact>,
    pub addresses: BTreeMap<Address, ContactId>,
    pub pairs: BTreeMap<(ContactId, ChannelId), ConversationId>,
    pub conversations: BTreeMap<ConversationId, ConversationFacts>,
    pub messages: BTreeMap<MessageId, Message>,
    pub wamids: BTreeMap<Wamid, MessageId>,
    pub keys: BTreeMap<(AgentId, ClientKey), MessageId>,
    pub assigned: BTreeSet<(AgentId, ContactId)>,
    /// When they were written.
    pub drafts: BTreeMap<(AgentId, ConversationId), Timestamp>,
    pub phone_number_ids: BTreeMap<String, ChannelId>,
    pub logins: BTreeMap<String, AgentId>,
    pub parked: Vec<DeliveryReport>,
    /// Provider's ids of messages that were erased.
    pub erased: BTreeSet<Wamid>,
    /// Those of the one channel account.
    pub templates: Vec<Template>,
    pub done: BTreeMap<InteractionId, Interaction>,
    pub case_data: BTreeMap<InteractionId, CaseData>,
    pub journal: Vec<(Timestamp, Event)>,
    /// What the queue's business hours say.
    pub away: bool,
}

impl Book {
    /// One command, as the writer would do it.
    pub(crate) fn step(&mut self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Rejection> {
        let mut before = Vec::new();
        while let Some(first) = command.sender().and_then(|sender| before_sender(sender, &self.known(sender))) {
            before.extend(self.step(at, &first).expect("who is known can be merged"));
        }
        let facts = self.facts(command);
        let events = self.floor.step(&facts, at, command)?;
        let at = self.floor.at();
        for event in &events {
            self.learn(event);
            self.journal.push((at, event.clone()));
        }
        Ok(before.into_iter().chain(events).collect())
    }

    /// The contacts with a sender's addresses.
    fn known(&self, sender: &Sender) -> Vec<Contact> {
        let mut known: Vec<ContactId> = Vec::new();
        for id in sender.addresses.iter().filter_map(|address| self.at(address)) {
            if !known.contains(id) {
                known.push(*id);
            }
        }
        known.iter().map(|id| self.contacts[id].clone()).collect()
    }

    fn at(&self, address: &Address) -> Option<&ContactId> {
        self.addresses.get(address).filter(|_| address.kind != AddressKind::Username)
    }

    fn with_conversations(&self, contact: ContactId) -> Vec<(ChannelId, ConversationFacts)> {
        let pairs = self.pairs.range((contact, ChannelId(0))..=(contact, ChannelId(u64::MAX)));
        pairs.map(|((_, channel), id)| (*channel, self.conversations[id].clone())).collect()
    }

    fn facts(&self, command: &Command) -> Facts {
        let mut facts = Facts { away: self.away, ..Facts::default() };
        match command {
            Command::Receive(inbound) | Command::ReceiveEcho(inbound) => {
                facts.channel = self.phone_number_ids.get(&inbound.phone_number_id).copied();
                facts.known_message = self.wamids.get(&inbound.wamid).copied();
                if self.erased.contains(&inbound.wamid) {
                    facts.known_message = Some(MessageId(0));
                }
                let known = inbound.sender.addresses.iter().find_map(|address| self.addresses.get(address));
                facts.contact = known.and_then(|id| self.contacts.get(id)).cloned();
                let reacts = matches!(inbound.content, Content::Reaction { .. });
                let target = inbound.quoted.as_ref().filter(|_| reacts);
                facts.reacted_to = target.and_then(|wamid| self.wamids.get(wamid)).copied();
                facts.conversation =
                    known.zip(facts.channel).and_then(|(contact, channel)| self.pair(*contact, channel));
            }
            Command::Accept { agent, interaction } => self.handling(*agent, *interaction, &mut facts),
            Command::Send { agent, interaction, client_key, quoted, .. }
            | Command::SendObject { agent, interaction, client_key, quoted, .. } => {
                self.handling(*agent, *interaction, &mut facts);
                facts.known_message = self.keys.get(&(*agent, client_key.clone())).copied();
                facts.quoted = quoted.and_then(|quoted| self.messages.get(&quoted)).cloned();
            }
            Command::React { message, .. } => {
                facts.message = self.messages.get(message).cloned();
                let of_target = |reaction: &&Message| {
                    reaction.content.emoji().is_some()
                        && reaction.delivery.is_some()
                        && reaction.quoted == facts.message.as_ref().and_then(|message| message.wamid.clone())
                };
                let latest = self.messages.values().rev().find(of_target);
                facts.reaction = latest.and_then(|reaction| reaction.content.emoji().map(str::to_owned));
            }
            Command::SendTemplate { agent, interaction, client_key, choice, quoted } => {
                self.handling(*agent, *interaction, &mut facts);
                facts.known_message = self.keys.get(&(*agent, client_key.clone())).copied();
                facts.quoted = quoted.and_then(|quoted| self.messages.get(&quoted)).cloned();
                let contact = self.floor.rows().interactions.get(interaction).map(|found| found.contact);
                facts.contact = contact.and_then(|contact| self.contacts.get(&contact)).cloned();
                facts.template = self.templates.iter().find(|template| template.name == choice.name).cloned();
            }
            Command::Retry { agent: _, message, client_key } => {
                facts.known_message = self.keys.get(&(AgentId(0), client_key.clone())).copied();
                facts.message = self.messages.get(message).cloned();
            }
            Command::RecordDelivery(report) => {
                let id = report.message.or_else(|| self.wamids.get(&report.wamid).copied());
                facts.message = id.and_then(|id| self.messages.get(&id)).cloned();
                let known = id.is_some_and(|id| id.0 < self.floor.rows().counters.message);
                facts.erased = facts.message.is_none() && (known || self.erased.contains(&report.wamid));
                let conversation = facts.message.as_ref().map(|message| message.conversation);
                let pair = self.pairs.iter().find(|(_, id)| Some(**id) == conversation).map(|(pair, _)| *pair);
                if let Some((contact, channel)) = pair {
                    facts.contact = self.contacts.get(&contact).cloned();
                    facts.channel = Some(channel);
                    facts.conversation = self.pair(contact, channel);
                }
            }
            Command::StartSend { message } | Command::RecordSendFailure { message, .. } => {
                facts.message = self.messages.get(message).cloned();
            }
            Command::RecordAccepted { message, wamid } => {
                facts.message = self.messages.get(message).cloned();
                facts.parked_reports = self.parked.iter().filter(|report| report.wamid == *wamid).cloned().collect();
            }
            Command::EraseContact { contact, .. } => {
                facts.contact = self.contacts.get(contact).cloned();
                facts.conversations = self.conversations_of(*contact);
            }
            Command::ExpireConversation { conversation } => {
                let pair = self.pairs.iter().find(|(_, id)| *id == conversation).map(|(pair, _)| *pair);
                if let Some((contact, _)) = pair {
                    facts.conversation = self.conversations.get(conversation).cloned();
                    facts.contact = self.contacts.get(&contact).cloned();
                    facts.conversations = self.conversations_of(contact);
                }
            }
            Command::ExpireMedia { message } => facts.message = self.messages.get(message).cloned(),
            Command::ImportContact { addresses, .. } => {
                let known = addresses.iter().find_map(|address| self.addresses.get(address)).copied();
                facts.contact = known.and_then(|id| self.contacts.get(&id)).cloned();
                let others =
                    addresses.iter().filter(|address| self.addresses.get(address).is_some_and(|id| Some(*id) != known));
                facts.taken_addresses = others.cloned().collect();
            }
            Command::AddContact { address, .. } => facts.address_of = self.addresses.get(address).copied(),
            Command::SetBlocked { contact, .. } => facts.contact = self.contacts.get(contact).cloned(),
            Command::HearOfPreference { sender, .. } | Command::HearOfAddresses { sender, .. } => {
                let known = sender.addresses.iter().find_map(|address| self.addresses.get(address));
                facts.contact = known.and_then(|id| self.contacts.get(id)).cloned();
            }
            Command::MergeContacts { kept, gone } => {
                let both = self.contacts.get(kept).zip(self.contacts.get(gone));
                facts.merging = both.map(|(one, other)| Merging {
                    kept: one.clone(),
                    gone: other.clone(),
                    conversations_kept: self.with_conversations(*kept),
                    conversations_gone: self.with_conversations(*gone),
                });
            }
            Command::EditContact { contact, .. } | Command::PassOnAddress { contact, .. } => {
                facts.contact = self.contacts.get(contact).cloned()
            }
            Command::AddAddress { contact, address, .. } | Command::RemoveAddress { contact, address, .. } => {
                facts.contact = self.contacts.get(contact).cloned();
                facts.address_of = self.addresses.get(address).copied();
            }
            Command::UnassignContact { agent, contact } => {
                facts.assigned = self.assigned.contains(&(*agent, *contact));
            }
            Command::SetDraft { agent, conversation, .. } => {
                let pair = self.pairs.iter().find(|(_, id)| *id == conversation).map(|(pair, _)| pair.0);
                let there = pair.is_some_and(|contact| self.contacts.contains_key(&contact));
                facts.conversation = self.conversations.get(conversation).filter(|_| there).cloned();
                facts.draft_written_at = self.drafts.get(&(*agent, *conversation)).copied();
            }
            Command::CreateInteraction { agent, contact, channel } => {
                facts.assigned = self.assigned.contains(&(*agent, *contact));
                facts.contact = self.contacts.get(contact).cloned();
                facts.conversation = self.pair(*contact, *channel);
            }
            Command::SetCaseValue { interaction, .. } => {
                facts.case_data = self.case_data.get(interaction).cloned().unwrap_or_default();
            }
            Command::AddAgent(profile) => facts.login_taken = self.logins.contains_key(&profile.login),
            Command::AddChannel(profile) => {
                facts.channel = self.phone_number_ids.get(&profile.phone_number_id).copied();
            }
            _ => {}
        }
        facts
    }

    fn handling(&self, agent: AgentId, interaction: InteractionId, facts: &mut Facts) {
        let Some(interaction) = self.floor.rows().interactions.get(&interaction) else { return };
        facts.assigned = self.assigned.contains(&(agent, interaction.contact));
        facts.draft_written_at = self.drafts.get(&(agent, interaction.conversation)).copied();
    }

    fn put(&mut self, contact: Contact) {
        self.addresses.retain(|address, of| *of != contact.id || contact.addresses.contains(address));
        for address in &contact.addresses {
            self.addresses.entry(address.clone()).or_insert(contact.id);
        }
        self.contacts.insert(contact.id, contact);
    }

    fn conversations_of(&self, contact: ContactId) -> Vec<ConversationFacts> {
        let own = self.pairs.iter().filter(|((of, _), _)| *of == contact);
        own.map(|(_, id)| self.conversations[id].clone()).collect()
    }

    fn erase(&mut self, conversation: ConversationId) {
        let erased: Vec<Message> =
            self.messages.values().filter(|message| message.conversation == conversation).cloned().collect();
        for message in erased {
            self.messages.remove(&message.id);
            if let Some(wamid) = message.wamid {
                self.wamids.remove(&wamid);
                self.erased.insert(wamid);
            }
        }
        let messages = &self.messages;
        self.keys.retain(|_, message| messages.contains_key(message));
        self.drafts.retain(|(_, of), _| *of != conversation);
        let done = &self.done;
        self.case_data.retain(|id, _| done.get(id).is_none_or(|interaction| interaction.conversation != conversation));
        self.conversation(conversation).last_message = None;
    }

    fn pair(&self, contact: ContactId, channel: ChannelId) -> Option<ConversationFacts> {
        self.conversations.get(self.pairs.get(&(contact, channel))?).cloned()
    }

    fn learn(&mut self, event: &Event) {
        match event {
            Event::AgentAdded { agent, profile } => {
                self.logins.insert(profile.login.clone(), *agent);
            }
            Event::ChannelAdded { channel, profile } => {
                self.phone_number_ids.insert(profile.phone_number_id.clone(), *channel);
            }
            Event::ContactCreated { contact, name, addresses } => {
                self.put(Contact::new(*contact, name.clone(), addresses.clone()));
            }
            Event::ContactChanged { contact, name, addresses } => {
                let before = self.contacts[contact].clone();
                let (profile_name, addresses, version) = (name.clone(), addresses.clone(), before.version + 1);
                self.put(Contact { profile_name, addresses, version, ..before });
            }
            Event::MarketingPreferenceSet { contact, stopped } => {
                let before = self.contacts[contact].clone();
                self.put(Contact { marketing_stopped: *stopped, version: before.version + 1, ..before });
            }
            Event::ContactsMerged { contact, gone } => {
                self.addresses.retain(|_, of| of != gone);
                self.contacts.remove(gone);
                self.put(contact.clone());
                let listed: Vec<_> = self.assigned.iter().filter(|(_, of)| of == gone).copied().collect();
                for (agent, _) in listed {
                    self.assigned.remove(&(agent, *gone));
                    self.assigned.insert((agent, contact.id));
                }
            }
            Event::ConversationMoved { conversation, from, contact, channel } => {
                self.pairs.remove(&(*from, *channel));
                self.pairs.insert((*contact, *channel), *conversation);
            }
            Event::ConversationJoined { joined } => self.join(joined),
            Event::ContactAdded { contact, .. }
            | Event::ContactEdited { contact, .. }
            | Event::ContactImported { contact } => self.put(contact.clone()),
            Event::ConversationErased { conversation } => self.erase(*conversation),
            Event::ContactErased { contact } => {
                self.contacts.remove(contact).expect("a contact is erased once");
                self.addresses.retain(|_, of| of != contact);
                self.assigned.retain(|(_, of)| of != contact);
            }
            Event::ContactAssigned { agent, contact } => {
                self.assigned.insert((*agent, *contact));
            }
            Event::ContactUnassigned { agent, contact } => {
                self.assigned.remove(&(*agent, *contact));
            }
            Event::DraftChanged { agent, conversation, text, written_at } => {
                if text.is_empty() {
                    self.drafts.remove(&(*agent, *conversation));
                } else {
                    self.drafts.insert((*agent, *conversation), *written_at);
                }
            }
            Event::ConversationOpened { conversation, contact, channel } => {
                self.pairs.insert((*contact, *channel), *conversation);
                let facts = ConversationFacts {
                    id: *conversation,
                    window_until: None,
                    last_agent: None,
                    last_message: None,
                    last_message_at: Timestamp(0),
                    active_at: self.floor.at(),
                };
                self.conversations.insert(*conversation, facts);
            }
            Event::WindowOpened { conversation, until } => {
                self.conversation(*conversation).window_until = Some(*until);
            }
            Event::MessageReceived { message }
            | Event::EchoReceived { message }
            | Event::MessageQueued { message, .. }
            | Event::NoticeAdded { message }
            | Event::InternalMessageAdded { message }
            | Event::MessageImported { message } => self.add(message),
            Event::DeliveryAdvanced { message, delivery, wamid } => {
                let row = self.messages.get_mut(message).expect("delivery of a message that exists");
                row.delivery = Some(delivery.clone());
                if let Some(wamid) = wamid {
                    row.wamid = Some(wamid.clone());
                    self.wamids.insert(wamid.clone(), *message);
                }
            }
            Event::CaseValueSet { interaction, key, value, .. } => {
                self.case_data.entry(*interaction).or_default().set(key, value.as_deref());
            }
            Event::ReactionReceived { message, .. } | Event::ReactionQueued { message, .. } => {
                if let Some(wamid) = &message.wamid {
                    self.wamids.insert(wamid.clone(), message.id);
                }
                assert!(
                    self.messages.insert(message.id, message.clone()).is_none(),
                    "message ids are never used twice"
                );
            }
            Event::ReportParked { report } => self.parked.push(report.clone()),
            Event::TemplatesSynced { templates, .. } => self.templates.clone_from(templates),
            Event::OfferAccepted { interaction, agent }
            | Event::AutoAnswered { interaction, agent }
            | Event::TransferAccepted { interaction, to: agent, .. }
            | Event::InteractionOpened { interaction, agent }
            | Event::InteractionReactivated { interaction, agent } => self.handled(*interaction, *agent),
            Event::InteractionCreated { interaction } => {
                self.conversation(interaction.conversation).last_agent = interaction.owner;
            }
            Event::InteractionDone { interaction, .. } => {
                let earlier = self.done.insert(interaction.id, interaction.clone());
                assert!(earlier.is_none(), "Done never changes");
            }
            _ => {}
        }
    }

    fn join(&mut self, joined: &Joined) {
        self.pairs.retain(|_, conversation| *conversation != joined.from);
        self.conversations.remove(&joined.from);
        for message in self.messages.values_mut().filter(|message| message.conversation == joined.from) {
            message.conversation = joined.into;
        }
        for interaction in self.done.values_mut().filter(|done| done.conversation == joined.from) {
            interaction.conversation = joined.into;
        }
        let drafts: Vec<_> = self.drafts.iter().filter(|((_, of), _)| *of == joined.from).collect();
        let drafts: Vec<_> = drafts.into_iter().map(|((agent, _), written_at)| (*agent, *written_at)).collect();
        for (agent, written_at) in drafts {
            self.drafts.remove(&(agent, joined.from));
            let other = self.drafts.entry((agent, joined.into)).or_insert(written_at);
            *other = written_at.max(*other);
        }
        let conversation = self.conversation(joined.into);
        conversation.window_until = joined.window_until;
        conversation.last_agent = joined.last_agent;
        conversation.last_message = joined.last_message;
        conversation.last_message_at = joined.last_message_at;
    }

    fn handled(&mut self, interaction: InteractionId, agent: AgentId) {
        let conversation = self.floor.rows().interactions.get(&interaction).map(|found| found.conversation);
        if let Some(conversation) = conversation {
            self.conversation(conversation).last_agent = Some(agent);
        }
    }

    fn add(&mut self, message: &Message) {
        let conversation = self.conversation(message.conversation);
        conversation.last_message = Some(message.id);
        conversation.last_message_at = conversation.last_message_at.max(message.at);
        conversation.active_at = conversation.active_at.max(message.at);
        if let Some(wamid) = &message.wamid {
            assert!(self.wamids.insert(wamid.clone(), message.id).is_none(), "one message for each provider id");
        }
        if let (Author::Agent(agent), Some(key)) = (message.author, &message.client_key) {
            let agent = if message.retry_of.is_some() { AgentId(0) } else { agent };
            assert!(self.keys.insert((agent, key.clone()), message.id).is_none(), "one message for each client key");
        }
        assert!(self.messages.insert(message.id, message.clone()).is_none(), "message ids are never used twice");
    }

    fn conversation(&mut self, conversation: ConversationId) -> &mut ConversationFacts {
        self.conversations.get_mut(&conversation).expect("a conversation is opened before it is used")
    }
}
