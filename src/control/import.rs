//! Contacts of a file, on their way into the store.
//!
//! Invariant: what the centre knows of a contact already stays; the same contacts again change nothing.

use serde::{Deserialize, Serialize};

use crate::domain::command::Command;
use crate::domain::contact::{Address, AddressKind, Attribute, Card};
use crate::domain::rejection::Rejection;
use crate::limits::{
    ADDRESSES_PER_CONTACT_MAX, ATTRIBUTE_VALUE_CHARS_MAX, ATTRIBUTES_PER_CONTACT_MAX, IMPORT_PART_CONTACTS_MAX,
    NAME_CHARS_MAX, TAGS_PER_CONTACT_MAX,
};
use crate::store::Store;

use super::{Answer, not_now};

/// One contact of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactRequest {
    /// The line on which it begins, for complaints.
    pub line: u64,
    /// Where they have one.
    pub first_name: Option<String>,
    /// Where they have one.
    pub last_name: Option<String>,
    /// In digits, with the country code and without `+`; at least one.
    pub phones: Vec<String>,
    /// Key and value.
    pub attributes: Vec<(String, String)>,
    /// Each once.
    pub tags: Vec<String>,
}

/// What became of the contacts of a request.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ContactsAnswer {
    /// They were not there.
    pub added: u64,
    /// Something was added to what was known.
    pub changed: u64,
    /// Line and why nothing came of it.
    pub refused: Vec<(u64, String)>,
}

pub(super) async fn contacts(store: &Store, contacts: Vec<ContactRequest>) -> Answer {
    if contacts.len() > IMPORT_PART_CONTACTS_MAX {
        return Answer::of(false, "A part of an import is too large; use this version's command.");
    }
    let lines: Vec<u64> = contacts.iter().map(|contact| contact.line).collect();
    let answers = match store.submit(contacts.into_iter().map(command).collect()).await {
        Ok(answers) => answers,
        Err(error) => return not_now(error),
    };
    let mut told = ContactsAnswer::default();
    for (line, answer) in lines.into_iter().zip(answers) {
        match answer {
            Ok(done) => match done.events.iter().find_map(imported) {
                Some(1) => told.added += 1,
                Some(_) => told.changed += 1,
                None => {}
            },
            Err(rejection) => told.refused.push((line, refusal(rejection))),
        }
    }
    Answer { contacts: told, ..Answer::of(true, "Imported.") }
}

/// The version of the contact that an event brings: 1 for a new one.
#[allow(clippy::wildcard_enum_match_arm, reason = "looks for one kind, whatever others there are")]
fn imported(event: &crate::domain::event::Event) -> Option<u32> {
    match event {
        crate::domain::event::Event::ContactImported { contact } => Some(contact.version),
        _ => None,
    }
}

fn command(contact: ContactRequest) -> Command {
    let attributes = contact.attributes.into_iter().map(|(key, value)| Attribute { key, value });
    let card = Card {
        first_name: contact.first_name,
        last_name: contact.last_name,
        attributes: attributes.collect(),
        tags: contact.tags,
    };
    let phones = contact.phones.into_iter();
    Command::ImportContact {
        card,
        addresses: phones.map(|value| Address { kind: AddressKind::Phone, value }).collect(),
    }
}

#[allow(clippy::wildcard_enum_match_arm, reason = "the other refusals are of other commands")]
fn refusal(rejection: Rejection) -> String {
    match rejection {
        Rejection::TooManyAddresses => {
            format!("a contact has at most {ADDRESSES_PER_CONTACT_MAX} numbers, those known already included")
        }
        _ => format!(
            "names have up to {NAME_CHARS_MAX} characters; there are up to {ATTRIBUTES_PER_CONTACT_MAX} attributes, each \
             once, with values of up to {ATTRIBUTE_VALUE_CHARS_MAX} characters, and up to {TAGS_PER_CONTACT_MAX} tags"
        ),
    }
}
