//! Who has which interaction, and what follows from it: loads, and how many wait in each queue.
//!
//! Apart from the thread that follows the journal because it is a tally and reads nothing by itself. Invariant: when
//! the thread has caught up, the tally is that of the open interactions.

use std::collections::HashMap;

use crate::domain::ids::{AgentId, InteractionId, QueueId};
use crate::domain::interaction::{Interaction, State};
use crate::store::InteractionRow;

/// How loaded each agent is, and how many wait in each queue; whoever is missing has none.
#[derive(Clone, Default)]
pub(super) struct Counts {
    loads: HashMap<AgentId, u32>,
    waiting: HashMap<QueueId, usize>,
}

impl Counts {
    /// How many interactions take up the agent's capacity.
    pub(super) fn load(&self, agent: AgentId) -> u32 {
        self.loads.get(&agent).copied().unwrap_or(0)
    }

    /// How many interactions wait in the queue.
    pub(super) fn waiting(&self, queue: QueueId) -> usize {
        self.waiting.get(&queue).copied().unwrap_or(0)
    }

    /// The agents whose load is not the same in the other.
    pub(super) fn agents_differing(&self, other: &Self) -> Vec<AgentId> {
        let agents = self.loads.keys().chain(other.loads.keys().filter(|agent| !self.loads.contains_key(agent)));
        agents.copied().filter(|agent| self.load(*agent) != other.load(*agent)).collect()
    }

    /// Whether a queue's count is not the same in the other.
    pub(super) fn queues_differ(&self, other: &Self) -> bool {
        self.waiting.keys().chain(other.waiting.keys()).any(|queue| self.waiting(*queue) != other.waiting(*queue))
    }

    fn count(&mut self, place: &Place) {
        for agent in &place.holders {
            *self.loads.entry(*agent).or_default() += 1;
        }
        if let Some(queue) = place.waits_in {
            *self.waiting.entry(queue).or_default() += 1;
        }
    }

    fn discount(&mut self, place: &Place) {
        for agent in &place.holders {
            if let Some(load) = self.loads.get_mut(agent) {
                *load = load.saturating_sub(1);
            }
        }
        if let Some(waiting) = place.waits_in.and_then(|queue| self.waiting.get_mut(&queue)) {
            *waiting = waiting.saturating_sub(1);
        }
    }
}

/// Where an open interaction stands.
#[derive(Default)]
struct Place {
    desktops: Vec<AgentId>,
    holders: Vec<AgentId>,
    waits_in: Option<QueueId>,
}

/// Who had which interaction when the last batch ended: tells whom it has left.
#[derive(Default)]
pub(super) struct Desktops {
    placed: HashMap<InteractionId, Place>,
    counts: Counts,
}

impl Desktops {
    /// Takes over where an interaction stands now; returns the agents whom it has left.
    pub(super) fn place(&mut self, row: &InteractionRow) -> Vec<AgentId> {
        let id = row.interaction.id;
        let before = self.placed.remove(&id).unwrap_or_default();
        self.counts.discount(&before);
        if row.done.is_some() {
            return before.desktops;
        }
        let now = Place {
            desktops: desktops(&row.interaction),
            holders: row.interaction.holders().collect(),
            waits_in: (row.interaction.state == State::Queued).then_some(row.interaction.queue),
        };
        self.counts.count(&now);
        let left = before.desktops.into_iter().filter(|agent| !now.desktops.contains(agent)).collect();
        self.placed.insert(id, now);
        left
    }

    /// Loads and waiting counts.
    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }
}

/// On whose desktop an interaction stands: its owner's, that of the agent who is asked, and those of who takes part.
pub(super) fn desktops(interaction: &Interaction) -> Vec<AgentId> {
    let asked = interaction.offered().map(|(agent, _)| agent);
    interaction.owner.into_iter().chain(asked).chain(interaction.participants.keys().copied()).collect()
}
