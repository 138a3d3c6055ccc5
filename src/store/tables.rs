//! Every table and its key, on one page.
//!
//! Keys are integers, text and tuples of them, so that redb orders them; values are the codec's bytes. Every change goes
//! through `Rows`, which notes it for the commit log. Invariant: a name, a number or a key type here never changes its
//! meaning; a new layout gets a new name and number.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::ops::Deref;
use std::rc::Rc;

use redb::{
    Key, ReadTransaction, ReadableTable as _, StorageError, Table, TableDefinition, TableError, WriteTransaction,
};

use super::StoreError;
use super::dump::TakeRow;
use super::keys::SoundKey;

/// A value as the codec wrote it.
pub(super) type Value = &'static [u8];

/// The key of the link for the first administrator in the table `meta`.
pub(super) const SET_UP_LINK: u8 = 2;
/// The key of the rules about who gets in in the table `settings`.
pub(super) const SECURITY_RULES: u8 = 1;

/// In place of a value's length: the row was removed.
const REMOVED: u32 = u32::MAX;

/// A table of a write transaction, of which every change is noted.
pub(super) struct Rows<'txn, K: Key + 'static> {
    table: Table<'txn, K, Value>,
    number: u8,
    changes: Rc<RefCell<Vec<u8>>>,
}

impl<'txn, K: Key + 'static> Rows<'txn, K> {
    /// Puts a row in its place.
    pub(super) fn insert<'k>(
        &mut self,
        key: impl Borrow<K::SelfType<'k>>,
        value: impl AsRef<[u8]>,
    ) -> Result<(), StorageError> {
        let value = value.as_ref();
        let length = u32::try_from(value.len()).map_err(|_| StorageError::ValueTooLarge(value.len()))?;
        self.note(key.borrow(), length, value);
        self.table.insert(key, value)?;
        Ok(())
    }

    /// Removes a row, if it is there.
    pub(super) fn remove<'k>(&mut self, key: impl Borrow<K::SelfType<'k>>) -> Result<(), StorageError> {
        self.note(key.borrow(), REMOVED, &[]);
        self.table.remove(key)?;
        Ok(())
    }

    /// Puts a row of another store in its place; the commit log does not hear of it.
    fn fill(&mut self, number: u8, key: &[u8], value: &[u8]) -> Result<(), StoreError>
    where
        K: SoundKey,
    {
        if !K::is_sound(key) {
            let reason = "the key is none of this table".to_owned();
            return Err(StoreError::Corrupt { table: table_name(number), key: "?".to_owned(), reason });
        }
        self.table.insert(K::from_bytes(key), value)?;
        Ok(())
    }

    fn note(&self, key: &K::SelfType<'_>, length: u32, value: &[u8]) {
        let key = K::as_bytes(key);
        let key = key.as_ref();
        let mut changes = self.changes.borrow_mut();
        changes.push(self.number);
        changes.extend_from_slice(&u32::try_from(key.len()).unwrap_or(REMOVED).to_le_bytes());
        changes.extend_from_slice(&length.to_le_bytes());
        changes.extend_from_slice(key);
        changes.extend_from_slice(value);
    }
}

impl<'txn, K: Key + 'static> Deref for Rows<'txn, K> {
    type Target = Table<'txn, K, Value>;

    fn deref(&self) -> &Self::Target {
        &self.table
    }
}

/// A noted change.
struct Change<'a> {
    table: u8,
    key: &'a [u8],
    /// `None` for a removed row.
    value: Option<&'a [u8]>,
}

/// The first noted change, and what follows it.
fn first_change(changes: &[u8]) -> Option<(Change<'_>, &[u8])> {
    let (&table, rest) = changes.split_first()?;
    let (key_length, rest) = rest.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (key, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*key_length)).ok()?)?;
    let length = u32::from_le_bytes(*length);
    if length == REMOVED {
        return Some((Change { table, key, value: None }, rest));
    }
    let (value, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    Some((Change { table, key, value: Some(value) }, rest))
}

