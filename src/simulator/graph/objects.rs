//! Everything about the business itself: its number, its account, its profile and its templates.
//!
//! Apart from sending. Invariant: answers are well-formed Graph answers about one number of one account; changes are
//! acknowledged but not kept.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::error::GraphError;
use super::template_shelf::{TEMPLATES, TemplateShelf};
use super::{account, query_value};
use crate::simulator::Shared;

/// Calls on the business number other than sending and uploading.
pub(crate) fn phone_number(
    shared: &Shared,
    method: &str,
    rest: &[&str],
    query: &str,
    body: &[u8],
) -> Result<Value, GraphError> {
    let config = &shared.config;
    match (method, rest) {
        ("GET", []) => {
            let fields = query_value(query, "fields");
            Ok(pick(phone_number_view(shared), fields.as_deref().unwrap_or(PHONE_NUMBER_DEFAULT_FIELDS)))
        }
        ("GET", ["whatsapp_business_profile"]) => {
            let profile = json!({
                "about": "Simulated business",
                "address": "1 Example Street",
                "description": "A business that exists for tests and demonstrations.",
                "email": "desk@example.com",
                "messaging_product": "whatsapp",
                "vertical": "OTHER",
                "websites": ["https://example.com/"],
            });
            let profile = match query_value(query, "fields") {
                Some(fields) => without_id(pick(profile, &format!("{fields},messaging_product"))),
                None => json!({"messaging_product": "whatsapp"}),
            };
            Ok(json!({ "data": [profile] }))
        }
        ("GET", ["block_users"]) => Ok(json!({"data": []})),
        ("POST" | "DELETE", ["block_users"]) => {
            let request: Value = serde_json::from_slice(body).unwrap_or_default();
            let users: Vec<Value> = request["block_users"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|entry| json!({"input": entry["user"], "wa_id": digits(entry["user"].as_str().unwrap_or_default())}))
                .collect();
            let key = if method == "POST" { "added_users" } else { "removed_users" };
            Ok(json!({"messaging_product": "whatsapp", "block_users": { key: users }}))
        }
        ("POST", [] | ["register" | "deregister" | "whatsapp_business_profile" | "settings"]) => {
            Ok(json!({"success": true}))
        }
        _ => Err(GraphError::unknown_object(method, &config.phone_number_id)),
    }
}

/// Calls on the business account.
pub(crate) fn business_account(shared: &Shared, method: &str, rest: &[&str], query: &str) -> Result<Value, GraphError> {
    let config = &shared.config;
    let fields = query_value(query, "fields");
    match (method, rest) {
        ("GET", []) => Ok(pick(
            json!({
                "id": config.business_account_id,
                "name": "Simulated business account",
                "timezone_id": "1",
                "message_template_namespace": "00000000_0000_0000_0000_000000000000",
            }),
            fields.as_deref().unwrap_or("name,timezone_id,message_template_namespace"),
        )),
        ("GET", ["phone_numbers"]) => {
            Ok(page(vec![pick(phone_number_view(shared), fields.as_deref().unwrap_or(PHONE_NUMBER_DEFAULT_FIELDS))]))
        }
        ("GET", ["message_templates"]) => templates(&shared.templates(), query, fields.as_deref()),
        ("GET" | "POST" | "DELETE", ["subscribed_apps"]) => Ok(account::subscriptions(shared, method)),
        _ => Err(GraphError::unknown_object(method, &config.business_account_id)),
    }
}

/// Graph's list: a page of `limit`, and a cursor to the next one while there is one.
fn templates(shelf: &TemplateShelf, query: &str, fields: Option<&str>) -> Result<Value, GraphError> {
    let name = query_value(query, "name");
    let limit = query_value(query, "limit").and_then(|limit| limit.parse().ok()).unwrap_or(TEMPLATES_PER_PAGE);
    let first = match query_value(query, "after") {
        Some(cursor) => place_of(&cursor).ok_or_else(|| GraphError::new(131_059, "The cursor is invalid."))?,
        None => 0,
    };
    let mut views: Vec<Value> = shelf
        .all()
        .filter(|(template, _)| name.as_deref().is_none_or(|name| template.name.contains(name)))
        .skip(first)
        .map(|(template, status)| match fields {
            Some(fields) => pick(template.view(status), fields),
            None => template.view(status),
        })
        .collect();
    let more = views.len() > limit;
    views.truncate(limit);
    let after = STANDARD.encode((first + views.len()).to_string());
    let mut answer = page(views);
    answer["paging"]["cursors"]["after"] = after.clone().into();
    if more {
        answer["paging"]["next"] = format!("https://graph.facebook.com/next?after={after}").into();
    }
    if let Some(wanted) = query_value(query, "summary") {
        let summary = json!({
            "total_count": TEMPLATES.len(),
            "message_template_count": TEMPLATES.len(),
            "message_template_limit": 250,
            "are_translations_complete": true,
        });
        answer["summary"] = pick(summary, &wanted);
    }
    Ok(answer)
}

