//! Posting webhooks: lanes of kept-alive connections, retries with decreasing frequency, and the faults on the way.
//!
//! Apart because it is the hot path of a rehearsal. Invariants: an update is never dropped before it was acknowledged
//! with 200 or given up after its last attempt; what is under way is bounded by permits and posts in flight; no lock
//! is held across an await; with `in_order_per_customer` one customer's updates leave one after the other.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{CONTENT_TYPE, USER_AGENT};
use hyper::{Method, Request, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::payload::Fragment;
use crate::limits;
use crate::simulator::{Acknowledgement, Shared, WebhookError};

/// One message or status on its way.
pub(crate) struct Update {
    pub(crate) fragment: Fragment,
    pub(crate) wamid: Arc<str>,
    pub(crate) queued_at: Instant,
    /// Told when the business acknowledged it.
    pub(crate) told: Option<oneshot::Sender<()>>,
    pub(crate) was_held_back: bool,
    /// Kept until the update is done with: this is what bounds the queues.
    pub(crate) _permit: OwnedSemaphorePermit,
}

/// The client that posts webhooks.
pub(crate) type PostClient = Client<HttpConnector, Full<Bytes>>;

/// A client that keeps up to `idle_max` connections alive.
pub(crate) fn client(idle_max: usize) -> PostClient {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(Duration::from_millis(limits::SIMULATOR_POST_TIMEOUT_MS)));
    Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(idle_max)
        .pool_timer(TokioTimer::new())
        .build(connector)
}

/// Puts an update into its customer's lane; waits while too many are under way.
pub(crate) async fn enqueue(shared: &Shared, fragment: Fragment, wamid: Arc<str>, told: Option<oneshot::Sender<()>>) {
    let permit = Arc::clone(&shared.update_permits).acquire_owned().await.expect("the semaphore is never closed");
    let update = Update { fragment, wamid, queued_at: Instant::now(), told, was_held_back: false, _permit: permit };
    into_lane(shared, update);
}

fn into_lane(shared: &Shared, update: Update) {
    let batch = shared.dice().faults().webhook_batch_updates.max(1);
    // Batches need company: fewer lanes, so that several customers meet in one.
    let lanes = (shared.lanes.len() / batch).max(1);
    let hash = crate::simulator::world::hash(&update.fragment.customer);
    let lane = usize::try_from(hash % lanes as u64).expect("below the number of lanes");
    // A lane only ends when the simulator stops; then nobody waits for the update.
    let _ = shared.lanes[lane].send(update);
}

/// Works one lane until the simulator stops.
pub(crate) async fn run_lane(shared: Arc<Shared>, mut queue: mpsc::UnboundedReceiver<Update>) {
    let mut webhook_url = shared.webhook_url.subscribe();
    while let Some(first) = queue.recv().await {
        if webhook_url.wait_for(Option::is_some).await.is_err() {
            return;
        }
        let (batch_max, delay_ms) = {
            let dice = shared.dice();
            let faults = dice.faults();
            (faults.webhook_batch_updates.clamp(1, limits::SIMULATOR_BATCH_UPDATES_MAX), faults.webhook_delay_ms)
        };
        let batch = hold_back(&shared, gather(&mut queue, first, batch_max).await);
        if batch.is_empty() {
            continue;
        }
        if delay_ms > 0 {
            sleep(Duration::from_millis(delay_ms)).await;
        }
        let delivery = Delivery::new(&shared, batch);
        if shared.config.in_order_per_customer {
            delivery.finish(&shared).await;
        } else if let Some(delivery) = delivery.attempt(&shared).await {
            let shared = Arc::clone(&shared);
            tokio::spawn(async move { delivery.finish(&shared).await });
        }
    }
}

async fn gather(queue: &mut mpsc::UnboundedReceiver<Update>, first: Update, batch_max: usize) -> Vec<Update> {
    let mut batch = vec![first];
    if batch_max > 1 {
        let until = Instant::now() + Duration::from_millis(limits::SIMULATOR_BATCH_WAIT_MS);
        while batch.len() < batch_max
            && let Ok(Some(update)) = timeout_at(until, queue.recv()).await
        {
            batch.push(update);
        }
    }
    batch
}

/// Takes out the updates that later ones shall overtake; they come back into their lane after their wait.
fn hold_back(shared: &Arc<Shared>, batch: Vec<Update>) -> Vec<Update> {
    let mut dice = shared.dice();
    let mut going = Vec::with_capacity(batch.len());
    for mut update in batch {
        let wait_ms = if update.was_held_back { None } else { dice.webhook_held_back_ms() };
        let Some(wait_ms) = wait_ms else {
            going.push(update);
            continue;
        };
        update.was_held_back = true;
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            sleep(Duration::from_millis(wait_ms)).await;
            into_lane(&shared, update);
        });
    }
    going
}

/// One post with its attempts.
struct Delivery {
    updates: Vec<Update>,
    body: Bytes,
    signature: String,
    attempts: u32,
}

impl Delivery {
    fn new(shared: &Shared, updates: Vec<Update>) -> Self {
        let body = shared.envelope.body(updates.iter().map(|update| &update.fragment));
        Self { signature: shared.signer.header(body.as_bytes()), body: body.into(), updates, attempts: 0 }
    }

    /// Posts until it is acknowledged or given up.
    async fn finish(self, shared: &Arc<Shared>) {
        let mut left = Some(self);
        while let Some(delivery) = left {
            if delivery.attempts > 0 {
                sleep(pause_before_retry(delivery.attempts)).await;
            }
            left = delivery.attempt(shared).await;
        }
    }

