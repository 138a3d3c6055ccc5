//! Backups that are made by themselves: when one is due, what becomes of it, which old ones go.
//!
//! A worker of the running server. It looks at the schedule in the store, so that a change counts at once. Invariants:
//! one that was missed while the server was stopped is made up for; one that fails is remembered and tried again within
//! the hour; old ones go only after a new one was verified.

use std::io;
use std::path::Path;
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::domain::backup::{BackupOutcome, BackupSchedule, BackupStanding};
use crate::domain::command::Command;
use crate::domain::time::Timestamp;
use crate::limits::{BACKUP_LOOK_MS, BACKUP_LOOK_MS_MIN, BACKUP_RETRY_MS};
use crate::media::Shelf;
use crate::store::{Store, StoreError};

use super::make::{Order, make};
use super::{BackupError, folder, passphrase};

/// When backups are made by themselves.
///
/// # Errors
/// The database cannot be read.
pub fn schedule(store: &Store) -> Result<Option<BackupSchedule>, StoreError> {
    Ok(store.read(|snapshot| snapshot.backup_schedule())?.map(|(schedule, _)| schedule))
}

/// How the last backups went: what a health page shows.
///
/// # Errors
/// The database cannot be read.
pub fn standing(store: &Store) -> Result<BackupStanding, StoreError> {
    store.read(|snapshot| snapshot.backup_standing())
}

/// Why a schedule could not be carried out by this process, in a sentence; it is set with `Command::SetBackupSchedule`.
#[must_use]
pub fn refusal(schedule: &BackupSchedule) -> Option<String> {
    if !schedule.is_sound() {
        return Some("Folder and passphrase file are paths from the root, the time is one of the day, and one backup or more is kept.".to_owned());
    }
    if let Some(file) = &schedule.passphrase_file
        && let Err(error) = passphrase(Path::new(file))
    {
        return Some(format!("{error} The server has to be able to read it."));
    }
    let trial = Path::new(&schedule.folder).join(".deskbell-trial");
    let tried = std::fs::write(&trial, []).and_then(|()| std::fs::remove_file(&trial));
    tried.err().map(|error| {
        format!(
            "The folder {} cannot be written by the server: {error}. Make it, and let the server write there.",
            schedule.folder
        )
    })
}

/// Does long work on a thread of its own; nothing when it broke.
pub async fn on_own_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (answer, answered) = oneshot::channel();
    let thread = std::thread::Builder::new().name("backup".to_owned()).spawn(move || {
        // Whoever waited may be gone.
        drop(answer.send(work()));
    });
    thread.ok()?;
    answered.await.ok()
}

/// The running worker.
pub struct Keeper(JoinHandle<()>);

impl Keeper {
    /// Starts to look. Needs a tokio runtime.
    #[must_use]
    pub fn start(store: Store, clock: Clock) -> Self {
        Self(tokio::spawn(run(store, clock)))
    }

    /// Looks no more. A backup under way ends when the store is stopped.
    pub fn stop(self) {
        self.0.abort();
    }
}

async fn run(store: Store, clock: Clock) {
    let mut head = store.head();
    loop {
        head.borrow_and_update();
        if let Err(error) = look(&store, &clock).await {
            tracing::warn!(%error, "whether a backup is due cannot be looked up");
        }
        // A changed schedule is a change of the journal.
        tokio::select! {
            changed = head.changed() => if changed.is_err() {
                return;
            },
            () = tokio::time::sleep(Duration::from_millis(BACKUP_LOOK_MS)) => {}
        }
        tokio::time::sleep(Duration::from_millis(BACKUP_LOOK_MS_MIN)).await;
    }
}

async fn look(store: &Store, clock: &Clock) -> Result<(), StoreError> {
    let found = store.read(|snapshot| Ok((snapshot.backup_schedule()?, snapshot.backup_standing()?)))?;
    let (Some((schedule, since)), standing) = found else { return Ok(()) };
    let now = clock.now();
    if !is_due(schedule.at_minute, since, &standing, now, &TimeZone::system()) {
        return Ok(());
    }
    let worker = store.clone();
    let outcome = on_own_thread(move || carry_out(&worker, &schedule, now)).await;
    let outcome = match outcome {
        Some(Ok(outcome)) => outcome,
        // Another one is under way, or the server stops: the next look finds it due again.
        Some(Err(BackupError::Store(StoreError::Dumping | StoreError::Closed))) => return Ok(()),
        Some(Err(error)) => BackupOutcome::Failed(error.to_string()),
        None => BackupOutcome::Failed("The backup broke off; look at the log.".to_owned()),
    };
    match &outcome {
        BackupOutcome::Made { path, bytes } => tracing::info!(backup = %path, bytes, "a scheduled backup is made"),
        BackupOutcome::Failed(reason) => tracing::error!(%reason, "a scheduled backup failed"),
    }
    if let Err(error) = store.submit(vec![Command::RecordBackup(outcome)]).await {
        tracing::warn!(%error, "how the backup went cannot be noted");
    }
    Ok(())
}

