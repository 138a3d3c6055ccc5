//! Contacts from a table: a line of column names in any order, then a contact a line.
//!
//! Commas, semicolons and tabs are told apart by the line of names. A column that is none of ours becomes an attribute.
//! Invariant: what this program exports is read again as it was.

use super::contacts::{Read, Written, plain};
use crate::limits::IMPORT_COLUMNS_MAX;

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Column {
    Name,
    FirstName,
    LastName,
    Phone,
    Tags,
    /// `Key: value`, one a line.
    Attributes,
    Attribute(String),
    /// Of our own export, and of no use here.
    Ignored,
}

impl Column {
    fn of(name: &str) -> Self {
        let folded: String = name.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
        match folded.as_str() {
            "name" | "fullname" | "displayname" | "fn" => Self::Name,
            "firstname" | "givenname" | "vorname" | "forename" => Self::FirstName,
            "lastname" | "familyname" | "surname" | "nachname" => Self::LastName,
            "tags" | "tag" | "categories" | "labels" | "groupmembership" => Self::Tags,
            "attributes" => Self::Attributes,
            "id" | "otheraddresses" | "blocked" | "marketingstopped" | "" => Self::Ignored,
            other if is_phone(other) => Self::Phone,
            _ => Self::Attribute(name.trim().to_owned()),
        }
    }
}

/// `phone`, `Phone 2 - Value`, `Mobile`, `Telefon 1`, and not `Phone 1 - Type`.
fn is_phone(folded: &str) -> bool {
    let plain: String = folded.chars().filter(|letter| !letter.is_ascii_digit()).collect();
    const NAMES: [&str; 14] = [
        "phone",
        "phones",
        "phonenumber",
        "phonenumbers",
        "mobile",
        "mobilephone",
        "mobilenumber",
        "cell",
        "cellphone",
        "tel",
        "telephone",
        "telefon",
        "handy",
        "whatsapp",
    ];
    NAMES.contains(&plain.as_str()) || plain.strip_suffix("value").is_some_and(|name| NAMES.contains(&name))
}

/// Reads a table.
pub(super) fn read(bytes: &[u8]) -> Result<Read, String> {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter(bytes)).has_headers(false).flexible(true).from_reader(bytes);
    let mut rows = reader.byte_records();
    let header = match rows.next() {
        Some(Ok(header)) => header,
        Some(Err(error)) => return Err(format!("the line of column names cannot be read: {error}.")),
        None => return Err("the file is empty.".to_owned()),
    };
    if header.len() > IMPORT_COLUMNS_MAX {
        return Err(format!("there are more than {IMPORT_COLUMNS_MAX} columns."));
    }
    let columns: Vec<Column> = header.iter().map(|name| Column::of(&String::from_utf8_lossy(name))).collect();
    if !columns.contains(&Column::Phone) {
        return Err("the first line names no column `phone`.".to_owned());
    }
    let (mut contacts, mut complaints) = (Vec::new(), Vec::new());
    for row in rows {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                complaints.push((line, "this line cannot be read".to_owned()));
                if error.is_io_error() {
                    break;
                }
                continue;
            }
        };
        let line = row.position().map_or(0, csv::Position::line);
        if row.iter().all(|cell| cell.trim_ascii().is_empty()) {
            continue;
        }
        match contact(line, &columns, &row) {
            Ok(contact) => contacts.push(contact),
            Err(complaint) => complaints.push((line, complaint)),
        }
    }
    Ok((contacts, complaints))
}

fn contact(line: u64, columns: &[Column], row: &csv::ByteRecord) -> Result<Written, String> {
    let mut contact = Written { line, ..Written::default() };
    if row.len() > columns.len() {
        return Err(format!("there are {} cells for {} columns", row.len(), columns.len()));
    }
    for (column, cell) in columns.iter().zip(row.iter()) {
        let cell = std::str::from_utf8(cell).map_err(|_| "this line is no text (UTF-8)".to_owned())?;
        let Some(cell) = plain(unarmed(cell)) else { continue };
        match column {
            Column::Name => contact.name = Some(cell),
            Column::FirstName => contact.first_name = Some(cell),
            Column::LastName => contact.last_name = Some(cell),
            // Some programs put several numbers into one cell.
            Column::Phone => contact.phones.extend(cell.split(['\n', ';', '|']).filter_map(plain)),
            Column::Tags => contact.tags.extend(cell.split(['\n', ';', ',', '|']).filter_map(plain)),
            Column::Attributes => contact.attributes.extend(cell.lines().filter_map(pair)),
            Column::Attribute(key) => contact.attributes.push((key.clone(), cell)),
            Column::Ignored => {}
        }
    }
    Ok(contact)
}

fn pair(line: &str) -> Option<(String, String)> {
    let (key, value) = line.split_once(':')?;
    Some((plain(key)?, plain(value)?))
}

/// A cell without the apostrophe that keeps a spreadsheet from taking it for a formula.
fn unarmed(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r']) => rest,
        _ => cell,
    }
}

/// What stands between the names of the columns.
fn delimiter(bytes: &[u8]) -> u8 {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut quoted = false;
    let mut counts = [(b',', 0_u32), (b';', 0), (b'\t', 0)];
    for byte in first {
        quoted ^= *byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(mark, _)| mark == byte && !quoted) {
            *count += 1;
        }
    }
    // Of two that are as frequent the first.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(mark, _)| *mark)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn columns_stand_in_any_order_and_language_of_separators() {
        let (contacts, complaints) = read(
            "City;Phone 1 - Value;\"First name\";Tags\n\
             \"Köln; Nippes\";+49 170 1;Ana;vip, new\n\
             ;;;\n\
             Bonn;\"+49 170 2\n+49 170 3\";Ben;\n"
                .as_bytes(),
        )
        .expect("a table");
        assert!(complaints.is_empty(), "{complaints:?}");
        let [ana, ben] = contacts.as_slice() else { panic!("two contacts: {contacts:?}") };
        assert_eq!((ana.line, ana.first_name.as_deref()), (2, Some("Ana")));
        assert_eq!(ana.attributes, [("City".to_owned(), "Köln; Nippes".to_owned())]);
        assert_eq!(ana.tags, ["vip", "new"]);
        assert_eq!((ben.line, ben.phones.len()), (4, 2));
    }

    #[test]
    fn lines_that_are_no_contact_are_named_and_the_others_read() {
        let mut bytes = b"name,phone\nAna,+1\n".to_vec();
        bytes.extend_from_slice(b"\xff\xfe,+2\n");
        bytes.extend_from_slice(b"Ben,+3,too,many\nCleo,+4\n");
        let (contacts, complaints) = read(&bytes).expect("a table");
        assert_eq!(contacts.iter().map(|contact| contact.line).collect::<Vec<_>>(), [2, 5]);
        assert_eq!(complaints.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 4]);
    }

    #[test]
    fn a_table_without_numbers_is_refused() {
        assert!(read(b"name,city\nAna,Bonn\n").expect_err("no column of numbers").contains("phone"));
        assert!(read(b"").is_err());
    }
}
