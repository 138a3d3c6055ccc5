//! A conversation's transcript, page by page in both directions, with the contact and the interactions that the messages
//! belong to.
//!
//! Invariant: a page is read from one snapshot, so its messages, its edges and its interactions agree.

use std::collections::BTreeSet;
use std::sync::Arc;

use hyper::{Response, StatusCode};
use serde::Serialize;

use crate::domain::ids::{ConversationId, InteractionId, MessageId};
use crate::domain::message::Message;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::reading::message_view;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::view::{ContactView, MessageView};
use crate::limits::{TRANSCRIPT_PAGE_DEFAULT, TRANSCRIPT_PAGE_MAX};
use crate::store::{InteractionRow, Snapshot, StoreError, TranscriptPage, TranscriptPart};

/// `before` and `after` are cursors for what stands beyond the page's edges, `null` where nothing does.
#[derive(Serialize)]
struct TranscriptView {
    contact: ContactView,
    messages: Vec<MessageView>,
    interactions: Vec<ChapterView>,
    before: Option<String>,
    after: Option<String>,
}

/// What a separator in the transcript says about the interaction that begins there.
#[derive(Serialize)]
struct ChapterView {
    id: u64,
    queue_id: u64,
    agent_id: Option<u64>,
    created_at: i64,
    ended_at: Option<i64>,
    done_at: Option<i64>,
    disposition_id: Option<u64>,
}

/// `GET /api/conversations/{id}/messages`.
pub(in crate::http) async fn transcript(
    app: &Arc<App>,
    id: ConversationId,
    asked: &Asked,
) -> Result<Response<Body>, HttpError> {
    let part = part(asked)?;
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
            let page = snapshot.transcript_page(id, part, limit)?;
            let page = page.ok_or_else(|| HttpError::bad_request("No message of this conversation has this id."))?;
            Ok(view(snapshot, id, page)?)
        })
        .await?;
    Ok(response::json(StatusCode::OK, &view))
}

/// At most one of `before`, `after` and `around`; without any of them the end. A message's id is a cursor too.
fn part(asked: &Asked) -> Result<TranscriptPart, HttpError> {
    let mut part = TranscriptPart::End;
    for (name, of) in [
        ("before", TranscriptPart::Before as fn(MessageId) -> TranscriptPart),
        ("after", TranscriptPart::After),
        ("around", TranscriptPart::Around),
    ] {
        let Some(cursor) = asked.query(name) else { continue };
        if part != TranscriptPart::End {
            return Err(HttpError::bad_request("Only one of `before`, `after` and `around` can be asked for."));
        }
        let message = cursor.parse().map_err(|_| HttpError::bad_request("The cursor is none of ours."))?;
        part = of(MessageId(message));
    }
    Ok(part)
}

fn view(snapshot: &Snapshot, id: ConversationId, page: TranscriptPage) -> Result<TranscriptView, StoreError> {
    let conversation = snapshot.conversation(id)?;
    let contact = conversation.map(|row| snapshot.contact(row.contact)).transpose()?.flatten();
    let contact = contact.ok_or_else(|| StoreError::missing("the contact of a conversation"))?;
    let interactions: BTreeSet<InteractionId> =
        page.messages.iter().filter_map(|message| message.interaction).collect();
    let mut chapters = Vec::with_capacity(interactions.len());
    for id in interactions {
        chapters.extend(snapshot.interaction(id)?.map(|row| ChapterView::of(&row)));
    }
    let cursor = |message: Option<&Message>| message.map(|message| message.id.to_string());
    Ok(TranscriptView {
        contact: ContactView::of(contact),
        before: cursor(page.messages.first().filter(|_| page.older)),
        after: cursor(page.messages.last().filter(|_| page.newer)),
        interactions: chapters,
        messages: page.messages.into_iter().map(|message| message_view(snapshot, message)).collect::<Result<_, _>>()?,
    })
}

impl ChapterView {
    fn of(row: &InteractionRow) -> Self {
        let interaction = &row.interaction;
        Self {
            id: interaction.id.0,
            queue_id: interaction.queue.0,
            agent_id: interaction.owner.or(row.done.map(|(_, agent)| agent)).map(|agent| agent.0),
            created_at: interaction.created_at.0,
            ended_at: interaction.ended_at.map(|at| at.0),
            done_at: row.done.map(|(at, _)| at.0),
            disposition_id: interaction.disposition.map(|disposition| disposition.0),
        }
    }
}
