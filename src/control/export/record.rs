//! The records of an export, and how values are written in them.
//!
//! Apart from the reading of pages because other programs rely on what is here: `packaging/EXPORT.md` describes it.
//! Invariant: a field here never changes its meaning; a new one gets a new name.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::contact::{Address, AddressKind, Contact};
use crate::domain::message::{Content, Notice};
use crate::domain::time::Timestamp;

#[derive(Serialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub(super) enum Record<'r> {
    Contact {
        id: u64,
        name: String,
        profile_name: &'r str,
        first_name: Option<&'r str>,
        last_name: Option<&'r str>,
        addresses: Vec<AddressRecord>,
        attributes: Vec<AttributeRecord<'r>>,
        tags: &'r [String],
        blocked: bool,
        marketing_stopped: bool,
        erased: bool,
    },
    Conversation {
        id: u64,
        contact_id: u64,
        channel: String,
        opened_at: String,
        last_message_at: Option<String>,
    },
    Interaction {
        id: u64,
        conversation_id: u64,
        contact_id: u64,
        queue: String,
        state: &'static str,
        created_at: String,
        accepted_at: Option<String>,
        ended_at: Option<String>,
        done_at: Option<String>,
        agents: Vec<String>,
        disposition: Option<String>,
        note: &'r str,
        transfer_note: Option<&'r str>,
        case_data: BTreeMap<&'r str, &'r str>,
    },
    Message {
        id: u64,
        conversation_id: u64,
        interaction_id: Option<u64>,
        author: &'static str,
        agent: Option<String>,
        at: String,
        kind: String,
        text: String,
        file: Option<FileRecord>,
        delivery: Option<&'static str>,
        answers_id: Option<u64>,
        reactions: Vec<ReactionRecord>,
        provider_object: Option<&'r str>,
    },
}

#[derive(Serialize)]
pub(super) struct AddressRecord {
    pub(super) kind: &'static str,
    pub(super) value: String,
}

#[derive(Serialize)]
pub(super) struct AttributeRecord<'r> {
    pub(super) key: &'r str,
    pub(super) value: &'r str,
}

#[derive(Serialize)]
pub(super) struct FileRecord {
    pub(super) name: Option<String>,
    pub(super) mime_type: String,
    pub(super) bytes: Option<u64>,
    pub(super) sha256: Option<String>,
    pub(super) removed: bool,
}

#[derive(Serialize)]
pub(super) struct ReactionRecord {
    pub(super) author: &'static str,
    pub(super) emoji: String,
}

pub(super) fn contact_record(contact: &Contact) -> Record<'_> {
    let attributes = contact.card.attributes.iter();
    Record::Contact {
        id: contact.id.0,
        name: contact.name(),
        profile_name: &contact.profile_name,
        first_name: contact.card.first_name.as_deref(),
        last_name: contact.card.last_name.as_deref(),
        addresses: contact.addresses.iter().map(address_record).collect(),
        attributes: attributes.map(|one| AttributeRecord { key: &one.key, value: &one.value }).collect(),
        tags: &contact.card.tags,
        blocked: contact.blocked,
        marketing_stopped: contact.marketing_stopped,
        erased: contact.is_erased(),
    }
}

fn address_record(address: &Address) -> AddressRecord {
    let (kind, value) = match address.kind {
        AddressKind::Phone => ("phone", format!("+{}", address.value.trim_start_matches('+'))),
        AddressKind::UserId => ("user_id", address.value.clone()),
        AddressKind::ParentUserId => ("parent_user_id", address.value.clone()),
        AddressKind::Username => ("username", address.value.clone()),
    };
    AddressRecord { kind, value }
}

/// Kind and readable words.
pub(super) fn words(content: &Content) -> (String, String) {
    match content {
        Content::Text(text) => ("text".to_owned(), text.clone()),
        Content::Other { kind, text } => (kind.clone(), text.clone()),
        Content::Internal(text) => ("internal".to_owned(), text.clone()),
        Content::Template(template) => ("template".to_owned(), template.text.clone()),
        Content::Media(media) => (media.kind.word().to_owned(), media.caption.clone()),
        Content::Reaction { emoji } => ("reaction".to_owned(), emoji.clone()),
        Content::Notice(notice) => ("notice".to_owned(), notice_words(notice).to_owned()),
    }
}

fn notice_words(notice: &Notice) -> &'static str {
    match notice {
        Notice::RequeuedOwnerGone(_) => "The agent was away too long; back to the queue.",
        Notice::Transferred { .. } => "Handed over to another agent.",
        Notice::IdleAlert => "Nobody has written for a long time.",
        Notice::IdleClosed => "Closed because nobody wrote any more.",
        Notice::Joined(..) => "Another agent takes part.",
        Notice::Left(_) => "An agent has left.",
    }
}

pub(super) fn time(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| String::new(), |at| at.to_string())
}
