//! Contacts from cards: vCard 2.1 (RFC-less), 3.0 (RFC 2426) and 4.0 (RFC 6350), as phones and address books write them.
//!
//! Names, numbers, mail addresses, organisations and categories are taken; pictures and the rest are passed over.
//! Invariant: a card that cannot be read is named by the line on which it begins, and the next one is read.

use super::contacts::{Read, Written, plain};

/// Lines of one card; what is longer (a picture) is passed over with its card.
const CARD_LINES_MAX: usize = 20_000;

/// Reads cards.
pub(super) fn read(bytes: &[u8]) -> Read {
    let (mut contacts, mut complaints) = (Vec::new(), Vec::new());
    let mut card: Option<(u64, Vec<Vec<u8>>)> = None;
    for (number, line) in unfolded(bytes) {
        let trimmed = line.trim_ascii();
        if trimmed.eq_ignore_ascii_case(b"BEGIN:VCARD") {
            if let Some((begun, _)) = card.replace((number, Vec::new())) {
                complaints.push((begun, "the card does not end".to_owned()));
            }
        } else if trimmed.eq_ignore_ascii_case(b"END:VCARD") {
            match card.take() {
                Some((begun, lines)) => match contact(begun, &lines) {
                    Ok(contact) => contacts.push(contact),
                    Err(complaint) => complaints.push((begun, complaint)),
                },
                None => complaints.push((number, "the end of a card that did not begin".to_owned())),
            }
        } else if let Some((_, lines)) = &mut card {
            if lines.len() < CARD_LINES_MAX {
                lines.push(line);
            }
        } else if !trimmed.is_empty() {
            complaints.push((number, "this line is in no card".to_owned()));
        }
    }
    if let Some((begun, _)) = card {
        complaints.push((begun, "the card does not end".to_owned()));
    }
    (contacts, complaints)
}

/// Lines with those that continue them, and the number of the first one.
fn unfolded(bytes: &[u8]) -> Vec<(u64, Vec<u8>)> {
    let mut lines: Vec<(u64, Vec<u8>)> = Vec::new();
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match lines.last_mut() {
            Some((_, last)) if line.starts_with(b" ") || line.starts_with(b"\t") => last.extend_from_slice(&line[1..]),
            // A soft line break of quoted-printable (2.1).
            Some((_, last)) if last.ends_with(b"=") && is_quoted_printable(last) => {
                last.pop();
                last.extend_from_slice(line);
            }
            _ => lines.push((number, line.to_vec())),
        }
    }
    lines
}

fn is_quoted_printable(line: &[u8]) -> bool {
    let head = line.split(|byte| *byte == b':').next().unwrap_or_default();
    head.to_ascii_uppercase().windows(16).any(|part| part == b"QUOTED-PRINTABLE")
}

fn contact(line: u64, lines: &[Vec<u8>]) -> Result<Written, String> {
    let mut contact = Written { line, ..Written::default() };
    for line in lines {
        let Some(place) = line.iter().position(|byte| *byte == b':') else { continue };
        let head = String::from_utf8_lossy(&line[..place]).to_uppercase();
        let name = head.split(';').next().unwrap_or_default();
        // `item1.TEL`: the group does not matter.
        let name = name.rsplit('.').next().unwrap_or_default();
        if !matches!(name, "FN" | "N" | "TEL" | "EMAIL" | "ORG" | "CATEGORIES") {
            continue;
        }
        let value = if is_quoted_printable(line) { unquoted(&line[place + 1..]) } else { line[place + 1..].to_vec() };
        let value = String::from_utf8(value).map_err(|_| "the card is no text (UTF-8)".to_owned())?;
        match name {
            "FN" => contact.name = plain(&unescaped(&value)),
            "N" => {
                let mut parts = split(&value, ';').into_iter();
                contact.last_name = parts.next().as_deref().and_then(plain);
                contact.first_name = parts.next().as_deref().and_then(plain);
            }
            "TEL" => contact.phones.extend(plain(&value)),
            "EMAIL" => contact.attributes.extend(plain(&unescaped(&value)).map(|mail| ("E-mail".to_owned(), mail))),
            "ORG" => {
                let parts: Vec<String> = split(&value, ';').iter().filter_map(|part| plain(part)).collect();
                contact.attributes.extend(plain(&parts.join(", ")).map(|org| ("Organisation".to_owned(), org)));
            }
            _ => contact.tags.extend(split(&value, ',').iter().filter_map(|tag| plain(tag))),
        }
    }
    Ok(contact)
}

/// The parts of a value between separators that are not escaped.
fn split(value: &str, separator: char) -> Vec<String> {
    let (mut parts, mut part, mut escaped) = (Vec::new(), String::new(), false);
    for letter in value.chars() {
        if escaped {
            part.push(if matches!(letter, 'n' | 'N') { '\n' } else { letter });
            escaped = false;
        } else if letter == '\\' {
            escaped = true;
        } else if letter == separator {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(letter);
        }
    }
    parts.push(part);
    parts
}

fn unescaped(value: &str) -> String {
    // No text holds this separator.
    split(value, '\0').concat()
}

/// The bytes of a quoted-printable value (RFC 2045); what is no code stays as it is.
fn unquoted(value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| byte == b'=') {
            Some(code) => {
                bytes.push(code);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn cards_of_three_versions_are_read() {
        let text = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana Souza\r\nN:Souza;Ana;;;\r\n\
             item1.TEL;TYPE=CELL:+49 170 1234567\r\nTEL:+49 30 1234567\r\nEMAIL:ana@example.com\r\nORG:Caf\u{e9}\\, Bar;Sale\r\n s\r\n\
             CATEGORIES:vip,old\\, loyal\r\nPHOTO;ENCODING=b:AAAA\r\n AAAA\r\nEND:VCARD\r\n\
             BEGIN:VCARD\nVERSION:4.0\nFN:Ben\nTEL;VALUE=uri:tel:+1-555-010-0123\nEND:VCARD\n\
             BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=\n=BCrgen\nTEL;CELL:0170 1\nEND:VCARD\n";
        let (contacts, complaints) = read(text.as_bytes());
        assert!(complaints.is_empty(), "{complaints:?}");
        let [ana, ben, jurgen] = contacts.as_slice() else { panic!("three contacts: {contacts:?}") };
        assert_eq!((ana.first_name.as_deref(), ana.last_name.as_deref()), (Some("Ana"), Some("Souza")));
        assert_eq!(ana.phones, ["+49 170 1234567", "+49 30 1234567"]);
        let attribute = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(
            ana.attributes,
            [attribute("E-mail", "ana@example.com"), attribute("Organisation", "Caf\u{e9}, Bar, Sales")]
        );
        assert_eq!(ana.tags, ["vip", "old, loyal"]);
        assert_eq!(ben.phones, ["tel:+1-555-010-0123"]);
        assert_eq!((jurgen.line, jurgen.name.as_deref()), (19, Some("J\u{fc}rgen")));
    }

    #[test]
    fn what_is_no_card_is_named_by_its_line() {
        let (contacts, complaints) =
            read(b"BEGIN:VCARD\nFN:A\nBEGIN:VCARD\nFN:\xff\xfe\nEND:VCARD\nnonsense\nEND:VCARD\n");
        assert!(contacts.is_empty());
        assert_eq!(complaints.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3, 6, 7]);
    }
}
