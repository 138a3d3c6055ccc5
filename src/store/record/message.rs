//! Messages, their delivery, statuses that came too early, and what was not understood.

use serde::{Deserialize, Serialize};

use super::super::codec::{CodecError, Record};
use crate::domain::command::DeliveryReport;
use crate::domain::ids::{AgentId, ClientKey, ConversationId, InteractionId, MessageId, Wamid};
use crate::domain::message::{Author, Content, Delivery, Failure, Message, Notice};
use crate::domain::time::Timestamp;

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct MessageV1 {
    id: u64,
    conversation: u64,
    interaction: Option<u64>,
    author: AuthorV1,
    at: i64,
    content: ContentV1,
    raw: Option<String>,
    wamid: Option<String>,
    quoted: Option<String>,
    client_key: Option<String>,
    retry_of: Option<u64>,
    delivery: Option<DeliveryV1>,
}

#[derive(Serialize, Deserialize)]
enum AuthorV1 {
    Contact,
    Agent(u64),
    System,
    BusinessApp,
}

#[derive(Serialize, Deserialize)]
enum ContentV1 {
    Text(String),
    Other { kind: String, text: String },
    Notice(NoticeV1),
}

#[derive(Serialize, Deserialize)]
enum NoticeV1 {
    RequeuedOwnerGone(u64),
    Transferred { from: u64, to: u64 },
    IdleAlert,
    IdleClosed,
}

#[derive(Serialize, Deserialize)]
enum DeliveryV1 {
    Queued,
    Unconfirmed,
    Sent,
    Delivered,
    Read,
    Played,
    Failed { code: u32, title: String },
}

impl Record for Message {
    const VERSION: u8 = 1;
    type Stored = MessageV1;

    fn to_stored(&self) -> MessageV1 {
        MessageV1 {
            id: self.id.0,
            conversation: self.conversation.0,
            interaction: self.interaction.map(|interaction| interaction.0),
            author: match self.author {
                Author::Contact => AuthorV1::Contact,
                Author::Agent(agent) => AuthorV1::Agent(agent.0),
                Author::System => AuthorV1::System,
                Author::BusinessApp => AuthorV1::BusinessApp,
            },
            at: self.at.0,
            content: ContentV1::from(&self.content),
            raw: self.raw.clone(),
            wamid: self.wamid.as_ref().map(|wamid| wamid.0.clone()),
            quoted: self.quoted.as_ref().map(|wamid| wamid.0.clone()),
            client_key: self.client_key.as_ref().map(|key| key.0.clone()),
            retry_of: self.retry_of.map(|message| message.0),
            delivery: self.delivery.as_ref().map(DeliveryV1::from),
        }
    }

    fn from_stored(stored: MessageV1) -> Result<Self, CodecError> {
        Ok(Self {
            id: MessageId(stored.id),
            conversation: ConversationId(stored.conversation),
            interaction: stored.interaction.map(InteractionId),
            author: match stored.author {
                AuthorV1::Contact => Author::Contact,
                AuthorV1::Agent(agent) => Author::Agent(AgentId(agent)),
                AuthorV1::System => Author::System,
                AuthorV1::BusinessApp => Author::BusinessApp,
            },
            at: Timestamp(stored.at),
            content: Content::from(stored.content),
            raw: stored.raw,
            wamid: stored.wamid.map(Wamid),
            quoted: stored.quoted.map(Wamid),
            client_key: stored.client_key.map(ClientKey),
            retry_of: stored.retry_of.map(MessageId),
            delivery: stored.delivery.map(Delivery::from),
        })
    }
}

impl From<&Content> for ContentV1 {
    fn from(content: &Content) -> Self {
        match content {
            Content::Text(text) => Self::Text(text.clone()),
            Content::Other { kind, text } => Self::Other { kind: kind.clone(), text: text.clone() },
            Content::Notice(notice) => Self::Notice(match notice {
                Notice::RequeuedOwnerGone(agent) => NoticeV1::RequeuedOwnerGone(agent.0),
                Notice::Transferred { from, to } => NoticeV1::Transferred { from: from.0, to: to.0 },
                Notice::IdleAlert => NoticeV1::IdleAlert,
                Notice::IdleClosed => NoticeV1::IdleClosed,
            }),
        }
    }
}

