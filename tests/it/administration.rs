//! What administrators set up over HTTP: who may, what is refused and why, and that nobody is silently overwritten.

use deskbell::domain::agent::Role;
use deskbell::domain::change::Change;
use deskbell::domain::command::Command;
use deskbell::domain::ids::{ChannelId, InteractionId};
use serde_json::{Value, json};

use crate::harness::browser::{Answer, Browser};
use crate::harness::desk::{Desk, profile};
use crate::people::administered;

const ROUTES: [(&str, &str); 20] = [
    ("GET", "first-steps"),
    ("GET", "channels"),
    ("POST", "channels"),
    ("PUT", "channels/1"),
    ("DELETE", "channels/1"),
    ("POST", "channels/1/test"),
    ("POST", "channels/1/subscription"),
    ("GET", "channels/1/arrivals"),
    ("GET", "queues"),
    ("POST", "queues"),
    ("PUT", "queues/1"),
    ("GET", "dispositions"),
    ("POST", "dispositions"),
    ("PUT", "dispositions/1"),
    ("GET", "case-keys"),
    ("POST", "case-keys"),
    ("PUT", "case-keys/order"),
    ("PUT", "case-keys/1"),
    ("GET", "settings"),
    ("PUT", "settings"),
];

fn ask(browser: &Browser, method: &str, path: &str, body: &Value) -> Answer {
    browser.ask(method, &format!("/api/administration/{path}"), &body.to_string())
}

/// A contact writes; nobody has written before.
fn contact_writes(desk: &Desk) {
    desk.browser().contact_writes("16505551234", "wamid.1", "Hello");
}

fn list(browser: &Browser, path: &str, key: &str) -> Vec<Value> {
    ask(browser, "GET", path, &Value::Null).json()[key].as_array().expect("a list").clone()
}

/// Status, code and field of a refusal.
fn refused(answer: &Answer) -> (u16, String, Option<String>) {
    let (status, code) = answer.problem();
    (status, code, answer.json()["field"].as_str().map(str::to_owned))
}

fn field(name: &str) -> (u16, String, Option<String>) {
    (422, "field_invalid".to_owned(), Some(name.to_owned()))
}

fn with(value: &Value, changes: Value) -> Value {
    let (mut value, Value::Object(changes)) = (value.clone(), changes) else { panic!("changes are an object") };
    for (key, change) in changes {
        value[key] = change;
    }
    value
}

#[test]
fn nobody_but_administrators_sees_or_changes_what_is_set_up() {
    let (desk, ada) = administered();
    for login in ["ana", "sue"] {
        let browser = desk.signed_in(login);
        for (method, path) in ROUTES {
            let answer = ask(&browser, method, path, &json!({}));
            assert_eq!(answer.problem(), (403, "not_administrator".to_owned()), "{login}: {method} {path}");
        }
    }
    let stranger = desk.browser();
    for (method, path) in ROUTES {
        let answer = ask(&stranger, method, path, &json!({}));
        assert_eq!(answer.problem(), (401, "sign_in_required".to_owned()), "{method} {path}");
        assert_ne!(ask(&ada, method, path, &json!({})).status, 403, "{method} {path}");
    }
    // The core refuses as well, whatever an edge forgets.
    let forged = Command::Change {
        by: Some(deskbell::domain::ids::AgentId(1)),
        change: Box::new(Change::RemoveChannel(ChannelId(1))),
    };
    let answers = desk.store.submit_blocking(vec![forged]).expect("the store answers");
    assert_eq!(answers[0].as_ref().err(), Some(&deskbell::domain::rejection::Rejection::NotAdministrator));
}

