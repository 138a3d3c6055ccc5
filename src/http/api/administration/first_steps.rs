//! What a new centre still needs: the list that the administration pages begin with.

use std::sync::Arc;

use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use crate::domain::agent::Role;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::response::{self, Body};

/// `GET first-steps`: in the order in which they are best done.
pub(super) async fn show(app: &Arc<App>) -> Result<Response<Body>, HttpError> {
    let steps = app
        .read(|snapshot| {
            let agents = snapshot.agents()?;
            let someone = agents.iter().any(|row| row.agent.role != Role::Administrator && !row.agent.disabled);
            Ok([
                ("number", snapshot.channels()?.iter().any(|row| row.channel.enabled)),
                ("agents", someone),
                ("queue", !snapshot.queues()?.is_empty()),
                ("outcomes", snapshot.dispositions()?.iter().any(|one| !one.retired)),
            ])
        })
        .await?;
    let steps: Vec<Value> = steps.iter().map(|(name, done)| json!({ "name": name, "done": done })).collect();
    Ok(response::json(StatusCode::OK, &json!({ "steps": steps })))
}
