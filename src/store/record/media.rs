//! Files and their fetching.

use serde::{Deserialize, Serialize};

use super::super::codec::{CodecError, Record};
use crate::domain::ids::{ChannelId, MessageId};
use crate::domain::media::{Fetch, FetchState, FileHash, MediaFile, MediaKind, MediaMessage, MediaSource};
use crate::domain::time::Timestamp;

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum StoredMediaKind {
    Image,
    Video,
    Audio,
    Document,
    Sticker,
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum StoredMediaSource {
    Provider(String, String),
    Ours([u8; 32]),
}

/// Kind, caption, name, type, voice, source.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredMediaMessage(
    StoredMediaKind,
    String,
    Option<String>,
    String,
    bool,
    StoredMediaSource,
);

pub(in crate::store) fn media_out(media: &MediaMessage) -> StoredMediaMessage {
    let kind = match media.kind {
        MediaKind::Image => StoredMediaKind::Image,
        MediaKind::Video => StoredMediaKind::Video,
        MediaKind::Audio => StoredMediaKind::Audio,
        MediaKind::Document => StoredMediaKind::Document,
        MediaKind::Sticker => StoredMediaKind::Sticker,
    };
    let source = match &media.source {
        MediaSource::Provider { id, sha256 } => StoredMediaSource::Provider(id.clone(), sha256.clone()),
        MediaSource::Ours(hash) => StoredMediaSource::Ours(hash.0),
    };
    StoredMediaMessage(kind, media.caption.clone(), media.name.clone(), media.mime_type.clone(), media.voice, source)
}

pub(in crate::store) fn media_in(stored: StoredMediaMessage) -> MediaMessage {
    let StoredMediaMessage(kind, caption, name, mime_type, voice, source) = stored;
    let kind = match kind {
        StoredMediaKind::Image => MediaKind::Image,
        StoredMediaKind::Video => MediaKind::Video,
        StoredMediaKind::Audio => MediaKind::Audio,
        StoredMediaKind::Document => MediaKind::Document,
        StoredMediaKind::Sticker => MediaKind::Sticker,
    };
    let source = match source {
        StoredMediaSource::Provider(id, sha256) => MediaSource::Provider { id, sha256 },
        StoredMediaSource::Ours(hash) => MediaSource::Ours(FileHash(hash)),
    };
    MediaMessage { kind, caption, name, mime_type, voice, source }
}

/// Hash, type, bytes.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredFile([u8; 32], String, u64);

impl Record for MediaFile {
    const VERSION: u8 = 1;
    type Stored = StoredFile;

    fn to_stored(&self) -> StoredFile {
        StoredFile(self.hash.0, self.mime_type.clone(), self.bytes)
    }

    fn from_stored(StoredFile(hash, mime_type, bytes): StoredFile) -> Result<Self, CodecError> {
        Ok(Self { hash: FileHash(hash), mime_type, bytes })
    }
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum StoredFetchState {
    Due(i64),
    Ready(StoredFile),
    Failed(String),
    Removed,
}

/// Message, channel account, state, attempt.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredFetch(u64, u64, StoredFetchState, u32);

impl Record for Fetch {
    const VERSION: u8 = 1;
    type Stored = StoredFetch;

    fn to_stored(&self) -> StoredFetch {
        let state = match &self.state {
            FetchState::Due(at) => StoredFetchState::Due(at.0),
            FetchState::Ready(file) => StoredFetchState::Ready(file.to_stored()),
            FetchState::Failed(reason) => StoredFetchState::Failed(reason.clone()),
            FetchState::Removed => StoredFetchState::Removed,
        };
        StoredFetch(self.message.0, self.channel.0, state, self.attempt)
    }

    fn from_stored(StoredFetch(message, channel, state, attempt): StoredFetch) -> Result<Self, CodecError> {
        let state = match state {
            StoredFetchState::Due(at) => FetchState::Due(Timestamp(at)),
            StoredFetchState::Ready(file) => FetchState::Ready(MediaFile::from_stored(file)?),
            StoredFetchState::Failed(reason) => FetchState::Failed(reason),
            StoredFetchState::Removed => FetchState::Removed,
        };
        Ok(Self { message: MessageId(message), channel: ChannelId(channel), state, attempt })
    }
}
