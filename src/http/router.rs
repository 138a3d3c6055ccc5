//! The whole URL map, and the way of a request through it.
//!
//! Apart so that one page shows everything that the server answers. Invariants: every path below `/api/` but the
//! sign-in has a caller; every unsafe one has an origin; the order of checks is the same for all.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use hyper::body::Incoming;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use percent_encoding::percent_decode_str;
use tracing::Instrument as _;

use crate::domain::ids::{AgentId, ChannelId, ContactId, ConversationId, InteractionId, MessageId, ResponseId};

use super::api::administration;
use super::api::interactions::Act;
use super::assets::Document;
use super::error::HttpError;
use super::request::{Asked, Read};
use super::response::Body;
use super::{
    App, api, client, events, health, hosts, metrics, people_routes, response, set_up, sign_in, sign_in_steps, webhook,
};

/// Tells which request an answer belongs to, and its lines in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Numbers beyond this are not exact in a browser.
const ID_MAX: u64 = (1 << 53) - 1;

/// Everything that can be asked for.
enum Route<'p> {
    Document(Document),
    Worker,
    Asset(&'p str, &'p str),
    Root,
    Live,
    Ready,
    Metrics,
    Handshake,
    Intake,
    SignIn,
    SignInStep,
    SignInCode,
    SignInPassword,
    SetUp,
    Called(Called),
}

/// What needs a sign-in.
enum Called {
    SignOut,
    Me,
    SetPresence,
    SetAfterWork,
    Snapshot,
    Events,
    Interaction(InteractionId),
    Act(InteractionId, Act),
    Transfer(InteractionId),
    Send(InteractionId),
    Read(InteractionId),
    Typing(InteractionId),
    SetNote(InteractionId),
    SetDisposition(InteractionId),
    Invite(InteractionId),
    Leave(InteractionId, AgentId),
    SendInternal(InteractionId),
    SetCaseValue(InteractionId, String),
    Retry(MessageId),
    React(MessageId),
    Upload,
    ShowMedia(MessageId),
    FetchAgain(MessageId),
    Transcript(ConversationId),
    Search(Option<ConversationId>),
    Contacts,
    AddContact,
    Contact(ContactId),
    EditContact(ContactId),
    SetBlocked(ContactId),
    EraseContact(ContactId),
    AddAddress(ContactId),
    RemoveAddress(ContactId, (String, String)),
    Unassign(ContactId),
    CreateInteraction(ContactId),
    SetDraft(ConversationId),
    Watch(ConversationId),
    Watchers(ConversationId),
    ContactHistory(ContactId),
    History,
    Responses,
    AddResponse,
    ChangeResponse(ResponseId),
    RemoveResponse(ResponseId),
    Templates,
    SyncTemplates(ChannelId),
    Administration(administration::Route),
    People(people_routes::Route),
    Health,
}

