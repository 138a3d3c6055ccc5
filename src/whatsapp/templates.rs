//! Graph's list of message templates, read.
//!
//! Apart from the client because it is pure. Invariant: a template that cannot be read whole is either left out or
//! marked as foreign, so that nothing is sent which the provider would refuse for a part we did not see.

use serde_json::Value as Json;

use crate::domain::template::{ButtonKind, HeaderKind, Place, Template, TemplateButton, TemplateHeader, Value};
use crate::limits::{TEMPLATE_LINK_CHARS_MAX, TEMPLATES_PER_PAGE};

/// One page of the list.
pub struct Page {
    /// What is on it.
    pub templates: Vec<Template>,
    /// Where the next one begins, if there is one.
    pub after: Option<String>,
}

/// Path and query of the page after this cursor, below the Graph version.
#[must_use]
pub fn page_path(business_account_id: &str, after: Option<&str>) -> String {
    let fields = "name,language,status,category,quality_score,components";
    let mut path = format!("{business_account_id}/message_templates?fields={fields}&limit={TEMPLATES_PER_PAGE}");
    if let Some(after) = after {
        path.push_str("&after=");
        path.extend(percent_encoding::utf8_percent_encode(after, percent_encoding::NON_ALPHANUMERIC));
    }
    path
}

/// The page in Graph's answer; `None` when it is no list.
#[must_use]
pub fn page(answer: &Json) -> Option<Page> {
    let templates = answer["data"].as_array()?.iter().filter_map(template).collect();
    let paging = &answer["paging"];
    let after = paging["next"].as_str().and(paging["cursors"]["after"].as_str()).filter(|after| !after.is_empty());
    Some(Page { templates, after: after.map(str::to_owned) })
}

fn template(json: &Json) -> Option<Template> {
    let text = |key: &str| json[key].as_str().filter(|text| !text.is_empty() && text.len() <= TEMPLATE_LINK_CHARS_MAX);
    let mut template = Template {
        name: text("name")?.to_owned(),
        // Some webhooks and pages write a hyphen; sending wants the underscore.
        language: text("language")?.replace('-', "_"),
        category: text("category").unwrap_or_default().to_lowercase(),
        status: text("status").unwrap_or_default().to_lowercase(),
        quality: json["quality_score"]["score"].as_str().unwrap_or("unknown").to_lowercase(),
        header: None,
        body: String::new(),
        footer: None,
        buttons: Vec::new(),
        examples: Vec::new(),
        foreign: false,
    };
    template.foreign = template.category == "authentication";
    for component in json["components"].as_array()? {
        let words = component["text"].as_str().unwrap_or_default().to_owned();
        let example = &component["example"];
        match component["type"].as_str().unwrap_or_default().to_ascii_uppercase().as_str() {
            "HEADER" => {
                let kind = header_kind(component["format"].as_str().unwrap_or_default());
                template.foreign |= kind.is_none();
                let kind = kind.unwrap_or(HeaderKind::Text);
                template.header = Some(TemplateHeader { kind, text: words });
                template.examples.extend(examples(
                    Place::Header,
                    &example["header_text"],
                    example,
                    "header_text_named_params",
                ));
            }
            "BODY" => {
                template.body = words;
                template.examples.extend(examples(
                    Place::Body,
                    &example["body_text"][0],
                    example,
                    "body_text_named_params",
                ));
            }
            "FOOTER" => template.footer = Some(words),
            "BUTTONS" => {
                for (json, index) in component["buttons"].as_array().into_iter().flatten().zip(0_u8..) {
                    let button = button(json);
                    template.foreign |= button.is_none();
                    let Some(button) = button else { continue };
                    if let Some(example) = button_example(&button, json) {
                        let place = Place::Button(index);
                        template.examples.push(Value { place, name: "1".to_owned(), value: example.to_owned() });
                    }
                    template.buttons.push(button);
                }
            }
            _ => template.foreign = true,
        }
    }
    Some(template)
}

fn header_kind(format: &str) -> Option<HeaderKind> {
    Some(match format.to_ascii_uppercase().as_str() {
        "TEXT" => HeaderKind::Text,
        "IMAGE" => HeaderKind::Image,
        "VIDEO" => HeaderKind::Video,
        "DOCUMENT" => HeaderKind::Document,
        "LOCATION" => HeaderKind::Location,
        _ => return None,
    })
}

/// The button; `None` for one that needs what we cannot give.
fn button(json: &Json) -> Option<TemplateButton> {
    let kind = match json["type"].as_str()?.to_ascii_uppercase().as_str() {
        "QUICK_REPLY" => ButtonKind::QuickReply,
        "URL" => ButtonKind::Url,
        "PHONE_NUMBER" => ButtonKind::PhoneNumber,
        "COPY_CODE" => ButtonKind::CopyCode,
        "VOICE_CALL" | "REQUEST_CONTACT_INFO" => ButtonKind::Other,
        _ => return None,
    };
    let target = json["url"].as_str().or_else(|| json["phone_number"].as_str()).unwrap_or_default().to_owned();
    Some(TemplateButton { kind, text: json["text"].as_str().unwrap_or_default().to_owned(), target })
}