fn carry_out(store: &Store, schedule: &BackupSchedule, now: Timestamp) -> Result<BackupOutcome, BackupError> {
    let passphrase = schedule.passphrase_file.as_ref().map(|file| passphrase(Path::new(file))).transpose()?;
    let shelf = Shelf::of(store.directory());
    let target = Path::new(&schedule.folder);
    if !target.is_dir() {
        return Err(BackupError::Refused(format!("There is no folder {}; is its disk there?", schedule.folder)));
    }
    let dump = store.dump()?;
    let order = Order { target, passphrase: passphrase.as_deref(), shelf: Some(&shelf), now, gentle: true };
    let made = make(&dump, &order)?;
    if made.checked.findings_total > 0 {
        return Ok(BackupOutcome::Failed(made.sentence()));
    }
    let keep = usize::from(schedule.keep);
    let rotated: io::Result<()> = folder::keep_newest(target, &dump.moment().tag, keep);
    rotated.map_err(BackupError::write(target))?;
    Ok(BackupOutcome::Made { path: made.path.display().to_string(), bytes: made.bytes })
}

/// Whether a backup is due: the last time on the wall's clock has passed without one, and was not tried just now.
fn is_due(at_minute: u16, since: Timestamp, standing: &BackupStanding, now: Timestamp, zone: &TimeZone) -> bool {
    let Some(slot) = last_slot(at_minute, now, zone) else { return false };
    // What lies in the future is of a clock that was set back since.
    let past = |at: &Timestamp| *at <= now;
    let made = standing.made.as_ref().map(|(at, _, _)| *at).filter(past);
    let failed = standing.failed.as_ref().map(|(at, _)| *at).filter(past);
    let missed = slot > since && made.is_none_or(|made| made < slot);
    missed && failed.is_none_or(|failed| failed < slot || now.since_ms(failed) >= BACKUP_RETRY_MS)
}

/// The last instant at which clocks on the wall showed this minute of the day.
fn last_slot(at_minute: u16, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let here = jiff::Timestamp::from_millisecond(now.0).ok()?.to_zoned(zone.clone());
    let hour = i8::try_from(at_minute / 60).ok()?;
    let minute = i8::try_from(at_minute % 60).ok()?;
    let on = |date: jiff::civil::Date| Some(date.at(hour, minute, 0, 0).to_zoned(zone.clone()).ok()?.timestamp());
    let today = on(here.date())?;
    let slot = if today <= here.timestamp() { today } else { on(here.date().yesterday().ok()?)? };
    Some(Timestamp(slot.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::is_due;
    use crate::domain::backup::BackupStanding;
    use crate::domain::time::Timestamp;

    const THREE: u16 = 180;

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").expect("it is known")
    }

    fn at(text: &str) -> Timestamp {
        let civil: jiff::civil::DateTime = text.parse().expect("a date and a time");
        Timestamp(civil.to_zoned(berlin()).expect("it exists").timestamp().as_millisecond())
    }

    fn standing(made: Option<&str>, failed: Option<&str>) -> BackupStanding {
        BackupStanding {
            made: made.map(|made| (at(made), "x".to_owned(), 1)),
            failed: failed.map(|failed| (at(failed), "full".to_owned())),
        }
    }

    fn due(since: &str, made: Option<&str>, failed: Option<&str>, now: &str) -> bool {
        is_due(THREE, at(since), &standing(made, failed), at(now), &berlin())
    }

    #[test]
    fn a_backup_is_due_once_a_day_at_its_time() {
        let set = "2026-01-05T12:00";
        assert!(!due(set, None, None, "2026-01-05T12:01"), "not for a time before it was asked for");
        assert!(!due(set, None, None, "2026-01-06T02:59"));
        assert!(due(set, None, None, "2026-01-06T03:00"));
        assert!(!due(set, Some("2026-01-06T03:00"), None, "2026-01-06T03:05"));
        assert!(!due(set, Some("2026-01-06T03:00"), None, "2026-01-07T02:59"));
        assert!(due(set, Some("2026-01-06T03:00"), None, "2026-01-07T03:00"));
    }

    #[test]
    fn one_that_was_missed_is_made_up_for_and_one_that_failed_is_tried_again() {
        let set = "2026-01-05T12:00";
        assert!(due(set, Some("2026-01-06T03:00"), None, "2026-01-09T17:00"), "the box was off");
        assert!(!due(set, None, Some("2026-01-06T03:00"), "2026-01-06T03:59"));
        assert!(due(set, None, Some("2026-01-06T03:00"), "2026-01-06T04:00"));
        assert!(due(set, None, Some("2026-01-06T23:30"), "2026-01-07T03:00"), "a new day, a new try");
    }

    #[test]
    fn summer_time_and_a_clock_set_back_keep_no_backup_from_being_made() {
        let set = "2026-03-01T12:00";
        let made = Some("2026-03-28T03:00");
        let jump = is_due(150, at(set), &standing(made, None), at("2026-03-29T03:30"), &berlin());
        assert!(jump, "half past two does not exist on that day");
        assert!(due("2026-01-05T12:00", Some("2027-01-06T03:00"), None, "2026-01-06T03:00"), "made next year");
    }
}
