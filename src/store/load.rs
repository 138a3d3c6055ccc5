//! Tables to floor, at the start and after a failed write.
//!
//! Invariant: nothing but the tables goes in, so that what is loaded is what survives.

use std::collections::BTreeMap;

use crate::domain::agent::Agent;
use crate::domain::channel::Channel;
use crate::domain::floor::{Floor, FloorRows};
use crate::domain::interaction::Interaction;

use super::StoreError;
use super::query::Snapshot;
use super::tables::{AGENTS, CHANNELS, INTERACTIONS};

/// The floor's rows, and the journal's head.
pub(super) fn load(snapshot: &Snapshot) -> Result<(FloorRows, u64), StoreError> {
    let mut rows = FloorRows {
        agents: by(snapshot.all(AGENTS)?, |agent: &Agent| agent.id),
        sign_ins: snapshot.sign_ins()?.into_iter().collect(),
        queues: by(snapshot.queues()?, |queue| queue.id),
        channels: by(snapshot.all(CHANNELS)?, |channel: &Channel| channel.id),
        dispositions: by(snapshot.dispositions()?, |disposition| disposition.id),
        case_keys: by(snapshot.case_keys()?, |case_key| case_key.id),
        responses: (snapshot.responses()?.into_iter()).map(|response| (response.id, response.shortcut)).collect(),
        settings: snapshot.settings()?,
        interactions: by(snapshot.all(INTERACTIONS)?, |interaction: &Interaction| interaction.id),
        sends: by(snapshot.sends()?, |send| send.message),
        ..FloorRows::default()
    };
    if let Some((_, last)) = snapshot.last_batch()? {
        rows.counters = last.counters;
        rows.at = last.at;
    }
    Ok((rows, snapshot.head()?))
}

fn by<K: Ord, V>(rows: Vec<V>, key: impl Fn(&V) -> K) -> BTreeMap<K, V> {
    rows.into_iter().map(|row| (key(&row), row)).collect()
}

/// Whether the tables give this floor. Its time may be ahead of them: a step without events moves it and writes nothing.
pub(super) fn agrees(snapshot: &Snapshot, floor: &Floor) -> Result<bool, StoreError> {
    let (rows, _) = load(snapshot)?;
    let behind = rows.at <= floor.at();
    Ok(behind && Floor::restore(FloorRows { at: floor.at(), ..rows }) == *floor)
}
