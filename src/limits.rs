//! Every bound of the system, with its unit and its reason.
//!
//! Apart from the code it bounds so that an operator or a reviewer can read all of them on one page.
//! Invariant: nothing elsewhere is bounded by a bare number.

// Domain

/// Open interactions (all that are not Done) that the floor holds in memory; about 400 bytes each.
pub const INTERACTIONS_OPEN_MAX: usize = 50_000;
/// Characters of a text message body (Meta, Cloud API text messages).
pub const MESSAGE_CHARS_MAX: usize = 4_096;
/// Characters of an interaction's note.
pub const NOTE_CHARS_MAX: usize = 8_000;
/// Characters of a client key made by a browser.
pub const CLIENT_KEY_CHARS_MAX: usize = 64;
/// Characters of a transfer note.
pub const TRANSFER_NOTE_CHARS_MAX: usize = 1_000;
/// Colleagues who take part in one interaction beside its owner.
pub const PARTICIPANTS_MAX: usize = 10;
/// Characters of a name, login or label that an administrator types.
pub const NAME_CHARS_MAX: usize = 120;
/// Interactions that an agent may hold at once unless the administrator says otherwise (domain.md section 1).
pub const CAPACITY_DEFAULT: u32 = 3;
/// The largest capacity that an administrator may give.
pub const CAPACITY_MAX: u32 = 100;
/// Reply window after the contact's last message (Meta: customer service window), milliseconds.
pub const REPLY_WINDOW_MS: i64 = 24 * 60 * 60 * 1_000;
/// Time for an agent to answer an offer by default, milliseconds (domain.md section 2).
pub const OFFER_TIMEOUT_MS_DEFAULT: i64 = 30_000;
/// How long a queued interaction is kept for the agent who knew the contact, milliseconds.
pub const LAST_AGENT_WAIT_MS_DEFAULT: i64 = 30_000;
/// How long an agent who rejected an offer is passed over for it, milliseconds.
pub const PASS_OVER_MS_DEFAULT: i64 = 60_000;
/// How long a transfer to a queue may look for a taker, milliseconds.
pub const TRANSFER_TIMEOUT_MS_DEFAULT: i64 = 5 * 60_000;
/// A dropped connection shorter than this changes nothing, milliseconds (domain.md section 3).
pub const DISCONNECT_GRACE_MS_DEFAULT: i64 = 60_000;
/// An owner gone longer than this loses the live work to the queue, milliseconds.
pub const OWNER_GRACE_MS_DEFAULT: i64 = 5 * 60_000;
/// Quiet time after which an active conversation is alerted, milliseconds (domain.md section 2).
pub const IDLE_ALERT_MS_DEFAULT: i64 = 24 * 60 * 60 * 1_000;
/// Time between the alert and the close of a quiet conversation, milliseconds.
pub const IDLE_CLOSE_MS_DEFAULT: i64 = 60 * 60 * 1_000;
/// How long before the idle lock signs an agent out the page warns, milliseconds.
pub const IDLE_WARNING_MS_DEFAULT: i64 = 60_000;
/// A send whose fate is unknown waits this long for a status before a person is asked, milliseconds.
pub const UNCONFIRMED_MS_MAX: i64 = 30_000;
/// Attempts of one send before it is given up.
pub const SEND_ATTEMPTS_MAX: u32 = 8;
/// A sign-in not used for so long has ended, milliseconds (OWASP ASVS: idle time-out).
pub const SIGN_IN_IDLE_MS_MAX: i64 = 30 * 60 * 1_000;
/// A sign-in ends after this in any case, milliseconds.
pub const SIGN_IN_AGE_MS_MAX: i64 = 12 * 60 * 60 * 1_000;
/// A sign-in's use is written down at most this often, milliseconds.
pub const SIGN_IN_SEEN_MS_MIN: i64 = 5 * 60 * 1_000;
/// Sign-ins of one agent at once; the oldest ends when one more starts.
pub const SIGN_INS_PER_AGENT_MAX: usize = 20;
/// Digits of a phone number with its country code at least (the shortest in use have 7).
pub const PHONE_DIGITS_MIN: usize = 7;
/// Digits of a phone number with its country code at most (ITU-T E.164).
pub const PHONE_DIGITS_MAX: usize = 15;
/// Addresses of one contact that agents may bring about.
pub const ADDRESSES_PER_CONTACT_MAX: usize = 20;
/// Attributes of one contact.
pub const ATTRIBUTES_PER_CONTACT_MAX: usize = 50;
/// Characters of an attribute's key.
pub const ATTRIBUTE_KEY_CHARS_MAX: usize = 64;
/// Characters of an attribute's value.
pub const ATTRIBUTE_VALUE_CHARS_MAX: usize = 500;
/// Tags of one contact.
pub const TAGS_PER_CONTACT_MAX: usize = 20;
/// Characters of a tag.
pub const TAG_CHARS_MAX: usize = 40;
/// Characters of a draft: more than a message may have, so that nothing is lost before it is cut.
pub const DRAFT_CHARS_MAX: usize = 16_384;
/// Characters of a key of case data.
pub const CASE_KEY_CHARS_MAX: usize = 64;
/// Characters of a value of case data.
pub const CASE_VALUE_CHARS_MAX: usize = 1_000;
/// Keys of case data on the administrator's list; the page shows all of them.
pub const CASE_KEYS_MAX: usize = 100;
/// Values that one interaction may have.
pub const CASE_VALUES_MAX: usize = 100;
/// Choices of one key of case data.
pub const CASE_CHOICES_MAX: usize = 100;
/// Canned replies; the page holds all of them.
pub const RESPONSES_MAX: usize = 1_000;
/// Files that go with one canned reply.
pub const RESPONSE_ATTACHMENTS_MAX: usize = 5;
/// Categories above each other in the tree of canned replies.
pub const RESPONSE_CATEGORY_DEPTH_MAX: usize = 4;
/// Characters of a canned reply's shortcut.
pub const SHORTCUT_CHARS_MAX: usize = 32;

