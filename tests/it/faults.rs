//! Disks that fail without losing power: each call once, no room, a damaged row.

use redb::ReadableTable as _;
use std::path::Path;
use std::time::{Duration, Instant};

use deskbell::clock::Clock;
use deskbell::domain::command::Command;
use deskbell::domain::ids::ConversationId;
use deskbell::store::{Answer, Snapshot, Store, StoreError, StoreOptions, StoreState, SubmitError};

use crate::harness::disk::Disk;
use crate::harness::traffic::{MORNING, opening, says, wamid};

const PATIENCE: Duration = Duration::from_secs(20);

/// Bytes of the commit log here.
const LOG_BYTES: u64 = 32 * 1024;

fn open(disk: &Disk) -> Result<Store, StoreError> {
    let options = StoreOptions::new(Clock::manual(MORNING)).with_backend(disk.factory()).with_floor_checked();
    // Small, so that checkpoints come often.
    let options = options.with_log_bytes(LOG_BYTES);
    Store::open(Path::new("in memory"), options)
}

/// Submits until it is taken, as Meta does.
fn insist(store: &Store, command: &Command) -> Answer {
    let start = Instant::now();
    loop {
        match store.submit_blocking(vec![command.clone()]) {
            Ok(mut answers) => return answers.remove(0),
            Err(SubmitError::Unavailable) if start.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(2));
            }
            Err(error) => panic!("no answer: {error}"),
        }
    }
}

fn wait_for(store: &Store, wanted: &StoreState) {
    let start = Instant::now();
    while *store.state().borrow() != *wanted {
        assert!(start.elapsed() < PATIENCE, "still {:?}", *store.state().borrow());
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn each_failing_call_loses_nothing_and_the_store_recovers_by_itself() {
    let mut failures = 0;
    for call in 1.. {
        let disk = Disk::new(call);
        let store = open(&disk).expect("a new store opens");
        store.submit_blocking(opening()).expect("the disk is well");
        disk.fail_at_call(call);
        for number in 0..8 {
            assert!(insist(&store, &says(number % 3, number)).is_ok(), "call {call}");
        }
        let failed = disk.has_failed();
        failures += u64::from(failed);
        wait_for(&store, &StoreState::Ready);
        check(&store, 8).unwrap_or_else(|error| panic!("call {call}: {error}"));
        drop(store);
        let store = open(&disk).unwrap_or_else(|error| panic!("call {call}: {error}"));
        check(&store, 8).unwrap_or_else(|error| panic!("call {call}, opened again: {error}"));
        if !failed {
            break;
        }
    }
    assert!(failures > 50, "only {failures} calls failed");
}

/// Every message once, and a dense journal.
fn check(store: &Store, messages: u64) -> Result<(), StoreError> {
    store.read(|snapshot| {
        let mut found = Vec::new();
        for conversation in (1..=3).map(ConversationId) {
            found.extend(snapshot.transcript(conversation, None, 100)?.into_iter().filter_map(|message| message.wamid));
        }
        found.sort();
        assert!(found.into_iter().eq((0..messages).map(wamid)), "each message once");
        let head = snapshot.head()?;
        assert!(snapshot.journal(0, usize::MAX)?.iter().map(|entry| entry.seq).eq(1..=head), "a dense journal");
        Ok(())
    })
}

#[test]
fn a_full_disk_refuses_writes_serves_readers_and_recovers_when_there_is_room() {
    let disk = Disk::new(1);
    let store = open(&disk).expect("a new store opens");
    store.submit_blocking(opening()).expect("the disk is well");
    store.submit_blocking(vec![says(1, 0)]).expect("the disk is well");
    disk.set_full(true);
    // However often it is asked: there is no room for this.
    for _ in 0..3 {
        assert_eq!(store.submit_blocking(vec![large()]).err(), Some(SubmitError::Unavailable));
        let start = Instant::now();
        while store.read(|snapshot| snapshot.transcript(ConversationId(1), None, 10)).is_err() {
            assert!(start.elapsed() < PATIENCE, "readers go on");
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    disk.set_full(false);
    assert!(insist(&store, &large()).is_ok());
    assert!(insist(&store, &says(1, 1)).is_ok());
    wait_for(&store, &StoreState::Ready);
    let transcript = store.read(|snapshot| snapshot.transcript(ConversationId(1), None, 10)).expect("it can be read");
    assert_eq!(transcript.len(), 2);
    assert_eq!(store.read(Snapshot::raw).expect("it can be read").len(), 1);
}

/// More than a small database has free.
fn large() -> Command {
    Command::KeepRaw { kind: "large".to_owned(), raw: "x".repeat(3 * 1024 * 1024) }
}

#[test]
fn a_store_whose_disk_stays_full_can_be_stopped() {
    let disk = Disk::new(2);
    let store = open(&disk).expect("a new store opens");
    store.submit_blocking(opening()).expect("the disk is well");
    disk.set_full(true);
    assert!(store.submit_blocking(vec![large()]).is_err());
    let start = Instant::now();
    store.stop();
    assert!(start.elapsed() < PATIENCE);
}

#[test]
fn a_damaged_row_harms_only_what_needs_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let options = || StoreOptions::new(Clock::manual(MORNING)).with_floor_checked();
    let store = Store::open(folder.path(), options()).expect("a new store opens");
    store.submit_blocking(opening()).expect("the disk is well");
    store.submit_blocking(vec![says(1, 0), says(2, 1)]).expect("the disk is well");
    drop(store);
    damage(&folder.path().join("deskbell.redb"), "contacts", 1);

    let store = Store::open(folder.path(), options()).expect("the floor is whole");
    let answers = store.submit_blocking(vec![says(1, 2), says(2, 3)]).expect("the store writes");
    assert!(answers.iter().all(Result::is_ok), "Meta is not asked to repeat it for days");
    let raw = store.read(Snapshot::raw).expect("it can be read");
    assert!(raw.iter().any(|(kind, raw)| kind == "quarantine_message" && raw.contains("message 2")), "kept");
    let second = store.read(|snapshot| snapshot.transcript(ConversationId(2), None, 10)).expect("it can be read");
    assert_eq!(second.len(), 2, "the other contact is served");
    let contact = store.read(|snapshot| snapshot.contact(deskbell::domain::ids::ContactId(1)));
    let error = contact.expect_err("the damage is reported").to_string();
    assert!(error.contains("contacts") && error.contains('1'), "{error}");
}

/// Flips a bit of a value behind the store's back.
fn damage(path: &Path, table: &str, key: u64) {
    let database = redb::Database::open(path).expect("nobody else has it");
    let transaction = database.begin_write().expect("it can be written");
    {
        let definition = redb::TableDefinition::<u64, &[u8]>::new(table);
        let mut table = transaction.open_table(definition).expect("the table is there");
        let mut value = table.get(key).expect("it can be read").expect("the row is there").value().to_vec();
        let last = value.len() - 1;
        value[last] ^= 0x10;
        table.insert(key, value.as_slice()).expect("it can be written");
    }
    transaction.commit().expect("it can be written");
}
