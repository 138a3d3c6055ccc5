//! The way things go when nothing breaks: order, pace, stop, marks.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use deskbell::domain::contact::{Address, AddressKind, Contact};
use deskbell::domain::ids::{ContactId, Wamid};
use deskbell::domain::message::Delivery;

use super::{Centre, message_of, until};
use crate::raw_graph::{RawGraph, Reply, accepted};

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_a_conversation_go_out_one_after_the_other_in_their_order() {
    let under_way = Arc::new(Mutex::new(Vec::<String>::new()));
    let graph = {
        let under_way = Arc::clone(&under_way);
        RawGraph::start(move |number, request| {
            let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
            under_way.lock().unwrap().push(body["to"].as_str().unwrap().to_owned());
            Reply::SayLate(Duration::from_millis(30), accepted(&format!("wamid.{number}")))
        })
        .await
    };
    let centre = Centre::new();
    centre.channel("1000", &graph.url, 1_000);
    let customers: Vec<_> = (0..5).map(|number| centre.customer("1000", &format!("55{number}"))).collect();
    let sent: Vec<_> = (0..4)
        .flat_map(|round| customers.iter().map(move |customer| (*customer, round)))
        .map(|(customer, round)| (customer, centre.send(customer, &format!("line {round}"))))
        .collect();
    let outbox = centre.outbox();
    let began = Instant::now();
    centre.drained(0).await;
    assert!(began.elapsed() < Duration::from_millis(20 * 30), "conversations do not wait for each other");
    for customer in customers {
        let expected: Vec<_> = sent.iter().filter(|(of, _)| *of == customer).map(|(_, message)| *message).collect();
        let seen = graph.seen();
        let arrived: Vec<_> =
            seen.iter().map(|request| message_of(&request.body)).filter(|message| expected.contains(message)).collect();
        assert_eq!(arrived, expected);
    }
    for (number, request) in graph.seen().iter().enumerate() {
        let message = centre.message(message_of(&request.body));
        assert_eq!((message.delivery, message.wamid), (Some(Delivery::Sent), Some(Wamid(format!("wamid.{number}")))));
    }
    outbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_keeps_to_its_pace() {
    let arrivals = Arc::new(Mutex::new(Vec::new()));
    let graph = {
        let arrivals = Arc::clone(&arrivals);
        RawGraph::start(move |number, _| {
            arrivals.lock().unwrap().push(Instant::now());
            Reply::Say(accepted(&format!("wamid.{number}")))
        })
        .await
    };
    let centre = Centre::new();
    centre.channel("1000", &graph.url, 20);
    let customers: Vec<_> = (0..40).map(|number| centre.customer("1000", &format!("55{number}"))).collect();
    for customer in customers {
        centre.send(customer, "hello");
    }
    let outbox = centre.outbox();
    centre.drained(0).await;
    outbox.stop().await;
    let arrivals = arrivals.lock().unwrap().clone();
    assert_eq!(arrivals.len(), 40);
    for first in &arrivals {
        // A little less than a second: arrival is not start.
        let second =
            arrivals.iter().filter(|at| *at >= first && at.duration_since(*first) < Duration::from_millis(950));
        assert!(second.count() <= 20);
    }
    assert!(arrivals[39].duration_since(arrivals[0]) < Duration::from_secs(4), "the pace is used");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_hangs_does_not_stop_the_others() {
    let silent = RawGraph::start(|_, _| Reply::Hang).await;
    let graph = RawGraph::start(|number, _| Reply::Say(accepted(&format!("wamid.{number}")))).await;
    let centre = Centre::new();
    centre.channel("1000", &silent.url, 1_000);
    centre.channel("2000", &graph.url, 1_000);
    let stuck: Vec<_> = (0..20).map(|number| centre.customer("1000", &format!("55{number}"))).collect();
    let free = centre.customer("2000", "66");
    for customer in stuck {
        centre.send(customer, "hello");
    }
    let message = centre.send(free, "hello");
    let outbox = centre.outbox();
    let began = Instant::now();
    until(|| centre.delivery(message) == Delivery::Sent).await;
    assert!(began.elapsed() < super::TIMEOUTS.call);
    outbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_waits_for_the_call_under_way_and_starts_no_other() {
    let graph =
        RawGraph::start(|number, _| Reply::SayLate(Duration::from_millis(200), accepted(&format!("wamid.{number}"))))
            .await;
    let centre = Centre::new();
    centre.channel("1000", &graph.url, 80);
    let customer = centre.customer("1000", "55");
    let first = centre.send(customer, "first");
    let second = centre.send(customer, "second");
    let outbox = centre.outbox();
    until(|| !graph.seen().is_empty()).await;
    outbox.stop().await;
    assert_eq!(centre.delivery(first), Delivery::Sent);
    assert_eq!(centre.delivery(second), Delivery::Queued);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(graph.seen().len(), 1);

    let again = centre.outbox();
    centre.drained(0).await;
    assert_eq!(centre.delivery(second), Delivery::Sent);
    again.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn read_marks_are_told_and_cost_nobody_anything() {
    let graph = RawGraph::start(|number, _| if number == 0 { Reply::Hang } else { Reply::Say(accepted("w")) }).await;
    let centre = Centre::new();
    let channel = centre.channel("1000", &graph.url, 80);
    let outbox = centre.outbox();
    let handle = outbox.handle();
    for number in 0..4 {
        handle.mark_read(channel, Wamid(format!("wamid.{number}")), number == 3);
    }
    until(|| graph.seen().len() == 4).await;
    let bodies: Vec<_> = graph.seen().into_iter().map(|request| request.body).collect();
    assert!(bodies.iter().any(|body| body.contains(r#""status":"read","message_id":"wamid.0""#)));
    assert_eq!(bodies.iter().filter(|body| body.contains("typing_indicator")).count(), 1);
    let rosa =
        |kind, value: &str| Contact::new(ContactId(1), String::new(), vec![Address { kind, value: value.to_owned() }]);
    handle.set_blocked(channel, rosa(AddressKind::Phone, "5511"), true);
    handle.set_blocked(channel, rosa(AddressKind::UserId, "BR.1"), false);
    handle.set_blocked(channel, rosa(AddressKind::Username, "rosa"), true);
    until(|| graph.seen().len() == 6).await;
    let mut calls: Vec<_> =
        graph.seen()[4..].iter().map(|one| (one.head.lines().next().unwrap().to_owned(), one.body.clone())).collect();
    calls.sort();
    let body = |user: &str| format!(r#"{{"block_users":[{{"user":"{user}"}}],"messaging_product":"whatsapp"}}"#);
    assert_eq!(
        calls,
        [
            ("DELETE /v27.0/1000/block_users HTTP/1.1".to_owned(), body("BR.1")),
            ("POST /v27.0/1000/block_users HTTP/1.1".to_owned(), body("+5511")),
        ]
    );
    outbox.stop().await;
    handle.mark_read(channel, Wamid("wamid.late".to_owned()), false);
}