/// The place in the list that a cursor stands for.
fn place_of(cursor: &str) -> Option<usize> {
    String::from_utf8(STANDARD.decode(cursor).ok()?).ok()?.parse().ok()
}

/// Templates in a page unless the call says otherwise.
const TEMPLATES_PER_PAGE: usize = 25;

const PHONE_NUMBER_DEFAULT_FIELDS: &str =
    "verified_name,code_verification_status,display_phone_number,quality_rating,platform_type,throughput";

fn phone_number_view(shared: &Shared) -> Value {
    let (config, standing) = (&shared.config, shared.standing());
    json!({
        "id": config.phone_number_id,
        "verified_name": "Simulated business",
        "display_phone_number": config.display_number,
        "code_verification_status": "VERIFIED",
        "quality_rating": standing.quality_rating,
        "quality_score": {"score": standing.quality_rating},
        "platform_type": "CLOUD_API",
        "throughput": {"level": "STANDARD"},
        "status": standing.number_status,
        "name_status": "APPROVED",
        "account_mode": "LIVE",
        "is_official_business_account": false,
        "is_pin_enabled": false,
        "messaging_limit_tier": "TIER_2K",
        "whatsapp_business_manager_messaging_limit": "TIER_2K",
    })
}

fn page(data: Vec<Value>) -> Value {
    json!({"data": data, "paging": {"cursors": {"before": "QVFIUjE", "after": "QVFIUjI"}}})
}

/// The asked-for fields of an object, and its id.
fn pick(object: Value, fields: &str) -> Value {
    let Value::Object(mut object) = object else {
        return object;
    };
    let mut picked = Map::new();
    let wanted = top_level_names(fields);
    for name in wanted.iter().map(String::as_str).chain(["id"]) {
        if let Some((name, value)) = object.remove_entry(name) {
            picked.insert(name, value);
        }
    }
    Value::Object(picked)
}

fn without_id(mut object: Value) -> Value {
    if let Some(map) = object.as_object_mut() {
        map.remove("id");
    }
    object
}

/// `a,b{c,d},e.limit(3)` names `a`, `b` and `e`.
fn top_level_names(fields: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut depth = 0_u32;
    let mut in_name = true;
    for character in fields.chars() {
        match character {
            '{' | '(' => depth += 1,
            '}' | ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                names.push(String::new());
                in_name = true;
                continue;
            }
            _ => {}
        }
        in_name &= character.is_ascii_alphanumeric() || character == '_';
        if in_name && let Some(name) = names.last_mut() {
            name.push(character);
        }
    }
    names
}

/// Only the digits of a number.
pub(crate) fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asked_for_fields_come_with_the_id() {
        let picked = pick(json!({"id": "1", "a": 2, "b": {"c": 3}, "d": 4}), "a,b{c,d},missing");
        assert_eq!(picked, json!({"id": "1", "a": 2, "b": {"c": 3}}));
    }

    #[test]
    fn templates_come_page_by_page() {
        let shelf = TemplateShelf::default();
        let mut names = Vec::new();
        let mut query = "limit=4".to_owned();
        loop {
            let page = templates(&shelf, &query, Some("name,status")).expect("a page");
            names.extend(page["data"].as_array().expect("a list").iter().map(|one| one["name"].clone()));
            let Some(after) = page["paging"]["next"].as_str().and(page["paging"]["cursors"]["after"].as_str()) else {
                break;
            };
            query = format!("limit=4&after={}", after.replace('=', "%3D"));
        }
        assert_eq!(names.len(), TEMPLATES.len());
        assert_eq!(templates(&shelf, "after=x", None).expect_err("no cursor").code, 131_059);
    }
}
