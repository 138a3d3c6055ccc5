//! The invariants of the core (architecture, section 8) over random days.
//!
//! A day is a list of choices, each turned into a command that may or may not make sense on the floor as it is. After
//! every step the whole floor is checked, a replay of the journal must give the same floor, and so must its rows.

use std::collections::{BTreeMap, BTreeSet};

use deskbell::domain::agent::{AgentProfile, Presence, Reason, Role};
use deskbell::domain::case_data::{CaseKey, CaseKind};
use deskbell::domain::channel::ChannelProfile;
use deskbell::domain::command::{Command, DeliveryReport, InboundMessage, SendFailure};
use deskbell::domain::contact::{Address, AddressKind, Card, Sender};
use deskbell::domain::event::Event;
use deskbell::domain::floor::Floor;
use deskbell::domain::ids::{
    AgentId, CaseKeyId, ChannelId, ClientKey, ContactId, ConversationId, DispositionId, InteractionId, MessageId,
    QueueId, ResponseId, TokenHash, Wamid,
};
use deskbell::domain::interaction::{Part, State, TransferTarget};
use deskbell::domain::message::{Author, Content, Delivery, Failure};
use deskbell::domain::queue::{AutoAnswer, Queue};
use deskbell::domain::response::Response;
use deskbell::domain::retention::Retention;
use deskbell::domain::settings::Settings;
use deskbell::domain::time::Timestamp;
use proptest::prelude::*;

use crate::harness::book::Book;
use crate::harness::traffic::channel;

const AGENTS: u64 = 3;
const CONTACTS: u64 = 5;
/// The choice that lets a conversation go that is old enough.
const EXPIRING: u8 = 50;
const KINDS: [CaseKind; 5] = [CaseKind::Text, CaseKind::Number, CaseKind::Date, CaseKind::Boolean, CaseKind::Choice];

/// One choice: what to do, with whom, and how long after the last.
type Choice = (u8, u8, u8, u32);

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_day_keeps_the_invariants(
        choices in proptest::collection::vec((0_u8..54, any::<u8>(), any::<u8>(), 0_u32..120_000), 1..220),
        asynchronous in any::<bool>(),
        auto_answer in any::<bool>(),
        read_only_after_end in any::<bool>(),
    ) {
        let mut day = Day::new(asynchronous, auto_answer, read_only_after_end);
        for choice in choices {
            day.live(choice);
        }
        day.close();
    }
}

struct Day {
    book: Book,
    at: Timestamp,
    written: BTreeSet<String>,
    opened_beyond: BTreeSet<InteractionId>,
    counter: u32,
}

impl Day {
    fn new(asynchronous: bool, auto_answer: bool, read_only_after_end: bool) -> Self {
        let mut day = Self {
            book: Book::default(),
            at: Timestamp(1_767_225_600_000),
            written: BTreeSet::new(),
            opened_beyond: BTreeSet::new(),
            counter: 0,
        };
        let mut queue = Queue::new(QueueId(0), "support");
        queue.auto_answer = if auto_answer { AutoAnswer::On } else { AutoAnswer::Off };
        queue.greeting = Some("Welcome".to_owned());
        let settings = Settings {
            idle_alert_ms: 400_000,
            idle_close_ms: 200_000,
            disposition_read_only_after_end: read_only_after_end,
            retention: Retention { messages_days: Some(2), ..Retention::default() },
            ..Settings::default()
        };
        day.step(&Command::SetQueue(queue));
        day.step(&Command::SetSettings(settings));
        day.step(&Command::AddChannel(ChannelProfile { asynchronous, ..channel("100") }));
        let disposition = |parent: Option<u64>| Command::AddDisposition {
            code: "solved".to_owned(),
            label: "Solved".to_owned(),
            parent: parent.map(DispositionId),
        };
        // 1 and 2 are leaves; 3 has 4 below it.
        for parent in [None, None, None, Some(3)] {
            day.step(&disposition(parent));
        }
        for kind in KINDS {
            let choices = if kind == CaseKind::Choice { vec!["red".to_owned()] } else { vec![] };
            let key = format!("{kind:?}").to_lowercase();
            let (label, read_only) = (key.clone(), kind == CaseKind::Boolean);
            let id = CaseKeyId(0);
            day.step(&Command::SetCaseKey(CaseKey {
                id,
                key,
                label,
                kind,
                choices,
                read_only,
                on_offer: false,
                required: false,
                position: 0,
            }));
        }
        for number in 1..=AGENTS {
            day.step(&Command::AddAgent(AgentProfile {
                login: format!("agent{number}"),
                name: format!("Agent {number}"),
                role: if number == 1 { Role::Supervisor } else { Role::Agent },
                password_hash: String::new(),
                capacity: u32::try_from(number).expect("small"),
                auto_ready: number != 2,
                skills: BTreeSet::new(),
            }));
            day.step(&Command::SignIn { agent: AgentId(number), token: token(number) });
            day.step(&Command::Connect { agent: AgentId(number) });
        }
        day
    }

