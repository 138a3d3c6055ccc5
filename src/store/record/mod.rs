//! Stored shapes: what the domain's values look like on disk.
//!
//! Each shape has its own number (`Record::VERSION`). A later shape gets a new struct and a new number beside the old
//! one, so that every byte ever written stays readable. Invariant: golden bytes of each kind are kept in
//! `tests/data/records`.

pub(super) mod backup;
pub(super) mod case_data;
pub(super) mod centre;
pub(super) mod contact;
pub(super) mod interaction;
pub(super) mod media;
pub(super) mod message;
pub(super) mod people;
pub(super) mod response;
pub(super) mod security;
pub(super) mod template;

#[cfg(test)]
mod golden;

use serde::{Deserialize, Serialize};

use super::codec::{CodecError, Record, shape, stored_as_is};
use crate::domain::floor::Counters;
use crate::domain::time::Timestamp;

/// A number behind a key: the row of another table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pointer(pub(super) u64);

impl Record for Pointer {
    const VERSION: u8 = 1;
    type Stored = u64;

    fn to_stored(&self) -> u64 {
        self.0
    }

    fn from_stored(stored: u64) -> Result<Self, CodecError> {
        Ok(Self(stored))
    }
}

/// Who a store is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    /// Random, made once.
    pub(super) id: [u8; 16],
    /// The number of the tables' layout.
    pub(super) format: u32,
}

stored_as_is!(Identity);

/// One event in the journal: what kind, when, about what. Ids only: texts are in their own tables, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct JournalEvent {
    pub(super) at: i64,
    pub(super) kind: u8,
    /// Kind of subject and its number.
    pub(super) subjects: Vec<(u8, u64)>,
}

/// The events of one commit, and the floor's numbers after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct JournalBatch {
    pub(super) events: Vec<JournalEvent>,
    pub(super) counters: Counters,
    pub(super) at: Timestamp,
}

/// The stored shape of `JournalBatch`: counters in the order of `Counters`' fields.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredBatch {
    events: Vec<JournalEvent>,
    counters: [u64; 10],
    at: i64,
}

/// The first shape: without counters for keys of case data and canned replies.
#[derive(Deserialize)]
struct StoredBatch1 {
    events: Vec<JournalEvent>,
    counters: [u64; 8],
    at: i64,
}

impl Record for JournalBatch {
    const VERSION: u8 = 2;
    type Stored = StoredBatch;

    fn to_stored(&self) -> StoredBatch {
        let Counters {
            agent,
            contact,
            conversation,
            interaction,
            message,
            queue,
            channel,
            disposition,
            case_key,
            response,
        } = self.counters;
        let counters =
            [agent, contact, conversation, interaction, message, queue, channel, disposition, case_key, response];
        StoredBatch { events: self.events.clone(), counters, at: self.at.0 }
    }

    fn from_stored(StoredBatch { events, counters, at }: StoredBatch) -> Result<Self, CodecError> {
        let [agent, contact, conversation, interaction, message, queue, channel, disposition, case_key, response] =
            counters;
        let counters = Counters {
            agent,
            contact,
            conversation,
            interaction,
            message,
            queue,
            channel,
            disposition,
            case_key,
            response,
        };
        Ok(Self { events, counters, at: Timestamp(at) })
    }

    fn from_version(version: u8, payload: &[u8]) -> Result<Self, CodecError> {
        match version {
            1 => {
                let StoredBatch1 { events, counters: [a, b, c, d, e, f, g, h], at } = shape(payload)?;
                Self::from_stored(StoredBatch { events, counters: [a, b, c, d, e, f, g, h, 1, 1], at })
            }
            2 => Self::from_stored(shape(payload)?),
            _ => Err(CodecError::Version(version)),
        }
    }
}

/// Numbers in an order: the agents who handled an interaction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Numbers(pub(super) Vec<u64>);

stored_as_is!(Numbers);

/// Words that stand alone: a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words(pub(super) String);

impl Record for Words {
    const VERSION: u8 = 1;
    type Stored = String;

    fn to_stored(&self) -> String {
        self.0.clone()
    }

    fn from_stored(stored: String) -> Result<Self, CodecError> {
        Ok(Self(stored))
    }
}
