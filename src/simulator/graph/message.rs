//! Reads a message that the business wants to send: checks it as Graph does and says what the phone will show.
//!
//! Apart from accepting it; pure. Invariant: whatever JSON comes in, the answer is a message or a Graph error.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::error::GraphError;
use super::template::template;
use super::template_shelf::TemplateShelf;
use crate::limits;
use crate::simulator::world::Choice;

/// A message that passed the checks.
#[derive(Debug, Default)]
pub(crate) struct SendableMessage {
    /// Meta's type.
    pub(crate) kind: String,
    /// What the customer sees.
    pub(crate) text: String,
    pub(crate) choices: Vec<Choice>,
    /// Target and emoji of a reaction.
    pub(crate) reaction: Option<(String, String)>,
    /// The message that this one answers.
    pub(crate) quoted: Option<String>,
    /// A media id that has to exist.
    pub(crate) media_id: Option<String>,
    /// The name that a document was given.
    pub(crate) file_name: String,
    pub(crate) callback_data: Option<String>,
    /// `service`, or the template's category.
    pub(crate) category: &'static str,
}

impl SendableMessage {
    /// Whether it may go out although the reply window is closed.
    pub(crate) fn is_template(&self) -> bool {
        self.kind == "template"
    }
}

/// Checks the body of a call that sends a message.
pub(crate) fn read(body: &Map<String, Value>, templates: &TemplateShelf) -> Result<SendableMessage, GraphError> {
    let kind = match body.get("type") {
        None => "text",
        Some(kind) => kind.as_str().ok_or_else(|| GraphError::parameter("Param type must be a string."))?,
    };
    let mut message = match kind {
        "text" => text(&Node::of(body, "text")?)?,
        "reaction" => reaction(&Node::of(body, "reaction")?)?,
        "image" | "video" | "audio" | "document" | "sticker" => media(&Node::of(body, kind)?)?,
        "location" => location(&Node::of(body, "location")?)?,
        "contacts" => contacts(body)?,
        "interactive" => interactive(&Node::of(body, "interactive")?)?,
        "template" => template(&Node::of(body, "template")?, templates)?,
        other => {
            return Err(GraphError::parameter(format_args!(
                "Param type must be one of {{AUDIO, CONTACTS, DOCUMENT, IMAGE, INTERACTIVE, LOCATION, REACTION, \
                 STICKER, TEMPLATE, TEXT, VIDEO}} - got \"{other}\"."
            )));
        }
    };
    kind.clone_into(&mut message.kind);
    if message.category.is_empty() {
        message.category = "service";
    }
    if body.contains_key("context") {
        if message.reaction.is_some() {
            return Err(GraphError::new(131_009, "A reaction cannot have a context."));
        }
        message.quoted = Some(Node::of(body, "context")?.required("message_id", usize::MAX)?.to_owned());
    }
    if let Some(data) = body.get("biz_opaque_callback_data").filter(|data| !data.is_null()) {
        let data =
            data.as_str().filter(|data| data.chars().count() <= limits::SIMULATOR_CALLBACK_DATA_CHARS_MAX).ok_or_else(
                || GraphError::parameter("Param biz_opaque_callback_data must be at most 512 characters long."),
            )?;
        message.callback_data = Some(data.to_owned());
    }
    Ok(message)
}

/// A value that may have come as a JSON-encoded string, which Graph takes as well.
fn decoded(value: &Value) -> Cow<'_, Value> {
    if let Value::String(text) = value
        && text.trim_start().starts_with(['{', '['])
        && let Ok(value) = serde_json::from_str(text)
    {
        return Cow::Owned(value);
    }
    Cow::Borrowed(value)
}

/// A JSON object and its name for error messages.
pub(super) struct Node<'a> {
    name: String,
    pub(super) map: Cow<'a, Map<String, Value>>,
}

impl<'a> Node<'a> {
    fn of(parent: &'a Map<String, Value>, name: &str) -> Result<Self, GraphError> {
        let value =
            parent.get(name).ok_or_else(|| GraphError::parameter(format_args!("The parameter {name} is required.")))?;
        let map = match decoded(value) {
            Cow::Borrowed(Value::Object(map)) => Cow::Borrowed(map),
            Cow::Owned(Value::Object(map)) => Cow::Owned(map),
            Cow::Borrowed(_) | Cow::Owned(_) => {
                return Err(GraphError::parameter(format_args!("Param {name} must be a JSON object.")));
            }
        };
        Ok(Self { name: name.to_owned(), map })
    }