/// The URL map.
fn find<'p>(method: &Method, path: &'p str) -> Option<Route<'p>> {
    if let Some((hash, file)) = path.strip_prefix("/assets/").and_then(|rest| rest.split_once('/')) {
        return (*method == Method::GET).then_some(Route::Asset(hash, file));
    }
    let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    let id = |text: &str| text.parse().ok().filter(|id| *id <= ID_MAX);
    let interaction = |text: &str| id(text).map(InteractionId);
    let called = match (method.as_str(), segments.as_slice()) {
        ("GET", [""]) => return Some(Route::Document(Document::Workspace)),
        ("GET", ["administration"]) => return Some(Route::Document(Document::Administration)),
        ("GET", ["service-worker.js"]) => return Some(Route::Worker),
        ("GET", ["root-certificate.pem"]) => return Some(Route::Root),
        ("GET", ["healthz"]) => return Some(Route::Live),
        ("GET", ["readyz"]) => return Some(Route::Ready),
        ("GET", ["metrics"]) => return Some(Route::Metrics),
        ("GET", ["webhooks", "whatsapp"]) => return Some(Route::Handshake),
        ("POST", ["webhooks", "whatsapp"]) => return Some(Route::Intake),
        ("POST", ["api", "sign-in"]) => return Some(Route::SignIn),
        ("GET", ["sign-in"]) => return Some(Route::Document(Document::Entry)),
        ("GET", ["api", "sign-in", "step"]) => return Some(Route::SignInStep),
        ("POST", ["api", "sign-in", "code"]) => return Some(Route::SignInCode),
        ("POST", ["api", "sign-in", "password"]) => return Some(Route::SignInPassword),
        ("GET", ["setup"]) => return Some(Route::Document(Document::Entry)),
        ("POST", ["api", "setup"]) => return Some(Route::SetUp),

        ("POST", ["api", "sign-out"]) => Called::SignOut,
        ("GET", ["api", "me"]) => Called::Me,
        ("PUT", ["api", "presence"]) => Called::SetPresence,
        ("PUT", ["api", "after-work"]) => Called::SetAfterWork,
        ("GET", ["api", "snapshot"]) => Called::Snapshot,
        ("GET", ["api", "events"]) => Called::Events,
        ("GET", ["api", "interactions", of]) => Called::Interaction(interaction(of)?),
        ("POST", ["api", "interactions", of, "accept"]) => Called::Act(interaction(of)?, Act::Accept),
        ("POST", ["api", "interactions", of, "reject"]) => Called::Act(interaction(of)?, Act::Reject),
        ("POST", ["api", "interactions", of, "end"]) => Called::Act(interaction(of)?, Act::End),
        ("POST", ["api", "interactions", of, "done"]) => Called::Act(interaction(of)?, Act::Done),
        ("POST", ["api", "interactions", of, "park"]) => Called::Act(interaction(of)?, Act::Park),
        ("POST", ["api", "interactions", of, "open"]) => Called::Act(interaction(of)?, Act::Open),
        ("POST", ["api", "interactions", of, "transfer"]) => Called::Transfer(interaction(of)?),
        ("POST", ["api", "interactions", of, "transfer", "accept"]) => Called::Act(interaction(of)?, Act::Accept),
        ("POST", ["api", "interactions", of, "transfer", "reject"]) => {
            Called::Act(interaction(of)?, Act::RejectTransfer)
        }
        ("POST", ["api", "interactions", of, "transfer", "cancel"]) => {
            Called::Act(interaction(of)?, Act::CancelTransfer)
        }
        ("POST", ["api", "interactions", of, "messages"]) => Called::Send(interaction(of)?),
        ("POST", ["api", "interactions", of, "read"]) => Called::Read(interaction(of)?),
        ("POST", ["api", "interactions", of, "typing"]) => Called::Typing(interaction(of)?),
        ("PUT", ["api", "interactions", of, "note"]) => Called::SetNote(interaction(of)?),
        ("PUT", ["api", "interactions", of, "disposition"]) => Called::SetDisposition(interaction(of)?),
        ("POST", ["api", "interactions", of, "participants"]) => Called::Invite(interaction(of)?),
        ("DELETE", ["api", "interactions", of, "participants", agent]) => {
            Called::Leave(interaction(of)?, AgentId(id(agent)?))
        }
        ("POST", ["api", "interactions", of, "internal-messages"]) => Called::SendInternal(interaction(of)?),
        ("PUT", ["api", "interactions", of, "case-data", key]) => {
            // The key is any text, so it comes encoded.
            let key = percent_decode_str(key).decode_utf8().ok()?;
            Called::SetCaseValue(interaction(of)?, key.into_owned())
        }
        ("POST", ["api", "messages", of, "retry"]) => Called::Retry(MessageId(id(of)?)),
        ("POST", ["api", "files"]) => Called::Upload,
        ("GET", ["api", "messages", of, "media"]) => Called::ShowMedia(MessageId(id(of)?)),
        ("POST", ["api", "messages", of, "media", "fetch"]) => Called::FetchAgain(MessageId(id(of)?)),
        ("PUT", ["api", "messages", of, "reaction"]) => Called::React(MessageId(id(of)?)),
        ("GET", ["api", "conversations", of, "messages"]) => Called::Transcript(ConversationId(id(of)?)),
        ("GET", ["api", "conversations", of, "search"]) => Called::Search(Some(ConversationId(id(of)?))),
        ("GET", ["api", "search"]) => Called::Search(None),
        ("PUT", ["api", "conversations", of, "draft"]) => Called::SetDraft(ConversationId(id(of)?)),
        ("POST", ["api", "conversations", of, "presence"]) => Called::Watch(ConversationId(id(of)?)),
        ("GET", ["api", "conversations", of, "presence"]) => Called::Watchers(ConversationId(id(of)?)),
        ("GET", ["api", "contacts"]) => Called::Contacts,
        ("POST", ["api", "contacts"]) => Called::AddContact,
        ("GET", ["api", "contacts", of]) => Called::Contact(ContactId(id(of)?)),
        ("PUT", ["api", "contacts", of]) => Called::EditContact(ContactId(id(of)?)),
        ("PUT", ["api", "contacts", of, "blocked"]) => Called::SetBlocked(ContactId(id(of)?)),
        ("POST", ["api", "contacts", of, "erase"]) => Called::EraseContact(ContactId(id(of)?)),
        ("POST", ["api", "contacts", of, "addresses"]) => Called::AddAddress(ContactId(id(of)?)),
        ("DELETE", ["api", "contacts", of, "addresses", kind, value]) => {
            Called::RemoveAddress(ContactId(id(of)?), ((*kind).to_owned(), (*value).to_owned()))
        }
        ("DELETE", ["api", "contacts", of, "assigned"]) => Called::Unassign(ContactId(id(of)?)),
        ("POST", ["api", "contacts", of, "interactions"]) => Called::CreateInteraction(ContactId(id(of)?)),
        ("GET", ["api", "contacts", of, "interactions"]) => Called::ContactHistory(ContactId(id(of)?)),
        ("GET", ["api", "history"]) => Called::History,
        ("GET", ["api", "responses"]) => Called::Responses,
        ("POST", ["api", "responses"]) => Called::AddResponse,
        ("PUT", ["api", "responses", of]) => Called::ChangeResponse(ResponseId(id(of)?)),
        ("DELETE", ["api", "responses", of]) => Called::RemoveResponse(ResponseId(id(of)?)),
        ("GET", ["api", "templates"]) => Called::Templates,
        ("POST", ["api", "channels", of, "templates", "sync"]) => Called::SyncTemplates(ChannelId(id(of)?)),
        ("GET", ["api", "administration", "health"]) => Called::Health,
        (method, ["api", rest @ ..]) => match people_routes::find(method, rest, id) {
            Some(route) => Called::People(route),
            None => Called::Administration(administration::find(method, rest.strip_prefix(&["administration"])?, id)?),
        },
        _ => return None,
    };
    Some(Route::Called(called))
}