#[test]
fn of_two_administrators_the_second_is_told_and_overwrites_nothing() {
    let (desk, ada) = administered();
    desk.submit(Command::AddAgent(profile("bea", Role::Administrator)));
    let bea = desk.signed_in("bea");
    let seen = list(&ada, "queues", "queues").remove(0);
    let first = ask(&ada, "PUT", "queues/1", &with(&seen, json!({"name": "Service"})));
    assert_eq!(first.status, 200, "{}", first.body);
    let second = ask(&bea, "PUT", "queues/1", &with(&seen, json!({"priority": 7})));
    assert_eq!(second.problem(), (409, "set_up_changed".to_owned()));
    let now = list(&bea, "queues", "queues").remove(0);
    assert_eq!((now["name"].as_str(), now["priority"].as_i64()), (Some("Service"), Some(0)));
    assert_eq!(now["version"], first.json()["version"], "the answer names the state that it made");
    assert_eq!(ask(&bea, "PUT", "queues/1", &with(&now, json!({"priority": 7}))).status, 200);

    let settings = ask(&ada, "GET", "settings", &Value::Null).json();
    assert_eq!(ask(&ada, "PUT", "settings", &with(&settings, json!({"reasons": ["Tea"]}))).status, 200);
    let late = ask(&bea, "PUT", "settings", &with(&settings, json!({"reject_allowed": false})));
    assert_eq!(late.problem(), (409, "set_up_changed".to_owned()));

    let response = json!({"category": [], "title": "Hi", "shortcut": "hi", "text": "Hello"});
    let made = ada.post("/api/responses", &response.to_string()).json();
    let path = format!("/api/responses/{}", made["id"]);
    let changed = with(&made, json!({"text": "Good day"}));
    assert_eq!(ada.put(&path, &changed.to_string()).status, 200);
    assert_eq!(bea.put(&path, &changed.to_string()).problem(), (409, "set_up_changed".to_owned()));
}

#[test]
fn what_cannot_be_taken_is_named_with_its_field() {
    let (desk, ada) = administered();
    let queue = list(&ada, "queues", "queues").remove(0);
    let hours = |zone: &str, spans: Value| json!({"hours": {"time_zone": zone, "spans": spans}});
    for (changes, wrong) in [
        (json!({"name": "  "}), "name"),
        (json!({"offer_timeout_ms": 0}), "offer_timeout_ms"),
        (json!({"pass_over_ms": i64::MAX}), "pass_over_ms"),
        (json!({"priority": 5000}), "priority"),
        (json!({"skills": ["a", "a"]}), "skills"),
        (json!({"greeting": "x".repeat(5000)}), "greeting"),
        (hours("Europe/Atlantis", json!([[0, 540, 1020]])), "time_zone"),
        (hours("Europe/Berlin", json!([[0, 540, 540]])), "hours"),
        (hours("Europe/Berlin", json!([[7, 0, 60]])), "hours"),
    ] {
        let answer = ask(&ada, "PUT", "queues/1", &with(&queue, changes.clone()));
        assert_eq!(refused(&answer), field(wrong), "{changes}");
    }
    let settings = ask(&ada, "GET", "settings", &Value::Null).json();
    for (changes, wrong) in [
        (json!({"reasons": ["Tea", "Tea"]}), "reasons"),
        (json!({"idle_lock_ms": 60_000, "idle_warning_ms": 60_000}), "idle_warning_ms"),
        (json!({"main_language": "xx"}), "main_language"),
        (json!({"owner_grace_ms": -1}), "owner_grace_ms"),
    ] {
        let answer = ask(&ada, "PUT", "settings", &with(&settings, changes.clone()));
        assert_eq!(refused(&answer), field(wrong), "{changes}");
    }
    let number = json!({"name": "Second", "phone_number_id": "77", "display_number": "+1 555 0177",
        "app_secret": "s", "access_token": "t"});
    for (changes, wrong) in [
        (json!({"phone_number_id": "+1 555"}), "phone_number_id"),
        (json!({"business_account_id": "abc"}), "business_account_id"),
        (json!({"access_token": "two words"}), "access_token"),
        (json!({"app_secret": ""}), "app_secret"),
        (json!({"messages_per_s_max": 0}), "messages_per_s_max"),
        (json!({"graph_url": "ftp://x"}), "graph_url"),
        (json!({"graph_version": "27"}), "graph_version"),
    ] {
        assert_eq!(refused(&ask(&ada, "POST", "channels", &with(&number, changes.clone()))), field(wrong), "{changes}");
    }
    let taken = ask(&ada, "POST", "dispositions", &json!({"code": "solved", "label": "Again", "parent_id": null}));
    assert_eq!(refused(&taken), (409, "code_taken".to_owned(), Some("code".to_owned())));
    let key = json!({"key": "order", "label": "Order", "kind": "text", "read_only": false, "on_offer": false, "required": false});
    for (changes, wrong) in [
        (json!({"key": "Order No"}), "key"),
        (json!({"kind": "choice"}), "choices"),
        (json!({"required": true, "read_only": true}), "required"),
    ] {
        assert_eq!(refused(&ask(&ada, "POST", "case-keys", &with(&key, changes.clone()))), field(wrong), "{changes}");
    }
    assert_eq!(ask(&ada, "PUT", "queues/99", &queue).problem().0, 404);
    drop(desk);
}

