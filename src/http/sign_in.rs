//! Sign-ins: who a cookie belongs to, how one begins at the right password, and how it ends.
//!
//! The check of each request stays in memory; the fan-out renews the map from the tables whenever a sign-in began or
//! ended. Invariants: only the SHA-256 of a cookie's secret is kept; a sign-in is used only before its end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

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
use crate::limits::{
    CHALLENGE_MS_MAX, NAME_CHARS_MAX, SIGN_IN_AGE_MS_MAX, SIGN_IN_FAILURES_NOTED_PER_MIN_MAX, SIGN_IN_SEEN_MS_MIN,
    SIGN_IN_TOKEN_BYTES,
};
use crate::password;
use crate::store::{Origin, Who};

use super::App;
use super::api::agents::AgentView;
use super::challenge::{Challenge, Step};
use super::error::HttpError;
use super::request::Asked;
use super::response::{self, Body};
use super::view::{AgentAnswer, SignInBody};
use super::visitor;

const COOKIE: &str = "deskbell_sign_in";
/// Its name where it came over HTTPS: browsers take it from this very host over HTTPS only, so that neither a neighbour
/// below the same domain nor plain HTTP can plant one (RFC 6265bis, section 4.1.3).
const COOKIE_SECURE: &str = "__Host-deskbell_sign_in";
const CHALLENGE_COOKIE: &str = "deskbell_challenge";
/// Where the second step of a sign-in happens; the challenge's cookie goes nowhere else.
const CHALLENGE_PATH: &str = "/api/sign-in";

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

    /// Whose it is, without using it.
    fn owner(&self, token: TokenHash, now: Timestamp) -> Option<AgentId> {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        map.get(&token).filter(|sign_in| now < sign_in.ends_at()).map(|sign_in| sign_in.agent)
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

    /// Who has signed in, if anybody.
    pub(super) fn signed_in(&self, asked: &Asked) -> Option<AgentId> {
        let token = token_of(asked)?;
        self.sign_ins.owner(token, self.clock.now())
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

/// How many failures were written into the audit log in this minute, and how many were not.
#[derive(Default)]
pub(super) struct FailuresNoted(Mutex<(i64, u32, u64)>);

impl FailuresNoted {
    /// Whether one more may be written; then how many were left out before it.
    fn one_more(&self, now: Timestamp) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (minute, noted, left_out) = &mut *state;
        if *minute != now.0 / 60_000 {
            (*minute, *noted) = (now.0 / 60_000, 0);
        }
        if *noted >= SIGN_IN_FAILURES_NOTED_PER_MIN_MAX {
            *left_out += 1;
            return None;
        }
        *noted += 1;
        Some(std::mem::take(left_out))
    }
}

/// Somebody whose sign-in is complete, and what their browser brought.
pub(super) struct Proven {
    pub(super) agent: AgentId,
    pub(super) login: String,
    /// The browser's earlier sign-in, which it leaves.
    pub(super) earlier: Option<TokenHash>,
    /// The page came over HTTPS.
    pub(super) secure: bool,
}

/// What a browser brings to any step of a sign-in.
#[derive(Clone, Copy)]
pub(super) struct Brought {
    pub(super) earlier: Option<TokenHash>,
    pub(super) challenge: Option<TokenHash>,
    pub(super) secure: bool,
}

impl Brought {
    pub(super) fn by(asked: &Asked) -> Self {
        let origin = asked.head.headers.get(header::ORIGIN).map(|origin| origin.as_bytes().starts_with(b"https://"));
        let challenge = asked.cookie(CHALLENGE_COOKIE).and_then(|secret| hash_of(&secret));
        // A proxy that nobody trusts may speak HTTPS as well; only the browser's own word is there for it.
        Self { earlier: token_of(asked), challenge, secure: asked.secure || origin.unwrap_or(false) }
    }
}

/// `POST /api/sign-in`.
pub(super) async fn sign_in(app: &Arc<App>, asked: Asked) -> Result<Response<Body>, HttpError> {
    let address = asked.peer;
    let brought = Brought::by(&asked);
    // Whether the browser is known depends on the login, which is in the body.
    let cookie = visitor::cookie(&asked);
    let SignInBody { login, password } = asked.json().await?;
    let login = login.trim().to_lowercase();
    if login.is_empty() || login.chars().count() > NAME_CHARS_MAX {
        return Err(HttpError::sign_in_failed());
    }
    let browser = app.known_browser(cookie.as_deref(), &login);
    app.throttle.attempt(&login, address, browser, app.clock.now()).map_err(HttpError::sign_in_throttled)?;
    let asked_for = login.clone();
    let found = app.read(move |snapshot| {
        let Some((row, phc)) = snapshot.agent_by_login(&asked_for)? else { return Ok(None) };
        let person = snapshot.person(row.agent.id)?.ok_or_else(HttpError::internal)?;
        Ok(Some((person, phc)))
    });
    let (person, phc) = found.await?.map_or((None, None), |(person, phc)| (Some(person), Some(phc)));
    let kept = phc.clone();
    let right = app.hash(move || password::matches(&password, kept.as_deref())).await?;
    let known = person.as_ref().map(|person| person.row.agent.id);
    let Some((person, password_hash)) = person.zip(phc).filter(|(person, _)| right && !person.row.agent.disabled)
    else {
        app.note_failure(known, false).await;
        return Err(HttpError::sign_in_failed());
    };
    let agent = person.row.agent.id;
    let password_temporary = person.password_temporary;
    let step = if person.second_factor { Step::Code } else { Step::Password };
    if person.second_factor || password_temporary {
        // The attempt stays counted as a failure until the second step: a right password must not buy guesses of codes.
        let secret: [u8; SIGN_IN_TOKEN_BYTES] = random()?;
        let began_at = app.clock.now();
        let challenge = Challenge { agent, login, step, password_temporary, began_at, password_hash };
        app.challenges.put(TokenHash(Sha256::digest(secret).into()), challenge);
        let mut response = HttpError::sign_in_goes_on(step).into_response(None);
        let value = URL_SAFE_NO_PAD.encode(secret);
        let cookie = NewCookie { name: CHALLENGE_COOKIE, value, path: CHALLENGE_PATH, age_ms: CHALLENGE_MS_MAX };
        cookie.set(&mut response, brought.secure);
        return Ok(response);
    }
    app.throttle.succeeded(&login, address, browser, app.clock.now());
    begin(app, Proven { agent, login, earlier: brought.earlier, secure: brought.secure }).await
}

/// The sign-in begins; the browser gets its cookie, and another by which it is known the next time.
pub(super) async fn begin(app: &Arc<App>, proven: Proven) -> Result<Response<Body>, HttpError> {
    let Proven { agent, login, earlier, secure } = proven;
    let secret: [u8; SIGN_IN_TOKEN_BYTES] = random()?;
    let mut commands = vec![Command::SignIn { agent, token: TokenHash(Sha256::digest(secret).into()) }];
    // The browser forgets the earlier cookie; after the new one, so that the same agent is not logged off in between.
    commands.extend(earlier.map(|token| Command::SignOut { token }));
    let answers = Origin::current().by(agent).scope(async { app.store.submit(commands).await }).await?;
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
    let value = URL_SAFE_NO_PAD.encode(secret);
    let name = sign_in_cookie(secure);
    NewCookie { name, value, path: "/", age_ms: SIGN_IN_AGE_MS_MAX }.set(&mut response, secure);
    app.remember_browser(&login)?.set(&mut response, secure);
    Ok(response)
}

/// `POST /api/sign-out`.
pub(super) async fn sign_out(app: &Arc<App>, caller: Caller) -> Result<Response<Body>, HttpError> {
    let done = app.submit(Command::SignOut { token: caller.token }).await?;
    app.feed.reached(done.seq).await;
    let mut response = response::empty();
    for secure in [false, true] {
        NewCookie { name: sign_in_cookie(secure), value: String::new(), path: "/", age_ms: 0 }
            .set(&mut response, secure);
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

    /// Writes into the audit log that somebody did not get in, unless too many did not in this minute.
    pub(super) async fn note_failure(&self, agent: Option<AgentId>, at_second_factor: bool) {
        let Some(left_out) = self.failures_noted.one_more(self.clock.now()) else { return };
        let command = Command::NoteSignInFailure { agent, at_second_factor, left_out };
        let visitor = Origin { who: Who::Visitor, ..Origin::current() };
        if let Err(error) = visitor.scope(async { self.store.submit(vec![command]).await }).await {
            tracing::warn!(%error, "a failed sign-in was not written down");
        }
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

fn sign_in_cookie(secure: bool) -> &'static str {
    if secure { COOKIE_SECURE } else { COOKIE }
}

/// Random bytes of the system.
pub(in crate::http) fn random<const N: usize>() -> Result<[u8; N], HttpError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(error = %error, "the system gave no random bytes");
        HttpError::internal()
    })?;
    Ok(bytes)
}

/// A cookie for the browser alone: no script and no other site sees it.
pub(super) struct NewCookie {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) path: &'static str,
    /// How long the browser keeps it, milliseconds; 0 removes it.
    pub(super) age_ms: i64,
}

impl NewCookie {
    /// `secure` where the page came over HTTPS, by whatever proxy: the browser then never shows it in plain HTTP.
    pub(super) fn set(self, response: &mut Response<Body>, secure: bool) {
        let cookie = Cookie::build((self.name, self.value)).http_only(true).same_site(SameSite::Strict);
        let cookie = cookie.path(self.path).max_age(Duration::milliseconds(self.age_ms));
        let cookie = if secure { cookie.secure(true) } else { cookie };
        let line =
            HeaderValue::from_str(&cookie.build().to_string()).expect("a cookie of ours has plain characters only");
        response.headers_mut().append(header::SET_COOKIE, line);
    }
}
