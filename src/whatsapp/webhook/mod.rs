//! Webhook bodies to commands.
//!
//! Apart from the HTTP door because it is pure, and total: whatever a signed body says becomes a command, and what is
//! not understood becomes [`Command::KeepRaw`]. Routing goes by `changes[].field` before anything in `value` is looked
//! at, because imported history carries `messages` too (whatsapp-cloud-api.md 0.6).
//! Invariant: no input makes this panic, and every message object with an id, a sender and a channel account becomes
//! one [`Command::Receive`].

mod coexistence;
mod json;
mod message;
mod status;
mod words;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::domain::command::Command;
use crate::domain::time::Timestamp;
use crate::limits::{KIND_CHARS_MAX, PROVIDER_TIME_S_MAX};

use json::{Document, Json};

/// The fields of changes to templates.
const TEMPLATE_FIELDS: [&str; 4] = [
    "message_template_status_update",
    "message_template_quality_update",
    "message_template_components_update",
    "template_category_update",
];

/// Meta's errors (whatsapp-cloud-api.md 2.5) that say the same as a webhook about the account.
const ACCOUNT_LOCKED: u32 = 131_031;
const ACCOUNT_RESTRICTED: u32 = 368;

/// A command, and the channel account that it is about.
#[derive(Debug, PartialEq, Eq)]
pub struct Decoded {
    /// Meta's phone-number id; management changes have none.
    pub phone_number_id: Option<String>,
    /// What the store is asked to do.
    pub command: Command,
}

/// Why a body is not one of Meta's envelopes. It is kept all the same: see [`keep_raw`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// JSON is UTF-8.
    #[error("the body is not UTF-8")]
    NotUtf8,
    /// No JSON text.
    #[error("the body is not JSON")]
    NotJson,
    /// No list `entry`, or for another product than WhatsApp.
    #[error("the body is not a WhatsApp webhook envelope")]
    NotEnvelope,
}

/// What a whole body has in common.
#[derive(Clone, Copy)]
struct Context<'c> {
    store_tag: &'c str,
    received_at: Timestamp,
}

/// Everything in a webhook body, in its order. `store_tag` tells our own echoed ids from foreign ones; `received_at`
/// stands in where Meta gives no usable time.
///
/// # Errors
/// The body as a whole is no envelope of Meta's.
pub fn decode(body: &[u8], store_tag: &str, received_at: Timestamp) -> Result<Vec<Decoded>, DecodeError> {
    let text = std::str::from_utf8(body).map_err(|_| DecodeError::NotUtf8)?;
    let document = Document::parse(text).ok_or(DecodeError::NotJson)?;
    let root = document.root();
    let product = root.text_of("object");
    if !root.get("entry").is_some_and(Json::is_list)
        || product.is_some_and(|product| product != "whatsapp_business_account")
    {
        return Err(DecodeError::NotEnvelope);
    }
    let mut decoder = Decoder { context: Context { store_tag, received_at }, decoded: Vec::new() };
    decoder.envelope(root);
    Ok(decoder.decoded)
}

/// The command that keeps a signed body which [`decode`] refused, or whose commands the store refused: as text where
/// it is UTF-8, else in base64.
#[must_use]
pub fn keep_raw(body: &[u8]) -> Command {
    match std::str::from_utf8(body) {
        Ok(text) => Command::KeepRaw { kind: "body".to_owned(), raw: text.to_owned() },
        Err(_) => Command::KeepRaw { kind: "body_base64".to_owned(), raw: STANDARD.encode(body) },
    }
}

struct Decoder<'c> {
    context: Context<'c>,
    decoded: Vec<Decoded>,
}

/// Reads one element of a field's list: its channel, the contacts beside the list, the element.
type Listed<'c> = fn(&mut Decoder<'c>, Option<&str>, Option<Json<'_>>, Json<'_>);

impl<'c> Decoder<'c> {
    fn envelope(&mut self, envelope: Json<'_>) {
        for (key, value) in envelope.members() {
            match key.as_ref() {
                "object" => {}
                "entry" if value.is_list() => value.elements().for_each(|entry| self.entry(entry)),
                _ => self.keep(None, "envelope", value.raw()),
            }
        }
    }

    fn entry(&mut self, entry: Json<'_>) {
        if !entry.is_object() {
            self.keep(None, "entry", entry.raw());
        }
        let account = entry.text_of("id");
        for (key, value) in entry.members() {
            match key.as_ref() {
                "id" | "time" => {}
                "changes" if value.is_list() => {
                    value.elements().for_each(|change| self.change(account.as_deref(), change))
                }
                _ => self.keep(None, &format!("entry_{key}"), value.raw()),
            }
        }
    }

