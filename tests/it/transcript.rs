//! The transcript over HTTP: pages in both directions, what a message points to, and a conversation of 100,000 messages.

use std::time::{Duration, Instant};

use deskbell::domain::command::{Command, SendFailure};
use deskbell::domain::ids::MessageId;
use deskbell::domain::message::Failure;
use serde_json::Value;

use crate::harness::browser::Browser;
use crate::harness::desk::{Desk, MORNING, PASSWORD};
use crate::harness::long_past;
use crate::harness::server::serve;

/// Any page of the longest conversation is answered within this time, also by a binary that was built for debugging.
const PAGE_MAX: Duration = Duration::from_millis(50);

/// Ana at her desk, with a contact who wrote `message 0` to `message 19`; gives the path of the transcript.
fn at_work() -> (Desk, Browser, u64, String) {
    let desk = Desk::open();
    let (ana, mut events) = desk.ready("ana");
    for n in 0..20 {
        desk.browser().contact_writes("16505551234", &format!("wamid.{n}"), &format!("message {n}"));
    }
    let id = events.until("interaction_offered")["interaction"]["id"].as_u64().expect("an id");
    let shown = ana.post(&format!("/api/interactions/{id}/accept"), "{}").json();
    let path = format!("/api/conversations/{}/messages", shown["conversation_id"]);
    (desk, ana, id, path)
}

fn texts(page: &Value) -> Vec<String> {
    let messages = page["messages"].as_array().expect("a list");
    messages.iter().map(|message| message["content"]["text"].as_str().expect("a text").to_owned()).collect()
}

fn numbered(numbers: std::ops::Range<u64>) -> Vec<String> {
    numbers.map(|n| format!("message {n}")).collect()
}

#[test]
fn pages_go_both_ways_from_any_message() {
    let (_desk, ana, _, path) = at_work();
    let get = |query: &str| ana.get(&format!("{path}?{query}")).json();
    let end = get("limit=6");
    assert_eq!(texts(&end), numbered(14..20));
    assert_eq!(end["after"], Value::Null, "nothing is newer");
    let older = get(&format!("limit=6&before={}", end["before"].as_str().expect("a cursor")));
    assert_eq!(texts(&older), numbered(8..14));
    let newer = get(&format!("limit=4&after={}", older["after"].as_str().expect("a cursor")));
    assert_eq!(texts(&newer), numbered(14..18));
    let newest = get(&format!("limit=4&after={}", newer["after"].as_str().expect("a cursor")));
    assert_eq!((texts(&newest), &newest["after"]), (numbered(18..20), &Value::Null));

    let middle = older["messages"][3]["id"].as_u64().expect("an id");
    let around = get(&format!("limit=4&around={middle}"));
    assert_eq!(texts(&around), numbered(9..13));
    assert!(around["before"].is_string() && around["after"].is_string());
    // A message's own id is a cursor: whoever lets go of a part can ask for it again.
    assert_eq!(texts(&get(&format!("limit=3&before={middle}"))), numbered(8..11));
    assert_eq!(texts(&get(&format!("limit=3&after={middle}"))), numbered(12..15));

    let first = get("limit=20")["messages"][0]["id"].as_u64().expect("an id");
    let last = end["messages"][5]["id"].as_u64().expect("an id");
    let at_first = get(&format!("limit=4&around={first}"));
    assert_eq!((texts(&at_first), &at_first["before"]), (numbered(0..2), &Value::Null));
    let at_last = get(&format!("limit=4&around={last}"));
    assert_eq!((texts(&at_last), &at_last["after"]), (numbered(16..20), &Value::Null));
    assert_eq!(texts(&get(&format!("before={first}"))), Vec::<String>::new());

    let interaction = &end["interactions"][0];
    assert_eq!(interaction["id"], end["messages"][0]["interaction_id"]);
    assert_eq!((&interaction["agent_id"], &interaction["created_at"]), (&1.into(), &MORNING.0.into()));
}

#[test]
fn cursors_that_are_none_are_refused() {
    let (desk, ana, _, path) = at_work();
    desk.browser().contact_writes("4915755501234", "wamid.other", "hello");
    let other = desk.store.read(|snapshot| snapshot.message(MessageId(21))).expect("it can be read");
    assert!(other.is_some(), "the other contact's message");
    for query in ["around=x", "before=-1", "after=99999999999999999999", "after=21", "around=77", "before=1&after=2"] {
        assert_eq!(ana.get(&format!("{path}?{query}")).problem(), (400, "bad_request".to_owned()), "{query}");
    }
}

#[test]
fn a_message_that_was_sent_again_says_so() {
    let (desk, ana, id, path) = at_work();
    let sent = ana.post(&format!("/api/interactions/{id}/messages"), r#"{"client_key":"k","text":"Into the void"}"#);
    let message = MessageId(sent.json()["id"].as_u64().expect("an id"));
    let failure = SendFailure::GiveUp(Failure { code: 131_000, title: "Something went wrong".to_owned() });
    desk.submit(Command::StartSend { message });
    desk.submit(Command::RecordSendFailure { message, failure });
    let newest = |back: usize| {
        let page = ana.get(&format!("{path}?limit=2")).json();
        page["messages"][2 - back].clone()
    };
    assert_eq!((&newest(1)["delivery"], &newest(1)["resent_as_id"]), (&"failed".into(), &Value::Null));
    let again = ana.post(&format!("/api/messages/{message}/retry"), r#"{"client_key":"l"}"#).json();
    assert_eq!(again["retry_of_id"], message.0);
    assert_eq!(newest(2)["id"], message.0);
    assert_eq!(newest(2)["resent_as_id"], again["id"]);
    assert_eq!(newest(1)["resent_as_id"], Value::Null);
}

#[test]
fn a_conversation_of_100_000_messages_opens_at_once() {
    let folder = long_past::copy();
    let (_server, address) = serve(folder.path());
    let mut sue = Browser::new(address);
    assert_eq!(sue.sign_in("sue", PASSWORD).status, 200);
    let path = "/api/conversations/1/messages";
    let end = sue.get(path).json();
    assert!(texts(&end).last().expect("messages").starts_with("No 99999: "));
    let middle = end["messages"][0]["id"].as_u64().expect("an id") / 2;
    for (what, query) in [
        ("the end", String::new()),
        ("the middle", format!("?around={middle}")),
        ("older ones", format!("?before={middle}&limit=200")),
        ("newer ones", format!("?after={middle}&limit=200")),
        ("the beginning", "?around=1".to_owned()),
    ] {
        let path = format!("{path}{query}");
        let mut times: Vec<Duration> = (0..21)
            .map(|_| {
                let begun = Instant::now();
                assert_eq!(sue.get(&path).status, 200);
                begun.elapsed()
            })
            .collect();
        times.sort();
        println!("{what}: median {:?}, slowest {:?}", times[10], times[20]);
        assert!(times[10] < PAGE_MAX, "{what} took {:?}", times[10]);
    }
}
