//! Case data: the administrator's keys, and the values of one interaction.

use serde::{Deserialize, Serialize};

use super::super::codec::{CodecError, Record, shape};
use crate::domain::case_data::{CaseData, CaseKey, CaseKind};
use crate::domain::ids::CaseKeyId;

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum StoredKind {
    Text,
    Number,
    Date,
    Boolean,
    Choice(Vec<String>),
}

/// A key on the administrator's list: the first shape, whether it is required, and its place.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredCaseKey(StoredCaseKey1, bool, u32);

/// The first shape of a key.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredCaseKey1 {
    id: u64,
    key: String,
    label: String,
    kind: StoredKind,
    read_only: bool,
    on_offer: bool,
}

impl Record for CaseKey {
    const VERSION: u8 = 2;
    type Stored = StoredCaseKey;

    fn to_stored(&self) -> StoredCaseKey {
        let first = StoredCaseKey1 {
            id: self.id.0,
            key: self.key.clone(),
            label: self.label.clone(),
            kind: match self.kind {
                CaseKind::Text => StoredKind::Text,
                CaseKind::Number => StoredKind::Number,
                CaseKind::Date => StoredKind::Date,
                CaseKind::Boolean => StoredKind::Boolean,
                CaseKind::Choice => StoredKind::Choice(self.choices.clone()),
            },
            read_only: self.read_only,
            on_offer: self.on_offer,
        };
        StoredCaseKey(first, self.required, self.position)
    }

    fn from_version(version: u8, payload: &[u8]) -> Result<Self, CodecError> {
        match version {
            1 => Self::from_stored(StoredCaseKey(shape(payload)?, false, 0)),
            Self::VERSION => Self::from_stored(shape(payload)?),
            _ => Err(CodecError::Version(version)),
        }
    }

    fn from_stored(StoredCaseKey(stored, required, position): StoredCaseKey) -> Result<Self, CodecError> {
        let (kind, choices) = match stored.kind {
            StoredKind::Text => (CaseKind::Text, Vec::new()),
            StoredKind::Number => (CaseKind::Number, Vec::new()),
            StoredKind::Date => (CaseKind::Date, Vec::new()),
            StoredKind::Boolean => (CaseKind::Boolean, Vec::new()),
            StoredKind::Choice(choices) => (CaseKind::Choice, choices),
        };
        Ok(Self {
            id: CaseKeyId(stored.id),
            key: stored.key,
            label: stored.label,
            kind,
            choices,
            read_only: stored.read_only,
            on_offer: stored.on_offer,
            required,
            position,
        })
    }
}

/// Version, keys and values.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredCaseData(u32, Vec<(String, String)>);

impl Record for CaseData {
    const VERSION: u8 = 1;
    type Stored = StoredCaseData;

    fn to_stored(&self) -> StoredCaseData {
        StoredCaseData(self.version, self.values.clone())
    }

    fn from_stored(StoredCaseData(version, values): StoredCaseData) -> Result<Self, CodecError> {
        Ok(Self { version, values })
    }
}
