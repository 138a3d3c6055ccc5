//! What keeps strangers out and says who did what: sealed secrets, second factors, where sign-ins come from, the audit
//! log.

use serde::{Deserialize, Serialize};

use super::super::codec::{CodecError, Record, stored_as_is};
use crate::domain::ids::TokenHash;
use crate::domain::second_factor::SecondFactor;
use crate::domain::security::SecurityRules;
use crate::domain::time::Timestamp;

/// Nonce and ciphertext.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct Sealed(pub(in crate::store) Vec<u8>);

stored_as_is!(Sealed);

/// Step of the last code, hashes of the recovery codes.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredSecondFactor(u64, Vec<[u8; 32]>);

impl Record for SecondFactor {
    const VERSION: u8 = 1;
    type Stored = StoredSecondFactor;

    fn to_stored(&self) -> StoredSecondFactor {
        StoredSecondFactor(self.last_step, self.recovery.iter().map(|code| code.0).collect())
    }

    fn from_stored(StoredSecondFactor(last_step, recovery): StoredSecondFactor) -> Result<Self, CodecError> {
        Ok(Self { last_step, recovery: recovery.into_iter().map(TokenHash).collect() })
    }
}

/// A truth value and a number of days.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredSecurity(bool, u32);

impl Record for SecurityRules {
    const VERSION: u8 = 1;
    type Stored = StoredSecurity;

    fn to_stored(&self) -> StoredSecurity {
        StoredSecurity(self.administrators_need_second_factor, self.audit_days)
    }

    fn from_stored(StoredSecurity(needed, audit_days): StoredSecurity) -> Result<Self, CodecError> {
        Ok(Self { administrators_need_second_factor: needed, audit_days })
    }
}

/// Where a sign-in comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInOrigin {
    /// The browser's address, or its proxy's.
    pub address: String,
    /// The kind of browser in short form.
    pub browser: String,
}

stored_as_is!(SignInOrigin);

/// The link for the first administrator: hash and end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct SetUpLink(pub(in crate::store) TokenHash, pub(in crate::store) Timestamp);

impl Record for SetUpLink {
    const VERSION: u8 = 1;
    type Stored = ([u8; 32], i64);

    fn to_stored(&self) -> Self::Stored {
        (self.0.0, self.1.0)
    }

    fn from_stored((token, until): Self::Stored) -> Result<Self, CodecError> {
        Ok(Self(TokenHash(token), Timestamp(until)))
    }
}

/// One entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When, milliseconds since 1970.
    pub at: i64,
    /// Who: `agent`, `visitor`, `control_socket` or `command_line`.
    pub who: String,
    /// Which agent.
    pub agent: Option<u64>,
    /// From which address; empty when there is none.
    pub address: String,
    /// With what kind of browser; empty when there is none.
    pub browser: String,
    /// What: a stable word such as `person_changed`.
    pub action: String,
    /// To what: a stable word such as `agent`; empty when there is only one.
    pub subject: String,
    /// Which of them.
    pub subject_id: Option<u64>,
    /// More in short.
    pub detail: String,
}

/// An entry with its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// What happened.
    pub entry: AuditEntry,
    /// SHA-256 of the entry before.
    pub previous: [u8; 32],
    /// SHA-256 of the number, `previous` and the entry.
    pub hash: [u8; 32],
}

stored_as_is!(AuditRow);

/// Where the chain begins and ends: the last entry that was removed for its age, and the newest one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct AuditEnds {
    pub(in crate::store) removed: (u64, [u8; 32]),
    pub(in crate::store) newest: (u64, [u8; 32]),
}

stored_as_is!(AuditEnds);
