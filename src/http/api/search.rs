//! Search: in everything, or in one conversation.
//!
//! Invariant: what the caller may read goes into the question, and is never applied to the answer.

use std::sync::Arc;

use hyper::{Response, StatusCode};
use serde::Serialize;

use crate::domain::ids::ConversationId;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::reading::Viewer;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;
use crate::limits::{SEARCH_PAGE_DEFAULT, SEARCH_PAGE_MAX};
use crate::search::{Because, Hit, HitAuthor, HitKind, Page, Permitted, Question, Ranking, SearchError};

/// `GET /api/search` and `GET /api/conversations/{id}/search`.
pub(in crate::http) async fn search(
    app: &Arc<App>,
    caller: Caller,
    conversation: Option<ConversationId>,
    asked: &Asked,
) -> Result<Response<Body>, HttpError> {
    let limit = match asked.query("limit") {
        Some(limit) => limit.parse().map_err(|_| HttpError::bad_request("`limit` is no number."))?,
        None => SEARCH_PAGE_DEFAULT,
    };
    let order = match asked.query("order").as_deref() {
        None | Some("newest") => Ranking::Newest,
        Some("best") => Ranking::Best,
        Some(_) => return Err(HttpError::bad_request("`order` is newest or best.")),
    };
    let question = Question {
        query: asked.query("q").map_or_else(String::new, |query| query.to_string()),
        typing: asked.query("typing").is_some_and(|typing| typing == "1" || typing == "true"),
        conversation,
        permitted: Permitted::All,
        order,
        limit: limit.clamp(1, SEARCH_PAGE_MAX),
        counted: asked.query("count").is_none_or(|count| count != "false"),
        cursor: asked.query("cursor").map(|cursor| cursor.to_string()),
        time_zone: asked.query("time_zone").map(|zone| zone.to_string()),
    };
    let permitted = app
        .read(move |snapshot| {
            let permitted = Viewer::of(snapshot, caller.agent)?.permitted();
            match conversation {
                Some(id) if snapshot.conversation(id)?.is_none() => Err(HttpError::not_found()),
                Some(_) | None => Ok(permitted),
            }
        })
        .await?;
    let page = app.find(Question { permitted, ..question }).await?;
    Ok(response::json(StatusCode::OK, &PageView::of(page)))
}

impl From<SearchError> for HttpError {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::QueryTooLong => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "query_too_long", error.to_string())
            }
            SearchError::CursorInvalid => Self::bad_request(error.to_string()),
            SearchError::Unavailable => Self::search_unavailable(error.to_string()),
            SearchError::Store(error) => error.into(),
        }
    }
}

#[derive(Serialize)]
struct PageView {
    hits: Vec<HitView>,
    total: u64,
    total_is_exact: bool,
    cursor: Option<String>,
    read_as: Option<ReadAsView>,
    indexed_through: u64,
    indexing: Option<IndexingView>,
}

#[derive(Serialize)]
struct ReadAsView {
    query: String,
    because: &'static str,
}

#[derive(Serialize)]
struct IndexingView {
    done: u64,
    of: u64,
}

#[derive(Serialize)]
struct HitView {
    message_id: Option<u64>,
    kind: &'static str,
    interaction_id: Option<u64>,
    conversation_id: u64,
    contact: NamedView,
    agent_id: Option<u64>,
    author: &'static str,
    at: i64,
    snippet: String,
    marks: Vec<[u32; 2]>,
}

#[derive(Serialize)]
struct NamedView {
    id: u64,
    name: String,
}

impl PageView {
    fn of(page: Page) -> Self {
        let read_as = page.read_as.map(|(query, because)| ReadAsView {
            query,
            because: match because {
                Because::Corrected => "corrected",
                Because::PlainWords => "plain_words",
            },
        });
        Self {
            hits: page.hits.into_iter().map(HitView::of).collect(),
            total: page.total,
            total_is_exact: page.total_is_exact,
            cursor: page.cursor,
            read_as,
            indexed_through: page.indexed_through,
            indexing: page.indexing.map(|progress| IndexingView { done: progress.done, of: progress.of }),
        }
    }
}

impl HitView {
    fn of(hit: Hit) -> Self {
        let (author, agent_id) = match hit.author {
            HitAuthor::Contact => ("contact", None),
            HitAuthor::Agent(agent) => ("agent", agent.map(|agent| agent.0)),
            HitAuthor::System => ("system", None),
            HitAuthor::BusinessApp => ("business_app", None),
        };
        Self {
            message_id: hit.message.map(|id| id.0),
            kind: match hit.kind {
                HitKind::Message => "message",
                HitKind::Note => "note",
                HitKind::Contact => "contact",
            },
            interaction_id: hit.interaction.map(|id| id.0),
            conversation_id: hit.conversation.0,
            contact: NamedView { id: hit.contact.0, name: hit.contact_name.to_string() },
            agent_id,
            author,
            at: hit.at.0,
            snippet: hit.snippet,
            marks: hit.marks,
        }
    }
}
