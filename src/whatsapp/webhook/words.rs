//! The words in a message that a person can read now, whatever its kind.
//!
//! Apart from the message because this table grows with Meta's kinds while the rest stands still. Invariant: no words
//! are better than wrong ones: an unknown kind shows what its node calls text, else nothing.

use crate::limits::FORM_FIELDS_MAX;

use super::json::{Document, Json};

/// Readable words of a message of this kind, one thing a line; possibly empty.
pub(super) fn of(kind: &str, message: Json<'_>) -> String {
    let mut words = Words(String::new());
    if let Some(node) = message.get(kind) {
        words.node(kind, node);
    }
    words.0
}

struct Words(String);

impl Words {
    fn node(&mut self, kind: &str, node: Json<'_>) {
        match kind {
            "document" => self.members(node, &["filename", "caption"]),
            "image" | "video" | "audio" | "sticker" => self.members(node, &["caption"]),
            "location" => self.location(node),
            "contacts" => node.elements().for_each(|contact| self.contact(contact)),
            "interactive" => self.interactive(node),
            "button" => self.members(node, &["text"]),
            "reaction" => self.members(node, &["emoji"]),
            "order" => self.order(node),
            "system" => self.members(node, &["body"]),
            "unsupported" => self.members(node, &["type"]),
            "edit" => self.edit(node),
            "revoke" => {}
            _ => self.members(node, &["title", "name", "caption", "text", "body"]),
        }
    }

    fn line(&mut self, words: &str) {
        if !words.is_empty() {
            if !self.0.is_empty() {
                self.0.push('\n');
            }
            self.0.push_str(words);
        }
    }

    fn members(&mut self, node: Json<'_>, keys: &[&str]) {
        for key in keys {
            self.line(&node.text_of(key).unwrap_or_default());
        }
    }

    fn location(&mut self, node: Json<'_>) {
        self.members(node, &["name", "address"]);
        if self.0.is_empty()
            && let (Some(latitude), Some(longitude)) = (node.text_of("latitude"), node.text_of("longitude"))
        {
            self.line(&format!("{latitude}, {longitude}"));
        }
    }

    /// The card's name, else its first number.
    fn contact(&mut self, contact: Json<'_>) {
        let name = contact.get("name");
        let of_name = |key: &str| name.and_then(|name| name.text_of(key));
        let shown = of_name("formatted_name").or_else(|| of_name("first_name")).or_else(|| {
            let phone = contact.get("phones")?.elements().next()?;
            phone.text_of("phone").or_else(|| phone.text_of("wa_id"))
        });
        self.line(&shown.unwrap_or_default());
    }

    /// What was chosen or filled in. The node of the answer bears the name of its type.
    fn interactive(&mut self, node: Json<'_>) {
        let answer = node.text_of("type").and_then(|kind| node.get(&kind));
        if let Some(answer) = answer {
            self.members(answer, &["title", "description", "body", "response"]);
            if let Some(form) = answer.text_of("response_json") {
                self.form(&form);
            }
        }
    }

    /// What was filled in, one field a line. The token is the flow's own business.
    fn form(&mut self, form: &str) {
        let Some(document) = Document::parse(form) else { return };
        for (key, value) in document.root().members().take(FORM_FIELDS_MAX) {
            let several = || value.elements().filter_map(Json::text).collect::<Vec<_>>().join(", ");
            let value = value.text().map_or_else(several, std::borrow::Cow::into_owned);
            if key != "flow_token" && !value.is_empty() {
                self.line(&format!("{key}: {value}"));
            }
        }
    }

    fn order(&mut self, node: Json<'_>) {
        self.members(node, &["text"]);
        for item in node.get("product_items").into_iter().flat_map(Json::elements) {
            let product = item.text_of("product_retailer_id").unwrap_or_default();
            self.line(&match item.text_of("quantity") {
                Some(quantity) => format!("{quantity} × {product}"),
                None => product.into_owned(),
            });
        }
    }

    /// The new words. An edit is not edited again, so this goes one level down and no further.
    fn edit(&mut self, node: Json<'_>) {
        let Some(message) = node.get("message") else {
            return;
        };
        match message.text_of("type").as_deref() {
            None | Some("edit") => {}
            Some("text") => {
                if let Some(text) = message.get("text") {
                    self.members(text, &["body"]);
                }
            }
            Some(kind) => {
                if let Some(inner) = message.get(kind) {
                    self.node(kind, inner);
                }
            }
        }
    }
}
