//! The templates of the simulated account: what they look like, and how far Meta has approved each.
//!
//! Apart from filling one in, because approval changes while the simulator runs. Invariant: every state that Meta knows
//! can be put on a template, and only an approved one can be sent.

use serde_json::{Value, json};

/// What stands above the body.
pub(crate) enum Header {
    None,
    Text(&'static str),
    /// `IMAGE`, `VIDEO`, `DOCUMENT` or `LOCATION`.
    Format(&'static str),
}

/// A button under the body.
pub(crate) enum Button {
    QuickReply(&'static str),
    /// Words and address, which may end in a variable.
    Url(&'static str, &'static str),
    Phone(&'static str, &'static str),
    CopyCode,
}

/// A message template.
pub(crate) struct Template {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) language: &'static str,
    /// As Graph spells it.
    pub(crate) category: &'static str,
    /// At the start.
    status: &'static str,
    quality: &'static str,
    pub(crate) header: Header,
    /// With `{{1}}` or `{{name}}` where parameters go.
    pub(crate) body: &'static str,
    pub(crate) footer: Option<&'static str>,
    pub(crate) buttons: &'static [Button],
}

const PLAIN: Template = Template {
    id: "",
    name: "",
    language: "en_US",
    category: "UTILITY",
    status: "APPROVED",
    quality: "UNKNOWN",
    header: Header::None,
    body: "",
    footer: None,
    buttons: &[],
};

/// The templates of the simulated account.
pub(crate) const TEMPLATES: &[Template] = &[
    Template {
        id: "1288000000000001",
        name: "hello_world",
        body: "Welcome! This message shows that the number is set up.",
        ..PLAIN
    },
    Template {
        id: "1288000000000002",
        name: "appointment_reminder",
        quality: "GREEN",
        body: "Hello {{1}}, your appointment is on {{2}}. Can you make it?",
        buttons: &[Button::QuickReply("Yes"), Button::QuickReply("No")],
        ..PLAIN
    },
    Template {
        id: "1288000000000003",
        name: "we_miss_you",
        category: "MARKETING",
        quality: "YELLOW",
        body: "Hello {{first_name}}, there is something new for you. Write to us to learn more.",
        footer: Some("Reply STOP to hear no more of this."),
        ..PLAIN
    },
    Template {
        id: "1288000000000004",
        name: "order_update",
        quality: "GREEN",
        header: Header::Text("Order {{1}}"),
        body: "Hello {{1}}, your order has left us and arrives on {{2}}.",
        footer: Some("Simulated business"),
        buttons: &[
            Button::Url("Follow the parcel", "https://example.com/parcel/{{1}}"),
            Button::Phone("Call us", "+15550783881"),
        ],
        ..PLAIN
    },
    Template {
        id: "1288000000000005",
        name: "order_update",
        language: "de",
        quality: "GREEN",
        header: Header::Text("Bestellung {{1}}"),
        body: "Guten Tag {{1}}, Ihre Bestellung ist unterwegs und kommt am {{2}} an.",
        ..PLAIN
    },
    Template {
        id: "1288000000000006",
        name: "voucher",
        category: "MARKETING",
        header: Header::Format("IMAGE"),
        body: "Hello {{1}}, here is your code for the next order.",
        buttons: &[Button::CopyCode],
        ..PLAIN
    },
    Template {
        id: "1288000000000007",
        name: "invoice",
        header: Header::Format("DOCUMENT"),
        body: "Hello {{1}}, your invoice is attached.",
        ..PLAIN
    },
    Template {
        id: "1288000000000008",
        name: "shop_opening",
        header: Header::Format("LOCATION"),
        body: "Hello {{1}}, visit us in our new shop.",
        ..PLAIN
    },
    Template {
        id: "1288000000000009",
        name: "spring_sale",
        category: "MARKETING",
        status: "PENDING",
        body: "Hello {{1}}, everything is a third cheaper this week.",
        ..PLAIN
    },
    Template {
        id: "1288000000000010",
        name: "win_a_car",
        category: "MARKETING",
        status: "REJECTED",
        body: "You have won a car!",
        ..PLAIN
    },
    Template {
        id: "1288000000000011",
        name: "newsletter",
        category: "MARKETING",
        status: "PAUSED",
        quality: "RED",
        body: "Hello {{1}}, read what is new this month.",
        ..PLAIN
    },
];

/// The states that Meta gives a template.
pub(crate) const STATUSES: [&str; 6] = ["APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED", "IN_APPEAL"];

/// How far each template is approved.
pub(crate) struct TemplateShelf(Vec<&'static str>);

impl Default for TemplateShelf {
    fn default() -> Self {
        Self(TEMPLATES.iter().map(|template| template.status).collect())
    }
}

impl TemplateShelf {
    /// The template with its state.
    pub(crate) fn find(&self, name: &str, language: &str) -> Option<(&'static Template, &'static str)> {
        self.all().find(|(template, _)| template.name == name && template.language == language)
    }

    /// Every template with its state.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'static Template, &'static str)> {
        TEMPLATES.iter().zip(self.0.iter().copied())
    }

    /// Puts a template into another state; gives it back if there is such a template and such a state.
    pub(crate) fn set(&mut self, name: &str, language: &str, status: &str) -> Option<&'static Template> {
        let status = STATUSES.iter().find(|known| **known == status)?;
        let place = TEMPLATES.iter().position(|known| known.name == name && known.language == language)?;
        self.0[place] = status;
        Some(&TEMPLATES[place])
    }
}

/// The names between double braces, in order.
pub(crate) fn variables(text: &'static str) -> Vec<&'static str> {
    text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}").map(|(name, _)| name)).collect()
}

impl Template {
    /// The category as statuses spell it.
    pub(crate) fn pricing_category(&self) -> &'static str {
        match self.category {
            "MARKETING" => "marketing",
            "AUTHENTICATION" => "authentication",
            _ => "utility",
        }
    }

