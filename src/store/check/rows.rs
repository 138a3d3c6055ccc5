//! What each table's rows have to be: their record, whom they name, and where the same is said again.
//!
//! Apart from the check itself because a new table is added here. Invariant: every table of `tables.rs` has its arm; one
//! that has none is reported, and a test says so before anybody meets it.

use crate::domain::agent::Agent;
use crate::domain::backup::BackupStanding;
use crate::domain::case_data::{CaseData, CaseKey};
use crate::domain::channel::{Channel, ChannelProfile};
use crate::domain::command::DeliveryReport;
use crate::domain::contact::Contact;
use crate::domain::ids::AgentId;
use crate::domain::interaction::Interaction;
use crate::domain::media::{Fetch, FetchState, FileHash, MediaFile};
use crate::domain::message::{Author, Content, Message};
use crate::domain::queue::Queue;
use crate::domain::response::Response;
use crate::domain::second_factor::SecondFactor;
use crate::domain::security::SecurityRules;
use crate::domain::send::Send;
use crate::domain::settings::{Disposition, Settings};
use crate::domain::sign_in::SignIn;
use crate::domain::template::{Template, TemplateSync};

use super::super::backups::{SCHEDULE, STANDING};
use super::super::database::{EPOCH, IDENTITY, RESTORED, WIPE};
use super::super::journal;
use super::super::persist::{ANYBODY, ERASED};
use super::super::record::backup::ScheduleRow;
use super::super::record::contact::{ConversationRow, Draft, kind_number};
use super::super::record::interaction::DoneInteraction;
use super::super::record::message::{ParkedPlace, Raw};
use super::super::record::people::Person;
use super::super::record::security::{AuditEnds, AuditRow, Sealed, SetUpLink, SignInOrigin};
use super::super::record::{Identity, JournalBatch, Numbers as AgentNumbers, Pointer, Words};
use super::super::tables::{SECURITY_RULES, SET_UP_LINK, table_name};
use super::super::words::Terms;
use super::bits::hash;
use super::shape::TEXT;
use super::{Checker, JournalEnd, Noun, Pair};

impl Checker {
    /// Reads a row as what its table holds.
    pub(super) fn read_row(&mut self, table: u8, key: &[u8], value: &[u8]) {
        let name = table_name(table);
        match table {
            1 => self.meta(key, value),
            2 => self.journal(key, value),
            3 => self.own::<Agent>(
                name,
                key,
                value,
                Noun::Agent,
                |agent| agent.id.0,
                |check, agent| {
                    check.balance(Pair::People).left(&agent.id);
                },
            ),
            4 => self.numbered::<Person>(name, key, value, |check, id, person| {
                check.balance(Pair::People).right(&AgentId(id));
                check.balance(Pair::Logins).left(&(person.login.to_lowercase(), id));
            }),
            5 => self.pointer::<&str>(name, key, value, Noun::Agent, |check, login, id| {
                check.balance(Pair::Logins).right(&(login.to_owned(), id));
            }),
            6 => self.record::<&[u8; 32], SignIn>(name, key, value, |check, _, sign_in| {
                check.refer(name, Noun::Agent, sign_in.agent.0);
            }),
            7 => self.own::<Queue>(name, key, value, Noun::Queue, |queue| queue.id.0, |_, _| {}),
            8 => self.own::<Disposition>(
                name,
                key,
                value,
                Noun::Disposition,
                |row| row.id.0,
                |check, row| {
                    check.refer_all(name, Noun::Disposition, row.parent.map(|parent| parent.0));
                },
            ),
            9 => self.settings(name, key, value),
            10 => self.own::<Channel>(
                name,
                key,
                value,
                Noun::Channel,
                |channel| channel.id.0,
                |check, channel| {
                    check.balance(Pair::Profiles).left(&channel.id.0);
                },
            ),
            11 => self.numbered::<ChannelProfile>(name, key, value, |check, id, profile| {
                check.balance(Pair::Profiles).right(&id);
                check.balance(Pair::PhoneNumberIds).left(&(profile.phone_number_id.as_str(), id));
            }),
            12 => self.pointer::<&str>(name, key, value, Noun::Channel, |check, phone_number_id, id| {
                check.balance(Pair::PhoneNumberIds).right(&(phone_number_id, id));
            }),
            13..=16 | 35..=38 => self.read_contact_row(table, key, value),
            17..=21 | 31 | 33 | 34 => self.read_interaction_row(table, key, value),
            22..=28 | 39 | 42 | 43 | 47 => self.read_message_row(table, key, value),
            29 => self.numbered::<Raw>(name, key, value, |_, _, _| {}),
            30 => self.own::<CaseKey>(name, key, value, Noun::CaseKey, |row| row.id.0, |_, _| {}),
            32 => self.own::<Response>(
                name,
                key,
                value,
                Noun::Response,
                |row| row.id.0,
                |check, response| {
                    check.files_wanted.extend(response.attachments.iter().map(|attachment| attachment.file));
                },
            ),
            40 => self.record::<(u64, &str), Template>(name, key, value, |check, (channel, _), _| {
                check.refer(name, Noun::Channel, channel);
            }),
            41 => self.numbered::<TemplateSync>(name, key, value, |check, channel, _| {
                check.refer(name, Noun::Channel, channel);
            }),
            44..=46 | 48 => self.read_file_row(table, key, value),
            60..=64 => self.read_security_row(table, key, value),
            _ => self.fault(name, table, "nobody knows how to read this table"),
        }
    }

