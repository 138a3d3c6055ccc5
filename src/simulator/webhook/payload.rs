//! Webhook bodies: messages, contacts and statuses as fragments in Meta's spelling, and the envelope around them.
//!
//! Apart from posting, so that a fragment is written once and put together cheaply at thousands a second.
//! Invariant: every fragment is complete JSON in ASCII; an envelope is only ever glued together from fragments.

use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value, json};

use super::escape::meta_json;
use crate::simulator::graph::error::status_error;

/// A customer's message on its way to the business.
pub(crate) struct InboundMessage<'a> {
    pub(crate) from: &'a str,
    pub(crate) from_user_id: &'a str,
    pub(crate) wamid: &'a str,
    pub(crate) at_ms: u64,
    pub(crate) kind: &'a str,
    /// What stands under the key `kind`.
    pub(crate) node: &'a Value,
    /// The message that this one answers.
    pub(crate) context: Option<&'a Value>,
}

impl Serialize for InboundMessage<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(context) = self.context {
            map.serialize_entry("context", context)?;
        }
        map.serialize_entry("from", self.from)?;
        map.serialize_entry("from_user_id", self.from_user_id)?;
        map.serialize_entry("id", self.wamid)?;
        map.serialize_entry("timestamp", &(self.at_ms / 1000).to_string())?;
        map.serialize_entry(self.kind, self.node)?;
        map.serialize_entry("type", self.kind)?;
        map.end()
    }
}

/// What a status tells about a message of the business.
pub(crate) struct Status<'a> {
    pub(crate) wamid: &'a str,
    /// `sent`, `delivered`, `read` or `failed`.
    pub(crate) status: &'a str,
    pub(crate) at_ms: u64,
    pub(crate) recipient_id: &'a str,
    pub(crate) recipient_user_id: &'a str,
    pub(crate) callback_data: Option<&'a str>,
    /// `service` or a template's category; `None` leaves `conversation` and `pricing` out.
    pub(crate) category: Option<&'a str>,
    pub(crate) failed_code: Option<u32>,
}

impl Serialize for Status<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", self.wamid)?;
        map.serialize_entry("status", self.status)?;
        map.serialize_entry("timestamp", &(self.at_ms / 1000).to_string())?;
        map.serialize_entry("recipient_id", self.recipient_id)?;
        // Meta's failed statuses name neither the contact nor the user id.
        if self.failed_code.is_none() {
            map.serialize_entry("recipient_user_id", self.recipient_user_id)?;
        }
        if let Some(data) = self.callback_data {
            map.serialize_entry("biz_opaque_callback_data", data)?;
        }
        if let Some(category) = self.category {
            if self.status == "sent" {
                let until = (self.at_ms / 1000 + 86_400).to_string();
                let conversation = json!({
                    "id": format!("{:032x}", crate::simulator::world::hash(self.recipient_id)),
                    "expiration_timestamp": until,
                    "origin": {"type": category},
                });
                map.serialize_entry("conversation", &conversation)?;
            }
            if self.status != "read" {
                let free = category == "service";
                let pricing = json!({
                    "billable": !free,
                    "pricing_model": "PMP",
                    "category": category,
                    "type": if free { "free_customer_service" } else { "regular" },
                });
                map.serialize_entry("pricing", &pricing)?;
            }
        }
        if let Some(code) = self.failed_code {
            map.serialize_entry("errors", &[status_error(code)])?;
        }
        map.end()
    }
}

/// The `contacts[]` entry of a customer.
pub(crate) fn contact(wa_id: &str, user_id: &str, name: &str) -> String {
    struct Contact<'a>(&'a str, &'a str, &'a str);
    impl Serialize for Contact<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(3))?;
            map.serialize_entry("profile", &json!({ "name": self.2 }))?;
            map.serialize_entry("wa_id", self.0)?;
            map.serialize_entry("user_id", self.1)?;
            map.end()
        }
    }
    meta_json(&Contact(wa_id, user_id, name))
}

/// One message or status, ready to be put into an envelope.
#[derive(Clone, Debug)]
pub(crate) struct Fragment {
    pub(crate) customer: Arc<str>,
    pub(crate) is_status: bool,
    /// The customer's `contacts[]` entry; a failed status has none.
    pub(crate) contact: Option<String>,
    pub(crate) json: String,
}

/// The envelope of one business number.
pub(crate) struct Envelope {
    head: String,
    value_head: String,
}

impl Envelope {
    pub(crate) fn new(business_account_id: &str, phone_number_id: &str, display_number: &str) -> Self {
        let digits: String = display_number.chars().filter(char::is_ascii_digit).collect();
        Self {
            head: format!(
                r#"{{"object":"whatsapp_business_account","entry":[{{"id":{},"changes":["#,
                meta_json(&business_account_id)
            ),
            value_head: format!(
                r#"{{"value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":{},"phone_number_id":{}}}"#,
                meta_json(&digits),
                meta_json(&phone_number_id)
            ),
        }
    }

