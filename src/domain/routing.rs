//! Who gets what now.

use super::event::Event;
use super::floor::Floor;
use super::time::Timestamp;

impl Floor {
    pub(super) fn route(&self, _at: Timestamp) -> Vec<Event> {
        Vec::new()
    }

    /// When the floor wants a `Tick`.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        None
    }
}
