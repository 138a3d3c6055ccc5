//! Backups, checks of the data and the schedule, asked for on the command line.
//!
//! A backup and a check need no writer, so without a server they read the directory as it is, in whatever layout.
//! Invariant: the passphrase crosses the socket and is kept nowhere; the schedule holds the path of a file.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::backup::{self, BackupError, Order};
use crate::clock::Clock;
use crate::domain::backup::{BackupOutcome, BackupSchedule};
use crate::domain::command::Command;
use crate::limits::BACKUPS_KEPT_MAX;
use crate::media::Shelf;
use crate::store::{Dump, Store, StoreError};

use super::door::{ask_server, connected, server_or};
use super::{Answer, Request, not_now};

/// A backup as the command line asks for it.
#[derive(Clone, Serialize, Deserialize)]
pub struct BackupRequest {
    /// A folder or a new file, from the root.
    pub target: PathBuf,
    /// To whom it is encrypted.
    pub passphrase: Option<String>,
}

/// What becomes of the schedule.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleChange {
    /// Backups are made by themselves from now on.
    Set {
        /// The folder, from the root.
        folder: String,
        /// Minutes after midnight.
        at_minute: u16,
        /// How many are kept.
        keep: u16,
        /// A file with the passphrase.
        passphrase_file: Option<String>,
    },
    /// None are made by themselves.
    Off,
    /// Tell how it stands.
    Show,
}

/// Makes a backup, by the server that serves the directory or by this process.
///
/// # Errors
/// A sentence: there is no store, or the server did not answer.
pub fn back_up(data: &Path, request: BackupRequest) -> Result<Answer, String> {
    let shelf = Shelf::of(data);
    let alone = |dump: &Dump| {
        let BackupRequest { target, passphrase } = &request;
        let now = Clock::system().now();
        let passphrase = passphrase.as_deref();
        let order = Order { target, passphrase, shelf: Some(&shelf), now, gentle: false };
        made(&backup::make(dump, &order))
    };
    served_or_alone(data, &Request::Backup(request.clone()), alone)
}

/// Checks everything that a data directory holds, by the server that serves it or by this process.
///
/// # Errors
/// A sentence: there is no store, or the server did not answer.
pub fn verify(data: &Path) -> Result<Answer, String> {
    served_or_alone(data, &Request::Verify, |dump| verified(backup::verify_data(dump, &Shelf::of(data), false)))
}

fn served_or_alone(data: &Path, request: &Request, alone: impl FnOnce(&Dump) -> Answer) -> Result<Answer, String> {
    let options = backup::options(Clock::system());
    match server_or(data, || Dump::open(data, &options)).map_err(|error| error.to_string())? {
        Err(socket) => connected(&socket)
            .and_then(|stream| ask_server(stream, request))
            .map_err(|error| format!("The server did not answer, or was stopped meanwhile: {error}.")),
        Ok(dump) => Ok(alone(&dump)),
    }
}

pub(super) async fn make(store: &Store, request: BackupRequest) -> Answer {
    let worker = store.clone();
    let outcome = backup::on_own_thread(move || {
        let shelf = Shelf::of(worker.directory());
        let now = Clock::system().now();
        let passphrase = request.passphrase.as_deref();
        let order = Order { target: &request.target, passphrase, shelf: Some(&shelf), now, gentle: true };
        backup::make(&worker.dump()?, &order)
    });
    let Some(outcome) = outcome.await else { return broken() };
    let answer = made(&outcome);
    let noted = match outcome {
        Ok(made) if answer.done => BackupOutcome::Made { path: made.path.display().to_string(), bytes: made.bytes },
        Err(BackupError::Refused(_) | BackupError::Store(StoreError::Dumping | StoreError::Closed)) => return answer,
        Ok(_) | Err(_) => BackupOutcome::Failed(answer.sentence.clone()),
    };
    if let Err(error) = store.submit(vec![Command::RecordBackup(noted)]).await {
        tracing::warn!(%error, "how the backup went cannot be noted");
    }
    answer
}

