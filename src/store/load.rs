//! Tables to floor, at the start and after a failed write.
//!
//! Invariant: nothing but the tables goes in, so that what is loaded is what survives.

use redb::ReadableTable as _;

use crate::domain::floor::{Floor, FloorRows};

use super::StoreError;
use super::query::{Snapshot, decode};
use super::record::JournalBatch;
use super::tables::{AGENTS, CHANNELS, DISPOSITIONS, INTERACTIONS, JOURNAL, QUEUES, SENDS, SETTINGS};

/// The floor's rows, and the journal's head.
pub(super) fn load(snapshot: &Snapshot) -> Result<(FloorRows, u64), StoreError> {
    let mut rows = FloorRows::default();
    for agent in snapshot.all(AGENTS)? {
        let agent: crate::domain::agent::Agent = agent;
        rows.agents.insert(agent.id, agent);
    }
    rows.sign_ins = snapshot.sign_ins()?.into_iter().collect();
    for queue in snapshot.all(QUEUES)? {
        let queue: crate::domain::queue::Queue = queue;
        rows.queues.insert(queue.id, queue);
    }
    for channel in snapshot.all(CHANNELS)? {
        let channel: crate::domain::channel::Channel = channel;
        rows.channels.insert(channel.id, channel);
    }
    for disposition in snapshot.all(DISPOSITIONS)? {
        let disposition: crate::domain::settings::Disposition = disposition;
        rows.dispositions.insert(disposition.id, disposition);
    }
    for interaction in snapshot.all(INTERACTIONS)? {
        let interaction: crate::domain::interaction::Interaction = interaction;
        rows.interactions.insert(interaction.id, interaction);
    }
    for send in snapshot.all(SENDS)? {
        let send: crate::domain::send::Send = send;
        rows.sends.insert(send.message, send);
    }
    if let Some(settings) = snapshot.table(SETTINGS)?.get(0)? {
        rows.settings = decode("settings", 0, settings.value())?;
    }
    let mut head = 0;
    if let Some((key, value)) = snapshot.table(JOURNAL)?.last()? {
        let last: JournalBatch = decode("journal", key.value(), value.value())?;
        head = key.value() + last.events.len() as u64 - 1;
        rows.counters = last.counters;
        rows.at = last.at;
    }
    Ok((rows, head))
}

/// Whether the tables give this floor. Its time may be ahead of them: a step without events moves it and writes nothing.
pub(super) fn agrees(snapshot: &Snapshot, floor: &Floor) -> Result<bool, StoreError> {
    let (rows, _) = load(snapshot)?;
    let behind = rows.at <= floor.at();
    Ok(behind && Floor::restore(FloorRows { at: floor.at(), ..rows }) == *floor)
}
