//! The composition root: opens, spawns, orders the shutdown; knows everybody.
//!
//! Invariant: what starts first stops last. Streams say good-bye and requests finish, then the outbox waits for its
//! calls, then the store drains and closes.

use std::io::{self, IsTerminal as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::backup::{self, Keeper};
use crate::clock::Clock;
use crate::config::{self, Config, TlsMode};
use crate::control::{self, Socket};
use crate::domain::contact::Contact;
use crate::domain::ids::{ChannelId, Wamid};
use crate::http::{self, App, HttpLimits, HttpRules, MetricsOptions};
use crate::limits::STOP_MS_MAX;
use crate::media::{Fetcher, Shelf};
use crate::outbox::{Outbox, OutboxHandle};
use crate::retention::Retention;
use crate::search::Search;
use crate::service::Manager;
use crate::store::{Store, StoreError};
use crate::tls::{Tls, TlsError};
use crate::whatsapp::media::GraphHosts;

/// Why the appliance did not start, in a sentence.
#[derive(Debug, thiserror::Error)]
pub enum ApplianceError {
    /// The address is taken, or not this machine's.
    #[error("{0} cannot be listened on: {1}. Choose another address with --listen.")]
    Listen(SocketAddr, io::Error),
    /// Strangers could read everything.
    #[error(
        "{0} can be reached by other machines, and plain HTTP shows them passwords and messages. \
         Set tls.mode for HTTPS, listen on 127.0.0.1 behind a proxy that speaks it, or say --insecure-http."
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
    /// HTTPS cannot be had.
    #[error("HTTPS cannot be had: {0}")]
    Tls(#[from] TlsError),
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
    app: Arc<App>,
    local_addr: SocketAddr,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
    redirect: Option<JoinHandle<()>>,
    tls: Option<Tls>,
    outbox: Outbox,
    fetcher: Fetcher,
    retention: Retention,
    keeper: Keeper,
    _socket: Socket,
}

impl Appliance {
    /// Opens the data directory and serves it in plain HTTP, with everything else as when nobody sets it. Needs a tokio
    /// runtime.
    ///
    /// # Errors
    /// The store does not open, or the address cannot be listened on.
    pub async fn start(data: &Path, listen: SocketAddr, clock: Clock) -> Result<Self, ApplianceError> {
        Self::start_with(&Config::plain(data.to_owned(), listen), clock).await
    }

    /// Opens the data directory and serves it as the configuration says. Needs a tokio runtime.
    ///
    /// # Errors
    /// The store does not open, an address cannot be listened on, or HTTPS has no certificate.
    pub async fn start_with(config: &Config, clock: Clock) -> Result<Self, ApplianceError> {
        let (data, listen) = (config.data.as_path(), config.listen);
        let options = backup::options(clock.clone()).with_key_file(config.secrets_key_file.clone());
        let store = Store::open(data, options)?;
        let tls = Tls::start(config, clock.clone())?;
        let (listener, local_addr) = bind(listen).await?;
        let redirect = match config.redirect_listen {
            Some(address) => Some(bind(address).await?.0),
            None => None,
        };
        let search = Search::start(store.clone(), data, clock.clone())?;
        let hosts = GraphHosts::new(&config.graph_hosts);
        let socket = Socket::listen(data, store.clone(), search.clone(), hosts.clone())
            .map_err(|error| ApplianceError::Socket { folder: data.into(), error })?;
        let outbox = Outbox::start(store.clone(), clock.clone(), hosts.clone());
        let fetcher = Fetcher::start(store.clone(), clock.clone(), Shelf::of(store.directory()), hosts.clone());
        let retention = Retention::start(store.clone(), clock.clone(), Shelf::of(store.directory()));
        let keeper = Keeper::start(store.clone(), clock.clone());
        let rules = rules(config, tls.as_ref(), local_addr, hosts);
        let app = App::start(store.clone(), search.clone(), clock, Box::new(outbox.handle()), rules)?;
        if let Some(file) = config.certificate_file.clone().filter(|_| config.tls_mode == TlsMode::Files) {
            app.watch_certificates(vec![file]);
        }
        let stop = watch::Sender::new(false);
        let redirect = redirect.map(|listener| tokio::spawn(http::redirect(listener, app.clone(), stop.subscribe())));
        let server = tokio::spawn(http::serve(listener, Arc::clone(&app), stop.subscribe()));
        Ok(Self {
            store,
            search,
            app,
            local_addr,
            stop,
            server,
            redirect,
            tls,
            outbox,
            fetcher,
            retention,
            keeper,
            _socket: socket,
        })
    }

    /// How HTTPS stands; `None` when it is off.
    #[must_use]
    pub fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }

    /// While nobody administers, whoever started the server gets a link to become the first
    /// administrator; only on a terminal, because elsewhere it would stand in a log.
    #[allow(clippy::print_stdout, reason = "a secret for the terminal: it must not stand in a log")]
    async fn print_set_up_link(&self) {
        if !io::stdout().is_terminal() {
            return;
        }
        if let Some(path) = control::set_up_path(&self.store).await {
            let scheme = if self.tls.is_some() { "https" } else { "http" };
            println!("Nobody administers yet. Open this link within 30 minutes, it works once:");
            println!("  {scheme}://{}{path}", self.local_addr);
            println!("Another one: deskbell setup-link --data {}", self.store.directory().display());
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Shows the numbers of this server to whom `options` names.
    ///
    /// # Errors
    /// A sentence: the token cannot be read, or the address cannot be listened on.
    pub async fn show_metrics(&self, options: &MetricsOptions) -> Result<Option<SocketAddr>, String> {
        self.app.open_metrics(options.door()?);
        let Some(listen) = options.listen else { return Ok(None) };
        let refused = |error| ApplianceError::Listen(listen, error).to_string();
        let listener = TcpListener::bind(listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        tokio::spawn(http::serve_metrics(listener, Arc::clone(&self.app), self.stop.subscribe()));
        Ok(Some(address))
    }

    /// The open store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Stops in order; at most `STOP_MS_MAX` for each part.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if tokio::time::timeout(Duration::from_millis(STOP_MS_MAX), self.server).await.is_err() {
            tracing::warn!("requests were cut at the stop");
        }
        if let Some(redirect) = self.redirect
            && tokio::time::timeout(Duration::from_millis(STOP_MS_MAX), redirect).await.is_err()
        {
            tracing::warn!("redirects were cut at the stop");
        }
        self.retention.stop().await;
        self.keeper.stop();
        self.fetcher.stop().await;
        self.outbox.stop().await;
        let (store, search) = (self.store, self.search);
        drop(self.app);
        let stop = move || {
            search.stop();
            store.stop();
        };
        if tokio::task::spawn_blocking(stop).await.is_err() {
            tracing::error!("the store did not stop in order");
        }
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ApplianceError> {
    let failed = |error| ApplianceError::Listen(address, error);
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let local_addr = listener.local_addr().map_err(failed)?;
    Ok((listener, local_addr))
}

/// What the configuration says about the wire.
fn rules(config: &Config, tls: Option<&Tls>, local_addr: SocketAddr, graph_hosts: GraphHosts) -> HttpRules {
    let mut hosts = config::machine_names();
    hosts.extend(config.public_url.iter().map(|url| url.host.clone()));
    hosts.extend(config.allowed_hosts.iter().chain(&config.tls_names).chain(&config.acme.domains).cloned());
    let https_port = match &config.public_url {
        Some(url) if url.https => url.port,
        _ => Some(local_addr.port()).filter(|port| *port != 443),
    };
    HttpRules {
        limits: HttpLimits::default(),
        tls: tls.map(Tls::server_config),
        trusted_proxies: config.trusted_proxies.clone(),
        hosts,
        https_port,
        hsts_days: config.hsts_days,
        root_certificate: tls.and_then(Tls::root_certificate),
        graph_hosts,
    }
}

/// Serves until the process is asked to stop (SIGTERM, SIGINT).
///
/// # Errors
/// A sentence for the person who started it.
pub fn serve(config: &Config) -> Result<(), String> {
    let listen = config.listen;
    if config.tls_mode == TlsMode::Off && !listen.ip().is_loopback() && !config.insecure_http {
        return Err(ApplianceError::Plain(listen).to_string());
    }
    runtime()?.block_on(async {
        let signals = StopSignals::listen()?;
        let manager = Manager::from_environment().map_err(|error| format!("NOTIFY_SOCKET: {error}."))?;
        let (metrics_listen, token_file) = (config.metrics_listen, config.metrics_token_file.clone());
        let metrics = MetricsOptions { listen: metrics_listen, token_file };
        metrics.door()?;
        let appliance = Appliance::start_with(config, Clock::system()).await.map_err(|error| error.to_string())?;
        appliance.print_set_up_link().await;
        if let Some(address) = appliance.show_metrics(&metrics).await? {
            tracing::info!(%address, "showing metrics");
        }
        let scheme = if appliance.tls.is_some() { "https" } else { "http" };
        tracing::info!(address = %appliance.local_addr(), scheme, "serving");
        manager.tell(&format!("READY=1\nSTATUS=Serving on {}", appliance.local_addr()));
        tokio::select! {
            () = signals.heard() => {}
            never = manager.keep_alive(appliance.store()) => match never {},
        }
        manager.tell("STOPPING=1\nSTATUS=Stopping");
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
