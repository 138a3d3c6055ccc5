//! Colleagues asked in: who takes part, and what they say among themselves.

use std::sync::Arc;

use hyper::{Response, StatusCode};
use serde::{Deserialize, Serialize};

use crate::domain::command::Command;
use crate::domain::contact::Contact;
use crate::domain::event::Event;
use crate::domain::ids::{AgentId, ClientKey, InteractionId};
use crate::domain::interaction::{Interaction, Part};
use crate::domain::mention::mentions;
use crate::domain::message::Message;
use crate::http::App;
use crate::http::api::messages;
use crate::http::error::HttpError;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;
use crate::http::view::ContactView;
use crate::store::{Snapshot, StoreError};

#[derive(Deserialize)]
struct InviteBody {
    agent_id: u64,
    part: PartBody,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum PartBody {
    Consult,
    Conference,
}

#[derive(Deserialize)]
struct InternalBody {
    client_key: String,
    text: String,
}

/// A colleague who takes part.
#[derive(Serialize)]
pub(in crate::http) struct ParticipantView {
    agent_id: u64,
    part: &'static str,
}

/// Who takes part beside the owner.
pub(in crate::http) fn participants(interaction: &Interaction) -> Vec<ParticipantView> {
    let view = |(agent, part): (&AgentId, &Part)| ParticipantView {
        agent_id: agent.0,
        part: match part {
            Part::Consult => "consult",
            Part::Conference => "conference",
        },
    };
    interaction.participants.iter().map(view).collect()
}

/// Somebody has named the reader in a note or an internal message.
#[derive(Serialize)]
pub(in crate::http) struct MentionView {
    interaction_id: u64,
    conversation_id: u64,
    contact: ContactView,
    by_id: u64,
}

impl MentionView {
    pub(in crate::http) fn of(interaction: &Interaction, by: AgentId, contact: Contact) -> Self {
        Self {
            interaction_id: interaction.id.0,
            conversation_id: interaction.conversation.0,
            contact: ContactView::of(contact),
            by_id: by.0,
        }
    }
}

/// `POST /api/interactions/{id}/participants`.
pub(in crate::http) async fn invite(
    app: &Arc<App>,
    caller: Caller,
    interaction: InteractionId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let body: InviteBody = asked.json().await?;
    let part = match body.part {
        PartBody::Consult => Part::Consult,
        PartBody::Conference => Part::Conference,
    };
    let colleague = AgentId(body.agent_id);
    app.submit(Command::Invite { agent: caller.agent, interaction, colleague, part }).await?;
    super::interactions::show(app, interaction).await
}

/// `DELETE /api/interactions/{id}/participants/{agent}`.
pub(in crate::http) async fn leave(
    app: &Arc<App>,
    caller: Caller,
    interaction: InteractionId,
    colleague: AgentId,
) -> Result<Response<Body>, HttpError> {
    app.submit(Command::Leave { agent: caller.agent, interaction, colleague }).await?;
    Ok(response::empty())
}

/// `POST /api/interactions/{id}/internal-messages`.
pub(in crate::http) async fn send_internal(
    app: &Arc<App>,
    caller: Caller,
    interaction: InteractionId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let InternalBody { client_key, text } = asked.json().await?;
    let words = text.clone();
    let mentions = app.read(move |snapshot| Ok(named(snapshot, &words)?)).await?;
    let client_key = ClientKey(client_key);
    let done =
        app.submit(Command::SendInternal { agent: caller.agent, interaction, client_key, text, mentions }).await?;
    let fresh = done.events.iter().find_map(internal_message).cloned();
    messages::shown(app, StatusCode::CREATED, fresh, done.known_message).await
}

/// The colleagues whom the words name.
pub(super) fn named(snapshot: &Snapshot, text: &str) -> Result<Vec<AgentId>, StoreError> {
    if !text.contains('@') {
        return Ok(Vec::new());
    }
    let logins: Vec<_> = snapshot.agents()?.into_iter().map(|row| (row.agent.id, row.login)).collect();
    Ok(mentions(text, &logins))
}

#[allow(clippy::wildcard_enum_match_arm, reason = "looks for one kind, whatever others there are")]
fn internal_message(event: &Event) -> Option<&Message> {
    match event {
        Event::InternalMessageAdded { message } => Some(message),
        _ => None,
    }
}
