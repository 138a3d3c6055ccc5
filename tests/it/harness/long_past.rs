//! A centre with a past: one conversation that has gone on for years and two of some weeks, stored through the same
//! commands as real ones, without HTTP.
//!
//! Made once for each test binary, and copied. Invariant: the same conversations each time, up to a few minutes ago.
//! Message `n` of the contact begins with the words `No n:`, its interactions have `CHAPTER_MESSAGES` of them each, and
//! the newest interaction, short and unanswered, waits in the queue.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use deskbell::clock::Clock;
use deskbell::domain::agent::{Presence, Role};
use deskbell::domain::command::{Command, DeliveryReport, InboundMessage};
use deskbell::domain::contact::{Address, AddressKind, Sender};
use deskbell::domain::event::Event;
use deskbell::domain::ids::{AgentId, ClientKey, DispositionId, InteractionId, MessageId, QueueId, TokenHash, Wamid};
use deskbell::domain::message::{Content, Delivery};
use deskbell::domain::queue::Queue;
use deskbell::domain::time::Timestamp;
use deskbell::store::{Store, StoreOptions};
use tempfile::TempDir;

use super::desk::{channel, profile};
use super::provider::{APP_SECRET, PHONE_NUMBER_ID};

/// The contact's messages in one interaction.
pub(crate) const CHAPTER_MESSAGES: u64 = 500;
/// Those in the interaction that is open at the end.
pub(crate) const OPEN_MESSAGES: u64 = 20;
/// Between two messages: in one interaction the agent's sign-in must not grow old.
const TURN_MS: i64 = 2_000;
/// Between two interactions.
const PAUSE_MS: i64 = 3 * 60 * 60 * 1_000;
/// In one envelope.
const BATCH: usize = 500;

const TEXTS: [&str; 8] = [
    "ok",
    "where is my order?",
    "متى يصل الطلب؟ رقم AB-12",
    "I have looked at the page of the parcel service and it still says that the parcel has been announced only, which \
     it has been saying since Monday. Could you please find out what is going on? I need it before the weekend.",
    "*Thank you!*",
    "שלום, מה שלומכם?",
    "One line\nand a second one\nand a third",
    "See https://example.com/orders/AB-12 for what I mean",
];

/// Number and name of those who write, and how many messages; in this order they wait in the queue.
pub(crate) const CONTACTS: [(&str, &str, u64); 3] = [
    ("16505551234", "Amina Diallo", 100_000),
    ("4915755501234", "Jonas Keller", 300),
    ("5511955501234", "Lúcia Reis", 300),
];

