//! The keys of case data: what the centre asks of each interaction, of which kind, in which order.

use std::sync::Arc;

use hyper::{Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::domain::case_data::{CaseKey, CaseKind};
use crate::domain::change::Change;
use crate::domain::event::Event;
use crate::domain::ids::CaseKeyId;
use crate::http::App;
use crate::http::api::case_data::CaseKeyView;
use crate::http::error::HttpError;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;
use crate::limits::{CASE_CHOICES_MAX, CASE_KEY_CHARS_MAX};

use super::{Versioned, created, name, names, shown, submit};

/// What a value must look like.
#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum KindName {
    Text,
    Number,
    Date,
    Boolean,
    Choice,
}

#[derive(Deserialize)]
struct KeyRules {
    label: String,
    kind: KindName,
    #[serde(default)]
    choices: Vec<String>,
    read_only: bool,
    on_offer: bool,
    required: bool,
}

#[derive(Deserialize)]
struct NewKey {
    key: String,
    #[serde(flatten)]
    rules: KeyRules,
}

#[derive(Deserialize)]
struct ChangedKey {
    version: String,
    #[serde(flatten)]
    rules: KeyRules,
}

#[derive(Serialize, Deserialize)]
struct Order {
    ids: Vec<u64>,
}

impl KeyRules {
    fn case_key(self, id: CaseKeyId, key: String, position: u32) -> Result<CaseKey, HttpError> {
        if self.required && self.read_only {
            let sentence = "What agents may not change they cannot be asked for. Choose one of the two.";
            return Err(HttpError::field("required", sentence));
        }
        let choices = if self.kind == KindName::Choice {
            let choices = names("choices", &self.choices, CASE_CHOICES_MAX)?;
            if choices.is_empty() {
                return Err(HttpError::field("choices", "Name at least one value to choose from."));
            }
            choices
        } else {
            Vec::new()
        };
        let kind = match self.kind {
            KindName::Text => CaseKind::Text,
            KindName::Number => CaseKind::Number,
            KindName::Date => CaseKind::Date,
            KindName::Boolean => CaseKind::Boolean,
            KindName::Choice => CaseKind::Choice,
        };
        let (read_only, on_offer, required) = (self.read_only, self.on_offer, self.required);
        let label = name("label", &self.label)?;
        Ok(CaseKey { id, key, label, kind, choices, read_only, on_offer, required, position })
    }
}

/// `GET case-keys`: in the administrator's order.
pub(super) async fn list(app: &Arc<App>) -> Result<Response<Body>, HttpError> {
    let case_keys = app.read(|snapshot| Ok(snapshot.case_keys()?)).await?;
    let views: Vec<_> = case_keys.into_iter().map(|case_key| Versioned::of(CaseKeyView::of(case_key))).collect();
    Ok(response::json(StatusCode::OK, &json!({ "case_keys": views })))
}

/// `POST case-keys`: at the end of the list.
pub(super) async fn add(app: &Arc<App>, caller: Caller, asked: Asked) -> Result<Response<Body>, HttpError> {
    let NewKey { key, rules } = asked.json().await?;
    let case_keys = app.read(|snapshot| Ok(snapshot.case_keys()?)).await?;
    let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
    if !(1..=CASE_KEY_CHARS_MAX).contains(&key.len()) || !key.bytes().all(plain) {
        let sentence = format!("A name has 1 to {CASE_KEY_CHARS_MAX} of the characters a-z, 0-9 and _.");
        return Err(HttpError::field("key", sentence));
    }
    if case_keys.iter().any(|known| known.key == key) {
        return Err(HttpError::field("key", "Another field has this name. Choose another one."));
    }
    let position = case_keys.iter().map(|known| known.position).max().unwrap_or(0).saturating_add(1);
    let case_key = rules.case_key(CaseKeyId(0), key, position)?;
    Ok(created(CaseKeyView::of(set(app, caller, None, case_key).await?)))
}

/// `PUT case-keys/{id}`: all but the name in the API, under which values are kept.
pub(super) async fn change(
    app: &Arc<App>,
    caller: Caller,
    id: CaseKeyId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let ChangedKey { version, rules } = asked.json().await?;
    let case_keys = app.read(|snapshot| Ok(snapshot.case_keys()?)).await?;
    let seen = case_keys.into_iter().find(|known| known.id == id).ok_or_else(HttpError::not_found)?;
    Versioned::of(CaseKeyView::of(seen.clone())).seen_as(&version)?;
    let case_key = rules.case_key(id, seen.key.clone(), seen.position)?;
    Ok(shown(CaseKeyView::of(set(app, caller, Some(seen), case_key).await?)))
}

/// `PUT case-keys/order`: all ids, each once.
pub(super) async fn order(app: &Arc<App>, caller: Caller, asked: Asked) -> Result<Response<Body>, HttpError> {
    let Order { ids } = asked.json().await?;
    submit(app, caller, Change::CaseKeyOrder(ids.into_iter().map(CaseKeyId).collect())).await?;
    list(app).await
}

#[allow(clippy::wildcard_enum_match_arm, reason = "looks for one kind, whatever others there are")]
async fn set(app: &Arc<App>, caller: Caller, seen: Option<CaseKey>, case_key: CaseKey) -> Result<CaseKey, HttpError> {
    let done = submit(app, caller, Change::CaseKey { seen, case_key }).await?;
    let set = done.events.iter().find_map(|event| match event {
        Event::CaseKeySet { case_key } => Some(case_key.clone()),
        _ => None,
    });
    set.ok_or_else(HttpError::internal)
}
