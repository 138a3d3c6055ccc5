//! Contacts from a table (CSV) or cards (vCard), read here and handed over some at a time.
//!
//! Invariants: a line that is no contact is named by its number and left out, and the others go on; no country is
//! guessed; the same file again changes nothing.

use std::fs::File;
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::Path;

use crate::control::{ContactRequest, Door, Request};
use crate::limits::{IMPORT_CONTACTS_BYTES_MAX, IMPORT_PART_CONTACTS_MAX, PHONE_DIGITS_MAX, PHONE_DIGITS_MIN};

use super::{table, vcard};

/// What an import of contacts came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactsTally {
    /// They were not there before.
    pub added: u64,
    /// Something was added to what was known.
    pub changed: u64,
    /// Everything was known.
    pub unchanged: u64,
    /// Lines from which nothing came, and why, in order.
    pub complaints: Vec<(u64, String)>,
}

/// A contact as a file says it: numbers as they were written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) line: u64,
    pub(super) name: Option<String>,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) phones: Vec<String>,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) tags: Vec<String>,
}

/// Contacts, and lines that are none.
pub(super) type Read = (Vec<Written>, Vec<(u64, String)>);

/// Countries where the zero before a number is part of it: Italy, San Marino, Ivory Coast, Gabon.
const ZERO_KEPT: [&str; 4] = ["39", "378", "225", "241"];

