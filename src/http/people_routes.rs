//! The part of the URL map about people, their proofs and the audit log.
//!
//! Apart from the router because who may ask differs here: `/api/me/…` is everybody's own, `/api/administration/…` is
//! for administrators. Invariant: the right is checked before anything else of the request is looked at.

use std::sync::Arc;

use hyper::Response;

use crate::domain::agent::Role;
use crate::domain::ids::AgentId;
use crate::domain::rejection::Rejection;

use super::App;
use super::api::{audit, people, proofs, sign_ins};
use super::error::HttpError;
use super::request::Asked;
use super::response::Body;
use super::sign_in::Caller;

/// What is asked for.
pub(super) enum Route {
    Me(Mine),
    Administration(Administered),
}

/// One's own proofs and sign-ins.
pub(super) enum Mine {
    SetPassword,
    SecondFactor,
    Enrol,
    Confirm,
    RemoveSecondFactor,
    SignIns,
    EndOtherSignIns,
    EndSignIn(String),
}

/// What administrators ask for.
pub(super) enum Administered {
    People,
    Add,
    Change(AgentId),
    SetDisabled(AgentId),
    SetPassword(AgentId),
    ResetSecondFactor(AgentId),
    SignIns(AgentId),
    EndSignIns(AgentId),
    EndSignIn(AgentId, String),
    Security,
    SetSecurity,
    Audit,
    CheckAudit,
}

/// The route below `/api/`, of this part of the map.
pub(super) fn find(method: &str, path: &[&str], id: impl Fn(&str) -> Option<u64>) -> Option<Route> {
    use Administered as A;
    let agent = |text: &str| id(text).map(AgentId);
    if let ["me", rest @ ..] = path {
        return Some(Route::Me(match (method, rest) {
            ("PUT", ["password"]) => Mine::SetPassword,
            ("GET", ["second-factor"]) => Mine::SecondFactor,
            ("POST", ["second-factor"]) => Mine::Enrol,
            ("PUT", ["second-factor"]) => Mine::Confirm,
            ("DELETE", ["second-factor"]) => Mine::RemoveSecondFactor,
            ("GET", ["sign-ins"]) => Mine::SignIns,
            ("DELETE", ["sign-ins"]) => Mine::EndOtherSignIns,
            ("DELETE", ["sign-ins", of]) => Mine::EndSignIn((*of).to_owned()),
            _ => return None,
        }));
    }
    let ["administration", rest @ ..] = path else { return None };
    Some(Route::Administration(match (method, rest) {
        ("GET", ["people"]) => A::People,
        ("POST", ["people"]) => A::Add,
        ("PUT", ["people", of]) => A::Change(agent(of)?),
        ("PUT", ["people", of, "disabled"]) => A::SetDisabled(agent(of)?),
        ("PUT", ["people", of, "password"]) => A::SetPassword(agent(of)?),
        ("DELETE", ["people", of, "second-factor"]) => A::ResetSecondFactor(agent(of)?),
        ("GET", ["people", of, "sign-ins"]) => A::SignIns(agent(of)?),
        ("DELETE", ["people", of, "sign-ins"]) => A::EndSignIns(agent(of)?),
        ("DELETE", ["people", of, "sign-ins", name]) => A::EndSignIn(agent(of)?, (*name).to_owned()),
        ("GET", ["security"]) => A::Security,
        ("PUT", ["security"]) => A::SetSecurity,
        ("GET", ["audit"]) => A::Audit,
        ("GET", ["audit", "check"]) => A::CheckAudit,
        _ => return None,
    }))
}

impl App {
    /// Refuses who is no administrator, or lacks the second factor that the centre asks of them.
    pub(super) async fn administrator(self: &Arc<Self>, caller: Caller) -> Result<(), HttpError> {
        let read = self.read(move |snapshot| Ok((snapshot.person(caller.agent)?, snapshot.security()?)));
        let (person, rules) = read.await?;
        let administers = |row: &crate::store::PersonRow| row.row.agent.role == Role::Administrator;
        let person = person.filter(|person| administers(person) && !person.row.agent.disabled);
        let person = person.ok_or(Rejection::NotAdministrator)?;
        if rules.administrators_need_second_factor && !person.second_factor {
            return Err(HttpError::second_factor_needed());
        }
        Ok(())
    }
}

/// Answers it.
pub(super) async fn answer(
    app: &Arc<App>,
    caller: Caller,
    route: Route,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    use Administered as A;
    let me = caller.agent;
    let route = match route {
        Route::Me(mine) => {
            return match mine {
                Mine::SetPassword => proofs::set_password(app, caller, asked).await,
                Mine::SecondFactor => proofs::second_factor(app, caller).await,
                Mine::Enrol => proofs::enrol(app, caller, asked).await,
                Mine::Confirm => proofs::confirm(app, caller, asked).await,
                Mine::RemoveSecondFactor => proofs::remove(app, caller, asked).await,
                Mine::SignIns => sign_ins::list(app, caller, me).await,
                Mine::EndOtherSignIns => sign_ins::end_others(app, caller, me, asked).await,
                Mine::EndSignIn(name) => sign_ins::end(app, me, &name, asked).await,
            };
        }
        Route::Administration(administered) => administered,
    };
    app.administrator(caller).await?;
    match route {
        A::People => people::list(app).await,
        A::Add => people::add(app, asked).await,
        A::Change(of) => people::change(app, of, asked).await,
        A::SetDisabled(of) => people::set_disabled(app, of, asked).await,
        A::SetPassword(of) => people::set_password(app, of, asked).await,
        A::ResetSecondFactor(of) => people::reset_second_factor(app, of, asked).await,
        A::SignIns(of) => sign_ins::list(app, caller, of).await,
        A::EndSignIns(of) => sign_ins::end_others(app, caller, of, asked).await,
        A::EndSignIn(of, name) => sign_ins::end(app, of, &name, asked).await,
        A::Security => people::security(app).await,
        A::SetSecurity => people::set_security(app, asked).await,
        A::Audit => audit::list(app, &asked).await,
        A::CheckAudit => audit::check(app).await,
    }
}
