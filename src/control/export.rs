//! What the store holds, as records of an export, page by page.
//!
//! A page is asked for with the place where the last one ended, so that neither side holds more than one. Invariants:
//! every record names its kind; what a record says is in `packaging/EXPORT.md`; times are RFC 3339 in UTC; pages of
//! one export are of different moments, and a row that is there all the time is in it once.

mod record;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::domain::contact::Contact;
use crate::domain::ids::{AgentId, ChannelId, ContactId, ConversationId, InteractionId, MessageId};
use crate::domain::media::{FetchState, MediaSource};
use crate::domain::message::{Author, Content, Delivery, Message};
use crate::limits::{EXPORT_PAGE_BYTES, EXPORT_PAGE_ROWS};
use crate::store::{ConversationRow, InteractionRow, Snapshot, Store, StoreError, TranscriptPart};

use self::record::{FileRecord, ReactionRecord, Record, contact_record, time, words};
use super::Answer;
use super::erase::{self, WhoRequest};

/// What is wanted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportScope {
    /// Every contact, conversation, interaction and message.
    Everything,
    /// Every contact.
    Contacts,
    /// One contact with all that was said.
    Contact(WhoRequest),
    /// One conversation, by its number.
    Conversation(u64),
}

/// A page of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExportRequest {
    /// What is wanted.
    pub scope: ExportScope,
    /// Where the last page ended; `None` for the first.
    pub after: Option<String>,
}

/// The answer to one.
#[derive(Debug, Serialize, Deserialize)]
pub struct ExportPage {
    /// In order, each a JSON object.
    pub records: Vec<Box<RawValue>>,
    /// Where it ended; `None` after the last page.
    pub after: Option<String>,
}

/// A kind of record, in the order of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Contacts,
    Conversations,
    Interactions,
    Messages,
}

const PARTS: [(Part, &str); 4] = [
    (Part::Contacts, "contacts"),
    (Part::Conversations, "conversations"),
    (Part::Interactions, "interactions"),
    (Part::Messages, "messages"),
];

/// Part, conversation (where the export goes by conversations) and the last row's number.
#[derive(Clone, Copy, Debug)]
struct Place {
    part: Part,
    conversation: u64,
    row: u64,
}

impl Place {
    fn read(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let name = words.next()?;
        let (part, _) = *PARTS.iter().find(|(_, known)| *known == name)?;
        let place = Self { part, conversation: words.next()?.parse().ok()?, row: words.next()?.parse().ok()? };
        words.next().is_none().then_some(place)
    }

    fn write(self) -> String {
        let name = PARTS.iter().find(|(part, _)| *part == self.part).map_or("", |(_, name)| name);
        format!("{name} {} {}", self.conversation, self.row)
    }

    fn start(part: Part) -> Self {
        Self { part, conversation: 0, row: 0 }
    }
}

/// Answers with a page.
pub(super) fn page(store: &Store, request: &ExportRequest) -> Answer {
    let place = match &request.after {
        None => Place::start(Part::Contacts),
        Some(text) => match Place::read(text) {
            Some(place) => place,
            None => return Answer::of(false, "This page belongs to another version's export; begin anew."),
        },
    };
    let contact = match &request.scope {
        ExportScope::Contact(who) => match erase::find(store, who) {
            Ok(contact) => Some(contact),
            Err(sentence) => return Answer::of(false, sentence),
        },
        ExportScope::Everything | ExportScope::Contacts | ExportScope::Conversation(_) => None,
    };
    let read = store.read(|snapshot| {
        let mut writer = Writer::of(snapshot)?;
        let next = match (&request.scope, contact) {
            (ExportScope::Contacts, _) => writer.everything(place, Part::Contacts)?,
            (ExportScope::Everything, _) => writer.everything(place, Part::Messages)?,
            (ExportScope::Contact(_), Some(contact)) => {
                let mut conversations = snapshot.conversations_of(contact)?;
                // A page goes on by their numbers.
                conversations.sort_by_key(|row| row.id);
                writer.some(place, Some(contact), &conversations)?
            }
            (ExportScope::Contact(_), None) => None,
            (ExportScope::Conversation(id), _) => match snapshot.conversation(ConversationId(*id))? {
                Some(row) => writer.some(place, Some(row.contact), &[row])?,
                None => return Ok(None),
            },
        };
        Ok(Some(ExportPage { records: writer.records, after: next.map(Place::write) }))
    });
    match read {
        Ok(Some(page)) => Answer { exported: Some(page), ..Answer::of(true, "Exported.") },
        Ok(None) => Answer::of(false, "There is no such conversation."),
        Err(error) => Answer::of(false, error.to_string()),
    }
}

/// Writes the records of one page.
struct Writer<'a> {
    snapshot: &'a Snapshot,
    agents: BTreeMap<AgentId, String>,
    channels: BTreeMap<ChannelId, String>,
    queues: BTreeMap<u64, String>,
    dispositions: BTreeMap<u64, String>,
    records: Vec<Box<RawValue>>,
    bytes: usize,
}

