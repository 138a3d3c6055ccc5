//! The HTTP edge: the API and its events for the page, the page itself, the webhook for Meta.
//!
//! Nobody but the appliance imports this. Invariants: it never writes but by a `Command`, and never answers an unsafe
//! request before what it asked for is durable.

mod api;
mod assets;
mod attendance;
mod beside;
mod challenge;
mod client;
mod desktops;
mod error;
mod events;
mod fanout;
mod feed;
mod frames;
mod health;
mod hosts;
mod lean;
mod metrics;
mod people_routes;
mod reading;
mod redirect;
mod refusals;
mod request;
mod response;
mod router;
mod second_factor;
mod server;
mod set_up;
mod sign_in;
mod sign_in_steps;
mod streams;
mod throttle;
mod view;
mod visitor;
mod webhook;
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Semaphore, watch};
use tokio_rustls::rustls::ServerConfig;

use crate::clock::Clock;
use crate::config::address::AddressRange;
use crate::domain::command::Command;
use crate::domain::contact::Contact;
use crate::domain::ids::{ChannelId, Wamid};
use crate::limits::{
    BODY_READ_MS_MAX, HEAD_READ_MS_MAX, HEARTBEAT_MS, PASSWORD_HASHES_MAX, PASSWORD_HASHES_WAITING_MAX, READS_MAX,
    STOP_MS_MAX, THUMBNAILS_MAX, UPLOADS_MAX, WEBHOOK_BODIES_LARGE_MAX, WRITE_STALL_MS_MAX,
};
use crate::media::Shelf;
use crate::search::{Page, Question, Search};
use crate::store::{Done, Snapshot, Store, StoreError};
use crate::whatsapp::media::GraphHosts;

use self::error::HttpError;

pub use self::beside::serve_metrics;
pub use self::metrics::{MetricsDoor, MetricsOptions};
pub use self::server::{redirect, serve};

/// Who tells the provider that a message was seen, or that an answer is being typed. Best effort: nobody waits.
pub trait Marks: Send + Sync {
    /// Marks the contact's message as read; with `typing`, also shows typing on their phone.
    fn mark_read(&self, channel: ChannelId, wamid: Wamid, typing: bool);
    /// Lets the provider hold back what the contact writes to this number, or no longer.
    fn set_blocked(&self, channel: ChannelId, contact: Contact, blocked: bool);
}

/// The times that bound a connection. Tests shorten them.
#[derive(Clone, Copy, Debug)]
pub struct HttpLimits {
    /// For a request's head, from idle on.
    pub head_read_max: Duration,
    /// For a request's body.
    pub body_read_max: Duration,
    /// For a peer to take our bytes.
    pub write_stall_max: Duration,
    /// Between two heart-beats of an event stream.
    pub heartbeat: Duration,
    /// For requests under way when the process stops.
    pub stop_max: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            head_read_max: Duration::from_millis(HEAD_READ_MS_MAX),
            body_read_max: Duration::from_millis(BODY_READ_MS_MAX),
            write_stall_max: Duration::from_millis(WRITE_STALL_MS_MAX),
            heartbeat: Duration::from_millis(HEARTBEAT_MS),
            stop_max: Duration::from_millis(STOP_MS_MAX),
        }
    }
}

/// What the operator has set about the wire. Made of [`HttpLimits`] alone: plain HTTP for this machine.
#[derive(Clone, Default)]
pub struct HttpRules {
    /// The times that bound a connection.
    pub limits: HttpLimits,
    /// How handshakes are answered; `None` for plain HTTP.
    pub tls: Option<Arc<ServerConfig>>,
    /// Who may say whom a request comes from.
    pub trusted_proxies: Vec<AddressRange>,
    /// Names by which the page may be asked for, in lower case; loopback names and plain addresses need none.
    pub hosts: Vec<String>,
    /// The port of the page's own address as people write it, for the redirect to it; `None` for 443.
    pub https_port: Option<u16>,
    /// For how long browsers shall speak HTTPS only, days; 0 says nothing.
    pub hsts_days: u32,
    /// The root certificate of the server's own authority, PEM.
    pub root_certificate: Option<Bytes>,
    /// Where connection tests may call Graph.
    pub graph_hosts: GraphHosts,
}

impl From<HttpLimits> for HttpRules {
    fn from(limits: HttpLimits) -> Self {
        Self { limits, ..Self::default() }
    }
}

/// What every handler can reach.
pub struct App {
    store: Store,
    search: Search,
    clock: Clock,
    marks: Box<dyn Marks>,
    limits: HttpLimits,
    rules: HttpRules,
    feed: feed::Feed,
    sign_ins: sign_in::SignIns,
    channels: webhook::ChannelBook,
    throttle: throttle::Throttle,
    challenges: challenge::Challenges,
    enrolments: api::proofs::Enrolments,
    failures_noted: sign_in::FailuresNoted,
    set_up: set_up::SetUp,
    browser_key: [u8; 32],
    attendance: attendance::Attendance,
    watchers: api::watchers::Watchers,
    typing: api::messages::TypingMarks,
    arrivals: api::administration::Arrivals,
    /// Changes of canned replies wait for each other.
    responses: tokio::sync::Mutex<()>,
    assets: &'static assets::Assets,
    reads: Semaphore,
    hashes: Semaphore,
    hashes_waiting: AtomicUsize,
    bodies_large: Arc<Semaphore>,
    uploads: Semaphore,
    thumbnails: Semaphore,
    shelf: Shelf,
    traffic: metrics::Traffic,
    stopping: watch::Sender<bool>,
}

