//! A message that sends a template: checked against the template as Graph does, and filled in as the phone shows it.
//!
//! Apart from the other kinds of messages, because templates are looked up. Invariant: what Graph would refuse for its
//! form is refused with Graph's code.

use serde_json::Value;

use super::error::GraphError;
use super::message::{Node, SendableMessage, shown};
use super::template_shelf::{Button, Header, Template, TemplateShelf, variables};
use crate::simulator::world::Choice;

/// Checks a message that sends a template, and fills the template in.
pub(super) fn template(node: &Node<'_>, shelf: &TemplateShelf) -> Result<SendableMessage, GraphError> {
    let name = node.required("name", 512)?;
    let language = node.child("language")?.required("code", 16)?.to_owned();
    let missing = || GraphError::new(132_001, format!("template name ({name}) does not exist in {language}"));
    let (template, status) = shelf.find(name, &language).ok_or_else(missing)?;
    match status {
        "APPROVED" => {}
        "PAUSED" => return Err(GraphError::new(132_015, "The template is paused for its low quality.")),
        "DISABLED" => return Err(GraphError::new(132_016, "The template is disabled.")),
        _ => return Err(missing()),
    }
    let components = node.map.get("components").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut lines = Vec::new();
    let mut media_id = None;
    match template.header {
        Header::None => {}
        Header::Text(text) => lines.push(filled_in("header", text, parameters(components, "header"))?),
        Header::Format(format) => {
            let (line, id) = header_file(format, parameters(components, "header"))?;
            lines.push(line);
            media_id = id;
        }
    }
    lines.push(filled_in("body", template.body, parameters(components, "body"))?);
    lines.extend(template.footer.map(str::to_owned));
    let choices = buttons(template, components, &mut lines)?;
    Ok(SendableMessage { choices, media_id, category: template.pricing_category(), ..shown(lines.join("\n")) })
}

/// The parameters of the component of this type.
fn parameters<'c>(components: &'c [Value], kind: &str) -> &'c [Value] {
    components
        .iter()
        .find(|component| component["type"].as_str().is_some_and(|named| named.eq_ignore_ascii_case(kind)))
        .and_then(|component| component["parameters"].as_array())
        .map_or(&[][..], Vec::as_slice)
}

/// What the phone shows of a picture, film, file or place, and the id of the file if it was uploaded.
fn header_file(format: &str, parameters: &[Value]) -> Result<(String, Option<String>), GraphError> {
    let kind = format.to_ascii_lowercase();
    let mismatch = |what: &str| GraphError::new(132_012, format!("header: {what} (expected {format})"));
    let [parameter] = parameters else {
        return Err(GraphError::new(
            132_000,
            format!(
                "header: number of localizable_params ({}) does not match the expected number of params (1)",
                parameters.len()
            ),
        ));
    };
    if parameter["type"].as_str() != Some(kind.as_str()) {
        return Err(mismatch("Format mismatch"));
    }
    let node = &parameter[kind.as_str()];
    if kind == "location" {
        let number = |name: &str| {
            let value = &node[name];
            value.as_f64().or_else(|| value.as_str()?.parse().ok())
        };
        let (Some(latitude), Some(longitude)) = (number("latitude"), number("longitude")) else {
            return Err(mismatch("latitude and longitude are required"));
        };
        let (Some(name), Some(address)) = (node["name"].as_str(), node["address"].as_str()) else {
            return Err(mismatch("name and address are required"));
        };
        return Ok((format!("[{latitude}, {longitude}] {name}, {address}"), None));
    }
    match (node["id"].as_str(), node["link"].as_str()) {
        (Some(id), None) => Ok((format!("[{kind}]"), Some(id.to_owned()))),
        (None, Some(link)) => Ok((format!("[{kind}] {link}"), None)),
        _ => Err(mismatch("either id or link is required")),
    }
}

