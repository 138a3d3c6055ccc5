//! A chat as the phone app exports it.
//!
//! Both line styles (`[date, time] Name: text` and `date, time - Name: text`), the dates of every locale, twelve and
//! twenty-four hours, texts of several lines, attachments, and lines of the app itself. Invariant: what is no head of a
//! message belongs to the message before.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::{Date, DateTime, Time};

use crate::control::{SaidBy, SaidRequest};

use super::transcript::digits;
use super::{Chat, Feeder, Tally, With, dates};

/// Which comes first in a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum DateOrder {
    /// 31.12.2025
    Dmy,
    /// 12/31/2025
    Mdy,
    /// 2025-12-31
    Ymd,
}

/// A message as the file has it.
struct Entry {
    date: [i16; 3],
    time: Time,
    /// `None`: a line of the app.
    name: Option<String>,
    text: String,
}

pub(super) fn import(path: &Path, text: &str, chat: &Chat, mut feeder: Feeder) -> Result<Tally, String> {
    let entries = entries(text);
    if entries.is_empty() {
        return Err(format!("{} is no chat that the phone app exported.", path.display()));
    }
    let contact = contact(path, &entries, chat)?;
    let order = chat.dates.unwrap_or_else(|| date_order(&entries));
    let phone = chat.phone.as_deref().map(digits).or_else(|| phone_name(&contact).then(|| digits(&contact)));
    let conversation = phone.clone().unwrap_or_else(|| contact.clone());
    let with = With { conversation: &conversation, phone: phone.as_deref(), name: Some(&contact) };
    feeder.of = entries.len() as u64;
    let mut before = 0;
    for (number, entry) in (0..).zip(&entries) {
        // A message whose date means nothing stands after the one before.
        let at = instant(entry, order).map_or(before, |at| at.max(before));
        before = at;
        let by = match &entry.name {
            None => SaidBy::System,
            Some(name) if *name == contact => SaidBy::Contact,
            Some(_) => SaidBy::Agent,
        };
        let (kind, text) = content(&entry.text);
        // Equal minutes are told apart by the order in the file.
        feeder.add(&with, SaidRequest { number, by, at, kind: kind.map(str::to_owned), text })?;
    }
    feeder.finish()
}

/// Who of the chat is the contact.
fn contact(path: &Path, entries: &[Entry], chat: &Chat) -> Result<String, String> {
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for name in entries.iter().filter_map(|entry| entry.name.as_deref()) {
        *names.entry(name).or_default() += 1;
    }
    if names.len() > 2 {
        return Err("This is the chat of a group; chats with one contact can be imported.".to_owned());
    }
    if let Some(contact) = &chat.contact {
        return if names.contains_key(contact.as_str()) || names.len() < 2 {
            Ok(contact.clone())
        } else {
            Err(format!("Nobody is called {contact} in this chat; the names are {}.", listed(&names)))
        };
    }
    let others: Vec<&str> = names.keys().copied().filter(|name| chat.me.as_deref() != Some(name)).collect();
    if let [only] = others.as_slice() {
        return Ok((*only).to_owned());
    }
    let file = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    match others.iter().filter(|name| file.contains(**name)).collect::<Vec<_>>().as_slice() {
        [only] => Ok((**only).to_owned()),
        _ => Err(format!("Say who is the contact with --contact; the names are {}.", listed(&names))),
    }
}

fn listed(names: &BTreeMap<&str, usize>) -> String {
    names.keys().copied().collect::<Vec<_>>().join(" and ")
}

fn phone_name(name: &str) -> bool {
    name.starts_with('+') && digits(name).len() >= 7
}

/// Cuts a chat into messages.
fn entries(text: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in text.trim_start_matches('\u{FEFF}').lines() {
        match head(line) {
            Some(entry) => entries.push(entry),
            None => {
                if let Some(last) = entries.last_mut() {
                    last.text.push('\n');
                    last.text.push_str(line);
                }
            }
        }
    }
    for entry in &mut entries {
        entry.text.truncate(entry.text.trim_end().len());
    }
    entries
}

