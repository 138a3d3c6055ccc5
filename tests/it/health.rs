//! `deskbell doctor` and the health page's address: the same checks, from without and from within.

use std::path::Path;
use std::process::Output;

use deskbell::clock::Clock;
use deskbell::domain::agent::Role;
use deskbell::domain::command::Command;
use deskbell::store::{Store, StoreOptions};
use serde_json::Value;

use crate::harness::desk::{Desk, profile};
use crate::harness::logged::{Logged, deskbell, furnish};

fn doctor(data: &Path, more: &[&str]) -> Output {
    let data = data.to_string_lossy();
    deskbell(&[&["doctor", "--json", "--data", &data], more].concat())
}

fn report(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {text} {}", String::from_utf8_lossy(&output.stderr)))
}

/// State and sentence of a check.
fn check<'r>(report: &'r Value, name: &str) -> (&'r str, &'r str) {
    let checks = report["checks"].as_array().expect("a list");
    let found = checks.iter().find(|check| check["check"] == name);
    let found = found.unwrap_or_else(|| panic!("no check {name} in {report}"));
    (found["state"].as_str().expect("a state"), found["sentence"].as_str().expect("a sentence"))
}

#[test]
fn the_doctor_looks_at_a_running_server_and_at_a_stopped_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    furnish(&data, "agent", "Ana");
    let stopped = report(&doctor(&data, &[]));
    assert_eq!(check(&stopped, "store").0, "green");
    assert_eq!(check(&stopped, "file_modes").0, "green", "files that the server makes are its owner's alone");
    assert_eq!(check(&stopped, "webhooks"), ("yellow", "No webhook has come yet."));

    let logged = Logged::serve(&data, |_| Vec::new());
    assert_eq!(logged.contact_writes("4915112345678", "Melisande", "word").status, 200);
    let output = doctor(&data, &[]);
    let running = report(&output);
    assert_eq!(check(&running, "webhooks").0, "green", "{running}");
    assert_eq!(check(&running, "search_index").0, "green", "{running}");
    assert_eq!(check(&running, "outbox").0, "green", "{running}");
    check(&running, "open_files");
    let red = running["checks"].as_array().expect("a list").iter().any(|check| check["state"] == "red");
    assert_eq!(output.status.code(), Some(i32::from(red)), "{running}");
    assert!(!running.to_string().contains("Melisande") && !running.to_string().contains("4915112345678"));
}

#[test]
fn the_doctor_fails_where_something_is_red() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    furnish(&data, "agent", "Ana");
    let missing = folder.path().join("missing.pem").to_string_lossy().into_owned();
    let output = doctor(&data, &["--certificate", &missing]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(check(&report(&output), "certificate").0, "red");
    let data = data.to_string_lossy();
    let words = deskbell(&["doctor", "--certificate", &missing, "--data", &data]);
    let words = String::from_utf8_lossy(&words.stdout).into_owned();
    assert!(words.contains("RED    certificate"), "{words}");
    assert!(words.contains("Put a certificate in PEM form there"), "the way to mend it: {words}");
}

#[test]
fn the_doctor_tells_of_a_second_server_and_of_damage() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    furnish(&data, "agent", "Ana");
    let held = Store::open(&data, StoreOptions::new(Clock::system())).expect("it opens");
    let output = doctor(&data, &[]);
    let told = report(&output);
    assert_eq!(output.status.code(), Some(1));
    let (state, sentence) = check(&told, "store");
    assert!(state == "red" && sentence.contains("Another Deskbell"), "{told}");
    check(&told, "disk_space");
    held.stop();
    drop(held);

    std::fs::write(data.join("deskbell.redb"), "rubbish").expect("writable");
    let told = report(&doctor(&data, &[]));
    assert_eq!(check(&told, "store").0, "red");
}

#[test]
fn the_doctor_makes_no_data_directory() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let nowhere = folder.path().join("nowhere");
    let output = doctor(&nowhere, &[]);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!nowhere.exists());
    assert_eq!(doctor(folder.path(), &[]).status.code(), Some(2), "a folder of something else");
    assert_eq!(std::fs::read_dir(folder.path()).expect("readable").count(), 0);
}

#[test]
fn health_is_shown_to_administrators_only() {
    let desk = Desk::open();
    desk.submit(Command::AddAgent(profile("adam", Role::Administrator)));
    const PATH: &str = "/api/administration/health";
    assert_eq!(desk.browser().get(PATH).problem(), (401, "sign_in_required".to_owned()));
    for login in ["ana", "sue"] {
        assert_eq!(desk.signed_in(login).get(PATH).problem(), (403, "not_administrator".to_owned()), "{login}");
    }
    let answer = desk.signed_in("adam").get(PATH);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let report = answer.json();
    assert_eq!(check(&report, "store").0, "green");
    assert_eq!(check(&report, "clock").0, "red", "the test's clock stands in 2023");
    assert_eq!(report["state"], "red");
}
