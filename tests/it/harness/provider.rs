//! Meta, as far as the webhook sees it: bodies and signatures.

use deskbell::whatsapp::signature;
use serde_json::{Value, json};

use super::browser::{Answer, Browser};

pub(crate) const PHONE_NUMBER_ID: &str = "106540352242922";
pub(crate) const APP_SECRET: &str = "app secret";
pub(crate) const VERIFY_TOKEN: &str = "verify token";

/// A text from a contact.
pub(crate) fn text(from: &str, wamid: &str, words: &str, sent_at_s: i64) -> Value {
    json!({ "from": from, "id": wamid, "timestamp": sent_at_s.to_string(), "type": "text", "text": { "body": words } })
}

/// An envelope with these messages for our number.
pub(crate) fn envelope(messages: &[Value]) -> String {
    envelope_for(PHONE_NUMBER_ID, messages)
}

/// An envelope with these messages for that number.
pub(crate) fn envelope_for(phone_number_id: &str, messages: &[Value]) -> String {
    json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "15550100", "phone_number_id": phone_number_id },
            "messages": messages,
        } }] }],
    })
    .to_string()
}

impl Browser {
    /// Brings a body with our number's signature.
    pub(crate) fn bring(&self, body: &str) -> Answer {
        self.bring_signed(body.as_bytes(), &signature::sign(APP_SECRET.as_bytes(), body.as_bytes()))
    }

    /// Brings a body with that signature.
    pub(crate) fn bring_signed(&self, body: &[u8], signature: &str) -> Answer {
        let mut request = format!(
            "POST /webhooks/whatsapp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nConnection: close\r\n\
             X-Hub-Signature-256: {signature}\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        self.raw(&request)
    }

    /// A contact writes a text now.
    pub(crate) fn contact_writes(&self, from: &str, wamid: &str, words: &str) {
        let sent_at_s = super::desk::MORNING.0 / 1_000;
        let answer = self.bring(&envelope(&[text(from, wamid, words, sent_at_s)]));
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}
