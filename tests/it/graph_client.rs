//! What the client says about a call when the network or Graph misbehaves.

use std::time::{Duration, Instant};

use deskbell::domain::ids::Wamid;
use deskbell::whatsapp::client::{GraphClient, GraphError, Timeouts};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::raw_graph::{RawGraph, Reply, accepted, answer, channel, refused};

const QUICK: Timeouts = Timeouts { connect: Duration::from_millis(300), call: Duration::from_millis(500) };

async fn send_to(graph_url: &str) -> Result<Wamid, GraphError> {
    GraphClient::new(QUICK).send(&channel(graph_url), br#"{"a":1}"#.to_vec()).await
}

/// The outcome of a send that is answered so.
async fn answered(reply: Reply) -> Result<Wamid, GraphError> {
    let graph = RawGraph::start(move |_, _| reply.clone()).await;
    let outcome = send_to(&graph.url).await;
    assert_eq!(graph.seen().len(), 1, "a call is made once");
    outcome
}

fn is_unknown(outcome: &Result<Wamid, GraphError>) -> bool {
    matches!(outcome, Err(GraphError::Unknown { .. }))
}

fn is_not_sent(outcome: &Result<Wamid, GraphError>) -> bool {
    matches!(outcome, Err(GraphError::NotSent { .. }))
}

#[tokio::test]
async fn a_taken_message_has_its_id() {
    let graph = RawGraph::start(|_, _| Reply::Say(accepted("wamid.A/+="))).await;
    assert_eq!(send_to(&graph.url).await, Ok(Wamid("wamid.A/+=".to_owned())));
    let seen = &graph.seen()[0];
    assert!(seen.head.starts_with("POST /v27.0/1000/messages HTTP/1.1\r\n"), "{}", seen.head);
    assert!(seen.head.contains("authorization: Bearer EAAsecretToken"));
    assert!(seen.head.contains("content-type: application/json"));
    assert_eq!(seen.body, r#"{"a":1}"#);
}

#[tokio::test]
async fn a_kept_connection_serves_the_next_call() {
    let graph = RawGraph::start(|number, _| Reply::Say(accepted(&format!("wamid.{number}")))).await;
    let client = GraphClient::new(QUICK);
    for number in 0..3 {
        let wamid = client.send(&channel(&format!("{}/", graph.url)), b"{}".to_vec()).await;
        assert_eq!(wamid, Ok(Wamid(format!("wamid.{number}"))));
    }
    client.mark(&channel(&graph.url), b"{}".to_vec()).await.expect("an answer is enough");
}

#[tokio::test]
async fn graphs_own_no_is_told_with_code_words_and_patience() {
    for (status, headers, code, retry_after) in [
        ("400 Bad Request", "", 131_047, None),
        ("429 Too Many Requests", "retry-after: 7\r\n", 130_429, Some(Duration::from_secs(7))),
        ("429 Too Many Requests", "retry-after: soon\r\n", 130_429, None),
        ("429 Too Many Requests", "retry-after: 99999999999\r\n", 130_429, Some(Duration::from_secs(3_600))),
        ("500 Internal Server Error", "", 131_000, None),
        ("200 OK", "", 131_026, None),
    ] {
        let http_status = status[..3].parse().expect("a number");
        let title = format!("(#{code}) No (Because)");
        let expected = GraphError::Refused { http_status, code, title, retry_after };
        assert_eq!(answered(Reply::Say(refused(status, headers, code))).await, Err(expected));
    }
}

#[tokio::test]
async fn a_no_without_graphs_words_is_a_no_all_the_same() {
    for status in ["401 Unauthorized", "413 Content Too Large", "429 Too Many Requests"] {
        let outcome = answered(Reply::Say(answer(status, "retry-after: 2\r\n", "<html>"))).await;
        let http_status = status[..3].parse().expect("a number");
        let title = format!("HTTP status {http_status}");
        let retry_after = Some(Duration::from_secs(2));
        assert_eq!(outcome, Err(GraphError::Refused { http_status, code: 0, title, retry_after }));
    }
    let broken = "HTTP/1.1 400 Bad Request\r\ncontent-length: 900\r\n\r\n{\"error\"".to_owned();
    assert!(matches!(answered(Reply::SayAndReset(broken)).await, Err(GraphError::Refused { code: 0, .. })));
}

#[tokio::test]
async fn strange_error_shapes_are_read() {
    let json = r#"{"error":{"code":"190","message":"Malformed access token EAAsecretToken","error_data":"none"}}"#;
    let outcome = answered(Reply::Say(answer("401 Unauthorized", "", json))).await;
    let title = "Malformed access token …".to_owned();
    assert_eq!(outcome, Err(GraphError::Refused { http_status: 401, code: 190, title, retry_after: None }));
    let outcome = answered(Reply::Say(answer("400 Bad Request", "", r#"{"error":{"code":-5}}"#))).await;
    assert!(matches!(outcome, Err(GraphError::Refused { code: 0, .. })));
}

#[tokio::test]
async fn what_never_left_is_surely_not_sent() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        listener.local_addr().expect("it is bound").port()
    };
    for url in [
        format!("http://127.0.0.1:{port}"),
        format!("https://127.0.0.1:{port}"),
        "http://no-such-host.invalid".to_owned(),
        "not an address".to_owned(),
        "ftp://127.0.0.1".to_owned(),
    ] {
        let outcome = send_to(&url).await;
        assert!(is_not_sent(&outcome), "{url}: {outcome:?}");
    }
    let mut profile = channel("http://127.0.0.1");
    profile.access_token = "two\nlines".to_owned();
    assert!(is_not_sent(&GraphClient::new(QUICK).send(&profile, Vec::new()).await));
}

#[tokio::test]
async fn a_handshake_that_fails_or_hangs_has_sent_nothing() {
    let graph = RawGraph::start(|_, _| Reply::Say(accepted("wamid.A"))).await;
    let plain = graph.url.replace("http://", "https://");
    let started = Instant::now();
    assert!(is_not_sent(&send_to(&plain).await), "the server waits for a request and never answers the handshake");
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(graph.seen().is_empty());

    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("https://{}", listener.local_addr().expect("it is bound"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.expect("it listens");
        }
    });
    assert!(is_not_sent(&send_to(&url).await), "plain words are no handshake");
}

#[tokio::test]
async fn a_call_that_left_and_brings_no_verdict_is_of_unknown_fate() {
    let whole = accepted("wamid.A");
    let (head, tail) = whole.split_at(whole.len() - 10);
    assert!(!tail.is_empty());
    for reply in [
        Reply::Hang,
        Reply::SayLate(Duration::from_millis(900), whole.clone()),
        Reply::SayAndClose(String::new()),
        Reply::SayAndReset(String::new()),
        Reply::SayAndClose(head.to_owned()),
        Reply::SayAndReset(head.to_owned()),
        Reply::SayAndReset("HTTP/1.1 200".to_owned()),
        Reply::Say("SSH-2.0-OpenSSH_9\r\n\r\n".to_owned()),
        Reply::Say(answer("200 OK", "", "<html>welcome</html>")),
        Reply::Say(answer("200 OK", "", r#"{"success":true}"#)),
        Reply::Say(answer("200 OK", "", r#"{"messages":[{"id":""}]}"#)),
        Reply::Say(answer("200 OK", "", &format!("\"{}\"", "x".repeat(80_000)))),
        Reply::Say(answer("500 Internal Server Error", "", "oops")),
        Reply::Say(answer("502 Bad Gateway", "", "<html>")),
        Reply::Say(answer("503 Service Unavailable", "retry-after: 1\r\n", r#"{"error":"busy"}"#)),
        Reply::Say(answer("408 Request Timeout", "", "")),
    ] {
        let outcome = answered(reply.clone()).await;
        assert!(is_unknown(&outcome), "{reply:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = RawGraph::start(|_, _| Reply::Say(accepted("wamid.A"))).await;
    let location = format!("location: {}/v27.0/1000/messages\r\n", elsewhere.url);
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        assert!(is_unknown(&answered(Reply::Say(answer(status, &location, ""))).await));
    }
    assert!(elsewhere.seen().is_empty(), "the token went to a stranger");
}

/// A kept connection that the server has closed meanwhile: the next call takes another one.
#[tokio::test]
async fn a_closed_kept_connection_costs_nothing() {
    let graph = RawGraph::start(|number, _| {
        let words = accepted(&format!("wamid.{number}"));
        if number == 0 { Reply::SayAndClose(words) } else { Reply::Say(words) }
    })
    .await;
    let client = GraphClient::new(QUICK);
    let profile = channel(&graph.url);
    assert_eq!(client.send(&profile, b"{}".to_vec()).await, Ok(Wamid("wamid.0".to_owned())));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(client.send(&profile, b"{}".to_vec()).await, Ok(Wamid("wamid.1".to_owned())));
}

#[tokio::test]
async fn no_error_shows_the_token() {
    for reply in [Reply::Hang, Reply::SayAndReset(String::new()), Reply::Say(refused("401 Unauthorized", "", 190))] {
        let error = answered(reply).await.expect_err("none of these is a success");
        assert!(!format!("{error} {error:?}").contains("EAAsecretToken"));
    }
    assert!(!format!("{:?}", channel("http://127.0.0.1")).contains("EAAsecretToken"));
}
