//! Shapes that Meta's own pages print, or that a careless proxy makes of them.

use deskbell::domain::command::{Command, InboundMessage};
use deskbell::domain::contact::AddressKind;
use deskbell::domain::ids::{MessageId, Wamid};
use deskbell::domain::message::Content;
use deskbell::domain::time::Timestamp;
use deskbell::whatsapp::webhook::{DecodeError, decode, keep_raw};
use deskbell::whatsapp::{message_of_opaque, opaque};

use super::{RECEIVED_AT, TAG, commands, envelope, message, value};

fn received(object: &str) -> InboundMessage {
    match message(object) {
        Command::Receive(inbound) => *inbound,
        other => panic!("{object} became {other:?}"),
    }
}

fn kept(object: &str) -> String {
    match message(object) {
        Command::KeepRaw { kind, raw } => {
            assert_eq!(raw, object);
            kind
        }
        other => panic!("{object} became {other:?}"),
    }
}

#[test]
fn numbers_and_strings_stand_for_each_other() {
    let inbound = received(r#"{"from":5511900000001,"id":77,"timestamp":1790000000,"type":"text","text":{"body":42}}"#);
    assert_eq!(inbound.sender.addresses[0].value, "5511900000001");
    assert_eq!(inbound.wamid, Wamid("77".to_owned()));
    assert_eq!(inbound.sent_at, Timestamp(1_790_000_000_000));
    assert_eq!(inbound.content, Content::Text("42".to_owned()));
    assert_eq!(inbound.raw, None);
}

#[test]
fn a_message_without_usable_time_takes_that_of_its_arrival_and_keeps_its_object() {
    for time in ["", r#""timestamp":"soon","#, r#""timestamp":null,"#, r#""timestamp":-5,"#, r#""timestamp":"0","#] {
        for huge in [time, r#""timestamp":99999999999999999999999,"#, r#""timestamp":"999999999999","#] {
            let object = format!(r#"{{"from":"1","id":"w",{huge}"type":"text","text":{{"body":"a"}}}}"#);
            let inbound = received(&object);
            assert_eq!(inbound.sent_at, RECEIVED_AT, "{huge}");
            assert_eq!(inbound.raw.as_ref(), Some(&object));
        }
    }
}

#[test]
fn text_is_text_without_its_type_and_in_a_flat_node() {
    for object in [
        r#"{"from":"1","id":"w","timestamp":"1790000000","text":{"body":"hi"}}"#,
        r#"{"from":"1","id":"w","timestamp":"1790000000","type":"text","text":"hi"}"#,
    ] {
        assert_eq!(received(object).content, Content::Text("hi".to_owned()));
    }
}

#[test]
fn a_known_kind_without_its_node_is_still_a_message() {
    for object in [
        r#"{"from":"1","id":"w","type":"image"}"#,
        r#"{"from":"1","id":"w","type":"image","image":7}"#,
        r#"{"from":"1","id":"w","type":"text"}"#,
        r#"{"from":"1","id":"w","type":"text","text":{"body":null}}"#,
        r#"{"from":"1","id":"w","type":"contacts","contacts":{"name":"x"}}"#,
        r#"{"from":"1","id":"w","type":"interactive","interactive":{"type":"list_reply"}}"#,
        r#"{"from":"1","id":"w","type":["image"]}"#,
        r#"{"from":"1","id":"w"}"#,
    ] {
        let inbound = received(object);
        assert!(matches!(inbound.content, Content::Other { ref text, .. } if text.is_empty()), "{object}");
        assert_eq!(inbound.raw.as_deref(), Some(object));
    }
}

#[test]
fn a_text_with_anything_more_keeps_its_object() {
    for more in [
        r#","group_id":"g""#,
        r#","identity":{"hash":"h"}"#,
        r#","errors":[]"#,
        r#","context":{"id":"q"}"#,
        r#","id":"w""#,
    ] {
        let object = format!(r#"{{"from":"1","id":"w","timestamp":"1790000000","text":{{"body":"a"}}{more}}}"#);
        assert_eq!(received(&object).raw, Some(object));
    }
    let inside = r#"{"from":"1","id":"w","timestamp":"1790000000","text":{"body":"a","format":"b"}}"#;
    assert!(received(inside).raw.is_some());
    let half = r#"{"from":"1","id":"w","timestamp":"1790000000","text":{"body":"a\ud83d"}}"#;
    assert_eq!(received(half).content, Content::Text("a\u{fffd}".to_owned()));
    assert!(received(half).raw.is_some());
}

#[test]
fn what_cannot_be_told_apart_is_kept_raw() {
    let no_id = r#"{"from":"1","timestamp":"1790000000","type":"text","text":{"body":"a"}}"#;
    assert_eq!(kept(no_id), "message_without_id");
    assert_eq!(kept(r#"{"from":"1","id":"","text":{"body":"a"}}"#), "message_without_id");
    assert_eq!(kept(r#"{"id":"w","text":{"body":"a"}}"#), "message_without_sender");
    assert_eq!(kept(r#""a message""#), "message_without_id");
    let elsewhere = r#"{"messages":[{"from":"1","id":"w","text":{"body":"a"}}]}"#;
    assert!(
        matches!(&commands(&envelope(&[elsewhere]))[..], [Command::KeepRaw { kind, .. }] if kind == "message_without_channel")
    );
    let status = r#"{"statuses":[{"status":"read"},{"id":"w","status":"seen twice"},5]}"#;
    let kinds: Vec<_> = commands(&envelope(&[status]))
        .into_iter()
        .map(|command| match command {
            Command::KeepRaw { kind, .. } => kind,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, ["status_without_id", "status_unknown", "status_without_id"]);
}

/// Addresses and name.
type Named = (Vec<(AddressKind, String)>, Option<String>);

/// The sender of a message beside these contacts.
fn sender(message: &str, contacts: &str) -> Option<Named> {
    let body = envelope(&[&format!(
        r#"{{"metadata":{{"phone_number_id":"1000"}},"contacts":{contacts},"messages":[{message}]}}"#
    )]);
    match commands(&body).remove(0) {
        Command::Receive(inbound) => {
            let addresses = inbound.sender.addresses.into_iter().map(|address| (address.kind, address.value));
            Some((addresses.collect(), inbound.sender.name))
        }
        _ => None,
    }
}

#[test]
fn senders_are_matched_with_their_contact_and_no_other() {
    use AddressKind::{ParentUserId, Phone, UserId, Username};
    let own = |list: &[(AddressKind, &str)], name: Option<&str>| {
        let list = list.iter().map(|(kind, value)| (*kind, (*value).to_owned())).collect();
        Some((list, name.map(str::to_owned)))
    };
    let both = r#"[{"profile":{"name":"Ana"},"wa_id":"1"},{"profile":{"name":"Rui","username":"@rui"},"wa_id":2,"user_id":"PT.2","parent_user_id":"PT.ENT.2"}]"#;
    assert_eq!(sender(r#"{"id":"w","from":"1"}"#, both), own(&[(Phone, "1")], Some("Ana")));
    let rui = own(&[(Phone, "2"), (UserId, "PT.2"), (ParentUserId, "PT.ENT.2"), (Username, "rui")], Some("Rui"));
    assert_eq!(sender(r#"{"id":"w","from":"2"}"#, both), rui);
    assert_eq!(sender(r#"{"id":"w","from":"","from_user_id":"PT.2"}"#, both), rui);
    assert_eq!(sender(r#"{"id":"w","from":"+3"}"#, both), own(&[(Phone, "3")], None));
    assert_eq!(sender(r#"{"id":"w","from":"PT.4"}"#, both), own(&[(UserId, "PT.4")], None));
    assert_eq!(sender(r#"{"id":"w"}"#, both), None, "either of the two may have written");
    assert_eq!(sender(r#"{"id":"w"}"#, r#"[{"wa_id":"1"}]"#), own(&[(Phone, "1")], None));
    assert_eq!(
        sender(r#"{"id":"w"}"#, r#"[{"profile":{"username":"rui"}}]"#),
        None,
        "usernames pass from hand to hand"
    );
    assert_eq!(sender(r#"{"id":"w","from":"1"}"#, r#""gone""#), own(&[(Phone, "1")], None));
}

#[test]
fn repeated_parts_all_count() {
    let text = |id: &str| format!(r#"[{{"from":"1","id":"{id}","text":{{"body":"a"}}}}]"#);
    let twice =
        format!(r#"{{"metadata":{{"phone_number_id":"1000"}},"messages":{},"messages":{}}}"#, text("a"), text("b"));
    assert_eq!(commands(&envelope(&[&twice])).len(), 2);
    assert_eq!(commands(&envelope(&[&value(&text("a")), "[]", &value(&text("b"))])).len(), 3);
}

#[test]
fn strange_parts_of_an_envelope_are_kept_beside_the_understood_ones() {
    let body = r#"{"object":"whatsapp_business_account","entry":[7,{"id":"9","messaging":[1],"changes":["x",{"field":"messages","value":{"metadata":{"phone_number_id":"1000"},"messages":{"id":"w"},"brand_new":0},"extra":2},{"field":"messages","value":{"metadata":{"phone_number_id":"1000"},"statuses":"none","brand_new":1}}]}],"more":true}"#;
    let kept: Vec<_> = commands(body)
        .into_iter()
        .map(|command| match command {
            Command::KeepRaw { kind, raw } => format!("{kind} {raw}"),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        kept,
        [
            "entry 7",
            "entry_messaging [1]",
            r#"change "x""#,
            r#"value_messages {"metadata":{"phone_number_id":"1000"},"messages":{"id":"w"}}"#,
            r#"value_brand_new {"metadata":{"phone_number_id":"1000"},"brand_new":0}"#,
            "change_extra 2",
            r#"value_statuses {"metadata":{"phone_number_id":"1000"},"statuses":"none"}"#,
            r#"value_brand_new {"metadata":{"phone_number_id":"1000"},"brand_new":1}"#,
            "envelope true",
        ]
    );
}

#[test]
fn a_body_that_is_no_envelope_is_refused_and_kept_whole() {
    for (body, expected) in [
        (&b"\xff{}"[..], DecodeError::NotUtf8),
        (b"", DecodeError::NotJson),
        (b"{\"entry\":[}", DecodeError::NotJson),
        (b"[]", DecodeError::NotEnvelope),
        (b"{}", DecodeError::NotEnvelope),
        (b"{\"entry\":{}}", DecodeError::NotEnvelope),
        (b"{\"object\":\"page\",\"entry\":[]}", DecodeError::NotEnvelope),
    ] {
        assert_eq!(decode(body, TAG, RECEIVED_AT), Err(expected));
    }
    assert_eq!(keep_raw(b"{\"a\": 1}"), Command::KeepRaw { kind: "body".to_owned(), raw: "{\"a\": 1}".to_owned() });
    assert_eq!(keep_raw(b"\xff{}"), Command::KeepRaw { kind: "body_base64".to_owned(), raw: "/3t9".to_owned() });
}

#[test]
fn names_of_strangers_are_bounded() {
    let long = "x".repeat(5_000);
    let inbound = received(&format!(r#"{{"from":"1","id":"w","type":"{long}"}}"#));
    assert!(matches!(inbound.content, Content::Other { ref kind, .. } if kind.len() == 64));
    let body = format!(r#"{{"entry":[{{"changes":[{{"field":"{long}"}}]}}]}}"#);
    assert!(matches!(&commands(&body)[..], [Command::KeepRaw { kind, .. }] if kind.len() == 64));
}

#[test]
fn only_our_own_echo_names_a_message() {
    assert_eq!(message_of_opaque(TAG, &opaque(TAG, MessageId(17))), Some(MessageId(17)));
    for foreign in ["", "17", ".17", "0a1b2c3d17", "0a1b2c3d.", "0a1b2c3d.+1", "0a1b2c3d.1x", "ffffffff.17"] {
        assert_eq!(message_of_opaque(TAG, foreign), None, "{foreign}");
    }
    assert_eq!(message_of_opaque(TAG, "0a1b2c3d.99999999999999999999999"), None);
}
