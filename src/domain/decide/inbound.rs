//! A contact writes.

use std::collections::BTreeMap;

use crate::limits::{INTERACTIONS_OPEN_MAX, REPLY_WINDOW_MS};

use super::work::done;
use super::{Decision, outbound, own_message};
use crate::domain::command::InboundMessage;
use crate::domain::contact::{Address, Contact, Sender};
use crate::domain::event::Event;
use crate::domain::facts::Facts;
use crate::domain::floor::Floor;
use crate::domain::ids::{ChannelId, ContactId, ConversationId, InteractionId, MessageId, QueueId};
use crate::domain::interaction::{Interaction, State};
use crate::domain::message::{Author, Content, Message, place_in_time};
use crate::domain::queue::Queue;
use crate::domain::rejection::Rejection;
use crate::domain::time::Timestamp;

impl Floor {
    pub(super) fn receive(&self, facts: &Facts, at: Timestamp, inbound: &InboundMessage) -> Decision {
        let channel = facts.channel.ok_or(Rejection::UnknownChannel)?;
        if facts.known_message.is_some() {
            return Ok(facts.known_differs.then(|| kept(inbound)).into_iter().collect());
        }
        let mut events = Vec::new();
        events.extend(facts.contact.as_ref().and_then(|contact| contact_change(contact, &inbound.sender)));
        let (contact, conversation) = self.whose(facts, channel, &inbound.sender, &mut events);
        let message = received(self.next_message(), conversation, at, inbound);
        if matches!(inbound.content, Content::Reaction { .. }) {
            events.extend(window(facts, at, inbound).map(|until| Event::WindowOpened { conversation, until }));
            events.push(self.reaction_received(facts, message));
        } else if inbound.system {
            let interaction = self.open_of(conversation).map(|interaction| interaction.id);
            events.push(Event::NoticeAdded { message: Message { interaction, author: Author::System, ..message } });
        } else if facts.contact.as_ref().is_some_and(|contact| contact.blocked) {
            events.push(Event::MessageReceived { message });
        } else {
            self.work_on(facts, at, inbound, (contact, channel), message, &mut events)?;
        }
        Ok(events)
    }

    /// Whose message it is, and in which conversation it stands; both are made where they are new.
    pub(super) fn whose(
        &self,
        facts: &Facts,
        channel: ChannelId,
        sender: &Sender,
        events: &mut Vec<Event>,
    ) -> (ContactId, ConversationId) {
        let contact = facts.contact.as_ref().map_or_else(
            || {
                let contact = ContactId(self.rows.counters.contact);
                let name = sender.name.clone().unwrap_or_default();
                events.push(Event::ContactCreated { contact, name, addresses: sender.addresses.clone() });
                contact
            },
            |contact| contact.id,
        );
        let conversation = facts.conversation.as_ref().map_or_else(
            || {
                let conversation = ConversationId(self.rows.counters.conversation);
                events.push(Event::ConversationOpened { conversation, contact, channel });
                conversation
            },
            |conversation| conversation.id,
        );
        (contact, conversation)
    }

    /// What the business's phone app wrote stands in the transcript and answers whoever waits; it opens no window and
    /// is nobody's work.
    pub(super) fn receive_echo(&self, facts: &Facts, at: Timestamp, inbound: &InboundMessage) -> Decision {
        let channel = facts.channel.ok_or(Rejection::UnknownChannel)?;
        if facts.known_message.is_some() {
            return Ok(facts.known_differs.then(|| kept(inbound)).into_iter().collect());
        }
        let mut events = Vec::new();
        events.extend(facts.contact.as_ref().and_then(|contact| contact_change(contact, &inbound.sender)));
        let (_, conversation) = self.whose(facts, channel, &inbound.sender, &mut events);
        let interaction = self.open_of(conversation).map(|interaction| interaction.id);
        let message = received(self.next_message(), conversation, at, inbound);
        events.push(Event::EchoReceived { message: Message { interaction, author: Author::BusinessApp, ..message } });
        Ok(events)
    }

