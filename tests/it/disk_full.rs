//! A full disk under the real binary: clear answers, readers go on, and it recovers by itself.
//!
//! The data directory is on a small memory disk, which takes the right to mount one; without it the test says so.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use deskbell::domain::message::Content;
use deskbell::whatsapp::signature;

use crate::harness::people::{OTTO, Town};
use crate::harness::server::{add_channel, serve};

const SECRET: &str = "app secret";
const DISK: &str = "size=48m";
/// Longer than the indexing thread waits before its first attempts to go on.
const STAYS_FULL: Duration = Duration::from_secs(5);

struct Mounted(tempfile::TempDir);

impl Mounted {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", DISK, "tmpfs"]).arg(folder.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("--lazy").arg(self.path()).status());
    }
}

#[test]
fn a_full_disk_is_said_clearly_and_nothing_acknowledged_is_lost() {
    let Some(disk) = Mounted::new() else {
        let said = "skipped: a full disk needs the right to mount a memory disk\n";
        drop(std::io::stderr().write_all(said.as_bytes()));
        return;
    };
    let data = disk.path().join("data");
    set_up(&data, disk.path());
    let (_server, address) = serve(&data);
    let cookie = sign_in(address);

    let mut acknowledged = Vec::new();
    for number in 0..20 {
        assert_eq!(writes(address, number), 200);
        acknowledged.push(number);
    }
    let filler = disk.path().join("filler");
    fill(&filler);
    // What is preallocated lasts for a while; then the store has to say no.
    let mut number = 100;
    let refused = loop {
        match writes(address, number) {
            200 => acknowledged.push(number),
            status => break status,
        }
        number += 1;
        assert!(number < 200_000, "a full disk was never noticed");
    };
    assert_eq!(refused, 503, "Meta tries again after a 503");
    assert_eq!(ask(address, "GET /healthz", "", "").0, 200, "the process lives");
    let (status, told) = ask(address, "GET /api/snapshot", &cookie, "");
    assert_eq!(status, 200, "readers go on: {told}");
    stays_found(address, &cookie, (acknowledged.len() as u64).min(10_000));

    std::fs::remove_file(&filler).expect("removable");
    let began = Instant::now();
    while writes(address, number) != 200 {
        assert!(began.elapsed() < Duration::from_secs(20), "it did not recover");
        std::thread::sleep(Duration::from_millis(50));
    }
    acknowledged.push(number);
    assert_eq!(ask(address, "GET /readyz", "", "").0, 200);
    for number in acknowledged {
        // A repetition is answered 200 and stored once: only what is there can be repeated.
        assert_eq!(writes(address, number), 200);
    }
    let messages = number + 1 - 100 + 20;
    assert_eq!(said(address, &cookie), messages, "every acknowledged message is there, once");
    // The index could not be written either; it has caught up, and found nothing twice.
    assert_eq!(found(address, &cookie), messages.min(10_000), "every acknowledged message is found, once");
}

