//! The floor: everybody signed in, every open interaction and every message on its way, in memory.
//!
//! One thread owns it. `step` decides, applies and routes; `restore` builds the same floor from the tables.
//! Invariants: on `Err` nothing changed; the derived indexes agree with the rows; `load(tables) == floor`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::agent::Agent;
use super::case_data::CaseKey;
use super::channel::Channel;
use super::command::Command;
use super::event::Event;
use super::facts::Facts;
use super::ids::{
    AgentId, CaseKeyId, ChannelId, ConversationId, DispositionId, InteractionId, MessageId, QueueId, ResponseId,
    TokenHash,
};
use super::interaction::{Interaction, State};
use super::queue::Queue;
use super::rejection::Rejection;
use super::send::Send;
use super::settings::{Disposition, Settings};
use super::sign_in::SignIn;
use super::time::Timestamp;

/// The next number of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each field is the next number of the kind it names")]
pub struct Counters {
    pub agent: u64,
    pub contact: u64,
    pub conversation: u64,
    pub interaction: u64,
    pub message: u64,
    pub queue: u64,
    pub channel: u64,
    pub disposition: u64,
    pub case_key: u64,
    /// Every change of a canned reply takes a number, so this is also the version of the whole list.
    pub response: u64,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            agent: 1,
            contact: 1,
            conversation: 1,
            interaction: 1,
            message: 1,
            queue: 1,
            channel: 1,
            disposition: 1,
            case_key: 1,
            response: 1,
        }
    }
}

/// The rows of a floor, as the tables keep them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "each field is named after the rows it holds")]
pub struct FloorRows {
    pub agents: BTreeMap<AgentId, Agent>,
    pub sign_ins: BTreeMap<TokenHash, SignIn>,
    pub queues: BTreeMap<QueueId, Queue>,
    pub channels: BTreeMap<ChannelId, Channel>,
    pub dispositions: BTreeMap<DispositionId, Disposition>,
    pub case_keys: BTreeMap<CaseKeyId, CaseKey>,
    /// The shortcut of each canned reply.
    pub responses: BTreeMap<ResponseId, Option<String>>,
    pub settings: Settings,
    pub interactions: BTreeMap<InteractionId, Interaction>,
    pub sends: BTreeMap<MessageId, Send>,
    pub counters: Counters,
    /// The time of the last event.
    pub at: Timestamp,
}

/// Everything in motion.
#[derive(Clone, Debug, Default)]
pub struct Floor {
    pub(super) rows: FloorRows,
    /// The time of the last step, with or without events: time never goes back on the floor.
    pub(super) now: Timestamp,
    /// The open interaction of a conversation: at most one.
    pub(super) open: BTreeMap<ConversationId, InteractionId>,
    /// What takes up an agent's capacity.
    pub(super) held: BTreeMap<AgentId, BTreeSet<InteractionId>>,
    /// The waiting ones, first come first.
    pub(super) waiting: BTreeSet<(Reverse<i32>, Timestamp, InteractionId)>,
    /// Messages on their way, oldest first, of each conversation.
    pub(super) sends_of: BTreeMap<ConversationId, BTreeSet<MessageId>>,
}

impl PartialEq for Floor {
    /// Rows and indexes; not the time of the last look, which nobody stores.
    fn eq(&self, other: &Self) -> bool {
        let Self { rows, now: _, open, held, waiting, sends_of } = self;
        *rows == other.rows
            && *open == other.open
            && *held == other.held
            && *waiting == other.waiting
            && *sends_of == other.sends_of
    }
}

impl Eq for Floor {}

impl Floor {
    /// The floor of these rows.
    #[must_use]
    pub fn restore(mut rows: FloorRows) -> Self {
        let now = rows.at;
        let interactions = std::mem::take(&mut rows.interactions);
        let sends = std::mem::take(&mut rows.sends);
        let mut floor = Self { rows, now, ..Self::default() };
        for interaction in interactions.into_values() {
            floor.place(interaction);
        }
        for send in sends.into_values() {
            floor.place_send(send);
        }
        floor
    }

