//! The people of the centre: role, presence, capacity.
//!
//! Names, logins and password hashes stay in the tables; the floor needs only what routing and rights need.
//! Invariant: only `Ready`, connected, enabled agents are offered work.

use std::collections::BTreeSet;

use super::ids::AgentId;
use super::time::Timestamp;

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Handles interactions.
    Agent,
    /// Handles interactions and sees everybody's.
    Supervisor,
    /// Sets the centre up.
    Administrator,
}

impl Role {
    /// As programs write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Administrator => "administrator",
        }
    }

    /// May see and steer other people's work.
    #[must_use]
    pub fn supervises(self) -> bool {
        match self {
            Self::Agent => false,
            Self::Supervisor | Self::Administrator => true,
        }
    }
}

/// Why an agent is not ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Signed in without `auto_ready`.
    SignedIn,
    /// Let an offer's deadline pass.
    NoAnswer,
    /// The connection was gone longer than the grace period.
    Disconnected,
    /// One of the administrator's reasons, or none given.
    Chosen(Option<String>),
}

/// An agent's state on the channel (domain.md section 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Not working.
    LoggedOff,
    /// Takes offers.
    Ready,
    /// Takes no offers; open work is untouched.
    NotReady(Reason),
    /// Takes no offers and wants no disturbance.
    DoNotDisturb,
    /// Takes no offers while finishing earlier work.
    AfterCallWork,
}

/// An agent as the floor knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Who.
    pub id: AgentId,
    /// What they may do.
    pub role: Role,
    /// How many interactions at once.
    pub capacity: u32,
    /// Sign-in sets Ready at once.
    pub auto_ready: bool,
    /// May no longer sign in.
    pub disabled: bool,
    /// Skills, matched against a queue's.
    pub skills: BTreeSet<String>,
    /// State on the channel.
    pub presence: Presence,
    /// Since when in that state.
    pub presence_since: Timestamp,
    /// Asked for "Not Ready after current work": takes nothing more, and changes when the last work is done.
    pub after_work: Option<Reason>,
    /// At least one browser holds an event stream.
    pub connected: bool,
    /// When the last stream went, or the sign-in that has not opened one yet began; `None` while connected.
    pub disconnected_at: Option<Timestamp>,
    /// Since when without a new piece of work: the longest idle agent is chosen first.
    pub idle_since: Timestamp,
}

impl Agent {
    /// Somebody who was added just now and has never worked.
    pub(super) fn new(id: AgentId, profile: &AgentProfile, at: Timestamp) -> Self {
        Self {
            id,
            role: profile.role,
            capacity: profile.capacity,
            auto_ready: profile.auto_ready,
            disabled: false,
            skills: profile.skills.clone(),
            presence: Presence::LoggedOff,
            presence_since: at,
            after_work: None,
            connected: false,
            disconnected_at: None,
            idle_since: at,
        }
    }

    /// May be offered work as far as the agent alone decides (capacity, skills and passing over come on top).
    #[must_use]
    pub fn takes_work(&self) -> bool {
        self.connected && !self.disabled && self.after_work.is_none() && self.presence == Presence::Ready
    }

    /// Is from now on as an administrator says.
    pub(super) fn take_over(&mut self, change: &AgentChange) {
        self.role = change.role;
        self.capacity = change.capacity;
        self.auto_ready = change.auto_ready;
        self.skills.clone_from(&change.skills);
    }

    /// Is at work: signed in on the channel, with a browser that listens.
    #[must_use]
    pub fn present(&self) -> bool {
        self.connected && self.presence != Presence::LoggedOff
    }

    /// Since when they have been away from their work; `None` while present.
    #[must_use]
    pub fn gone_since(&self) -> Option<Timestamp> {
        match &self.presence {
            Presence::LoggedOff => Some(self.presence_since),
            Presence::Ready | Presence::NotReady(_) | Presence::DoNotDisturb | Presence::AfterCallWork => {
                self.disconnected_at
            }
        }
    }
}

/// A person to add. The password hash is a PHC string; nothing here prints it.
#[derive(Clone, PartialEq, Eq)]
pub struct AgentProfile {
    /// The name typed at sign-in; unique, compared without case.
    pub login: String,
    /// Shown to colleagues.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Argon2id PHC string.
    pub password_hash: String,
    /// How many interactions at once.
    pub capacity: u32,
    /// Sign-in sets Ready at once.
    pub auto_ready: bool,
    /// Skills, matched against a queue's.
    pub skills: BTreeSet<String>,
}

/// What may be changed of a person: all of it, as it is from then on. The login stays.
#[derive(Clone, PartialEq, Eq)]
pub struct AgentChange {
    /// Shown to colleagues.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// How many interactions at once.
    pub capacity: u32,
    /// Sign-in sets Ready at once.
    pub auto_ready: bool,
    /// Skills, matched against a queue's.
    pub skills: BTreeSet<String>,
}

impl std::fmt::Debug for AgentChange {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("AgentChange").field("role", &self.role).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for AgentProfile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("AgentProfile").field("role", &self.role).finish_non_exhaustive()
    }
}
