//! The command line: what can be asked, read into calls.
//!
//! Every refusal is a sentence on standard error and exit code 2; a failure at work is exit code 1.
//! Invariant: no secret is taken as an argument, because arguments are seen by everybody on the machine. (The verify
//! token is no secret in this sense: it only lets Meta find the address.)

mod backup;
mod channel;
mod config;
mod doctor;
mod manual;
mod people;
mod privacy;
mod rehearsal;
mod search;

use std::io::Read as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory as _, Parser, Subcommand};

use crate::config::LISTEN_DEFAULT;
use crate::control::{self, AutoAnswerName, QueueRequest, ReadMarksName, Request, SettingsRequest};
use crate::demo;
use crate::import::{self, Chat, DateOrder, Target};
use crate::limits::SECRET_FILE_BYTES_MAX;
use crate::observe;

use self::backup::{Backup, Restore, Schedule, Verify};
use self::channel::Channel;
use self::config::{ConfigAction, Serve, data_default};
use self::doctor::Doctor;
use self::people::{Audit, SetUpLink, User};
use self::privacy::{Compact, Days, Erase, Export, ImportContacts, KindDays, RetentionRules};
use self::search::{Search, find, reindex};

#[derive(Parser)]
#[command(name = "deskbell", version, about = "A WhatsApp agent workspace for small contact centres, on its own box.")]
struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Run the server.
    #[command(after_help = "Example: deskbell serve --data /var/lib/deskbell --listen 127.0.0.1:8080")]
    Serve(Serve),
    /// What is set, where, and what could be set.
    #[command(subcommand)]
    Config(ConfigAction),
    /// Try everything on this machine, with a customer's phone in the browser; leaves nothing behind.
    #[command(after_help = "Example: deskbell demo --listen 127.0.0.1:8080 --phone-listen 127.0.0.1:8081")]
    Demo(Demo),
    /// People who sign in.
    #[command(subcommand)]
    User(User),
    /// Print a link by which the first administrator is made in the browser.
    #[command(after_help = "Example: deskbell setup-link --url https://desk.example --data DIR")]
    SetupLink(SetUpLink),
    /// Who did what to what, when and from where.
    #[command(subcommand)]
    Audit(Audit),
    /// Business numbers.
    #[command(subcommand)]
    Channel(Channel),
    /// Where interactions wait.
    #[command(subcommand)]
    Queue(QueueAction),
    /// The rules of the whole centre.
    #[command(after_help = "Example: deskbell settings --main-language de --data DIR")]
    Settings(CentreSettings),
    /// Find what was said, noted and decided; in a running server's data or a stopped one's.
    #[command(after_help = "Example: deskbell search 'refund with:\"Maria Silva\" after:30d' --data DIR")]
    Search(Search),
    /// Build the search index anew; a running server answers meanwhile.
    #[command(after_help = "Example: deskbell reindex --data DIR")]
    Reindex(Reindex),
    /// Take over the past from another system or from the phone app; the same file again adds nothing.
    #[command(subcommand)]
    Import(Import),
    /// Write what is here into files for people and other programs.
    #[command(subcommand)]
    Export(Export),
    /// Forget a person for good.
    #[command(subcommand)]
    Erase(Erase),
    /// Write the database anew, so that nothing is left in its free space of what was erased.
    #[command(after_help = "Example: deskbell compact --data DIR")]
    Compact(Compact),
    /// Make a backup of everything, while the server serves or not.
    #[command(after_help = "Example: deskbell backup /mnt/backups --data DIR")]
    Backup(Backup),
    /// Read a backup, or a data directory, and check every record and reference.
    #[command(after_help = "Example: deskbell verify --data DIR")]
    Verify(Verify),
    /// Make a data directory from a backup.
    #[command(after_help = "Example: deskbell restore FILE --data NEW-DIRECTORY")]
    Restore(Restore),
    /// Backups that are made by themselves.
    #[command(subcommand)]
    BackupSchedule(Schedule),
    /// Replay dialogues through the whole path, compare every transcript, and measure this box.
    #[command(after_help = "Example: deskbell rehearse --dialogues dialogues.jsonl --agents 20 --json")]
    Rehearse(rehearsal::Rehearse),
    /// Look whether machine, data and connections are well, and say how to mend what is not.
    #[command(after_help = "Example: deskbell doctor --json --data DIR")]
    Doctor(Doctor),
    /// Print what a shell needs to complete commands.
    #[command(after_help = "Example: deskbell completions bash")]
    Completions(manual::Completions),
    /// Print the manual page, or write those of all commands into a folder.
    #[command(after_help = "Example: deskbell man /usr/local/share/man/man1")]
    Man(manual::Man),
    /// Print which program this is.
    #[command(after_help = "Example: deskbell version --json")]
    Version(manual::Version),
}

