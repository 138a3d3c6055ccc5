//! What was said before Deskbell was there.
//!
//! Apart from what arrives, because nothing follows from it: no window, no interaction, no text of the queue.
//! Invariant: importing the same again adds nothing.

use std::collections::BTreeSet;

use super::{Decision, own_message};
use crate::domain::command::{PastMessage, PastTalk};
use crate::domain::contact::Sender;
use crate::domain::event::Event;
use crate::domain::facts::Facts;
use crate::domain::floor::Floor;
use crate::domain::ids::{ChannelId, MessageId};
use crate::domain::message::Message;
use crate::domain::rejection::Rejection;

impl Floor {
    pub(super) fn import(&self, facts: &Facts, talk: &PastTalk) -> Decision {
        self.import_into(facts, talk.channel, &talk.sender, &talk.said)
    }

    /// The provider tells what was said on a number before it came here.
    pub(super) fn receive_past(&self, facts: &Facts, sender: &Sender, said: &[PastMessage]) -> Decision {
        self.import_into(facts, facts.channel.ok_or(Rejection::UnknownChannel)?, sender, said)
    }

    fn import_into(&self, facts: &Facts, channel: ChannelId, sender: &Sender, said: &[PastMessage]) -> Decision {
        if !self.rows.channels.contains_key(&channel) {
            return Err(Rejection::UnknownChannel);
        }
        let mut seen = BTreeSet::new();
        let news = said.iter().filter(|said| !facts.known_wamids.contains(&said.wamid) && seen.insert(&said.wamid));
        let news: Vec<_> = news.collect();
        let mut events = Vec::with_capacity(news.len() + 2);
        if news.is_empty() {
            return Ok(events);
        }
        let (_, conversation) = self.whose(facts, channel, sender, &mut events);
        let first = self.next_message().0;
        for (said, number) in news.into_iter().zip(first..) {
            let message = own_message(MessageId(number), conversation, said.author, said.at, said.content.clone());
            let (raw, quoted) = (said.raw.clone(), said.quoted.clone());
            events.push(Event::MessageImported {
                message: Message { wamid: Some(said.wamid.clone()), raw, quoted, ..message },
            });
        }
        Ok(events)
    }
}