    /// Opens the window, finds or makes the interaction that handles the message, and says the queue's texts.
    fn work_on(
        &self,
        facts: &Facts,
        at: Timestamp,
        inbound: &InboundMessage,
        (contact, channel): (ContactId, ChannelId),
        message: Message,
        events: &mut Vec<Event>,
    ) -> Result<(), Rejection> {
        let conversation = message.conversation;
        let earlier = facts.conversation.as_ref().and_then(|conversation| conversation.window_until);
        let opened = window(facts, at, inbound);
        let window_until = opened.or(earlier);
        events.extend(opened.map(|until| Event::WindowOpened { conversation, until }));
        let (interaction, new) = match self.open_of(conversation) {
            Some(open) if !self.starts_anew(open) => {
                events.extend(self.wake(at, open));
                (open.clone(), false)
            }
            ended => {
                if let Some(ended) = ended
                    && let Some(owner) = ended.owner
                {
                    events.push(done(ended.clone(), owner));
                }
                let fresh = self.fresh(facts, at, conversation, contact, channel)?;
                let interaction = Interaction { window_until, ..fresh };
                events.push(Event::InteractionQueued { interaction: interaction.clone() });
                (interaction, true)
            }
        };
        let next = MessageId(message.id.0 + 1);
        let stands_at = message.at;
        events.push(Event::MessageReceived { message: Message { interaction: Some(interaction.id), ..message } });
        let interaction = Interaction { last_message_at: interaction.last_message_at.max(stands_at), ..interaction };
        events.extend(self.queue_text(facts, at, &interaction, new, next));
        Ok(())
    }

    /// With asynchronous mode off an ended interaction is not taken up again.
    fn starts_anew(&self, interaction: &Interaction) -> bool {
        let asynchronous = self.rows.channels.get(&interaction.channel).is_none_or(|channel| channel.asynchronous);
        !asynchronous && matches!(interaction.state, State::Ended(_)) && interaction.owner.is_some()
    }

    /// What the contact's message does to an open interaction.
    fn wake(&self, at: Timestamp, interaction: &Interaction) -> Option<Event> {
        let owner = interaction.owner?;
        let requeued = || {
            let wait_ms = self.queue_of(interaction).map_or(0, |queue| queue.last_agent_wait_ms);
            let prefer = Some((owner, at.plus_ms(wait_ms)));
            Some(Event::InteractionRequeued { interaction: interaction.id, agent: owner, prefer })
        };
        match interaction.state {
            State::Parked => requeued(),
            State::Ended(_) if self.rows.agents.get(&owner).is_some_and(|agent| !agent.disabled && agent.present()) => {
                Some(Event::InteractionReactivated { interaction: interaction.id, agent: owner })
            }
            State::Ended(_) => requeued(),
            State::Queued | State::Offered(..) | State::Active | State::Transferring(_) => None,
        }
    }

    /// The greeting of a new interaction, or the away text once when nobody is there.
    fn queue_text(
        &self,
        facts: &Facts,
        at: Timestamp,
        interaction: &Interaction,
        new: bool,
        id: MessageId,
    ) -> Vec<Event> {
        let Some(queue) = self.queue_of(interaction) else { return Vec::new() };
        let waits = matches!(interaction.state, State::Queued | State::Offered(..));
        let (text, away) = match (&queue.away_text, &queue.greeting) {
            (Some(away_text), _) if facts.away && waits && !interaction.away_sent => (away_text, true),
            (_, Some(greeting)) if new && !facts.away => (greeting, false),
            _ => return Vec::new(),
        };
        if !interaction.window_open(at) {
            return Vec::new();
        }
        let message = outbound(id, interaction, Author::System, at, Content::Text(text.clone()));
        let mut events = vec![Event::MessageQueued { message, channel: interaction.channel }];
        if away {
            events.push(Event::AwayTextSent { interaction: interaction.id });
        }
        events
    }

    fn queue_of(&self, interaction: &Interaction) -> Option<&Queue> {
        self.rows.queues.get(&interaction.queue)
    }

