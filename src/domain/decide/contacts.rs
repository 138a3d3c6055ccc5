//! What agents do with contacts themselves: add, edit, address, take off their list; and their drafts.

use std::collections::BTreeSet;

use crate::limits::{
    ADDRESSES_PER_CONTACT_MAX, ATTRIBUTE_KEY_CHARS_MAX, ATTRIBUTE_VALUE_CHARS_MAX, ATTRIBUTES_PER_CONTACT_MAX,
    DRAFT_CHARS_MAX, NAME_CHARS_MAX, TAG_CHARS_MAX, TAGS_PER_CONTACT_MAX,
};

use super::Decision;
use crate::domain::contact::{Address, AddressKind, Card, Contact};
use crate::domain::event::Event;
use crate::domain::facts::Facts;
use crate::domain::floor::Floor;
use crate::domain::ids::{AgentId, ContactId};
use crate::domain::interaction::{EndReason, State};
use crate::domain::rejection::Rejection;
use crate::domain::time::Timestamp;

impl Floor {
    pub(super) fn add_contact(&self, facts: &Facts, agent: AgentId, card: &Card, address: &Address) -> Decision {
        self.agent(agent)?;
        check(card)?;
        if let Some(other) = facts.address_of {
            return Err(Rejection::AddressTaken(other));
        }
        let id = ContactId(self.rows.counters.contact);
        let contact = Contact { card: card.clone(), ..Contact::new(id, String::new(), vec![address.clone()]) };
        Ok(vec![Event::ContactAdded { agent, contact }, Event::ContactAssigned { agent, contact: id }])
    }

    /// A contact of a file. What is known already stays: a file only adds.
    pub(super) fn import_contact(&self, facts: &Facts, card: &Card, addresses: &[Address]) -> Decision {
        check(card)?;
        let known = facts.contact.as_ref();
        let own = known.map_or(&[] as &[_], |contact| contact.addresses.as_slice());
        let new = addresses.iter().filter(|address| !own.contains(address) && !facts.taken_addresses.contains(address));
        let mut addresses: Vec<Address> = own.to_vec();
        for address in new {
            if !addresses.contains(address) {
                addresses.push(address.clone());
            }
        }
        if addresses.is_empty() {
            return Err(Rejection::BadCard);
        }
        if addresses.len() > ADDRESSES_PER_CONTACT_MAX {
            return Err(Rejection::TooManyAddresses);
        }
        let contact = match known {
            None => {
                let id = ContactId(self.rows.counters.contact);
                Contact { card: card.clone(), ..Contact::new(id, String::new(), addresses) }
            }
            Some(contact) => {
                let card = contact.card.completed(card);
                check(&card)?;
                if card == contact.card && addresses == contact.addresses {
                    return Ok(Vec::new());
                }
                Contact { card, addresses, version: contact.version.saturating_add(1), ..contact.clone() }
            }
        };
        Ok(vec![Event::ContactImported { contact }])
    }

    pub(super) fn edit_contact(&self, facts: &Facts, agent: AgentId, card: &Card, version: u32) -> Decision {
        self.agent(agent)?;
        let contact = facts.contact.as_ref().ok_or(Rejection::UnknownContact)?;
        check(card)?;
        if contact.version != version {
            return Err(Rejection::ContactChanged);
        }
        if contact.card == *card {
            return Ok(Vec::new());
        }
        Ok(vec![edited(agent, Contact { card: card.clone(), ..contact.clone() })])
    }

    /// Blocking ends the agent's own interaction with them; one that somebody else has stays theirs to end.
    pub(super) fn set_blocked(&self, facts: &Facts, agent: AgentId, blocked: bool) -> Decision {
        self.agent(agent)?;
        let contact = facts.contact.as_ref().ok_or(Rejection::UnknownContact)?;
        if contact.blocked == blocked {
            return Ok(Vec::new());
        }
        let mut events = vec![edited(agent, Contact { blocked, ..contact.clone() })];
        for open in self.rows.interactions.values().filter(|open| open.contact == contact.id) {
            if !blocked && open.state == State::Ended(EndReason::Blocked) {
                // It can be taken up again, as any other that an agent has ended.
                events.push(Event::InteractionEnded { interaction: open.id, reason: EndReason::Agent });
            } else if blocked && open.owner != Some(agent) {
                return Err(Rejection::InteractionOpen { interaction: open.id, owner: open.owner });
            } else if blocked {
                events.extend(self.ended_by_block(open)?);
            }
        }
        Ok(events)
    }

