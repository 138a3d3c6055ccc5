//! Sign-ins: who a cookie belongs to, and the two handlers that begin and end one.
//!
//! The check of each request stays in memory; the fan-out renews the map from the tables whenever a sign-in began or
//! ended. Invariants: only the SHA-256 of a cookie's secret is kept; a sign-in is used only before its end.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use hyper::header::{self, HeaderValue};
use hyper::{Response, StatusCode};
use sha2::{Digest as _, Sha256};

use crate::domain::command::Command;
use crate::domain::ids::{AgentId, TokenHash};
use crate::domain::rejection::Rejection;
use crate::domain::sign_in::SignIn;
use crate::domain::time::Timestamp;
use crate::limits::{NAME_CHARS_MAX, SIGN_IN_AGE_MS_MAX, SIGN_IN_SEEN_MS_MIN, SIGN_IN_TOKEN_BYTES};
use crate::password;

use super::App;
use super::api::agents::AgentView;
use super::error::HttpError;
use super::request::Asked;
use super::response::{self, Body};
use super::view::{AgentAnswer, SignInBody};

const COOKIE: &str = "deskbell_sign_in";
/// Its name where it came over HTTPS: browsers take it from this very host over HTTPS only, so that neither a neighbour
/// below the same domain nor plain HTTP can plant one (RFC 6265bis, section 4.1.3).
const COOKIE_SECURE: &str = "__Host-deskbell_sign_in";

/// The person behind a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller {
    pub(super) agent: AgentId,
    pub(super) token: TokenHash,
}

/// The sign-ins in force.
#[derive(Default)]
pub(super) struct SignIns(RwLock<HashMap<TokenHash, SignIn>>);

/// What a look at a sign-in found.
pub(super) enum Seen {
    /// There is none, or it is over.
    Ended,
    /// In force.
    InForce(AgentId),
    /// In force, and its use is to be written down.
    ToRecord(AgentId),
}

impl SignIns {
    /// Takes over what the tables say, keeping later uses; returns those that are gone.
    pub(super) fn renew(&self, rows: Vec<(TokenHash, SignIn)>) -> Vec<TokenHash> {
        let mut map = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let mut renewed: HashMap<TokenHash, SignIn> = rows.into_iter().collect();
        let mut gone = Vec::new();
        for (token, known) in map.iter() {
            match renewed.get_mut(token) {
                Some(row) => row.seen_at = row.seen_at.max(known.seen_at),
                None => gone.push(*token),
            }
        }
        *map = renewed;
        gone
    }

    /// Uses a sign-in.
    pub(super) fn see(&self, token: TokenHash, now: Timestamp) -> Seen {
        let found = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&token).copied();
        let Some(sign_in) = found.filter(|sign_in| now < sign_in.ends_at()) else { return Seen::Ended };
        if now.since_ms(sign_in.seen_at) < SIGN_IN_SEEN_MS_MIN {
            return Seen::InForce(sign_in.agent);
        }
        if let Some(known) = self.0.write().unwrap_or_else(PoisonError::into_inner).get_mut(&token) {
            known.seen_at = now;
        }
        Seen::ToRecord(sign_in.agent)
    }
}

impl App {
    /// Who sends this request.
    pub(super) fn caller(self: &Arc<Self>, asked: &Asked) -> Result<Caller, HttpError> {
        let token = token_of(asked).ok_or_else(HttpError::sign_in_required)?;
        let agent = self.use_sign_in(token).ok_or_else(HttpError::sign_in_required)?;
        Ok(Caller { agent, token })
    }

    /// Uses a sign-in; now and then its use is written down, which nobody waits for.
    pub(super) fn use_sign_in(self: &Arc<Self>, token: TokenHash) -> Option<AgentId> {
        match self.sign_ins.see(token, self.clock.now()) {
            Seen::Ended => None,
            Seen::InForce(agent) => Some(agent),
            Seen::ToRecord(agent) => {
                let app = Arc::clone(self);
                tokio::spawn(async move {
                    if let Err(error) = app.store.submit(vec![Command::SeeSignIn { token }]).await {
                        tracing::warn!(error = %error, "the use of a sign-in was not written down");
                    }
                });
                Some(agent)
            }
        }
    }
}

