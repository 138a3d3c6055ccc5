//! What the edge adds: a webhook from the wire to durable, and from its acknowledgement to a browser's event.
//!
//! Figures to hold (medians; the raw disk sync of the same run stands beside them): acknowledgement p50 at most 2.5
//! times and p99 at most 3 times a raw `fdatasync`; 64 at once at least 20 times the throughput of one by one and at
//! least 5,000 messages a second; from acknowledgement to event p99 under 20 ms with 50 connected agents.

#![allow(clippy::print_stdout, reason = "a bench reports on its output")]

mod secure;
mod wire;

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use deskbell::clock::Clock;
use deskbell::domain::agent::{AgentProfile, Role};
use deskbell::domain::channel::ChannelProfile;
use deskbell::domain::command::Command;
use deskbell::domain::ids::QueueId;
use deskbell::domain::queue::Queue;
use deskbell::http::{App, HttpLimits, serve};
use deskbell::password;
use deskbell::search::Search;
use deskbell::store::{Store, StoreOptions};
use deskbell::whatsapp::signature;
use deskbell::whatsapp::webhook::decode;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use self::wire::{NoMarks, connect, exchange};

const AGENTS: usize = 50;
const SECRET: &str = "app secret";
const PASSWORD: &str = "correct horse";

static SERIAL: AtomicUsize = AtomicUsize::new(0);

/// A signed message as Meta would send it, with its number.
fn webhook(address: SocketAddr) -> (usize, Vec<u8>) {
    let n = SERIAL.fetch_add(1, Ordering::Relaxed);
    let body = format!(
        r#"{{"object":"whatsapp_business_account","entry":[{{"id":"1","changes":[{{"field":"messages","value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"15550100","phone_number_id":"1"}},"contacts":[{{"profile":{{"name":"Jo\u00e3o"}},"wa_id":"1650{:07}"}}],"messages":[{{"from":"1650{:07}","id":"wamid.{n}","timestamp":"{}","type":"text","text":{{"body":"message {n}"}}}}]}}}}]}}]}}"#,
        n % 2_000,
        n % 2_000,
        Clock::system().now().0 / 1_000,
    );
    let head = format!(
        "POST /webhooks/whatsapp HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         X-Hub-Signature-256: {}\r\nContent-Length: {}\r\n\r\n",
        signature::sign(SECRET.as_bytes(), body.as_bytes()),
        body.len()
    );
    (n, (head + &body).into_bytes())
}

fn percentiles(mut times: Vec<Duration>) -> (Duration, Duration, Duration) {
    times.sort_unstable();
    (times[times.len() / 2], times[times.len() * 99 / 100], times[times.len() - 1])
}

/// A raw disk sync of as much as a small commit writes.
fn raw_sync(file: &mut File) -> Duration {
    file.write_all(&[7; 4_096]).expect("space");
    let begun = Instant::now();
    file.sync_data().expect("a sync");
    begun.elapsed()
}

/// The same message, straight to the store.
fn to_store(store: &Store, address: SocketAddr) -> Duration {
    let (_, request) = webhook(address);
    let start = request.windows(4).position(|window| window == b"\r\n\r\n").expect("a head") + 4;
    let decoded = decode(&request[start..], store.tag(), Clock::system().now()).expect("an envelope");
    let commands = decoded.into_iter().map(|update| update.command).collect();
    let begun = Instant::now();
    store.submit_blocking(commands).expect("the store takes it");
    begun.elapsed()
}

fn set_up(store: &Store) {
    let mut commands = vec![Command::AddChannel(ChannelProfile {
        name: "Main".to_owned(),
        phone_number_id: "1".to_owned(),
        business_account_id: None,
        display_number: "+1 555 0100".to_owned(),
        app_secret: SECRET.to_owned(),
        verify_token: "verify".to_owned(),
        access_token: "access".to_owned(),
        graph_url: "http://127.0.0.1:9".to_owned(),
        graph_version: "v23.0".to_owned(),
        messages_per_s_max: 80,
        asynchronous: true,
    })];
    if store.read(|snapshot| snapshot.queues()).expect("queues").is_empty() {
        commands.push(Command::SetQueue(Queue::new(QueueId(0), "Support")));
    }
    let password_hash = password::hash(PASSWORD).expect("a good password");
    commands.extend((0..AGENTS).map(|n| {
        Command::AddAgent(AgentProfile {
            login: format!("agent{n}"),
            name: format!("Agent {n}"),
            role: Role::Agent,
            password_hash: password_hash.clone(),
            capacity: 100,
            auto_ready: true,
            skills: std::collections::BTreeSet::new(),
        })
    }));
    for answer in store.submit_blocking(commands).expect("the store takes it") {
        answer.expect("the core grants it");
    }
}