/// Bytes of a picture that is sent (Meta).
pub const IMAGE_BYTES_MAX: u64 = 5 * 1_024 * 1_024;
/// Bytes of a film that is sent (Meta).
pub const VIDEO_BYTES_MAX: u64 = 16 * 1_024 * 1_024;
/// Bytes of a sound that is sent (Meta).
pub const AUDIO_BYTES_MAX: u64 = 16 * 1_024 * 1_024;
/// Bytes of a sticker that is sent (Meta: 100 KB, 500 KB when it moves).
pub const STICKER_BYTES_MAX: u64 = 500 * 1_024;
/// Bytes of any other file that is sent, and of any file that is fetched (Meta).
pub const DOCUMENT_BYTES_MAX: u64 = 100 * 1_024 * 1_024;
/// Characters of the words that go along with a file (Meta).
pub const CAPTION_CHARS_MAX: usize = 1_024;
/// To one contact a message may go out each so many milliseconds (whatsapp-cloud-api.md 2.4) …
pub const PAIR_SPACING_MS: u64 = 6_000;
/// … after so many at once, which are borrowed from the time to come.
pub const PAIR_BURST_MESSAGES: u32 = 45;
/// Contacts whose pace is known at once, before those who have made up for it are forgotten.
pub const PAIR_PACES_MAX: usize = 1_024;
/// While the provider takes nothing of a number, one message tries it this often, milliseconds.
pub const CHANNEL_PROBE_MS: i64 = 60_000;
/// Where Graph is (whatsapp-cloud-api.md 2).
pub const GRAPH_URL_DEFAULT: &str = "https://graph.facebook.com";
/// The version of Graph that new numbers use.
pub const GRAPH_VERSION_DEFAULT: &str = "v27.0";
/// Messages a second of a number unless Meta has raised it (whatsapp-cloud-api.md 2.4).
pub const MESSAGES_PER_S_DEFAULT: u32 = 80;
/// Messages a second at most, after Meta's upgrade.
pub const MESSAGES_PER_S_MAX: u32 = 1_000;
/// Random bytes of a verify token that we make.
pub const VERIFY_TOKEN_BYTES: usize = 18;
/// One call of a connection test, milliseconds: a person waits.
pub const CHECK_CALL_MS_MAX: u64 = 4_500;
/// A rule's span of time, milliseconds.
pub const SET_UP_TIME_MS_MIN: i64 = 1_000;
/// A rule's span of time, milliseconds: 30 days.
pub const SET_UP_TIME_MS_MAX: i64 = 30 * 24 * 60 * 60 * 1_000;
/// Skills that a queue may ask for.
pub const QUEUE_SKILLS_MAX: usize = 50;
/// Opening times of one queue.
pub const QUEUE_SPANS_MAX: usize = 70;
/// A queue's priority, and the same below zero.
pub const QUEUE_PRIORITY_MAX: i32 = 1_000;
/// Reasons for Not Ready.
pub const REASONS_MAX: usize = 50;
/// Words of Meta's that a connection test repeats, characters.
pub const CHECK_WORDS_CHARS_MAX: usize = 200;
/// An access token, bytes.
pub const SECRET_BYTES_MAX: usize = 4_096;
/// Fields of a form that a contact filled in, as far as they are shown.
pub const FORM_FIELDS_MAX: usize = 50;
/// Messages of the past that the provider tells in one command.
pub const PAST_MESSAGES_MAX: usize = 200;
/// A place, card or question that an agent sends, as JSON, bytes.
pub const OBJECT_BYTES_MAX: usize = 64 * 1_024;
/// Words of a question with buttons, a link or a wish, characters (whatsapp-cloud-api.md 2.1).
pub const QUESTION_CHARS_MAX: usize = 1_024;
/// Words of a question with a list, characters.
pub const LIST_QUESTION_CHARS_MAX: usize = 4_096;
/// The small line under a question, characters.
pub const FOOTER_CHARS_MAX: usize = 60;
/// Answer buttons of a question.
pub const ANSWER_BUTTONS_MAX: usize = 3;
/// The title of an answer button, of the button that opens a list and of a link's button, characters.
pub const ANSWER_BUTTON_CHARS_MAX: usize = 20;
/// Rows of a list.
pub const LIST_ROWS_MAX: usize = 10;
/// The title of a list's row, characters.
pub const LIST_ROW_TITLE_CHARS_MAX: usize = 24;
/// The description of a list's row, characters.
pub const LIST_ROW_DESCRIPTION_CHARS_MAX: usize = 72;
/// Contact cards in one message.
pub const CARDS_MAX: usize = 20;
/// Numbers or e-mail addresses on one contact card.
pub const CARD_ENTRIES_MAX: usize = 10;
/// A name, an address or a number on a card or a place, characters.
pub const CARD_CHARS_MAX: usize = 200;
/// The address of a link's button, characters.
pub const LINK_CHARS_MAX: usize = 2_000;
/// Characters of a file's name.
pub const FILE_NAME_CHARS_MAX: usize = 240;
/// Tries to fetch a file before a person has to ask for it: the last ones are hours apart.
pub const MEDIA_ATTEMPTS_MAX: u32 = 16;
/// Characters of an emoji: families and flags are made of many.
pub const REACTION_CHARS_MAX: usize = 16;
/// Age of a message that may still be reacted to (Meta), milliseconds.
pub const REACTION_AGE_MS_MAX: i64 = 30 * 24 * 60 * 60 * 1_000;
/// Characters of a quoted message that are shown above the answer.
pub const QUOTE_CHARS_MAX: usize = 200;
/// Characters of a template's body with its values (Meta 132005).
pub const TEMPLATE_BODY_CHARS_MAX: usize = 1_024;
/// Characters of a template's text header with its value (Meta).
pub const TEMPLATE_HEADER_CHARS_MAX: usize = 60;
/// Characters of the end of a template button's address (Meta).
pub const TEMPLATE_URL_CHARS_MAX: usize = 2_000;
/// Characters of the web address of a template's picture, film or file.
pub const TEMPLATE_LINK_CHARS_MAX: usize = 2_000;
/// Characters of the code that a template's button copies (Meta).
pub const TEMPLATE_CODE_CHARS_MAX: usize = 15;
/// Characters that a template's quick reply brings back (Meta).
pub const TEMPLATE_PAYLOAD_CHARS_MAX: usize = 128;
/// Spaces in a row in a template's value (Meta: not more than four).
pub const TEMPLATE_SPACES_MAX: usize = 4;
/// Templates of one business account (Meta: 250, or 6,000 for a verified one); more are left out.
pub const TEMPLATES_MAX: usize = 6_000;

const _: () = assert!(SIGN_IN_SEEN_MS_MIN * 2 < SIGN_IN_IDLE_MS_MAX);
const _: () = assert!(IMPORT_PART_BYTES_MAX as u64 * 6 < CONTROL_LINE_BYTES_MAX);
const _: () = assert!(DISCONNECT_GRACE_MS_DEFAULT <= OWNER_GRACE_MS_DEFAULT);

// Retention and privacy

/// The fewest days after which a rule may let something go: a reply window and its failures are over by then.
pub const RETENTION_DAYS_MIN: u32 = 2;
/// The most days that a rule may name (a hundred years).
pub const RETENTION_DAYS_MAX: u32 = 36_500;
/// Rows that one step of the retention sweep looks at.
pub const RETENTION_ROWS_PER_STEP: usize = 500;
/// Conversations or files that one step of the retention sweep lets go, in one commit.
pub const RETENTION_ERASED_PER_STEP: usize = 20;
/// Pause between two steps of a sweep, so that it stays out of everybody's way, milliseconds.
pub const RETENTION_STEP_MS: u64 = 500;
/// A clock that runs further ahead of the last message than this is not believed by the retention sweep, milliseconds:
/// a box without a clock battery must not let a year go.
pub const RETENTION_AHEAD_MS_MAX: i64 = 30 * 24 * 60 * 60 * 1_000;
/// Time between two looks whether the rules have changed, milliseconds.
pub const RETENTION_LOOK_MS: u64 = 5_000;
/// Time between two sweeps, milliseconds.
pub const RETENTION_SWEEP_MS: i64 = 60 * 60 * 1_000;
/// How long the hash of an erased message's provider id is kept, milliseconds: Meta repeats webhooks for up to 7 days.
pub const ERASED_NAME_AGE_MS_MAX: i64 = 8 * 24 * 60 * 60 * 1_000;
/// Bytes of a database up to which it is compacted while a server runs: reads and writes wait for some seconds.
pub const COMPACT_SERVING_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Time that the command line waits for a server that compacts, milliseconds.
pub const COMPACT_ANSWER_MS_MAX: u64 = 10 * 60_000;
/// Looks at the index for parts with removed documents before a purge is given up, and the pause between two,
/// milliseconds: a merge under way holds its parts.
pub const SEARCH_PURGE_LOOKS_MAX: usize = 600;
/// See `SEARCH_PURGE_LOOKS_MAX`.
pub const SEARCH_PURGE_PAUSE_MS: u64 = 100;
/// Time that a purge waits for an index that is being built, milliseconds.
pub const SEARCH_PURGE_MS_MAX: u64 = COMPACT_ANSWER_MS_MAX - 60_000;

