//! A few hundred past conversations, so that the demo's centre looks like one.
//!
//! They are lived through the same commands as real ones, on a clock that starts four weeks back. Invariant: the same
//! past each time, and no word of it is anybody's.

use crate::clock::Clock;
use crate::domain::agent::Presence;
use crate::domain::command::{Command, InboundMessage};
use crate::domain::contact::{Address, AddressKind, Sender};
use crate::domain::event::Event;
use crate::domain::ids::{AgentId, ClientKey, DispositionId, InteractionId, MessageId, TokenHash, Wamid};
use crate::domain::message::{Content, Delivery};
use crate::domain::time::Timestamp;
use crate::store::Store;

use super::ask;
use super::centre::CUSTOMER_NUMBER;

/// How many conversations.
const CONVERSATIONS: u64 = 240;
/// With how many people: an odd number, so that they come back to the other agent.
const CONTACTS: u64 = 81;
/// Over how many days.
const DAYS: i64 = 28;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

const FIRST_NAMES: [&str; 16] = [
    "Amina", "Björn", "Chiara", "Diego", "Elif", "Farid", "Grace", "Hana", "Ivan", "Jürgen", "Kofi", "Lúcia", "Mehmet",
    "Noor", "Olga", "Priya",
];
const LAST_NAMES: [&str; 15] = [
    "Abebe",
    "Bianchi",
    "Çelik",
    "Duarte",
    "Eriksson",
    "Fontaine",
    "García",
    "Haddad",
    "Ivanova",
    "Jansen",
    "Kowalski",
    "Lopes",
    "Müller",
    "Nguyen",
    "O’Neill",
];

/// A question, the answer, and what the customer says to it.
const TALKS: [[&str; 4]; 12] = [
    [
        "Hello, where is my order {n}?",
        "Good morning! It left our warehouse yesterday and should arrive tomorrow.",
        "Perfect, thank you",
        "You are welcome. Have a nice day!",
    ],
    [
        "Hi! Can I still change the delivery address of {n}?",
        "Yes, as long as it has not been packed. Which address shall we use?",
        "Rua das Flores 12, second floor",
        "Done. You will get a confirmation in a moment.",
    ],
    [
        "Olá, o café chegou com a embalagem rasgada (pedido {n})",
        "Sinto muito! Pode nos dizer qual dos cafés?",
        "O expresso de 500 g",
        "Enviamos outro hoje mesmo, sem custo.",
    ],
    [
        "Guten Tag, ich brauche eine Rechnung zu {n}",
        "Gerne. An welche E-Mail-Adresse dürfen wir sie schicken?",
        "An die aus der Bestellung bitte",
        "Ist unterwegs. Schönen Tag noch!",
    ],
    ["Do you open on Saturday?", "Yes, from 9:00 to 14:00.", "👍", "See you then!"],
    [
        "My card was charged twice for {n}",
        "I am sorry about that. I can see both charges; the second one goes back today.",
        "How long will it take?",
        "Three to five working days, depending on your bank.",
    ],
    [
        "Bonjour, le moulin fait un bruit étrange",
        "Bonjour ! Depuis quand, et quel modèle avez-vous ?",
        "Le M2, depuis hier",
        "Envoyez-le-nous, la réparation est sous garantie.",
    ],
    ["Is the blue mug back in stock?", "Next week. Shall I write to you when it is?", "Yes please", "I made a note."],
    [
        "I would like to return {n}",
        "Of course. The label is in your account under Orders.",
        "Found it",
        "We refund it as soon as it is here.",
    ],
    ["Hola, ¿hacen envíos a Canarias?", "Sí, tardan unos seis días y cuestan 9,90 €.", "Vale, gracias", "¡A usted!"],
    [
        "The voucher SPRING does not work",
        "It ended on Sunday, but let me add the discount to your basket.",
        "Oh, that is kind!",
        "It is in there now.",
    ],
    [
        "Can you call me about a large order?",
        "We can talk here right away: for how many people is it?",
        "An office of 60",
        "Then I suggest our weekly plan; I will send you the prices.",
    ],
];

/// For each talk: the outcome's code, the subject, and what the agent noted.
const OUTCOMES: [(&str, &str, &str); 12] = [
    ("answered", "Delivery", ""),
    ("order_changed", "Delivery", "Address confirmed in writing."),
    ("replaced", "Damage", "Third torn parcel this month with this carrier."),
    ("answered", "Payment", ""),
    ("answered", "Product", ""),
    ("refunded", "Payment", "Double charge was our mistake; apologised."),
    ("replaced", "Product", "M2, bought in spring, still under guarantee."),
    ("waiting_for_stock", "Product", "Wants to hear when the blue mug is back."),
    ("refunded", "Return", ""),
    ("answered", "Delivery", ""),
    ("answered", "Payment", ""),
    ("write_again", "Product", "Office of 60, send the weekly plan's prices."),
];

/// Where the past begins.
pub(super) fn start(now: Timestamp) -> Timestamp {
    now.plus_ms(-DAYS * DAY_MS)
}

/// Lives through it, up to a little before `now`.
pub(super) async fn live(
    store: &Store,
    clock: &Clock,
    now: Timestamp,
    phone_number_id: &str,
    dispositions: &[(String, DispositionId)],
) -> Result<(), String> {
    let step_ms = (DAYS * DAY_MS - 60 * 60 * 1_000) / i64::try_from(CONVERSATIONS).unwrap_or(i64::MAX);
    for number in 0..CONVERSATIONS {
        let turn_ms = 20_000 + i64::try_from(number % 7).unwrap_or_default() * 5_000;
        let past = Past { store, clock, phone_number_id, dispositions, number, turn_ms };
        past.talk().await?;
        let next = start(now).plus_ms(step_ms * i64::try_from(number + 1).unwrap_or_default());
        clock.advance_ms(next.since_ms(clock.now()).max(0));
    }
    Ok(())
}

