//! `GET /metrics`: the numbers of this server, for Prometheus and its like.
//!
//! They tell how busy a centre is, so they are shown only to who has the token, or on a listener of their own. Apart
//! from the router so that nothing there counts. Invariants: no label holds what a stranger sent or a person's name;
//! the cost of a look is that of what is open, and nobody's request waits for it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use hyper::header;
use hyper::{Method, Response, StatusCode};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use crate::limits::{METRICS_TOKEN_BYTES_MIN, SECRET_BYTES_MAX};
use crate::measure::{self, Counter, Exposition, Kind};
use crate::observe;
use crate::store::{Store, StoreState};

use super::App;
use super::error::HttpError;
use super::request::Asked;
use super::response::{self, Body};

/// How the numbers are shown; by default not at all.
#[derive(Clone, Debug, Default)]
pub struct MetricsOptions {
    /// Serve them on an address of their own too.
    pub listen: Option<SocketAddr>,
    /// Who asks on the server's own address must know what this file says; on the other one too, when it is given.
    pub token_file: Option<PathBuf>,
}

impl MetricsOptions {
    /// Reads the token.
    ///
    /// # Errors
    /// A sentence: the file cannot be read, the token is too short, or strangers could read the numbers.
    pub fn door(&self) -> Result<MetricsDoor, String> {
        let token = self.token_file.as_ref().map(|file| {
            let text = std::fs::read(file)
                .map_err(|error| format!("The metrics token in {} cannot be read: {error}.", file.display()))?;
            let token = text.trim_ascii();
            if token.len() < METRICS_TOKEN_BYTES_MIN || token.len() > SECRET_BYTES_MAX {
                return Err(format!(
                    "The metrics token in {} must have {METRICS_TOKEN_BYTES_MIN} to {SECRET_BYTES_MAX} characters.",
                    file.display()
                ));
            }
            Ok(Sha256::digest(token).into())
        });
        let token = token.transpose()?;
        if let Some(listen) = self.listen
            && !listen.ip().is_loopback()
            && token.is_none()
        {
            return Err(format!(
                "The metrics address {listen} can be reached by other machines. Choose one on 127.0.0.1, or name a token \
                 file in metrics.token_file."
            ));
        }
        Ok(MetricsDoor { token })
    }
}

/// Who may see the numbers.
#[derive(Clone, Debug, Default)]
pub struct MetricsDoor {
    token: Option<[u8; 32]>,
}

/// What the HTTP edge counts.
pub(super) struct Traffic {
    answers: [[Counter; STATUSES.len() + 1]; CLASSES.len()],
    pub(super) door: OnceLock<MetricsDoor>,
    started: Instant,
    run: String,
    requests: AtomicU64,
    /// One look at the machine at a time.
    pub(super) health: Semaphore,
    /// Certificates that are served.
    pub(super) certificates: OnceLock<Vec<PathBuf>>,
}

/// What kinds of requests are told apart.
const CLASSES: [&str; 10] =
    ["page", "assets", "probe", "webhook", "sign_in", "events", "search", "files", "api", "other"];
const WEBHOOK: usize = 3;
const OTHER: usize = 9;
/// The answers that are told apart.
const STATUSES: [u16; 21] =
    [200, 201, 202, 204, 206, 303, 304, 400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 422, 429, 500, 503];

/// The class of a request, by its path.
pub(super) fn class(path: &str) -> usize {
    let mut segments = path.strip_prefix('/').unwrap_or(path).split('/');
    match (segments.next().unwrap_or_default(), segments.next()) {
        ("" | "service-worker.js", None) => 0,
        ("assets", Some(_)) => 1,
        ("healthz" | "readyz" | "metrics", None) => 2,
        ("webhooks", Some(_)) => WEBHOOK,
        ("api", Some("sign-in" | "sign-out")) => 4,
        ("api", Some("events")) => 5,
        ("api", Some("search")) => 6,
        ("api", Some("files")) => 7,
        ("api", Some(_)) if path.ends_with("/search") => 6,
        ("api", Some(_)) if path.ends_with("/media") => 7,
        ("api", Some(_)) => 8,
        _ => OTHER,
    }
}

/// The name of a class, for a log line.
pub(super) fn class_name(class: usize) -> &'static str {
    CLASSES.get(class).copied().unwrap_or("other")
}

