//! How much there is of everything: for whoever watches over the box.
//!
//! Apart from the readers of pages because it counts and shows nothing. Invariant: the cost is that of what is open and
//! on its way, never that of the past.

use redb::ReadableTableMetadata as _;

use crate::domain::agent::{Agent, Presence};
use crate::domain::interaction::{Interaction, State};
use crate::domain::time::Timestamp;

use super::query::Snapshot;
use super::tables::{AGENTS, FETCHES_DUE, INTERACTIONS};
use super::{Store, StoreError, database};

/// The numbers of one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Open interactions: queued, offered, active, transferring, parked, ended.
    pub interactions: [(&'static str, u64); 6],
    /// Agents: logged off, ready, not ready, do not disturb, after-call work.
    pub agents: [(&'static str, u64); 5],
    /// Messages on their way.
    pub sends: u64,
    /// When the oldest of them was written.
    pub oldest_send_at: Option<Timestamp>,
    /// Files that are still to be fetched.
    pub fetches: u64,
    /// The journal's head.
    pub head: u64,
    /// When the last event happened.
    pub at: Option<Timestamp>,
}

const INTERACTION_STATES: [&str; 6] = ["queued", "offered", "active", "transferring", "parked", "ended"];
const PRESENCES: [&str; 5] = ["logged_off", "ready", "not_ready", "do_not_disturb", "after_call_work"];

impl Snapshot {
    /// Counts what is open and on its way.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn census(&self) -> Result<Census, StoreError> {
        let mut interactions = INTERACTION_STATES.map(|state| (state, 0));
        for interaction in self.all::<Interaction>(INTERACTIONS)? {
            interactions[state_place(&interaction.state)].1 += 1;
        }
        let mut agents = PRESENCES.map(|presence| (presence, 0));
        for agent in self.all::<Agent>(AGENTS)?.iter().filter(|agent| !agent.disabled) {
            agents[presence_place(&agent.presence)].1 += 1;
        }
        let sends = self.sends()?;
        let oldest = sends.first().map(|send| self.message(send.message)).transpose()?.flatten();
        let last = self.last_batch()?;
        Ok(Census {
            interactions,
            agents,
            sends: sends.len() as u64,
            oldest_send_at: oldest.map(|message| message.at),
            fetches: self.table(FETCHES_DUE)?.len()?,
            head: self.head()?,
            at: last.map(|(_, batch)| batch.at),
        })
    }
}

fn state_place(state: &State) -> usize {
    match state {
        State::Queued => 0,
        State::Offered(..) => 1,
        State::Active => 2,
        State::Transferring(_) => 3,
        State::Parked => 4,
        State::Ended(_) => 5,
    }
}

fn presence_place(presence: &Presence) -> usize {
    match presence {
        Presence::LoggedOff => 0,
        Presence::Ready => 1,
        Presence::NotReady(_) => 2,
        Presence::DoNotDisturb => 3,
        Presence::AfterCallWork => 4,
    }
}

impl Store {
    /// Whether a directory holds a store, of whatever layout.
    #[must_use]
    pub fn is_there(directory: &std::path::Path) -> bool {
        directory.join(database::DATABASE_NAME).exists()
    }

    /// The number of the tables' layout that this program writes.
    #[must_use]
    pub fn layout() -> u32 {
        database::FORMAT
    }

    /// The bytes of database and commit log on the disk.
    #[must_use]
    pub fn files_bytes(&self) -> [(&'static str, u64); 2] {
        let bytes = |name: &str| self.directory().join(name).metadata().map_or(0, |file| file.len());
        [("database", bytes(database::DATABASE_NAME)), ("commit_log", bytes(database::LOG_NAME))]
    }
}
