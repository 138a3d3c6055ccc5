//! The outbox between a real store and a Graph with bad manners: every message ends as accepted, failed with a reason,
//! or unconfirmed in front of a person, and none is sent twice in silence.

#![allow(clippy::wildcard_enum_match_arm, reason = "tests name the few variants that they are about")]

mod disk;
mod faults;
mod flow;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use deskbell::clock::Clock;
use deskbell::domain::agent::{AgentProfile, Presence, Role};
use deskbell::domain::command::{Command, InboundMessage};
use deskbell::domain::contact::{Address, AddressKind, Sender};
use deskbell::domain::event::Event;
use deskbell::domain::ids::{AgentId, ChannelId, ClientKey, InteractionId, MessageId, TokenHash, Wamid};
use deskbell::domain::interaction::State;
use deskbell::domain::message::{Content, Delivery, Message};
use deskbell::domain::time::Timestamp;
use deskbell::outbox::Outbox;
use deskbell::store::{Store, StoreOptions};
use deskbell::whatsapp::client::Timeouts;
use tempfile::TempDir;

use crate::raw_graph::channel;

const TIMEOUTS: Timeouts = Timeouts { connect: Duration::from_millis(200), call: Duration::from_millis(400) };
const NOON: Timestamp = Timestamp(1_790_000_000_000);

/// A centre with one agent who has everybody's conversation open.
struct Centre {
    store: Store,
    clock: Clock,
    agent: AgentId,
    directory: TempDir,
}

impl Centre {
    fn new() -> Self {
        let clock = Clock::manual(NOON);
        Self::with(StoreOptions::new(clock.clone()), clock)
    }

    fn with(options: StoreOptions, clock: Clock) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path(), options).unwrap();
        let profile = AgentProfile {
            login: "ana".to_owned(),
            name: "Ana".to_owned(),
            role: Role::Agent,
            password_hash: String::new(),
            capacity: 100,
            auto_ready: false,
            skills: BTreeSet::new(),
        };
        submit(&store, Command::AddAgent(profile));
        let agent = store.read(|snapshot| snapshot.agents()).unwrap()[0].agent.id;
        let centre = Self { store, clock, agent, directory };
        centre.tell(Command::SignIn { agent, token: TokenHash([7; 32]) });
        centre.tell(Command::Connect { agent });
        centre.tell(Command::SetPresence { agent, presence: Presence::Ready });
        centre
    }

    fn outbox(&self) -> Outbox {
        Outbox::start_with(self.store.clone(), self.clock.clone(), TIMEOUTS)
    }

    /// What happened; the command has to be taken.
    fn tell(&self, command: Command) -> Vec<Event> {
        submit(&self.store, command)
    }

    /// Adds a channel account that calls this address.
    fn channel(&self, phone_number_id: &str, graph_url: &str, messages_per_s_max: u32) -> ChannelId {
        let mut profile = channel(graph_url);
        profile.phone_number_id = phone_number_id.to_owned();
        profile.messages_per_s_max = messages_per_s_max;
        self.tell(Command::AddChannel(profile));
        let rows = self.store.read(|snapshot| snapshot.channels()).unwrap();
        rows.iter().find(|row| row.profile.phone_number_id == phone_number_id).unwrap().channel.id
    }

    /// A customer writes to that number, and the agent takes it.
    fn customer(&self, phone_number_id: &str, phone: &str) -> InteractionId {
        self.tell(Command::Receive(Box::new(InboundMessage {
            phone_number_id: phone_number_id.to_owned(),
            sender: Sender {
                addresses: vec![Address { kind: AddressKind::Phone, value: phone.to_owned() }],
                name: None,
            },
            wamid: Wamid(format!("wamid.from.{phone_number_id}.{phone}")),
            sent_at: self.clock.now(),
            content: Content::Text("hello".to_owned()),
            raw: None,
            quoted: None,
            system: false,
        })));
        let open = self.store.read(|snapshot| snapshot.interactions_open()).unwrap();
        let offered = open.iter().find(|row| matches!(row.interaction.state, State::Offered(..))).unwrap();
        let interaction = offered.interaction.id;
        self.tell(Command::Accept { agent: self.agent, interaction });
        interaction
    }

    fn send(&self, interaction: InteractionId, text: &str) -> MessageId {
        let events = self.tell(Command::Send {
            agent: self.agent,
            interaction,
            client_key: ClientKey(format!("{interaction}-{text}")),
            content: Content::Text(text.to_owned()),
            raw: None,
            quoted: None,
        });
        let queued = events.iter().find_map(|event| match event {
            Event::MessageQueued { message, .. } => Some(message.id),
            _ => None,
        });
        queued.unwrap()
    }

    fn message(&self, message: MessageId) -> Message {
        self.store.read(|snapshot| snapshot.message(message)).unwrap().unwrap()
    }

    fn delivery(&self, message: MessageId) -> Delivery {
        self.message(message).delivery.unwrap()
    }

    /// Lets time pass in steps of `step_ms` until the outbox is empty; fails when it never is.
    async fn drained(&self, step_ms: i64) {
        let began = Instant::now();
        // A store that is being opened anew cannot be read for a moment.
        while !self.store.read(|snapshot| snapshot.sends()).is_ok_and(|sends| sends.is_empty()) {
            assert!(began.elapsed() < Duration::from_secs(60), "the outbox does not drain");
            self.clock.advance_ms(step_ms);
            // The writer cannot know that a clock in a hand has moved.
            let _ticked = self.store.submit(vec![Command::Tick]).await;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// What a command led to. On a thread of its own, because tests wait for it in asynchronous code.
fn submit(store: &Store, command: Command) -> Vec<Event> {
    let answers = std::thread::scope(|scope| scope.spawn(|| store.submit_blocking(vec![command])).join());
    answers.unwrap().unwrap()[0].as_ref().unwrap().events.to_vec()
}

/// Waits until it is so.
async fn until(mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(20), "it never came to be");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The message that a request is about: the number behind the dot of its opaque string.
fn message_of(body: &str) -> MessageId {
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let opaque = body["biz_opaque_callback_data"].as_str().unwrap();
    MessageId(opaque.split_once('.').unwrap().1.parse().unwrap())
}