/// Imports a file, a table or cards by what is in it. `country_code` goes before numbers that are written without one.
///
/// # Errors
/// A sentence: the file cannot be read, or the store refuses.
pub fn contacts(file: &Path, country_code: Option<&str>, data: &Path) -> Result<ContactsTally, String> {
    let bytes = bytes_of(file)?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let begins = bytes.trim_ascii_start().get(..11).unwrap_or_default();
    let cards = begins.eq_ignore_ascii_case(b"BEGIN:VCARD");
    let (written, mut complaints) = if cards {
        vcard::read(bytes)
    } else {
        table::read(bytes).map_err(|sentence| format!("{}: {sentence}", file.display()))?
    };
    let mut requests = Vec::with_capacity(written.len());
    for contact in written {
        let line = contact.line;
        match request(contact, country_code) {
            Ok(request) => requests.push(request),
            Err(complaint) => complaints.push((line, complaint)),
        }
    }
    let mut tally = hand_over(requests, data)?;
    tally.complaints.extend(complaints);
    tally.complaints.sort();
    Ok(tally)
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error: std::io::Error| format!("{} cannot be read: {error}.", path.display());
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(IMPORT_CONTACTS_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > IMPORT_CONTACTS_BYTES_MAX {
        let megabytes = IMPORT_CONTACTS_BYTES_MAX / (1024 * 1024);
        return Err(format!("{} has more than {megabytes} MB; cut it in parts.", path.display()));
    }
    Ok(bytes)
}

fn hand_over(requests: Vec<ContactRequest>, data: &Path) -> Result<ContactsTally, String> {
    let mut door = Door::open(data)?;
    let (mut tally, all) = (ContactsTally::default(), requests.len());
    let mut done = 0;
    for part in requests.chunks(IMPORT_PART_CONTACTS_MAX) {
        let answer = door.ask(Request::ImportContacts { contacts: part.to_vec() })?;
        if !answer.done {
            return Err(answer.sentence);
        }
        let refused = answer.contacts.refused.len() as u64;
        tally.added += answer.contacts.added;
        tally.changed += answer.contacts.changed;
        tally.unchanged += part.len() as u64 - answer.contacts.added - answer.contacts.changed - refused;
        tally.complaints.extend(answer.contacts.refused);
        done += part.len();
        if std::io::stderr().is_terminal() {
            eprint!("\r{done} of {all} contacts");
            // A count that is not seen is no harm.
            std::io::stderr().flush().ok();
        }
    }
    if std::io::stderr().is_terminal() && all > 0 {
        eprintln!();
    }
    Ok(tally)
}

/// What the store is asked for.
fn request(written: Written, country_code: Option<&str>) -> Result<ContactRequest, String> {
    let (mut phones, mut unclear) = (Vec::new(), None);
    for phone in written.phones.iter().filter(|phone| !phone.trim().is_empty()) {
        match international(phone, country_code) {
            Ok(digits) if phones.contains(&digits) => {}
            Ok(digits) => phones.push(digits),
            Err(complaint) => unclear = Some(complaint),
        }
    }
    if phones.is_empty() {
        return Err(unclear.unwrap_or("no phone number").to_owned());
    }
    let (first_name, last_name) = match (written.first_name, written.last_name, written.name) {
        (None, None, Some(name)) => match name.split_once(char::is_whitespace) {
            Some((first, last)) => (Some(first.to_owned()), Some(last.trim().to_owned())),
            None => (Some(name), None),
        },
        (first, last, _) => (first, last),
    };
    let mut attributes: Vec<(String, String)> = Vec::new();
    for (key, value) in written.attributes {
        if attributes.iter().all(|(known, _)| *known != key) {
            attributes.push((key, value));
        }
    }
    let mut tags: Vec<String> = Vec::new();
    for tag in written.tags {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Ok(ContactRequest { line: written.line, first_name, last_name, phones, attributes, tags })
}

/// The digits of a number with its country code (E.164), as it was written or with the code of a country that was named.
fn international(written: &str, country_code: Option<&str>) -> Result<String, &'static str> {
    let written = written.trim();
    let written = written.strip_prefix('\'').unwrap_or(written);
    let written = written.strip_prefix("tel:").unwrap_or(written);
    // An extension is no part of the number.
    let written = written.split([';', 'x', 'X']).next().unwrap_or_default();
    // The trunk prefix that some write between: +44 (0)20.
    let written = written.replace("(0)", "");
    if written.chars().any(|mark| !mark.is_ascii_digit() && !"+ \u{a0}\u{202f}-./()\t".contains(mark)) {
        return Err("this is no phone number");
    }
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let digits = if written.trim_start().starts_with('+') {
        digits
    } else if let Some(rest) = digits.strip_prefix("00") {
        rest.to_owned()
    } else {
        match country_code {
            Some(code) if ZERO_KEPT.contains(&code) => format!("{code}{digits}"),
            Some(code) => format!("{code}{}", digits.strip_prefix('0').unwrap_or(&digits)),
            None => return Err("the number has no country code; name one with --country-code"),
        }
    };
    let fits = (PHONE_DIGITS_MIN..=PHONE_DIGITS_MAX).contains(&digits.len()) && !digits.starts_with('0');
    if fits { Ok(digits) } else { Err("this is no phone number") }
}

/// What was written, without the blanks around it; nothing where there is nothing.
pub(super) fn plain(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::international;

    #[test]
    fn numbers_become_international_and_no_country_is_guessed() {
        for (written, code, expected) in [
            ("+49 (0)170 / 123-45 67", None, Ok("491701234567")),
            ("0049 170 1234567", None, Ok("491701234567")),
            ("tel:+1-555-010-0123;ext=5", None, Ok("15550100123")),
            ("'+15550100123", None, Ok("15550100123")),
            ("0170 1234567", Some("49"), Ok("491701234567")),
            ("(555) 010-0123", Some("1"), Ok("15550100123")),
            ("06 6982 0000", Some("39"), Ok("390669820000")),
            ("+44 20 7946 0000", Some("49"), Ok("442079460000")),
        ] {
            assert_eq!(international(written, code), expected.map(str::to_owned), "{written}");
        }
        for (written, code) in
            [("0170 1234567", None), ("call me", Some("49")), ("+49", None), ("", Some("49")), ("+0123456789", None)]
        {
            assert!(international(written, code).is_err(), "{written}");
        }
    }
}
