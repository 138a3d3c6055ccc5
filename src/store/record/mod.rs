//! Stored shapes of everything the tables hold, and their way from and to the domain.
//!
//! Apart from the domain, which knows no serialisation, so that a change there cannot silently change the disk.
//! One file for each subject. Invariants: each record kind has its own version number; a shape that was ever released
//! is never edited: a change adds a new shape beside it and an arm in `Record::from_version`; the order of an enum's
//! variants is part of the shape.

pub(super) mod contact;
pub(super) mod feed;
pub(super) mod message;
pub(super) mod people;
pub(super) mod set_up;
pub(super) mod work;

use serde::{Deserialize, Serialize};

use super::codec::{CodecError, Record};

/// The value of an index: the number of what the key names.
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

/// The value of a key that says everything by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark;

impl Record for Mark {
    const VERSION: u8 = 1;
    type Stored = ();

    fn to_stored(&self) {}

    fn from_stored((): ()) -> Result<Self, CodecError> {
        Ok(Self)
    }
}

/// Text by itself: a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text(pub(super) String);

impl Record for Text {
    const VERSION: u8 = 1;
    type Stored = String;

    fn to_stored(&self) -> String {
        self.0.clone()
    }

    fn from_stored(stored: String) -> Result<Self, CodecError> {
        Ok(Self(stored))
    }
}

/// Which store this is, and in which format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// 128 random bits.
    pub(super) id: [u8; 16],
    /// Number of the tables' layout.
    pub(super) format: u32,
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct IdentityV1 {
    id: [u8; 16],
    format: u32,
}

impl Record for Identity {
    const VERSION: u8 = 1;
    type Stored = IdentityV1;

    fn to_stored(&self) -> IdentityV1 {
        IdentityV1 { id: self.id, format: self.format }
    }

    fn from_stored(stored: IdentityV1) -> Result<Self, CodecError> {
        Ok(Self { id: stored.id, format: stored.format })
    }
}
