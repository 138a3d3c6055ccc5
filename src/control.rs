//! What the command line asks of the data directory, through a running server or without one.
//!
//! Two processes cannot open one store, so a server listens on `control.sock` (mode 0600) in its data directory: one
//! JSON request in a line, one JSON answer in a line. Without a server the same request runs on the opened store.
//! Invariant: a request does the same either way, because `execute` does it.

mod audit;
mod backup;
mod channel;
mod doctor;
mod door;
mod erase;
mod export;
mod import;
mod past;
mod people;
mod queue;
mod search;
mod settings;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::agent::AgentProfile;
use crate::domain::change::Change;
use crate::domain::channel::ChannelProfile;
use crate::domain::command::Command;
use crate::domain::rejection::Rejection;
use crate::health::Finding;
use crate::limits::{BACKUP_ANSWER_MS_MAX, CAPACITY_MAX, COMPACT_ANSWER_MS_MAX, CONTROL_ANSWER_MS_MAX, NAME_CHARS_MAX};
use crate::search::Search;
use crate::store::{Store, SubmitError};
use crate::whatsapp::media::GraphHosts;

pub use self::audit::AuditRequest;
pub use self::backup::{BackupRequest, ScheduleChange, back_up, verify};
pub use self::doctor::examine_unopened;
pub use self::door::{Door, Socket, ask};
pub use self::erase::WhoRequest;
pub use self::export::{ExportPage, ExportRequest, ExportScope};
pub use self::import::{ContactRequest, ContactsAnswer};
pub use self::past::{ImportRequest, SaidBy, SaidRequest, TalkRequest};
pub use self::people::PeopleRequest;
pub use self::queue::{AutoAnswerName, QueueRequest};
pub use self::search::{FoundHit, FoundPage};
pub use self::settings::{ReadMarksName, SettingsRequest, language_codes, media_kinds};

/// The name of the socket in the data directory.
const SOCKET_NAME: &str = "control.sock";

/// What can be asked.
#[derive(Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum Request {
    /// Add a person; the password is hashed already.
    UserAdd {
        /// The name typed at sign-in.
        login: String,
        /// Shown to colleagues.
        name: String,
        /// `agent`, `supervisor` or `administrator`.
        role: RoleName,
        /// Argon2id PHC string.
        password_hash: String,
        /// How many interactions at once.
        capacity: u32,
        /// Sign-in sets Ready at once.
        auto_ready: bool,
    },
    /// People who are there.
    People(PeopleRequest),
    /// The audit log.
    Audit(AuditRequest),
    /// A link for the first administrator.
    SetUpLink,
    /// Add a channel account.
    ChannelAdd(ChannelRequest),
    /// Tell which numbers are connected.
    ChannelList,
    /// Ask Meta about everything that a number needs.
    ChannelTest {
        /// Meta's id of the number.
        phone_number_id: String,
        /// Hosts that may get the access token, while no server with a list of its own runs.
        graph_hosts: Vec<String>,
    },
    /// Disconnect a number.
    ChannelRemove {
        /// Meta's id of the number.
        phone_number_id: String,
    },
    /// Replace the access token of a channel account.
    AccessTokenSet {
        /// Meta's id of the number.
        phone_number_id: String,
        /// For Graph calls.
        access_token: String,
    },
    /// Change rules of the whole centre; what is not named stays as it is.
    SettingsSet(SettingsRequest),
    /// Add a queue, or change its rules.
    QueueSet(QueueRequest),
    /// Find messages, notes and contacts.
    Search {
        /// As it was typed.
        query: String,
        /// Hits at most.
        limit: usize,
    },
    /// Build the search index anew.
    Reindex,
    /// Look whether the box is well.
    Doctor {
        /// Certificates that are served, as PEM files.
        certificates: Vec<PathBuf>,
    },
    /// Add parts of conversations of the past.
    Import(ImportRequest),
    /// A page of an export.
    Export(ExportRequest),
    /// Add contacts of a file.
    ImportContacts {
        /// At most a part of the file.
        contacts: Vec<ContactRequest>,
    },
    /// Forget a person.
    EraseContact {
        /// Whom.
        who: WhoRequest,
    },
    /// Write everything anew that may hold what was removed.
    Compact,
    /// Make a backup.
    Backup(BackupRequest),
    /// Check everything that the data directory holds.
    Verify,
    /// Change or tell when backups are made by themselves.
    BackupSchedule {
        /// What becomes of it.
        change: ScheduleChange,
    },
}