    fn live(&mut self, (what, who, which, later_ms): Choice) {
        self.at = self.at.plus_ms(i64::from(later_ms));
        if what == EXPIRING && which.is_multiple_of(2) {
            self.at = self.at.plus_ms(3 * 24 * 60 * 60 * 1_000);
        }
        self.clock();
        let command = self.command(what, who, which);
        self.step(&command);
    }

    fn clock(&mut self) {
        for _ in 0..1_000 {
            match self.book.floor.next_deadline() {
                Some(deadline) if deadline <= self.at => {
                    let now = self.at;
                    self.at = deadline.max(self.book.floor.at());
                    self.step(&Command::Tick);
                    assert!(
                        self.book.floor.next_deadline().is_none_or(|next| next > self.at),
                        "a tick clears what is due"
                    );
                    self.at = now;
                }
                _ => return,
            }
        }
        panic!("the clock never comes to rest");
    }

    fn step(&mut self, command: &Command) {
        let before = self.book.floor.clone();
        match self.book.step(self.at, command) {
            Err(_) => assert_eq!(before, self.book.floor, "a rejected command changes nothing: {command:?}"),
            Ok(events) => self.look_at(&before, command, &events),
        }
        self.check(command);
    }

    fn look_at(&mut self, before: &Floor, command: &Command, events: &[Event]) {
        if let Command::Receive(inbound) = command {
            // What was erased does not come back.
            if !self.book.erased.contains(&inbound.wamid) {
                self.written.insert(inbound.wamid.0.clone());
            }
        }
        for event in events {
            if let Event::MessageQueued { message, .. } = event
                && let Author::Agent(_) = message.author
            {
                let open = before.open_of(message.conversation).expect("free text needs an open interaction");
                assert!(open.window_open(self.at), "free text with a closed window: {command:?}");
                assert_eq!(message.content, Content::Text("words".to_owned()), "a field code went out");
            }
            self.look_at_words(before, event);
            self.look_at_contacts(command, event);
            if let Event::InteractionDone { interaction, .. } = event
                && matches!(command, Command::MarkDone { .. })
            {
                assert!(interaction.disposition.is_some(), "done without a disposition");
                assert!(matches!(interaction.state, State::Ended(_)));
            }
            if let Event::InteractionOpened { interaction, .. }
            | Event::InteractionCreated {
                interaction: deskbell::domain::interaction::Interaction { id: interaction, .. },
            } = event
            {
                self.opened_beyond.insert(*interaction);
            }
        }
    }

    /// Who handles a contact has them on their list; what was sent is no draft any more.
    fn look_at_contacts(&self, command: &Command, event: &Event) {
        let of = |interaction: &InteractionId| self.book.floor.rows().interactions[interaction].contact;
        let taken = match event {
            Event::OfferAccepted { interaction, agent }
            | Event::AutoAnswered { interaction, agent }
            | Event::TransferAccepted { interaction, to: agent, .. } => Some((*agent, of(interaction))),
            Event::InteractionCreated { interaction } => interaction.owner.map(|owner| (owner, interaction.contact)),
            Event::MessageQueued { message, .. } => match message.author {
                Author::Agent(agent) => {
                    let drafts = &self.book.drafts;
                    let sent = matches!(command, Command::Send { .. });
                    assert!(
                        !sent || !drafts.contains_key(&(agent, message.conversation)),
                        "a draft outlives its message"
                    );
                    sent.then(|| (agent, of(&message.interaction.expect("said in one"))))
                }
                Author::Contact | Author::System | Author::BusinessApp => None,
            },
            _ => None,
        };
        assert!(taken.is_none_or(|pair| self.book.assigned.contains(&pair)), "handled and not on the list: {taken:?}");
    }

