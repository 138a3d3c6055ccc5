//! What is let go for good: a person who asks for it, and what the retention rules name.
//!
//! Apart because nothing here can be undone. Invariants: work that somebody waits for or does is never erased under
//! them; an erased contact stays as an empty row, so that counts and histories hold; retention keeps whoever is blocked
//! or wants no marketing, because both would be forgotten with them.

use super::Decision;
use super::work::done;
use crate::domain::agent::Role;
use crate::domain::contact::Contact;
use crate::domain::event::Event;
use crate::domain::facts::{ConversationFacts, Facts};
use crate::domain::floor::Floor;
use crate::domain::ids::{AgentId, ContactId, MessageId};
use crate::domain::interaction::{EndReason, Interaction, State};
use crate::domain::media::{FetchState, MediaSource};
use crate::domain::message::Content;
use crate::domain::rejection::Rejection;
use crate::domain::send::SendState;
use crate::domain::time::Timestamp;

impl Floor {
    /// A person is forgotten. What their agents have parked or ended is closed first; what is live is not.
    pub(super) fn erase_contact(&self, facts: &Facts, at: Timestamp, agent: Option<AgentId>) -> Decision {
        if let Some(agent) = agent
            && self.agent(agent)?.role != Role::Administrator
        {
            return Err(Rejection::NotAdministrator);
        }
        let contact = facts.contact.as_ref().ok_or(Rejection::UnknownContact)?;
        let mut events = Vec::new();
        for open in self.rows.interactions.values().filter(|open| open.contact == contact.id) {
            events.extend(closed(at, open)?);
        }
        for conversation in &facts.conversations {
            for message in self.sends_of.get(&conversation.id).into_iter().flatten() {
                events.push(self.unsent(*message)?);
            }
        }
        events.push(Event::TracesErased { contact: contact.id });
        events.extend(gone(contact.id, &facts.conversations));
        Ok(events)
    }

    /// A message that waits to be sent never will be; one that the provider is being given is waited for.
    fn unsent(&self, message: MessageId) -> Result<Event, Rejection> {
        match self.rows.sends.get(&message).map(|send| send.state) {
            Some(SendState::InFlight) => Err(Rejection::SendPending),
            Some(SendState::Due(_) | SendState::AwaitingStatus(_)) | None => Ok(Event::SendClosed { message }),
        }
    }

    /// Nothing has happened on a conversation for longer than the rule allows: it is erased, and with the last
    /// conversation the contact.
    pub(super) fn expire_conversation(&self, facts: &Facts, at: Timestamp) -> Vec<Event> {
        let before = self.rows.settings.retention.messages_before(at);
        let (Some(before), Some(own), Some(contact)) = (before, &facts.conversation, &facts.contact) else {
            return Vec::new();
        };
        let expired = |conversation: &ConversationFacts| {
            conversation.active_at < before
                && self.open_of(conversation.id).is_none()
                && !self.sends_of.contains_key(&conversation.id)
        };
        if !expired(own) {
            return Vec::new();
        }
        if facts.conversations.iter().all(expired) && is_forgettable(contact) {
            return gone(contact.id, &facts.conversations);
        }
        own.last_message.map(|_| Event::ConversationErased { conversation: own.id }).into_iter().collect()
    }

    /// A file is older than the rule for its kind allows: it goes, and its message stays.
    pub(super) fn expire_media(&self, facts: &Facts, at: Timestamp) -> Vec<Event> {
        let Some(message) = &facts.message else { return Vec::new() };
        let Content::Media(media) = &message.content else { return Vec::new() };
        let before = self.rows.settings.retention.media_before(media.kind, at);
        let here = match facts.fetch.as_ref().map(|fetch| &fetch.state) {
            Some(FetchState::Ready(_)) => true,
            Some(FetchState::Due(_) | FetchState::Failed(_) | FetchState::Removed) => false,
            None => matches!(media.source, MediaSource::Ours(_)),
        };
        let expired = before.is_some_and(|before| message.at < before);
        let on_its_way = self.rows.sends.contains_key(&message.id);
        (expired && here && !on_its_way).then_some(Event::MediaRemoved { message: message.id }).into_iter().collect()
    }
}

/// The end of an interaction whose contact is forgotten.
fn closed(at: Timestamp, open: &Interaction) -> Decision {
    match (open.state, open.owner) {
        (State::Ended(_), Some(owner)) => Ok(vec![done(open.clone(), owner)]),
        (State::Parked, Some(owner)) => {
            let ended = Event::InteractionEnded { interaction: open.id, reason: EndReason::Agent };
            let state = State::Ended(EndReason::Agent);
            let version = open.version + 1;
            let last = Interaction { state, ended_at: Some(at), pending_since: None, version, ..open.clone() };
            Ok(vec![ended, done(last, owner)])
        }
        (State::Queued | State::Offered(..) | State::Active | State::Transferring(_), owner)
        | (State::Parked | State::Ended(_), owner @ None) => {
            Err(Rejection::InteractionOpen { interaction: open.id, owner })
        }
    }
}

/// Whether nothing has to be remembered about a contact with whom nothing is left.
fn is_forgettable(contact: &Contact) -> bool {
    !contact.blocked && !contact.marketing_stopped
}

fn gone(contact: ContactId, conversations: &[ConversationFacts]) -> Vec<Event> {
    let erased = conversations.iter().map(|own| Event::ConversationErased { conversation: own.id });
    erased.chain([Event::ContactErased { contact }]).collect()
}
