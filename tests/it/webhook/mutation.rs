//! Bodies that nobody meant: cut, bent, doubled and made up. Nothing panics and no message is lost.

use std::collections::BTreeSet;

use deskbell::domain::command::Command;
use deskbell::domain::message::Content;
use deskbell::whatsapp::webhook::decode;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::kinds::payloads;
use super::{RECEIVED_AT, TAG, line};

/// The commands in one line each, without the mark of kept objects, which a bent body may gain.
fn lines(body: &str) -> Vec<String> {
    let decoded = decode(body.as_bytes(), TAG, RECEIVED_AT).expect("an envelope");
    decoded.iter().map(|decoded| line(decoded).replace(" +raw", "")).collect()
}

fn parsed(body: &str) -> Value {
    serde_json::from_str(body).expect("JSON")
}

#[test]
fn a_cut_body_is_never_half_understood() {
    for (name, body) in payloads() {
        let body = body.trim_end();
        for end in 0..body.len() {
            assert!(decode(&body.as_bytes()[..end], TAG, RECEIVED_AT).is_err(), "{name} at {end}");
        }
    }
}

/// Strings of digits become numbers, and numbers and booleans become strings.
fn retyped(value: Value) -> Value {
    match value {
        Value::String(text) => match text.parse::<u64>() {
            Ok(number) if number.to_string() == text => json!(number),
            Ok(_) | Err(_) => Value::String(text),
        },
        Value::Number(number) => json!(number.to_string()),
        Value::Bool(truth) => json!(truth.to_string()),
        Value::Array(list) => list.into_iter().map(retyped).collect(),
        Value::Object(members) => members.into_iter().map(|(key, value)| (key, retyped(value))).collect(),
        Value::Null => Value::Null,
    }
}

#[test]
fn retyped_bodies_mean_the_same() {
    for (name, body) in payloads() {
        assert_eq!(lines(&retyped(parsed(&body)).to_string()), lines(&body), "{name}");
    }
}