/// Rows of one page of an export.
pub const EXPORT_PAGE_ROWS: usize = 500;
/// Bytes of records after which a page of an export ends.
pub const EXPORT_PAGE_BYTES: usize = 512 * 1024;
/// Bytes of one page of an export on the control socket: what one record may have at most, six times as JSON.
pub const EXPORT_ANSWER_BYTES_MAX: u64 = 40 * 1024 * 1024;
/// Contacts of one request of an import.
pub const IMPORT_PART_CONTACTS_MAX: usize = 100;
/// Bytes of a file of contacts.
pub const IMPORT_CONTACTS_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Lines of a file that are complained about one by one; of the others the number is told.
pub const IMPORT_COMPLAINTS_MAX: usize = 20;
/// Columns of a file of contacts.
pub const IMPORT_COLUMNS_MAX: usize = 200;

// Command line and control socket

/// Bytes of one request or answer on the control socket: a page of hits, or a part of an import.
pub const CONTROL_LINE_BYTES_MAX: u64 = 1024 * 1024;
/// Time that a command waits for a server that holds the store and does not listen yet, milliseconds.
pub const CONTROL_START_MS_MAX: u64 = 3_000;
/// Pause between two looks for such a server, milliseconds.
pub const CONTROL_START_PAUSE_MS: u64 = 50;
/// Messages of one request of an import: short enough for others to be served in between.
pub const IMPORT_PART_MESSAGES_MAX: usize = 500;
/// Bytes of text of one request of an import; JSON may make six of one.
pub const IMPORT_PART_BYTES_MAX: usize = 128 * 1024;
/// Bytes of one line of a file to import.
pub const IMPORT_LINE_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of a chat's text in an export.
pub const IMPORT_CHAT_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Time for one request or answer on the control socket, milliseconds.
pub const CONTROL_ANSWER_MS_MAX: u64 = 10_000;
/// Bytes of a file with a password, a secret or a token.
pub const SECRET_FILE_BYTES_MAX: u64 = 16 * 1024;

/// Bytes of a configuration file.
pub const CONFIG_FILE_BYTES_MAX: u64 = 64 * 1024;
// Backups

/// Bytes of rows or of a file in one block of a backup.
pub const BACKUP_BLOCK_BYTES: usize = 256 * 1024;
/// Bytes of a backup between two syncs: what the disk is asked for at once beside a server's own writes.
pub const BACKUP_PIECE_BYTES: u64 = 1024 * 1024;
/// Rest after a piece beside a server that serves, in percent of the time that the piece took.
pub const BACKUP_REST_PERCENT: u8 = 50;
/// Bytes that a backup leaves free on its disk: the store may be on the same one and needs room to go on.
pub const BACKUP_FREE_BYTES_MIN: u64 = 2 * REOPEN_ROOM_BYTES;
/// Backups that a schedule may keep.
pub const BACKUPS_KEPT_MAX: u16 = 1_000;
/// Backups that are kept of data directories before they were brought to a newer layout.
pub const BACKUPS_BEFORE_UPGRADE_KEPT: usize = 3;
/// Between two looks at whether a backup is due, milliseconds.
pub const BACKUP_LOOK_MS: u64 = 20_000;
/// Least time between two looks at whether a backup is due, milliseconds.
pub const BACKUP_LOOK_MS_MIN: u64 = 1_000;
/// After a scheduled backup that failed, time until it is tried again, milliseconds.
pub const BACKUP_RETRY_MS: i64 = 60 * 60 * 1_000;
/// Time that a command waits for a server to make a backup or verify its data, milliseconds.
pub const BACKUP_ANSWER_MS_MAX: u64 = 24 * 60 * 60 * 1_000;
/// Characters of a path (Linux: PATH_MAX).
pub const PATH_CHARS_MAX: usize = 4_096;
/// Work to make a key of a passphrase, as a power of two of 1 KiB of memory: 64 MiB, a tenth of a second or two.
pub const AGE_WORK_LOG2: u8 = 16;
/// The most work that a file may ask for: 1 GiB, four times what age itself asks for.
pub const AGE_WORK_LOG2_MAX: u8 = 20;
/// Bytes of the header of an encrypted file; ours have some two hundred.
pub const AGE_HEADER_BYTES_MAX: usize = 16 * 1024;

// Rehearsal

/// Agents that a rehearsal may play.
pub const REHEARSAL_AGENTS_MAX: u32 = 200;
/// Bytes of one line of a dialogue file.
pub const REHEARSAL_LINE_BYTES_MAX: usize = 1024 * 1024;
/// Dialogues that each rehearsed agent has open at once.
pub const REHEARSAL_CAPACITY: u32 = 20;
/// Time without any progress after which a rehearsal gives up, milliseconds.
pub const REHEARSAL_STALL_MS_MAX: u64 = 120_000;

// Store

/// Memory for redb's page cache, bytes: with a million messages all inner pages of the tables that search reads stay in
/// it; what is beyond it is in the system's own cache.
pub const STORE_CACHE_BYTES_MAX: usize = 24 * 1024 * 1024;
/// Commands that one commit gathers; one larger envelope goes alone.
pub const COMMANDS_PER_COMMIT_MAX: usize = 256;
/// Commands between submission and answer; what comes on top is refused at once, so that the wait of accepted work
/// stays bounded by a few dozen commits.
pub const COMMANDS_WAITING_MAX: u32 = 8_192;
/// Bytes of the commit log: some hundred single commits between two checkpoints, carried out again in some tens of
/// milliseconds after a kill.
pub const LOG_BYTES: u64 = 2 * 1024 * 1024;
/// Free bytes that are asked for before a database is opened anew: what the log holds, as pages, twice over.
pub const REOPEN_ROOM_BYTES: u64 = 4 * LOG_BYTES;
/// Bytes of one stored value: a webhook body at its largest, kept raw, and room for the rest.
pub const RECORD_BYTES_MAX: usize = 6 * 1024 * 1024;
/// Events that the journal keeps; a reader further behind starts anew from the tables.
pub const JOURNAL_EVENTS_KEPT: u64 = 500_000;
/// Surplus events that are waited for before the journal is trimmed, so that few commits pay for it.
pub const JOURNAL_TRIM_EVENTS_MIN: u64 = 10_000;
/// Journal rows that one commit removes at most.
pub const JOURNAL_TRIM_ROWS_MAX: usize = 1_024;
/// Events of one journal row.
pub const JOURNAL_ROW_EVENTS_MAX: usize = 256;
/// Statuses of unknown messages that are kept.
pub const PARKED_REPORTS_MAX: u64 = 50_000;
/// Age of a status of an unknown message, milliseconds: Meta repeats webhooks for up to 7 days.
pub const PARKED_REPORT_AGE_MS_MAX: i64 = 8 * 24 * 60 * 60 * 1_000;
/// Things not understood that are kept as they came.
pub const RAW_ROWS_MAX: u64 = 20_000;
/// Age of things not understood, milliseconds.
pub const RAW_AGE_MS_MAX: i64 = 90 * 24 * 60 * 60 * 1_000;
/// Old rows that the arrival of one new row removes at most.
pub const OLD_ROWS_PER_ARRIVAL_MAX: usize = 4;
/// The writer looks at the clock at least so often, milliseconds: a clock that was set is noticed.
pub const WRITER_WAKE_MS_MAX: u64 = 250;
/// Least time between two ticks of which the first found nothing to do, milliseconds.
pub const TICK_MS_MIN: i64 = 100;
/// First wait before the database is opened anew after a failed write, milliseconds; doubles.
pub const REOPEN_WAIT_MS_MIN: u64 = 50;
/// Longest wait between two attempts to write again, milliseconds.
pub const REOPEN_WAIT_MS_MAX: u64 = 2_000;
/// Contacts whose places in a list are looked up one by one; for more of them the whole order is walked.
pub const CONTACTS_LOOKED_UP_MAX: usize = 1_000;
/// Characters of a word of a contact's name that are indexed.
pub const CONTACT_WORD_CHARS_MAX: usize = 40;
/// Words of a contact's name that are indexed.
pub const CONTACT_WORDS_MAX: usize = 16;
/// Digits of a number at least to find a contact by.
pub const CONTACT_DIGITS_MIN: usize = 3;
/// Messages that the search for a contact's last message looks at.
pub const LAST_INBOUND_SCAN_MAX: usize = 500;
/// Interactions that one page of a history looks at, however few of them the filters keep.
pub const HISTORY_SCAN_MAX: usize = 2_000;

