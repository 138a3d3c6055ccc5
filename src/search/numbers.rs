//! The forms under which a number is found, however it was written.
//!
//! `+49 170 123`, `0170-123`, `1.299,00`: groups of digits and what stands between them. Invariant: a text and a query
//! that mean the same number share at least one form.

/// Groups of digits that are looked at as one number.
const GROUPS_MAX: usize = 8;
/// Digits of a number that gets other forms than its groups.
const DIGITS_MAX: usize = 20;
/// From so many digits on, groups with spaces between them are taken for one number, and a leading 0 for a prefix.
const SPACED_DIGITS_MIN: usize = 6;

/// From so many digits on, a number of several groups is found by its last groups too: without the area code.
const AREA_DIGITS_MIN: usize = 9;

/// A number as it was written.
#[derive(Default)]
pub(super) struct Written<'a> {
    /// The groups, with the character before each; a space stands for any white space.
    pub(super) groups: Vec<(char, &'a str)>,
    /// A `+` stands directly before it.
    pub(super) international: bool,
}

/// Calls `take` with each form beside the groups themselves, and with the group that it begins with.
pub(super) fn forms(written: &Written<'_>, mut take: impl FnMut(usize, String)) {
    let digits: usize = written.groups.iter().map(|(_, group)| group.len()).sum();
    if written.groups.is_empty() || written.groups.len() > GROUPS_MAX || digits > DIGITS_MAX {
        return;
    }
    let all: String = written.groups.iter().map(|(_, group)| *group).collect();
    let several = written.groups.len() > 1;
    let spaced = written.groups.iter().skip(1).any(|(before, _)| *before == ' ');
    let whole = !spaced || digits >= SPACED_DIGITS_MIN;
    let national = national(&all, written.international).filter(|_| whole && digits >= SPACED_DIGITS_MIN);
    let amount = if several { amount(&written.groups) } else { None };
    if several && whole {
        take(0, all.clone());
        for first in 1..written.groups.len() - 1 {
            let last: String = written.groups[first..].iter().map(|(_, group)| *group).collect();
            if digits >= AREA_DIGITS_MIN && last.len() >= SPACED_DIGITS_MIN {
                take(first, last);
            }
        }
    }
    if let Some(national) = national.filter(|national| *national != all) {
        take(0, national);
    }
    if let Some(amount) = amount.filter(|amount| *amount != all || !whole) {
        take(0, amount);
    }
}

/// A telephone number without country code and leading zeros, where it shows that it has one of them.
fn national(all: &str, international: bool) -> Option<String> {
    let rest = if international {
        after_country_code(all)
    } else if let Some(rest) = all.strip_prefix("00") {
        after_country_code(rest)
    } else {
        all.strip_prefix('0')?
    };
    let rest = rest.trim_start_matches('0');
    (rest.len() >= 4).then(|| rest.to_owned())
}

/// What follows the country code (ITU-T E.164: one digit for 1 and 7, two for those listed, else three).
pub(super) fn after_country_code(digits: &str) -> &str {
    const TWO: [&str; 41] = [
        "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49",
        "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84",
        "86", "90", "91", "92", "93",
    ];
    const TWO_MORE: [&str; 3] = ["94", "95", "98"];
    let length = match digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        _ if digits.get(..2).is_some_and(|two| TWO.contains(&two) || TWO_MORE.contains(&two)) => 2,
        _ => 3,
    };
    digits.get(length..).unwrap_or_default()
}

/// An amount of money: no thousands marks, a point before the decimals, no zeros that say nothing.
fn amount(groups: &[(char, &str)]) -> Option<String> {
    let (_, first) = groups.first()?;
    let marks: Vec<char> = groups.iter().skip(1).map(|(before, _)| *before).collect();
    if !marks.iter().all(|mark| matches!(mark, '.' | ',' | ' ' | '\'')) {
        return None;
    }
    let (last_mark, thousands) = marks.split_last()?;
    let (_, last) = groups.last()?;
    let uniform = thousands.iter().all(|mark| Some(mark) == thousands.first());
    let differs = thousands.first().is_none_or(|mark| mark != last_mark);
    let is_decimal =
        matches!(last_mark, '.' | ',') && differs && (last.len() != 3 || (!thousands.is_empty() && last.len() < 3));
    let grouped = if is_decimal { &groups[1..groups.len() - 1] } else { &groups[1..] };
    let fits = grouped.iter().all(|(_, group)| group.len() == 3) && (grouped.is_empty() || first.len() <= 3);
    if !fits || !uniform || (!is_decimal && !thousands.is_empty() && differs) {
        return None;
    }
    let mut text: String = first.to_string();
    text.extend(grouped.iter().map(|(_, group)| *group));
    let whole = text.trim_start_matches('0');
    let mut text = if whole.is_empty() { "0".to_owned() } else { whole.to_owned() };
    if is_decimal {
        let decimals = last.trim_end_matches('0');
        if !decimals.is_empty() {
            text.push('.');
            text.push_str(decimals);
        }
    }
    Some(text)
}
