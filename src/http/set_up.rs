//! The first administrator: until there is anybody, nothing else is served but what machines ask.
//!
//! The link's token travels in the fragment of its address, which browsers send nowhere, and comes here in a body.
//! Invariant: the token opens one thing, once, while nobody administers.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::header::{self, HeaderValue};
use hyper::{Response, StatusCode};
use sha2::{Digest as _, Sha256};

use crate::domain::agent::{AgentProfile, Role};
use crate::domain::command::Command;
use crate::domain::event::Event;
use crate::domain::ids::TokenHash;
use crate::domain::rejection::Rejection;
use crate::limits::{CAPACITY_DEFAULT, SET_UP_TOKEN_BYTES};
use crate::store::{Snapshot, StoreError};

use super::App;
use super::api::people::hashed;
use super::error::HttpError;
use super::request::Asked;
use super::response::{self, Body};
use super::sign_in::{self, Brought, Proven};
use super::view::SetUpBody;

/// Whether there is anybody yet; kept in memory, because every request asks.
#[derive(Default)]
pub(super) struct SetUp(AtomicBool);

impl SetUp {
    /// Takes over what the tables say.
    pub(super) fn renew(&self, snapshot: &Snapshot) -> Result<(), StoreError> {
        self.0.store(snapshot.needs_set_up()?.0, Ordering::Relaxed);
        Ok(())
    }

    /// Nobody is here: only the set-up is served.
    pub(super) fn is_due(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The way to the set-up, in place of the page.
pub(super) fn lead_there() -> Response<Body> {
    let mut response = response::empty();
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/setup"));
    response
}

/// `POST /api/setup`: the holder of the link becomes the first administrator and is signed in.
pub(super) async fn set_up(app: &Arc<App>, asked: Asked) -> Result<Response<Body>, HttpError> {
    let Brought { earlier, secure, .. } = Brought::by(&asked);
    let SetUpBody { token, login, name, password } = asked.json().await?;
    let bytes = URL_SAFE_NO_PAD.decode(token.trim()).ok().filter(|bytes| bytes.len() == SET_UP_TOKEN_BYTES);
    let token = TokenHash(Sha256::digest(bytes.ok_or(Rejection::SetUpLinkInvalid)?).into());
    let now = app.clock.now();
    let (link, (_, due)) = app.read(|snapshot| Ok((snapshot.set_up_link()?, snapshot.needs_set_up()?))).await?;
    if !due {
        return Err(Rejection::SetUpDone.into());
    }
    // Asked again by the core; here so that nobody without the link makes us hash.
    if !link.is_some_and(|(offered, until)| offered == token && now < until) {
        return Err(Rejection::SetUpLinkInvalid.into());
    }
    let login = login.trim().to_owned();
    let profile = AgentProfile {
        password_hash: hashed(app, password, &login).await?,
        login: login.clone(),
        name: name.trim().to_owned(),
        role: Role::Administrator,
        capacity: CAPACITY_DEFAULT,
        auto_ready: false,
        skills: BTreeSet::new(),
    };
    let done = app.submit(Command::SetUp { token, profile }).await?;
    #[allow(clippy::wildcard_enum_match_arm, reason = "only one of them names the new person")]
    let added = done.events.iter().find_map(|event| match event {
        Event::SetUpUsed { agent } => Some(*agent),
        _ => None,
    });
    let agent = added.ok_or_else(HttpError::internal)?;
    app.feed.reached(done.seq).await;
    sign_in::begin(app, Proven { agent, login: login.to_lowercase(), earlier, secure }).await
}