    /// One body for all `fragments`: neighbours of one customer and one sort share a change.
    pub(crate) fn body<'a>(&self, fragments: impl Iterator<Item = &'a Fragment>) -> String {
        let mut body = String::with_capacity(1024);
        body.push_str(&self.head);
        let mut before: Option<&Fragment> = None;
        for fragment in fragments {
            match before {
                Some(before) if shares_change(before, fragment) => body.push(','),
                _ => {
                    if before.is_some() {
                        body.push_str(r#"]},"field":"messages"},"#);
                    }
                    body.push_str(&self.value_head);
                    if let Some(contact) = &fragment.contact {
                        body.push_str(r#","contacts":["#);
                        body.push_str(contact);
                        body.push(']');
                    }
                    body.push_str(if fragment.is_status { r#","statuses":["# } else { r#","messages":["# });
                }
            }
            body.push_str(&fragment.json);
            before = Some(fragment);
        }
        body.push_str(r#"]},"field":"messages"}]}]}"#);
        body
    }
}

fn shares_change(one: &Fragment, other: &Fragment) -> bool {
    one.is_status == other.is_status && one.customer == other.customer && one.contact == other.contact
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(customer: &str, text: &str) -> Fragment {
        Fragment {
            customer: customer.into(),
            is_status: false,
            contact: Some(contact(customer, "US.1", "Zoë")),
            json: meta_json(&InboundMessage {
                from: customer,
                from_user_id: "US.1",
                wamid: "wamid.A/B=",
                at_ms: 1_749_416_383_999,
                kind: "text",
                node: &json!({ "body": text }),
                context: None,
            }),
        }
    }

    fn status(customer: &str, failed_code: Option<u32>) -> Fragment {
        Fragment {
            customer: customer.into(),
            is_status: true,
            contact: None,
            json: meta_json(&Status {
                wamid: "wamid.X",
                status: if failed_code.is_some() { "failed" } else { "sent" },
                at_ms: 1_000,
                recipient_id: customer,
                recipient_user_id: "US.1",
                callback_data: Some("m/1"),
                category: failed_code.is_none().then_some("service"),
                failed_code,
            }),
        }
    }

    fn parsed(fragments: &[Fragment]) -> Value {
        let envelope = Envelope::new("1022", "1065", "+1 555 078-3881");
        let body = envelope.body(fragments.iter());
        assert!(body.is_ascii());
        serde_json::from_str(&body).expect("an envelope is JSON")
    }

    #[test]
    fn a_text_message_has_metas_envelope() {
        let body = parsed(&[message("16505551234", "Grüße / 😀")]);
        assert_eq!(body["object"], "whatsapp_business_account");
        assert_eq!(body["entry"][0]["id"], "1022");
        let change = &body["entry"][0]["changes"][0];
        assert_eq!(change["field"], "messages");
        let value = &change["value"];
        assert_eq!(value["metadata"], json!({"display_phone_number": "15550783881", "phone_number_id": "1065"}));
        assert_eq!(value["contacts"][0]["profile"]["name"], "Zoë");
        assert_eq!(value["messages"][0]["timestamp"], "1749416383");
        assert_eq!(value["messages"][0]["text"]["body"], "Grüße / 😀");
        assert!(value.get("statuses").is_none());
    }

    #[test]
    fn a_batch_keeps_every_update_in_order() {
        let body =
            parsed(&[message("1", "a"), message("1", "b"), message("2", "c"), status("2", None), status("2", None)]);
        let changes = body["entry"][0]["changes"].as_array().expect("a list");
        let sizes: Vec<(usize, usize)> = changes
            .iter()
            .map(|change| {
                let count = |key| change["value"][key].as_array().map_or(0, Vec::len);
                (count("messages"), count("statuses"))
            })
            .collect();
        assert_eq!(sizes, [(2, 0), (1, 0), (0, 2)]);
        assert_eq!(changes[0]["value"]["messages"][1]["text"]["body"], "b");
    }

    #[test]
    fn a_sent_status_repeats_the_callback_data_and_tells_the_price() {
        let body = parsed(&[status("1", None)]);
        let status = &body["entry"][0]["changes"][0]["value"]["statuses"][0];
        assert_eq!(status["biz_opaque_callback_data"], "m/1");
        assert_eq!(status["timestamp"], "1");
        assert_eq!(status["conversation"]["expiration_timestamp"], "86401");
        assert_eq!(status["pricing"]["type"], "free_customer_service");
    }

    #[test]
    fn a_failed_status_has_errors_and_no_contact() {
        let body = parsed(&[status("1", Some(131_026))]);
        let value = &body["entry"][0]["changes"][0]["value"];
        assert_eq!(value["statuses"][0]["errors"][0]["code"], 131_026);
        assert!(value.get("contacts").is_none());
    }
}