    pub(super) fn child(&self, name: &str) -> Result<Node<'_>, GraphError> {
        let mut child = Node::of(&self.map, name).map_err(|mut error| {
            error.message = error.message.replacen(name, &self.path(name), 1);
            error
        })?;
        child.name = self.path(name);
        Ok(child)
    }

    fn path(&self, name: &str) -> String {
        format!("{}['{name}']", self.name)
    }

    /// A text of 1 to `chars_max` characters.
    pub(super) fn required(&self, name: &str, chars_max: usize) -> Result<&str, GraphError> {
        match self.optional(name, chars_max)? {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(GraphError::parameter(format_args!("The parameter {} is required.", self.path(name)))),
        }
    }

    fn optional(&self, name: &str, chars_max: usize) -> Result<Option<&str>, GraphError> {
        match self.map.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.chars().count() <= chars_max => Ok(Some(text)),
            Some(Value::String(_)) => Err(GraphError::parameter(format_args!(
                "Param {} must be at most {chars_max} characters long.",
                self.path(name)
            ))),
            Some(_) => Err(GraphError::parameter(format_args!("Param {} must be a string.", self.path(name)))),
        }
    }

    fn list(&self, name: &str) -> Result<&[Value], GraphError> {
        match self.map.get(name) {
            Some(Value::Array(list)) => Ok(list),
            _ => Err(GraphError::parameter(format_args!("The parameter {} is required.", self.path(name)))),
        }
    }

    fn number(&self, name: &str) -> Result<f64, GraphError> {
        let value = self.map.get(name);
        value
            .and_then(|value| value.as_f64().or_else(|| value.as_str()?.parse().ok()))
            .ok_or_else(|| GraphError::parameter(format_args!("The parameter {} is required.", self.path(name))))
    }
}

/// A message with nothing but its text.
pub(super) fn shown(text: impl Into<String>) -> SendableMessage {
    SendableMessage { text: text.into(), ..SendableMessage::default() }
}

fn text(node: &Node<'_>) -> Result<SendableMessage, GraphError> {
    node.required("body", limits::SIMULATOR_TEXT_CHARS_MAX).map(shown)
}

fn reaction(node: &Node<'_>) -> Result<SendableMessage, GraphError> {
    let target = node.required("message_id", usize::MAX)?.to_owned();
    let emoji = node.optional("emoji", 32)?.unwrap_or_default().to_owned();
    Ok(SendableMessage { reaction: Some((target, emoji.clone())), ..shown(emoji) })
}

fn media(node: &Node<'_>) -> Result<SendableMessage, GraphError> {
    let id = node.optional("id", usize::MAX)?;
    let link = node.optional("link", usize::MAX)?;
    if id.is_none() && link.is_none() {
        return Err(GraphError::parameter(format_args!("Param {} must have one of: id, link.", node.name)));
    }
    let caption = node.optional("caption", limits::SIMULATOR_CAPTION_CHARS_MAX)?;
    let file_name = node.optional("filename", usize::MAX)?;
    Ok(SendableMessage {
        media_id: id.map(str::to_owned),
        file_name: file_name.unwrap_or_default().to_owned(),
        ..shown(caption.unwrap_or_default())
    })
}

fn location(node: &Node<'_>) -> Result<SendableMessage, GraphError> {
    let (latitude, longitude) = (node.number("latitude")?, node.number("longitude")?);
    if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
        return Err(GraphError::new(131_009, "Latitude or longitude is out of range."));
    }
    let named = [node.optional("name", usize::MAX)?, node.optional("address", usize::MAX)?];
    let mut text: Vec<String> = named.into_iter().flatten().map(str::to_owned).collect();
    text.push(format!("{latitude}, {longitude}"));
    Ok(shown(text.join("\n")))
}

