//! What belongs to an interaction besides its messages, through the API: case data, outcome, who handled it; and the
//! responses, and "Not Ready after current work".

use deskbell::domain::case_data::{CaseKey, CaseKind};
use deskbell::domain::command::Command;
use deskbell::domain::event::EventKind;
use deskbell::domain::ids::{CaseKeyId, DispositionId};
use deskbell::domain::settings::Settings;
use serde_json::{Value, json};

use crate::harness::browser::{Browser, Events};
use crate::harness::desk::Desk;

/// A field of the administrator's list.
fn field(desk: &Desk, key: &str, kind: CaseKind, read_only: bool) {
    let choices = if kind == CaseKind::Choice { vec!["red".to_owned(), "blue".to_owned()] } else { vec![] };
    let (id, label, key) = (CaseKeyId(0), key.to_uppercase(), key.to_owned());
    desk.submit(Command::SetCaseKey(CaseKey {
        id,
        key,
        label,
        kind,
        choices,
        read_only,
        on_offer: !read_only,
        required: false,
        position: 0,
    }));
}

/// `login` accepts what the contact with this number wrote.
fn takes(desk: &Desk, (browser, events): (&Browser, &mut Events), number: &str, wamid: &str) -> u64 {
    desk.browser().contact_writes(number, wamid, "hello");
    let id = events.until("interaction_offered")["interaction"]["id"].as_u64().expect("an id");
    assert_eq!(browser.post(&format!("/api/interactions/{id}/accept"), "{}").status, 200);
    id
}