/// Answers a request, whatever it is. `peer` is who holds the connection.
pub(super) async fn answer(app: &Arc<App>, request: Request<Incoming>, peer: IpAddr, read: Read<'_>) -> Response<Body> {
    let begun = Instant::now();
    let (head, body) = request.into_parts();
    let client = client::of(&app.rules, &head.headers, peer);
    let (id, class) = (app.traffic.next_id(), metrics::class(head.uri.path()));
    // The path itself may name people: only its class is logged.
    let span = tracing::info_span!("request", id = %id, class = metrics::class_name(class));
    let method = head.method.clone();
    let answer = async {
        let mut asked =
            Asked { head, body, peer: client.address, secure: client.secure, body_read_max: app.limits.body_read_max };
        let outcome = match asked.check_framing(read) {
            Ok(()) => app.origin(&asked).scope(route(app, asked)).await,
            Err(error) => Err(error),
        };
        let answer = outcome.unwrap_or_else(|error| error.into_response(Some(&id)));
        let (status, took) = (answer.status(), begun.elapsed());
        metrics::count(app, &method, class, status, took);
        if status.is_server_error() {
            tracing::warn!(%method, status = status.as_u16(), "a request could not be served");
        } else {
            tracing::debug!(%method, status = status.as_u16(), took_us = took.as_micros(), "answered");
        }
        answer
    };
    let mut answer = answer.instrument(span).await;
    if let Ok(id) = HeaderValue::from_str(&id) {
        answer.headers_mut().insert(REQUEST_ID, id);
    }
    response::sealed(answer, if client.secure { app.rules.hsts_days } else { 0 })
}