fn buttons(template: &Template, components: &[Value], lines: &mut Vec<String>) -> Result<Vec<Choice>, GraphError> {
    let mut choices = Vec::new();
    for (at, button) in template.buttons.iter().enumerate() {
        let given = components.iter().find(|component| {
            let index = &component["index"];
            component["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("button"))
                && (index.as_u64() == Some(at as u64) || index.as_str() == Some(&at.to_string()))
        });
        let parameter = |name: &str| given.and_then(|component| component["parameters"][0][name].as_str());
        let missing =
            |what: &str| GraphError::new(131_008, format!("Button at index {at} of type {what} requires a parameter"));
        match button {
            Button::QuickReply(title) => choices.push(Choice {
                kind: "button",
                id: parameter("payload").unwrap_or(title).to_owned(),
                title: (*title).to_owned(),
                description: None,
            }),
            Button::Url(title, url) => {
                let end = parameter("text");
                if !variables(url).is_empty() && end.is_none_or(str::is_empty) {
                    return Err(missing("Url"));
                }
                lines.push(format!("[{title}] {}", url.replace("{{1}}", end.unwrap_or_default())));
            }
            Button::Phone(title, number) => lines.push(format!("[{title}] {number}")),
            Button::CopyCode => {
                let code = parameter("coupon_code").filter(|code| (1..=15).contains(&code.chars().count()));
                lines.push(format!("[Copy offer code] {}", code.ok_or_else(|| missing("CopyCode"))?));
            }
        }
    }
    Ok(choices)
}

fn filled_in(place: &str, template: &'static str, parameters: &[Value]) -> Result<String, GraphError> {
    let names = variables(template);
    if names.len() != parameters.len() {
        return Err(GraphError::new(
            132_000,
            format!(
                "{place}: number of localizable_params ({}) does not match the expected number of params ({})",
                parameters.len(),
                names.len()
            ),
        ));
    }
    let mut text = String::new();
    let mut rest = template;
    for (at, name) in names.iter().enumerate() {
        let of_name = |parameter: &&Value| parameter["parameter_name"].as_str() == Some(name);
        let parameter = parameters.iter().find(of_name).unwrap_or(&parameters[at]);
        let value = parameter["text"]
            .as_str()
            .ok_or_else(|| GraphError::new(132_012, format!("{place}: parameter {name} has to be a text")))?;
        if value.contains(['\n', '\t']) || value.contains("     ") {
            let details = "Param text cannot have new-line/tab characters or more than 4 consecutive spaces";
            return Err(GraphError::new(132_018, details));
        }
        let (before, after) = rest.split_once("{{").expect("the template has this many variables");
        text.push_str(before);
        text.push_str(value);
        rest = after.split_once("}}").expect("a variable ends").1;
    }
    text.push_str(rest);
    if text.chars().count() > if place == "header" { 60 } else { 1024 } {
        return Err(GraphError::new(132_005, format!("{place}: the hydrated text is too long")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::simulator::graph::message::read;

    fn check(body: Value) -> Result<SendableMessage, u32> {
        let Value::Object(map) = body else { panic!("an object") };
        read(&map, &TemplateShelf::default()).map_err(|error| error.code)
    }

    fn send(name: &str, language: &str, components: Value) -> Result<SendableMessage, u32> {
        let template = json!({"name": name, "language": {"code": language}, "components": components});
        check(json!({"type": "template", "template": template}))
    }

    fn body(parameters: Value) -> Value {
        json!([{"type": "body", "parameters": parameters}])
    }

    #[test]
    fn a_template_is_filled_in_by_place_or_by_name() {
        let by_place = send(
            "appointment_reminder",
            "en_US",
            body(json!([{"type": "text", "text": "Jo"}, {"type": "text", "text": "Monday"}])),
        );
        let message = by_place.expect("it is approved");
        assert_eq!(message.text, "Hello Jo, your appointment is on Monday. Can you make it?");
        assert_eq!((message.category, message.choices.len()), ("utility", 2));
        let named = json!([{"type": "text", "parameter_name": "first_name", "text": "Jo"}]);
        let by_name = send("we_miss_you", "en_US", body(named));
        assert!(by_name.expect("it is approved").text.starts_with("Hello Jo,"));
    }

    #[test]
    fn headers_and_buttons_take_their_parameters() {
        let order = send(
            "order_update",
            "en_US",
            json!([
                {"type": "header", "parameters": [{"type": "text", "text": "AB-1"}]},
                {"type": "body", "parameters": [{"type": "text", "text": "Jo"}, {"type": "text", "text": "Monday"}]},
                {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "9"}]},
            ]),
        );
        let text = order.expect("it is approved").text;
        assert!(text.starts_with("Order AB-1\nHello Jo"), "{text}");
        assert!(text.contains("https://example.com/parcel/9"), "{text}");
        let voucher = |header: Value| {
            send(
                "voucher",
                "en_US",
                json!([
                    {"type": "header", "parameters": [header]},
                    {"type": "body", "parameters": [{"type": "text", "text": "Jo"}]},
                    {"type": "button", "sub_type": "copy_code", "index": "0", "parameters": [{"type": "coupon_code", "coupon_code": "SAVE10"}]},
                ]),
            )
        };
        let with_id = voucher(json!({"type": "image", "image": {"id": "77"}})).expect("it is approved");
        assert_eq!(with_id.media_id.as_deref(), Some("77"));
        assert!(voucher(json!({"type": "image", "image": {"link": "https://example.com/a.png"}})).is_ok());
        assert_eq!(voucher(json!({"type": "video", "video": {"id": "77"}})).expect_err("another kind"), 132_012);
    }

    #[test]
    fn refusals_have_graphs_codes() {
        let one = |text: &str| {
            send("invoice", "en_US", json!([
            {"type": "header", "parameters": [{"type": "document", "document": {"link": "https://example.com/a.pdf"}}]},
            {"type": "body", "parameters": [{"type": "text", "text": text}]},
        ])).map(|message| message.category)
        };
        assert_eq!(one("Jo"), Ok("utility"));
        assert_eq!(one("Jo\nx"), Err(132_018));
        assert_eq!(one(&"x".repeat(1_024)), Err(132_005));
        let refused = |name: &str, parameters: Value| send(name, "en_US", body(parameters)).expect_err("refused");
        assert_eq!(refused("appointment_reminder", json!([{"type": "text", "text": "Jo"}])), 132_000);
        assert_eq!(refused("unheard_of", json!([])), 132_001);
        assert_eq!(refused("spring_sale", json!([{"type": "text", "text": "Jo"}])), 132_001);
        assert_eq!(refused("newsletter", json!([{"type": "text", "text": "Jo"}])), 132_015);
    }
}
