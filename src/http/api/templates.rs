//! Templates: what may be sent with a closed reply window.
//!
//! Apart from messages because the list is a mirror of the provider's and has its own freshness. Invariant: a new look
//! is answered when it has been made, whatever it brought.

use std::sync::Arc;
use std::time::Duration;

use hyper::{Response, StatusCode};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};

use crate::domain::command::Command;
use crate::domain::ids::ChannelId;
use crate::domain::rejection::Rejection;
use crate::domain::template::{ButtonKind, HeaderKind, Place, Template, TemplateChoice, TemplateHeader, Value};
use crate::domain::time::Timestamp;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;
use crate::limits::TEMPLATE_WAIT_MS_MAX;
use crate::store::{Snapshot, StoreError};

#[derive(Serialize)]
struct TemplatesView {
    templates: Vec<TemplateView>,
    synced_at: Option<i64>,
    /// The last look brought nothing.
    failed: bool,
}

#[derive(Serialize)]
struct TemplateView {
    name: String,
    language: String,
    category: String,
    status: String,
    quality: String,
    sendable: bool,
    header: Option<HeaderView>,
    body: String,
    footer: Option<String>,
    buttons: Vec<ButtonView>,
    variables: Vec<VariableView>,
}

/// A header: its kind, and its words where it has any.
#[derive(Serialize)]
pub(in crate::http) struct HeaderView {
    kind: &'static str,
    text: String,
}

#[derive(Serialize)]
struct ButtonView {
    kind: &'static str,
    text: String,
    url: Option<String>,
}

#[derive(Serialize)]
struct VariableView {
    place: String,
    name: String,
    example: String,
}

/// A template that somebody wants to send.
#[derive(Deserialize)]
pub(in crate::http) struct ChoiceBody {
    name: String,
    language: String,
    #[serde(default)]
    values: Vec<ValueBody>,
}

#[derive(Deserialize)]
struct ValueBody {
    place: String,
    name: String,
    value: String,
}

impl ChoiceBody {
    /// The choice; a value for a place that no template has counts for none.
    pub(in crate::http) fn choice(self) -> TemplateChoice {
        let value = |body: ValueBody| {
            let (name, value) = (body.name, body.value);
            Some(Value { place: place(&body.place)?, name, value })
        };
        let values = self.values.into_iter().filter_map(value).collect();
        TemplateChoice { name: self.name, language: self.language, values }
    }
}

impl HeaderView {
    pub(in crate::http) fn of(header: TemplateHeader) -> Self {
        let kind = match header.kind {
            HeaderKind::Text => "text",
            HeaderKind::Image => "image",
            HeaderKind::Video => "video",
            HeaderKind::Document => "document",
            HeaderKind::Location => "location",
        };
        Self { kind, text: header.text }
    }
}

impl TemplateView {
    fn of(template: Template) -> Self {
        let variables = template.variables().into_iter().map(|variable| VariableView {
            place: match variable.place {
                Place::Header => "header".to_owned(),
                Place::Body => "body".to_owned(),
                Place::Button(index) => format!("button {index}"),
            },
            name: variable.name,
            example: variable.example,
        });
        let variables = variables.collect();
        let buttons = template.buttons.iter().map(|button| ButtonView {
            kind: match button.kind {
                ButtonKind::QuickReply => "quick_reply",
                ButtonKind::Url => "url",
                ButtonKind::PhoneNumber => "phone_number",
                ButtonKind::CopyCode => "copy_code",
                ButtonKind::Other => "other",
            },
            text: button.text.clone(),
            url: (!button.target.is_empty()).then(|| button.target.clone()),
        });
        let buttons = buttons.collect();
        Self {
            sendable: template.sendable(),
            name: template.name,
            language: template.language,
            category: template.category,
            status: template.status,
            quality: template.quality,
            header: template.header.map(HeaderView::of),
            body: template.body,
            footer: template.footer,
            buttons,
            variables,
        }
    }
}

fn place(text: &str) -> Option<Place> {
    match text {
        "header" => Some(Place::Header),
        "body" => Some(Place::Body),
        _ => text.strip_prefix("button ")?.parse().ok().map(Place::Button),
    }
}

/// `GET /api/templates?channel_id=n`.
pub(in crate::http) async fn list(app: &Arc<App>, asked: &Asked) -> Result<Response<Body>, HttpError> {
    let channel = asked.query("channel_id").and_then(|id| id.parse().ok());
    let channel = channel.ok_or_else(|| HttpError::bad_request("`channel_id` is missing."))?;
    answer(app, ChannelId(channel)).await
}

/// `POST /api/channels/{id}/templates/sync`.
pub(in crate::http) async fn sync(
    app: &Arc<App>,
    _caller: Caller,
    channel: ChannelId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    asked.nothing().await?;
    let row = app.read(move |snapshot| snapshot.channel(channel)?.ok_or_else(HttpError::not_found)).await?;
    let business_account_id = row.profile.business_account_id.ok_or(Rejection::NoBusinessAccount)?;
    let done = app.submit(Command::AskTemplates { business_account_id }).await?;
    looked(app, channel, done.at).await?;
    answer(app, channel).await
}

/// Waits until a look later than this has been made; not for ever.
async fn looked(app: &Arc<App>, channel: ChannelId, asked_at: Timestamp) -> Result<(), HttpError> {
    let deadline = Instant::now() + Duration::from_millis(TEMPLATE_WAIT_MS_MAX);
    let mut head = app.store.head();
    loop {
        head.borrow_and_update();
        let sync = app.read(move |snapshot| Ok(snapshot.template_sync(channel)?)).await?;
        if sync.tried_at >= Some(asked_at) || !matches!(timeout_at(deadline, head.changed()).await, Ok(Ok(()))) {
            return Ok(());
        }
    }
}

async fn answer(app: &Arc<App>, channel: ChannelId) -> Result<Response<Body>, HttpError> {
    let view = app.read(move |snapshot| Ok(view(snapshot, channel)?)).await?;
    Ok(response::json(StatusCode::OK, &view))
}

fn view(snapshot: &Snapshot, channel: ChannelId) -> Result<TemplatesView, StoreError> {
    let sync = snapshot.template_sync(channel)?;
    Ok(TemplatesView {
        templates: snapshot.templates(channel)?.into_iter().map(TemplateView::of).collect(),
        synced_at: sync.synced_at.map(|at| at.0),
        failed: sync.failure.is_some(),
    })
}
