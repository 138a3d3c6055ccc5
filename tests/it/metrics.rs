//! The numbers of a server: who may see them, that they are true, and that monitoring reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::harness::browser::{Answer, Browser};
use crate::harness::logged::{Logged, free_address, furnish};
use crate::harness::program::{program, run};

const TOKEN: &str = "a token of enough length";

fn with_token(data: &Path) -> Vec<(&'static str, String)> {
    let file = data.with_extension("token");
    std::fs::write(&file, format!("{TOKEN}\n")).expect("writable");
    vec![("DESKBELL_METRICS_TOKEN_FILE", file.to_string_lossy().into_owned())]
}

fn ask(address: std::net::SocketAddr, more: &str) -> Answer {
    let browser = Browser::new(address);
    browser.raw(browser.head("GET", "/metrics", more).as_bytes())
}

fn authorized(address: std::net::SocketAddr) -> Answer {
    ask(address, &format!("Authorization: Bearer {TOKEN}\r\n"))
}

/// Reads the text by the letter of its format; gives every sample.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let mut families = BTreeSet::new();
    let (mut family, mut found) = (String::new(), BTreeMap::new());
    assert!(text.ends_with('\n'), "the last line has an end");
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').expect("a help text");
            assert!(!help.is_empty() && families.insert(name.to_owned()), "one family a name: {line}");
            family = name.to_owned();
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a type");
            assert!(name == family && ["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
        } else {
            let (key, value) = line.rsplit_once(' ').expect("a value");
            let name = key.split('{').next().expect("a name");
            let parts = ["", "_bucket", "_sum", "_count"].map(|end| format!("{family}{end}"));
            assert!(parts.contains(&name.to_owned()), "a sample of another family: {line}");
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{line}");
            assert!(found.insert(key.to_owned(), value.parse().expect("a number")).is_none(), "twice: {line}");
        }
    }
    found
}

#[test]
fn the_numbers_are_for_who_has_the_token() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    furnish(&data, "agent", "Ana");
    let logged = Logged::serve(&data, |_| with_token(&data));
    for more in ["", "Authorization: Bearer \r\n", "Authorization: Bearer a token\r\n", "Authorization: Basic eDp5\r\n"]
    {
        assert_eq!(ask(logged.address, more).problem(), (401, "metrics_refused".to_owned()), "{more}");
    }
    let signed_in = logged.signed_in();
    assert_eq!(signed_in.get("/metrics").status, 401, "a sign-in is no token");
    let answer = authorized(logged.address);
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")));
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
}

#[test]
fn without_a_token_or_a_listener_there_are_no_numbers() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    furnish(&data, "agent", "Ana");
    let logged = Logged::serve(&data, |_| Vec::new());
    assert_eq!(authorized(logged.address).problem(), (404, "not_found".to_owned()));
}

#[test]
fn what_would_show_them_to_strangers_is_refused_at_the_start() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let short = folder.path().join("short");
    std::fs::write(&short, "short\n").expect("writable");
    let short = short.to_string_lossy().into_owned();
    for (name, value, code, word) in [
        ("DESKBELL_METRICS_LISTEN", "0.0.0.0:0".to_owned(), 1, "other machines"),
        ("DESKBELL_METRICS_LISTEN", "here".to_owned(), 2, "an address and a port"),
        ("DESKBELL_METRICS_TOKEN_FILE", short, 1, "16 to"),
        ("DESKBELL_METRICS_TOKEN_FILE", "/nowhere".to_owned(), 1, "cannot be read"),
    ] {
        let refused = Command::new(env!("CARGO_BIN_EXE_deskbell"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path().join("data"))
            .env(name, &value)
            .output()
            .expect("the binary runs");
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(code), "{value}: {told}");
        assert!(told.contains(word), "{value}: {told}");
    }
    assert!(!folder.path().join("data").exists(), "nothing was begun");
}

