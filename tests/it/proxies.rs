//! The server behind proxies, and asked for by names: who is believed, and who is not.

use std::io::Write as _;

use deskbell::http::HttpRules;

use crate::harness::browser::Answer;
use crate::harness::desk::{Desk, PASSWORD};

fn behind_a_proxy() -> Desk {
    let trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
    Desk::with_limits(HttpRules {
        trusted_proxies,
        hosts: vec!["desk.example".to_owned()],
        hsts_days: 30,
        ..HttpRules::default()
    })
}

/// A request with these headers.
fn asked(desk: &Desk, method: &str, path: &str, lines: &str, body: &str) -> Answer {
    let mut stream = desk.browser().connect();
    let length =
        if method == "GET" || method == "HEAD" { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    let request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n{lines}{length}\r\n{body}");
    stream.write_all(request.as_bytes()).expect("sent");
    Answer::read(&stream)
}

fn sign_in(desk: &Desk, login: &str, password: &str, lines: &str) -> Answer {
    let body = format!(r#"{{"login":"{login}","password":"{password}"}}"#);
    let lines = format!("Content-Type: application/json\r\nSec-Fetch-Site: same-origin\r\n{lines}");
    asked(desk, "POST", "/api/sign-in", &lines, &body)
}

#[test]
fn guesses_through_a_proxy_count_for_whoever_makes_them() {
    let desk = behind_a_proxy();
    let from = |address: &str| format!("Host: desk.example\r\nX-Forwarded-For: {address}\r\n");
    for _ in 0..5 {
        assert_eq!(sign_in(&desk, "ana", "wrong password", &from("203.0.113.9")).status, 401);
    }
    assert_eq!(sign_in(&desk, "ana", PASSWORD, &from("203.0.113.9")).problem(), (429, "sign_in_throttled".to_owned()));
    // What the guesser writes in front of the address that the proxy adds makes nobody else of them.
    assert_eq!(sign_in(&desk, "ana", PASSWORD, &from("192.0.2.1, 203.0.113.9")).status, 429);
    assert_eq!(sign_in(&desk, "ana", PASSWORD, &from("192.0.2.1")).status, 200, "somebody else at the same proxy");
}

#[test]
fn without_a_trusted_proxy_nobody_makes_themselves_another() {
    let desk = Desk::open();
    for guess in 0..5 {
        let lines = format!("Host: localhost\r\nX-Forwarded-For: 192.0.2.{guess}\r\n");
        assert_eq!(sign_in(&desk, "ana", "wrong password", &lines).status, 401);
    }
    let lines = "Host: localhost\r\nX-Forwarded-For: 192.0.2.77\r\nX-Forwarded-Proto: https\r\n";
    assert_eq!(sign_in(&desk, "ana", PASSWORD, lines).status, 429);
    let answer = sign_in(&desk, "ben", PASSWORD, lines);
    let cookie = answer.header("set-cookie").expect("a cookie");
    assert!(cookie.starts_with("deskbell_sign_in=") && !cookie.contains("Secure"), "{cookie}");
    assert_eq!(answer.header("strict-transport-security"), None);
}

#[test]
fn over_https_the_cookie_cannot_be_planted_and_no_other_is_taken() {
    let desk = behind_a_proxy();
    let https = "Host: desk.example\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n";
    let answer = sign_in(&desk, "ana", PASSWORD, https);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let cookie = answer.header("set-cookie").expect("a cookie").to_owned();
    for part in ["__Host-deskbell_sign_in=", "Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=2592000"));
    let secret = cookie.split(['=', ';']).nth(1).expect("a value");
    let me = |lines: &str, cookie: String| {
        asked(&desk, "GET", "/api/me", &format!("{lines}Cookie: {cookie}\r\n"), "").status
    };
    assert_eq!(me(https, format!("__Host-deskbell_sign_in={secret}")), 200);
    assert_eq!(me(https, format!("deskbell_sign_in={secret}")), 401, "a neighbour may have planted this one");
    let out = format!(
        "{https}Cookie: __Host-deskbell_sign_in={secret}\r\nContent-Type: application/json\r\nSec-Fetch-Site: same-origin\r\n"
    );
    let answer = asked(&desk, "POST", "/api/sign-out", &out, "{}");
    let cleared: Vec<_> =
        answer.headers.iter().filter(|(name, value)| name == "set-cookie" && value.contains("Max-Age=0")).collect();
    assert_eq!((answer.status, cleared.len()), (204, 2), "{answer:?}");
    assert_eq!(me(https, format!("__Host-deskbell_sign_in={secret}")), 401);
}

#[test]
fn a_foreign_name_that_leads_here_gets_nothing() {
    let desk = behind_a_proxy();
    for path in ["/", "/api/me", "/service-worker.js", "/assets/0/app.js"] {
        let answer = asked(&desk, "GET", path, "Host: rebound.evil.example\r\nSec-Fetch-Site: same-origin\r\n", "");
        assert_eq!(answer.problem(), (421, "host_unknown".to_owned()), "{path}");
        assert!(!answer.body.contains("evil"), "a stranger's words are not repeated");
    }
    let sign_in = sign_in(&desk, "ana", PASSWORD, "Host: rebound.evil.example\r\n");
    assert_eq!(sign_in.problem(), (421, "host_unknown".to_owned()));
    for host in ["desk.example", "DESK.example:443", "localhost", "127.0.0.1:9", "[::1]"] {
        assert_eq!(asked(&desk, "GET", "/", &format!("Host: {host}\r\n"), "").status, 200, "{host}");
    }
    for path in ["/healthz", "/readyz"] {
        assert_eq!(asked(&desk, "GET", path, "Host: probe.internal\r\n", "").status, 200, "{path}");
    }
}

#[test]
fn a_foreign_page_learns_nothing_by_reading_either() {
    let desk = Desk::open();
    let ana = desk.signed_in("ana");
    for (site, status) in [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)] {
        let head = ana.head("GET", "/api/me", &format!("Sec-Fetch-Site: {site}\r\n"));
        assert_eq!(ana.raw(head.as_bytes()).status, status, "{site}");
    }
}

