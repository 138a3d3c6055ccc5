//! Meta's door: what counts, what is kept, and what leaves no trace.

use deskbell::domain::command::Command;
use deskbell::domain::event::EventKind;
use deskbell::whatsapp::signature;
use serde_json::json;

use crate::harness::desk::{Desk, MORNING, channel};
use crate::harness::provider::{APP_SECRET, PHONE_NUMBER_ID, VERIFY_TOKEN, envelope, envelope_for, text};

const NOW_S: i64 = MORNING.0 / 1_000;

#[test]
fn the_handshake_answers_the_challenge_to_whoever_knows_the_token() {
    let desk = Desk::open();
    let token = VERIFY_TOKEN.replace(' ', "%20");
    let path = format!("/webhooks/whatsapp?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}");
    let answer = desk.browser().get(&path);
    assert_eq!((answer.status, answer.body.as_str()), (200, "1158201444"));
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    for path in [
        path.replace("verify%20token", "verify%20tokem"),
        path.replace("subscribe", "unsubscribe"),
        "/webhooks/whatsapp?hub.mode=subscribe&hub.challenge=1".to_owned(),
        "/webhooks/whatsapp".to_owned(),
    ] {
        assert_eq!(desk.browser().get(&path).status, 403, "{path}");
    }
}

#[test]
fn a_signed_message_is_durable_when_it_is_acknowledged() {
    let desk = Desk::open();
    desk.browser().contact_writes("16505551234", "wamid.A", "hello");
    assert_eq!(desk.journaled(EventKind::MessageReceived), 1);
    assert_eq!(desk.journaled(EventKind::InteractionQueued), 1);
}

#[test]
fn one_byte_wrong_and_nothing_is_stored() {
    let desk = Desk::open();
    let before = *desk.store.head().borrow();
    let body = envelope(&[text("16505551234", "wamid.A", "hello", NOW_S)]);
    let right = signature::sign(APP_SECRET.as_bytes(), body.as_bytes());
    let changed = body.replace("hello", "hellp");
    for (body, header) in [
        (changed.as_str(), right.as_str()),
        (body.as_str(), ""),
        (body.as_str(), "sha256="),
        (body.as_str(), &right[..right.len() - 1]),
        (body.as_str(), &signature::sign(b"another secret", body.as_bytes())),
    ] {
        let answer = desk.browser().bring_signed(body.as_bytes(), header);
        assert_eq!(answer.problem(), (401, "signature_refused".to_owned()), "{header}");
    }
    assert_eq!(*desk.store.head().borrow(), before);
    assert_eq!(desk.browser().bring_signed(body.as_bytes(), &right).status, 200);
}

#[test]
fn a_repeated_delivery_changes_nothing() {
    let desk = Desk::open();
    let body =
        envelope(&[text("16505551234", "wamid.A", "hello", NOW_S), text("16505551234", "wamid.A", "hello", NOW_S)]);
    for _ in 0..3 {
        assert_eq!(desk.browser().bring(&body).status, 200);
    }
    assert_eq!(desk.journaled(EventKind::MessageReceived), 1);
}

#[test]
fn a_thousand_updates_in_one_body_are_taken_together() {
    let desk = Desk::open();
    let messages: Vec<_> = (0..1_000)
        .map(|n| text(&format!("1650555{:04}", n % 50), &format!("wamid.{n}"), &format!("message {n}"), NOW_S))
        .collect();
    let answer = desk.browser().bring(&envelope(&messages));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(desk.journaled(EventKind::MessageReceived), 1_000);
    assert_eq!(desk.journaled(EventKind::InteractionQueued), 50);
}

#[test]
fn what_is_signed_and_not_understood_is_kept() {
    let desk = Desk::open();
    let other_field = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [
        { "field": "account_alerts", "value": { "alert": 1 } }] }] })
    .to_string();
    for (kept, body) in ["{\"broken\":", "[]", "null", "", other_field.as_str()].into_iter().enumerate() {
        assert_eq!(desk.browser().bring(body).status, 200, "{body}");
        assert_eq!(desk.journaled(EventKind::RawKept), kept + 1, "{body}");
    }
    let bytes = [0xff, 0xfe, 0x00];
    let signature = signature::sign(APP_SECRET.as_bytes(), &bytes);
    assert_eq!(desk.browser().bring_signed(&bytes, &signature).status, 200);
    assert_eq!(desk.journaled(EventKind::RawKept), 6);
}

#[test]
fn updates_for_a_number_that_is_not_ours_are_kept_and_reach_nobody() {
    let desk = Desk::open();
    let message = text("16505551234", "wamid.A", "hello", NOW_S);
    assert_eq!(desk.browser().bring(&envelope_for("999", &[message])).status, 200);
    assert_eq!(desk.journaled(EventKind::MessageReceived), 0);
    assert_eq!(desk.journaled(EventKind::RawKept), 1);
}

