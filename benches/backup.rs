//! How fast a backup is, and what it does to the writer, beside the raw disk in the same run.
//!
//! `cargo bench --bench backup [-- DIRECTORY]`. A data directory of some hundred megabytes: messages of a thousand contacts
//! and pictures that no compression makes smaller. Acknowledgements are those of the store, at 1,000 messages a second, with
//! and without backups one after the other.

#![allow(clippy::print_stdout, reason = "a bench reports on its output")]

mod traffic;

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use deskbell::backup::{self, Made, Order};
use deskbell::clock::Clock;
use deskbell::domain::agent::{AgentProfile, Role};
use deskbell::domain::command::Command;
use deskbell::domain::ids::AgentId;
use deskbell::domain::media::MediaFile;
use deskbell::media::Shelf;
use deskbell::store::{Store, StoreOptions};

use self::traffic::{Traffic, channel, submit};

const MESSAGES_BEFORE: u64 = 200_000;
const BATCH: u64 = 256;
const FILES: usize = 40;
const FILE_BYTES: usize = 5_000_000;
const RATE_PER_S: u32 = 1_000;
const LOAD: Duration = Duration::from_secs(12);
const PIECE: usize = 1024 * 1024;

fn main() {
    let directory = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).map(PathBuf::from);
    let folder = tempfile::tempdir_in(directory.unwrap_or_else(std::env::temp_dir)).expect("a folder can be made");
    let data = folder.path().join("data");
    let store = Store::open(&data, StoreOptions::new(Clock::system())).expect("a new store opens");
    let mut traffic = fill(&store);

    let full = back_up(&store, folder.path(), false, None);
    println!(
        "backup of {} rows and {} files, MB          {:8.0}",
        full.checked.rows_total(),
        full.checked.files,
        mb(full.bytes)
    );
    let (written, read) = raw(folder.path(), full.bytes);
    println!("raw: written and synced in pieces, MB/s        {written:8.0}");
    println!("raw: read, MB/s                                {read:8.0}");
    told("backup with its reading back, no server, MB/s   ", full.bytes, full.took);
    let began = Instant::now();
    backup::verify_file(&full.path, None).expect("it is whole");
    told("verify, MB/s                                   ", full.bytes, began.elapsed());
    let began = Instant::now();
    let options = StoreOptions::new(Clock::system());
    backup::restore(&full.path, &folder.path().join("copy"), None, &options).expect("it is whole");
    told("restore with its reading back, MB/s            ", full.bytes, began.elapsed());
    remove(full);
    let sealed = back_up(&store, folder.path(), false, Some("correct horse"));
    told("backup to a passphrase, MB/s                   ", sealed.bytes, sealed.took);
    remove(sealed);
    let gentle = back_up(&store, folder.path(), true, None);
    told("backup beside a server, idle, MB/s             ", gentle.bytes, gentle.took);
    remove(gentle);

    let alone = load(&store, &mut traffic);
    let (going, made) = (AtomicBool::new(true), AtomicU32::new(0));
    let beside = std::thread::scope(|scope| {
        scope.spawn(|| {
            while going.load(Ordering::Relaxed) {
                remove(back_up(&store, folder.path(), true, None));
                made.fetch_add(1, Ordering::Relaxed);
            }
        });
        let beside = load(&store, &mut traffic);
        going.store(false, Ordering::Relaxed);
        beside
    });
    println!("acknowledged at {RATE_PER_S}/s, p50 and p99, ms        {:8.2} {:8.2}", alone.0, alone.1);
    println!(
        "the same beside {} backups, p50 and p99, ms     {:8.2} {:8.2}   {:.1} x p99",
        made.load(Ordering::Relaxed),
        beside.0,
        beside.1,
        beside.1 / alone.1
    );
    store.stop();
}

#[allow(clippy::cast_precision_loss, reason = "far below 2^52 bytes")]
fn mb(bytes: u64) -> f64 {
    bytes as f64 / 1_000_000.0
}

