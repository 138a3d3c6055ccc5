//! Two contacts of whom everything is kept that can be: what they wrote and sent, what was answered, noted, drafted and
//! said about them. One of them asks to be forgotten.
//!
//! Invariant: no word of one is a word of the other, or of anybody else.

use std::path::Path;

use deskbell::clock::Clock;
use deskbell::domain::command::{Command, InboundMessage};
use deskbell::domain::contact::{Address, AddressKind, Attribute, Card, Sender};
use deskbell::domain::ids::{
    ClientKey, ContactId, ConversationId, DispositionId, InteractionId, MessageId, QueueId, Wamid,
};
use deskbell::domain::interaction::TransferTarget;
use deskbell::domain::media::{FetchOutcome, MediaFile, MediaKind, MediaMessage, MediaSource};
use deskbell::domain::message::Content;
use deskbell::domain::time::Timestamp;
use deskbell::media::{Kept, Shelf};
use deskbell::store::{Done, Store, StoreOptions};

use super::traffic::{ANA, opening};

/// Somebody with words of their own.
#[derive(Clone, Copy)]
pub(crate) struct Person {
    pub(crate) contact: ContactId,
    pub(crate) conversation: ConversationId,
    pub(crate) interaction: InteractionId,
    pub(crate) phone: &'static str,
    pub(crate) name: &'static str,
    word: &'static str,
}

pub(crate) const MARIA: Person = Person {
    contact: ContactId(1),
    conversation: ConversationId(1),
    interaction: InteractionId(1),
    phone: "4915198765432",
    name: "Mariposa Xylander",
    word: "zebra",
};
pub(crate) const OTTO: Person = Person {
    contact: ContactId(2),
    conversation: ConversationId(2),
    interaction: InteractionId(2),
    phone: "4917012345678",
    name: "Ottokar Quernstone",
    word: "heron",
};

/// What is said of each, after their own word.
const PLACES: [&str; 14] = [
    "text",
    "answer",
    "note",
    "handover",
    "case",
    "internal",
    "draft",
    "caption",
    "filename",
    "filebytes",
    "attribute",
    "tag",
    "raw",
    "rawobject",
];

impl Person {
    /// The word of one place.
    pub(crate) fn word(&self, place: &str) -> String {
        assert!(PLACES.contains(&place));
        format!("{}{place}", self.word)
    }

    /// Everything that may be found in files about them.
    pub(crate) fn needles(&self) -> Vec<String> {
        let mut needles: Vec<String> = PLACES.iter().map(|place| self.word(place)).collect();
        needles.extend(self.name.split(' ').map(str::to_owned));
        needles.extend([self.phone.to_owned(), format!("wamid.{}", self.word)]);
        needles
    }
}

/// A store with both of them, and the file on the shelf that both have.
pub(crate) struct Town {
    pub(crate) store: Store,
    pub(crate) shelf: Shelf,
    pub(crate) clock: Clock,
}

impl Town {
    pub(crate) fn open(folder: &Path, clock: &Clock) -> Self {
        let options = StoreOptions::new(clock.clone()).with_floor_checked();
        let store = Store::open(folder, options).expect("the store opens");
        Self { store, shelf: Shelf::of(folder), clock: clock.clone() }
    }

    /// Both are there, and ana has worked with both.
    pub(crate) fn settled(folder: &Path, clock: &Clock) -> Self {
        let town = Self::open(folder, clock);
        town.does(opening());
        for person in [MARIA, OTTO] {
            town.settle(&person);
        }
        town
    }

    pub(crate) fn does(&self, commands: Vec<Command>) -> Vec<Done> {
        let answers = self.store.submit_blocking(commands).expect("the store writes");
        answers.into_iter().map(|answer| answer.expect("it is granted")).collect()
    }