    /// Posts once; gives itself back if that has to be tried again.
    async fn attempt(mut self, shared: &Arc<Shared>) -> Option<Self> {
        self.attempts += 1;
        let started = Instant::now();
        let duplicated = shared.dice().webhook_duplicated();
        let post = || post(shared, self.body.clone(), &self.signature);
        let answer = if duplicated {
            shared.counts.duplicated.add(1);
            // Both at the same moment: the receiver's dedupe has to stand a race.
            let (one, other) = tokio::join!(post(), post());
            if matches!(one, Ok(200)) { one } else { other }
        } else {
            post().await
        };
        if matches!(answer, Ok(200)) {
            self.acknowledged(shared, started.elapsed());
            return None;
        }
        shared.counts.refused.add(1);
        if self.attempts >= limits::SIMULATOR_POST_ATTEMPTS_MAX {
            shared.counts.given_up.add(self.updates.len() as u64);
            tracing::warn!(updates = self.updates.len(), "webhook given up after its last attempt");
            return None;
        }
        Some(self)
    }

    fn acknowledged(self, shared: &Shared, latency: Duration) {
        shared.counts.acknowledged.add(self.updates.len() as u64);
        let now = Instant::now();
        {
            let mut world = shared.world();
            for update in self.updates.iter().filter(|update| !update.fragment.is_status) {
                world.message_acknowledged(&update.fragment.customer, &update.wamid);
            }
        }
        let watched = shared.acknowledgements.receiver_count() > 0;
        for update in self.updates {
            if let Some(told) = update.told {
                let _ = told.send(());
            }
            if watched {
                let _ = shared.acknowledgements.send(Arc::new(Acknowledgement {
                    wamid: update.wamid.to_string(),
                    is_status: update.fragment.is_status,
                    attempts: self.attempts,
                    latency,
                    waited: now.duration_since(update.queued_at),
                }));
            }
        }
    }
}

fn pause_before_retry(attempts: u32) -> Duration {
    let doublings = match attempts {
        0 | 1 => return Duration::ZERO,
        more => (more - 2).min(16),
    };
    Duration::from_millis((limits::SIMULATOR_RETRY_FIRST_MS << doublings).min(limits::SIMULATOR_RETRY_MS_MAX))
}

/// Posts one body once and tells the answer's HTTP status.
pub(crate) async fn post(shared: &Shared, body: Bytes, signature: &str) -> Result<u16, WebhookError> {
    let url = shared.webhook_url.borrow().clone().ok_or(WebhookError::NoUrl)?;
    let _slot = shared.posts_in_flight.acquire().await.expect("the semaphore is never closed");
    shared.counts.posted.add(1);
    let request = Request::builder()
        .method(Method::POST)
        .uri(url)
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, "facebookexternalua")
        .header("X-Hub-Signature-256", signature)
        .body(Full::new(body))
        .map_err(|error| WebhookError::Unreachable(error.to_string()))?;
    answer(shared, request).await.map(|(status, _)| status)
}

/// The handshake that Meta makes before it takes a webhook address.
pub(crate) async fn verify(shared: &Shared, url: &Uri) -> Result<(), WebhookError> {
    let challenge = (getrandom::u32().unwrap_or(1_158_201_444)).to_string();
    let token = percent_encoding::utf8_percent_encode(&shared.config.verify_token, percent_encoding::NON_ALPHANUMERIC);
    let separator = if url.query().is_some() { '&' } else { '?' };
    let url: Uri = format!("{url}{separator}hub.mode=subscribe&hub.challenge={challenge}&hub.verify_token={token}")
        .parse()
        .map_err(|error: hyper::http::uri::InvalidUri| WebhookError::Unreachable(error.to_string()))?;
    let request = Request::builder()
        .uri(url)
        .header(USER_AGENT, "facebookplatform/1.0 (+http://developers.facebook.com)")
        .body(Full::default())
        .map_err(|error| WebhookError::Unreachable(error.to_string()))?;
    match answer(shared, request).await? {
        (200, body) if body == challenge.as_bytes() => Ok(()),
        (200, _) => Err(WebhookError::WrongChallenge),
        (status, _) => Err(WebhookError::Refused(status)),
    }
}

async fn answer(shared: &Shared, request: Request<Full<Bytes>>) -> Result<(u16, Bytes), WebhookError> {
    let unreachable = |error: &dyn std::fmt::Display| WebhookError::Unreachable(error.to_string());
    let exchange = async {
        let response = shared.client.request(request).await.map_err(|error| unreachable(&error))?;
        let status = response.status().as_u16();
        // Read to the end, or the connection cannot be used again.
        let body = Limited::new(response.into_body(), limits::SIMULATOR_REQUEST_BYTES_MAX)
            .collect()
            .await
            .map_err(|error| unreachable(&error))?;
        Ok((status, body.to_bytes()))
    };
    timeout(Duration::from_millis(limits::SIMULATOR_POST_TIMEOUT_MS), exchange)
        .await
        .map_err(|_| WebhookError::TimedOut)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_retry_is_immediate_and_the_later_ones_are_rarer() {
        let pauses: Vec<u128> = (1..=9).map(|attempts| pause_before_retry(attempts).as_millis()).collect();
        assert_eq!(pauses, [0, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
        assert_eq!(pause_before_retry(u32::MAX).as_millis(), 5000);
    }
}
