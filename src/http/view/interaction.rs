//! An interaction as the page sees it.
//!
//! Apart from the other shapes because every rule of work adds to it. Invariant: `version` grows with every change.

use serde::Serialize;

use crate::domain::case_data::CaseData;
use crate::domain::interaction::{EndReason, State, TransferTarget};
use crate::http::api::case_data::CaseValueView;
use crate::http::api::collaboration::{ParticipantView, participants};
use crate::store::InteractionRow;

use super::{ContactView, MessageView};

#[derive(Serialize)]
pub(in crate::http) struct InteractionView {
    id: u64,
    conversation_id: u64,
    contact: ContactView,
    channel_id: u64,
    queue_id: u64,
    state: &'static str,
    owner_id: Option<u64>,
    offered_to_id: Option<u64>,
    offer_deadline: Option<i64>,
    transfer: Option<TransferView>,
    created_at: i64,
    queued_at: i64,
    accepted_at: Option<i64>,
    ended_at: Option<i64>,
    end_reason: Option<&'static str>,
    done_at: Option<i64>,
    priority: i32,
    pending_since: Option<i64>,
    window_until: Option<i64>,
    unread: u32,
    last_message: Option<MessageView>,
    note: String,
    note_version: u32,
    disposition_id: Option<u64>,
    participants: Vec<ParticipantView>,
    case_data: Vec<CaseValueView>,
    case_version: u32,
    handled_by: Vec<u64>,
    done_by_id: Option<u64>,
    version: u32,
}

#[derive(Serialize)]
struct TransferView {
    #[serde(skip_serializing_if = "Option::is_none")]
    to_agent_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_queue_id: Option<u64>,
    note: String,
    deadline: i64,
}

impl InteractionView {
    pub(in crate::http) fn of(
        row: InteractionRow,
        contact: ContactView,
        last_message: Option<MessageView>,
        case_data: Vec<CaseValueView>,
    ) -> Self {
        let InteractionRow { interaction, note, transfer_note, done, handled_by, case_data: CaseData { version, .. } } =
            row;
        let end_reason = match &interaction.state {
            State::Ended(reason) => Some(end_reason_name(*reason)),
            State::Queued | State::Offered(..) | State::Active | State::Transferring(_) | State::Parked => None,
        };
        let transfer = match &interaction.state {
            State::Transferring(transfer) => {
                let (to_agent_id, to_queue_id) = match transfer.target {
                    TransferTarget::Agent(agent) => (Some(agent.0), None),
                    TransferTarget::Queue(queue) => (None, Some(queue.0)),
                };
                let note = transfer_note.unwrap_or_default();
                Some(TransferView { to_agent_id, to_queue_id, note, deadline: transfer.deadline.0 })
            }
            State::Queued | State::Offered(..) | State::Active | State::Parked | State::Ended(_) => None,
        };
        let offered = interaction.offered();
        Self {
            id: interaction.id.0,
            conversation_id: interaction.conversation.0,
            contact,
            channel_id: interaction.channel.0,
            queue_id: interaction.queue.0,
            state: if done.is_some() { "done" } else { interaction.state.word() },
            owner_id: interaction.owner.map(|agent| agent.0),
            offered_to_id: offered.map(|(agent, _)| agent.0),
            offer_deadline: offered.map(|(_, deadline)| deadline.0),
            transfer,
            created_at: interaction.created_at.0,
            queued_at: interaction.queued_at.0,
            accepted_at: interaction.accepted_at.map(|at| at.0),
            ended_at: interaction.ended_at.map(|at| at.0),
            end_reason,
            done_at: done.map(|(at, _)| at.0),
            priority: interaction.priority,
            pending_since: interaction.pending_since.map(|at| at.0),
            window_until: interaction.window_until.map(|at| at.0),
            unread: interaction.unread,
            last_message,
            note,
            note_version: interaction.note_version,
            disposition_id: interaction.disposition.map(|disposition| disposition.0),
            participants: participants(&interaction),
            case_data,
            case_version: version,
            handled_by: handled_by.into_iter().map(|agent| agent.0).collect(),
            done_by_id: done.map(|(_, agent)| agent.0),
            version: interaction.version,
        }
    }
}

fn end_reason_name(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Agent => "agent",
        EndReason::Idle => "idle",
        EndReason::Blocked => "blocked",
    }
}