impl App {
    /// Reads what is kept in memory, then starts to follow the store. Needs a tokio runtime.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn start(
        store: Store,
        search: Search,
        clock: Clock,
        marks: Box<dyn Marks>,
        rules: impl Into<HttpRules>,
    ) -> Result<Arc<Self>, StoreError> {
        let rules = rules.into();
        let shelf = Shelf::of(store.directory());
        let browser_key = store.derived_key("known browsers");
        let app = Arc::new(Self {
            store,
            search,
            clock,
            marks,
            limits: rules.limits,
            rules,
            feed: feed::Feed::default(),
            sign_ins: sign_in::SignIns::default(),
            channels: webhook::ChannelBook::default(),
            throttle: throttle::Throttle::default(),
            challenges: challenge::Challenges::default(),
            enrolments: api::proofs::Enrolments::default(),
            failures_noted: sign_in::FailuresNoted::default(),
            set_up: set_up::SetUp::default(),
            browser_key,
            attendance: attendance::Attendance::default(),
            watchers: api::watchers::Watchers::default(),
            typing: api::messages::TypingMarks::default(),
            arrivals: api::administration::Arrivals::default(),
            responses: tokio::sync::Mutex::new(()),
            assets: assets::Assets::built_in(),
            reads: Semaphore::new(READS_MAX),
            hashes: Semaphore::new(PASSWORD_HASHES_MAX),
            hashes_waiting: AtomicUsize::new(0),
            bodies_large: Arc::new(Semaphore::new(WEBHOOK_BODIES_LARGE_MAX)),
            uploads: Semaphore::new(UPLOADS_MAX),
            thumbnails: Semaphore::new(THUMBNAILS_MAX),
            shelf,
            traffic: metrics::Traffic::default(),
            stopping: watch::Sender::new(false),
        });
        fanout::start(&app)?;
        attendance::start(&app);
        api::watchers::start(&app);
        Ok(app)
    }

    /// Who may see the numbers; nobody before this was said. Later calls change nothing.
    pub fn open_metrics(&self, door: MetricsDoor) {
        self.traffic.door.set(door).ok();
    }

    /// The certificates whose end the health page tells, as PEM files. Later calls change nothing.
    pub fn watch_certificates(&self, files: Vec<std::path::PathBuf>) {
        self.traffic.certificates.set(files).ok();
    }

    /// Reads from a snapshot, away from the threads that serve connections.
    async fn read<T, F>(self: &Arc<Self>, read: F) -> Result<T, HttpError>
    where
        T: Send + 'static,
        F: FnOnce(&Snapshot) -> Result<T, HttpError> + Send + 'static,
    {
        let _place = self.reads.acquire().await.expect("never closed");
        let store = self.store.clone();
        let outcome = tokio::task::spawn_blocking(move || store.read(|snapshot| Ok(read(snapshot)))).await;
        outcome.map_err(|error| {
            tracing::error!(error = %error, "a read of the store broke off");
            HttpError::internal()
        })??
    }

    /// Searches, away from the threads that serve connections. Nothing of the store is held meanwhile.
    async fn find(self: &Arc<Self>, question: Question) -> Result<Page, HttpError> {
        let _place = self.reads.acquire().await.expect("never closed");
        let search = self.search.clone();
        let outcome = tokio::task::spawn_blocking(move || search.ask(&question)).await;
        Ok(outcome.map_err(|error| {
            tracing::error!(error = %error, "a search broke off");
            HttpError::internal()
        })??)
    }

    /// Asks for one thing; the answer comes when it is durable.
    async fn submit(&self, command: Command) -> Result<Done, HttpError> {
        let answer = self.store.submit(vec![command]).await?.pop().ok_or_else(HttpError::internal)?;
        Ok(answer?)
    }

    /// Runs a password hash when it is its turn; too many waiting ones are turned away.
    async fn hash<T: Send + 'static>(&self, hash: impl FnOnce() -> T + Send + 'static) -> Result<T, HttpError> {
        struct Waiting<'a>(&'a AtomicUsize);
        impl Drop for Waiting<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::Relaxed);
            }
        }
        let before = self.hashes_waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.hashes_waiting);
        if before >= PASSWORD_HASHES_WAITING_MAX {
            return Err(HttpError::overloaded());
        }
        let _place = self.hashes.acquire().await.expect("never closed");
        tokio::task::spawn_blocking(hash).await.map_err(|_| HttpError::internal())
    }
}