/// Time that a stopping store gives a backup to tidy up, milliseconds.
pub const DUMP_STOP_MS_MAX: u64 = 1_000;
/// Bytes of rows that a restore writes between two durable commits.
pub const FILL_DURABLE_BYTES: usize = 16 * 1024 * 1024;
/// Findings of a check that are told one by one; the others are counted.
pub const CHECK_FINDINGS_MAX: usize = 20;

const _: () = assert!(JOURNAL_ROW_EVENTS_MAX * JOURNAL_TRIM_ROWS_MAX >= 2 * COMMANDS_PER_COMMIT_MAX);

// WhatsApp

/// Characters of a kind that a stranger names, kept to be shown (Meta's longest field name has 35).
pub const KIND_CHARS_MAX: usize = 64;
/// Characters of a provider's reason for a failure.
pub const FAILURE_TITLE_CHARS_MAX: usize = 300;
/// The latest time that a provider is believed, seconds: the end of the year 9999, where dates stop being writable.
pub const PROVIDER_TIME_S_MAX: i64 = 253_402_300_799;
/// Time to reach Graph, milliseconds.
pub const GRAPH_CONNECT_MS_MAX: u64 = 5_000;
/// Time of a whole Graph call, milliseconds; then its fate is unknown and a person may have to look.
pub const GRAPH_CALL_MS_MAX: u64 = 30_000;
/// Bytes of a Graph answer that are read; answers to sends have some hundreds.
pub const GRAPH_ANSWER_BYTES_MAX: usize = 64 * 1_024;
/// An unused connection to Graph is closed after this, milliseconds: before Graph does it in the middle of a call.
pub const GRAPH_CONNECTION_IDLE_MS_MAX: u64 = 20_000;
/// Unused connections that are kept to each Graph address: as many as one channel account has calls.
pub const GRAPH_CONNECTIONS_IDLE_MAX: usize = 192;
/// The longest `Retry-After` that is obeyed, milliseconds.
pub const RETRY_AFTER_MS_MAX: u64 = 60 * 60 * 1_000;

/// Templates in one page of Graph's list; their texts together stay well below `GRAPH_LIST_BYTES_MAX`.
pub const TEMPLATES_PER_PAGE: usize = 50;
/// Bytes of one page of a Graph list that are read.
pub const GRAPH_LIST_BYTES_MAX: usize = 1_024 * 1_024;

const _: () = assert!(GRAPH_CONNECT_MS_MAX < GRAPH_CALL_MS_MAX);

// Outbox

/// Graph calls of all channel accounts at once.
pub const SENDS_IN_FLIGHT_MAX: usize = 512;
/// Graph calls of one channel account at once: 1,000 a second at almost 200 ms each. One that hangs does not take all.
pub const SENDS_IN_FLIGHT_PER_CHANNEL_MAX: usize = 192;
/// The shortest time between two rounds of the outbox, milliseconds; what comes in between shares a commit.
pub const OUTBOX_ROUND_MS_MIN: u64 = 2;
/// Rest after a round, as a multiple of the time that its reads took: a long queue fills a quarter of one core at most.
pub const OUTBOX_REST_FACTOR: u32 = 3;
/// The longest time between two rounds, milliseconds: clocks jump.
pub const OUTBOX_WAKE_MS_MAX: u64 = 1_000;
/// Wait after the store refused the outbox, milliseconds.
pub const OUTBOX_PAUSE_MS: u64 = 200;
/// The longest wait after the store refused something again and again, milliseconds.
pub const OUTBOX_PAUSE_MS_MAX: u64 = 10_000;
/// Wait for calls under way when the process stops, milliseconds.
pub const OUTBOX_STOP_MS_MAX: u64 = 6_000;
/// The part of a channel account's messages a second that may start at once; the rest is spread.
pub const PACE_BURST_PERCENT: u64 = 10;
/// Wait before the second attempt of a send, milliseconds; doubles with each attempt.
pub const RETRY_MS_BASE: u64 = 2_000;
/// The longest wait between two attempts, milliseconds.
pub const RETRY_MS_MAX: u64 = 5 * 60 * 1_000;
/// After n refusals for too many messages to one contact the wait is this to the power of n, seconds (Meta).
pub const PAIR_RETRY_BASE: u64 = 4;
/// Read marks under way at once.
pub const MARKS_IN_FLIGHT_MAX: usize = 8;
/// Read marks that wait; more are dropped.
pub const MARKS_WAITING_MAX: usize = 256;
/// Files that are fetched at once.
pub const MEDIA_FETCHES_MAX: usize = 4;
/// Fetches that one look at the store brings.
pub const MEDIA_FETCHES_DUE_MAX: usize = 256;
/// Rest after a look for files that are due, milliseconds.
pub const MEDIA_LOOK_MS: u64 = 50;
/// Wait before the second try to fetch a file, milliseconds; doubles with each try.
pub const MEDIA_RETRY_MS_BASE: i64 = 2_000;
/// The longest wait between two tries to fetch a file, milliseconds.
pub const MEDIA_RETRY_MS_MAX: i64 = 4 * 60 * 60 * 1_000;
/// Wait for the fetching to end when the process stops, milliseconds.
pub const MEDIA_STOP_MS_MAX: u64 = 2_000;
/// Bytes of a file that are read or written at once.
pub const MEDIA_CHUNK_BYTES: usize = 64 * 1_024;
/// Parts of a file that are held in memory on their way.
pub const MEDIA_CHUNKS_AHEAD: usize = 4;
/// First bytes of a file by which its type is told.
pub const MEDIA_HEAD_BYTES: usize = 64;
/// The longer side of a small picture in the transcript, pixels: twice the width of a bubble's picture.
pub const THUMBNAIL_EDGE_PIXELS_MAX: u32 = 640;
/// What decoding one picture may take, bytes; larger ones are shown as they are. 24 megapixels in three colours.
pub const THUMBNAIL_DECODED_BYTES_MAX: u64 = 96 * 1_024 * 1_024;
/// Small pictures made at once.
pub const THUMBNAILS_MAX: usize = 1;
/// How well small pictures are kept, of 100.
pub const THUMBNAIL_JPEG_QUALITY: u8 = 80;
/// Time of a whole upload to Graph or download from it, milliseconds.
pub const GRAPH_FILE_MS_MAX: u64 = 10 * 60 * 1_000;
/// Time between two looks at the templates of a channel account, milliseconds.
pub const TEMPLATE_SYNC_MS: i64 = 60 * 60 * 1_000;
/// The shortest time between two looks at them, milliseconds: Meta allows 200 such calls an hour.
pub const TEMPLATE_SYNC_MS_MIN: i64 = 5_000;
/// The shortest time between two searches for channel accounts whose templates are due, milliseconds.
pub const TEMPLATE_LOOK_MS: u64 = 500;
/// Time after a look that failed, milliseconds.
pub const TEMPLATE_RETRY_MS: i64 = 5 * 60 * 1_000;

