//! A number that is used with the business's phone app as well: what the app wrote, and what was said before.
//!
//! Apart from messages because nothing of this is new work for anybody. Invariant: what is not understood is kept as it
//! came, and every message object with an id, in a thread that names a contact, becomes one of the past.

use crate::domain::command::Command;
use crate::limits::PAST_MESSAGES_MAX;

use super::json::Json;
use super::{Decoder, message};

impl Decoder<'_> {
    /// Of `smb_message_echoes`: somebody wrote with the phone app.
    pub(super) fn echo(&mut self, channel: Option<&str>, contacts: Option<Json<'_>>, echo: Json<'_>) {
        let command = match channel {
            Some(channel) => message::read_echo(self.context, channel, contacts, echo),
            None => Err("message_without_channel"),
        };
        self.take(channel, command, echo);
    }

    /// Of `history`: a chunk of threads of messages. Files that follow later, and a refusal to share, are kept.
    pub(super) fn past(&mut self, channel: Option<&str>, _: Option<Json<'_>>, chunk: Json<'_>) {
        match (channel, chunk.get("threads").filter(|threads| threads.is_list())) {
            (Some(channel), Some(threads)) => threads.elements().for_each(|thread| self.thread(channel, thread)),
            _ => self.keep(channel.map(str::to_owned), "history", chunk.raw()),
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