fn told(what: &str, bytes: u64, took: Duration) {
    println!("{what}{:8.0}   {:.2} s", mb(bytes) / took.as_secs_f64(), took.as_secs_f64());
}

fn back_up(store: &Store, folder: &Path, gentle: bool, passphrase: Option<&str>) -> Made {
    let shelf = Shelf::of(store.directory());
    let target = folder.join("bench.backup");
    let order = Order { target: &target, passphrase, shelf: Some(&shelf), now: Clock::system().now(), gentle };
    let made = backup::make(&store.dump().expect("readable"), &order).expect("it is made");
    assert_eq!(made.checked.findings_total, 0, "{}", made.sentence());
    made
}

fn remove(made: Made) {
    std::fs::remove_file(made.path).expect("removable");
}

/// Megabytes a second of the disk itself, in the pieces in which a backup is written.
fn raw(folder: &Path, bytes: u64) -> (f64, f64) {
    let path = folder.join("raw");
    let piece = vec![0x5A; PIECE];
    let began = Instant::now();
    let mut file = File::create(&path).expect("a file can be made");
    for _ in 0..bytes.div_ceil(PIECE as u64) {
        file.write_all(&piece).expect("the disk has room");
        file.sync_data().expect("the disk syncs");
    }
    let written = mb(bytes) / began.elapsed().as_secs_f64();
    drop(file);
    let began = Instant::now();
    let mut file = File::open(&path).expect("it is there");
    let mut buffer = piece;
    while file.read(&mut buffer).expect("readable") > 0 {}
    let read = mb(bytes) / began.elapsed().as_secs_f64();
    std::fs::remove_file(path).expect("removable");
    (written, read)
}

/// Messages at a steady rate, one by one: p50 and p99 of the acknowledgement, milliseconds.
fn load(store: &Store, traffic: &mut Traffic) -> (f64, f64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime starts");
    let mut spans = runtime.block_on(async {
        let mut due = tokio::time::interval(Duration::from_secs(1) / RATE_PER_S);
        let mut waiting = tokio::task::JoinSet::new();
        let began = Instant::now();
        while began.elapsed() < LOAD {
            due.tick().await;
            let answer = store.submit(traffic.next(1));
            let asked = Instant::now();
            waiting.spawn(async move {
                assert!(answer.await.expect("the store writes")[0].is_ok(), "everything is accepted");
                asked.elapsed().as_secs_f64() * 1_000.0
            });
        }
        waiting.join_all().await
    });
    spans.sort_by(f64::total_cmp);
    (spans[spans.len() / 2], spans[spans.len() * 99 / 100])
}

fn fill(store: &Store) -> Traffic {
    submit(store, vec![channel(), Command::AddAgent(agent())]);
    let mut traffic = Traffic(0);
    while traffic.0 < MESSAGES_BEFORE {
        submit(store, traffic.next(BATCH));
    }
    let shelf = Shelf::of(store.directory());
    let mut state = 1_u64;
    for _ in 0..FILES {
        let mut bytes = vec![0; FILE_BYTES];
        for part in bytes.chunks_mut(8) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            part.copy_from_slice(&state.to_le_bytes()[..part.len()]);
        }
        let mut draft = shelf.draft().expect("there is room");
        draft.append(&bytes).expect("there is room");
        let hash = draft.keep().expect("there is room");
        let file = MediaFile { hash: hash.hash, mime_type: "image/png".to_owned(), bytes: FILE_BYTES as u64 };
        submit(store, vec![Command::AddFile { agent: AgentId(1), file }]);
    }
    traffic
}

fn agent() -> AgentProfile {
    AgentProfile {
        login: "ana".to_owned(),
        name: "Ana".to_owned(),
        role: Role::Agent,
        password_hash: "$argon2id$none".to_owned(),
        capacity: 3,
        auto_ready: false,
        skills: std::collections::BTreeSet::new(),
    }
}
