//! Our reaction to a message.

use std::sync::Arc;

use hyper::{Response, StatusCode};
use serde::Deserialize;

use crate::domain::command::Command;
use crate::domain::ids::MessageId;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::reading::message_view;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;

#[derive(Deserialize)]
struct ReactionBody {
    /// Empty takes it back.
    emoji: String,
}

/// `PUT /api/messages/{id}/reaction`.
pub(in crate::http) async fn react(
    app: &Arc<App>,
    caller: Caller,
    message: MessageId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let ReactionBody { emoji } = asked.json().await?;
    app.submit(Command::React { agent: caller.agent, message, emoji }).await?;
    let view = app
        .read(move |snapshot| {
            let message = snapshot.message(message)?.ok_or_else(HttpError::not_found)?;
            Ok(message_view(snapshot, message)?)
        })
        .await?;
    Ok(response::json(StatusCode::OK, &view))
}
