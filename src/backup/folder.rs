//! Names of backups in a folder: made, recognised, and removed when there are enough.
//!
//! `deskbell-<store>-<UTC date and time>.backup`, with `.age` behind it when it is encrypted and `.faulty` when what it
//! holds is not whole. Invariant: nothing that is not named so, for this very store, is ever removed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::domain::time::Timestamp;

/// What a name begins with.
const BEGIN: &str = "deskbell-";
/// What the name of a backup ends with …
const PLAIN: &str = ".backup";
/// … and that of one to a passphrase.
const SEALED: &str = ".backup.age";
/// Behind these, when what it holds is not whole.
pub(super) const FAULTY: &str = ".faulty";
/// What the name of an unfinished one ends with.
const DRAFT: &str = ".draft";
/// Characters of date and time.
const STAMP_CHARS: usize = 16;

/// Date and time in UTC, as names show them: `20260131T030000Z`.
fn stamp(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// The name of a backup that is made now.
pub(super) fn name(tag: &str, at: Timestamp, sealed: bool) -> String {
    format!("{BEGIN}{tag}-{}{}", stamp(at), if sealed { SEALED } else { PLAIN })
}

/// The name of a backup while it is made.
pub(super) fn draft_name(tag: &str, at: Timestamp) -> String {
    format!("{BEGIN}{tag}-{}{DRAFT}", stamp(at))
}

/// Whether a name is one of ours for this store, with this ending.
fn is_ours(name: &str, tag: &str, endings: &[&str]) -> bool {
    let stamp_and_ending =
        name.strip_prefix(BEGIN).and_then(|rest| rest.strip_prefix(tag)).and_then(|rest| rest.strip_prefix('-'));
    let Some((stamp, ending)) = stamp_and_ending.and_then(|rest| rest.split_at_checked(STAMP_CHARS)) else {
        return false;
    };
    let sound = stamp.bytes().enumerate().all(|(place, byte)| match place {
        8 => byte == b'T',
        15 => byte == b'Z',
        _ => byte.is_ascii_digit(),
    });
    sound && endings.contains(&ending)
}

/// The paths in a folder whose names are ours, oldest first.
fn ours(folder: &Path, tag: &str, endings: &[&str]) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_file = entry.file_type()?.is_file();
        if is_file && entry.file_name().to_str().is_some_and(|name| is_ours(name, tag, endings)) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// Removes what backups of this store that were broken off left behind: only one is made at a time.
pub(super) fn remove_drafts(folder: &Path, tag: &str) -> io::Result<()> {
    ours(folder, tag, &[DRAFT])?.iter().try_for_each(fs::remove_file)
}

/// Removes faulty backups of this store: the newest is the one to look at.
pub(super) fn remove_faulty(folder: &Path, tag: &str) -> io::Result<()> {
    let endings = [PLAIN, SEALED].map(|ending| format!("{ending}{FAULTY}"));
    ours(folder, tag, &endings.each_ref().map(String::as_str))?.iter().try_for_each(fs::remove_file)
}

/// Removes the oldest backups of this store, so that so many are left.
pub(super) fn keep_newest(folder: &Path, tag: &str, keep: usize) -> io::Result<()> {
    let found = ours(folder, tag, &[PLAIN, SEALED])?;
    found[..found.len().saturating_sub(keep)].iter().try_for_each(fs::remove_file)
}

#[cfg(test)]
mod tests {
    use super::{draft_name, is_ours, keep_newest, name, remove_drafts};
    use crate::domain::time::Timestamp;

    #[test]
    fn only_the_names_of_this_store_are_ours() {
        let at = Timestamp(1_769_828_400_000);
        assert_eq!(name("0a1b2c3d", at, false), "deskbell-0a1b2c3d-20260131T030000Z.backup");
        for ours in [name("0a1b2c3d", at, false), name("0a1b2c3d", at, true)] {
            assert!(is_ours(&ours, "0a1b2c3d", &[".backup", ".backup.age"]), "{ours}");
            assert!(!is_ours(&ours, "0a1b2c3e", &[".backup", ".backup.age"]), "another store's");
        }
        for strange in [
            "deskbell-0a1b2c3d-20260131T030000Z.backup.txt",
            "deskbell-0a1b2c3d-before-the-move.backup",
            "deskbell-0a1b2c3d-20260131T0300.backup",
            "deskbell-0a1b2c3d-20260131T03000éZ.backup",
            "my-deskbell-0a1b2c3d-20260131T030000Z.backup",
            "notes.txt",
        ] {
            assert!(!is_ours(strange, "0a1b2c3d", &[".backup", ".backup.age"]), "{strange}");
        }
    }

    #[test]
    fn the_oldest_go_and_strangers_stay() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let put = |name: &str| std::fs::write(folder.path().join(name), "x").expect("writable");
        let days: Vec<String> =
            (0..5).map(|day| name("0a1b2c3d", Timestamp(1_769_828_400_000 + day * 86_400_000), day % 2 == 0)).collect();
        days.iter().for_each(|name| put(name));
        let other = name("ffffffff", Timestamp(0), false);
        for stays in [other.as_str(), "notes.txt", "deskbell-0a1b2c3d-by-hand.backup"] {
            put(stays);
        }
        put(&draft_name("0a1b2c3d", Timestamp(0)));
        keep_newest(folder.path(), "0a1b2c3d", 2).expect("removable");
        remove_drafts(folder.path(), "0a1b2c3d").expect("removable");
        let mut left: Vec<_> =
            std::fs::read_dir(folder.path()).expect("readable").flatten().map(|entry| entry.file_name()).collect();
        left.sort();
        let mut expected = vec![days[3].as_str(), &days[4], &other, "notes.txt", "deskbell-0a1b2c3d-by-hand.backup"];
        expected.sort_unstable();
        assert_eq!(left, expected);
    }
}
