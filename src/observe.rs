//! Logs for the person who operates the box.
//!
//! Structured, to standard error, and never with texts, names, full numbers or secrets: the types that hold those
//! mask themselves in debug output. Three ways of writing: for a terminal; for journald, where each line begins with
//! its priority (sd-daemon(3)) and carries no time, because the journal has its own; and one JSON object a line, on
//! request. Invariant: this is the only place that sets a subscriber.

use std::fmt;
use std::io::{self, IsTerminal as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::MetadataExt as _;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{Format, Full, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// What is logged unless the environment variable `DESKBELL_LOG` says otherwise.
const FILTER_DEFAULT: &str = "info";

/// How a line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// For a person at a terminal.
    Text,
    /// For journald.
    Journal,
    /// For programs.
    Json,
}

/// Starts logging as the environment says; a second call changes nothing.
///
/// # Errors
/// A sentence: `DESKBELL_LOG_FORMAT` or `DESKBELL_LOG` says something that is not known.
pub fn start() -> Result<(), String> {
    let json = match variable("DESKBELL_LOG_FORMAT").as_deref() {
        None | Some("text") => false,
        Some("json") => true,
        Some(_) => return Err("DESKBELL_LOG_FORMAT is not known. Say text or json.".to_owned()),
    };
    start_as(variable("DESKBELL_LOG").as_deref().unwrap_or(FILTER_DEFAULT), json)
}

/// Starts logging what the filter says, as JSON or in lines for whoever reads them; a second call changes nothing.
///
/// # Errors
/// A sentence: the filter is none.
pub fn start_as(filter: &str, json: bool) -> Result<(), String> {
    let form = form(json, is_journal(variable("JOURNAL_STREAM").as_deref()));
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        format!("DESKBELL_LOG is no filter: {error}. Say error, warn, info, debug, or deskbell::http=debug.")
    })?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_target(true);
    let begun = match form {
        Form::Text => builder.with_ansi(io::stderr().is_terminal()).try_init(),
        Form::Journal => builder
            .with_ansi(false)
            .event_format(Prioritised(Format::default().without_time().with_ansi(false)))
            .try_init(),
        Form::Json => builder.json().flatten_event(true).with_span_list(false).try_init(),
    };
    if begun.is_err() {
        tracing::debug!("logging was already started");
    }
    Ok(())
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn form(json: bool, journal: bool) -> Form {
    match (json, journal) {
        (true, _) => Form::Json,
        (false, true) => Form::Journal,
        (false, false) => Form::Text,
    }
}

/// Whether standard error is the stream that `JOURNAL_STREAM` names (`device:inode`, systemd.exec(5)): it may have been
/// sent elsewhere since.
fn is_journal(stream: Option<&str>) -> bool {
    let Some((device, inode)) = stream.and_then(|stream| stream.split_once(':')) else { return false };
    let own = io::stderr().as_fd().try_clone_to_owned().and_then(|own| std::fs::File::from(own).metadata());
    own.is_ok_and(|own| device == own.dev().to_string() && inode == own.ino().to_string())
}

/// Lines for journald: the priority, then all but the time.
struct Prioritised(Format<Full, ()>);

/// The priority of a level (syslog(3)).
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}

impl<S, N> FormatEvent<S, N> for Prioritised
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        write!(writer, "<{}>", priority(*event.metadata().level()))?;
        self.0.format_event(context, writer, event)
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

#[cfg(test)]
mod tests {
    use super::{Form, Level, form, is_journal, priority};

    #[test]
    fn a_line_is_written_for_whoever_reads_it() {
        assert_eq!(form(false, false), Form::Text);
        assert_eq!(form(false, true), Form::Journal);
        assert_eq!(form(true, false), Form::Json);
        assert_eq!(form(true, true), Form::Json);
    }

    #[test]
    fn another_stream_than_the_journals_is_not_taken_for_it() {
        for stream in [None, Some(""), Some("1"), Some("0:0"), Some("a:b")] {
            assert!(!is_journal(stream), "{stream:?}");
        }
    }

    #[test]
    fn priorities_are_those_of_syslog() {
        let levels = [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG, Level::TRACE];
        assert_eq!(levels.map(priority), [3, 4, 6, 7, 7]);
    }
}
