//! The past of a centre from files: transcripts of another system, chats exported by the phone app, contacts.
//!
//! Files are read here and handed over part by part, through a running server or into the store. Invariant: the same
//! file again adds nothing.

mod archive;
mod contacts;
mod dates;
mod table;
mod transcript;
mod vcard;
mod whatsapp;

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use crate::control::{Door, ImportRequest, Request, SaidRequest, TalkRequest};
use crate::limits::{IMPORT_PART_BYTES_MAX, IMPORT_PART_MESSAGES_MAX};

pub use self::contacts::{ContactsTally, contacts};
pub use self::whatsapp::DateOrder;

/// Where a past goes.
pub struct Target<'a> {
    /// The data directory.
    pub data: &'a Path,
    /// The business number's name; the only one there is when left out.
    pub channel: Option<String>,
    /// The login of the agent who wrote what the business said.
    pub agent: Option<String>,
}

/// A chat export's particulars, where the file does not tell them.
#[derive(Default)]
pub struct Chat {
    /// The contact's name in the chat; else taken from the file's name, or the only name that is not ours.
    pub contact: Option<String>,
    /// Our name in the chat.
    pub me: Option<String>,
    /// The contact's phone number.
    pub phone: Option<String>,
    /// Which comes first in a date.
    pub dates: Option<DateOrder>,
}

/// What an import came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Messages in the file.
    pub read: u64,
    /// Messages that were not there before.
    pub added: u64,
}

/// Imports a file of JSON lines.
///
/// # Errors
/// A sentence: the file cannot be read, a line is wrong, or the store refuses.
pub fn transcript(file: &Path, target: &Target<'_>) -> Result<Tally, String> {
    transcript::import(file, Feeder::open(target)?)
}

/// Imports a chat that the phone app exported.
///
/// # Errors
/// A sentence: the file cannot be read or understood, or the store refuses.
pub fn whatsapp_export(file: &Path, chat: &Chat, target: &Target<'_>) -> Result<Tally, String> {
    let text = archive::chat_text(file)?;
    whatsapp::import(file, &text, chat, Feeder::open(target)?)
}

/// Hands messages over, some conversations at once, and shows how far it is.
struct Feeder {
    door: Door,
    talks: Vec<TalkRequest>,
    messages: usize,
    bytes: usize,
    channel: Option<String>,
    agent: Option<String>,
    tally: Tally,
    of: u64,
    shown: u64,
}

/// With whom a message was exchanged.
struct With<'a> {
    conversation: &'a str,
    phone: Option<&'a str>,
    name: Option<&'a str>,
}

impl With<'_> {
    /// What these particulars add to a request.
    fn bytes(&self) -> usize {
        let length = |text: Option<&str>| text.map_or(0, str::len);
        self.conversation.len() + length(self.phone) + length(self.name)
    }

    fn talk(&self, said: SaidRequest) -> TalkRequest {
        TalkRequest {
            conversation: self.conversation.to_owned(),
            phone: self.phone.map(str::to_owned),
            name: self.name.map(str::to_owned),
            said: vec![said],
        }
    }
}

impl Feeder {
    fn open(target: &Target<'_>) -> Result<Self, String> {
        Ok(Self {
            door: Door::open(target.data)?,
            talks: Vec::new(),
            messages: 0,
            bytes: 0,
            channel: target.channel.clone(),
            agent: target.agent.clone(),
            tally: Tally::default(),
            of: 0,
            shown: 0,
        })
    }

    fn add(&mut self, with: &With<'_>, said: SaidRequest) -> Result<(), String> {
        let bytes = with.bytes() + said.text.len();
        if bytes > IMPORT_PART_BYTES_MAX {
            return Err(format!("a message of more than {} KiB.", IMPORT_PART_BYTES_MAX / 1_024));
        }
        if self.messages == IMPORT_PART_MESSAGES_MAX || self.bytes + bytes > IMPORT_PART_BYTES_MAX {
            self.flush()?;
        }
        self.messages += 1;
        self.tally.read += 1;
        match self.talks.last_mut().filter(|talk| talk.conversation == with.conversation) {
            Some(talk) => {
                self.bytes += said.text.len();
                talk.said.push(said);
            }
            None => {
                self.bytes += bytes;
                self.talks.push(with.talk(said));
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), String> {
        (self.messages, self.bytes) = (0, 0);
        if self.talks.is_empty() {
            return Ok(());
        }
        let (channel, agent) = (self.channel.clone(), self.agent.clone());
        let request = ImportRequest { channel, agent, talks: std::mem::take(&mut self.talks) };
        let answer = self.door.ask(Request::Import(request))?;
        if !answer.done {
            return Err(answer.sentence);
        }
        self.tally.added += answer.added;
        self.show();
        Ok(())
    }

    fn finish(mut self) -> Result<Tally, String> {
        self.flush()?;
        if std::io::stderr().is_terminal() {
            eprintln!();
        }
        Ok(self.tally)
    }

    /// A bar on the terminal, one percent at a time.
    fn show(&mut self) {
        let percent = (self.tally.read * 100).checked_div(self.of).unwrap_or(0).min(100);
        if percent == self.shown || !std::io::stderr().is_terminal() {
            return;
        }
        self.shown = percent;
        let done = usize::try_from(percent / 4).unwrap_or(0);
        eprint!("\r[{:<25}] {percent:>3} %  {} messages", "#".repeat(done), self.tally.read);
        // A bar that is not seen is no harm.
        std::io::stderr().flush().ok();
    }
}
