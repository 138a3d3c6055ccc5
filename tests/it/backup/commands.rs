//! `backup`, `verify`, `restore` and `backup-schedule` by the real binary, beside a server and without one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::morning;
use crate::harness::logged::{deskbell, told};
use crate::harness::server::{Server, serve};

pub(super) fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The only file in a folder.
fn only(folder: &Path) -> PathBuf {
    let found: Vec<_> = fs::read_dir(folder).expect("readable").flatten().map(|entry| entry.path()).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

#[test]
fn a_backup_is_made_verified_and_restored_beside_a_server_and_without_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    morning(&data).stop();
    let data = text(&data);
    for served in [false, true] {
        let server = served.then(|| serve(Path::new(&data)));
        let (backups, copy) =
            (folder.path().join(format!("backups {served}")), folder.path().join(format!("copy {served}")));
        fs::create_dir(&backups).expect("writable");
        let made = deskbell(&["backup", &text(&backups), "--data", &data]);
        assert!(made.status.success() && told(&made).contains("made and verified"), "{}", told(&made));
        let file = only(&backups);
        let name = file.file_name().expect("it has one").to_string_lossy().into_owned();
        assert!(name.starts_with("deskbell-") && name.ends_with("Z.backup"), "{name}");
        let verified = deskbell(&["verify", &text(&file)]);
        assert!(verified.status.success() && told(&verified).contains("Everything is whole"), "{}", told(&verified));
        assert!(
            told(&verified).contains("messages 1") && told(&verified).contains("References followed"),
            "with counts"
        );
        let verified = deskbell(&["verify", "--data", &data]);
        assert!(verified.status.success() && told(&verified).contains("Everything is whole"), "{}", told(&verified));
        let restored = deskbell(&["restore", &text(&file), "--data", &text(&copy)]);
        assert!(restored.status.success() && told(&restored).contains("was read back"), "{}", told(&restored));
        let again = deskbell(&["restore", &text(&file), "--data", &text(&copy)]);
        assert_eq!(again.status.code(), Some(2), "{}", told(&again));
        assert!(told(&again).contains("is not empty"), "{}", told(&again));
        let (_server, _) = serve(&copy);
        let searched = deskbell(&["search", "answer", "--data", &text(&copy)]);
        assert!(
            searched.status.success() && told(&searched).contains("answer 1"),
            "the index is built anew: {}",
            told(&searched)
        );
        drop(server);
    }
}

#[test]
fn a_backup_to_a_passphrase_takes_it_from_a_file_beside_a_server() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    morning(&data).stop();
    let (_server, _) = serve(&data);
    let (right, wrong) = (folder.path().join("right.txt"), folder.path().join("wrong.txt"));
    fs::write(&right, "correct horse\n").expect("writable");
    fs::write(&wrong, "battery staple\n").expect("writable");
    let file = text(&folder.path().join("sealed"));
    let made = deskbell(&["backup", &file, "--passphrase-file", &text(&right), "--data", &text(&data)]);
    assert!(made.status.success(), "{}", told(&made));
    let bytes = fs::read(&file).expect("readable");
    assert!(bytes.starts_with(b"age-encryption.org/v1\n-> scrypt "), "age opens it too");
    assert!(!bytes.windows(9).any(|part| part == b"answer 1\0" || part == b"message 1"), "no text can be read in it");
    let verified = deskbell(&["verify", &file, "--passphrase-file", &text(&right)]);
    assert!(verified.status.success(), "{}", told(&verified));
    let closed = deskbell(&["verify", &file, "--passphrase-file", &text(&wrong)]);
    assert!(!closed.status.success() && told(&closed).contains("does not open it"), "{}", told(&closed));
    let closed = deskbell(&["verify", &file]);
    assert_eq!(closed.status.code(), Some(2), "{}", told(&closed));
}