    fn settle(&self, person: &Person) {
        let interaction = person.interaction;
        self.does(vec![self.says(person, "text", Content::Text(format!("{} hello", person.word("text"))))]);
        self.does(vec![Command::Accept { agent: ANA, interaction }]);
        let sent = self.does(vec![Command::Send {
            agent: ANA,
            interaction,
            client_key: ClientKey(format!("key-{}", person.word)),
            content: Content::Text(person.word("answer")),
            raw: None,
            quoted: None,
        }]);
        self.accepted(&sent, person);
        let target = TransferTarget::Queue(QueueId(1));
        self.does(vec![
            Command::SetNote { agent: ANA, interaction, text: person.word("note"), version: 0, mentions: vec![] },
            Command::Transfer { agent: ANA, interaction, target, note: person.word("handover") },
            Command::CancelTransfer { agent: ANA, interaction },
            Command::SetCaseValue {
                agent: ANA,
                interaction,
                key: "Order".to_owned(),
                value: Some(person.word("case")),
            },
            Command::SendInternal {
                agent: ANA,
                interaction,
                client_key: ClientKey(format!("internal-{}", person.word)),
                text: person.word("internal"),
                mentions: vec![],
            },
            Command::SetDraft {
                agent: ANA,
                conversation: person.conversation,
                text: person.word("draft"),
                at: self.clock.now(),
            },
            Command::KeepRaw {
                kind: "odd".to_owned(),
                raw: format!(r#"{{"from":"{}","body":"{}"}}"#, person.phone, person.word("raw")),
            },
        ]);
        self.known(person);
        self.sends_files(person);
        self.does(vec![
            Command::SetDisposition { agent: ANA, interaction, disposition: Some(DispositionId(1)) },
            Command::End { agent: ANA, interaction },
        ]);
    }

    fn known(&self, person: &Person) {
        let version = self.store.read(|snapshot| snapshot.contact(person.contact)).expect("readable");
        let version = version.expect("they are there").version;
        let attribute = Attribute { key: "City".to_owned(), value: person.word("attribute") };
        let card = Card { attributes: vec![attribute], tags: vec![person.word("tag")], ..Card::default() };
        self.does(vec![Command::EditContact { agent: ANA, contact: person.contact, card, version }]);
    }

    /// A file of their own, and one that both have.
    fn sends_files(&self, person: &Person) {
        for (number, bytes) in [(1, person.word("filebytes")), (2, "everybody's terms".to_owned())] {
            let media = MediaMessage {
                kind: if number == 1 { MediaKind::Document } else { MediaKind::Image },
                caption: person.word("caption"),
                name: Some(format!("{}.pdf", person.word("filename"))),
                mime_type: "application/pdf".to_owned(),
                voice: false,
                source: MediaSource::Provider { id: format!("{number}"), sha256: String::new() },
            };
            let said = self.does(vec![self.says(person, &format!("file{number}"), Content::Media(Box::new(media)))]);
            let message = received(&said);
            let kept = self.keep(bytes.as_bytes());
            let file =
                MediaFile { hash: kept.hash, mime_type: "application/pdf".to_owned(), bytes: bytes.len() as u64 };
            self.does(vec![Command::RecordFetch { message, outcome: FetchOutcome::Stored(file) }]);
        }
    }

    pub(crate) fn keep(&self, bytes: &[u8]) -> Kept {
        let mut draft = self.shelf.draft().expect("there is room");
        draft.append(bytes).expect("there is room");
        draft.keep().expect("there is room")
    }

    fn accepted(&self, sent: &[Done], person: &Person) {
        let queued = sent.iter().flat_map(|done| done.events.iter()).find_map(|event| match event {
            deskbell::domain::event::Event::MessageQueued { message, .. } => Some(message.id),
            _ => None,
        });
        let message = queued.expect("it was queued");
        let wamid = Wamid(format!("wamid.{}.out", person.word));
        self.does(vec![Command::StartSend { message }, Command::RecordAccepted { message, wamid }]);
    }

    /// What they say now.
    pub(crate) fn says(&self, person: &Person, name: &str, content: Content) -> Command {
        Command::Receive(Box::new(InboundMessage {
            phone_number_id: "106540352242922".to_owned(),
            sender: Sender {
                addresses: vec![Address { kind: AddressKind::Phone, value: person.phone.to_owned() }],
                name: Some(person.name.to_owned()),
            },
            wamid: Wamid(format!("wamid.{}.{name}", person.word)),
            sent_at: Timestamp(self.clock.now().0 / 1_000 * 1_000),
            content,
            raw: Some(format!(r#"{{"kept":"{}"}}"#, person.word("rawobject"))),
            quoted: None,
            system: false,
        }))
    }
}

/// The message that came.
pub(crate) fn received(said: &[Done]) -> MessageId {
    let mut events = said.iter().flat_map(|done| done.events.iter());
    let found = events.find_map(|event| match event {
        deskbell::domain::event::Event::MessageReceived { message } => Some(message.id),
        _ => None,
    });
    found.expect("it was received")
}

/// The names of the files below a folder that hold a text, whatever its case.
pub(crate) fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            found.extend(files_with(&path, text));
        } else if path.is_file() {
            let mut bytes = std::fs::read(&path).expect("readable");
            bytes.make_ascii_lowercase();
            let wanted = text.to_ascii_lowercase();
            let named = path.to_string_lossy().to_ascii_lowercase().contains(&wanted);
            if named || String::from_utf8_lossy(&bytes).contains(&wanted) {
                found.push(path.to_string_lossy().into_owned());
            }
        }
    }
    found
}
