//! The audit log, page by page, for administrators.

use std::collections::BTreeMap;
use std::sync::Arc;

use hyper::{Response, StatusCode};
use serde::Serialize;

use crate::domain::hex::hex;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::limits::AUDIT_PAGE_MAX;
use crate::store::{AuditCheck, AuditRow};

/// One entry. Names of people come beside it, because they may change.
#[derive(Serialize)]
struct EntryView {
    number: u64,
    at: i64,
    who: String,
    agent_id: Option<u64>,
    address: String,
    browser: String,
    action: String,
    subject: String,
    subject_id: Option<u64>,
    detail: String,
    hash: String,
}

#[derive(Serialize)]
struct AuditView {
    entries: Vec<EntryView>,
    /// Where the next page begins; `null` after the last one.
    next_before: Option<u64>,
    /// The logins of the agents whom the entries name.
    logins: BTreeMap<u64, String>,
}

#[derive(Serialize)]
struct CheckView {
    whole: bool,
    entries: u64,
    removed: u64,
    broken_at: Option<u64>,
}

impl EntryView {
    fn of(number: u64, AuditRow { entry, hash, .. }: AuditRow) -> Self {
        Self {
            number,
            at: entry.at,
            who: entry.who,
            agent_id: entry.agent,
            address: entry.address,
            browser: entry.browser,
            action: entry.action,
            subject: entry.subject,
            subject_id: entry.subject_id,
            detail: entry.detail,
            hash: hex(&hash),
        }
    }
}

/// `GET /api/administration/audit?before=&limit=`.
pub(in crate::http) async fn list(app: &Arc<App>, asked: &Asked) -> Result<Response<Body>, HttpError> {
    let number = |name: &str| -> Result<Option<u64>, HttpError> {
        let Some(text) = asked.query(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        let refused = |_| HttpError::bad_request(format!("`{name}` is a whole number."));
        Ok(Some(text.parse().map_err(refused)?))
    };
    let before = number("before")?;
    let limit = number("limit")?.map_or(AUDIT_PAGE_MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let limit = limit.clamp(1, AUDIT_PAGE_MAX);
    let (rows, logins) = app
        .read(move |snapshot| {
            let logins = snapshot.agents()?.into_iter().map(|row| (row.agent.id.0, row.login));
            Ok((snapshot.audit(before, limit)?, logins.collect::<BTreeMap<_, _>>()))
        })
        .await?;
    let full = rows.len() == limit;
    let next_before = rows.last().map(|(number, _)| *number).filter(|number| full && *number > 1);
    let entries = rows.into_iter().map(|(number, row)| EntryView::of(number, row)).collect();
    Ok(response::json(StatusCode::OK, &AuditView { entries, next_before, logins }))
}

/// `GET /api/administration/audit/check`.
pub(in crate::http) async fn check(app: &Arc<App>) -> Result<Response<Body>, HttpError> {
    let view = match app.read(|snapshot| Ok(snapshot.audit_check()?)).await? {
        AuditCheck::Whole { entries, removed } => CheckView { whole: true, entries, removed, broken_at: None },
        AuditCheck::Broken { number } => CheckView { whole: false, entries: 0, removed: 0, broken_at: Some(number) },
    };
    Ok(response::json(StatusCode::OK, &view))
}
