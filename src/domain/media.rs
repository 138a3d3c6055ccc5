//! Files that travel with messages: what kind they are, where they lie, and whether they are here yet.
//!
//! The bytes lie beside the database under their hash; here is only what is known about them. Invariants: a file that
//! is ready has been read whole and hashed; what goes out keeps to the provider's types and sizes.

use std::fmt;

use super::hex::{hex, unhex};
use super::ids::{ChannelId, MessageId};
use super::time::Timestamp;
use crate::limits::{AUDIO_BYTES_MAX, DOCUMENT_BYTES_MAX, IMAGE_BYTES_MAX, STICKER_BYTES_MAX, VIDEO_BYTES_MAX};

/// The provider's kinds of messages with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A voice note or other sound.
    Audio,
    /// Any other file.
    Document,
    /// A sticker.
    Sticker,
}

impl MediaKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Image, Self::Video, Self::Audio, Self::Document, Self::Sticker];

    /// The provider's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Document => "document",
            Self::Sticker => "sticker",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The kind as which the provider takes a file of this type (whatsapp-cloud-api.md 2.2).
    #[must_use]
    pub fn of_type(mime_type: &str) -> Self {
        match mime_type {
            "image/jpeg" | "image/png" => Self::Image,
            "image/webp" => Self::Sticker,
            "video/mp4" | "video/3gpp" => Self::Video,
            "audio/aac" | "audio/amr" | "audio/mpeg" | "audio/mp4" | "audio/ogg" => Self::Audio,
            _ => Self::Document,
        }
    }

    /// The largest file that the provider takes, bytes.
    #[must_use]
    pub const fn bytes_max(self) -> u64 {
        match self {
            Self::Image => IMAGE_BYTES_MAX,
            Self::Video => VIDEO_BYTES_MAX,
            Self::Audio => AUDIO_BYTES_MAX,
            Self::Document => DOCUMENT_BYTES_MAX,
            Self::Sticker => STICKER_BYTES_MAX,
        }
    }

    /// Whether words may go along.
    #[must_use]
    pub const fn takes_caption(self) -> bool {
        matches!(self, Self::Image | Self::Video | Self::Document)
    }
}

/// SHA-256 of a file: its name on the disk.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileHash(pub [u8; 32]);

impl FileHash {
    /// In 64 hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> String {
        hex(&self.0)
    }

    /// The hash with these digits.
    #[must_use]
    pub fn of_hex(digits: &str) -> Option<Self> {
        unhex(digits).map(Self)
    }
}

impl fmt::Debug for FileHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "FileHash({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

/// A file that is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaFile {
    /// Its name on the disk.
    pub hash: FileHash,
    /// What it is, as far as its first bytes bear it out.
    pub mime_type: String,
    /// Its size.
    pub bytes: u64,
}

/// Where a message's file comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaSource {
    /// The provider keeps it under this id, for some days.
    Provider {
        /// The provider's id.
        id: String,
        /// The hash that the provider gave, in its spelling; possibly empty.
        sha256: String,
    },
    /// It was here before the message.
    Ours(FileHash),
}

/// A message with a file. Debug output leaves names and words out.
#[derive(Clone, PartialEq, Eq)]
pub struct MediaMessage {
    /// What kind.
    pub kind: MediaKind,
    /// The words that go along, possibly none.
    pub caption: String,
    /// The name that the sender gave the file.
    pub name: Option<String>,
    /// The type that the sender gave.
    pub mime_type: String,
    /// A voice note.
    pub voice: bool,
    /// Where the file comes from.
    pub source: MediaSource,
}

impl MediaMessage {
    /// What can be read: the name, then the words.
    #[must_use]
    pub fn words(&self) -> String {
        let parts = [self.name.as_deref().unwrap_or_default(), &self.caption];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Debug for MediaMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "MediaMessage({:?})", self.kind)
    }
}

/// How far the fetching of a file has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchState {
    /// To be tried from that instant on.
    Due(Timestamp),
    /// Here.
    Ready(MediaFile),
    /// Given up; the reason is for the log and the curious.
    Failed(String),
    /// It was here until a rule let it go.
    Removed,
}

/// The fetching of a message's file; for one of ours only once it is removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// Of which message.
    pub message: MessageId,
    /// With whose token.
    pub channel: ChannelId,
    /// How far.
    pub state: FetchState,
    /// How many times it was tried.
    pub attempt: u32,
}

/// How a try to fetch went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchOutcome {
    /// It is here.
    Stored(MediaFile),
    /// Again at that time.
    Retry(Timestamp, String),
    /// Trying again is useless.
    GiveUp(String),
}

#[cfg(test)]
mod tests {
    use super::{FileHash, MediaKind};

    #[test]
    fn a_hash_has_one_spelling() {
        let hash = FileHash([0xab; 32]);
        assert_eq!(FileHash::of_hex(&hash.hex()), Some(hash));
        for wrong in ["", "ab", &"x".repeat(64), &"é".repeat(32)] {
            assert_eq!(FileHash::of_hex(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn kinds_and_types_are_metas() {
        for (mime_type, kind) in [
            ("image/png", MediaKind::Image),
            ("image/gif", MediaKind::Document),
            ("image/webp", MediaKind::Sticker),
            ("audio/ogg", MediaKind::Audio),
            ("audio/wav", MediaKind::Document),
            ("video/3gpp", MediaKind::Video),
            ("application/pdf", MediaKind::Document),
        ] {
            assert_eq!(MediaKind::of_type(mime_type), kind, "{mime_type}");
            assert_eq!(MediaKind::of_word(kind.word()), Some(kind));
        }
    }
}
