//! Scenes of a centre's day, in words that an agents' manager can read.
//!
//! Each `tests/data/scenarios/*.txt` is a list of `HH:MM:SS  who does what` lines (`+1d HH:MM:SS` for the days after).
//! The runner answers each with what happened, and puts in what the clock does by itself. The file must equal that
//! answer to the letter; `UPDATE=1` writes it anew, for a person to read before it is kept.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use deskbell::domain::agent::{AgentProfile, Presence, Reason, Role};
use deskbell::domain::case_data::{CaseKey, CaseKind};
use deskbell::domain::channel::ChannelProfile;
use deskbell::domain::command::{Command, DeliveryReport, InboundMessage, SendFailure};
use deskbell::domain::contact::{Address, AddressKind, Card, Contact, Sender};
use deskbell::domain::event::Event;
use deskbell::domain::ids::{
    AgentId, CaseKeyId, ChannelId, ClientKey, ContactId, ConversationId, DispositionId, InteractionId, MessageId,
    QueueId, ResponseId, TokenHash, Wamid,
};
use deskbell::domain::interaction::{Part, TransferTarget};
use deskbell::domain::mention::mentions;
use deskbell::domain::message::{Author, Content, Delivery, Failure};
use deskbell::domain::queue::{AutoAnswer, Queue};
use deskbell::domain::response::Response;
use deskbell::domain::template::{Place, Template, TemplateChoice, Value};
use deskbell::domain::time::Timestamp;

use crate::harness::book::Book;
use crate::harness::traffic::channel;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

#[test]
fn scenarios_read_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/scenarios");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("scenarios are in the project") {
        let path = entry.expect("readable").path();
        let text = std::fs::read_to_string(&path).expect("readable");
        let answer = Scene::new().play(&text);
        count += 1;
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &answer).expect("writable");
            continue;
        }
        assert_eq!(text, answer, "{} (UPDATE=1 writes it anew)", path.display());
    }
    assert!(count >= 8, "only {count} scenarios found");
}

struct Scene {
    book: Book,
    names: BTreeMap<AgentId, String>,
    contacts: BTreeMap<String, u64>,
    keys: u32,
    /// The channel account on which everybody writes.
    channel: u64,
}

impl Scene {
    fn new() -> Self {
        let mut scene =
            Self { book: Book::default(), names: BTreeMap::new(), contacts: BTreeMap::new(), keys: 0, channel: 1 };
        let disposition =
            |code: &str| Command::AddDisposition { code: code.to_owned(), label: code.to_owned(), parent: None };
        for command in [
            Command::SetQueue(Queue::new(QueueId(0), "support")),
            Command::AddChannel(channel("100")),
            disposition("solved"),
        ] {
            scene.book.step(Timestamp(0), &command).expect("the centre is set up");
        }
        scene
    }

    fn play(&mut self, text: &str) -> String {
        let mut answer = String::new();
        for line in text.lines() {
            if line.trim().is_empty() || line.starts_with('#') {
                let _ = writeln!(answer, "{line}");
                continue;
            }
            let said = line.split("=>").next().unwrap_or(line).trim();
            let (at, words) = parse_time(said);
            if words == "clock" {
                continue;
            }
            self.clock(at, &mut answer);
            if let Some(name) = words.strip_suffix(" lists contacts") {
                let agent = self.agent_named(name);
                let listed = self.book.assigned.iter().filter(|(of, _)| *of == agent);
                let listed: Vec<_> = listed.map(|(_, contact)| self.contact_called(*contact)).collect();
                let listed = if listed.is_empty() { "nobody".to_owned() } else { listed.join(", ") };
                let _ = writeln!(answer, "{:<62} => {listed}", format!("{}  {words}", show_time(at)));
                continue;
            }
            let command = self.command(at, words);
            let happened = match self.book.step(at, &command) {
                Ok(events) => self.tell(&events),
                Err(rejection) => format!("refused: {rejection:?}"),
            };
            let _ = writeln!(answer, "{:<62} => {happened}", format!("{}  {words}", show_time(at)));
        }
        answer.lines().map(|line| format!("{}\n", line.trim_end().trim_end_matches("=>").trim_end())).collect()
    }

