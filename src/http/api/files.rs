//! Files: taken from browsers, shown to them.
//!
//! Apart from messages because bytes pass through here that nobody holds in memory. Invariants: a browser is only told
//! to show what cannot run; a file is read only by people who work here.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::header::{self, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::json;
use tokio::time::{Instant, timeout_at};

use crate::domain::command::Command;
use crate::domain::ids::MessageId;
use crate::domain::media::{FileHash, MediaFile, MediaKind, MediaMessage, MediaSource};
use crate::domain::message::Content;
use crate::domain::rejection::Rejection;
use crate::http::App;
use crate::http::api::messages;
use crate::http::error::HttpError;
use crate::http::reading::{Viewer, file};
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;
use crate::limits::{DOCUMENT_BYTES_MAX, UPLOAD_MS_MAX};
use crate::media::{Draft, is_inline, trusted_type};

/// What runs in a file that is opened by itself: nothing.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");

/// A file that somebody wants to send.
#[derive(serde::Deserialize)]
pub(in crate::http) struct FileBody {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    caption: String,
    #[serde(default)]
    voice: bool,
}

impl FileBody {
    /// The message that this file makes.
    pub(in crate::http) async fn content(self, app: &Arc<App>) -> Result<Content, HttpError> {
        let hash = FileHash::of_hex(&self.id).ok_or(Rejection::UnknownFile)?;
        let file = app.read(move |snapshot| Ok(snapshot.file(hash)?)).await?.ok_or(Rejection::UnknownFile)?;
        Ok(Content::Media(Box::new(MediaMessage {
            kind: MediaKind::of_type(&file.mime_type),
            caption: self.caption.trim().to_owned(),
            name: Some(self.name).filter(|name| !name.is_empty()),
            // Meta takes Ogg alone as a voice note; the recorder's other forms go out as sound.
            voice: self.voice && file.mime_type == "audio/ogg",
            mime_type: file.mime_type,
            source: MediaSource::Ours(hash),
        })))
    }
}

/// `POST /api/files`: the body is the file; its type stands in the header, and is believed as far as the bytes allow.
pub(in crate::http) async fn upload(app: &Arc<App>, caller: Caller, asked: Asked) -> Result<Response<Body>, HttpError> {
    let _place = app.uploads.try_acquire().map_err(|_| HttpError::overloaded().closing())?;
    let announced = asked.head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let announced = announced.unwrap_or_default().to_owned();
    let draft = received(app, asked).await?;
    let draft = blocking(move || draft.as_voice_note()).await?;
    let mime_type = trusted_type(draft.head(), &announced);
    let bytes = draft.bytes();
    let kind = MediaKind::of_type(&mime_type);
    if bytes == 0 || bytes > kind.bytes_max() {
        return Err(Rejection::FileTooLarge.into());
    }
    let kept = blocking(move || draft.keep()).await?;
    let hash = kept.hash;
    let file = MediaFile { hash, mime_type: mime_type.clone(), bytes };
    app.submit(Command::AddFile { agent: caller.agent, file }).await?;
    drop(kept);
    let view = json!({"id": hash.hex(), "mime_type": mime_type, "bytes": bytes, "type": kind.word()});
    Ok(response::json(StatusCode::CREATED, &view))
}

/// Writes the body down as it comes.
async fn received(app: &Arc<App>, asked: Asked) -> Result<Draft, HttpError> {
    let shelf = app.shelf.clone();
    let mut draft = blocking(move || shelf.draft()).await?;
    let deadline = Instant::now() + Duration::from_millis(UPLOAD_MS_MAX);
    let mut body = asked.body;
    loop {
        let stalled = Instant::now() + app.limits.head_read_max;
        let frame = match timeout_at(deadline.min(stalled), body.frame()).await {
            Ok(None) => return Ok(draft),
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(_))) | Err(_) => {
                return Err(HttpError::bad_request("The upload broke off. Try it again.").closing());
            }
        };
        let Ok(data) = frame.into_data() else { continue };
        if draft.bytes() + data.len() as u64 > DOCUMENT_BYTES_MAX {
            return Err(HttpError::from(Rejection::FileTooLarge).closing());
        }
        draft = blocking(move || draft.append(&data).map(|()| draft)).await?;
    }
}

/// Work with the disk, away from the threads that serve connections.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, HttpError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => {
            tracing::error!(%error, "the disk does not take a file");
            Err(HttpError::store_unavailable())
        }
        Err(_) => Err(HttpError::internal()),
    }
}

