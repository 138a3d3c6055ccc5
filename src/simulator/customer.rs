//! What customers do with their phones: write, answer with a quote, react, send files.
//!
//! Apart from the simulator's set-up because it grows with the kinds of messages. Invariant: what the phone shows and
//! what the webhook says are made in one place.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::graph::objects::digits;
use super::webhook::escape::meta_json;
use super::webhook::payload::{Fragment, InboundMessage};
use super::webhook::post;
use super::world::{MessageState, PhoneFile, PhoneMessage};
use super::{Customer, Shared, now_ms, wamid};

/// What a phone shows of a message, beside what the webhook says.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) text: String,
    pub(super) quoted: Option<String>,
    pub(super) file: Option<PhoneFile>,
}

/// A file that a customer sends.
pub(super) struct CustomerFile {
    /// `image`, `video`, `audio`, `document` or `sticker`.
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) mime_type: String,
    pub(super) caption: String,
    pub(super) bytes: Bytes,
}

impl Shared {
    pub(super) async fn customer_writes(&self, customer: &Customer, text: String) -> String {
        self.customer_answers(customer, text, None).await
    }

    /// A text, perhaps with a quote.
    pub(super) async fn customer_answers(&self, customer: &Customer, text: String, quoted: Option<String>) -> String {
        let node = json!({ "body": text });
        let context = quoted.as_deref().map(|wamid| self.context(customer, wamid));
        self.customer_sends(customer, "text", &node, context.as_ref(), Shown { text, quoted, file: None }).await
    }

    /// A message of any of Meta's kinds, as it is given.
    pub(super) async fn customer_sends_object(
        &self,
        customer: &Customer,
        kind: &str,
        node: &Value,
        text: String,
        quoted: Option<String>,
    ) -> String {
        let context = quoted.as_deref().map(|wamid| self.context(customer, wamid));
        self.customer_sends(customer, kind, node, context.as_ref(), Shown { text, quoted, file: None }).await
    }

    /// An emoji on a message; empty takes it back.
    pub(super) async fn customer_reacts(&self, customer: &Customer, target: &str, emoji: &str) -> String {
        // Meta leaves the emoji out when the reaction is taken back.
        let node = if emoji.is_empty() {
            json!({"message_id": target})
        } else {
            json!({"message_id": target, "emoji": emoji})
        };
        self.world().customer_reacted(&customer.wa_id, target, emoji);
        let (fragment, wamid) = self.fragment(customer, "reaction", &node, None);
        post::enqueue(self, fragment, Arc::clone(&wamid), None).await;
        wamid.to_string()
    }

    /// A file: kept like an uploaded one, and named by its id in the webhook.
    pub(super) async fn customer_sends_file(&self, customer: &Customer, file: CustomerFile) -> String {
        let CustomerFile { kind, name, mime_type, caption, bytes } = file;
        let sha256 = STANDARD.encode(Sha256::digest(&bytes));
        let id = self.keep_file(mime_type.clone(), bytes);
        let mut node = json!({"id": id, "mime_type": mime_type, "sha256": sha256});
        match kind {
            "audio" => node["voice"] = mime_type.starts_with("audio/ogg").into(),
            "sticker" => node["animated"] = false.into(),
            "document" => node["filename"] = name.clone().into(),
            _ => {}
        }
        if !caption.is_empty() && matches!(kind, "image" | "video" | "document") {
            node["caption"] = caption.clone().into();
        }
        let shown = Shown { text: caption, quoted: None, file: Some(PhoneFile { id, mime_type, name }) };
        self.customer_sends(customer, kind, &node, None, shown).await
    }

    /// Who is quoted: the business, or the customer themselves.
    fn context(&self, customer: &Customer, wamid: &str) -> Value {
        let own = super::world::author_of(wamid).is_some();
        let from = if own { customer.wa_id.clone() } else { digits(&self.config.display_number) };
        json!({"from": from, "id": wamid})
    }

    /// Puts a message on the customer's phone and into the webhook queue.
    pub(super) async fn customer_sends(
        &self,
        customer: &Customer,
        kind: &str,
        node: &Value,
        context: Option<&Value>,
        shown: Shown,
    ) -> String {
        let (fragment, wamid) = self.fragment(customer, kind, node, context);
        let message = PhoneMessage {
            wamid: Arc::clone(&wamid),
            from_customer: true,
            at_ms: now_ms(),
            kind: kind.to_owned(),
            text: shown.text,
            state: MessageState::Sending,
            choices: Vec::new(),
            reaction: None,
            own_reaction: None,
            quoted: shown.quoted,
            file: shown.file,
            sent: None,
        };
        self.world().add_message(&customer.wa_id, message);
        post::enqueue(self, fragment, Arc::clone(&wamid), None).await;
        wamid.to_string()
    }

    /// A customer's message for the webhook, and its id.
    fn fragment(&self, customer: &Customer, kind: &str, node: &Value, context: Option<&Value>) -> (Fragment, Arc<str>) {
        let at_ms = now_ms();
        let wamid: Arc<str> = self.wamids.make(&customer.wa_id, wamid::Direction::FromCustomer).into();
        let mut world = self.world();
        let phone = world.phone(customer);
        phone.wrote_at_ms = Some(at_ms);
        let json = meta_json(&InboundMessage {
            from: &phone.wa_id,
            from_user_id: &phone.user_id,
            wamid: &wamid,
            at_ms,
            kind,
            node,
            context,
        });
        let customer = Arc::clone(&phone.wa_id);
        (Fragment { customer, is_status: false, contact: Some(phone.contact.clone()), json }, wamid)
    }
}
