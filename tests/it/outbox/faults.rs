//! What becomes of a message when the network, Graph or the process breaks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deskbell::domain::command::{Command, DeliveryReport};
use deskbell::domain::ids::{MessageId, Wamid};
use deskbell::domain::message::{Delivery, Failure};
use deskbell::domain::send::SendState;
use deskbell::limits::{CHANNEL_PROBE_MS, SEND_ATTEMPTS_MAX};
use deskbell::outbox::Outbox;
use deskbell::store::{Store, StoreOptions};
use tokio::net::TcpListener;

use super::{Centre, TIMEOUTS, message_of, until};
use crate::raw_graph::{RawGraph, Reply, accepted, answer, refused};

/// What one message came to when Graph gives these replies in turn (the last one for ever), and how often it was asked.
async fn outcome(replies: Vec<Reply>) -> (Delivery, usize) {
    let graph = RawGraph::start(move |number, _| replies[number.min(replies.len() - 1)].clone()).await;
    let centre = Centre::new();
    centre.channel("1000", &graph.url, 80);
    let customer = centre.customer("1000", "55");
    let message = centre.send(customer, "hello");
    let outbox = centre.outbox();
    centre.drained(1_000).await;
    outbox.stop().await;
    (centre.delivery(message), graph.seen().len())
}

/// All outcomes at once, each in a centre of its own.
async fn expect<const N: usize>(expected: [(Vec<Reply>, Delivery, usize); N]) {
    let cases = expected.map(|(replies, delivery, asked)| {
        let told = format!("{replies:?}");
        (tokio::spawn(outcome(replies)), told, (delivery, asked))
    });
    for (came_to, told, expected) in cases {
        assert_eq!(came_to.await.unwrap(), expected, "{told}");
    }
}

fn yes() -> Reply {
    Reply::Say(accepted("wamid.A"))
}

