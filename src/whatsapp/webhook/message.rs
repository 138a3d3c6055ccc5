//! One message object: who wrote, what, in answer to what.
//!
//! Apart from the envelope because a message is read the same wherever it stands. Invariant: what the content does not
//! carry stays in `raw`.

use std::borrow::Cow;

use crate::domain::command::{Command, InboundMessage, PastMessage};
use crate::domain::contact::{Address, AddressKind, Sender};
use crate::domain::ids::Wamid;
use crate::domain::media::{MediaKind, MediaMessage, MediaSource};
use crate::domain::message::{Author, Content};

use crate::limits::{FILE_NAME_CHARS_MAX, REACTION_CHARS_MAX};

use super::json::Json;
use super::{Context, bounded, timestamp_of, words};

/// The message as a command, or what it lacks.
pub(super) fn read(
    context: Context<'_>,
    phone_number_id: &str,
    contacts: Option<Json<'_>>,
    message: Json<'_>,
) -> Result<Command, &'static str> {
    Ok(Command::Receive(Box::new(inbound(context, phone_number_id, sender(contacts, message), message)?)))
}

/// A contact's call, as a message of the kind `call`.
pub(super) fn read_call(
    context: Context<'_>,
    phone_number_id: &str,
    contacts: Option<Json<'_>>,
    call: Json<'_>,
) -> Result<Command, &'static str> {
    let message = inbound(context, phone_number_id, sender(contacts, call), call)?;
    let content = Content::Other { kind: "call".to_owned(), text: String::new() };
    Ok(Command::Receive(Box::new(InboundMessage { content, raw: Some(call.raw().to_owned()), ..message })))
}

/// What the business's phone app wrote, as a command: the contact is whom it wrote to.
pub(super) fn read_echo(
    context: Context<'_>,
    phone_number_id: &str,
    contacts: Option<Json<'_>>,
    message: Json<'_>,
) -> Result<Command, &'static str> {
    let sender = person(contacts, message, ["to", "to_user_id", "to_parent_user_id"]);
    Ok(Command::ReceiveEcho(Box::new(inbound(context, phone_number_id, sender, message)?)))
}

/// One message of the past, in the thread of the contact with this number or id.
pub(super) fn read_past(context: Context<'_>, contact: &str, message: Json<'_>) -> Result<PastMessage, &'static str> {
    let is_contact = |key| message.text_of(key).is_some_and(|value| value.trim_start_matches('+') == contact);
    let author = if is_contact("from") || is_contact("from_user_id") { Author::Contact } else { Author::BusinessApp };
    let sender = Some(Sender { addresses: Vec::new(), name: None });
    let InboundMessage { wamid, sent_at, content, raw, quoted, .. } = inbound(context, "", sender, message)?;
    Ok(PastMessage { wamid, author, at: sent_at, content, raw, quoted })
}

/// The contact of a thread of the past: a number or a user id.
pub(super) fn of_thread(id: &str) -> Option<Sender> {
    address(AddressKind::Phone, id).map(|address| Sender { addresses: vec![address], name: None })
}

fn inbound(
    context: Context<'_>,
    phone_number_id: &str,
    sender: Option<Sender>,
    message: Json<'_>,
) -> Result<InboundMessage, &'static str> {
    let wamid = message.text_of("id").ok_or("message_without_id")?;
    let sender = sender.ok_or("message_without_sender")?;
    let kind = kind(message);
    let body = (kind == "text").then(|| text_body(message)).flatten();
    let raw = (body.is_none() || !is_plain_text(message)).then(|| message.raw().to_owned());
    let content = match body {
        Some(body) => Content::Text(body.into_owned()),
        None if kind == "reaction" && quoted(message).is_some() => Content::Reaction { emoji: emoji(message) },
        None => match media(&kind, message) {
            Some(media) => Content::Media(Box::new(media)),
            None => Content::Other { kind: bounded(&kind), text: words::of(&kind, message) },
        },
    };
    Ok(InboundMessage {
        phone_number_id: phone_number_id.to_owned(),
        sender,
        wamid: Wamid(wamid.into_owned()),
        sent_at: timestamp_of(message).unwrap_or(context.received_at),
        content,
        raw,
        quoted: quoted(message).map(|wamid| Wamid(wamid.into_owned())),
        system: kind == "system",
    })
}