#[test]
fn every_answer_carries_the_headers_that_protect_the_page() {
    let desk = Desk::open();
    for (method, path, status) in [
        ("GET", "/", 200),
        ("GET", "/none", 404),
        ("GET", "/api/me", 401),
        ("POST", "/", 405),
        ("GET", "/healthz", 200),
    ] {
        let answer = asked(&desk, method, path, "Host: localhost\r\n", "");
        assert_eq!(answer.status, status, "{path}");
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        let allowed = answer.header("permissions-policy").expect("a policy");
        assert!(allowed.contains("camera=()") && allowed.contains("microphone=(self)"), "{allowed}");
        assert_eq!(answer.header("server"), None);
    }
}

#[test]
fn methods_that_ask_about_things_and_those_that_have_no_business_here() {
    let desk = Desk::open();
    let page = asked(&desk, "GET", "/", "Host: localhost\r\n", "");
    let head = asked(&desk, "HEAD", "/", "Host: localhost\r\n", "");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), page.header("content-length"));
    for (method, path, status, allow) in [
        ("OPTIONS", "/", 405, Some("GET, HEAD")),
        ("OPTIONS", "/api/sign-in", 405, Some("POST")),
        ("OPTIONS", "/webhooks/whatsapp", 405, Some("GET, HEAD, POST")),
        ("OPTIONS", "*", 404, None),
        ("TRACE", "/", 405, Some("GET, HEAD, POST, PUT, DELETE")),
        ("PATCH", "/api/me", 405, Some("GET, HEAD")),
        ("BREW", "/", 405, Some("GET, HEAD")),
    ] {
        let answer = asked(&desk, method, path, "Host: localhost\r\nOrigin: http://evil.example\r\n", "");
        assert_eq!((answer.status, answer.header("allow")), (status, allow), "{method} {path}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}