#[derive(Args)]
struct Demo {
    /// Address and port of the agents' page.
    #[arg(long, default_value_t = LISTEN_DEFAULT)]
    listen: SocketAddr,
    /// Address and port of the customers' phone.
    #[arg(long, default_value = "127.0.0.1:8081")]
    phone_listen: SocketAddr,
}

#[derive(Subcommand)]
enum QueueAction {
    /// Change a queue's rules; what is not named stays as it is.
    #[command(after_help = "Example: deskbell queue set Support --auto-answer preview --offer-timeout-s 10 --data DIR")]
    Set(QueueSet),
}

#[derive(Args)]
struct QueueSet {
    /// Its name; one that is not there yet is made.
    name: String,
    /// Whether interactions open by themselves: at once, or after the time to answer.
    #[arg(long, value_enum)]
    auto_answer: Option<AutoAnswerName>,
    /// Time to answer an offer, seconds.
    #[arg(long)]
    offer_timeout_s: Option<u32>,
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

#[derive(Args)]
struct CentreSettings {
    /// The language of most customers: search then finds its words in their other forms too (parcels for parcel). Its
    /// code of ISO 639-1, or none.
    #[arg(long, value_parser = main_language)]
    main_language: Option<MainLanguage>,
    /// When a contact learns that their messages were read.
    #[arg(long, value_enum)]
    read_marks: Option<ReadMarksName>,
    #[command(flatten)]
    retention: RetentionRules,
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

/// A language's code; an empty one for none.
#[derive(Clone)]
struct MainLanguage(String);

fn main_language(code: &str) -> Result<MainLanguage, String> {
    if code == "none" {
        return Ok(MainLanguage(String::new()));
    }
    let known: Vec<&str> = control::language_codes().collect();
    if known.contains(&code) {
        Ok(MainLanguage(code.to_owned()))
    } else {
        Err(format!("choose one of {}, none", known.join(", ")))
    }
}

#[derive(Args)]
struct Reindex {
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

#[derive(Subcommand)]
enum Import {
    /// JSON Lines with conversation, seq, author (contact or agent), text; optionally ts, phone, name.
    #[command(after_help = "Example: deskbell import transcript dialogues.jsonl --data DIR")]
    Transcript(ImportTranscript),
    /// A chat exported by the phone app, with or without media.
    #[command(after_help = "Example: deskbell import whatsapp-export 'WhatsApp Chat with Maria.zip' --data DIR")]
    WhatsappExport(ImportWhatsapp),
    /// Contacts from a table (CSV) or cards (vCard).
    #[command(after_help = "Example: deskbell import contacts contacts.csv --country-code 49 --data DIR")]
    Contacts(ImportContacts),
}

#[derive(Args)]
struct ImportTarget {
    /// The business number's name; the only one there is when left out.
    #[arg(long)]
    channel: Option<String>,
    /// The login of the agent who wrote what the business said.
    #[arg(long)]
    agent: Option<String>,
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

#[derive(Args)]
struct ImportTranscript {
    /// The file.
    file: PathBuf,
    #[command(flatten)]
    target: ImportTarget,
}

#[derive(Args)]
struct ImportWhatsapp {
    /// The exported .zip or .txt file.
    file: PathBuf,
    /// The contact's name in the chat.
    #[arg(long)]
    contact: Option<String>,
    /// The business's name in the chat.
    #[arg(long)]
    me: Option<String>,
    /// The contact's phone number.
    #[arg(long)]
    phone: Option<String>,
    /// Which comes first in a date, where the file does not show it.
    #[arg(long)]
    dates: Option<DateOrder>,
    #[command(flatten)]
    target: ImportTarget,
}

/// Reads the arguments, does what they ask, and says how it went.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            if error.print().is_err() {
                return ExitCode::FAILURE;
            }
            return ExitCode::from(code);
        }
    };
    // A server logs as its configuration says.
    let logging = if matches!(arguments.action, Action::Serve(_)) { Ok(()) } else { observe::start() };
    let outcome = logging.map_err(Problem::Refused).and_then(|()| carry_out(arguments.action));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Problem::Refused(sentence)) => {
            eprintln!("deskbell: {sentence}");
            ExitCode::from(2)
        }
        Err(Problem::Failed(sentence)) => {
            eprintln!("deskbell: {sentence}");
            ExitCode::FAILURE
        }
    }
}

