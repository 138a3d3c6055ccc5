//! What was said before Deskbell was there.
//!
//! Apart from what arrives, because nothing follows from it: no window, no interaction, no text of the queue.
//! Invariant: importing the same again adds nothing.

use std::collections::BTreeSet;

use super::{Decision, own_message};
use crate::domain::command::PastTalk;
use crate::domain::event::Event;
use crate::domain::facts::Facts;
use crate::domain::floor::Floor;
use crate::domain::ids::{ContactId, ConversationId, MessageId};
use crate::domain::message::Message;
use crate::domain::rejection::Rejection;

impl Floor {
    pub(super) fn import(&self, facts: &Facts, talk: &PastTalk) -> Decision {
        if !self.rows.channels.contains_key(&talk.channel) {
            return Err(Rejection::UnknownChannel);
        }
        let mut seen = BTreeSet::new();
        let news =
            talk.said.iter().filter(|said| !facts.known_wamids.contains(&said.wamid) && seen.insert(&said.wamid));
        let news: Vec<_> = news.collect();
        let mut events = Vec::with_capacity(news.len() + 2);
        if news.is_empty() {
            return Ok(events);
        }
        let contact = facts.contact.as_ref().map_or_else(
            || {
                let contact = ContactId(self.rows.counters.contact);
                let name = talk.sender.name.clone().unwrap_or_default();
                events.push(Event::ContactCreated { contact, name, addresses: talk.sender.addresses.clone() });
                contact
            },
            |contact| contact.id,
        );
        let conversation = facts.conversation.as_ref().map_or_else(
            || {
                let conversation = ConversationId(self.rows.counters.conversation);
                events.push(Event::ConversationOpened { conversation, contact, channel: talk.channel });
                conversation
            },
            |conversation| conversation.id,
        );
        let first = self.next_message().0;
        for (said, number) in news.into_iter().zip(first..) {
            let message = own_message(MessageId(number), conversation, said.author, said.at, said.content.clone());
            events.push(Event::MessageImported { message: Message { wamid: Some(said.wamid.clone()), ..message } });
        }
        Ok(events)
    }
}
