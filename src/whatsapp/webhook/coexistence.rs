//! A number that is used with the business's phone app as well: what the app wrote, and what was said before.
//!
//! Apart from messages because nothing of this is new work for anybody. Invariant: what is not understood is kept as it
//! came, and every message object with an id, in a thread that names a contact, becomes one of the past.

use crate::domain::command::Command;
use crate::limits::PAST_MESSAGES_MAX;

use super::json::Json;
use super::{Decoder, message, phone_number_id_of};

impl Decoder<'_> {
    /// Field `smb_message_echoes`: somebody wrote with the phone app.
    pub(super) fn echoes(&mut self, change: Json<'_>) {
        let value = change.get("value");
        let channel = value.and_then(phone_number_id_of);
        let echoes = value.and_then(|value| value.get("message_echoes")).filter(|echoes| echoes.is_list());
        let (Some(channel), Some(echoes)) = (channel.clone(), echoes) else {
            return self.keep(channel, "smb_message_echoes", change.raw());
        };
        let contacts = value.and_then(|value| value.get("contacts"));
        for echo in echoes.elements() {
            match message::read_echo(self.context, &channel, contacts, echo) {
                Ok(command) => self.push(Some(channel.clone()), command),
                Err(kind) => self.keep(Some(channel.clone()), kind, echo.raw()),
            }
        }
    }

    /// Field `history`: chunks of threads of messages. Files that follow later, and a refusal to share, are kept.
    pub(super) fn history(&mut self, change: Json<'_>) {
        let value = change.get("value");
        let channel = value.and_then(phone_number_id_of);
        let chunks = value.and_then(|value| value.get("history")).filter(|chunks| chunks.is_list());
        let (Some(channel), Some(chunks)) = (channel.clone(), chunks) else {
            return self.keep(channel, "history", change.raw());
        };
        for chunk in chunks.elements() {
            let threads = chunk.get("threads").filter(|threads| threads.is_list());
            let Some(threads) = threads else {
                self.keep(Some(channel.clone()), "history", chunk.raw());
                continue;
            };
            for thread in threads.elements() {
                self.thread(&channel, thread);
            }
        }
    }

    fn thread(&mut self, channel: &str, thread: Json<'_>) {
        let id = thread.text_of("id").unwrap_or_default();
        let contact = id.trim_start_matches('+');
        let Some(sender) = message::of_thread(contact) else {
            return self.keep(Some(channel.to_owned()), "history", thread.raw());
        };
        let mut said = Vec::new();
        for one in thread.get("messages").into_iter().flat_map(Json::elements) {
            match message::read_past(self.context, contact, one) {
                Ok(past) => said.push(past),
                Err(kind) => self.keep(Some(channel.to_owned()), kind, one.raw()),
            }
        }
        for part in said.chunks(PAST_MESSAGES_MAX) {
            let (phone_number_id, sender, said) = (channel.to_owned(), sender.clone(), part.to_vec());
            self.push(Some(channel.to_owned()), Command::ReceivePast { phone_number_id, sender, said });
        }
    }
}
