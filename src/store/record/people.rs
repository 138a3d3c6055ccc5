//! Agents, what they typed to be known, and their sign-ins.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::codec::{CodecError, Record, shape};
use crate::domain::agent::{Agent, Presence, Reason, Role};
use crate::domain::ids::AgentId;
use crate::domain::sign_in::SignIn;
use crate::domain::time::Timestamp;

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum StoredRole {
    Agent,
    Supervisor,
    Administrator,
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum StoredReason {
    SignedIn,
    NoAnswer,
    Disconnected,
    Chosen(Option<String>),
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum StoredPresence {
    LoggedOff,
    Ready,
    NotReady(StoredReason),
    DoNotDisturb,
    AfterCallWork,
}

/// An agent on the floor.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredAgent {
    id: u64,
    role: StoredRole,
    capacity: u32,
    auto_ready: bool,
    disabled: bool,
    skills: Vec<String>,
    presence: StoredPresence,
    presence_since: i64,
    after_work: Option<StoredReason>,
    connected: bool,
    disconnected_at: Option<i64>,
    idle_since: i64,
}

fn reason_out(reason: &Reason) -> StoredReason {
    match reason {
        Reason::SignedIn => StoredReason::SignedIn,
        Reason::NoAnswer => StoredReason::NoAnswer,
        Reason::Disconnected => StoredReason::Disconnected,
        Reason::Chosen(text) => StoredReason::Chosen(text.clone()),
    }
}

fn reason_in(reason: StoredReason) -> Reason {
    match reason {
        StoredReason::SignedIn => Reason::SignedIn,
        StoredReason::NoAnswer => Reason::NoAnswer,
        StoredReason::Disconnected => Reason::Disconnected,
        StoredReason::Chosen(text) => Reason::Chosen(text),
    }
}

impl Record for Agent {
    const VERSION: u8 = 1;
    type Stored = StoredAgent;

    fn to_stored(&self) -> StoredAgent {
        StoredAgent {
            id: self.id.0,
            role: match self.role {
                Role::Agent => StoredRole::Agent,
                Role::Supervisor => StoredRole::Supervisor,
                Role::Administrator => StoredRole::Administrator,
            },
            capacity: self.capacity,
            auto_ready: self.auto_ready,
            disabled: self.disabled,
            skills: self.skills.iter().cloned().collect(),
            presence: match &self.presence {
                Presence::LoggedOff => StoredPresence::LoggedOff,
                Presence::Ready => StoredPresence::Ready,
                Presence::NotReady(reason) => StoredPresence::NotReady(reason_out(reason)),
                Presence::DoNotDisturb => StoredPresence::DoNotDisturb,
                Presence::AfterCallWork => StoredPresence::AfterCallWork,
            },
            presence_since: self.presence_since.0,
            after_work: self.after_work.as_ref().map(reason_out),
            connected: self.connected,
            disconnected_at: self.disconnected_at.map(|at| at.0),
            idle_since: self.idle_since.0,
        }
    }

    fn from_stored(stored: StoredAgent) -> Result<Self, CodecError> {
        Ok(Self {
            id: AgentId(stored.id),
            role: match stored.role {
                StoredRole::Agent => Role::Agent,
                StoredRole::Supervisor => Role::Supervisor,
                StoredRole::Administrator => Role::Administrator,
            },
            capacity: stored.capacity,
            auto_ready: stored.auto_ready,
            disabled: stored.disabled,
            skills: stored.skills.into_iter().collect::<BTreeSet<_>>(),
            presence: match stored.presence {
                StoredPresence::LoggedOff => Presence::LoggedOff,
                StoredPresence::Ready => Presence::Ready,
                StoredPresence::NotReady(reason) => Presence::NotReady(reason_in(reason)),
                StoredPresence::DoNotDisturb => Presence::DoNotDisturb,
                StoredPresence::AfterCallWork => Presence::AfterCallWork,
            },
            presence_since: Timestamp(stored.presence_since),
            after_work: stored.after_work.map(reason_in),
            connected: stored.connected,
            disconnected_at: stored.disconnected_at.map(Timestamp),
            idle_since: Timestamp(stored.idle_since),
        })
    }
}

/// What only the tables know of a person.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::store) struct Person {
    pub(in crate::store) login: String,
    pub(in crate::store) name: String,
    pub(in crate::store) password_hash: String,
    /// An administrator chose it: the person chooses another one at the next sign-in.
    pub(in crate::store) password_temporary: bool,
}

/// The first shape: login, name, password hash.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredPerson1(String, String, String);

/// The second shape also says whether the password is temporary.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredPerson(StoredPerson1, bool);

impl Record for Person {
    const VERSION: u8 = 2;
    type Stored = StoredPerson;

    fn to_stored(&self) -> StoredPerson {
        let first = StoredPerson1(self.login.clone(), self.name.clone(), self.password_hash.clone());
        StoredPerson(first, self.password_temporary)
    }

    fn from_stored(StoredPerson(first, password_temporary): StoredPerson) -> Result<Self, CodecError> {
        let StoredPerson1(login, name, password_hash) = first;
        Ok(Self { login, name, password_hash, password_temporary })
    }

    fn from_version(version: u8, payload: &[u8]) -> Result<Self, CodecError> {
        match version {
            1 => Self::from_stored(StoredPerson(shape(payload)?, false)),
            Self::VERSION => Self::from_stored(shape(payload)?),
            _ => Err(CodecError::Version(version)),
        }
    }
}

/// Agent, beginning, last use.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredSignIn(u64, i64, i64);

impl Record for SignIn {
    const VERSION: u8 = 1;
    type Stored = StoredSignIn;

    fn to_stored(&self) -> StoredSignIn {
        StoredSignIn(self.agent.0, self.started_at.0, self.seen_at.0)
    }

    fn from_stored(StoredSignIn(agent, started_at, seen_at): StoredSignIn) -> Result<Self, CodecError> {
        Ok(Self { agent: AgentId(agent), started_at: Timestamp(started_at), seen_at: Timestamp(seen_at) })
    }
}
