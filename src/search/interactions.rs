//! Queue, outcome and state of every interaction, in memory: they change while the messages in the index stay.
//!
//! Invariant: follows the same journal number as the tail.

use std::collections::HashMap;

use crate::domain::ids::InteractionId;
use crate::store::{InteractionRow, Snapshot, StoreError};

use super::expression::InteractionRule;

/// Some sixteen bytes for each interaction that ever was, and as many for each queue of a conversation.
#[derive(Debug, Default)]
pub(super) struct Interactions {
    /// By number; `None` where there is none.
    rows: Vec<Option<Row>>,
    /// Conversation and queue, with the number of interactions that make the two belong together.
    queues: HashMap<(u32, u32), u32>,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    conversation: u32,
    queue: u32,
    /// 0 where there is none.
    disposition: u32,
    done: bool,
}

impl Interactions {
    /// Reads them all.
    pub(super) fn read(snapshot: &Snapshot) -> Result<Self, StoreError> {
        let mut interactions = Self::default();
        snapshot.each_interaction(&mut |row| {
            interactions.put(&row);
            Ok(())
        })?;
        Ok(interactions)
    }

    /// Takes over one that is new or has changed.
    pub(super) fn put(&mut self, row: &InteractionRow) {
        let number = place(row.interaction.id);
        if self.rows.len() <= number {
            self.rows.resize(number + 1, None);
        }
        let (conversation, queue) = (small(row.interaction.conversation.0), small(row.interaction.queue.0));
        let before = self.rows[number].replace(Row {
            conversation,
            queue,
            disposition: row.interaction.disposition.map_or(0, |disposition| small(disposition.0)),
            done: row.done.is_some(),
        });
        if before.is_some_and(|before| (before.conversation, before.queue) == (conversation, queue)) {
            return;
        }
        *self.queues.entry((conversation, queue)).or_default() += 1;
        if let Some(left) = before.and_then(|before| self.queues.get_mut(&(before.conversation, before.queue))) {
            *left -= 1;
        }
    }

    /// Whether an entry belongs to such an interaction; number 0 is none.
    pub(super) fn meets(&self, interaction: u64, conversation: impl Fn() -> u64, rule: &InteractionRule) -> bool {
        if let (0, InteractionRule::Readable(queues)) = (interaction, rule) {
            let conversation = small(conversation());
            return queues
                .iter()
                .any(|queue| self.queues.get(&(conversation, small(*queue))).is_some_and(|had| *had > 0));
        }
        let Some(Some(row)) = self.rows.get(place(InteractionId(interaction))) else { return false };
        match rule {
            InteractionRule::Open => !row.done,
            InteractionRule::Done => row.done,
            InteractionRule::Queues(queues) | InteractionRule::Readable(queues) => {
                queues.contains(&u64::from(row.queue))
            }
            InteractionRule::Dispositions(dispositions) => dispositions.contains(&u64::from(row.disposition)),
        }
    }
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn place(interaction: InteractionId) -> usize {
    usize::try_from(interaction.0).unwrap_or(usize::MAX)
}
