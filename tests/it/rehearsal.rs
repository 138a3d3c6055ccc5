//! The real binary, end to end: dialogues replayed through webhooks, API, events and Graph, with and without `kill -9`.

use std::process::Command;

use serde_json::Value;

#[test]
fn every_transcript_equals_its_dialogue() {
    let report = rehearse(&["--agents", "5"]);
    assert_eq!(report["mismatches"], 0, "{report}");
    assert_eq!(report["sent_again"], 0, "nothing was in doubt: {report}");
    assert!(report["messages"].as_u64().is_some_and(|messages| messages > 300), "{report}");
    assert!(report["ack_ms"]["p50"].as_f64().is_some_and(|ms| ms > 0.0), "acknowledgements were measured: {report}");
    assert!(report["end_to_end_ms"]["p50"].as_f64().is_some_and(|ms| ms > 0.0), "events were measured: {report}");
}

#[test]
fn a_server_killed_again_and_again_loses_nothing_and_sends_nothing_twice_silently() {
    let report = rehearse(&["--agents", "3", "--rate", "40", "--kill-every-s", "1"]);
    assert_eq!(report["mismatches"], 0, "{report}");
    assert!(report["restarts"].as_u64().is_some_and(|restarts| restarts >= 3), "it was killed: {report}");
}

#[test]
fn a_dialogue_file_with_a_bad_line_is_refused_by_its_number() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("bad.jsonl");
    std::fs::write(&file, "{\"conversation\":\"a\",\"seq\":0,\"author\":\"contact\",\"text\":\"hi\"}\nnonsense\n")
        .expect("writable");
    let output = Command::new(env!("CARGO_BIN_EXE_deskbell"))
        .args(["rehearse", "--dialogues"])
        .arg(&file)
        .output()
        .expect("the binary runs");
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("line 2"), "{told}");
}

fn rehearse(arguments: &[&str]) -> Value {
    let dialogues = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/rehearsal.jsonl");
    let output = Command::new(env!("CARGO_BIN_EXE_deskbell"))
        .args(["rehearse", "--json", "--dialogues", dialogues])
        .args(arguments)
        .output()
        .expect("the binary runs");
    let told = String::from_utf8_lossy(&output.stderr);
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no report: {told}"));
    assert!(output.status.success(), "{told} {report}");
    report
}
