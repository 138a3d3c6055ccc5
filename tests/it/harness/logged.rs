//! The real binary as a server whose log is a file, with an environment of the test's making.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use deskbell::whatsapp::signature;
use serde_json::json;

use super::browser::{Answer, Browser};
use super::server::Server;

/// Longer than a start may take on a busy machine.
const START_MAX: Duration = Duration::from_secs(20);
/// Signs webhooks here.
pub(crate) const SECRET: &str = "a secret of the app";
/// Whoever signs in here types this.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A server, its log and its data; gone with its value.
pub(crate) struct Logged {
    pub(crate) server: Server,
    pub(crate) address: SocketAddr,
    log: PathBuf,
}

pub(crate) fn free_address() -> SocketAddr {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    free.expect("a free port")
}

pub(crate) fn deskbell(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_deskbell")).args(arguments).output().expect("the binary runs")
}

/// Standard error and output.
pub(crate) fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

/// Adds a person with [`PASSWORD`], and the number 100 with [`SECRET`] whose calls reach nobody.
pub(crate) fn furnish(data: &Path, role: &str, name: &str) {
    let file = |name: &str, text: &str| {
        // Beside the data: their directory is the program's to make.
        let path = data.with_extension(name);
        std::fs::write(&path, text).expect("writable");
        path.to_string_lossy().into_owned()
    };
    let (password, secret) = (file("password.txt", PASSWORD), file("secret.txt", SECRET));
    let data = data.to_string_lossy();
    let user = ["user", "add", "ana", "--name", name, "--role", role, "--password-file", &password, "--data", &data];
    let channel = [
        &["channel", "add", "--name", "Main", "--phone-number-id", "100", "--display-number", "+1 555 0100"][..],
        &["--verify-token", "word", "--app-secret-file", &secret, "--access-token-file", &secret],
        &["--graph-url", "http://127.0.0.1:9", "--data", &data],
    ];
    for arguments in [&user[..], &channel.concat()] {
        let output = deskbell(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Logged {
    /// Serves a data directory with more variables in its environment. `environment` is told the log's open file.
    pub(crate) fn serve(data: &Path, environment: impl FnOnce(&File) -> Vec<(&'static str, String)>) -> Self {
        let log = data.with_extension("log");
        let file = File::create(&log).expect("writable");
        let address = free_address();
        let child = Command::new(env!("CARGO_BIN_EXE_deskbell"))
            .args(["serve", "--data", &data.to_string_lossy(), "--listen", &address.to_string()])
            .envs(environment(&file))
            .stderr(file)
            .spawn()
            .expect("the binary runs");
        let mut logged = Self { server: Server(child), address, log };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(logged.server.0.try_wait().expect("a child").is_none(), "it ended: {}", logged.log());
            assert!(began.elapsed() < START_MAX, "the server does not listen: {}", logged.log());
            std::thread::sleep(Duration::from_millis(5));
        }
        logged
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("readable")
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn stop(&mut self) {
        let process_id = self.server.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &process_id]).status().expect("kill runs").success());
        assert!(self.server.0.wait().expect("it ends").success(), "{}", self.log());
    }

    /// A browser in which ana has signed in.
    pub(crate) fn signed_in(&self) -> Browser {
        let mut browser = Browser::new(self.address);
        let answer = browser.sign_in("ana", PASSWORD);
        assert_eq!(answer.status, 200, "{}", answer.body);
        browser
    }

    /// A contact writes.
    pub(crate) fn contact_writes(&self, from: &str, name: &str, words: &str) -> Answer {
        let body = json!({
            "object": "whatsapp_business_account",
            "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": {
                "messaging_product": "whatsapp",
                "metadata": { "display_phone_number": "15550100", "phone_number_id": "100" },
                "contacts": [{ "wa_id": from, "profile": { "name": name } }],
                "messages": [{ "from": from, "id": format!("wamid.{words}"), "timestamp": "1795939200",
                               "type": "text", "text": { "body": words } }],
            } }] }],
        })
        .to_string();
        let signature = signature::sign(SECRET.as_bytes(), body.as_bytes());
        Browser::new(self.address).bring_signed(body.as_bytes(), &signature)
    }
}
