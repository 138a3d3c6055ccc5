//! Times in files.
//!
//! Invariant: a time without a zone is the centre's own.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::clock::Clock;

/// Numbers from here on are milliseconds, smaller ones seconds: the year 2001 in the one, 33658 in the other.
const MILLISECONDS_FROM: i64 = 1_000_000_000_000;

/// Now, milliseconds.
pub(super) fn now() -> i64 {
    Clock::system().now().0
}

/// A time as milliseconds or seconds since 1970, or as a text.
pub(super) fn stamp(value: &serde_json::Value) -> Option<i64> {
    if let Some(number) = value.as_f64() {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "parts of a millisecond are let go, and what is too large stays large"
        )]
        let number = number as i64;
        return if number >= MILLISECONDS_FROM { Some(number) } else { number.checked_mul(1_000) };
    }
    let text = value.as_str()?;
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant.as_millisecond());
    }
    local(text.parse::<DateTime>().ok()?)
}

/// A time on the centre's clock, milliseconds.
pub(super) fn local(time: DateTime) -> Option<i64> {
    Some(time.to_zoned(TimeZone::system()).ok()?.timestamp().as_millisecond())
}