    /// As `GET /{account}/message_templates` tells it.
    pub(crate) fn view(&self, status: &str) -> Value {
        let names = variables(self.body);
        let named = names.iter().any(|name| name.parse::<u32>().is_err());
        let mut components = Vec::new();
        match self.header {
            Header::None => {}
            Header::Text(text) => {
                let mut header = json!({"type": "HEADER", "format": "TEXT", "text": text});
                if !variables(text).is_empty() {
                    header["example"] = json!({"header_text": ["AB-1"]});
                }
                components.push(header);
            }
            Header::Format(format) => components.push(json!({"type": "HEADER", "format": format})),
        }
        let mut body = json!({"type": "BODY", "text": self.body});
        if named {
            let examples: Vec<Value> = names.iter().map(|name| json!({"param_name": name, "example": "Jo"})).collect();
            body["example"] = json!({ "body_text_named_params": examples });
        } else if !names.is_empty() {
            body["example"] = json!({ "body_text": [vec!["Jo"; names.len()]] });
        }
        components.push(body);
        if let Some(footer) = self.footer {
            components.push(json!({"type": "FOOTER", "text": footer}));
        }
        if !self.buttons.is_empty() {
            let buttons: Vec<Value> = self.buttons.iter().map(Button::view).collect();
            components.push(json!({"type": "BUTTONS", "buttons": buttons}));
        }
        json!({
            "id": self.id,
            "name": self.name,
            "language": self.language,
            "status": status,
            "category": self.category,
            "parameter_format": if named { "NAMED" } else { "POSITIONAL" },
            "quality_score": {"score": self.quality, "date": 1_780_000_000},
            "components": components,
        })
    }
}

impl Button {
    fn view(&self) -> Value {
        match self {
            Self::QuickReply(text) => json!({"type": "QUICK_REPLY", "text": text}),
            Self::Url(text, url) if variables(url).is_empty() => json!({"type": "URL", "text": text, "url": url}),
            Self::Url(text, url) => {
                let example = url.replace("{{1}}", "12345");
                json!({"type": "URL", "text": text, "url": url, "example": [example]})
            }
            Self::Phone(text, number) => json!({"type": "PHONE_NUMBER", "text": text, "phone_number": number}),
            Self::CopyCode => json!({"type": "COPY_CODE", "text": "Copy offer code", "example": ["SAVE10"]}),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{TEMPLATES, TemplateShelf, variables};

    #[test]
    fn templates_tell_their_variables() {
        let found: Vec<Vec<&str>> = TEMPLATES.iter().take(4).map(|template| variables(template.body)).collect();
        assert_eq!(found, [vec![], vec!["1", "2"], vec!["first_name"], vec!["1", "2"]]);
    }

    #[test]
    fn a_state_can_be_changed_to_one_that_meta_knows() {
        let mut shelf = TemplateShelf::default();
        assert!(shelf.set("spring_sale", "en_US", "APPROVED").is_some());
        assert_eq!(shelf.find("spring_sale", "en_US").map(|(_, status)| status), Some("APPROVED"));
        assert!(shelf.set("spring_sale", "en_US", "FINE").is_none());
        assert!(shelf.set("spring_sale", "fr", "PAUSED").is_none());
    }
}