#[test]
fn nonsense_is_refused_with_a_sentence_and_exit_code_2() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    morning(&data).stop();
    let (data, there) = (text(&data), text(&folder.path().join("there")));
    fs::write(&there, "x").expect("writable");
    let nowhere = text(&folder.path().join("no/where"));
    let empty = text(&folder.path().join("empty"));
    fs::write(&empty, "").expect("writable");
    for (arguments, word) in [
        (vec!["backup", &there, "--data", &data], "there already"),
        (vec!["backup", &nowhere, "--data", &data], "no folder"),
        (vec!["backup", &there, "--passphrase-file", &empty, "--data", &data], "is empty"),
        (vec!["backup", &there, "--passphrase-file", &nowhere, "--data", &data], "cannot be read"),
        (vec!["verify", &nowhere], "cannot be read"),
        (vec!["verify", &data], "is no file"),
        (vec!["verify"], "required"),
        (vec!["restore", &there], "--data"),
        (vec!["restore", &nowhere, "--data", &nowhere], "cannot be read"),
        (vec!["restore", &there, "--data", &there], "no directory"),
        (vec!["backup-schedule", "set", "--folder", "/", "--at", "24:00", "--data", &data], "03:00"),
        (vec!["backup-schedule", "set", "--folder", "/", "--keep", "0", "--data", &data], "backups are kept"),
        (vec!["backup-schedule", "set", "--folder", &nowhere, "--data", &data], "cannot be written"),
    ] {
        let output = deskbell(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", told(&output));
        assert!(told(&output).contains(word), "{arguments:?}: {}", told(&output));
    }
    for arguments in [vec!["backup", "/", "--data", &nowhere], vec!["verify", "--data", &nowhere]] {
        let output = deskbell(&arguments);
        assert!(!output.status.success() && told(&output).contains("no Deskbell data directory"), "{}", told(&output));
        assert!(!Path::new(&nowhere).exists(), "looking makes nothing");
    }
    let foreign = deskbell(&["verify", &there]);
    assert!(!foreign.status.success() && told(&foreign).contains("no backup of Deskbell"), "{}", told(&foreign));
}

#[test]
fn a_schedule_is_set_told_and_switched_off() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (data, backups) = (text(&folder.path().join("data")), text(&folder.path().join("backups")));
    fs::create_dir(&backups).expect("writable");
    morning(Path::new(&data)).stop();
    let schedule = |rest: &[&str]| {
        let output = deskbell(&[&["backup-schedule"], rest, &["--data", &data]].concat());
        assert!(output.status.success(), "{}", told(&output));
        told(&output)
    };
    assert!(schedule(&["show"]).contains("No backups are made by themselves"));
    let (server, _) = serve(Path::new(&data));
    let set = schedule(&["set", "--folder", &backups, "--at", "3:05", "--keep", "7"]);
    assert!(set.contains("03:05") && set.contains(&backups) && set.contains("7 are kept"), "{set}");
    let made = deskbell(&["backup", &backups, "--data", &data]);
    assert!(made.status.success(), "{}", told(&made));
    drop(server);
    let shown = schedule(&["show"]);
    assert!(shown.contains("03:05") && shown.contains("The last one was made on"), "{shown}");
    schedule(&["off"]);
    assert!(schedule(&["show"]).contains("No backups are made by themselves"));
}

/// A past of hundreds of conversations, templates and files, as every newcomer meets it.
#[test]
fn the_demo_is_whole() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let child = Command::new(env!("CARGO_BIN_EXE_deskbell"))
        .args(["demo", "--listen", "127.0.0.1:0", "--phone-listen", "127.0.0.1:0"])
        .env("TMPDIR", folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let _demo = Server(child.expect("the binary runs"));
    let began = Instant::now();
    let data = loop {
        let mut found = fs::read_dir(folder.path()).expect("readable").flatten().map(|entry| entry.path());
        if let Some(data) = found.find(|path| path.join("control.sock").exists()) {
            break data;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "the demo does not start");
        std::thread::sleep(Duration::from_millis(20));
    };
    let verified = deskbell(&["verify", "--data", &text(&data)]);
    assert!(verified.status.success() && told(&verified).contains("Everything is whole"), "{}", told(&verified));
    let file = text(&folder.path().join("demo.backup"));
    let made = deskbell(&["backup", &file, "--data", &text(&data)]);
    assert!(made.status.success(), "{}", told(&made));
}

#[test]
fn backups_during_a_rehearsal_are_whole_and_are_told_beside_the_acknowledgements() {
    let dialogues = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/rehearsal.jsonl");
    let output = deskbell(&[
        "rehearse",
        "--json",
        "--agents",
        "5",
        "--rate",
        "60",
        "--backup-every-s",
        "0.2",
        "--dialogues",
        dialogues,
    ]);
    assert!(output.status.success(), "{}", told(&output));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!(report["mismatches"], 0, "{report}");
    assert!(report["backups"]["backups"].as_u64().is_some_and(|backups| backups > 2), "{report}");
    assert!(!told(&output).contains("a backup failed"), "{}", told(&output));
}
