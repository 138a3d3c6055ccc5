//! The whole URL map, and the way of a request through it.
//!
//! Apart so that one page shows everything that the server answers. Invariants: every path below `/api/` but the
//! sign-in has a caller; every unsafe one has an origin; the order of checks is the same for all.

use std::net::IpAddr;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::{Method, Request, Response};

use crate::domain::ids::{ConversationId, InteractionId, MessageId};

use super::api::interactions::Act;
use super::error::HttpError;
use super::request::Asked;
use super::response::Body;
use super::wire::Heard;
use super::{App, api, events, health, sign_in, webhook};

/// Numbers beyond this are not exact in a browser.
const ID_MAX: u64 = (1 << 53) - 1;

/// Everything that can be asked for.
enum Route<'p> {
    Page,
    Asset(&'p str, &'p str),
    Live,
    Ready,
    Handshake,
    Intake,
    SignIn,
    Called(Called),
}

/// What needs a sign-in.
enum Called {
    SignOut,
    Me,
    SetPresence,
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
    Retry(MessageId),
    Transcript(ConversationId),
    Search(Option<ConversationId>),
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
        ("GET", [""]) => return Some(Route::Page),
        ("GET", ["healthz"]) => return Some(Route::Live),
        ("GET", ["readyz"]) => return Some(Route::Ready),
        ("GET", ["webhooks", "whatsapp"]) => return Some(Route::Handshake),
        ("POST", ["webhooks", "whatsapp"]) => return Some(Route::Intake),
        ("POST", ["api", "sign-in"]) => return Some(Route::SignIn),

        ("POST", ["api", "sign-out"]) => Called::SignOut,
        ("GET", ["api", "me"]) => Called::Me,
        ("PUT", ["api", "presence"]) => Called::SetPresence,
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
        ("POST", ["api", "messages", of, "retry"]) => Called::Retry(MessageId(id(of)?)),
        ("GET", ["api", "conversations", of, "messages"]) => Called::Transcript(ConversationId(id(of)?)),
        ("GET", ["api", "conversations", of, "search"]) => Called::Search(Some(ConversationId(id(of)?))),
        ("GET", ["api", "search"]) => Called::Search(None),
        _ => return None,
    };
    Some(Route::Called(called))
}

/// Answers a request, whatever it is.
pub(super) async fn answer(app: &Arc<App>, request: Request<Incoming>, peer: IpAddr, heard: &Heard) -> Response<Body> {
    let (head, body) = request.into_parts();
    let asked = Asked { head, body, peer, body_read_max: app.limits.body_read_max };
    let checked = asked.check_framing(heard);
    heard.forget();
    let outcome = match checked {
        Ok(()) => route(app, asked).await,
        Err(error) => Err(error),
    };
    outcome.unwrap_or_else(HttpError::into_response)
}

async fn route(app: &Arc<App>, asked: Asked) -> Result<Response<Body>, HttpError> {
    let path = asked.head.uri.path().to_owned();
    // A HEAD is a GET whose body stays here; hyper leaves it out.
    let method = if asked.head.method == Method::HEAD { &Method::GET } else { &asked.head.method };
    let Some(found) = find(method, &path) else { return Err(refuse(&path)) };
    match found {
        Route::Page => Ok(app.assets.page(&asked.head.headers)),
        Route::Asset(hash, file) => app.assets.file(hash, file, &asked.head.headers),
        Route::Live => Ok(health::live()),
        Route::Ready => Ok(health::ready(app)),
        Route::Handshake => Ok(webhook::handshake(app, &asked).await),
        Route::Intake => webhook::intake(app, asked).await,
        Route::SignIn => {
            asked.check_origin()?;
            sign_in::sign_in(app, asked).await
        }
        Route::Called(called) => {
            if !matches!(asked.head.method, Method::GET | Method::HEAD) {
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
                Called::Snapshot => api::snapshot::snapshot(app, caller).await,
                Called::Events => events::open(app, &asked, caller).await,
                Called::Interaction(id) => api::interactions::show(app, caller, id).await,
                Called::Act(id, act) => api::interactions::act(app, caller, id, act, asked).await,
                Called::Transfer(id) => api::interactions::transfer(app, caller, id, asked).await,
                Called::Send(id) => api::messages::send(app, caller, id, asked).await,
                Called::Read(id) => api::messages::mark_read(app, caller, id, asked).await,
                Called::Typing(id) => api::messages::show_typing(app, caller, id, asked).await,
                Called::SetNote(id) => api::interactions::set_note(app, caller, id, asked).await,
                Called::SetDisposition(id) => api::interactions::set_disposition(app, caller, id, asked).await,
                Called::Retry(id) => api::messages::retry(app, caller, id, asked).await,
                Called::Search(within) => api::search::search(app, caller, within, &asked).await,
                Called::Transcript(id) => api::conversations::transcript(app, caller, id, &asked).await,
            }
        }
    }
}

/// Nothing there, or not for this method.
fn refuse(path: &str) -> HttpError {
    let known = [Method::GET, Method::POST, Method::PUT];
    let allowed: Vec<_> = known.iter().filter(|method| find(method, path).is_some()).map(Method::as_str).collect();
    if allowed.is_empty() { HttpError::not_found() } else { HttpError::method_not_allowed(allowed.join(", ")) }
}