#[test]
fn secrets_go_in_and_never_come_out_and_a_new_one_counts_at_once() {
    let (_desk, ada) = administered();
    let number = json!({"name": "Second", "phone_number_id": "77", "display_number": "+1 555 0177",
        "business_account_id": "88", "app_secret": "sesame-secret", "access_token": "sesame-token"});
    let added = ask(&ada, "POST", "channels", &number);
    assert_eq!(added.status, 201, "{}", added.body);
    let view = added.json();
    let listed = ask(&ada, "GET", "channels", &Value::Null).body;
    let id = &view["id"];
    let changed = ask(&ada, "PUT", &format!("channels/{id}"), &with(&view, json!({"app_secret": "open-secret"})));
    assert_eq!(changed.status, 200, "{}", changed.body);
    for body in [&added.body, &listed, &changed.body] {
        assert!(!body.contains("sesame") && !body.contains("open-secret"), "{body}");
    }
    // Meta's handshake knows the token that was made here.
    let token = view["verify_token"].as_str().expect("one is made");
    let path = format!("/webhooks/whatsapp?hub.mode=subscribe&hub.challenge=42&hub.verify_token={token}");
    assert_eq!(ada.get(&path).body, "42");
    let again = ask(&ada, "POST", "channels", &number);
    assert_eq!(refused(&again), (409, "phone_number_id_taken".to_owned(), Some("phone_number_id".to_owned())));
}