    /// Outcomes, case data and responses are what they may be.
    fn look_at_words(&self, before: &Floor, event: &Event) {
        match event {
            Event::DispositionSet { interaction, disposition, .. } => {
                assert_ne!(*disposition, Some(DispositionId(3)), "an outcome with others below it");
                let found = before.rows().interactions.get(interaction).expect("it is open");
                let late = matches!(found.state, State::Ended(_)) && found.disposition.is_some();
                let fixed = before.rows().settings.disposition_read_only_after_end;
                assert!(!late || !fixed, "an outcome changed after the end");
            }
            Event::CaseValueSet { key, value, .. } => {
                assert!(key != "boolean" && key != " ", "{key:?} may not be set");
                let listed = before.rows().case_keys.values().find(|listed| listed.key == *key);
                let allowed = |value: &String| listed.map_or(!value.is_empty(), |listed| listed.allows(value));
                assert!(value.as_ref().is_none_or(allowed), "{key:?} takes no {value:?}");
            }
            Event::ResponseSet { agent, .. } | Event::ResponseRemoved { agent, .. } => {
                assert_eq!(*agent, AgentId(1), "only a supervisor keeps responses");
            }
            _ => {}
        }
        let shortcuts = self.book.floor.rows().responses.values().flatten();
        let distinct: BTreeSet<&String> = shortcuts.clone().collect();
        assert_eq!(distinct.len(), shortcuts.count(), "a shortcut is used twice");
    }

    fn check(&self, command: &Command) {
        let rows = self.book.floor.rows();
        assert_eq!(self.book.floor, Floor::restore(rows.clone()), "indexes agree with the rows after {command:?}");
        let mut conversations = BTreeSet::new();
        let mut load: BTreeMap<AgentId, u32> = BTreeMap::new();
        for interaction in rows.interactions.values() {
            assert!(conversations.insert(interaction.conversation), "two open interactions on one conversation");
            let owned = interaction.owner.is_some();
            match interaction.state {
                State::Queued | State::Offered(..) => assert!(!owned, "a waiting interaction has an owner"),
                State::Active | State::Transferring(_) | State::Parked | State::Ended(_) => {
                    assert!(owned, "held by nobody");
                }
            }
            let disabled = |agent: &AgentId| rows.agents[agent].disabled;
            assert!(
                !interaction.offered().is_some_and(|(asked, _)| disabled(&asked)),
                "offered to who may not come in"
            );
            assert!(!interaction.participants.keys().any(disabled), "who may not come in takes part");
            for holder in interaction.holders() {
                *load.entry(holder).or_default() += 1;
            }
        }
        for agent in rows.agents.values() {
            let held = load.get(&agent.id).copied().unwrap_or_default();
            assert_eq!(held, self.book.floor.load(agent.id));
            let own = rows.interactions.values().filter(|interaction| {
                interaction.owner == Some(agent.id) && self.opened_beyond.contains(&interaction.id)
            });
            assert!(
                held <= agent.capacity + u32::try_from(own.count()).expect("few"),
                "more than the agent's capacity"
            );
        }
        self.check_nobody_waits_in_vain();
        for contact in self.book.contacts.values() {
            assert!(!contact.addresses.is_empty(), "nobody can write to {}", contact.id);
            for address in &contact.addresses {
                assert_eq!(self.book.addresses.get(address), Some(&contact.id), "an address of two contacts");
            }
        }
        let inbound = self.book.messages.values().filter(|message| message.author == Author::Contact);
        let stored: BTreeSet<String> =
            inbound.filter_map(|message| message.wamid.as_ref()).map(|wamid| wamid.0.clone()).collect();
        let erased = |wamid: &&String| self.book.erased.contains(&Wamid((*wamid).clone()));
        let kept: BTreeSet<String> = self.written.iter().filter(|wamid| !erased(wamid)).cloned().collect();
        assert_eq!(stored, kept, "accepted provider ids are the inbound messages");
        for interaction in rows.interactions.values() {
            assert!(self.book.contacts.contains_key(&interaction.contact), "work with an erased contact");
        }
        for send in rows.sends.values() {
            assert!(self.book.messages.contains_key(&send.message), "an erased message is to be sent");
        }
        for ((contact, _), conversation) in &self.book.pairs {
            let erased = !self.book.contacts.contains_key(contact);
            let left = || self.book.messages.values().any(|message| message.conversation == *conversation);
            assert!(!erased || !left(), "something is left of an erased contact");
        }
    }

