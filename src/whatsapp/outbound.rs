//! What we ask of the Graph API, as JSON bodies.
//!
//! Apart from the client because it is pure and can be compared byte for byte. Invariant: a body is only made for a
//! message that may be sent and for a contact who can be named.

use serde::Serialize;
use serde_json::Value;

use crate::domain::contact::{AddressKind, Contact};
use crate::domain::ids::Wamid;
use crate::domain::media::MediaKind;
use crate::domain::message::{Content, Message};

use super::template_node::TemplateNode;

/// Why there is nothing to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// Kinds that this edge cannot write, and lines that are for the centre only.
    #[error("this kind of message cannot be sent")]
    NotSendable,
    /// Neither number nor user id.
    #[error("the contact has neither a phone number nor a user id")]
    NoAddress,
}

#[derive(Serialize)]
struct Body<'m> {
    messaging_product: &'static str,
    recipient_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<&'m str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Quote<'m>>,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    node: Node<'m>,
    biz_opaque_callback_data: &'m str,
}

/// What stands under the key of the message's kind.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Node<'m> {
    Text(Text<'m>),
    Template(TemplateNode<'m>),
    Reaction(ReactionNode<'m>),
    Image(FileNode<'m>),
    Video(FileNode<'m>),
    Audio(FileNode<'m>),
    Document(FileNode<'m>),
    Sticker(FileNode<'m>),
    Location(Value),
    Contacts(Value),
    Interactive(Value),
}

/// The node of an object that was made in Meta's shape.
fn node_of<'m>(kind: &str, raw: &str) -> Option<(&'static str, Node<'m>)> {
    let mut object: Value = serde_json::from_str(raw).ok()?;
    let node = object.get_mut(kind).map(Value::take)?;
    Some(match kind {
        "location" => ("location", Node::Location(node)),
        "contacts" => ("contacts", Node::Contacts(node)),
        "interactive" => ("interactive", Node::Interactive(node)),
        _ => return None,
    })
}

/// A file that was uploaded before.
#[derive(Serialize)]
struct FileNode<'m> {
    id: &'m str,
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<&'m str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<&'m str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    voice: bool,
}

#[derive(Serialize)]
struct ReactionNode<'m> {
    message_id: &'m str,
    emoji: &'m str,
}

#[derive(Serialize)]
struct Quote<'m> {
    message_id: &'m str,
}

#[derive(Serialize)]
struct Text<'m> {
    body: &'m str,
    preview_url: bool,
}

#[derive(Serialize)]
struct Seen<'m> {
    messaging_product: &'static str,
    status: &'static str,
    message_id: &'m str,
    #[serde(skip_serializing_if = "Option::is_none")]
    typing_indicator: Option<Typing>,
}

#[derive(Serialize)]
struct Typing {
    #[serde(rename = "type")]
    kind: &'static str,
}

/// The `raw` of a text whose links are to be shown as text alone.
pub const NO_PREVIEW: &str = r#"{"type":"text","text":{"preview_url":false}}"#;

/// The body of `POST /{phone-number id}/messages`. A contact with a number is written to by number, with the `+`
/// without which Meta would prefix the business's own country; else by user id. A link in the text asks for its
/// preview, as the phone app does by itself. `opaque` comes back in every status.
///
/// # Errors
/// The message is of a kind that cannot be sent, or the contact has no address to send to.
pub fn message_body(message: &Message, contact: &Contact, opaque: &str) -> Result<Vec<u8>, OutboundError> {
    body_with(message, contact, opaque, None)
}

/// The body of a message whose file Graph has under this id.
///
/// # Errors
/// The message has no file, or the contact has no address to send to.
pub fn file_body(message: &Message, contact: &Contact, opaque: &str, media_id: &str) -> Result<Vec<u8>, OutboundError> {
    body_with(message, contact, opaque, Some(media_id))
}

fn body_with(
    message: &Message,
    contact: &Contact,
    opaque: &str,
    media_id: Option<&str>,
) -> Result<Vec<u8>, OutboundError> {
    let quoted = message.quoted.as_ref().map(|Wamid(message_id)| message_id.as_str());
    let (kind, node) = match &message.content {
        Content::Text(text) => {
            let preview_url = has_link(text) && message.raw.as_deref() != Some(NO_PREVIEW);
            ("text", Node::Text(Text { body: text, preview_url }))
        }
        Content::Template(template) if template.file().is_some() && media_id.is_none() => {
            return Err(OutboundError::NotSendable);
        }
        Content::Template(template) => ("template", Node::Template(TemplateNode::of(template, media_id))),
        Content::Media(media) => {
            let id = media_id.ok_or(OutboundError::NotSendable)?;
            let caption = Some(media.caption.as_str()).filter(|caption| !caption.is_empty());
            let named = media.kind == MediaKind::Document;
            let filename = media.name.as_deref().filter(|_| named);
            let node = FileNode { id, caption, filename, voice: media.voice };
            let node = match media.kind {
                MediaKind::Image => Node::Image(node),
                MediaKind::Video => Node::Video(node),
                MediaKind::Audio => Node::Audio(node),
                MediaKind::Document => Node::Document(node),
                MediaKind::Sticker => Node::Sticker(node),
            };
            (media.kind.word(), node)
        }
        Content::Reaction { emoji } => {
            let message_id = quoted.ok_or(OutboundError::NotSendable)?;
            ("reaction", Node::Reaction(ReactionNode { message_id, emoji }))
        }
        Content::Other { kind, .. } => {
            let raw = message.raw.as_deref().ok_or(OutboundError::NotSendable)?;
            node_of(kind, raw).ok_or(OutboundError::NotSendable)?
        }
        Content::Notice(_) | Content::Internal(_) => return Err(OutboundError::NotSendable),
    };
    let (to, recipient) = recipient_of(contact)?;
    Ok(written(&Body {
        messaging_product: "whatsapp",
        recipient_type: "individual",
        to,
        recipient,
        // A reaction names its target itself, and Graph refuses both.
        context: quoted.filter(|_| kind != "reaction").map(|message_id| Quote { message_id }),
        kind,
        node,
        biz_opaque_callback_data: opaque,
    }))
}

/// The body that marks a contact's message and all before it as read; `typing` shows them for up to 25 s that somebody
/// writes. There is no typing without reading.
#[must_use]
pub fn read_body(wamid: &Wamid, typing: bool) -> Vec<u8> {
    written(&Seen {
        messaging_product: "whatsapp",
        status: "read",
        message_id: &wamid.0,
        typing_indicator: typing.then_some(Typing { kind: "text" }),
    })
}

/// The body of `block_users`: the person's number, else their id; nothing where there is neither.
#[must_use]
pub fn block_body(contact: &Contact) -> Option<Vec<u8>> {
    let (to, recipient) = recipient_of(contact).ok()?;
    let user = to.or_else(|| recipient.map(str::to_owned))?;
    Some(written(&serde_json::json!({"messaging_product": "whatsapp", "block_users": [{"user": user}]})))
}

/// The number with its `+`, or the user id.
fn recipient_of(contact: &Contact) -> Result<(Option<String>, Option<&str>), OutboundError> {
    let address = |kind| contact.addresses.iter().find(|address| address.kind == kind).map(|address| &*address.value);
    if let Some(digits) = address(AddressKind::Phone) {
        return Ok((Some(format!("+{digits}")), None));
    }
    let id = address(AddressKind::UserId).or_else(|| address(AddressKind::ParentUserId));
    id.map(|id| (None, Some(id))).ok_or(OutboundError::NoAddress)
}

fn has_link(text: &str) -> bool {
    text.contains("https://") || text.contains("http://")
}

fn written(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("strings and booleans are always JSON")
}

#[cfg(test)]
mod tests {
    use super::{NO_PREVIEW, OutboundError, message_body, read_body};
    use crate::domain::contact::{Address, AddressKind, Contact};
    use crate::domain::ids::{ContactId, ConversationId, MessageId, Wamid};
    use crate::domain::message::{Author, Content, Message, Notice};
    use crate::domain::time::Timestamp;

    fn contact(addresses: &[(AddressKind, &str)]) -> Contact {
        let addresses = addresses.iter().map(|(kind, value)| Address { kind: *kind, value: (*value).to_owned() });
        Contact::new(ContactId(1), "Rosa".to_owned(), addresses.collect())
    }

    fn message(content: Content, quoted: Option<&str>) -> Message {
        Message {
            id: MessageId(17),
            conversation: ConversationId(1),
            interaction: None,
            author: Author::System,
            at: Timestamp(0),
            content,
            raw: None,
            wamid: None,
            quoted: quoted.map(|wamid| Wamid(wamid.to_owned())),
            client_key: None,
            retry_of: None,
            delivery: None,
        }
    }

    fn text(words: &str) -> Message {
        message(Content::Text(words.to_owned()), None)
    }

    fn body(message: &Message, addresses: &[(AddressKind, &str)]) -> String {
        let body = message_body(message, &contact(addresses), "0a1b2c3d.17").expect("it can be sent");
        String::from_utf8(body).expect("JSON is UTF-8")
    }

    #[test]
    fn a_text_goes_to_the_number_with_its_plus() {
        let addresses = [(AddressKind::Username, "rosa"), (AddressKind::UserId, "BR.1"), (AddressKind::Phone, "5511")];
        assert_eq!(
            body(&text("Olá \"1\""), &addresses),
            r#"{"messaging_product":"whatsapp","recipient_type":"individual","to":"+5511","type":"text","text":{"body":"Olá \"1\"","preview_url":false},"biz_opaque_callback_data":"0a1b2c3d.17"}"#
        );
    }

    #[test]
    fn without_a_number_it_goes_to_the_user_id() {
        let quoting = message(Content::Text("https://example.com".to_owned()), Some("wamid.Q/+="));
        assert_eq!(
            body(&quoting, &[(AddressKind::ParentUserId, "BR.ENT.9"), (AddressKind::UserId, "BR.1")]),
            r#"{"messaging_product":"whatsapp","recipient_type":"individual","recipient":"BR.1","context":{"message_id":"wamid.Q/+="},"type":"text","text":{"body":"https://example.com","preview_url":true},"biz_opaque_callback_data":"0a1b2c3d.17"}"#
        );
        assert!(body(&text("a"), &[(AddressKind::ParentUserId, "BR.ENT.9")]).contains(r#""recipient":"BR.ENT.9""#));
    }

    #[test]
    fn a_link_is_shown_without_its_page_where_the_agent_says_so() {
        let plain = Message { raw: Some(NO_PREVIEW.to_owned()), ..text("https://example.com") };
        assert!(body(&plain, &[(AddressKind::Phone, "5511")]).contains(r#""preview_url":false"#));
    }

    #[test]
    fn a_reaction_names_its_target_and_has_no_context() {
        let reaction = message(Content::Reaction { emoji: "👍".to_owned() }, Some("wamid.Q"));
        assert_eq!(
            body(&reaction, &[(AddressKind::Phone, "5511")]),
            r#"{"messaging_product":"whatsapp","recipient_type":"individual","to":"+5511","type":"reaction","reaction":{"message_id":"wamid.Q","emoji":"👍"},"biz_opaque_callback_data":"0a1b2c3d.17"}"#
        );
    }

    #[test]
    fn a_place_goes_out_as_it_was_made() {
        let content = Content::Other { kind: "location".to_owned(), text: "Shop".to_owned() };
        let raw = r#"{"type":"location","location":{"latitude":52.5,"longitude":13.4,"name":"Shop"}}"#;
        let place = Message { raw: Some(raw.to_owned()), ..message(content, Some("wamid.Q")) };
        assert_eq!(
            body(&place, &[(AddressKind::Phone, "5511")]),
            r#"{"messaging_product":"whatsapp","recipient_type":"individual","to":"+5511","context":{"message_id":"wamid.Q"},"type":"location","location":{"latitude":52.5,"longitude":13.4,"name":"Shop"},"biz_opaque_callback_data":"0a1b2c3d.17"}"#
        );
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        let rosa = contact(&[(AddressKind::Phone, "5511")]);
        let other = Content::Other { kind: "image".to_owned(), text: String::new() };
        for content in [other, Content::Notice(Notice::IdleAlert)] {
            assert_eq!(message_body(&message(content, None), &rosa, ""), Err(OutboundError::NotSendable));
        }
        let nobody = contact(&[(AddressKind::Username, "rosa")]);
        assert_eq!(message_body(&text("a"), &nobody, ""), Err(OutboundError::NoAddress));
    }

    #[test]
    fn reading_may_show_typing() {
        let wamid = Wamid("wamid.A".to_owned());
        assert_eq!(
            read_body(&wamid, false),
            br#"{"messaging_product":"whatsapp","status":"read","message_id":"wamid.A"}"#
        );
        assert_eq!(
            read_body(&wamid, true),
            br#"{"messaging_product":"whatsapp","status":"read","message_id":"wamid.A","typing_indicator":{"type":"text"}}"#
        );
    }
}
