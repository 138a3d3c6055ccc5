//! Contacts: listed, searched, looked at, added, edited, and worked with on the agent's own initiative.
//!
//! Everybody who works here may read and edit every contact.

use std::borrow::Cow;
use std::sync::Arc;

use hyper::{Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use crate::domain::command::Command;
use crate::domain::contact::{Address, AddressKind, Attribute, Card};
use crate::domain::event::Event;
use crate::domain::ids::{ChannelId, ContactId, ConversationId, InteractionId};
use crate::domain::time::Timestamp;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::reading::{interaction_view, message_view};
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;
use crate::http::view::{ContactView, MessageView};
use crate::limits::{CONTACT_QUERY_CHARS_MAX, CONTACTS_PAGE_DEFAULT, CONTACTS_PAGE_MAX};
use crate::media::sweep;
use crate::store::{ContactFilter, ContactPlace, ContactRow, ConversationRow, Snapshot, StoreError};

#[derive(Deserialize)]
struct BlockedBody {
    blocked: bool,
}

#[derive(Serialize)]
struct ContactsView {
    contacts: Vec<RowView>,
    cursor: Option<String>,
}

/// A contact in a list.
#[derive(Serialize)]
struct RowView {
    contact: ContactView,
    assigned: bool,
    last_at: Option<i64>,
    last_message: Option<MessageView>,
    last_agent_id: Option<u64>,
    open: Option<OpenView>,
}

#[derive(Serialize)]
struct OpenView {
    interaction_id: u64,
    state: &'static str,
    owner_id: Option<u64>,
}

/// One contact, with the conversations.
#[derive(Serialize)]
struct WholeView {
    #[serde(flatten)]
    row: RowView,
    conversations: Vec<ConversationView>,
}

#[derive(Serialize)]
struct ConversationView {
    id: u64,
    channel_id: u64,
    window_until: Option<i64>,
    last_at: Option<i64>,
    opened_at: i64,
}

#[derive(Deserialize)]
struct AddBody {
    name: String,
    phone: String,
}

#[derive(Deserialize)]
struct EditBody {
    first_name: Option<String>,
    last_name: Option<String>,
    attributes: Vec<AttributeBody>,
    tags: Vec<String>,
    version: u32,
}

#[derive(Deserialize)]
struct AttributeBody {
    key: String,
    value: String,
}

/// Addresses that a person can know; the others come from the provider.
#[derive(Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
enum AddressBody {
    Phone(String),
}

#[derive(Deserialize)]
struct InteractionBody {
    channel_id: u64,
}

/// `GET /api/contacts`.
pub(in crate::http) async fn list(app: &Arc<App>, caller: Caller, asked: &Asked) -> Result<Response<Body>, HttpError> {
    let assigned_to = match asked.query("scope").as_deref() {
        Some("assigned") => Some(caller.agent),
        Some("all") => None,
        _ => return Err(HttpError::bad_request("`scope` must be `assigned` or `all`.")),
    };
    let query = asked.query("q").map_or_else(String::new, Cow::into_owned);
    if query.chars().count() > CONTACT_QUERY_CHARS_MAX {
        return Err(HttpError::bad_request("What you search for is too long. Take a part of the name or number."));
    }
    let after = match asked.query("cursor") {
        Some(cursor) => Some(place(&cursor).ok_or_else(|| HttpError::bad_request("`cursor` is no cursor of ours."))?),
        None => None,
    };
    let limit = match asked.query("limit") {
        Some(limit) => limit.parse().map_err(|_| HttpError::bad_request("`limit` is no number."))?,
        None => CONTACTS_PAGE_DEFAULT,
    };
    let limit = limit.clamp(1, CONTACTS_PAGE_MAX);
    let filter = ContactFilter { assigned_to, query };
    let view = app
        .read(move |snapshot| {
            let (rows, next) = snapshot.contacts(caller.agent, &filter, after, limit)?;
            let contacts =
                rows.into_iter().map(|row| Ok(row_view(snapshot, row)?.row)).collect::<Result<_, StoreError>>();
            Ok(ContactsView { contacts: contacts?, cursor: next.map(cursor) })
        })
        .await?;
    Ok(response::json(StatusCode::OK, &view))
}

/// `GET /api/contacts/{id}`.
pub(in crate::http) async fn show(app: &Arc<App>, caller: Caller, id: ContactId) -> Result<Response<Body>, HttpError> {
    let view = app
        .read(move |snapshot| {
            let row = snapshot.contact_row(caller.agent, id)?.ok_or_else(HttpError::not_found)?;
            Ok(row_view(snapshot, row)?)
        })
        .await?;
    Ok(response::json(StatusCode::OK, &view))
}

/// `POST /api/contacts`.
pub(in crate::http) async fn add(app: &Arc<App>, caller: Caller, asked: Asked) -> Result<Response<Body>, HttpError> {
    let body: AddBody = asked.json().await?;
    let address = Address::of_phone(&body.phone).ok_or_else(HttpError::phone_invalid)?;
    // Whoever writes a name into one field begins with the first name; all can be edited afterwards.
    let (first, last) = body.name.trim().split_once(char::is_whitespace).unwrap_or((body.name.trim(), ""));
    let card = Card { first_name: written(first), last_name: written(last), ..Card::default() };
    let done = app.submit(Command::AddContact { agent: caller.agent, card, address }).await?;
    let id = done.events.iter().find_map(added).ok_or_else(HttpError::internal)?;
    after(app, StatusCode::CREATED, id).await
}

/// `PUT /api/contacts/{id}`.
pub(in crate::http) async fn edit(
    app: &Arc<App>,
    caller: Caller,
    contact: ContactId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let body: EditBody = asked.json().await?;
    let attributes = body.attributes.into_iter();
    let card = Card {
        first_name: body.first_name.as_deref().and_then(written),
        last_name: body.last_name.as_deref().and_then(written),
        attributes: attributes.map(|AttributeBody { key, value }| Attribute { key: trimmed(&key), value }).collect(),
        tags: body.tags.iter().map(|tag| trimmed(tag)).collect(),
    };
    app.submit(Command::EditContact { agent: caller.agent, contact, card, version: body.version }).await?;
    after(app, StatusCode::OK, contact).await
}

/// `PUT /api/contacts/{id}/blocked`: the provider is told for each number that the contact has written to.
pub(in crate::http) async fn set_blocked(
    app: &Arc<App>,
    caller: Caller,
    contact: ContactId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let BlockedBody { blocked } = asked.json().await?;
    let done = app.submit(Command::SetBlocked { agent: caller.agent, contact, blocked }).await?;
    if !done.events.is_empty() {
        let told =
            app.read(move |snapshot| Ok((snapshot.contact(contact)?, snapshot.conversations_of(contact)?))).await?;
        if let (Some(contact), conversations) = told {
            for conversation in conversations {
                app.marks.set_blocked(conversation.channel, contact.clone(), blocked);
            }
        }
    }
    after(app, StatusCode::OK, contact).await
}

/// `POST /api/contacts/{id}/erase`: an administrator forgets a person.
pub(in crate::http) async fn erase(
    app: &Arc<App>,
    caller: Caller,
    contact: ContactId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    app.administrator(caller).await?;
    asked.nothing().await?;
    app.submit(Command::EraseContact { agent: Some(caller.agent), contact }).await?;
    app.search.commit();
    let (store, shelf) = (app.store.clone(), app.shelf.clone());
    match tokio::task::spawn_blocking(move || sweep(&store, &shelf)).await {
        Ok(Ok(_)) => Ok(response::empty()),
        // The rows are gone; the next sweep of the shelf tries again.
        Ok(Err(error)) => {
            tracing::error!(contact.id = contact.0, %error, "files of an erased contact cannot be removed");
            Err(HttpError::internal())
        }
        Err(_) => Err(HttpError::internal()),
    }
}

/// `POST /api/contacts/{id}/addresses`.
pub(in crate::http) async fn add_address(
    app: &Arc<App>,
    caller: Caller,
    contact: ContactId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let AddressBody::Phone(phone) = asked.json().await?;
    let address = Address::of_phone(&phone).ok_or_else(HttpError::phone_invalid)?;
    app.submit(Command::AddAddress { agent: caller.agent, contact, address }).await?;
    after(app, StatusCode::OK, contact).await
}

/// `DELETE /api/contacts/{id}/addresses/{kind}/{value}`.
pub(in crate::http) async fn remove_address(
    app: &Arc<App>,
    caller: Caller,
    contact: ContactId,
    (kind, value): (String, String),
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    asked.nothing().await?;
    let kind = match kind.as_str() {
        "phone" => AddressKind::Phone,
        "user_id" => AddressKind::UserId,
        "parent_user_id" => AddressKind::ParentUserId,
        "username" => AddressKind::Username,
        _ => return Err(HttpError::not_found()),
    };
    let value = percent_decode_str(&value).decode_utf8().map_err(|_| HttpError::not_found())?;
    let value = if kind == AddressKind::Phone { value.trim_start_matches('+') } else { &value }.to_owned();
    let address = Address { kind, value };
    app.submit(Command::RemoveAddress { agent: caller.agent, contact, address }).await?;
    after(app, StatusCode::OK, contact).await
}

/// `DELETE /api/contacts/{id}/assigned`.
pub(in crate::http) async fn unassign(
    app: &Arc<App>,
    caller: Caller,
    contact: ContactId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    asked.nothing().await?;
    app.submit(Command::UnassignContact { agent: caller.agent, contact }).await?;
    Ok(response::empty())
}

/// `POST /api/contacts/{id}/interactions`.
pub(in crate::http) async fn create_interaction(
    app: &Arc<App>,
    caller: Caller,
    contact: ContactId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let body: InteractionBody = asked.json().await?;
    let channel = ChannelId(body.channel_id);
    let done = app.submit(Command::CreateInteraction { agent: caller.agent, contact, channel }).await?;
    let id = done.events.iter().find_map(created).ok_or_else(HttpError::internal)?;
    let view = app
        .read(move |snapshot| {
            let row = snapshot.interaction(id)?.ok_or_else(HttpError::not_found)?;
            Ok(interaction_view(snapshot, row)?)
        })
        .await?;
    Ok(response::json(StatusCode::CREATED, &view))
}

#[allow(clippy::wildcard_enum_match_arm, reason = "looks for one kind, whatever others there are")]
fn added(event: &Event) -> Option<ContactId> {
    match event {
        Event::ContactAdded { contact, .. } => Some(contact.id),
        _ => None,
    }
}

#[allow(clippy::wildcard_enum_match_arm, reason = "looks for one kind, whatever others there are")]
fn created(event: &Event) -> Option<InteractionId> {
    match event {
        Event::InteractionCreated { interaction } => Some(interaction.id),
        _ => None,
    }
}

/// The contact after a command of this caller.
async fn after(app: &Arc<App>, status: StatusCode, id: ContactId) -> Result<Response<Body>, HttpError> {
    let read = move |snapshot: &Snapshot| snapshot.contact(id)?.ok_or_else(HttpError::not_found);
    Ok(response::json(status, &ContactView::of(app.read(read).await?)))
}

fn row_view(snapshot: &Snapshot, row: ContactRow) -> Result<WholeView, StoreError> {
    let newest = row.conversations.first();
    let last_message = match newest.and_then(|newest| newest.last_message) {
        Some(id) => snapshot.message(id)?.map(|message| message_view(snapshot, message)).transpose()?,
        None => None,
    };
    Ok(WholeView {
        row: RowView {
            contact: ContactView::of(row.contact),
            assigned: row.assigned,
            last_at: newest.and_then(last_at),
            last_message,
            last_agent_id: newest.and_then(|newest| newest.last_agent).map(|agent| agent.0),
            open: row.open.map(|open| OpenView {
                interaction_id: open.interaction.id.0,
                state: open.interaction.state.word(),
                owner_id: open.interaction.owner.map(|agent| agent.0),
            }),
        },
        conversations: row.conversations.iter().map(ConversationView::of).collect(),
    })
}

impl ConversationView {
    fn of(row: &ConversationRow) -> Self {
        Self {
            id: row.id.0,
            channel_id: row.channel.0,
            window_until: row.window_until.map(|at| at.0),
            last_at: last_at(row),
            opened_at: row.opened_at.0,
        }
    }
}

/// When something was said last, if anything was.
fn last_at(row: &ConversationRow) -> Option<i64> {
    row.last_message.map(|_| row.last_message_at.0)
}

fn trimmed(text: &str) -> String {
    text.trim().to_owned()
}

/// What was written; blanks are nothing.
fn written(text: &str) -> Option<String> {
    Some(trimmed(text)).filter(|text| !text.is_empty())
}

fn cursor(place: ContactPlace) -> String {
    let conversation = place.conversation.map_or(0, |conversation| conversation.0);
    format!("{}.{}.{conversation}", place.at.0, place.contact)
}

/// The place in a list that a cursor names.
fn place(cursor: &str) -> Option<ContactPlace> {
    let mut parts = cursor.split('.');
    let (at, contact, conversation) = (parts.next()?, parts.next()?, parts.next()?);
    let conversation: u64 = conversation.parse().ok()?;
    Some(ContactPlace {
        at: Timestamp(at.parse().ok()?),
        contact: ContactId(contact.parse().ok()?),
        conversation: (conversation > 0).then_some(ConversationId(conversation)),
    })
    .filter(|_| parts.next().is_none())
}
