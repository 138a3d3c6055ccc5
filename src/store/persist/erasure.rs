//! Erasures: every row that says something about a person, taken out of every table that has one.
//!
//! Apart because it is the one place that has to know all tables with personal words. Invariants: what is erased is
//! found under no key any more; a row that cannot be read is erased all the same; what names others stays. Of a
//! message's provider id a hash stays for some days, so that a webhook that comes again does not bring it back.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use redb::ReadableTable as _;
use sha2::{Digest as _, Sha256};

use crate::domain::contact::{AddressKind, Contact};
use crate::domain::hex::hex;
use crate::domain::ids::{ContactId, ConversationId, InteractionId, MessageId, Wamid};
use crate::domain::media::{Fetch, FetchState, FileHash};
use crate::domain::message::{Author, Message};
use crate::domain::time::Timestamp;
use crate::limits::{ERASED_NAME_AGE_MS_MAX, OLD_ROWS_PER_ARRIVAL_MAX};

use super::{ANYBODY, Pages};
use crate::store::StoreError;
use crate::store::codec;
use crate::store::record::Pointer;
use crate::store::record::interaction::DoneInteraction;
use crate::store::record::message::Raw;

/// What the hash of an erased message's provider id begins with: no id of the provider's does.
pub(in crate::store) const ERASED: &str = "erased ";

fn erased_key(wamid: &Wamid) -> String {
    let hash = Sha256::digest(wamid.0.as_bytes());
    ERASED.to_owned() + &hex(&hash[..16])
}