    /// What happens by itself before `at`.
    fn clock(&mut self, at: Timestamp, answer: &mut String) {
        while let Some(deadline) = self.book.floor.next_deadline().filter(|deadline| *deadline <= at) {
            let events = self.book.step(deadline, &Command::Tick).expect("a tick is never refused");
            let happened = self.tell(&events);
            if !happened.is_empty() {
                let _ = writeln!(answer, "{:<62} => {happened}", format!("{}  clock", show_time(deadline)));
            }
            assert!(self.book.floor.next_deadline().is_none_or(|next| next > deadline), "a tick clears what is due");
        }
    }

    fn command(&mut self, at: Timestamp, line: &str) -> Command {
        let quoted = line.split('"').nth(1).unwrap_or_default().to_owned();
        let words: Vec<&str> = line.split('"').next().unwrap_or(line).split_whitespace().collect();
        match words.as_slice() {
            ["agent", name, rest @ ..] => self.agent(name, rest),
            ["contact", name, "says"] => self.says(at, name, quoted, at),
            ["phone", "app", "writes", "to", name] => match self.says(at, name, quoted, at) {
                Command::Receive(inbound) => {
                    let wamid = Wamid(format!("wamid.app.{}", at.0));
                    Command::ReceiveEcho(Box::new(InboundMessage { wamid, ..*inbound }))
                }
                other => other,
            },
            ["meta", "tells", "that", name, "and", other, "are", "one"] => self.one_person(name, other),
            ["contact", name, "wants", "no", "marketing"] => self.preference(name, true),
            ["contact", name, "wants", "marketing"] => self.preference(name, false),
            ["contact", name, "said", "at", clock] => self.says(at, name, quoted, parse_time(clock).0),
            ["machine", "erases", name] => Command::EraseContact { agent: None, contact: self.contact_named(name) },
            ["sweep", "finds", name] => Command::ExpireConversation { conversation: self.conversation_with(name) },
            ["settings", "keep", "conversations", days, "days"] => {
                let mut settings = self.book.floor.rows().settings.clone();
                settings.retention.messages_days = Some(days.parse().expect("days"));
                Command::SetSettings(settings)
            }
            ["queue", rule @ ..] => self.queue(rule, &quoted),
            ["settings", "idle", "after", minutes, "minutes"] => {
                let mut settings = self.book.floor.rows().settings.clone();
                settings.idle_alert_ms = minutes.parse::<i64>().expect("minutes") * 60_000;
                settings.idle_close_ms = settings.idle_alert_ms;
                Command::SetSettings(settings)
            }
            ["settings", "disposition", "final", "after", "end"] => {
                let mut settings = self.book.floor.rows().settings.clone();
                settings.disposition_read_only_after_end = true;
                Command::SetSettings(settings)
            }
            ["outcome", code] => self.outcome(code, None),
            ["outcome", code, "under", parent] => self.outcome(code, Some(parent)),
            ["field", key, kind, rest @ ..] => field(key, kind, rest, &quoted),
            ["settings", "disposition", "optional"] => {
                let mut settings = self.book.floor.rows().settings.clone();
                settings.disposition_mandatory = false;
                Command::SetSettings(settings)
            }
            ["channel", "asynchronous", "off"] => {
                self.channel = 2;
                Command::AddChannel(ChannelProfile { asynchronous: false, ..channel("200") })
            }
            ["meta", rest @ ..] => meta(at, rest),
            ["outbox", "starts", message] => Command::StartSend { message: number(message, MessageId) },
            ["restart"] => Command::Restart,
            ["nobody", "is", "there"] => {
                self.book.away = true;
                Command::Tick
            }
            [name, rest @ ..] => self.agent_does(at, name, rest, quoted),
            [] => panic!("an empty line has no command"),
        }
    }

