//! Messages, sends, statuses that came too early, and what was not understood.

use serde::{Deserialize, Serialize};

use super::super::codec::{CodecError, Record, stored_as_is};
use crate::domain::command::DeliveryReport;
use crate::domain::ids::{AgentId, ChannelId, ClientKey, ConversationId, InteractionId, MessageId, Wamid};
use crate::domain::interaction::Part;
use crate::domain::message::{Author, Content, Delivery, Failure, Message, Notice};
use crate::domain::send::{Send, SendState};
use crate::domain::time::Timestamp;

use super::media::{StoredMediaMessage, media_in, media_out};
use super::template::{StoredTemplateMessage, template_message_in, template_message_out};

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum StoredAuthor {
    Contact,
    Agent(u64),
    System,
    BusinessApp,
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum StoredNotice {
    RequeuedOwnerGone(u64),
    Transferred(u64, u64),
    IdleAlert,
    IdleClosed,
    /// Who, and whether they may write to the contact.
    Joined(u64, bool),
    Left(u64),
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum StoredContent {
    Text(String),
    Other(String, String),
    Notice(StoredNotice),
    Internal(String),
    Template(StoredTemplateMessage),
    Reaction(String),
    Media(StoredMediaMessage),
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum StoredDelivery {
    Queued,
    Unconfirmed,
    Sent,
    Delivered,
    Read,
    Played,
    Failed(u32, String),
}

/// A message.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredMessage {
    id: u64,
    conversation: u64,
    interaction: Option<u64>,
    author: StoredAuthor,
    at: i64,
    content: StoredContent,
    raw: Option<String>,
    wamid: Option<String>,
    quoted: Option<String>,
    client_key: Option<String>,
    retry_of: Option<u64>,
    delivery: Option<StoredDelivery>,
}

fn delivery_out(delivery: &Delivery) -> StoredDelivery {
    match delivery {
        Delivery::Queued => StoredDelivery::Queued,
        Delivery::Unconfirmed => StoredDelivery::Unconfirmed,
        Delivery::Sent => StoredDelivery::Sent,
        Delivery::Delivered => StoredDelivery::Delivered,
        Delivery::Read => StoredDelivery::Read,
        Delivery::Played => StoredDelivery::Played,
        Delivery::Failed(failure) => StoredDelivery::Failed(failure.code, failure.title.clone()),
    }
}

fn delivery_in(delivery: StoredDelivery) -> Delivery {
    match delivery {
        StoredDelivery::Queued => Delivery::Queued,
        StoredDelivery::Unconfirmed => Delivery::Unconfirmed,
        StoredDelivery::Sent => Delivery::Sent,
        StoredDelivery::Delivered => Delivery::Delivered,
        StoredDelivery::Read => Delivery::Read,
        StoredDelivery::Played => Delivery::Played,
        StoredDelivery::Failed(code, title) => Delivery::Failed(Failure { code, title }),
    }
}

fn content_out(content: &Content) -> StoredContent {
    match content {
        Content::Text(text) => StoredContent::Text(text.clone()),
        Content::Other { kind, text } => StoredContent::Other(kind.clone(), text.clone()),
        Content::Notice(notice) => StoredContent::Notice(match notice {
            Notice::RequeuedOwnerGone(agent) => StoredNotice::RequeuedOwnerGone(agent.0),
            Notice::Transferred { from, to } => StoredNotice::Transferred(from.0, to.0),
            Notice::IdleAlert => StoredNotice::IdleAlert,
            Notice::IdleClosed => StoredNotice::IdleClosed,
            Notice::Joined(agent, part) => StoredNotice::Joined(agent.0, *part == Part::Conference),
            Notice::Left(agent) => StoredNotice::Left(agent.0),
        }),
        Content::Internal(text) => StoredContent::Internal(text.clone()),
        Content::Template(template) => StoredContent::Template(template_message_out(template)),
        Content::Reaction { emoji } => StoredContent::Reaction(emoji.clone()),
        Content::Media(media) => StoredContent::Media(media_out(media)),
    }
}

fn content_in(content: StoredContent) -> Content {
    match content {
        StoredContent::Text(text) => Content::Text(text),
        StoredContent::Other(kind, text) => Content::Other { kind, text },
        StoredContent::Notice(notice) => Content::Notice(match notice {
            StoredNotice::RequeuedOwnerGone(agent) => Notice::RequeuedOwnerGone(AgentId(agent)),
            StoredNotice::Transferred(from, to) => Notice::Transferred { from: AgentId(from), to: AgentId(to) },
            StoredNotice::IdleAlert => Notice::IdleAlert,
            StoredNotice::IdleClosed => Notice::IdleClosed,
            StoredNotice::Joined(agent, true) => Notice::Joined(AgentId(agent), Part::Conference),
            StoredNotice::Joined(agent, false) => Notice::Joined(AgentId(agent), Part::Consult),
            StoredNotice::Left(agent) => Notice::Left(AgentId(agent)),
        }),
        StoredContent::Internal(text) => Content::Internal(text),
        StoredContent::Template(template) => Content::Template(Box::new(template_message_in(template))),
        StoredContent::Reaction(emoji) => Content::Reaction { emoji },
        StoredContent::Media(media) => Content::Media(Box::new(media_in(media))),
    }
}

impl Record for Message {
    const VERSION: u8 = 1;
    type Stored = StoredMessage;

    fn to_stored(&self) -> StoredMessage {
        StoredMessage {
            id: self.id.0,
            conversation: self.conversation.0,
            interaction: self.interaction.map(|interaction| interaction.0),
            author: match self.author {
                Author::Contact => StoredAuthor::Contact,
                Author::Agent(agent) => StoredAuthor::Agent(agent.0),
                Author::System => StoredAuthor::System,
                Author::BusinessApp => StoredAuthor::BusinessApp,
            },
            at: self.at.0,
            content: content_out(&self.content),
            raw: self.raw.clone(),
            wamid: self.wamid.as_ref().map(|wamid| wamid.0.clone()),
            quoted: self.quoted.as_ref().map(|wamid| wamid.0.clone()),
            client_key: self.client_key.as_ref().map(|key| key.0.clone()),
            retry_of: self.retry_of.map(|message| message.0),
            delivery: self.delivery.as_ref().map(delivery_out),
        }
    }

    fn from_stored(stored: StoredMessage) -> Result<Self, CodecError> {
        Ok(Self {
            id: MessageId(stored.id),
            conversation: ConversationId(stored.conversation),
            interaction: stored.interaction.map(InteractionId),
            author: match stored.author {
                StoredAuthor::Contact => Author::Contact,
                StoredAuthor::Agent(agent) => Author::Agent(AgentId(agent)),
                StoredAuthor::System => Author::System,
                StoredAuthor::BusinessApp => Author::BusinessApp,
            },
            at: Timestamp(stored.at),
            content: content_in(stored.content),
            raw: stored.raw,
            wamid: stored.wamid.map(Wamid),
            quoted: stored.quoted.map(Wamid),
            client_key: stored.client_key.map(ClientKey),
            retry_of: stored.retry_of.map(MessageId),
            delivery: stored.delivery.map(delivery_in),
        })
    }
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum StoredSendState {
    Due(i64),
    InFlight,
    AwaitingStatus(i64),
}

/// Message, conversation, channel, state, attempt.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredSend(u64, u64, u64, StoredSendState, u32);

impl Record for Send {
    const VERSION: u8 = 1;
    type Stored = StoredSend;

    fn to_stored(&self) -> StoredSend {
        let state = match self.state {
            SendState::Due(at) => StoredSendState::Due(at.0),
            SendState::InFlight => StoredSendState::InFlight,
            SendState::AwaitingStatus(until) => StoredSendState::AwaitingStatus(until.0),
        };
        StoredSend(self.message.0, self.conversation.0, self.channel.0, state, self.attempt)
    }

    fn from_stored(StoredSend(message, conversation, channel, state, attempt): StoredSend) -> Result<Self, CodecError> {
        Ok(Self {
            message: MessageId(message),
            conversation: ConversationId(conversation),
            channel: ChannelId(channel),
            state: match state {
                StoredSendState::Due(at) => SendState::Due(Timestamp(at)),
                StoredSendState::InFlight => SendState::InFlight,
                StoredSendState::AwaitingStatus(until) => SendState::AwaitingStatus(Timestamp(until)),
            },
            attempt,
        })
    }
}

/// Provider's id, our id, delivery, time.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredReport(String, Option<u64>, StoredDelivery, i64);

impl Record for DeliveryReport {
    const VERSION: u8 = 1;
    type Stored = StoredReport;

    fn to_stored(&self) -> StoredReport {
        let message = self.message.map(|message| message.0);
        StoredReport(self.wamid.0.clone(), message, delivery_out(&self.delivery), self.at.0)
    }

    fn from_stored(StoredReport(wamid, message, delivery, at): StoredReport) -> Result<Self, CodecError> {
        let (wamid, message) = (Wamid(wamid), message.map(MessageId));
        Ok(Self { wamid, message, delivery: delivery_in(delivery), at: Timestamp(at) })
    }
}

/// When a status was parked, and under which provider's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct ParkedPlace {
    pub(in crate::store) at: i64,
    pub(in crate::store) wamid: String,
}

stored_as_is!(ParkedPlace);

/// Something signed that nobody understood.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct Raw {
    pub(in crate::store) at: i64,
    pub(in crate::store) kind: String,
    pub(in crate::store) raw: String,
}

stored_as_is!(Raw);
