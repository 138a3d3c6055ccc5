//! Canned replies.

use serde::{Deserialize, Serialize};

use super::super::codec::{CodecError, Record};
use crate::domain::ids::ResponseId;
use crate::domain::response::Response;

/// A canned reply.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredResponse {
    id: u64,
    category: Vec<String>,
    title: String,
    shortcut: Option<String>,
    text: String,
}

impl Record for Response {
    const VERSION: u8 = 1;
    type Stored = StoredResponse;

    fn to_stored(&self) -> StoredResponse {
        StoredResponse {
            id: self.id.0,
            category: self.category.clone(),
            title: self.title.clone(),
            shortcut: self.shortcut.clone(),
            text: self.text.clone(),
        }
    }

    fn from_stored(stored: StoredResponse) -> Result<Self, CodecError> {
        let StoredResponse { id, category, title, shortcut, text } = stored;
        Ok(Self { id: ResponseId(id), category, title, shortcut, text })
    }
}
