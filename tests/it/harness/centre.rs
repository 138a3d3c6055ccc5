//! A whole centre in this process: the appliance on a free port with a store on disk, and the simulator as Meta.
//!
//! Apart from `desk`, which holds the clock in its hand and has no Meta: here time is the machine's, and every part is
//! the one that runs in a real centre.

use std::net::SocketAddr;
use std::time::Duration;

use deskbell::appliance::Appliance;
use deskbell::clock::Clock;
use deskbell::control::{self, ChannelRequest, Request, RoleName};
use deskbell::domain::command::Command;
use deskbell::domain::ids::QueueId;
use deskbell::domain::queue::Queue;
use deskbell::password;
use deskbell::simulator::{Customer, Simulator, SimulatorConfig};
use deskbell::store::{Store, StoreOptions};

use super::chromium::Page;
use super::desk::PASSWORD;

/// Between two statuses of a message: long enough to be seen one after the other.
const STATUS_DELAY: Duration = Duration::from_millis(100);

/// The agents Ana Souza and Ben Okafor, the customer Amina Diallo, and one queue.
pub(crate) struct Centre {
    pub simulator: Simulator,
    pub config: SimulatorConfig,
    pub address: SocketAddr,
    appliance: Option<Appliance>,
    folder: tempfile::TempDir,
}

impl Centre {
    pub(crate) async fn open() -> Self {
        Self::with_queue(|_| {}).await
    }

    /// With other rules for the queue.
    pub(crate) async fn with_queue(change: impl FnOnce(&mut Queue)) -> Self {
        Self::set_up(change, async |_| {}).await
    }

    /// With what an administrator has prepared before the first day.
    pub(crate) async fn prepared(prepare: impl AsyncFnOnce(&Store)) -> Self {
        Self::set_up(|_| {}, prepare).await
    }

    async fn set_up(change: impl FnOnce(&mut Queue), prepare: impl AsyncFnOnce(&Store)) -> Self {
        let amina = Customer { wa_id: "16505551234".to_owned(), name: "Amina Diallo".to_owned() };
        let config =
            SimulatorConfig { status_delay: STATUS_DELAY, customers: vec![amina], ..SimulatorConfig::default() };
        let simulator = Simulator::start(config.clone()).await.expect("the simulator starts");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(folder.path(), StoreOptions::new(Clock::system())).expect("a new store opens");
        let mut queue = Queue::new(QueueId(1), "Support");
        change(&mut queue);
        let answers = store.submit(vec![Command::SetQueue(queue)]).await.expect("the store takes it");
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        for request in
            [person("ana", "Ana Souza"), person("ben", "Ben Okafor"), channel(&config, simulator.local_addr())]
        {
            let answer = control::execute(&store, None, request).await;
            assert!(answer.done, "{}", answer.sentence);
        }
        prepare(&store).await;
        store.stop();
        let appliance = start(&folder, SocketAddr::from(([127, 0, 0, 1], 0))).await;
        let address = appliance.local_addr();
        simulator.set_webhook_url(&format!("http://{address}/webhooks/whatsapp")).expect("it is an http address");
        Self { simulator, config, address, appliance: Some(appliance), folder }
    }

    /// Where the agents' page is.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops the server as SIGTERM does.
    pub(crate) async fn stop(&mut self) {
        self.appliance.take().expect("it runs").stop().await;
    }

    /// Starts it again, with the same data and on the same port.
    pub(crate) async fn start_again(&mut self) {
        self.appliance = Some(start(&self.folder, self.address).await);
    }

    pub(crate) async fn close(mut self) {
        self.simulator.shutdown().await;
        self.stop().await;
    }

    /// What the command line asks of the running server.
    pub(crate) async fn ask(&self, request: Request) {
        let data = self.folder.path().to_owned();
        let answer = tokio::task::spawn_blocking(move || control::ask(&data, request)).await.expect("no panic");
        let answer = answer.expect("the server answers");
        assert!(answer.done, "{}", answer.sentence);
    }

    /// The agents' page, before anybody has signed in.
    pub(crate) async fn page(&self) -> Page {
        Page::open(&format!("http://{}/", self.address)).await
    }

    /// The agents' page after `login` has signed in: Not Ready.
    pub(crate) async fn agent(&self, login: &str) -> Page {
        let page = self.page().await;
        page.sign_in(login, PASSWORD).await;
        page.see("presence-button").await;
        page
    }

    /// The customer's phone.
    pub(crate) async fn phone(&self) -> Page {
        let page = Page::open(&format!("http://{}/", self.simulator.local_addr())).await;
        page.see("customer").await;
        page
    }
}

async fn start(folder: &tempfile::TempDir, address: SocketAddr) -> Appliance {
    Appliance::start(folder.path(), address, Clock::system()).await.expect("the appliance starts")
}

fn person(login: &str, name: &str) -> Request {
    Request::UserAdd {
        login: login.to_owned(),
        name: name.to_owned(),
        role: RoleName::Agent,
        password_hash: password::hash(PASSWORD).expect("a good password"),
        capacity: 3,
        auto_ready: false,
    }
}

fn channel(config: &SimulatorConfig, graph: SocketAddr) -> Request {
    Request::ChannelAdd(ChannelRequest {
        name: "Main number".to_owned(),
        phone_number_id: config.phone_number_id.clone(),
        business_account_id: Some(config.business_account_id.clone()),
        display_number: config.display_number.clone(),
        app_secret: config.app_secret.clone(),
        verify_token: config.verify_token.clone(),
        access_token: config.access_token.clone(),
        graph_url: format!("http://{graph}"),
        graph_version: "v23.0".to_owned(),
        messages_per_s_max: 80,
    })
}

impl Page {
    pub(crate) async fn sign_in(&self, login: &str, password: &str) {
        self.write("sign-in-login", login).await;
        self.write("sign-in-password", password).await;
        self.click("sign-in-submit").await;
    }

    /// The agent chooses Ready.
    pub(crate) async fn become_ready(&self) {
        self.click("presence-button").await;
        self.click("presence-ready").await;
        self.read("presence-button", "Ready").await;
        self.see_no("presence-hint-ready").await;
    }

    /// The customer writes on the phone.
    pub(crate) async fn customer_writes(&self, words: &str) {
        self.write("phone-text", &format!("{words}\u{E007}")).await;
    }

    /// The agent chooses an outcome by its name.
    pub(crate) async fn choose_disposition(&self, name: &str) {
        self.click("tab-disposition").await;
        self.write("disposition-field", &format!("{name}\u{E007}")).await;
        self.read("disposition-chosen", name).await;
    }

    /// The agent writes into the note.
    pub(crate) async fn note(&self, words: &str) {
        self.click("tab-note").await;
        self.write("note-text", words).await;
        self.read("note-status", "Saved").await;
    }

    /// The agent answers in the composer.
    pub(crate) async fn agent_writes(&self, words: &str) {
        self.write("composer-text", &format!("{words}\u{E007}")).await;
    }
}
