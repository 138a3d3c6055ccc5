//! Read models of people as an administrator sees them, of sign-ins, and of the rules about who gets in.

use crate::domain::agent::Role;
use crate::domain::ids::{AgentId, TokenHash};
use crate::domain::second_factor::SecondFactor;
use crate::domain::security::SecurityRules;
use crate::domain::sign_in::SignIn;
use crate::domain::time::Timestamp;

use super::StoreError;
use super::query::{AgentRow, Snapshot, decode};
use super::record::people::Person;
use super::record::security::{SetUpLink, SignInOrigin};
use super::tables::{META, PEOPLE, SECOND_FACTORS, SECURITY_RULES, SET_UP_LINK, SETTINGS, SIGN_IN_ORIGINS};

/// A person with what only administrators see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// As colleagues see them.
    pub row: AgentRow,
    /// Chosen by an administrator.
    pub password_temporary: bool,
    /// There is one.
    pub second_factor: bool,
}

/// A sign-in and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInRow {
    /// SHA-256 of the secret.
    pub token: TokenHash,
    /// Whose, since when.
    pub sign_in: SignIn,
    /// Unknown for those of earlier versions.
    pub origin: Option<SignInOrigin>,
}

impl Snapshot {
    /// Everybody, disabled or not.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn people(&self) -> Result<Vec<PersonRow>, StoreError> {
        self.agents()?.into_iter().map(|row| self.with_proofs(row)).collect()
    }

    /// One person.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn person(&self, agent: AgentId) -> Result<Option<PersonRow>, StoreError> {
        self.agent(agent)?.map(|row| self.with_proofs(row)).transpose()
    }

    fn with_proofs(&self, row: AgentRow) -> Result<PersonRow, StoreError> {
        let id = row.agent.id;
        let person: Person = self.row(PEOPLE, id.0)?.ok_or(StoreError::Missing("the name of an agent"))?;
        let second_factor = self.second_factor(id)?.is_some();
        Ok(PersonRow { row, password_temporary: person.password_temporary, second_factor })
    }

    /// The password hash of a person.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn password_hash(&self, agent: AgentId) -> Result<Option<String>, StoreError> {
        Ok(self.row::<Person>(PEOPLE, agent.0)?.map(|person| person.password_hash))
    }

    /// A person's second factor, without its secret.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn second_factor(&self, agent: AgentId) -> Result<Option<SecondFactor>, StoreError> {
        self.row(SECOND_FACTORS, agent.0)
    }

    /// The sign-ins of a person, the one used last first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn sign_ins_of(&self, agent: AgentId) -> Result<Vec<SignInRow>, StoreError> {
        let origins = self.table(SIGN_IN_ORIGINS)?;
        let mut rows = Vec::new();
        for (token, sign_in) in self.sign_ins()?.into_iter().filter(|(_, sign_in)| sign_in.agent == agent) {
            let found = origins.get(&token.0)?;
            let origin = found.map(|value| decode("sign_in_origins", "(hash)", value.value())).transpose()?;
            rows.push(SignInRow { token, sign_in, origin });
        }
        rows.sort_by_key(|row| std::cmp::Reverse(row.sign_in.seen_at));
        Ok(rows)
    }

    /// The rules about who gets in.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn security(&self) -> Result<SecurityRules, StoreError> {
        let found = self.table(SETTINGS)?.get(SECURITY_RULES)?;
        let rules = found.map(|value| decode("settings", SECURITY_RULES, value.value())).transpose()?;
        Ok(rules.unwrap_or_default())
    }

    /// The link for the first administrator that was offered last, and its end.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn set_up_link(&self) -> Result<Option<(TokenHash, Timestamp)>, StoreError> {
        let found = self.table(META)?.get(SET_UP_LINK)?;
        let link: Option<SetUpLink> = found.map(|value| decode("meta", SET_UP_LINK, value.value())).transpose()?;
        Ok(link.map(|SetUpLink(token, until)| (token, until)))
    }

    /// Whether nobody is here yet, and whether nobody administers.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn needs_set_up(&self) -> Result<(bool, bool), StoreError> {
        let agents = self.agents()?;
        Ok((agents.is_empty(), !agents.iter().any(|row| row.agent.role == Role::Administrator)))
    }
}