const _: () = assert!(SENDS_IN_FLIGHT_PER_CHANNEL_MAX < SENDS_IN_FLIGHT_MAX);
const _: () = assert!(PACE_BURST_PERCENT < 100);

// HTTP

/// Open connections in all; each takes about 16 KiB. More are closed at once.
pub const CONNECTIONS_MAX: usize = 1_024;
/// Open connections of one address, for a whole office behind one router. The box itself is not counted.
pub const CONNECTIONS_PER_ADDRESS_MAX: usize = 256;
/// Pause after the listener could not accept (no file descriptors left), milliseconds.
pub const ACCEPT_PAUSE_MS: u64 = 100;
/// Time for a connection to bring a request's head, from idle on: also the limit of an idle connection, milliseconds.
pub const HEAD_READ_MS_MAX: u64 = 30_000;
/// Bytes of a request's head.
pub const HEAD_BYTES_MAX: usize = 16 * 1_024;
/// Lines of a request's head.
pub const HEAD_LINES_MAX: usize = 64;
/// Bytes that a connection buffers in each direction.
pub const CONNECTION_BUFFER_BYTES_MAX: usize = 64 * 1_024;
/// Time to read a request's body, milliseconds.
pub const BODY_READ_MS_MAX: u64 = 10_000;
/// Bytes of an API request's body: a note of 8,000 characters, each escaped, fits.
pub const API_BODY_BYTES_MAX: usize = 128 * 1_024;
/// Bytes of a webhook's body (Meta: payloads of up to 3 MB).
pub const WEBHOOK_BODY_BYTES_MAX: usize = 3 * 1_024 * 1_024;
/// Bytes from which a webhook's body counts as large: it needs one of `WEBHOOK_BODIES_LARGE_MAX` places to go on.
pub const WEBHOOK_BODY_LARGE_BYTES: usize = 64 * 1_024;
/// Large webhook bodies held in memory at once.
pub const WEBHOOK_BODIES_LARGE_MAX: usize = 4;
/// Bytes of a body that is too large which are read and thrown away, so that the sender sees the answer.
pub const BODY_DRAIN_BYTES_MAX: usize = 16 * 1_024 * 1_024;
/// Time that a peer may leave our bytes unread before its connection is closed, milliseconds.
pub const WRITE_STALL_MS_MAX: u64 = 30_000;
/// Time that a peer may leave our bytes unacknowledged (a laptop shut, a cable pulled), milliseconds.
pub const PEER_SILENT_MS_MAX: u64 = 30_000;
/// Time for requests under way to end when the process stops, milliseconds.
pub const STOP_MS_MAX: u64 = 8_000;
/// Reads of the store on behalf of requests at once.
pub const READS_MAX: usize = 4;
/// `Retry-After` of a refusal for overload, seconds.
pub const RETRY_AFTER_S: u64 = 2;

/// Characters of a password at least (NIST SP 800-63B-4 section 3.1.1.2 asks for 15 where the password stands alone and 8
/// beside a second factor; OWASP ASVS 5.0 6.2.1 takes 8 and advises 15). Earlier, shorter ones still open.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Characters of a password at most, so that hashing stays bounded.
pub const PASSWORD_CHARS_MAX: usize = 128;
/// Memory of one password hash (argon2id), KiB.
pub const PASSWORD_HASH_KIB: u32 = 19_456;
/// Memory reserved for one password hash, KiB. Blocks beyond 32 MiB are given back to the system by glibc at once and
/// always; smaller ones stay with the allocator once the first was freed. The part not used is never touched.
pub const PASSWORD_HASH_RESERVED_KIB: u32 = 33 * 1_024;
/// Passes of one password hash.
pub const PASSWORD_HASH_PASSES: u32 = 2;
/// Password hashes computed at once; each takes 19 ms of a core.
pub const PASSWORD_HASHES_MAX: usize = 2;
/// Sign-ins that wait for their turn to be hashed.
pub const PASSWORD_HASHES_WAITING_MAX: usize = 100;
/// Failed sign-ins of one login from one address before waiting begins.
pub const SIGN_IN_FAILURES_FREE: u32 = 4;
/// Failed sign-ins of one login from all addresses before waiting begins.
pub const SIGN_IN_LOGIN_FAILURES_FREE: u32 = 20;
/// Failed sign-ins of one address, all logins together, before waiting begins.
pub const SIGN_IN_ADDRESS_FAILURES_FREE: u32 = 50;
/// The first wait; each further failure doubles it, milliseconds.
pub const SIGN_IN_WAIT_MS_MIN: i64 = 1_000;
/// The longest wait, milliseconds.
pub const SIGN_IN_WAIT_MS_MAX: i64 = 60_000;
/// Failures are forgotten after so long without another, milliseconds.
pub const SIGN_IN_FAILURES_KEPT_MS: i64 = 60 * 60 * 1_000;
/// Logins and addresses whose failures are remembered.
pub const SIGN_IN_FAILURES_KEPT_MAX: usize = 10_000;
/// Pairs of login and address that are remembered as good.
pub const SIGN_IN_KNOWN_MAX: usize = 1_000;
/// Failed sign-ins that are written into the audit log, a minute; the next entry says how many were left out.
pub const SIGN_IN_FAILURES_NOTED_PER_MIN_MAX: u32 = 20;
/// Sign-ins that have shown their password and not yet the rest, all together.
pub const CHALLENGES_MAX: usize = 1_000;
/// Time from the right password to the end of a sign-in in two steps, milliseconds.
pub const CHALLENGE_MS_MAX: i64 = 5 * 60 * 1_000;
/// How long a browser is remembered as one in which somebody has signed in, milliseconds.
pub const KNOWN_BROWSER_MS_MAX: i64 = 90 * 24 * 60 * 60 * 1_000;
/// Length of a step of time of a second factor's codes, seconds (RFC 6238 section 4.1).
pub const CODE_STEP_S: u64 = 30;
/// Steps by which an authenticator's clock may differ (RFC 6238 section 5.2).
pub const CODE_DRIFT_STEPS: u64 = 1;
/// Bytes of the key that server and authenticator share (RFC 4226 section 4).
pub const CODE_SECRET_BYTES: usize = 20;
/// Recovery codes of a person.
pub const RECOVERY_CODES: usize = 10;
/// Second factors that are being set up at once.
pub const ENROLMENTS_MAX: usize = 200;
/// Time to set a second factor up, milliseconds.
pub const ENROLMENT_MS_MAX: i64 = 10 * 60 * 1_000;
/// Skills of a person.
pub const SKILLS_PER_AGENT_MAX: usize = 50;
/// How long a link for the first administrator can be used, milliseconds.
pub const SET_UP_LINK_MS_MAX: i64 = 30 * 60 * 1_000;
/// Bytes of the secret in that link: 128 bits.
pub const SET_UP_TOKEN_BYTES: usize = 16;
/// How long entries of the audit log are kept unless told otherwise, days.
pub const AUDIT_DAYS_DEFAULT: u32 = 3 * 365;
/// How long they may be kept, days.
pub const AUDIT_DAYS_MAX: u32 = 20 * 365;
/// Entries of the audit log, whatever their age.
pub const AUDIT_ENTRIES_MAX: u64 = 200_000;
/// Entries of the audit log in one answer.
pub const AUDIT_PAGE_MAX: usize = 200;
/// Characters of a deed that is only written down, its word and its detail together.
pub const DEED_CHARS_MAX: usize = 300;
/// Bytes of the key file at most.
pub const KEY_FILE_BYTES_MAX: u64 = 1_024;
/// Bytes of a sign-in's secret.
pub const SIGN_IN_TOKEN_BYTES: usize = 32;