/// Marks of direction, which the app puts around dates and its own words.
fn is_direction(letter: char) -> bool {
    matches!(letter, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The head of a message, if the line is one.
fn head(line: &str) -> Option<Entry> {
    let line = line.trim_start_matches(is_direction);
    let (stamp, rest) = match line.strip_prefix('[') {
        Some(line) => line.split_once("] ").or_else(|| line.split_once(']'))?,
        None => line.split_once(" - ")?,
    };
    // A stamp is short; so is a date in any language.
    if stamp.chars().count() > 40 {
        return None;
    }
    let (date, time) = stamp_of(stamp)?;
    let own = |text: &str| text.starts_with(is_direction);
    let (name, text) = match rest.split_once(": ").or_else(|| rest.strip_suffix(':').map(|name| (name, ""))) {
        Some((name, text)) if name.chars().count() <= 80 && !own(name) => (Some(name), text),
        Some(_) | None => (None, rest),
    };
    let name = name
        .map(|name| name.trim_matches(|letter| is_direction(letter) || letter == '~' || letter == '\u{A0}').to_owned());
    Some(Entry { date, time, name, text: text.to_owned() })
}

/// `31/12/25, 9:41:05 PM` and its kin.
fn stamp_of(stamp: &str) -> Option<([i16; 3], Time)> {
    let plain: String = stamp.chars().filter(|letter| !is_direction(*letter)).map(western).collect();
    let numbers_end = plain.char_indices().find(|(_, letter)| *letter == ',' || letter.is_whitespace());
    let (end, _) = numbers_end?;
    let (date, time) = plain.split_at(end);
    let parts: Vec<i16> = date
        .split(['/', '.', '-'])
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let date: [i16; 3] = parts.try_into().ok()?;
    let time = time.trim_start_matches(|letter: char| letter == ',' || letter.is_whitespace());
    // Some languages put a word before the time.
    let (word, time) = time.split_at(time.find(|letter: char| letter.is_ascii_digit())?);
    let digits_end =
        time.find(|letter: char| !(letter.is_ascii_digit() || matches!(letter, ':' | '.'))).unwrap_or(time.len());
    let (clock, half) = time.split_at(digits_end);
    let parts: Vec<i8> =
        clock.split([':', '.']).filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let (hour, minute, second) = match parts.as_slice() {
        [hour, minute] => (*hour, *minute, 0),
        [hour, minute, second] => (*hour, *minute, *second),
        _ => return None,
    };
    let letters = |text: &str| text.to_lowercase().chars().filter(|letter| letter.is_alphabetic()).collect::<String>();
    let half = if half.trim().is_empty() { letters(word) } else { letters(half) };
    let hour = match half.as_str() {
        "" | "klo" | "kl" | "um" => hour,
        "am" | "ص" | "上午" | "오전" | "午前" => hour % 12,
        "pm" | "م" | "下午" | "오후" | "午後" => hour % 12 + 12,
        _ => return None,
    };
    Some((date, Time::new(hour, minute, second, 0).ok()?))
}

/// Arabic digits and commas as ours.
fn western(letter: char) -> char {
    match letter {
        '\u{660}'..='\u{669}' => char::from_digit(letter as u32 - 0x660, 10).unwrap_or(letter),
        '\u{6F0}'..='\u{6F9}' => char::from_digit(letter as u32 - 0x6F0, 10).unwrap_or(letter),
        '\u{60C}' => ',',
        '\u{202F}' | '\u{A0}' => ' ',
        _ => letter,
    }
}

/// The order that the dates of the file allow; where several do, the one in which time runs forward most often.
fn date_order(entries: &[Entry]) -> DateOrder {
    let fits = |order| entries.iter().all(|entry| date(entry.date, order).is_some());
    let steps_back = |order| {
        let days: Vec<Date> = entries.iter().filter_map(|entry| date(entry.date, order)).collect();
        days.windows(2).filter(|pair| pair[1] < pair[0]).count()
    };
    let orders = [DateOrder::Dmy, DateOrder::Mdy, DateOrder::Ymd];
    let possible = orders.into_iter().filter(|order| fits(*order));
    possible.min_by_key(|order| steps_back(*order)).unwrap_or(DateOrder::Dmy)
}

fn date([first, second, third]: [i16; 3], order: DateOrder) -> Option<Date> {
    let (year, month, day) = match order {
        DateOrder::Dmy => (third, second, first),
        DateOrder::Mdy => (third, first, second),
        DateOrder::Ymd => (first, second, third),
    };
    let year = match year {
        0..100 => year + 2_000,
        1_000.. => year,
        _ => return None,
    };
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn instant(entry: &Entry, order: DateOrder) -> Option<i64> {
    dates::local(DateTime::from_parts(date(entry.date, order)?, entry.time))
}

/// Attachments by the endings of their names, in Meta's words.
const ENDINGS: [(&str, &[&str]); 5] = [
    ("image", &["jpg", "jpeg", "png", "gif", "heic"]),
    ("sticker", &["webp"]),
    ("audio", &["opus", "ogg", "m4a", "mp3", "aac", "amr"]),
    ("video", &["mp4", "3gp", "mov"]),
    ("contacts", &["vcf"]),
];

/// The kind of an attachment and its words, or a text as it is.
fn content(text: &str) -> (Option<&'static str>, String) {
    let marked = text.contains('\u{200E}');
    let plain = text.trim_start_matches(is_direction);
    let (first, rest) = plain.split_once('\n').unwrap_or((plain, ""));
    // `<attached: 0001-PHOTO.jpg>`, and `IMG-0001.jpg (file attached)` in the phone's language.
    let inner = first.strip_prefix('<').and_then(|first| first.strip_suffix('>'));
    let named = match inner {
        Some(inner) => inner.rsplit(": ").next().filter(|name| kind_of(name).is_some()),
        None if first.ends_with(')') => {
            first.rsplit_once(" (").map(|(name, _)| name).filter(|name| kind_of(name).is_some())
        }
        None => None,
    };
    if let Some(name) = named {
        let words = if rest.is_empty() { name.to_owned() } else { format!("{rest}\n{name}") };
        return (kind_of(name), words);
    }
    if inner.is_some() && rest.is_empty() && !first.contains("http") {
        return (Some("media"), String::new());
    }
    if marked && rest.is_empty() {
        let left_out = [
            ("image", "image"),
            ("video", "video"),
            ("audio", "audio"),
            ("sticker", "sticker"),
            ("document", "document"),
        ];
        if let Some((_, kind)) = left_out.iter().find(|(word, _)| first.to_lowercase().starts_with(word)) {
            return (Some(kind), String::new());
        }
    }
    (None, text.replace(is_direction, ""))
}

/// The kind of a file by its name; `None` when it does not look like one.
fn kind_of(name: &str) -> Option<&'static str> {
    let (stem, ending) = name.rsplit_once('.')?;
    let fine = !stem.is_empty()
        && (2..=5).contains(&ending.len())
        && ending.chars().all(|letter| letter.is_ascii_alphanumeric());
    if !fine {
        return None;
    }
    let ending = ending.to_lowercase();
    let kind = ENDINGS.iter().find(|(_, endings)| endings.contains(&ending.as_str()));
    Some(kind.map_or("document", |(kind, _)| kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(Option<String>, String, String)> {
        let entries = entries(text);
        let order = date_order(&entries);
        let show = |entry: &Entry| {
            let at = DateTime::from_parts(date(entry.date, order).expect("a date"), entry.time);
            let (kind, words) = content(&entry.text);
            (entry.name.clone(), at.to_string(), kind.map_or(words.clone(), |kind| format!("{kind}:{words}")))
        };
        entries.iter().map(show).collect()
    }

    fn entry(name: &str, at: &str, text: &str) -> (Option<String>, String, String) {
        ((!name.is_empty()).then(|| name.to_owned()), at.to_owned(), text.to_owned())
    }

    #[test]
    fn both_line_styles_and_every_clock_are_read() {
        let ios = "[31.12.25, 21:41:05] Maria: Olá\nsegunda linha\n\n[31.12.25, 21:42:00] Loja: \u{200E}<attached: 00000012-PHOTO.jpg>\n";
        assert_eq!(
            shown(ios),
            [
                entry("Maria", "2025-12-31T21:41:05", "Olá\nsegunda linha"),
                entry("Loja", "2025-12-31T21:42:00", "image:00000012-PHOTO.jpg"),
            ]
        );
        let android = "12/31/25, 9:41\u{202F}PM - Messages and calls are end-to-end encrypted.\n\
            12/31/25, 9:41\u{202F}PM - Maria: IMG-1.jpg (file attached)\nlook: here\n\
            1/2/26, 12:05 AM - Maria: <Media omitted>\n1/2/26, 12:06 AM - Shop: a - b: c\n";
        assert_eq!(
            shown(android),
            [
                entry("", "2025-12-31T21:41:00", "Messages and calls are end-to-end encrypted."),
                entry("Maria", "2025-12-31T21:41:00", "image:look: here\nIMG-1.jpg"),
                entry("Maria", "2026-01-02T00:05:00", "media:"),
                entry("Shop", "2026-01-02T00:06:00", "a - b: c"),
            ]
        );
        for (line, at) in [
            ("2025-12-31, 21:41 - M: x", "2025-12-31T21:41:00"),
            ("31/12/2025 21:41 - M: x", "2025-12-31T21:41:00"),
            ("31.12.2025 klo 9.41 - M: x", "2025-12-31T09:41:00"),
            ("31.12.2025, 21.41 - M: x", "2025-12-31T21:41:00"),
            ("31/12/25, 9:41 p. m. - M: x", "2025-12-31T21:41:00"),
            ("[2025/12/31 下午9:41:00] M: x", "2025-12-31T21:41:00"),
            ("\u{200F}٣١/١٢/٢٠٢٥، ٩:٤١ م - M: x", "2025-12-31T21:41:00"),
            ("\u{200E}[31/12/25, 09:41:05] M: \u{200E}image omitted", "2025-12-31T09:41:05"),
            ("not a head: x", ""),
            ("99/99/99, 9:41 - ", ""),
        ] {
            let read = entries(line);
            match read.first() {
                Some(entry) if !at.is_empty() => {
                    let order = date_order(&read);
                    assert_eq!(DateTime::from_parts(date(entry.date, order).expect(line), entry.time).to_string(), at);
                }
                found => assert!(
                    at.is_empty() && found.is_none_or(|entry| date(entry.date, DateOrder::Dmy).is_none()),
                    "{line}"
                ),
            }
        }
    }

    #[test]
    fn the_order_of_dates_is_the_one_in_which_time_runs_forward() {
        let text = "03/04/25, 10:00 - A: x\n04/04/25, 10:00 - B: x\n05/04/25, 10:00 - A: x\n01/05/25, 10:00 - A: x";
        assert_eq!(date_order(&entries(text)), DateOrder::Dmy);
        let text = "04/03/25, 10:00 - A: x\n04/04/25, 10:00 - B: x\n04/05/25, 10:00 - A: x\n05/01/25, 10:00 - A: x";
        assert_eq!(date_order(&entries(text)), DateOrder::Mdy);
    }
}
