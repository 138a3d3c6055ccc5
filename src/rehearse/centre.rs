//! The server under rehearsal: a process of its own, which may be killed and started again.
//!
//! Invariant: it comes back on the same address, over the same data directory.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::control::RoleName;
use crate::limits::REHEARSAL_CAPACITY;
use crate::observe;
use crate::password;
use crate::scratch::Scratch;
use crate::stage::{self, Credentials, Person};
use crate::store::{Store, StoreOptions};

use super::browser;

/// The login of the person who compares the transcripts.
pub(super) const SUPERVISOR: &str = "supervisor";
/// How long a server may take to answer after it was started.
const START_MAX: Duration = Duration::from_secs(30);
/// Sends a second: more than any box does, because the box is measured and not Meta's allowance.
const SENDS_PER_S_MAX: u32 = 100_000;

/// The login of an agent.
pub(super) fn login(number: u32) -> String {
    format!("agent{number}")
}

/// A running server.
pub(super) struct Centre {
    scratch: Scratch,
    address: SocketAddr,
    /// Everybody's password.
    pub(super) password: String,
    server: Mutex<Server>,
}

struct Server {
    child: Child,
    memory_peak_mib: f64,
    starts_ms: Vec<f64>,
}

impl Centre {
    /// Sets a centre up in a temporary folder and starts its server.
    pub(super) async fn open(credentials: &Credentials, graph: SocketAddr, agents: u32) -> Result<Self, String> {
        let scratch =
            Scratch::new("rehearsal").map_err(|error| format!("No temporary folder can be made: {error}."))?;
        let password = "the whole rehearsal".to_owned();
        set_up(&scratch, credentials, graph, agents, &password).await?;
        let address = free_address()?;
        let child = start(&scratch, address)?;
        let server = Mutex::new(Server { child, memory_peak_mib: 0.0, starts_ms: Vec::new() });
        let centre = Self { scratch, address, password, server };
        centre.up().await?;
        Ok(centre)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The data directory.
    pub(super) fn data(&self) -> &Path {
        self.scratch.path()
    }

    pub(super) fn webhook_url(&self) -> String {
        format!("http://{}/webhooks/whatsapp", self.address)
    }

    /// Waits until the server answers.
    pub(super) async fn up(&self) -> Result<(), String> {
        let began = Instant::now();
        while !browser::healthy(self.address).await {
            if began.elapsed() > START_MAX {
                return Err("The server does not answer any more.".to_owned());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    /// Kills the server and starts it again, over and over.
    pub(super) fn kill_every(self: Arc<Self>, every: Duration) -> JoinHandle<()> {
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(every).await;
                if let Err(problem) = self.kill_and_start().await {
                    tracing::error!(%problem, "the server did not come back");
                    return;
                }
            }
        })
    }

    async fn kill_and_start(&self) -> Result<(), String> {
        self.note_memory();
        let began = {
            let mut server = self.server();
            server.child.kill().map_err(|error| error.to_string())?;
            server.child.wait().map_err(|error| error.to_string())?;
            let began = Instant::now();
            server.child = start(&self.scratch, self.address)?;
            began
        };
        self.up().await?;
        self.server().starts_ms.push(began.elapsed().as_secs_f64() * 1_000.0);
        Ok(())
    }

    /// Milliseconds from each start after a kill to the first answer.
    pub(super) fn restarts(&self) -> Vec<f64> {
        self.server().starts_ms.clone()
    }

    /// The most memory that the server held at once.
    pub(super) fn memory_peak_mib(&self) -> f64 {
        self.note_memory();
        self.server().memory_peak_mib
    }

    /// The memory that the server holds now.
    pub(super) fn memory_mib(&self) -> f64 {
        observe::memory_mib(self.server().child.id()).unwrap_or_default()
    }

    fn note_memory(&self) {
        let mut server = self.server();
        if let Some(peak) = observe::memory_peak_mib(server.child.id()) {
            server.memory_peak_mib = server.memory_peak_mib.max(peak);
        }
    }

    /// Stops the server.
    pub(super) async fn close(&self) {
        let mut server = self.server();
        if let Err(error) = server.child.kill() {
            tracing::warn!(%error, "the server was gone already");
        }
        if let Err(error) = server.child.wait() {
            tracing::warn!(%error, "the server's end was not seen");
        }
    }

    fn server(&self) -> std::sync::MutexGuard<'_, Server> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Centre {
    fn drop(&mut self) {
        let mut server = self.server();
        // It may have ended already; there is nobody left to tell.
        drop(server.child.kill());
        drop(server.child.wait());
    }
}

fn start(scratch: &Scratch, address: SocketAddr) -> Result<Child, String> {
    let program = std::env::current_exe().map_err(|error| format!("This program cannot find itself: {error}."))?;
    Command::new(program)
        .arg("serve")
        .arg("--data")
        .arg(scratch.path())
        .args(["--listen", &address.to_string()])
        .env("DESKBELL_LOG", std::env::var("DESKBELL_LOG").unwrap_or_else(|_| "warn".to_owned()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| format!("The server did not start: {error}."))
}

fn free_address() -> Result<SocketAddr, String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    listener.and_then(|listener| listener.local_addr()).map_err(|error| format!("No port is free: {error}."))
}

async fn set_up(
    scratch: &Scratch,
    credentials: &Credentials,
    graph: SocketAddr,
    agents: u32,
    password: &str,
) -> Result<(), String> {
    let store = Store::open(scratch.path(), StoreOptions::new(Clock::system())).map_err(|error| error.to_string())?;
    let password_hash = password::hash(password).map_err(|error| error.to_string())?;
    let people = (0..agents).map(|number| (login(number), RoleName::Agent));
    for (login, role) in people.chain([(SUPERVISOR.to_owned(), RoleName::Supervisor)]) {
        let person = Person { login: &login, name: &login, role, capacity: REHEARSAL_CAPACITY };
        stage::add_person(&store, person, password_hash.clone()).await?;
    }
    stage::add_channel(&store, "Rehearsal", credentials, graph, SENDS_PER_S_MAX).await?;
    stage::close(store).await
}