    fn agent(&mut self, name: &str, rest: &[&str]) -> Command {
        let after = |word: &str| rest.iter().position(|found| *found == word).and_then(|place| rest.get(place + 1));
        let id = AgentId(self.book.floor.rows().counters.agent);
        self.names.insert(id, name.to_owned());
        Command::AddAgent(AgentProfile {
            login: name.to_owned(),
            name: name.to_owned(),
            role: match rest {
                [..] if rest.contains(&"administrator") => Role::Administrator,
                [..] if rest.contains(&"supervisor") => Role::Supervisor,
                [..] => Role::Agent,
            },
            password_hash: String::new(),
            capacity: after("capacity").map_or(3, |number| number.parse().expect("a capacity")),
            auto_ready: rest.contains(&"auto_ready"),
            skills: after("skill").into_iter().map(|skill| (*skill).to_owned()).collect(),
        })
    }

    fn says(&mut self, at: Timestamp, name: &str, text: String, sent_at: Timestamp) -> Command {
        let next = self.contacts.len() as u64;
        let number = *self.contacts.entry(name.to_owned()).or_insert(next);
        let wamid = format!("wamid.{name}.{}.{text}", at.0);
        Command::Receive(Box::new(InboundMessage {
            phone_number_id: format!("{}00", self.channel),
            sender: Sender {
                addresses: vec![Address { kind: AddressKind::Phone, value: format!("1555000{number}") }],
                name: Some(name.to_owned()),
            },
            wamid: Wamid(wamid),
            sent_at: Timestamp(sent_at.0 / 1_000 * 1_000),
            content: Content::Text(text),
            raw: None,
            quoted: None,
            system: false,
        }))
    }

    fn one_person(&self, name: &str, other: &str) -> Command {
        let addresses = [name, other].map(|name| self.contacts[name]);
        let of = |number: u64| Address { kind: AddressKind::Phone, value: format!("1555000{number}") };
        let sender = Sender { addresses: addresses.map(of).to_vec(), name: None };
        Command::HearOfAddresses { sender, raw: "{}".to_owned() }
    }

    fn preference(&self, name: &str, marketing_stopped: bool) -> Command {
        let number = self.contacts[name];
        let addresses = vec![Address { kind: AddressKind::Phone, value: format!("1555000{number}") }];
        Command::HearOfPreference { sender: Sender { addresses, name: None }, marketing_stopped, raw: "{}".to_owned() }
    }

    fn queue(&self, rule: &[&str], quoted: &str) -> Command {
        let mut queue = self.book.floor.rows().queues.values().next().expect("the default queue").clone();
        match rule {
            ["greeting"] => queue.greeting = Some(quoted.to_owned()),
            ["away_text"] => queue.away_text = Some(quoted.to_owned()),
            ["auto_answer"] => queue.auto_answer = AutoAnswer::On,
            ["auto_answer_with_preview"] => queue.auto_answer = AutoAnswer::Preview,
            ["skill", skill] => {
                queue.skills.insert((*skill).to_owned());
            }
            _ => panic!("unknown rule of a queue: {rule:?}"),
        }
        Command::SetQueue(queue)
    }

