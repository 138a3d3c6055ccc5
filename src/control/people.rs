//! People, set up from the command line.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Answer, RoleName, refusal};
use crate::domain::agent::{AgentChange, Role};
use crate::domain::command::Command;
use crate::domain::ids::AgentId;
use crate::store::{PersonRow, Store};

/// What can be asked about people who are there.
#[derive(Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum PeopleRequest {
    /// Everybody.
    List,
    /// Another password; it ends their sign-ins.
    Password {
        /// Whose.
        login: String,
        /// Argon2id PHC string.
        password_hash: String,
        /// They choose their own at the next sign-in.
        temporary: bool,
    },
    /// They may not come in.
    Disable {
        /// Who.
        login: String,
    },
    /// They may again.
    Enable {
        /// Who.
        login: String,
    },
    /// What they may do.
    Role {
        /// Who.
        login: String,
        /// From now on.
        role: RoleName,
    },
    /// They have lost their second factor.
    ResetSecondFactor {
        /// Who.
        login: String,
    },
}

impl RoleName {
    pub(super) fn role(self) -> Role {
        match self {
            Self::Agent => Role::Agent,
            Self::Supervisor => Role::Supervisor,
            Self::Administrator => Role::Administrator,
        }
    }
}

pub(super) async fn answer(store: &Store, request: PeopleRequest) -> Answer {
    let people = match store.read(|snapshot| snapshot.people()) {
        Ok(people) => people,
        Err(error) => return Answer::of(false, error.to_string()),
    };
    let (command, told) = match change(&people, request) {
        Ok(Some(change)) => change,
        Ok(None) => return listed(people),
        Err(sentence) => return Answer::of(false, sentence),
    };
    match store.submit(vec![command]).await {
        Ok(answers) => match answers.into_iter().next() {
            Some(Ok(done)) if !done.events.is_empty() => Answer::of(true, told),
            Some(Ok(_)) | None => Answer::of(true, "It is so already; nothing was changed."),
            Some(Err(rejection)) => Answer::of(false, refusal(rejection)),
        },
        Err(error) => super::not_now(error),
    }
}

/// The command, and what is told when it was done; nothing for a mere list.
fn change(people: &[PersonRow], request: PeopleRequest) -> Result<Option<(Command, String)>, String> {
    let known = |login: &str| -> Result<(AgentId, &PersonRow), String> {
        let found = people.iter().find(|person| person.row.login.to_lowercase() == login.to_lowercase());
        let person = found.ok_or("Nobody has this login. See who is there: deskbell user list.")?;
        Ok((person.row.agent.id, person))
    };
    Ok(Some(match request {
        PeopleRequest::List => return Ok(None),
        PeopleRequest::Password { login, password_hash, temporary } => {
            let (agent, _) = known(&login)?;
            let more = if temporary { " and has to be changed at the next sign-in" } else { "" };
            let told = format!("The new password of {login} holds{more}. Sign-ins with the old one have ended.");
            (Command::SetPassword { agent, password_hash, keep: None, temporary }, told)
        }
        PeopleRequest::Disable { login } => {
            let (agent, _) = known(&login)?;
            let told = format!("{login} cannot sign in any more; open sign-ins have ended and work was put aside.");
            (Command::SetDisabled { agent, disabled: true }, told)
        }
        PeopleRequest::Enable { login } => {
            let (agent, _) = known(&login)?;
            (Command::SetDisabled { agent, disabled: false }, format!("{login} may sign in again."))
        }
        PeopleRequest::Role { login, role } => {
            let (agent, person) = known(&login)?;
            let row = &person.row;
            let change = AgentChange {
                name: row.name.clone(),
                role: role.role(),
                capacity: row.agent.capacity,
                auto_ready: row.agent.auto_ready,
                skills: row.agent.skills.clone(),
            };
            (Command::ChangeAgent { agent, change }, format!("{login} has this role from now on."))
        }
        PeopleRequest::ResetSecondFactor { login } => {
            let (agent, _) = known(&login)?;
            (Command::RemoveSecondFactor { agent }, format!("{login} signs in with the password alone from now on."))
        }
    }))
}

fn listed(people: Vec<PersonRow>) -> Answer {
    let rows: Vec<_> = people
        .into_iter()
        .map(|PersonRow { row, password_temporary, second_factor }| {
            json!({
                "id": row.agent.id.0,
                "login": row.login,
                "name": row.name,
                "role": row.agent.role.word(),
                "capacity": row.agent.capacity,
                "auto_ready": row.agent.auto_ready,
                "skills": row.agent.skills,
                "disabled": row.agent.disabled,
                "second_factor": second_factor,
                "password_temporary": password_temporary,
            })
        })
        .collect();
    Answer { details: rows.into(), ..Answer::of(true, String::new()) }
}