    fn meta(&mut self, key: &[u8], value: &[u8]) {
        match key {
            [IDENTITY] => self.record::<u8, Identity>("meta", key, value, |check, _, identity| {
                check.format = Some(identity.format);
            }),
            [EPOCH | RESTORED] => self.record::<u8, Pointer>("meta", key, value, |_, _, _| {}),
            [SET_UP_LINK] => self.record::<u8, SetUpLink>("meta", key, value, |_, _, _| {}),
            [WIPE] => self.link::<u8>("meta", key, value, |_, _| {}),
            _ => self.fault("meta", "?", "nobody knows what this row is"),
        }
    }

    fn settings(&mut self, name: &'static str, key: &[u8], value: &[u8]) {
        match key {
            [0] => self.record::<u8, Settings>(name, key, value, |_, _, _| {}),
            [SECURITY_RULES] => self.record::<u8, SecurityRules>(name, key, value, |_, _, _| {}),
            [SCHEDULE] => self.record::<u8, ScheduleRow>(name, key, value, |_, _, _| {}),
            [STANDING] => self.record::<u8, BackupStanding>(name, key, value, |_, _, _| {}),
            _ => self.fault(name, "?", "nobody knows what this row is"),
        }
    }

    fn journal(&mut self, key: &[u8], value: &[u8]) {
        self.numbered::<JournalBatch>("journal", key, value, |check, first, batch| {
            if check.journal.as_ref().is_some_and(|end| end.next != first) {
                check.fault("journal", first, "events before it are missing");
            }
            for (place, event) in batch.events.iter().enumerate() {
                if let Err(error) = journal::entry(first + place as u64, event) {
                    check.checked.note(error.to_string());
                }
            }
            check.journal = Some(JournalEnd { next: first + batch.events.len() as u64, counters: batch.counters });
        });
    }

    fn read_contact_row(&mut self, table: u8, key: &[u8], value: &[u8]) {
        let name = table_name(table);
        match table {
            13 => self.own::<Contact>(name, key, value, Noun::Contact, |contact| contact.id.0, Self::contact),
            14 => self.pointer::<(u8, &str)>(name, key, value, Noun::Contact, |check, (kind, address), contact| {
                if !check.addresses.contains(&hash(&(contact, kind, address))) {
                    check.fault(name, TEXT, format!("contact {contact} does not have this address"));
                }
            }),
            15 => self.own::<ConversationRow>(
                name,
                key,
                value,
                Noun::Conversation,
                |row| row.id.0,
                |check, row| {
                    check.refer(name, Noun::Contact, row.contact.0);
                    check.refer(name, Noun::Channel, row.channel.0);
                    check.refer_all(name, Noun::Agent, row.last_agent.map(|agent| agent.0));
                    check.refer_all(name, Noun::Message, row.last_message.map(|message| message.0));
                    check.balance(Pair::ConversationsOf).left(&(row.contact.0, row.channel.0, row.id.0));
                    if !check.erased.contains(row.contact.0) {
                        check.balance(Pair::Recent).left(&(row.active_at().0, row.contact.0, row.id.0));
                    }
                },
            ),
            16 => self.pointer::<(u64, u64)>(name, key, value, Noun::Conversation, |check, (contact, channel), id| {
                check.balance(Pair::ConversationsOf).right(&(contact, channel, id));
            }),
            35 => self.link::<(u64, u64)>(name, key, value, |check, (agent, contact)| {
                check.refer(name, Noun::Agent, agent);
                check.refer(name, Noun::Contact, contact);
            }),
            36 => self.link::<(&str, u64)>(name, key, value, |check, entry| {
                check.balance(Pair::ContactWords).right(&entry);
            }),
            37 => self.link::<(&str, u64)>(name, key, value, |check, entry| {
                check.balance(Pair::ContactNumbers).right(&entry);
            }),
            _ => self.link::<(i64, u64, u64)>(name, key, value, |check, (at, contact, conversation)| {
                // A contact whom an agent added stands there without a conversation, and stays when they are merged.
                if conversation > 0 {
                    check.refer(name, Noun::Contact, contact);
                    check.balance(Pair::Recent).right(&(at, contact, conversation));
                }
            }),
        }
    }

