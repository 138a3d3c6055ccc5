//! Everything on one machine, with no account anywhere: people, a past, a customer's phone.
//!
//! The real path is used end to end: signed webhooks in, Graph calls out, with the simulator as Meta. Invariant: the
//! data directory is temporary and goes when the demo ends.

mod centre;
mod past;

use std::net::SocketAddr;

use crate::appliance::{self, Appliance, StopSignals};
use crate::clock::Clock;
use crate::control::RoleName;
use crate::domain::command::Command;
use crate::domain::event::Event;
use crate::domain::ids::AgentId;
use crate::password;
use crate::scratch::Scratch;
use crate::simulator::{Simulator, SimulatorConfig};
use crate::stage::{self, Credentials, Person};
use crate::store::{Done, Store, StoreOptions};

/// Login, name, role.
const PEOPLE: [(&str, &str, RoleName); 4] = [
    ("ana", "Ana Souza", RoleName::Agent),
    ("ben", "Ben Okafor", RoleName::Agent),
    ("sofia", "Sofia Rossi", RoleName::Supervisor),
    ("admin", "Alex Kim", RoleName::Administrator),
];

/// Interactions that a person of the demo may hold at once.
const CAPACITY: u32 = 4;
/// What Meta allows a number at first.
const MESSAGES_PER_S_MAX: u32 = 80;

/// Runs the demo until Ctrl+C.
///
/// # Errors
/// A sentence for the person who started it.
pub fn run(listen: SocketAddr, phone_listen: SocketAddr) -> Result<(), String> {
    if !listen.ip().is_loopback() || !phone_listen.ip().is_loopback() {
        return Err("The demo's passwords are no secret, so it listens on this machine only (127.0.0.1).".to_owned());
    }
    appliance::runtime()?.block_on(async {
        let signals = StopSignals::listen()?;
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
        signals.heard().await;
        simulator.shutdown().await;
        appliance.stop().await;
        Ok(())
    })
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
        stage::add_person(&store, Person { login, name, role, capacity: CAPACITY }, password_hash).await?;
        passwords.push((login, typed));
    }
    stage::add_channel(&store, "Main number", credentials, graph, MESSAGES_PER_S_MAX).await?;
    let supervisor = PEOPLE.iter().position(|(_, _, role)| matches!(role, RoleName::Supervisor)).unwrap_or_default();
    let dispositions = centre::set_up(&store, AgentId(supervisor as u64 + 1)).await?;
    past::live(&store, &clock, now, &credentials.phone_number_id, &dispositions).await?;
    centre::lock(&store).await?;
    stage::close(store).await?;
    Ok(passwords)
}

/// Asks for all of it; what came of it, or the first refusal.
async fn ask(store: &Store, commands: Vec<Command>) -> Result<Vec<Event>, String> {
    let answers = store.submit(commands).await.map_err(|error| error.to_string())?;
    let done: Result<Vec<Done>, _> = answers.into_iter().collect();
    let done = done.map_err(|rejection| format!("The demo could not be set up: {rejection:?}."))?;
    Ok(done.iter().flat_map(|done| done.events.iter().cloned()).collect())
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
