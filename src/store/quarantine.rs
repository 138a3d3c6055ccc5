//! What becomes of a webhook's command that the core could not digest.
//!
//! Apart because it is the one place that turns a command back into text. Invariant: nothing that Meta sent is lost,
//! and nothing that Meta sent is repeated for days because of a fault of ours.

use serde_json::json;

use crate::domain::command::{Command, DeliveryReport, InboundMessage};
use crate::domain::message::{Content, Delivery};

/// The command that keeps this one as it came; `None` for commands that people and the outbox can repeat themselves.
#[allow(clippy::wildcard_enum_match_arm, reason = "webhooks bring these commands and no others")]
pub(super) fn kept(command: &Command) -> Option<Command> {
    match command {
        Command::Receive(inbound) | Command::ReceiveEcho(inbound) => {
            Some(keep("quarantine_message", &message(inbound)))
        }
        Command::RecordDelivery(report) => Some(keep("quarantine_status", &status(report))),
        Command::HearOfAccount { raw, .. } => {
            Some(Command::KeepRaw { kind: "account_update".to_owned(), raw: raw.clone() })
        }
        Command::HearOfTemplates { kind, raw, .. } => Some(Command::KeepRaw { kind: kind.clone(), raw: raw.clone() }),
        Command::HearOfAddresses { raw, .. } => {
            Some(Command::KeepRaw { kind: "user_id_update".to_owned(), raw: raw.clone() })
        }
        Command::HearOfPreference { raw, .. } => {
            Some(Command::KeepRaw { kind: "user_preferences".to_owned(), raw: raw.clone() })
        }
        _ => None,
    }
}

fn keep(kind: &str, value: &serde_json::Value) -> Command {
    Command::KeepRaw { kind: kind.to_owned(), raw: value.to_string() }
}

fn message(inbound: &InboundMessage) -> serde_json::Value {
    let content = match &inbound.content {
        Content::Text(text) => json!({"type": "text", "text": text}),
        Content::Other { kind, text } => json!({"type": kind, "text": text}),
        Content::Media(media) => json!({"type": media.kind.word(), "text": media.words()}),
        Content::Reaction { emoji } => json!({"type": "reaction", "text": emoji}),
        Content::Notice(_) | Content::Internal(_) | Content::Template(_) => json!({"type": "notice"}),
    };
    let addresses: Vec<_> =
        inbound.sender.addresses.iter().map(|address| json!([format!("{:?}", address.kind), address.value])).collect();
    json!({
        "phone_number_id": inbound.phone_number_id,
        "from": addresses,
        "name": inbound.sender.name,
        "id": inbound.wamid.0,
        "sent_at": inbound.sent_at.0,
        "content": content,
        "quoted": inbound.quoted.as_ref().map(|quoted| &quoted.0),
        "system": inbound.system,
        "raw": inbound.raw,
    })
}

fn status(report: &DeliveryReport) -> serde_json::Value {
    let (code, title) = match &report.delivery {
        Delivery::Failed(failure) => (Some(failure.code), Some(&failure.title)),
        Delivery::Queued
        | Delivery::Unconfirmed
        | Delivery::Sent
        | Delivery::Delivered
        | Delivery::Read
        | Delivery::Played => (None, None),
    };
    json!({
        "id": report.wamid.0,
        "message": report.message.map(|message| message.0),
        "delivery": format!("{:?}", report.delivery),
        "code": code,
        "title": title,
        "at": report.at.0,
    })
}
