//! What an owner does with their interaction, and work an agent begins.

use super::Decision;
use super::contacts::assigned;
use crate::domain::event::{Event, TransferOutcome};
use crate::domain::facts::Facts;
use crate::domain::floor::Floor;
use crate::domain::ids::{AgentId, ChannelId, ConversationId, InteractionId};
use crate::domain::interaction::{EndReason, Interaction, State};
use crate::domain::rejection::Rejection;
use crate::domain::time::Timestamp;

impl Floor {
    pub(super) fn park(&self, agent: AgentId, interaction: InteractionId) -> Decision {
        let found = self.owned(agent, interaction)?;
        let mut events = live(found)?;
        events.push(Event::InteractionParked { interaction, agent });
        Ok(events)
    }

    /// The agent takes it up again, whatever their capacity: nobody forced it on them.
    pub(super) fn open(&self, agent: AgentId, interaction: InteractionId) -> Decision {
        match self.owned(agent, interaction)?.state {
            State::Parked => Ok(vec![Event::InteractionOpened { interaction, agent }]),
            State::Active => Ok(Vec::new()),
            State::Queued | State::Offered(..) | State::Transferring(_) | State::Ended(_) => Err(Rejection::WrongState),
        }
    }

    pub(super) fn end(&self, agent: AgentId, interaction: InteractionId) -> Decision {
        let found = self.owned(agent, interaction)?;
        if matches!(found.state, State::Ended(_)) {
            return Ok(Vec::new());
        }
        let mut events = live(found)?;
        events.push(Event::InteractionEnded { interaction, reason: EndReason::Agent });
        Ok(events)
    }

    pub(super) fn mark_done(
        &self,
        facts: &Facts,
        at: Timestamp,
        agent: AgentId,
        interaction: InteractionId,
    ) -> Decision {
        let found = self.owned(agent, interaction)?;
        let mut events = match found.state {
            State::Ended(_) => Vec::new(),
            State::Active | State::Transferring(_) | State::Queued | State::Offered(..) | State::Parked => live(found)?,
        };
        if self.rows.settings.disposition_mandatory && found.disposition.is_none() {
            return Err(Rejection::DispositionRequired);
        }
        let mut required = self.rows.case_keys.values().filter(|case_key| case_key.required);
        if let Some(missing) = required.find(|case_key| facts.case_data.value(&case_key.key).is_none()) {
            return Err(Rejection::CaseValueRequired(missing.id));
        }
        // A send that fails later must find somebody who looks at it.
        if self.sends_of.contains_key(&found.conversation) {
            return Err(Rejection::SendPending);
        }
        let last = match found.state {
            State::Ended(_) => found.clone(),
            State::Active | State::Transferring(_) | State::Queued | State::Offered(..) | State::Parked => {
                events.push(Event::InteractionEnded { interaction, reason: EndReason::Agent });
                Interaction {
                    state: State::Ended(EndReason::Agent),
                    ended_at: Some(at),
                    pending_since: None,
                    version: found.version + u32::try_from(events.len()).unwrap_or(u32::MAX),
                    ..found.clone()
                }
            }
        };
        events.push(done(last, agent));
        Ok(events)
    }

    pub(super) fn create_interaction(
        &self,
        facts: &Facts,
        at: Timestamp,
        agent: AgentId,
        channel: ChannelId,
    ) -> Decision {
        self.agent(agent)?;
        let contact = facts.contact.as_ref().ok_or(Rejection::UnknownContact)?;
        let account = self.rows.channels.get(&channel).ok_or(Rejection::UnknownChannel)?;
        if contact.blocked {
            return Err(Rejection::ContactBlocked);
        }
        if !account.enabled {
            return Err(Rejection::ChannelDisabled);
        }
        if !account.asynchronous {
            return Err(Rejection::AsynchronousOff);
        }
        let mut events = Vec::new();
        let conversation = match &facts.conversation {
            Some(conversation) => conversation.id,
            None => {
                let conversation = ConversationId(self.rows.counters.conversation);
                events.push(Event::ConversationOpened { conversation, contact: contact.id, channel });
                conversation
            }
        };
        if let Some(open) = self.open_of(conversation) {
            return Err(Rejection::InteractionOpen { interaction: open.id, owner: open.owner });
        }
        let fresh = self.fresh(facts, at, conversation, contact.id, channel)?;
        let interaction =
            Interaction { state: State::Active, owner: Some(agent), accepted_at: Some(at), prefer: None, ..fresh };
        events.push(Event::InteractionCreated { interaction });
        events.extend(assigned(facts, agent, contact.id));
        Ok(events)
    }
}

impl Floor {
    /// The end of an interaction whose contact was blocked.
    pub(super) fn ended_by_block(&self, found: &Interaction) -> Decision {
        let mut events = match found.state {
            State::Ended(_) => Vec::new(),
            State::Active | State::Transferring(_) | State::Queued | State::Offered(..) | State::Parked => live(found)?,
        };
        events.push(Event::InteractionEnded { interaction: found.id, reason: EndReason::Blocked });
        Ok(events)
    }
}

/// Nothing to undo for an active interaction, the end of the hand-over for one being transferred; else a refusal.
fn live(interaction: &Interaction) -> Decision {
    match (&interaction.state, interaction.owner) {
        (State::Active, _) => Ok(Vec::new()),
        (State::Transferring(_), Some(owner)) => Ok(vec![Event::TransferEnded {
            interaction: interaction.id,
            agent: owner,
            outcome: TransferOutcome::Cancelled,
        }]),
        (State::Queued | State::Offered(..) | State::Transferring(_) | State::Parked | State::Ended(_), _) => {
            Err(Rejection::WrongState)
        }
    }
}

/// The last event of an interaction, with its last state.
pub(super) fn done(last: Interaction, agent: AgentId) -> Event {
    let version = last.version + 1;
    Event::InteractionDone { interaction: Interaction { version, ..last }, agent }
}
