//! Canned replies in the tables.

use serde::{Deserialize, Serialize};

use super::super::codec::{CodecError, Record, shape};
use crate::domain::ids::ResponseId;
use crate::domain::media::FileHash;
use crate::domain::response::{Attachment, Response};

/// A canned reply.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredResponse {
    first: StoredResponse1,
    /// Hash and name.
    attachments: Vec<([u8; 32], String)>,
}

/// The first shape of a canned reply.
#[derive(Serialize, Deserialize)]
struct StoredResponse1 {
    id: u64,
    category: Vec<String>,
    title: String,
    shortcut: Option<String>,
    text: String,
}

impl Record for Response {
    const VERSION: u8 = 2;
    type Stored = StoredResponse;

    fn to_stored(&self) -> StoredResponse {
        let first = StoredResponse1 {
            id: self.id.0,
            category: self.category.clone(),
            title: self.title.clone(),
            shortcut: self.shortcut.clone(),
            text: self.text.clone(),
        };
        let attachments = self.attachments.iter().map(|one| (one.file.0, one.name.clone())).collect();
        StoredResponse { first, attachments }
    }

    fn from_stored(stored: StoredResponse) -> Result<Self, CodecError> {
        let attachments = stored.attachments.into_iter();
        let attachments = attachments.map(|(hash, name)| Attachment { file: FileHash(hash), name }).collect();
        Ok(Self { attachments, ..response_in(stored.first) })
    }

    fn from_version(version: u8, payload: &[u8]) -> Result<Self, CodecError> {
        match version {
            1 => Ok(response_in(shape(payload)?)),
            2 => Self::from_stored(shape(payload)?),
            _ => Err(CodecError::Version(version)),
        }
    }
}

fn response_in(first: StoredResponse1) -> Response {
    let StoredResponse1 { id, category, title, shortcut, text } = first;
    Response { id: ResponseId(id), category, title, shortcut, text, attachments: Vec::new() }
}