    fn agent_does(&mut self, at: Timestamp, name: &str, rest: &[&str], quoted: String) -> Command {
        let agent = self.agent_named(name);
        let one = |text: &&str| number(text, InteractionId);
        match rest {
            ["signs", "in"] => Command::SignIn { agent, token: token(agent) },
            ["signs", "out"] => Command::SignOut { token: token(agent) },
            ["connects"] => Command::Connect { agent },
            ["disconnects"] => Command::Disconnect { agent },
            ["ready"] => Command::SetPresence { agent, presence: Presence::Ready },
            ["not", "ready", reason @ ..] => {
                let reason = Reason::Chosen(reason.first().map(|reason| (*reason).to_owned()));
                Command::SetPresence { agent, presence: Presence::NotReady(reason) }
            }
            ["not_ready_after_work", "no", "more"] => Command::SetAfterWork { agent, reason: None },
            ["not_ready_after_work", reason] => {
                Command::SetAfterWork { agent, reason: Some(Reason::Chosen(Some((*reason).to_owned()))) }
            }
            ["do", "not", "disturb"] => Command::SetPresence { agent, presence: Presence::DoNotDisturb },
            ["accepts", id] => Command::Accept { agent, interaction: one(id) },
            ["rejects", id] => Command::Reject { agent, interaction: one(id) },
            ["parks", id] => Command::Park { agent, interaction: one(id) },
            ["opens", id] => Command::Open { agent, interaction: one(id) },
            ["ends", id] => Command::End { agent, interaction: one(id) },
            ["settles", id, "as", "nothing"] => {
                Command::SetDisposition { agent, interaction: one(id), disposition: None }
            }
            ["settles", id, "as", code] => {
                Command::SetDisposition { agent, interaction: one(id), disposition: Some(self.outcome_called(code)) }
            }
            ["notes", key @ .., "of", id] => {
                let value = Some(quoted).filter(|value| value != "nothing");
                Command::SetCaseValue { agent, interaction: one(id), key: key.join(" "), value }
            }
            ["keeps", "response", title, rest @ ..] => self.response(agent, ResponseId(0), title, rest, quoted),
            ["changes", "response", number, title, rest @ ..] => {
                let id = ResponseId(number.parse().expect("a number"));
                self.response(agent, id, title, rest, quoted)
            }
            ["drops", "response", number] => {
                Command::RemoveResponse { agent, response: ResponseId(number.parse().expect("a number")) }
            }
            ["marks", id, "done"] => Command::MarkDone { agent, interaction: one(id) },
            ["settles", id, "solved"] => Command::SetDisposition {
                agent,
                interaction: one(id),
                disposition: self.book.floor.rows().dispositions.keys().next().copied(),
            },
            ["transfers", id, "to", "queue"] => Command::Transfer {
                agent,
                interaction: one(id),
                target: TransferTarget::Queue(QueueId(1)),
                note: quoted,
            },
            ["transfers", id, "to", other] => {
                let target = TransferTarget::Agent(self.agent_named(other));
                Command::Transfer { agent, interaction: one(id), target, note: quoted }
            }
            ["takes", "back", id] => Command::CancelTransfer { agent, interaction: one(id) },
            ["sends", id] => {
                self.keys += 1;
                self.send(agent, one(id), quoted)
            }
            ["sends", id, "template", name] => {
                self.keys += 1;
                let value =
                    (!quoted.is_empty()).then(|| Value { place: Place::Body, name: "1".to_owned(), value: quoted });
                let values = value.into_iter().collect();
                let choice = TemplateChoice { name: (*name).to_owned(), language: "en".to_owned(), values };
                let client_key = ClientKey(format!("key-{}", self.keys));
                Command::SendTemplate { agent, interaction: one(id), client_key, choice, quoted: None }
            }
            ["sends", id, "to", "quote", message] => {
                self.keys += 1;
                match self.send(agent, one(id), quoted) {
                    Command::Send { agent, interaction, client_key, content, .. } => {
                        let quoted = Some(number(message, MessageId));
                        Command::Send { agent, interaction, client_key, content, raw: None, quoted }
                    }
                    other => other,
                }
            }
            ["sends", id, "again"] => self.send(agent, one(id), quoted),
            ["asks", other, "into", id] => {
                let colleague = self.agent_named(other);
                Command::Invite { agent, interaction: one(id), colleague, part: Part::Consult }
            }
            ["asks", other, "into", "conference", id] => {
                let colleague = self.agent_named(other);
                Command::Invite { agent, interaction: one(id), colleague, part: Part::Conference }
            }
            ["leaves", id] => Command::Leave { agent, interaction: one(id), colleague: agent },
            ["sends", other, "away", "from", id] => {
                Command::Leave { agent, interaction: one(id), colleague: self.agent_named(other) }
            }
            ["whispers", id] => {
                self.keys += 1;
                let client_key = ClientKey(format!("key-{}", self.keys));
                let logins: Vec<_> = self.names.iter().map(|(id, name)| (*id, name.clone())).collect();
                let mentions = mentions(&quoted, &logins);
                Command::SendInternal { agent, interaction: one(id), client_key, text: quoted, mentions }
            }
            ["retries", message] => {
                let client_key = ClientKey(format!("retry-{message}"));
                Command::Retry { agent, message: number(message, MessageId), client_key }
            }
            ["writes", "to", contact] => Command::CreateInteraction {
                agent,
                contact: self.contact_named(contact),
                channel: ChannelId(self.channel),
            },
            ["adds", name, phone] => {
                let card = Card { first_name: Some((*name).to_owned()), ..Card::default() };
                Command::AddContact { agent, card, address: Address::of_phone(phone).expect("a number") }
            }
            ["calls", contact, name, "of", "version", version] => Command::EditContact {
                agent,
                contact: self.contact_named(contact),
                card: Card { first_name: Some((*name).to_owned()), ..Card::default() },
                version: version.parse().expect("a number"),
            },
            ["gives", contact, phone] => {
                let address = Address::of_phone(phone).expect("a number");
                Command::AddAddress { agent, contact: self.contact_named(contact), address }
            }
            ["takes", phone, "from", contact] => {
                let address = Address::of_phone(phone).expect("a number");
                Command::RemoveAddress { agent, contact: self.contact_named(contact), address }
            }
            ["erases", contact] => Command::EraseContact { agent: Some(agent), contact: self.contact_named(contact) },
            ["blocks", contact] => Command::SetBlocked { agent, contact: self.contact_named(contact), blocked: true },
            ["unblocks", contact] => {
                Command::SetBlocked { agent, contact: self.contact_named(contact), blocked: false }
            }
            ["takes", contact, "off", "the", "list"] => {
                Command::UnassignContact { agent, contact: self.contact_named(contact) }
            }
            ["drafts", "to", contact] => {
                Command::SetDraft { agent, conversation: self.conversation_with(contact), text: quoted, at }
            }
            ["drafts", "to", contact, "at", clock] => {
                let at = parse_time(clock).0;
                Command::SetDraft { agent, conversation: self.conversation_with(contact), text: quoted, at }
            }
            _ => panic!("unknown doing: {name} {rest:?}"),
        }
    }