/// The description of all commands: help, completions and manual pages are made of it.
#[must_use]
pub fn command() -> clap::Command {
    Arguments::command()
}

fn carry_out(action: Action) -> Result<(), Problem> {
    match action {
        Action::Serve(serve) => config::serve(&serve),
        Action::Config(action) => config::run(&action),
        Action::Demo(demo) => demo::run(demo.listen, demo.phone_listen).map_err(Problem::Failed),
        Action::User(user) => people::user(user),
        Action::Audit(audit) => people::audit(&audit),
        Action::SetupLink(link) => people::set_up_link(&link),
        Action::Channel(channel) => channel::run(channel),
        Action::Queue(QueueAction::Set(QueueSet { name, auto_answer, offer_timeout_s, data })) => {
            ask(&data, Request::QueueSet(QueueRequest { name, auto_answer, offer_timeout_s }))
        }
        Action::Settings(settings) => {
            let main_language = settings.main_language.map(|MainLanguage(code)| code);
            let RetentionRules { retain_messages_days, retain_media_days } = settings.retention;
            let retain_messages_days = retain_messages_days.map(|Days(days)| days);
            let retain_media_days = retain_media_days.into_iter().map(|KindDays(kind, days)| (kind, days)).collect();
            let read_marks = settings.read_marks;
            let request = SettingsRequest { main_language, read_marks, retain_messages_days, retain_media_days };
            ask(&settings.data, Request::SettingsSet(request))
        }
        Action::Search(search) => find(&search),
        Action::Reindex(data) => reindex(&data.data),
        Action::Import(import) => import_file(import),
        Action::Export(export) => privacy::export(export),
        Action::Erase(erase) => privacy::erase(erase),
        Action::Compact(compact) => privacy::compact(&compact),
        Action::Backup(asked) => backup::back_up(&asked),
        Action::Verify(asked) => backup::verify(&asked),
        Action::Restore(asked) => backup::restore(&asked),
        Action::BackupSchedule(asked) => backup::schedule(asked),
        Action::Rehearse(asked) => rehearsal::rehearse(asked),
        Action::Doctor(doctor) => doctor::examine(doctor),
        Action::Completions(asked) => manual::completions(&mut command(), &asked),
        Action::Man(asked) => manual::man(command(), &asked),
        Action::Version(asked) => {
            manual::version(&asked);
            Ok(())
        }
    }
}

/// Why a command did not do what was asked, in a sentence.
enum Problem {
    /// The request makes no sense: exit code 2.
    Refused(String),
    /// The work went wrong: exit code 1.
    Failed(String),
}

#[allow(clippy::print_stdout, reason = "the answer of a command")]
fn ask(data: &Path, request: Request) -> Result<(), Problem> {
    let answer = control::ask(data, request).map_err(Problem::Failed)?;
    if !answer.done {
        return Err(Problem::Refused(answer.sentence));
    }
    println!("{}", answer.sentence);
    Ok(())
}

#[allow(clippy::print_stdout, reason = "the answer of a command")]
fn import_file(import: Import) -> Result<(), Problem> {
    let into = |target: ImportTarget| (target.data, target.channel, target.agent);
    let tally = match import {
        Import::Contacts(contacts) => return privacy::import_contacts(&contacts),
        Import::Transcript(transcript) => {
            let (data, channel, agent) = into(transcript.target);
            import::transcript(&transcript.file, &Target { data: &data, channel, agent })
        }
        Import::WhatsappExport(export) => {
            let (data, channel, agent) = into(export.target);
            let chat = Chat { contact: export.contact, me: export.me, phone: export.phone, dates: export.dates };
            import::whatsapp_export(&export.file, &chat, &Target { data: &data, channel, agent })
        }
    };
    let tally = tally.map_err(Problem::Failed)?;
    println!("{} messages read, {} of them new.", tally.read, tally.added);
    Ok(())
}

/// The first line of a small file, without its end.
fn first_line(path: &Path) -> Result<String, Problem> {
    let unreadable = |error| Problem::Refused(format!("{} cannot be read: {error}.", path.display()));
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut text = String::new();
    file.take(SECRET_FILE_BYTES_MAX).read_to_string(&mut text).map_err(unreadable)?;
    match text.lines().next() {
        Some(line) if !line.trim().is_empty() => Ok(line.to_owned()),
        Some(_) | None => Err(Problem::Refused(format!("{} is empty.", path.display()))),
    }
}
