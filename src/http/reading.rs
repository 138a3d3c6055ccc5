//! What a person may read, and whole entities put together from a snapshot.
//!
//! Apart so that each right is written once. Everybody who works here may read the whole centre's contacts, transcripts
//! and interactions, as in the reference. Invariant: nobody is shown as their own work what is not on their desktop.

use crate::domain::agent::Role;
use crate::domain::ids::AgentId;
use crate::domain::interaction::Interaction;
use crate::domain::media::{FetchState, MediaFile, MediaSource};
use crate::domain::message::{Content, Message};
use crate::search::Permitted;
use crate::store::{InteractionRow, Snapshot, StoreError};

use super::api::case_data;
use super::error::HttpError;
use super::view::{ContactView, FileFate, InteractionView, MessageView, Related};

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
        interaction.takes_part(self.agent) || interaction.offered().is_some_and(|(asked, _)| asked == self.agent)
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
    let case_data = case_data::values(snapshot, &row.case_data)?;
    Ok(InteractionView::of(row, ContactView::of(contact), last_message, case_data))
}

/// The message with those that it points to and the reactions to it.
pub(super) fn message_view(snapshot: &Snapshot, message: Message) -> Result<MessageView, StoreError> {
    let quoted = message.quoted.as_ref().map(|wamid| snapshot.message_by_wamid(wamid)).transpose()?.flatten();
    let quoted = quoted.map_or(Ok(None), |id| snapshot.message(id))?;
    let reactions = snapshot.reactions(message.id)?;
    let resent_as_id = snapshot.resent_as(&message)?.map(|id| id.0);
    let (file, fate) = file(snapshot, &message)?;
    Ok(MessageView::of(message, Related { quoted, resent_as_id, file, fate, reactions }))
}

/// The file of a message where it is here, and why it is not.
pub(super) fn file(snapshot: &Snapshot, message: &Message) -> Result<(Option<MediaFile>, FileFate), StoreError> {
    let Content::Media(media) = &message.content else { return Ok((None, FileFate::Awaited)) };
    Ok(match (snapshot.fetch(message.id)?.map(|fetch| fetch.state), &media.source) {
        (Some(FetchState::Removed), _) => (None, FileFate::Removed),
        (_, MediaSource::Ours(hash)) => (snapshot.file(*hash)?, FileFate::Awaited),
        (Some(FetchState::Ready(file)), MediaSource::Provider { .. }) => (Some(file), FileFate::Awaited),
        (Some(FetchState::Failed(_)), MediaSource::Provider { .. }) => (None, FileFate::GivenUp),
        (Some(FetchState::Due(_)) | None, MediaSource::Provider { .. }) => (None, FileFate::Awaited),
    })
}
