//! When the last backup was made, and whether one failed since.
//!
//! Invariant: where nothing is known of backups, nothing is said.

use crate::domain::time::Timestamp;
use crate::limits::HEALTH_BACKUP_MS_MAX;
use crate::store::Store;

use super::{Inputs, Told, moment, span};

/// How the last backups went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backups {
    /// When the last one was made.
    pub made_at: Option<Timestamp>,
    /// When the last one that failed did so, and why, in a sentence.
    pub failed: Option<(Timestamp, String)>,
}

impl Backups {
    /// What the store knows; `None` where backups are neither made by themselves nor were ever made.
    #[must_use]
    pub fn of(store: &Store) -> Option<Self> {
        let known = store.read(|snapshot| Ok((snapshot.backup_schedule()?, snapshot.backup_standing()?)));
        let (schedule, standing) = known.ok()?;
        let one = Self { made_at: standing.made.map(|(at, _, _)| at), failed: standing.failed };
        (schedule.is_some() || one.made_at.is_some() || one.failed.is_some()).then_some(one)
    }
}

pub(super) fn age(inputs: &Inputs<'_>) -> Vec<Told> {
    inputs.backups.iter().map(|backups| told(backups, inputs.now)).collect()
}

fn told(backups: &Backups, now: Timestamp) -> Told {
    const REMEDY: &str = "Look whether the backups' disk is there and has room, then make one by hand.";
    let Backups { made_at, failed } = backups;
    if let Some((at, reason)) = failed
        && made_at.is_none_or(|made_at| made_at < *at)
    {
        return Told::red(format!("The backup at {} failed: {reason}", moment(*at)), REMEDY);
    }
    let Some(made_at) = made_at else { return Told::yellow("No backup was ever made.", REMEDY) };
    let age_ms = now.since_ms(*made_at);
    if age_ms > HEALTH_BACKUP_MS_MAX {
        return Told::yellow(
            format!("The last backup was made {} ago, at {}.", span(age_ms), moment(*made_at)),
            REMEDY,
        );
    }
    Told::green(format!("The last backup was made at {}.", moment(*made_at)))
}
