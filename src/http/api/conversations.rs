//! A conversation's transcript, page by page from the newest back.

use std::sync::Arc;

use hyper::{Response, StatusCode};

use crate::domain::ids::{ConversationId, MessageId};
use crate::domain::time::Timestamp;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::reading::message_view;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::view::TranscriptView;
use crate::limits::{TRANSCRIPT_PAGE_DEFAULT, TRANSCRIPT_PAGE_MAX};

/// `GET /api/conversations/{id}/messages`.
pub(in crate::http) async fn transcript(
    app: &Arc<App>,
    id: ConversationId,
    asked: &Asked,
) -> Result<Response<Body>, HttpError> {
    let before = match asked.query("before") {
        Some(cursor) => Some(place(&cursor).ok_or_else(|| HttpError::bad_request("`before` is no cursor of ours."))?),
        None => None,
    };
    let limit = match asked.query("limit") {
        Some(limit) => limit.parse().map_err(|_| HttpError::bad_request("`limit` is no number."))?,
        None => TRANSCRIPT_PAGE_DEFAULT,
    };
    let limit = limit.clamp(1, TRANSCRIPT_PAGE_MAX);
    let view = app
        .read(move |snapshot| {
            if snapshot.conversation(id)?.is_none() {
                return Err(HttpError::not_found());
            }
            // One more than asked for tells whether there are older ones.
            let mut messages = snapshot.transcript(id, before, limit + 1)?;
            let more = messages.len() > limit;
            if more {
                messages.remove(0);
            }
            let oldest = messages.first().filter(|_| more).map(|message| (message.at, message.id));
            Ok(TranscriptView {
                before: oldest.map(|(at, id)| format!("{}.{id}", at.0)),
                messages: messages
                    .into_iter()
                    .map(|message| message_view(snapshot, message))
                    .collect::<Result<_, _>>()?,
            })
        })
        .await?;
    Ok(response::json(StatusCode::OK, &view))
}

/// The place in a transcript that a cursor names.
fn place(cursor: &str) -> Option<(Timestamp, MessageId)> {
    let (at, id) = cursor.split_once('.')?;
    Some((Timestamp(at.parse().ok()?), MessageId(id.parse().ok()?)))
}