    fn contact(&mut self, contact: &Contact) {
        let id = contact.id.0;
        // Nobody's list has their conversations any more.
        if contact.is_erased() {
            self.erased.insert(id);
        }
        for address in &contact.addresses {
            self.addresses.insert(hash(&(id, kind_number(address.kind), address.value.as_str())));
        }
        let Terms { words, numbers } = Terms::of(contact);
        for word in &words {
            self.balance(Pair::ContactWords).left(&(word.as_str(), id));
        }
        for number in &numbers {
            self.balance(Pair::ContactNumbers).left(&(number.as_str(), id));
        }
    }

    fn read_interaction_row(&mut self, table: u8, key: &[u8], value: &[u8]) {
        let name = table_name(table);
        match table {
            17 => self.own::<Interaction>(
                name,
                key,
                value,
                Noun::Interaction,
                |row| row.id.0,
                |check, row| {
                    check.interaction(name, row);
                    if !check.open.insert(row.conversation) {
                        check.fault(name, row.id, "its conversation has another open interaction");
                    }
                },
            ),
            18 => self.own::<DoneInteraction>(
                name,
                key,
                value,
                Noun::Interaction,
                |row| row.interaction.id.0,
                |check, row| {
                    check.interaction(name, &row.interaction);
                    // Nobody's work was closed in nobody's name.
                    check.refer_all(name, Noun::Agent, Some(row.agent.0).filter(|agent| *agent > 0));
                },
            ),
            19 => self.link::<(u64, u64)>(name, key, value, |check, entry| {
                check.balance(Pair::InteractionsOf).right(&entry);
            }),
            20 | 21 => {
                self.numbered::<Words>(name, key, value, |check, id, _| check.refer(name, Noun::Interaction, id))
            }
            31 => self.numbered::<CaseData>(name, key, value, |check, id, _| check.refer(name, Noun::Interaction, id)),
            33 => self.link::<(u64, u64)>(name, key, value, |check, entry| {
                check.refer(name, Noun::Agent, entry.0);
                check.balance(Pair::Handled).right(&entry);
            }),
            _ => self.numbered::<AgentNumbers>(name, key, value, |check, id, AgentNumbers(agents)| {
                check.refer(name, Noun::Interaction, id);
                for agent in agents {
                    check.balance(Pair::Handled).left(&(*agent, id));
                }
            }),
        }
    }

    fn interaction(&mut self, name: &'static str, row: &Interaction) {
        self.refer(name, Noun::Conversation, row.conversation.0);
        self.refer(name, Noun::Contact, row.contact.0);
        self.refer(name, Noun::Channel, row.channel.0);
        self.refer(name, Noun::Queue, row.queue.0);
        self.refer_all(name, Noun::Agent, row.owner.map(|agent| agent.0));
        self.refer_all(name, Noun::Agent, row.participants.keys().map(|agent| agent.0));
        self.refer_all(name, Noun::Message, row.last_message.map(|message| message.0));
        self.refer_all(name, Noun::Disposition, row.disposition.map(|disposition| disposition.0));
        self.balance(Pair::InteractionsOf).left(&(row.conversation.0, row.id.0));
    }