impl<'a> Writer<'a> {
    fn of(snapshot: &'a Snapshot) -> Result<Self, StoreError> {
        Ok(Self {
            snapshot,
            agents: snapshot.agents()?.into_iter().map(|row| (row.agent.id, row.name)).collect(),
            channels: snapshot.channels()?.into_iter().map(|row| (row.channel.id, row.profile.name)).collect(),
            queues: snapshot.queues()?.into_iter().map(|queue| (queue.id.0, queue.name)).collect(),
            dispositions: snapshot.dispositions()?.into_iter().map(|row| (row.id.0, row.label)).collect(),
            records: Vec::new(),
            bytes: 0,
        })
    }

    /// All rows of a part and of those after it up to `last`, as far as the page has room.
    fn everything(&mut self, mut place: Place, last: Part) -> Result<Option<Place>, StoreError> {
        loop {
            let (snapshot, after, limit) = (self.snapshot, place.row, EXPORT_PAGE_ROWS - self.records.len());
            let rows: Vec<Row> = match place.part {
                Part::Contacts => of(snapshot.contacts_after(ContactId(after), limit)?, Row::Contact),
                Part::Conversations => {
                    of(snapshot.conversations_after(ConversationId(after), limit)?, Row::Conversation)
                }
                Part::Interactions => {
                    of(snapshot.interactions_after(InteractionId(after), limit)?, |row| Row::Interaction(Box::new(row)))
                }
                Part::Messages => {
                    of(snapshot.messages_after(MessageId(after), limit)?, |row| Row::Message(Box::new(row)))
                }
            };
            let complete = rows.len() < limit;
            for row in rows {
                place.row = row.number();
                self.add(&row)?;
                if self.is_full() {
                    return Ok(Some(place));
                }
            }
            if !complete {
                return Ok(Some(place));
            }
            let next = PARTS.iter().map(|(part, _)| *part).skip_while(|part| *part != place.part).nth(1);
            match next.filter(|_| place.part != last) {
                Some(part) => place = Place::start(part),
                None => return Ok(None),
            }
        }
    }

    /// A contact, some of their conversations, and what belongs to these.
    fn some(
        &mut self,
        place: Place,
        contact: Option<ContactId>,
        conversations: &[ConversationRow],
    ) -> Result<Option<Place>, StoreError> {
        let mut place = place;
        if place.part == Part::Contacts {
            if let Some(contact) = contact.map(|id| self.snapshot.contact(id)).transpose()?.flatten() {
                self.add(&Row::Contact(contact))?;
            }
            for conversation in conversations {
                self.add(&Row::Conversation(conversation.clone()))?;
            }
            place = Place::start(Part::Interactions);
        }
        if place.part == Part::Interactions {
            for conversation in conversations.iter().filter(|one| one.id.0 >= place.conversation) {
                let after = if conversation.id.0 == place.conversation { place.row } else { 0 };
                for id in self.snapshot.interactions_of(conversation.id)?.into_iter().filter(|id| id.0 > after) {
                    if let Some(row) = self.snapshot.interaction(id)? {
                        self.add(&Row::Interaction(Box::new(row)))?;
                    }
                    if self.is_full() {
                        return Ok(Some(Place {
                            part: Part::Interactions,
                            conversation: conversation.id.0,
                            row: id.0,
                        }));
                    }
                }
            }
            place = Place::start(Part::Messages);
        }
        for conversation in conversations.iter().filter(|one| one.id.0 >= place.conversation) {
            let mut after = (conversation.id.0 == place.conversation && place.row > 0).then_some(MessageId(place.row));
            loop {
                let messages = self.transcript_after(conversation.id, after)?;
                if messages.is_empty() {
                    break;
                }
                for message in messages {
                    let id = message.id;
                    after = Some(id);
                    self.add(&Row::Message(Box::new(message)))?;
                    if self.is_full() {
                        return Ok(Some(Place { part: Part::Messages, conversation: conversation.id.0, row: id.0 }));
                    }
                }
            }
        }
        Ok(None)
    }

    /// Some messages of a transcript after one of them, oldest first.
    fn transcript_after(&self, id: ConversationId, after: Option<MessageId>) -> Result<Vec<Message>, StoreError> {
        let part = match after {
            Some(message) => TranscriptPart::After(message),
            None => TranscriptPart::Start,
        };
        let page = self.snapshot.transcript_page(id, part, EXPORT_PAGE_ROWS)?;
        Ok(page.map(|page| page.messages).unwrap_or_default())
    }

    fn is_full(&self) -> bool {
        self.records.len() >= EXPORT_PAGE_ROWS || self.bytes >= EXPORT_PAGE_BYTES
    }

