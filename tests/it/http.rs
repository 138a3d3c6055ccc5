//! Bad requests of every kind, and the answers of the API to what is not allowed.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use deskbell::domain::command::Command;
use deskbell::domain::event::EventKind;
use deskbell::domain::settings::{ReadMarks, Settings};
use deskbell::http::HttpLimits;
use serde_json::json;

use crate::harness::browser::{Answer, Browser, Events};
use crate::harness::desk::{Desk, MORNING, PASSWORD};
use crate::harness::provider::{envelope, text};

/// A desk on which ana has accepted what a contact wrote.
fn at_work() -> (Desk, Browser, Events, u64) {
    let desk = Desk::open();
    let (ana, mut events) = desk.ready("ana");
    desk.browser().contact_writes("16505551234", "wamid.A", "hello");
    let id = events.until("interaction_offered")["interaction"]["id"].as_u64().expect("an id");
    assert_eq!(ana.post(&format!("/api/interactions/{id}/accept"), "{}").status, 200);
    (desk, ana, events, id)
}

#[test]
fn requests_that_can_be_read_in_two_ways_are_refused() {
    let desk = Desk::open();
    let chunked = "Transfer-Encoding: chunked\r\n";
    let body = "2\r\n{}\r\n0\r\n\r\n";
    for (name, status, request) in [
        ("no host", 400, "GET /healthz HTTP/1.1\r\n\r\n".to_owned()),
        ("empty host", 400, "GET /healthz HTTP/1.1\r\nHost:\r\n\r\n".to_owned()),
        ("two hosts", 400, "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".to_owned()),
        ("another host in the line", 400, "GET http://b/healthz HTTP/1.1\r\nHost: a\r\n\r\n".to_owned()),
        (
            "length, then chunks",
            400,
            format!("POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n{chunked}\r\n{body}"),
        ),
        (
            "chunks, then length",
            400,
            format!("POST /healthz HTTP/1.1\r\nHost: a\r\n{chunked}content-length : 5\r\n\r\n{body}"),
        ),
        (
            "chunks, then length, plain",
            400,
            format!("POST /healthz HTTP/1.1\r\nHost: a\r\n{chunked}content-length: 5\r\n\r\n{body}"),
        ),
        (
            "two lengths",
            400,
            "POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab".to_owned(),
        ),
        ("a space before the colon", 400, "GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n".to_owned()),
        ("a folded line", 400, "GET /healthz HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n".to_owned()),
        ("trace", 405, "TRACE /healthz HTTP/1.1\r\nHost: a\r\n\r\n".to_owned()),
        ("connect", 405, "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n".to_owned()),
        ("no HTTP", 400, "hello\r\n\r\n".to_owned()),
        ("a huge head", 431, format!("GET /healthz HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(20_000))),
        ("many lines", 431, format!("GET /healthz HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(100))),
    ] {
        let answer = desk.browser().raw(request.as_bytes());
        assert_eq!(answer.status, status, "{name}: {answer:?}");
    }
}

#[test]
fn chunks_alone_are_read_also_after_another_request() {
    let desk = Desk::open();
    let mut browser = desk.browser();
    browser.sign_in("ana", PASSWORD);
    let mut stream = browser.connect();
    let mut buffer = [0; 4_096];
    stream.write_all(b"POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}").expect("sent");
    assert!(stream.read(&mut buffer).expect("an answer") > 0);
    let more = format!(
        "Origin: http://{}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n",
        browser.address
    );
    let request = browser.head("PUT", "/api/presence", &more) + "11\r\n{\"state\":\"ready\"}\r\n0\r\n\r\n";
    stream.write_all(request.as_bytes()).expect("sent");
    let answer = Answer::read(&stream);
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[test]
fn whoever_is_too_slow_is_let_go() {
    let brief = Duration::from_millis(300);
    let desk = Desk::with_limits(HttpLimits { head_read_max: brief, body_read_max: brief, ..HttpLimits::default() });
    let begun = Instant::now();
    let mut silent = desk.browser().connect();
    let mut slow_head = desk.browser().connect();
    slow_head.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ").expect("sent");
    let mut slow_body = desk.browser().connect();
    slow_body.write_all(b"POST /webhooks/whatsapp HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{").expect("sent");
    let mut bytes = Vec::new();
    silent.read_to_end(&mut bytes).expect("closed");
    slow_head.read_to_end(&mut bytes).expect("closed");
    assert_eq!(Answer::read(&slow_body).problem(), (408, "request_timeout".to_owned()));
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    assert_eq!(desk.browser().get("/healthz").status, 200);
}

#[test]
fn unknown_addresses_and_methods() {
    let desk = Desk::open();
    let ana = desk.signed_in("ana");
    for path in ["/none", "/api", "/api/interactions/x", "/api/interactions/99999999999999999999", "//", "/API/me"] {
        assert_eq!(ana.get(path).problem(), (404, "not_found".to_owned()), "{path}");
    }
    let refused = ana.put("/api/sign-in", "{}");
    assert_eq!(refused.problem(), (405, "method_not_allowed".to_owned()));
    assert_eq!(refused.header("allow"), Some("POST"));
    assert_eq!(ana.post("/api/interactions/77/accept", "{}").problem(), (404, "not_found".to_owned()));
    assert_eq!(ana.get("/api/interactions/77").problem(), (404, "not_found".to_owned()));
    assert_eq!(ana.get("/api/conversations/77/messages").problem(), (404, "not_found".to_owned()));
}

#[test]
fn bodies_that_are_no_json_or_of_another_shape() {
    let (_desk, ana, _events, id) = at_work();
    let messages = format!("/api/interactions/{id}/messages");
    for (path, body) in [
        (messages.as_str(), ""),
        (messages.as_str(), "{"),
        (messages.as_str(), "[]"),
        (messages.as_str(), r#"{"client_key":1,"text":"x"}"#),
        (messages.as_str(), r#"{"client_key":"k"}"#),
        (messages.as_str(), r#"{"client_key":"","text":"x"}"#),
        (messages.as_str(), "{\"client_key\":\"k\",\"text\":\"\\ud800\"}"),
        (&format!("/api/interactions/{id}/read"), r#"{"message_id":1e400}"#),
        (&format!("/api/interactions/{id}/read"), r#"{"message_id":-1}"#),
        (&format!("/api/interactions/{id}/read"), r#"{"message_id":99999999999999999999}"#),
        (&format!("/api/interactions/{id}/transfer"), r#"{"note":"to nobody"}"#),
    ] {
        assert_eq!(ana.post(path, body).problem(), (400, "bad_request".to_owned()), "{path} {body}");
    }
    assert_eq!(ana.put("/api/presence", r#"{"state":"asleep"}"#).problem(), (400, "bad_request".to_owned()));
    assert_eq!(
        ana.put("/api/presence", r#"{"state":"not_ready","reason":"Nap"}"#).problem(),
        (422, "unknown_reason".to_owned())
    );
    let deep = "[".repeat(50_000);
    assert_eq!(ana.post(&messages, &deep).problem(), (400, "bad_request".to_owned()));
    let large = format!(r#"{{"client_key":"k","text":"{}"}}"#, "x".repeat(200_000));
    assert_eq!(ana.post(&messages, &large).problem(), (413, "body_too_large".to_owned()));
    let long = format!(r#"{{"client_key":"k","text":"{}"}}"#, "x".repeat(4_097));
    assert_eq!(ana.post(&messages, &long).problem(), (422, "message_too_long".to_owned()));
    assert_eq!(ana.post(&messages, r#"{"client_key":"k","text":"  "}"#).problem(), (422, "message_empty".to_owned()));

    let form = "Content-Type: text/plain\r\nContent-Length: 2\r\n";
    let origin = format!("Origin: http://{}\r\n", ana.address);
    let plain = ana.raw((ana.head("POST", &messages, &(origin + form)) + "{}").as_bytes());
    assert_eq!(plain.problem(), (415, "unsupported_media_type".to_owned()));
}

#[test]
fn a_foreign_page_can_cause_nothing() {
    let (desk, ana, _events, id) = at_work();
    let before = *desk.store.head().borrow();
    let json = "Content-Type: application/json\r\nContent-Length: 2\r\n";
    let path = format!("/api/interactions/{id}/end");
    let own = format!("Origin: http://{}\r\n", ana.address);
    for lines in [
        String::new(),
        "Origin: http://evil.example\r\n".to_owned(),
        "Origin: null\r\n".to_owned(),
        "Sec-Fetch-Site: cross-site\r\n".to_owned(),
        "Sec-Fetch-Site: same-site\r\n".to_owned(),
        format!("{own}Sec-Fetch-Site: cross-site\r\n"),
        "Origin: http://evil.example\r\nSec-Fetch-Site: same-origin\r\n".to_owned(),
    ] {
        let answer = ana.raw((ana.head("POST", &path, &(lines.clone() + json)) + "{}").as_bytes());
        assert_eq!(answer.problem(), (403, "origin_refused".to_owned()), "{lines}");
        let sign_in = ana.raw((ana.head("POST", "/api/sign-in", &(lines + json)) + "{}").as_bytes());
        assert_eq!(sign_in.problem(), (403, "origin_refused".to_owned()));
    }
    assert_eq!(*desk.store.head().borrow(), before);
    let fetched =
        ana.raw((ana.head("POST", &path, &format!("Sec-Fetch-Site: same-origin\r\n{json}")) + "{}").as_bytes());
    assert_eq!(fetched.status, 200, "{fetched:?}");
}

#[test]
fn anothers_interaction_can_be_read_and_nothing_else() {
    let (desk, ana, _events, id) = at_work();
    let ben = desk.signed_in("ben");
    let shown = ana.get(&format!("/api/interactions/{id}"));
    assert_eq!(shown.json()["id"], id);
    let conversation = shown.json()["conversation_id"].clone();

    // The whole centre's history is everybody's to read; to act takes more.
    assert_eq!(ben.get(&format!("/api/interactions/{id}")).json()["owner_id"], 1);
    let transcript = format!("/api/conversations/{conversation}/messages");
    assert_eq!(ben.get(&transcript).json()["messages"].as_array().expect("a list").len(), 1);
    let before = *desk.store.head().borrow();
    for (path, body, code) in [
        ("accept", "{}", "offer_expired"),
        ("reject", "{}", "offer_expired"),
        ("end", "{}", "not_owner"),
        ("park", "{}", "not_owner"),
        ("done", "{}", "not_owner"),
        ("messages", r#"{"client_key":"k","text":"x"}"#, "not_owner"),
        ("read", r#"{"message_id":1}"#, "not_owner"),
        ("typing", "{}", "not_owner"),
        ("transfer", r#"{"agent_id":2}"#, "not_owner"),
    ] {
        let answer = ben.post(&format!("/api/interactions/{id}/{path}"), body);
        assert_eq!(answer.problem(), (409, code.to_owned()), "{path}");
    }
    for (path, body) in [("note", r#"{"text":"x","version":0}"#), ("disposition", r#"{"disposition_id":1}"#)] {
        let answer = ben.put(&format!("/api/interactions/{id}/{path}"), body);
        assert_eq!(answer.problem(), (409, "not_owner".to_owned()), "{path}");
    }
    assert_eq!(*desk.store.head().borrow(), before, "nothing was changed");
    assert!(ben.get("/api/snapshot").json()["interactions"].as_array().expect("a list").is_empty());

    let sue = desk.signed_in("sue");
    assert_eq!(sue.get(&format!("/api/interactions/{id}")).status, 200);
    assert_eq!(sue.get(&transcript).json()["messages"].as_array().expect("a list").len(), 1);
    assert_eq!(sue.get("/api/snapshot").json()["interactions"][0]["id"], id);
}

#[test]
fn a_double_click_sends_once() {
    let (desk, ana, _events, id) = at_work();
    let path = format!("/api/interactions/{id}/messages");
    let first = ana.post(&path, r#"{"client_key":"k1","text":"good day"}"#);
    let again = ana.post(&path, r#"{"client_key":"k1","text":"good day"}"#);
    assert_eq!((first.status, again.status), (202, 202));
    assert_eq!(first.json(), again.json());
    assert_eq!(desk.journaled(EventKind::MessageQueued), 1);
}

#[test]
fn a_closed_window_refuses_free_text() {
    let desk = Desk::open();
    let (ana, mut events) = desk.ready("ana");
    let almost_a_day_ago_s = MORNING.0 / 1_000 - 24 * 60 * 60 + 60;
    let body = envelope(&[text("16505551234", "wamid.A", "hello", almost_a_day_ago_s)]);
    assert_eq!(desk.browser().bring(&body).status, 200);
    let id = events.until("interaction_offered")["interaction"]["id"].clone();
    assert_eq!(ana.post(&format!("/api/interactions/{id}/accept"), "{}").status, 200);
    let path = format!("/api/interactions/{id}/messages");
    assert_eq!(ana.post(&path, r#"{"client_key":"k1","text":"in time"}"#).status, 202);
    desk.clock.advance_ms(61_000);
    let late = ana.post(&path, r#"{"client_key":"k2","text":"too late"}"#);
    assert_eq!(late.problem(), (409, "window_closed".to_owned()));
    assert_eq!(desk.journaled(EventKind::MessageQueued), 1);
}

#[test]
fn two_tabs_cannot_overwrite_each_others_note() {
    let (_desk, ana, _events, id) = at_work();
    let path = format!("/api/interactions/{id}/note");
    let first = ana.put(&path, r#"{"text":"from the first tab","version":0}"#);
    assert_eq!(first.json(), serde_json::json!({ "note_version": 1 }), "{}", first.body);
    let second = ana.put(&path, r#"{"text":"from the second tab","version":0}"#);
    assert_eq!(second.problem(), (409, "note_changed".to_owned()));
    let shown = ana.get(&format!("/api/interactions/{id}")).json();
    assert_eq!((&shown["note"], &shown["note_version"]), (&"from the first tab".into(), &1.into()));
}

#[test]
fn reading_and_typing_are_passed_on_to_the_provider() {
    let (desk, ana, mut events, id) = at_work();
    let message = ana.get(&format!("/api/interactions/{id}")).json()["last_message"]["id"].clone();
    for _ in 0..2 {
        let read = ana.post(&format!("/api/interactions/{id}/read"), &format!(r#"{{"message_id":{message}}}"#));
        assert_eq!(read.status, 204);
        assert_eq!(ana.post(&format!("/api/interactions/{id}/typing"), "{}").status, 204);
    }
    assert_eq!(events.until("message_read_by_agent")["interaction"]["unread"], 0);
    let typing = || desk.marked.lock().expect("not poisoned").iter().map(|(_, _, typing)| *typing).collect::<Vec<_>>();
    assert_eq!(typing(), [false, true], "each once");
    desk.clock.advance_ms(20_000);
    assert_eq!(ana.post(&format!("/api/interactions/{id}/typing"), "{}").status, 204);
    assert_eq!(typing(), [false, true, true]);
    assert_eq!(desk.marked.lock().expect("not poisoned")[0].1.0, "wamid.A");
}

#[test]
fn a_long_transcript_comes_in_pages() {
    let (desk, ana, _events, id) = at_work();
    for n in 0..7 {
        desk.browser().contact_writes("16505551234", &format!("wamid.{n}"), &format!("message {n}"));
    }
    let conversation = ana.get(&format!("/api/interactions/{id}")).json()["conversation_id"].clone();
    let path = format!("/api/conversations/{conversation}/messages?limit=3");
    let mut words = Vec::new();
    let mut next = Some(path.clone());
    while let Some(page) = next.take() {
        let page = ana.get(&page).json();
        let messages = page["messages"].as_array().expect("a list").clone();
        assert!(messages.len() <= 3);
        words.splice(0..0, messages.iter().map(|message| message["content"]["text"].clone()));
        next = page["before"].as_str().map(|cursor| format!("{path}&before={cursor}"));
    }
    let expected: Vec<_> = std::iter::once("hello".to_owned()).chain((0..7).map(|n| format!("message {n}"))).collect();
    assert_eq!(words, expected);
    assert_eq!(ana.get(&format!("{path}&before=nonsense")).problem(), (400, "bad_request".to_owned()));
}

#[test]
fn where_the_centre_wants_it_a_contact_learns_with_the_answer_that_they_were_read() {
    let (desk, ana, _events, id) = at_work();
    let settings = Settings { read_marks: ReadMarks::OnReply, ..Settings::default() };
    desk.submit(Command::SetSettings(settings));
    desk.browser().contact_writes("16505551234", "wamid.B", "are you there?");
    let message = ana.get("/api/snapshot").json()["interactions"][0]["last_message"]["id"].clone();
    let read = json!({ "message_id": message }).to_string();
    assert_eq!(ana.post(&format!("/api/interactions/{id}/read"), &read).status, 204);
    assert_eq!(ana.post(&format!("/api/interactions/{id}/typing"), "{}").status, 204);
    assert!(desk.marked.lock().unwrap().is_empty(), "neither looking nor typing tells them");
    let answer = json!({"client_key": "key", "text": "I am"}).to_string();
    assert_eq!(ana.post(&format!("/api/interactions/{id}/messages"), &answer).status, 202);
    let marked: Vec<_> =
        desk.marked.lock().unwrap().iter().map(|(_, wamid, typing)| (wamid.0.clone(), *typing)).collect();
    assert_eq!(marked, [("wamid.B".to_owned(), false)]);
}
