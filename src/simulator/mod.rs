//! The simulator: plays Meta (Graph API, signed webhooks) and the customers (a phone page), for demo, rehearsal, tests.
//!
//! Apart from the product, which never imports it, and sharing none of its code but the limits: a mistake in reading
//! Meta's contract cannot hide by being made on both sides. Invariants: everything it holds is bounded; a webhook is
//! retried until it is acknowledged or given up; no lock is held across an await.

mod approval;
mod config;
mod control;
mod customer;
mod faults;
mod graph;
mod page;
mod server;
mod statuses;
#[cfg(test)]
mod tests;
mod wamid;
mod webhook;
mod world;

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use hyper::Uri;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, broadcast, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

pub use config::SimulatorConfig;
pub use config::WindowRule;
pub use faults::{ErrorAnswer, Faults, Occurrence};

use crate::limits;
use customer::Shown;
use faults::Dice;
pub use graph::account::Standing;
use graph::media::MediaShelf;
use graph::rate::Rate;
use graph::template_shelf::TemplateShelf;
use statuses::{Due, Step};
use webhook::payload::Envelope;
use webhook::post::{self, PostClient, Update};
use webhook::signature::Signer;
use world::World;

/// A person who writes to the business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// The WhatsApp number: digits with country code, without `+`.
    pub wa_id: String,
    /// The name of the WhatsApp profile.
    pub name: String,
}

/// A message that the business sent and Graph accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outbound {
    /// The id that Graph answered (or would have, had the connection not been dropped on purpose).
    pub wamid: String,
    /// The customer's number, digits only.
    pub to: String,
    /// Meta's type: `text`, `template`, `reaction`, ...
    pub kind: String,
    /// The text as the customer sees it.
    pub text: String,
    /// `biz_opaque_callback_data`.
    pub opaque: Option<String>,
    /// When it was accepted, in milliseconds since the Unix epoch.
    pub at_ms: u64,
}

/// The business answered 200 to the webhook that carried this message or status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The message, or the message that the status is about.
    pub wamid: String,
    /// Whether it was a status.
    pub is_status: bool,
    /// Posts that it took.
    pub attempts: u32,
    /// From the start of the last post to its answer.
    pub latency: Duration,
    /// From being written to being acknowledged, retries and queues included.
    pub waited: Duration,
}

/// Why a webhook could not be delivered or verified.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// No webhook address was set yet.
    #[error("no webhook address is set")]
    NoUrl,
    /// The address is not one the simulator can post to.
    #[error("the webhook address must start with http://")]
    BadUrl,
    /// The business could not be reached, or broke off.
    #[error("the webhook address cannot be reached: {0}")]
    Unreachable(String),
    /// The business did not answer in time.
    #[error("the webhook address did not answer in time")]
    TimedOut,
    /// The handshake was refused with this HTTP status.
    #[error("the webhook address refused the handshake with status {0}; is the verify token the same?")]
    Refused(u16),
    /// The handshake was answered with something else than the challenge.
    #[error("the webhook address did not repeat the challenge")]
    WrongChallenge,
}

/// What the simulator did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Webhook posts, retries and duplicates included.
    pub posted: u64,
    /// Messages and statuses that the business acknowledged.
    pub acknowledged: u64,
    /// Posts that were not answered with 200.
    pub refused: u64,
    /// Posts that went out twice on purpose.
    pub duplicated: u64,
    /// Messages and statuses that were given up.
    pub given_up: u64,
    /// Messages of the business that Graph accepted.
    pub accepted: u64,
    /// Messages of the business that Graph refused.
    pub rejected: u64,
}

/// A running simulator; cheap to clone. It runs until `shutdown`.
#[derive(Clone)]
pub struct Simulator {
    shared: Arc<Shared>,
    local_addr: SocketAddr,
    tasks: Arc<Mutex<JoinSet<()>>>,
}

/// What all parts of one simulator share.
pub(crate) struct Shared {
    config: SimulatorConfig,
    world: Mutex<World>,
    dice: Mutex<Dice>,
    media: Mutex<MediaShelf>,
    templates: Mutex<TemplateShelf>,
    standing: Mutex<Standing>,
    rate: Mutex<Rate>,
    wamids: wamid::WamidMaker,
    signer: Signer,
    envelope: Envelope,
    client: PostClient,
    webhook_url: watch::Sender<Option<Uri>>,
    lanes: Vec<mpsc::UnboundedSender<Update>>,
    update_permits: Arc<Semaphore>,
    posts_in_flight: Semaphore,
    due: mpsc::UnboundedSender<Due>,
    statuses_pending: Counter,
    outbound: broadcast::Sender<Arc<Outbound>>,
    acknowledgements: broadcast::Sender<Arc<Acknowledgement>>,
    counts: Counters,
}

