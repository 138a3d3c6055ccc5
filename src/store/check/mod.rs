//! Whether what a store holds is whole: every record decoded, every reference followed, every index compared.
//!
//! Rows come in one pass, from a database or from a backup, so nothing is looked up: numbers are gathered in bitmaps,
//! and two tables that say the same from both ends are compared by sums of hashes. Invariants: memory grows by bits for
//! each row, not by rows; a damaged row is reported and the rest is still read; no finding shows a text.

mod bits;
mod rows;
mod shape;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::domain::floor::Counters;
use crate::domain::ids::ConversationId;
use crate::domain::media::FileHash;
use crate::limits::CHECK_FINDINGS_MAX;

use super::database::FORMAT;
use super::tables::{ALL, table_name};

use self::bits::{Balance, Marks, Numbers};

/// What has numbers that others refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Noun {
    Agent,
    Queue,
    Disposition,
    Channel,
    Contact,
    Conversation,
    Interaction,
    Message,
    CaseKey,
    Response,
}

impl Noun {
    const ALL: [Self; 10] = [
        Self::Agent,
        Self::Queue,
        Self::Disposition,
        Self::Channel,
        Self::Contact,
        Self::Conversation,
        Self::Interaction,
        Self::Message,
        Self::CaseKey,
        Self::Response,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Queue => "queue",
            Self::Disposition => "disposition",
            Self::Channel => "channel",
            Self::Contact => "contact",
            Self::Conversation => "conversation",
            Self::Interaction => "interaction",
            Self::Message => "message",
            Self::CaseKey => "key of case data",
            Self::Response => "response",
        }
    }

    /// The next number of this kind.
    fn next(self, counters: &Counters) -> u64 {
        match self {
            Self::Agent => counters.agent,
            Self::Queue => counters.queue,
            Self::Disposition => counters.disposition,
            Self::Channel => counters.channel,
            Self::Contact => counters.contact,
            Self::Conversation => counters.conversation,
            Self::Interaction => counters.interaction,
            Self::Message => counters.message,
            Self::CaseKey => counters.case_key,
            Self::Response => counters.response,
        }
    }
}

/// Two places that have to say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Pair {
    People,
    Logins,
    Profiles,
    PhoneNumberIds,
    ConversationsOf,
    InteractionsOf,
    Transcripts,
    ParkedReports,
    Handled,
    ContactWords,
    ContactNumbers,
    Recent,
    FetchesDue,
    ClientKeys,
}

impl Pair {
    const ALL: [Self; 14] = [
        Self::People,
        Self::Logins,
        Self::Profiles,
        Self::PhoneNumberIds,
        Self::ConversationsOf,
        Self::InteractionsOf,
        Self::Transcripts,
        Self::ParkedReports,
        Self::Handled,
        Self::ContactWords,
        Self::ContactNumbers,
        Self::Recent,
        Self::FetchesDue,
        Self::ClientKeys,
    ];

    /// The first layout that has both.
    fn since(self) -> u32 {
        match self {
            Self::Handled => 2,
            Self::ContactWords | Self::ContactNumbers | Self::Recent => 3,
            Self::People
            | Self::Logins
            | Self::Profiles
            | Self::PhoneNumberIds
            | Self::ConversationsOf
            | Self::InteractionsOf
            | Self::Transcripts
            | Self::ParkedReports
            | Self::FetchesDue
            | Self::ClientKeys => 1,
        }
    }

    /// The two, as a finding names them.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::People => ("agents", "people"),
            Self::Logins => ("people", "logins"),
            Self::Profiles => ("channels", "channel_profiles"),
            Self::PhoneNumberIds => ("channel_profiles", "phone_number_ids"),
            Self::ConversationsOf => ("conversations", "conversations_of"),
            Self::InteractionsOf => ("interactions", "interactions_of"),
            Self::Transcripts => ("messages", "transcripts"),
            Self::ParkedReports => ("parked_reports", "parked_order"),
            Self::Handled => ("handlers", "handled"),
            Self::ContactWords => ("contacts", "contact_words"),
            Self::ContactNumbers => ("contacts", "contact_numbers"),
            Self::Recent => ("conversations", "recent"),
            Self::FetchesDue => ("fetches", "fetches_due"),
            Self::ClientKeys => ("messages", "client_keys"),
        }
    }
}

/// What was found in one pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Rows of each table, by its name; tables without rows are there too.
    pub rows: BTreeMap<&'static str, u64>,
    /// References that were followed.
    pub references: u64,
    /// Files whose bytes were read and have the hash that they lie under.
    pub files: u64,
    /// Their bytes.
    pub file_bytes: u64,
    /// What is not whole: sentences, the first of them.
    pub findings: Vec<String>,
    /// How many there are in all.
    pub findings_total: u64,
}

impl Checked {
    /// Rows of all tables.
    #[must_use]
    pub fn rows_total(&self) -> u64 {
        self.rows.values().sum()
    }

    /// Notes something that is not whole.
    pub fn note(&mut self, finding: String) {
        self.findings_total += 1;
        if self.findings.len() < CHECK_FINDINGS_MAX {
            self.findings.push(finding);
        }
    }
}