fn finishes(browser: &Browser, id: u64) {
    let settled = browser.put(&format!("/api/interactions/{id}/disposition"), r#"{"disposition_id":1}"#);
    assert!(matches!(settled.status, 200), "{}", settled.body);
    assert_eq!(browser.post(&format!("/api/interactions/{id}/done"), "{}").status, 200);
}

#[test]
fn case_data_is_typed_ordered_and_told_to_other_tabs() {
    let desk = Desk::open();
    for (key, kind, read_only) in [
        ("order", CaseKind::Text, false),
        ("total", CaseKind::Number, false),
        ("promised", CaseKind::Date, false),
        ("gift", CaseKind::Boolean, false),
        ("colour", CaseKind::Choice, false),
        ("customer", CaseKind::Text, true),
    ] {
        field(&desk, key, kind, read_only);
    }
    let (ana, mut events) = desk.ready("ana");
    let snapshot = ana.get("/api/snapshot").json();
    assert_eq!(
        snapshot["case_keys"][4],
        json!({"id": 5, "key": "colour", "label": "COLOUR", "kind": "choice", "choices": ["red", "blue"],
               "read_only": false, "on_offer": true, "required": false})
    );
    let kinds: Vec<_> = snapshot["case_keys"].as_array().expect("a list").iter().map(|key| &key["kind"]).collect();
    assert_eq!(kinds, ["text", "number", "date", "boolean", "choice", "text"]);
    let id = takes(&desk, (&ana, &mut events), "16505551234", "wamid.A");
    let path = |key: &str| format!("/api/interactions/{id}/case-data/{key}");
    let set = |key: &str, value: Value| ana.put(&path(key), &json!({ "value": value }).to_string());

    assert_eq!(set("N%C3%BAmero%2Fpedido", json!("7")).status, 200);
    for (key, value) in
        [("colour", "red"), ("gift", "true"), ("promised", "2026-02-28"), ("total", "-12.50"), ("order", "AB-1")]
    {
        assert_eq!(set(key, json!(value)).status, 200, "{key}");
    }
    let shown = set("gift", Value::Null).json();
    assert_eq!(
        shown["case_data"],
        json!([
            {"key": "order", "value": "AB-1"},
            {"key": "total", "value": "-12.50"},
            {"key": "promised", "value": "2026-02-28"},
            {"key": "colour", "value": "red"},
            {"key": "Número/pedido", "value": "7"},
        ])
    );
    assert_eq!(shown["case_version"], 7);
    let change = events.until("case_data_changed");
    assert_eq!(change["interaction"]["id"], id);
    assert_eq!(ana.get(&format!("/api/interactions/{id}")).json(), shown);

    for (key, value, way_out) in [
        ("total", "12,50", "number such as"),
        ("promised", "28.02.2026", "YYYY-MM-DD"),
        ("gift", "yes", "true or false"),
        ("colour", "green", "one of its choices"),
        ("order", "", "1 to 1000 characters"),
    ] {
        let refused = set(key, json!(value));
        assert_eq!(refused.problem(), (422, "case_value_invalid".to_owned()), "{key}");
        assert!(refused.json()["detail"].as_str().expect("a sentence").contains(way_out), "{}", refused.body);
    }
    assert_eq!(set("customer", json!("4711")).problem(), (403, "case_key_read_only".to_owned()));
    for key in ["%20order", "a%0Ab", &"k".repeat(65)] {
        assert_eq!(set(key, json!("x")).problem(), (422, "case_key_invalid".to_owned()), "{key}");
    }
    assert_eq!(set("", json!("x")).problem(), (422, "case_key_invalid".to_owned()));
    assert_eq!(ana.put(&path("order"), "{\"value\":3}").problem(), (400, "bad_request".to_owned()));
    assert_eq!(ana.put(&path("%FF"), "{\"value\":\"x\"}").problem(), (404, "not_found".to_owned()));
    let ben = desk.signed_in("ben");
    assert_eq!(ben.put(&path("order"), "{\"value\":\"x\"}").problem(), (409, "not_owner".to_owned()));
}

#[test]
fn an_interaction_has_room_for_so_many_fields_and_keeps_them_when_done() {
    let (desk, limit) = (Desk::open(), deskbell::limits::CASE_VALUES_MAX);
    let (ana, mut events) = desk.ready("ana");
    let id = takes(&desk, (&ana, &mut events), "16505551234", "wamid.A");
    let path = |number: usize| format!("/api/interactions/{id}/case-data/own%20{number}");
    for number in 0..limit {
        assert_eq!(ana.put(&path(number), r#"{"value":"x"}"#).status, 200, "{number}");
    }
    let full = ana.put(&path(limit), r#"{"value":"x"}"#);
    assert_eq!(full.problem(), (422, "too_many_case_keys".to_owned()));
    assert_eq!(ana.put(&path(0), r#"{"value":"y"}"#).status, 200, "a change needs no room");
    assert_eq!(ana.put(&path(1), r#"{"value":null}"#).status, 200);
    assert_eq!(ana.put(&path(limit), r#"{"value":"x"}"#).status, 200);
    finishes(&ana, id);
    assert_eq!(ana.put(&path(0), r#"{"value":"z"}"#).problem(), (404, "not_found".to_owned()));
    let history = ana.get("/api/history").json();
    assert_eq!(history["interactions"][0]["case_data"].as_array().expect("a list").len(), limit);
}

#[test]
fn only_outcomes_with_none_below_them_are_chosen_and_the_end_may_fix_them() {
    let desk = Desk::open();
    // A new centre has four outcomes, and the desk a fifth; this one stands below the first.
    let (code, label) = ("refunded".to_owned(), "Refunded".to_owned());
    desk.submit(Command::AddDisposition { code, label, parent: Some(DispositionId(1)) });
    desk.submit(Command::SetSettings(Settings {
        disposition_read_only_after_end: true,
        idle_lock_ms: 600_000,
        ..Settings::default()
    }));
    let (ana, mut events) = desk.ready("ana");
    let settings = ana.get("/api/snapshot").json()["settings"].clone();
    assert_eq!(settings["disposition_read_only_after_end"], true);
    assert_eq!((&settings["idle_lock_ms"], &settings["idle_warning_ms"]), (&json!(600_000), &json!(60_000)));
    let id = takes(&desk, (&ana, &mut events), "16505551234", "wamid.A");
    let choose = |disposition: Value| {
        ana.put(&format!("/api/interactions/{id}/disposition"), &json!({ "disposition_id": disposition }).to_string())
    };
    assert_eq!(choose(json!(1)).problem(), (422, "disposition_not_a_leaf".to_owned()));
    assert_eq!(ana.post(&format!("/api/interactions/{id}/end"), "{}").status, 200);
    assert_eq!(choose(json!(6)).status, 200, "none was set yet");
    for changed in [json!(2), Value::Null] {
        assert_eq!(choose(changed).problem(), (409, "disposition_read_only".to_owned()));
    }
}

#[test]
fn responses_are_kept_by_supervisors_and_known_to_everybody() {
    let desk = Desk::open();
    let (ana, mut events) = desk.ready("ana");
    let sue = desk.signed_in("sue");
    assert_eq!(ana.get("/api/responses").json(), json!({"version": 1, "responses": []}));
    let label = json!({"category": ["Shipping", "Returns"], "title": "Return label", "shortcut": "return",
                       "text": "Dear {{contact.first_name}}, …"});
    let refused = ana.post("/api/responses", &label.to_string());
    assert_eq!(refused.problem(), (403, "forbidden".to_owned()));
    let added = sue.post("/api/responses", &label.to_string());
    assert_eq!(added.status, 201, "{}", added.body);
    let mut expected = label.clone();
    expected["id"] = json!(1);
    expected["attachments"] = json!([]);
    expected["version"] = added.json()["version"].clone();
    assert_eq!(added.json(), expected);
    assert_eq!(events.until("response_changed")["responses_version"], 2);
    assert_eq!(ana.get("/api/responses").json(), json!({"version": 2, "responses": [expected]}));
    assert_eq!(ana.get("/api/snapshot").json()["responses_version"], 2);

    let with = |name: &str, value: Value| {
        let mut changed = label.clone();
        changed[name] = value;
        changed.to_string()
    };
    let long = "x".repeat(4_097);
    for (body, status, code) in [
        (label.to_string(), 409, "shortcut_taken"),
        (with("shortcut", json!("Return")), 422, "shortcut_invalid"),
        (with("title", json!(" ")), 422, "bad_value"),
        (with("category", json!(["a", "b", "c", "d", "e"])), 422, "bad_value"),
        (with("text", json!("")), 422, "message_empty"),
        (with("text", json!(long)), 422, "message_too_long"),
        (with("text", json!(7)), 400, "bad_request"),
        (with("attachments", json!([{"id": "00", "name": "a.pdf"}])), 422, "unknown_file"),
        (with("attachments", json!([{"id": "0".repeat(64), "name": "a.pdf"}])), 422, "unknown_file"),
    ] {
        assert_eq!(sue.post("/api/responses", &body).problem(), (status, code.to_owned()), "{body:.80}");
    }
    let changed = sue.put("/api/responses/1", &with("title", json!("Label")));
    assert_eq!((changed.status, &changed.json()["title"]), (200, &json!("Label")));
    for gone in ["0", "7"] {
        let answer = sue.put(&format!("/api/responses/{gone}"), &with("shortcut", Value::Null));
        assert_eq!(answer.problem(), (404, "not_found".to_owned()), "{gone}");
    }
    assert_eq!(ana.delete("/api/responses/1").problem(), (403, "forbidden".to_owned()));
    assert_eq!(sue.delete("/api/responses/1").status, 204);
    assert_eq!(sue.delete("/api/responses/1").problem(), (404, "not_found".to_owned()));
    assert_eq!(ana.get("/api/responses").json(), json!({"version": 4, "responses": []}));
    assert_eq!(desk.journaled(EventKind::ResponseSet) + desk.journaled(EventKind::ResponseRemoved), 3);
}

#[test]
fn a_field_code_that_nobody_filled_in_is_not_sent() {
    let desk = Desk::open();
    let (ana, mut events) = desk.ready("ana");
    let id = takes(&desk, (&ana, &mut events), "16505551234", "wamid.A");
    let path = format!("/api/interactions/{id}/messages");
    let code = ana.post(&path, r#"{"client_key":"k","text":"Dear {{contact.first_name}}"}"#);
    assert_eq!(code.problem(), (422, "unresolved_field_code".to_owned()));
    assert_eq!(ana.post(&path, r#"{"client_key":"k","text":"Dear {friend}"}"#).status, 202, "the key is still free");
    assert_eq!(desk.journaled(EventKind::MessageQueued), 1);
}

#[test]
fn not_ready_after_current_work_is_asked_for_shown_and_taken_back() {
    let desk = Desk::open();
    let (ana, mut events) = desk.ready("ana");
    let id = takes(&desk, (&ana, &mut events), "16505551234", "wamid.A");
    let ask = |body: &str| ana.put("/api/after-work", body);
    assert_eq!(ask(r#"{"pending":true,"reason":"Nap"}"#).problem(), (422, "unknown_reason".to_owned()));
    assert_eq!(ask(r#"{"reason":"Break"}"#).problem(), (400, "bad_request".to_owned()));
    assert_eq!(ask(r#"{"pending":true,"reason":"Break"}"#).json()["after_work"], json!({"reason": "Break"}));
    assert_eq!(events.until("after_work_set")["agent"]["after_work"], json!({"reason": "Break"}));
    assert_eq!(ask(r#"{"pending":false}"#).json()["after_work"], Value::Null);
    assert_eq!(ask(r#"{"pending":true}"#).json()["after_work"], json!({"reason": null}));
    assert_eq!(ana.get("/api/snapshot").json()["me"]["after_work"], json!({"reason": null}));
    finishes(&ana, id);
    let me = ana.get("/api/me").json();
    assert_eq!((&me["presence"]["state"], &me["after_work"]), (&json!("not_ready"), &Value::Null));
    assert_eq!(ask(r#"{"pending":false}"#).status, 200, "nothing to take back");
    assert_eq!(ask(r#"{"pending":true}"#).problem(), (409, "wrong_state".to_owned()));
}

/// The ids of a history and its cursor.
fn history(browser: &Browser, path: &str) -> (Vec<u64>, Value) {
    let answer = browser.get(path);
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    let page = answer.json();
    let rows = page["interactions"].as_array().expect("a list");
    (rows.iter().map(|row| row["id"].as_u64().expect("an id")).collect(), page["before"].clone())
}

#[test]
fn histories_tell_who_handled_what_page_by_page_and_by_filters() {
    let desk = Desk::open();
    let (ana, mut events) = desk.ready("ana");
    for number in 0..4 {
        let contact = if number == 3 { "16505550000" } else { "16505551234" };
        let id = takes(&desk, (&ana, &mut events), contact, &format!("wamid.{number}"));
        if number != 2 {
            desk.clock.advance_ms(1_000);
            finishes(&ana, id);
        }
    }
    // The third is handed over to ben, and still open.
    let (ben, mut bens) = desk.ready("ben");
    assert_eq!(ana.post("/api/interactions/3/transfer", r#"{"agent_id":2,"note":"please"}"#).status, 200);
    bens.until("interaction_offered");
    assert_eq!(ben.post("/api/interactions/3/transfer/accept", "{}").status, 200);

    let third = ben.get("/api/interactions/3").json();
    assert_eq!((&third["handled_by"], &third["done_by_id"]), (&json!([1, 2]), &Value::Null));
    let contact = third["contact"]["id"].as_u64().expect("an id");
    let whole = ana.get("/api/history").json();
    assert_eq!(
        (&whole["interactions"][0]["handled_by"], &whole["interactions"][0]["done_by_id"]),
        (&json!([1]), &json!(1))
    );
    assert_eq!(history(&ana, "/api/history"), (vec![4, 3, 2, 1], Value::Null));
    assert_eq!(history(&ben, "/api/history"), (vec![3], Value::Null));
    assert_eq!(history(&desk.signed_in("sue"), "/api/history"), (vec![], Value::Null));
    assert_eq!(history(&ana, "/api/history?limit=3"), (vec![4, 3, 2], json!("2")));
    assert_eq!(history(&ana, "/api/history?limit=3&before=2"), (vec![1], Value::Null));
    assert_eq!(history(&ana, "/api/history?limit=4"), (vec![4, 3, 2, 1], Value::Null), "the last page says so");

    let of_contact = format!("/api/contacts/{contact}/interactions");
    assert_eq!(history(&ben, &of_contact), (vec![3, 2, 1], Value::Null), "the whole centre's");
    assert_eq!(history(&ben, &format!("{of_contact}?limit=2")), (vec![3, 2], json!("2")));
    assert_eq!(history(&ben, &format!("{of_contact}?limit=2&before=2")), (vec![1], Value::Null));
    let second = ben.get("/api/contacts/1/interactions?before=3&limit=1").json()["interactions"][0].clone();
    let began = second["created_at"].as_i64().expect("a time");
    for (filter, found) in [
        ("state=open", vec![3]),
        ("state=done", vec![2, 1]),
        ("agent_id=2", vec![3]),
        ("agent_id=1", vec![3, 2, 1]),
        ("agent_id=3", vec![]),
        ("disposition_id=1", vec![2, 1]),
        ("disposition_id=2", vec![]),
        ("channel_id=1&queue_id=1", vec![3, 2, 1]),
        ("channel_id=2", vec![]),
        ("queue_id=2", vec![]),
        (&format!("from={began}"), vec![3, 2]),
        (&format!("until={began}"), vec![1]),
        (&format!("from={began}&until={}", began + 1), vec![2]),
        ("from=&state=", vec![3, 2, 1]),
    ] {
        assert_eq!(history(&ben, &format!("{of_contact}?{filter}")).0, found, "{filter}");
    }
    for (words, found) in [("5550000", vec![4]), ("%2B1%20650%20555%201234", vec![3, 2, 1]), ("nobody", vec![])] {
        assert_eq!(history(&ana, &format!("/api/history?q={words}")).0, found, "{words}");
    }
    for nonsense in ["limit=x", "before=x", "state=half", "from=today", "channel_id=-1"] {
        let refused = ana.get(&format!("/api/history?{nonsense}"));
        assert_eq!(refused.problem(), (400, "bad_request".to_owned()), "{nonsense}");
    }
    assert_eq!(ana.get("/api/contacts/77/interactions").problem(), (404, "not_found".to_owned()));
}
