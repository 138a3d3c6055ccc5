//! HTTP/2: the same strictness in its own way, and the limits of what one connection may hold.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use deskbell::http::HttpLimits;
use deskbell::whatsapp::signature;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use crate::harness::desk::PASSWORD;
use crate::harness::https::{SecureDesk, literal};
use crate::harness::provider::{APP_SECRET, envelope, text};

const HEADERS: u8 = 1;
const RESET: u8 = 3;
const GOAWAY: u8 = 7;
const BRIEF: Duration = Duration::from_millis(400);

fn brief() -> HttpLimits {
    HttpLimits { head_read_max: BRIEF, body_read_max: BRIEF, write_stall_max: BRIEF, ..HttpLimits::default() }
}

/// Reads events until one with these words.
async fn heard(events: &mut Incoming, words: &str) -> String {
    let mut all = String::new();
    while let Some(frame) = events.frame().await {
        if let Ok(data) = frame.expect("the stream goes on").into_data() {
            all.push_str(&String::from_utf8_lossy(&data));
        }
        if all.contains(words) {
            return all;
        }
    }
    panic!("the stream ended before {words}: {all}");
}

#[test]
fn an_agent_works_over_one_connection_and_hears_what_happens() {
    let secure = SecureDesk::open(HttpLimits::default());
    let mut browser = secure.http2();
    secure.wait(async {
        let answer = browser.sign_in("ana", PASSWORD).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["strict-transport-security"], "max-age=86400");
        let cookie = answer.headers()["set-cookie"].to_str().expect("text");
        assert!(cookie.starts_with("__Host-deskbell_sign_in=") && cookie.contains("Secure"), "{cookie}");
        assert!(answer.headers().get("connection").is_none());
        let opened = browser.ask("GET", "/api/events", &[], "").await.expect("an answer");
        assert_eq!(opened.headers()["content-type"], "text/event-stream");
        let mut events = opened.into_body();
        heard(&mut events, "agent_connected").await;
        let origin = format!("https://{}", browser.authority);
        let headers = [("content-type", "application/json"), ("origin", origin.as_str())];
        let ready = browser.ask("PUT", "/api/presence", &headers, r#"{"state":"ready"}"#).await.expect("an answer");
        assert_eq!(ready.status(), 200);
        let foreign = [("content-type", "application/json"), ("origin", "https://evil.example")];
        let refused = browser.ask("PUT", "/api/presence", &foreign, r#"{"state":"ready"}"#).await.expect("an answer");
        assert_eq!(refused.status(), 403);

        let body = envelope(&[text("16505551234", "wamid.A", "hello", 1_700_000_000)]);
        let signature = signature::sign(APP_SECRET.as_bytes(), body.as_bytes());
        let headers = [("content-type", "application/json"), ("x-hub-signature-256", signature.as_str())];
        let taken = browser.ask("POST", "/webhooks/whatsapp", &headers, &body).await.expect("an answer");
        assert_eq!(taken.status(), 200);
        heard(&mut events, "interaction_offered").await;
        let (status, page) = browser.get("/").await;
        assert!(status == 200 && page.contains("<html"), "{page}");
    });
}

#[test]
fn a_stop_says_good_bye_to_streams() {
    let mut secure = SecureDesk::open(HttpLimits::default());
    let mut browser = secure.http2();
    let mut events = secure.wait(async {
        browser.sign_in("ana", PASSWORD).await;
        let mut events = browser.ask("GET", "/api/events", &[], "").await.expect("an answer").into_body();
        heard(&mut events, "agent_connected").await;
        events
    });
    let took = secure.desk.stop();
    assert!(took < Duration::from_secs(5), "{took:?}");
    secure.wait(async {
        heard(
            &mut events,
            r#"event: bye
data: {"reason":"stopping"}"#,
        )
        .await;
        while let Some(frame) = events.frame().await {
            let data = frame.expect("it ends in order").into_data().expect("no trailers");
            assert!(data.trim_ascii().is_empty(), "then the stream is over: {data:?}");
        }
    });
}

#[test]
fn requests_that_mean_two_things_are_refused() {
    let secure = SecureDesk::open(HttpLimits::default());
    let refused = |method: &str, more: &[(&str, &str)], body: Option<&[u8]>| {
        let mut frames = secure.frames();
        frames.ask(1, method, "/webhooks/whatsapp", more, body.is_none());
        if let Some(body) = body {
            frames.send(0, 1, 1, body);
        }
        let answer = frames.until(|kind, _, _| [HEADERS, RESET, GOAWAY].contains(&kind));
        assert!(answer.is_none_or(|(kind, ..)| kind != HEADERS), "{method} {more:?}");
    };
    // Malformed for the protocol itself (RFC 9113, sections 8.1.1, 8.2.1 and 8.2.2).
    for more in [
        ("transfer-encoding", "chunked"),
        ("connection", "close"),
        ("Upper", "case"),
        ("te", "gzip"),
        ("a", "b\r\nc: d"),
    ] {
        refused("GET", &[more], None);
    }
    refused("POST", &[("content-length", "5")], Some(b"ab"));
    refused("POST", &[("content-length", "1")], Some(b"ab"));

    let mut browser = secure.http2();
    secure.wait(async {
        for (method, path, headers, expected) in [
            ("GET", "/healthz", &[("host", "evil.example")][..], 400),
            ("TRACE", "/healthz", &[], 405),
            ("OPTIONS", "/", &[], 405),
            ("GET", "/healthz", &[], 200),
        ] {
            let answer = browser.ask(method, path, headers, "").await.expect("an answer");
            assert_eq!(answer.status(), expected, "{method} {path} {headers:?}");
        }
        let many: Vec<_> = (0..80).map(|_| ("x", "y")).collect();
        assert_eq!(browser.ask("GET", "/healthz", &many, "").await.expect("an answer").status(), 431);
        let own = std::mem::replace(&mut browser.authority, "evil.example".to_owned());
        assert_eq!(browser.ask("GET", "/", &[], "").await.expect("an answer").status(), 421);
        browser.authority = own;
        let long = "x".repeat(17_000);
        let refused = browser.ask("GET", "/healthz", &[("x", long.as_str())], "").await;
        assert!(refused.is_err() || refused.is_ok_and(|answer| answer.status() == 431));
        let large = "x".repeat(200_000);
        let answer = browser.ask("POST", "/api/sign-in", &[("origin", "https://localhost")], &large).await;
        assert!(answer.is_err() || answer.is_ok_and(|answer| answer.status().is_client_error()));
    });
    assert_eq!(secure.wait(secure.http2().get("/healthz")).0, 200);
}

#[test]
fn a_body_that_comes_too_slowly_is_let_go_and_the_connection_stays() {
    let secure = SecureDesk::open(HttpLimits { body_read_max: BRIEF, ..HttpLimits::default() });
    let mut frames = secure.frames();
    frames.ask(1, "POST", "/webhooks/whatsapp", &[], false);
    frames.send(0, 0, 1, b"{");
    let (kind, _, block) = frames.until(|kind, of, _| of == 1 && kind != 8).expect("an answer");
    // A literal status: its name is in the static table, its value stands in the block, perhaps in Huffman's code.
    assert_eq!((kind, block[0] & 0x0F), (HEADERS, 8));
    frames.ask(3, "GET", "/healthz", &[], true);
    assert_eq!(frames.until(|_, of, _| of == 3).expect("an answer").0, HEADERS);
}

#[test]
fn whoever_says_nothing_holds_no_connection() {
    let secure = SecureDesk::open(brief());
    let begun = Instant::now();
    // No handshake at all, one without a preface, and one that is finished and idle.
    let mut silent = secure.desk.browser().connect();
    let mut no_preface = secure.handshake();
    let mut idle = secure.frames();
    let mut rest = Vec::new();
    silent.read_to_end(&mut rest).expect("closed");
    let _ = no_preface.read_to_end(&mut rest);
    assert!(idle.until(|kind, _, _| kind == GOAWAY).is_some(), "it is told before");
    assert!(idle.until(|_, _, _| false).is_none(), "and closed");
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}

#[test]
fn whoever_begins_a_head_and_does_not_end_it_holds_no_connection() {
    let secure = SecureDesk::open(brief());
    let mut frames = secure.frames();
    let mut block = Vec::new();
    literal(&mut block, ":method", "GET");
    frames.send(HEADERS, 0, 1, &block);
    let begun = Instant::now();
    assert!(frames.until(|_, _, _| false).is_none(), "closed");
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}

#[test]
fn whoever_asks_and_does_not_read_holds_no_connection() {
    let secure = SecureDesk::open(brief());
    let mut frames = secure.frames();
    // A window of nothing for every stream (SETTINGS_INITIAL_WINDOW_SIZE = 0).
    frames.send(4, 0, 0, &[0, 4, 0, 0, 0, 0]);
    for stream in 0..20 {
        frames.ask(2 * stream + 1, "GET", "/", &[], true);
    }
    let begun = Instant::now();
    assert!(frames.until(|_, _, _| false).is_none(), "closed");
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert_eq!(secure.wait(secure.http2().get("/healthz")).0, 200, "others go on");
}

#[test]
fn requests_that_are_given_up_without_end_end_the_connection() {
    let secure = SecureDesk::open(HttpLimits::default());
    let mut frames = secure.frames();
    let begun = Instant::now();
    for stream in 0..5_000 {
        frames.ask(2 * stream + 1, "GET", "/api/me", &[], true);
        frames.send(RESET, 0, 2 * stream + 1, &[0, 0, 0, 8]);
    }
    assert!(frames.until(|_, _, _| false).is_none(), "closed");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(secure.wait(secure.http2().get("/healthz")).0, 200, "others go on");
}

#[test]
fn one_connection_has_a_bounded_number_of_requests_under_way() {
    let secure = SecureDesk::open(HttpLimits::default());
    let mut frames = secure.frames();
    for stream in 0..101 {
        frames.ask(2 * stream + 1, "POST", "/webhooks/whatsapp", &[], false);
    }
    let refused = frames.until(|kind, _, _| kind == RESET || kind == GOAWAY).expect("the last one is refused");
    assert_eq!((refused.0, refused.1), (RESET, 201));
    assert_eq!(refused.2, [0, 0, 0, 7], "REFUSED_STREAM: it may be sent again");
}

#[test]
fn nonsense_in_place_of_frames_does_no_harm() {
    let secure = SecureDesk::open(brief());
    for bytes in [&b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"[..], &[0; 64], &[0xFF; 4_096]] {
        let mut stream = secure.handshake();
        let _ = stream.write_all(bytes);
        let _ = stream.flush();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
    }
    let mut plain = secure.desk.browser().connect();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("sent");
    let mut rest = Vec::new();
    let _ = plain.read_to_end(&mut rest);
    assert!(!rest.starts_with(b"HTTP/1.1 200"), "nothing is served in plain HTTP");
    assert_eq!(secure.wait(secure.http2().get("/healthz")).0, 200);
}