/// Takes all rows of a store and tells what is not whole. Tables come in the order of their numbers.
#[derive(Default)]
pub struct Checker {
    checked: Checked,
    present: BTreeMap<Noun, Numbers>,
    /// Contacts who were erased.
    erased: Numbers,
    /// By who refers and to what.
    wanted: BTreeMap<(&'static str, Noun), Numbers>,
    balances: BTreeMap<Pair, Balance>,
    /// Hashes of contact and address, for the addresses that point back.
    addresses: HashSet<u64>,
    /// A mark of each message's provider id, and the messages that are found by it.
    wamids: Marks,
    named: Numbers,
    /// Messages that are reactions.
    reactions: Numbers,
    /// Conversations with an open interaction.
    open: BTreeSet<ConversationId>,
    /// Files by their hash: size, and whether the bytes are there.
    files: HashMap<FileHash, (u64, bool)>,
    files_wanted: HashSet<FileHash>,
    /// Of messages of ours, as long as none was removed for its age.
    own_files: HashMap<u64, FileHash>,
    journal: Option<JournalEnd>,
    /// The layout, once the identity was read.
    format: Option<u32>,
}

/// How far the journal goes.
struct JournalEnd {
    next: u64,
    counters: Counters,
}

impl Checker {
    /// A check that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        let rows = ALL.iter().map(|(_, name)| (*name, 0)).collect();
        Self { checked: Checked { rows, ..Checked::default() }, ..Self::default() }
    }

    /// Takes one row.
    pub fn row(&mut self, table: u8, key: &[u8], value: &[u8]) {
        *self.checked.rows.entry(table_name(table)).or_default() += 1;
        self.read_row(table, key, value);
    }

    /// Takes one file that was read whole and has this hash.
    pub fn file(&mut self, hash: FileHash, bytes: u64) {
        self.checked.files += 1;
        self.checked.file_bytes += bytes;
        if let Some((said, here)) = self.files.get_mut(&hash) {
            *here = true;
            let said = *said;
            if said != bytes {
                let finding = format!("File {}: it has {bytes} bytes and not {said}.", short(hash));
                self.checked.note(finding);
            }
        }
    }

    /// Notes something else that is not whole.
    pub fn note(&mut self, finding: String) {
        self.checked.note(finding);
    }

    /// Tells what was found. `with_files` says whether the files of the shelf were read too.
    #[must_use]
    pub fn finish(mut self, with_files: bool) -> Checked {
        let format = self.format.unwrap_or_else(|| {
            self.checked.note("Table meta: the identity of the store is missing.".to_owned());
            FORMAT
        });
        self.compare_numbers();
        for pair in Pair::ALL.into_iter().filter(|pair| pair.since() <= format) {
            let Some(balance) = self.balances.get(&pair) else { continue };
            let (left, right) = pair.words();
            if let Some((lefts, rights)) = balance.difference() {
                let finding = format!("Tables {left} and {right} do not agree: {lefts} entries here, {rights} there.");
                self.checked.note(finding);
            }
        }
        self.compare_wamids();
        self.compare_files(with_files);
        self.checked
    }

    fn compare_numbers(&mut self) {
        for ((referrer, noun), wanted) in &self.wanted {
            let none = Numbers::default();
            for id in wanted.without(self.present.get(noun).unwrap_or(&none)) {
                let finding = format!("Table {referrer}: {} {id} is named there and does not exist.", noun.word());
                self.checked.note(finding);
            }
        }
        let Some(end) = &self.journal else {
            self.checked.note("Table journal: it is empty.".to_owned());
            return;
        };
        for noun in Noun::ALL {
            let last = self.present.get(&noun).and_then(Numbers::last);
            if last.is_some_and(|last| last >= noun.next(&end.counters)) {
                let finding = format!("Table journal: the counter of each {} is behind its numbers.", noun.word());
                self.checked.note(finding);
            }
        }
    }

    fn compare_wamids(&mut self) {
        let unnamed = self.wamids.count() - self.named.count();
        if unnamed > 0 {
            let finding = format!("Table wamids: {unnamed} messages are not found by their provider's id.");
            self.checked.note(finding);
        }
    }

    fn compare_files(&mut self, with_files: bool) {
        self.files_wanted.extend(self.own_files.values());
        for hash in &self.files_wanted {
            if !self.files.contains_key(hash) {
                self.checked.note(format!("Table files: file {} is named and has no row.", short(*hash)));
            }
        }
        if !with_files {
            return;
        }
        for (hash, (_, here)) in &self.files {
            if !here {
                self.checked.note(format!("File {} has a row and is not on the shelf.", short(*hash)));
            }
        }
    }
}

/// Enough of a hash to find the file by.
fn short(hash: FileHash) -> String {
    hash.hex()[..12].to_owned()
}

#[cfg(test)]
mod tests {
    use super::Checker;
    use crate::store::tables::ALL;

    /// A table that is added has to be added to `rows.rs` too.
    #[test]
    fn every_table_is_known() {
        for (number, name) in ALL {
            let mut checker = Checker::new();
            checker.row(*number, &[], &[1]);
            let checked = checker.finish(true);
            let told = checked.findings.join(" ");
            assert!(told.contains(name), "a row of table {name} without a key is taken: {told}");
            assert!(!told.contains("nobody knows how to read"), "table {name} is not read");
        }
    }
}