    fn change(&mut self, account: Option<&str>, change: Json<'_>) {
        let field = change.text_of("field");
        let listed: Option<(&str, Listed<'c>)> = match field.as_deref() {
            Some("calls") => Some(("calls", Self::call)),
            Some("user_preferences") => Some(("user_preferences", Self::preference)),
            Some("user_id_update") => Some(("user_id_update", Self::user_id)),
            Some("smb_message_echoes") => Some(("message_echoes", Self::echo)),
            Some("history") => Some(("history", Self::past)),
            _ => None,
        };
        if let Some((member, read)) = listed {
            return self.list(change, field.as_deref().unwrap_or_default(), member, read);
        }
        if field.as_deref() != Some("messages") {
            let phone_number_id = change.get("value").and_then(phone_number_id_of);
            if let Some(field) = field.as_deref().filter(|field| TEMPLATE_FIELDS.contains(field)) {
                let business_account_id = account.map(str::to_owned);
                let (kind, raw) = (field.to_owned(), change.raw().to_owned());
                return self.push(None, Command::HearOfTemplates { business_account_id, kind, raw });
            }
            if let (Some("account_update"), Some(account)) = (field.as_deref(), account)
                && let Some(code) = change.get("value").and_then(account_news)
            {
                let (business_account_id, raw) = (account.to_owned(), change.raw().to_owned());
                return self.push(None, Command::HearOfAccount { business_account_id, code, raw });
            }
            return self.keep(phone_number_id, field.as_deref().unwrap_or("change"), change.raw());
        }
        for (key, value) in change.members() {
            match key.as_ref() {
                "field" => {}
                "value" if value.is_object() => self.value(value),
                _ => self.keep(None, &format!("change_{key}"), value.raw()),
            }
        }
    }

    /// The elements of the list `member` in the value of a change. Where anything stands beside the list, the whole
    /// change is kept too, and in place of a list that is not there.
    fn list(&mut self, change: Json<'_>, field: &str, member: &str, read: Listed<'c>) {
        let value = change.get("value");
        let channel = value.and_then(phone_number_id_of);
        let contacts = value.and_then(|value| value.get("contacts"));
        let mut whole = change.members().all(|(key, _)| matches!(key.as_ref(), "field" | "value"));
        let mut found = false;
        for (key, part) in value.into_iter().flat_map(Json::members) {
            if key == member && part.is_list() {
                found = true;
                part.elements().for_each(|element| read(self, channel.as_deref(), contacts, element));
            } else if !matches!(key.as_ref(), "messaging_product" | "metadata" | "contacts") {
                whole = false;
            }
        }
        if !found || !whole {
            self.keep(channel, field, change.raw());
        }
    }

    /// A contact who calls has written, in a way: the call is a line of the transcript, opens the window
    /// (whatsapp-cloud-api.md 2.3), and somebody should answer. What becomes of the call is kept.
    fn call(&mut self, channel: Option<&str>, contacts: Option<Json<'_>>, call: Json<'_>) {
        let is = |key: &str, word: &str| call.text_of(key).is_some_and(|text| text == word);
        let begins = is("event", "connect") && !is("direction", "BUSINESS_INITIATED");
        let command = match channel.filter(|_| begins) {
            Some(channel) => message::read_call(self.context, channel, contacts, call),
            None => Err("calls"),
        };
        self.take(channel, command, call);
    }

    /// Who is known by another user id from now on.
    fn user_id(&mut self, channel: Option<&str>, _: Option<Json<'_>>, update: Json<'_>) {
        let command = message::of_user_id_update(update)
            .map(|sender| Command::HearOfAddresses { sender, raw: update.raw().to_owned() });
        self.take(channel, command.ok_or("user_id_update"), update);
    }

    /// Who wants marketing and who does not.
    fn preference(&mut self, channel: Option<&str>, _: Option<Json<'_>>, preference: Json<'_>) {
        let stopped = match (preference.text_of("category").as_deref(), preference.text_of("value").as_deref()) {
            (Some("marketing_messages"), Some("stop")) => Some(true),
            (Some("marketing_messages"), Some("resume")) => Some(false),
            _ => None,
        };
        let command = stopped.zip(message::of_preference(preference)).map(|(marketing_stopped, sender)| {
            Command::HearOfPreference { sender, marketing_stopped, raw: preference.raw().to_owned() }
        });
        self.take(channel, command.ok_or("user_preferences"), preference);
    }

