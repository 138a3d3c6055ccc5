//! People, as administrators set them up: who they are, what they may do, whether they may come in.
//!
//! The caller has been found to be an administrator before any of these. Invariant: a password comes in and never goes
//! out.

use std::collections::BTreeSet;
use std::sync::Arc;

use hyper::{Response, StatusCode};
use serde::{Deserialize, Serialize};

use crate::domain::agent::{AgentChange, AgentProfile, Role};
use crate::domain::command::Command;
use crate::domain::event::Event;
use crate::domain::ids::AgentId;
use crate::domain::security::SecurityRules;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::view::NewPasswordBody;
use crate::limits::CAPACITY_DEFAULT;
use crate::password;
use crate::store::PersonRow;

/// A role as programs write it.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RoleName {
    Agent,
    Supervisor,
    Administrator,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Agent => Self::Agent,
            RoleName::Supervisor => Self::Supervisor,
            RoleName::Administrator => Self::Administrator,
        }
    }
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::Agent => Self::Agent,
            Role::Supervisor => Self::Supervisor,
            Role::Administrator => Self::Administrator,
        }
    }
}

/// A person with what only administrators see.
#[derive(Serialize)]
struct PersonView {
    id: u64,
    login: String,
    name: String,
    role: RoleName,
    capacity: u32,
    auto_ready: bool,
    skills: BTreeSet<String>,
    disabled: bool,
    second_factor: bool,
    password_temporary: bool,
}

#[derive(Serialize)]
struct PeopleView {
    people: Vec<PersonView>,
}

#[derive(Deserialize)]
struct NewPersonBody {
    login: String,
    name: String,
    role: RoleName,
    password: String,
    #[serde(default = "capacity")]
    capacity: u32,
    #[serde(default)]
    auto_ready: bool,
    #[serde(default)]
    skills: BTreeSet<String>,
}

fn capacity() -> u32 {
    CAPACITY_DEFAULT
}

#[derive(Deserialize)]
struct PersonBody {
    name: String,
    role: RoleName,
    capacity: u32,
    auto_ready: bool,
    skills: BTreeSet<String>,
}

#[derive(Deserialize)]
struct DisabledBody {
    disabled: bool,
}

/// The rules about who gets in.
#[derive(Serialize, Deserialize)]
struct SecurityView {
    administrators_need_second_factor: bool,
    audit_days: u32,
}

impl PersonView {
    fn of(person: PersonRow) -> Self {
        let PersonRow { row, password_temporary, second_factor } = person;
        Self {
            id: row.agent.id.0,
            login: row.login,
            name: row.name,
            role: row.agent.role.into(),
            capacity: row.agent.capacity,
            auto_ready: row.agent.auto_ready,
            skills: row.agent.skills,
            disabled: row.agent.disabled,
            second_factor,
            password_temporary,
        }
    }
}

/// `GET /api/administration/people`.
pub(in crate::http) async fn list(app: &Arc<App>) -> Result<Response<Body>, HttpError> {
    let people = app.read(|snapshot| Ok(snapshot.people()?)).await?;
    let people = people.into_iter().map(PersonView::of).collect();
    Ok(response::json(StatusCode::OK, &PeopleView { people }))
}

async fn shown(app: &Arc<App>, status: StatusCode, agent: AgentId) -> Result<Response<Body>, HttpError> {
    let person = app.read(move |snapshot| snapshot.person(agent)?.ok_or_else(HttpError::not_found)).await?;
    Ok(response::json(status, &PersonView::of(person)))
}

/// `POST /api/administration/people`. The password is the first one: they choose their own when they sign in.
pub(in crate::http) async fn add(app: &Arc<App>, asked: Asked) -> Result<Response<Body>, HttpError> {
    let body: NewPersonBody = asked.json().await?;
    let login = body.login.trim().to_owned();
    let profile = AgentProfile {
        password_hash: hashed(app, body.password, &login).await?,
        login,
        name: body.name.trim().to_owned(),
        role: body.role.into(),
        capacity: body.capacity,
        auto_ready: body.auto_ready,
        skills: body.skills,
    };
    let done = app.submit(Command::InviteAgent(profile)).await?;
    #[allow(clippy::wildcard_enum_match_arm, reason = "only one of them names the new person")]
    let added = done.events.iter().find_map(|event| match event {
        Event::AgentAdded { agent, .. } => Some(*agent),
        _ => None,
    });
    app.feed.reached(done.seq).await;
    shown(app, StatusCode::CREATED, added.ok_or_else(HttpError::internal)?).await
}

/// The hash of a password that somebody chose.
pub(in crate::http) async fn hashed(app: &App, password: String, login: &str) -> Result<String, HttpError> {
    let login = login.to_owned();
    let hashed = app.hash(move || password::hash_new(&password, &login)).await?;
    hashed.map_err(|error| HttpError::password_refused(error.to_string()))
}

/// `PUT /api/administration/people/{id}`.
pub(in crate::http) async fn change(app: &Arc<App>, agent: AgentId, asked: Asked) -> Result<Response<Body>, HttpError> {
    let PersonBody { name, role, capacity, auto_ready, skills } = asked.json().await?;
    let change = AgentChange { name: name.trim().to_owned(), role: role.into(), capacity, auto_ready, skills };
    let done = app.submit(Command::ChangeAgent { agent, change }).await?;
    app.feed.reached(done.seq).await;
    shown(app, StatusCode::OK, agent).await
}

/// `PUT /api/administration/people/{id}/disabled`.
pub(in crate::http) async fn set_disabled(
    app: &Arc<App>,
    agent: AgentId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let DisabledBody { disabled } = asked.json().await?;
    let done = app.submit(Command::SetDisabled { agent, disabled }).await?;
    app.feed.reached(done.seq).await;
    shown(app, StatusCode::OK, agent).await
}

/// `PUT /api/administration/people/{id}/password`: a temporary one, which ends their sign-ins.
pub(in crate::http) async fn set_password(
    app: &Arc<App>,
    agent: AgentId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let NewPasswordBody { password } = asked.json().await?;
    let person = app.read(move |snapshot| snapshot.person(agent)?.ok_or_else(HttpError::not_found)).await?;
    let password_hash = hashed(app, password, &person.row.login).await?;
    let done = app.submit(Command::SetPassword { agent, password_hash, keep: None, temporary: true }).await?;
    app.feed.reached(done.seq).await;
    shown(app, StatusCode::OK, agent).await
}

/// `DELETE /api/administration/people/{id}/second-factor`: for somebody who has lost it.
pub(in crate::http) async fn reset_second_factor(
    app: &Arc<App>,
    agent: AgentId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    asked.nothing().await?;
    app.submit(Command::RemoveSecondFactor { agent }).await?;
    shown(app, StatusCode::OK, agent).await
}

/// `GET /api/administration/security`.
pub(in crate::http) async fn security(app: &Arc<App>) -> Result<Response<Body>, HttpError> {
    let SecurityRules { administrators_need_second_factor, audit_days } =
        app.read(|snapshot| Ok(snapshot.security()?)).await?;
    Ok(response::json(StatusCode::OK, &SecurityView { administrators_need_second_factor, audit_days }))
}

/// `PUT /api/administration/security`.
pub(in crate::http) async fn set_security(app: &Arc<App>, asked: Asked) -> Result<Response<Body>, HttpError> {
    let SecurityView { administrators_need_second_factor, audit_days } = asked.json().await?;
    let rules = SecurityRules { administrators_need_second_factor, audit_days };
    app.submit(Command::SetSecurity(rules)).await?;
    security(app).await
}
