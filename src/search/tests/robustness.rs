//! Killed, damaged, deleted: never a wrong answer, never stuck.

use std::fs;
use std::process::Command as Program;
use std::time::{Duration, Instant};

use super::oracle::{self, Dice};
use super::*;

/// Copies a directory, as a power cut would leave it at this moment.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("readable").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else if path.extension().is_none_or(|ending| ending != "sock") {
            // Files of the index come and go.
            fs::copy(&path, &target).ok();
        }
    }
}

#[test]
fn an_index_whose_files_are_deleted_or_overwritten_is_mended() {
    let mut centre = Centre::new();
    for number in 0..50 {
        centre.says(number % 5, &format!("apple number {number}"));
    }
    centre.settle();
    let folder = centre.folder.join("search");
    // A merge may write a file while the folder is being emptied.
    while let Err(error) = fs::remove_dir_all(&folder) {
        assert_eq!(error.kind(), std::io::ErrorKind::DirectoryNotEmpty, "{error}");
    }
    assert_eq!(centre.finds("apple").total, 50, "what is open can still be read");
    centre.says(1, "one more apple");
    assert_eq!(centre.finds("apple").total, 51);
    // A rebuild shows what it has so far; in the end that is everything.
    for _ in 0..6_000 {
        let page = centre.finds("apple");
        if folder.join("meta.json").exists()
            && page.indexing.is_none()
            && page.total == 51
            && centre.search.waiting() == 0
        {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(folder.join("meta.json").exists(), "it is built anew");
    assert_eq!(centre.finds("apple").total, 51);

    centre.search.stop();
    for entry in fs::read_dir(&folder).expect("a folder") {
        let path = entry.expect("readable").path();
        if path.extension().is_some_and(|ending| ending == "idx") {
            let mut bytes = fs::read(&path).expect("readable");
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0xFF;
            fs::write(&path, bytes).expect("writable");
        }
    }
    centre.search = Search::start(centre.store.clone(), &centre.folder, centre.clock.clone()).expect("a thread");
    centre.settle();
    assert_eq!(centre.finds("apple").total, 51, "a damaged file is not believed");
}

#[test]
fn an_index_that_rots_under_a_running_server_is_mended() {
    let mut centre = Centre::new();
    for number in 0..200 {
        centre.says(number % 5, &format!("apple number {number}"));
    }
    centre.settle();
    let mut dice = Dice(5);
    for round in 0..6 {
        // A merge that is under way would read what rots now.
        centre = centre.again();
        let folder = centre.folder.join("search");
        let files = fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("readable").path());
        let kinds = ["idx", "pos", "term", "fast", "fieldnorm"];
        let of_kinds = |path: &PathBuf| path.extension().is_some_and(|ending| kinds.iter().any(|kind| *kind == ending));
        let rotten: Vec<PathBuf> = files.filter(of_kinds).filter(|path| rot(path, &mut dice)).collect();
        // Whatever is asked and said meanwhile has an answer, possibly that search is being mended.
        for query in ["apple", "\"apple number\"", "numb*", "apple -7", "aple", "on:2023-11-14 apple"] {
            for order in [Ranking::Newest, Ranking::Best] {
                if let Err(error) = centre.search.ask(&Question { order, ..question(query) }) {
                    assert!(matches!(error, crate::search::SearchError::Unavailable), "{query}: {error}");
                }
            }
        }
        centre.says(1, &format!("apple after {round}"));
        centre.search.commit();
        centre.search.shared.suspect();
        let wanted = 201 + round;
        let mended = (0..2_000).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            rotten.iter().all(|path| !path.exists())
                && centre.search.waiting() == 0
                && centre.search.progress().is_none()
                && centre.search.ask(&question("apple")).is_ok_and(|page| page.total == wanted && page.hits.len() == 20)
        });
        assert!(mended, "round {round}: it is built anew");
        oracle::compare(&centre, &mut dice, 10, "mended");
    }
}