fn contacts(body: &Map<String, Value>) -> Result<SendableMessage, GraphError> {
    let value = body.get("contacts").map(decoded);
    let Some(Value::Array(cards)) = value.as_deref() else {
        return Err(GraphError::parameter("The parameter contacts is required."));
    };
    let mut names = Vec::new();
    for (at, card) in cards.iter().enumerate() {
        let name = card["name"]["formatted_name"].as_str().filter(|name| !name.is_empty());
        names.push(name.ok_or_else(|| {
            GraphError::parameter(format_args!("The parameter contacts[{at}]['name']['formatted_name'] is required."))
        })?);
    }
    if names.is_empty() {
        return Err(GraphError::parameter("The parameter contacts is required."));
    }
    Ok(shown(names.join(", ")))
}

fn interactive(node: &Node<'_>) -> Result<SendableMessage, GraphError> {
    let kind = node.required("type", usize::MAX)?;
    let action = node.child("action")?;
    let (choices, body_chars_max) = match kind {
        "button" => (reply_buttons(&action)?, limits::SIMULATOR_BUTTON_BODY_CHARS_MAX),
        "list" => (list_rows(&action)?, limits::SIMULATOR_LIST_BODY_CHARS_MAX),
        "cta_url"
        | "location_request_message"
        | "flow"
        | "product"
        | "product_list"
        | "catalog_message"
        | "carousel"
        | "address_message"
        | "call_permission_request"
        | "request_contact_info" => (Vec::new(), limits::SIMULATOR_BUTTON_BODY_CHARS_MAX),
        other => {
            return Err(GraphError::parameter(format_args!(
                "Param interactive['type'] is not supported - got \"{other}\"."
            )));
        }
    };
    let mut lines = Vec::new();
    if node.map.contains_key("header") {
        let header = node.child("header")?;
        lines.extend(header.optional("text", limits::SIMULATOR_HEADER_CHARS_MAX)?.map(str::to_owned));
    }
    // A single product may come without a body.
    if kind != "product" || node.map.contains_key("body") {
        lines.push(node.child("body")?.required("text", body_chars_max)?.to_owned());
    }
    if node.map.contains_key("footer") {
        lines.push(node.child("footer")?.required("text", limits::SIMULATOR_HEADER_CHARS_MAX)?.to_owned());
    }
    Ok(SendableMessage { choices, ..shown(lines.join("\n")) })
}

fn reply_buttons(action: &Node<'_>) -> Result<Vec<Choice>, GraphError> {
    let buttons = action.list("buttons")?;
    if !(1..=limits::SIMULATOR_BUTTONS_MAX).contains(&buttons.len()) {
        return Err(GraphError::new(131_009, "Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3"));
    }
    let choices: Vec<Choice> = buttons
        .iter()
        .map(|button| {
            choice(
                "button_reply",
                &button["reply"],
                limits::SIMULATOR_BUTTON_ID_CHARS_MAX,
                limits::SIMULATOR_BUTTON_TITLE_CHARS_MAX,
            )
        })
        .collect::<Result<_, _>>()?;
    distinct(choices)
}

fn list_rows(action: &Node<'_>) -> Result<Vec<Choice>, GraphError> {
    action.required("button", limits::SIMULATOR_BUTTON_TITLE_CHARS_MAX)?;
    let sections = action.list("sections")?;
    let mut choices = Vec::new();
    for section in sections {
        let title = section["title"].as_str().unwrap_or_default();
        if title.chars().count() > limits::SIMULATOR_ROW_TITLE_CHARS_MAX || (title.is_empty() && sections.len() > 1) {
            return Err(GraphError::new(131_009, "Section title length invalid. Min length: 1, Max length: 24"));
        }
        for row in section["rows"].as_array().into_iter().flatten() {
            choices.push(choice(
                "list_reply",
                row,
                limits::SIMULATOR_ROW_ID_CHARS_MAX,
                limits::SIMULATOR_ROW_TITLE_CHARS_MAX,
            )?);
        }
    }
    if !(1..=limits::SIMULATOR_LIST_ROWS_MAX).contains(&choices.len()) {
        return Err(GraphError::new(131_009, "Total row count exceed max allowed count: 10"));
    }
    distinct(choices)
}

