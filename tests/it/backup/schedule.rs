//! Backups that are made by themselves, and the one before a directory is brought to a newer layout.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use deskbell::backup::{self, Keeper};
use deskbell::clock::Clock;
use deskbell::domain::backup::BackupSchedule;
use deskbell::domain::command::Command;
use deskbell::domain::time::Timestamp;
use deskbell::store::{Dump, Filler, Store, StoreError, StoreOptions};

use super::{checked, does, lasting, restored, rows};
use crate::harness::traffic::{MORNING, says};

/// Longer than a day and a change of the clock.
const DAY_MS: i64 = 25 * 60 * 60 * 1_000;
const PATIENCE: Duration = Duration::from_secs(30);

fn named(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("readable").flatten().map(|entry| entry.path());
    let mut found: Vec<_> = entries.filter(|path| path.to_string_lossy().ends_with(ending)).collect();
    found.sort();
    found
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "it never happened: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn happens(store: &Store, command: Command) {
    let answers = store.submit(vec![command]).await.expect("the store takes it");
    assert!(answers[0].is_ok(), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_made_each_day_old_ones_go_and_a_failure_is_remembered() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let backups = folder.path().join("backups");
    fs::create_dir(&backups).expect("writable");
    fs::write(backups.join("deskbell-by-hand.backup"), "somebody's").expect("writable");
    let clock = Clock::manual(MORNING);
    let store = Store::open(&folder.path().join("data"), StoreOptions::new(clock.clone())).expect("it opens");
    let keeper = Keeper::start(store.clone(), clock.clone());
    let schedule = |folder: &Path| BackupSchedule {
        folder: folder.to_string_lossy().into_owned(),
        at_minute: 180,
        keep: 2,
        passphrase_file: None,
    };
    assert_eq!(backup::refusal(&schedule(&backups)), None);
    assert!(backup::refusal(&schedule(Path::new("/nowhere"))).is_some_and(|told| told.contains("/nowhere")));
    happens(&store, Command::SetBackupSchedule(Some(schedule(&backups)))).await;
    let made = || backup::standing(&store).expect("readable").made;
    for day in 1..=4 {
        let before = made();
        clock.advance_ms(DAY_MS);
        // Something happens, as it does in a centre: the worker looks.
        happens(&store, Command::KeepRaw { kind: "x".to_owned(), raw: format!("{day}") }).await;
        until("a day's backup", || made() != before).await;
        assert_eq!(named(&backups, ".backup").len(), 1 + usize::try_from(day).unwrap_or(0).min(2), "day {day}");
    }
    assert!(backups.join("deskbell-by-hand.backup").exists(), "what is not ours stays");
    let newest = made().expect("it was made").1;
    assert!(backup::verify_file(Path::new(&newest), None).expect("it is whole").checked.findings.is_empty());

    fs::rename(&backups, folder.path().join("unplugged")).expect("movable");
    clock.advance_ms(DAY_MS);
    happens(&store, Command::KeepRaw { kind: "x".to_owned(), raw: "5".to_owned() }).await;
    let failed = || backup::standing(&store).expect("readable").failed;
    until("the failure is known", || failed().is_some()).await;
    assert!(failed().expect("it failed").1.contains("There is no folder"), "{:?}", failed());
    assert_eq!(made().expect("the last one that was made is still known").1, newest);
    happens(&store, Command::SetBackupSchedule(None)).await;
    assert_eq!(backup::schedule(&store).expect("readable"), None);
    keeper.stop();
    store.stop();
}

fn first_layout(data: &Path) {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format-1");
    fs::create_dir_all(data).expect("writable");
    for name in ["deskbell.redb", "deskbell.log"] {
        let packed = fs::read(kept.join(format!("{name}.gz"))).expect("it is in the project");
        let mut file = fs::File::create(data.join(name)).expect("writable");
        std::io::copy(&mut flate2::read::GzDecoder::new(packed.as_slice()), &mut file).expect("it unpacks");
    }
}

#[test]
fn a_directory_of_an_earlier_layout_is_backed_up_before_it_is_changed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    first_layout(&data);
    let options = backup::options(Clock::manual(Timestamp(1_900_000_000_000)));
    let before = rows(&Dump::open(&data, &options).expect("it is read as it is"));
    Store::open(&data, options.clone()).expect("it opens").stop();
    let kept = named(&data.join("backups-before-upgrade"), ".backup");
    assert_eq!(kept.len(), 1, "one backup");
    let verified = backup::verify_file(&kept[0], None).expect("it is whole");
    assert!(verified.report().contains("layout 1") && verified.report().contains("left in their place"));
    assert_eq!(verified.checked.findings, Vec::<String>::new());
    restored(&kept[0], &copy, None).expect("it is restored");
    let dump = Dump::open(&copy, &options).expect("it opens");
    assert_eq!(dump.moment().format, 1, "the earlier program reads it");
    assert!(lasting(rows(&dump)) == lasting(before), "every row is as it was");
    drop(dump);
    for data in [&data, &copy] {
        let store = Store::open(data, options.clone()).expect("it opens");
        let dump = store.dump().expect("readable");
        assert_eq!(dump.moment().format, 4, "and this one brings it to its own layout");
        assert_eq!(checked(&rows(&dump)).findings, Vec::<String>::new());
        drop(dump);
        does(&store, Command::KeepRaw { kind: "x".to_owned(), raw: "it goes on".to_owned() });
        store.stop();
    }
    assert_eq!(named(&data.join("backups-before-upgrade"), ".backup"), kept, "once");
}

#[test]
fn without_a_backup_before_it_nothing_is_changed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    first_layout(folder.path());
    let options = backup::options(Clock::manual(Timestamp(1_900_000_000_000)));
    // In the folder's place lies a file.
    fs::write(folder.path().join("backups-before-upgrade"), "x").expect("writable");
    let told = Store::open(folder.path(), options.clone()).expect_err("it is refused").to_string();
    assert!(told.contains("earlier layout") && told.contains("Nothing was changed"), "{told}");
    assert_eq!(Dump::open(folder.path(), &options).expect("it is as it was").moment().format, 1);
}

#[test]
fn a_newer_layout_is_refused_with_the_way_back() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (data, newer) = (folder.path().join("data"), folder.path().join("newer"));
    let store = super::open(&data);
    does(&store, Command::KeepRaw { kind: "x".to_owned(), raw: "y".to_owned() });
    let all = rows(&store.dump().expect("readable"));
    store.stop();
    fs::create_dir(&newer).expect("writable");
    let mut filler = Filler::create(&newer).expect("writable");
    for (table, key, value) in &all {
        let mut value = value.clone();
        if (*table, key.as_slice()) == (1, &[0]) {
            // The layout's number is the last four bytes; the checksum stands behind the version.
            let place = value.len() - 4;
            value[place..].copy_from_slice(&99_u32.to_le_bytes());
            let checksum = crc32fast::hash(&[&value[..1], &value[5..]].concat());
            value[1..5].copy_from_slice(&checksum.to_le_bytes());
        }
        filler.rows(*table, std::iter::once((key.as_slice(), value.as_slice()))).expect("writable");
    }
    filler.finish().expect("writable");
    let options = StoreOptions::new(Clock::manual(MORNING));
    for told in [Store::open(&newer, options.clone()).map(drop), Dump::open(&newer, &options).map(drop)] {
        let told = told.expect_err("it is refused");
        assert!(matches!(told, StoreError::Newer(99)), "{told}");
        assert!(told.to_string().contains("backups-before-upgrade"), "{told}");
    }
    let store = super::open(&data);
    drop(store.submit_blocking(vec![says(1, 1)]));
    store.stop();
}
