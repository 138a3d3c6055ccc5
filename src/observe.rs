//! Logs for the person who operates the box.
//!
//! Structured, to standard error, and never with texts, names, full numbers or secrets: the types that hold those
//! mask themselves in debug output. Invariant: this is the only place that sets a subscriber.

use tracing_subscriber::EnvFilter;

/// What is logged unless the environment variable `DESKBELL_LOG` says otherwise.
const FILTER_DEFAULT: &str = "info";

/// Starts logging; a second call changes nothing.
pub fn start() {
    start_as(std::env::var("DESKBELL_LOG").as_deref().unwrap_or(FILTER_DEFAULT), false);
}

/// Starts logging what the filter says, in lines of text or of JSON; a second call changes nothing.
pub fn start_as(filter: &str, json: bool) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new(FILTER_DEFAULT));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(true);
    let started = if json { subscriber.json().try_init() } else { subscriber.try_init() };
    if started.is_err() {
        tracing::debug!("logging was already started");
    }
}

/// The most memory that a process has held at once, in MiB, where the system tells.
#[must_use]
pub fn memory_peak_mib(process_id: u32) -> Option<f64> {
    status_mib(process_id, "VmHWM:")
}

/// The memory that a process holds now, in MiB, where the system tells.
#[must_use]
pub fn memory_mib(process_id: u32) -> Option<f64> {
    status_mib(process_id, "VmRSS:")
}

fn status_mib(process_id: u32, field: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process_id}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1_024.0)
}
