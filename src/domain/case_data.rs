//! Typed key/values of an interaction: order number, product, and what else the centre asks for.
//!
//! The administrator's keys have a kind; an agent may add keys of their own, which are free text. The keys are on the
//! floor, the values are facts: only a command that changes them needs them. Invariant: a value of the
//! administrator's key was of its kind when it was set.

use std::fmt;

use crate::limits::{CASE_KEY_CHARS_MAX, CASE_VALUE_CHARS_MAX};

use super::ids::CaseKeyId;

/// What a value must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseKind {
    /// Any words.
    Text,
    /// Digits with an optional sign and fraction: `-12.50`.
    Number,
    /// A day of the calendar: `2026-02-28`.
    Date,
    /// `true` or `false`.
    Boolean,
    /// One of the key's choices.
    Choice,
}

/// A key on the administrator's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseKey {
    /// Which; 0 for one that is to be added.
    pub id: CaseKeyId,
    /// The name in the API and in field codes: `[a-z0-9_]{1,64}`; never changes.
    pub key: String,
    /// Shown to people.
    pub label: String,
    /// What a value must look like.
    pub kind: CaseKind,
    /// The values of `CaseKind::Choice`; empty for the other kinds.
    pub choices: Vec<String>,
    /// Agents may not change it.
    pub read_only: bool,
    /// Shown when the interaction is offered.
    pub on_offer: bool,
    /// Done needs a value.
    pub required: bool,
    /// Its place on the list; keys with the same one stand in the order in which they were added.
    pub position: u32,
}

impl CaseKey {
    /// Whether this key may have that value.
    #[must_use]
    pub fn allows(&self, value: &str) -> bool {
        match self.kind {
            CaseKind::Text => is_words(value),
            CaseKind::Number => is_number(value),
            CaseKind::Date => is_date(value),
            CaseKind::Boolean => matches!(value, "true" | "false"),
            CaseKind::Choice => self.choices.iter().any(|choice| choice == value),
        }
    }
}

/// The values of one interaction. Debug output leaves the words out.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CaseData {
    /// Grows with every change.
    pub version: u32,
    /// Key and value, in the order in which the keys were first set.
    pub values: Vec<(String, String)>,
}

impl fmt::Debug for CaseData {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CaseData(version {}, {} values)", self.version, self.values.len())
    }
}

impl CaseData {
    /// The value of a key.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&str> {
        self.values.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// Sets a value, or removes it.
    pub fn set(&mut self, key: &str, value: Option<&str>) {
        self.version += 1;
        match (self.values.iter_mut().find(|(known, _)| known == key), value) {
            (Some((_, old)), Some(value)) => value.clone_into(old),
            (None, Some(value)) => self.values.push((key.to_owned(), value.to_owned())),
            (_, None) => self.values.retain(|(known, _)| known != key),
        }
    }
}

/// Whether a key of an agent's own may be called this.
#[must_use]
pub fn is_key(key: &str) -> bool {
    let length = key.chars().count();
    (1..=CASE_KEY_CHARS_MAX).contains(&length) && key.trim() == key && !key.chars().any(char::is_control)
}

/// Whether this is a text that somebody can read: neither blank nor endless.
#[must_use]
pub fn is_words(value: &str) -> bool {
    !value.trim().is_empty() && value.chars().count() <= CASE_VALUE_CHARS_MAX
}

fn is_number(value: &str) -> bool {
    let unsigned = value.strip_prefix(['+', '-']).unwrap_or(value);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    is_words(value) && digits(whole) && digits(fraction)
}

fn is_date(value: &str) -> bool {
    let parts: Vec<&str> = value.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |part: &str, digits: usize| {
        let plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| part.parse::<u32>().ok()).flatten()
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::{CaseKey, CaseKind, is_key};
    use crate::domain::ids::CaseKeyId;

    fn allowed(kind: CaseKind, value: &str) -> bool {
        let choices = if kind == CaseKind::Choice { vec!["red".to_owned(), "blue".to_owned()] } else { vec![] };
        let (key, label) = ("colour".to_owned(), "Colour".to_owned());
        CaseKey {
            id: CaseKeyId(1),
            key,
            label,
            kind,
            choices,
            read_only: false,
            on_offer: false,
            required: false,
            position: 0,
        }
        .allows(value)
    }

    #[test]
    fn each_kind_takes_its_values_and_no_others() {
        let long = "x".repeat(crate::limits::CASE_VALUE_CHARS_MAX + 1);
        for (kind, good, bad) in [
            (CaseKind::Text, vec!["AB-1", "0", " a "], vec!["", "  ", long.as_str()]),
            (CaseKind::Number, vec!["0", "-12.50", "+7", "007"], vec!["", "-", "1.", ".5", "1,5", "1e3", "٣", "1 "]),
            (
                CaseKind::Date,
                vec!["2026-02-28", "2024-02-29", "2000-02-29", "1999-12-31"],
                vec!["2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "26-04-01", "2026-4-1", "x"],
            ),
            (CaseKind::Boolean, vec!["true", "false"], vec!["True", "1", "yes", ""]),
            (CaseKind::Choice, vec!["red", "blue"], vec!["green", "Red", ""]),
        ] {
            for value in good {
                assert!(allowed(kind, value), "{kind:?} takes {value:?}");
            }
            for value in bad {
                assert!(!allowed(kind, value), "{kind:?} refuses {value:?}");
            }
        }
    }

    #[test]
    fn keys_of_an_agents_own_are_short_and_readable() {
        for good in ["order", "Número de pedido", "a/b", &"k".repeat(64)] {
            assert!(is_key(good), "{good:?}");
        }
        for bad in ["", " ", " order", "order ", "a\nb", &"k".repeat(65)] {
            assert!(!is_key(bad), "{bad:?}");
        }
    }
}
