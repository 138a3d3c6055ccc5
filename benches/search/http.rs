//! Search over HTTP, with rights, while messages arrive: what an agent waits for.
//!
//! Fifty queries and two hundred signed webhooks a second, on connections of their own. Every tenth query looks for the
//! message that was acknowledged last, and has to find it.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use deskbell::clock::Clock;
use deskbell::domain::agent::{AgentProfile, Role};
use deskbell::domain::command::Command;
use deskbell::http::{App, HttpLimits, serve};
use deskbell::password;
use deskbell::search::Search;
use deskbell::store::Store;
use deskbell::whatsapp::signature;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::wire::{NoMarks, connect, exchange};

const SECRET: &str = "secret";
const PASSWORD: &str = "correct horse";
const QUERIES_PER_S: u64 = 50;
const MESSAGES_PER_S: u64 = 200;
const SECONDS: u64 = 20;

/// What was measured.
pub(crate) struct Measured {
    pub(crate) queries: Vec<Duration>,
    pub(crate) messages: u64,
}

/// Runs the load over a store with its search.
pub(crate) fn run(store: &Store, search: &Search, texts: &[String]) -> Measured {
    let profile = AgentProfile {
        login: "reader".to_owned(),
        name: "Reader".to_owned(),
        role: Role::Agent,
        password_hash: password::hash(PASSWORD).expect("a good password"),
        capacity: 5,
        auto_ready: false,
        skills: BTreeSet::new(),
    };
    // In a kept folder they are there from the run before.
    drop(store.submit_blocking(vec![Command::AddAgent(profile)]).expect("the store writes"));
    let runtime = Runtime::new().expect("a runtime");
    let (stop, stopped) = watch::channel(false);
    let (address, serving) = runtime.block_on(async {
        let app = App::start(store.clone(), search.clone(), Clock::system(), Box::new(NoMarks), HttpLimits::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it was bound");
        (address, tokio::spawn(serve(listener, app.expect("a store"), stopped)))
    });
    let done = Arc::new(AtomicBool::new(false));
    let last = Arc::new(AtomicU64::new(0));
    let arriving = {
        let (done, last) = (Arc::clone(&done), Arc::clone(&last));
        thread::spawn(move || arrive(address, &done, &last))
    };
    let queries = ask(address, texts, &last);
    done.store(true, Ordering::Relaxed);
    let messages = arriving.join().expect("messages arrive");
    stop.send_replace(true);
    runtime.block_on(serving).expect("the server does not panic");
    Measured { queries, messages }
}

fn ask(address: SocketAddr, texts: &[String], last: &AtomicU64) -> Vec<Duration> {
    let mut stream = connect(address);
    let body = format!(r#"{{"login":"reader","password":"{PASSWORD}"}}"#);
    let head = format!("Origin: http://{address}\r\nContent-Type: application/json\r\nContent-Length: {}", body.len());
    let answer = exchange(
        &mut stream,
        format!("POST /api/sign-in HTTP/1.1\r\nHost: {address}\r\n{head}\r\n\r\n{body}").as_bytes(),
    );
    let cookie = answer.split("deskbell_sign_in=").nth(1).and_then(|rest| rest.split(';').next()).expect("signed in");
    let begun = Instant::now();
    let mut times = Vec::new();
    for number in 0..QUERIES_PER_S * SECONDS {
        let due = begun + Duration::from_millis(number * 1_000 / QUERIES_PER_S);
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let newest = last.load(Ordering::Acquire);
        let fresh = number % 10 == 9 && newest > 0;
        let text = if fresh { format!("zzqx{newest}") } else { texts[number as usize % texts.len()].clone() };
        let query: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let request = format!(
            "GET /api/search?q={query} HTTP/1.1\r\nHost: {address}\r\nCookie: deskbell_sign_in={cookie}\r\n\r\n"
        );
        let begun = Instant::now();
        let answer = exchange(&mut stream, request.as_bytes());
        times.push(begun.elapsed());
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(!fresh || answer.contains(r#""total":1,"#), "{text} was acknowledged and is not found");
    }
    times
}

/// Messages until it is enough; gives how many.
fn arrive(address: SocketAddr, done: &AtomicBool, last: &AtomicU64) -> u64 {
    let mut stream = connect(address);
    let begun = Instant::now();
    // Numbers of an earlier run over the same folder are not used again.
    let first = Clock::system().now().0.unsigned_abs();
    let mut sent = 0;
    while !done.load(Ordering::Relaxed) {
        let due = begun + Duration::from_millis(sent * 1_000 / MESSAGES_PER_S);
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let number = first + sent;
        let at = Clock::system().now().0 / 1_000;
        let from = 1_650_000_000 + number % 2_000;
        let body = format!(
            r#"{{"object":"whatsapp_business_account","entry":[{{"id":"1","changes":[{{"field":"messages","value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"15550100","phone_number_id":"100"}},"contacts":[{{"profile":{{"name":"Zzqx"}},"wa_id":"{from}"}}],"messages":[{{"from":"{from}","id":"fresh.{number}","timestamp":"{at}","type":"text","text":{{"body":"zzqx{number}"}}}}]}}}}]}}]}}"#
        );
        let signed = signature::sign(SECRET.as_bytes(), body.as_bytes());
        let head = format!("X-Hub-Signature-256: {signed}\r\nContent-Length: {}", body.len());
        let request = format!(
            "POST /webhooks/whatsapp HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n{head}\r\n\r\n{body}"
        );
        assert!(exchange(&mut stream, request.as_bytes()).starts_with("HTTP/1.1 200"));
        last.store(number, Ordering::Release);
        sent += 1;
    }
    sent
}