/// Time between two heart-beats of an event stream, milliseconds: a page that misses two has lost the connection.
pub const HEARTBEAT_MS: u64 = 5_000;
/// Events that wait for one slow stream; then it ends and resumes.
pub const STREAM_EVENTS_MAX: usize = 256;
/// Bytes that wait for one slow stream; then it ends and resumes.
pub const STREAM_BYTES_MAX: usize = 1_024 * 1_024;
/// Event streams of one agent at once.
pub const STREAMS_PER_AGENT_MAX: usize = 16;
/// Frames kept in memory for streams that resume.
pub const FRAMES_KEPT_MAX: usize = 4_096;
/// Bytes of the frames kept in memory.
pub const FRAMES_KEPT_BYTES_MAX: usize = 4 * 1_024 * 1_024;
/// Journal entries rendered at once, under one snapshot.
pub const JOURNAL_PAGE_MAX: usize = 128;
/// Journal entries that a stream may be behind; then it is told to fetch the snapshot.
pub const RESUME_ENTRIES_MAX: u64 = 5_000;
/// Pause before a command about a stream's coming or going is tried again, milliseconds.
pub const ATTENDANCE_RETRY_MS: u64 = 500;
/// Pause before the fan-out tries to read the journal again, milliseconds.
pub const FANOUT_RETRY_MS: u64 = 500;
/// How long a request waits for the fan-out to see what the store has, milliseconds.
pub const FEED_WAIT_MS_MAX: u64 = 2_000;

/// Open interactions in a supervisor's snapshot, oldest first.
pub const SNAPSHOT_INTERACTIONS_MAX: usize = 2_000;
/// Messages in one page of a transcript unless the reader says otherwise.
pub const TRANSCRIPT_PAGE_DEFAULT: usize = 50;
/// Messages in one page of a transcript.
pub const TRANSCRIPT_PAGE_MAX: usize = 200;
/// Interactions in one page of a history unless the reader says otherwise.
pub const HISTORY_PAGE_DEFAULT: usize = 50;
/// Interactions in one page of a history.
pub const HISTORY_PAGE_MAX: usize = 200;
/// An open contact waits yellow after this, milliseconds (domain.md section 4).
pub const PENDING_YELLOW_MS: u64 = 30_000;
/// An open contact waits red after this, milliseconds (domain.md section 4).
pub const PENDING_RED_MS: u64 = 50_000;
/// Time between two typing marks to the provider for one conversation, milliseconds (Meta shows each for 25 s).
pub const TYPING_MS_MIN: i64 = 20_000;
/// Conversations whose last typing mark is remembered.
pub const TYPING_KEPT_MAX: usize = 1_000;
/// Contacts in one page of a list unless the reader says otherwise.
pub const CONTACTS_PAGE_DEFAULT: usize = 50;
/// Contacts in one page of a list.
pub const CONTACTS_PAGE_MAX: usize = 200;
/// Characters of what a contact is searched by.
pub const CONTACT_QUERY_CHARS_MAX: usize = 200;
/// Drafts in a snapshot.
pub const SNAPSHOT_DRAFTS_MAX: usize = 500;
/// An agent who has not said for so long that they look at a conversation has stopped, milliseconds: the page says it
/// every 20 s.
pub const WATCHER_MS_MAX: i64 = 45_000;
/// Time between two looks for watchers who have stopped, milliseconds.
pub const WATCHERS_SWEEP_MS: u64 = 5_000;
/// Conversations that one agent may be looking at, each tab counted.
pub const WATCHED_PER_AGENT_MAX: usize = 16;
/// Time from a change of loads or waiting counts to the frame that tells it, milliseconds: at most two a second.
pub const COUNTS_MS_MIN: u64 = 500;

/// Files that browsers upload at once.
pub const UPLOADS_MAX: usize = 8;
/// Time of a whole upload from a browser, milliseconds.
pub const UPLOAD_MS_MAX: u64 = 15 * 60 * 1_000;
/// How long somebody who asked for a new look at the templates waits for it, milliseconds.
pub const TEMPLATE_WAIT_MS_MAX: u64 = 15_000;

/// Bytes of a metrics token at least.
pub const METRICS_TOKEN_BYTES_MIN: usize = 16;
/// Connections to the listener of the metrics at once.
pub const METRICS_CONNECTIONS_MAX: usize = 8;
/// Life of a connection to the listener of the metrics, milliseconds.
pub const METRICS_CONNECTION_MS_MAX: u64 = 10_000;
/// Requests that one HTTP/2 connection may have under way at once (RFC 9113, section 6.5.2 recommends 100 at least).
pub const H2_STREAMS_MAX: u32 = 100;
/// Bytes that an HTTP/2 peer may send ahead on one stream, and on one connection for all streams together.
pub const H2_STREAM_WINDOW_BYTES: u32 = 64 * 1_024;
/// The same for a connection.
pub const H2_CONNECTION_WINDOW_BYTES: u32 = 256 * 1_024;
/// Bytes of ours that wait for one HTTP/2 stream to be read.
pub const H2_SEND_BYTES_MAX: usize = 64 * 1_024;
/// Requests of one HTTP/2 connection that its peer may give up within `H2_RESETS_MS`; then it is closed (rapid reset,
/// CVE-2023-44487). A page that is left gives up as many as it has streams.
pub const H2_RESETS_MAX: usize = 400;
/// The time in which they are counted, milliseconds.
pub const H2_RESETS_MS: u64 = 10_000;
/// Streams that were reset and not yet handled, and those that we reset for the peer's mistakes.
pub const H2_RESETS_PENDING_MAX: usize = 20;
/// Time between two signs of life that an HTTP/2 peer is asked for, and time for its answer, milliseconds.
pub const H2_PING_MS: u64 = 20_000;
/// The most addresses in `X-Forwarded-For` that are looked at, from the right.
pub const FORWARDED_ADDRESSES_MAX: usize = 16;

