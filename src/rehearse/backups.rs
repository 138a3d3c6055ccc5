//! Backups while a rehearsal runs, and what they do to the acknowledgements.
//!
//! The running server makes them, asked over its control socket as by anybody. Invariant: an acknowledgement counts as
//! one beside a backup when the backup was under way at its end.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::task::JoinHandle;

use crate::control::{self, BackupRequest};
use crate::scratch::Scratch;

use super::centre::Centre;
use super::report::{Spread, shown, spread};

/// One backup: from when to when, and its size.
struct Made {
    began: Instant,
    ended: Instant,
    bytes: u64,
}

/// Makes backups until it is stopped.
pub(super) struct Backups {
    made: Arc<Mutex<Vec<Made>>>,
    task: JoinHandle<()>,
}

impl Backups {
    /// Makes one so long after the start, and again so long after each.
    pub(super) fn every(centre: Arc<Centre>, pause: Duration) -> Result<Self, String> {
        let folder = Scratch::new("backups").map_err(|error| format!("No temporary folder can be made: {error}."))?;
        let made = Arc::new(Mutex::new(Vec::new()));
        let list = Arc::clone(&made);
        let task = tokio::spawn(async move {
            loop {
                tokio::time::sleep(pause).await;
                let (data, target) = (centre.data().to_owned(), folder.path().join("rehearsal.backup"));
                match tokio::task::spawn_blocking(move || make(&data, &target)).await {
                    Ok(Ok(made)) => list.lock().unwrap_or_else(PoisonError::into_inner).push(made),
                    Ok(Err(problem)) => tracing::error!(%problem, "a backup failed"),
                    Err(error) => tracing::error!(%error, "a backup broke off"),
                }
            }
        });
        Ok(Self { made, task })
    }

    /// Ends, and tells what the backups did.
    pub(super) fn report(self, acks: &[(Instant, f64)]) -> BackupReport {
        self.task.abort();
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let beside = |at: Instant| made.iter().any(|one| (one.began..=one.ended).contains(&at));
        let (during, otherwise): (Vec<_>, Vec<_>) = acks.iter().partition(|(at, _)| beside(*at));
        let bytes: u64 = made.iter().map(|one| one.bytes).sum();
        let took: Duration = made.iter().map(|one| one.ended - one.began).sum();
        #[allow(clippy::cast_precision_loss, reason = "far below 2^52 bytes")]
        let mb = bytes as f64 / 1_000_000.0;
        let figures = |acks: Vec<&(Instant, f64)>| spread(acks.into_iter().map(|(_, ms)| *ms).collect());
        BackupReport {
            backups: made.len(),
            mb,
            seconds: took.as_secs_f64(),
            acks_during: during.len(),
            ack_during_ms: figures(during),
            ack_otherwise_ms: figures(otherwise),
        }
    }
}

fn make(data: &Path, target: &Path) -> Result<Made, String> {
    let began = Instant::now();
    let answer = control::back_up(data, BackupRequest { target: target.to_owned(), passphrase: None })?;
    let ended = Instant::now();
    if !answer.done {
        return Err(answer.sentence);
    }
    let bytes = std::fs::metadata(target).map_err(|error| error.to_string())?.len();
    std::fs::remove_file(target).map_err(|error| error.to_string())?;
    Ok(Made { began, ended, bytes })
}

/// What the backups did.
#[derive(Serialize)]
pub(super) struct BackupReport {
    backups: usize,
    mb: f64,
    seconds: f64,
    acks_during: usize,
    ack_during_ms: Spread,
    ack_otherwise_ms: Spread,
}

impl BackupReport {
    #[allow(clippy::print_stdout, reason = "the answer of a command")]
    pub(super) fn print(&self) {
        println!("backups           {:>10}   {:.0} MB in {:.1} s, each verified", self.backups, self.mb, self.seconds);
        println!("ack beside them   {:>10}   {}", self.acks_during, shown(&self.ack_during_ms));
        println!("ack otherwise     {:>10}   {}", "", shown(&self.ack_otherwise_ms));
        println!("99 of 100         {:>10.1} x", self.ack_during_ms.p99 / self.ack_otherwise_ms.p99);
    }
}
