//! An interaction: seen, taken, moved through its states, written about.

use std::sync::Arc;

use hyper::{Response, StatusCode};
use serde::Deserialize;
use serde_json::json;

use crate::domain::command::Command;
use crate::domain::ids::{AgentId, DispositionId, InteractionId, QueueId};
use crate::domain::interaction::TransferTarget;
use crate::http::App;
use crate::http::api::collaboration;
use crate::http::error::HttpError;
use crate::http::reading::interaction_view;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;

/// What an agent does with an interaction where there is nothing more to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Act {
    Accept,
    Reject,
    End,
    Done,
    Park,
    Open,
    RejectTransfer,
    CancelTransfer,
}

#[derive(Deserialize)]
struct TransferBody {
    agent_id: Option<u64>,
    queue_id: Option<u64>,
    #[serde(default)]
    note: String,
}

#[derive(Deserialize)]
struct NoteBody {
    text: String,
    version: u32,
}

#[derive(Deserialize)]
struct DispositionBody {
    disposition_id: Option<u64>,
}

/// `GET /api/interactions/{id}`; also the interaction after a command, which the core has granted.
pub(in crate::http) async fn show(app: &Arc<App>, id: InteractionId) -> Result<Response<Body>, HttpError> {
    let view = app
        .read(move |snapshot| {
            let row = snapshot.interaction(id)?.ok_or_else(HttpError::not_found)?;
            Ok(interaction_view(snapshot, row)?)
        })
        .await?;
    Ok(response::json(StatusCode::OK, &view))
}

/// `POST /api/interactions/{id}/accept` and its like.
pub(in crate::http) async fn act(
    app: &Arc<App>,
    caller: Caller,
    interaction: InteractionId,
    act: Act,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    asked.nothing().await?;
    let agent = caller.agent;
    app.submit(match act {
        Act::Accept => Command::Accept { agent, interaction },
        Act::Reject | Act::RejectTransfer => Command::Reject { agent, interaction },
        Act::End => Command::End { agent, interaction },
        Act::Done => Command::MarkDone { agent, interaction },
        Act::Park => Command::Park { agent, interaction },
        Act::Open => Command::Open { agent, interaction },
        Act::CancelTransfer => Command::CancelTransfer { agent, interaction },
    })
    .await?;
    // Who rejected an offer has no part in it any more.
    if matches!(act, Act::Reject | Act::RejectTransfer) { Ok(response::empty()) } else { show(app, interaction).await }
}

/// `POST /api/interactions/{id}/transfer`.
pub(in crate::http) async fn transfer(
    app: &Arc<App>,
    caller: Caller,
    interaction: InteractionId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let body: TransferBody = asked.json().await?;
    let target = match (body.agent_id, body.queue_id) {
        (Some(agent), None) => TransferTarget::Agent(AgentId(agent)),
        (None, Some(queue)) => TransferTarget::Queue(QueueId(queue)),
        _ => return Err(HttpError::bad_request("A transfer goes to an agent or to a queue: name one of them.")),
    };
    app.submit(Command::Transfer { agent: caller.agent, interaction, target, note: body.note }).await?;
    show(app, interaction).await
}

/// `PUT /api/interactions/{id}/note`.
pub(in crate::http) async fn set_note(
    app: &Arc<App>,
    caller: Caller,
    interaction: InteractionId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let NoteBody { text, version } = asked.json().await?;
    let words = text.clone();
    let mentions = app
        .read(move |snapshot| {
            let mut named = collaboration::named(snapshot, &words)?;
            if !named.is_empty() {
                let note = snapshot.interaction(interaction)?.map(|row| row.note).unwrap_or_default();
                let before = collaboration::named(snapshot, &note)?;
                named.retain(|agent| !before.contains(agent));
            }
            Ok(named)
        })
        .await?;
    app.submit(Command::SetNote { agent: caller.agent, interaction, text, version, mentions }).await?;
    Ok(response::json(StatusCode::OK, &json!({ "note_version": version.saturating_add(1) })))
}

/// `PUT /api/interactions/{id}/disposition`.
pub(in crate::http) async fn set_disposition(
    app: &Arc<App>,
    caller: Caller,
    interaction: InteractionId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let body: DispositionBody = asked.json().await?;
    let disposition = body.disposition_id.map(DispositionId);
    app.submit(Command::SetDisposition { agent: caller.agent, interaction, disposition }).await?;
    show(app, interaction).await
}
