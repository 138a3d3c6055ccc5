//! The control API under `/simulator/`: what the phone page, scripts and people use to play customers and to provoke
//! faults.
//!
//! Apart from Graph, because it is no part of Meta's contract. Invariant: nothing is changed by a request that another
//! site's page could make a browser send (only `application/json` is taken).

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::broadcast;
use tokio::time::timeout;

use super::customer::{CustomerFile, Shown};
use super::graph::error;
use super::graph::objects::digits;
use super::graph::query_value;
use super::server::{Body, file, full, json as json_answer};
use super::webhook::post;
use super::{Customer, Faults, Shared, WebhookError, webhook_uri};
use crate::limits;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCustomer {
    wa_id: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Switches {
    read_receipts: Option<bool>,
    offline: Option<bool>,
}

/// A text, or a tap on something that the business offered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewMessage {
    text: Option<String>,
    /// The message that the text answers.
    quoted: Option<String>,
    tapped: Option<Tapped>,
    reaction: Option<Reaction>,
    /// Any other of Meta's kinds, with its node as Meta has it: a place, a card, an edit, a deletion, an order …
    object: Option<SentObject>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SentObject {
    kind: String,
    node: Value,
    /// What the phone shows.
    #[serde(default)]
    text: String,
}

/// An emoji on a message of either side; empty takes it back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reaction {
    wamid: String,
    emoji: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tapped {
    kind: String,
    id: String,
    title: String,
    description: Option<String>,
    wamid: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Approval {
    status: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Webhook {
    url: String,
}

struct Refusal(StatusCode, String);

impl Refusal {
    fn unprocessable(detail: impl std::fmt::Display) -> Self {
        Self(StatusCode::UNPROCESSABLE_ENTITY, detail.to_string())
    }
}

/// Answers one request; `rest` is the path below `/simulator/`.
pub(crate) async fn answer(shared: &Arc<Shared>, parts: &Parts, rest: &str, body: &[u8]) -> Response<Body> {
    let method = parts.method.as_str();
    if method == "GET" && rest == "live" {
        return live(shared);
    }
    if let ("GET", Some(id)) = (method, rest.strip_prefix("media/")) {
        let found = shared.file_bytes(id);
        let missing = || json_answer(StatusCode::NOT_FOUND, &json!({"title": "There is no such file."}));
        return found.map_or_else(missing, |(mime_type, bytes)| file(&mime_type, bytes));
    }
    if let ("POST", ["customers", wa_id, "files"]) = (method, rest.split('/').collect::<Vec<_>>().as_slice()) {
        return match send_file(shared, wa_id, parts, body).await {
            Ok(value) => json_answer(StatusCode::OK, &value),
            Err(Refusal(status, title)) => json_answer(status, &json!({ "title": title })),
        };
    }
    let takes_json = parts
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/json"));
    if method != "GET" && !takes_json {
        let title = json!({"title": "The request has to be application/json."});
        return json_answer(StatusCode::UNSUPPORTED_MEDIA_TYPE, &title);
    }
    let segments: Vec<&str> = rest.split('/').collect();
    match route(shared, method, &segments, body).await {
        Ok(Value::Null) => {
            let mut response = Response::new(full(Bytes::new()));
            *response.status_mut() = StatusCode::NO_CONTENT;
            response
        }
        Ok(value) => json_answer(StatusCode::OK, &value),
        Err(Refusal(status, title)) => json_answer(status, &json!({ "title": title })),
    }
}

async fn route(shared: &Arc<Shared>, method: &str, segments: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    match (method, segments) {
        ("GET", ["faults"]) => Ok(json!(shared.dice().faults())),
        ("PUT", ["faults"]) => {
            let faults: Faults = read(body)?;
            let answer = json!(faults);
            shared.set_faults(faults);
            Ok(answer)
        }
        ("GET", ["errors"]) => Ok(error::all()),
        ("GET", ["standing"]) => Ok(json!(*shared.standing())),
        ("PUT", ["standing"]) => {
            *shared.standing() = read(body)?;
            Ok(Value::Null)
        }
        ("GET", ["counts"]) => Ok(json!(shared.counts())),
        ("GET", ["customers"]) => Ok(shared.world().watch().0["customers"].take()),
        ("POST", ["customers"]) => {
            let NewCustomer { wa_id, name } = read(body)?;
            let customer = customer(&wa_id, &name)?;
            Ok(shared.world().phone(&customer).view())
        }
        ("PUT", ["customers", wa_id]) => {
            let Switches { read_receipts, offline } = read(body)?;
            found(shared.switch_phone(wa_id, read_receipts, offline))
        }
        ("POST", ["customers", wa_id, "read"]) => found(shared.customer_reads(wa_id)),
        ("POST", ["customers", wa_id, "messages"]) => write(shared, wa_id, read(body)?).await,
        ("GET", ["templates"]) => Ok(shared.template_list()),
        ("PUT", ["templates", name, language]) => {
            let Approval { status } = read(body)?;
            if !shared.approve(name, language, &status) {
                return Err(Refusal(StatusCode::NOT_FOUND, "There is no such template or state.".to_owned()));
            }
            Ok(Value::Null)
        }
        ("PUT", ["webhook"]) => {
            let Webhook { url } = read(body)?;
            save_webhook(shared, &url).await.map_err(Refusal::unprocessable)?;
            Ok(Value::Null)
        }
        _ => Err(Refusal(StatusCode::NOT_FOUND, "There is nothing here.".to_owned())),
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal(StatusCode::BAD_REQUEST, error.to_string()))
}

fn found(there: bool) -> Result<Value, Refusal> {
    if there { Ok(Value::Null) } else { Err(unknown_customer()) }
}

fn unknown_customer() -> Refusal {
    Refusal(StatusCode::NOT_FOUND, "There is no such customer.".to_owned())
}

fn customer(number: &str, name: &str) -> Result<Customer, Refusal> {
    let wa_id = digits(number);
    let name = name.trim();
    if !(5..=20).contains(&wa_id.len()) {
        return Err(Refusal::unprocessable("A number has 5 to 20 digits, with its country code."));
    }
    if !(1..=limits::SIMULATOR_NAME_CHARS_MAX).contains(&name.chars().count()) {
        return Err(Refusal::unprocessable("A customer needs a name of at most 100 characters."));
    }
    Ok(Customer { wa_id, name: name.to_owned() })
}

async fn write(shared: &Arc<Shared>, wa_id: &str, message: NewMessage) -> Result<Value, Refusal> {
    let name = shared.world().known(wa_id).map(|phone| phone.name.clone());
    let customer = Customer { wa_id: wa_id.to_owned(), name: name.ok_or_else(unknown_customer)? };
    let wamid = match message {
        NewMessage { object: Some(object), text: None, quoted, tapped: None, reaction: None } => {
            let SentObject { kind, node, text } = object;
            if !(1..=limits::SIMULATOR_KIND_CHARS_MAX).contains(&kind.chars().count()) {
                return Err(Refusal::unprocessable("An object has a kind, such as location."));
            }
            shared.customer_sends_object(&customer, &kind, &node, text, quoted).await
        }
        NewMessage { text: Some(text), quoted, tapped: None, reaction: None, object: None }
            if !text.trim().is_empty() =>
        {
            shared.customer_answers(&customer, text, quoted).await
        }
        NewMessage { text: None, tapped: None, reaction: Some(Reaction { wamid, emoji }), .. } => {
            shared.customer_reacts(&customer, &wamid, &emoji).await
        }
        NewMessage { text: None, tapped: Some(tapped), reaction: None, .. } => tap(shared, &customer, tapped).await?,
        NewMessage { .. } => {
            return Err(Refusal::unprocessable("A message needs a text, an object, a reaction or something tapped."));
        }
    };
    Ok(json!({ "wamid": wamid }))
}

/// A file from the phone page: the bytes are the body, everything else stands in the query. The header that no form can
/// send keeps other pages out.
async fn send_file(shared: &Arc<Shared>, wa_id: &str, parts: &Parts, body: &[u8]) -> Result<Value, Refusal> {
    if !parts.headers.contains_key("x-phone") {
        return Err(Refusal::unprocessable("The header x-phone is missing."));
    }
    let query = parts.uri.query().unwrap_or_default();
    let value = |name: &str| query_value(query, name).map(std::borrow::Cow::into_owned).unwrap_or_default();
    let mime_type = value("type");
    let kind = match mime_type.split('/').next() {
        Some("image") if mime_type == "image/webp" => "sticker",
        Some("image") => "image",
        Some("video") => "video",
        Some("audio") => "audio",
        _ => "document",
    };
    let name = shared.world().known(wa_id).map(|phone| phone.name.clone());
    let customer = Customer { wa_id: wa_id.to_owned(), name: name.ok_or_else(unknown_customer)? };
    let bytes = Bytes::copy_from_slice(body);
    let file = CustomerFile { kind, name: value("name"), mime_type, caption: value("caption"), bytes };
    Ok(json!({ "wamid": shared.customer_sends_file(&customer, file).await }))
}

async fn tap(shared: &Arc<Shared>, customer: &Customer, tapped: Tapped) -> Result<String, Refusal> {
    let Tapped { kind, id, title, description, wamid } = tapped;
    let business = digits(&shared.config.display_number);
    let context = json!({"from": business, "id": wamid});
    let (message_kind, node) = match kind.as_str() {
        "button" => ("button", json!({"payload": id, "text": title})),
        "button_reply" => ("interactive", json!({"type": kind, "button_reply": {"id": id, "title": title}})),
        "list_reply" => {
            let mut reply = json!({"id": id, "title": title});
            if let Some(description) = description {
                reply["description"] = description.into();
            }
            ("interactive", json!({"type": kind, "list_reply": reply}))
        }
        _ => {
            return Err(Refusal::unprocessable("Only button, button_reply and list_reply can be tapped."));
        }
    };
    let shown = Shown { text: title, ..Shown::default() };
    Ok(shared.customer_sends(customer, message_kind, &node, Some(&context), shown).await)
}

async fn save_webhook(shared: &Shared, url: &str) -> Result<(), WebhookError> {
    let url = webhook_uri(url)?;
    post::verify(shared, &url).await?;
    shared.webhook_url.send_replace(Some(url));
    Ok(())
}

/// The phone page's stream: first the state, then every change. A page that lags too far behind is cut off; its
/// browser connects again and gets the state anew.
fn live(shared: &Shared) -> Response<Body> {
    let (snapshot, events) = {
        let (mut snapshot, events) = shared.world().watch();
        snapshot["faults"] = json!(shared.dice().faults());
        (snapshot, events)
    };
    let first = Some(format!("retry: 1000\ndata: {snapshot}\n\n"));
    let frames = stream::unfold((first, events), |(first, mut events)| async move {
        let text = match first {
            Some(text) => text,
            None => next_frame(&mut events).await?,
        };
        Some((Ok::<_, Infallible>(Frame::data(Bytes::from(text))), (None, events)))
    });
    let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn next_frame(events: &mut broadcast::Receiver<Arc<str>>) -> Option<String> {
    match timeout(Duration::from_secs(limits::SIMULATOR_LIVE_BEAT_S), events.recv()).await {
        Ok(Ok(event)) => Some(format!("data: {event}\n\n")),
        Ok(Err(broadcast::error::RecvError::Lagged(_) | broadcast::error::RecvError::Closed)) => None,
        Err(_) => Some(": beat\n\n".to_owned()),
    }
}
