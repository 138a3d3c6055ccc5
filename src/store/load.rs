//! Tables to floor, at start, after a failed commit, and for the check that they agree.
//!
//! Invariant: nothing but the tables goes in, so what is loaded is what survives.

use super::StoreError;
use super::query::Snapshot;
use crate::domain::floor::{Floor, FloorRows};

/// The floor as the tables show it.
pub(super) fn floor(snapshot: &Snapshot) -> Result<Floor, StoreError> {
    Ok(Floor::restore(snapshot.floor_rows()?))
}

/// Whether the tables would give this floor. The floor's time may be ahead: a step without events moves it and writes
/// nothing.
pub(super) fn agrees(snapshot: &Snapshot, floor: &Floor) -> Result<bool, StoreError> {
    let loaded = snapshot.floor_rows()?;
    let behind = loaded.at <= floor.at();
    let loaded = Floor::restore(FloorRows { at: floor.at(), ..loaded });
    Ok(behind && loaded == *floor)
}
