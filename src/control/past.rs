//! A part of a conversation of the past, on its way into the store.
//!
//! Invariant: the same message has the same key however often and in whatever parts it comes, so that it is there once.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::domain::command::{Command, PastMessage, PastTalk};
use crate::domain::contact::{Address, AddressKind, Sender};
use crate::domain::event::Event;
use crate::domain::ids::{AgentId, ChannelId, Wamid};
use crate::domain::message::{Author, Content};
use crate::domain::rejection::Rejection;
use crate::domain::time::Timestamp;
use crate::limits::{IMPORT_PART_MESSAGES_MAX, MESSAGE_CHARS_MAX};
use crate::store::{Store, StoreError};

use super::{Answer, not_now};

/// What was said with one contact.
#[derive(Clone, Serialize, Deserialize)]
pub struct ImportRequest {
    /// The business number's name; the only one there is when left out.
    pub channel: Option<String>,
    /// The login of the agent who wrote what the business said; else nobody of us.
    pub agent: Option<String>,
    /// What the other system calls the conversation.
    pub conversation: String,
    /// The contact's phone number, digits.
    pub phone: Option<String>,
    /// The contact's name.
    pub name: Option<String>,
    /// In order.
    pub said: Vec<SaidRequest>,
}

/// One message.
#[derive(Clone, Serialize, Deserialize)]
pub struct SaidRequest {
    /// Its place in the conversation, as the other system counts.
    pub number: u64,
    /// Who.
    pub by: SaidBy,
    /// When, milliseconds.
    pub at: i64,
    /// `None` for text, else the kind of attachment in Meta's words.
    pub kind: Option<String>,
    /// The words.
    pub text: String,
}

/// Who said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SaidBy {
    /// The contact.
    Contact,
    /// Somebody of the business.
    Agent,
    /// The other system.
    System,
}

pub(super) async fn import(store: &Store, part: ImportRequest) -> Answer {
    let fits = part.said.len() <= IMPORT_PART_MESSAGES_MAX
        && part.said.iter().all(|said| said.text.chars().count() <= MESSAGE_CHARS_MAX * 16);
    if !fits {
        return Answer::of(false, "A part of an import is too large; use this version's command.");
    }
    let found = store.read(|snapshot| {
        let channels = snapshot.channels()?;
        let named = channels.iter().filter(|row| part.channel.as_ref().is_none_or(|name| *name == row.profile.name));
        let named: Vec<ChannelId> = named.map(|row| row.channel.id).collect();
        let agent = match &part.agent {
            Some(login) => snapshot.agent_by_login(login)?.map(|(row, _)| row.agent.id),
            None => None,
        };
        Ok::<_, StoreError>((named, agent))
    });
    let (channel, agent) = match found {
        Ok((channels, agent)) => match channels.as_slice() {
            [_] if part.agent.is_some() && agent.is_none() => {
                return Answer::of(false, "There is nobody with this login; add them with `deskbell user add`.");
            }
            [channel] => (*channel, agent),
            [] => return Answer::of(false, "No such business number; connect one with `deskbell channel add`."),
            [..] => return Answer::of(false, "There are several business numbers; name one with --channel."),
        },
        Err(error) => return Answer::of(false, error.to_string()),
    };
    let submitted = store.submit(vec![Command::Import(Box::new(talk(part, channel, agent)))]).await;
    match submitted.map(|answers| answers.into_iter().next()) {
        Ok(Some(Ok(done))) => {
            let added = done.events.iter().filter(|event| matches!(event, Event::MessageImported { .. })).count();
            Answer { added: added as u64, ..Answer::of(true, "Imported.") }
        }
        Ok(Some(Err(Rejection::UnknownChannel)) | None) => Answer::of(false, "The business number is gone."),
        Ok(Some(Err(_))) => Answer::of(false, "This part cannot be imported."),
        Err(error) => not_now(error),
    }
}

fn talk(part: ImportRequest, channel: ChannelId, agent: Option<AgentId>) -> PastTalk {
    let said = part.said.iter().map(|said| PastMessage {
        wamid: key(&part, said),
        author: match said.by {
            SaidBy::Contact => Author::Contact,
            SaidBy::Agent => agent.map_or(Author::BusinessApp, Author::Agent),
            SaidBy::System => Author::System,
        },
        at: Timestamp(said.at),
        content: match &said.kind {
            Some(kind) => Content::Other { kind: kind.clone(), text: said.text.clone() },
            None => Content::Text(said.text.clone()),
        },
    });
    let said = said.collect();
    let address = match &part.phone {
        Some(phone) => Address { kind: AddressKind::Phone, value: phone.clone() },
        None => Address { kind: AddressKind::UserId, value: format!("past:{}", part.conversation) },
    };
    let name = Some(part.name.unwrap_or(part.conversation));
    PastTalk { channel, sender: Sender { addresses: vec![address], name }, said }
}

/// The message's name for ever: what it says and where, not when it was imported.
fn key(part: &ImportRequest, said: &SaidRequest) -> Wamid {
    let mut hash = Sha256::new();
    for text in [&part.conversation, &said.text] {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    }
    hash.update(said.number.to_le_bytes());
    hash.update([said.by as u8]);
    let digest = hash.finalize();
    Wamid(digest.iter().take(16).fold("past.".to_owned(), |name, byte| format!("{name}{byte:02x}")))
}
