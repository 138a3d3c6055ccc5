//! Whether the box is well: one list of checks, each with its state, a sentence, and the way to mend what is wrong.
//!
//! Apart because `deskbell doctor` and the health page ask the same list, and because a check reads what nobody else
//! reads: the machine's files, its clock, its disk. Invariants: a check changes nothing but a probe that it removes
//! again; what cannot be looked at is no fault; no sentence holds a contact's text, name or number.

mod backup;
mod centre;
mod certificate;
mod disk;
mod host;
mod machine;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::search::Search;
use crate::store::Store;

pub use self::backup::Backups;
pub use self::machine::{Machine, Space};

/// How it stands with one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Well.
    Green,
    /// Works, but somebody should look at it.
    Yellow,
    /// Something is lost or stands still until a person mends it.
    Red,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The check's name: stable, for programs.
    pub check: String,
    /// How it stands.
    pub state: State,
    /// What was seen.
    pub sentence: String,
    /// What to do, where there is something to do.
    pub remedy: Option<String>,
}

/// What the checks look at. What is not there is not checked.
pub struct Inputs<'a> {
    /// The machine.
    pub machine: &'a Machine,
    /// The data directory.
    pub data: &'a Path,
    /// The machine's time.
    pub now: Timestamp,
    /// The open store.
    pub store: Option<&'a Store>,
    /// The index, in a server.
    pub search: Option<&'a Search>,
    /// Certificates that are served, as PEM files.
    pub certificates: &'a [PathBuf],
    /// How the last backups went, where that is known.
    pub backups: Option<Backups>,
}

/// What a check says; its name comes from the list.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    state: State,
    sentence: String,
    remedy: Option<String>,
}

impl Told {
    fn green(sentence: impl Into<String>) -> Self {
        Self { state: State::Green, sentence: sentence.into(), remedy: None }
    }

    fn yellow(sentence: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { state: State::Yellow, sentence: sentence.into(), remedy: Some(remedy.into()) }
    }

    fn red(sentence: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { state: State::Red, sentence: sentence.into(), remedy: Some(remedy.into()) }
    }
}

type Check = fn(&Inputs<'_>) -> Vec<Told>;

/// The list. The order is that of what to mend first.
const CHECKS: [(&str, Check); 16] = [
    ("store", centre::store),
    ("disk_space", disk::space),
    ("disk_speed", disk::speed),
    ("disk_wear", disk::wear),
    ("file_system", disk::file_system),
    ("file_modes", disk::modes),
    ("clock", host::clock),
    ("power", host::power),
    ("memory", host::memory),
    ("open_files", host::open_files),
    ("access_token", centre::tokens),
    ("webhooks", centre::webhooks),
    ("outbox", centre::outbox),
    ("search_index", centre::index),
    ("certificate", certificate::expiry),
    ("backup", backup::age),
];

/// Makes every check. Blocks: some touch the disk.
#[must_use]
pub fn examine(inputs: &Inputs<'_>) -> Vec<Finding> {
    let named = |name: &str, told: Told| Finding {
        check: name.to_owned(),
        state: told.state,
        sentence: told.sentence,
        remedy: told.remedy,
    };
    CHECKS.iter().flat_map(|(name, check)| check(inputs).into_iter().map(|told| named(name, told))).collect()
}

/// That the data directory cannot be opened, for this reason: found by whoever tried.
#[must_use]
pub fn unopened(reason: &str, locked: bool) -> Finding {
    let remedy = if locked {
        "Two servers on one directory would harm each other, so the second does not start. Find the first one with \
         `pgrep -a deskbell`, and stop one of them."
    } else {
        "Look at the sentence above; if the files are damaged, restore a backup into an empty directory."
    };
    Finding {
        check: "store".to_owned(),
        state: State::Red,
        sentence: reason.to_owned(),
        remedy: Some(remedy.to_owned()),
    }
}

/// The worst of all states.
#[must_use]
pub fn worst(findings: &[Finding]) -> State {
    findings.iter().map(|finding| finding.state).max().unwrap_or(State::Green)
}

/// A span of time as people say it.
fn span(ms: i64) -> String {
    let minutes = ms / 60_000;
    match minutes {
        ..2 => format!("{} s", ms / 1_000),
        2..120 => format!("{minutes} minutes"),
        120..2_880 => format!("{} hours", minutes / 60),
        _ => format!("{} days", minutes / 1_440),
    }
}

/// A day and a time, in UTC.
fn moment(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
