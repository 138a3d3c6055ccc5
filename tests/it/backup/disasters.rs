//! Kills, full and read-only disks and a stop in the middle: no half backup gets a name, no half store opens.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use deskbell::domain::command::Command as Ask;

use super::commands::text;
use super::{does, morning, on_shelf};
use crate::harness::logged::{deskbell, told};
use crate::harness::server::serve;
use crate::harness::traffic::ANA;

const PATIENCE: Duration = Duration::from_secs(60);

/// A morning with sixty megabytes of pictures, so that everything takes a while.
fn heavy(data: &Path) {
    let store = morning(data);
    let mut state = 1_u64;
    for _ in 0..12 {
        let mut bytes = vec![0; 5_000_000];
        for part in bytes.chunks_mut(8) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            part.copy_from_slice(&state.to_le_bytes()[..part.len()]);
        }
        does(&store, Ask::AddFile { agent: ANA, file: on_shelf(data, &bytes) });
    }
    store.stop();
}

fn begin(arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell"));
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs")
}

fn until<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "it never happened: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// The draft in a folder, once it has some megabytes.
fn draft(folder: &Path) -> PathBuf {
    until("a draft grows", || {
        let name = names(folder).into_iter().find(|name| name.ends_with(".draft"))?;
        let path = folder.join(name);
        (fs::metadata(&path).ok()?.len() > 3_000_000).then_some(path)
    })
}

#[test]
fn a_server_that_is_killed_or_stopped_in_the_middle_leaves_no_backup_and_the_next_one_tidies_up() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (data, backups) = (folder.path().join("data"), folder.path().join("backups"));
    fs::create_dir(&backups).expect("writable");
    heavy(&data);
    let (data_text, backups_text) = (text(&data), text(&backups));
    let arguments = ["backup", backups_text.as_str(), "--data", data_text.as_str()];

    let (mut server, _) = serve(&data);
    let asked = begin(&arguments);
    draft(&backups);
    server.0.kill().expect("it runs");
    let output = asked.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    assert!(told(&output).contains("did not answer, or was stopped meanwhile"), "{}", told(&output));
    drop(server);
    assert!(names(&backups).iter().all(|name| name.ends_with(".draft")), "{:?}", names(&backups));

    let (mut server, _) = serve(&data);
    let asked = begin(&arguments);
    draft(&backups);
    let began = Instant::now();
    assert!(Command::new("kill").args(["-TERM", &server.0.id().to_string()]).status().expect("kill runs").success());
    assert!(server.0.wait().expect("it ends").success());
    assert!(began.elapsed() < Duration::from_secs(10), "a backup does not hold a stop up");
    let output = asked.wait_with_output().expect("it ends");
    assert!(!output.status.success(), "{}", told(&output));
    assert_eq!(names(&backups), Vec::<String>::new(), "what was killed and what was stopped is gone");

    let made = deskbell(&arguments);
    assert!(made.status.success(), "{}", told(&made));
    assert_eq!(names(&backups).len(), 1);
}

#[test]
fn a_restore_that_is_killed_leaves_nothing_that_opens() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    heavy(&data);
    let file = text(&folder.path().join("a.backup"));
    let made = deskbell(&["backup", &file, "--data", &text(&data)]);
    assert!(made.status.success(), "{}", told(&made));
    let copy_text = text(&copy);
    let mut restoring = begin(&["restore", &file, "--data", &copy_text]);
    until("files come", || copy.join("media").exists().then_some(()));
    restoring.kill().expect("it runs");
    restoring.wait().expect("it ends");
    assert!(!copy.join("deskbell.redb").exists(), "the store has no name yet");
    for arguments in [
        vec!["serve", "--data", &copy_text, "--listen", "127.0.0.1:0"],
        vec!["settings", "--main-language", "de", "--data", &copy_text],
        vec!["verify", "--data", &copy_text],
        vec!["backup", &copy_text, "--data", &copy_text],
    ] {
        let refused = deskbell(&arguments);
        assert!(!refused.status.success(), "{arguments:?}");
        assert!(told(&refused).contains("the restore did not end"), "{}", told(&refused));
    }
    let again = deskbell(&["restore", &file, "--data", &copy_text]);
    assert_eq!(again.status.code(), Some(2), "{}", told(&again));
    fs::remove_dir_all(&copy).expect("removable");
    let again = deskbell(&["restore", &file, "--data", &copy_text]);
    assert!(again.status.success(), "{}", told(&again));
}

/// A small disk in memory, where this may be mounted.
struct Mounted(tempfile::TempDir);

impl Mounted {
    fn new(options: &str) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder.path()).output();
        let mounted = mounted.is_ok_and(|output| output.status.success());
        if !mounted {
            let said = b"skipped: a full disk needs the right to mount a memory disk\n";
            drop(std::io::Write::write_all(&mut std::io::stderr(), said));
        }
        mounted.then_some(Self(folder))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("--lazy").arg(self.0.path()).status());
    }
}

#[test]
fn a_full_disk_and_a_read_only_one_are_said_clearly_and_the_server_goes_on() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    heavy(&data);
    let (_server, _) = serve(&data);
    let (Some(small), Some(sealed)) = (Mounted::new("size=40m"), Mounted::new("ro,size=200m")) else { return };
    for (disk, word) in [(&small, "no room"), (&sealed, "Read-only")] {
        let refused = deskbell(&["backup", &text(disk.0.path()), "--data", &text(&data)]);
        assert_eq!(refused.status.code(), Some(1), "{}", told(&refused));
        assert!(told(&refused).contains(word), "{}", told(&refused));
        assert_eq!(names(disk.0.path()), Vec::<String>::new(), "nothing is left behind");
    }
    let shown = deskbell(&["backup-schedule", "show", "--data", &text(&data)]);
    assert!(told(&shown).contains("One failed on"), "{}", told(&shown));
    let set = deskbell(&["settings", "--main-language", "de", "--data", &text(&data)]);
    assert!(set.status.success(), "the server goes on: {}", told(&set));

    // A restore into too small a disk leaves it empty.
    let file = text(&folder.path().join("a.backup"));
    let made = deskbell(&["backup", &file, "--data", &text(&data)]);
    assert!(made.status.success(), "{}", told(&made));
    let refused = deskbell(&["restore", &file, "--data", &text(small.0.path())]);
    assert_eq!(refused.status.code(), Some(1), "{}", told(&refused));
    assert_eq!(names(small.0.path()), Vec::<String>::new(), "nothing is left behind");
}