fn made(outcome: &Result<backup::Made, BackupError>) -> Answer {
    match outcome {
        Ok(made) if made.checked.findings_total == 0 => Answer::of(true, made.sentence()),
        Ok(made) => Answer::failed(made.sentence()),
        Err(error) => wrong(error),
    }
}

pub(super) async fn verify_served(store: &Store) -> Answer {
    let worker = store.clone();
    let outcome = backup::on_own_thread(move || {
        let shelf = Shelf::of(worker.directory());
        backup::verify_data(&worker.dump()?, &shelf, true)
    });
    outcome.await.map_or_else(broken, verified)
}

fn verified(outcome: Result<backup::Verified, BackupError>) -> Answer {
    match outcome {
        Ok(verified) if verified.checked.findings_total == 0 => Answer::of(true, verified.report()),
        Ok(verified) => Answer::failed(verified.report()),
        Err(error) => wrong(&error),
    }
}

fn wrong(error: &BackupError) -> Answer {
    if error.is_refusal() { Answer::of(false, error.to_string()) } else { Answer::failed(error.to_string()) }
}

fn broken() -> Answer {
    Answer::failed("The work broke off; look at the log.".to_owned())
}

pub(super) async fn schedule(store: &Store, change: ScheduleChange) -> Answer {
    let (schedule, told) = match change {
        ScheduleChange::Show => return show(store),
        ScheduleChange::Off => (None, "No backups are made by themselves any more.".to_owned()),
        ScheduleChange::Set { folder, at_minute, keep, passphrase_file } => {
            if keep == 0 || keep > BACKUPS_KEPT_MAX {
                return Answer::of(false, format!("1 to {BACKUPS_KEPT_MAX} backups are kept."));
            }
            let schedule = BackupSchedule { folder, at_minute, keep, passphrase_file };
            if let Some(sentence) = backup::refusal(&schedule) {
                return Answer::of(false, sentence);
            }
            let told = format!("From now on: {}", in_words(&schedule));
            (Some(schedule), told)
        }
    };
    match store.submit(vec![Command::SetBackupSchedule(schedule)]).await {
        Ok(answers) if answers.iter().all(Result::is_ok) => Answer::of(true, told),
        Ok(_) => Answer::of(false, "This is no schedule."),
        Err(error) => not_now(error),
    }
}

fn show(store: &Store) -> Answer {
    let read = || Ok::<_, StoreError>((backup::schedule(store)?, backup::standing(store)?));
    let (schedule, standing) = match read() {
        Ok(found) => found,
        Err(error) => return Answer::failed(error.to_string()),
    };
    let mut lines = vec![schedule.map_or_else(
        || "No backups are made by themselves; `deskbell backup-schedule set` changes that.".to_owned(),
        |schedule| in_words(&schedule),
    )];
    lines.push(match standing.made {
        Some((at, path, bytes)) => format!("The last one was made on {}: {path}, {bytes} bytes.", time(at.0)),
        None => "None was made yet.".to_owned(),
    });
    if let Some((at, reason)) = standing.failed {
        lines.push(format!("One failed on {}: {reason}", time(at.0)));
    }
    Answer::of(true, lines.join("\n"))
}

fn in_words(schedule: &BackupSchedule) -> String {
    let BackupSchedule { folder, at_minute, keep, passphrase_file } = schedule;
    let sealed =
        passphrase_file.as_ref().map_or_else(String::new, |file| format!(", encrypted to the passphrase in {file}"));
    format!(
        "A backup is made each day at {:02}:{:02} in {folder}{sealed}; {keep} are kept.",
        at_minute / 60,
        at_minute % 60
    )
}

fn time(at: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(at).map(|at| at.to_zoned(jiff::tz::TimeZone::system()));
    at.map_or_else(|_| "?".to_owned(), |at| at.strftime("%F %H:%M").to_string())
}
