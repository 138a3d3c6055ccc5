//! A contact as the page sees them.
//!
//! Apart from the other shapes because every list of contacts shows it too. Invariant: `name` is never empty while
//! anybody has given a name.

use serde::Serialize;

use crate::domain::contact::{Address, AddressKind, Contact};

/// Whom histories show where the person was erased.
const ERASED_NAME: &str = "Erased contact";

#[derive(Serialize)]
pub(in crate::http) struct ContactView {
    id: u64,
    name: String,
    profile_name: String,
    first_name: Option<String>,
    last_name: Option<String>,
    addresses: Vec<AddressView>,
    attributes: Vec<AttributeView>,
    tags: Vec<String>,
    blocked: bool,
    marketing_stopped: bool,
    version: u32,
}

#[derive(Serialize)]
struct AddressView {
    kind: &'static str,
    value: String,
}

#[derive(Serialize)]
struct AttributeView {
    key: String,
    value: String,
}

impl ContactView {
    pub(in crate::http) fn of(contact: Contact) -> Self {
        let name = if contact.is_erased() { ERASED_NAME.to_owned() } else { contact.name() };
        let attributes = contact.card.attributes.into_iter();
        Self {
            id: contact.id.0,
            name,
            profile_name: contact.profile_name,
            first_name: contact.card.first_name,
            last_name: contact.card.last_name,
            addresses: contact.addresses.into_iter().map(AddressView::of).collect(),
            attributes: attributes
                .map(|attribute| AttributeView { key: attribute.key, value: attribute.value })
                .collect(),
            tags: contact.card.tags,
            blocked: contact.blocked,
            marketing_stopped: contact.marketing_stopped,
            version: contact.version,
        }
    }
}

impl AddressView {
    fn of(address: Address) -> Self {
        let Address { kind, value } = address;
        match kind {
            AddressKind::Phone => Self { kind: "phone", value: format!("+{value}") },
            AddressKind::UserId => Self { kind: "user_id", value },
            AddressKind::ParentUserId => Self { kind: "parent_user_id", value },
            AddressKind::Username => Self { kind: "username", value },
        }
    }
}
