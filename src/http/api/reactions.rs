//! Our reaction to a message.

use std::sync::Arc;

use hyper::{Response, StatusCode};
use serde::Deserialize;

use crate::domain::command::Command;
use crate::domain::ids::MessageId;
use crate::http::App;
use crate::http::api::messages;
use crate::http::error::HttpError;
use crate::http::request::Asked;
use crate::http::response::Body;
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
    messages::shown(app, StatusCode::OK, None, Some(message)).await
}