/// The index tries several times meanwhile to write what it has, and to begin again with what is on the disk.
fn stays_found(address: SocketAddr, cookie: &str, messages: u64) {
    let began = Instant::now();
    while began.elapsed() < STAYS_FULL {
        assert_eq!(found(address, cookie), messages, "what was acknowledged is found");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn set_up(data: &Path, folder: &Path) {
    let password = folder.join("password.txt");
    let secret = folder.join("secret.txt");
    std::fs::write(&password, "correct horse\n").expect("writable");
    std::fs::write(&secret, format!("{SECRET}\n")).expect("writable");
    let user = Command::new(env!("CARGO_BIN_EXE_deskbell"))
        .args(["user", "add", "sofia", "--name", "Sofia", "--role", "supervisor", "--password-file"])
        .arg(&password)
        .arg("--data")
        .arg(data)
        .output()
        .expect("the binary runs");
    for output in [user, add_channel(data, &secret)] {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Takes all the room there is.
fn fill(path: &Path) {
    let mut file = std::fs::File::create(path).expect("writable");
    for piece in [1 << 20, 1 << 16, 1 << 12] {
        let zeros = vec![0; piece];
        while file.write_all(&zeros).is_ok() {}
    }
}

/// A customer's message by signed webhook: the answer's status.
fn writes(address: SocketAddr, number: u64) -> u16 {
    let text = format!("{number} {}", "word ".repeat(60));
    let body = format!(
        r#"{{"object":"whatsapp_business_account","entry":[{{"id":"1","changes":[{{"field":"messages","value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"1","phone_number_id":"100"}},"messages":[{{"from":"15550001","id":"wamid.{number}","timestamp":"1767225600","type":"text","text":{{"body":"{text}"}}}}]}}}}]}}]}}"#
    );
    let signed = format!("X-Hub-Signature-256: {}\r\n", signature::sign(SECRET.as_bytes(), body.as_bytes()));
    ask(address, "POST /webhooks/whatsapp", &signed, &body).0
}

fn sign_in(address: SocketAddr) -> String {
    let origin = format!("Origin: http://{address}\r\n");
    let body = r#"{"login":"sofia","password":"correct horse"}"#;
    let (status, answer) = ask(address, "POST /api/sign-in", &origin, body);
    assert_eq!(status, 200, "{answer}");
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
    format!("Cookie: {}\r\n", cookie.split(';').next().expect("a name and a value"))
}

/// The number of messages in the customer's transcript.
fn said(address: SocketAddr, cookie: &str) -> u64 {
    let (mut count, mut before) = (0, String::new());
    loop {
        let page = read(address, &format!("/api/conversations/1/messages?limit=200{before}"), cookie);
        count += page["messages"].as_array().expect("messages").len() as u64;
        match page["before"].as_str() {
            Some(cursor) => before = format!("&before={cursor}"),
            None => return count,
        }
    }
}

/// How many messages a search for a word of all of them counts.
fn found(address: SocketAddr, cookie: &str) -> u64 {
    read(address, "/api/search?q=word", cookie)["total"].as_u64().expect("a count")
}

fn read(address: SocketAddr, path: &str, cookie: &str) -> serde_json::Value {
    let (status, answer) = ask(address, &format!("GET {path}"), cookie, "");
    assert_eq!(status, 200, "{answer}");
    serde_json::from_str(answer.split_once("\r\n\r\n").expect("a body").1).expect("JSON")
}

/// One request on a connection of its own: status, and the whole answer.
fn ask(address: SocketAddr, line: &str, headers: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let request = format!(
        "{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers in text");
    (answer.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0), answer)
}

#[test]
fn compacting_without_room_for_a_copy_changes_nothing() {
    let Some(disk) = Mounted::new() else {
        let said = "skipped: a full disk needs the right to mount a memory disk\n";
        drop(std::io::stderr().write_all(said.as_bytes()));
        return;
    };
    let data = disk.path().join("data");
    let clock = deskbell::clock::Clock::system();
    let town = Town::settled(&data, &clock);
    let filler = disk.path().join("filler");
    fill(&filler);
    town.store.compact().expect_err("there is no room");
    assert!(!data.join("deskbell.draft").exists(), "half a copy is left");
    let said = town.store.read(|snapshot| snapshot.transcript(OTTO.conversation, None, 50)).expect("readers go on");
    assert!(said.len() > 4);
    std::fs::remove_file(&filler).expect("removable");
    let began = Instant::now();
    while town.store.submit_blocking(vec![town.says(&OTTO, "later", Content::Text("and now?".to_owned()))]).is_err() {
        assert!(began.elapsed() < Duration::from_secs(20), "it did not recover");
        std::thread::sleep(Duration::from_millis(50));
    }
    town.store.compact().expect("there is room again");
    let now = town.store.read(|snapshot| snapshot.transcript(OTTO.conversation, None, 50)).expect("readable");
    assert_eq!(now.len(), said.len() + 1, "nothing is lost");
    town.store.stop();
}