/// In turns, so that all see the same disk.
fn one_by_one(address: SocketAddr, store: &Store, file: &mut File) -> Duration {
    let mut stream = connect(address);
    let (mut raw, mut stored, mut acknowledged) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..2_000 {
        raw.push(raw_sync(file));
        stored.push(to_store(store, address));
        let (_, request) = webhook(address);
        let begun = Instant::now();
        assert!(exchange(&mut stream, &request).starts_with("HTTP/1.1 200"));
        acknowledged.push(begun.elapsed());
    }
    let mean = acknowledged.iter().sum::<Duration>() / 2_000;
    for (name, times) in [("raw fdatasync", raw), ("to the store", stored), ("acknowledgement", acknowledged)] {
        let (p50, p99, max) = percentiles(times);
        println!("{name}: p50 {p50:?}, p99 {p99:?}, max {max:?}");
    }
    mean
}

fn at_once(address: SocketAddr, one: Duration) {
    let begun = Instant::now();
    let workers: Vec<_> = (0..64)
        .map(|_| {
            thread::spawn(move || {
                let mut stream = connect(address);
                for _ in 0..500 {
                    let (_, request) = webhook(address);
                    assert!(exchange(&mut stream, &request).starts_with("HTTP/1.1 200"));
                }
            })
        })
        .collect();
    workers.into_iter().for_each(|worker| worker.join().expect("all answered 200"));
    let rate = 64.0 * 500.0 / begun.elapsed().as_secs_f64();
    println!("64 at once: {rate:.0} messages/s, {:.1} times one by one", rate * one.as_secs_f64());
}

/// Signs in and opens an event stream that notes when each message's words arrive.
fn listen(address: SocketAddr, n: usize, arrived: &Arc<Mutex<HashMap<usize, Instant>>>) {
    let mut stream = connect(address);
    let body = format!(r#"{{"login":"agent{n}","password":"{PASSWORD}"}}"#);
    let request = format!(
        "POST /api/sign-in HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = exchange(&mut stream, request.as_bytes());
    let cookie = answer.split("deskbell_sign_in=").nth(1).and_then(|rest| rest.split(';').next()).expect("signed in");
    let request = format!("GET /api/events HTTP/1.1\r\nHost: {address}\r\nCookie: deskbell_sign_in={cookie}\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("the server reads");
    let arrived = Arc::clone(arrived);
    let mut lines = BufReader::new(stream).lines();
    lines
        .find(|line| line.as_ref().is_ok_and(|line| line.starts_with("retry")))
        .expect("the stream opens")
        .expect("text");
    thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let now = Instant::now();
            let words =
                line.split(r#""text":"message "#).skip(1).filter_map(|rest| rest.split('"').next()?.parse().ok());
            let mut arrived = arrived.lock().expect("no reader panics");
            words.for_each(|n| {
                arrived.entry(n).or_insert(now);
            });
        }
    });
}

fn to_events(address: SocketAddr) {
    let arrived = Arc::default();
    (0..AGENTS).for_each(|n| listen(address, n, &arrived));
    thread::sleep(Duration::from_millis(500));
    let mut stream = connect(address);
    let mut acknowledged = Vec::new();
    for _ in 0..1_500 {
        let (n, request) = webhook(address);
        assert!(exchange(&mut stream, &request).starts_with("HTTP/1.1 200"));
        acknowledged.push((n, Instant::now()));
        thread::sleep(Duration::from_millis(2));
    }
    thread::sleep(Duration::from_millis(500));
    let arrived = arrived.lock().expect("no reader panics");
    let seen = acknowledged.iter().filter_map(|(n, at)| Some(arrived.get(n)?.saturating_duration_since(*at)));
    let times: Vec<_> = seen.collect();
    let seen = times.len();
    let (p50, p99, max) = percentiles(times);
    println!("acknowledgement to event, {AGENTS} streams: p50 {p50:?}, p99 {p99:?}, max {max:?} ({seen} of 1500 seen)");
}

fn main() {
    let folder = tempfile::tempdir_in(".").expect("a folder on this disk");
    let store = Store::open(&folder.path().join("data"), StoreOptions::new(Clock::system())).expect("a new store");
    set_up(&store);
    let runtime = Runtime::new().expect("a runtime");
    let (stop, stopped) = watch::channel(false);
    let search = Search::start(store.clone(), &folder.path().join("data"), Clock::system()).expect("a thread");
    let (address, serving) = runtime.block_on(async {
        let app = App::start(store.clone(), search.clone(), Clock::system(), Box::new(NoMarks), HttpLimits::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it was bound");
        (address, tokio::spawn(serve(listener, app.expect("a fresh store"), stopped)))
    });
    let mut file = File::create(folder.path().join("raw")).expect("a file");
    let one = one_by_one(address, &store, &mut file);
    at_once(address, one);
    to_events(address);
    stop.send_replace(true);
    runtime.block_on(serving).expect("the server does not panic");
    secure::figures(&store, &search, folder.path(), &runtime);
    search.stop();
    store.stop();
}
