//! How a person proves who they are, changed by themselves: password and second factor.
//!
//! Whoever sits down at an open browser must not be able to take it over: each change needs the password. Invariant: a
//! second factor counts from the moment at which a code of it was shown, and not before.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::{Response, StatusCode};
use serde::{Deserialize, Serialize};

use super::people::hashed;
use crate::domain::command::Command;
use crate::domain::ids::AgentId;
use crate::domain::second_factor::Secret;
use crate::domain::time::Timestamp;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::second_factor;
use crate::http::sign_in::Caller;
use crate::http::view::{CodeBody, NewPasswordBody};
use crate::limits::{ENROLMENT_MS_MAX, ENROLMENTS_MAX};
use crate::password;

/// Second factors that are being set up: the secret that was shown, and when.
#[derive(Default)]
pub(in crate::http) struct Enrolments(Mutex<HashMap<AgentId, (Vec<u8>, Timestamp)>>);

impl Enrolments {
    fn begin(&self, agent: AgentId, secret: Vec<u8>, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (_, began_at)| now.since_ms(*began_at) < ENROLMENT_MS_MAX);
        if all.len() >= ENROLMENTS_MAX
            && let Some(oldest) = all.iter().min_by_key(|(_, (_, began_at))| *began_at).map(|(agent, _)| *agent)
        {
            all.remove(&oldest);
        }
        all.insert(agent, (secret, now));
    }

    fn find(&self, agent: AgentId, now: Timestamp) -> Option<Vec<u8>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.get(&agent).filter(|(_, began_at)| now.since_ms(*began_at) < ENROLMENT_MS_MAX);
        found.map(|(secret, _)| secret.clone())
    }

    fn end(&self, agent: AgentId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&agent);
    }
}

#[derive(Deserialize)]
struct PasswordBody {
    old: String,
    new: String,
}

#[derive(Serialize)]
struct SecondFactorView {
    enabled: bool,
    recovery_codes_left: usize,
}

/// What an authenticator is given.
#[derive(Serialize)]
struct EnrolmentView {
    secret: String,
    uri: String,
    qr: Option<QrView>,
}

/// A QR code as an SVG: the side of its view box, and the path of its dark modules.
#[derive(Serialize)]
struct QrView {
    side: usize,
    path: String,
}

#[derive(Serialize)]
struct RecoveryView {
    recovery_codes: Vec<String>,
}

impl App {
    /// Refuses who does not know the caller's password; guessing is slowed down as at the sign-in. Gives the login.
    async fn check_password(
        self: &Arc<Self>,
        caller: Caller,
        address: std::net::IpAddr,
        password: String,
    ) -> Result<String, HttpError> {
        let agent = caller.agent;
        let (row, phc) = self
            .read(move |snapshot| {
                let row = snapshot.agent(agent)?.ok_or_else(HttpError::not_found)?;
                Ok((row, snapshot.password_hash(agent)?))
            })
            .await?;
        // The browser is signed in, so it has a count of its own.
        let login = row.login.to_lowercase();
        let browser = caller.token.0.first_chunk().copied();
        self.throttle.attempt(&login, address, browser, self.clock.now()).map_err(HttpError::sign_in_throttled)?;
        if !self.hash(move || password::matches(&password, phc.as_deref())).await? {
            self.note_failure(Some(agent), false).await;
            return Err(HttpError::password_wrong());
        }
        self.throttle.succeeded(&login, address, browser, self.clock.now());
        Ok(row.login)
    }
}

/// `PUT /api/me/password`. Other browsers are signed out.
pub(in crate::http) async fn set_password(
    app: &Arc<App>,
    caller: Caller,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let address = asked.peer;
    let PasswordBody { old, new } = asked.json().await?;
    let same = old == new;
    let login = app.check_password(caller, address, old).await?;
    if same {
        return Err(HttpError::password_refused("This is the password that you have. Choose another one."));
    }
    let password_hash = hashed(app, new, &login).await?;
    let (agent, keep) = (caller.agent, Some(caller.token));
    let done = app.submit(Command::SetPassword { agent, password_hash, keep, temporary: false }).await?;
    app.feed.reached(done.seq).await;
    Ok(response::empty())
}

/// `GET /api/me/second-factor`.
pub(in crate::http) async fn second_factor(app: &Arc<App>, caller: Caller) -> Result<Response<Body>, HttpError> {
    let factor = app.read(move |snapshot| Ok(snapshot.second_factor(caller.agent)?)).await?;
    let recovery_codes_left = factor.as_ref().map_or(0, |factor| factor.recovery.len());
    let view = SecondFactorView { enabled: factor.is_some(), recovery_codes_left };
    Ok(response::json(StatusCode::OK, &view))
}

/// `POST /api/me/second-factor`: a new secret is shown; nothing changes before a code of it was seen.
pub(in crate::http) async fn enrol(app: &Arc<App>, caller: Caller, asked: Asked) -> Result<Response<Body>, HttpError> {
    let address = asked.peer;
    let NewPasswordBody { password } = asked.json().await?;
    let login = app.check_password(caller, address, password).await?;
    let secret = second_factor::new_secret().map_err(no_randomness)?;
    let uri = second_factor::uri(&secret, &login);
    let qr = second_factor::qr(&uri).map(|(side, path)| QrView { side, path });
    let view = EnrolmentView { secret: second_factor::in_words(&secret), uri, qr };
    app.enrolments.begin(caller.agent, secret, app.clock.now());
    Ok(response::json(StatusCode::OK, &view))
}

/// `PUT /api/me/second-factor`: a code confirms it; the recovery codes are shown this once.
pub(in crate::http) async fn confirm(
    app: &Arc<App>,
    caller: Caller,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let CodeBody { code } = asked.json().await?;
    let (agent, now) = (caller.agent, app.clock.now());
    let secret = app.enrolments.find(agent, now).ok_or_else(HttpError::enrolment_over)?;
    let step = second_factor::step_of(&secret, &code, now).ok_or_else(HttpError::code_wrong)?;
    let recovery_codes = second_factor::new_recovery_codes().map_err(no_randomness)?;
    let recovery = recovery_codes.iter().map(|code| second_factor::recovery_hash(code)).collect();
    app.submit(Command::SetSecondFactor { agent, secret: Secret(secret), recovery, step }).await?;
    app.enrolments.end(agent);
    Ok(response::json(StatusCode::OK, &RecoveryView { recovery_codes }))
}

/// `DELETE /api/me/second-factor`.
pub(in crate::http) async fn remove(app: &Arc<App>, caller: Caller, asked: Asked) -> Result<Response<Body>, HttpError> {
    let address = asked.peer;
    let NewPasswordBody { password } = asked.json().await?;
    app.check_password(caller, address, password).await?;
    app.submit(Command::RemoveSecondFactor { agent: caller.agent }).await?;
    Ok(response::empty())
}

#[allow(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn no_randomness(error: getrandom::Error) -> HttpError {
    tracing::error!(%error, "the system gave no random bytes");
    HttpError::internal()
}