    /// The queue where new work waits: the one that was there first.
    fn default_queue(&self) -> Option<&Queue> {
        self.rows.queues.values().next()
    }

    /// A new interaction on a conversation, waiting, kept a while for the agent who knew the contact.
    pub(super) fn fresh(
        &self,
        facts: &Facts,
        at: Timestamp,
        conversation: ConversationId,
        contact: ContactId,
        channel: ChannelId,
    ) -> Result<Interaction, Rejection> {
        if self.rows.interactions.len() >= INTERACTIONS_OPEN_MAX {
            return Err(Rejection::FloorFull);
        }
        let before = facts.conversation.as_ref();
        let queue = self.default_queue();
        let wait_ms = queue.map_or(0, |queue| queue.last_agent_wait_ms);
        let last_agent = before.and_then(|conversation| conversation.last_agent);
        Ok(Interaction {
            id: InteractionId(self.rows.counters.interaction),
            conversation,
            contact,
            channel,
            queue: queue.map_or(QueueId(0), |queue| queue.id),
            state: State::Queued,
            owner: None,
            priority: queue.map_or(0, |queue| queue.priority),
            created_at: at,
            queued_at: at,
            accepted_at: None,
            ended_at: None,
            prefer: last_agent.map(|agent| (agent, at.plus_ms(wait_ms))),
            passed_over: BTreeMap::new(),
            pending_since: None,
            active_at: at,
            alerted_at: None,
            window_until: before.and_then(|conversation| conversation.window_until),
            away_sent: false,
            unread: 0,
            last_message: before.and_then(|conversation| conversation.last_message),
            last_message_at: before.map_or(Timestamp(0), |conversation| conversation.last_message_at),
            disposition: None,
            note_version: 0,
            participants: BTreeMap::new(),
            version: 1,
        })
    }
}

/// The end of the reply window, where it is later than what was known.
fn window(facts: &Facts, at: Timestamp, inbound: &InboundMessage) -> Option<Timestamp> {
    // A provider's time ahead of ours (one of the clocks is wrong) must not keep the window open.
    let until = inbound.sent_at.min(at).plus_ms(REPLY_WINDOW_MS);
    let earlier = facts.conversation.as_ref().and_then(|conversation| conversation.window_until);
    (Some(until) > earlier).then_some(until)
}

/// Other words under a provider's id that is taken: no second message, and nothing lost.
fn kept(inbound: &InboundMessage) -> Event {
    let raw = inbound.raw.clone().unwrap_or_else(|| match &inbound.content {
        Content::Text(text) | Content::Other { text, .. } | Content::Reaction { emoji: text } => text.clone(),
        Content::Media(media) => media.words(),
        Content::Notice(_) | Content::Internal(_) | Content::Template(_) => String::new(),
    });
    // With the id, so that it is found when its author is erased.
    Event::RawKept { kind: "message_id_used_twice".to_owned(), raw: format!("\"{}\" {raw}", inbound.wamid.0) }
}

fn received(id: MessageId, conversation: ConversationId, at: Timestamp, inbound: &InboundMessage) -> Message {
    let place = place_in_time(inbound.sent_at.min(at), at);
    Message {
        raw: inbound.raw.clone(),
        wamid: Some(inbound.wamid.clone()),
        quoted: inbound.quoted.clone(),
        ..own_message(id, conversation, Author::Contact, place, inbound.content.clone())
    }
}

/// The provider's newest name, and addresses that we did not know of: they go before the others, because what is sent
/// goes to the first.
pub(super) fn contact_change(contact: &Contact, sender: &Sender) -> Option<Event> {
    let name = sender.name.as_ref().filter(|name| !name.is_empty()).unwrap_or(&contact.profile_name);
    let unknown: Vec<&Address> =
        sender.addresses.iter().filter(|address| !contact.addresses.contains(address)).collect();
    if *name == contact.profile_name && unknown.is_empty() {
        return None;
    }
    let addresses = unknown.into_iter().chain(&contact.addresses).cloned().collect();
    Some(Event::ContactChanged { contact: contact.id, name: name.clone(), addresses })
}
