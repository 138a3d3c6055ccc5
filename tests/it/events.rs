//! The event stream: who sees what, resuming, and ends.

use std::time::Duration;

use deskbell::domain::command::Command;
use deskbell::domain::ids::{MessageId, Wamid};
use deskbell::http::HttpLimits;

use crate::harness::browser::{Browser, Events};
use crate::harness::desk::Desk;
use crate::harness::provider::{envelope, text};

/// Reads until the interaction of a change is in this state; returns the change.
fn until_state(events: &mut Events, state: &str) -> serde_json::Value {
    loop {
        let change = events.change();
        if change["interaction"]["state"] == state {
            return change;
        }
    }
}

fn accept(browser: &Browser, events: &mut Events) -> u64 {
    let offer = events.until("interaction_offered");
    let id = offer["interaction"]["id"].as_u64().expect("an id");
    assert_eq!(browser.post(&format!("/api/interactions/{id}/accept"), "{}").status, 200);
    id
}

#[test]
fn from_the_contacts_words_to_done() {
    let desk = Desk::open();
    let (ana, mut events) = desk.ready("ana");
    desk.browser().contact_writes("16505551234", "wamid.A", "hello");

    let offer = events.until("interaction_offered");
    let shown = &offer["interaction"];
    assert_eq!((&shown["state"], &shown["unread"]), (&"offered".into(), &1.into()));
    assert_eq!(shown["offered_to_id"], offer["agent"]["id"]);
    assert_eq!(offer["agent"]["load"], 1);
    assert_eq!(shown["last_message"]["content"], serde_json::json!({ "kind": "text", "text": "hello" }));
    assert_eq!(shown["contact"]["addresses"][0], serde_json::json!({ "kind": "phone", "value": "+16505551234" }));

    let id = &shown["id"];
    let accepted = ana.post(&format!("/api/interactions/{id}/accept"), "{}");
    assert_eq!((accepted.status, &accepted.json()["state"]), (200, &"active".into()), "{}", accepted.body);

    let sent = ana.post(&format!("/api/interactions/{id}/messages"), r#"{"client_key":"k1","text":"good day"}"#);
    assert_eq!((sent.status, &sent.json()["delivery"]), (202, &"queued".into()), "{}", sent.body);
    let queued = events.until("message_queued");
    assert_eq!(queued["message"], sent.json());
    assert_eq!(queued["interaction"]["pending_since"], serde_json::Value::Null);

    let transcript = ana.get(&format!("/api/conversations/{}/messages", shown["conversation_id"])).json();
    let words: Vec<_> =
        transcript["messages"].as_array().expect("a list").iter().map(|m| &m["content"]["text"]).collect();
    assert_eq!(words, ["hello", "good day"]);

    assert_eq!(ana.post(&format!("/api/interactions/{id}/end"), "{}").json()["state"], "ended");
    let refused = ana.post(&format!("/api/interactions/{id}/done"), "{}");
    assert_eq!(refused.problem(), (409, "disposition_required".to_owned()));
    let disposed = ana.put(&format!("/api/interactions/{id}/disposition"), r#"{"disposition_id":1}"#);
    assert_eq!(disposed.json()["disposition_id"], 1);
    let refused = ana.post(&format!("/api/interactions/{id}/done"), "{}");
    assert_eq!(refused.problem(), (409, "send_pending".to_owned()), "its fate is not known yet");
    let message = MessageId(sent.json()["id"].as_u64().expect("an id"));
    desk.submit(Command::StartSend { message });
    desk.submit(Command::RecordAccepted { message, wamid: Wamid("wamid.B".to_owned()) });
    assert_eq!(ana.post(&format!("/api/interactions/{id}/done"), "{}").json()["state"], "done");
    let done = events.until("interaction_done");
    assert_eq!(&done["interaction_gone"], id);
    assert_eq!(done["agent"]["load"], 0);
    assert!(ana.get("/api/snapshot").json()["interactions"].as_array().expect("a list").is_empty());
}

#[test]
fn a_colleague_sees_presence_and_nothing_of_the_work_and_a_supervisor_sees_all() {
    let desk = Desk::open();
    let (ana, mut hers) = desk.ready("ana");
    let ben = desk.signed_in("ben");
    let mut his = ben.events_after(&ben.get("/api/snapshot").json()["seq"].to_string());
    let (_sue, mut watching) = {
        let sue = desk.signed_in("sue");
        let events = sue.events_after(&sue.get("/api/snapshot").json()["seq"].to_string());
        (sue, events)
    };
    desk.browser().contact_writes("16505551234", "wamid.A", "hello");
    accept(&ana, &mut hers);
    assert_eq!(ana.put("/api/presence", r#"{"state":"do_not_disturb"}"#).status, 200);

    loop {
        let change = his.change();
        assert!(change["interaction"].is_null() && change["message"].is_null(), "{change}");
        if change["event"] == "presence_changed" && change["agent"]["login"] == "ana" {
            break;
        }
    }
    assert_eq!(watching.until("message_received")["message"]["content"]["text"], "hello");
    until_state(&mut watching, "active");
}

#[test]
fn an_offer_that_goes_elsewhere_leaves_the_desktop() {
    let desk = Desk::open();
    let (ana, mut hers) = desk.ready("ana");
    desk.browser().contact_writes("16505551234", "wamid.A", "hello");
    let id = hers.until("interaction_offered")["interaction"]["id"].clone();
    assert_eq!(ana.post(&format!("/api/interactions/{id}/reject"), "{}").status, 204);
    let rejected = hers.until("offer_rejected");
    assert_eq!(rejected["interaction_gone"], id);
    assert!(rejected["interaction"].is_null());
}

#[test]
fn a_transfer_that_is_rejected_leaves_the_desktop_of_who_rejected_it() {
    let desk = Desk::open();
    let (ana, mut hers) = desk.ready("ana");
    desk.browser().contact_writes("16505551234", "wamid.A", "hello");
    let id = accept(&ana, &mut hers);
    let (ben, mut his) = desk.ready("ben");
    let moved = ana.post(&format!("/api/interactions/{id}/transfer"), r#"{"agent_id":2,"note":"please"}"#);
    assert_eq!(moved.json()["transfer"]["to_agent_id"], 2, "{}", moved.body);
    let asked = his.until("interaction_offered");
    assert_eq!(asked["interaction"]["transfer"]["note"], "please");
    assert_eq!(ben.post(&format!("/api/interactions/{id}/transfer/reject"), "{}").status, 204);
    assert_eq!(his.until("transfer_ended")["interaction_gone"], id);
    let back = hers.until("transfer_ended");
    assert_eq!(back["interaction"]["state"], "active");
}

#[test]
fn a_stream_resumes_where_it_was_from_memory_and_from_the_journal() {
    let desk = Desk::open();
    let (ana, mut events) = desk.ready("ana");
    desk.browser().contact_writes("16505551234", "wamid.A", "one");
    accept(&ana, &mut events);
    let seq = until_state(&mut events, "active")["seq"].clone();
    desk.browser().contact_writes("16505551234", "wamid.B", "two");
    let missed = events.until("message_received");

    let mut by_query = ana.events_after(&seq.to_string());
    assert_eq!(by_query.until("message_received"), missed, "from memory, while another stream is open");
    let mut by_header = ana.events("/api/events?after=0", &format!("Last-Event-ID: {seq}\r\n"));
    assert_eq!(by_header.until("message_received"), missed, "the header wins");

    drop((events, by_query, by_header));
    // With nobody listening, nothing is kept in memory.
    desk.browser().contact_writes("16505551234", "wamid.C", "three");
    let mut later = ana.events_after(&seq.to_string());
    let first = later.until("message_received");
    assert_eq!((&first["seq"], &first["message"]), (&missed["seq"], &missed["message"]));
    assert_eq!(later.until("message_received")["message"]["content"]["text"], "three");
}

#[test]
fn a_number_that_cannot_be_resumed_is_answered_with_reset() {
    let desk = Desk::open();
    let ana = desk.signed_in("ana");
    let future = ana.events_after("1000000").next().expect("an event");
    assert_eq!((future.name.as_str(), future.data.as_str()), ("reset", "{}"));

    let seq = ana.get("/api/snapshot").json()["seq"].to_string();
    for batch in 0..6 {
        let messages: Vec<_> =
            (0..1_000).map(|n| text("16505551234", &format!("wamid.{batch}.{n}"), "x", 1_700_000_000)).collect();
        assert_eq!(desk.browser().bring(&envelope(&messages)).status, 200);
    }
    let mut far_behind = ana.events_after(&seq);
    assert_eq!(far_behind.next().expect("an event").name, "reset");
    assert!(far_behind.next().is_none(), "then the stream is over");
    assert_eq!(ana.get("/api/events?after=x").problem(), (400, "bad_request".to_owned()));
}

#[test]
fn a_reader_who_does_not_read_is_cut_off_and_resumes_without_a_gap() {
    let desk = Desk::open();
    let sue = desk.signed_in("sue");
    let seq = sue.get("/api/snapshot").json()["seq"].to_string();
    let mut slow = sue.events_after(&seq);
    let words = "z".repeat(4_000);
    for batch in 0..5 {
        let messages: Vec<_> =
            (0..400).map(|n| text("16505551234", &format!("wamid.{batch}.{n}"), &words, 1_700_000_000)).collect();
        assert_eq!(desk.browser().bring(&envelope(&messages)).status, 200);
    }
    let mut seen = Vec::new();
    let mut streams = 1;
    let mut last = seq;
    while seen.len() < 2_000 {
        match slow.next() {
            Some(event) if event.name == "reset" => panic!("nothing is missing here"),
            Some(event) => {
                last = event.id.expect("a number").to_string();
                if event.json()["event"] == "message_received" {
                    seen.push(event.json()["message"]["id"].as_u64().expect("an id"));
                }
            }
            None => {
                streams += 1;
                slow = sue.events_after(&last);
            }
        }
    }
    assert!(streams > 1, "the reader was cut off");
    assert!(seen.windows(2).all(|pair| pair[0] + 1 == pair[1]), "each message once, in order");
}

#[test]
fn a_stream_begins_with_the_page_that_the_server_has() {
    let desk = Desk::with_limits(HttpLimits { heartbeat: Duration::from_millis(50), ..HttpLimits::default() });
    let ben = desk.signed_in("ben");
    let seq = ben.get("/api/snapshot").json()["seq"].as_u64().expect("a number");
    let mut events = ben.events_after(&seq.to_string());
    events.next().expect("the stream goes on");
    let page = events.page.expect("it came before everything else");
    assert!(ben.get("/").body.contains(&format!("/assets/{page}/app.js")), "{page}");
}

#[test]
fn heart_beats_come_by_themselves_and_move_the_number_on() {
    let desk = Desk::with_limits(HttpLimits { heartbeat: Duration::from_millis(50), ..HttpLimits::default() });
    let ben = desk.signed_in("ben");
    let seq = ben.get("/api/snapshot").json()["seq"].as_u64().expect("a number");
    let mut events = ben.events_after(&seq.to_string());
    // Nothing of this is ben's.
    desk.browser().contact_writes("16505551234", "wamid.A", "hello");
    let (mut beats, mut moved) = (0, 0);
    while beats < 3 || moved == 0 {
        let event = events.next().expect("the stream goes on");
        match event.name.as_str() {
            "beat" => beats += 1,
            "change" if event.json()["event"] == "caught_up" => moved = event.id.expect("a number"),
            _ => {}
        }
    }
    assert!(moved > seq);
}

#[test]
fn a_stop_says_good_bye_and_takes_little_time() {
    let mut desk = Desk::open();
    let (_ana, mut events) = desk.ready("ana");
    let taken = desk.stop();
    let bye = std::iter::from_fn(|| events.next()).find(|event| event.name == "bye").expect("a good-bye");
    assert_eq!(bye.data, r#"{"reason":"stopping"}"#);
    assert!(taken < Duration::from_secs(2), "{taken:?}");
}

#[test]
fn the_last_stream_that_closes_disconnects_the_agent() {
    let desk = Desk::open();
    let (_sue, mut watching) = desk.ready("sue");
    let (ana, first) = desk.ready("ana");
    let second = ana.events_after("0");
    watching.until("agent_connected");
    drop(first);
    assert_eq!(ana.get("/api/me").json()["connected"], true);
    drop(second);
    let gone = watching.until("agent_disconnected");
    assert_eq!((&gone["agent"]["login"], &gone["agent"]["connected"]), (&"ana".into(), &false.into()));
}
