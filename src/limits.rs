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

const _: () = assert!(SIGN_IN_SEEN_MS_MIN * 2 < SIGN_IN_IDLE_MS_MAX);
const _: () = assert!(DISCONNECT_GRACE_MS_DEFAULT <= OWNER_GRACE_MS_DEFAULT);

// Store

/// Memory for redb's page cache, bytes: small enough for a Raspberry Pi, large enough for a day's working set.
pub const STORE_CACHE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Commands that one commit gathers; one larger envelope goes alone.
pub const COMMANDS_PER_COMMIT_MAX: usize = 256;
/// Commands between submission and answer; what comes on top is refused at once, so that the wait of accepted work
/// stays bounded by a few dozen commits.
pub const COMMANDS_WAITING_MAX: u32 = 8_192;
/// Bytes of one stored value: a webhook body at its largest, kept raw, and room for the rest.
pub const RECORD_BYTES_MAX: usize = 4 * 1024 * 1024;
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
pub const WRITER_WAKE_MS_MAX: u64 = 1_000;
/// Least time between two ticks of which the first found nothing to do, milliseconds.
pub const TICK_MS_MIN: i64 = 100;
/// First wait before the database is opened anew after a failed write, milliseconds; doubles.
pub const REOPEN_WAIT_MS_MIN: u64 = 50;
/// Longest wait between two attempts to write again, milliseconds.
pub const REOPEN_WAIT_MS_MAX: u64 = 2_000;
/// Messages that the search for a contact's last message looks at.
pub const LAST_INBOUND_SCAN_MAX: usize = 500;

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

const _: () = assert!(SENDS_IN_FLIGHT_PER_CHANNEL_MAX < SENDS_IN_FLIGHT_MAX);
const _: () = assert!(PACE_BURST_PERCENT < 100);

// HTTP

// Simulator
