//! What a person may read, and whole entities put together from a snapshot.
//!
//! Apart so that each right is written once. Invariant: an agent reads an interaction, its contact and its transcript
//! only if they hold it, are asked for it, or handled that contact before; supervisors read everything.

use crate::domain::agent::Role;
use crate::domain::ids::{AgentId, ConversationId, InteractionId};
use crate::domain::interaction::Interaction;
use crate::domain::message::Message;
use crate::search::Permitted;
use crate::store::{InteractionRow, Snapshot, StoreError};

use super::error::HttpError;
use super::view::{ContactView, InteractionView, MessageView};

/// A person and what their role lets them see.
#[derive(Clone, Copy, Debug)]
pub(super) struct Viewer {
    pub(super) agent: AgentId,
    pub(super) supervises: bool,
}

impl Viewer {
    /// The person with this id, who may work here.
    pub(super) fn of(snapshot: &Snapshot, agent: AgentId) -> Result<Self, HttpError> {
        let row = snapshot.agent(agent)?.filter(|row| !row.agent.disabled).ok_or_else(HttpError::sign_in_required)?;
        Ok(Self { agent, supervises: Role::supervises(row.agent.role) })
    }

    /// What they may find: everybody who works here reads the whole centre's history.
    pub(super) fn permitted(&self) -> Permitted {
        Permitted::All
    }

    /// Whether it stands on their desktop.
    pub(super) fn has_on_desktop(&self, interaction: &Interaction) -> bool {
        interaction.owner == Some(self.agent) || interaction.offered().is_some_and(|(asked, _)| asked == self.agent)
    }

    /// Whether they may read the transcript.
    pub(super) fn may_read(&self, snapshot: &Snapshot, conversation: ConversationId) -> Result<bool, StoreError> {
        let Some(found) = snapshot.conversation(conversation)? else { return Ok(false) };
        if self.supervises || found.last_agent == Some(self.agent) {
            return Ok(true);
        }
        for interaction in snapshot.interactions_of(conversation)? {
            if snapshot.interaction(interaction)?.is_some_and(|row| self.has_on_desktop(&row.interaction)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The interaction, if they may read it.
    pub(super) fn interaction(&self, snapshot: &Snapshot, id: InteractionId) -> Result<InteractionRow, HttpError> {
        let row = snapshot.interaction(id)?.ok_or_else(HttpError::not_found)?;
        if self.has_on_desktop(&row.interaction) || self.may_read(snapshot, row.interaction.conversation)? {
            Ok(row)
        } else {
            Err(HttpError::forbidden())
        }
    }
}

/// The interaction with its contact and its newest message.
pub(super) fn interaction_view(snapshot: &Snapshot, row: InteractionRow) -> Result<InteractionView, StoreError> {
    let contact = snapshot.contact(row.interaction.contact)?;
    let contact = contact.ok_or_else(|| StoreError::missing("the contact of an interaction"))?;
    let last_message = match row.interaction.last_message {
        Some(id) => snapshot.message(id)?.map(|message| message_view(snapshot, message)).transpose()?,
        None => None,
    };
    Ok(InteractionView::of(row, ContactView::of(contact), last_message))
}

/// The message with the id of the one that it answers.
pub(super) fn message_view(snapshot: &Snapshot, message: Message) -> Result<MessageView, StoreError> {
    let quoted_id = match &message.quoted {
        Some(wamid) => snapshot.message_by_wamid(wamid)?.map(|id| id.0),
        None => None,
    };
    Ok(MessageView::of(message, quoted_id))
}
