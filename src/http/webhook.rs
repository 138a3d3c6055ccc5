//! Meta's door: the handshake, and the intake of signed bodies.
//!
//! Apart from the API because it has another caller, another proof and another promise: 200 means durable, anything
//! signed is kept, nothing unsigned leaves a trace. Invariant: a body counts only for channel accounts whose app secret
//! has signed it.

use std::sync::{Arc, PoisonError, RwLock};

use hyper::{Response, StatusCode};
use sha2::{Digest as _, Sha256};

use crate::domain::command::Command;
use crate::domain::rejection::Rejection;
use crate::limits::WEBHOOK_BODY_LARGE_BYTES;
use crate::store::ChannelRow;
use crate::whatsapp::{signature, webhook};

use super::App;
use super::error::HttpError;
use super::request::{Asked, Held};
use super::response::{self, Body};

const SIGNATURE: &str = "x-hub-signature-256";

/// The enabled channel accounts, in memory: who may call, and how they prove it.
#[derive(Default)]
pub(super) struct ChannelBook(RwLock<Arc<[Account]>>);

struct Account {
    phone_number_id: String,
    app_secret: String,
    verify_token: String,
}

impl ChannelBook {
    /// Takes over what the tables say.
    pub(super) fn renew(&self, rows: Vec<ChannelRow>) {
        let enabled = rows.into_iter().filter(|row| row.channel.enabled).map(|row| Account {
            phone_number_id: row.profile.phone_number_id,
            app_secret: row.profile.app_secret,
            verify_token: row.profile.verify_token,
        });
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = enabled.collect();
    }

    fn accounts(&self) -> Arc<[Account]> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn knows_token(&self, token: &str) -> bool {
        // Digests are compared, so that the time taken says nothing about the token.
        let digest = Sha256::digest(token);
        self.accounts().iter().filter(|account| Sha256::digest(&account.verify_token) == digest).count() > 0
    }

    /// The phone-number ids for which this signature stands; empty when it is nobody's.
    fn signed_by(&self, header: &str, body: &[u8]) -> Vec<String> {
        let accounts = self.accounts();
        let mut tried: Vec<&str> = Vec::new();
        for account in accounts.iter() {
            if tried.contains(&account.app_secret.as_str()) {
                continue;
            }
            tried.push(&account.app_secret);
            if signature::verify(account.app_secret.as_bytes(), header, body) {
                let same = accounts.iter().filter(|other| other.app_secret == account.app_secret);
                return same.map(|account| account.phone_number_id.clone()).collect();
            }
        }
        Vec::new()
    }
}

/// `GET /webhooks/whatsapp`: Meta asks whether this address is ours.
pub(super) async fn handshake(app: &App, asked: &Asked) -> Response<Body> {
    let token = asked.query("hub.verify_token").unwrap_or_default();
    let challenge = asked.query("hub.challenge").filter(|_| asked.query("hub.mode").as_deref() == Some("subscribe"));
    let known = app.channels.knows_token(&token) || {
        caught_up(app).await;
        app.channels.knows_token(&token)
    };
    app.arrivals.greet(known, app.clock.now());
    match challenge {
        Some(challenge) if known => response::text(StatusCode::OK, challenge.into_owned()),
        _ => response::text(StatusCode::FORBIDDEN, "The verify token is not one of a channel account here."),
    }
}

/// `POST /webhooks/whatsapp`: 200 when everything in the body is durable.
pub(super) async fn intake(app: &Arc<App>, asked: Asked) -> Result<Response<Body>, HttpError> {
    let header = asked.head.headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
    let header = header.unwrap_or_default().to_owned();
    let held = asked.raw(&app.bodies_large).await?;
    let mut signed_for = app.channels.signed_by(&header, &held.bytes);
    if signed_for.is_empty() {
        caught_up(app).await;
        signed_for = app.channels.signed_by(&header, &held.bytes);
    }
    if signed_for.is_empty() {
        app.arrivals.refuse(app.clock.now());
        return Err(HttpError::new(
            StatusCode::UNAUTHORIZED,
            "signature_refused",
            "The signature is not one of a channel account here. Check the app secret.",
        ));
    }
    let commands = read(app, &held, signed_for).await?;
    let answers = app.store.submit(commands).await?;
    let refusals = answers.iter().filter_map(|answer| answer.as_ref().err());
    let mut refused = 0_usize;
    for refusal in refusals {
        // The sender keeps what does not fit now, and brings it again.
        if *refusal == Rejection::FloorFull {
            return Err(HttpError::overloaded());
        }
        tracing::warn!(refusal = ?refusal, "an update was refused and is kept as it came");
        refused += 1;
    }
    if refused > 0 {
        app.store.submit(vec![webhook::keep_raw(&held.bytes)]).await?;
    }
    Ok(response::text(StatusCode::OK, "ok"))
}

/// A channel account that was added a moment ago may not have arrived here.
async fn caught_up(app: &App) {
    let head = *app.store.head().borrow();
    app.feed.reached(head).await;
}

/// The commands of a body; a large one is read away from the threads that serve connections.
async fn read(app: &Arc<App>, held: &Held, signed_for: Vec<String>) -> Result<Vec<Command>, HttpError> {
    if held.bytes.len() <= WEBHOOK_BODY_LARGE_BYTES {
        return Ok(commands(app, &held.bytes, &signed_for));
    }
    let (app, bytes) = (Arc::clone(app), held.bytes.clone());
    let outcome = tokio::task::spawn_blocking(move || commands(&app, &bytes, &signed_for)).await;
    outcome.map_err(|error| {
        tracing::error!(error = %error, "reading a webhook broke off");
        HttpError::internal()
    })
}

/// Everything in the body as commands. What is for a number that this signature does not stand for, or what cannot be
/// read, is kept as it came.
fn commands(app: &App, body: &[u8], signed_for: &[String]) -> Vec<Command> {
    let decoded = match webhook::decode(body, app.store.tag(), app.clock.now()) {
        Ok(decoded) => decoded,
        Err(error) => {
            tracing::warn!(error = %error, "a signed webhook could not be read and is kept as it came");
            return vec![webhook::keep_raw(body)];
        }
    };
    let mut commands = Vec::with_capacity(decoded.len());
    let mut foreign = false;
    for update in decoded {
        let ours = update.phone_number_id.as_ref().is_none_or(|id| signed_for.contains(id));
        // What is kept raw changes nothing, whomever it is about.
        if ours && let Some(id) = &update.phone_number_id {
            app.arrivals.hear(id, app.clock.now());
        }
        if ours || matches!(update.command, Command::KeepRaw { .. }) {
            commands.push(update.command);
        } else {
            foreign = true;
        }
    }
    if foreign {
        tracing::warn!("a signed webhook has updates for a number that is not set up here; it is kept as it came");
        commands.push(webhook::keep_raw(body));
    }
    commands
}
