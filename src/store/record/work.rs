//! Interactions, open and done, and messages on their way.

use serde::{Deserialize, Serialize};

use super::super::codec::{CodecError, Record};
use crate::domain::ids::{
    AgentId, ChannelId, ContactId, ConversationId, DispositionId, InteractionId, MessageId, QueueId,
};
use crate::domain::interaction::{EndReason, Interaction, State, Transfer, TransferTarget};
use crate::domain::send::{Send, SendState};
use crate::domain::time::Timestamp;

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct InteractionV1 {
    id: u64,
    conversation: u64,
    contact: u64,
    channel: u64,
    queue: u64,
    state: StateV1,
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

#[derive(Serialize, Deserialize)]
enum StateV1 {
    Queued,
    Offered(u64, i64),
    Active,
    Transferring(TransferV1),
    Parked,
    Ended(EndReasonV1),
}

#[derive(Serialize, Deserialize)]
struct TransferV1 {
    target: TransferTargetV1,
    offered: Option<(u64, i64)>,
    deadline: i64,
}

#[derive(Serialize, Deserialize)]
enum TransferTargetV1 {
    Agent(u64),
    Queue(u64),
}

#[derive(Serialize, Deserialize)]
enum EndReasonV1 {
    Agent,
    Idle,
    Blocked,
}

fn stored_pair((agent, until): (AgentId, Timestamp)) -> (u64, i64) {
    (agent.0, until.0)
}

fn pair((agent, until): (u64, i64)) -> (AgentId, Timestamp) {
    (AgentId(agent), Timestamp(until))
}

impl Record for Interaction {
    const VERSION: u8 = 1;
    type Stored = InteractionV1;

    fn to_stored(&self) -> InteractionV1 {
        InteractionV1 {
            id: self.id.0,
            conversation: self.conversation.0,
            contact: self.contact.0,
            channel: self.channel.0,
            queue: self.queue.0,
            state: StateV1::from(&self.state),
            owner: self.owner.map(|owner| owner.0),
            priority: self.priority,
            created_at: self.created_at.0,
            queued_at: self.queued_at.0,
            accepted_at: self.accepted_at.map(|at| at.0),
            ended_at: self.ended_at.map(|at| at.0),
            prefer: self.prefer.map(stored_pair),
            passed_over: self.passed_over.iter().map(|(agent, until)| stored_pair((*agent, *until))).collect(),
            pending_since: self.pending_since.map(|at| at.0),
            active_at: self.active_at.0,
            alerted_at: self.alerted_at.map(|at| at.0),
            window_until: self.window_until.map(|until| until.0),
            away_sent: self.away_sent,
            unread: self.unread,
            last_message: self.last_message.map(|message| message.0),
            last_message_at: self.last_message_at.0,
            disposition: self.disposition.map(|disposition| disposition.0),
            note_version: self.note_version,
            version: self.version,
        }
    }

    fn from_stored(stored: InteractionV1) -> Result<Self, CodecError> {
        Ok(Self {
            id: InteractionId(stored.id),
            conversation: ConversationId(stored.conversation),
            contact: ContactId(stored.contact),
            channel: ChannelId(stored.channel),
            queue: QueueId(stored.queue),
            state: State::from(stored.state),
            owner: stored.owner.map(AgentId),
            priority: stored.priority,
            created_at: Timestamp(stored.created_at),
            queued_at: Timestamp(stored.queued_at),
            accepted_at: stored.accepted_at.map(Timestamp),
            ended_at: stored.ended_at.map(Timestamp),
            prefer: stored.prefer.map(pair),
            passed_over: stored.passed_over.into_iter().map(pair).collect(),
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
            version: stored.version,
        })
    }
}

impl From<&State> for StateV1 {
    fn from(state: &State) -> Self {
        match state {
            State::Queued => Self::Queued,
            State::Offered(agent, deadline) => Self::Offered(agent.0, deadline.0),
            State::Active => Self::Active,
            State::Transferring(transfer) => Self::Transferring(TransferV1 {
                target: match transfer.target {
                    TransferTarget::Agent(agent) => TransferTargetV1::Agent(agent.0),
                    TransferTarget::Queue(queue) => TransferTargetV1::Queue(queue.0),
                },
                offered: transfer.offered.map(stored_pair),
                deadline: transfer.deadline.0,
            }),
            State::Parked => Self::Parked,
            State::Ended(EndReason::Agent) => Self::Ended(EndReasonV1::Agent),
            State::Ended(EndReason::Idle) => Self::Ended(EndReasonV1::Idle),
            State::Ended(EndReason::Blocked) => Self::Ended(EndReasonV1::Blocked),
        }
    }
}

impl From<StateV1> for State {
    fn from(state: StateV1) -> Self {
        match state {
            StateV1::Queued => Self::Queued,
            StateV1::Offered(agent, deadline) => Self::Offered(AgentId(agent), Timestamp(deadline)),
            StateV1::Active => Self::Active,
            StateV1::Transferring(transfer) => Self::Transferring(Transfer {
                target: match transfer.target {
                    TransferTargetV1::Agent(agent) => TransferTarget::Agent(AgentId(agent)),
                    TransferTargetV1::Queue(queue) => TransferTarget::Queue(QueueId(queue)),
                },
                offered: transfer.offered.map(pair),
                deadline: Timestamp(transfer.deadline),
            }),
            StateV1::Parked => Self::Parked,
            StateV1::Ended(EndReasonV1::Agent) => Self::Ended(EndReason::Agent),
            StateV1::Ended(EndReasonV1::Idle) => Self::Ended(EndReason::Idle),
            StateV1::Ended(EndReasonV1::Blocked) => Self::Ended(EndReason::Blocked),
        }
    }
}

/// An interaction that has left the floor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct DoneInteraction {
    /// Its last state.
    pub(in crate::store) interaction: Interaction,
    /// When it was closed.
    pub(in crate::store) at: Timestamp,
    /// By whom.
    pub(in crate::store) by: AgentId,
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct DoneInteractionV1 {
    interaction: InteractionV1,
    at: i64,
    by: u64,
}

impl Record for DoneInteraction {
    const VERSION: u8 = 1;
    type Stored = DoneInteractionV1;

    fn to_stored(&self) -> DoneInteractionV1 {
        DoneInteractionV1 { interaction: self.interaction.to_stored(), at: self.at.0, by: self.by.0 }
    }

    fn from_stored(stored: DoneInteractionV1) -> Result<Self, CodecError> {
        Ok(Self {
            interaction: Interaction::from_stored(stored.interaction)?,
            at: Timestamp(stored.at),
            by: AgentId(stored.by),
        })
    }
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct SendV1 {
    message: u64,
    conversation: u64,
    channel: u64,
    state: SendStateV1,
    attempt: u32,
}

#[derive(Serialize, Deserialize)]
enum SendStateV1 {
    Due(i64),
    InFlight,
    AwaitingStatus(i64),
}

impl Record for Send {
    const VERSION: u8 = 1;
    type Stored = SendV1;

    fn to_stored(&self) -> SendV1 {
        SendV1 {
            message: self.message.0,
            conversation: self.conversation.0,
            channel: self.channel.0,
            state: match self.state {
                SendState::Due(due) => SendStateV1::Due(due.0),
                SendState::InFlight => SendStateV1::InFlight,
                SendState::AwaitingStatus(until) => SendStateV1::AwaitingStatus(until.0),
            },
            attempt: self.attempt,
        }
    }

    fn from_stored(stored: SendV1) -> Result<Self, CodecError> {
        Ok(Self {
            message: MessageId(stored.message),
            conversation: ConversationId(stored.conversation),
            channel: ChannelId(stored.channel),
            state: match stored.state {
                SendStateV1::Due(due) => SendState::Due(Timestamp(due)),
                SendStateV1::InFlight => SendState::InFlight,
                SendStateV1::AwaitingStatus(until) => SendState::AwaitingStatus(Timestamp(until)),
            },
            attempt: stored.attempt,
        })
    }
}
