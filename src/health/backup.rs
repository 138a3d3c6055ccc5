//! When the last backup was made.
//!
//! Invariant: where nothing is known of backups, nothing is said.

use std::time::UNIX_EPOCH;

use crate::domain::time::Timestamp;
use crate::limits::HEALTH_BACKUP_MS_MAX;

use super::{Inputs, Told, moment, span};

/// A file in the data directory that is written anew by each backup; its time of change is the backup's.
const STAMP_NAME: &str = "backup.stamp";

pub(super) fn age(inputs: &Inputs<'_>) -> Vec<Told> {
    let stamp = inputs.data.join(STAMP_NAME).metadata().and_then(|stamp| stamp.modified()).ok();
    let made_at = stamp.and_then(|made_at| {
        let since = made_at.duration_since(UNIX_EPOCH).ok()?;
        i64::try_from(since.as_millis()).ok().map(Timestamp)
    });
    let Some(made_at) = made_at else { return Vec::new() };
    let age_ms = inputs.now.since_ms(made_at);
    if age_ms > HEALTH_BACKUP_MS_MAX {
        let sentence = format!("The last backup was made {} ago, at {}.", span(age_ms), moment(made_at));
        let remedy = "Look whether the backup's disk is there and has room; make one by hand with `deskbell backup`.";
        return vec![Told::yellow(sentence, remedy)];
    }
    vec![Told::green(format!("The last backup was made at {}.", moment(made_at)))]
}
