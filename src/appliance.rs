//! The composition root: opens, spawns, orders the shutdown; knows everybody.
//!
//! Invariant: what starts first stops last. Streams say good-bye and requests finish, then the outbox waits for its
//! calls, then the store drains and closes.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::backup::{self, Keeper};
use crate::clock::Clock;
use crate::control::Socket;
use crate::domain::contact::Contact;
use crate::domain::ids::{ChannelId, Wamid};
use crate::http::{self, App, HttpLimits};
use crate::limits::STOP_MS_MAX;
use crate::media::{Fetcher, Shelf};
use crate::outbox::{Outbox, OutboxHandle};
use crate::search::Search;
use crate::store::{Store, StoreError};

/// Why the appliance did not start, in a sentence.
#[derive(Debug, thiserror::Error)]
pub enum ApplianceError {
    /// The address is taken, or not this machine's.
    #[error("{0} cannot be listened on: {1}. Choose another address with --listen.")]
    Listen(SocketAddr, io::Error),
    /// Strangers could read everything.
    #[error(
        "{0} can be reached by other machines, and plain HTTP shows them passwords and messages. \
         Listen on 127.0.0.1 behind a proxy that speaks HTTPS, or say --insecure-http."
    )]
    Plain(SocketAddr),
    /// The control socket could not be made.
    #[error("The control socket in {folder} cannot be made: {error}.", folder = .folder.display())]
    Socket {
        /// The data directory.
        folder: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The store did not open.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl http::Marks for OutboxHandle {
    fn mark_read(&self, channel: ChannelId, wamid: Wamid, typing: bool) {
        Self::mark_read(self, channel, wamid, typing);
    }

    fn set_blocked(&self, channel: ChannelId, contact: Contact, blocked: bool) {
        Self::set_blocked(self, channel, contact, blocked);
    }
}

/// A running appliance.
pub struct Appliance {
    store: Store,
    search: Search,
    local_addr: SocketAddr,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
    outbox: Outbox,
    fetcher: Fetcher,
    keeper: Keeper,
    _socket: Socket,
}

impl Appliance {
    /// Opens the data directory and serves it. Needs a tokio runtime.
    ///
    /// # Errors
    /// The store does not open, or the address cannot be listened on.
    pub async fn start(data: &Path, listen: SocketAddr, clock: Clock) -> Result<Self, ApplianceError> {
        let store = Store::open(data, backup::options(clock.clone()))?;
        let listener = TcpListener::bind(listen).await.map_err(|error| ApplianceError::Listen(listen, error))?;
        let local_addr = listener.local_addr().map_err(|error| ApplianceError::Listen(listen, error))?;
        let (indexed, folder, time) = (store.clone(), data.to_owned(), clock.clone());
        let search = tokio::task::spawn_blocking(move || Search::start(indexed, &folder, time)).await;
        let search = search.map_err(|error| StoreError::Io(io::Error::other(error)))??;
        let socket = Socket::listen(data, store.clone(), search.clone())
            .map_err(|error| ApplianceError::Socket { folder: data.into(), error })?;
        let outbox = Outbox::start(store.clone(), clock.clone());
        let fetcher = Fetcher::start(store.clone(), clock.clone(), Shelf::of(store.directory()));
        let keeper = Keeper::start(store.clone(), clock.clone());
        let app = App::start(store.clone(), search.clone(), clock, Box::new(outbox.handle()), HttpLimits::default())?;
        let stop = watch::Sender::new(false);
        let server = tokio::spawn(http::serve(listener, app, stop.subscribe()));
        Ok(Self { store, search, local_addr, stop, server, outbox, fetcher, keeper, _socket: socket })
    }

    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Stops in order; at most `STOP_MS_MAX` for each part.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if tokio::time::timeout(Duration::from_millis(STOP_MS_MAX), self.server).await.is_err() {
            tracing::warn!("requests were cut at the stop");
        }
        self.keeper.stop();
        self.fetcher.stop().await;
        self.outbox.stop().await;
        let (store, search) = (self.store, self.search);
        let stop = move || {
            search.stop();
            store.stop();
        };
        if tokio::task::spawn_blocking(stop).await.is_err() {
            tracing::error!("the store did not stop in order");
        }
    }
}

/// Serves until the process is asked to stop (SIGTERM, SIGINT).
///
/// # Errors
/// A sentence for the person who started it.
pub fn serve(data: &Path, listen: SocketAddr, insecure_http: bool) -> Result<(), String> {
    if !listen.ip().is_loopback() && !insecure_http {
        return Err(ApplianceError::Plain(listen).to_string());
    }
    runtime()?.block_on(async {
        let signals = StopSignals::listen()?;
        let appliance = Appliance::start(data, listen, Clock::system()).await.map_err(|error| error.to_string())?;
        tracing::info!(address = %appliance.local_addr(), "serving");
        signals.heard().await;
        tracing::info!("stopping");
        appliance.stop().await;
        Ok(())
    })
}

/// The runtime of the whole process: its threads are as many as the machine's cores.
///
/// # Errors
/// The machine gives no threads.
pub fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("This machine gives no threads: {error}."))
}

/// Hears SIGTERM and SIGINT from the moment it is made, so that one that comes during the start is not lost.
pub struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    /// Begins to listen. Needs a tokio runtime.
    ///
    /// # Errors
    /// Signals cannot be listened to.
    pub fn listen() -> Result<Self, String> {
        let listen = |kind| signal(kind).map_err(|error| format!("Signals cannot be listened to: {error}."));
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    /// Waits for one of them.
    pub async fn heard(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