    /// The contact with this name, whoever gave it.
    fn contact_named(&self, name: &str) -> ContactId {
        let found = self.book.contacts.values().find(|contact| contact.name() == name || contact.profile_name == name);
        found.unwrap_or_else(|| panic!("no contact is called {name}")).id
    }

    fn contact_called(&self, contact: ContactId) -> String {
        let found = &self.book.contacts[&contact];
        if found.name().is_empty() { format!("contact {contact}") } else { found.name() }
    }

    fn conversation_with(&self, name: &str) -> ConversationId {
        self.book.pairs[&(self.contact_named(name), ChannelId(self.channel))]
    }

    fn outcome(&self, code: &str, parent: Option<&&str>) -> Command {
        let parent = parent.map(|parent| self.outcome_called(parent));
        Command::AddDisposition { code: code.to_owned(), label: code.to_owned(), parent }
    }

    fn outcome_called(&self, code: &str) -> DispositionId {
        let mut outcomes = self.book.floor.rows().dispositions.values();
        outcomes.find(|outcome| outcome.code == code).unwrap_or_else(|| panic!("no outcome is called {code}")).id
    }

    fn response(&self, agent: AgentId, id: ResponseId, title: &str, rest: &[&str], text: String) -> Command {
        let shortcut = rest.first().map(|shortcut| shortcut.trim_start_matches('/').to_owned());
        let (category, title) = (vec!["Orders".to_owned()], title.to_owned());
        Command::SetResponse {
            agent,
            response: Response { id, category, title, shortcut, text, attachments: Vec::new() },
        }
    }