struct Past<'a> {
    store: &'a Store,
    clock: &'a Clock,
    phone_number_id: &'a str,
    /// Code and id of each outcome.
    dispositions: &'a [(String, DispositionId)],
    number: u64,
    turn_ms: i64,
}

impl Past<'_> {
    /// One conversation: two questions, two answers, an outcome. The agent is there for just as long.
    async fn talk(&self) -> Result<(), String> {
        let agent = AgentId(1 + self.number % 2);
        let mut token = [0; 32];
        token[..8].copy_from_slice(&self.number.to_be_bytes());
        let token = TokenHash(token);
        ask(
            self.store,
            vec![
                Command::SignIn { agent, token },
                Command::Connect { agent },
                Command::SetPresence { agent, presence: Presence::Ready },
            ],
        )
        .await?;
        let talk = &TALKS[usize::try_from(self.number).unwrap_or_default() % TALKS.len()];
        let events = self.contact_says(talk[0], 0).await?;
        let Some(interaction) = events.iter().find_map(queued) else { return Ok(()) };
        ask(self.store, vec![Command::Accept { agent, interaction }]).await?;
        self.agent_says(agent, interaction, talk[1], 1).await?;
        self.contact_says(talk[2], 2).await?;
        self.agent_says(agent, interaction, talk[3], 3).await?;
        ask(self.store, self.written_down(agent, interaction, talk[0].contains("{n}"))).await?;
        ask(
            self.store,
            vec![Command::MarkDone { agent, interaction }, Command::Disconnect { agent }, Command::SignOut { token }],
        )
        .await?;
        Ok(())
    }

    /// What the agent notes about it: outcome, case data, and sometimes a few words.
    fn written_down(&self, agent: AgentId, interaction: InteractionId, about_order: bool) -> Vec<Command> {
        let talk = usize::try_from(self.number).unwrap_or_default() % TALKS.len();
        let (outcome, subject, note) = OUTCOMES[talk];
        let disposition = self.dispositions.iter().find(|(code, _)| code == outcome).map(|(_, id)| *id);
        let mut commands = vec![Command::SetDisposition { agent, interaction, disposition }];
        let mut values =
            vec![(CUSTOMER_NUMBER, format!("{:05}", 20_000 + self.number % CONTACTS)), ("subject", subject.to_owned())];
        if about_order {
            values.push(("order_number", self.order()));
            values.push(("order_total", format!("{}.{}0", 20 + self.number % 60, self.number % 10)));
        }
        commands.extend(values.into_iter().map(|(key, value)| Command::SetCaseValue {
            agent,
            interaction,
            key: key.to_owned(),
            value: Some(value),
        }));
        if !note.is_empty() {
            commands.push(Command::SetNote { agent, interaction, text: note.to_owned(), version: 0, mentions: vec![] });
        }
        commands
    }

    fn order(&self) -> String {
        format!("AB-{}", 4_100 + self.number)
    }

    async fn contact_says(&self, text: &str, turn: u64) -> Result<Vec<Event>, String> {
        self.clock.advance_ms(self.turn_ms);
        let contact = self.number % CONTACTS;
        let person = usize::try_from(contact).unwrap_or_default();
        let first = FIRST_NAMES[person % FIRST_NAMES.len()];
        let last = LAST_NAMES[person % LAST_NAMES.len()];
        let address = Address { kind: AddressKind::Phone, value: format!("4915{:08}", 20_000_000 + contact * 7) };
        let inbound = InboundMessage {
            phone_number_id: self.phone_number_id.to_owned(),
            sender: Sender { addresses: vec![address], name: Some(format!("{first} {last}")) },
            wamid: Wamid(format!("wamid.past.{}.{turn}", self.number)),
            sent_at: Timestamp(self.clock.now().0 / 1_000 * 1_000),
            content: Content::Text(text.replace("{n}", &self.order())),
            raw: None,
            quoted: None,
            system: false,
        };
        ask(self.store, vec![Command::Receive(Box::new(inbound))]).await
    }

    async fn agent_says(
        &self,
        agent: AgentId,
        interaction: InteractionId,
        text: &str,
        turn: u64,
    ) -> Result<(), String> {
        self.clock.advance_ms(self.turn_ms);
        let send = Command::Send {
            agent,
            interaction,
            client_key: ClientKey(format!("past-{}-{turn}", self.number)),
            content: Content::Text(text.to_owned()),
            raw: None,
            quoted: None,
        };
        let events = ask(self.store, vec![send]).await?;
        let Some(message) = events.iter().find_map(sent) else { return Ok(()) };
        let wamid = Wamid(format!("wamid.past.{}.{turn}", self.number));
        let read = crate::domain::command::DeliveryReport {
            wamid: wamid.clone(),
            message: Some(message),
            delivery: Delivery::Read,
            at: self.clock.now(),
        };
        ask(
            self.store,
            vec![
                Command::StartSend { message },
                Command::RecordAccepted { message, wamid },
                Command::RecordDelivery(read),
            ],
        )
        .await?;
        Ok(())
    }
}

fn queued(event: &Event) -> Option<InteractionId> {
    if let Event::InteractionQueued { interaction } = event { Some(interaction.id) } else { None }
}

fn sent(event: &Event) -> Option<MessageId> {
    if let Event::MessageQueued { message, .. } = event { Some(message.id) } else { None }
}