    fn read_message_row(&mut self, table: u8, key: &[u8], value: &[u8]) {
        let name = table_name(table);
        match table {
            22 => self.own::<Message>(name, key, value, Noun::Message, |message| message.id.0, Self::message),
            23 => self.link::<(u64, i64, u64)>(name, key, value, |check, entry| {
                check.refer(name, Noun::Message, entry.2);
                if !check.reactions.contains(entry.2) {
                    check.balance(Pair::Transcripts).right(&entry);
                }
            }),
            // Of what was erased a hash is kept for some days.
            24 if key.starts_with(ERASED.as_bytes()) => self.record::<&str, Pointer>(name, key, value, |_, _, _| {}),
            24 => self.pointer::<&str>(name, key, value, Noun::Message, |check, wamid, id| {
                if check.wamids.fits(id, wamid) {
                    check.named.insert(id);
                }
            }),
            25 => self.pointer::<(u64, &str)>(name, key, value, Noun::Message, |check, (agent, client_key), id| {
                check.balance(Pair::ClientKeys).right(&(agent, client_key, id));
            }),
            26 => self.numbered::<Send>(name, key, value, |check, id, send| {
                check.same(name, id, send.message.0);
                check.refer(name, Noun::Message, send.message.0);
                check.refer(name, Noun::Conversation, send.conversation.0);
                check.refer(name, Noun::Channel, send.channel.0);
            }),
            27 => self.record::<(&str, u64), DeliveryReport>(name, key, value, |check, (wamid, number), _| {
                check.balance(Pair::ParkedReports).left(&(wamid, number));
            }),
            28 => self.numbered::<ParkedPlace>(name, key, value, |check, number, place| {
                check.balance(Pair::ParkedReports).right(&(place.wamid.as_str(), number));
            }),
            39 => self.record::<(u64, u64), Draft>(name, key, value, |check, (agent, conversation), _| {
                check.refer(name, Noun::Agent, agent);
                check.refer(name, Noun::Conversation, conversation);
            }),
            47 => self.link::<(u64, u64)>(name, key, value, |check, (conversation, message)| {
                check.refer(name, Noun::Conversation, conversation);
                check.refer(name, Noun::Message, message);
            }),
            42 => self.pointer::<(u64, u8)>(name, key, value, Noun::Message, |check, (target, _), _| {
                check.refer(name, Noun::Message, target);
            }),
            _ => self.link::<(&str, u64)>(name, key, value, |check, (_, message)| {
                check.refer(name, Noun::Message, message);
            }),
        }
    }

    fn read_security_row(&mut self, table: u8, key: &[u8], value: &[u8]) {
        let name = table_name(table);
        match table {
            60 => self.numbered::<AuditRow>(name, key, value, |_, _, _| {}),
            61 => self.record::<u8, AuditEnds>(name, key, value, |_, _, _| {}),
            62 => self.record::<(u8, u64), Sealed>(name, key, value, |_, _, _| {}),
            63 => self.numbered::<SecondFactor>(name, key, value, |check, agent, _| {
                check.refer(name, Noun::Agent, agent);
            }),
            _ => self.record::<&[u8; 32], SignInOrigin>(name, key, value, |_, _, _| {}),
        }
    }

    fn message(&mut self, message: &Message) {
        let (name, id) = ("messages", message.id.0);
        self.refer(name, Noun::Conversation, message.conversation.0);
        self.refer_all(name, Noun::Interaction, message.interaction.map(|interaction| interaction.0));
        self.refer_all(name, Noun::Message, message.retry_of.map(|before| before.0));
        if let Some(wamid) = &message.wamid {
            self.wamids.set(id, wamid.0.as_str());
        }
        let reaction = matches!(message.content, Content::Reaction { .. });
        if reaction {
            // One of the past stands in the transcript, one that came since does not.
            self.reactions.insert(id);
        } else {
            self.balance(Pair::Transcripts).left(&(message.conversation.0, message.at.0, id));
        }
        if let Some(hash) = message.content.own_file() {
            self.own_files.insert(id, hash);
        }
        let Author::Agent(agent) = message.author else { return };
        self.refer(name, Noun::Agent, agent.0);
        if let Some(client_key) = message.client_key.as_ref().filter(|_| !reaction) {
            let agent = if message.retry_of.is_some() { ANYBODY } else { agent };
            self.balance(Pair::ClientKeys).left(&(agent.0, client_key.0.as_str(), id));
        }
    }

    fn read_file_row(&mut self, table: u8, key: &[u8], value: &[u8]) {
        let name = table_name(table);
        match table {
            44 => self.numbered::<Fetch>(name, key, value, |check, id, fetch| {
                check.same(name, id, fetch.message.0);
                check.refer(name, Noun::Message, fetch.message.0);
                check.refer(name, Noun::Channel, fetch.channel.0);
                match &fetch.state {
                    FetchState::Due(_) => check.balance(Pair::FetchesDue).left(&id),
                    FetchState::Ready(file) => {
                        check.files_wanted.insert(file.hash);
                    }
                    FetchState::Failed(_) => {}
                    FetchState::Removed => {
                        check.own_files.remove(&id);
                    }
                }
            }),
            48 => self.link::<(&[u8; 32], u64)>(name, key, value, |check, (_, message)| {
                check.refer(name, Noun::Message, message);
            }),
            45 => self.link::<u64>(name, key, value, |check, id| check.balance(Pair::FetchesDue).right(&id)),
            _ => self.record::<&[u8; 32], MediaFile>(name, key, value, |check, hash, file| {
                if file.hash != FileHash(*hash) {
                    check.fault(name, TEXT, "the row is another file's");
                }
                check.files.insert(file.hash, (file.bytes, false));
            }),
        }
    }
}
