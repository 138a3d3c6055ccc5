//! Signing in and out: cookies, ends, throttling.

use deskbell::domain::command::Command;
use deskbell::domain::event::EventKind;
use deskbell::domain::ids::AgentId;
use deskbell::password;

use crate::harness::browser::Browser;
use crate::harness::desk::{Desk, PASSWORD};

const MINUTE_MS: i64 = 60_000;

#[test]
fn the_right_password_opens_and_the_cookie_is_kept_from_scripts() {
    let desk = Desk::open();
    let mut browser = desk.browser();
    let answer = browser.sign_in(" Ana ", PASSWORD);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let cookie = answer.header("set-cookie").expect("a cookie");
    for part in ["deskbell_sign_in=", "HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let agent = &answer.json()["agent"];
    assert_eq!((agent["login"].as_str(), agent["role"].as_str()), (Some("ana"), Some("agent")));
    assert_eq!(agent["presence"]["state"], "not_ready");
    assert_eq!(agent["presence"]["reason"], "Signed in");
    assert_eq!(browser.get("/api/me").json()["login"], "ana");
}

#[test]
fn wrong_password_and_unknown_login_are_answered_alike() {
    let desk = Desk::open();
    let wrong = desk.browser().sign_in("ana", "wrong password");
    let unknown = desk.browser().sign_in("nobody", PASSWORD);
    assert_eq!(wrong.problem(), (401, "sign_in_failed".to_owned()));
    // All but the number of the request.
    let told = |answer: &crate::harness::browser::Answer| {
        let mut told = answer.json();
        told["request_id"].take();
        told
    };
    assert_eq!(told(&wrong), told(&unknown));
    assert!(wrong.header("set-cookie").is_none());
    assert_eq!(desk.journaled(EventKind::SignInStarted), 0);
}

#[test]
fn guessing_is_slowed_down_and_then_allowed_again() {
    let desk = Desk::open();
    for _ in 0..5 {
        assert_eq!(desk.browser().sign_in("ana", "wrong password").status, 401);
    }
    let throttled = desk.browser().sign_in("ana", PASSWORD);
    assert_eq!(throttled.problem(), (429, "sign_in_throttled".to_owned()));
    assert_eq!(throttled.header("retry-after"), Some("1"));
    assert_eq!(desk.browser().sign_in("ben", PASSWORD).status, 200, "a colleague at the same address is let in");
    desk.clock.advance_ms(1_000);
    assert_eq!(desk.browser().sign_in("ana", PASSWORD).status, 200);
}

#[test]
fn without_a_cookie_or_with_a_foreign_one_there_is_nothing() {
    let desk = Desk::open();
    let mut browser = desk.browser();
    for cookie in [None, Some("deskbell_sign_in=".to_owned()), Some("deskbell_sign_in=%%%".to_owned()), {
        Some(format!("deskbell_sign_in={}", "A".repeat(43)))
    }] {
        browser.cookie = cookie;
        for path in ["/api/me", "/api/snapshot", "/api/events", "/api/interactions/1", "/api/conversations/1/messages"]
        {
            assert_eq!(browser.get(path).problem(), (401, "sign_in_required".to_owned()), "{path}");
        }
    }
}

/// Uses the sign-in so many minutes later, and waits until the use is written down.
fn used_later(desk: &Desk, browser: &Browser, minutes: i64) {
    let before = desk.journaled(EventKind::SignInSeen);
    desk.clock.advance_ms(minutes * MINUTE_MS);
    assert_eq!(browser.get("/api/me").status, 200, "each use prolongs it");
    desk.eventually(|| desk.journaled(EventKind::SignInSeen) > before);
}

#[test]
fn a_sign_in_ends_when_it_is_not_used() {
    let desk = Desk::open();
    let browser = desk.signed_in("ana");
    used_later(&desk, &browser, 29);
    used_later(&desk, &browser, 29);
    desk.clock.advance_ms(30 * MINUTE_MS);
    assert_eq!(browser.get("/api/me").problem(), (401, "sign_in_required".to_owned()));
}

#[test]
fn a_sign_in_ends_after_twelve_hours_whatever_its_use() {
    let desk = Desk::open();
    let browser = desk.signed_in("ana");
    for _ in 0..28 {
        used_later(&desk, &browser, 25);
    }
    desk.clock.advance_ms(25 * MINUTE_MS);
    assert_eq!(browser.get("/api/me").problem(), (401, "sign_in_required".to_owned()));
}

#[test]
fn signing_out_ends_the_sign_in_its_streams_and_logs_the_agent_off() {
    let desk = Desk::open();
    let (browser, mut events) = desk.ready("ana");
    let (_sue, mut watching) = desk.ready("sue");
    assert_eq!(browser.post("/api/sign-out", "{}").status, 204);
    assert_eq!(browser.get("/api/me").status, 401);
    let bye = std::iter::from_fn(|| events.next()).find(|event| event.name == "bye").expect("a good-bye");
    assert_eq!(bye.data, r#"{"reason":"signed_out"}"#);
    assert!(events.next().is_none(), "then the stream is over");
    let change = watching.until("presence_changed");
    assert_eq!(
        (&change["agent"]["login"], &change["agent"]["presence"]["state"]),
        (&"ana".into(), &"logged_off".into())
    );
}

#[test]
fn a_new_password_ends_the_sign_ins_of_the_old_one() {
    let desk = Desk::open();
    let browser = desk.signed_in("ana");
    let mut events = browser.events_after("0");
    let password_hash = password::hash("another password").expect("a good password");
    desk.submit(Command::SetPassword { agent: AgentId(1), password_hash, keep: None, temporary: false });
    let bye = std::iter::from_fn(|| events.next()).find(|event| event.name == "bye").expect("a good-bye");
    assert_eq!(bye.data, r#"{"reason":"signed_out"}"#);
    assert_eq!(browser.get("/api/me").status, 401);
    assert_eq!(desk.browser().sign_in("ana", PASSWORD).status, 401);
    assert_eq!(desk.browser().sign_in("ana", "another password").status, 200);
}

#[test]
fn a_browser_that_signs_in_anew_leaves_its_earlier_sign_in() {
    let desk = Desk::open();
    let mut browser = desk.signed_in("ana");
    let earlier = browser.clone();
    assert_eq!(browser.sign_in("ben", PASSWORD).status, 200);
    assert_eq!(browser.get("/api/me").json()["login"], "ben");
    assert_eq!(earlier.get("/api/me").status, 401);
}
