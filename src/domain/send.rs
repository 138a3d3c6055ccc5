//! A message on its way to the provider: the durable half of the outbox.
//!
//! The state is written before the provider is called, so that a crash between call and answer is seen as what it
//! is: a send of unknown fate, which is never repeated without asking a person (architecture.md section 7).
//! Invariant: of one conversation only the oldest send is ever in flight.

use super::ids::{ChannelId, ConversationId, MessageId};
use super::time::Timestamp;

/// Where a send stands. Accepted, failed and unconfirmed sends have left the floor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendState {
    /// May be started from this instant on.
    Due(Timestamp),
    /// The provider is being called.
    InFlight,
    /// The call gave no answer; a status may still tell, until this instant.
    AwaitingStatus(Timestamp),
}

/// A message on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Send {
    /// Which message.
    pub message: MessageId,
    /// Sends of one conversation go out one after the other.
    pub conversation: ConversationId,
    /// Sends of one channel account are paced together.
    pub channel: ChannelId,
    /// Where it stands.
    pub state: SendState,
    /// How many times it was started.
    pub attempt: u32,
}
