//! The second step of a sign-in: a code, or another password in place of a temporary one.
//!
//! Apart from the first step because it has another proof: the cookie of a challenge. Invariants: wrong codes are slowed
//! down like wrong passwords; nothing but the step that is asked for is taken.

use std::net::IpAddr;
use std::sync::Arc;

use hyper::{Response, StatusCode};

use crate::domain::command::Command;
use crate::domain::ids::TokenHash;
use crate::domain::rejection::Rejection;
use crate::password;
use crate::store::Origin;

use super::App;
use super::api::people::hashed;
use super::challenge::{Challenge, Step};
use super::error::HttpError;
use super::request::Asked;
use super::response::{self, Body};
use super::second_factor;
use super::sign_in::{self, Brought, Proven};
use super::view::{CodeBody, NewPasswordBody, StepAnswer};
use super::visitor::{self, KnownBrowser};

/// A step that was asked for, and by whom.
struct Taken {
    token: TokenHash,
    challenge: Challenge,
    brought: Brought,
    address: IpAddr,
    browser: Option<KnownBrowser>,
}

impl Taken {
    fn of(app: &App, asked: &Asked, step: Option<Step>) -> Result<Self, HttpError> {
        let brought = Brought::by(asked);
        let found = brought.challenge.and_then(|token| Some((token, app.challenges.find(token, app.clock.now())?)));
        let (token, challenge) = found.ok_or_else(HttpError::challenge_over)?;
        if step.is_some_and(|step| step != challenge.step) {
            return Err(HttpError::challenge_over());
        }
        let browser = app.known_browser(visitor::cookie(asked).as_deref(), &challenge.login);
        Ok(Self { token, challenge, brought, address: asked.peer, browser })
    }

    /// Refuses when the password that began this has been replaced, by whomever.
    async fn same_password(&self, app: &Arc<App>) -> Result<(), HttpError> {
        let agent = self.challenge.agent;
        let now = app.read(move |snapshot| Ok(snapshot.password_hash(agent)?)).await?;
        if now.as_deref() == Some(&*self.challenge.password_hash) { Ok(()) } else { Err(HttpError::challenge_over()) }
    }

    /// The sign-in is complete.
    async fn complete(self, app: &Arc<App>) -> Result<Response<Body>, HttpError> {
        app.challenges.end(self.token);
        app.throttle.succeeded(&self.challenge.login, self.address, self.browser, app.clock.now());
        let Challenge { agent, login, .. } = self.challenge;
        sign_in::begin(app, Proven { agent, login, earlier: self.brought.earlier, secure: self.brought.secure }).await
    }
}

/// `GET /api/sign-in/step`: what is asked for next.
pub(super) fn step(app: &App, asked: &Asked) -> Result<Response<Body>, HttpError> {
    let step = Taken::of(app, asked, None)?.challenge.step;
    Ok(response::json(StatusCode::OK, &StepAnswer::of(step)))
}

/// `POST /api/sign-in/code`.
pub(super) async fn code(app: &Arc<App>, asked: Asked) -> Result<Response<Body>, HttpError> {
    let taken = Taken::of(app, &asked, Some(Step::Code))?;
    taken.same_password(app).await?;
    let CodeBody { code } = asked.json().await?;
    let (agent, now) = (taken.challenge.agent, app.clock.now());
    let throttled = app.throttle.attempt(&taken.challenge.login, taken.address, taken.browser, now);
    throttled.map_err(HttpError::sign_in_throttled)?;
    let proof = app.read(move |snapshot| {
        let Some(factor) = snapshot.second_factor(agent)? else { return Ok(None) };
        let secret = snapshot.second_factor_secret(agent)?;
        Ok(second_factor::proof(&factor, secret.as_deref(), &code, now))
    });
    let Some(proof) = proof.await? else {
        app.note_failure(Some(agent), true).await;
        return Err(Rejection::SecondFactorRefused.into());
    };
    let mine = Origin::current().by(agent);
    mine.scope(async { app.submit(Command::UseSecondFactor { agent, proof }).await }).await?;
    if taken.challenge.password_temporary {
        let began_at = taken.challenge.began_at;
        let next = Challenge { step: Step::Password, password_temporary: true, began_at, ..taken.challenge };
        app.challenges.put(taken.token, next);
        return Err(HttpError::sign_in_goes_on(Step::Password));
    }
    taken.complete(app).await
}

/// `POST /api/sign-in/password`: in place of a temporary one.
pub(super) async fn password(app: &Arc<App>, asked: Asked) -> Result<Response<Body>, HttpError> {
    let taken = Taken::of(app, &asked, Some(Step::Password))?;
    let NewPasswordBody { password: typed } = asked.json().await?;
    let agent = taken.challenge.agent;
    let (again, earlier) = (typed.clone(), taken.challenge.password_hash.clone());
    if app.hash(move || password::matches(&again, Some(&earlier))).await? {
        return Err(HttpError::password_refused("This is the temporary password. Choose another one."));
    }
    let password_hash = hashed(app, typed, &taken.challenge.login).await?;
    taken.same_password(app).await?;
    let mine = Origin::current().by(agent);
    let command = Command::SetPassword { agent, password_hash, keep: None, temporary: false };
    mine.scope(async { app.submit(command).await }).await?;
    taken.complete(app).await
}