// HTTPS

/// Time between two looks at the operator's own certificate files, milliseconds.
pub const TLS_LOOK_MS: u64 = 3_000;
/// Time between two looks whether a certificate is to be renewed, milliseconds.
pub const TLS_RENEW_LOOK_MS: u64 = 60 * 60 * 1_000;
/// Bytes of a file with a certificate or a key.
pub const TLS_FILE_BYTES_MAX: u64 = 256 * 1_024;
/// Time before the end of a certificate from which its coming end is told, milliseconds.
pub const TLS_SOON_MS: i64 = 14 * 24 * 60 * 60 * 1_000;
/// Days that a certificate of the server's own authority is valid; it is renewed when a third is left (Apple's devices
/// take at most 825).
pub const TLS_LEAF_DAYS: i64 = 180;
/// Days that the server's own authority is valid.
pub const TLS_ROOT_DAYS: i64 = 20 * 365;
/// Bytes of one answer of an ACME authority.
pub const ACME_ANSWER_BYTES_MAX: usize = 256 * 1_024;
/// Time for one call of an ACME authority, milliseconds.
pub const ACME_CALL_MS_MAX: u64 = 30_000;
/// Time for a whole order, milliseconds.
pub const ACME_ORDER_MS_MAX: u64 = 5 * 60_000;
/// Rest after the first failed order; each further one doubles it, milliseconds (Let's Encrypt allows 5 failures an hour).
pub const ACME_RETRY_MS_MIN: i64 = 60_000;
/// The longest rest, milliseconds.
pub const ACME_RETRY_MS_MAX: i64 = 12 * 60 * 60 * 1_000;

const _: () = assert!(WEBHOOK_BODY_LARGE_BYTES < WEBHOOK_BODY_BYTES_MAX);
const _: () = assert!(WEBHOOK_BODY_BYTES_MAX < BODY_DRAIN_BYTES_MAX);
const _: () = assert!(PASSWORD_HASH_KIB < PASSWORD_HASH_RESERVED_KIB && PASSWORD_HASH_RESERVED_KIB > 32 * 1_024);
const _: () = assert!(STOP_MS_MAX < 10_000);
const _: () = assert!(JOURNAL_PAGE_MAX < STREAM_EVENTS_MAX);

// Health and service

/// Pause before the writer is asked again whether it lives while its mailbox is full, milliseconds.
pub const WATCHDOG_RETRY_MS: u64 = 500;
/// Free space from which on a disk is short: bytes …
pub const HEALTH_DISK_LOW_BYTES: u64 = 2 * 1_024 * 1_024 * 1_024;
/// … and below which it is about to be full.
pub const HEALTH_DISK_FULL_BYTES: u64 = 256 * 1_024 * 1_024;
/// Memory that is available: less is short, percent of all.
pub const HEALTH_MEMORY_LOW_PERCENT: u64 = 10;
/// Memory that is available: less is too little, bytes.
pub const HEALTH_MEMORY_BYTES_MIN: u64 = 64 * 1_024 * 1_024;
/// Writes that are made durable to see how fast a disk is.
pub const HEALTH_PROBE_WRITES: usize = 5;
/// Bytes of each of them.
pub const HEALTH_PROBE_BYTES: usize = 4_096;
/// Median of these writes from which on a disk is slow, milliseconds (a sound card takes 5 to 20).
pub const HEALTH_PROBE_SLOW_MS: u64 = 50;
/// Median of these writes from which on a disk is failing, milliseconds.
pub const HEALTH_PROBE_FAILING_MS: u64 = 500;
/// Difference to the newest file or event that a right clock may have, milliseconds.
pub const HEALTH_CLOCK_SKEW_MS: i64 = 5 * 60_000;
/// Open files that a server needs: its connections, and as many again.
pub const HEALTH_OPEN_FILES_MIN: u64 = 4_096;
/// Share of the permitted open files in use from which on they are short, percent.
pub const HEALTH_OPEN_FILES_PERCENT: u64 = 80;
/// A certificate that ends in so many days should have been renewed.
pub const HEALTH_CERTIFICATE_DAYS: i64 = 21;
/// A certificate that ends in so many days needs a person now.
pub const HEALTH_CERTIFICATE_URGENT_DAYS: i64 = 3;
/// Newest messages that are looked through for statuses.
pub const HEALTH_MESSAGES_MAX: usize = 200;
/// A status that has not come after this shows that webhooks do not arrive, milliseconds.
pub const HEALTH_STATUS_MS_MAX: i64 = 15 * 60_000;
/// No webhook for so long is worth a look, milliseconds.
pub const HEALTH_SILENCE_MS_MAX: i64 = 3 * 24 * 60 * 60_000;
/// A message on its way for so long is late, milliseconds.
pub const HEALTH_OUTBOX_LATE_MS: i64 = 5 * 60_000;
/// A message on its way for so long needs a person, milliseconds.
pub const HEALTH_OUTBOX_STUCK_MS: i64 = 60 * 60_000;
/// Changes that wait for the index from which on it is behind.
pub const HEALTH_INDEX_WAITING_MAX: usize = 20_000;
/// A backup older than this is missing, milliseconds.
pub const HEALTH_BACKUP_MS_MAX: i64 = 48 * 60 * 60_000;

const _: () = assert!(HEALTH_DISK_FULL_BYTES < HEALTH_DISK_LOW_BYTES);
const _: () = assert!(HEALTH_PROBE_SLOW_MS < HEALTH_PROBE_FAILING_MS);

// Simulator

