//! The audit log: what is in it, that it cannot be changed unnoticed, and what bounds it; secrets at rest.

use std::path::Path;

use deskbell::clock::Clock;
use deskbell::domain::agent::Role;
use deskbell::domain::command::Command;
use deskbell::domain::ids::AgentId;
use deskbell::domain::second_factor::Secret;
use deskbell::domain::security::{Deed, SecurityRules};
use deskbell::store::{AuditCheck, Origin, Store, StoreOptions, Who};
use deskbell::whatsapp::signature;
use redb::{ReadableTable as _, TableDefinition};
use serde_json::{Value, json};

use crate::harness::desk::{MORNING, PASSWORD, channel, profile};
use crate::harness::logged::deskbell;
use crate::harness::provider::{envelope_for, text};
use crate::people::administered;

const AUDIT: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("audit");

fn entries(browser: &crate::harness::browser::Browser, query: &str) -> Vec<Value> {
    let answer = browser.get(&format!("/api/administration/audit{query}"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["entries"].as_array().expect("a list").clone()
}

#[test]
fn who_did_what_to_whom_when_and_from_where_is_written_with_the_change() {
    let (desk, ada) = administered();
    let change = json!({ "name": "ANA", "role": "supervisor", "capacity": 2, "auto_ready": false, "skills": [] });
    assert_eq!(ada.put("/api/administration/people/1", &change.to_string()).status, 200);
    assert_eq!(ada.put("/api/administration/people/9", &change.to_string()).status, 404);
    let log = entries(&ada, "");
    let actions: Vec<_> = log.iter().map(|entry| entry["action"].as_str().expect("a word")).collect();
    assert_eq!(actions, ["person_changed", "signed_in"], "what was refused and what the harness set up is not there");
    let entry = &log[0];
    assert_eq!(
        (&entry["who"], &entry["agent_id"], &entry["address"]),
        (&json!("agent"), &json!(4), &json!("127.0.0.1"))
    );
    assert_eq!((&entry["subject"], &entry["subject_id"]), (&json!("agent"), &json!(1)));
    assert_eq!(entry["at"], desk.clock.now().0);
    assert!(entry["detail"].as_str().is_some_and(|detail| detail.contains("role supervisor, capacity 2")), "{entry}");
    let everything = ada.get("/api/administration/audit").body;
    assert!(!everything.contains(PASSWORD) && !everything.contains("argon2"), "{everything}");

    assert_eq!(ada.put("/api/administration/people/1/password", r#"{"password":"rain on a tin roof"}"#).status, 200);
    assert_eq!(desk.browser().sign_in("ana", "wrong password").status, 401);
    assert_eq!(desk.browser().sign_in("nobody", "wrong password").status, 401);
    let log = entries(&ada, "?limit=3");
    let seen: Vec<_> =
        log.iter().map(|entry| (entry["who"].clone(), entry["action"].clone(), entry["subject_id"].clone())).collect();
    let failed = |id: Value| (json!("visitor"), json!("sign_in_failed"), id);
    assert_eq!(seen, [failed(Value::Null), failed(json!(1)), (json!("agent"), json!("password_set"), json!(1))]);
    assert_eq!(ada.get("/api/administration/audit/check").json()["whole"], true);
    assert_eq!(ada.get("/api/administration/audit?limit=x").problem().0, 400);
}

#[test]
fn the_log_is_read_page_by_page() {
    let (desk, ada) = administered();
    for day in 0..7 {
        desk.submit(Command::SetSecurity(SecurityRules { audit_days: 30 + day, ..SecurityRules::default() }));
        let body = json!({ "administrators_need_second_factor": false, "audit_days": 40 + day }).to_string();
        assert_eq!(ada.put("/api/administration/security", &body).status, 200);
    }
    let mut numbers = Vec::new();
    let mut query = "?limit=3".to_owned();
    loop {
        let page = ada.get(&format!("/api/administration/audit{query}")).json();
        numbers.extend(page["entries"].as_array().expect("a list").iter().map(|entry| entry["number"].as_u64()));
        let Some(next) = page["next_before"].as_u64() else { break };
        query = format!("?limit=3&before={next}");
    }
    assert_eq!(numbers, (1..=8).rev().map(Some).collect::<Vec<_>>(), "a sign-in and seven changes");
}

#[test]
fn failed_sign_ins_cannot_flood_the_log() {
    let (desk, ada) = administered();
    for guess in 0..40 {
        assert_eq!(desk.browser().sign_in(&format!("guess {guess}"), "wrong password").status, 401);
    }
    let failures = || entries(&ada, "").iter().filter(|entry| entry["action"] == "sign_in_failed").count();
    assert_eq!(failures(), 20);
    desk.clock.advance_ms(60_000);
    assert_eq!(desk.browser().sign_in("one more", "wrong password").status, 401);
    assert_eq!(failures(), 21);
    assert_eq!(entries(&ada, "?limit=1")[0]["detail"], "password, 20 more before were not written");
}

/// A store whose log has so many entries, stopped.
fn with_entries(folder: &Path, entries: usize) {
    let store = Store::open(folder, StoreOptions::new(Clock::manual(MORNING))).expect("a new store opens");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    for number in 0..entries {
        let deed = Deed { action: "backup_made".to_owned(), subject: None, detail: format!("deed {number}") };
        let note = Origin::of(Who::CommandLine).scope(async { store.submit(vec![Command::NoteDeed(deed)]).await });
        assert!(runtime.block_on(note).expect("it is taken").iter().all(Result::is_ok));
    }
    assert_eq!(check(&store), AuditCheck::Whole { entries: entries as u64, removed: 0 });
    store.stop();
}

fn check(store: &Store) -> AuditCheck {
    store.read(|snapshot| snapshot.audit_check()).expect("the log can be read")
}

/// What a look at the log finds after somebody with a hand on the file has changed it.
fn tampered(change: impl FnOnce(&mut redb::Table<'_, u64, &[u8]>)) -> AuditCheck {
    let folder = tempfile::tempdir().expect("a temporary folder");
    with_entries(folder.path(), 6);
    let database = redb::Database::open(folder.path().join("deskbell.redb")).expect("it opens");
    let transaction = database.begin_write().expect("it can be written");
    change(&mut transaction.open_table(AUDIT).expect("the table"));
    transaction.commit().expect("it is written");
    drop(database);
    check(&Store::open(folder.path(), StoreOptions::new(Clock::manual(MORNING))).expect("it opens"))
}

#[test]
fn a_changed_or_removed_entry_is_found() {
    let changed = tampered(|table| {
        let mut value = table.get(3).expect("readable").expect("there").value().to_vec();
        let place = value.windows(6).position(|part| part == b"deed 2").expect("its detail");
        value[place + 5] = b'7';
        // The codec's own checksum is mended too: whoever changes the file knows it.
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&value[..1]);
        hasher.update(&value[5..]);
        value[1..5].copy_from_slice(&hasher.finalize().to_le_bytes());
        table.insert(3, value.as_slice()).expect("writable");
    });
    assert_eq!(changed, AuditCheck::Broken { number: 3 });
    for (removed, number) in [(1, 2), (4, 5), (6, 6)] {
        let found = tampered(|table| drop(table.remove(removed).expect("writable")));
        assert_eq!(found, AuditCheck::Broken { number }, "without entry {removed}");
    }
    let swapped = tampered(|table| {
        let (second, third) =
            (table.get(2).unwrap().unwrap().value().to_vec(), table.get(3).unwrap().unwrap().value().to_vec());
        table.insert(2, third.as_slice()).expect("writable");
        table.insert(3, second.as_slice()).expect("writable");
    });
    assert_eq!(swapped, AuditCheck::Broken { number: 2 });
}

#[test]
fn old_entries_go_and_the_chain_begins_at_the_anchor_that_they_left() {
    let (desk, ada) = administered();
    let rules = |days: u32| json!({ "administrators_need_second_factor": false, "audit_days": days }).to_string();
    assert_eq!(ada.put("/api/administration/security", &rules(2)).status, 200);
    assert_eq!(ada.put("/api/administration/security", &rules(0)).problem().1, "bad_value");
    desk.clock.advance_ms(3 * 24 * 60 * 60_000);
    let ada = desk.signed_in("ada");
    let log = entries(&ada, "");
    assert_eq!(log.iter().map(|entry| entry["number"].as_u64()).collect::<Vec<_>>(), [Some(3)]);
    let found = ada.get("/api/administration/audit/check").json();
    assert_eq!(found, json!({ "whole": true, "entries": 1, "removed": 2, "broken_at": null }));
}

#[test]
fn a_start_or_a_refused_command_leaves_no_entry_and_a_repeated_start_keeps_the_chain() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    with_entries(folder.path(), 3);
    for _ in 0..2 {
        let store = Store::open(folder.path(), StoreOptions::new(Clock::manual(MORNING))).expect("it opens");
        assert_eq!(check(&store), AuditCheck::Whole { entries: 3, removed: 0 });
        store.stop();
    }
}

#[test]
fn the_command_line_shows_exports_and_verifies_the_log() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    let text = data.to_string_lossy().into_owned();
    let word = folder.path().join("word.txt");
    std::fs::write(&word, "rain on a tin roof\n").expect("writable");
    let word = word.to_string_lossy().into_owned();
    let added = deskbell(&[
        "user",
        "add",
        "ada",
        "--name",
        "Ada",
        "--role",
        "administrator",
        "--password-file",
        &word,
        "--data",
        &text,
    ]);
    assert!(added.status.success());
    let (server, _) = crate::harness::server::serve(&data);
    assert!(deskbell(&["user", "passwd", "ada", "--password-file", &word, "--data", &text]).status.success());
    let listed = String::from_utf8_lossy(&deskbell(&["audit", "list", "--data", &text]).stdout).into_owned();
    assert!(
        listed.contains("#1 ") && listed.contains("command_line  person_added  ada  role administrator"),
        "{listed}"
    );
    assert!(listed.contains("control_socket  password_set  ada"), "{listed}");
    let exported = deskbell(&["audit", "export", "--data", &text]);
    let lines: Vec<Value> = String::from_utf8_lossy(&exported.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["previous"], lines[1]["hash"]);
    let verified = deskbell(&["audit", "verify", "--data", &text]);
    assert!(String::from_utf8_lossy(&verified.stdout).contains("2 entries, none changed, none missing"));
    drop(server);

    let database = redb::Database::open(data.join("deskbell.redb"));
    // A server that was killed leaves its work in the commit log: one start brings it in.
    drop(database);
    assert!(deskbell(&["user", "list", "--data", &text]).status.success());
    let database = redb::Database::open(data.join("deskbell.redb")).expect("it opens");
    let transaction = database.begin_write().expect("it can be written");
    transaction.open_table(AUDIT).expect("the table").remove(1).expect("writable");
    transaction.commit().expect("it is written");
    drop(database);
    let broken = deskbell(&["audit", "verify", "--data", &text]);
    assert_eq!(broken.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&broken.stderr).contains("broken at entry 2"));
}

/// Whether any file of a folder holds these words.
fn holds(folder: &Path, words: &str) -> bool {
    std::fs::read_dir(folder).expect("a folder").any(|file| {
        let path = file.expect("readable").path();
        std::fs::read(path).is_ok_and(|bytes| bytes.windows(words.len()).any(|part| part == words.as_bytes()))
    })
}

fn opened(folder: &Path) -> Store {
    Store::open(folder, StoreOptions::new(Clock::manual(MORNING))).expect("it opens")
}

#[test]
fn secrets_are_in_no_file_but_sealed_and_open_with_the_key_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = opened(folder.path());
    let mut profile = channel("Main number", "100", "an app secret of thirty letters");
    profile.access_token = "an access token of forty letters and so on".to_owned();
    assert!(store.submit_blocking(vec![Command::AddChannel(profile.clone())]).expect("it is taken")[0].is_ok());
    let other = "another access token of forty letters";
    let channels = |store: &Store| store.read(|snapshot| snapshot.channels()).expect("readable");
    let id = channels(&store)[0].channel.id;
    let set = Command::SetAccessToken { channel: id, access_token: other.to_owned() };
    assert!(store.submit_blocking(vec![set]).expect("it is taken")[0].is_ok());
    store.stop();
    for secret in [profile.app_secret.as_str(), profile.access_token.as_str(), other] {
        assert!(!holds(folder.path(), secret), "{secret}");
    }
    assert!(holds(folder.path(), "Main number"), "what is no secret is found this way");
    let store = opened(folder.path());
    let row = &channels(&store)[0].profile;
    assert_eq!((row.app_secret.as_str(), row.access_token.as_str()), (profile.app_secret.as_str(), other));
    store.stop();
}

