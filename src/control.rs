//! What the command line asks of the data directory, through a running server or without one.
//!
//! Two processes cannot open one store, so a server listens on `control.sock` (mode 0600) in its data directory: one
//! JSON request in a line, one JSON answer in a line. Without a server the same request runs on the opened store.
//! Invariant: a request does the same either way, because `execute` does it.

mod audit;
mod backup;
mod channel;
mod doctor;
mod erase;
mod export;
mod import;
mod past;
mod people;
mod queue;
mod search;
mod settings;

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream as BlockingStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

use crate::backup::options;
use crate::clock::Clock;
use crate::domain::agent::AgentProfile;
use crate::domain::change::Change;
use crate::domain::channel::ChannelProfile;
use crate::domain::command::Command;
use crate::domain::rejection::Rejection;
use crate::health::Finding;
use crate::limits::{
    BACKUP_ANSWER_MS_MAX, CAPACITY_MAX, COMPACT_ANSWER_MS_MAX, CONTROL_ANSWER_MS_MAX, CONTROL_LINE_BYTES_MAX,
    CONTROL_START_MS_MAX, CONTROL_START_PAUSE_MS, EXPORT_ANSWER_BYTES_MAX, NAME_CHARS_MAX,
};
use crate::search::{Progress, Search};
use crate::store::{Origin, Store, StoreError, SubmitError, Who};

pub use self::audit::AuditRequest;
pub use self::backup::{BackupRequest, ScheduleChange, back_up, verify};
pub use self::doctor::examine_unopened;
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

/// Runs a request on a store. `search` is there where something may be asked of it.
pub async fn execute(store: &Store, search: Option<&Search>, request: Request) -> Answer {
    let (command, told) = match request {
        Request::People(request) => return people::answer(store, request).await,
        Request::Audit(request) => return audit::answer(store, &request),
        Request::SetUpLink => return audit::set_up_link(store).await,
        Request::Search { query, limit } => return search::find(search, query, limit).await,
        Request::Reindex => return search::reindex(search).await,
        Request::Doctor { certificates } => return doctor::examine(store, search, certificates).await,
        Request::Import(request) => return past::import(store, request).await,
        Request::ChannelList => return channel::list(store),
        Request::ChannelTest { phone_number_id } => return channel::test(store, &phone_number_id).await,
        Request::ChannelRemove { phone_number_id } => match channel::remove(store, &phone_number_id) {
            Ok(told) => told,
            Err(sentence) => return Answer::of(false, sentence),
        },
        Request::Export(request) => return export::page(store, &request),
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

/// The way to a data directory: its server, or the directory itself when no server runs.
pub enum Door {
    /// A server listens there.
    Server(PathBuf),
    /// The store, opened by this process.
    Store(Box<Own>),
}

/// A store of this process.
pub struct Own {
    store: Store,
    search: Option<Search>,
    data: PathBuf,
    runtime: tokio::runtime::Runtime,
}

impl Door {
    /// Finds the way.
    ///
    /// # Errors
    /// A sentence: no such directory, another process holds the store.
    pub fn open(data: &Path) -> Result<Self, String> {
        let open = || Store::open(data, options(Clock::system()));
        let store = match server_or(data, open).map_err(|error| error.to_string())? {
            Ok(store) => store,
            Err(socket) => return Ok(Self::Server(socket)),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("This machine gives no threads: {error}."))?;
        Ok(Self::Store(Box::new(Own { store, search: None, data: data.to_owned(), runtime })))
    }

    /// Asks one thing.
    ///
    /// # Errors
    /// A sentence: the answer did not come, or the index cannot be opened.
    pub fn ask(&mut self, request: Request) -> Result<Answer, String> {
        match self {
            Self::Server(socket) => connected(socket)
                .and_then(|stream| ask_server(stream, &request))
                .map_err(|error| format!("The server did not answer: {error}.")),
            Self::Store(own) => {
                let searches = matches!(request, Request::Search { .. } | Request::Reindex | Request::Compact);
                if searches && own.search.is_none() {
                    own.search = Some(search::open(&own.store, &own.data)?);
                }
                Ok(own.runtime.block_on(Origin::of(Who::CommandLine).scope(execute(
                    &own.store,
                    own.search.as_ref(),
                    request,
                ))))
            }
        }
    }

    /// Whether the index is still being built by this process.
    #[must_use]
    pub fn indexing(&self) -> Option<Progress> {
        match self {
            Self::Server(_) => None,
            Self::Store(own) => own.search.as_ref().and_then(Search::progress),
        }
    }
}

/// What `open` gives, or else the socket of the server that runs there.
fn server_or<T>(
    data: &Path,
    mut open: impl FnMut() -> Result<T, StoreError>,
) -> Result<Result<T, PathBuf>, StoreError> {
    let socket = data.join(SOCKET_NAME);
    let begun = Instant::now();
    loop {
        if connected(&socket).is_ok() {
            return Ok(Err(socket));
        }
        match open() {
            // A server that has just started holds the store a moment before it listens here.
            Err(StoreError::Locked) if begun.elapsed() < Duration::from_millis(CONTROL_START_MS_MAX) => {
                std::thread::sleep(Duration::from_millis(CONTROL_START_PAUSE_MS));
            }
            opened => return opened.map(Ok),
        }
    }
}

fn connected(socket: &Path) -> io::Result<BlockingStream> {
    BlockingStream::connect(socket)
}

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(search) = &self.search {
            search.stop();
        }
        self.store.stop();
    }
}

