//! Contacts, and what the tables know about a conversation.

use serde::{Deserialize, Serialize};

use super::super::codec::{CodecError, Record};
use crate::domain::contact::{Address, AddressKind, Contact};
use crate::domain::facts::ConversationFacts;
use crate::domain::ids::{AgentId, ChannelId, ContactId, ConversationId, MessageId};
use crate::domain::time::Timestamp;

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct ContactV1 {
    id: u64,
    name: String,
    addresses: Vec<AddressV1>,
    blocked: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) struct AddressV1 {
    kind: AddressKindV1,
    value: String,
}

#[derive(Serialize, Deserialize)]
enum AddressKindV1 {
    Phone,
    UserId,
    ParentUserId,
    Username,
}

impl From<&Address> for AddressV1 {
    fn from(address: &Address) -> Self {
        let kind = match address.kind {
            AddressKind::Phone => AddressKindV1::Phone,
            AddressKind::UserId => AddressKindV1::UserId,
            AddressKind::ParentUserId => AddressKindV1::ParentUserId,
            AddressKind::Username => AddressKindV1::Username,
        };
        Self { kind, value: address.value.clone() }
    }
}

impl From<AddressV1> for Address {
    fn from(address: AddressV1) -> Self {
        let kind = match address.kind {
            AddressKindV1::Phone => AddressKind::Phone,
            AddressKindV1::UserId => AddressKind::UserId,
            AddressKindV1::ParentUserId => AddressKind::ParentUserId,
            AddressKindV1::Username => AddressKind::Username,
        };
        Self { kind, value: address.value }
    }
}

impl Record for Contact {
    const VERSION: u8 = 1;
    type Stored = ContactV1;

    fn to_stored(&self) -> ContactV1 {
        ContactV1 {
            id: self.id.0,
            name: self.name.clone(),
            addresses: self.addresses.iter().map(AddressV1::from).collect(),
            blocked: self.blocked,
        }
    }

    fn from_stored(stored: ContactV1) -> Result<Self, CodecError> {
        Ok(Self {
            id: ContactId(stored.id),
            name: stored.name,
            addresses: stored.addresses.into_iter().map(Address::from).collect(),
            blocked: stored.blocked,
        })
    }
}

/// The number under which an address of this kind is found; `None` where it must not be used to find anybody.
pub(in crate::store) fn address_key(address: &Address) -> Option<(u8, &str)> {
    let kind = match address.kind {
        AddressKind::Phone => 1,
        AddressKind::UserId => 2,
        AddressKind::ParentUserId => 3,
        AddressKind::Username => return None,
    };
    Some((kind, &address.value))
}

/// A conversation: contact and channel account together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationRow {
    /// Which.
    pub id: ConversationId,
    /// With whom.
    pub contact: ContactId,
    /// On which number.
    pub channel: ChannelId,
    /// The end of the reply window; `None` = the contact never wrote.
    pub window_until: Option<Timestamp>,
    /// Who handled it last.
    pub last_agent: Option<AgentId>,
    /// The newest message.
    pub last_message: Option<MessageId>,
    /// The latest place in time of any message.
    pub last_message_at: Timestamp,
    /// When contact and channel account met for the first time.
    pub opened_at: Timestamp,
}

impl ConversationRow {
    /// What a command needs of it.
    pub(in crate::store) fn facts(&self) -> ConversationFacts {
        ConversationFacts {
            id: self.id,
            window_until: self.window_until,
            last_agent: self.last_agent,
            last_message: self.last_message,
            last_message_at: self.last_message_at,
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct ConversationV1 {
    id: u64,
    contact: u64,
    channel: u64,
    window_until: Option<i64>,
    last_agent: Option<u64>,
    last_message: Option<u64>,
    last_message_at: i64,
    opened_at: i64,
}

impl Record for ConversationRow {
    const VERSION: u8 = 1;
    type Stored = ConversationV1;

    fn to_stored(&self) -> ConversationV1 {
        ConversationV1 {
            id: self.id.0,
            contact: self.contact.0,
            channel: self.channel.0,
            window_until: self.window_until.map(|until| until.0),
            last_agent: self.last_agent.map(|agent| agent.0),
            last_message: self.last_message.map(|message| message.0),
            last_message_at: self.last_message_at.0,
            opened_at: self.opened_at.0,
        }
    }

    fn from_stored(stored: ConversationV1) -> Result<Self, CodecError> {
        Ok(Self {
            id: ConversationId(stored.id),
            contact: ContactId(stored.contact),
            channel: ChannelId(stored.channel),
            window_until: stored.window_until.map(Timestamp),
            last_agent: stored.last_agent.map(AgentId),
            last_message: stored.last_message.map(MessageId),
            last_message_at: Timestamp(stored.last_message_at),
            opened_at: Timestamp(stored.opened_at),
        })
    }
}