#[test]
fn a_lost_key_costs_the_secrets_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = opened(folder.path());
    let people = Command::AddAgent(profile("ana", Role::Agent));
    let number = Command::AddChannel(channel("Main number", "100", "an app secret"));
    assert!(store.submit_blocking(vec![people, number]).expect("it is taken").iter().all(Result::is_ok));
    store.stop();
    let key = folder.path().join("deskbell.key");
    let kept = std::fs::read(&key).expect("it was made");
    std::fs::remove_file(&key).expect("it is there");

    let (server, address) = crate::harness::server::serve(folder.path());
    let mut browser = crate::harness::browser::Browser::new(address);
    assert_eq!(browser.sign_in("ana", PASSWORD).status, 200, "everything else works");
    let empty_key = {
        let body = envelope_for("100", &[text("16505551234", "wamid.A", "hello", MORNING.0 / 1_000)]);
        browser.bring_signed(body.as_bytes(), &signature::sign(b"", body.as_bytes()))
    };
    assert_eq!(empty_key.problem().1, "signature_refused", "no secret is not an empty one");
    let token = folder.path().join("token.txt");
    std::fs::write(&token, "a new token\n").expect("writable");
    let (token, data) = (token.to_string_lossy().into_owned(), folder.path().to_string_lossy().into_owned());
    let set =
        deskbell(&["channel", "set-token", "--phone-number-id", "100", "--access-token-file", &token, "--data", &data]);
    assert!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
    let mut server = server;
    server.0.kill().expect("it runs");
    let mut log = String::new();
    std::io::Read::read_to_string(&mut server.0.stderr.take().expect("piped"), &mut log).expect("readable");
    assert!(log.contains("does not open the secrets") && log.contains("enter access tokens"), "{log}");
    drop(server);

    std::fs::write(&key, &kept).expect("writable");
    let store = opened(folder.path());
    let row = store.read(|snapshot| snapshot.channels()).expect("readable").remove(0).profile;
    assert_eq!((row.app_secret.as_str(), row.access_token.as_str()), ("an app secret", ""), "what each key sealed");
    store.stop();
}

#[test]
fn a_key_file_that_is_no_key_is_refused_with_a_sentence() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let key = folder.path().join("some.key");
    std::fs::write(&key, "12345").expect("writable");
    let data = folder.path().join("data").to_string_lossy().into_owned();
    let refused =
        deskbell(&["serve", "--data", &data, "--listen", "127.0.0.1:0", "--key-file", &key.to_string_lossy()]);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("64 hexadecimal digits"));
}

#[test]
fn a_second_factors_key_is_sealed_too() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = opened(folder.path());
    let words = "twenty letters of it";
    let (agent, secret) = (AgentId(1), Secret(words.as_bytes().to_vec()));
    let commands = vec![
        Command::AddAgent(profile("ana", Role::Agent)),
        Command::SetSecondFactor { agent, secret, recovery: Vec::new(), step: 1 },
    ];
    assert!(store.submit_blocking(commands).expect("it is taken").iter().all(Result::is_ok));
    store.stop();
    assert!(!holds(folder.path(), words));
    let store = opened(folder.path());
    let read = store.read(|snapshot| snapshot.second_factor_secret(agent)).expect("readable");
    assert_eq!(read.as_deref(), Some(words.as_bytes()));
    store.stop();
}
