//! A centre set up against the simulator: the same steps for the demo and for a rehearsal.
//!
//! Invariant: simulator and channel account agree on every credential, because both come from one configuration.

use std::net::SocketAddr;

use crate::control::{self, ChannelRequest, Request, RoleName};
use crate::simulator::SimulatorConfig;
use crate::store::Store;

/// What simulator and channel account have to agree on.
pub struct Credentials {
    /// Meta's id of the number.
    pub phone_number_id: String,
    business_account_id: String,
    display_number: String,
    app_secret: String,
    verify_token: String,
    access_token: String,
}

impl Credentials {
    /// Those of a simulator that is about to start.
    #[must_use]
    pub fn of(config: &SimulatorConfig) -> Self {
        Self {
            phone_number_id: config.phone_number_id.clone(),
            business_account_id: config.business_account_id.clone(),
            display_number: config.display_number.clone(),
            app_secret: config.app_secret.clone(),
            verify_token: config.verify_token.clone(),
            access_token: config.access_token.clone(),
        }
    }
}

/// A person to add.
#[allow(missing_docs, reason = "the fields are those of control::Request::UserAdd")]
pub struct Person<'a> {
    pub login: &'a str,
    pub name: &'a str,
    pub role: RoleName,
    pub capacity: u32,
}

/// Adds a person; agents are Ready as soon as they sign in.
///
/// # Errors
/// The sentence of the refusal.
pub async fn add_person(store: &Store, person: Person<'_>, password_hash: String) -> Result<(), String> {
    let request = Request::UserAdd {
        login: person.login.to_owned(),
        name: person.name.to_owned(),
        role: person.role,
        password_hash,
        capacity: person.capacity,
        auto_ready: matches!(person.role, RoleName::Agent),
    };
    done(control::execute(store, None, request).await)
}

/// Connects the simulator's number, which listens for Graph calls at `graph`.
///
/// # Errors
/// The sentence of the refusal.
pub async fn add_channel(
    store: &Store,
    name: &str,
    credentials: &Credentials,
    graph: SocketAddr,
    messages_per_s_max: u32,
) -> Result<(), String> {
    let request = Request::ChannelAdd(ChannelRequest {
        name: name.to_owned(),
        phone_number_id: credentials.phone_number_id.clone(),
        business_account_id: Some(credentials.business_account_id.clone()),
        display_number: credentials.display_number.clone(),
        app_secret: credentials.app_secret.clone(),
        verify_token: credentials.verify_token.clone(),
        access_token: credentials.access_token.clone(),
        graph_url: format!("http://{graph}"),
        graph_version: "v27.0".to_owned(),
        messages_per_s_max,
    });
    done(control::execute(store, None, request).await)
}

/// Closes a store from an asynchronous task.
///
/// # Errors
/// The task broke off.
pub async fn close(store: Store) -> Result<(), String> {
    tokio::task::spawn_blocking(move || store.stop()).await.map_err(|error| error.to_string())
}

fn done(answer: control::Answer) -> Result<(), String> {
    if answer.done { Ok(()) } else { Err(answer.sentence) }
}
