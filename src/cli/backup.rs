//! `backup`, `verify`, `restore` and `backup-schedule`.
//!
//! Invariant: paths reach a server from the root, because it stands in another folder than who asks.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::backup;
use crate::clock::Clock;
use crate::control::{self, Answer, BackupRequest, Request, ScheduleChange};

use super::{Problem, data_default};

/// What `backup` is given.
#[derive(Args)]
pub(super) struct Backup {
    /// A folder, where it is named by date and time, or a new file.
    target: PathBuf,
    /// Encrypt it to the passphrase in the first line of this file (age's format).
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
    /// The data directory, with a running server or a stopped one.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

/// What `verify` is given.
#[derive(Args)]
#[group(required = true, multiple = false, id = "what")]
struct What {
    /// A backup.
    file: Option<PathBuf>,
    /// A data directory, with a running server or a stopped one.
    #[arg(long)]
    data: Option<PathBuf>,
}

/// What `verify` is given.
#[derive(Args)]
pub(super) struct Verify {
    #[command(flatten)]
    what: What,
    /// The file whose first line is the backup's passphrase.
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
}

/// What `restore` is given.
#[derive(Args)]
pub(super) struct Restore {
    /// The backup.
    file: PathBuf,
    /// The data directory to make: missing or empty.
    #[arg(long)]
    data: PathBuf,
    /// The file whose first line is the backup's passphrase.
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
}

/// What `backup-schedule` is given.
#[derive(Subcommand)]
pub(super) enum Schedule {
    /// Make a backup each day.
    #[command(
        after_help = "Example: deskbell backup-schedule set --folder /mnt/backups --at 03:00 --keep 14 --data DIR"
    )]
    Set(ScheduleSet),
    /// Tell when backups are made, and how the last ones went.
    #[command(after_help = "Example: deskbell backup-schedule show --data DIR")]
    Show(ScheduleOf),
    /// Make none by themselves.
    #[command(after_help = "Example: deskbell backup-schedule off --data DIR")]
    Off(ScheduleOf),
}

/// When and where.
#[derive(Args)]
pub(super) struct ScheduleSet {
    /// The folder, best on another disk.
    #[arg(long)]
    folder: PathBuf,
    /// Hour and minute by this machine's clock.
    #[arg(long, default_value = "03:00", value_parser = minute_of_day)]
    at: u16,
    /// How many are kept; older ones are removed.
    #[arg(long, default_value_t = 14)]
    keep: u16,
    /// Encrypt them to the passphrase in the first line of this file, which the server reads each time.
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

/// Whose schedule.
#[derive(Args)]
pub(super) struct ScheduleOf {
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

fn minute_of_day(text: &str) -> Result<u16, String> {
    let read = || {
        let (hour, minute) = text.split_once(':')?;
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        (hour < 24 && minute < 60).then_some(hour * 60 + minute)
    };
    read().ok_or_else(|| "a time is written 03:00".to_owned())
}

/// Makes a backup.
pub(super) fn back_up(backup: &Backup) -> Result<(), Problem> {
    let target = from_root(&backup.target)?;
    let passphrase = passphrase(backup.passphrase_file.as_deref())?;
    told(control::back_up(&backup.data, BackupRequest { target, passphrase }).map_err(Problem::Failed)?)
}

/// Checks a backup or the data.
pub(super) fn verify(verify: &Verify) -> Result<(), Problem> {
    if let Some(data) = &verify.what.data {
        return told(control::verify(data).map_err(Problem::Failed)?);
    }
    let Some(file) = &verify.what.file else { return Err(Problem::Refused("Name a backup or --data.".to_owned())) };
    let passphrase = passphrase(verify.passphrase_file.as_deref())?;
    report(&backup::verify_file(file, passphrase.as_deref()).map_err(problem)?, "")
}

/// Restores a backup.
pub(super) fn restore(restore: &Restore) -> Result<(), Problem> {
    let passphrase = passphrase(restore.passphrase_file.as_deref())?;
    let options = backup::options(Clock::system());
    let restored = backup::restore(&restore.file, &restore.data, passphrase.as_deref(), &options).map_err(problem)?;
    report(&restored.verified, &format!("{} is restored, and was read back.\n", restore.data.display()))
}

/// Changes or tells the schedule.
pub(super) fn schedule(schedule: Schedule) -> Result<(), Problem> {
    let (data, change) = match schedule {
        Schedule::Show(of) => (of.data, ScheduleChange::Show),
        Schedule::Off(of) => (of.data, ScheduleChange::Off),
        Schedule::Set(set) => {
            let in_words = |path: &Path| Ok::<_, Problem>(from_root(path)?.to_string_lossy().into_owned());
            let change = ScheduleChange::Set {
                folder: in_words(&set.folder)?,
                at_minute: set.at,
                keep: set.keep,
                passphrase_file: set.passphrase_file.as_deref().map(in_words).transpose()?,
            };
            (set.data, change)
        }
    };
    told(control::ask(&data, Request::BackupSchedule { change }).map_err(Problem::Failed)?)
}

fn from_root(path: &Path) -> Result<PathBuf, Problem> {
    std::path::absolute(path).map_err(|error| Problem::Refused(format!("{} is no path: {error}.", path.display())))
}

fn passphrase(file: Option<&Path>) -> Result<Option<String>, Problem> {
    file.map(backup::passphrase).transpose().map_err(problem)
}

fn problem(error: backup::BackupError) -> Problem {
    if error.is_refusal() { Problem::Refused(error.to_string()) } else { Problem::Failed(error.to_string()) }
}

#[allow(clippy::print_stdout, reason = "the answer of a command")]
fn report(verified: &backup::Verified, before: &str) -> Result<(), Problem> {
    let report = format!("{before}{}", verified.report());
    if verified.checked.findings_total > 0 {
        return Err(Problem::Failed(report));
    }
    println!("{report}");
    Ok(())
}

#[allow(clippy::print_stdout, reason = "the answer of a command")]
fn told(answer: Answer) -> Result<(), Problem> {
    if answer.done {
        println!("{}", answer.sentence);
        return Ok(());
    }
    Err(if answer.failed { Problem::Failed(answer.sentence) } else { Problem::Refused(answer.sentence) })
}
