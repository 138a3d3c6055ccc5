//! Two contacts who turn out to be one person, and numbers that have passed to another (whatsapp-cloud-api.md 1.7).
//!
//! Apart from the rest of the contacts because it joins conversations and the work on them. Invariants: no message is
//! lost; at most one open interaction is left of each conversation; what agents wrote about either is kept.

use std::cmp::Reverse;

use crate::limits::{ATTRIBUTE_VALUE_CHARS_MAX, ATTRIBUTES_PER_CONTACT_MAX, TAGS_PER_CONTACT_MAX};

use super::Decision;
use super::work::done;
use crate::domain::command::Command;
use crate::domain::contact::{AddressKind, Attribute, Card, Contact, Sender};
use crate::domain::event::{Event, Joined, TransferOutcome};
use crate::domain::facts::{ConversationFacts, Facts, Merging};
use crate::domain::floor::Floor;
use crate::domain::ids::{AgentId, ChannelId, ContactId, InteractionId};
use crate::domain::interaction::{EndReason, Interaction, State};
use crate::domain::rejection::Rejection;
use crate::domain::time::Timestamp;

/// What has to be done before a command counts whose sender has addresses of several contacts, `known` in the order of
/// the addresses. To be asked again after it was done.
///
/// The provider says that all the addresses are one person's: they are merged. Only a phone number may have passed on:
/// the user id of whoever had it is another than the sender's.
#[must_use]
pub fn before_sender(sender: &Sender, known: &[Contact]) -> Option<Command> {
    let [first, others @ ..] = known else { return None };
    let second = others.first()?;
    let passed_on = known.iter().filter(|contact| is_somebody_else(sender, contact)).find_map(|contact| {
        let mut phones = contact.addresses.iter().filter(|address| address.kind == AddressKind::Phone);
        let address = phones.find(|address| sender.addresses.contains(address))?;
        Some(Command::PassOnAddress { contact: contact.id, address: address.clone() })
    });
    let merged = Command::MergeContacts { kept: first.id.min(second.id), gone: first.id.max(second.id) };
    Some(passed_on.unwrap_or(merged))
}

/// Whether the contact has user ids, and none of the sender's.
fn is_somebody_else(sender: &Sender, contact: &Contact) -> bool {
    let mut ids = sender.addresses.iter().filter(|address| address.kind == AddressKind::UserId).peekable();
    ids.peek().is_some()
        && contact.addresses.iter().any(|address| address.kind == AddressKind::UserId)
        && !ids.any(|id| contact.addresses.contains(id))
}

impl Floor {
    /// A phone number is another person's from now on.
    pub(super) fn pass_on_address(&self, facts: &Facts, command: &Command) -> Decision {
        let Command::PassOnAddress { address, .. } = command else { return Err(Rejection::BadValue) };
        let contact = facts.contact.as_ref().ok_or(Rejection::UnknownContact)?;
        let addresses = contact.addresses.iter().filter(|other| *other != address).cloned().collect();
        Ok(vec![Event::ContactChanged { contact: contact.id, name: contact.profile_name.clone(), addresses }])
    }

    /// Everything of one contact becomes the other's.
    pub(super) fn merge_contacts(&self, facts: &Facts, at: Timestamp, kept: ContactId, gone: ContactId) -> Decision {
        let merging = facts.merging.as_ref().filter(|_| kept != gone).ok_or(Rejection::UnknownContact)?;
        let mut events = Vec::new();
        let mut conversations = Vec::new();
        for (channel, from) in &merging.conversations_gone {
            match merging.conversations_kept.iter().find(|(other, _)| other == channel) {
                Some((_, into)) => conversations.push(self.joined(at, *channel, from, into, &mut events)),
                None => conversations.push(Event::ConversationMoved {
                    conversation: from.id,
                    from: gone,
                    contact: kept,
                    channel: *channel,
                }),
            }
        }
        events.push(Event::ContactsMerged { contact: one_of_two(merging), gone });
        events.extend(conversations);
        Ok(events)
    }

