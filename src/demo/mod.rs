//! Everything on one machine, with no account anywhere: people, a past, a customer's phone.
//!
//! The real path is used end to end: signed webhooks in, Graph calls out, with the simulator as Meta. Invariant: the
//! data directory is temporary and goes when the demo ends.

mod past;

use std::net::SocketAddr;

use crate::appliance::{self, Appliance};
use crate::clock::Clock;
use crate::control::{self, ChannelRequest, Request, RoleName};
use crate::password;
use crate::scratch::Scratch;
use crate::simulator::{Simulator, SimulatorConfig};
use crate::store::{Store, StoreOptions};

/// Login, name, role.
const PEOPLE: [(&str, &str, RoleName); 4] = [
    ("ana", "Ana Souza", RoleName::Agent),
    ("ben", "Ben Okafor", RoleName::Agent),
    ("sofia", "Sofia Rossi", RoleName::Supervisor),
    ("admin", "Alex Kim", RoleName::Administrator),
];

/// Runs the demo until Ctrl+C.
///
/// # Errors
/// A sentence for the person who started it.
pub fn run(listen: SocketAddr, phone_listen: SocketAddr) -> Result<(), String> {
    if !listen.ip().is_loopback() || !phone_listen.ip().is_loopback() {
        return Err("The demo's passwords are no secret, so it listens on this machine only (127.0.0.1).".to_owned());
    }
    appliance::runtime()?.block_on(async {
        let scratch = Scratch::new("demo").map_err(|error| format!("No temporary folder can be made: {error}."))?;
        let config = SimulatorConfig { listen: phone_listen, ..SimulatorConfig::default() };
        let credentials = Credentials::of(&config);
        let simulator = Simulator::start(config).await.map_err(|error| {
            format!("{phone_listen} cannot be listened on: {error}. Choose another with --phone-listen.")
        })?;
        let passwords = set_up(&scratch, &credentials, simulator.local_addr()).await?;
        let appliance =
            Appliance::start(scratch.path(), listen, Clock::system()).await.map_err(|error| error.to_string())?;
        let address = appliance.local_addr();
        simulator.set_webhook_url(&format!("http://{address}/webhooks/whatsapp")).map_err(|error| error.to_string())?;
        simulator.verify_webhook().await.map_err(|error| error.to_string())?;
        tell(address, simulator.local_addr(), &passwords);
        appliance::asked_to_stop().await?;
        simulator.shutdown().await;
        appliance.stop().await;
        Ok(())
    })
}

/// What the simulator and the channel account have to agree on.
struct Credentials {
    phone_number_id: String,
    display_number: String,
    app_secret: String,
    verify_token: String,
    access_token: String,
}

impl Credentials {
    fn of(config: &SimulatorConfig) -> Self {
        Self {
            phone_number_id: config.phone_number_id.clone(),
            display_number: config.display_number.clone(),
            app_secret: config.app_secret.clone(),
            verify_token: config.verify_token.clone(),
            access_token: config.access_token.clone(),
        }
    }
}

/// Adds the people and the channel account, and lives through the past weeks; gives each login's password.
async fn set_up(
    scratch: &Scratch,
    credentials: &Credentials,
    graph: SocketAddr,
) -> Result<Vec<(&'static str, String)>, String> {
    let now = Clock::system().now();
    let clock = Clock::manual(past::start(now));
    let store = Store::open(scratch.path(), StoreOptions::new(clock.clone())).map_err(|error| error.to_string())?;
    let mut passwords = Vec::new();
    for (login, name, role) in PEOPLE {
        let typed = random_password()?;
        let password_hash = password::hash(&typed).map_err(|error| error.to_string())?;
        let request = Request::UserAdd {
            login: login.to_owned(),
            name: name.to_owned(),
            role,
            password_hash,
            capacity: 4,
            auto_ready: matches!(role, RoleName::Agent),
        };
        done(control::execute(&store, request).await)?;
        passwords.push((login, typed));
    }
    let channel = ChannelRequest {
        name: "Main number".to_owned(),
        phone_number_id: credentials.phone_number_id.clone(),
        display_number: credentials.display_number.clone(),
        app_secret: credentials.app_secret.clone(),
        verify_token: credentials.verify_token.clone(),
        access_token: credentials.access_token.clone(),
        graph_url: format!("http://{graph}"),
        graph_version: "v27.0".to_owned(),
        messages_per_s_max: 80,
    };
    done(control::execute(&store, Request::ChannelAdd(channel)).await)?;
    past::live(&store, &clock, now, &credentials.phone_number_id).await?;
    tokio::task::spawn_blocking(move || store.stop()).await.map_err(|error| error.to_string())?;
    Ok(passwords)
}

fn done(answer: control::Answer) -> Result<(), String> {
    if answer.done { Ok(()) } else { Err(answer.sentence) }
}

/// Twelve letters and digits that are not mistaken for each other.
fn random_password() -> Result<String, String> {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567899";
    let mut bytes = [0; 12];
    getrandom::fill(&mut bytes).map_err(|error| format!("This machine gives no randomness: {error}."))?;
    Ok(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect())
}

#[allow(clippy::print_stdout, reason = "the demo tells the person at the terminal where to look")]
fn tell(agents: SocketAddr, phone: SocketAddr, passwords: &[(&str, String)]) {
    println!("Deskbell demo. Nothing leaves this machine, and nothing is kept.\n");
    println!("  Customer's phone  http://{phone}/");
    println!("  Agents' page      http://{agents}/\n");
    for ((login, password), (_, name, role)) in passwords.iter().zip(PEOPLE) {
        println!("  {login:<6} {password}   {name}, {}", format!("{role:?}").to_lowercase());
    }
    println!("\nSign in as ana, write on the phone, and answer. Ctrl+C ends the demo.");
}