    pub(super) fn add_address(&self, facts: &Facts, agent: AgentId, address: &Address) -> Decision {
        self.agent(agent)?;
        let contact = facts.contact.as_ref().ok_or(Rejection::UnknownContact)?;
        if contact.addresses.contains(address) {
            return Ok(Vec::new());
        }
        if let Some(other) = facts.address_of.filter(|other| *other != contact.id) {
            return Err(Rejection::AddressTaken(other));
        }
        if contact.addresses.len() >= ADDRESSES_PER_CONTACT_MAX {
            return Err(Rejection::TooManyAddresses);
        }
        let addresses = contact.addresses.iter().chain([address]).cloned().collect();
        Ok(vec![edited(agent, Contact { addresses, ..contact.clone() })])
    }

    pub(super) fn remove_address(&self, facts: &Facts, agent: AgentId, address: &Address) -> Decision {
        self.agent(agent)?;
        let contact = facts.contact.as_ref().ok_or(Rejection::UnknownContact)?;
        if !contact.addresses.contains(address) {
            return Ok(Vec::new());
        }
        let addresses: Vec<_> = contact.addresses.iter().filter(|other| *other != address).cloned().collect();
        // A username finds nobody: it may pass to another person.
        if addresses.iter().all(|other| other.kind == AddressKind::Username) {
            return Err(Rejection::LastAddress);
        }
        Ok(vec![edited(agent, Contact { addresses, ..contact.clone() })])
    }

    pub(super) fn unassign_contact(&self, facts: &Facts, agent: AgentId, contact: ContactId) -> Decision {
        self.agent(agent)?;
        Ok(facts.assigned.then_some(Event::ContactUnassigned { agent, contact }).into_iter().collect())
    }

    /// What another of the agent's browsers wrote later stays. A browser's clock may be wrong: the future counts as now,
    /// so that it cannot keep the others out.
    pub(super) fn set_draft(
        &self,
        facts: &Facts,
        at: Timestamp,
        agent: AgentId,
        text: &str,
        written_at: Timestamp,
    ) -> Decision {
        self.agent(agent)?;
        let conversation = facts.conversation.as_ref().ok_or(Rejection::UnknownConversation)?.id;
        if text.chars().count() > DRAFT_CHARS_MAX {
            return Err(Rejection::DraftTooLong);
        }
        let written_at = written_at.min(at);
        let outdated = facts.draft_written_at.is_some_and(|earlier| written_at < earlier);
        if outdated || (text.is_empty() && facts.draft_written_at.is_none()) {
            return Ok(Vec::new());
        }
        Ok(vec![Event::DraftChanged { agent, conversation, text: text.to_owned(), written_at }])
    }
}

/// Who handles a contact has them on their list from then on.
pub(super) fn assigned(facts: &Facts, agent: AgentId, contact: ContactId) -> Option<Event> {
    (!facts.assigned).then_some(Event::ContactAssigned { agent, contact })
}

fn edited(agent: AgentId, contact: Contact) -> Event {
    Event::ContactEdited { agent, contact: Contact { version: contact.version.saturating_add(1), ..contact } }
}

fn check(card: &Card) -> Result<(), Rejection> {
    let fits = |text: &str, chars_max: usize| !text.trim().is_empty() && text.chars().count() <= chars_max;
    let names = [&card.first_name, &card.last_name].into_iter().flatten().all(|name| fits(name, NAME_CHARS_MAX));
    let keys: BTreeSet<&str> = card.attributes.iter().map(|attribute| attribute.key.as_str()).collect();
    let attributes = card.attributes.len() <= ATTRIBUTES_PER_CONTACT_MAX
        && keys.len() == card.attributes.len()
        && card.attributes.iter().all(|attribute| {
            fits(&attribute.key, ATTRIBUTE_KEY_CHARS_MAX) && fits(&attribute.value, ATTRIBUTE_VALUE_CHARS_MAX)
        });
    let tags = card.tags.len() <= TAGS_PER_CONTACT_MAX
        && card.tags.iter().collect::<BTreeSet<_>>().len() == card.tags.len()
        && card.tags.iter().all(|tag| fits(tag, TAG_CHARS_MAX));
    if names && attributes && tags { Ok(()) } else { Err(Rejection::BadCard) }
}