macro_rules! tables {
    ($($(#[$doc:meta])* $code:literal $field:ident $constant:ident : $key:ty = $name:literal),+ $(,)?) => {
        $($(#[$doc])* pub(super) const $constant: TableDefinition<'static, $key, Value> = TableDefinition::new($name);)+

        /// The name of a table with this name, for reports.
        pub(super) fn name_of(name: &str) -> &'static str {
            match name {
                $($name => $name,)+
                _ => "unknown",
            }
        }

        /// Number and name of every table.
        pub(super) const ALL: &[(u8, &str)] = &[$(($code, $name)),+];

        /// The name of the table with this number, for reports.
        pub(super) fn table_name(number: u8) -> &'static str {
            match number {
                $($code => $name,)+
                _ => "unknown",
            }
        }

        /// Calls `take` with number, key and value of every row of one moment, table after table. Tables that an earlier
        /// layout does not have are passed over.
        pub(super) fn each_row<E: From<StoreError>>(
            transaction: &ReadTransaction,
            take: &mut TakeRow<'_, E>,
        ) -> Result<(), E> {
            $(match transaction.open_table($constant) {
                Ok(table) => for row in table.iter().map_err(StoreError::from)? {
                    let (key, value) = row.map_err(StoreError::from)?;
                    let key = key.value();
                    let bytes = <$key as redb::Value>::as_bytes(&key);
                    take($code, bytes.as_ref(), value.value())?;
                },
                Err(TableError::TableDoesNotExist(_)) => {}
                Err(error) => return Err(StoreError::from(error).into()),
            })+
            Ok(())
        }

        /// The tables of one write transaction, each opened when it is first needed.
        pub(super) struct Tables<'txn> {
            transaction: &'txn WriteTransaction,
            changes: Rc<RefCell<Vec<u8>>>,
            $($field: Option<Rows<'txn, $key>>),+
        }

        impl<'txn> Tables<'txn> {
            pub(super) fn new(transaction: &'txn WriteTransaction) -> Self {
                Self { transaction, changes: Rc::default(), $($field: None),+ }
            }

            $(pub(super) fn $field(&mut self) -> Result<&mut Rows<'txn, $key>, StoreError> {
                if self.$field.is_none() {
                    let table = self.transaction.open_table($constant)?;
                    self.$field = Some(Rows { table, number: $code, changes: Rc::clone(&self.changes) });
                }
                Ok(self.$field.as_mut().expect("was opened just now"))
            })+

            /// Makes every table, so that no reader meets a missing one.
            pub(super) fn create(transaction: &'txn WriteTransaction) -> Result<(), StoreError> {
                $(transaction.open_table($constant)?;)+
                Ok(())
            }

            /// Copies every row into another database.
            pub(super) fn copy(from: &ReadTransaction, to: &WriteTransaction) -> Result<(), StoreError> {
                $({
                    let mut table = to.open_table($constant)?;
                    for row in from.open_table($constant)?.iter()? {
                        let (key, value) = row?;
                        table.insert(key.value(), value.value())?;
                    }
                })+
                Ok(())
            }

            /// What was changed, as the commit log keeps it.
            pub(super) fn take_changes(&self) -> Vec<u8> {
                self.changes.take()
            }

            /// Puts a row of another store in its place; the commit log does not hear of it.
            pub(super) fn fill(&mut self, table: u8, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
                match table {
                    $($code => self.$field()?.fill(table, key, value),)+
                    _ => Err(StoreError::Missing("a table that a backup names")),
                }
            }

            /// Carries out changes that the commit log kept.
            pub(super) fn carry_out(&mut self, mut changes: &[u8]) -> Result<(), StoreError> {
                while !changes.is_empty() {
                    let damaged = StoreError::Missing("a change in the commit log");
                    let (change, rest) = first_change(changes).ok_or(damaged)?;
                    changes = rest;
                    match change.table {
                        $($code => {
                            let key = <$key as redb::Value>::from_bytes(change.key);
                            match change.value {
                                Some(value) => self.$field()?.insert(key, value)?,
                                None => self.$field()?.remove(key)?,
                            }
                        })+
                        _ => return Err(StoreError::Missing("a table that the commit log names")),
                    }
                }
                Ok(())
            }
        }
    };
}

tables! {
    /// Who this store is: identity under 0, the commit log's epoch under 1, the set-up link under 2; a row under 3 while the log is to be wiped, one under 4 until the first start after a restore.
    1 meta META: u8 = "meta",
    /// First sequence number of a commit (or a part of a large one) -> its events, the time and the counters after it.
    2 journal JOURNAL: u64 = "journal",

    /// Agent -> state on the floor.
    3 agents AGENTS: u64 = "agents",
    /// Agent -> login, name, password hash.
    4 people PEOPLE: u64 = "people",
    /// Login in lower case -> agent.
    5 logins LOGINS: &'static str = "logins",
    /// SHA-256 of the secret -> sign-in.
    6 sign_ins SIGN_INS: &'static [u8; 32] = "sign_ins",
    /// Queue.
    7 queues QUEUES: u64 = "queues",
    /// Outcome code.
    8 dispositions DISPOSITIONS: u64 = "dispositions",
    /// The centre's rules under 0, the schedule of backups under 10, how the last ones went under 11.
    9 settings SETTINGS: u8 = "settings",
    /// Channel account -> state on the floor.
    10 channels CHANNELS: u64 = "channels",
    /// Channel account -> what the administrator said, with its secrets.
    11 channel_profiles CHANNEL_PROFILES: u64 = "channel_profiles",
    /// Phone-number id -> channel account.
    12 phone_number_ids PHONE_NUMBER_IDS: &'static str = "phone_number_ids",

    /// Contact.
    13 contacts CONTACTS: u64 = "contacts",
    /// Kind and value of an address -> contact.
    14 addresses ADDRESSES: (u8, &'static str) = "addresses",
    /// Conversation.
    15 conversations CONVERSATIONS: u64 = "conversations",
    /// Contact and channel account -> conversation.
    16 conversations_of CONVERSATIONS_OF: (u64, u64) = "conversations_of",

    /// Open interaction.
    17 interactions INTERACTIONS: u64 = "interactions",
    /// Interaction that is Done -> last state, when and by whom.
    18 interactions_done INTERACTIONS_DONE: u64 = "interactions_done",
    /// Conversation and interaction, open or done.
    19 interactions_of INTERACTIONS_OF: (u64, u64) = "interactions_of",
    /// Interaction -> note.
    20 notes NOTES: u64 = "notes",
    /// Interaction -> note of its last hand-over.
    21 transfer_notes TRANSFER_NOTES: u64 = "transfer_notes",

    /// Message.
    22 messages MESSAGES: u64 = "messages",
    /// Conversation, place in time, message: the order of the transcript.
    23 transcripts TRANSCRIPTS: (u64, i64, u64) = "transcripts",
    /// Provider's id -> message, for ever.
    24 wamids WAMIDS: &'static str = "wamids",
    /// Agent and browser's key -> message.
    25 client_keys CLIENT_KEYS: (u64, &'static str) = "client_keys",
    /// Message on its way.
    26 sends SENDS: u64 = "sends",

    /// Provider's id and order of arrival -> status of a message that nobody knows yet.
    27 parked_reports PARKED_REPORTS: (&'static str, u64) = "parked_reports",
    /// Order of arrival -> provider's id and time, so that the oldest parked status can be dropped.
    28 parked_order PARKED_ORDER: u64 = "parked_order",
    /// Order of arrival -> something not understood.
    29 raw RAW: u64 = "raw",

    /// Key of case data on the administrator's list.
    30 case_keys CASE_KEYS: u64 = "case_keys",
    /// Interaction -> case data.
    31 case_data CASE_DATA: u64 = "case_data",
    /// Canned reply.
    32 responses RESPONSES: u64 = "responses",
    /// Agent and interaction that they held at some time.
    33 handled HANDLED: (u64, u64) = "handled",
    /// Interaction -> the agents who held it, in order.
    34 handlers HANDLERS: u64 = "handlers",
    /// Agent and contact: the agent's assigned contacts.
    35 assigned ASSIGNED: (u64, u64) = "assigned",
    /// Word of a name, folded, and contact.
    36 contact_words CONTACT_WORDS: (&'static str, u64) = "contact_words",
    /// Digits of a number from some place to its end, and contact.
    37 contact_numbers CONTACT_NUMBERS: (&'static str, u64) = "contact_numbers",
    /// Time of the last message, contact and conversation; conversation 0 for a contact whom an agent added.
    38 recent RECENT: (i64, u64, u64) = "recent",
    /// Agent and conversation -> what is written and not sent.
    39 drafts DRAFTS: (u64, u64) = "drafts",
    /// Channel account, name and language (with a space between) -> template.
    40 templates TEMPLATES: (u64, &'static str) = "templates",
    /// Channel account -> how the mirror of its templates stands.
    41 template_syncs TEMPLATE_SYNCS: u64 = "template_syncs",
    /// Message and side (0 the contact's, 1 ours) -> the latest reaction of that side, a message too.
    42 reactions REACTIONS: (u64, u8) = "reactions",
    /// Provider's id of a message that has not come, and a reaction to it.
    43 parked_reactions PARKED_REACTIONS: (&'static str, u64) = "parked_reactions",
    /// Message with a file at the provider's -> how far its fetching has come.
    44 fetches FETCHES: u64 = "fetches",
    /// Message whose file is waited for.
    45 fetches_due FETCHES_DUE: u64 = "fetches_due",
    /// SHA-256 of a file on the shelf -> its type and size.
    46 files FILES: &'static [u8; 32] = "files",

    /// Order of writing -> entry of the audit log.
    60 audit AUDIT: u64 = "audit",
    /// Where the audit log's chain begins and ends, under 0.
    61 audit_ends AUDIT_ENDS: u8 = "audit_ends",
    /// Kind and whose -> sealed secret.
    62 secrets SECRETS: (u8, u64) = "secrets",
    /// Agent -> second factor, without its secret.
    63 second_factors SECOND_FACTORS: u64 = "second_factors",
    /// SHA-256 of the secret of a sign-in -> where it comes from.
    64 sign_in_origins SIGN_IN_ORIGINS: &'static [u8; 32] = "sign_in_origins",
    /// Conversation and message of it that stands in no transcript.
    47 beside BESIDE: (u64, u64) = "beside",
    /// SHA-256 of a file on the shelf, and message that it belongs to.
    48 file_uses FILE_USES: (&'static [u8; 32], u64) = "file_uses",
}
