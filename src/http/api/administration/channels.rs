//! WhatsApp numbers: connected, changed, tested, disconnected. Secrets go in and never come out.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::{Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::domain::change::Change;
use crate::domain::channel::ChannelProfile;
use crate::domain::ids::ChannelId;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::sign_in::{Caller, random};
use crate::http::view::TroubleView;
use crate::limits::{
    GRAPH_URL_DEFAULT, GRAPH_VERSION_DEFAULT, MESSAGES_PER_S_DEFAULT, MESSAGES_PER_S_MAX, SECRET_BYTES_MAX,
    VERIFY_TOKEN_BYTES,
};
use crate::store::ChannelRow;
use crate::whatsapp::checks::{self, Step};
use crate::whatsapp::client::{GraphClient, GraphError};

use super::{Versioned, created, name, shown, submit};

/// What is said about a number; secrets are not part of it.
#[derive(Serialize)]
struct ChannelView {
    id: u64,
    name: String,
    phone_number_id: String,
    business_account_id: Option<String>,
    display_number: String,
    verify_token: String,
    graph_url: String,
    graph_version: String,
    messages_per_s_max: u32,
    asynchronous: bool,
}

impl ChannelView {
    fn of(id: ChannelId, profile: &ChannelProfile) -> Self {
        Self {
            id: id.0,
            name: profile.name.clone(),
            phone_number_id: profile.phone_number_id.clone(),
            business_account_id: profile.business_account_id.clone(),
            display_number: profile.display_number.clone(),
            verify_token: profile.verify_token.clone(),
            graph_url: profile.graph_url.clone(),
            graph_version: profile.graph_version.clone(),
            messages_per_s_max: profile.messages_per_s_max,
            asynchronous: profile.asynchronous,
        }
    }
}

#[derive(Serialize)]
struct ListedChannel {
    #[serde(flatten)]
    channel: Versioned<ChannelView>,
    trouble: Option<TroubleView>,
}

/// `POST`: all that a new number needs. What is left out is as Meta usually has it.
#[derive(Deserialize)]
struct NewChannel {
    phone_number_id: String,
    #[serde(flatten)]
    said: ChannelBody,
}

/// `PUT`: `version` is what was seen. A secret that is left out or empty stays as it is.
#[derive(Deserialize)]
struct ChangedChannel {
    version: String,
    #[serde(flatten)]
    said: ChannelBody,
}

#[derive(Deserialize)]
struct ChannelBody {
    name: String,
    display_number: String,
    business_account_id: Option<String>,
    messages_per_s_max: Option<u32>,
    asynchronous: Option<bool>,
    graph_url: Option<String>,
    graph_version: Option<String>,
    app_secret: Option<String>,
    verify_token: Option<String>,
    access_token: Option<String>,
}

impl ChannelBody {
    /// The number as it is to be, from what it was.
    fn on(self, before: ChannelProfile) -> Result<ChannelProfile, HttpError> {
        let business_account_id = self.business_account_id.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
        if business_account_id.as_ref().is_some_and(|id| !is_number(id)) {
            return Err(HttpError::field("business_account_id", "This is a number of Meta's: digits only."));
        }
        let messages_per_s_max = self.messages_per_s_max.unwrap_or(before.messages_per_s_max);
        if !(1..=MESSAGES_PER_S_MAX).contains(&messages_per_s_max) {
            let sentence = format!("A number sends 1 to {MESSAGES_PER_S_MAX} messages a second.");
            return Err(HttpError::field("messages_per_s_max", sentence));
        }
        let graph_url = self.graph_url.map_or(before.graph_url, |url| url.trim().trim_end_matches('/').to_owned());
        let address = graph_url.strip_prefix("https://").or_else(|| graph_url.strip_prefix("http://"));
        if address.is_none_or(str::is_empty) || graph_url.len() > SECRET_BYTES_MAX {
            return Err(HttpError::field("graph_url", "An address begins with https:// or http://."));
        }
        let graph_version = self.graph_version.map_or(before.graph_version, |version| version.trim().to_owned());
        let numbers = graph_version.strip_prefix('v').and_then(|version| version.split_once('.'));
        if !numbers.is_some_and(|(major, minor)| is_number(major) && is_number(minor)) {
            return Err(HttpError::field("graph_version", "A version looks like v27.0."));
        }
        Ok(ChannelProfile {
            name: name("name", &self.name)?,
            display_number: name("display_number", &self.display_number)?,
            business_account_id,
            messages_per_s_max,
            graph_url,
            graph_version,
            asynchronous: self.asynchronous.unwrap_or(before.asynchronous),
            app_secret: secret("app_secret", self.app_secret, before.app_secret)?,
            verify_token: secret("verify_token", self.verify_token, before.verify_token)?,
            access_token: secret("access_token", self.access_token, before.access_token)?,
            phone_number_id: before.phone_number_id,
        })
    }
}

fn is_number(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn secret(field: &'static str, given: Option<String>, before: String) -> Result<String, HttpError> {
    let given = given.map(|given| given.trim().to_owned()).filter(|given| !given.is_empty() && *given != before);
    let Some(secret) = given else {
        return if before.is_empty() { Err(HttpError::field(field, "This is needed.")) } else { Ok(before) };
    };
    // A header carries it.
    if secret.len() > SECRET_BYTES_MAX || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
        let sentence = "This has characters that none of Meta's has. Copy it anew, without spaces or line ends.";
        return Err(HttpError::field(field, sentence));
    }
    Ok(secret)
}

