//! What a command leads to: `&self`, so that a refusal or a panic cannot harm the floor.

use super::command::Command;
use super::event::Event;
use super::facts::Facts;
use super::floor::Floor;
use super::rejection::Rejection;
use super::time::Timestamp;

impl Floor {
    pub(super) fn decide(&self, _facts: &Facts, _at: Timestamp, _command: &Command) -> Result<Vec<Event>, Rejection> {
        Ok(Vec::new())
    }
}