#[test]
fn the_numbers_are_those_of_the_morning() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    furnish(&data, "agent", "Ana");
    let beside = free_address();
    let logged = Logged::serve(&data, |_| vec![("DESKBELL_METRICS_LISTEN", beside.to_string())]);
    let ana = logged.signed_in();
    let _events = ana.events_after(&ana.get("/api/snapshot").json()["seq"].to_string());
    assert_eq!(ana.put("/api/presence", r#"{"state":"ready"}"#).status, 200);
    for number in 0..3 {
        assert_eq!(logged.contact_writes("4915112345678", "Melisande", &format!("word{number}")).status, 200);
    }
    let interaction = ana.get("/api/snapshot").json()["interactions"][0]["id"].as_u64().expect("an offer");
    assert_eq!(ana.post(&format!("/api/interactions/{interaction}/accept"), "{}").status, 200);
    let message = r#"{"client_key":"key-1","text":"hello"}"#;
    let sent = ana.post(&format!("/api/interactions/{interaction}/messages"), message);
    assert_eq!(sent.status, 202, "{}", sent.body);
    assert_eq!(ana.get("/wp-login.php?4915112345678").status, 404);

    assert_eq!(Browser::new(beside).get("/api/snapshot").status, 404, "nothing else is served there");
    let look = || samples(&ask(beside, "").body);
    let began = Instant::now();
    // The call reaches nobody, which takes a moment to see.
    while look()["deskbell_sends_total{result=\"retried\"}"] < 1.0 {
        assert!(began.elapsed() < Duration::from_secs(10), "the call ends");
        std::thread::sleep(Duration::from_millis(20));
    }
    let numbers = look();
    let is = |name: &str| *numbers.get(name).unwrap_or_else(|| panic!("{name} in {numbers:#?}"));
    assert_eq!(is("deskbell_http_requests_total{class=\"webhook\",status=\"200\"}"), 3.0);
    assert_eq!(is("deskbell_http_requests_total{class=\"other\",status=\"404\"}"), 1.0);
    assert_eq!(is("deskbell_webhook_acknowledgement_seconds_count"), 3.0);
    assert!(is("deskbell_webhook_acknowledgement_seconds_sum") > 0.0);
    assert!(is("deskbell_commit_seconds_count") >= 6.0);
    assert_eq!(is("deskbell_interactions_open{state=\"active\"}"), 1.0);
    assert_eq!(is("deskbell_agents{presence=\"ready\"}"), 1.0);
    assert_eq!(is("deskbell_event_streams"), 1.0);
    assert_eq!(is("deskbell_outbox_messages"), 1.0);
    assert_eq!(is("deskbell_store_ready"), 1.0);
    assert!(is("deskbell_store_bytes{part=\"database\"}") > 1_000.0);
    assert!(is("process_resident_memory_bytes") > 1_000_000.0 && is("process_open_fds") > 5.0);
    let build = numbers.keys().find(|key| key.starts_with("deskbell_build_info{")).expect("which program it is");
    assert!(build.contains(concat!("version=\"", env!("CARGO_PKG_VERSION"), "\"")), "{build}");
    let private = ["4915112345678", "wp-login", "Melisande", "word0"];
    assert!(numbers.keys().all(|key| private.iter().all(|word| !key.contains(word))), "{numbers:#?}");
}

#[test]
fn prometheus_reads_the_numbers() {
    let Some(python) = program("python3", "REQUIRE_SDKS") else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    furnish(&data, "agent", "Ana");
    let logged = Logged::serve(&data, |_| with_token(&data));
    assert_eq!(logged.contact_writes("4915112345678", "Melisande", "word").status, 200);
    let text = folder.path().join("metrics.txt");
    std::fs::write(&text, authorized(logged.address).body).expect("writable");
    let venv = folder.path().join("venv");
    run(Command::new(python).args(["-m", "venv"]).arg(&venv), "making a virtual environment");
    let python = venv.join("bin/python");
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk");
    run(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
            .arg(scripts.join("metrics_requirements.txt")),
        "installing prometheus-client",
    );
    run(Command::new(&python).arg(scripts.join("metrics_check.py")).arg(&text), "reading the numbers");
}