/// Asks one thing of a data directory.
///
/// # Errors
/// A sentence: no such directory, another process holds the store, the answer did not come.
pub fn ask(data: &Path, request: Request) -> Result<Answer, String> {
    Door::open(data)?.ask(request)
}

fn ask_server(mut stream: BlockingStream, request: &Request) -> io::Result<Answer> {
    stream.set_read_timeout(Some(Duration::from_millis(request.patience_ms())))?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    let bytes_max =
        if matches!(request, Request::Export(_)) { EXPORT_ANSWER_BYTES_MAX } else { CONTROL_LINE_BYTES_MAX };
    BufReader::new(stream.take(bytes_max)).read_line(&mut answer)?;
    Ok(serde_json::from_str(&answer)?)
}

/// The socket of a running server; it goes when this is dropped.
pub struct Socket {
    path: PathBuf,
    task: tokio::task::JoinHandle<()>,
}

impl Socket {
    /// Listens in the data directory. The store is open, so a socket that is already there is a dead server's.
    ///
    /// # Errors
    /// The socket cannot be made.
    pub fn listen(data: &Path, store: Store, search: Search) -> io::Result<Self> {
        let path = data.join(SOCKET_NAME);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let listener = UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        let task = tokio::spawn(async move {
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => {
                        tokio::spawn(serve(stream, store.clone(), search.clone()));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "control socket: accept failed");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
            }
        });
        Ok(Self { path, task })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.task.abort();
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(%error, "control socket: not removed");
        }
    }
}

async fn serve(stream: UnixStream, store: Store, search: Search) {
    let (reader, mut writer) = stream.into_split();
    let mut line = String::new();
    let mut reader = tokio::io::BufReader::new(reader.take(CONTROL_LINE_BYTES_MAX));
    let read = reader.read_line(&mut line);
    if !matches!(tokio::time::timeout(Duration::from_millis(CONTROL_ANSWER_MS_MAX), read).await, Ok(Ok(_))) {
        return;
    }
    let answer = match serde_json::from_str(&line) {
        Ok(Request::Compact) => erase::compact(&store, Some(&search), true).await,
        Ok(request) => Origin::of(Who::ControlSocket).scope(execute(&store, Some(&search), request)).await,
        Err(_) => Answer::of(false, "The server does not know this request; is it older?"),
    };
    let Ok(mut line) = serde_json::to_vec(&answer) else { return };
    line.push(b'\n');
    if let Err(error) = writer.write_all(&line).await {
        tracing::debug!(%error, "control socket: the asker left");
    }
}