    fn send(&self, agent: AgentId, interaction: InteractionId, text: String) -> Command {
        let client_key = ClientKey(format!("key-{}", self.keys));
        Command::Send { agent, interaction, client_key, content: Content::Text(text), raw: None, quoted: None }
    }

    fn agent_named(&self, name: &str) -> AgentId {
        let found = self.names.iter().find(|(_, known)| *known == name);
        *found.unwrap_or_else(|| panic!("no agent is called {name}")).0
    }

    fn tell(&self, events: &[Event]) -> String {
        events.iter().filter_map(|event| self.tell_one(event)).collect::<Vec<_>>().join("; ")
    }

    fn tell_one(&self, event: &Event) -> Option<String> {
        let who = |agent: &AgentId| self.names.get(agent).cloned().unwrap_or_default();
        Some(match event {
            Event::AgentConnected { .. }
            | Event::AgentDisconnected { .. }
            | Event::SignInStarted { .. }
            | Event::SignInEnded { .. }
            | Event::QueueSet { .. }
            | Event::SettingsSet { .. }
            | Event::BackupScheduleSet { .. }
            | Event::BackupRecorded { .. }
            | Event::DispositionAdded { .. }
            | Event::CaseKeySet { .. }
            | Event::AgentAdded { .. }
            | Event::ContactAssigned { .. }
            | Event::TracesErased { .. }
            | Event::ConversationOpened { .. } => return None,
            Event::ContactCreated { contact, .. } => format!("new contact {contact}"),
            Event::ContactAdded { contact, .. } => format!("new contact {}", contact.id),
            Event::ContactsMerged { contact, gone } => format!("contact {gone} is contact {}", contact.id),
            Event::ConversationMoved { conversation, contact, .. } => {
                format!("conversation {conversation} is with contact {contact}")
            }
            Event::ConversationJoined { joined } => {
                format!("conversation {} goes on in {}", joined.from, joined.into)
            }
            Event::MarketingPreferenceSet { contact, stopped } => {
                format!("contact {contact} wants {}marketing", if *stopped { "no " } else { "" })
            }
            Event::ContactErased { contact } => format!("contact {contact} is erased"),
            Event::ConversationErased { conversation } => format!("conversation {conversation} is erased"),
            Event::ContactEdited { contact, .. } if contact.blocked => format!("contact {} is blocked", contact.id),
            Event::ContactChanged { contact, .. }
            | Event::ContactEdited { contact: Contact { id: contact, .. }, .. } => {
                format!("contact {contact} is {}", self.contact_called(*contact))
            }
            Event::ContactUnassigned { agent, contact } => {
                format!("contact {contact} leaves the list of {}", who(agent))
            }
            Event::DraftChanged { agent, text, .. } if text.is_empty() => format!("no draft of {}", who(agent)),
            Event::DraftChanged { agent, .. } => format!("draft of {}", who(agent)),
            Event::WindowOpened { until, .. } => format!("window until {}", show_time(*until)),
            Event::EchoReceived { message } => format!("m{} from the phone app", message.id),
            Event::MessageReceived { message } => format!("m{} arrives", message.id),
            Event::MessageQueued { message, .. } => {
                let by = match message.author {
                    Author::Agent(agent) => who(&agent),
                    Author::Contact | Author::System | Author::BusinessApp => "system".to_owned(),
                };
                format!("m{} from {by} queued", message.id)
            }
            Event::NoticeAdded { message } => format!("m{} notice {:?}", message.id, message.content),
            Event::InteractionQueued { interaction } => format!("#{} queued", interaction.id),
            Event::InteractionCreated { interaction } => format!("#{} created", interaction.id),
            Event::InteractionOffered { interaction, agent, deadline }
            | Event::TransferOffered { interaction, agent, deadline } => {
                format!("#{interaction} offered to {} until {}", who(agent), show_time(*deadline))
            }
            Event::OfferAccepted { interaction, agent } => format!("#{interaction} active with {}", who(agent)),
            Event::AutoAnswered { interaction, agent } => format!("#{interaction} opens with {}", who(agent)),
            Event::OfferRejected { interaction, agent, .. } => format!("#{interaction} rejected by {}", who(agent)),
            Event::OfferExpired { interaction, agent, .. } => format!("#{interaction} not answered by {}", who(agent)),
            Event::OfferWithdrawn { interaction, agent } => format!("#{interaction} withdrawn from {}", who(agent)),
            Event::InteractionParked { interaction, .. } => format!("#{interaction} parked"),
            Event::InteractionOpened { interaction, agent } => format!("#{interaction} opened by {}", who(agent)),
            Event::InteractionRequeued { interaction, prefer, .. } => match prefer {
                Some((agent, until)) => {
                    format!("#{interaction} back in the queue, for {} until {}", who(agent), show_time(*until))
                }
                None => format!("#{interaction} back in the queue"),
            },
            Event::TransferStarted { interaction, deadline, .. } => {
                format!("#{interaction} being transferred until {}", show_time(*deadline))
            }
            Event::TransferAccepted { interaction, from, to } => {
                format!("#{interaction} from {} to {}", who(from), who(to))
            }
            Event::TransferEnded { interaction, agent, outcome } => {
                format!("#{interaction} stays with {}: {outcome:?}", who(agent))
            }
            Event::InteractionEnded { interaction, reason } => format!("#{interaction} ended: {reason:?}"),
            Event::InteractionReactivated { interaction, agent } => {
                format!("#{interaction} live again with {}", who(agent))
            }
            Event::InteractionDone { interaction, .. } => format!("#{} done", interaction.id),
            Event::PresenceChanged { agent, presence } => format!("{} is {presence:?}", who(agent)),
            Event::AfterWorkSet { agent, reason: None } => format!("{} goes on after this work", who(agent)),
            Event::CaseValueSet { interaction, key, value: Some(value), .. } => {
                format!("#{interaction} has {key} {value}")
            }
            Event::CaseValueSet { interaction, key, value: None, .. } => format!("#{interaction} has no {key}"),
            Event::ResponseSet { response, .. } => format!("response {} {}", response.id, response.title),
            Event::ResponseRemoved { response, .. } => format!("response {response} is gone"),
            Event::AfterWorkSet { agent, .. } => format!("{} stops after this work", who(agent)),
            Event::IdleAlerted { interaction } => format!("#{interaction} alerted"),
            Event::SendStarted { message, attempt } => format!("m{message} attempt {attempt}"),
            Event::SendAccepted { message, .. } => format!("m{message} accepted"),
            Event::SendRetried { message, due } => format!("m{message} again at {}", show_time(*due)),
            Event::SendAwaitsStatus { message, until } => format!("m{message} unknown until {}", show_time(*until)),
            Event::SendClosed { message } => format!("m{message} leaves the outbox"),
            Event::DeliveryAdvanced { message, delivery, .. } => match delivery {
                Delivery::Failed(failure) => format!("m{message} Failed({})", failure.code),
                other => format!("m{message} {other:?}"),
            },
            Event::ParticipantJoined { interaction, agent, part } => {
                format!("{} joins #{interaction}: {part:?}", who(agent))
            }
            Event::ParticipantLeft { interaction, agent } => format!("{} leaves #{interaction}", who(agent)),
            Event::InternalMessageAdded { message } => format!("m{} internal", message.id),
            Event::AgentMentioned { interaction, agent, .. } => format!("{} is named in #{interaction}", who(agent)),
            Event::ReportParked { .. } => "status kept for later".to_owned(),
            Event::DispositionSet { interaction, .. } => format!("#{interaction} settled"),
            other => other.kind().name().to_owned(),
        })
    }
}

