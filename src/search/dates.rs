//! Days as people write them in a query.
//!
//! Invariant: a date is a span of whole days in the time zone of whoever asks, or a moment that lies a time back from now.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp as Instant, ToSpan as _};

use crate::domain::time::Timestamp;

/// From the first instant up to before the second, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Days {
    pub(super) from: i64,
    pub(super) until: i64,
}

/// Reads `2026-01-31`, `31.01.2026`, `2026-01`, `2026`, `today`, `yesterday`, `7d`, `12h`, `2w`, `3m`, `1y`.
pub(super) fn read(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Days> {
    let today = Instant::from_millisecond(now.0).ok()?.to_zoned(zone.clone());
    let text = text.to_lowercase();
    match text.as_str() {
        "today" => return days(today.date(), 1.day(), zone),
        "yesterday" => return days(today.date().yesterday().ok()?, 1.day(), zone),
        _ => {}
    }
    if let Some((number, unit)) = text.char_indices().next_back().map(|(at, unit)| (&text[..at], unit))
        && let Ok(number) = number.parse::<i32>()
        && number >= 0
    {
        let number = i64::from(number);
        let span = match unit {
            'h' => Some(Span::new().try_hours(number).ok()?),
            'd' => Some(Span::new().try_days(number).ok()?),
            'w' => Some(Span::new().try_weeks(number).ok()?),
            'm' => Some(Span::new().try_months(number).ok()?),
            'y' => Some(Span::new().try_years(number).ok()?),
            _ => None,
        };
        if let Some(span) = span {
            let back = today.checked_sub(span).ok()?;
            if unit == 'h' {
                let from = back.timestamp().as_millisecond();
                return Some(Days { from, until: now.0 });
            }
            return days(back.date(), 1.day(), zone);
        }
    }
    let numbers: Option<Vec<i16>> = text.split(['-', '/', '.']).map(|part| part.parse().ok()).collect();
    let narrow = |number: i16| i8::try_from(number).ok();
    match numbers?.as_slice() {
        [year] if *year >= 1_000 => days(Date::new(*year, 1, 1).ok()?, 1.year(), zone),
        [year, month] if *year >= 1_000 => days(Date::new(*year, narrow(*month)?, 1).ok()?, 1.month(), zone),
        [year, month, day] if *year >= 1_000 => {
            days(Date::new(*year, narrow(*month)?, narrow(*day)?).ok()?, 1.day(), zone)
        }
        [day, month, year] if *year >= 1_000 => {
            days(Date::new(*year, narrow(*month)?, narrow(*day)?).ok()?, 1.day(), zone)
        }
        _ => None,
    }
}

fn days(first: Date, length: Span, zone: &TimeZone) -> Option<Days> {
    let start = |date: Date| Some(date.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond());
    Some(Days { from: start(first)?, until: start(first.checked_add(length).ok()?)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_however_they_are_written() {
        let zone = TimeZone::UTC;
        let day = 86_400_000;
        let now = Timestamp(20_000 * day + 5_000);
        let span = |text| read(text, now, &zone).map(|days| (days.from / day, days.until / day));
        assert_eq!(span("2024-10-04"), Some((20_000, 20_001)));
        assert_eq!(span("04.10.2024"), Some((20_000, 20_001)));
        assert_eq!(span("today"), Some((20_000, 20_001)));
        assert_eq!(span("yesterday"), Some((19_999, 20_000)));
        assert_eq!(span("7d"), Some((19_993, 19_994)));
        assert_eq!(span("2024-10"), Some((19_997, 20_028)));
        assert_eq!(span("2024"), Some((19_723, 20_089)));
        for wrong in ["", "d", "2024-13-01", "99999999999d", "-3d", "soon", "1.2", "\u{660}d"] {
            assert_eq!(span(wrong), None, "{wrong}");
        }
    }
}