impl Request {
    #[allow(clippy::wildcard_enum_match_arm, reason = "few take long")]
    /// How long the answer may take, milliseconds.
    fn patience_ms(&self) -> u64 {
        match self {
            Self::Backup(_) | Self::Verify => BACKUP_ANSWER_MS_MAX,
            Self::Compact => COMPACT_ANSWER_MS_MAX,
            _ => CONTROL_ANSWER_MS_MAX,
        }
    }
}

/// A role as the command line writes it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum RoleName {
    /// Handles interactions.
    Agent,
    /// Sees everybody's work.
    Supervisor,
    /// Sets the centre up.
    Administrator,
}

/// A channel account as the command line gives it.
#[derive(Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields are those of domain::channel::ChannelProfile")]
pub struct ChannelRequest {
    pub name: String,
    pub phone_number_id: String,
    #[serde(default)]
    pub business_account_id: Option<String>,
    pub display_number: String,
    pub app_secret: String,
    pub verify_token: String,
    pub access_token: String,
    pub graph_url: String,
    pub graph_version: String,
    pub messages_per_s_max: u32,
}

/// What comes back: a sentence for the person either way.
#[derive(Serialize, Deserialize)]
pub struct Answer {
    /// It was done.
    pub done: bool,
    /// What happened, or why not and what to do.
    pub sentence: String,
    /// `Search`: what was found.
    #[serde(default)]
    pub found: Option<FoundPage>,
    /// `Doctor`: what every check found.
    #[serde(default)]
    pub health: Option<Vec<Finding>>,
    /// `Import`: messages that were not there before.
    #[serde(default)]
    pub added: u64,
    /// The same for a program, where it was asked for much.
    #[serde(default)]
    pub details: serde_json::Value,
    /// `Export`: what is on the page.
    #[serde(default)]
    pub exported: Option<ExportPage>,
    /// `ImportContacts`: what became of them.
    #[serde(default)]
    pub contacts: ContactsAnswer,
    /// It makes sense, and the work went wrong.
    #[serde(default)]
    pub failed: bool,
}

impl Answer {
    fn of(done: bool, sentence: impl Into<String>) -> Self {
        let (contacts, details) = (ContactsAnswer::default(), serde_json::Value::Null);
        let sentence = sentence.into();
        Self { done, sentence, found: None, health: None, added: 0, failed: false, details, exported: None, contacts }
    }

    fn failed(sentence: String) -> Self {
        Self { failed: true, ..Self::of(false, sentence) }
    }
}

/// What reads much is done where nobody else waits for it.
async fn apart(store: &Store, work: impl FnOnce(&Store) -> Answer + Send + 'static) -> Answer {
    let store = store.clone();
    let done = tokio::task::spawn_blocking(move || work(&store));
    done.await.unwrap_or_else(|_| Answer::of(false, "The work broke off; look at the log."))
}

