//! The agent's own person: who they are, and their presence.

use std::sync::Arc;

use hyper::{Response, StatusCode};
use serde::Deserialize;

use crate::domain::agent::{Presence, Reason};
use crate::domain::command::Command;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;

#[derive(Deserialize)]
struct PresenceBody {
    state: PresenceState,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct AfterWorkBody {
    pending: bool,
    reason: Option<String>,
}

/// What a person may choose; logging off is signing out.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum PresenceState {
    Ready,
    NotReady,
    AfterCallWork,
    DoNotDisturb,
}

/// `GET /api/me`.
pub(in crate::http) async fn me(app: &Arc<App>, caller: Caller) -> Result<Response<Body>, HttpError> {
    Ok(response::json(StatusCode::OK, &app.agent(caller.agent).await?))
}

/// `PUT /api/presence`.
pub(in crate::http) async fn set_presence(
    app: &Arc<App>,
    caller: Caller,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let body: PresenceBody = asked.json().await?;
    let presence = match body.state {
        PresenceState::Ready => Presence::Ready,
        PresenceState::NotReady => Presence::NotReady(Reason::Chosen(body.reason)),
        PresenceState::AfterCallWork => Presence::AfterCallWork,
        PresenceState::DoNotDisturb => Presence::DoNotDisturb,
    };
    app.submit(Command::SetPresence { agent: caller.agent, presence }).await?;
    me(app, caller).await
}

/// `PUT /api/after-work`: "Not Ready after current work".
pub(in crate::http) async fn set_after_work(
    app: &Arc<App>,
    caller: Caller,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let AfterWorkBody { pending, reason } = asked.json().await?;
    let reason = pending.then_some(Reason::Chosen(reason));
    app.submit(Command::SetAfterWork { agent: caller.agent, reason }).await?;
    me(app, caller).await
}
