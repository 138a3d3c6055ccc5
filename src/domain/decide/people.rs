//! People after they were added: what they may do, whether they may come in, and how they prove who they are.
//!
//! Apart from the rest of what is set up because here somebody can be locked out. Invariant: an enabled administrator
//! is always left, once there was one.

use std::collections::BTreeSet;

use crate::limits::{AUDIT_DAYS_MAX, CAPACITY_MAX, DEED_CHARS_MAX, SET_UP_LINK_MS_MAX, SKILLS_PER_AGENT_MAX};

use super::Decision;
use super::set_up::named;
use crate::domain::agent::{Agent, AgentChange, AgentProfile, Role};
use crate::domain::event::Event;
use crate::domain::facts::Facts;
use crate::domain::floor::Floor;
use crate::domain::ids::{AgentId, TokenHash};
use crate::domain::rejection::Rejection;
use crate::domain::second_factor::{Proof, Secret};
use crate::domain::security::{Deed, SecurityRules};
use crate::domain::sign_in::SignIn;
use crate::domain::time::Timestamp;

impl Floor {
    /// A person whose first password an administrator chose: they choose their own when they first sign in.
    pub(super) fn invite_agent(&self, facts: &Facts, profile: &AgentProfile) -> Decision {
        let agent = AgentId(self.rows.counters.agent);
        let mut events = self.add_agent(facts, profile)?;
        let password_hash = profile.password_hash.clone();
        events.push(Event::PasswordSet { agent, password_hash, temporary: true });
        Ok(events)
    }

    pub(super) fn change_person(&self, agent: AgentId, change: &AgentChange) -> Decision {
        let found = self.known(agent)?;
        named(&change.name)?;
        plain_skills(&change.skills)?;
        if change.capacity == 0 || change.capacity > CAPACITY_MAX {
            return Err(Rejection::BadValue);
        }
        if change.role != Role::Administrator && self.is_last_administrator(found) {
            return Err(Rejection::LastAdministrator);
        }
        Ok(vec![Event::AgentChanged { agent, change: change.clone() }])
    }

    /// A disabled person is signed out everywhere; their work goes as when they log off.
    pub(super) fn set_disabled(&self, agent: AgentId, disabled: bool) -> Decision {
        let found = self.known(agent)?;
        if found.disabled == disabled {
            return Ok(Vec::new());
        }
        if disabled && self.is_last_administrator(found) {
            return Err(Rejection::LastAdministrator);
        }
        let mut events = Vec::new();
        if disabled {
            let taking_part = self.rows.interactions.values().filter(|one| one.participants.contains_key(&agent));
            events.extend(taking_part.map(|one| Event::ParticipantLeft { interaction: one.id, agent }));
            events.extend(self.log_off(agent));
            events.extend(self.sign_ins_ended(agent, None));
        }
        events.push(Event::AgentDisabled { agent, disabled });
        Ok(events)
    }

    pub(super) fn set_password(
        &self,
        agent: AgentId,
        password_hash: &str,
        keep: Option<TokenHash>,
        temporary: bool,
    ) -> Decision {
        self.known(agent)?;
        let mut events = vec![Event::PasswordSet { agent, password_hash: password_hash.to_owned(), temporary }];
        events.extend(self.end_sign_ins(agent, keep));
        Ok(events)
    }

    /// Ends the person's sign-ins but the one given; without any left they are logged off.
    pub(super) fn end_sign_ins(&self, agent: AgentId, keep: Option<TokenHash>) -> Vec<Event> {
        let mut events: Vec<_> = self.sign_ins_ended(agent, keep).collect();
        let kept = keep.is_some_and(|token| self.rows.sign_ins.get(&token).is_some_and(|kept| kept.agent == agent));
        if !events.is_empty() && !kept {
            events.extend(self.log_off(agent));
        }
        events
    }

