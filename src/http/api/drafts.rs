//! What an agent writes and has not sent: kept for them, on whichever device they go on.

use std::sync::Arc;

use hyper::Response;
use serde::{Deserialize, Serialize};

use crate::domain::command::Command;
use crate::domain::ids::ConversationId;
use crate::domain::time::Timestamp;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;
use crate::store::Draft;

#[derive(Deserialize)]
struct DraftBody {
    text: String,
    at: i64,
}

/// A draft; one without words is gone.
#[derive(Serialize)]
pub(in crate::http) struct DraftView {
    conversation_id: u64,
    text: String,
    at: i64,
}

impl DraftView {
    pub(in crate::http) fn of(conversation: ConversationId, draft: Draft) -> Self {
        Self { conversation_id: conversation.0, text: draft.text, at: draft.written_at.0 }
    }

    /// The draft was sent or removed at that time.
    pub(in crate::http) fn gone(conversation: ConversationId, at: Timestamp) -> Self {
        Self { conversation_id: conversation.0, text: String::new(), at: at.0 }
    }
}

/// `PUT /api/conversations/{id}/draft`.
pub(in crate::http) async fn set(
    app: &Arc<App>,
    caller: Caller,
    conversation: ConversationId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let DraftBody { text, at } = asked.json().await?;
    app.submit(Command::SetDraft { agent: caller.agent, conversation, text, at: Timestamp(at) }).await?;
    Ok(response::empty())
}
