//! The first administrator: by a link that works once, and nothing else is served before.

use std::path::Path;
use std::process::{Command as Process, Output};

use serde_json::{Value, json};

use crate::harness::browser::Browser;
use crate::harness::server::serve;

fn setup_link(data: &Path) -> Output {
    let mut command = Process::new(env!("CARGO_BIN_EXE_deskbell"));
    command.args(["setup-link", "--url", "https://desk.example/", "--data"]).arg(data);
    command.output().expect("the binary runs")
}

/// The token of a new link.
fn token(data: &Path) -> String {
    let output = setup_link(data);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let link = told.split_whitespace().find(|word| word.starts_with("https://desk.example/setup#"));
    link.expect("a link").rsplit('#').next().expect("a token").to_owned()
}

fn body(token: &str) -> String {
    json!({ "token": token, "login": "ada", "name": "Ada Lind", "password": "rain on a tin roof" }).to_string()
}

#[test]
fn until_there_is_anybody_only_the_set_up_is_served() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (_server, address) = serve(folder.path());
    let mut browser = Browser::new(address);
    for page in ["/", "/administration"] {
        let answer = browser.get(page);
        assert_eq!((answer.status, answer.header("location")), (303, Some("/setup")), "{page}");
    }
    assert_eq!(browser.sign_in("ada", "rain on a tin roof").problem(), (403, "set_up_required".to_owned()));
    for path in ["/api/me", "/api/snapshot", "/api/administration/people", "/api/events"] {
        assert_eq!(browser.get(path).problem(), (403, "set_up_required".to_owned()), "{path}");
    }
    for path in ["/setup", "/healthz", "/readyz"] {
        assert_eq!(browser.get(path).status, 200, "{path}");
    }
    assert_eq!(browser.post("/webhooks/whatsapp", "{}").problem().1, "signature_refused", "Meta has its own door");
    let foreign = browser.raw(
        (browser.head("POST", "/api/setup", "Content-Type: application/json\r\nContent-Length: 2\r\n") + "{}")
            .as_bytes(),
    );
    assert_eq!(foreign.problem().1, "origin_refused");
}

#[test]
fn the_newest_link_makes_one_administrator_who_is_signed_in() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let old = token(folder.path());
    let (_server, address) = serve(folder.path());
    let token = token(folder.path());
    let mut browser = Browser::new(address);
    for wrong in [old.as_str(), "", "AAAAAAAAAAAAAAAAAAAAAA", "not a token"] {
        assert_eq!(
            browser.post("/api/setup", &body(wrong)).problem(),
            (403, "set_up_link_invalid".to_owned()),
            "{wrong}"
        );
    }
    let mut weak: Value = serde_json::from_str(&body(&token)).expect("JSON");
    weak["password"] = json!("password1234");
    let refused = browser.post("/api/setup", &weak.to_string());
    assert_eq!(refused.problem(), (422, "password_refused".to_owned()));
    assert_eq!(refused.json()["field"], "password");

    let done = browser.post("/api/setup", &body(&token));
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(done.json()["agent"]["role"], "administrator");
    browser.cookie = done.header("set-cookie").and_then(|line| line.split(';').next()).map(str::to_owned);
    assert_eq!(browser.get("/api/administration/people").json()["people"][0]["login"], "ada");
    assert_eq!(browser.get("/").status, 200);
    assert_eq!(browser.post("/api/setup", &body(&token)).problem(), (409, "set_up_done".to_owned()), "it works once");
    let late = setup_link(folder.path());
    assert_eq!(late.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&late.stderr).contains("administrator already"));
}

#[test]
fn two_who_open_one_link_at_once_do_not_both_become_administrators() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let token = token(folder.path());
    let (_server, address) = serve(folder.path());
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let ask = |login: &str| {
            let mut body: Value = serde_json::from_str(&body(&token)).expect("JSON");
            body["login"] = json!(login);
            Browser::new(address).post("/api/setup", &body.to_string()).status
        };
        let asked: Vec<_> = ["ada", "eve"].map(|login| scope.spawn(move || ask(login))).into();
        asked.into_iter().map(|one| one.join().expect("no panic")).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
}

#[test]
fn a_link_ends_after_half_an_hour_and_only_its_hash_is_kept() {
    use deskbell::clock::Clock;
    use deskbell::domain::command::Command;
    use deskbell::domain::ids::TokenHash;
    use deskbell::domain::rejection::Rejection;
    use deskbell::store::{Store, StoreOptions};

    use crate::harness::desk::{MORNING, profile};

    let folder = tempfile::tempdir().expect("a temporary folder");
    let clock = Clock::manual(MORNING);
    let store = Store::open(folder.path(), StoreOptions::new(clock.clone())).expect("a new store opens");
    let answer = |command| store.submit_blocking(vec![command]).expect("it is taken").remove(0);
    let token = TokenHash([9; 32]);
    assert!(answer(Command::OfferSetUp { token }).is_ok());
    let profile = profile("ada", deskbell::domain::agent::Role::Agent);
    clock.advance_ms(30 * 60_000);
    let late = answer(Command::SetUp { token, profile: profile.clone() });
    assert_eq!(late.err(), Some(Rejection::SetUpLinkInvalid));
    assert!(answer(Command::OfferSetUp { token }).is_ok());
    clock.advance_ms(30 * 60_000 - 1);
    assert!(answer(Command::SetUp { token, profile: profile.clone() }).is_ok());
    assert_eq!(answer(Command::SetUp { token, profile }).err(), Some(Rejection::SetUpDone));
    store.stop();

    let second = tempfile::tempdir().expect("a temporary folder");
    let secret = self::token(second.path());
    for file in std::fs::read_dir(second.path()).expect("a folder") {
        let path = file.expect("readable").path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{}", path.display());
    }
}
