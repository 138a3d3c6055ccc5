//! Outcome codes: added, renamed, retired. What was decided with one keeps its name.

use std::sync::Arc;

use hyper::{Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::domain::change::Change;
use crate::domain::event::Event;
use crate::domain::ids::DispositionId;
use crate::domain::settings::Disposition;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;
use crate::http::view::DispositionView;

use super::{Versioned, created, name, shown, submit};

#[derive(Serialize, Deserialize)]
struct NewDisposition {
    /// Made of the label where there is none.
    code: Option<String>,
    label: String,
    parent_id: Option<u64>,
}

#[derive(Deserialize)]
struct ChangedDisposition {
    version: String,
    label: String,
    retired: bool,
}

/// `GET dispositions`: all of them, retired ones too.
pub(super) async fn list(app: &Arc<App>) -> Result<Response<Body>, HttpError> {
    let dispositions = app.read(|snapshot| Ok(snapshot.dispositions()?)).await?;
    let views: Vec<_> = dispositions.into_iter().map(|one| Versioned::of(DispositionView::of(one))).collect();
    Ok(response::json(StatusCode::OK, &json!({ "dispositions": views })))
}

/// `POST dispositions`.
#[allow(clippy::wildcard_enum_match_arm, reason = "looks for one kind, whatever others there are")]
pub(super) async fn add(app: &Arc<App>, caller: Caller, asked: Asked) -> Result<Response<Body>, HttpError> {
    let NewDisposition { code, label, parent_id } = asked.json().await?;
    let label = name("label", &label)?;
    let code = name("code", &code.filter(|code| !code.trim().is_empty()).unwrap_or_else(|| code_of(&label)))?;
    let parent = parent_id.map(DispositionId);
    let done = submit(app, caller, Change::AddDisposition { code, label, parent }).await?;
    let added = done.events.iter().find_map(|event| match event {
        Event::DispositionAdded { disposition } => Some(disposition.clone()),
        _ => None,
    });
    Ok(created(DispositionView::of(added.ok_or_else(HttpError::internal)?)))
}

/// `Parcel lost!` becomes `parcel_lost`.
fn code_of(label: &str) -> String {
    let words = label.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("_")
}

/// `PUT dispositions/{id}`.
pub(super) async fn change(
    app: &Arc<App>,
    caller: Caller,
    id: DispositionId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let ChangedDisposition { version, label, retired } = asked.json().await?;
    let dispositions = app.read(|snapshot| Ok(snapshot.dispositions()?)).await?;
    let seen = dispositions.into_iter().find(|one| one.id == id).ok_or_else(HttpError::not_found)?;
    Versioned::of(DispositionView::of(seen.clone())).seen_as(&version)?;
    let disposition = Disposition { label: name("label", &label)?, retired, ..seen.clone() };
    submit(app, caller, Change::Disposition { seen, disposition: disposition.clone() }).await?;
    Ok(shown(DispositionView::of(disposition)))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_code_is_made_of_the_words_of_the_label() {
        for (label, code) in [("Parcel lost!", "parcel_lost"), ("  Gelöst ", "gelöst"), ("A/B", "a_b"), ("!", "")] {
            assert_eq!(super::code_of(label), code, "{label}");
        }
    }
}
