//! Interactions, open and done.

use serde::{Deserialize, Serialize};

use super::super::codec::{CodecError, Record, shape};
use crate::domain::ids::{
    AgentId, ChannelId, ContactId, ConversationId, DispositionId, InteractionId, MessageId, QueueId,
};
use crate::domain::interaction::{EndReason, Interaction, Part, State, Transfer, TransferTarget};
use crate::domain::time::Timestamp;

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum StoredTarget {
    Agent(u64),
    Queue(u64),
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum StoredEnd {
    Agent,
    Idle,
    Blocked,
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum StoredState {
    Queued,
    Offered(u64, i64),
    Active,
    /// Target, who is asked and until when, deadline.
    Transferring(StoredTarget, Option<(u64, i64)>, i64),
    Parked,
    Ended(StoredEnd),
}

/// An interaction.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredInteraction {
    id: u64,
    conversation: u64,
    contact: u64,
    channel: u64,
    queue: u64,
    state: StoredState,
    owner: Option<u64>,
    priority: i32,
    created_at: i64,
    queued_at: i64,
    accepted_at: Option<i64>,
    ended_at: Option<i64>,
    prefer: Option<(u64, i64)>,
    passed_over: Vec<(u64, i64)>,
    pending_since: Option<i64>,
    active_at: i64,
    alerted_at: Option<i64>,
    window_until: Option<i64>,
    away_sent: bool,
    unread: u32,
    last_message: Option<u64>,
    last_message_at: i64,
    disposition: Option<u64>,
    note_version: u32,
    version: u32,
}

fn state_out(state: &State) -> StoredState {
    match state {
        State::Queued => StoredState::Queued,
        State::Offered(agent, deadline) => StoredState::Offered(agent.0, deadline.0),
        State::Active => StoredState::Active,
        State::Transferring(transfer) => {
            let target = match transfer.target {
                TransferTarget::Agent(agent) => StoredTarget::Agent(agent.0),
                TransferTarget::Queue(queue) => StoredTarget::Queue(queue.0),
            };
            let offered = transfer.offered.map(|(agent, deadline)| (agent.0, deadline.0));
            StoredState::Transferring(target, offered, transfer.deadline.0)
        }
        State::Parked => StoredState::Parked,
        State::Ended(EndReason::Agent) => StoredState::Ended(StoredEnd::Agent),
        State::Ended(EndReason::Idle) => StoredState::Ended(StoredEnd::Idle),
        State::Ended(EndReason::Blocked) => StoredState::Ended(StoredEnd::Blocked),
    }
}

fn state_in(state: StoredState) -> State {
    match state {
        StoredState::Queued => State::Queued,
        StoredState::Offered(agent, deadline) => State::Offered(AgentId(agent), Timestamp(deadline)),
        StoredState::Active => State::Active,
        StoredState::Transferring(target, offered, deadline) => State::Transferring(Transfer {
            target: match target {
                StoredTarget::Agent(agent) => TransferTarget::Agent(AgentId(agent)),
                StoredTarget::Queue(queue) => TransferTarget::Queue(QueueId(queue)),
            },
            offered: offered.map(|(agent, deadline)| (AgentId(agent), Timestamp(deadline))),
            deadline: Timestamp(deadline),
        }),
        StoredState::Parked => State::Parked,
        StoredState::Ended(StoredEnd::Agent) => State::Ended(EndReason::Agent),
        StoredState::Ended(StoredEnd::Idle) => State::Ended(EndReason::Idle),
        StoredState::Ended(StoredEnd::Blocked) => State::Ended(EndReason::Blocked),
    }
}

/// What version 2 added to an interaction.
#[derive(Default, Serialize, Deserialize)]
pub(in crate::store) struct StoredTeam {
    /// Colleagues who take part; whether they may write to the contact.
    participants: Vec<(u64, bool)>,
}

impl Record for Interaction {
    const VERSION: u8 = 2;
    type Stored = (StoredInteraction, StoredTeam);

    fn to_stored(&self) -> Self::Stored {
        let participants = self.participants.iter().map(|(agent, part)| (agent.0, *part == Part::Conference));
        let team = StoredTeam { participants: participants.collect() };
        let stored = StoredInteraction {
            id: self.id.0,
            conversation: self.conversation.0,
            contact: self.contact.0,
            channel: self.channel.0,
            queue: self.queue.0,
            state: state_out(&self.state),
            owner: self.owner.map(|agent| agent.0),
            priority: self.priority,
            created_at: self.created_at.0,
            queued_at: self.queued_at.0,
            accepted_at: self.accepted_at.map(|at| at.0),
            ended_at: self.ended_at.map(|at| at.0),
            prefer: self.prefer.map(|(agent, until)| (agent.0, until.0)),
            passed_over: self.passed_over.iter().map(|(agent, until)| (agent.0, until.0)).collect(),
            pending_since: self.pending_since.map(|at| at.0),
            active_at: self.active_at.0,
            alerted_at: self.alerted_at.map(|at| at.0),
            window_until: self.window_until.map(|at| at.0),
            away_sent: self.away_sent,
            unread: self.unread,
            last_message: self.last_message.map(|message| message.0),
            last_message_at: self.last_message_at.0,
            disposition: self.disposition.map(|disposition| disposition.0),
            note_version: self.note_version,
            version: self.version,
        };
        (stored, team)
    }

    fn from_version(version: u8, payload: &[u8]) -> Result<Self, CodecError> {
        match version {
            1 => Self::from_stored((shape(payload)?, StoredTeam::default())),
            Self::VERSION => Self::from_stored(shape(payload)?),
            _ => Err(CodecError::Version(version)),
        }
    }

    fn from_stored((stored, team): Self::Stored) -> Result<Self, CodecError> {
        let part = |conference| if conference { Part::Conference } else { Part::Consult };
        let participants = team.participants.into_iter().map(|(agent, conference)| (AgentId(agent), part(conference)));
        let passed_over = stored.passed_over.into_iter().map(|(agent, until)| (AgentId(agent), Timestamp(until)));
        Ok(Self {
            id: InteractionId(stored.id),
            conversation: ConversationId(stored.conversation),
            contact: ContactId(stored.contact),
            channel: ChannelId(stored.channel),
            queue: QueueId(stored.queue),
            state: state_in(stored.state),
            owner: stored.owner.map(AgentId),
            priority: stored.priority,
            created_at: Timestamp(stored.created_at),
            queued_at: Timestamp(stored.queued_at),
            accepted_at: stored.accepted_at.map(Timestamp),
            ended_at: stored.ended_at.map(Timestamp),
            prefer: stored.prefer.map(|(agent, until)| (AgentId(agent), Timestamp(until))),
            passed_over: passed_over.collect(),
            pending_since: stored.pending_since.map(Timestamp),
            active_at: Timestamp(stored.active_at),
            alerted_at: stored.alerted_at.map(Timestamp),
            window_until: stored.window_until.map(Timestamp),
            away_sent: stored.away_sent,
            unread: stored.unread,
            last_message: stored.last_message.map(MessageId),
            last_message_at: Timestamp(stored.last_message_at),
            disposition: stored.disposition.map(DispositionId),
            note_version: stored.note_version,
            participants: participants.collect(),
            version: stored.version,
        })
    }
}

/// An interaction that is Done: its last state, when, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct DoneInteraction {
    pub(in crate::store) interaction: Interaction,
    pub(in crate::store) at: Timestamp,
    pub(in crate::store) agent: AgentId,
}

impl Record for DoneInteraction {
    const VERSION: u8 = 2;
    type Stored = ((StoredInteraction, StoredTeam), i64, u64);

    fn to_stored(&self) -> Self::Stored {
        (self.interaction.to_stored(), self.at.0, self.agent.0)
    }

    fn from_version(version: u8, payload: &[u8]) -> Result<Self, CodecError> {
        match version {
            1 => {
                let (interaction, at, agent) = shape(payload)?;
                Self::from_stored(((interaction, StoredTeam::default()), at, agent))
            }
            Self::VERSION => Self::from_stored(shape(payload)?),
            _ => Err(CodecError::Version(version)),
        }
    }

    fn from_stored((interaction, at, agent): Self::Stored) -> Result<Self, CodecError> {
        let interaction = Interaction::from_stored(interaction)?;
        Ok(Self { interaction, at: Timestamp(at), agent: AgentId(agent) })
    }
}