/// A number that many tasks add to.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    fn subtract(&self, fewer: u64) {
        self.0.fetch_sub(fewer, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Default)]
struct Counters {
    posted: Counter,
    acknowledged: Counter,
    refused: Counter,
    duplicated: Counter,
    given_up: Counter,
    accepted: Counter,
    rejected: Counter,
}

impl Simulator {
    /// Binds the port and starts to play.
    ///
    /// # Errors
    /// When the address cannot be bound, the webhook address is no `http://` address, or the system has no random bytes.
    pub async fn start(config: SimulatorConfig) -> io::Result<Self> {
        let listener = tokio::net::TcpListener::bind(config.listen).await?;
        let local_addr = listener.local_addr()?;
        let webhook_url = match &config.webhook_url {
            Some(url) => Some(webhook_uri(url).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?),
            None => None,
        };
        let posts_in_flight = config.posts_in_flight.max(1);
        let (lanes, lane_queues): (Vec<_>, Vec<_>) = (0..posts_in_flight).map(|_| mpsc::unbounded_channel()).unzip();
        let (due, due_queue) = mpsc::unbounded_channel();
        let mut world = World::new();
        for customer in &config.customers {
            world.phone(customer);
        }
        let shared = Arc::new(Shared {
            world: Mutex::new(world),
            dice: Mutex::new(Dice::new(Faults::default())),
            media: Mutex::new(MediaShelf::default()),
            templates: Mutex::new(TemplateShelf::default()),
            standing: Mutex::new(Standing::default()),
            rate: Mutex::new(Rate::default()),
            wamids: wamid::WamidMaker::new()?,
            signer: Signer::new(&config.app_secret),
            envelope: Envelope::new(&config.business_account_id, &config.phone_number_id, &config.display_number),
            client: post::client(posts_in_flight),
            webhook_url: watch::channel(webhook_url).0,
            lanes,
            update_permits: Arc::new(Semaphore::new(limits::SIMULATOR_UPDATES_MAX)),
            posts_in_flight: Semaphore::new(posts_in_flight),
            due,
            statuses_pending: Counter::default(),
            outbound: broadcast::channel(limits::SIMULATOR_SUBSCRIBER_EVENTS_MAX).0,
            acknowledgements: broadcast::channel(limits::SIMULATOR_SUBSCRIBER_EVENTS_MAX).0,
            counts: Counters::default(),
            config,
        });
        let mut tasks = JoinSet::new();
        for queue in lane_queues {
            tasks.spawn(post::run_lane(Arc::clone(&shared), queue));
        }
        tasks.spawn(statuses::run(Arc::clone(&shared), due_queue));
        tasks.spawn(server::run(Arc::clone(&shared), listener));
        Ok(Self { shared, local_addr, tasks: Arc::new(Mutex::new(tasks)) })
    }

    /// Where Graph, the phone page and the control API listen.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Sets where webhooks go, without a handshake. Updates that waited for an address go out at once.
    ///
    /// # Errors
    /// `BadUrl` when it is no `http://` address.
    pub fn set_webhook_url(&self, url: &str) -> Result<(), WebhookError> {
        self.shared.webhook_url.send_replace(Some(webhook_uri(url)?));
        Ok(())
    }

    /// Makes the handshake that Meta's dashboard makes when an address is saved.
    ///
    /// # Errors
    /// When there is no address, it cannot be reached, or it does not repeat the challenge.
    pub async fn verify_webhook(&self) -> Result<(), WebhookError> {
        let url = self.shared.webhook_url.borrow().clone().ok_or(WebhookError::NoUrl)?;
        post::verify(&self.shared, &url).await
    }

    /// A customer writes a text; the webhook is posted, and repeated until it is acknowledged, in the background.
    /// Waits only while too many updates are under way. Gives back the message's id.
    pub async fn customer_writes(&self, customer: Customer, text: impl Into<String>) -> String {
        self.shared.customer_writes(&customer, text.into()).await
    }

