//! The browsers in which somebody has signed in: one's own, and anybody's for administrators.
//!
//! A sign-in is named by the first bytes of its hash: enough to point at it, and nothing to get in with.

use std::sync::Arc;

use hyper::{Response, StatusCode};
use serde::Serialize;

use crate::domain::command::Command;
use crate::domain::hex::hex;
use crate::domain::ids::{AgentId, TokenHash};
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;
use crate::store::SignInRow;

/// Bytes of the hash that name a sign-in.
const NAME_BYTES: usize = 8;

#[derive(Serialize)]
struct SignInView {
    id: String,
    started_at: i64,
    seen_at: i64,
    ends_at: i64,
    browser: Option<String>,
    address: Option<String>,
    /// The one that asks.
    current: bool,
}

#[derive(Serialize)]
struct SignInsView {
    sign_ins: Vec<SignInView>,
}

fn name(token: TokenHash) -> String {
    hex(&token.0[..NAME_BYTES])
}

impl SignInView {
    fn of(row: SignInRow, caller: Caller) -> Self {
        let said = |text: String| Some(text).filter(|text| !text.is_empty());
        let (browser, address) = row.origin.map_or((None, None), |origin| (said(origin.browser), said(origin.address)));
        Self {
            id: name(row.token),
            started_at: row.sign_in.started_at.0,
            seen_at: row.sign_in.seen_at.0,
            ends_at: row.sign_in.ends_at().0,
            browser,
            address,
            current: row.token == caller.token,
        }
    }
}

/// `GET /api/me/sign-ins`, `GET /api/administration/people/{id}/sign-ins`.
pub(in crate::http) async fn list(app: &Arc<App>, caller: Caller, of: AgentId) -> Result<Response<Body>, HttpError> {
    let rows = app.read(move |snapshot| Ok(snapshot.sign_ins_of(of)?)).await?;
    let sign_ins = rows.into_iter().map(|row| SignInView::of(row, caller)).collect();
    Ok(response::json(StatusCode::OK, &SignInsView { sign_ins }))
}

/// `DELETE …/sign-ins/{id}`.
pub(in crate::http) async fn end(
    app: &Arc<App>,
    of: AgentId,
    id: &str,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    asked.nothing().await?;
    let rows = app.read(move |snapshot| Ok(snapshot.sign_ins_of(of)?)).await?;
    let found = rows.into_iter().find(|row| name(row.token) == id).ok_or_else(HttpError::not_found)?;
    let done = app.submit(Command::SignOut { token: found.token }).await?;
    app.feed.reached(done.seq).await;
    Ok(response::empty())
}

/// `DELETE …/sign-ins`: all of them, but the one that asks.
pub(in crate::http) async fn end_others(
    app: &Arc<App>,
    caller: Caller,
    of: AgentId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    asked.nothing().await?;
    let keep = (of == caller.agent).then_some(caller.token);
    let done = app.submit(Command::EndSignIns { agent: of, keep }).await?;
    app.feed.reached(done.seq).await;
    Ok(response::empty())
}