    /// Both conversations were on one number: one transcript, and one interaction at most.
    fn joined(
        &self,
        at: Timestamp,
        channel: ChannelId,
        from: &ConversationFacts,
        into: &ConversationFacts,
        events: &mut Vec<Event>,
    ) -> Event {
        let mut left = None;
        if let (Some(one), Some(other)) = (self.open_of(from.id), self.open_of(into.id)) {
            let lesser = if weight(one) < weight(other) { one } else { other };
            events.extend(closed(at, lesser));
            left = Some(lesser);
        }
        let newest = if from.last_message_at > into.last_message_at { from } else { into };
        Event::ConversationJoined {
            joined: Joined {
                from: from.id,
                into: into.id,
                channel,
                window_until: from.window_until.max(into.window_until),
                last_agent: newest.last_agent.or(from.last_agent).or(into.last_agent),
                last_message: newest.last_message.or(from.last_message),
                last_message_at: newest.last_message_at,
                unread: left.map_or(0, |left| left.unread),
                pending_since: left.and_then(|left| left.pending_since),
            },
        }
    }
}

/// Which of two open interactions stays: one that somebody works on before one that waits; of two with owners the one in
/// which something was said later, of two that wait the one that came first.
fn weight(interaction: &Interaction) -> (u8, Timestamp, Reverse<InteractionId>) {
    let place = match interaction.state {
        State::Active | State::Transferring(_) => 4,
        State::Ended(_) => 3,
        State::Parked => 2,
        State::Offered(..) => 1,
        State::Queued => 0,
    };
    let said_at = interaction.owner.map_or(Timestamp(0), |_| interaction.active_at);
    (place, said_at, Reverse(interaction.id))
}

/// The end of an interaction whose conversation goes on in another.
fn closed(at: Timestamp, interaction: &Interaction) -> Vec<Event> {
    let mut events = Vec::new();
    let id = interaction.id;
    match (&interaction.state, interaction.owner) {
        (State::Offered(agent, _), _) => events.push(Event::OfferWithdrawn { interaction: id, agent: *agent }),
        (State::Transferring(_), Some(agent)) => {
            events.push(Event::TransferEnded { interaction: id, agent, outcome: TransferOutcome::Cancelled });
        }
        (State::Queued | State::Active | State::Transferring(_) | State::Parked | State::Ended(_), _) => {}
    }
    let state = State::Ended(EndReason::Agent);
    let ended_at = interaction.ended_at.filter(|_| matches!(interaction.state, State::Ended(_))).or(Some(at));
    let version = interaction.version + u32::try_from(events.len()).unwrap_or(u32::MAX);
    // Nobody's work is closed in nobody's name.
    let agent = interaction.owner.unwrap_or(AgentId(0));
    events.push(done(Interaction { state, ended_at, pending_since: None, version, ..interaction.clone() }, agent));
    events
}

/// The contact that is left. The younger one's addresses are the newer: what is sent goes to the first.
fn one_of_two(Merging { kept, gone, .. }: &Merging) -> Contact {
    let addresses = gone.addresses.iter().chain(kept.addresses.iter().filter(|own| !gone.addresses.contains(own)));
    let named = |one: &Contact| one.card.first_name.is_some() || one.card.last_name.is_some();
    let names = if named(kept) || !named(gone) { &kept.card } else { &gone.card };
    let mut attributes = kept.card.attributes.clone();
    for Attribute { key, value } in &gone.card.attributes {
        match attributes.iter_mut().find(|own| own.key == *key) {
            Some(own) if own.value == *value => {}
            Some(own) => {
                let both = format!("{}; {value}", own.value);
                own.value = both.chars().take(ATTRIBUTE_VALUE_CHARS_MAX).collect();
            }
            None => attributes.push(Attribute { key: key.clone(), value: value.clone() }),
        }
    }
    attributes.truncate(ATTRIBUTES_PER_CONTACT_MAX);
    let mut tags = kept.card.tags.clone();
    tags.extend(gone.card.tags.iter().filter(|tag| !kept.card.tags.contains(tag)).cloned());
    tags.truncate(TAGS_PER_CONTACT_MAX);
    let profile_name = if kept.profile_name.is_empty() { &gone.profile_name } else { &kept.profile_name };
    Contact {
        id: kept.id,
        profile_name: profile_name.clone(),
        card: Card { first_name: names.first_name.clone(), last_name: names.last_name.clone(), attributes, tags },
        addresses: addresses.cloned().collect(),
        blocked: kept.blocked || gone.blocked,
        marketing_stopped: kept.marketing_stopped || gone.marketing_stopped,
        version: kept.version.max(gone.version).saturating_add(1),
    }
}
