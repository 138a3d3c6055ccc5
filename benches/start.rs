//! How long the real program takes from its start until it takes messages, and what it holds in memory when idle.
//!
//! `DESKBELL_BENCH_MESSAGES` sets the size (100,000 by default), `DESKBELL_BENCH_FOLDER` a folder that is kept, so that
//! the next run of the same size need not fill it again. Times are from before the process is made to the first 200 of
//! `/readyz`; the program's files and data are in the system's cache but in the last line, where they are read from the
//! disk (needs root).

#![allow(clippy::print_stdout, clippy::cast_possible_truncation, missing_docs, reason = "a report on the terminal")]
#![allow(dead_code, reason = "what the benchmark of search needs besides")]

#[path = "search/corpus.rs"]
mod corpus;
#[path = "search/filling.rs"]
mod filling;
mod wire;

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use deskbell::clock::Clock;
use deskbell::search::Search;
use deskbell::store::{Store, StoreOptions};
use deskbell::whatsapp::signature;
use serde_json::json;

use self::filling::{fill, report};

/// Starts of each kind.
const STARTS: usize = 15;
/// Messages between a start and the kill that ends it.
const MESSAGES_BEFORE_KILL: usize = 500;

fn main() {
    let messages: usize =
        std::env::var("DESKBELL_BENCH_MESSAGES").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let folder = std::env::var("DESKBELL_BENCH_FOLDER").map_or_else(|_| temporary.path().to_owned(), PathBuf::from);
    let data = folder.join("data");
    if !Store::is_there(&data) {
        prepare(&data, messages);
    }

    let mut times = Vec::new();
    let mut memory = [0.0; 3];
    for round in 0..=STARTS {
        let (server, took) = started(&data);
        // The first one is for the cache.
        if round > 0 {
            times.push(took);
        }
        if round == STARTS {
            std::thread::sleep(Duration::from_secs(10));
            memory = ["VmRSS:", "RssAnon:", "RssFile:"].map(|field| status_mib(server.id(), field));
        }
        stop(server);
    }
    tell("start to ready", &mut times);

    times.clear();
    let mut number = Clock::system().now().0.unsigned_abs() as usize;
    for _ in 0..STARTS {
        let (mut server, _) = started_at(&data, |address| {
            for _ in 0..MESSAGES_BEFORE_KILL {
                number += 1;
                write(address, number);
            }
        });
        server.kill().expect("it runs");
        server.wait().expect("it ends");
        let (mut server, took) = started(&data);
        times.push(took);
        server.kill().expect("it runs");
        server.wait().expect("it ends");
    }
    tell("after kill -9", &mut times);

    times.clear();
    for _ in 0..5 {
        if std::fs::write("/proc/sys/vm/drop_caches", "3").is_err() {
            break;
        }
        let (server, took) = started(&data);
        times.push(took);
        stop(server);
    }
    if !times.is_empty() {
        tell("nothing in the cache", &mut times);
    }
    for (what, mib) in ["resident when idle", "  of it its own", "  of it mapped files"].iter().zip(memory) {
        report(what, mib, "MiB");
    }
}

fn prepare(data: &Path, messages: usize) {
    let clock = Clock::system();
    let store = Store::open(data, StoreOptions::new(clock.clone())).expect("a store");
    fill(Some(&store), messages);
    let search = Search::start(store.clone(), data, clock).expect("a thread");
    while search.progress().is_some() {
        std::thread::sleep(Duration::from_millis(100));
    }
    search.stop();
    store.stop();
}

fn started(data: &Path) -> (Child, Duration) {
    started_at(data, |_| {})
}

/// A server that is ready, and how long that took; then `work` is done.
fn started_at(data: &Path, work: impl FnOnce(SocketAddr)) -> (Child, Duration) {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    let address = free.expect("a free port");
    let begun = Instant::now();
    let server = Command::new(env!("CARGO_BIN_EXE_deskbell"))
        .args(["serve", "--data", &data.to_string_lossy(), "--listen", &address.to_string()])
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    while !ready(address) {
        assert!(begun.elapsed() < Duration::from_secs(60), "the server is not ready");
        std::thread::sleep(Duration::from_micros(200));
    }
    let took = begun.elapsed();
    work(address);
    (server, took)
}

fn ready(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let mut answer = String::new();
    let request = b"GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n";
    stream.write_all(request).is_ok() && stream.read_to_string(&mut answer).is_ok() && answer.contains(" 200 ")
}

/// A contact writes, and the message is durable.
fn write(address: SocketAddr, number: usize) {
    let body = json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "15550100", "phone_number_id": "100" },
            "messages": [{ "from": format!("4917{:07}", number % 5_000), "id": format!("start.{number}"),
                           "timestamp": "1790000000", "type": "text", "text": { "body": "where is my parcel" } }],
        } }] }],
    })
    .to_string();
    let signature = signature::sign(b"secret", body.as_bytes());
    let request = format!(
        "POST /webhooks/whatsapp HTTP/1.1\r\nHost: bench\r\nX-Hub-Signature-256: {signature}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = wire::exchange(&mut wire::connect(address), request.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

fn stop(mut server: Child) {
    Command::new("kill").args(["-TERM", &server.id().to_string()]).status().expect("kill runs");
    server.wait().expect("it ends");
}

fn tell(what: &str, times: &mut [Duration]) {
    times.sort();
    let ms = |time: &Duration| time.as_secs_f64() * 1e3;
    report(what, ms(&times[times.len() / 2]), "ms (median)");
    report("", times.last().map_or(0.0, ms), "ms (longest)");
}

fn status_mib(process_id: u32, field: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process_id}/status")).expect("it runs");
    let line = status.lines().find(|line| line.starts_with(field)).expect("a field");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).expect("a number") / 1_024.0
}
