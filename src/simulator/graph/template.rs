//! The templates of the simulated account, and filling them in.
//!
//! Apart from the other kinds of messages, because templates are looked up and have a life of their own at Meta.

use serde_json::{Value, json};

use super::error::GraphError;
use super::message::{Node, SendableMessage, shown};
use crate::simulator::world::Choice;

/// An approved message template.
pub(crate) struct Template {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) language: &'static str,
    /// As Graph spells it.
    pub(crate) category: &'static str,
    /// With `{{1}}` or `{{name}}` where parameters go.
    pub(crate) body: &'static str,
    pub(crate) quick_replies: &'static [&'static str],
}

/// The templates of the simulated account.
pub(crate) const TEMPLATES: &[Template] = &[
    Template {
        id: "1288000000000001",
        name: "hello_world",
        language: "en_US",
        category: "UTILITY",
        body: "Welcome! This message shows that the number is set up.",
        quick_replies: &[],
    },
    Template {
        id: "1288000000000002",
        name: "appointment_reminder",
        language: "en_US",
        category: "UTILITY",
        body: "Hello {{1}}, your appointment is on {{2}}. Can you make it?",
        quick_replies: &["Yes", "No"],
    },
    Template {
        id: "1288000000000003",
        name: "we_miss_you",
        language: "en_US",
        category: "MARKETING",
        body: "Hello {{first_name}}, there is something new for you. Write to us to learn more.",
        quick_replies: &[],
    },
];

impl Template {
    /// The names between double braces, in order.
    pub(crate) fn variables(&self) -> Vec<&'static str> {
        self.body.split("{{").skip(1).filter_map(|rest| rest.split_once("}}").map(|(name, _)| name)).collect()
    }

    /// The category as statuses spell it.
    pub(crate) fn pricing_category(&self) -> &'static str {
        match self.category {
            "MARKETING" => "marketing",
            "AUTHENTICATION" => "authentication",
            _ => "utility",
        }
    }

    /// As `GET /{account}/message_templates` tells it.
    pub(crate) fn view(&self) -> Value {
        let variables = self.variables();
        let named = variables.iter().any(|name| name.parse::<u32>().is_err());
        let mut body = json!({"type": "BODY", "text": self.body});
        if named {
            let examples: Vec<Value> =
                variables.iter().map(|name| json!({"param_name": name, "example": "Jo"})).collect();
            body["example"] = json!({ "body_text_named_params": examples });
        } else if !variables.is_empty() {
            body["example"] = json!({ "body_text": [vec!["Jo"; variables.len()]] });
        }
        let mut components = vec![body];
        if !self.quick_replies.is_empty() {
            let buttons: Vec<Value> =
                self.quick_replies.iter().map(|text| json!({"type": "QUICK_REPLY", "text": text})).collect();
            components.push(json!({"type": "BUTTONS", "buttons": buttons}));
        }
        json!({
            "id": self.id,
            "name": self.name,
            "language": self.language,
            "status": "APPROVED",
            "category": self.category,
            "parameter_format": if named { "NAMED" } else { "POSITIONAL" },
            "quality_score": {"score": "UNKNOWN", "date": 1_780_000_000},
            "components": components,
        })
    }
}

/// Checks a message that sends a template, and fills the template in.
pub(super) fn template(node: &Node<'_>) -> Result<SendableMessage, GraphError> {
    let name = node.required("name", 512)?;
    let language = node.child("language")?.required("code", 16)?.to_owned();
    let template = TEMPLATES
        .iter()
        .find(|template| template.name == name && template.language == language)
        .ok_or_else(|| GraphError::new(132_001, format!("template name ({name}) does not exist in {language}")))?;
    let components = node.map.get("components").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let parameters = components
        .iter()
        .find(|component| component["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("body")))
        .and_then(|component| component["parameters"].as_array())
        .map_or(&[][..], Vec::as_slice);
    Ok(SendableMessage {
        choices: template_buttons(template, components),
        category: template.pricing_category(),
        ..shown(filled_in(template, parameters)?)
    })
}

fn template_buttons(template: &Template, components: &[Value]) -> Vec<Choice> {
    let payload = |at: usize| {
        let button = components.iter().find(|component| {
            let index = &component["index"];
            component["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("button"))
                && (index.as_u64() == Some(at as u64) || index.as_str() == Some(&at.to_string()))
        })?;
        button["parameters"][0]["payload"].as_str()
    };
    let buttons = template.quick_replies.iter().enumerate();
    buttons
        .map(|(at, title)| Choice {
            kind: "button",
            id: payload(at).unwrap_or(title).to_owned(),
            title: (*title).to_owned(),
            description: None,
        })
        .collect()
}

fn filled_in(template: &Template, parameters: &[Value]) -> Result<String, GraphError> {
    let variables = template.variables();
    if variables.len() != parameters.len() {
        return Err(GraphError::new(
            132_000,
            format!(
                "body: number of localizable_params ({}) does not match the expected number of params ({})",
                parameters.len(),
                variables.len()
            ),
        ));
    }
    let mut text = String::new();
    let mut rest = template.body;
    for (at, variable) in variables.iter().enumerate() {
        let parameter = parameters
            .iter()
            .find(|parameter| parameter["parameter_name"].as_str() == Some(variable))
            .unwrap_or(&parameters[at]);
        let value = parameter["text"]
            .as_str()
            .ok_or_else(|| GraphError::new(132_012, format!("body: parameter {variable} has to be a text")))?;
        let (before, after) = rest.split_once("{{").expect("the template has this many variables");
        text.push_str(before);
        text.push_str(value);
        rest = after.split_once("}}").expect("a variable ends").1;
    }
    text.push_str(rest);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::graph::message::read;

    fn check(body: Value) -> Result<SendableMessage, u32> {
        let Value::Object(map) = body else { panic!("an object") };
        read(&map).map_err(|error| error.code)
    }

    fn refused(body: Value) -> u32 {
        check(body).expect_err("it has to be refused")
    }

    #[test]
    fn templates_tell_their_variables() {
        let variables: Vec<Vec<&str>> = TEMPLATES.iter().map(Template::variables).collect();
        assert_eq!(variables, [vec![], vec!["1", "2"], vec!["first_name"]]);
    }

    #[test]
    fn a_template_is_filled_in_by_place_or_by_name() {
        let of = |name: &str, parameters: Value| {
            json!({"type": "template", "template": {"name": name, "language": {"code": "en_US"},
                "components": [{"type": "body", "parameters": parameters}]}})
        };
        let by_place = check(of(
            "appointment_reminder",
            json!([{"type": "text", "text": "Jo"}, {"type": "text", "text": "Monday"}]),
        ));
        let message = by_place.expect("it is approved");
        assert_eq!(message.text, "Hello Jo, your appointment is on Monday. Can you make it?");
        assert_eq!((message.category, message.choices.len()), ("utility", 2));
        let by_name = check(of("we_miss_you", json!([{"type": "text", "parameter_name": "first_name", "text": "Jo"}])));
        assert!(by_name.expect("it is approved").text.starts_with("Hello Jo,"));
        assert_eq!(refused(of("appointment_reminder", json!([{"type": "text", "text": "Jo"}]))), 132_000);
        assert_eq!(refused(of("unheard_of", json!([]))), 132_001);
    }
}