    fn sign_ins_ended(&self, agent: AgentId, keep: Option<TokenHash>) -> impl Iterator<Item = Event> {
        let of_agent = move |(token, sign_in): &(&TokenHash, &SignIn)| sign_in.agent == agent && Some(**token) != keep;
        self.rows.sign_ins.iter().filter(of_agent).map(move |(token, _)| Event::SignInEnded { token: *token, agent })
    }

    pub(super) fn set_second_factor(
        &self,
        agent: AgentId,
        secret: &Secret,
        recovery: &[TokenHash],
        step: u64,
    ) -> Decision {
        self.agent(agent)?;
        let (secret, recovery) = (secret.clone(), recovery.to_vec());
        Ok(vec![Event::SecondFactorSet { agent, secret, recovery, step }])
    }

    pub(super) fn remove_second_factor(&self, facts: &Facts, agent: AgentId) -> Decision {
        self.known(agent)?;
        Ok(facts.second_factor.iter().map(|_| Event::SecondFactorRemoved { agent }).collect())
    }

    pub(super) fn use_second_factor(&self, facts: &Facts, agent: AgentId, proof: Proof) -> Decision {
        self.agent(agent)?;
        match &facts.second_factor {
            Some(factor) if factor.takes(proof) => Ok(vec![Event::SecondFactorUsed { agent, proof }]),
            Some(_) | None => Err(Rejection::SecondFactorRefused),
        }
    }

    pub(super) fn set_security(&self, rules: SecurityRules) -> Decision {
        if rules.audit_days == 0 || rules.audit_days > AUDIT_DAYS_MAX {
            return Err(Rejection::BadValue);
        }
        Ok(vec![Event::SecuritySet { rules }])
    }

    /// A link by which somebody may become the first administrator.
    pub(super) fn offer_set_up(&self, at: Timestamp, token: TokenHash) -> Decision {
        if self.has_administrator() {
            return Err(Rejection::SetUpDone);
        }
        Ok(vec![Event::SetUpOffered { token, until: at.plus_ms(SET_UP_LINK_MS_MAX) }])
    }

    /// The holder of the link becomes the first administrator.
    pub(super) fn set_up(&self, facts: &Facts, at: Timestamp, token: TokenHash, profile: &AgentProfile) -> Decision {
        if self.has_administrator() {
            return Err(Rejection::SetUpDone);
        }
        if !facts.set_up_link.is_some_and(|(offered, until)| offered == token && at < until) {
            return Err(Rejection::SetUpLinkInvalid);
        }
        let agent = AgentId(self.rows.counters.agent);
        let mut events = self.add_agent(facts, &AgentProfile { role: Role::Administrator, ..profile.clone() })?;
        events.push(Event::SetUpUsed { agent });
        Ok(events)
    }

    pub(super) fn note_deed(deed: &Deed) -> Decision {
        let long = deed.action.chars().count() + deed.detail.chars().count() > DEED_CHARS_MAX;
        if long || deed.action.is_empty() {
            Err(Rejection::BadValue)
        } else {
            Ok(vec![Event::DeedNoted { deed: deed.clone() }])
        }
    }

    /// Somebody who is known, disabled or not.
    fn known(&self, agent: AgentId) -> Result<&Agent, Rejection> {
        self.rows.agents.get(&agent).ok_or(Rejection::UnknownAgent)
    }

    fn has_administrator(&self) -> bool {
        self.rows.agents.values().any(|agent| agent.role == Role::Administrator)
    }

    fn is_last_administrator(&self, agent: &Agent) -> bool {
        let administers = |agent: &Agent| agent.role == Role::Administrator && !agent.disabled;
        administers(agent) && !self.rows.agents.values().any(|other| other.id != agent.id && administers(other))
    }
}

fn plain_skills(skills: &BTreeSet<String>) -> Result<(), Rejection> {
    if skills.len() > SKILLS_PER_AGENT_MAX {
        return Err(Rejection::BadValue);
    }
    skills.iter().try_for_each(|skill| named(skill))
}