/// A message with a file; `None` for other kinds, and where the provider names no file.
fn media(kind: &str, message: Json<'_>) -> Option<MediaMessage> {
    let kind = MediaKind::of_word(kind)?;
    let node = message.get(kind.word())?;
    let text = |key: &str| node.text_of(key).map(Cow::into_owned);
    let name = text("filename").map(|name| name.chars().take(FILE_NAME_CHARS_MAX).collect());
    Some(MediaMessage {
        kind,
        caption: text("caption").unwrap_or_default(),
        name,
        mime_type: text("mime_type").unwrap_or_default(),
        voice: node.get("voice").is_some_and(|voice| matches!(voice.raw(), "true" | "\"true\"")),
        source: MediaSource::Provider { id: text("id")?, sha256: text("sha256").unwrap_or_default() },
    })
}

/// A reaction's emoji: missing or empty when it is taken back.
fn emoji(message: Json<'_>) -> String {
    let emoji = message.get("reaction").and_then(|reaction| reaction.text_of("emoji"));
    emoji.map(|emoji| emoji.chars().take(REACTION_CHARS_MAX).collect()).unwrap_or_default()
}

/// Meta's `type`; where it is missing, text is told by its node.
fn kind<'d>(message: Json<'d>) -> Cow<'d, str> {
    match message.text_of("type") {
        Some(kind) => kind,
        None if text_body(message).is_some() => Cow::Borrowed("text"),
        None => Cow::Borrowed("unknown"),
    }
}