impl From<ContentV1> for Content {
    fn from(content: ContentV1) -> Self {
        match content {
            ContentV1::Text(text) => Self::Text(text),
            ContentV1::Other { kind, text } => Self::Other { kind, text },
            ContentV1::Notice(notice) => Self::Notice(match notice {
                NoticeV1::RequeuedOwnerGone(agent) => Notice::RequeuedOwnerGone(AgentId(agent)),
                NoticeV1::Transferred { from, to } => Notice::Transferred { from: AgentId(from), to: AgentId(to) },
                NoticeV1::IdleAlert => Notice::IdleAlert,
                NoticeV1::IdleClosed => Notice::IdleClosed,
            }),
        }
    }
}

impl From<&Delivery> for DeliveryV1 {
    fn from(delivery: &Delivery) -> Self {
        match delivery {
            Delivery::Queued => Self::Queued,
            Delivery::Unconfirmed => Self::Unconfirmed,
            Delivery::Sent => Self::Sent,
            Delivery::Delivered => Self::Delivered,
            Delivery::Read => Self::Read,
            Delivery::Played => Self::Played,
            Delivery::Failed(failure) => Self::Failed { code: failure.code, title: failure.title.clone() },
        }
    }
}

impl From<DeliveryV1> for Delivery {
    fn from(delivery: DeliveryV1) -> Self {
        match delivery {
            DeliveryV1::Queued => Self::Queued,
            DeliveryV1::Unconfirmed => Self::Unconfirmed,
            DeliveryV1::Sent => Self::Sent,
            DeliveryV1::Delivered => Self::Delivered,
            DeliveryV1::Read => Self::Read,
            DeliveryV1::Played => Self::Played,
            DeliveryV1::Failed { code, title } => Self::Failed(Failure { code, title }),
        }
    }
}

/// A status of a message that nobody knows yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct ParkedReport {
    /// The status.
    pub(in crate::store) report: DeliveryReport,
    /// When it was parked, by our clock.
    pub(in crate::store) kept_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct ParkedReportV1 {
    wamid: String,
    message: Option<u64>,
    delivery: DeliveryV1,
    at: i64,
    kept_at: i64,
}

impl Record for ParkedReport {
    const VERSION: u8 = 1;
    type Stored = ParkedReportV1;

    fn to_stored(&self) -> ParkedReportV1 {
        ParkedReportV1 {
            wamid: self.report.wamid.0.clone(),
            message: self.report.message.map(|message| message.0),
            delivery: DeliveryV1::from(&self.report.delivery),
            at: self.report.at.0,
            kept_at: self.kept_at.0,
        }
    }

    fn from_stored(stored: ParkedReportV1) -> Result<Self, CodecError> {
        Ok(Self {
            report: DeliveryReport {
                wamid: Wamid(stored.wamid),
                message: stored.message.map(MessageId),
                delivery: Delivery::from(stored.delivery),
                at: Timestamp(stored.at),
            },
            kept_at: Timestamp(stored.kept_at),
        })
    }
}

/// The place of a parked status among all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct ParkedPlace {
    /// Whose status.
    pub(in crate::store) wamid: Wamid,
    /// When it was parked, by our clock.
    pub(in crate::store) kept_at: Timestamp,
}

impl Record for ParkedPlace {
    const VERSION: u8 = 1;
    type Stored = (String, i64);

    fn to_stored(&self) -> (String, i64) {
        (self.wamid.0.clone(), self.kept_at.0)
    }

    fn from_stored((wamid, kept_at): (String, i64)) -> Result<Self, CodecError> {
        Ok(Self { wamid: Wamid(wamid), kept_at: Timestamp(kept_at) })
    }
}

/// Something not understood, as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct RawRow {
    /// When it was kept, by our clock.
    pub at: Timestamp,
    /// What it is, for people.
    pub kind: String,
    /// All of it. Holds personal texts: not for logs.
    pub raw: String,
}

impl std::fmt::Debug for RawRow {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "RawRow({}, {} bytes)", self.kind, self.raw.len())
    }
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct RawV1 {
    at: i64,
    kind: String,
    raw: String,
}

impl Record for RawRow {
    const VERSION: u8 = 1;
    type Stored = RawV1;

    fn to_stored(&self) -> RawV1 {
        RawV1 { at: self.at.0, kind: self.kind.clone(), raw: self.raw.clone() }
    }

    fn from_stored(stored: RawV1) -> Result<Self, CodecError> {
        Ok(Self { at: Timestamp(stored.at), kind: stored.kind, raw: stored.raw })
    }
}
