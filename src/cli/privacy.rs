//! `erase`, `compact`, `export` and `import contacts`, in the data of a running server or a stopped one.
//!
//! Invariant: nothing is erased that a person has not confirmed, on the terminal or with `--yes`.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use crate::control::{self, ExportScope, Request, WhoRequest};
use crate::export;
use crate::import;
use crate::limits::{IMPORT_COMPLAINTS_MAX, RETENTION_DAYS_MAX, RETENTION_DAYS_MIN};

use super::{Problem, ask, data_default};

#[derive(Subcommand)]
pub(super) enum Erase {
    /// Forget a person: messages, files, notes, names and numbers. Counts of interactions stay.
    #[command(after_help = "Example: deskbell erase contact --phone '+49 170 1234567' --data DIR")]
    Contact(EraseContact),
}

#[derive(Args)]
pub(super) struct EraseContact {
    #[command(flatten)]
    who: Who,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

/// Who is meant.
#[derive(Args)]
#[command(group(ArgGroup::new("who").required(true).args(["phone", "id"])))]
pub(super) struct Who {
    /// The contact's phone number, with + and country code.
    #[arg(long)]
    phone: Option<String>,
    /// Deskbell's own number of the contact.
    #[arg(long)]
    id: Option<u64>,
}

impl Who {
    fn request(self) -> Result<WhoRequest, Problem> {
        match (self.phone, self.id) {
            (Some(phone), _) => Ok(WhoRequest::Phone(phone)),
            (None, Some(id)) => Ok(WhoRequest::Id(id)),
            (None, None) => Err(Problem::Refused("Name the contact with --phone or --id.".to_owned())),
        }
    }
}

#[derive(Args)]
pub(super) struct Compact {
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

#[derive(Subcommand)]
pub(super) enum Export {
    /// One person, as a folder with a page to read, the records and the files.
    #[command(after_help = "Example: deskbell export contact --phone '+49 170 1234567' --out maria --data DIR")]
    Contact(ExportContact),
    /// One conversation, as JSON Lines.
    #[command(after_help = "Example: deskbell export conversation --id 7 --out conversation.jsonl --data DIR")]
    Conversation(ExportConversation),
    /// Everything, as JSON Lines.
    #[command(after_help = "Example: deskbell export everything --out all.jsonl --data DIR")]
    Everything(ExportAll),
    /// All contacts, as a table (CSV).
    #[command(after_help = "Example: deskbell export contacts --out contacts.csv --data DIR")]
    Contacts(ExportAll),
}

#[derive(Args)]
pub(super) struct ExportContact {
    #[command(flatten)]
    who: Who,
    /// The folder; it must not be there.
    #[arg(long)]
    out: PathBuf,
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

#[derive(Args)]
pub(super) struct ExportConversation {
    /// Deskbell's own number of the conversation.
    #[arg(long)]
    id: u64,
    /// The file; it must not be there.
    #[arg(long)]
    out: PathBuf,
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

#[derive(Args)]
pub(super) struct ExportAll {
    /// The file; it must not be there.
    #[arg(long)]
    out: PathBuf,
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

#[derive(Args)]
pub(super) struct ImportContacts {
    /// The file: .csv with a line of column names (one of them `phone`), or .vcf.
    file: PathBuf,
    /// The country code of numbers that are written without one, such as 49.
    #[arg(long, value_parser = country_code)]
    country_code: Option<String>,
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

fn country_code(code: &str) -> Result<String, String> {
    let code = code.trim_start_matches('+');
    let fits = (1..=3).contains(&code.len()) && code.bytes().all(|digit| digit.is_ascii_digit());
    if fits && !code.starts_with('0') { Ok(code.to_owned()) } else { Err("one to three digits, such as 49".to_owned()) }
}

/// How long things are kept.
#[derive(Args)]
pub(super) struct RetentionRules {
    /// Conversations on which nothing has happened for so many days are erased, with their contact when nothing else is
    /// left of them; `forever` keeps them.
    #[arg(long, value_parser = days)]
    pub(super) retain_messages_days: Option<Days>,
    /// Files are removed so many days after their message, as in image=90,video=30,document=forever (also audio and
    /// sticker); the messages stay.
    #[arg(long, value_parser = kind_days, value_delimiter = ',')]
    pub(super) retain_media_days: Vec<KindDays>,
}

/// Days; 0 for ever.
#[derive(Clone, Copy)]
pub(super) struct Days(pub(super) u32);

/// A kind of file and its days.
#[derive(Clone)]
pub(super) struct KindDays(pub(super) String, pub(super) u32);

fn days(text: &str) -> Result<Days, String> {
    if text == "forever" {
        return Ok(Days(0));
    }
    let days = text.parse().ok().filter(|days| (RETENTION_DAYS_MIN..=RETENTION_DAYS_MAX).contains(days));
    days.map(Days)
        .ok_or_else(|| format!("a number of days from {RETENTION_DAYS_MIN} to {RETENTION_DAYS_MAX}, or forever"))
}

fn kind_days(text: &str) -> Result<KindDays, String> {
    let (kind, number) = text.split_once('=').ok_or("write it as image=90")?;
    let kinds: Vec<&str> = control::media_kinds().collect();
    if !kinds.contains(&kind) {
        return Err(format!("choose among {}", kinds.join(", ")));
    }
    Ok(KindDays(kind.to_owned(), days(number)?.0))
}

/// Erases a person, once somebody has confirmed it.
pub(super) fn erase(Erase::Contact(erase): Erase) -> Result<(), Problem> {
    let who = erase.who.request()?;
    if !erase.yes && !confirmed()? {
        return Err(Problem::Refused("Nothing was erased.".to_owned()));
    }
    ask(&erase.data, Request::EraseContact { who })
}

fn confirmed() -> Result<bool, Problem> {
    if !std::io::stdin().is_terminal() {
        return Err(Problem::Refused("Nothing was erased: say --yes where nobody can be asked.".to_owned()));
    }
    eprint!("Everything that was said with this contact goes for good. Type `erase` to go on: ");
    std::io::stderr().flush().ok();
    let mut typed = String::new();
    let read = std::io::stdin().lock().read_line(&mut typed);
    read.map_err(|error| Problem::Failed(format!("The terminal cannot be read: {error}.")))?;
    Ok(typed.trim() == "erase")
}

pub(super) fn compact(compact: &Compact) -> Result<(), Problem> {
    ask(&compact.data, Request::Compact)
}

#[allow(clippy::print_stdout, reason = "the answer of a command")]
pub(super) fn export(export: Export) -> Result<(), Problem> {
    let (records, out) = match export {
        Export::Contact(ExportContact { who, out, data }) => (export::contact(&data, who.request()?, &out), out),
        Export::Conversation(ExportConversation { id, out, data }) => {
            (export::lines(&data, ExportScope::Conversation(id), &out), out)
        }
        Export::Everything(ExportAll { out, data }) => (export::lines(&data, ExportScope::Everything, &out), out),
        Export::Contacts(ExportAll { out, data }) => (export::contacts(&data, &out), out),
    };
    let records = records.map_err(Problem::Refused)?;
    println!("{records} records written to {}.", out.display());
    Ok(())
}

#[allow(clippy::print_stdout, reason = "the answer of a command")]
pub(super) fn import_contacts(import: &ImportContacts) -> Result<(), Problem> {
    let tally =
        import::contacts(&import.file, import.country_code.as_deref(), &import.data).map_err(Problem::Refused)?;
    for (line, complaint) in tally.complaints.iter().take(IMPORT_COMPLAINTS_MAX) {
        eprintln!("line {line}: {complaint}.");
    }
    let more = tally.complaints.len().saturating_sub(IMPORT_COMPLAINTS_MAX);
    if more > 0 {
        eprintln!("{more} more lines were left out.");
    }
    let import::ContactsTally { added, changed, unchanged, complaints } = tally;
    if added + changed + unchanged == 0 && !complaints.is_empty() {
        return Err(Problem::Refused("No contact of this file could be imported.".to_owned()));
    }
    println!(
        "{added} contacts added, {changed} completed, {unchanged} known already, {} lines left out.",
        complaints.len()
    );
    Ok(())
}
