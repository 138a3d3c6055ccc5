//! As a service of systemd: what the server tells it, and that the unit is one.

use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::harness::logged::{Logged, furnish};
use crate::harness::program::program;

/// The next thing that the server tells.
fn heard(manager: &UnixDatagram) -> String {
    let mut bytes = [0; 256];
    let length = manager.recv(&mut bytes).expect("something in time");
    String::from_utf8_lossy(&bytes[..length]).into_owned()
}

#[test]
fn the_service_manager_hears_ready_alive_and_stopping() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    furnish(&data, "agent", "Ana");
    let path = folder.path().join("notify");
    let name = format!("deskbell-test-{}", std::process::id());
    let by_path = (UnixDatagram::bind(&path).expect("a socket"), path.to_string_lossy().into_owned());
    let address = SocketAddr::from_abstract_name(&name).expect("a name");
    let by_name = (UnixDatagram::bind_addr(&address).expect("a socket"), format!("@{name}"));
    for (manager, socket) in [by_path, by_name] {
        manager.set_read_timeout(Some(Duration::from_secs(20))).expect("a positive time");
        let variables = vec![("NOTIFY_SOCKET", socket), ("WATCHDOG_USEC", "300000".to_owned())];
        let mut logged = Logged::serve(&data, |_| variables);
        let ready = heard(&manager);
        assert!(ready.starts_with("READY=1\n"), "{ready}");
        assert!(ready.contains(&logged.address.to_string()), "the status says where: {ready}");
        assert_eq!([heard(&manager), heard(&manager)], ["WATCHDOG=1", "WATCHDOG=1"]);
        logged.stop();
        let last = std::iter::repeat_with(|| heard(&manager)).find(|told| told != "WATCHDOG=1");
        assert_eq!(last.as_deref(), Some("STOPPING=1\nSTATUS=Stopping"));
    }
}

#[test]
fn systemd_accepts_the_unit_and_finds_it_hardened() {
    let Some(analyze) = program("systemd-analyze", "REQUIRE_SYSTEMD") else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let packaged = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/deskbell.service");
    let text = std::fs::read_to_string(packaged).expect("readable");
    assert!(text.contains("ExecStart=/usr/bin/deskbell serve\n"), "{text}");
    // The program is not installed where the tests run.
    let unit = folder.path().join("deskbell.service");
    std::fs::write(&unit, text.replace("/usr/bin/deskbell", env!("CARGO_BIN_EXE_deskbell"))).expect("writable");
    let verified = Command::new(analyze).args(["verify", "--man=no"]).arg(&unit).output().expect("it runs");
    let told = String::from_utf8_lossy(&verified.stderr).into_owned();
    let ours: Vec<&str> = told.lines().filter(|line| line.contains("deskbell")).collect();
    assert!(verified.status.success() && ours.is_empty(), "{told}");
    let scored = Command::new(analyze).args(["security", "--offline=true", "--threshold=20"]).arg(&unit).output();
    let scored = scored.expect("it runs");
    assert!(scored.status.success(), "{}", String::from_utf8_lossy(&scored.stdout));
}
