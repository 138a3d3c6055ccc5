//! Programs that a test needs and that are no part of the project.

use std::io::Write as _;
use std::process::Command;

/// The program's name if it runs here; otherwise the test is skipped, or fails where `required_by` is set to 1.
pub(crate) fn program(name: &'static str, required_by: &str) -> Option<&'static str> {
    if Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success()) {
        return Some(name);
    }
    assert!(std::env::var_os(required_by).is_none_or(|value| value != "1"), "{name} is missing");
    // Straight to the terminal: what `eprintln!` says is kept from sight in a test that passes.
    let _ = writeln!(std::io::stderr(), "skipped: {name} is missing");
    None
}

/// Runs a command to its end, which must be a good one.
pub(crate) fn run(command: &mut Command, what: &str) {
    let output = command.output().unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
}
