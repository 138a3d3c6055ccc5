//! The Graph API as the business sees it: one match over method and path, and the access token in front of it.
//!
//! Apart from the HTTP server, so that everything here is about Meta's contract. Invariant: every refusal has Graph's
//! error shape; an object of another business and an unknown one are told apart by nobody.

pub(crate) mod account;
pub(crate) mod error;
pub(crate) mod media;
pub(crate) mod message;
pub(crate) mod objects;
pub(crate) mod rate;
mod send;
mod template;
pub(crate) mod template_shelf;

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use hyper::http::request::Parts;
use serde_json::Value;

use super::Shared;
use error::GraphError;

/// What a call is answered with.
pub(crate) enum Answer {
    Json(Value),
    File {
        mime_type: String,
        bytes: Bytes,
    },
    Error(GraphError),
    /// An error provoked on purpose.
    Provoked {
        http_status: u16,
        body: Option<Value>,
        retry_after_s: u32,
    },
    /// The connection is dropped.
    Dropped,
}

impl From<Result<Value, GraphError>> for Answer {
    fn from(result: Result<Value, GraphError>) -> Self {
        result.map_or_else(Self::Error, Self::Json)
    }
}

/// Answers one call; `body` is complete.
pub(crate) async fn answer(shared: &Arc<Shared>, parts: &Parts, body: Bytes) -> Answer {
    if !bears_token(parts, &shared.config.access_token) {
        return Answer::Error(GraphError::token());
    }
    let path = parts.uri.path();
    let query = parts.uri.query().unwrap_or_default();
    let mut segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    if segments.first().is_some_and(|segment| is_version(segment)) {
        segments.remove(0);
    }
    let method = parts.method.as_str();
    let config = &shared.config;
    let base_url = base_url(parts, shared);
    match (method, segments.as_slice()) {
        ("GET", ["whatsapp_business", "attachments"]) => shared.media().download(query, super::now_ms()),
        ("POST", [id, "messages"]) if *id == config.phone_number_id => send::answer(shared, &body).await,
        ("POST", [id, "media"]) if *id == config.phone_number_id => {
            let content_type = parts.headers.get("content-type").and_then(|value| value.to_str().ok());
            media::upload(shared, query, content_type.unwrap_or_default(), body).into()
        }
        (_, [id, rest @ ..]) if *id == config.phone_number_id => {
            objects::phone_number(shared, method, rest, query, &body).into()
        }
        (_, [id, rest @ ..]) if *id == config.business_account_id => {
            objects::business_account(shared, method, rest, query).into()
        }
        ("GET", ["me", rest @ ..]) => account::me(shared, rest, query).into(),
        ("GET", [id]) => shared
            .media()
            .describe(id, &base_url, super::now_ms())
            .ok_or_else(|| GraphError::unknown_object(method, id))
            .into(),
        ("DELETE", [id]) => {
            let removed = shared.media().remove(id);
            if removed {
                Answer::Json(serde_json::json!({"success": true}))
            } else {
                Answer::Error(GraphError::unknown_object(method, id))
            }
        }
        (_, [id, ..]) => Answer::Error(GraphError::unknown_object(method, id)),
        (_, []) => Answer::Error(GraphError::unknown_object(method, "")),
    }
}

impl Shared {
    /// Puts a file on the shelf; gives its id.
    pub(super) fn keep_file(&self, mime_type: String, bytes: Bytes) -> String {
        self.media().put(mime_type, bytes)
    }

    /// A file's type and bytes, for the phone page.
    pub(super) fn file_bytes(&self, id: &str) -> Option<(String, Bytes)> {
        self.media().bytes(id)
    }

    fn media(&self) -> std::sync::MutexGuard<'_, media::MediaShelf> {
        self.media.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn bears_token(parts: &Parts, token: &str) -> bool {
    let header = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
    header.and_then(|value| value.split_once(' ')).is_some_and(|(scheme, given)| {
        (scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth")) && given.trim() == token
    })
}

fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').and_then(|number| number.split_once('.')).is_some_and(|(major, minor)| {
        !major.is_empty() && !minor.is_empty() && major.bytes().chain(minor.bytes()).all(|digit| digit.is_ascii_digit())
    })
}

fn base_url(parts: &Parts, shared: &Shared) -> String {
    let host = parts.headers.get("host").and_then(|value| value.to_str().ok());
    host.map_or_else(|| format!("http://{}", shared.config.listen), |host| format!("http://{host}"))
}

/// The decoded value of a query parameter.
pub(crate) fn query_value<'a>(query: &'a str, name: &str) -> Option<Cow<'a, str>> {
    form_urlencoded::parse(query.as_bytes()).find_map(|(key, value)| (key == name).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_from_ids() {
        for (segment, expected) in [("v23.0", true), ("v9.1", true), ("v23", false), ("v.0", false), ("106", false)] {
            assert_eq!(is_version(segment), expected, "{segment}");
        }
    }

    #[test]
    fn query_values_are_decoded() {
        assert_eq!(query_value("a=1&fields=id%2Cname", "fields").as_deref(), Some("id,name"));
        assert_eq!(query_value("a=1", "b"), None);
    }
}