#[test]
fn one_numbers_secret_does_not_sign_for_another_number() {
    let desk = Desk::open();
    desk.submit(Command::AddChannel(channel("Second", "222", "second secret")));
    let body = envelope_for(PHONE_NUMBER_ID, &[text("16505551234", "wamid.A", "hello", NOW_S)]);
    let signature = signature::sign(b"second secret", body.as_bytes());
    assert_eq!(desk.browser().bring_signed(body.as_bytes(), &signature).status, 200);
    assert_eq!(desk.journaled(EventKind::MessageReceived), 0);

    let body = envelope_for("222", &[text("16505551234", "wamid.A", "hello", NOW_S)]);
    let signature = signature::sign(b"second secret", body.as_bytes());
    assert_eq!(desk.browser().bring_signed(body.as_bytes(), &signature).status, 200);
    assert_eq!(desk.journaled(EventKind::MessageReceived), 1);
}

#[test]
fn a_body_over_three_megabytes_is_refused_and_one_below_is_not() {
    let desk = Desk::open();
    let before = *desk.store.head().borrow();
    let answer = desk.browser().bring(&"x".repeat(3 * 1_024 * 1_024 + 1));
    assert_eq!(answer.problem(), (413, "body_too_large".to_owned()));
    assert_eq!(*desk.store.head().borrow(), before);
    let words = "y".repeat(2_900_000);
    assert_eq!(desk.browser().bring(&envelope(&[text("16505551234", "wamid.A", &words, NOW_S)])).status, 200);
    assert_eq!(desk.journaled(EventKind::MessageReceived), 1);
}

/// One change of a field other than `messages`, for the number of the tests.
fn change(field: &str, member: &str, value: &serde_json::Value) -> String {
    let metadata = json!({"display_phone_number": "15550100", "phone_number_id": PHONE_NUMBER_ID});
    let value = json!({"messaging_product": "whatsapp", "metadata": metadata, member: value});
    let changes = json!([{"field": field, "value": value}]);
    json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}).to_string()
}

#[test]
fn what_the_phone_app_wrote_and_what_was_said_before_stand_in_the_transcript() {
    let desk = Desk::open();
    let (ana, mut events) = desk.ready("ana");
    let ago = |seconds: i64| (NOW_S - seconds).to_string();
    let past = json!([{"metadata": {"phase": 0, "chunk_order": 1, "progress": 100}, "threads": [
        {"id": "16505551234", "messages": [
            {"from": "16505551234", "id": "wamid.1", "timestamp": ago(900), "type": "text", "text": {"body": "Hi"}},
            {"from": "15550100", "to": "16505551234", "id": "wamid.2", "timestamp": ago(800), "type": "text",
                "text": {"body": "Good morning"}, "history_context": {"status": "READ"}},
            {"from": "16505551234", "id": "wamid.3", "timestamp": ago(700), "type": "media_placeholder"},
            {"type": "text"}]},
        {"id": "", "messages": []}]}]);
    let history = change("history", "history", &past);
    let echo = |wamid: &str, words: &str| {
        change(
            "smb_message_echoes",
            "message_echoes",
            &json!([{"from": "15550100", "to": "16505551234", "id": wamid,
            "timestamp": ago(0), "type": "text", "text": {"body": words}}]),
        )
    };
    for _ in 0..2 {
        assert_eq!(ana.bring(&history).status, 200);
        assert_eq!(ana.bring(&echo("wamid.4", "From the phone")).status, 200);
    }
    assert_eq!(desk.journaled(EventKind::MessageImported), 3, "the past is told once");
    assert_eq!(desk.journaled(EventKind::EchoReceived), 1);
    assert_eq!(desk.journaled(EventKind::InteractionQueued), 0, "it is nobody's work");
    assert_eq!(desk.journaled(EventKind::RawKept), 4, "what is no message is kept, each time it comes");

    desk.browser().contact_writes("16505551234", "wamid.5", "Are you there?");
    let id = events.until("interaction_offered")["interaction"]["id"].as_u64().expect("a number");
    assert_eq!(ana.post(&format!("/api/interactions/{id}/accept"), "{}").status, 200);
    assert_eq!(ana.bring(&echo("wamid.6", "Yes, I am")).status, 200);
    let told = loop {
        let change = events.until("message_received");
        if change["message"]["content"]["text"] == "Yes, I am" {
            break change;
        }
    };
    assert_eq!(told["message"]["author"]["kind"], "business_app");
    assert_eq!(told["interaction"]["pending_since"], json!(null), "the contact has an answer");

    let page = ana.get("/api/conversations/1/messages?limit=10").json();
    let lines: Vec<_> = (page["messages"].as_array().expect("messages").iter())
        .map(|one| format!("{} {}", one["author"]["kind"].as_str().unwrap(), one["content"]["text"].as_str().unwrap()))
        .collect();
    assert_eq!(
        lines,
        [
            "contact Hi",
            "business_app Good morning",
            "contact ",
            "business_app From the phone",
            "contact Are you there?",
            "business_app Yes, I am"
        ]
    );
    assert_eq!(ana.get("/api/search?q=morning").json()["total"], 1, "the past is found");
    assert_eq!(ana.get("/api/search?q=phone").json()["total"], 1);
}