/// `field order_number text`, `field colour choice "red|blue"`, `field customer text read_only`.
fn field(key: &str, kind: &str, rest: &[&str], quoted: &str) -> Command {
    let kind = match kind {
        "text" => CaseKind::Text,
        "number" => CaseKind::Number,
        "date" => CaseKind::Date,
        "boolean" => CaseKind::Boolean,
        "choice" => CaseKind::Choice,
        _ => panic!("unknown kind of a field: {kind}"),
    };
    Command::SetCaseKey(CaseKey {
        id: CaseKeyId(0),
        key: key.to_owned(),
        label: key.to_owned(),
        kind,
        choices: quoted.split('|').filter(|choice| !choice.is_empty()).map(str::to_owned).collect(),
        read_only: rest.contains(&"read_only"),
        on_offer: false,
        required: false,
        position: 0,
    })
}

fn meta(at: Timestamp, rest: &[&str]) -> Command {
    match rest {
        ["approves", "template", name] | ["pauses", "template", name] | ["approves", "marketing", "template", name] => {
            let template = Template {
                name: (*name).to_owned(),
                language: "en".to_owned(),
                category: if rest[1] == "marketing" { "MARKETING" } else { "utility" }.to_owned(),
                status: if rest[0] == "approves" { "approved" } else { "paused" }.to_owned(),
                quality: "green".to_owned(),
                header: None,
                body: "Dear {{1}}".to_owned(),
                footer: None,
                buttons: Vec::new(),
                examples: Vec::new(),
                foreign: false,
            };
            Command::RecordTemplates { channel: ChannelId(1), looked_at: at, templates: vec![template] }
        }
        ["takes", message, "as", wamid] => {
            Command::RecordAccepted { message: number(message, MessageId), wamid: Wamid((*wamid).to_owned()) }
        }
        ["refuses", message, code] => {
            let failure = SendFailure::GiveUp(Failure { code: code.parse().expect("a code"), title: String::new() });
            Command::RecordSendFailure { message: number(message, MessageId), failure }
        }
        ["is", "busy", "for", message] => {
            let failure = SendFailure::Retry(at.plus_ms(4_000), Failure { code: 130_429, title: String::new() });
            Command::RecordSendFailure { message: number(message, MessageId), failure }
        }
        ["is", "silent", "about", message] => {
            Command::RecordSendFailure { message: number(message, MessageId), failure: SendFailure::Unknown }
        }
        ["reports", wamid, state] => {
            let delivery = match *state {
                "sent" => Delivery::Sent,
                "delivered" => Delivery::Delivered,
                "read" => Delivery::Read,
                failed => {
                    Delivery::Failed(Failure { code: failed.parse().expect("a state or a code"), title: String::new() })
                }
            };
            Command::RecordDelivery(DeliveryReport { wamid: Wamid((*wamid).to_owned()), message: None, delivery, at })
        }
        _ => panic!("unknown doing of Meta: {rest:?}"),
    }
}