/// `GET channels`: the numbers that are connected.
pub(super) async fn list(app: &Arc<App>) -> Result<Response<Body>, HttpError> {
    let rows = app.read(|snapshot| Ok(snapshot.channels()?)).await?;
    let connected = rows.into_iter().filter(|row| row.channel.enabled).map(|row| ListedChannel {
        channel: Versioned::of(ChannelView::of(row.channel.id, &row.profile)),
        trouble: row.channel.trouble.map(TroubleView::of),
    });
    let view = json!({ "channels": connected.collect::<Vec<_>>(), "webhook_path": "/webhooks/whatsapp" });
    Ok(response::json(StatusCode::OK, &view))
}

/// `POST channels`.
pub(super) async fn add(app: &Arc<App>, caller: Caller, asked: Asked) -> Result<Response<Body>, HttpError> {
    let NewChannel { phone_number_id, said } = asked.json().await?;
    let phone_number_id = phone_number_id.trim().to_owned();
    if !is_number(&phone_number_id) {
        let sentence = "This is Meta's ID of the number, digits only; it is not the number itself.";
        return Err(HttpError::field("phone_number_id", sentence));
    }
    let profile = said.on(ChannelProfile {
        name: String::new(),
        phone_number_id,
        business_account_id: None,
        display_number: String::new(),
        app_secret: String::new(),
        verify_token: new_verify_token()?,
        access_token: String::new(),
        graph_url: GRAPH_URL_DEFAULT.to_owned(),
        graph_version: GRAPH_VERSION_DEFAULT.to_owned(),
        messages_per_s_max: MESSAGES_PER_S_DEFAULT,
        asynchronous: true,
    })?;
    let phone_number_id = profile.phone_number_id.clone();
    submit(app, caller, Change::AddChannel(profile)).await?;
    let rows = app.read(|snapshot| Ok(snapshot.channels()?)).await?;
    let added = rows.iter().find(|row| row.profile.phone_number_id == phone_number_id);
    let added = added.ok_or_else(HttpError::internal)?;
    Ok(created(ChannelView::of(added.channel.id, &added.profile)))
}

/// The word that Meta repeats to find our address; whoever sets a number up need not think of one.
fn new_verify_token() -> Result<String, HttpError> {
    Ok(URL_SAFE_NO_PAD.encode(random::<VERIFY_TOKEN_BYTES>()?))
}

async fn connected(app: &Arc<App>, id: ChannelId) -> Result<ChannelRow, HttpError> {
    let row = app.read(move |snapshot| Ok(snapshot.channel(id)?)).await?;
    row.filter(|row| row.channel.enabled).ok_or_else(HttpError::not_found)
}

/// `PUT channels/{id}`.
pub(super) async fn change(
    app: &Arc<App>,
    caller: Caller,
    channel: ChannelId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let ChangedChannel { version, said } = asked.json().await?;
    let seen = connected(app, channel).await?.profile;
    Versioned::of(ChannelView::of(channel, &seen)).seen_as(&version)?;
    let profile = said.on(seen.clone())?;
    let view = ChannelView::of(channel, &profile);
    submit(app, caller, Change::Channel { channel, seen, profile }).await?;
    Ok(shown(view))
}

/// `DELETE channels/{id}`.
pub(super) async fn remove(
    app: &Arc<App>,
    caller: Caller,
    channel: ChannelId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    asked.nothing().await?;
    submit(app, caller, Change::RemoveChannel(channel)).await?;
    Ok(response::empty())
}

#[derive(Serialize)]
struct StepView {
    subject: &'static str,
    outcome: &'static str,
    found: String,
    way_out: String,
}

impl From<Step> for StepView {
    fn from(step: Step) -> Self {
        let (subject, outcome) = (step.subject.name(), step.outcome.name());
        Self { subject, outcome, found: step.found, way_out: step.way_out }
    }
}

fn client(app: &App) -> GraphClient {
    checks::client(app.rules.graph_hosts.clone())
}

/// `POST channels/{id}/test`: asks Graph about everything that a number needs.
pub(super) async fn test(app: &Arc<App>, id: ChannelId, asked: Asked) -> Result<Response<Body>, HttpError> {
    asked.nothing().await?;
    let row = connected(app, id).await?;
    let steps: Vec<StepView> = checks::look(&client(app), &row.profile).await.into_iter().map(StepView::from).collect();
    let arrivals = app.arrivals.view(&row.profile.phone_number_id, app.clock.now());
    Ok(response::json(StatusCode::OK, &json!({ "steps": steps, "arrivals": arrivals })))
}

/// `GET channels/{id}/arrivals`: what has come from Meta of late.
pub(super) async fn arrivals(app: &Arc<App>, id: ChannelId) -> Result<Response<Body>, HttpError> {
    let row = connected(app, id).await?;
    Ok(response::json(StatusCode::OK, &app.arrivals.view(&row.profile.phone_number_id, app.clock.now())))
}

/// `POST channels/{id}/subscription`: lets Meta send the account's webhooks to the token's app.
pub(super) async fn subscribe(app: &Arc<App>, id: ChannelId, asked: Asked) -> Result<Response<Body>, HttpError> {
    asked.nothing().await?;
    let profile = connected(app, id).await?.profile;
    let business_account_id = profile
        .business_account_id
        .clone()
        .ok_or_else(|| HttpError::field("business_account_id", "Fill in the WhatsApp Business Account ID first."))?;
    checks::subscribe(&client(app), &profile, &business_account_id).await.map_err(|error| {
        let words = match error {
            GraphError::Refused { code, title, .. } => format!("code {code}: {title}"),
            GraphError::NotSent { .. } | GraphError::Unknown { .. } => "no answer came".to_owned(),
        };
        let sentence =
            format!("Meta did not subscribe the app ({words}). Run the test, mend what is red, and try again.");
        HttpError::new(StatusCode::BAD_GATEWAY, "subscription_refused", sentence)
    })?;
    Ok(response::empty())
}