/// `GET /api/messages/{id}/media`: the file of a message, or the part of it that is asked for.
pub(in crate::http) async fn show(
    app: &Arc<App>,
    caller: Caller,
    id: MessageId,
    asked: &Asked,
) -> Result<Response<Body>, HttpError> {
    let (file, name) = app
        .read(move |snapshot| {
            let message = snapshot.message(id)?.ok_or_else(HttpError::not_found)?;
            // Whoever works here reads every transcript.
            Viewer::of(snapshot, caller.agent)?;
            let file = file(snapshot, &message)?.0.ok_or_else(HttpError::not_found)?;
            let Content::Media(media) = message.content else { return Err(HttpError::not_found()) };
            Ok((file, media.name))
        })
        .await?;
    if asked.query("small").is_some() && file.mime_type.starts_with("image/") {
        let (_place, shelf) = (app.thumbnails.acquire().await, app.shelf.clone());
        let made = tokio::task::spawn_blocking(move || shelf.small(file.hash)).await;
        // What has no small form is shown as it is.
        if let Ok(Ok(bytes)) = made {
            return Ok(picture(bytes));
        }
    }
    let range = asked.head.headers.get(header::RANGE).and_then(|range| range.to_str().ok());
    let part = match range.map(|range| part_of(range, file.bytes)) {
        Some(Part::None) => return Ok(unsatisfied(file.bytes)),
        Some(Part::Of(from, until)) => Some((from, until)),
        Some(Part::Whole) | None => None,
    };
    let (from, until) = part.unwrap_or((0, file.bytes));
    let shelf = app.shelf.clone();
    let chunks = blocking(move || shelf.chunks(file.hash, from, until - from)).await?;
    let mut response = Response::new(Body::Parts(chunks, until - from));
    if part.is_some() {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    let inline = is_inline(&file.mime_type);
    let content_type = if inline { file.mime_type.as_str() } else { "application/octet-stream" };
    let headers = response.headers_mut();
    let mut set = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, content_type);
    set(header::CONTENT_DISPOSITION, &disposition(inline, name.as_deref()));
    set(header::ACCEPT_RANGES, "bytes");
    set(header::CACHE_CONTROL, "private, max-age=3600");
    set(header::ETAG, &format!("\"{}\"", file.hash.hex()));
    if part.is_some() {
        set(header::CONTENT_RANGE, &format!("bytes {from}-{}/{}", until - 1, file.bytes));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    Ok(response)
}

/// A small picture: ours, whatever the original was. It never changes.
fn picture(bytes: bytes::Bytes) -> Response<Body> {
    let mut response = response::with_type(StatusCode::OK, "image/jpeg", bytes);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=86400"));
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    response
}

/// `POST /api/messages/{id}/media/fetch`: a file that was given up is tried again.
pub(in crate::http) async fn fetch_again(
    app: &Arc<App>,
    caller: Caller,
    message: MessageId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    asked.nothing().await?;
    app.submit(Command::FetchAgain { agent: caller.agent, message }).await?;
    messages::shown(app, StatusCode::OK, None, Some(message)).await
}

/// How the browser is to take it, and under which name (RFC 6266).
fn disposition(inline: bool, name: Option<&str>) -> String {
    let how = if inline { "inline" } else { "attachment" };
    let name = name.unwrap_or(if inline { "" } else { "file" });
    if name.is_empty() {
        return how.to_owned();
    }
    let name = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
    format!("{how}; filename*=UTF-8''{name}")
}

/// What a `Range` header asks for (RFC 9110): one span, from and behind the last byte; several are answered whole.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Whole,
    Of(u64, u64),
    None,
}

fn part_of(range: &str, bytes: u64) -> Part {
    let Some(span) = range.strip_prefix("bytes=").filter(|span| !span.contains(',')) else { return Part::Whole };
    let Some((first, last)) = span.trim().split_once('-') else { return Part::Whole };
    let (from, until) = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(from), Ok(last)) if last >= from => (from, last.saturating_add(1).min(bytes)),
        (Ok(from), Err(_)) if last.is_empty() => (from, bytes),
        (Err(_), Ok(length)) if first.is_empty() => (bytes.saturating_sub(length), bytes),
        _ => return Part::Whole,
    };
    if from < until { Part::Of(from, until) } else { Part::None }
}

fn unsatisfied(bytes: u64) -> Response<Body> {
    let mut response = response::empty();
    *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
    if let Ok(value) = HeaderValue::from_str(&format!("bytes */{bytes}")) {
        response.headers_mut().insert(header::CONTENT_RANGE, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::{Part, disposition, part_of};

    #[test]
    fn a_range_is_one_span_of_the_file() {
        for (range, part) in [
            ("bytes=0-0", Part::Of(0, 1)),
            ("bytes=2-5", Part::Of(2, 6)),
            ("bytes=2-", Part::Of(2, 10)),
            ("bytes=-3", Part::Of(7, 10)),
            ("bytes=-30", Part::Of(0, 10)),
            ("bytes=8-99", Part::Of(8, 10)),
            ("bytes=10-", Part::None),
            ("bytes=-0", Part::None),
            ("bytes=5-2", Part::Whole),
            ("bytes=0-1,4-5", Part::Whole),
            ("lines=0-1", Part::Whole),
            ("bytes=x-", Part::Whole),
        ] {
            assert_eq!(part_of(range, 10), part, "{range}");
        }
    }

    #[test]
    fn a_strangers_file_name_stays_inside_its_header() {
        assert_eq!(disposition(true, None), "inline");
        assert_eq!(disposition(false, None), "attachment; filename*=UTF-8''file");
        assert_eq!(
            disposition(false, Some("a\"\r\nb é.pdf")),
            "attachment; filename*=UTF-8''a%22%0D%0Ab%20%C3%A9%2Epdf"
        );
    }
}