async fn route(app: &Arc<App>, asked: Asked) -> Result<Response<Body>, HttpError> {
    let path = asked.head.uri.path().to_owned();
    // A HEAD is a GET whose body stays here; hyper leaves it out.
    let method = if asked.head.method == Method::HEAD { &Method::GET } else { &asked.head.method };
    let Some(found) = find(method, &path) else { return Err(refuse(&path)) };
    // Who calls these proves nothing by a cookie, and may know the server by any name.
    if !matches!(found, Route::Live | Route::Ready | Route::Metrics | Route::Handshake | Route::Intake) {
        hosts::check(&app.rules, &asked.head.headers)?;
    }
    if app.set_up.is_due() {
        match &found {
            Route::Document(Document::Workspace | Document::Administration) => return Ok(set_up::lead_there()),
            Route::SignIn | Route::SignInStep | Route::SignInCode | Route::SignInPassword | Route::Called(_) => {
                return Err(HttpError::set_up_required());
            }
            Route::Document(Document::Entry)
            | Route::Worker
            | Route::Asset(..)
            | Route::Root
            | Route::Live
            | Route::Ready
            | Route::Metrics
            | Route::Handshake
            | Route::Intake
            | Route::SetUp => {}
        }
    }
    match found {
        Route::Document(document) => Ok(app.assets.document(document, &asked.head.headers)),
        Route::Worker => Ok(app.assets.worker(&asked.head.headers)),
        Route::Asset(hash, file) => app.assets.file(hash, file, &asked.head.headers),
        Route::Root => match &app.rules.root_certificate {
            Some(pem) => Ok(response::with_type(StatusCode::OK, "application/x-x509-ca-cert", pem.clone())),
            None => Err(HttpError::not_found()),
        },
        Route::Live => Ok(health::live()),
        Route::Ready => Ok(health::ready(app)),
        Route::Metrics => metrics::show(app, &asked).await,
        Route::Handshake => Ok(webhook::handshake(app, &asked).await),
        Route::Intake => webhook::intake(app, asked).await,
        Route::SignIn => {
            asked.check_origin()?;
            sign_in::sign_in(app, asked).await
        }
        Route::SignInStep => sign_in_steps::step(app, &asked),
        Route::SignInCode => {
            asked.check_origin()?;
            sign_in_steps::code(app, asked).await
        }
        Route::SignInPassword => {
            asked.check_origin()?;
            sign_in_steps::password(app, asked).await
        }
        Route::SetUp => {
            asked.check_origin()?;
            set_up::set_up(app, asked).await
        }
        Route::Called(called) => {
            if matches!(asked.head.method, Method::GET | Method::HEAD) {
                asked.check_site()?;
            } else {
                asked.check_origin()?;
            }
            let caller = app.caller(&asked)?;
            match called {
                Called::SignOut => {
                    asked.nothing().await?;
                    sign_in::sign_out(app, caller).await
                }
                Called::Me => api::agents::me(app, caller).await,
                Called::SetPresence => api::agents::set_presence(app, caller, asked).await,
                Called::SetAfterWork => api::agents::set_after_work(app, caller, asked).await,
                Called::Snapshot => api::snapshot::snapshot(app, caller).await,
                Called::Events => events::open(app, &asked, caller).await,
                Called::Interaction(id) => api::interactions::show(app, id).await,
                Called::Act(id, act) => api::interactions::act(app, caller, id, act, asked).await,
                Called::Transfer(id) => api::interactions::transfer(app, caller, id, asked).await,
                Called::Send(id) => api::messages::send(app, caller, id, asked).await,
                Called::Read(id) => api::messages::mark_read(app, caller, id, asked).await,
                Called::Typing(id) => api::messages::show_typing(app, caller, id, asked).await,
                Called::SetNote(id) => api::interactions::set_note(app, caller, id, asked).await,
                Called::SetDisposition(id) => api::interactions::set_disposition(app, caller, id, asked).await,
                Called::Invite(id) => api::collaboration::invite(app, caller, id, asked).await,
                Called::Leave(id, colleague) => api::collaboration::leave(app, caller, id, colleague).await,
                Called::SendInternal(id) => api::collaboration::send_internal(app, caller, id, asked).await,
                Called::SetCaseValue(id, key) => api::case_data::set_value(app, caller, id, key, asked).await,
                Called::Upload => api::files::upload(app, caller, asked).await,
                Called::ShowMedia(id) => api::files::show(app, caller, id, &asked).await,
                Called::FetchAgain(id) => api::files::fetch_again(app, caller, id, asked).await,
                Called::React(id) => api::reactions::react(app, caller, id, asked).await,
                Called::Retry(id) => api::messages::retry(app, caller, id, asked).await,
                Called::Search(within) => api::search::search(app, caller, within, &asked).await,
                Called::Transcript(id) => api::conversations::transcript(app, id, &asked).await,
                Called::Contacts => api::contacts::list(app, caller, &asked).await,
                Called::AddContact => api::contacts::add(app, caller, asked).await,
                Called::Contact(id) => api::contacts::show(app, caller, id).await,
                Called::EditContact(id) => api::contacts::edit(app, caller, id, asked).await,
                Called::SetBlocked(id) => api::contacts::set_blocked(app, caller, id, asked).await,
                Called::EraseContact(id) => api::contacts::erase(app, caller, id, asked).await,
                Called::AddAddress(id) => api::contacts::add_address(app, caller, id, asked).await,
                Called::RemoveAddress(id, address) => {
                    api::contacts::remove_address(app, caller, id, address, asked).await
                }
                Called::Unassign(id) => api::contacts::unassign(app, caller, id, asked).await,
                Called::CreateInteraction(id) => api::contacts::create_interaction(app, caller, id, asked).await,
                Called::SetDraft(id) => api::drafts::set(app, caller, id, asked).await,
                Called::Watch(id) => api::watchers::set(app, caller, id, asked).await,
                Called::Watchers(id) => api::watchers::show(app, id).await,
                Called::People(route) => people_routes::answer(app, caller, route, asked).await,
                Called::Templates => api::templates::list(app, &asked).await,
                Called::Administration(route) => administration::answer(app, caller, route, asked).await,
                Called::SyncTemplates(id) => api::templates::sync(app, caller, id, asked).await,
                Called::ContactHistory(id) => api::history::of_contact(app, id, &asked).await,
                Called::History => api::history::mine(app, caller, &asked).await,
                Called::Responses => api::responses::list(app).await,
                Called::AddResponse => api::responses::add(app, caller, asked).await,
                Called::ChangeResponse(id) => api::responses::change(app, caller, id, asked).await,
                Called::Health => api::health::show(app, caller).await,
                Called::RemoveResponse(id) => api::responses::remove(app, caller, id, asked).await,
            }
        }
    }
}

/// Nothing there, or not for this method.
fn refuse(path: &str) -> HttpError {
    let known = [Method::GET, Method::POST, Method::PUT, Method::DELETE];
    let found = known.iter().filter(|method| find(method, path).is_some()).map(Method::as_str);
    // Whatever can be got can be asked about.
    let allowed: Vec<_> =
        found.flat_map(|method| if method == "GET" { vec!["GET", "HEAD"] } else { vec![method] }).collect();
    if allowed.is_empty() { HttpError::not_found() } else { HttpError::method_not_allowed(allowed.join(", ")) }
}
