//! Colleagues asked in: consultation, conference, internal messages, mentions (domain.md section 4, Collaboration).
//!
//! Invariant: nothing of this reaches the contact but what a conference participant sends, and the owner stays one.

use crate::limits::{MESSAGE_CHARS_MAX, PARTICIPANTS_MAX};

use super::messages::check_key;
use super::{Decision, notice, own_message};
use crate::domain::event::Event;
use crate::domain::facts::Facts;
use crate::domain::floor::Floor;
use crate::domain::ids::{AgentId, ClientKey, InteractionId};
use crate::domain::interaction::{EndReason, Interaction, Part, State};
use crate::domain::message::{Author, Content, Message, Notice};
use crate::domain::rejection::Rejection;
use crate::domain::time::Timestamp;

/// What an agent says to the others who take part.
pub(super) struct Said<'a> {
    pub(super) client_key: &'a ClientKey,
    pub(super) text: &'a str,
    pub(super) mentions: &'a [AgentId],
}

impl Floor {
    /// The owner asks a colleague in; a supervisor may join by themselves.
    pub(super) fn invite(
        &self,
        at: Timestamp,
        agent: AgentId,
        interaction: InteractionId,
        colleague: AgentId,
        part: Part,
    ) -> Decision {
        let caller = self.agent(agent)?;
        let found = self.interaction(interaction)?;
        let joins = agent == colleague && caller.role.supervises();
        if found.owner != Some(agent) && !joins {
            return Err(Rejection::NotOwner);
        }
        in_work(found)?;
        let asked = self.agent(colleague)?;
        if found.owner == Some(colleague) || !asked.present() {
            return Err(Rejection::AgentUnavailable);
        }
        if found.participants.get(&colleague) == Some(&part) {
            return Ok(Vec::new());
        }
        if found.participants.len() >= PARTICIPANTS_MAX && !found.participants.contains_key(&colleague) {
            return Err(Rejection::TooManyParticipants);
        }
        Ok(vec![
            Event::ParticipantJoined { interaction, agent: colleague, part },
            notice(self.next_message(), found, at, Notice::Joined(colleague, part)),
        ])
    }

    /// A participant leaves, or the owner asks them to.
    pub(super) fn leave(
        &self,
        at: Timestamp,
        agent: AgentId,
        interaction: InteractionId,
        colleague: AgentId,
    ) -> Decision {
        self.agent(agent)?;
        let found = self.interaction(interaction)?;
        if agent != colleague && found.owner != Some(agent) {
            return Err(Rejection::NotOwner);
        }
        if !found.participants.contains_key(&colleague) {
            return Ok(Vec::new());
        }
        Ok(vec![
            Event::ParticipantLeft { interaction, agent: colleague },
            notice(self.next_message(), found, at, Notice::Left(colleague)),
        ])
    }

    /// Said among those who take part; supervisors coach this way.
    pub(super) fn send_internal(
        &self,
        facts: &Facts,
        at: Timestamp,
        agent: AgentId,
        interaction: InteractionId,
        said: Said<'_>,
    ) -> Decision {
        let caller = self.agent(agent)?;
        if facts.known_message.is_some() {
            return Ok(Vec::new());
        }
        let found = self.interaction(interaction)?;
        if !found.takes_part(agent) && !caller.role.supervises() {
            return Err(Rejection::NotOwner);
        }
        in_work(found)?;
        check_key(said.client_key)?;
        if said.text.trim().is_empty() {
            return Err(Rejection::MessageEmpty);
        }
        if said.text.chars().count() > MESSAGE_CHARS_MAX {
            return Err(Rejection::MessageTooLong);
        }
        let (id, content) = (self.next_message(), Content::Internal(said.text.to_owned()));
        let at = at.max(found.last_message_at);
        let message = Message {
            interaction: Some(found.id),
            client_key: Some(said.client_key.clone()),
            ..own_message(id, found.conversation, Author::Agent(agent), at, content)
        };
        let mut events = vec![Event::InternalMessageAdded { message }];
        events.extend(self.mentioned(interaction, agent, said.mentions));
        Ok(events)
    }

    /// Tells the colleagues whom the words name; nobody is told of their own words.
    pub(super) fn mentioned(&self, interaction: InteractionId, by: AgentId, mentions: &[AgentId]) -> Vec<Event> {
        let known = mentions.iter().filter(|agent| **agent != by && self.agent(**agent).is_ok());
        known.take(PARTICIPANTS_MAX).map(|agent| Event::AgentMentioned { interaction, by, agent: *agent }).collect()
    }

    /// The interaction, if the agent may write to its contact.
    pub(super) fn writable(&self, agent: AgentId, interaction: InteractionId) -> Result<&Interaction, Rejection> {
        self.agent(agent)?;
        let interaction = self.interaction(interaction)?;
        if interaction.may_write(agent) { Ok(interaction) } else { Err(Rejection::NotOwner) }
    }
}

/// `Ok` while somebody works on it.
fn in_work(interaction: &Interaction) -> Result<(), Rejection> {
    match interaction.state {
        State::Active | State::Transferring(_) | State::Ended(EndReason::Agent | EndReason::Idle) => Ok(()),
        State::Queued | State::Offered(..) | State::Parked | State::Ended(EndReason::Blocked) => {
            Err(Rejection::WrongState)
        }
    }
}
