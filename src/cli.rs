//! The command line: what can be asked, read into calls.
//!
//! Every refusal is a sentence on standard error and exit code 2; a failure at work is exit code 1.
//! Invariant: no secret is taken as an argument, because arguments are seen by everybody on the machine. (The verify
//! token is no secret in this sense: it only lets Meta find the address.)

mod backup;
mod search;

use std::io::Read as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::appliance;
use crate::control::{
    self, AutoAnswerName, ChannelRequest, QueueRequest, ReadMarksName, Request, RoleName, SettingsRequest,
};
use crate::demo;
use crate::import::{self, Chat, DateOrder, Target};
use crate::limits::{CAPACITY_DEFAULT, SECRET_FILE_BYTES_MAX};
use crate::observe;
use crate::password;
use crate::rehearse;

use self::backup::{Backup, Restore, Schedule, Verify};
use self::search::{Search, find, reindex};

/// Where `serve` listens unless told otherwise: this machine only.
const LISTEN_DEFAULT: &str = "127.0.0.1:8080";
/// Where the data are unless told otherwise.
const DATA_DEFAULT: &str = "./deskbell-data";

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
    /// Try everything on this machine, with a customer's phone in the browser; leaves nothing behind.
    Demo(Demo),
    /// People who sign in.
    #[command(subcommand)]
    User(User),
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
    Reindex(Reindex),
    /// Take over the past from another system or from the phone app; the same file again adds nothing.
    #[command(subcommand)]
    Import(Import),
    /// Make a backup of everything, while the server serves or not.
    #[command(after_help = "Example: deskbell backup /mnt/backups --data DIR")]
    Backup(Backup),
    /// Read a backup, or a data directory, and check every record and reference.
    #[command(after_help = "Examples: deskbell verify FILE; deskbell verify --data DIR")]
    Verify(Verify),
    /// Make a data directory from a backup.
    #[command(after_help = "Example: deskbell restore FILE --data NEW-DIRECTORY")]
    Restore(Restore),
    /// Backups that are made by themselves.
    #[command(subcommand)]
    BackupSchedule(Schedule),
    /// Replay dialogues through the whole path, compare every transcript, and measure this box.
    #[command(after_help = "Example: deskbell rehearse --dialogues dialogues.jsonl --agents 20 --json")]
    Rehearse(Rehearse),
}

#[derive(Args)]
struct Serve {
    /// The data directory; made when it is missing.
    #[arg(long, default_value = DATA_DEFAULT)]
    data: PathBuf,
    /// Address and port.
    #[arg(long, default_value = LISTEN_DEFAULT)]
    listen: SocketAddr,
    /// Allow plain HTTP on an address that other machines reach (behind a proxy that speaks HTTPS).
    #[arg(long)]
    insecure_http: bool,
}

#[derive(Args)]
struct Demo {
    /// Address and port of the agents' page.
    #[arg(long, default_value = LISTEN_DEFAULT)]
    listen: SocketAddr,
    /// Address and port of the customers' phone.
    #[arg(long, default_value = "127.0.0.1:8081")]
    phone_listen: SocketAddr,
}

#[derive(Subcommand)]
enum User {
    /// Add a person.
    #[command(
        after_help = "Example: deskbell user add ana --name 'Ana Souza' --role agent --password-file ana.txt --data DIR"
    )]
    Add(UserAdd),
}

#[derive(Args)]
struct UserAdd {
    /// The name typed at sign-in.
    login: String,
    /// The name that colleagues see.
    #[arg(long)]
    name: String,
    /// What they may do.
    #[arg(long)]
    role: RoleName,
    /// A file whose first line is the password.
    #[arg(long)]
    password_file: PathBuf,
    /// How many interactions at once.
    #[arg(long, default_value_t = CAPACITY_DEFAULT)]
    capacity: u32,
    /// Signing in makes them Ready at once.
    #[arg(long)]
    auto_ready: bool,
    /// The data directory.
    #[arg(long, default_value = DATA_DEFAULT)]
    data: PathBuf,
}

#[derive(Subcommand)]
enum Channel {
    /// Connect a business number.
    Add(ChannelAdd),
    /// Replace the access token of a number; what waits for one goes out at once.
    #[command(after_help = "Example: deskbell channel set-token --phone-number-id 1065 --access-token-file token.txt")]
    SetToken(SetToken),
}

#[derive(Args)]
struct SetToken {
    /// Meta's id of the number (digits).
    #[arg(long)]
    phone_number_id: String,
    /// A file with the access token for Graph calls.
    #[arg(long)]
    access_token_file: PathBuf,
    /// The data directory.
    #[arg(long, default_value = DATA_DEFAULT)]
    data: PathBuf,
}

