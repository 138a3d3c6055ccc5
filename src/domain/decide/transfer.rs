//! Hand-overs: the old owner keeps the interaction until somebody takes it.

use crate::limits::TRANSFER_NOTE_CHARS_MAX;

use super::Decision;
use crate::domain::event::{Event, TransferOutcome};
use crate::domain::floor::Floor;
use crate::domain::ids::{AgentId, InteractionId};
use crate::domain::interaction::{State, TransferTarget};
use crate::domain::rejection::Rejection;
use crate::domain::time::Timestamp;

impl Floor {
    pub(super) fn transfer(
        &self,
        at: Timestamp,
        agent: AgentId,
        interaction: InteractionId,
        target: TransferTarget,
        note: &str,
    ) -> Decision {
        let found = self.owned(agent, interaction)?;
        if found.state != State::Active {
            return Err(Rejection::WrongState);
        }
        if note.chars().count() > TRANSFER_NOTE_CHARS_MAX {
            return Err(Rejection::NoteTooLong);
        }
        let queue = self.rows.queues.get(&found.queue).ok_or(Rejection::UnknownQueue)?;
        let duration_ms = match target {
            TransferTarget::Agent(to) => {
                let colleague = self.agent(to)?;
                if to == agent || !self.has_room(colleague) {
                    return Err(Rejection::AgentUnavailable);
                }
                queue.offer_timeout_ms
            }
            TransferTarget::Queue(to) => self.rows.queues.get(&to).ok_or(Rejection::UnknownQueue)?.transfer_timeout_ms,
        };
        let deadline = at.plus_ms(duration_ms);
        Ok(vec![Event::TransferStarted { interaction, agent, target, note: note.to_owned(), deadline }])
    }

    pub(super) fn cancel_transfer(&self, agent: AgentId, interaction: InteractionId) -> Decision {
        match self.owned(agent, interaction)?.state {
            State::Transferring(_) => {
                Ok(vec![Event::TransferEnded { interaction, agent, outcome: TransferOutcome::Cancelled }])
            }
            State::Queued | State::Offered(..) | State::Active | State::Parked | State::Ended(_) => {
                Err(Rejection::WrongState)
            }
        }
    }
}
