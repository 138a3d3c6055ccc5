//! Contacts and conversations.

use serde::{Deserialize, Serialize};

use super::super::codec::{CodecError, Record};
use crate::domain::contact::{Address, AddressKind, Contact};
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

/// Id, name, addresses, blocked.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredContact(u64, String, Vec<(u8, String)>, bool);

impl Record for Contact {
    const VERSION: u8 = 1;
    type Stored = StoredContact;

    fn to_stored(&self) -> StoredContact {
        let addresses = self.addresses.iter().map(|address| (kind_number(address.kind), address.value.clone()));
        StoredContact(self.id.0, self.name.clone(), addresses.collect(), self.blocked)
    }

    fn from_stored(StoredContact(id, name, addresses, blocked): StoredContact) -> Result<Self, CodecError> {
        let addresses = addresses.into_iter().map(|(kind, value)| Ok(Address { kind: kind_of(kind)?, value }));
        Ok(Self { id: ContactId(id), name, addresses: addresses.collect::<Result<_, CodecError>>()?, blocked })
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