/// The data directory: agents ana (1) and ben, supervisor sue, one queue, one number.
pub(crate) fn copy() -> TempDir {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    // In a thread of its own: who asks may stand in a runtime.
    let made = MADE.get_or_init(|| std::thread::spawn(make).join().expect("the past comes true"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    for file in std::fs::read_dir(made).expect("it was made") {
        let file = file.expect("readable");
        std::fs::copy(file.path(), folder.path().join(file.file_name())).expect("there is room");
    }
    folder
}

fn make() -> PathBuf {
    // In the target folder: what is there is never more than one past.
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("long-past");
    // It may not be there.
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).expect("the target folder takes folders");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the machine's clock is set").as_millis();
    let lasts_ms: i64 = CONTACTS.iter().map(|(.., messages)| span_ms(*messages)).sum();
    let begin = i64::try_from(now).expect("an ordinary year") - lasts_ms;
    let clock = Clock::manual(Timestamp(begin));
    let store = Store::open(&folder, StoreOptions::new(clock.clone())).expect("a new store opens");
    let people = [("ana", Role::Agent), ("ben", Role::Agent), ("sue", Role::Supervisor)];
    let mut commands = vec![Command::SetQueue(Queue::new(QueueId(1), "Support"))];
    commands.extend(people.map(|(login, role)| Command::AddAgent(profile(login, role))));
    commands.push(Command::AddChannel(channel("Main number", PHONE_NUMBER_ID, APP_SECRET)));
    ask(&store, commands);
    let people = CONTACTS.map(|(wa_id, name, messages)| (Correspondence { wa_id, name }, messages));
    for (correspondence, messages) in &people {
        correspondence.live(&store, &clock, messages - OPEN_MESSAGES);
    }
    // Only now, for whoever is ready would be offered what waits.
    for (correspondence, messages) in &people {
        correspondence.write(&store, &clock, messages - OPEN_MESSAGES..*messages);
    }
    store.stop();
    folder
}

/// How long a correspondence lasts at most.
fn span_ms(messages: u64) -> i64 {
    let (turns, chapters) = (messages + messages / CHAPTER_MESSAGES + 1, messages / CHAPTER_MESSAGES + 1);
    i64::try_from(turns).expect("a small number") * TURN_MS
        + i64::try_from(chapters).expect("a small number") * PAUSE_MS
}

/// Who writes.
struct Correspondence {
    wa_id: &'static str,
    name: &'static str,
}

impl Correspondence {
    /// Lives through `messages` of the contact's messages on a manual clock; agent 1 answers once in each interaction.
    fn live(&self, store: &Store, clock: &Clock, messages: u64) {
        let agent = AgentId(1);
        let mut token = [7; 32];
        token[..8].copy_from_slice(&self.wa_id.parse::<u64>().expect("digits").to_be_bytes());
        let token = TokenHash(token);
        let mut next = 0;
        while next < messages {
            let until = (next + CHAPTER_MESSAGES).min(messages);
            let ready = Command::SetPresence { agent, presence: Presence::Ready };
            ask(store, vec![Command::SignIn { agent, token }, Command::Connect { agent }, ready]);
            let interaction = self.write(store, clock, next..next + 1).expect("a new interaction begins");
            ask(store, vec![Command::Accept { agent, interaction }]);
            self.write(store, clock, next + 1..until);
            self.answer(store, clock, agent, interaction, until);
            ask(store, vec![Command::Disconnect { agent }, Command::SignOut { token }]);
            clock.advance_ms(PAUSE_MS);
            next = until;
        }
    }

    /// The contact writes; gives the interaction that this opens.
    fn write(&self, store: &Store, clock: &Clock, numbers: std::ops::Range<u64>) -> Option<InteractionId> {
        let mut opened = None;
        let numbers: Vec<u64> = numbers.collect();
        for batch in numbers.chunks(BATCH) {
            let mut commands = Vec::with_capacity(batch.len());
            for number in batch {
                clock.advance_ms(TURN_MS);
                commands.push(self.message(*number, clock.now()));
            }
            for event in ask(store, commands) {
                if let Event::InteractionQueued { interaction } = event {
                    opened = Some(interaction.id);
                }
            }
        }
        opened
    }

    fn message(&self, number: u64, now: Timestamp) -> Command {
        let address = Address { kind: AddressKind::Phone, value: self.wa_id.to_owned() };
        let text = TEXTS[usize::try_from(number % 8).expect("below 8")];
        Command::Receive(Box::new(InboundMessage {
            phone_number_id: PHONE_NUMBER_ID.to_owned(),
            sender: Sender { addresses: vec![address], name: Some(self.name.to_owned()) },
            wamid: Wamid(format!("wamid.long.{}.{number}", self.wa_id)),
            sent_at: Timestamp(now.0 / 1_000 * 1_000),
            content: Content::Text(format!("No {number}: {text}")),
            raw: None,
            quoted: None,
            system: false,
        }))
    }

    /// The agent answers, and marks it Done.
    fn answer(&self, store: &Store, clock: &Clock, agent: AgentId, interaction: InteractionId, number: u64) {
        clock.advance_ms(TURN_MS);
        let events = ask(
            store,
            vec![Command::Send {
                agent,
                interaction,
                client_key: ClientKey(format!("long-{}-{number}", self.wa_id)),
                content: Content::Text(format!("Answer {number}")),
                raw: None,
                quoted: None,
            }],
        );
        let message = events.iter().find_map(queued).expect("the answer was taken");
        let wamid = Wamid(format!("wamid.long.{}.answer.{number}", self.wa_id));
        let read =
            DeliveryReport { wamid: wamid.clone(), message: Some(message), delivery: Delivery::Read, at: clock.now() };
        ask(
            store,
            vec![
                Command::StartSend { message },
                Command::RecordAccepted { message, wamid },
                Command::RecordDelivery(read),
                Command::SetDisposition { agent, interaction, disposition: Some(DispositionId(1)) },
                Command::MarkDone { agent, interaction },
            ],
        );
    }
}

#[allow(clippy::wildcard_enum_match_arm, reason = "looks for one kind, whatever others there are")]
fn queued(event: &Event) -> Option<MessageId> {
    match event {
        Event::MessageQueued { message, .. } => Some(message.id),
        _ => None,
    }
}

fn ask(store: &Store, commands: Vec<Command>) -> Vec<Event> {
    let answers = store.submit_blocking(commands).expect("the store takes it");
    answers.into_iter().flat_map(|done| done.expect("the core grants it").events.to_vec()).collect()
}
