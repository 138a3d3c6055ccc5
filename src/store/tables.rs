//! Every table and its key, on one page.
//!
//! Keys are integers, text and tuples of them, so that redb orders them; values are the codec's bytes. Invariant: a
//! name or a key type here never changes its meaning; a new layout gets a new name and a step in `migrate`.

use redb::{ReadTransaction, ReadableDatabase, Table, TableDefinition, WriteTransaction};

use super::StoreError;

/// A value as the codec wrote it.
pub(super) type Value = &'static [u8];

macro_rules! tables {
    ($($(#[$doc:meta])* $field:ident $constant:ident : $key:ty = $name:literal),+ $(,)?) => {
        $($(#[$doc])* pub(super) const $constant: TableDefinition<'static, $key, Value> = TableDefinition::new($name);)+

        /// The tables of one write transaction, each opened when it is first needed.
        pub(super) struct Tables<'txn> {
            transaction: &'txn WriteTransaction,
            $($field: Option<Table<'txn, $key, Value>>),+
        }

        impl<'txn> Tables<'txn> {
            pub(super) fn new(transaction: &'txn WriteTransaction) -> Self {
                Self { transaction, $($field: None),+ }
            }

            $(pub(super) fn $field(&mut self) -> Result<&mut Table<'txn, $key, Value>, StoreError> {
                if self.$field.is_none() {
                    self.$field = Some(self.transaction.open_table($constant)?);
                }
                Ok(self.$field.as_mut().expect("was opened just now"))
            })+

            /// Makes every table, so that no reader meets a missing one.
            pub(super) fn create(transaction: &'txn WriteTransaction) -> Result<(), StoreError> {
                $(transaction.open_table($constant)?;)+
                Ok(())
            }
        }
    };
}

tables! {
    /// Who this store is: identity under 0.
    meta META: u8 = "meta",
    /// First sequence number of a commit (or a part of a large one) -> its events, the time and the counters after it.
    journal JOURNAL: u64 = "journal",

    /// Agent -> state on the floor.
    agents AGENTS: u64 = "agents",
    /// Agent -> login, name, password hash.
    people PEOPLE: u64 = "people",
    /// Login in lower case -> agent.
    logins LOGINS: &'static str = "logins",
    /// SHA-256 of the secret -> sign-in.
    sign_ins SIGN_INS: &'static [u8; 32] = "sign_ins",
    /// Queue.
    queues QUEUES: u64 = "queues",
    /// Outcome code.
    dispositions DISPOSITIONS: u64 = "dispositions",
    /// The centre's rules under 0.
    settings SETTINGS: u8 = "settings",
    /// Channel account -> state on the floor.
    channels CHANNELS: u64 = "channels",
    /// Channel account -> what the administrator said, with its secrets.
    channel_profiles CHANNEL_PROFILES: u64 = "channel_profiles",
    /// Phone-number id -> channel account.
    phone_number_ids PHONE_NUMBER_IDS: &'static str = "phone_number_ids",

    /// Contact.
    contacts CONTACTS: u64 = "contacts",
    /// Kind and value of an address -> contact.
    addresses ADDRESSES: (u8, &'static str) = "addresses",
    /// Conversation.
    conversations CONVERSATIONS: u64 = "conversations",
    /// Contact and channel account -> conversation.
    conversations_of CONVERSATIONS_OF: (u64, u64) = "conversations_of",

    /// Open interaction.
    interactions INTERACTIONS: u64 = "interactions",
    /// Interaction that is Done -> last state, when and by whom.
    interactions_done INTERACTIONS_DONE: u64 = "interactions_done",
    /// Conversation and interaction, open or done.
    interactions_of INTERACTIONS_OF: (u64, u64) = "interactions_of",
    /// Interaction -> note.
    notes NOTES: u64 = "notes",
    /// Interaction -> note of its last hand-over.
    transfer_notes TRANSFER_NOTES: u64 = "transfer_notes",

    /// Message.
    messages MESSAGES: u64 = "messages",
    /// Conversation, place in time, message: the order of the transcript.
    transcripts TRANSCRIPTS: (u64, i64, u64) = "transcripts",
    /// Provider's id -> message, for ever.
    wamids WAMIDS: &'static str = "wamids",
    /// Agent and browser's key -> message.
    client_keys CLIENT_KEYS: (u64, &'static str) = "client_keys",
    /// Message on its way.
    sends SENDS: u64 = "sends",

    /// Provider's id and order of arrival -> status of a message that nobody knows yet.
    parked_reports PARKED_REPORTS: (&'static str, u64) = "parked_reports",
    /// Order of arrival -> provider's id and time, so that the oldest parked status can be dropped.
    parked_order PARKED_ORDER: u64 = "parked_order",
    /// Order of arrival -> something not understood.
    raw RAW: u64 = "raw",
}

/// One read transaction.
pub(super) fn begin_read(database: &redb::Database) -> Result<ReadTransaction, StoreError> {
    Ok(database.begin_read()?)
}

/// How a key is shown in an error: numbers as they are, text masked, because it may be a person's.
pub(super) trait KeyText {
    fn text(&self) -> String;
}

macro_rules! number_keys {
    ($($key:ty),+) => {$(
        impl KeyText for $key {
            fn text(&self) -> String {
                format!("{self:?}")
            }
        }
    )+};
}

number_keys!(u8, u64, (u64, u64), (u64, i64, u64));

impl KeyText for &str {
    fn text(&self) -> String {
        format!("(text of {} bytes)", self.len())
    }
}

impl<N: Copy + Into<u64>> KeyText for (N, &str) {
    fn text(&self) -> String {
        format!("({}, {})", self.0.into(), self.1.text())
    }
}

impl KeyText for (&str, u64) {
    fn text(&self) -> String {
        format!("({}, {})", self.0.text(), self.1)
    }
}

impl KeyText for &[u8; 32] {
    fn text(&self) -> String {
        "(hash)".to_owned()
    }
}
