//! The file: TOML to written values with their lines.
//!
//! Apart because only this part knows TOML. Invariants: what is broken in one place hides nothing in another; a value is
//! never repeated in a mistake, for a secret may have been written there.

use std::io::Read as _;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{KEYS, SECTIONS};
use super::layers::{Layered, likely};
use super::{Mistake, Origin, Written};
use crate::limits::CONFIG_FILE_BYTES_MAX;

/// Reads a file; what it sets, and what is wrong with it.
pub(super) fn read(path: &Path) -> (Vec<Layered>, Vec<Mistake>) {
    let whole = |sentence: String| (Vec::new(), vec![Mistake { origin: Origin::File(path.to_owned(), 1), sentence }]);
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(path);
    if let Err(error) = opened.and_then(|file| file.take(CONFIG_FILE_BYTES_MAX + 1).read_to_end(&mut bytes)) {
        return whole(format!("The file cannot be read: {error}."));
    }
    if bytes.len() as u64 > CONFIG_FILE_BYTES_MAX {
        return whole(format!("The file is larger than {CONFIG_FILE_BYTES_MAX} bytes, so it is not a configuration."));
    }
    let Ok(text) = String::from_utf8(bytes) else {
        return whole("The file is not in UTF-8. Save it in that encoding.".to_owned());
    };
    let mut walk = Walk { path, text: &text, found: Vec::new(), mistakes: Vec::new() };
    let (table, errors) = DeTable::parse_recoverable(&text);
    for error in errors {
        let at = error.span().map_or(0, |span| span.start);
        walk.mistake(at, format!("This is not TOML: {}.", error.message().trim_end_matches('.')));
    }
    walk.table("", table.get_ref());
    walk.mistakes.sort_by_key(|mistake| if let Origin::File(_, line) = &mistake.origin { *line } else { 0 });
    (walk.found, walk.mistakes)
}

struct Walk<'t> {
    path: &'t Path,
    text: &'t str,
    found: Vec<Layered>,
    mistakes: Vec<Mistake>,
}

impl Walk<'_> {
    fn origin(&self, at: usize) -> Origin {
        let before = self.text.as_bytes().iter().take(at);
        Origin::File(self.path.to_owned(), before.filter(|byte| **byte == b'\n').count() + 1)
    }

    fn mistake(&mut self, at: usize, sentence: String) {
        self.mistakes.push(Mistake { origin: self.origin(at), sentence });
    }

    fn table(&mut self, section: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let name =
                if section.is_empty() { key.get_ref().to_string() } else { format!("{section}.{}", key.get_ref()) };
            let is_section = section.is_empty() && SECTIONS.iter().any(|(known, _)| *known == name);
            match (is_section, value.get_ref()) {
                (true, DeValue::Table(inner)) => self.table(&name, inner),
                (true, _) => self.mistake(
                    key.span().start,
                    format!("{name} is a section. Write [{name}] on a line of its own and its keys below it."),
                ),
                (false, _) => match KEYS.iter().find(|known| known.name == name) {
                    Some(known) => self.value(known.name, value),
                    None => {
                        let name: String = name.chars().filter(|letter| !letter.is_control()).take(80).collect();
                        self.mistake(
                            key.span().start,
                            format!("{name} is no key.{}", likely(&name, |key| key.name.to_owned())),
                        );
                    }
                },
            }
        }
    }

    fn value(&mut self, name: &'static str, value: &Spanned<DeValue<'_>>) {
        let at = value.span().start;
        let written = match value.get_ref() {
            DeValue::String(text) => Written::Text(text.to_string()),
            DeValue::Boolean(flag) => Written::Flag(*flag),
            DeValue::Integer(number) => match u32::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => Written::Number(number),
                Err(_) => return self.mistake(at, format!("{name} is out of bounds. Write a smaller whole number.")),
            },
            DeValue::Array(entries) => {
                let mut list = Vec::new();
                for entry in entries {
                    let DeValue::String(text) = entry.get_ref() else {
                        return self.mistake(
                            entry.span().start,
                            format!("{name} has an entry that is no text. Write each entry in quotation marks."),
                        );
                    };
                    list.push(text.to_string());
                }
                Written::List(list)
            }
            DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Table(_) => {
                return self.mistake(at, format!("{name} is of the wrong type. {}", super::layers::shape(name)));
            }
        };
        self.found.push(Layered { name, written, origin: self.origin(at) });
    }
}
