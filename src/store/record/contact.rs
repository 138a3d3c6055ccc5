//! Contacts and conversations.

use serde::{Deserialize, Serialize};

use super::super::codec::{CodecError, Record, shape};
use crate::domain::contact::{Address, AddressKind, Attribute, Card, Contact};
use crate::domain::ids::{AgentId, ChannelId, ContactId, ConversationId, MessageId};
use crate::domain::time::Timestamp;

/// The number of an address kind, also its part of the address table's key.
pub(in crate::store) fn kind_number(kind: AddressKind) -> u8 {
    match kind {
        AddressKind::Phone => 0,
        AddressKind::UserId => 1,
        AddressKind::ParentUserId => 2,
        AddressKind::Username => 3,
    }
}

fn kind_of(number: u8) -> Result<AddressKind, CodecError> {
    match number {
        0 => Ok(AddressKind::Phone),
        1 => Ok(AddressKind::UserId),
        2 => Ok(AddressKind::ParentUserId),
        3 => Ok(AddressKind::Username),
        _ => Err(CodecError::Shape(format!("address kind {number}"))),
    }
}

/// Version 1, before agents could write about contacts: id, profile name, addresses, blocked.
#[derive(Serialize, Deserialize)]
struct FirstContact(u64, String, Vec<(u8, String)>, bool);

/// A contact; since version 3 with whether they want no marketing.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredContact(SecondContact, bool);

/// Version 2.
#[derive(Serialize, Deserialize)]
struct SecondContact {
    id: u64,
    profile_name: String,
    first_name: Option<String>,
    last_name: Option<String>,
    attributes: Vec<(String, String)>,
    tags: Vec<String>,
    addresses: Vec<(u8, String)>,
    blocked: bool,
    version: u32,
}

fn addresses_in(addresses: Vec<(u8, String)>) -> Result<Vec<Address>, CodecError> {
    addresses.into_iter().map(|(kind, value)| Ok(Address { kind: kind_of(kind)?, value })).collect()
}

impl Record for Contact {
    const VERSION: u8 = 3;
    type Stored = StoredContact;

    fn to_stored(&self) -> StoredContact {
        let addresses = self.addresses.iter().map(|address| (kind_number(address.kind), address.value.clone()));
        let attributes = self.card.attributes.iter();
        let second = SecondContact {
            id: self.id.0,
            profile_name: self.profile_name.clone(),
            first_name: self.card.first_name.clone(),
            last_name: self.card.last_name.clone(),
            attributes: attributes.map(|attribute| (attribute.key.clone(), attribute.value.clone())).collect(),
            tags: self.card.tags.clone(),
            addresses: addresses.collect(),
            blocked: self.blocked,
            version: self.version,
        };
        StoredContact(second, self.marketing_stopped)
    }

    fn from_stored(StoredContact(stored, marketing_stopped): StoredContact) -> Result<Self, CodecError> {
        let attributes = stored.attributes.into_iter().map(|(key, value)| Attribute { key, value });
        Ok(Self {
            id: ContactId(stored.id),
            profile_name: stored.profile_name,
            card: Card {
                first_name: stored.first_name,
                last_name: stored.last_name,
                attributes: attributes.collect(),
                tags: stored.tags,
            },
            addresses: addresses_in(stored.addresses)?,
            blocked: stored.blocked,
            marketing_stopped,
            version: stored.version,
        })
    }

    fn from_version(version: u8, payload: &[u8]) -> Result<Self, CodecError> {
        match version {
            1 => {
                let FirstContact(id, profile_name, addresses, blocked) = shape(payload)?;
                let contact = Self::new(ContactId(id), profile_name, addresses_in(addresses)?);
                Ok(Self { blocked, ..contact })
            }
            2 => Self::from_stored(StoredContact(shape(payload)?, false)),
            Self::VERSION => Self::from_stored(shape(payload)?),
            _ => Err(CodecError::Version(version)),
        }
    }
}

/// What an agent has written on a conversation and not sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    /// The words.
    pub text: String,
    /// When, by the browser's clock, but not in the future.
    pub written_at: Timestamp,
}

impl Record for Draft {
    const VERSION: u8 = 1;
    type Stored = (String, i64);

    fn to_stored(&self) -> Self::Stored {
        (self.text.clone(), self.written_at.0)
    }

    fn from_stored((text, written_at): Self::Stored) -> Result<Self, CodecError> {
        Ok(Self { text, written_at: Timestamp(written_at) })
    }
}

/// A conversation as the tables know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationRow {
    /// Which.
    pub id: ConversationId,
    /// With whom.
    pub contact: ContactId,
    /// On which number.
    pub channel: ChannelId,
    /// The end of the reply window.
    pub window_until: Option<Timestamp>,
    /// Who handled it last.
    pub last_agent: Option<AgentId>,
    /// The newest message.
    pub last_message: Option<MessageId>,
    /// The latest place in time of any message.
    pub last_message_at: Timestamp,
    /// When the two met.
    pub opened_at: Timestamp,
}

impl ConversationRow {
    /// When something happened on it last: its place in lists of contacts.
    #[must_use]
    pub fn active_at(&self) -> Timestamp {
        self.last_message_at.max(self.opened_at)
    }
}

/// The stored shape of `ConversationRow`.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredConversation {
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
    type Stored = StoredConversation;

    fn to_stored(&self) -> StoredConversation {
        StoredConversation {
            id: self.id.0,
            contact: self.contact.0,
            channel: self.channel.0,
            window_until: self.window_until.map(|at| at.0),
            last_agent: self.last_agent.map(|agent| agent.0),
            last_message: self.last_message.map(|message| message.0),
            last_message_at: self.last_message_at.0,
            opened_at: self.opened_at.0,
        }
    }

    fn from_stored(stored: StoredConversation) -> Result<Self, CodecError> {
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
