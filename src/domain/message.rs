//! One entry of a transcript, and how far its delivery has come.
//!
//! Invariant: delivery never goes back, and a failure is only believed before the phone had the message.

use std::fmt;

use super::ids::{AgentId, ClientKey, ConversationId, InteractionId, MessageId, Wamid};
use super::interaction::Part;
use super::media::{FileHash, MediaMessage, MediaSource};
use super::template::TemplateMessage;
use super::time::Timestamp;

/// Who wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// The contact.
    Contact,
    /// An agent, in the browser.
    Agent(AgentId),
    /// Deskbell: greetings, away texts, notices.
    System,
    /// Somebody with the business's phone app.
    BusinessApp,
}

/// A line that Deskbell puts into the transcript for the people of the centre; never sent to the contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The owner was away longer than the grace period, so the interaction went back to the queue.
    RequeuedOwnerGone(AgentId),
    /// Handed over from one agent to another.
    Transferred {
        /// The agent who gave it.
        from: AgentId,
        /// The agent who took it.
        to: AgentId,
    },
    /// Quiet for longer than the idle time.
    IdleAlert,
    /// Closed by the idle policy.
    IdleClosed,
    /// A colleague takes part from now on.
    Joined(AgentId, Part),
    /// A colleague no longer takes part.
    Left(AgentId),
}

/// What a message says. Debug output leaves the words out.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// Plain text.
    Text(String),
    /// Any other kind: its name in Meta's words, and the words in it that a person can read now (caption, title,
    /// file name). The message's `raw` holds the whole object.
    Other {
        /// Meta's `type`.
        kind: String,
        /// Readable words, possibly empty.
        text: String,
    },
    /// A line for the centre.
    Notice(Notice),
    /// What one agent says to the others who take part; never sent to the contact.
    Internal(String),
    /// A template with its values.
    Template(Box<TemplateMessage>),
    /// An emoji on the message that `quoted` names; empty takes the reaction back. Stands in no transcript.
    Reaction {
        /// The emoji.
        emoji: String,
    },
    /// A file, perhaps with words.
    Media(Box<MediaMessage>),
}

/// A message of one of Meta's other kinds that an agent sends: a place, a card, a question with buttons. The edge has
/// made it within Meta's limits. Debug output leaves the words out.
#[derive(Clone, PartialEq, Eq)]
pub struct Object {
    /// Meta's `type`.
    pub kind: String,
    /// Readable words.
    pub text: String,
    /// The object as Meta takes it: `type`, and the node of that name.
    pub raw: String,
}

impl fmt::Debug for Object {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Object({}, {} bytes)", self.kind, self.raw.len())
    }
}

impl Content {
    /// Whether it changes or takes back the message that `quoted` names, in Meta's words `edit` and `revoke`.
    #[must_use]
    pub fn revises(&self) -> bool {
        matches!(self, Self::Other { kind, .. } if matches!(kind.as_str(), "edit" | "revoke"))
    }

    /// The file of ours that goes along.
    #[must_use]
    pub fn own_file(&self) -> Option<FileHash> {
        match self {
            Self::Media(media) => match media.source {
                MediaSource::Ours(hash) => Some(hash),
                MediaSource::Provider { .. } => None,
            },
            Self::Template(template) => template.file(),
            Self::Text(_) | Self::Other { .. } | Self::Notice(_) | Self::Internal(_) | Self::Reaction { .. } => None,
        }
    }

    /// The emoji of a reaction.
    #[must_use]
    pub fn emoji(&self) -> Option<&str> {
        match self {
            Self::Reaction { emoji } => Some(emoji),
            Self::Text(_)
            | Self::Other { .. }
            | Self::Notice(_)
            | Self::Internal(_)
            | Self::Template(_)
            | Self::Media(_) => None,
        }
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(formatter, "Text({} bytes)", text.len()),
            Self::Other { kind, .. } => write!(formatter, "Other({kind})"),
            Self::Notice(notice) => write!(formatter, "Notice({notice:?})"),
            Self::Internal(text) => write!(formatter, "Internal({} bytes)", text.len()),
            Self::Template(template) => template.fmt(formatter),
            Self::Media(media) => media.fmt(formatter),
            Self::Reaction { .. } => formatter.write_str("Reaction"),
        }
    }
}

/// Why the provider did not deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Meta's error code (whatsapp-cloud-api.md 2.5); 0 when Meta gave none.
    pub code: u32,
    /// Meta's title or details, for the log and the curious.
    pub title: String,
}

/// How far an outbound message has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Waits in the outbox or is on its way to the provider.
    Queued,
    /// Nobody knows whether the provider took it; a person decides.
    Unconfirmed,
    /// The provider has it.
    Sent,
    /// The phone has it.
    Delivered,
    /// The contact has seen it.
    Read,
    /// The contact has listened to it.
    Played,
    /// It will not arrive.
    Failed(Failure),
}

impl Delivery {
    /// As programs write it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Unconfirmed => "unconfirmed",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
            Self::Failed(_) => "failed",
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Unconfirmed => 1,
            Self::Sent => 2,
            Self::Failed(_) => 3,
            Self::Delivered => 4,
            Self::Read => 5,
            Self::Played => 6,
        }
    }

    /// Whether `next` is news: statuses come late, twice and in any order (whatsapp-cloud-api.md 0.4).
    /// A failure is final; it is believed only while the phone has not shown that it has the message.
    #[must_use]
    pub fn may_become(&self, next: &Self) -> bool {
        match self {
            Self::Failed(_) => false,
            Self::Queued | Self::Unconfirmed | Self::Sent | Self::Delivered | Self::Read | Self::Played => {
                next.rank() > self.rank()
            }
        }
    }
}

/// One entry of a transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Which; also the order of arrival.
    pub id: MessageId,
    /// The transcript it belongs to.
    pub conversation: ConversationId,
    /// The work during which it was said.
    pub interaction: Option<InteractionId>,
    /// Who wrote it.
    pub author: Author,
    /// Its place in time: the transcript is ordered by this, then by id.
    pub at: Timestamp,
    /// What it says.
    pub content: Content,
    /// The provider's whole object, where `content` does not carry all of it.
    pub raw: Option<String>,
    /// The provider's id, once known.
    pub wamid: Option<Wamid>,
    /// The provider's id of the message that it answers.
    pub quoted: Option<Wamid>,
    /// The browser's key.
    pub client_key: Option<ClientKey>,
    /// The failed or unconfirmed message that this one repeats.
    pub retry_of: Option<MessageId>,
    /// How far it has come; `None` for inbound messages and notices.
    pub delivery: Option<Delivery>,
}

/// The place in time of a message whose provider time has whole seconds only: the moment of arrival where that falls
/// into the same second, else the end of that second nearest to it. So an answer given within the second in which the
/// contact wrote stands after what it answers.
#[must_use]
pub fn place_in_time(provider: Timestamp, arrival: Timestamp) -> Timestamp {
    arrival.clamp(provider, provider.plus_ms(999))
}