    fn add(&mut self, row: &Row) -> Result<(), StoreError> {
        let record = match row {
            Row::Contact(contact) => to_raw_value(&contact_record(contact)),
            Row::Conversation(row) => to_raw_value(&self.conversation_record(row)),
            Row::Interaction(row) => to_raw_value(&self.interaction_record(row)),
            // Shown at the message that it is about.
            Row::Message(message) if message.content.emoji().is_some() => return Ok(()),
            Row::Message(message) => to_raw_value(&self.message_record(message)?),
        };
        let record = record.map_err(|error| StoreError::Io(std::io::Error::other(error)))?;
        self.bytes += record.get().len();
        self.records.push(record);
        Ok(())
    }

    fn conversation_record(&self, row: &ConversationRow) -> Record<'_> {
        Record::Conversation {
            id: row.id.0,
            contact_id: row.contact.0,
            channel: self.channels.get(&row.channel).cloned().unwrap_or_default(),
            opened_at: time(row.opened_at),
            last_message_at: row.last_message.map(|_| time(row.last_message_at)),
        }
    }

    fn interaction_record<'r>(&'r self, row: &'r InteractionRow) -> Record<'r> {
        let interaction = &row.interaction;
        Record::Interaction {
            id: interaction.id.0,
            conversation_id: interaction.conversation.0,
            contact_id: interaction.contact.0,
            queue: self.queues.get(&interaction.queue.0).cloned().unwrap_or_default(),
            state: if row.done.is_some() { "done" } else { interaction.state.word() },
            created_at: time(interaction.created_at),
            accepted_at: interaction.accepted_at.map(time),
            ended_at: interaction.ended_at.map(time),
            done_at: row.done.map(|(at, _)| time(at)),
            agents: row.handled_by.iter().map(|agent| self.agent(*agent)).collect(),
            disposition: interaction.disposition.and_then(|id| self.dispositions.get(&id.0).cloned()),
            note: &row.note,
            transfer_note: row.transfer_note.as_deref(),
            case_data: row.case_data.values.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect(),
        }
    }

    fn message_record<'r>(&'r self, message: &'r Message) -> Result<Record<'r>, StoreError> {
        let (kind, text) = words(&message.content);
        let (author, agent) = match message.author {
            Author::Contact => ("contact", None),
            Author::Agent(agent) => ("agent", Some(self.agent(agent))),
            Author::System => ("system", None),
            Author::BusinessApp => ("business_app", None),
        };
        let quoted = message.quoted.as_ref().map(|wamid| self.snapshot.message_by_wamid(wamid)).transpose()?;
        let reactions = self.snapshot.reactions(message.id)?;
        let emoji = |reaction: &Message| {
            let emoji = reaction.content.emoji().filter(|emoji| !emoji.is_empty())?.to_owned();
            let author = if reaction.author == Author::Contact { "contact" } else { "us" };
            Some(ReactionRecord { author, emoji })
        };
        Ok(Record::Message {
            id: message.id.0,
            conversation_id: message.conversation.0,
            interaction_id: message.interaction.map(|id| id.0),
            author,
            agent,
            at: time(message.at),
            kind,
            text,
            file: self.file(message)?,
            delivery: message.delivery.as_ref().map(Delivery::word),
            answers_id: quoted.flatten().map(|id| id.0),
            reactions: reactions.iter().filter_map(emoji).collect(),
            provider_object: message.raw.as_deref(),
        })
    }

    fn file(&self, message: &Message) -> Result<Option<FileRecord>, StoreError> {
        let Content::Media(media) = &message.content else { return Ok(None) };
        let fetched = self.snapshot.fetch(message.id)?.map(|fetch| fetch.state);
        let removed = fetched == Some(FetchState::Removed);
        let file = match (&media.source, fetched) {
            (_, Some(FetchState::Removed)) => None,
            (MediaSource::Ours(hash), _) => self.snapshot.file(*hash)?,
            (MediaSource::Provider { .. }, Some(FetchState::Ready(file))) => Some(file),
            (MediaSource::Provider { .. }, Some(FetchState::Due(_) | FetchState::Failed(_)) | None) => None,
        };
        Ok(Some(FileRecord {
            name: media.name.clone(),
            mime_type: file.as_ref().map_or_else(|| media.mime_type.clone(), |file| file.mime_type.clone()),
            bytes: file.as_ref().map(|file| file.bytes),
            sha256: file.map(|file| file.hash.hex()),
            removed,
        }))
    }

    fn agent(&self, id: AgentId) -> String {
        self.agents.get(&id).cloned().unwrap_or_default()
    }
}

/// A row of a page.
enum Row {
    Contact(Contact),
    Conversation(ConversationRow),
    Interaction(Box<InteractionRow>),
    Message(Box<Message>),
}

impl Row {
    fn number(&self) -> u64 {
        match self {
            Self::Contact(contact) => contact.id.0,
            Self::Conversation(row) => row.id.0,
            Self::Interaction(row) => row.interaction.id.0,
            Self::Message(message) => message.id.0,
        }
    }
}

fn of<R>(rows: Vec<R>, row: impl Fn(R) -> Row) -> Vec<Row> {
    rows.into_iter().map(row).collect()
}
