//! What was before: with a contact, and what the agent handled.

use std::str::FromStr;
use std::sync::Arc;

use hyper::{Response, StatusCode};
use serde::Serialize;

use crate::domain::ids::{AgentId, ChannelId, ContactId, DispositionId, InteractionId, QueueId};
use crate::domain::time::Timestamp;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::reading::interaction_view;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;
use crate::http::view::InteractionView;
use crate::limits::{HISTORY_PAGE_DEFAULT, HISTORY_PAGE_MAX};
use crate::store::{HistoryFilter, HistoryPage, Snapshot};

#[derive(Serialize)]
struct HistoryView {
    interactions: Vec<InteractionView>,
    before: Option<String>,
}

/// What a query asks for.
struct Wanted {
    filter: HistoryFilter,
    before: Option<InteractionId>,
    limit: usize,
}

impl Wanted {
    fn of(asked: &Asked) -> Result<Self, HttpError> {
        let open = match asked.query("state").as_deref() {
            None | Some("") => None,
            Some("open") => Some(true),
            Some("done") => Some(false),
            Some(_) => return Err(HttpError::bad_request("`state` is `open` or `done`.")),
        };
        Ok(Self {
            filter: HistoryFilter {
                channel: number(asked, "channel_id")?.map(ChannelId),
                queue: number(asked, "queue_id")?.map(QueueId),
                agent: number(asked, "agent_id")?.map(AgentId),
                disposition: number(asked, "disposition_id")?.map(DispositionId),
                open,
                from: number(asked, "from")?.map(Timestamp),
                until: number(asked, "until")?.map(Timestamp),
                contact: asked.query("q").filter(|words| !words.trim().is_empty()).map(std::borrow::Cow::into_owned),
            },
            before: number(asked, "before")?.map(InteractionId),
            limit: number(asked, "limit")?.unwrap_or(HISTORY_PAGE_DEFAULT).clamp(1, HISTORY_PAGE_MAX),
        })
    }
}

fn number<N: FromStr>(asked: &Asked, name: &str) -> Result<Option<N>, HttpError> {
    let field = asked.query(name).filter(|field| !field.is_empty());
    field.map(|field| field.parse().map_err(|_| HttpError::bad_request(format!("`{name}` is no number.")))).transpose()
}

/// `GET /api/contacts/{id}/interactions`: the whole centre's, because the history with a contact is everybody's.
pub(in crate::http) async fn of_contact(
    app: &Arc<App>,
    contact: ContactId,
    asked: &Asked,
) -> Result<Response<Body>, HttpError> {
    let Wanted { filter, before, limit } = Wanted::of(asked)?;
    let view = app
        .read(move |snapshot| {
            snapshot.contact(contact)?.ok_or_else(HttpError::not_found)?;
            view(snapshot, snapshot.history_of_contact(contact, &filter, before, limit)?)
        })
        .await?;
    Ok(response::json(StatusCode::OK, &view))
}

/// `GET /api/history`: what the caller handled.
pub(in crate::http) async fn mine(app: &Arc<App>, caller: Caller, asked: &Asked) -> Result<Response<Body>, HttpError> {
    let Wanted { filter, before, limit } = Wanted::of(asked)?;
    let view = app
        .read(move |snapshot| view(snapshot, snapshot.history_of_agent(caller.agent, &filter, before, limit)?))
        .await?;
    Ok(response::json(StatusCode::OK, &view))
}

fn view(snapshot: &Snapshot, page: HistoryPage) -> Result<HistoryView, HttpError> {
    let rows = page.interactions.into_iter();
    Ok(HistoryView {
        interactions: rows.map(|row| interaction_view(snapshot, row)).collect::<Result<_, _>>()?,
        before: page.before.map(|id| id.to_string()),
    })
}