    /// A customer sends a message of any kind: `node` is what stands under the key `kind` in the webhook.
    pub async fn customer_sends(&self, customer: Customer, kind: &str, node: &Value) -> String {
        self.shared.customer_sends(&customer, kind, node, None, Shown::default()).await
    }

    /// Posts any bytes with a correct signature, once, and tells the HTTP status of the answer.
    ///
    /// # Errors
    /// When there is no webhook address or no answer.
    pub async fn post_signed(&self, raw_body: Vec<u8>) -> Result<u16, WebhookError> {
        let signature = self.shared.signer.header(&raw_body);
        post::post(&self.shared, Bytes::from(raw_body), &signature).await
    }

    /// The value of `X-Hub-Signature-256` for these bytes.
    #[must_use]
    pub fn signature(&self, body: &[u8]) -> String {
        self.shared.signer.header(body)
    }

    /// What the business sends from now on, as far as it is accepted.
    #[must_use]
    pub fn outbound(&self) -> broadcast::Receiver<Arc<Outbound>> {
        self.shared.outbound.subscribe()
    }

    /// What the business acknowledges from now on.
    #[must_use]
    pub fn acknowledgements(&self) -> broadcast::Receiver<Arc<Acknowledgement>> {
        self.shared.acknowledgements.subscribe()
    }

    /// Puts these faults in force instead of all earlier ones; counters and dice start anew.
    pub fn set_faults(&self, faults: Faults) {
        self.shared.set_faults(faults);
    }

    /// How the business stands with Meta from now on.
    pub fn set_standing(&self, standing: Standing) {
        *self.shared.standing() = standing;
    }

    /// Meta changes its mind about a template and tells the business; `false` if there is no such template or state.
    #[must_use]
    pub fn approve_template(&self, name: &str, language: &str, status: &str) -> bool {
        self.shared.approve(name, language, status)
    }

    /// The faults in force; counters of `next` show what is left.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.shared.dice().faults().clone()
    }

    /// What happened so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.counts()
    }

    /// Messages and statuses that are not yet acknowledged or given up, and statuses that are still to come.
    #[must_use]
    pub fn under_way(&self) -> u64 {
        let updates = limits::SIMULATOR_UPDATES_MAX - self.shared.update_permits.available_permits();
        updates as u64 + self.shared.statuses_pending.get()
    }

    /// Stops: the port is free again when this returns. What was under way is dropped.
    pub async fn shutdown(&self) {
        let mut tasks = {
            let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *tasks)
        };
        tasks.shutdown().await;
    }
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn templates(&self) -> MutexGuard<'_, TemplateShelf> {
        self.templates.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn dice(&self) -> MutexGuard<'_, Dice> {
        self.dice.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_faults(&self, faults: Faults) {
        self.world().publish(|| json!({"event": "faults", "faults": faults}));
        *self.dice() = Dice::new(faults);
    }

    fn counts(&self) -> Counts {
        Counts {
            posted: self.counts.posted.get(),
            acknowledged: self.counts.acknowledged.get(),
            refused: self.counts.refused.get(),
            duplicated: self.counts.duplicated.get(),
            given_up: self.counts.given_up.get(),
            accepted: self.counts.accepted.get(),
            rejected: self.counts.rejected.get(),
        }
    }

    /// The customer looks at the chat: everything delivered is read.
    fn customer_reads(&self, wa_id: &str) -> bool {
        let Some(read) = self.world().customer_read(wa_id) else {
            return false;
        };
        for message in read {
            self.due_now(Step::ReadSeen, message);
        }
        true
    }

    /// Changes the switches of a customer's phone.
    fn switch_phone(&self, wa_id: &str, read_receipts: Option<bool>, offline: Option<bool>) -> bool {
        let Some(released) = self.world().switch(wa_id, read_receipts, offline) else {
            return false;
        };
        for message in released {
            self.statuses_pending.add(1);
            self.due_now(Step::Delivered, message);
        }
        true
    }

    fn due_now(&self, step: Step, message: Arc<statuses::SentMessage>) {
        // The task ends only when the simulator stops.
        let _ = self.due.send(Due { at: Instant::now(), step, message });
    }
}

fn webhook_uri(url: &str) -> Result<Uri, WebhookError> {
    let uri: Uri = url.parse().map_err(|_| WebhookError::BadUrl)?;
    if uri.scheme_str() == Some("http") && uri.authority().is_some() { Ok(uri) } else { Err(WebhookError::BadUrl) }
}

/// Wall time in milliseconds since the Unix epoch.
fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