    fn check_nobody_waits_in_vain(&self) {
        let rows = self.book.floor.rows();
        let free = |agent: &&deskbell::domain::agent::Agent| {
            agent.takes_work() && self.book.floor.load(agent.id) < agent.capacity
        };
        for interaction in rows.interactions.values().filter(|interaction| interaction.state == State::Queued) {
            let reserved = interaction.prefer.is_some_and(|(_, until)| self.at < until);
            let vain = rows
                .agents
                .values()
                .filter(free)
                .any(|agent| interaction.passed_over.get(&agent.id).is_none_or(|until| *until <= self.at));
            assert!(reserved || !vain, "#{} waits while somebody is free", interaction.id);
        }
    }

    /// The end of the day: a replay gives the same floor, and with Meta healthy the outbox runs dry.
    fn close(&mut self) {
        let mut replayed = Floor::default();
        for (at, event) in &self.book.journal {
            replayed.apply(*at, std::slice::from_ref(event));
        }
        assert_eq!(replayed, self.book.floor, "replay(journal) == floor");
        for _ in 0..2_000 {
            let Some(send) = self.book.floor.rows().sends.values().next().copied() else { return };
            self.at = self.at.plus_ms(60_000);
            self.clock();
            let message = send.message;
            self.step(&Command::StartSend { message });
            self.counter += 1;
            self.step(&Command::RecordAccepted { message, wamid: Wamid(format!("wamid.close.{}", self.counter)) });
        }
        panic!("sends are left over: {:?}", self.book.floor.rows().sends);
    }

    fn command(&mut self, what: u8, who: u8, which: u8) -> Command {
        let agent = AgentId(u64::from(who) % AGENTS + 1);
        let interaction = self.pick_interaction(which);
        let message = self.pick_message(which);
        self.counter += 1;
        match what {
            0..=8 => self.says(who, which),
            9..=12 => {
                let offered = self
                    .book
                    .floor
                    .rows()
                    .interactions
                    .values()
                    .find_map(|interaction| interaction.offered().map(|(agent, _)| (agent, interaction.id)));
                let (agent, interaction) = offered.unwrap_or((agent, interaction));
                Command::Accept { agent, interaction }
            }
            13 => Command::Reject { agent, interaction },
            14..=16 => Command::Send {
                agent: self.owner(interaction).unwrap_or(agent),
                interaction,
                client_key: ClientKey(format!("key-{}", u32::from(which) % 3 + self.counter / 4)),
                content: Content::Text(if which == 77 { "Dear {{contact.name}}" } else { "words" }.to_owned()),
                raw: None,
                quoted: None,
            },
            17 => Command::Park { agent: self.owner(interaction).unwrap_or(agent), interaction },
            18 => Command::Open { agent: self.owner(interaction).unwrap_or(agent), interaction },
            19 => Command::End { agent: self.owner(interaction).unwrap_or(agent), interaction },
            20 => Command::MarkDone { agent: self.owner(interaction).unwrap_or(agent), interaction },
            21 => {
                let target = if which.is_multiple_of(2) {
                    TransferTarget::Queue(QueueId(1))
                } else {
                    TransferTarget::Agent(AgentId(u64::from(which) % AGENTS + 1))
                };
                let agent = self.owner(interaction).unwrap_or(agent);
                Command::Transfer { agent, interaction, target, note: String::new() }
            }
            22 => Command::CancelTransfer { agent, interaction },
            23 => {
                let disposition = (which < 250).then(|| DispositionId(u64::from(which) % 4 + 1));
                Command::SetDisposition { agent: self.owner(interaction).unwrap_or(agent), interaction, disposition }
            }
            24 => Command::CreateInteraction {
                agent,
                contact: ContactId(u64::from(which) % CONTACTS + 1),
                channel: ChannelId(1),
            },
            25 => Command::SetPresence { agent, presence: presence(which) },
            26 => Command::SetAfterWork { agent, reason: which.is_multiple_of(2).then_some(Reason::Chosen(None)) },
            27 if which.is_multiple_of(4) => Command::Restart,
            27 => Command::Disconnect { agent },
            28 => Command::Connect { agent },
            29 if which.is_multiple_of(5) => Command::SetDisabled { agent, disabled: which.is_multiple_of(2) },
            29 if which.is_multiple_of(2) => Command::SignOut { token: token(agent.0) },
            29 => Command::SignIn { agent, token: token(agent.0) },
            30 => Command::StartSend { message },
            31 => Command::RecordAccepted { message, wamid: self.wamid_of(message) },
            32 => Command::RecordSendFailure { message, failure: self.failure(which) },
            33 => {
                let colleague = AgentId(u64::from(which) % AGENTS + 1);
                let part = if which.is_multiple_of(3) { Part::Conference } else { Part::Consult };
                Command::Invite { agent: self.owner(interaction).unwrap_or(agent), interaction, colleague, part }
            }
            34 => Command::Leave { agent, interaction, colleague: agent },
            35 => Command::SendInternal {
                agent,
                interaction,
                client_key: ClientKey(format!("key-{}", self.counter)),
                text: "between us".to_owned(),
                mentions: vec![AgentId(u64::from(which) % AGENTS + 1)],
            },
            36 | 37 => self.case_value(self.owner(interaction).unwrap_or(agent), interaction, which),
            38 => self.response(agent, which),
            39 => Command::RemoveResponse { agent, response: ResponseId(u64::from(which) % 8 + 1) },
            40..=45 => self.about_contacts(what, agent, which),
            52 => self.one_person(who, which),
            48 | 49 => {
                let contact = self.pick_contact(which);
                Command::EraseContact { agent: which.is_multiple_of(9).then_some(agent), contact }
            }
            EXPIRING => Command::ExpireConversation { conversation: ConversationId(u64::from(which) % 12 + 1) },
            51 => self.imported(which),
            _ => Command::RecordDelivery(DeliveryReport {
                wamid: self.wamid_of(message),
                message: which.is_multiple_of(2).then_some(message).filter(|id| self.outbound(*id)),
                delivery: delivery(which),
                at: self.at,
            }),
        }
    }

