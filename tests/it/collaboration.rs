//! Colleagues asked in, over HTTP: who sees it, who may say what, and what the contact gets.

use deskbell::domain::event::EventKind;

use crate::harness::browser::{Browser, Events};
use crate::harness::desk::Desk;

/// Ana has accepted what a contact wrote; ben is there too.
fn two_at_work(desk: &Desk) -> (Browser, Events, Browser, Events, u64) {
    let (ana, mut hers) = desk.ready("ana");
    desk.browser().contact_writes("16505551234", "wamid.A", "hello");
    let id = hers.until("interaction_offered")["interaction"]["id"].as_u64().expect("an id");
    assert_eq!(ana.post(&format!("/api/interactions/{id}/accept"), "{}").status, 200);
    let (ben, his) = desk.ready("ben");
    (ana, hers, ben, his, id)
}

#[test]
fn a_consultation_is_seen_by_those_who_take_part_and_never_by_the_contact() {
    let desk = Desk::open();
    let (ana, mut hers, ben, mut his, id) = two_at_work(&desk);
    let say = |text: &str| format!(r#"{{"client_key":"{}","text":"{text}"}}"#, text.len());
    let internal = format!("/api/interactions/{id}/internal-messages");
    assert_eq!(ben.post(&internal, &say("not asked")).problem(), (409, "not_owner".to_owned()));

    let asked = ana.post(&format!("/api/interactions/{id}/participants"), r#"{"agent_id":2,"part":"consult"}"#);
    assert_eq!(asked.json()["participants"], serde_json::json!([{ "agent_id": 2, "part": "consult" }]), "{asked:?}");
    let joined = his.until("participant_joined");
    assert_eq!(joined["interaction"]["id"], id, "it stands on his desktop");
    assert_eq!(ben.get("/api/snapshot").json()["interactions"][0]["id"], id);

    let said = ben.post(&internal, &say("What does she want, @ana?"));
    assert_eq!(said.status, 201, "{}", said.body);
    assert_eq!(said.json()["content"], serde_json::json!({ "kind": "internal", "text": "What does she want, @ana?" }));
    assert_eq!(ben.post(&internal, &say("What does she want, @ana?")).json()["id"], said.json()["id"], "once");
    let heard = hers.until("internal_message_added");
    assert_eq!((&heard["message"], &heard["interaction"]["unread"]), (&said.json(), &2.into()));
    let mention = hers.until("agent_mentioned");
    assert_eq!((&mention["mention"]["by_id"], &mention["mention"]["interaction_id"]), (&2.into(), &id.into()));

    let to_contact = format!("/api/interactions/{id}/messages");
    assert_eq!(ben.post(&to_contact, &say("hello")).problem(), (409, "not_owner".to_owned()));
    let conference = ana.post(&format!("/api/interactions/{id}/participants"), r#"{"agent_id":2,"part":"conference"}"#);
    assert_eq!(conference.json()["participants"][0]["part"], "conference");
    assert_eq!(ben.post(&to_contact, &say("Hello from Ben")).status, 202);
    let sends = desk.store.read(deskbell::store::Snapshot::sends).expect("sends can be read");
    assert_eq!(sends.len(), 1, "only what was said to the contact goes out");

    assert_eq!(ana.delete(&format!("/api/interactions/{id}/participants/2")).status, 204);
    assert_eq!(his.until("participant_left")["interaction_gone"], id);
    assert!(ben.get("/api/snapshot").json()["interactions"].as_array().expect("a list").is_empty());
    assert_eq!(ben.post(&internal, &say("still there?")).problem(), (409, "not_owner".to_owned()));
}

#[test]
fn a_note_mentions_a_colleague_once() {
    let desk = Desk::open();
    let (ana, _hers, _ben, mut his, id) = two_at_work(&desk);
    let note = format!("/api/interactions/{id}/note");
    assert_eq!(ana.put(&note, r#"{"text":"For @ben: a refund.","version":0}"#).status, 200);
    let mention = his.until("agent_mentioned");
    assert_eq!(mention["mention"]["contact"]["addresses"][0]["value"], "+16505551234");
    assert!(mention.get("interaction").is_none(), "it is not on his desktop");
    assert_eq!(ana.put(&note, r#"{"text":"For @ben and @ana: a refund!","version":1}"#).status, 200);
    assert_eq!(desk.journaled(EventKind::AgentMentioned), 1, "not again, and nobody is told of their own words");
}

#[test]
fn a_supervisor_coaches_and_joins_by_herself() {
    let desk = Desk::open();
    let (ana, mut hers, ben, _his, id) = two_at_work(&desk);
    let (sue, mut events) = desk.ready("sue");
    let coach = sue
        .post(&format!("/api/interactions/{id}/internal-messages"), r#"{"client_key":"a","text":"Offer a voucher."}"#);
    assert_eq!(coach.status, 201, "{}", coach.body);
    assert_eq!(hers.until("internal_message_added")["message"]["author"]["agent_id"], 3);
    let join = |agent| format!(r#"{{"agent_id":{agent},"part":"conference"}}"#);
    let path = format!("/api/interactions/{id}/participants");
    assert_eq!(ben.post(&path, &join(2)).problem(), (409, "not_owner".to_owned()));
    assert_eq!(sue.post(&path, &join(3)).status, 200);
    assert_eq!(events.until("participant_joined")["interaction"]["participants"][0]["agent_id"], 3);
    assert_eq!(ana.post(&path, &join(1)).problem(), (409, "agent_unavailable".to_owned()));
    assert_eq!(ana.post(&path, r#"{"agent_id":2,"part":"guest"}"#).problem().0, 400);
    assert_eq!(ana.post(&path, &join(99)).problem(), (404, "unknown_agent".to_owned()));
}
