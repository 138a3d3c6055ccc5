//! Places, cards and questions over HTTP: Meta's limits are named, and what is within them is stored and goes out whole.

use serde_json::{Value, json};

use crate::harness::browser::{Answer, Browser};
use crate::harness::desk::Desk;

/// Ana with an interaction that waits for her answer.
fn at_work(desk: &Desk) -> (Browser, u64) {
    let (ana, mut events) = desk.ready("ana");
    desk.browser().contact_writes("15550001", "wamid.1", "Hello");
    let id = events.until("interaction_offered")["interaction"]["id"].as_u64().expect("a number");
    assert_eq!(ana.post(&format!("/api/interactions/{id}/accept"), "{}").status, 200);
    (ana, id)
}

fn send((browser, id): &(Browser, u64), key: &str, object: &Value) -> Answer {
    let body = json!({"client_key": key, "object": object}).to_string();
    browser.post(&format!("/api/interactions/{id}/messages"), &body)
}

#[test]
fn what_meta_would_refuse_is_refused_with_a_sentence() {
    let desk = Desk::open();
    let ana = at_work(&desk);
    let long = "x".repeat(1_025);
    let eleven: Vec<_> = (0..11).map(|number| json!({"title": number.to_string()})).collect();
    for (object, sentence) in [
        (json!({"kind": "location", "latitude": 91, "longitude": 0}), "Latitude is from -90 to 90"),
        (json!({"kind": "location", "latitude": 1, "longitude": 0, "name": "n".repeat(201)}), "at most 200 characters"),
        (json!({"kind": "contacts", "cards": []}), "Contact cards: at least one"),
        (json!({"kind": "contacts", "cards": [{"name": " ", "phones": ["+49"]}]}), "A card's name is missing"),
        (json!({"kind": "contacts", "cards": [{"name": "A"}]}), "Numbers and addresses of a card: at least one"),
        (json!({"kind": "buttons", "text": "", "buttons": ["a"]}), "The text is missing"),
        (json!({"kind": "buttons", "text": long, "buttons": ["a"]}), "at most 1024 characters"),
        (json!({"kind": "buttons", "text": "?", "buttons": ["a", "b", "c", "d"]}), "Answers: at least one, at most 3"),
        (json!({"kind": "buttons", "text": "?", "buttons": ["a", "a"]}), "stands there twice"),
        (json!({"kind": "buttons", "text": "?", "buttons": ["b".repeat(21)]}), "An answer has at most 20"),
        (json!({"kind": "buttons", "text": "?", "footer": "f".repeat(61), "buttons": ["a"]}), "The small line has"),
        (json!({"kind": "list", "text": "?", "button": "Choose", "rows": eleven}), "Rows: at least one, at most 10"),
        (json!({"kind": "list", "text": "?", "button": "", "rows": [{"title": "a"}]}), "The button is missing"),
        (
            json!({"kind": "link", "text": "?", "label": "Go", "url": "javascript:alert(1)"}),
            "The link begins with https",
        ),
        (json!({"kind": "link", "text": "?", "label": "Go", "url": "https://a b"}), "has no spaces"),
        (json!({"kind": "ask_location", "text": " "}), "The text is missing"),
    ] {
        let answer = send(&ana, "key", &object);
        assert_eq!(answer.status, 400, "{object}");
        assert!(answer.body.contains(sentence), "{object}: {}", answer.body);
    }
    let code = send(&ana, "key", &json!({"kind": "ask_location", "text": "Hello {{contact.name}}"}));
    assert_eq!(code.problem(), (422, "unresolved_field_code".to_owned()));
    let two = json!({"client_key": "key", "text": "a", "object": {"kind": "ask_location", "text": "b"}}).to_string();
    assert_eq!(ana.0.post(&format!("/api/interactions/{}/messages", ana.1), &two).status, 400);
    assert_eq!(send(&ana, "key", &json!({"kind": "poll", "text": "?"})).status, 400, "what we do not know");
}

#[test]
fn an_object_is_stored_once_with_its_words_and_its_parts() {
    let desk = Desk::open();
    let ana = at_work(&desk);
    for (number, (object, text, detail)) in [
        (
            json!({"kind": "location", "latitude": 52.5, "longitude": 13.25, "name": " Shop "}),
            "Shop",
            json!({"kind": "location", "latitude": 52.5, "longitude": 13.25, "name": "Shop", "address": null}),
        ),
        (
            json!({"kind": "contacts", "cards": [{"name": "Eva", "phones": ["+49 30"], "organisation": "Works"}]}),
            "Eva\n+49 30",
            json!({"kind": "contacts", "cards": [
                {"name": "Eva", "phones": ["+49 30"], "emails": [], "organisation": "Works"}]}),
        ),
        (
            json!({"kind": "list", "text": "Which?", "footer": "Small", "button": "Choose",
                "rows": [{"title": "Red", "description": "warm"}, {"title": "Blue"}]}),
            "Which?\nSmall\nRed\nBlue",
            json!({"kind": "question", "text": "Which?", "footer": "Small", "choices": ["Red", "Blue"], "link": null}),
        ),
        (
            json!({"kind": "link", "text": "See", "label": "Go", "url": "https://example.com/a"}),
            "See\nGo: https://example.com/a",
            json!({"kind": "question", "text": "See", "footer": null, "choices": ["Go"],
                "link": "https://example.com/a"}),
        ),
        (
            json!({"kind": "ask_number", "text": "Your number?"}),
            "Your number?",
            json!({"kind": "question", "text": "Your number?", "footer": null, "choices": [], "link": null}),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let key = format!("key {number}");
        let first = send(&ana, &key, &object);
        assert_eq!(first.status, 202, "{object}: {}", first.body);
        let content = &first.json()["content"];
        assert_eq!((&content["text"], &content["detail"]), (&json!(text), &detail), "{object}");
        assert_eq!(send(&ana, &key, &object).json()["id"], first.json()["id"], "the same click again sends nothing");
    }
    let found = ana.0.get("/api/search?q=blue").json();
    assert_eq!(found["total"], 1, "its words are found: {found}");
}