    fn about_contacts(&self, what: u8, agent: AgentId, which: u8) -> Command {
        let contact = ContactId(u64::from(which) % (CONTACTS + 2) + 1);
        // Some numbers are those from which contacts write.
        let address = Address { kind: AddressKind::Phone, value: format!("155500{}", which % 9) };
        let first_name = (!which.is_multiple_of(5)).then(|| "n".repeat(usize::from(which % 125)));
        let card = Card { first_name, ..Card::default() };
        match what {
            40 => Command::AddContact { agent, card, address },
            41 => {
                let version = self.book.contacts.get(&contact).map_or(1, |contact| contact.version);
                Command::EditContact { agent, contact, card, version: version - u32::from(which.is_multiple_of(7)) }
            }
            42 => Command::AddAddress { agent, contact, address },
            43 => {
                let own = self.book.contacts.get(&contact).and_then(|contact| contact.addresses.first()).cloned();
                Command::RemoveAddress { agent, contact, address: own.unwrap_or(address) }
            }
            44 => Command::UnassignContact { agent, contact },
            _ => {
                let text = if which.is_multiple_of(3) { "" } else { "half a sent" }.to_owned();
                let conversation = ConversationId(u64::from(which) % CONTACTS + 1);
                let at = self.at.plus_ms((i64::from(which) - 128) * 1_000);
                Command::SetDraft { agent, conversation, text, at }
            }
        }
    }

    /// Addresses of several contacts in one: a merge, or a number that has passed on.
    fn one_person(&self, who: u8, which: u8) -> Command {
        let phone = |number: u8| Address { kind: AddressKind::Phone, value: format!("155500{}", number % 9) };
        let user = |number: u8| Address { kind: AddressKind::UserId, value: format!("US.{}", number % 4) };
        let addresses = match which % 3 {
            0 => vec![phone(who), phone(which / 3)],
            1 => vec![phone(who), user(which / 3)],
            _ => vec![user(who), phone(which / 3), phone(who)],
        };
        Command::HearOfAddresses { sender: Sender { addresses, name: None }, raw: "{}".to_owned() }
    }

    fn says(&self, who: u8, which: u8) -> Command {
        let contact = u64::from(who) % CONTACTS;
        // Every eighth message is one that came before: Meta delivers at least once.
        let repeated = which.is_multiple_of(8).then(|| self.written.iter().next().cloned()).flatten();
        Command::Receive(Box::new(InboundMessage {
            phone_number_id: "100".to_owned(),
            sender: Sender {
                addresses: vec![Address { kind: AddressKind::Phone, value: format!("155500{contact}") }],
                name: Some(format!("Contact {contact}")),
            },
            wamid: Wamid(repeated.unwrap_or_else(|| format!("wamid.{}", self.counter))),
            sent_at: Timestamp((self.at.0 - i64::from(which) * 500) / 1_000 * 1_000),
            content: Content::Text("words".to_owned()),
            raw: None,
            quoted: None,
            system: false,
        }))
    }

