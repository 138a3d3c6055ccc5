//! What a store promises to those who use it, on a healthy disk.

use deskbell::clock::Clock;
use deskbell::domain::command::Command;
use deskbell::domain::time::Timestamp;
use deskbell::store::{Store, StoreError, StoreOptions};

fn options() -> StoreOptions {
    StoreOptions { check_floor: true, ..StoreOptions::new(Clock::manual(Timestamp(1_700_000_000_000))) }
}

#[test]
fn a_new_store_has_a_queue_and_outcome_codes_and_is_found_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data");
    let store = Store::open(&path, options()).unwrap();
    let tag = store.tag().to_owned();
    let queues = store.read(|snapshot| snapshot.queues()).unwrap();
    assert_eq!(queues.iter().map(|queue| queue.name.as_str()).collect::<Vec<_>>(), ["Support"]);
    assert_eq!(store.read(|snapshot| snapshot.dispositions()).unwrap().len(), 4);
    drop(store);

    let again = Store::open(&path, options()).unwrap();
    assert_eq!(again.tag(), tag);
    assert_eq!(again.read(|snapshot| snapshot.queues()).unwrap(), queues);
}

#[test]
fn a_second_process_is_told_who_holds_the_directory() {
    let directory = tempfile::tempdir().unwrap();
    let _store = Store::open(directory.path(), options()).unwrap();
    let error = Store::open(directory.path(), options()).unwrap_err();
    assert!(matches!(error, StoreError::Locked(_)), "{error}");
}

#[test]
fn a_stopped_store_refuses() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path(), options()).unwrap();
    store.submit_blocking(vec![Command::Tick]).unwrap();
    store.stop();
    assert!(store.submit_blocking(vec![Command::Tick]).is_err());
    assert!(store.read(|snapshot| snapshot.head()).is_err());
}
