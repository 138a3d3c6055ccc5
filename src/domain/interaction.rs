//! One piece of handled work and the states it moves through (domain.md section 2).
//!
//! Invariant: an open interaction is in exactly one place: waiting in a queue, offered to one agent, held by one owner,
//! or parked by one owner. Done interactions have left the floor.

use std::collections::BTreeMap;

use super::ids::{AgentId, ChannelId, ContactId, ConversationId, DispositionId, InteractionId, MessageId, QueueId};
use super::time::Timestamp;

/// Where a transfer is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferTarget {
    /// To one agent.
    Agent(AgentId),
    /// To whoever takes it in that queue.
    Queue(QueueId),
}

/// A hand-over under way; the old owner keeps the interaction until somebody takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Where to.
    pub target: TransferTarget,
    /// Who is being asked, and until when.
    pub offered: Option<(AgentId, Timestamp)>,
    /// When the attempt is over and the interaction stays with its owner.
    pub deadline: Timestamp,
}

/// Why an interaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// The agent ended it.
    Agent,
    /// The idle policy closed it.
    Idle,
    /// The contact was blocked.
    Blocked,
}

/// What a colleague who was asked in may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Reads along and writes internal messages, which the contact never sees.
    Consult,
    /// Also writes to the contact.
    Conference,
}

/// Where an open interaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits for an agent.
    Queued,
    /// Shown to one agent until the deadline.
    Offered(AgentId, Timestamp),
    /// Being handled by its owner.
    Active,
    /// Being handed over; the owner still holds it.
    Transferring(Transfer),
    /// Put aside by its owner.
    Parked,
    /// Over, but still on the owner's desktop.
    Ended(EndReason),
}

impl State {
    /// As programs write it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Offered(..) => "offered",
            Self::Active => "active",
            Self::Transferring(_) => "transferring",
            Self::Parked => "parked",
            Self::Ended(_) => "ended",
        }
    }
}

/// An open interaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interaction {
    /// Which.
    pub id: InteractionId,
    /// The transcript it works on.
    pub conversation: ConversationId,
    /// With whom.
    pub contact: ContactId,
    /// On which number.
    pub channel: ChannelId,
    /// Where it waits or waited.
    pub queue: QueueId,
    /// Where it stands.
    pub state: State,
    /// Who holds it: set in Active, Transferring, Parked, Ended; `None` in Queued and Offered.
    pub owner: Option<AgentId>,
    /// Higher goes first.
    pub priority: i32,
    /// When it began.
    pub created_at: Timestamp,
    /// Its place in the queue: kept when an offer fails.
    pub queued_at: Timestamp,
    /// When an agent first took it.
    pub accepted_at: Option<Timestamp>,
    /// When it ended last.
    pub ended_at: Option<Timestamp>,
    /// Kept for the agent who knew the contact, until then.
    pub prefer: Option<(AgentId, Timestamp)>,
    /// Agents who rejected it, and until when they are passed over.
    pub passed_over: BTreeMap<AgentId, Timestamp>,
    /// The contact waits for an answer since then.
    pub pending_since: Option<Timestamp>,
    /// The last message of either side.
    pub active_at: Timestamp,
    /// When the idle alert was given; cleared by any message.
    pub alerted_at: Option<Timestamp>,
    /// The reply window's end; `None` = the contact never wrote.
    pub window_until: Option<Timestamp>,
    /// The away text went out once.
    pub away_sent: bool,
    /// Inbound messages that the owner has not looked at.
    pub unread: u32,
    /// The newest message of the transcript.
    pub last_message: Option<MessageId>,
    /// The latest place in time of any message: what is written next stands after it, whatever our clock says.
    pub last_message_at: Timestamp,
    /// The outcome.
    pub disposition: Option<DispositionId>,
    /// Grows with every change of the note, so that two tabs cannot overwrite each other unseen.
    pub note_version: u32,
    /// Colleagues whom the owner asked in, and supervisors who joined.
    pub participants: BTreeMap<AgentId, Part>,
    /// Grows with every change.
    pub version: u32,
}

impl Interaction {
    /// Whether the agent may write internal messages.
    #[must_use]
    pub fn takes_part(&self, agent: AgentId) -> bool {
        self.owner == Some(agent) || self.participants.contains_key(&agent)
    }

    /// Whether the agent may write to the contact.
    #[must_use]
    pub fn may_write(&self, agent: AgentId) -> bool {
        self.owner == Some(agent) || self.participants.get(&agent) == Some(&Part::Conference)
    }

    /// The agent whose capacity this interaction takes up (domain.md section 2), the owner first.
    pub fn holders(&self) -> impl Iterator<Item = AgentId> {
        let (owner, asked) = match &self.state {
            State::Queued | State::Parked => (None, None),
            State::Offered(agent, _) => (None, Some(*agent)),
            State::Active | State::Ended(_) => (self.owner, None),
            State::Transferring(transfer) => (self.owner, transfer.offered.map(|(agent, _)| agent)),
        };
        owner.into_iter().chain(asked)
    }

    /// The agent who is being asked to take it, and until when.
    #[must_use]
    pub fn offered(&self) -> Option<(AgentId, Timestamp)> {
        match &self.state {
            State::Offered(agent, deadline) => Some((*agent, *deadline)),
            State::Transferring(transfer) => transfer.offered,
            State::Queued | State::Active | State::Parked | State::Ended(_) => None,
        }
    }

    /// Whether the contact may be sent free text at `at`.
    #[must_use]
    pub fn window_open(&self, at: Timestamp) -> bool {
        self.window_until.is_some_and(|until| at < until)
    }
}

/// How it moves; only events do that.
impl Interaction {
    /// `agent` holds it now, live.
    pub(super) fn take(&mut self, agent: AgentId, at: Timestamp) {
        self.state = State::Active;
        self.owner = Some(agent);
        self.accepted_at.get_or_insert(at);
        self.active_at = at;
        self.alerted_at = None;
        self.prefer = None;
        self.passed_over.clear();
    }

    /// The agent asked does not take it; the place in the queue is kept.
    pub(super) fn withdraw(&mut self, agent: AgentId) {
        match &mut self.state {
            State::Offered(asked, _) if *asked == agent => self.state = State::Queued,
            State::Transferring(transfer) if transfer.offered.is_some_and(|(asked, _)| asked == agent) => {
                transfer.offered = None
            }
            State::Queued
            | State::Offered(..)
            | State::Active
            | State::Transferring(_)
            | State::Parked
            | State::Ended(_) => {}
        }
    }

    /// Back to the end of the queue, without an owner.
    pub(super) fn requeue(&mut self, prefer: Option<(AgentId, Timestamp)>, at: Timestamp) {
        self.state = State::Queued;
        self.owner = None;
        self.queued_at = at;
        self.prefer = prefer;
        self.passed_over.clear();
        self.participants.clear();
        self.active_at = at;
    }
}
