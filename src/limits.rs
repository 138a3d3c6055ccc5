//! Every bound in the system, with its unit and its reason.
//!
//! Apart from the code it bounds so that one page answers "how much can this box be made to hold".
//! Invariant: no other file spells out a bound as a bare number.

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
