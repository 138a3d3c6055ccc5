//! Canned replies: read by everybody, kept by supervisors and administrators.

use std::sync::Arc;

use hyper::StatusCode;
use serde::{Deserialize, Serialize};

use crate::domain::command::Command;
use crate::domain::event::Event;
use crate::domain::ids::ResponseId;
use crate::domain::media::{FileHash, MediaKind};
use crate::domain::rejection::Rejection;
use crate::domain::response::{Attachment, Response};
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;
use crate::store::{Snapshot, StoreError};

use super::administration::Versioned;

#[derive(Deserialize)]
struct ResponseBody {
    category: Vec<String>,
    title: String,
    shortcut: Option<String>,
    #[serde(default)]
    text: String,
    #[serde(default)]
    attachments: Vec<AttachmentBody>,
    version: Option<String>,
}

/// The state that was seen before something is changed or removed; who names none overwrites.
#[derive(Deserialize)]
struct Seen {
    version: Option<String>,
}

#[derive(Deserialize)]
struct AttachmentBody {
    id: String,
    name: String,
}

#[derive(Serialize)]
struct ResponsesView {
    version: u64,
    responses: Vec<Versioned<ResponseView>>,
}

#[derive(Serialize)]
struct ResponseView {
    id: u64,
    category: Vec<String>,
    title: String,
    shortcut: Option<String>,
    text: String,
    attachments: Vec<AttachmentView>,
}

#[derive(Serialize)]
struct AttachmentView {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    bytes: u64,
}

impl ResponseView {
    /// A file that is gone is left out: it could not be sent either.
    fn of(snapshot: &Snapshot, response: Response) -> Result<Self, StoreError> {
        let Response { id, category, title, shortcut, text, attachments } = response;
        let mut shown = Vec::with_capacity(attachments.len());
        for Attachment { file, name } in attachments {
            if let Some(file) = snapshot.file(file)? {
                let kind = MediaKind::of_type(&file.mime_type).word();
                shown.push(AttachmentView { id: file.hash.hex(), name, kind, bytes: file.bytes });
            }
        }
        Ok(Self { id: id.0, category, title, shortcut, text, attachments: shown })
    }
}

/// `GET /api/responses`.
pub(in crate::http) async fn list(app: &Arc<App>) -> Result<hyper::Response<Body>, HttpError> {
    let view = app
        .read(|snapshot| {
            let responses = snapshot
                .responses()?
                .into_iter()
                .map(|response| Ok(Versioned::of(ResponseView::of(snapshot, response)?)));
            let responses = responses.collect::<Result<_, StoreError>>()?;
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
    let ResponseBody { category, title, shortcut, text, attachments, version } = asked.json().await?;
    let attachments = attachments.into_iter().map(|AttachmentBody { id, name }| {
        FileHash::of_hex(&id).map(|file| Attachment { file, name }).ok_or(Rejection::UnknownFile)
    });
    let attachments: Vec<Attachment> = attachments.collect::<Result<_, _>>()?;
    let files: Vec<FileHash> = attachments.iter().map(|attachment| attachment.file).collect();
    app.read(move |snapshot| {
        for file in files {
            snapshot.file(file)?.ok_or(Rejection::UnknownFile)?;
        }
        Ok(())
    })
    .await?;
    // One after the other, so that what was seen is still so when it is changed.
    let _turn = app.responses.lock().await;
    unchanged(app, id, version).await?;
    let response = Response { id, category, title, shortcut, text, attachments };
    let done = app.submit(Command::SetResponse { agent: caller.agent, response }).await?;
    let set = done.events.iter().find_map(|event| match event {
        Event::ResponseSet { response, .. } => Some(response.clone()),
        _ => None,
    });
    let set = set.ok_or_else(HttpError::internal)?;
    let view = app.read(move |snapshot| Ok(Versioned::of(ResponseView::of(snapshot, set)?))).await?;
    Ok(response::json(status, &view))
}

/// `DELETE /api/responses/{id}`.
pub(in crate::http) async fn remove(
    app: &Arc<App>,
    caller: Caller,
    response: ResponseId,
    asked: Asked,
) -> Result<hyper::Response<Body>, HttpError> {
    let Seen { version } = asked.json().await?;
    let _turn = app.responses.lock().await;
    unchanged(app, response, version).await?;
    app.submit(Command::RemoveResponse { agent: caller.agent, response }).await?;
    Ok(response::empty())
}

/// Refuses who has seen another state than there is. Nothing to compare is nothing to refuse.
async fn unchanged(app: &Arc<App>, id: ResponseId, version: Option<String>) -> Result<(), HttpError> {
    let Some(version) = version else { return Ok(()) };
    app.read(move |snapshot| match snapshot.responses()?.into_iter().find(|known| known.id == id) {
        Some(known) => Versioned::of(ResponseView::of(snapshot, known)?).seen_as(&version),
        None => Ok(()),
    })
    .await
}