    /// The value of field `messages`.
    fn value(&mut self, value: Json<'_>) {
        let channel = phone_number_id_of(value);
        let contacts = value.get("contacts");
        let mut carries = false;
        for (key, part) in value.members() {
            match key.as_ref() {
                "messaging_product" | "metadata" | "contacts" => {}
                "messages" if part.is_list() => {
                    carries = true;
                    for message in part.elements() {
                        self.message(channel.as_deref(), contacts, message);
                    }
                }
                "statuses" if part.is_list() => {
                    carries = true;
                    for status in part.elements() {
                        self.status(channel.as_deref(), status);
                    }
                }
                _ => self.keep(channel.clone(), &format!("value_{key}"), &part_of_value(value, &key, part)),
            }
        }
        // Contacts that ride along with messages or statuses have told their news there.
        if let Some(contacts) = contacts
            && !carries
        {
            self.keep(channel, "contacts", &part_of_value(value, "contacts", contacts));
        }
    }

    fn message(&mut self, channel: Option<&str>, contacts: Option<Json<'_>>, message: Json<'_>) {
        let command = match channel {
            Some(channel) => message::read(self.context, channel, contacts, message),
            None => Err("message_without_channel"),
        };
        self.take(channel, command, message);
    }

    fn status(&mut self, channel: Option<&str>, status: Json<'_>) {
        self.take(channel, status::read(self.context, status).map(Command::RecordDelivery), status);
    }

    /// What an object has become, or the object itself under the kind of what it lacks.
    fn take(&mut self, channel: Option<&str>, command: Result<Command, &'static str>, object: Json<'_>) {
        match command {
            Ok(command) => self.push(channel.map(str::to_owned), command),
            Err(kind) => self.keep(channel.map(str::to_owned), kind, object.raw()),
        }
    }

    fn keep(&mut self, phone_number_id: Option<String>, kind: &str, raw: &str) {
        self.push(phone_number_id, Command::KeepRaw { kind: bounded(kind), raw: raw.to_owned() });
    }

    fn push(&mut self, phone_number_id: Option<String>, command: Command) {
        self.decoded.push(Decoded { phone_number_id, command });
    }
}

/// What an account update means for messages: the error that they would meet, `None` when they are taken again; nothing
/// where it is about something else (whatsapp-cloud-api.md 1.6).
fn account_news(value: Json<'_>) -> Option<Option<u32>> {
    let restricted = || {
        let mut all = value.get("restriction_info").into_iter().flat_map(Json::elements);
        all.any(|one| one.text_of("restriction_type").is_some_and(|kind| kind.ends_with("_MESSAGING")))
    };
    let ban = || value.get("ban_info").and_then(|ban| ban.text_of("waba_ban_state"));
    match value.text_of("event")?.as_ref() {
        "ACCOUNT_DELETED" | "ACCOUNT_OFFBOARDED" => Some(Some(ACCOUNT_LOCKED)),
        "DISABLED_UPDATE" if ban().is_some_and(|state| state == "DISABLE") => Some(Some(ACCOUNT_LOCKED)),
        "DISABLED_UPDATE" if ban().is_some_and(|state| state == "REINSTATE") => Some(None),
        "ACCOUNT_RESTRICTION" if restricted() => Some(Some(ACCOUNT_RESTRICTED)),
        "ACCOUNT_RECONNECTED" => Some(None),
        _ => None,
    }
}

fn phone_number_id_of(value: Json<'_>) -> Option<String> {
    value.get("metadata")?.text_of("phone_number_id").map(std::borrow::Cow::into_owned)
}

/// One member of a value with the metadata that says whose it is, as JSON.
fn part_of_value(value: Json<'_>, key: &str, part: Json<'_>) -> String {
    let metadata = value.get("metadata").map_or("null", Json::raw);
    let key = serde_json::Value::from(key);
    format!(r#"{{"metadata":{metadata},{key}:{}}}"#, part.raw())
}

/// Meta's time: whole seconds since the epoch, a string in most places and a number in some.
fn timestamp_of(json: Json<'_>) -> Option<Timestamp> {
    let seconds: i64 = json.text_of("timestamp")?.parse().ok()?;
    (1..=PROVIDER_TIME_S_MAX).contains(&seconds).then_some(Timestamp(seconds * 1_000))
}

/// A stranger's word where a short one is expected.
fn bounded(kind: &str) -> String {
    kind.chars().take(KIND_CHARS_MAX).collect()
}
