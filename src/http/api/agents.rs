//! The agent's own person: who they are, and their presence.

use std::sync::Arc;

use hyper::{Response, StatusCode};
use serde::{Deserialize, Serialize};

use crate::domain::agent::{Presence, Reason};
use crate::domain::command::Command;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;
use crate::store::AgentRow;

/// A person, as colleagues see them.
#[derive(Serialize)]
pub(in crate::http) struct AgentView {
    id: u64,
    login: String,
    name: String,
    role: &'static str,
    presence: PresenceView,
    connected: bool,
    load: u32,
    capacity: u32,
    after_work: Option<AfterWorkView>,
}

/// "Not Ready after current work" is asked for.
#[derive(Serialize)]
struct AfterWorkView {
    reason: Option<String>,
}

#[derive(Serialize)]
struct PresenceView {
    state: &'static str,
    reason: Option<String>,
    since: i64,
}

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

impl AgentView {
    /// `load` counts the interactions that take up the agent's capacity.
    pub(in crate::http) fn of(row: &AgentRow, load: u32) -> Self {
        let (state, reason) = presence(&row.agent.presence);
        Self {
            id: row.agent.id.0,
            login: row.login.clone(),
            name: row.name.clone(),
            role: row.agent.role.word(),
            presence: PresenceView { state, reason, since: row.agent.presence_since.0 },
            connected: row.agent.connected,
            load,
            capacity: row.agent.capacity,
            after_work: row.agent.after_work.as_ref().map(|reason| AfterWorkView { reason: reason_words(reason) }),
        }
    }
}

fn presence(presence: &Presence) -> (&'static str, Option<String>) {
    match presence {
        Presence::LoggedOff => ("logged_off", None),
        Presence::Ready => ("ready", None),
        Presence::NotReady(reason) => ("not_ready", reason_words(reason)),
        Presence::DoNotDisturb => ("do_not_disturb", None),
        Presence::AfterCallWork => ("after_call_work", None),
    }
}

fn reason_words(reason: &Reason) -> Option<String> {
    match reason {
        Reason::SignedIn => Some("Signed in".to_owned()),
        Reason::NoAnswer => Some("No answer".to_owned()),
        Reason::Disconnected => Some("Disconnected".to_owned()),
        Reason::Chosen(reason) => reason.clone(),
    }
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