fn token(agent: AgentId) -> TokenHash {
    TokenHash([u8::try_from(agent.0).expect("few agents"); 32])
}

fn number<T>(text: &str, make: fn(u64) -> T) -> T {
    make(text.trim_start_matches(['#', 'm']).parse().unwrap_or_else(|_| panic!("a number, not {text}")))
}

/// `+1d 09:00:00 rest` → the instant and the rest. Day 0 is the first day of 2026.
fn parse_time(text: &str) -> (Timestamp, &str) {
    const START_MS: i64 = 1_767_225_600_000;
    let (day, text) = match text.strip_prefix('+').and_then(|text| text.split_once("d ")) {
        Some((day, rest)) => (day.parse().expect("a number of days"), rest.trim_start()),
        None => (0, text),
    };
    let (clock, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let parts: Vec<i64> = clock.split(':').map(|part| part.parse().expect("HH:MM:SS")).collect();
    let [hour, minute, second] = parts.as_slice() else { panic!("HH:MM:SS, not {clock}") };
    (Timestamp(START_MS + day * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1_000), rest.trim())
}

fn show_time(at: Timestamp) -> String {
    let second = (at.0 - 1_767_225_600_000) / 1_000;
    let (day, second) = (second / 86_400, second % 86_400);
    let clock = format!("{:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60);
    if day == 0 { clock } else { format!("+{day}d {clock}") }
}
