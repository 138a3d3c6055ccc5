//! What can be found: a message, a note with the outcome of an interaction, a contact in a conversation.
//!
//! An entry is made of the store's rows alone, so that following the journal and building anew give the same.

use crate::domain::time::Timestamp;

use super::analyzer::Analysis;
use super::schema;

/// What kind of thing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HitKind {
    /// A message.
    Message,
    /// The note and the outcome of an interaction.
    Note,
    /// A contact.
    Contact,
}

/// Which entry: the number of a message, an interaction or a conversation, with its kind. Order: by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key(pub(super) u64);

impl Key {
    pub(super) fn new(kind: HitKind, number: u64) -> Self {
        let kind = match kind {
            HitKind::Message => 0,
            HitKind::Note => 1,
            HitKind::Contact => 2,
        };
        Self(number << 2 | kind)
    }

    pub(super) fn kind(self) -> HitKind {
        match self.0 & 3 {
            0 => HitKind::Message,
            1 => HitKind::Note,
            _ => HitKind::Contact,
        }
    }

    pub(super) fn number(self) -> u64 {
        self.0 >> 2
    }
}

/// A property by which entries are filtered through a posting list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Facet(pub(super) u64);

impl Facet {
    const KINDS: u64 = 1 << 56;
    const AUTHORS: u64 = 2 << 56;
    const PROPERTIES: u64 = 3 << 56;

    /// Entries of one conversation.
    pub(super) const fn conversation(number: u64) -> Self {
        Self(number)
    }

    pub(super) const fn kind(kind: HitKind) -> Self {
        Self(Self::KINDS + kind as u64)
    }

    /// Written by the contact.
    pub(super) const FROM_CONTACT: Self = Self(Self::AUTHORS);
    /// Written by any agent.
    pub(super) const FROM_AGENTS: Self = Self(Self::AUTHORS + 1);

    /// Written by this agent.
    pub(super) const fn from_agent(number: u64) -> Self {
        Self(Self::AUTHORS + 16 + number)
    }

    /// With a picture, a file and so on, or failed.
    pub(super) const fn property(property: Property) -> Self {
        Self(Self::PROPERTIES + property as u64)
    }
}

/// What a message has or is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Property {
    /// A picture or a sticker.
    Image,
    /// A document.
    File,
    /// A voice or sound message.
    Audio,
    /// A film.
    Video,
    /// A place.
    Location,
    /// A contact card.
    Card,
    /// An address on the web.
    Link,
    /// It did not reach the contact.
    Failed,
}

/// One thing that can be found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) at: Timestamp,
    pub(super) conversation: u64,
    /// 0 where there is none.
    pub(super) interaction: u64,
    pub(super) facets: Vec<Facet>,
    /// The text as `schema::transport` writes it.
    pub(super) words: String,
    /// How many words that are, joined forms included.
    pub(super) length: u32,
}

impl Entry {
    /// Analyzes the text in `analysis`, whose memory is used again.
    pub(super) fn set_text(&mut self, analysis: &mut Analysis, text: &str) {
        analysis.read(text);
        self.words = schema::transport(analysis);
        self.length = u32::try_from(analysis.tokens.len()).unwrap_or(u32::MAX);
    }
}
