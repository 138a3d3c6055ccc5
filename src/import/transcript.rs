//! JSON lines with `conversation`, `seq`, `author` and `text`, and where known `ts`, `phone` and `name`.
//!
//! Invariant: a bad line is named by its number; what was imported before it stays, and importing again goes on.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use serde::Deserialize;

use crate::control::{SaidBy, SaidRequest};
use crate::limits::IMPORT_LINE_BYTES_MAX;

use super::{Feeder, Tally, With, dates};

#[derive(Deserialize)]
struct Line {
    conversation: String,
    seq: u64,
    author: SaidBy,
    text: String,
    /// Milliseconds, seconds, or a date as in RFC 3339.
    ts: Option<serde_json::Value>,
    phone: Option<String>,
    name: Option<String>,
}

/// Lines without a time stand a second apart, the last one now.
const STEP_MS: i64 = 1_000;

pub(super) fn import(path: &Path, mut feeder: Feeder) -> Result<Tally, String> {
    let open = || File::open(path).map_err(|error| format!("{} cannot be read: {error}.", path.display()));
    feeder.of = count_lines(open()?).map_err(|error| format!("{} cannot be read: {error}.", path.display()))?;
    let now = dates::now();
    let of = feeder.of;
    let mut lines = BufReader::new(open()?);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let problem = |words: String| format!("{}, line {number}: {words}", path.display());
        let bytes = lines.by_ref().take(IMPORT_LINE_BYTES_MAX as u64 + 1).read_until(b'\n', &mut line);
        let bytes = bytes.map_err(|error| problem(format!("{error}.")))?;
        if bytes == 0 {
            break;
        }
        if bytes > IMPORT_LINE_BYTES_MAX {
            return Err(problem("longer than a megabyte.".to_owned()));
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let said: Line = serde_json::from_slice(&line).map_err(|error| problem(format!("{error}.")))?;
        let at = match &said.ts {
            None => now - i64::try_from(of.saturating_sub(number)).unwrap_or(0) * STEP_MS,
            Some(ts) => dates::stamp(ts).ok_or_else(|| problem("`ts` is no time.".to_owned()))?,
        };
        let phone = said.phone.as_deref().map(digits);
        let phone = phone.filter(|phone| !phone.is_empty());
        let with = With { conversation: &said.conversation, phone: phone.as_deref(), name: said.name.as_deref() };
        let said = SaidRequest { number: said.seq, by: said.author, at, kind: None, text: said.text };
        feeder.add(&with, said).map_err(problem)?;
    }
    feeder.finish()
}

/// The digits of a phone number.
pub(super) fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

fn count_lines(file: File) -> std::io::Result<u64> {
    let mut reader = BufReader::with_capacity(256 * 1_024, file);
    let mut lines = 0;
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            return Ok(lines);
        }
        lines += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        let length = bytes.len();
        reader.consume(length);
    }
}
