//! The command line: on a stopped store, on a running server, and what it refuses.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::browser::Browser;
use crate::harness::logged::deskbell;
use crate::harness::server::{add_channel, serve};

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn add_user(data: &Path, login: &str) -> Output {
    let password = data.join("password.txt");
    std::fs::create_dir_all(data).expect("writable");
    std::fs::write(&password, "correct horse\n").expect("writable");
    let (data, password) = (data.to_string_lossy(), password.to_string_lossy());
    deskbell(&["user", "add", login, "--name", "Ana", "--role", "agent", "--password-file", &password, "--data", &data])
}

#[test]
fn people_and_numbers_are_added_to_a_stopped_store_and_to_a_running_server() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    let stopped = add_user(&data, "ana");
    assert!(stopped.status.success(), "{}", told(&stopped));
    let (server, _) = serve(&data);
    let running = add_user(&data, "ben");
    assert!(running.status.success(), "{}", told(&running));
    let again = add_user(&data, "ANA");
    assert_eq!(again.status.code(), Some(2), "a login is taken whatever its case");
    assert!(told(&again).contains("taken"), "{}", told(&again));

    let secret = folder.path().join("secret.txt");
    std::fs::write(&secret, "a secret\n").expect("writable");
    let added = add_channel(&data, &secret);
    assert!(added.status.success(), "{}", told(&added));
    assert!(String::from_utf8_lossy(&added.stdout).contains("/webhooks/whatsapp"), "it says what to do next");
    assert_eq!(add_channel(&data, &secret).status.code(), Some(2), "a number is connected once");
    drop(server);
}

#[test]
fn a_queue_is_made_and_its_rules_change_one_by_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().to_string_lossy().into_owned();
    let set = |rest: &[&str]| deskbell(&[&["queue", "set"], rest, &["--data", &data]].concat());
    let made = set(&["Returns", "--auto-answer", "preview"]);
    assert!(String::from_utf8_lossy(&made.stdout).contains("a new queue, Returns"), "{}", told(&made));
    let (server, address) = serve(folder.path());
    assert!(set(&["returns", "--offer-timeout-s", "9"]).status.success());
    assert_eq!(set(&["Returns", "--offer-timeout-s", "0"]).status.code(), Some(2), "no time is none to answer in");
    assert_eq!(set(&["", "--auto-answer", "on"]).status.code(), Some(2), "a queue has a name");
    assert!(set(&["Support", "--auto-answer", "on"]).status.success());

    let user = add_user(folder.path(), "ana");
    assert!(user.status.success(), "{}", told(&user));
    let mut browser = Browser::new(address);
    assert_eq!(browser.sign_in("ana", "correct horse").status, 200);
    let queues = browser.get("/api/snapshot").json()["queues"].clone();
    let told: Vec<_> =
        queues.as_array().expect("queues").iter().map(|one| (&one["name"], &one["auto_answer"])).collect();
    assert_eq!(told, [(&json!("Support"), &json!("on")), (&json!("Returns"), &json!("preview"))]);
    drop(server);
}

#[test]
fn a_second_server_on_one_data_directory_is_refused_with_a_sentence() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (_server, _) = serve(folder.path());
    let second = deskbell(&["serve", "--data", &folder.path().to_string_lossy(), "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(told(&second).contains("Another Deskbell"), "{}", told(&second));
}

#[test]
fn a_server_asked_to_stop_ends_in_order_and_its_socket_goes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (mut server, _) = serve(folder.path());
    let process_id = server.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &process_id]).status().expect("kill runs").success());
    let began = Instant::now();
    let status = server.0.wait().expect("it ends");
    assert!(status.success(), "{status}");
    assert!(began.elapsed() < Duration::from_secs(10), "it took {:?}", began.elapsed());
    assert!(!folder.path().join("control.sock").exists());
    let mut log = String::new();
    server.0.stderr.take().expect("piped").read_to_string(&mut log).expect("readable");
    assert!(log.contains("stopping"), "{log}");
}

#[test]
fn nonsense_is_refused_with_a_sentence_and_exit_code_2() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().to_string_lossy().into_owned();
    let empty = folder.path().join("empty.txt");
    std::fs::write(&empty, "\n").expect("writable");
    let short = folder.path().join("short.txt");
    std::fs::write(&short, "1234567\n").expect("writable");
    let user = |login: &str, file: &Path, capacity: &str| {
        let file = file.to_string_lossy();
        deskbell(&[
            "user",
            "add",
            login,
            "--name",
            "A",
            "--role",
            "agent",
            "--password-file",
            &file,
            "--capacity",
            capacity,
            "--data",
            &data,
        ])
    };
    for (output, word) in [
        (user("ana", &empty, "3"), "empty"),
        (user("ana", &short, "3"), "12 to 128"),
        (user("ana", &folder.path().join("missing.txt"), "3"), "cannot be read"),
        (deskbell(&["serve", "--listen", "nowhere"]), "nowhere"),
        (deskbell(&["user", "add", "ana", "--role", "king"]), "king"),
        (deskbell(&["fly"]), "fly"),
    ] {
        assert_eq!(output.status.code(), Some(2), "{}", told(&output));
        assert!(told(&output).contains(word), "{}", told(&output));
    }
    let open = deskbell(&["serve", "--data", &data, "--listen", "0.0.0.0:0"]);
    assert!(!open.status.success());
    assert!(told(&open).contains("--insecure-http"), "{}", told(&open));
}
