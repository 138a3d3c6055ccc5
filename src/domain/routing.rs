//! Who gets what now: the last agent for a bounded time, then the longest idle (domain.md section 2).
//!
//! Runs after every change. Invariant: no work waits while somebody may be offered it, unless it is kept a bounded
//! time for the agent who knew the contact.

use super::agent::{Agent, Presence};
use super::event::Event;
use super::floor::Floor;
use super::ids::{AgentId, QueueId};
use super::interaction::{Interaction, State, Transfer, TransferTarget};
use super::queue::AutoAnswer;
use super::time::Timestamp;

impl Floor {
    /// The next thing to give, as events; nothing when everybody has what they can get.
    pub(super) fn route(&self, at: Timestamp) -> Vec<Event> {
        if let Some(event) = self.after_work() {
            return vec![event];
        }
        let free: Vec<&Agent> = self.rows.agents.values().filter(|agent| self.has_room(agent)).collect();
        if free.is_empty() {
            return Vec::new();
        }
        let waiting = self.waiting.iter().filter_map(|(_, _, id)| self.rows.interactions.get(id));
        waiting.filter_map(|interaction| self.give(at, &free, interaction)).next().unwrap_or_default()
    }

    /// Whether the agent can be offered one more.
    pub(super) fn has_room(&self, agent: &Agent) -> bool {
        agent.takes_work() && self.load(agent.id) < agent.capacity
    }

    /// "Not Ready after current work", once nothing is left.
    fn after_work(&self) -> Option<Event> {
        let finished = |agent: &&Agent| agent.after_work.is_some() && self.load(agent.id) == 0;
        let agent = self.rows.agents.values().find(finished)?;
        let reason = agent.after_work.clone()?;
        Some(Event::PresenceChanged { agent: agent.id, presence: Presence::NotReady(reason) })
    }

    fn give(&self, at: Timestamp, free: &[&Agent], interaction: &Interaction) -> Option<Vec<Event>> {
        match &interaction.state {
            State::Queued => {
                let queue = self.rows.queues.get(&interaction.queue)?;
                let agent = self.choose(at, free, interaction, queue.id)?;
                Some(match queue.auto_answer {
                    AutoAnswer::Off | AutoAnswer::Preview => vec![Event::InteractionOffered {
                        interaction: interaction.id,
                        agent,
                        deadline: at.plus_ms(queue.offer_timeout_ms),
                    }],
                    // Facts of the past are not at hand here: perhaps the contact was assigned before.
                    AutoAnswer::On => vec![
                        Event::AutoAnswered { interaction: interaction.id, agent },
                        Event::ContactAssigned { agent, contact: interaction.contact },
                    ],
                })
            }
            State::Transferring(transfer) => {
                self.give_transfer(at, free, interaction, transfer).map(|event| vec![event])
            }
            State::Offered(..) | State::Active | State::Parked | State::Ended(_) => None,
        }
    }

    fn give_transfer(
        &self,
        at: Timestamp,
        free: &[&Agent],
        interaction: &Interaction,
        transfer: &Transfer,
    ) -> Option<Event> {
        let (agent, deadline) = match transfer.target {
            TransferTarget::Agent(agent) => (free.iter().find(|free| free.id == agent)?.id, transfer.deadline),
            TransferTarget::Queue(queue) => {
                let timeout_ms = self.rows.queues.get(&queue)?.offer_timeout_ms;
                let agent = self.choose(at, free, interaction, queue)?;
                (agent, at.plus_ms(timeout_ms).min(transfer.deadline))
            }
        };
        Some(Event::TransferOffered { interaction: interaction.id, agent, deadline })
    }

    fn choose(&self, at: Timestamp, free: &[&Agent], interaction: &Interaction, queue: QueueId) -> Option<AgentId> {
        let skills = &self.rows.queues.get(&queue)?.skills;
        let may_take = |agent: &&&Agent| {
            interaction.owner != Some(agent.id)
                && agent.skills.is_superset(skills)
                && interaction.passed_over.get(&agent.id).is_none_or(|until| *until <= at)
        };
        if let Some((preferred, until)) = interaction.prefer
            && at < until
        {
            if free.iter().filter(may_take).any(|agent| agent.id == preferred) {
                return Some(preferred);
            }
            if self.is_busy(preferred) && interaction.passed_over.get(&preferred).is_none_or(|over| *over <= at) {
                return None;
            }
        }
        free.iter().filter(may_take).min_by_key(|agent| (agent.idle_since, agent.id)).map(|agent| agent.id)
    }

    /// At work and taking offers, but full: worth a short wait.
    fn is_busy(&self, agent: AgentId) -> bool {
        self.rows.agents.get(&agent).is_some_and(|agent| agent.takes_work() && !self.has_room(agent))
    }
}
