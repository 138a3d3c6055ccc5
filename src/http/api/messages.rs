//! Messages: sent, sent again, read, and being typed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::{Response, StatusCode};
use serde::Deserialize;

use crate::domain::command::Command;
use crate::domain::event::Event;
use crate::domain::ids::{ChannelId, ClientKey, ConversationId, InteractionId, MessageId, Wamid};
use crate::domain::message::{Content, Message};
use crate::domain::rejection::Rejection;
use crate::domain::settings::ReadMarks;
use crate::domain::time::Timestamp;
use crate::http::App;
use crate::http::api::files::FileBody;
use crate::http::api::objects::ObjectBody;
use crate::http::api::templates::ChoiceBody;
use crate::http::error::HttpError;
use crate::http::reading::message_view;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;
use crate::limits::{TYPING_KEPT_MAX, TYPING_MS_MIN};
use crate::store::{Snapshot, StoreError};
use crate::whatsapp::outbound::NO_PREVIEW;

#[derive(Deserialize)]
struct SendBody {
    client_key: String,
    /// What is said: words, a template, a file, or an object.
    text: Option<String>,
    /// Whether a link in the text is shown with a picture of its page.
    #[serde(default = "yes")]
    preview: bool,
    template: Option<ChoiceBody>,
    file: Option<FileBody>,
    object: Option<ObjectBody>,
    quoted_id: Option<u64>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
struct RetryBody {}

#[derive(Deserialize)]
struct ReadBody {
    message_id: u64,
}

/// `POST /api/interactions/{id}/messages`.
pub(in crate::http) async fn send(
    app: &Arc<App>,
    caller: Caller,
    interaction: InteractionId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let body: SendBody = asked.json().await?;
    let (agent, client_key) = (caller.agent, ClientKey(body.client_key));
    let quoted = body.quoted_id.map(MessageId);
    let command = match (body.text, body.template, body.file, body.object) {
        (None, None, Some(file), None) => {
            let content = file.content(app).await?;
            Command::Send { agent, interaction, client_key, content, raw: None, quoted }
        }
        (Some(text), None, None, None) => {
            let raw = (!body.preview).then(|| NO_PREVIEW.to_owned());
            Command::Send { agent, interaction, client_key, content: Content::Text(text), raw, quoted }
        }
        (None, Some(template), None, None) => {
            Command::SendTemplate { agent, interaction, client_key, choice: template.choice(), quoted }
        }
        (None, None, None, Some(object)) => {
            let object = Box::new(object.object()?);
            Command::SendObject { agent, interaction, client_key, object, quoted }
        }
        _ => {
            let sentence = "A message is a text, a template, a file or an object: send one of them.";
            return Err(HttpError::bad_request(sentence));
        }
    };
    let answer = queued(app, command).await?;
    tell_read(app, interaction, ReadMarks::OnReply).await?;
    Ok(answer)
}

/// `POST /api/messages/{id}/retry`.
pub(in crate::http) async fn retry(
    app: &Arc<App>,
    caller: Caller,
    message: MessageId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let RetryBody {} = asked.json().await?;
    let command = Command::Retry { agent: caller.agent, message, client_key: ClientKey::of_retry(message) };
    queued(app, command).await
}

/// Submits, and shows the message that is on its way now, or already was.
async fn queued(app: &Arc<App>, command: Command) -> Result<Response<Body>, HttpError> {
    let done = app.submit(command).await?;
    let fresh = done.events.iter().find_map(queued_message).cloned();
    shown(app, StatusCode::ACCEPTED, fresh, done.known_message).await
}

/// Answers with a message: the one that a command has just made, else the one with this number as it is now.
pub(in crate::http) async fn shown(
    app: &Arc<App>,
    status: StatusCode,
    fresh: Option<Message>,
    known: Option<MessageId>,
) -> Result<Response<Body>, HttpError> {
    let view = app
        .read(move |snapshot| {
            let message = match (fresh, known) {
                (Some(message), _) => message,
                (None, Some(id)) => snapshot.message(id)?.ok_or_else(HttpError::not_found)?,
                (None, None) => return Err(HttpError::internal()),
            };
            Ok(message_view(snapshot, message)?)
        })
        .await?;
    Ok(response::json(status, &view))
}

#[allow(clippy::wildcard_enum_match_arm, reason = "looks for one kind, whatever others there are")]
fn queued_message(event: &Event) -> Option<&Message> {
    match event {
        Event::MessageQueued { message, .. } => Some(message),
        _ => None,
    }
}

/// `POST /api/interactions/{id}/read`: the contact's phone learns it too.
pub(in crate::http) async fn mark_read(
    app: &Arc<App>,
    caller: Caller,
    interaction: InteractionId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let body: ReadBody = asked.json().await?;
    let message = MessageId(body.message_id);
    let done = app.submit(Command::MarkRead { agent: caller.agent, interaction, message }).await?;
    if !done.events.is_empty() {
        tell_read(app, interaction, ReadMarks::OnView).await?;
    }
    Ok(response::empty())
}

/// Tells the contact's phone that what they wrote was read, where that is the moment for it.
async fn tell_read(app: &Arc<App>, interaction: InteractionId, moment: ReadMarks) -> Result<(), HttpError> {
    let newest = app
        .read(move |snapshot| {
            let due = snapshot.settings()?.read_marks == moment;
            Ok(if due { newest_inbound(snapshot, interaction)? } else { None })
        })
        .await?;
    if let Some(newest) = newest {
        app.marks.mark_read(newest.channel, newest.wamid, false);
    }
    Ok(())
}

/// `POST /api/interactions/{id}/typing`: best effort.
pub(in crate::http) async fn show_typing(
    app: &Arc<App>,
    caller: Caller,
    interaction: InteractionId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    asked.nothing().await?;
    let newest = app
        .read(move |snapshot| {
            let row = snapshot.interaction(interaction)?.ok_or_else(HttpError::not_found)?;
            if row.interaction.owner != Some(caller.agent) || row.done.is_some() {
                return Err(Rejection::NotOwner.into());
            }
            // Meta marks as read with it.
            let shown = snapshot.settings()?.read_marks == ReadMarks::OnView;
            Ok(if shown { newest_inbound(snapshot, interaction)? } else { None })
        })
        .await?;
    if let Some(newest) = newest.filter(|newest| app.typing.is_due(newest.conversation, app.clock.now())) {
        app.marks.mark_read(newest.channel, newest.wamid, true);
    }
    Ok(response::empty())
}

/// What the provider must be told to mark the contact's newest message.
struct Inbound {
    conversation: ConversationId,
    channel: ChannelId,
    wamid: Wamid,
}

fn newest_inbound(snapshot: &Snapshot, interaction: InteractionId) -> Result<Option<Inbound>, StoreError> {
    let Some(row) = snapshot.interaction(interaction)? else { return Ok(None) };
    let (conversation, channel) = (row.interaction.conversation, row.interaction.channel);
    let wamid = snapshot.last_inbound(conversation)?.and_then(|message| message.wamid);
    Ok(wamid.map(|wamid| Inbound { conversation, channel, wamid }))
}

/// When each contact's phone was last shown typing.
#[derive(Default)]
pub(in crate::http) struct TypingMarks(Mutex<HashMap<ConversationId, Timestamp>>);

impl TypingMarks {
    /// Whether it is time to show it again; then the time counts from now.
    fn is_due(&self, conversation: ConversationId, now: Timestamp) -> bool {
        let mut marks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if marks.len() >= TYPING_KEPT_MAX {
            marks.retain(|_, at| (0..TYPING_MS_MIN).contains(&now.since_ms(*at)));
        }
        let recent = marks.get(&conversation).is_some_and(|at| (0..TYPING_MS_MIN).contains(&now.since_ms(*at)));
        if recent || marks.len() >= TYPING_KEPT_MAX {
            return false;
        }
        marks.insert(conversation, now);
        true
    }
}
