//! What administrators set up: the addresses below `/api/administration/`, one file for each thing.
//!
//! Apart from the agents' API because it has one more check in front, and changes carry what was seen. Invariants: nobody
//! but an administrator reaches a handler; whoever changes something names the `version` that they have seen, and when
//! somebody else was faster nothing is overwritten (409 `set_up_changed`); a refusal about one value names its `field`.

mod arrivals;
mod case_keys;
mod channels;
mod dispositions;
mod first_steps;
mod queues;
mod settings;

use std::sync::Arc;

use hyper::{Response, StatusCode};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::domain::change::Change;
use crate::domain::command::Command;
use crate::domain::hex::hex;
use crate::domain::ids::{CaseKeyId, ChannelId, DispositionId, QueueId};
use crate::domain::rejection::Rejection;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;
use crate::limits::{MESSAGE_CHARS_MAX, NAME_CHARS_MAX, SET_UP_TIME_MS_MAX, SET_UP_TIME_MS_MIN};
use crate::store::Done;

pub(in crate::http) use self::arrivals::Arrivals;

/// Everything that can be asked for here.
pub(in crate::http) enum Route {
    FirstSteps,
    Channels,
    AddChannel,
    ChangeChannel(ChannelId),
    RemoveChannel(ChannelId),
    TestChannel(ChannelId),
    Subscribe(ChannelId),
    Arrivals(ChannelId),
    Queues,
    AddQueue,
    ChangeQueue(QueueId),
    Dispositions,
    AddDisposition,
    ChangeDisposition(DispositionId),
    CaseKeys,
    AddCaseKey,
    OrderCaseKeys,
    ChangeCaseKey(CaseKeyId),
    Settings,
    ChangeSettings,
}

/// The map of the addresses; `rest` is what stands below `/api/administration/`.
pub(in crate::http) fn find(method: &str, rest: &[&str], id: impl Fn(&str) -> Option<u64>) -> Option<Route> {
    Some(match (method, rest) {
        ("GET", ["first-steps"]) => Route::FirstSteps,
        ("GET", ["channels"]) => Route::Channels,
        ("POST", ["channels"]) => Route::AddChannel,
        ("PUT", ["channels", of]) => Route::ChangeChannel(ChannelId(id(of)?)),
        ("DELETE", ["channels", of]) => Route::RemoveChannel(ChannelId(id(of)?)),
        ("POST", ["channels", of, "test"]) => Route::TestChannel(ChannelId(id(of)?)),
        ("POST", ["channels", of, "subscription"]) => Route::Subscribe(ChannelId(id(of)?)),
        ("GET", ["channels", of, "arrivals"]) => Route::Arrivals(ChannelId(id(of)?)),
        ("GET", ["queues"]) => Route::Queues,
        ("POST", ["queues"]) => Route::AddQueue,
        ("PUT", ["queues", of]) => Route::ChangeQueue(QueueId(id(of)?)),
        ("GET", ["dispositions"]) => Route::Dispositions,
        ("POST", ["dispositions"]) => Route::AddDisposition,
        ("PUT", ["dispositions", of]) => Route::ChangeDisposition(DispositionId(id(of)?)),
        ("GET", ["case-keys"]) => Route::CaseKeys,
        ("POST", ["case-keys"]) => Route::AddCaseKey,
        ("PUT", ["case-keys", "order"]) => Route::OrderCaseKeys,
        ("PUT", ["case-keys", of]) => Route::ChangeCaseKey(CaseKeyId(id(of)?)),
        ("GET", ["settings"]) => Route::Settings,
        ("PUT", ["settings"]) => Route::ChangeSettings,
        _ => return None,
    })
}

