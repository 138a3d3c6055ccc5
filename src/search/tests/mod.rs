//! Search against a plain scan: for random centres and random queries of every kind, the same hits in the same order,
//! in every state of the index.

mod language;
mod oracle;
mod queries;
mod robustness;

use std::path::{Path, PathBuf};

use crate::clock::Clock;
use crate::domain::agent::{AgentProfile, Role};
use crate::domain::channel::ChannelProfile;
use crate::domain::command::{Command, InboundMessage, PastMessage, PastTalk};
use crate::domain::contact::{Address, AddressKind, Sender};
use crate::domain::event::Event;
use crate::domain::ids::{AgentId, ChannelId, InteractionId, Wamid};
use crate::domain::message::{Author, Content};
use crate::domain::time::Timestamp;
use crate::store::{Store, StoreOptions};

use super::{Page, Permitted, Question, Ranking, Search};

/// When tests begin.
const MORNING: Timestamp = Timestamp(1_700_000_000_000);
const ANA: AgentId = AgentId(1);
const BEN: AgentId = AgentId(2);
const CHANNEL: ChannelId = ChannelId(1);

/// A centre with ana and ben and one number.
struct Centre {
    folder: PathBuf,
    clock: Clock,
    search: Search,
    store: Store,
    said: u64,
    /// Goes last.
    holder: tempfile::TempDir,
}

impl Centre {
    /// Over a folder with or without a past.
    fn over(holder: tempfile::TempDir, clock: Clock, said: u64) -> Self {
        let folder = holder.path().to_owned();
        let store = open(&folder, &clock);
        let search = Search::start(store.clone(), &folder, clock.clone()).expect("a thread");
        Self { folder, holder, clock, store, search, said }
    }

    fn new() -> Self {
        let centre = Self::over(tempfile::tempdir().expect("a temporary folder"), Clock::manual(MORNING), 0);
        let store = &centre.store;
        for login in ["ana", "ben"] {
            let profile = AgentProfile {
                login: login.to_owned(),
                name: format!("{login} Souza"),
                role: Role::Agent,
                password_hash: "none".to_owned(),
                capacity: 20,
                auto_ready: true,
                skills: std::collections::BTreeSet::new(),
            };
            store.submit_blocking(vec![Command::AddAgent(profile)]).expect("the store writes");
        }
        let profile = ChannelProfile {
            name: "Main".to_owned(),
            business_account_id: None,
            phone_number_id: "100".to_owned(),
            display_number: "+1 555 0100".to_owned(),
            app_secret: "secret".to_owned(),
            verify_token: "word".to_owned(),
            access_token: "token".to_owned(),
            graph_url: "http://127.0.0.1:9".to_owned(),
            graph_version: "v27.0".to_owned(),
            messages_per_s_max: 80,
            asynchronous: true,
        };
        store.submit_blocking(vec![Command::AddChannel(profile)]).expect("the store writes");
        centre.settle();
        centre
    }

    /// Stops everything and starts it again.
    fn again(self) -> Self {
        let Self { holder, clock, store, search, said, .. } = self;
        search.stop();
        drop(search);
        store.stop();
        drop(store);
        Self::over(holder, clock, said)
    }

    fn does(&self, commands: Vec<Command>) -> Vec<Event> {
        let answers = self.store.submit_blocking(commands).expect("the store writes");
        answers.into_iter().flat_map(|answer| answer.expect("it is accepted").events.to_vec()).collect()
    }

    /// A contact writes now; gives the new interaction, if there is one.
    #[allow(clippy::wildcard_enum_match_arm, reason = "looks for some kinds, whatever others there are")]
    fn writes(&mut self, contact: u64, content: Content) -> Option<InteractionId> {
        self.said += 1;
        self.clock.advance_ms(1_000);
        let inbound = InboundMessage {
            phone_number_id: "100".to_owned(),
            sender: sender(contact),
            wamid: Wamid(format!("wamid.{}", self.said)),
            sent_at: self.clock.now(),
            content,
            raw: None,
            quoted: None,
            system: false,
        };
        let events = self.does(vec![Command::Receive(Box::new(inbound))]);
        events.iter().find_map(|event| match event {
            Event::InteractionQueued { interaction } => Some(interaction.id),
            _ => None,
        })
    }

    fn says(&mut self, contact: u64, text: &str) {
        self.writes(contact, Content::Text(text.to_owned()));
    }

    /// Something said in the past.
    fn said_at(&mut self, contact: u64, author: Author, at: Timestamp, content: Content) {
        self.said += 1;
        let wamid = Wamid(format!("past.{}", self.said));
        let said = vec![PastMessage { wamid, author, at, content, raw: None, quoted: None }];
        self.does(vec![Command::Import(Box::new(PastTalk { channel: CHANNEL, sender: sender(contact), said }))]);
    }

    /// Waits until the index has everything.
    fn settle(&self) {
        self.search.commit();
        for _ in 0..6_000 {
            if self.search.progress().is_none() && self.search.waiting() == 0 {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("the index does not settle: {:?}, {} wait", self.search.progress(), self.search.waiting());
    }

    fn finds(&self, query: &str) -> Page {
        self.search.ask(&question(query)).expect("an answer")
    }

    /// The snippets of the hits.
    fn shows(&self, query: &str) -> Vec<String> {
        self.finds(query).hits.into_iter().map(|hit| hit.snippet).collect()
    }
}

fn open(folder: &Path, clock: &Clock) -> Store {
    Store::open(folder, StoreOptions::new(clock.clone())).expect("the store opens")
}

fn question(query: &str) -> Question {
    Question {
        query: query.to_owned(),
        typing: false,
        conversation: None,
        permitted: Permitted::All,
        order: Ranking::Newest,
        limit: 20,
        counted: true,
        cursor: None,
        time_zone: None,
    }
}

const NAMES: [&str; 6] = ["Maria Silva", "João Müller", "李小龙", "Ayşe Öz", "Nikos Παπαδόπουλος", "محمد علي"];

fn sender(contact: u64) -> Sender {
    let name = NAMES[usize::try_from(contact).expect("few contacts") % NAMES.len()];
    let address = Address { kind: AddressKind::Phone, value: format!("49170{contact:07}") };
    Sender { addresses: vec![address], name: Some(name.to_owned()) }
}