fn button_example<'j>(button: &TemplateButton, json: &'j Json) -> Option<&'j str> {
    let example = json["example"].as_str().or_else(|| json["example"][0].as_str())?;
    // Of an address the example is the whole, and what varies is its end.
    let start = button.target.split("{{").next().unwrap_or_default();
    Some(if button.kind == ButtonKind::Url { example.strip_prefix(start).unwrap_or(example) } else { example })
}

/// Positional examples are a list of words, named ones a list of objects.
fn examples(place: Place, positional: &Json, example: &Json, named: &str) -> Vec<Value> {
    let of_place = positional.as_array().into_iter().flatten().zip(1_u32..).filter_map(|(value, number)| {
        Some(Value { place, name: number.to_string(), value: value.as_str()?.to_owned() })
    });
    let of_name = example[named].as_array().into_iter().flatten().filter_map(|one| {
        let (name, value) = (one["param_name"].as_str()?, one["example"].as_str()?);
        Some(Value { place, name: name.to_owned(), value: value.to_owned() })
    });
    of_place.chain(of_name).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{page, page_path};
    use crate::domain::template::{ButtonKind, HeaderKind, Place};

    #[test]
    fn a_template_is_read_with_its_examples() {
        let answer = json!({"data": [{
            "name": "order_update", "language": "en-US", "status": "APPROVED", "category": "UTILITY",
            "quality_score": {"score": "GREEN"},
            "components": [
                {"type": "HEADER", "format": "TEXT", "text": "Order {{1}}", "example": {"header_text": ["AB-1"]}},
                {"type": "BODY", "text": "Hello {{1}}, {{2}}", "example": {"body_text": [["Jo", "Monday"]]}},
                {"type": "FOOTER", "text": "Bye"},
                {"type": "BUTTONS", "buttons": [
                    {"type": "QUICK_REPLY", "text": "Yes"},
                    {"type": "URL", "text": "Track", "url": "https://example.com/t/{{1}}", "example": ["https://example.com/t/9"]},
                ]},
            ],
        }], "paging": {"cursors": {"after": "QQ=="}, "next": "https://graph…"}});
        let page = page(&answer).expect("a list");
        assert_eq!(page.after.as_deref(), Some("QQ=="));
        let template = &page.templates[0];
        assert_eq!((template.language.as_str(), template.status.as_str()), ("en_US", "approved"));
        assert_eq!(template.header.as_ref().map(|header| header.kind), Some(HeaderKind::Text));
        assert!(template.sendable());
        let examples: Vec<_> = template.variables().into_iter().map(|one| (one.place, one.name, one.example)).collect();
        let of = |place, name: &str, example: &str| (place, name.to_owned(), example.to_owned());
        assert_eq!(
            examples,
            [
                of(Place::Header, "1", "AB-1"),
                of(Place::Body, "1", "Jo"),
                of(Place::Body, "2", "Monday"),
                of(Place::Button(1), "1", "9"),
            ]
        );
        assert_eq!(template.buttons[0].kind, ButtonKind::QuickReply);
    }

    #[test]
    fn what_cannot_be_filled_in_is_foreign_and_what_is_no_template_is_left_out() {
        let of = |components: serde_json::Value| json!({"name": "a", "language": "de", "status": "APPROVED", "category": "MARKETING", "components": components});
        let answer = json!({"data": [
            of(json!([{"type": "BODY", "text": "Hi {{name}}",
                "example": {"body_text_named_params": [{"param_name": "name", "example": "Jo"}]}}])),
            of(json!([{"type": "BODY", "text": "Hi"}, {"type": "CAROUSEL", "cards": []}])),
            of(json!([{"type": "BODY", "text": "Hi"}, {"type": "BUTTONS", "buttons": [{"type": "FLOW", "text": "Go"}]}])),
            of(json!([{"type": "HEADER", "format": "PRODUCT"}, {"type": "BODY", "text": "Hi"}])),
            {"name": "b"}, 7,
        ]});
        let page = page(&answer).expect("a list");
        assert_eq!(page.after, None);
        let foreign: Vec<_> = page.templates.iter().map(|template| template.foreign).collect();
        assert_eq!(foreign, [false, true, true, true]);
        assert_eq!(page.templates[0].variables()[0].example, "Jo");
        assert!(super::page(&json!({"error": {}})).is_none());
    }

    #[test]
    fn a_cursor_is_escaped() {
        assert!(page_path("12", Some("QQ==")).ends_with("&after=QQ%3D%3D"));
        assert!(page_path("12", None).starts_with("12/message_templates?fields=name,"));
    }
}