/// `POST /api/sign-in`.
pub(super) async fn sign_in(app: &Arc<App>, asked: Asked) -> Result<Response<Body>, HttpError> {
    let address = asked.peer;
    let origin = asked.head.headers.get(header::ORIGIN).map(|origin| origin.as_bytes().starts_with(b"https://"));
    // A proxy that nobody trusts may speak HTTPS as well; only the browser's own word is there for it.
    let secure = asked.secure || origin.unwrap_or(false);
    let earlier = token_of(&asked);
    let SignInBody { login, password } = asked.json().await?;
    let login = login.trim().to_lowercase();
    if login.is_empty() || login.chars().count() > NAME_CHARS_MAX {
        return Err(HttpError::sign_in_failed());
    }
    app.throttle.attempt(&login, address, app.clock.now()).map_err(HttpError::sign_in_throttled)?;
    let asked_for = login.clone();
    let found = app.read(move |snapshot| Ok(snapshot.agent_by_login(&asked_for)?)).await?;
    let (row, phc) = found.map_or((None, None), |(row, phc)| (Some(row), Some(phc)));
    let right = app.hash(move || password::matches(&password, phc.as_deref())).await?;
    let Some(row) = row.filter(|row| right && !row.agent.disabled) else { return Err(HttpError::sign_in_failed()) };
    app.throttle.succeeded(&login, address, app.clock.now());

    let mut secret = [0; SIGN_IN_TOKEN_BYTES];
    getrandom::fill(&mut secret).map_err(|error| {
        tracing::error!(error = %error, "the system gave no random bytes");
        HttpError::internal()
    })?;
    let agent = row.agent.id;
    let mut commands = vec![Command::SignIn { agent, token: TokenHash(Sha256::digest(secret).into()) }];
    // The browser forgets the earlier cookie; after the new one, so that the same agent is not logged off in between.
    commands.extend(earlier.map(|token| Command::SignOut { token }));
    let answers = app.store.submit(commands).await?;
    let mut seq = 0;
    for answer in answers {
        let done = answer.map_err(|rejection| {
            if rejection == Rejection::UnknownAgent { HttpError::sign_in_failed() } else { rejection.into() }
        })?;
        seq = seq.max(done.seq);
    }
    app.feed.reached(seq).await;
    let view = app.agent(agent).await?;
    let mut response = response::json(StatusCode::OK, &AgentAnswer { agent: view });
    set_cookie(&mut response, &URL_SAFE_NO_PAD.encode(secret), Duration::milliseconds(SIGN_IN_AGE_MS_MAX), secure);
    Ok(response)
}

/// `POST /api/sign-out`.
pub(super) async fn sign_out(app: &Arc<App>, caller: Caller) -> Result<Response<Body>, HttpError> {
    let done = app.submit(Command::SignOut { token: caller.token }).await?;
    app.feed.reached(done.seq).await;
    let mut response = response::empty();
    for secure in [false, true] {
        set_cookie(&mut response, "", Duration::ZERO, secure);
    }
    Ok(response)
}

impl App {
    /// The agent as everybody sees them.
    pub(super) async fn agent(self: &Arc<Self>, agent: AgentId) -> Result<AgentView, HttpError> {
        let load = self.feed.load(agent);
        self.read(move |snapshot| {
            let row = snapshot.agent(agent)?.ok_or_else(HttpError::not_found)?;
            Ok(AgentView::of(&row, load))
        })
        .await
    }
}

/// The sign-in that a request brings. Over HTTPS only the cookie that cannot have been planted counts.
fn token_of(asked: &Asked) -> Option<TokenHash> {
    let plain = || if asked.secure { None } else { asked.cookie(COOKIE) };
    asked.cookie(COOKIE_SECURE).or_else(plain).and_then(|secret| hash_of(&secret))
}

/// The hash under which the secret in a cookie is known; `None` when it cannot be one of ours.
fn hash_of(secret: &str) -> Option<TokenHash> {
    let bytes = URL_SAFE_NO_PAD.decode(secret).ok()?;
    (bytes.len() == SIGN_IN_TOKEN_BYTES).then(|| TokenHash(Sha256::digest(bytes).into()))
}

/// `secure` where the page came over HTTPS, by whatever proxy: the browser then never shows the cookie in plain HTTP.
fn set_cookie(response: &mut Response<Body>, value: &str, age_max: Duration, secure: bool) {
    let name = if secure { COOKIE_SECURE } else { COOKIE };
    let cookie = Cookie::build((name, value)).http_only(true).same_site(SameSite::Strict).path("/").max_age(age_max);
    let cookie = if secure { cookie.secure(true) } else { cookie };
    let line = HeaderValue::from_str(&cookie.build().to_string()).expect("a cookie of ours has plain characters only");
    response.headers_mut().append(header::SET_COOKIE, line);
}