#[test]
fn a_contact_with_another_number_or_id_stays_the_same_contact() {
    let desk = Desk::open();
    let ana = desk.signed_in("ana");
    desk.browser().contact_writes("16505551234", "wamid.1", "hello");
    let moved = json!({"from": "16505551234", "id": "wamid.2", "timestamp": NOW_S.to_string(), "type": "system",
        "system": {"type": "user_changed_number", "body": "Amina changed number", "wa_id": "16505559999"}});
    assert_eq!(ana.bring(&envelope(&[moved])).status, 200);
    desk.browser().contact_writes("16505559999", "wamid.3", "it is me");
    let update = |old: &str, new: &str| {
        change(
            "user_id_update",
            "user_id_update",
            &json!([{"wa_id": "16505559999", "user_id": {"previous": old,
            "current": new}, "timestamp": NOW_S.to_string()}]),
        )
    };
    assert_eq!(ana.bring(&update("US.1", "US.2")).status, 200);

    let contact = ana.get("/api/contacts/1").json();
    let known: Vec<_> = (contact["contact"]["addresses"].as_array().expect("addresses").iter())
        .map(|one| one["value"].as_str().expect("a text").to_owned())
        .collect();
    assert_eq!(known, ["US.2", "US.1", "+16505559999", "+16505551234"], "what is sent goes to the newer number");
    assert_eq!(ana.get("/api/contacts/2").status, 404, "there is one contact");
    let page = ana.get("/api/conversations/1/messages?limit=10").json();
    assert_eq!(page["messages"].as_array().map(Vec::len), Some(3));

    let by_id = json!({"from_user_id": "US.2", "id": "wamid.4", "timestamp": NOW_S.to_string(), "type": "text",
        "text": {"body": "by my id"}});
    assert_eq!(ana.bring(&envelope(&[by_id])).status, 200);
    assert_eq!(ana.get("/api/contacts/2").status, 404);
}

#[test]
fn two_contacts_who_turn_out_to_be_one_person_have_one_transcript() {
    let desk = Desk::open();
    let ana = desk.signed_in("ana");
    desk.browser().contact_writes("16505551234", "wamid.1", "hello from the phone number");
    let by_id = |id: &str, text: &str| {
        json!({"from_user_id": "US.7", "id": id, "timestamp": (NOW_S + 1).to_string(), "type": "text",
            "text": {"body": text}})
    };
    assert_eq!(ana.bring(&envelope(&[by_id("wamid.2", "and by my user id")])).status, 200);
    let reaction = json!({"from_user_id": "US.7", "id": "wamid.3", "timestamp": NOW_S.to_string(), "type": "reaction",
        "reaction": {"message_id": "wamid.2", "emoji": "\u{1f44d}"}});
    assert_eq!(ana.bring(&envelope(&[reaction])).status, 200);
    assert_eq!(ana.get("/api/contacts?scope=all").json()["contacts"].as_array().map(Vec::len), Some(2));
    let hit = ana.get("/api/search?q=user").json();
    assert_eq!(hit["hits"][0]["conversation_id"], 2);

    let both = json!({"from": "16505551234", "from_user_id": "US.7", "id": "wamid.4",
        "timestamp": (NOW_S + 2).to_string(), "type": "text", "text": {"body": "both at once"}});
    assert_eq!(ana.bring(&envelope(&[both])).status, 200);

    let contacts = ana.get("/api/contacts?scope=all").json();
    assert_eq!(contacts["contacts"].as_array().map(Vec::len), Some(1), "{contacts}");
    assert_eq!(ana.get("/api/contacts/2").status, 404);
    assert_eq!(ana.get("/api/conversations/2/messages?limit=10").status, 404);
    let page = ana.get("/api/conversations/1/messages?limit=10").json();
    let said: Vec<_> = (page["messages"].as_array().expect("messages").iter())
        .filter_map(|one| one["content"]["text"].as_str())
        .collect();
    assert_eq!(said, ["hello from the phone number", "and by my user id", "both at once"]);
    assert_eq!(page["messages"][1]["reactions"].as_array().map(Vec::len), Some(1));
    for (query, total) in [("user", 1), ("hello", 1), ("both", 1)] {
        let found = ana.get(&format!("/api/search?q={query}")).json();
        assert_eq!((&found["total"], &found["hits"][0]["conversation_id"]), (&json!(total), &json!(1)), "{query}");
        assert_eq!(ana.get(&format!("/api/conversations/1/search?q={query}")).json()["total"], total, "{query}");
    }
    let open = ana.get("/api/contacts/1/interactions").json();
    assert_eq!(open["interactions"].as_array().map(Vec::len), Some(2), "one is done and stays in the history");
}