    /// The rows, to be compared, stored and read.
    #[must_use]
    pub fn rows(&self) -> &FloorRows {
        &self.rows
    }

    /// Decides, applies, then routes. On `Err` the floor is unchanged. `at` may lie before the last step's (a clock
    /// set back): then the last step's counts. The events carry the time that [`Floor::at`] shows afterwards.
    ///
    /// # Errors
    /// The reason why the command was refused.
    pub fn step(&mut self, facts: &Facts, at: Timestamp, command: &Command) -> Result<Vec<Event>, Rejection> {
        let at = at.max(self.now);
        let mut events = self.decide(facts, at, command)?;
        self.now = at;
        self.apply(at, &events);
        if *command == Command::Tick {
            self.repeat(at, &mut events, |floor| floor.tick(at));
        }
        self.repeat(at, &mut events, |floor| floor.route(at));
        Ok(events)
    }

    /// Applies what `next` finds, one thing after the other, until it finds nothing.
    fn repeat(&mut self, at: Timestamp, events: &mut Vec<Event>, next: impl Fn(&Self) -> Vec<Event>) {
        loop {
            let more = next(self);
            if more.is_empty() {
                return;
            }
            self.apply(at, &more);
            events.extend(more);
        }
    }

    /// Applies events of one instant; used by replays too.
    pub fn apply(&mut self, at: Timestamp, events: &[Event]) {
        if !events.is_empty() {
            self.rows.at = at;
        }
        for event in events {
            self.evolve(event);
        }
    }

    /// The time of the last event.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.rows.at
    }

    /// How many interactions take up the agent's capacity.
    #[must_use]
    pub fn load(&self, agent: AgentId) -> u32 {
        self.held.get(&agent).map_or(0, |held| u32::try_from(held.len()).unwrap_or(u32::MAX))
    }

    /// The open interaction of a conversation.
    #[must_use]
    pub fn open_of(&self, conversation: ConversationId) -> Option<&Interaction> {
        self.rows.interactions.get(self.open.get(&conversation)?)
    }

    pub(super) fn place(&mut self, interaction: Interaction) {
        self.open.insert(interaction.conversation, interaction.id);
        for holder in interaction.holders() {
            self.held.entry(holder).or_default().insert(interaction.id);
        }
        if waits(&interaction) {
            self.waiting.insert(waiting_key(&interaction));
        }
        self.rows.interactions.insert(interaction.id, interaction);
    }

    pub(super) fn remove(&mut self, interaction: InteractionId) -> Option<Interaction> {
        let interaction = self.rows.interactions.remove(&interaction)?;
        self.open.remove(&interaction.conversation);
        for holder in interaction.holders() {
            if let Some(held) = self.held.get_mut(&holder) {
                held.remove(&interaction.id);
                if held.is_empty() {
                    self.held.remove(&holder);
                }
            }
        }
        self.waiting.remove(&waiting_key(&interaction));
        Some(interaction)
    }

    pub(super) fn change_send(&mut self, message: MessageId, change: impl FnOnce(&mut Send)) {
        if let Some(send) = self.rows.sends.get_mut(&message) {
            change(send);
        }
    }

    pub(super) fn place_send(&mut self, send: Send) {
        self.sends_of.entry(send.conversation).or_default().insert(send.message);
        self.rows.sends.insert(send.message, send);
    }

    pub(super) fn remove_send(&mut self, message: MessageId) {
        if let Some(send) = self.rows.sends.remove(&message)
            && let Some(sends) = self.sends_of.get_mut(&send.conversation)
        {
            sends.remove(&message);
            if sends.is_empty() {
                self.sends_of.remove(&send.conversation);
            }
        }
    }
}

/// Whether the router has to find somebody for it.
fn waits(interaction: &Interaction) -> bool {
    match &interaction.state {
        State::Queued => true,
        State::Transferring(transfer) => transfer.offered.is_none(),
        State::Offered(..) | State::Active | State::Parked | State::Ended(_) => false,
    }
}

fn waiting_key(interaction: &Interaction) -> (Reverse<i32>, Timestamp, InteractionId) {
    (Reverse(interaction.priority), interaction.queued_at, interaction.id)
}
