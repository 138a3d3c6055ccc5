//! A conversation that has gone on for years: stored through the same commands as a real one, without HTTP.
//!
//! Invariant: the same conversation each time. Message `n` begins with the words `No n:`, its interactions have
//! `CHAPTER_MESSAGES` of the contact's messages each, and the newest one, short and unanswered, waits in the queue.

use deskbell::clock::Clock;
use deskbell::domain::agent::Presence;
use deskbell::domain::command::{Command, DeliveryReport, InboundMessage};
use deskbell::domain::contact::{Address, AddressKind, Sender};
use deskbell::domain::event::Event;
use deskbell::domain::ids::{AgentId, ClientKey, DispositionId, InteractionId, MessageId, TokenHash, Wamid};
use deskbell::domain::message::{Content, Delivery};
use deskbell::domain::time::Timestamp;
use deskbell::store::Store;

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

/// Who writes and to which number.
pub(crate) struct Correspondence<'a> {
    pub phone_number_id: &'a str,
    pub wa_id: &'a str,
    pub name: &'a str,
}

impl Correspondence<'_> {
    /// Lives through `messages` of the contact's messages on a manual clock; agent 1 answers once in each interaction.
    pub(crate) async fn live(&self, store: &Store, clock: &Clock, messages: u64) {
        let agent = AgentId(1);
        let mut token = [7; 32];
        token[..8].copy_from_slice(&self.wa_id.parse::<u64>().expect("digits").to_be_bytes());
        let token = TokenHash(token);
        let mut next = 0;
        while messages - next > OPEN_MESSAGES {
            let until = (next + CHAPTER_MESSAGES).min(messages - OPEN_MESSAGES);
            ask(
                store,
                vec![
                    Command::SignIn { agent, token },
                    Command::Connect { agent },
                    Command::SetPresence { agent, presence: Presence::Ready },
                ],
            )
            .await;
            let interaction = self.write(store, clock, next..next + 1).await.expect("a new interaction begins");
            ask(store, vec![Command::Accept { agent, interaction }]).await;
            self.write(store, clock, next + 1..until).await;
            self.answer(store, clock, agent, interaction, until).await;
            ask(store, vec![Command::Disconnect { agent }, Command::SignOut { token }]).await;
            clock.advance_ms(PAUSE_MS);
            next = until;
        }
        self.write(store, clock, next..messages).await;
    }

    /// The contact writes; gives the interaction that this opens.
    async fn write(&self, store: &Store, clock: &Clock, numbers: std::ops::Range<u64>) -> Option<InteractionId> {
        let mut opened = None;
        let numbers: Vec<u64> = numbers.collect();
        for batch in numbers.chunks(BATCH) {
            let mut commands = Vec::with_capacity(batch.len());
            for number in batch {
                clock.advance_ms(TURN_MS);
                commands.push(self.message(*number, clock.now()));
            }
            for event in ask(store, commands).await {
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
            phone_number_id: self.phone_number_id.to_owned(),
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
    async fn answer(&self, store: &Store, clock: &Clock, agent: AgentId, interaction: InteractionId, number: u64) {
        clock.advance_ms(TURN_MS);
        let events = ask(
            store,
            vec![Command::Send {
                agent,
                interaction,
                client_key: ClientKey(format!("long-{}-{number}", self.wa_id)),
                content: Content::Text(format!("Answer {number}")),
                quoted: None,
            }],
        )
        .await;
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
        )
        .await;
    }
}

#[allow(clippy::wildcard_enum_match_arm, reason = "looks for one kind, whatever others there are")]
fn queued(event: &Event) -> Option<MessageId> {
    match event {
        Event::MessageQueued { message, .. } => Some(message.id),
        _ => None,
    }
}

async fn ask(store: &Store, commands: Vec<Command>) -> Vec<Event> {
    let answers = store.submit(commands).await.expect("the store takes it");
    answers.into_iter().flat_map(|done| done.expect("the core grants it").events.to_vec()).collect()
}
