//! Answers to offers.

use super::contacts::assigned;
use super::{Decision, notice};
use crate::domain::event::{Event, TransferOutcome};
use crate::domain::facts::Facts;
use crate::domain::floor::Floor;
use crate::domain::ids::{AgentId, InteractionId};
use crate::domain::interaction::{Interaction, State, TransferTarget};
use crate::domain::message::Notice;
use crate::domain::rejection::Rejection;
use crate::domain::time::Timestamp;

impl Floor {
    /// Two tabs or two agents cannot both win: the first is the owner, the same agent again changes nothing.
    pub(super) fn accept(&self, facts: &Facts, at: Timestamp, agent: AgentId, interaction: InteractionId) -> Decision {
        self.agent(agent)?;
        let found = self.interaction(interaction)?;
        if found.state == State::Active && found.owner == Some(agent) {
            return Ok(Vec::new());
        }
        self.asked(at, agent, found)?;
        let mut events = Vec::new();
        match (&found.state, found.owner) {
            (State::Transferring(_), Some(from)) => {
                events.push(Event::TransferAccepted { interaction, from, to: agent });
                events.push(notice(self.next_message(), found, at, Notice::Transferred { from, to: agent }));
            }
            _ => events.push(Event::OfferAccepted { interaction, agent }),
        }
        events.extend(assigned(facts, agent, found.contact));
        Ok(events)
    }

    pub(super) fn reject(&self, at: Timestamp, agent: AgentId, interaction: InteractionId) -> Decision {
        self.agent(agent)?;
        let found = self.interaction(interaction)?;
        self.asked(at, agent, found)?;
        if !self.rows.settings.reject_allowed {
            return Err(Rejection::RejectNotAllowed);
        }
        let (Some(owner), State::Transferring(transfer)) = (found.owner, &found.state) else {
            return Ok(vec![self.pass_over(at, agent, found)]);
        };
        Ok(vec![match transfer.target {
            TransferTarget::Agent(_) => {
                Event::TransferEnded { interaction, agent: owner, outcome: TransferOutcome::Rejected }
            }
            TransferTarget::Queue(_) => self.pass_over(at, agent, found),
        }])
    }

    /// `Ok` while the agent may answer.
    fn asked(&self, at: Timestamp, agent: AgentId, interaction: &Interaction) -> Result<(), Rejection> {
        match interaction.offered() {
            Some((asked, deadline)) if asked == agent && at < deadline => Ok(()),
            Some((asked, _)) if asked == agent => Err(Rejection::OfferExpired),
            Some(_) => Err(Rejection::NotOfferedToYou),
            None => Err(Rejection::OfferExpired),
        }
    }

    fn pass_over(&self, at: Timestamp, agent: AgentId, interaction: &Interaction) -> Event {
        let pass_over_ms = self.rows.queues.get(&interaction.queue).map_or(0, |queue| queue.pass_over_ms);
        let passed_over_until = at.plus_ms(pass_over_ms);
        Event::OfferRejected { interaction: interaction.id, agent, passed_over_until }
    }
}
