//! Case data: typed keys and values of an interaction.

use std::sync::Arc;

use hyper::Response;
use serde::{Deserialize, Serialize};

use crate::domain::case_data::{CaseData, CaseKey, CaseKind};
use crate::domain::command::Command;
use crate::domain::ids::InteractionId;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::request::Asked;
use crate::http::response::Body;
use crate::http::sign_in::Caller;
use crate::store::{Snapshot, StoreError};

use super::interactions;

#[derive(Deserialize)]
struct ValueBody {
    value: Option<String>,
}

/// A key on the administrator's list.
#[derive(Serialize)]
pub(in crate::http) struct CaseKeyView {
    id: u64,
    key: String,
    label: String,
    kind: &'static str,
    choices: Vec<String>,
    read_only: bool,
    on_offer: bool,
    required: bool,
}

/// A key and its value.
#[derive(Serialize)]
pub(in crate::http) struct CaseValueView {
    key: String,
    value: String,
}

impl CaseKeyView {
    pub(in crate::http) fn of(case_key: CaseKey) -> Self {
        let CaseKey { id, key, label, kind, choices, read_only, on_offer, required, position: _ } = case_key;
        let kind = match kind {
            CaseKind::Text => "text",
            CaseKind::Number => "number",
            CaseKind::Date => "date",
            CaseKind::Boolean => "boolean",
            CaseKind::Choice => "choice",
        };
        Self { id: id.0, key, label, kind, choices, read_only, on_offer, required }
    }
}

/// The values: those of the administrator's keys first, in their order, then those that were added.
pub(in crate::http) fn values(snapshot: &Snapshot, data: &CaseData) -> Result<Vec<CaseValueView>, StoreError> {
    if data.values.is_empty() {
        return Ok(Vec::new());
    }
    let listed = snapshot.case_keys()?;
    let mut values = data.values.clone();
    values.sort_by_key(|(key, _)| listed.iter().position(|listed| listed.key == *key).unwrap_or(listed.len()));
    Ok(values.into_iter().map(|(key, value)| CaseValueView { key, value }).collect())
}

/// `PUT /api/interactions/{id}/case-data/{key}`.
pub(in crate::http) async fn set_value(
    app: &Arc<App>,
    caller: Caller,
    interaction: InteractionId,
    key: String,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let ValueBody { value } = asked.json().await?;
    app.submit(Command::SetCaseValue { agent: caller.agent, interaction, key, value }).await?;
    interactions::show(app, interaction).await
}
