//! The person who writes, and the addresses by which the provider knows them.
//!
//! A contact is a surrogate key with unique addresses, because WhatsApp may leave the phone number out and because
//! numbers change (whatsapp-cloud-api.md 1.7). Invariants: one address belongs to one contact; a name that an agent has
//! written is never replaced by the profile's.

use std::fmt;

use crate::limits::{PHONE_DIGITS_MAX, PHONE_DIGITS_MIN};

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

impl Address {
    /// The phone number that a person wrote: `+`, country code and number, with the marks that people put between.
    #[must_use]
    pub fn of_phone(written: &str) -> Option<Self> {
        let digits = written.trim().strip_prefix('+')?;
        if digits.chars().any(|mark| !mark.is_ascii_digit() && !" \u{a0}-./()".contains(mark)) {
            return None;
        }
        let value: String = digits.chars().filter(char::is_ascii_digit).collect();
        let fits = (PHONE_DIGITS_MIN..=PHONE_DIGITS_MAX).contains(&value.len()) && !value.starts_with('0');
        fits.then_some(Self { kind: AddressKind::Phone, value })
    }
}

/// One more thing that the centre knows about a contact.
#[derive(Clone, PartialEq, Eq)]
pub struct Attribute {
    /// What it is, in the centre's words: `E-mail`.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// What agents write about a contact.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Card {
    /// First name; with the last name it stands in place of the profile's name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// In the order in which they were written; each key once.
    pub attributes: Vec<Attribute>,
    /// Each once.
    pub tags: Vec<String>,
}

impl Card {
    /// This card with what another one knows beyond it: a name where there is none, attributes and tags that are missing.
    #[must_use]
    pub fn completed(&self, more: &Self) -> Self {
        let nameless = self.first_name.is_none() && self.last_name.is_none();
        let named = if nameless { more } else { self };
        let mut card =
            Self { first_name: named.first_name.clone(), last_name: named.last_name.clone(), ..self.clone() };
        for attribute in &more.attributes {
            if card.attributes.iter().all(|known| known.key != attribute.key) {
                card.attributes.push(attribute.clone());
            }
        }
        card.tags.extend(more.tags.iter().filter(|tag| !self.tags.contains(tag)).cloned());
        card
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Card({} attributes, {} tags)", self.attributes.len(), self.tags.len())
    }
}

/// A contact as a command needs them.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// Who.
    pub id: ContactId,
    /// The name the provider gave last, or an empty string.
    pub profile_name: String,
    /// What agents wrote.
    pub card: Card,
    /// Everything by which they are known.
    pub addresses: Vec<Address>,
    /// The centre takes nothing more from them.
    pub blocked: bool,
    /// They have told the provider that they want no marketing.
    pub marketing_stopped: bool,
    /// Grows with every change.
    pub version: u32,
}

impl Contact {
    /// Somebody of whom the provider says this.
    #[must_use]
    pub fn new(id: ContactId, profile_name: String, addresses: Vec<Address>) -> Self {
        Self {
            id,
            profile_name,
            card: Card::default(),
            addresses,
            blocked: false,
            marketing_stopped: false,
            version: 1,
        }
    }

    /// Whether they were erased: only then is there no address. An empty row stays for counts and histories.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.addresses.is_empty()
    }

    /// What is left of them once they are erased.
    #[must_use]
    pub fn erased(&self) -> Self {
        Self { version: self.version.saturating_add(1), ..Self::new(self.id, String::new(), Vec::new()) }
    }

    /// The name that people see: the centre's own, else the profile's; possibly empty.
    #[must_use]
    pub fn name(&self) -> String {
        match (&self.card.first_name, &self.card.last_name) {
            (None, None) => self.profile_name.clone(),
            (Some(name), None) | (None, Some(name)) => name.clone(),
            (Some(first), Some(last)) => format!("{first} {last}"),
        }
    }
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
