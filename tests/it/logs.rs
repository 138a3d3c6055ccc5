//! What a server says of itself in its log, and what it never says.

use std::os::unix::fs::MetadataExt as _;

use serde_json::Value;

use crate::harness::logged::{Logged, PASSWORD, SECRET, furnish};

/// What people said, who they are, and what opens doors here: none of it belongs into a log.
const PRIVATE: [&str; 9] = [
    "zerbinetta",
    "melisande",
    "4915112345678",
    "15112345678",
    "geheimwort",
    "antwortwort",
    "suchwort",
    PASSWORD,
    SECRET,
];

/// A morning with words, names, numbers, mistakes and a call that reaches nobody; gives the id of a refused request.
fn busy_morning(logged: &Logged) -> String {
    let mut ana = logged.signed_in();
    let _events = ana.events_after(&ana.get("/api/snapshot").json()["seq"].to_string());
    assert_eq!(ana.put("/api/presence", r#"{"state":"ready"}"#).status, 200);
    assert_eq!(logged.contact_writes("4915112345678", "Melisande", "geheimwort").status, 200);
    let snapshot = ana.get("/api/snapshot").json();
    let interaction = snapshot["interactions"][0]["id"].as_u64().expect("an offer");
    assert_eq!(ana.post(&format!("/api/interactions/{interaction}/accept"), "{}").status, 200);
    let message = r#"{"client_key":"key-1","text":"antwortwort"}"#;
    let sent = ana.post(&format!("/api/interactions/{interaction}/messages"), message);
    assert!(sent.status < 500, "{}", sent.body);
    ana.put(&format!("/api/interactions/{interaction}/note"), r#"{"note":"geheimwort","version":0}"#);
    assert_eq!(ana.get("/api/search?q=suchwort").status, 200);
    ana.get("/api/contacts?q=melisande");
    ana.delete("/api/contacts/1/addresses/phone/4915112345678");
    ana.get("/antwortwort/4915112345678");
    ana.sign_in("zerbinetta", "geheimwort");
    let unsigned = ana.bring_signed(b"{\"geheimwort\":1}", "sha256=00");
    assert_eq!(unsigned.status, 401);
    let id = unsigned.header("x-request-id").expect("every answer has one").to_owned();
    assert_eq!(unsigned.json()["request_id"], id.as_str(), "whoever tells of a problem can name it");
    id
}

fn say_nothing_private(log: &str) {
    let lower = log.to_lowercase();
    for word in PRIVATE {
        let line = lower.lines().find(|line| line.contains(&word.to_lowercase()));
        assert!(line.is_none(), "{word} in the log: {}", line.unwrap_or_default());
    }
}

#[test]
fn a_log_for_people_names_requests_and_no_person() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    furnish(&data, "agent", "Zerbinetta Quux");
    let mut logged = Logged::serve(&data, |_| vec![("DESKBELL_LOG", "debug".to_owned())]);
    let id = busy_morning(&logged);
    logged.stop();
    let log = logged.log();
    let line = log.lines().find(|line| line.contains(&id)).expect("the request is found by its id");
    assert!(line.contains("401") && line.contains("webhook"), "{line}");
    assert!(!log.contains('\u{1b}'), "colours are for terminals");
    assert!(log.contains("a call brought no success"), "the morning reached the outbox: {log}");
    say_nothing_private(&log);
}

#[test]
fn a_log_for_programs_is_one_json_object_a_line() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    furnish(&data, "agent", "Zerbinetta Quux");
    let variables = [("DESKBELL_LOG", "debug".to_owned()), ("DESKBELL_LOG_FORMAT", "json".to_owned())];
    let mut logged = Logged::serve(&data, |_| variables.into());
    let id = busy_morning(&logged);
    logged.stop();
    let log = logged.log();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    for line in &lines {
        assert!(line["timestamp"].is_string() && line["level"].is_string() && line["message"].is_string(), "{line}");
    }
    let named = lines.iter().find(|line| line["span"]["id"] == id.as_str()).expect("the request is found by its id");
    assert_eq!(named["status"], 401, "{named}");
    say_nothing_private(&log);
}

#[test]
fn a_log_for_the_journal_has_priorities_and_no_time() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    furnish(&data, "agent", "Zerbinetta Quux");
    let mut logged = Logged::serve(&data, |log| {
        let log = log.metadata().expect("a file");
        vec![("DESKBELL_LOG", "debug".to_owned()), ("JOURNAL_STREAM", format!("{}:{}", log.dev(), log.ino()))]
    });
    busy_morning(&logged);
    logged.stop();
    let log = logged.log();
    assert!(log.lines().all(|line| ["<3>", "<4>", "<6>", "<7>"].iter().any(|priority| line.starts_with(priority))));
    let serving = log.lines().find(|line| line.contains("serving")).expect("it says that it serves");
    assert!(serving.starts_with("<6>") && !serving.contains("20"), "{serving}");
    let call = log.lines().find(|line| line.contains("a call brought no success")).expect("it says so");
    assert!(call.starts_with("<4>"), "{call}");
    say_nothing_private(&log);
}

#[test]
fn a_log_that_nobody_knows_how_to_write_is_refused() {
    for (name, value) in [("DESKBELL_LOG_FORMAT", "xml"), ("DESKBELL_LOG", "deskbell=loud")] {
        let refused = std::process::Command::new(env!("CARGO_BIN_EXE_deskbell"))
            .args(["version"])
            .env(name, value)
            .output()
            .expect("the binary runs");
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(2), "{told}");
        assert!(told.contains(name), "{told}");
    }
}
