//! Who looks at a conversation, and the loads and waiting counts that everybody sees.

use std::time::Duration;

use deskbell::domain::event::EventKind;
use deskbell::http::HttpLimits;
use serde_json::{Value, json};

use crate::harness::browser::{Browser, Events};
use crate::harness::desk::Desk;

const PATH: &str = "/api/conversations/1/presence";

fn look(browser: &Browser, viewing: bool, typing: bool) {
    let answer = browser.post(PATH, &json!({"viewing": viewing, "typing": typing}).to_string());
    assert_eq!(answer.status, 204, "{}", answer.body);
}

/// The next frame about watchers: it has no number, so that a stream does not resume from it.
fn watchers(events: &mut Events) -> Value {
    loop {
        let event = events.next().expect("the stream goes on");
        if event.name == "change" && event.json()["event"] == "watchers_changed" {
            assert_eq!(event.id, None);
            assert_eq!(event.json()["conversation_id"], 1);
            return event.json()["watchers"].clone();
        }
    }
}

#[test]
fn those_who_look_see_each_other_and_who_is_writing() {
    let desk = Desk::open();
    desk.browser().contact_writes("16505551234", "wamid.A", "hello");
    let (ana, mut hers) = desk.ready("ana");
    let (ben, mut his) = desk.ready("ben");
    look(&ana, true, false);
    assert_eq!(watchers(&mut hers), json!([{"agent_id": 1, "typing": false}]));
    look(&ben, true, false);
    let both = json!([{"agent_id": 1, "typing": false}, {"agent_id": 2, "typing": false}]);
    assert_eq!((watchers(&mut hers), watchers(&mut his)), (both.clone(), both.clone()));
    look(&ben, true, false);
    look(&ben, true, true);
    let writing = json!([{"agent_id": 1, "typing": false}, {"agent_id": 2, "typing": true}]);
    assert_eq!(watchers(&mut hers), writing, "saying the same again is no news");
    assert_eq!(desk.signed_in("sue").get(PATH).json(), json!({ "watchers": writing }));
    look(&ben, false, false);
    assert_eq!(watchers(&mut hers), json!([{"agent_id": 1, "typing": false}]));

    desk.clock.advance_ms(44_000);
    assert_eq!(ana.get(PATH).json()["watchers"].as_array().expect("a list").len(), 1);
    desk.clock.advance_ms(2_000);
    assert_eq!(ana.get(PATH).json(), json!({"watchers": []}), "whoever says nothing has stopped");

    for body in ["{}", r#"{"viewing":true}"#, r#"{"viewing":1,"typing":false}"#] {
        assert_eq!(ana.post(PATH, body).problem(), (400, "bad_request".to_owned()));
    }
    let nowhere = ana.post("/api/conversations/99/presence", r#"{"viewing":true,"typing":false}"#);
    assert_eq!(nowhere.problem(), (404, "not_found".to_owned()));
    assert_eq!(ana.get("/api/conversations/99/presence").problem(), (404, "not_found".to_owned()));
}

#[test]
fn who_looks_in_two_tabs_looks_until_both_have_stopped() {
    let desk = Desk::open();
    desk.browser().contact_writes("16505551234", "wamid.A", "hello");
    let (ana, ben) = (desk.signed_in("ana"), desk.signed_in("ben"));
    let tab = |tab: u64, viewing: bool, typing: bool| {
        let body = json!({"viewing": viewing, "typing": typing, "tab": tab}).to_string();
        assert_eq!(ana.post(PATH, &body).status, 204);
    };
    let seen = || ben.get(PATH).json()["watchers"].clone();
    tab(1, true, false);
    tab(2, true, true);
    assert_eq!(seen(), json!([{"agent_id": 1, "typing": true}]), "one person, who types in one of them");
    tab(1, false, false);
    assert_eq!(seen(), json!([{"agent_id": 1, "typing": true}]), "the other tab still shows it");
    tab(2, true, false);
    assert_eq!(seen(), json!([{"agent_id": 1, "typing": false}]));
    tab(2, false, false);
    assert_eq!(seen(), json!([]));
}

#[test]
fn loads_and_waiting_counts_are_told_once_for_many_changes() {
    let desk = Desk::open();
    let ben = desk.signed_in("ben");
    let mut his = ben.events_after(&ben.get("/api/snapshot").json()["seq"].to_string());
    for number in 0..5 {
        desk.browser().contact_writes(&format!("1650555000{number}"), &format!("wamid.{number}"), "hello");
    }
    let told = his.until("waiting_changed");
    assert_eq!(told["queues"][0]["waiting"], 5, "all at once");

    let (ana, mut hers) = desk.ready("ana");
    let id = hers.until("interaction_offered")["interaction"]["id"].clone();
    let load = his.until("load_changed");
    assert_eq!((&load["agent"]["login"], &load["agent"]["load"]), (&"ana".into(), &3.into()), "three offers");
    assert_eq!(his.until("waiting_changed")["queues"][0]["waiting"], 2);
    assert_eq!(ana.post(&format!("/api/interactions/{id}/accept"), "{}").status, 200);
    assert_eq!(ana.post("/api/sign-out", "{}").status, 204);
    assert_eq!(his.until("load_changed")["agent"]["load"], 0);
    assert_eq!(his.until("waiting_changed")["queues"][0]["waiting"], 4, "one is parked");
}

#[test]
fn a_stream_that_resumes_learns_the_present_counts() {
    let desk = Desk::open();
    let (ana, mut hers) = desk.ready("ana");
    let seq = ana.get("/api/snapshot").json()["seq"].clone();
    desk.browser().contact_writes("16505551234", "wamid.A", "hello");
    hers.until("interaction_offered");
    hers.until("load_changed");
    // Told beside an event: whoever has had the event may not have had this.
    let seen = ana.get("/api/snapshot").json()["seq"].clone();
    let mut from_memory = ana.events_after(&seen.to_string());
    assert_eq!(from_memory.until("load_changed")["agent"]["load"], 1);
    drop((hers, from_memory));

    // With nobody listening, nothing is kept in memory.
    desk.eventually(|| desk.journaled(EventKind::AgentDisconnected) == 1);
    desk.browser().contact_writes("16505550000", "wamid.B", "nobody listens");
    let mut from_journal = ana.events_after(&seq.to_string());
    let mut told = std::collections::BTreeSet::new();
    let mut load = Value::Null;
    // Listening makes ana one who can be offered what waits.
    while told.len() < 3 || load != 2 {
        let agent = from_journal.until("load_changed")["agent"].clone();
        told.insert(agent["id"].as_u64());
        if agent["login"] == "ana" {
            load = agent["load"].clone();
        }
    }
}

#[test]
fn a_beat_is_an_event_that_the_page_can_hear() {
    let desk = Desk::with_limits(HttpLimits { heartbeat: Duration::from_millis(50), ..HttpLimits::default() });
    let ana = desk.signed_in("ana");
    let mut events = ana.events_after(&ana.get("/api/snapshot").json()["seq"].to_string());
    let beat = std::iter::from_fn(|| events.next()).find(|event| event.name == "beat").expect("one comes");
    assert_eq!((beat.data.as_str(), beat.id), ("{}", None));
    let settings = desk.signed_in("ben").get("/api/snapshot").json()["settings"].clone();
    assert_eq!(settings["heartbeat_ms"], 50);
}