fn no(status: &str, headers: &str, code: u32) -> Reply {
    Reply::Say(refused(status, headers, code))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_graph_refuses_for_the_moment_is_tried_again() {
    let late = Reply::SayLate(Duration::from_millis(150), accepted("wamid.A"));
    let trouble = no("500 Internal Server Error", "", 131_000);
    let busy = no("429 Too Many Requests", "retry-after: 1\r\n", 130_429);
    let pair = no("400 Bad Request", "", 131_056);
    expect([
        (vec![late], Delivery::Sent, 1),
        (vec![trouble.clone(), trouble, yes()], Delivery::Sent, 3),
        (vec![busy, yes()], Delivery::Sent, 2),
        (vec![pair.clone(), pair, yes()], Delivery::Sent, 3),
    ])
    .await;
}

/// Graph with a token that has died until a new one comes; it says who asked with which.
#[tokio::test(flavor = "multi_thread")]
async fn while_a_number_cannot_send_everything_waits_and_goes_out_when_it_is_mended() {
    let graph = RawGraph::start(|number, request| {
        let alive = request.head.contains("Bearer new token");
        if alive { Reply::Say(accepted(&format!("wamid.{number}"))) } else { no("401 Unauthorized", "", 190) }
    })
    .await;
    let centre = Centre::new();
    let channel = centre.channel("1000", &graph.url, 80);
    let customers: Vec<_> = ["55", "56", "57"].map(|phone| centre.customer("1000", phone)).into();
    let messages: Vec<_> = customers.iter().map(|customer| centre.send(*customer, "hello")).collect();
    let outbox = centre.outbox();
    let trouble = || centre.store.read(|snapshot| snapshot.channels()).unwrap()[0].channel.trouble;
    until(|| trouble().is_some()).await;
    let first = trouble().unwrap();
    assert_eq!((first.code, first.since), (190, centre.clock.now()));
    // All that was under way comes back, and then nothing more is asked until it is time for one.
    let waiting = || centre.store.read(|snapshot| snapshot.sends()).unwrap();
    until(|| waiting().iter().all(|send| matches!(send.state, SendState::Due(_)))).await;
    let asked = graph.seen().len();
    assert!(asked <= messages.len());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(graph.seen().len(), asked, "nobody knocks at a closed door");
    for round in 1..=SEND_ATTEMPTS_MAX as usize + 2 {
        centre.clock.advance_ms(CHANNEL_PROBE_MS);
        let _ticked = centre.store.submit(vec![Command::Tick]).await;
        until(|| graph.seen().len() == asked + round).await;
        until(|| trouble().is_some_and(|trouble| trouble.probe_at > centre.clock.now())).await;
        assert_eq!(trouble().unwrap().since, first.since);
    }
    for message in &messages {
        assert_eq!(centre.delivery(*message), Delivery::Queued, "nothing is given up, however often it was tried");
    }

    // A restart changes nothing about it.
    outbox.stop().await;
    let asked = graph.seen().len();
    let outbox = centre.outbox();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(graph.seen().len(), asked);

    centre.tell(Command::SetAccessToken { channel, access_token: "new token".to_owned() });
    until(|| messages.iter().all(|message| centre.delivery(*message) == Delivery::Sent)).await;
    assert_eq!(graph.seen().len(), asked + messages.len(), "each once");
    assert_eq!(trouble(), None);
    outbox.stop().await;
}

/// Meta lifts the block by itself: the next try finds out.
#[tokio::test(flavor = "multi_thread")]
async fn a_block_that_is_lifted_is_found_out_by_one_message() {
    let graph = RawGraph::start(|number, _| {
        if number == 0 { no("403 Forbidden", "", 131_031) } else { Reply::Say(accepted(&format!("wamid.{number}"))) }
    })
    .await;
    let centre = Centre::new();
    centre.channel("1000", &graph.url, 80);
    let first = centre.send(centre.customer("1000", "55"), "hello");
    let outbox = centre.outbox();
    let trouble = || centre.store.read(|snapshot| snapshot.channels()).unwrap()[0].channel.trouble;
    until(|| trouble().is_some()).await;
    let second = centre.send(centre.customer("1000", "56"), "hello");
    centre.drained(CHANNEL_PROBE_MS).await;
    assert_eq!((centre.delivery(first), centre.delivery(second)), (Delivery::Sent, Delivery::Sent));
    assert_eq!((graph.seen().len(), trouble()), (3, None));
    outbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_graph_refuses_for_good_fails_with_its_reason() {
    let failed = |code, title: &str| Delivery::Failed(Failure { code, title: title.to_owned() });
    let proxy = Reply::Say(answer("407 Proxy Authentication Required", "", "<html>"));
    expect([
        (vec![no("400 Bad Request", "", 131_047), yes()], failed(131_047, "(#131047) No (Because)"), 1),
        (vec![proxy, yes()], failed(0, "HTTP status 407"), 1),
        (vec![no("500 Internal Server Error", "", 2)], failed(2, "(#2) No (Because)"), SEND_ATTEMPTS_MAX as usize),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_known_is_asked_of_a_person_and_never_repeated() {
    let whole = accepted("wamid.A");
    let broken = whole[..whole.len() - 5].to_owned();
    expect(
        [
            Reply::Hang,
            Reply::SayAndReset(String::new()),
            Reply::SayAndReset(broken),
            Reply::Say(answer("502 Bad Gateway", "", "<html>")),
            Reply::Say(answer("200 OK", "", "{}")),
        ]
        .map(|reply| (vec![reply, yes()], Delivery::Unconfirmed, 1)),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_nobody_answers_fails_after_its_attempts() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let centre = Centre::new();
    centre.channel("1000", &format!("http://{closed}"), 80);
    let customer = centre.customer("1000", "55");
    let message = centre.send(customer, "hello");
    let outbox = centre.outbox();
    until(|| {
        let sends = centre.store.read(|snapshot| snapshot.sends()).unwrap();
        sends.first().is_some_and(|send| send.attempt == 1 && matches!(send.state, SendState::Due(_)))
    })
    .await;
    assert_eq!(centre.delivery(message), Delivery::Queued, "it waits for its next attempt");
    centre.drained(5_000).await;
    assert!(matches!(centre.delivery(message), Delivery::Failed(Failure { code: 0, .. })));
    outbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_settles_what_the_call_left_open() {
    let graph = RawGraph::start(|_, _| Reply::SayAndReset(String::new())).await;
    let centre = Centre::new();
    centre.channel("1000", &graph.url, 80);
    let customer = centre.customer("1000", "55");
    let message = centre.send(customer, "hello");
    let outbox = centre.outbox();
    until(|| {
        let sends = centre.store.read(|snapshot| snapshot.sends()).unwrap();
        sends.first().is_some_and(|send| matches!(send.state, SendState::AwaitingStatus(_)))
    })
    .await;
    let report = DeliveryReport {
        wamid: Wamid("wamid.A".to_owned()),
        message: Some(message),
        delivery: Delivery::Delivered,
        at: centre.clock.now(),
    };
    let store = centre.store.clone();
    store.submit(vec![Command::RecordDelivery(report)]).await.unwrap()[0].as_ref().unwrap();
    centre.drained(1_000).await;
    assert_eq!(centre.delivery(message), Delivery::Delivered);
    assert_eq!(graph.seen().len(), 1);
    outbox.stop().await;
}

/// The process dies while Graph has the message and has not answered.
#[test]
fn a_death_between_call_and_answer_is_asked_of_a_person() {
    let network = tokio::runtime::Runtime::new().unwrap();
    let graph = network.block_on(RawGraph::start(|number, _| if number == 0 { Reply::Hang } else { yes() }));
    let Centre { store, clock, agent, directory } = {
        let centre = Centre::new();
        centre.channel("1000", &graph.url, 80);
        centre
    };
    let centre = Centre { store, clock, agent, directory };
    let customer = centre.customer("1000", "55");
    let first = centre.send(customer, "first");
    let second = centre.send(customer, "second");

    let process = tokio::runtime::Runtime::new().unwrap();
    let outbox = {
        let _entered = process.enter();
        centre.outbox()
    };
    network.block_on(until(|| !graph.seen().is_empty()));
    process.shutdown_background();
    drop(outbox);
    let Centre { store, clock, agent, directory } = centre;
    store.stop();
    drop(store);

    let store = Store::open(directory.path(), StoreOptions::new(clock.clone())).unwrap();
    let centre = Centre { store, clock, agent, directory };
    network.block_on(async {
        let outbox = centre.outbox();
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(graph.seen().len(), 1, "the second waits for the first, whose fate is open");
        centre.drained(1_000).await;
        outbox.stop().await;
    });
    assert_eq!(centre.delivery(first), Delivery::Unconfirmed);
    assert_eq!(centre.delivery(second), Delivery::Sent);
    assert_eq!(graph.seen().len(), 2);
}

/// A reply that this number chooses, and whether Graph may have taken the message with it.
fn fault(number: u64) -> (Reply, bool) {
    let whole = accepted(&format!("wamid.{number}"));
    match number % 12 {
        0 => (no("500 Internal Server Error", "", 131_016), false),
        1 => (no("400 Bad Request", "", 131_056), false),
        2 => (no("400 Bad Request", "", 131_026), false),
        3 => (Reply::Say(answer("413 Content Too Large", "", "")), false),
        4 => (Reply::Hang, true),
        5 => (Reply::SayAndReset(whole[..whole.len() / 2].to_owned()), true),
        6 => (Reply::SayAndClose(String::new()), true),
        7 => (Reply::Say(answer("503 Service Unavailable", "", "busy")), true),
        8 => (Reply::SayLate(Duration::from_millis(100), whole), true),
        9 => (Reply::SayAndClose(whole), true),
        _ => (Reply::Say(whole), true),
    }
}

/// A cheap mixer, so that a seed gives the same storm.
fn mixed(seed: u64, number: u64) -> u64 {
    let mut mixed = seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 27)
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_storm_every_message_ends_and_none_is_taken_twice() {
    for seed in 0..2 {
        let asked = Arc::new(Mutex::new(BTreeMap::<MessageId, Vec<bool>>::new()));
        let graph = {
            let asked = Arc::clone(&asked);
            RawGraph::start(move |number, request| {
                let (reply, taken) = fault(mixed(seed, u64::try_from(number).unwrap()));
                asked.lock().unwrap().entry(message_of(&request.body)).or_default().push(taken);
                reply
            })
            .await
        };
        let centre = Centre::new();
        centre.channel("1000", &graph.url, 5_000);
        let customers: Vec<_> = (0..12).map(|number| centre.customer("1000", &format!("55{number}"))).collect();
        let messages: Vec<_> = (0..4)
            .flat_map(|round| customers.iter().map(move |customer| (*customer, round)))
            .map(|(customer, round)| centre.send(customer, &format!("line {round}")))
            .collect();
        let outbox = Outbox::start_with(centre.store.clone(), centre.clock.clone(), TIMEOUTS);
        centre.drained(2_000).await;
        outbox.stop().await;
        let asked = asked.lock().unwrap().clone();
        let mut ends = BTreeMap::<&str, usize>::new();
        for message in messages {
            // A request that a reset or a short time-out overtook was never read; what became of it is then unknown.
            let calls = asked.get(&message).map_or(&[][..], Vec::as_slice);
            let taken = calls.iter().filter(|taken| **taken).count();
            assert!(taken <= 1, "seed {seed}: {message} was taken {taken} times");
            let end = match centre.delivery(message) {
                Delivery::Sent => "sent",
                Delivery::Failed(_) => "failed",
                Delivery::Unconfirmed => "unconfirmed",
                other => panic!("seed {seed}: {message} ended as {other:?}"),
            };
            let true_end = match end {
                "sent" => taken == 1,
                "failed" => taken == 0,
                _ => true,
            };
            assert!(true_end, "seed {seed}: {message} ended as {end} after {calls:?}");
            *ends.entry(end).or_default() += 1;
        }
        assert_eq!(ends.len(), 3, "seed {seed} is no storm: {ends:?}");
    }
}