#[derive(Args)]
struct ChannelAdd {
    /// The name that agents see.
    #[arg(long)]
    name: String,
    /// Meta's id of the number (digits).
    #[arg(long)]
    phone_number_id: String,
    /// Meta's id of the WhatsApp Business Account (digits), for templates.
    #[arg(long)]
    waba_id: Option<String>,
    /// The number as people write it.
    #[arg(long)]
    display_number: String,
    /// A file with the app secret, which signs webhooks.
    #[arg(long)]
    app_secret_file: PathBuf,
    /// The word that Meta repeats when it verifies the webhook address.
    #[arg(long)]
    verify_token: String,
    /// A file with the access token for Graph calls.
    #[arg(long)]
    access_token_file: PathBuf,
    /// Base address of Graph calls.
    #[arg(long, default_value = "https://graph.facebook.com")]
    graph_url: String,
    /// Version of Graph calls.
    #[arg(long, default_value = "v27.0")]
    graph_version: String,
    /// Messages a second that Meta allows this number.
    #[arg(long, default_value_t = 80)]
    messages_per_s_max: u32,
    /// The data directory.
    #[arg(long, default_value = DATA_DEFAULT)]
    data: PathBuf,
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
    #[arg(long, default_value = DATA_DEFAULT)]
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
    /// The data directory.
    #[arg(long, default_value = DATA_DEFAULT)]
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
    #[arg(long, default_value = DATA_DEFAULT)]
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
    #[arg(long, default_value = DATA_DEFAULT)]
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

#[derive(Args)]
struct Rehearse {
    /// JSON Lines with `conversation`, `seq`, `author` (contact or agent) and `text`.
    #[arg(long)]
    dialogues: PathBuf,
    /// Agents to play.
    #[arg(long, default_value_t = 20)]
    agents: u32,
    /// Messages of customers a second; as fast as the box can when left out.
    #[arg(long)]
    rate: Option<f64>,
    /// Kill the server (SIGKILL) and start it again every so many seconds.
    #[arg(long)]
    kill_every_s: Option<f64>,
    /// Make a backup of the server's data every so many seconds, and tell what it does to the acknowledgements.
    #[arg(long)]
    backup_every_s: Option<f64>,
    /// Use only the first so many dialogues.
    #[arg(long)]
    dialogues_max: Option<usize>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
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
    observe::start();
    let outcome = match arguments.action {
        Action::Serve(serve) => {
            appliance::serve(&serve.data, serve.listen, serve.insecure_http).map_err(Problem::Failed)
        }
        Action::Demo(demo) => demo::run(demo.listen, demo.phone_listen).map_err(Problem::Failed),
        Action::User(User::Add(user)) => user_add(user),
        Action::Channel(Channel::Add(channel)) => channel_add(channel),
        Action::Channel(Channel::SetToken(SetToken { phone_number_id, access_token_file, data })) => {
            first_line(&access_token_file)
                .and_then(|access_token| ask(&data, Request::AccessTokenSet { phone_number_id, access_token }))
        }
        Action::Queue(QueueAction::Set(QueueSet { name, auto_answer, offer_timeout_s, data })) => {
            ask(&data, Request::QueueSet(QueueRequest { name, auto_answer, offer_timeout_s }))
        }
        Action::Settings(settings) => {
            let main_language = settings.main_language.map(|MainLanguage(code)| code);
            let request = SettingsRequest { main_language, read_marks: settings.read_marks };
            ask(&settings.data, Request::SettingsSet(request))
        }
        Action::Search(search) => find(&search),
        Action::Reindex(data) => reindex(&data.data),
        Action::Import(import) => import_file(import),
        Action::Backup(asked) => backup::back_up(&asked),
        Action::Verify(asked) => backup::verify(&asked),
        Action::Restore(asked) => backup::restore(&asked),
        Action::BackupSchedule(asked) => backup::schedule(asked),
        Action::Rehearse(rehearse) => rehearse_with(rehearse),
    };
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

/// Why a command did not do what was asked, in a sentence.
enum Problem {
    /// The request makes no sense: exit code 2.
    Refused(String),
    /// The work went wrong: exit code 1.
    Failed(String),
}

fn user_add(user: UserAdd) -> Result<(), Problem> {
    let typed = first_line(&user.password_file)?;
    let password_hash = password::hash(&typed).map_err(|error| Problem::Refused(error.to_string()))?;
    ask(
        &user.data,
        Request::UserAdd {
            login: user.login,
            name: user.name,
            role: user.role,
            password_hash,
            capacity: user.capacity,
            auto_ready: user.auto_ready,
        },
    )
}

fn channel_add(channel: ChannelAdd) -> Result<(), Problem> {
    let app_secret = first_line(&channel.app_secret_file)?;
    let access_token = first_line(&channel.access_token_file)?;
    ask(
        &channel.data,
        Request::ChannelAdd(ChannelRequest {
            name: channel.name,
            phone_number_id: channel.phone_number_id,
            business_account_id: channel.waba_id,
            display_number: channel.display_number,
            app_secret,
            verify_token: channel.verify_token,
            access_token,
            graph_url: channel.graph_url,
            graph_version: channel.graph_version,
            messages_per_s_max: channel.messages_per_s_max,
        }),
    )
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

fn rehearse_with(rehearse: Rehearse) -> Result<(), Problem> {
    let options = rehearse::Options {
        dialogues: rehearse.dialogues,
        agents: rehearse.agents,
        rate_per_s: rehearse.rate,
        kill_every_s: rehearse.kill_every_s,
        backup_every_s: rehearse.backup_every_s,
        dialogues_max: rehearse.dialogues_max,
        json: rehearse.json,
    };
    rehearse::run(&options).map_err(Problem::Failed)
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
