//! A running Deskbell on a free port, with a clock in the test's hand and a folder that goes away.
//!
//! Invariant: dropping it stops the server, and its stop ends in time.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use deskbell::clock::Clock;
use deskbell::domain::agent::{AgentProfile, Role};
use deskbell::domain::channel::ChannelProfile;
use deskbell::domain::command::Command;
use deskbell::domain::contact::Contact;
use deskbell::domain::ids::{ChannelId, QueueId, Wamid};
use deskbell::domain::queue::Queue;
use deskbell::domain::time::Timestamp;
use deskbell::http::{App, HttpLimits, HttpRules, Marks, serve};
use deskbell::password;
use deskbell::search::Search;
use deskbell::store::{Store, StoreOptions};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::browser::Browser;
use super::provider::{APP_SECRET, PHONE_NUMBER_ID, VERIFY_TOKEN};

/// The password of everybody here.
pub(crate) const PASSWORD: &str = "correct horse";
/// When every test begins.
pub(crate) const MORNING: Timestamp = Timestamp(1_700_000_000_000);

/// Marks for the provider, as they were asked for: channel, message, typing.
pub(crate) type Marked = Arc<Mutex<Vec<(ChannelId, Wamid, bool)>>>;

struct Recorder(Marked);

impl Marks for Recorder {
    fn mark_read(&self, channel: ChannelId, wamid: Wamid, typing: bool) {
        self.0.lock().expect("no test panics while marking").push((channel, wamid, typing));
    }

    fn set_blocked(&self, _: ChannelId, _: Contact, _: bool) {}
}

/// A centre with ana and ben (agents), sue (supervisor), one queue, one number and the outcome `solved`.
pub(crate) struct Desk {
    pub address: SocketAddr,
    pub clock: Clock,
    pub store: Store,
    pub search: Search,
    pub marked: Marked,
    stop: watch::Sender<bool>,
    serving: Option<tokio::task::JoinHandle<()>>,
    runtime: Runtime,
    _folder: tempfile::TempDir,
}

impl Desk {
    /// With limits that suit a test: no heart-beat comes by itself.
    pub(crate) fn open() -> Self {
        Self::with_limits(HttpLimits { heartbeat: Duration::from_secs(3_600), ..HttpLimits::default() })
    }

    pub(crate) fn with_limits(limits: impl Into<HttpRules>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = Clock::manual(MORNING);
        let options = StoreOptions::new(clock.clone()).with_floor_checked();
        let store = Store::open(folder.path(), options).expect("a new store opens");
        set_up(&store);
        let search = Search::start(store.clone(), folder.path(), clock.clone()).expect("a thread");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime starts");
        let marked = Marked::default();
        let (stop, stopped) = watch::channel(false);
        let (address, serving) = runtime.block_on(async {
            let marks = Box::new(Recorder(Arc::clone(&marked)));
            let app = App::start(store.clone(), search.clone(), clock.clone(), marks, limits)
                .expect("a fresh store can be read");
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            let address = listener.local_addr().expect("it was bound");
            (address, tokio::spawn(serve(listener, app, stopped)))
        });
        Self { address, clock, store, search, marked, stop, serving: Some(serving), runtime, _folder: folder }
    }

    /// A browser in which nobody has signed in.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.address)
    }

    /// A browser in which `login` has signed in.
    pub(crate) fn signed_in(&self, login: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser.sign_in(login, PASSWORD);
        assert_eq!(answer.status, 200, "{}", answer.body);
        browser
    }

    /// A browser in which `login` has signed in, listens, and is ready.
    pub(crate) fn ready(&self, login: &str) -> (Browser, super::browser::Events) {
        let browser = self.signed_in(login);
        let mut events = browser.events_after(&browser.get("/api/snapshot").json()["seq"].to_string());
        events.until("agent_connected");
        assert_eq!(browser.put("/api/presence", r#"{"state":"ready"}"#).status, 200);
        events.until("presence_changed");
        (browser, events)
    }

    /// What the store does, without a browser.
    pub(crate) fn submit(&self, command: Command) -> deskbell::store::Done {
        submit(&self.store, command)
    }

    /// Everything that was kept raw, in the number of journal entries.
    pub(crate) fn journaled(&self, kind: deskbell::domain::event::EventKind) -> usize {
        let entries = self.store.read(|snapshot| snapshot.journal(0, usize::MAX)).expect("the journal can be read");
        entries.iter().filter(|entry| entry.kind == kind).count()
    }

    /// Waits until something that nobody answers for has come about.
    pub(crate) fn eventually(&self, condition: impl Fn() -> bool) {
        let begun = Instant::now();
        while !condition() {
            assert!(begun.elapsed() < Duration::from_secs(5), "it did not come about");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Asks the server to stop, and waits for it; returns how long that took.
    pub(crate) fn stop(&mut self) -> Duration {
        let begun = Instant::now();
        self.stop.send_replace(true);
        if let Some(serving) = self.serving.take() {
            self.runtime.block_on(serving).expect("the server does not panic");
        }
        begun.elapsed()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.stop();
        self.search.stop();
        self.store.stop();
    }
}

fn set_up(store: &Store) {
    if store.read(|snapshot| snapshot.queues()).expect("queues can be read").is_empty() {
        submit(store, Command::SetQueue(Queue::new(QueueId(0), "Support")));
    }
    for (login, role) in [("ana", Role::Agent), ("ben", Role::Agent), ("sue", Role::Supervisor)] {
        submit(store, Command::AddAgent(profile(login, role)));
    }
    submit(store, Command::AddChannel(channel("Main number", PHONE_NUMBER_ID, APP_SECRET)));
    submit(store, Command::AddDisposition { code: "solved".to_owned(), label: "Solved".to_owned(), parent: None });
}

fn submit(store: &Store, command: Command) -> deskbell::store::Done {
    let answers = store.submit_blocking(vec![command]).expect("the store takes it");
    answers.into_iter().next().expect("one command, one answer").expect("the core grants it")
}

/// Somebody whose name is the login in capitals.
pub(crate) fn profile(login: &str, role: Role) -> AgentProfile {
    static HASH: OnceLock<String> = OnceLock::new();
    AgentProfile {
        login: login.to_owned(),
        name: login.to_uppercase(),
        role,
        password_hash: HASH.get_or_init(|| password::hash(PASSWORD).expect("a good password")).clone(),
        capacity: 3,
        auto_ready: false,
        skills: std::collections::BTreeSet::new(),
    }
}

/// A channel account that is never called.
pub(crate) fn channel(name: &str, phone_number_id: &str, app_secret: &str) -> ChannelProfile {
    ChannelProfile {
        name: name.to_owned(),
        phone_number_id: phone_number_id.to_owned(),
        business_account_id: None,
        display_number: "+1 555 0100".to_owned(),
        app_secret: app_secret.to_owned(),
        verify_token: VERIFY_TOKEN.to_owned(),
        access_token: "access".to_owned(),
        graph_url: "http://127.0.0.1:9".to_owned(),
        graph_version: "v23.0".to_owned(),
        messages_per_s_max: 80,
        asynchronous: true,
    }
}