/// Answers what was asked, if the caller is an administrator.
pub(in crate::http) async fn answer(
    app: &Arc<App>,
    caller: Caller,
    route: Route,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    app.administrator(caller).await?;
    match route {
        Route::FirstSteps => first_steps::show(app).await,
        Route::Channels => channels::list(app).await,
        Route::AddChannel => channels::add(app, caller, asked).await,
        Route::ChangeChannel(id) => channels::change(app, caller, id, asked).await,
        Route::RemoveChannel(id) => channels::remove(app, caller, id, asked).await,
        Route::TestChannel(id) => channels::test(app, id, asked).await,
        Route::Subscribe(id) => channels::subscribe(app, id, asked).await,
        Route::Arrivals(id) => channels::arrivals(app, id).await,
        Route::Queues => queues::list(app).await,
        Route::AddQueue => queues::add(app, caller, asked).await,
        Route::ChangeQueue(id) => queues::change(app, caller, id, asked).await,
        Route::Dispositions => dispositions::list(app).await,
        Route::AddDisposition => dispositions::add(app, caller, asked).await,
        Route::ChangeDisposition(id) => dispositions::change(app, caller, id, asked).await,
        Route::CaseKeys => case_keys::list(app).await,
        Route::AddCaseKey => case_keys::add(app, caller, asked).await,
        Route::OrderCaseKeys => case_keys::order(app, caller, asked).await,
        Route::ChangeCaseKey(id) => case_keys::change(app, caller, id, asked).await,
        Route::Settings => settings::show(app).await,
        Route::ChangeSettings => settings::change(app, caller, asked).await,
    }
}

/// Something that is set up, and the name of its state.
#[derive(Serialize)]
pub(in crate::http) struct Versioned<T> {
    version: String,
    #[serde(flatten)]
    view: T,
}

impl<T: Serialize> Versioned<T> {
    /// Two states have the same version only when they say the same.
    pub(in crate::http) fn of(view: T) -> Self {
        let bytes = serde_json::to_vec(&view).expect("our shapes have string keys only and cannot fail to serialise");
        let digest = Sha256::digest(bytes);
        let version = hex(&digest[..8]);
        Self { version, view }
    }

    /// Refuses whoever has seen another state.
    pub(in crate::http) fn seen_as(&self, version: &str) -> Result<(), HttpError> {
        if self.version == version { Ok(()) } else { Err(Rejection::SetUpChanged.into()) }
    }
}

/// Asks for a change in the caller's name.
async fn submit(app: &Arc<App>, caller: Caller, change: Change) -> Result<Done, HttpError> {
    app.submit(Command::Change { by: Some(caller.agent), change: Box::new(change) }).await
}

fn created<T: Serialize>(view: T) -> Response<Body> {
    response::json(StatusCode::CREATED, &Versioned::of(view))
}

fn shown<T: Serialize>(view: T) -> Response<Body> {
    response::json(StatusCode::OK, &Versioned::of(view))
}

/// A name that people can read, without spaces around it.
fn name(field: &'static str, text: &str) -> Result<String, HttpError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(HttpError::field(field, "This is needed."));
    }
    if text.chars().count() > NAME_CHARS_MAX {
        return Err(HttpError::field(field, format!("This may have up to {NAME_CHARS_MAX} characters.")));
    }
    Ok(text.to_owned())
}

/// A text for contacts, or none.
fn message(field: &'static str, text: Option<String>) -> Result<Option<String>, HttpError> {
    let text = text.filter(|text| !text.trim().is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > MESSAGE_CHARS_MAX) {
        return Err(HttpError::field(field, format!("A message has up to {MESSAGE_CHARS_MAX} characters.")));
    }
    Ok(text)
}

/// A span of time in milliseconds.
fn time(field: &'static str, span_ms: i64) -> Result<i64, HttpError> {
    if (SET_UP_TIME_MS_MIN..=SET_UP_TIME_MS_MAX).contains(&span_ms) {
        return Ok(span_ms);
    }
    Err(HttpError::field(field, "This time is at least one second and at most 30 days."))
}

/// A list of names, each once, in the order given.
fn names(field: &'static str, texts: &[String], count_max: usize) -> Result<Vec<String>, HttpError> {
    let mut named: Vec<String> = Vec::with_capacity(texts.len());
    for text in texts {
        let text = name(field, text)?;
        if named.contains(&text) {
            return Err(HttpError::field(field, format!("{text} is there twice.")));
        }
        named.push(text);
    }
    if named.len() > count_max {
        return Err(HttpError::field(field, format!("There may be up to {count_max} of these.")));
    }
    Ok(named)
}