#[test]
fn a_contact_who_gives_the_number_they_were_asked_for_is_the_one_who_wrote_from_it() {
    let desk = Desk::open();
    let ana = desk.signed_in("ana");
    desk.browser().contact_writes("16505551234", "wamid.1", "a year ago");
    let card = |id: &str, origin: &str| {
        json!({"from_user_id": "US.7", "id": id, "timestamp": NOW_S.to_string(), "type": "contacts", "contacts": [
            {"origin": origin, "name": {"formatted_name": "Amina"}, "phones": [{"phone": "+1 650 555 1234",
            "wa_id": "16505551234"}]}]})
    };
    assert_eq!(ana.bring(&envelope(&[card("wamid.2", "other")])).status, 200);
    let listed = || ana.get("/api/contacts?scope=all").json()["contacts"].as_array().map(Vec::len);
    assert_eq!(listed(), Some(2), "anybody's card says nothing about the sender");
    assert_eq!(ana.bring(&envelope(&[card("wamid.3", "contact_request")])).status, 200);
    assert_eq!(listed(), Some(1));
    let page = ana.get("/api/conversations/1/messages?limit=10").json();
    assert_eq!(page["messages"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_number_that_passes_to_another_person_leaves_the_first() {
    let desk = Desk::open();
    let ana = desk.signed_in("ana");
    let says = |user: &str, id: &str| {
        json!({"from": "16505551234", "from_user_id": user, "id": id, "timestamp": NOW_S.to_string(), "type": "text",
            "text": {"body": "hello"}})
    };
    assert_eq!(ana.bring(&envelope(&[says("US.1", "wamid.1")])).status, 200);
    let other = json!({"from_user_id": "US.2", "id": "wamid.2", "timestamp": NOW_S.to_string(), "type": "text",
        "text": {"body": "somebody else"}});
    assert_eq!(ana.bring(&envelope(&[other])).status, 200);
    assert_eq!(ana.bring(&envelope(&[says("US.2", "wamid.3")])).status, 200);
    let known = |contact: u64| {
        let contact = ana.get(&format!("/api/contacts/{contact}")).json();
        let addresses = contact["contact"]["addresses"].as_array().expect("addresses").clone();
        addresses.iter().map(|one| one["value"].as_str().expect("a text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(known(1), ["US.1"]);
    assert_eq!(known(2), ["+16505551234", "US.2"]);
    let page = ana.get("/api/conversations/2/messages?limit=10").json();
    assert_eq!(page["messages"].as_array().map(Vec::len), Some(2), "the number's next message is theirs");
}

#[test]
fn a_change_that_comes_before_its_message_is_found_at_it_and_nobody_changes_the_words_of_others() {
    let desk = Desk::open();
    let ana = desk.signed_in("ana");
    let edit = |from: &str, id: &str, target: &str| {
        json!({"from": from, "id": id, "timestamp": NOW_S.to_string(), "type": "edit", "edit": {"original_message_id": target,
            "message": {"context": {"id": target}, "type": "text", "text": {"body": "Hello"}}}})
    };
    assert_eq!(ana.bring(&envelope(&[edit("16505551234", "wamid.2", "wamid.1")])).status, 200);
    desk.browser().contact_writes("16505551234", "wamid.1", "Helo");
    let echo = json!([{"from": "15550100", "to": "16505551234", "id": "wamid.3", "timestamp": NOW_S.to_string(), "type": "text",
        "text": {"body": "Ours"}}]);
    assert_eq!(ana.bring(&change("smb_message_echoes", "message_echoes", &echo)).status, 200);
    assert_eq!(ana.bring(&envelope(&[edit("16505551234", "wamid.4", "wamid.3")])).status, 200);
    let page = ana.get("/api/conversations/1/messages?limit=10").json();
    let revised: Vec<_> = (page["messages"].as_array().expect("messages").iter())
        .filter(|one| one["content"]["kind"] == "text")
        .map(|one| (one["content"]["text"].as_str().expect("words").to_owned(), one["revised"].as_str()))
        .collect();
    assert_eq!(revised, [("Helo".to_owned(), Some("edit")), ("Ours".to_owned(), None)]);
}