    /// Values that fit their key and values that do not, keys of the list and others, and removals.
    fn case_value(&self, agent: AgentId, interaction: InteractionId, which: u8) -> Command {
        const KEYS: [&str; 7] = ["text", "number", "date", "boolean", "choice", "Own key", " "];
        const VALUES: [&str; 6] = ["words", "-1.5", "2026-02-28", "true", "red", ""];
        let key = KEYS[usize::from(which) % KEYS.len()].to_owned();
        let value = VALUES[usize::from(which / 7) % VALUES.len()].to_owned();
        Command::SetCaseValue { agent, interaction, key, value: (which < 200).then_some(value) }
    }

    /// A new one, or a change of one that may be gone; few shortcuts, so that they meet.
    fn response(&self, agent: AgentId, which: u8) -> Command {
        let id = if which.is_multiple_of(2) { ResponseId(0) } else { ResponseId(u64::from(which) % 8 + 1) };
        let shortcut = (!which.is_multiple_of(5)).then(|| format!("s{}", which % 4));
        let (category, title, text) = (vec![], "Hello".to_owned(), "words".to_owned());
        Command::SetResponse {
            agent,
            response: Response { id, category, title, shortcut, text, attachments: Vec::new() },
        }
    }

    fn pick_contact(&self, which: u8) -> ContactId {
        let known: Vec<_> = self.book.contacts.keys().copied().collect();
        if known.is_empty() { ContactId(1) } else { known[usize::from(which) % known.len()] }
    }

    /// Somebody of a file: new, known, or with the numbers of two.
    fn imported(&self, which: u8) -> Command {
        let phone = |number: u8| Address { kind: AddressKind::Phone, value: format!("155500{number}") };
        let addresses = vec![phone(which % 9), phone(which / 9 % 9)];
        let card = Card { first_name: Some("From a file".to_owned()), ..Card::default() };
        Command::ImportContact { card, addresses }
    }

    fn pick_interaction(&self, which: u8) -> InteractionId {
        let open: Vec<_> = self.book.floor.rows().interactions.keys().copied().collect();
        if open.is_empty() { InteractionId(1) } else { open[usize::from(which) % open.len()] }
    }

    fn pick_message(&self, which: u8) -> MessageId {
        let sends: Vec<_> = self.book.floor.rows().sends.keys().copied().collect();
        if sends.is_empty() { MessageId(u64::from(which)) } else { sends[usize::from(which) % sends.len()] }
    }

    fn owner(&self, interaction: InteractionId) -> Option<AgentId> {
        self.book.floor.rows().interactions.get(&interaction)?.owner
    }

    fn outbound(&self, message: MessageId) -> bool {
        self.book.messages.get(&message).is_some_and(|message| message.delivery.is_some())
    }

    /// Meta names a message once: what it said before, or a new name.
    fn wamid_of(&self, message: MessageId) -> Wamid {
        let named = self.book.messages.get(&message).and_then(|message| message.wamid.clone());
        named.unwrap_or_else(|| Wamid(format!("wamid.out.{message}")))
    }

    fn failure(&self, which: u8) -> SendFailure {
        let failure = Failure { code: 130_429, title: "busy".to_owned() };
        match which % 3 {
            0 => SendFailure::Retry(self.at.plus_ms(1_000), failure),
            1 => SendFailure::GiveUp(failure),
            _ => SendFailure::Unknown,
        }
    }
}

fn presence(which: u8) -> Presence {
    match which % 5 {
        0 | 1 => Presence::Ready,
        2 => Presence::NotReady(Reason::Chosen(Some("Break".to_owned()))),
        3 => Presence::DoNotDisturb,
        _ => Presence::AfterCallWork,
    }
}

fn delivery(which: u8) -> Delivery {
    match which % 4 {
        0 => Delivery::Sent,
        1 => Delivery::Delivered,
        2 => Delivery::Read,
        _ => Delivery::Failed(Failure { code: 131_026, title: "undeliverable".to_owned() }),
    }
}

fn token(number: u64) -> TokenHash {
    TokenHash([u8::try_from(number).expect("small"); 32])
}