fn text_body(message: Json<'_>) -> Option<Cow<'_, str>> {
    let text = message.get("text")?;
    text.text_of("body").or_else(|| text.text())
}

/// Whether the decoded command says all that the object says.
fn is_plain_text(message: Json<'_>) -> bool {
    let mut seen = Vec::with_capacity(8);
    timestamp_of(message).is_some()
        && message.members().all(|(key, value)| {
            let plain = match key.as_ref() {
                "from" | "from_user_id" | "from_parent_user_id" | "to" | "to_user_id" | "to_parent_user_id" => true,
                "id" | "timestamp" | "type" => true,
                "text" => is_plain_body(value),
                _ => false,
            };
            let new = !seen.contains(&key);
            seen.push(key);
            plain && new
        })
}

/// A `text` node with one member, its body, whose characters are whole.
fn is_plain_body(text: Json<'_>) -> bool {
    let mut members = text.members();
    members.next().is_some_and(|(key, body)| key == "body" && !body.is_broken_text()) && members.next().is_none()
}

/// The message that this one answers, reacts to, edits or takes back.
fn quoted(message: Json<'_>) -> Option<Cow<'_, str>> {
    let member = |node: &str, key: &str| message.get(node)?.text_of(key);
    member("context", "id")
        .or_else(|| member("reaction", "message_id"))
        .or_else(|| member("edit", "original_message_id"))
        .or_else(|| member("revoke", "original_message_id"))
}

/// Everything that the message and the contact beside it say about who wrote; `None` when they name nobody.
fn sender(contacts: Option<Json<'_>>, message: Json<'_>) -> Option<Sender> {
    let mut sender = person(contacts, message, ["from", "from_user_id", "from_parent_user_id"])?;
    for address in renewed(message) {
        if !sender.addresses.contains(&address) {
            sender.addresses.push(address);
        }
    }
    Some(sender)
}

/// Who is told to have another user id: the new one first, because what is sent goes to it.
pub(super) fn of_user_id_update(update: Json<'_>) -> Option<Sender> {
    let id = |key: &str| update.get("user_id").and_then(|ids| ids.text_of(key));
    let all = [
        (AddressKind::UserId, Some(id("current")?)),
        (AddressKind::UserId, Some(id("previous")?)),
        (AddressKind::Phone, update.text_of("wa_id")),
        (AddressKind::ParentUserId, update.text_of("parent_user_id")),
    ];
    let addresses = all.into_iter().filter_map(|(kind, value)| address(kind, &value?)).collect();
    Some(Sender { addresses, name: None })
}

/// What the message says the contact is known by from now on: a system message of another number or another user id, a
/// card with which they answer a request for their own.
fn renewed(message: Json<'_>) -> Vec<Address> {
    let Some(node) = message.get("system") else { return asked_for(message) };
    let news = [
        (AddressKind::Phone, node.text_of("wa_id").or_else(|| node.text_of("new_wa_id"))),
        (AddressKind::UserId, node.text_of("user_id")),
        (AddressKind::ParentUserId, node.text_of("parent_user_id")),
    ];
    news.into_iter().filter_map(|(kind, value)| address(kind, &value?)).collect()
}

/// The number of a contact who was asked for it. Cards of other people have another origin.
fn asked_for(message: Json<'_>) -> Vec<Address> {
    let cards = message.get("contacts").into_iter().flat_map(Json::elements);
    let own = cards.filter(|card| card.text_of("origin").is_some_and(|origin| origin == "contact_request"));
    let phones = own.filter_map(|card| card.get("phones")).flat_map(Json::elements);
    phones.filter_map(|phone| address(AddressKind::Phone, &phone.text_of("wa_id")?)).take(1).collect()
}

/// The person whom these members of the message name: number, id, id at the parent.
fn person(contacts: Option<Json<'_>>, message: Json<'_>, members: [&str; 3]) -> Option<Sender> {
    let phone = message.text_of(members[0]);
    let user_id = message.text_of(members[1]);
    let contact = contacts.and_then(|contacts| contact_of(contacts, phone.as_deref(), user_id.as_deref()));
    let of_contact = |key: &str| contact.and_then(|contact| contact.text_of(key));
    let profile = contact.and_then(|contact| contact.get("profile"));
    let of_profile = |key: &str| profile.and_then(|profile| profile.text_of(key));

    let mut addresses = Vec::new();
    for (kind, value) in [
        (AddressKind::Phone, phone.or_else(|| of_contact("wa_id"))),
        (AddressKind::UserId, user_id.or_else(|| of_contact("user_id"))),
        (AddressKind::ParentUserId, message.text_of(members[2]).or_else(|| of_contact("parent_user_id"))),
        (AddressKind::Username, of_profile("username").or_else(|| of_contact("username"))),
    ] {
        addresses.extend(value.and_then(|value| address(kind, &value)));
    }
    let named = addresses.iter().any(|address| address.kind != AddressKind::Username);
    named.then(|| Sender { addresses, name: of_profile("name").map(Cow::into_owned) })
}

/// Whom a preference is about.
pub(super) fn of_preference(preference: Json<'_>) -> Option<Sender> {
    let kinds = [
        (AddressKind::Phone, "wa_id"),
        (AddressKind::UserId, "user_id"),
        (AddressKind::ParentUserId, "parent_user_id"),
    ];
    let addresses: Vec<_> = kinds.iter().filter_map(|(kind, key)| address(*kind, &preference.text_of(key)?)).collect();
    (!addresses.is_empty()).then_some(Sender { addresses, name: None })
}

/// Usernames come with and without `@`, numbers with and without `+`: one spelling each, so that one person has one
/// address. A `from` that is no number can only be a user id.
fn address(kind: AddressKind, value: &str) -> Option<Address> {
    let (kind, value) = match kind {
        AddressKind::Phone => match value.strip_prefix('+').unwrap_or(value) {
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => (kind, digits),
            _ => (AddressKind::UserId, value),
        },
        AddressKind::Username => (kind, value.strip_prefix('@').unwrap_or(value)),
        AddressKind::UserId | AddressKind::ParentUserId => (kind, value),
    };
    (!value.is_empty()).then(|| Address { kind, value: value.to_owned() })
}

/// The contact that describes the sender; for a message that names nobody the only one there is.
fn contact_of<'d>(contacts: Json<'d>, phone: Option<&str>, user_id: Option<&str>) -> Option<Json<'d>> {
    if phone.is_none() && user_id.is_none() {
        let mut all = contacts.elements();
        return all.next().filter(|_| all.next().is_none());
    }
    let is = |contact: Json<'_>, key: &str, value: Option<&str>| {
        value.is_some_and(|value| contact.text_of(key).is_some_and(|theirs| theirs == value))
    };
    contacts.elements().find(|contact| is(*contact, "wa_id", phone) || is(*contact, "user_id", user_id))
}
