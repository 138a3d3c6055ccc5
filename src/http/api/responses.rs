//! Canned replies: read by everybody, kept by supervisors and administrators.

use std::sync::Arc;

use hyper::StatusCode;
use serde::{Deserialize, Serialize};

use crate::domain::command::Command;
use crate::domain::event::Event;
use crate::domain::ids::ResponseId;
use crate::domain::response::Response;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;

#[derive(Deserialize)]
struct ResponseBody {
    category: Vec<String>,
    title: String,
    shortcut: Option<String>,
    text: String,
}

#[derive(Serialize)]
struct ResponsesView {
    version: u64,
    responses: Vec<ResponseView>,
}

#[derive(Serialize)]
struct ResponseView {
    id: u64,
    category: Vec<String>,
    title: String,
    shortcut: Option<String>,
    text: String,
    attachments: [(); 0],
}

impl ResponseView {
    fn of(response: Response) -> Self {
        let Response { id, category, title, shortcut, text } = response;
        Self { id: id.0, category, title, shortcut, text, attachments: [] }
    }
}

/// `GET /api/responses`.
pub(in crate::http) async fn list(app: &Arc<App>) -> Result<hyper::Response<Body>, HttpError> {
    let view = app
        .read(|snapshot| {
            let responses = snapshot.responses()?.into_iter().map(ResponseView::of).collect();
            Ok(ResponsesView { version: snapshot.responses_version()?, responses })
        })
        .await?;
    Ok(response::json(StatusCode::OK, &view))
}

/// `POST /api/responses`.
pub(in crate::http) async fn add(
    app: &Arc<App>,
    caller: Caller,
    asked: Asked,
) -> Result<hyper::Response<Body>, HttpError> {
    put(app, caller, ResponseId(0), asked, StatusCode::CREATED).await
}

/// `PUT /api/responses/{id}`.
pub(in crate::http) async fn change(
    app: &Arc<App>,
    caller: Caller,
    id: ResponseId,
    asked: Asked,
) -> Result<hyper::Response<Body>, HttpError> {
    // 0 asks the core for a new one.
    if id == ResponseId(0) {
        return Err(HttpError::not_found());
    }
    put(app, caller, id, asked, StatusCode::OK).await
}

#[allow(clippy::wildcard_enum_match_arm, reason = "looks for one kind, whatever others there are")]
async fn put(
    app: &Arc<App>,
    caller: Caller,
    id: ResponseId,
    asked: Asked,
    status: StatusCode,
) -> Result<hyper::Response<Body>, HttpError> {
    let ResponseBody { category, title, shortcut, text } = asked.json().await?;
    let response = Response { id, category, title, shortcut, text };
    let done = app.submit(Command::SetResponse { agent: caller.agent, response }).await?;
    let set = done.events.iter().find_map(|event| match event {
        Event::ResponseSet { response, .. } => Some(response.clone()),
        _ => None,
    });
    Ok(response::json(status, &ResponseView::of(set.ok_or_else(HttpError::internal)?)))
}

/// `DELETE /api/responses/{id}`.
pub(in crate::http) async fn remove(
    app: &Arc<App>,
    caller: Caller,
    response: ResponseId,
    asked: Asked,
) -> Result<hyper::Response<Body>, HttpError> {
    asked.nothing().await?;
    app.submit(Command::RemoveResponse { agent: caller.agent, response }).await?;
    Ok(response::empty())
}
