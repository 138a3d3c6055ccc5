//! What a durable commit costs, beside the raw sync of the same disk in the same run.
//!
//! `cargo bench --bench commit [-- DIRECTORY]`. Messages arrive from a thousand contacts who have written before, so
//! that the tables have the shape of a working day. Prints medians; microseconds.

#![allow(clippy::print_stdout, reason = "a bench reports on its output")]

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use deskbell::clock::Clock;
use deskbell::domain::channel::ChannelProfile;
use deskbell::domain::command::{Command, InboundMessage};
use deskbell::domain::contact::{Address, AddressKind, Sender};
use deskbell::domain::ids::Wamid;
use deskbell::domain::message::Content;
use deskbell::domain::time::Timestamp;
use deskbell::store::{Store, StoreOptions};

const CONTACTS: u64 = 1_000;
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

/// One envelope.
fn submit(store: &Store, commands: Vec<Command>) {
    let answers = store.submit_blocking(commands).expect("the store writes");
    assert!(answers.iter().all(Result::is_ok), "everything is accepted");
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

struct Traffic(u64);

impl Traffic {
    fn next(&mut self, messages: u64) -> Vec<Command> {
        (0..messages).map(|_| self.message()).collect()
    }

    fn message(&mut self) -> Command {
        self.0 += 1;
        let number = self.0;
        // Contacts in no particular order, as they would write.
        let contact = number.wrapping_mul(7_919) % CONTACTS;
        Command::Receive(Box::new(InboundMessage {
            phone_number_id: "106540352242922".to_owned(),
            sender: Sender {
                addresses: vec![Address { kind: AddressKind::Phone, value: format!("4915550{contact:06}") }],
                name: Some(format!("Contact {contact}")),
            },
            wamid: Wamid(format!(
                "wamid.HBgLNDkxNTU1{contact:06}FQIAEhgW{:016X}AA==",
                number.wrapping_mul(0x9E37_79B9_7F4A_7C15)
            )),
            sent_at: Timestamp(Clock::system().now().0 / 1_000 * 1_000),
            content: Content::Text(
                "Good morning, I wanted to ask where my parcel is; it should have come on Tuesday.".to_owned(),
            ),
            raw: None,
            quoted: None,
            system: false,
        }))
    }
}

fn channel() -> Command {
    Command::AddChannel(ChannelProfile {
        name: "Main number".to_owned(),
        phone_number_id: "106540352242922".to_owned(),
        business_account_id: None,
        display_number: "+1 555 0100".to_owned(),
        app_secret: "secret".to_owned(),
        verify_token: "token".to_owned(),
        access_token: "token".to_owned(),
        graph_url: "http://127.0.0.1:1".to_owned(),
        graph_version: "v23.0".to_owned(),
        messages_per_s_max: 80,
        asynchronous: true,
    })
}
