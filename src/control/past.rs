//! Parts of conversations of the past, on their way into the store.
//!
//! Invariant: the same message has the same key however often and in whatever parts it comes, so that it is there once.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::domain::command::{Command, PastMessage, PastTalk};
use crate::domain::contact::{Address, AddressKind, Sender};
use crate::domain::event::Event;
use crate::domain::hex::hex;
use crate::domain::ids::{AgentId, ChannelId, Wamid};
use crate::domain::message::{Author, Content};
use crate::domain::rejection::Rejection;
use crate::domain::time::Timestamp;
use crate::limits::{IMPORT_PART_MESSAGES_MAX, MESSAGE_CHARS_MAX};
use crate::store::{Store, StoreError};

use super::{Answer, not_now};

/// Some conversations between one business number and its contacts.
#[derive(Clone, Serialize, Deserialize)]
pub struct ImportRequest {
    /// The business number's name; the only one there is when left out.
    pub channel: Option<String>,
    /// The login of the agent who wrote what the business said; else nobody of us.
    pub agent: Option<String>,
    /// With whom and what.
    pub talks: Vec<TalkRequest>,
}

/// What was said with one contact.
#[derive(Clone, Serialize, Deserialize)]
pub struct TalkRequest {
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

pub(super) async fn import(store: &Store, request: ImportRequest) -> Answer {
    let messages = || request.talks.iter().flat_map(|talk| &talk.said);
    let fits = messages().count() <= IMPORT_PART_MESSAGES_MAX
        && messages().all(|said| said.text.chars().count() <= MESSAGE_CHARS_MAX * 16);
    if !fits {
        return Answer::of(false, "A part of an import is too large; use this version's command.");
    }
    let (channel, agent) = match from_whom(store, &request) {
        Ok(named) => named,
        Err(sentence) => return Answer::of(false, sentence),
    };
    let talks = request.talks.into_iter();
    let commands = talks.map(|talk| Command::Import(Box::new(past(talk, channel, agent)))).collect();
    let answers = match store.submit(commands).await {
        Ok(answers) => answers,
        Err(error) => return not_now(error),
    };
    let mut added = 0;
    for answer in answers {
        match answer {
            Ok(done) => {
                let new = done.events.iter().filter(|event| matches!(event, Event::MessageImported { .. }));
                added += new.count() as u64;
            }
            Err(Rejection::UnknownChannel) => return Answer::of(false, "The business number is gone."),
            Err(_) => return Answer::of(false, "A conversation of this part cannot be imported."),
        }
    }
    Answer { added, ..Answer::of(true, "Imported.") }
}

/// The business number and the agent that a request names, or why there are none.
fn from_whom(store: &Store, request: &ImportRequest) -> Result<(ChannelId, Option<AgentId>), String> {
    let found = store.read(|snapshot| {
        let channels = snapshot.channels()?;
        let named = channels.iter().filter(|row| request.channel.as_ref().is_none_or(|name| *name == row.profile.name));
        let named: Vec<ChannelId> = named.map(|row| row.channel.id).collect();
        let agent = match &request.agent {
            Some(login) => snapshot.agent_by_login(login)?.map(|(row, _)| row.agent.id),
            None => None,
        };
        Ok::<_, StoreError>((named, agent))
    });
    let (channels, agent) = found.map_err(|error| error.to_string())?;
    match channels.as_slice() {
        [_] if request.agent.is_some() && agent.is_none() => {
            Err("There is nobody with this login; add them with `deskbell user add`.".to_owned())
        }
        [channel] => Ok((*channel, agent)),
        [] => Err("No such business number; connect one with `deskbell channel add`.".to_owned()),
        [..] => Err("There are several business numbers; name one with --channel.".to_owned()),
    }
}

fn past(talk: TalkRequest, channel: ChannelId, agent: Option<AgentId>) -> PastTalk {
    let said = talk.said.iter().map(|said| PastMessage {
        wamid: key(&talk, said),
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
        raw: None,
        quoted: None,
    });
    let said = said.collect();
    let address = match &talk.phone {
        Some(phone) => Address { kind: AddressKind::Phone, value: phone.clone() },
        None => Address { kind: AddressKind::UserId, value: format!("past:{}", talk.conversation) },
    };
    let name = Some(talk.name.unwrap_or(talk.conversation));
    PastTalk { channel, sender: Sender { addresses: vec![address], name }, said }
}

/// The message's name for ever: what it says and where, not when it was imported.
fn key(talk: &TalkRequest, said: &SaidRequest) -> Wamid {
    let mut hash = Sha256::new();
    for text in [&talk.conversation, &said.text] {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    }
    hash.update(said.number.to_le_bytes());
    hash.update([said.by as u8]);
    let digest = hash.finalize();
    Wamid("past.".to_owned() + &hex(&digest[..16]))
}