#[test]
fn a_number_with_open_work_stays_and_one_without_goes_and_comes_back_with_its_past() {
    let (desk, ada) = administered();
    let (ana, _events) = desk.ready("ana");
    contact_writes(&desk);
    let busy = ask(&ada, "DELETE", "channels/1", &json!({}));
    assert_eq!(busy.problem(), (409, "channel_in_use".to_owned()));
    assert_eq!(ana.post("/api/interactions/1/accept", "{}").status, 200);
    assert_eq!(ana.put("/api/interactions/1/disposition", r#"{"disposition_id":1}"#).status, 200);
    assert_eq!(ana.post("/api/interactions/1/done", "{}").status, 200);
    assert_eq!(ask(&ada, "DELETE", "channels/1", &json!({})).status, 204);
    assert!(list(&ada, "channels", "channels").is_empty());
    let gone = ask(&ada, "POST", "channels/1/test", &json!({}));
    assert_eq!(gone.problem().0, 404);
    let row = desk.store.read(|snapshot| snapshot.channel(ChannelId(1))).expect("readable").expect("it is kept");
    let secrets = [&row.profile.app_secret, &row.profile.access_token, &row.profile.verify_token];
    assert!(secrets.iter().all(|secret| secret.is_empty()), "its secrets are forgotten");

    let number = json!({"name": "Main again", "phone_number_id": row.profile.phone_number_id, "display_number": "+1 555 0100",
        "app_secret": "s", "access_token": "t"});
    let back = ask(&ada, "POST", "channels", &number);
    assert_eq!((back.status, back.json()["id"].as_u64()), (201, Some(1)), "{}", back.body);
    let past = desk.store.read(|snapshot| snapshot.interaction(InteractionId(1))).expect("readable");
    assert!(past.is_some(), "what was said is still there");
}

#[test]
fn outcomes_are_renamed_and_retired_and_the_past_keeps_them() {
    let (desk, ada) = administered();
    let (ana, _events) = desk.ready("ana");
    let parcel = ask(&ada, "POST", "dispositions", &json!({"label": "Parcel lost!", "parent_id": null})).json();
    assert_eq!(parcel["code"], "parcel_lost");
    contact_writes(&desk);
    assert_eq!(ana.post("/api/interactions/1/accept", "{}").status, 200);
    let choose = |id: &Value| ana.put("/api/interactions/1/disposition", &json!({ "disposition_id": id }).to_string());
    assert_eq!(choose(&parcel["id"]).status, 200);
    let path = format!("dispositions/{}", parcel["id"]);
    let retired = ask(&ada, "PUT", &path, &with(&parcel, json!({"label": "Lost", "retired": true})));
    assert_eq!(retired.status, 200, "{}", retired.body);
    assert_eq!(ask(&ada, "PUT", &path, &parcel).problem(), (409, "set_up_changed".to_owned()));
    let shown = ana.get("/api/snapshot").json();
    let known = shown["dispositions"].as_array().expect("a list").iter().find(|one| one["id"] == parcel["id"]).cloned();
    assert_eq!(known.expect("the past is told with it")["label"], "Lost");
    assert_eq!(choose(&Value::Null).status, 200);
    assert_eq!(choose(&parcel["id"]).problem(), (422, "unknown_disposition".to_owned()));

    // A heading is retired after what stands below it.
    let above = ask(&ada, "POST", "dispositions", &json!({"label": "Shipping", "parent_id": null})).json();
    let below = ask(&ada, "POST", "dispositions", &json!({"label": "Late", "parent_id": above["id"]})).json();
    let retire =
        |one: &Value| ask(&ada, "PUT", &format!("dispositions/{}", one["id"]), &with(one, json!({"retired": true})));
    assert_eq!(retire(&above).problem().1, "disposition_not_a_leaf");
    assert_eq!((retire(&below).status, retire(&above).status), (200, 200));
    let under = ask(&ada, "POST", "dispositions", &json!({"label": "Early", "parent_id": above["id"]}));
    assert_eq!(under.problem().1, "unknown_disposition");
}

#[test]
fn a_required_field_keeps_an_interaction_from_done_and_fields_stand_in_the_order_given() {
    let (desk, ada) = administered();
    let (ana, _events) = desk.ready("ana");
    let key = |key: &str, required: bool| {
        let body = json!({"key": key, "label": key, "kind": "text", "read_only": false, "on_offer": false, "required": required});
        let made = ask(&ada, "POST", "case-keys", &body);
        assert_eq!(made.status, 201, "{}", made.body);
        made.json()["id"].clone()
    };
    let (order, colour) = (key("order", true), key("colour", false));
    let turned = ask(&ada, "PUT", "case-keys/order", &json!({ "ids": [colour, order] }));
    assert_eq!(turned.status, 200, "{}", turned.body);
    let names =
        |keys: &Value| keys.as_array().expect("a list").iter().map(|one| one["key"].clone()).collect::<Vec<_>>();
    assert_eq!(names(&ana.get("/api/snapshot").json()["case_keys"]), ["colour", "order"]);
    assert_eq!(ask(&ada, "PUT", "case-keys/order", &json!({"ids": [colour]})).problem().1, "set_up_changed");

    contact_writes(&desk);
    assert_eq!(ana.post("/api/interactions/1/accept", "{}").status, 200);
    assert_eq!(ana.put("/api/interactions/1/disposition", r#"{"disposition_id":1}"#).status, 200);
    let missing = ana.post("/api/interactions/1/done", "{}");
    assert_eq!(missing.problem(), (422, "case_value_required".to_owned()));
    assert_eq!(missing.json()["case_key_id"], order);
    assert_eq!(ana.put("/api/interactions/1/case-data/order", r#"{"value":"AB-1"}"#).status, 200);
    assert_eq!(ana.post("/api/interactions/1/done", "{}").status, 200);
}

#[test]
fn what_is_set_up_is_told_to_everybody_who_is_connected() {
    let (desk, ada) = administered();
    let (_ana, mut events) = desk.ready("ana");
    let queue = list(&ada, "queues", "queues").remove(0);
    assert_eq!(ask(&ada, "PUT", "queues/1", &with(&queue, json!({"name": "Service"}))).status, 200);
    events.until("queue_changed");
    let settings = ask(&ada, "GET", "settings", &Value::Null).json();
    assert_eq!(ask(&ada, "PUT", "settings", &with(&settings, json!({"reasons": ["Tea"]}))).status, 200);
    events.until("settings_changed");
    let outcome = list(&ada, "dispositions", "dispositions").remove(0);
    assert_eq!(ask(&ada, "PUT", "dispositions/1", &with(&outcome, json!({"label": "Fine"}))).status, 200);
    events.until("disposition_changed");
    let channel = list(&ada, "channels", "channels").remove(0);
    assert_eq!(ask(&ada, "PUT", "channels/1", &with(&channel, json!({"name": "Front desk"}))).status, 200);
    events.until("channel_changed");
}

#[test]
fn a_webhook_that_comes_or_is_turned_away_is_told_to_who_tests_the_connection() {
    let (desk, ada) = administered();
    let arrivals = || ask(&ada, "GET", "channels/1/arrivals", &Value::Null).json();
    assert_eq!(arrivals()["heard_at"], Value::Null);
    assert_eq!(ada.get("/webhooks/whatsapp?hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong").status, 403);
    assert_eq!(ada.post("/webhooks/whatsapp", "{}").status, 401);
    let turned_away = arrivals();
    assert!(turned_away["token_refused_at"].is_i64() && turned_away["signature_refused_at"].is_i64(), "{turned_away}");
    contact_writes(&desk);
    assert!(arrivals()["heard_at"].is_i64());
}
