//! One payload of each kind: what it becomes.

use std::fs;
use std::path::Path;

use deskbell::domain::command::Command;
use deskbell::whatsapp::webhook::decode;

use super::{RECEIVED_AT, TAG, line};

/// Name of the payload, and its one command.
const EXPECTED: &[(&str, &str)] = &[
    ("message-text", r#"1000 receive text "Olá 👋 50% / “já”?" from 5511900000001 (Rosa Lima)"#),
    ("message-text-quote", r#"1000 receive text "This one" from 5511900000001 (Rosa Lima) quotes wamid.OUT +raw"#),
    ("message-text-forwarded", r#"1000 receive text "Look" from 5511900000001 (Rosa Lima) +raw"#),
    ("message-text-referral", r#"1000 receive text "Saw your ad" from 5511900000001 (Rosa Lima) +raw"#),
    ("message-text-user-id", r#"1000 receive text "No number" from BR.13AbC BR.ENT.9Z rosa.lima (Rosa Lima)"#),
    ("message-image", r#"1000 receive file image "Broken corner" from 5511900000001 (Rosa Lima) +raw"#),
    ("message-video", r#"1000 receive file video "" from 5511900000001 (Rosa Lima) +raw"#),
    ("message-audio", r#"1000 receive file audio "" from 5511900000001 (Rosa Lima) +raw"#),
    ("message-document", r#"1000 receive file document "bill-07.pdf\nJuly" from 5511900000001 (Rosa Lima) +raw"#),
    ("message-sticker", r#"1000 receive file sticker "" from 5511900000001 (Rosa Lima) +raw"#),
    ("message-location", r#"1000 receive other location "Praça da Sé\nSão Paulo" from 5511900000001 (Rosa Lima) +raw"#),
    ("message-location-bare", r#"1000 receive other location "-23.55, -46.63" from 5511900000001 (Rosa Lima) +raw"#),
    ("message-contacts", r#"1000 receive other contacts "Ana Sá\n+5511900000001" from 5511900000001 (Rosa Lima) +raw"#),
    (
        "message-button-reply",
        r#"1000 receive other interactive "Yes, please" from 5511900000001 (Rosa Lima) quotes wamid.OUT +raw"#,
    ),
    (
        "message-list-reply",
        r#"1000 receive other interactive "Repair\nWithin a week" from 5511900000001 (Rosa Lima) quotes wamid.OUT +raw"#,
    ),
    (
        "message-flow-reply",
        r#"1000 receive other interactive "Sent\nsize: M" from 5511900000001 (Rosa Lima) quotes wamid.OUT +raw"#,
    ),
    (
        "message-call-permission-reply",
        r#"1000 receive other interactive "accept" from 5511900000001 (Rosa Lima) quotes wamid.OUT +raw"#,
    ),
    (
        "message-button",
        r#"1000 receive other button "Stop these" from 5511900000001 (Rosa Lima) quotes wamid.OUT +raw"#,
    ),
    ("message-reaction", r#"1000 receive reaction "🙏" from 5511900000001 (Rosa Lima) quotes wamid.OUT +raw"#),
    ("message-reaction-removed", r#"1000 receive reaction "" from 5511900000001 (Rosa Lima) quotes wamid.OUT +raw"#),
    (
        "message-order",
        r#"1000 receive other order "By Friday?\n2 × mug-red\n1 × mug-blue" from 5511900000001 (Rosa Lima) +raw"#,
    ),
    (
        "message-system",
        r#"1000 receive other system "Rosa Lima changed number" from 5511900000001 5511900000009 (-) +raw system"#,
    ),
    ("message-unsupported", r#"1000 receive other unsupported "poll_creation" from 5511900000001 (Rosa Lima) +raw"#),
    ("message-edit", r#"1000 receive other edit "Olá!" from 5511900000001 (Rosa Lima) quotes wamid.IN-text +raw"#),
    ("message-revoke", r#"1000 receive other revoke "" from 5511900000001 (Rosa Lima) quotes wamid.IN-text +raw"#),
    ("message-new-kind", r#"1000 receive other hologram "Hello in 3-D" from 5511900000001 (Rosa Lima) +raw"#),
    ("status-sent", "1000 report Sent wamid.OUT of #17"),
    ("status-delivered", "1000 report Delivered wamid.OUT"),
    ("status-read", "1000 report Read wamid.OUT"),
    ("status-played", "1000 report Played wamid.OUT"),
    (
        "status-failed",
        r#"1000 report Failed(Failure { code: 131047, title: "Re-engagement message (More than 24 hours have passed)" }) wamid.OUT"#,
    ),
    ("status-deleted", "1000 keep status_unknown"),
    ("field-value-errors", "1000 keep value_errors"),
    ("field-contacts-alone", "1000 keep contacts"),
    ("field-smb-message-echoes", r#"1000 echo text "From the phone" from 5511900000001 (-)"#),
    ("field-history", r#"1000 past of 5511900000001: Contact "wamid.OLD""#),
    ("field-history-media", "1000 keep history"),
    ("field-user-id-update", "1000 known as BR.2 BR.1 5511900000001"),
    ("field-user-preferences", "1000 no marketing for 5511900000001"),
    ("field-message-template-status-update", "- keep message_template_status_update, look at the templates of 9000"),
    ("field-account-update", "- keep account_update"),
    ("field-calls", r#"1000 receive other call "" from 5511900000001 (-) +raw; 1000 keep calls"#),
];

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/whatsapp"))
}

/// Every payload, by name.
pub(super) fn payloads() -> Vec<(&'static str, String)> {
    let read = |name| fs::read_to_string(folder().join(format!("{name}.json"))).expect("the payload is there");
    EXPECTED.iter().map(|(name, _)| (*name, read(name))).collect()
}

#[test]
fn each_kind_becomes_what_it_says() {
    for ((name, body), (_, expected)) in payloads().iter().zip(EXPECTED) {
        let decoded = decode(body.as_bytes(), TAG, RECEIVED_AT).expect("an envelope");
        let lines: Vec<_> = decoded.iter().map(line).collect();
        assert_eq!(lines.join("; "), *expected, "{name}");
    }
    let files = fs::read_dir(folder()).expect("the folder is there").count();
    assert_eq!(files, EXPECTED.len(), "a payload that nobody expects anything of");
}

#[test]
fn times_are_the_providers() {
    for (name, body) in payloads() {
        for decoded in decode(body.as_bytes(), TAG, RECEIVED_AT).expect("an envelope") {
            let (at, expected) = match decoded.command {
                Command::Receive(inbound) => (inbound.sent_at.0, 1_790_000_000_000),
                Command::RecordDelivery(report) => (report.at.0, 1_790_000_001_000),
                _ => continue,
            };
            assert_eq!(at, expected, "{name}");
        }
    }
}

/// Raw text is the object exactly as it came, escapes included, so that nothing is lost and nothing is made up.
#[test]
fn what_is_kept_raw_is_a_piece_of_the_body() {
    for (name, body) in payloads() {
        for decoded in decode(body.as_bytes(), TAG, RECEIVED_AT).expect("an envelope") {
            let raw = match decoded.command {
                Command::Receive(inbound) => inbound.raw,
                Command::KeepRaw { kind, raw } if !matches!(kind.as_str(), "value_errors" | "contacts") => Some(raw),
                _ => None,
            };
            if let Some(raw) = raw {
                assert!(body.contains(&raw), "{name}");
                assert!(raw.contains("\"id\"") || raw.contains("\"field\""), "{name}: {raw}");
            }
        }
    }
}

/// A part of a value is kept with the metadata that says whose it is.
#[test]
fn a_part_of_a_value_is_kept_with_its_channel() {
    for (name, part) in [("field-value-errors", "errors"), ("field-contacts-alone", "contacts")] {
        let body = payloads().into_iter().find(|(payload, _)| *payload == name).expect("it is expected above").1;
        let decoded = decode(body.as_bytes(), TAG, RECEIVED_AT).expect("an envelope");
        let Command::KeepRaw { raw, .. } = &decoded[0].command else {
            panic!("{name} is kept raw");
        };
        let kept: serde_json::Value = serde_json::from_str(raw).expect("JSON");
        let whole: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        let value = &whole["entry"][0]["changes"][0]["value"];
        assert_eq!(kept, serde_json::json!({ "metadata": value["metadata"], part: value[part] }));
    }
}