impl Default for Traffic {
    fn default() -> Self {
        let mut run = [0; 4];
        // Without random bytes ids repeat between runs, which harms nobody.
        if getrandom::fill(&mut run).is_err() {
            tracing::debug!("the system gave no random bytes for the ids of requests");
        }
        Self {
            answers: Default::default(),
            door: OnceLock::new(),
            started: Instant::now(),
            run: format!("{:08x}", u32::from_be_bytes(run)),
            requests: AtomicU64::new(1),
            health: Semaphore::new(1),
            certificates: OnceLock::new(),
        }
    }
}

impl Traffic {
    /// The name of the next request: which run of the program, and which of its requests.
    pub(super) fn next_id(&self) -> String {
        format!("{}-{:x}", self.run, self.requests.fetch_add(1, Ordering::Relaxed))
    }

    /// Counts an answer.
    pub(super) fn answered(&self, class: usize, status: StatusCode) {
        let place = STATUSES.iter().position(|known| *known == status.as_u16()).unwrap_or(STATUSES.len());
        self.answers[class][place].add_one();
    }
}

/// Counts an answer, and how long an acknowledgement took.
pub(super) fn count(app: &App, method: &Method, class: usize, status: StatusCode, took: Duration) {
    app.traffic.answered(class, status);
    if class == WEBHOOK && *method == Method::POST && status == StatusCode::OK {
        app.store.measures().acknowledgements.observe(took);
        app.store.measures().webhook_came(app.clock.now().0);
    }
}

/// `GET /metrics` on the server's own address: there only for who knows the token.
pub(super) async fn show(app: &Arc<App>, asked: &Asked) -> Result<Response<Body>, HttpError> {
    let Some(MetricsDoor { token: Some(token) }) = app.traffic.door.get() else { return Err(HttpError::not_found()) };
    if !knows(token, asked) {
        return Err(HttpError::metrics_refused());
    }
    expose(app).await
}

/// `GET /metrics` on an address of its own.
pub(super) async fn show_beside(app: &Arc<App>, asked: &Asked) -> Result<Response<Body>, HttpError> {
    if asked.head.uri.path() != "/metrics" || !matches!(asked.head.method, Method::GET | Method::HEAD) {
        return Err(HttpError::not_found());
    }
    match app.traffic.door.get() {
        Some(MetricsDoor { token: Some(token) }) if !knows(token, asked) => Err(HttpError::metrics_refused()),
        _ => expose(app).await,
    }
}

/// Whether the request brings the token. Digests are compared, all of their bytes, so that the time taken tells nothing.
fn knows(token: &[u8; 32], asked: &Asked) -> bool {
    let line = asked.head.headers.get(header::AUTHORIZATION).map_or(&b""[..], |value| value.as_bytes());
    let typed = line.strip_prefix(b"Bearer ").unwrap_or_default();
    let typed: [u8; 32] = Sha256::digest(typed).into();
    typed.iter().zip(token).fold(0, |differs, (left, right)| differs | (left ^ right)) == 0
}

async fn expose(app: &Arc<App>) -> Result<Response<Body>, HttpError> {
    let _place = app.reads.acquire().await.expect("never closed");
    let reading = Arc::clone(app);
    let text = tokio::task::spawn_blocking(move || text(&reading)).await.map_err(|_| HttpError::internal())?;
    Ok(response::with_type(StatusCode::OK, measure::CONTENT_TYPE, text.into()))
}

fn text(app: &App) -> String {
    let mut to = Exposition::default();
    to.family("deskbell_build_info", Kind::Gauge, "Which program this is; always 1.");
    let layout = Store::layout().to_string();
    let commit = option_env!("DESKBELL_COMMIT").unwrap_or("unknown");
    let labels = [("version", env!("CARGO_PKG_VERSION")), ("commit", commit), ("layout", layout.as_str())];
    to.sample("deskbell_build_info", &labels, 1.0);
    traffic(app, &mut to);
    let measures = app.store.measures();
    let help = "From the head of a webhook to its acknowledgement: everything in it is durable.";
    to.durations("deskbell_webhook_acknowledgement_seconds", help, &measures.acknowledgements);
    let help = "From the first command of a commit to its durability.";
    to.durations("deskbell_commit_seconds", help, &measures.commits);
    to.family("deskbell_sends_total", Kind::Counter, "Calls that were to send a message, by how they ended.");
    for (result, count) in measures.sends() {
        to.sample("deskbell_sends_total", &[("result", result)], count as f64);
    }
    let ready = *app.store.state().borrow() == StoreState::Ready;
    to.single("deskbell_store_ready", Kind::Gauge, "Whether the store can be written.", f64::from(u8::from(ready)));
    match app.store.read(crate::store::Snapshot::census) {
        Ok(census) => centre(app, &census, &mut to),
        Err(error) => tracing::warn!(%error, "the store cannot be counted"),
    }
    to.family("deskbell_store_bytes", Kind::Gauge, "Bytes on the disk.");
    for (part, bytes) in app.store.files_bytes() {
        to.sample("deskbell_store_bytes", &[("part", part)], bytes as f64);
    }
    process(app, &mut to);
    to.into_text()
}

