//! The person who writes, and the addresses by which the provider knows them.
//!
//! A contact is a surrogate key with unique addresses, because WhatsApp may leave the phone number out and because
//! numbers change (whatsapp-cloud-api.md 1.7). Invariant: one address belongs to one contact.

use std::fmt;

use super::ids::ContactId;

/// What kind of address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AddressKind {
    /// WhatsApp id: the phone number in digits, without `+`.
    Phone,
    /// Business-scoped user id, `CC.…`.
    UserId,
    /// Parent business-scoped user id, `CC.ENT.…`.
    ParentUserId,
    /// Username: shown, never used to find somebody, because it may pass to another person.
    Username,
}

/// One way to name a contact. Debug output masks the value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// What kind.
    pub kind: AddressKind,
    /// The value as the provider writes it.
    pub value: String,
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}(*)", self.kind)
    }
}

/// A contact as a command needs them.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// Who.
    pub id: ContactId,
    /// The name the provider gave last, or an empty string.
    pub name: String,
    /// Everything by which they are known.
    pub addresses: Vec<Address>,
    /// The centre takes nothing more from them.
    pub blocked: bool,
}

impl fmt::Debug for Contact {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Contact({})", self.id)
    }
}

/// Who sent a message, as a webhook says it: at least one address.
#[derive(Clone, PartialEq, Eq)]
pub struct Sender {
    /// Addresses, most reliable first: phone, user id, parent user id, username.
    pub addresses: Vec<Address>,
    /// The profile name, where given.
    pub name: Option<String>,
}

impl fmt::Debug for Sender {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Sender({:?})", self.addresses)
    }
}