/// JSON text with the members of every object backwards, each written `times`.
fn rewritten(value: &Value, times: usize) -> String {
    match value {
        Value::Array(list) => {
            let list: Vec<_> = list.iter().map(|value| rewritten(value, times)).collect();
            format!("[ {} ]", list.join(" , "))
        }
        Value::Object(members) => {
            let member = |(key, value)| vec![format!("{} :\n{}", json!(key), rewritten(value, times)); times];
            let members: Vec<_> = members.iter().rev().flat_map(member).collect();
            format!("{{ {} }}", members.join(","))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

#[test]
fn reordered_bodies_mean_the_same() {
    for (name, body) in payloads() {
        assert_eq!(lines(&rewritten(&parsed(&body), 1)), lines(&body), "{name}");
    }
}

#[test]
fn doubled_members_say_nothing_new_and_lose_nothing() {
    for (name, body) in payloads() {
        let doubled: BTreeSet<_> = lines(&rewritten(&parsed(&body), 2)).into_iter().collect();
        let once: BTreeSet<_> = lines(&body).into_iter().collect();
        assert_eq!(doubled, once, "{name}");
    }
}

/// A string with characters, or a number.
fn has_text(value: &Value) -> bool {
    value.is_number() || value.as_str().is_some_and(|text| !text.is_empty())
}

/// How many messages with an id and a named sender stand in field `messages` of a known channel account, and how many
/// with an id at all.
fn messages_with_id(body: &Value) -> (usize, usize) {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let changes = list(&body["entry"]).into_iter().flat_map(|entry| list(&entry["changes"]));
    let values = changes.filter(|change| change["field"] == "messages").map(|change| change["value"].clone());
    let known = values.filter(|value| has_text(&value["metadata"]["phone_number_id"]));
    let messages: Vec<_> = known.flat_map(|value| list(&value["messages"])).filter(|it| has_text(&it["id"])).collect();
    let named = messages.iter().filter(|it| has_text(&it["from"]) || has_text(&it["from_user_id"])).count();
    (named, messages.len())
}

fn check(body: &Value) {
    let Ok(decoded) = decode(body.to_string().as_bytes(), TAG, RECEIVED_AT) else {
        assert!(!body["entry"].is_array() || has_text(&body["object"]), "an envelope was refused: {body}");
        return;
    };
    // Calls stand in a field of their own, and are no messages of the envelope.
    let is_message = |command: &Command| match command {
        Command::Receive(inbound) => !matches!(&inbound.content, Content::Other { kind, .. } if kind == "call"),
        _ => false,
    };
    let received = decoded.iter().filter(|decoded| is_message(&decoded.command)).count();
    let (named, all) = messages_with_id(body);
    assert!((named..=all).contains(&received), "{received} received, {named} to {all} expected: {body}");
}

/// Any JSON, in Meta's words more often than not.
fn any_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just("messages"),
        Just("text"),
        Just("image"),
        Just("1000"),
        Just("wamid.X"),
        Just(""),
        Just("read"),
        Just("system"),
        Just("\u{0}\u{fffd}é🙂\"\\/"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    let key = prop_oneof![
        prop::sample::select(vec![
            "field",
            "value",
            "metadata",
            "phone_number_id",
            "contacts",
            "messages",
            "statuses",
            "errors",
            "id",
            "from",
            "from_user_id",
            "timestamp",
            "type",
            "text",
            "body",
            "image",
            "context",
            "status",
            "profile",
            "name",
        ])
        .prop_map(str::to_owned),
        ".{0,6}",
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

/// Replaces the part that a walk ends at: at each fork the next number of `path` chooses the way.
fn replace(body: &mut Value, path: &[usize], part: Value) {
    let Some((way, rest)) = path.split_first() else {
        *body = part;
        return;
    };
    let next = match body {
        Value::Array(list) if !list.is_empty() => {
            let place = way % list.len();
            list.get_mut(place)
        }
        Value::Object(members) if !members.is_empty() => {
            let place = way % members.len();
            members.values_mut().nth(place)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => None,
    };
    match next {
        Some(next) => replace(next, rest, part),
        None => *body = part,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_in_any_place_of_an_envelope_loses_no_message(part in any_json(), depth in 0..4_usize) {
        check(&match depth {
            0 => part,
            1 => json!({ "entry": [part] }),
            2 => json!({ "entry": [{ "changes": [{ "field": "messages", "value": part }] }] }),
            _ => json!({ "entry": [{ "changes": [{ "field": "messages", "value": {
                "metadata": { "phone_number_id": "1000" }, "contacts": part.clone(), "messages": part.clone(), "statuses": [part],
            } }] }] }),
        });
    }

    #[test]
    fn a_replaced_part_loses_no_other_message(
        name in any::<prop::sample::Index>(),
        path in prop::collection::vec(0..8_usize, 0..10),
        part in any_json(),
    ) {
        let payloads = payloads();
        let mut bodies: Vec<_> = payloads.iter().map(|(_, body)| parsed(body)).collect();
        let mut body = name.get(&bodies).clone();
        replace(&mut body, &path, part);
        check(&body);
        // Beside an untouched change of the same delivery.
        let other = bodies.remove(0);
        let ours = body["object"] == "whatsapp_business_account";
        if let Some(entry) = body.get_mut("entry").and_then(Value::as_array_mut).filter(|_| ours) {
            entry.push(other["entry"][0].clone());
            check(&body);
        }
    }

    #[test]
    fn changed_bytes_never_panic(
        name in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let payloads = payloads();
        let mut body = name.get(&payloads).1.clone().into_bytes();
        for (place, byte) in changes {
            let place = place.index(body.len());
            body[place] = byte;
        }
        let _whatever = decode(&body, TAG, RECEIVED_AT);
    }
}