fn choice(
    kind: &'static str,
    value: &Value,
    id_chars_max: usize,
    title_chars_max: usize,
) -> Result<Choice, GraphError> {
    let text = |name: &str, chars_max: usize| {
        value[name]
            .as_str()
            .filter(|text| (1..=chars_max).contains(&text.chars().count()))
            .map(str::to_owned)
            .ok_or_else(|| {
                GraphError::new(131_009, format!("Reply {name} length invalid. Min length: 1, Max length: {chars_max}"))
            })
    };
    let described = value["description"].as_str().is_some_and(|text| !text.is_empty());
    let description =
        described.then(|| text("description", limits::SIMULATOR_ROW_DESCRIPTION_CHARS_MAX)).transpose()?;
    Ok(Choice { kind, id: text("id", id_chars_max)?, title: text("title", title_chars_max)?, description })
}

fn distinct(choices: Vec<Choice>) -> Result<Vec<Choice>, GraphError> {
    for (at, choice) in choices.iter().enumerate() {
        if choices[at + 1..].iter().any(|other| other.id == choice.id) {
            return Err(GraphError::new(131_009, format!("Duplicate reply id: {}", choice.id)));
        }
    }
    Ok(choices)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(body: Value) -> Result<SendableMessage, u32> {
        let Value::Object(map) = body else { panic!("an object") };
        read(&map, &TemplateShelf::default()).map_err(|error| error.code)
    }

    fn refused(body: Value) -> u32 {
        check(body).expect_err("it has to be refused")
    }

    #[test]
    fn a_text_may_have_4096_characters_and_no_more() {
        let of = |count| json!({"type": "text", "text": {"body": "ä".repeat(count)}});
        assert_eq!(check(of(4096)).expect("it fits").text.chars().count(), 4096);
        assert_eq!(refused(of(4097)), 100);
        assert_eq!(refused(of(0)), 100);
    }

    #[test]
    fn wrong_types_and_missing_parts_are_bad_parameters() {
        for body in [
            json!({"type": "text"}),
            json!({"type": "text", "text": "hello"}),
            json!({"type": "text", "text": {"body": 5}}),
            json!({"type": 7}),
            json!({"type": "poem", "poem": {}}),
            json!({"type": "image", "image": {"caption": "no file"}}),
            json!({"type": "contacts", "contacts": []}),
            json!({"type": "contacts", "contacts": [{"name": {}}]}),
            json!({"type": "location", "location": {"latitude": 1}}),
            json!({"type": "text", "text": {"body": "x"}, "biz_opaque_callback_data": "x".repeat(513)}),
            json!({"type": "text", "text": {"body": "x"}, "context": {}}),
        ] {
            assert_eq!(refused(body.clone()), 100, "{body}");
        }
    }

    #[test]
    fn contacts_may_come_as_a_json_encoded_string() {
        let cards = json!([{"name": {"formatted_name": "Ada L.", "first_name": "Ada"}}]);
        for contacts in [cards.clone(), Value::String(cards.to_string())] {
            let message = check(json!({"type": "contacts", "contacts": contacts})).expect("both are accepted");
            assert_eq!(message.text, "Ada L.");
        }
    }

    #[test]
    fn reply_buttons_are_counted_measured_and_distinct() {
        let with = |buttons: Value| {
            json!({"type": "interactive", "interactive": {
                "type": "button", "body": {"text": "Which?"}, "action": {"buttons": buttons}}})
        };
        let button = |id: &str, title: &str| json!({"type": "reply", "reply": {"id": id, "title": title}});
        let message = check(with(json!([button("a", "A"), button("b", "B")]))).expect("two buttons");
        assert_eq!(message.choices.len(), 2);
        assert_eq!(message.text, "Which?");
        assert_eq!(refused(with(json!([]))), 131_009);
        assert_eq!(refused(with(json!([button("a", &"x".repeat(21))]))), 131_009);
        assert_eq!(refused(with(json!([button("a", "A"), button("a", "B")]))), 131_009);
    }

    #[test]
    fn a_reaction_names_its_target_and_has_no_context() {
        let reaction = json!({"message_id": "wamid.X", "emoji": "👍"});
        let message = check(json!({"type": "reaction", "reaction": reaction})).expect("fine");
        assert_eq!(message.reaction, Some(("wamid.X".to_owned(), "👍".to_owned())));
        let with_context = json!({"type": "reaction", "reaction": reaction, "context": {"message_id": "wamid.Y"}});
        assert_eq!(refused(with_context), 131_009);
    }
}
