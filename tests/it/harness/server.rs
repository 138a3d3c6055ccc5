//! The real binary as a server.
//!
//! Invariant: it is gone when its value is.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take until it listens.
const START_MAX: Duration = Duration::from_secs(20);

pub(crate) struct Server(pub(crate) Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Serves a data directory on a free port; the log can be read from the child's standard error.
pub(crate) fn serve(data: &Path) -> (Server, SocketAddr) {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    let address = free.expect("a free port");
    let child = Command::new(env!("CARGO_BIN_EXE_deskbell"))
        .args(["serve", "--data", &data.to_string_lossy(), "--listen", &address.to_string()])
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let server = Server(child);
    let began = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(began.elapsed() < START_MAX, "the server does not listen");
        std::thread::sleep(Duration::from_millis(10));
    }
    (server, address)
}

/// Connects the number with the id 100; the file holds the app secret and serves as access token too.
pub(crate) fn add_channel(data: &Path, secret: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_deskbell"))
        .args(["channel", "add", "--name", "Main", "--phone-number-id", "100", "--display-number", "+1 555 0100"])
        .args(["--verify-token", "word", "--app-secret-file"])
        .arg(secret)
        .arg("--access-token-file")
        .arg(secret)
        .arg("--data")
        .arg(data)
        .output()
        .expect("the binary runs")
}