impl Pages<'_> {
    /// Whether the message with this provider id was erased lately.
    pub(in crate::store) fn was_erased(&mut self, wamid: &Wamid) -> Result<bool, StoreError> {
        Ok(self.tables.wamids()?.get(erased_key(wamid).as_str())?.is_some())
    }

    /// All that was said, noted, sent and drafted on a conversation.
    pub(super) fn erase_conversation(&mut self, at: Timestamp, id: ConversationId) -> Result<(), StoreError> {
        for message in self.messages_of(id)? {
            self.erase_message(at, id, message)?;
        }
        for InteractionId(interaction) in self.interactions_of(id)? {
            self.tables.notes()?.remove(interaction)?;
            self.tables.transfer_notes()?.remove(interaction)?;
            self.tables.case_data()?.remove(interaction)?;
            let found = self.tables.interactions_done()?.get(interaction)?;
            let done: Option<DoneInteraction> = found.and_then(|value| codec::decode(value.value()).ok());
            if let Some(mut done) = done.filter(|done| done.interaction.last_message.is_some()) {
                done.interaction.last_message = None;
                self.tables.interactions_done()?.insert(interaction, codec::encode(&done))?;
            }
        }
        for agent in self.agents()? {
            self.tables.drafts()?.remove((agent, id.0))?;
        }
        self.conversation(id.0)?.last_message = None;
        Ok(())
    }

    /// Names, addresses and what was written about them; an empty row stays.
    pub(super) fn erase_contact(&mut self, id: ContactId) -> Result<(), StoreError> {
        let before = self.contact(id)?.ok_or(StoreError::Missing("a contact that is erased"))?;
        self.unname(&before)?;
        self.tables.contacts()?.insert(id.0, codec::encode(&before.erased()))?;
        for agent in self.agents()? {
            if self.tables.assigned()?.get((agent, id.0))?.is_some() {
                self.tables.assigned()?.remove((agent, id.0))?;
            }
        }
        for (_, conversation) in self.conversations_with(id)? {
            self.unlist(ConversationId(conversation))?;
        }
        Ok(())
    }

    /// What was kept raw and names the contact or one of their messages. Comes before their rows are gone.
    pub(super) fn erase_traces(&mut self, id: ContactId) -> Result<(), StoreError> {
        let contact = self.contact(id)?.ok_or(StoreError::Missing("a contact that is erased"))?;
        let mut wamids = BTreeSet::new();
        for (_, conversation) in self.conversations_with(id)? {
            for message in self.messages_of(ConversationId(conversation))? {
                wamids.extend(self.readable(message)?.and_then(|message| message.wamid).map(|wamid| wamid.0));
            }
        }
        let mut rows = Vec::new();
        for row in self.tables.raw()?.iter()? {
            let (key, value) = row?;
            // A row that cannot be read may name them.
            let raw = codec::decode::<Raw>(value.value()).ok();
            if raw.is_none_or(|raw| names(&contact, &raw.raw) || raw.raw.split('"').any(|word| wamids.contains(word))) {
                rows.push(key.value());
            }
        }
        for row in rows {
            self.tables.raw()?.remove(row)?;
        }
        let mut reports = Vec::new();
        for row in self.tables.parked_reports()?.iter()? {
            let key = row?.0;
            let (wamid, number) = key.value();
            if tells(&contact, wamid) {
                reports.push((wamid.to_owned(), number));
            }
        }
        for (wamid, number) in reports {
            self.tables.parked_reports()?.remove((wamid.as_str(), number))?;
            self.tables.parked_order()?.remove(number)?;
        }
        Ok(())
    }

    /// A message's file goes; the message says so.
    pub(super) fn remove_media(&mut self, id: MessageId) -> Result<(), StoreError> {
        let message = self.message(id)?.ok_or(StoreError::Missing("the message of a file"))?;
        if let Some(hash) = self.file_of(&message)? {
            self.release_file(hash, id)?;
        }
        let channel = self.conversation(message.conversation.0)?.channel;
        self.put_fetch(&Fetch { message: id, channel, state: FetchState::Removed, attempt: 0 })
    }

    /// The messages of a conversation, those too that stand in no transcript.
    fn messages_of(&mut self, id: ConversationId) -> Result<Vec<MessageId>, StoreError> {
        let mut messages = Vec::new();
        for row in self.tables.transcripts()?.range((id.0, i64::MIN, 0)..=(id.0, i64::MAX, u64::MAX))? {
            messages.push(MessageId(row?.0.value().2));
        }
        for row in self.tables.beside()?.range((id.0, 0)..=(id.0, u64::MAX))? {
            messages.push(MessageId(row?.0.value().1));
        }
        Ok(messages)
    }

    fn agents(&mut self) -> Result<Vec<u64>, StoreError> {
        let mut agents = Vec::new();
        for row in self.tables.agents()?.iter()? {
            agents.push(row?.0.value());
        }
        Ok(agents)
    }

    /// A message, if its row can be read.
    fn readable(&mut self, id: MessageId) -> Result<Option<Message>, StoreError> {
        let found = self.tables.messages()?.get(id.0)?;
        Ok(found.and_then(|value| codec::decode(value.value()).ok()))
    }

    fn erase_message(&mut self, at: Timestamp, conversation: ConversationId, id: MessageId) -> Result<(), StoreError> {
        let message = self.readable(id)?;
        if let Some(message) = &message {
            self.erase_names(at, message)?;
            if let Some(hash) = self.file_of(message)? {
                self.release_file(hash, id)?;
            }
            self.tables.transcripts()?.remove((conversation.0, message.at.0, id.0))?;
        } else {
            self.unplace(conversation, id)?;
        }
        for side in 0..4 {
            if self.tables.reactions()?.get((id.0, side))?.is_some() {
                self.tables.reactions()?.remove((id.0, side))?;
            }
        }
        if self.tables.fetches()?.get(id.0)?.is_some() {
            self.tables.fetches()?.remove(id.0)?;
            self.tables.fetches_due()?.remove(id.0)?;
        }
        if self.tables.beside()?.get((conversation.0, id.0))?.is_some() {
            self.tables.beside()?.remove((conversation.0, id.0))?;
        }
        self.tables.messages()?.remove(id.0).map_err(StoreError::from)
    }

    /// The names by which a message is found.
    fn erase_names(&mut self, at: Timestamp, message: &Message) -> Result<(), StoreError> {
        if let Some(wamid) = &message.wamid {
            self.tables.wamids()?.remove(wamid.0.as_str())?;
            if at.since_ms(message.at) <= ERASED_NAME_AGE_MS_MAX {
                self.remember_erased(at, wamid)?;
            }
        }
        if let Some(quoted) = &message.quoted
            && self.tables.parked_reactions()?.get((quoted.0.as_str(), message.id.0))?.is_some()
        {
            self.tables.parked_reactions()?.remove((quoted.0.as_str(), message.id.0))?;
        }
        if let (Author::Agent(agent), Some(key)) = (message.author, &message.client_key) {
            let agent = if message.retry_of.is_some() { ANYBODY } else { agent };
            self.tables.client_keys()?.remove((agent.0, key.0.as_str()))?;
        }
        Ok(())
    }

    /// Keeps the hash of a provider's id, and lets old ones go.
    fn remember_erased(&mut self, at: Timestamp, wamid: &Wamid) -> Result<(), StoreError> {
        let mut old = Vec::new();
        for row in self.tables.wamids()?.range(ERASED..)?.take(OLD_ROWS_PER_ARRIVAL_MAX) {
            let (key, value) = row?;
            let when: Option<Pointer> = codec::decode(value.value()).ok();
            let age_ms = when.and_then(|Pointer(when)| i64::try_from(when).ok()).map(|when| at.0 - when);
            if key.value().starts_with(ERASED) && age_ms.is_none_or(|age_ms| age_ms > ERASED_NAME_AGE_MS_MAX) {
                old.push(key.value().to_owned());
            }
        }
        for key in old {
            self.tables.wamids()?.remove(key.as_str())?;
        }
        let when = Pointer(u64::try_from(at.0).unwrap_or(0));
        self.tables.wamids()?.insert(erased_key(wamid).as_str(), codec::encode(&when))?;
        Ok(())
    }

    /// Takes a message that cannot be read out of its transcript.
    fn unplace(&mut self, conversation: ConversationId, id: MessageId) -> Result<(), StoreError> {
        let range = (conversation.0, i64::MIN, 0)..=(conversation.0, i64::MAX, u64::MAX);
        let mut places = Vec::new();
        for row in self.tables.transcripts()?.range(range)? {
            let place = row?.0.value();
            if place.2 == id.0 {
                places.push(place);
            }
        }
        for place in places {
            self.tables.transcripts()?.remove(place)?;
        }
        Ok(())
    }

    /// The file of a message, where it is here.
    fn file_of(&mut self, message: &Message) -> Result<Option<FileHash>, StoreError> {
        match message.content.own_file() {
            Some(hash) => Ok(Some(hash)),
            None => match self.fetch(message.id)?.map(|fetch| fetch.state) {
                Some(FetchState::Ready(file)) => Ok(Some(file.hash)),
                Some(FetchState::Due(_) | FetchState::Failed(_) | FetchState::Removed) | None => Ok(None),
            },
        }
    }
}