fn traffic(app: &App, to: &mut Exposition) {
    const NAME: &str = "deskbell_http_requests_total";
    to.family(NAME, Kind::Counter, "Answers, by class of request and status.");
    for (class, answers) in CLASSES.iter().zip(&app.traffic.answers) {
        for (place, counter) in answers.iter().enumerate().filter(|(_, counter)| counter.value() > 0) {
            let status = STATUSES.get(place).map_or_else(|| "other".to_owned(), u16::to_string);
            to.sample(NAME, &[("class", class), ("status", &status)], counter.value() as f64);
        }
    }
    let help = "Open event streams of browsers.";
    to.single("deskbell_event_streams", Kind::Gauge, help, app.feed.streams() as f64);
}

fn centre(app: &App, census: &crate::store::Census, to: &mut Exposition) {
    to.family("deskbell_interactions_open", Kind::Gauge, "Interactions that are not Done, by state.");
    for (state, count) in census.interactions {
        to.sample("deskbell_interactions_open", &[("state", state)], count as f64);
    }
    to.family("deskbell_agents", Kind::Gauge, "People, by presence.");
    for (presence, count) in census.agents {
        to.sample("deskbell_agents", &[("presence", presence)], count as f64);
    }
    let gauge = Kind::Gauge;
    to.single("deskbell_outbox_messages", gauge, "Messages on their way to WhatsApp.", census.sends as f64);
    let age_ms = census.oldest_send_at.map_or(0, |at| app.clock.now().since_ms(at).max(0));
    let help = "Age of the oldest message on its way.";
    to.single("deskbell_outbox_age_seconds", gauge, help, age_ms as f64 / 1e3);
    let help = "Files of contacts that are still to be fetched.";
    to.single("deskbell_media_waiting", gauge, help, census.fetches as f64);
    let behind = census.head.saturating_sub(app.search.taken_over());
    let help = "Events that search has not taken over yet.";
    to.single("deskbell_search_lag_events", gauge, help, behind as f64);
    let help = "Changes that are found and not yet in the index on the disk.";
    to.single("deskbell_search_waiting_changes", gauge, help, app.search.waiting() as f64);
}

fn process(app: &App, to: &mut Exposition) {
    let own = std::process::id();
    if let Some(mib) = observe::memory_mib(own) {
        let help = "Resident memory.";
        to.single("process_resident_memory_bytes", Kind::Gauge, help, mib * 1_024.0 * 1_024.0);
    }
    if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
        to.single("process_open_fds", Kind::Gauge, "Open file descriptors.", open.count() as f64);
    }
    let help = "Time since the server started.";
    to.single("deskbell_uptime_seconds", Kind::Gauge, help, app.traffic.started.elapsed().as_secs_f64());
}

#[cfg(test)]
mod tests {
    use super::{CLASSES, class};

    #[test]
    fn each_path_has_its_class_and_strangers_paths_make_no_new_ones() {
        for (path, name) in [
            ("/", "page"),
            ("/service-worker.js", "page"),
            ("/assets/1/app.js", "assets"),
            ("/healthz", "probe"),
            ("/webhooks/whatsapp", "webhook"),
            ("/api/sign-in", "sign_in"),
            ("/api/events", "events"),
            ("/api/search", "search"),
            ("/api/conversations/7/search", "search"),
            ("/api/messages/7/media", "files"),
            ("/api/contacts/7", "api"),
            ("/wp-login.php", "other"),
            ("//", "other"),
            ("*", "other"),
        ] {
            assert_eq!(CLASSES[class(path)], name, "{path}");
        }
    }
}
