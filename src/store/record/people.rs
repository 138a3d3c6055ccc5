//! Agents, what is known about them as people, and their sign-ins.

use serde::{Deserialize, Serialize};

use super::super::codec::{CodecError, Record};
use crate::domain::agent::{Agent, Presence, Reason, Role};
use crate::domain::ids::AgentId;
use crate::domain::sign_in::SignIn;
use crate::domain::time::Timestamp;

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct AgentV1 {
    id: u64,
    role: RoleV1,
    capacity: u32,
    auto_ready: bool,
    disabled: bool,
    skills: Vec<String>,
    presence: PresenceV1,
    presence_since: i64,
    after_work: Option<ReasonV1>,
    connected: bool,
    disconnected_at: Option<i64>,
    idle_since: i64,
}

#[derive(Serialize, Deserialize)]
enum RoleV1 {
    Agent,
    Supervisor,
    Administrator,
}

#[derive(Serialize, Deserialize)]
enum PresenceV1 {
    LoggedOff,
    Ready,
    NotReady(ReasonV1),
    DoNotDisturb,
    AfterCallWork,
}

#[derive(Serialize, Deserialize)]
enum ReasonV1 {
    SignedIn,
    NoAnswer,
    Disconnected,
    Chosen(Option<String>),
}

impl Record for Agent {
    const VERSION: u8 = 1;
    type Stored = AgentV1;

    fn to_stored(&self) -> AgentV1 {
        AgentV1 {
            id: self.id.0,
            role: match self.role {
                Role::Agent => RoleV1::Agent,
                Role::Supervisor => RoleV1::Supervisor,
                Role::Administrator => RoleV1::Administrator,
            },
            capacity: self.capacity,
            auto_ready: self.auto_ready,
            disabled: self.disabled,
            skills: self.skills.iter().cloned().collect(),
            presence: match &self.presence {
                Presence::LoggedOff => PresenceV1::LoggedOff,
                Presence::Ready => PresenceV1::Ready,
                Presence::NotReady(reason) => PresenceV1::NotReady(ReasonV1::from(reason)),
                Presence::DoNotDisturb => PresenceV1::DoNotDisturb,
                Presence::AfterCallWork => PresenceV1::AfterCallWork,
            },
            presence_since: self.presence_since.0,
            after_work: self.after_work.as_ref().map(ReasonV1::from),
            connected: self.connected,
            disconnected_at: self.disconnected_at.map(|at| at.0),
            idle_since: self.idle_since.0,
        }
    }

    fn from_stored(stored: AgentV1) -> Result<Self, CodecError> {
        Ok(Self {
            id: AgentId(stored.id),
            role: match stored.role {
                RoleV1::Agent => Role::Agent,
                RoleV1::Supervisor => Role::Supervisor,
                RoleV1::Administrator => Role::Administrator,
            },
            capacity: stored.capacity,
            auto_ready: stored.auto_ready,
            disabled: stored.disabled,
            skills: stored.skills.into_iter().collect(),
            presence: match stored.presence {
                PresenceV1::LoggedOff => Presence::LoggedOff,
                PresenceV1::Ready => Presence::Ready,
                PresenceV1::NotReady(reason) => Presence::NotReady(reason.into()),
                PresenceV1::DoNotDisturb => Presence::DoNotDisturb,
                PresenceV1::AfterCallWork => Presence::AfterCallWork,
            },
            presence_since: Timestamp(stored.presence_since),
            after_work: stored.after_work.map(Reason::from),
            connected: stored.connected,
            disconnected_at: stored.disconnected_at.map(Timestamp),
            idle_since: Timestamp(stored.idle_since),
        })
    }
}

impl From<&Reason> for ReasonV1 {
    fn from(reason: &Reason) -> Self {
        match reason {
            Reason::SignedIn => Self::SignedIn,
            Reason::NoAnswer => Self::NoAnswer,
            Reason::Disconnected => Self::Disconnected,
            Reason::Chosen(chosen) => Self::Chosen(chosen.clone()),
        }
    }
}

impl From<ReasonV1> for Reason {
    fn from(reason: ReasonV1) -> Self {
        match reason {
            ReasonV1::SignedIn => Self::SignedIn,
            ReasonV1::NoAnswer => Self::NoAnswer,
            ReasonV1::Disconnected => Self::Disconnected,
            ReasonV1::Chosen(chosen) => Self::Chosen(chosen),
        }
    }
}

/// What the floor does not need to know about an agent.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::store) struct Person {
    /// As typed by the administrator.
    pub(in crate::store) login: String,
    /// Shown to colleagues.
    pub(in crate::store) name: String,
    /// Argon2id PHC string.
    pub(in crate::store) password_hash: String,
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct PersonV1 {
    login: String,
    name: String,
    password_hash: String,
}

impl Record for Person {
    const VERSION: u8 = 1;
    type Stored = PersonV1;

    fn to_stored(&self) -> PersonV1 {
        PersonV1 { login: self.login.clone(), name: self.name.clone(), password_hash: self.password_hash.clone() }
    }

    fn from_stored(stored: PersonV1) -> Result<Self, CodecError> {
        Ok(Self { login: stored.login, name: stored.name, password_hash: stored.password_hash })
    }
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct SignInV1 {
    agent: u64,
    started_at: i64,
    seen_at: i64,
}

impl Record for SignIn {
    const VERSION: u8 = 1;
    type Stored = SignInV1;

    fn to_stored(&self) -> SignInV1 {
        SignInV1 { agent: self.agent.0, started_at: self.started_at.0, seen_at: self.seen_at.0 }
    }

    fn from_stored(stored: SignInV1) -> Result<Self, CodecError> {
        Ok(Self {
            agent: AgentId(stored.agent),
            started_at: Timestamp(stored.started_at),
            seen_at: Timestamp(stored.seen_at),
        })
    }
}