/// Runs a request on a store. `search` is there where something may be asked of it.
pub async fn execute(store: &Store, search: Option<&Search>, request: Request) -> Answer {
    let (command, told) = match request {
        Request::People(request) => return people::answer(store, request).await,
        Request::Audit(request) => return apart(store, move |store| audit::answer(store, &request)).await,
        Request::SetUpLink => return audit::set_up_link(store).await,
        Request::Search { query, limit } => return search::find(search, query, limit).await,
        Request::Reindex => return search::reindex(search).await,
        Request::Doctor { certificates } => return doctor::examine(store, search, certificates).await,
        Request::Import(request) => return past::import(store, request).await,
        Request::ChannelList => return channel::list(store),
        Request::ChannelTest { phone_number_id, graph_hosts } => {
            return channel::test(store, &phone_number_id, GraphHosts::new(&graph_hosts)).await;
        }
        Request::ChannelRemove { phone_number_id } => match channel::remove(store, &phone_number_id) {
            Ok(told) => told,
            Err(sentence) => return Answer::of(false, sentence),
        },
        Request::Export(request) => return apart(store, move |store| export::page(store, &request)).await,
        Request::ImportContacts { contacts } => return import::contacts(store, contacts).await,
        Request::EraseContact { who } => return erase::erase(store, search, who).await,
        Request::Compact => return erase::compact(store, search, false).await,
        Request::Backup(request) => return backup::make(store, request).await,
        Request::Verify => return backup::verify_served(store).await,
        Request::BackupSchedule { change } => return backup::schedule(store, change).await,
        Request::SettingsSet(request) => match settings::set(store, request) {
            Ok(told) => told,
            Err(sentence) => return Answer::of(false, sentence),
        },
        Request::QueueSet(request) => match queue::set(store, request) {
            Ok(told) => told,
            Err(sentence) => return Answer::of(false, sentence),
        },
        Request::AccessTokenSet { phone_number_id, access_token } => {
            match set_token(store, &phone_number_id, access_token) {
                Ok(told) => told,
                Err(sentence) => return Answer::of(false, sentence),
            }
        }
        Request::UserAdd { login, name, role, password_hash, capacity, auto_ready } => {
            let told = format!("{login} may sign in now.");
            let role = role.role();
            let skills = std::collections::BTreeSet::new();
            let profile = AgentProfile { login, name, role, password_hash, capacity, auto_ready, skills };
            (Command::AddAgent(profile), told)
        }
        Request::ChannelAdd(channel) => {
            let told = format!(
                "The number {} is connected. Give Meta the address https://…/webhooks/whatsapp and the verify token.",
                channel.display_number
            );
            (Command::Change { by: None, change: Box::new(Change::AddChannel(profile(channel))) }, told)
        }
    };
    match store.submit(vec![command]).await {
        Ok(answers) => match answers.into_iter().next() {
            Some(Ok(done)) if !done.events.is_empty() => Answer::of(true, told),
            Some(Ok(_)) | None => Answer::of(false, "Nothing happened."),
            Some(Err(rejection)) => Answer::of(false, refusal(rejection)),
        },
        Err(error) => not_now(error),
    }
}

/// The way to the set-up by a new link, without the host; `None` where somebody administers.
pub async fn set_up_path(store: &Store) -> Option<String> {
    if !store.read(|snapshot| snapshot.needs_set_up()).is_ok_and(|(_, nobody_administers)| nobody_administers) {
        return None;
    }
    let answer = audit::set_up_link(store).await;
    answer.details.as_str().map(str::to_owned)
}

/// A time of the audit log as people read it, in this machine's time zone.
#[must_use]
pub fn words_of_time(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms).map_or_else(
        |_| at_ms.to_string(),
        |at| at.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
    )
}

fn set_token(store: &Store, phone_number_id: &str, access_token: String) -> Result<(Command, String), String> {
    let row = channel::connected(store, phone_number_id)?;
    let told = format!("The number {} uses the new access token from now on.", row.profile.display_number);
    Ok((Command::SetAccessToken { channel: row.channel.id, access_token }, told))
}

fn not_now(error: SubmitError) -> Answer {
    match error {
        SubmitError::Overloaded => Answer::of(false, "The server is busy; try again."),
        SubmitError::Unavailable | SubmitError::Stopped => {
            Answer::of(false, "The store cannot be written now; look at the server's log and at the free disk space.")
        }
    }
}

fn profile(channel: ChannelRequest) -> ChannelProfile {
    ChannelProfile {
        name: channel.name,
        phone_number_id: channel.phone_number_id,
        business_account_id: channel.business_account_id,
        display_number: channel.display_number,
        app_secret: channel.app_secret,
        verify_token: channel.verify_token,
        access_token: channel.access_token,
        graph_url: channel.graph_url,
        graph_version: channel.graph_version,
        messages_per_s_max: channel.messages_per_s_max,
        asynchronous: true,
    }
}

fn refusal(rejection: Rejection) -> String {
    if rejection == Rejection::LoginTaken {
        return "This login is taken; choose another.".to_owned();
    }
    if rejection == Rejection::LastAdministrator {
        return "Without this person nobody could administer the centre. Make somebody else an administrator first."
            .to_owned();
    }
    if rejection == Rejection::SetUpDone {
        return "There is an administrator already. Ask them to add you, or set a new password: deskbell user passwd."
            .to_owned();
    }
    if rejection == Rejection::PhoneNumberIdTaken {
        return "This phone-number id is connected already.".to_owned();
    }
    if rejection == Rejection::ChannelInUse {
        return "This number still has open interactions or messages on their way; have them finished first."
            .to_owned();
    }
    format!(
        "A value is empty, too long or out of range: names have up to {NAME_CHARS_MAX} characters, the capacity is 1 to \
         {CAPACITY_MAX}, a time is at least 1 s, the Graph address begins with https:// or http://."
    )
}
