//! People, their sign-ins and their second factors: events to rows.

use redb::ReadableTable as _;

use crate::domain::agent::AgentProfile;
use crate::domain::event::Event;
use crate::domain::ids::{AgentId, TokenHash};
use crate::domain::second_factor::{Proof, SecondFactor};
use crate::domain::security::SecurityRules;
use crate::domain::time::Timestamp;

use super::super::StoreError;
use super::super::codec;
use super::super::query::decode;
use super::super::record::Pointer;
use super::super::record::people::Person;
use super::super::record::security::{SetUpLink, SignInOrigin};
use super::super::secrets::{self, Kind};
use super::super::tables::{SECURITY_RULES, SET_UP_LINK};
use super::Pages;

impl Pages<'_> {
    /// Takes over one event about a person; of the others nothing.
    #[allow(clippy::wildcard_enum_match_arm, reason = "`event` hands over the right kinds, exhaustively")]
    pub(super) fn person_event(&mut self, event: &Event) -> Result<(), StoreError> {
        match event {
            Event::AgentAdded { agent, profile } => self.add_person(*agent, profile)?,
            Event::AgentChanged { agent, change } => {
                self.change_person(*agent, |person| person.name.clone_from(&change.name))?;
                self.touched.agents.insert(*agent);
            }
            Event::AgentDisabled { agent, .. } => {
                self.touched.agents.insert(*agent);
            }
            Event::PasswordSet { agent, password_hash, temporary } => self.change_person(*agent, |person| {
                person.password_hash.clone_from(password_hash);
                person.password_temporary = *temporary;
            })?,
            Event::SecondFactorSet { agent, secret, recovery, step } => {
                secrets::put(&mut self.tables, self.key, Kind::SecondFactor, agent.0, &secret.0)?;
                let factor = SecondFactor { last_step: *step, recovery: recovery.clone() };
                self.tables.second_factors()?.insert(agent.0, codec::encode(&factor))?;
            }
            Event::SecondFactorRemoved { agent } => {
                self.tables.secrets()?.remove((Kind::SecondFactor as u8, agent.0))?;
                self.tables.second_factors()?.remove(agent.0)?;
            }
            Event::SecondFactorUsed { agent, proof } => self.use_factor(*agent, *proof)?,
            Event::SecuritySet { rules } => {
                self.tables.settings()?.insert(SECURITY_RULES, codec::encode(rules))?;
            }
            Event::SetUpOffered { token, until } => {
                self.tables.meta()?.insert(SET_UP_LINK, codec::encode(&SetUpLink(*token, *until)))?;
            }
            Event::SetUpUsed { .. } => self.tables.meta()?.remove(SET_UP_LINK)?,
            _ => {}
        }
        Ok(())
    }

    /// Takes over the beginning or the end of a sign-in.
    pub(super) fn sign_in_event(&mut self, token: TokenHash, agent: AgentId, begins: bool) -> Result<(), StoreError> {
        self.touched.sign_ins.insert(token);
        self.touched.agents.insert(agent);
        if begins {
            let (address, browser) = (self.origin.address_words(), self.origin.browser.clone());
            let origin = SignInOrigin { address, browser };
            self.tables.sign_in_origins()?.insert(&token.0, codec::encode(&origin))?;
        } else {
            self.tables.sign_in_origins()?.remove(&token.0)?;
        }
        Ok(())
    }

    fn add_person(&mut self, agent: AgentId, profile: &AgentProfile) -> Result<(), StoreError> {
        let person = Person {
            login: profile.login.clone(),
            name: profile.name.clone(),
            password_hash: profile.password_hash.clone(),
            password_temporary: false,
        };
        self.tables.people()?.insert(agent.0, codec::encode(&person))?;
        let login = profile.login.to_lowercase();
        self.tables.logins()?.insert(login.as_str(), codec::encode(&Pointer(agent.0)))?;
        self.touched.agents.insert(agent);
        Ok(())
    }

    fn change_person(&mut self, agent: AgentId, change: impl FnOnce(&mut Person)) -> Result<(), StoreError> {
        let found = self.tables.people()?.get(agent.0)?;
        let value = found.ok_or(StoreError::Missing("the name of an agent"))?;
        let mut person: Person = decode("people", agent, value.value())?;
        drop(value);
        change(&mut person);
        self.tables.people()?.insert(agent.0, codec::encode(&person))?;
        Ok(())
    }

    fn use_factor(&mut self, agent: AgentId, proof: Proof) -> Result<(), StoreError> {
        if let Some(factor) = self.second_factor(agent)? {
            self.tables.second_factors()?.insert(agent.0, codec::encode(&factor.after(proof)))?;
        }
        Ok(())
    }

    /// A person's second factor, without its secret.
    pub(in crate::store) fn second_factor(&mut self, agent: AgentId) -> Result<Option<SecondFactor>, StoreError> {
        let found = self.tables.second_factors()?.get(agent.0)?;
        found.map(|value| decode("second_factors", agent, value.value())).transpose()
    }

    /// The link for the first administrator that was offered last.
    pub(in crate::store) fn set_up_link(&mut self) -> Result<Option<(TokenHash, Timestamp)>, StoreError> {
        let found = self.tables.meta()?.get(SET_UP_LINK)?;
        let link: Option<SetUpLink> = found.map(|value| decode("meta", SET_UP_LINK, value.value())).transpose()?;
        Ok(link.map(|SetUpLink(token, until)| (token, until)))
    }

    /// The rules about who gets in.
    pub(in crate::store) fn security(&mut self) -> Result<SecurityRules, StoreError> {
        let found = self.tables.settings()?.get(SECURITY_RULES)?;
        let rules = found.map(|value| decode("settings", SECURITY_RULES, value.value())).transpose()?;
        Ok(rules.unwrap_or_default())
    }
}