/// Whether a text holds one of the contact's own addresses as a word of its own. A username is none: it may be any word,
/// and never stands without another address.
fn names(contact: &Contact, text: &str) -> bool {
    let own = contact.addresses.iter().filter(|address| address.kind != AddressKind::Username);
    own.into_iter().any(|address| stands_in(address.value.as_str(), text))
}

fn stands_in(word: &str, text: &str) -> bool {
    let part_of_word = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    text.match_indices(word).any(|(place, _)| {
        let (before, after) = (text[..place].chars().next_back(), text[place + word.len()..].chars().next());
        !part_of_word(before) && !part_of_word(after)
    })
}

/// Whether a provider's id carries the contact's number: Meta packs it in.
fn tells(contact: &Contact, wamid: &str) -> bool {
    let packed = wamid.strip_prefix("wamid.").and_then(|packed| STANDARD.decode(packed).ok());
    let Some(packed) = packed else { return false };
    let mut phones = contact.addresses.iter().filter(|address| address.kind == AddressKind::Phone);
    phones.any(|phone| packed.windows(phone.value.len().max(1)).any(|part| part == phone.value.as_bytes()))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::{names, tells};
    use crate::domain::contact::{Address, AddressKind, Contact};
    use crate::domain::ids::ContactId;

    fn contact() -> Contact {
        let address = |kind, value: &str| Address { kind, value: value.to_owned() };
        let addresses = vec![address(AddressKind::Phone, "4915112345"), address(AddressKind::Username, "ana")];
        Contact::new(ContactId(1), "Ana".to_owned(), addresses)
    }

    #[test]
    fn a_raw_webhook_names_a_person_by_the_whole_number_only() {
        for (text, expected) in [
            (r#"{"from":"4915112345"}"#, true),
            ("+4915112345", true),
            (r#"{"from":"49151123456"}"#, false),
            (r#"{"from":"14915112345"}"#, false),
            (r#"{"name":"ana"}"#, false),
        ] {
            assert_eq!(names(&contact(), text), expected, "{text}");
        }
    }

    #[test]
    fn a_providers_id_tells_the_number_in_it() {
        let packed = |number: &str| format!("wamid.{}", STANDARD.encode(format!("\x1d\x0b{number}\x15\x02")));
        assert!(tells(&contact(), &packed("4915112345")));
        assert!(!tells(&contact(), &packed("4915100000")));
        assert!(!tells(&contact(), "wamid.IN00000001"));
    }
}
