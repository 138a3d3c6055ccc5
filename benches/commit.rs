//! What a durable commit costs, beside the raw sync of the same disk in the same run.
//!
//! `cargo bench --bench commit [-- DIRECTORY]`. Messages arrive from a thousand contacts who have written before, so
//! that the tables have the shape of a working day. Prints medians; microseconds.

#![allow(clippy::print_stdout, reason = "a bench reports on its output")]

mod traffic;

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use deskbell::clock::Clock;
use deskbell::domain::command::Command;
use deskbell::store::{Store, StoreOptions};

use self::traffic::{Traffic, channel, submit};

const MESSAGES_BEFORE: u64 = 20_000;
const SINGLES: usize = 1_000;
const BATCHES: usize = 200;
const BATCH: u64 = 64;
const RAW_BYTES: usize = 4_096;

fn main() {
    let directory = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).map(PathBuf::from);
    let folder = tempfile::tempdir_in(directory.unwrap_or_else(std::env::temp_dir)).expect("a folder can be made");
    let store = Store::open(folder.path(), StoreOptions::new(Clock::system())).expect("a new store opens");
    let mut traffic = Traffic(0);
    submit(&store, vec![channel()]);
    while traffic.0 < MESSAGES_BEFORE {
        submit(&store, traffic.next(BATCH));
    }

    let raw_before = raw_sync_us(folder.path());
    let single = measure(SINGLES, || submit(&store, traffic.next(1)));
    let batch = measure(BATCHES, || submit_apart(&store, traffic.next(BATCH)));
    let envelope = measure(BATCHES, || submit(&store, traffic.next(BATCH)));
    let raw_after = raw_sync_us(folder.path());

    let raw = (raw_before.0 + raw_after.0) / 2.0;
    println!(
        "raw append and sync of 4 KiB, median     {raw:8.0} us ({:.0} before, {:.0} after)",
        raw_before.0, raw_after.0
    );
    println!("one message, median                      {:8.0} us = {:.2} x raw", single.0, single.0 / raw);
    println!(
        "one message, 99 of 100                   {:8.0} us = {:.2} x raw",
        single.1,
        single.1 / raw_before.1.max(raw_after.1)
    );
    println!("64 messages, each in its own envelope    {:8.0} us = {:.0} messages/s", batch.0, per_second(batch.0));
    println!(
        "64 messages in one envelope              {:8.0} us = {:.0} messages/s",
        envelope.0,
        per_second(envelope.0)
    );
    println!("64 at once against one by one            {:8.1} x", single.0 * 64.0 / batch.0);
    let database = folder.path().join("deskbell.redb").metadata().expect("it is there").len();
    println!("database after {} messages, MiB      {:8}", traffic.0, database / 1024 / 1024);
}

fn per_second(batch_us: f64) -> f64 {
    64.0 * 1_000_000.0 / batch_us
}

/// Median and 99th percentile, microseconds.
fn measure(times: usize, mut work: impl FnMut()) -> (f64, f64) {
    let mut spans: Vec<f64> = (0..times)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1_000_000.0
        })
        .collect();
    spans.sort_by(f64::total_cmp);
    (spans[times / 2], spans[times * 99 / 100])
}

fn raw_sync_us(folder: &Path) -> (f64, f64) {
    let mut file: File =
        OpenOptions::new().create(true).append(true).open(folder.join("raw")).expect("a file can be made");
    measure(500, || {
        file.write_all(&[0x5A; RAW_BYTES]).expect("the disk has room");
        file.sync_data().expect("the disk syncs");
    })
}

/// One envelope for each command, all posted before the first answer is waited for.
fn submit_apart(store: &Store, commands: Vec<Command>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts");
    let posted: Vec<_> = commands.into_iter().map(|command| store.submit(vec![command])).collect();
    runtime.block_on(async {
        for answer in posted {
            answer.await.expect("the store writes")[0].as_ref().expect("everything is accepted");
        }
    });
}
