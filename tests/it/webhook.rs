//! What webhook bodies become: one payload of each kind, the shapes that Meta may bend, and mutations of all of them.

#![allow(clippy::wildcard_enum_match_arm, reason = "a webhook leads to three of the many commands")]

mod kinds;
mod leniency;
mod mutation;

use deskbell::domain::command::Command;
use deskbell::domain::message::Content;
use deskbell::domain::time::Timestamp;
use deskbell::whatsapp::webhook::{Decoded, decode};

/// The tag of "our" store.
const TAG: &str = "0a1b2c3d";
/// When the bodies arrive.
const RECEIVED_AT: Timestamp = Timestamp(1_790_000_005_500);

/// The commands of a body that is an envelope.
fn commands(body: &str) -> Vec<Command> {
    decode(body.as_bytes(), TAG, RECEIVED_AT).expect("an envelope").into_iter().map(|decoded| decoded.command).collect()
}

/// The envelope around values of field `messages`.
fn envelope(values: &[&str]) -> String {
    let changes: Vec<_> = values.iter().map(|value| format!(r#"{{"field":"messages","value":{value}}}"#)).collect();
    let changes = changes.join(",");
    format!(r#"{{"object":"whatsapp_business_account","entry":[{{"id":"9000","changes":[{changes}]}}]}}"#)
}

/// A value with these messages and no contacts.
fn value(messages: &str) -> String {
    format!(r#"{{"messaging_product":"whatsapp","metadata":{{"phone_number_id":"1000"}},"messages":{messages}}}"#)
}

/// The one command of a body whose only message is this.
fn message(message: &str) -> Command {
    let mut commands = commands(&envelope(&[&value(&format!("[{message}]"))]));
    assert_eq!(commands.len(), 1, "{message}");
    commands.remove(0)
}

/// A command in one line.
fn line(decoded: &Decoded) -> String {
    let channel = decoded.phone_number_id.as_deref().unwrap_or("-");
    match &decoded.command {
        Command::Receive(inbound) | Command::ReceiveEcho(inbound) => {
            let receive = if matches!(decoded.command, Command::ReceiveEcho(_)) { "echo" } else { "receive" };
            let content = match &inbound.content {
                Content::Text(text) => format!("text {text:?}"),
                Content::Other { kind, text } => format!("other {kind} {text:?}"),
                Content::Media(media) => format!("file {} {:?}", media.kind.word(), media.words()),
                Content::Reaction { emoji } => format!("reaction {emoji:?}"),
                Content::Notice(_) | Content::Internal(_) | Content::Template(_) => {
                    unreachable!("no webhook brings a notice")
                }
            };
            let sender: Vec<_> = inbound.sender.addresses.iter().map(|address| address.value.as_str()).collect();
            let name = inbound.sender.name.as_deref().unwrap_or("-");
            let quoted = inbound.quoted.as_ref().map(|wamid| format!(" quotes {}", wamid.0)).unwrap_or_default();
            let raw = if inbound.raw.is_some() { " +raw" } else { "" };
            let system = if inbound.system { " system" } else { "" };
            format!("{channel} {receive} {content} from {} ({name}){quoted}{raw}{system}", sender.join(" "))
        }
        Command::RecordDelivery(report) => {
            let message = report.message.map(|message| format!(" of #{message}")).unwrap_or_default();
            format!("{channel} report {:?} {}{message}", report.delivery, report.wamid.0)
        }
        Command::HearOfTemplates { business_account_id, kind, .. } => {
            format!("{channel} keep {kind}, look at the templates of {}", business_account_id.as_deref().unwrap_or("-"))
        }
        Command::HearOfAccount { business_account_id, code, .. } => {
            format!("{channel} account {business_account_id} {code:?}")
        }
        Command::HearOfAddresses { sender, .. } => {
            let known: Vec<_> = sender.addresses.iter().map(|address| address.value.as_str()).collect();
            format!("{channel} known as {}", known.join(" "))
        }
        Command::ReceivePast { sender, said, .. } => {
            let whom: Vec<_> = sender.addresses.iter().map(|address| address.value.as_str()).collect();
            let said: Vec<_> = said.iter().map(|one| format!("{:?} {:?}", one.author, one.wamid.0)).collect();
            format!("{channel} past of {}: {}", whom.join(" "), said.join(", "))
        }
        Command::HearOfPreference { sender, marketing_stopped, .. } => {
            let whom: Vec<_> = sender.addresses.iter().map(|address| address.value.as_str()).collect();
            format!("{channel} {}marketing for {}", if *marketing_stopped { "no " } else { "" }, whom.join(" "))
        }
        Command::KeepRaw { kind, .. } => format!("{channel} keep {kind}"),
        other => unreachable!("no webhook leads to {other:?}"),
    }
}