/// Bytes of one JSON request to the simulator; Graph's own bodies are far smaller.
pub const SIMULATOR_REQUEST_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of one uploaded file; enough for every kind but Meta's largest documents.
pub const SIMULATOR_MEDIA_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes of all uploaded files together; the oldest are forgotten first.
pub const SIMULATOR_MEDIA_TOTAL_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Life of a media download address in seconds (Meta: five minutes).
pub const SIMULATOR_MEDIA_URL_LIFE_S: u64 = 300;
/// Connections that the simulator serves at once; more wait in the kernel's queue.
pub const SIMULATOR_CONNECTIONS_MAX: usize = 1024;
/// Milliseconds in which a client has to send its request's header.
pub const SIMULATOR_HEADER_TIMEOUT_MS: u64 = 30_000;
/// Customers that the simulator remembers; the oldest is forgotten first.
pub const SIMULATOR_CUSTOMERS_MAX: usize = 20_000;
/// Characters of a customer's name on the phone page (WhatsApp's own profile limit is 25; names of test data are longer).
pub const SIMULATOR_NAME_CHARS_MAX: usize = 100;
/// Customers that the phone page is told about, the latest ones.
pub const SIMULATOR_PAGE_CUSTOMERS_MAX: usize = 100;
/// Messages kept for one customer's phone.
pub const SIMULATOR_TRANSCRIPT_MESSAGES_MAX: usize = 200;
/// Messages kept for all phones together; the oldest go first.
pub const SIMULATOR_TRANSCRIPTS_MESSAGES_MAX: usize = 10_000;
/// Events that a slow phone page may lag behind before its stream ends and it starts anew.
pub const SIMULATOR_LIVE_EVENTS_MAX: usize = 256;
/// Seconds between two signs of life on an idle phone page's stream.
pub const SIMULATOR_LIVE_BEAT_S: u64 = 15;
/// Sent messages or acknowledgements that a slow Rust subscriber may lag behind.
pub const SIMULATOR_SUBSCRIBER_EVENTS_MAX: usize = 16_384;
/// Webhook updates under way or waiting for a retry; writing customers wait beyond it.
pub const SIMULATOR_UPDATES_MAX: usize = 8_192;
/// Accepted messages whose statuses are still to come; Graph answers "rate limit" beyond it.
pub const SIMULATOR_STATUSES_PENDING_MAX: usize = 32_768;
/// Webhook posts in flight at once, unless the configuration says otherwise.
pub const SIMULATOR_POSTS_IN_FLIGHT: usize = 64;
/// Updates in one webhook post (Meta: up to 1,000).
pub const SIMULATOR_BATCH_UPDATES_MAX: usize = 1000;
/// Milliseconds that a batch waits to fill up, once batches are asked for.
pub const SIMULATOR_BATCH_WAIT_MS: u64 = 50;
/// Milliseconds that a webhook post may take before it counts as failed.
pub const SIMULATOR_POST_TIMEOUT_MS: u64 = 10_000;
/// Milliseconds before the second retry of a webhook; doubled each time. The first retry is immediate.
pub const SIMULATOR_RETRY_FIRST_MS: u64 = 100;
/// Longest pause between two retries of a webhook in milliseconds.
pub const SIMULATOR_RETRY_MS_MAX: u64 = 5_000;
/// Posts of one webhook before it is given up (Meta goes on for days; this is some ten minutes).
pub const SIMULATOR_POST_ATTEMPTS_MAX: u32 = 128;
/// Milliseconds that an answer waits for its early statuses when "statuses before the answer" is on.
pub const SIMULATOR_EARLY_STATUS_MS_MAX: u64 = 2_000;
/// Seconds that a typing indicator stays (Meta).
pub const SIMULATOR_TYPING_S: u64 = 25;
/// Hours after a customer's last message in which the business may write freely (Meta).
pub const SIMULATOR_WINDOW_HOURS: u64 = 24;
/// Characters of a text message (Meta).
pub const SIMULATOR_TEXT_CHARS_MAX: usize = 4096;
/// Characters of the name of a message's kind.
pub const SIMULATOR_KIND_CHARS_MAX: usize = 64;
/// Characters of a media caption (Meta).
pub const SIMULATOR_CAPTION_CHARS_MAX: usize = 1024;
/// Characters of the callback data that every status repeats (Meta).
pub const SIMULATOR_CALLBACK_DATA_CHARS_MAX: usize = 512;
/// Characters of the body above reply buttons (Meta).
pub const SIMULATOR_BUTTON_BODY_CHARS_MAX: usize = 1024;
/// Characters of the body above a list (Meta).
pub const SIMULATOR_LIST_BODY_CHARS_MAX: usize = 4096;
/// Characters of a header text or a footer of an interactive message (Meta).
pub const SIMULATOR_HEADER_CHARS_MAX: usize = 60;
/// Reply buttons on one message (Meta).
pub const SIMULATOR_BUTTONS_MAX: usize = 3;
/// Characters of a button's title (Meta).
pub const SIMULATOR_BUTTON_TITLE_CHARS_MAX: usize = 20;
/// Characters of a reply button's id (Meta).
pub const SIMULATOR_BUTTON_ID_CHARS_MAX: usize = 256;
/// Sections of a list, and rows in all of them together (Meta).
pub const SIMULATOR_LIST_ROWS_MAX: usize = 10;
/// Characters of a list row's or section's title (Meta).
pub const SIMULATOR_ROW_TITLE_CHARS_MAX: usize = 24;
/// Characters of a list row's id (Meta).
pub const SIMULATOR_ROW_ID_CHARS_MAX: usize = 200;
/// Characters of a list row's description (Meta).
pub const SIMULATOR_ROW_DESCRIPTION_CHARS_MAX: usize = 72;

// Search

/// Bytes of a query.
pub const SEARCH_QUERY_BYTES_MAX: usize = 1_024;
/// Characters of a word in the index; longer ones are found by their beginning.
pub const SEARCH_TERM_CHARS_MAX: usize = 64;
/// Parts of a word that also get one joined form (`AB-12-34` has three).
pub const SEARCH_COMPOUND_ATOMS_MAX: usize = 8;
/// Hits of one page unless the asker says otherwise.
pub const SEARCH_PAGE_DEFAULT: usize = 20;
/// Hits of one page.
pub const SEARCH_PAGE_MAX: usize = 200;
/// Hits up to which the count is exact.
pub const SEARCH_COUNT_MAX: u64 = 10_000;
/// Documents that are looked into to count the places of a phrase; beyond, the count says "more than". Some two
/// milliseconds.
pub const SEARCH_COUNT_COMPARED_MAX: u32 = 10_000;
/// Characters of a snippet around the first match.
pub const SEARCH_SNIPPET_CHARS_MAX: usize = 200;
/// Letters from which on a word may have a typing mistake.
pub const SEARCH_TYPO_CHARS_MIN: usize = 5;
/// Letters of a stem from which on other forms of a word are looked for.
pub const SEARCH_STEM_CHARS_MIN: usize = 3;
/// Forms of one word that are looked for, the most frequent.
pub const SEARCH_FORMS_MAX: usize = 64;
/// Names of contacts that are kept for the next page of hits; some 120 bytes each.
pub const SEARCH_NAMES_MAX: usize = 32_768;
/// Conversations that a `with:` may name; those of the newest contacts count.
pub const SEARCH_WITH_CONVERSATIONS_MAX: usize = 10_000;
/// Journal entries taken over at once, under one snapshot.
pub const SEARCH_JOURNAL_PAGE_MAX: usize = 512;
/// Events of a store that is searched in memory while it has no index; a larger one shows what is indexed so far.
pub const SEARCH_UNINDEXED_EVENTS_MAX: u64 = 20_000;
/// Time between two commits of the index, milliseconds.
pub const SEARCH_COMMIT_MS: u64 = 500;
/// Threads that index while everything is indexed anew.
pub const SEARCH_FILL_THREADS: usize = 2;
/// Memory of the threads that index, together, bytes.
pub const SEARCH_HEAP_BYTES: usize = 40 * 1_024 * 1_024;
/// Documents of a segment that is still merged with others.
pub const SEARCH_MERGE_DOCUMENTS_MAX: usize = 10_000_000;
/// Removed documents of a segment from which on it is written anew, percent.
pub const SEARCH_DELETED_PERCENT_MAX: u32 = 10;
/// Messages read at once while the index is built anew.
pub const SEARCH_REBUILD_PAGE_MAX: usize = 2_000;
/// Messages handed to an indexing thread at once while the index is built anew.
pub const SEARCH_BATCH_MESSAGES: usize = 100;
/// Messages after which a rebuild shows what it has.
pub const SEARCH_REBUILD_COMMIT_MESSAGES: usize = 200_000;
/// Time between two checks of the index's files, milliseconds.
pub const SEARCH_CHECK_MS: u64 = 5 * 60_000;
/// Time between two looks for merged segments, milliseconds.
pub const SEARCH_MERGED_CHECK_MS: u64 = 2_000;
/// Wait before the index is tried again after a failure, milliseconds.
pub const SEARCH_RETRY_MS: u64 = 1_000;
/// The longest wait before the index is tried again, milliseconds.
pub const SEARCH_RETRY_MS_MAX: u64 = 60_000;