/// A byte of a file becomes another, in place; `false` where a merge has taken the file away.
fn rot(path: &Path, dice: &mut Dice) -> bool {
    use std::os::unix::fs::FileExt as _;
    let Ok(file) = fs::OpenOptions::new().write(true).read(true).open(path) else { return false };
    let at = dice.below(file.metadata().expect("readable").len().max(1));
    let mut byte = [0];
    file.read_at(&mut byte, at).expect("readable");
    file.write_all_at(&[byte[0] ^ 0x5A], at).expect("writable");
    true
}

#[test]
fn an_index_of_another_store_or_another_time_is_not_used() {
    let mut other = Centre::new();
    other.says(1, "strange pear");
    other.settle();
    let mut centre = Centre::new();
    centre.says(1, "apple");
    centre.settle();
    let kept = tempfile::tempdir().expect("a folder");
    copy(&centre.folder.join("search"), kept.path());
    for number in 0..20 {
        centre.says(2, &format!("apple {number}"));
    }
    let Centre { folder, clock, store, search, holder: _holder, .. } = centre;
    search.stop();
    for foreign in [other.folder.join("search"), kept.path().to_owned()] {
        fs::remove_dir_all(folder.join("search")).expect("it was there");
        copy(&foreign, &folder.join("search"));
        let search = Search::start(store.clone(), &folder, clock.clone()).expect("a thread");
        let ask = |query: &str| search.ask(&question(query)).expect("an answer").total;
        for _ in 0..12_000 {
            if search.progress().is_none() {
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(ask("pear"), 0);
        assert_eq!(ask("apple"), 21);
        search.stop();
    }
}

#[test]
fn killed_at_any_point_nothing_is_missing_and_nothing_twice() {
    let mut dice = Dice(11);
    let mut centre = Centre::new();
    for round in 0..12 {
        for _ in 0..10 {
            centre.says(
                dice.below(5),
                ["apple refund", "order the", "AB-1234 re"][usize::try_from(dice.below(3)).expect("small")],
            );
        }
        if round % 3 == 0 {
            centre.search.rebuild();
        } else {
            centre.search.commit();
        }
        std::thread::sleep(Duration::from_millis(dice.below(12)));
        // The directory as it is in the middle of the indexer's work; the store itself is at rest.
        let cut = tempfile::tempdir().expect("a folder");
        copy(&centre.folder, cut.path());
        let Centre { clock, store, search, said, .. } = centre;
        search.stop();
        store.stop();
        centre = Centre::over(cut, clock, said);
        centre.settle();
        oracle::compare(&centre, &mut dice, 25, "after a kill");
    }
}

/// A memory disk, gone with its value; `None` without the right to mount one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new(bytes: u64) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let size = format!("size={bytes}");
        let mounted = Program::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Program::new("umount").arg("--lazy").arg(self.0.path()).status());
    }
}

#[test]
fn without_room_for_an_index_everything_is_found_and_later_it_is_built() {
    let Some(disk) = SmallDisk::new(64 * 1_024) else { return };
    let mut centre = Centre::new();
    centre.search.stop();
    for number in 0..600 {
        centre.says(number % 5, &format!("apple {number} {} {}", number * 7_919, number * 104_729));
    }
    let folder = disk.0.path();
    centre.search = Search::start(centre.store.clone(), folder, centre.clock.clone()).expect("a thread");
    let began = Instant::now();
    // It is tried again after one second, and after two more.
    while began.elapsed() < Duration::from_millis(3_500) {
        let page = centre.finds("apple");
        assert_eq!(page.total, 600, "what is in memory is found on");
        assert!(page.indexing.is_some(), "and the page says that the index is not there");
        std::thread::sleep(Duration::from_millis(20));
    }
    let larger = Program::new("mount").args(["-o", "remount,size=16m"]).arg(folder).status().expect("it runs");
    assert!(larger.success());
    for _ in 0..2_000 {
        if centre.search.progress().is_none() && centre.search.waiting() == 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(centre.search.waiting(), 0, "the index is built");
    assert_eq!(centre.finds("apple").total, 600);
    centre.search.stop();
}
