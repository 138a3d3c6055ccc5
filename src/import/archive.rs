//! The chat's text out of an export, packed (ZIP) or not.
//!
//! Apart because it is about bytes and not about chats; what little of the format exports use is read here. Invariant: a
//! file that lies about its sizes is refused, and never unpacked beyond a bound.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use flate2::read::DeflateDecoder;

use crate::limits::IMPORT_CHAT_BYTES_MAX;

/// Bytes at a ZIP's end among which its directory is looked for: a comment may follow.
const END_BYTES_MAX: u64 = 66_000;
/// Bytes of a ZIP's directory.
const DIRECTORY_BYTES_MAX: u64 = 64 * 1_024 * 1_024;

/// The text of the chat.
pub(super) fn chat_text(path: &Path) -> Result<String, String> {
    let unreadable = |error: std::io::Error| format!("{} cannot be read: {error}.", path.display());
    let mut file = File::open(path).map_err(unreadable)?;
    let mut start = [0; 4];
    let packed = file.read_exact(&mut start).is_ok() && start == *b"PK\x03\x04";
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let bytes = if packed {
        chat_entry(&mut file).map_err(unreadable)?.ok_or_else(|| {
            format!("{} has no chat in it. Export the chat again, with or without media.", path.display())
        })?
    } else {
        bounded(file).map_err(unreadable)?
    };
    String::from_utf8(bytes).map_err(|_| format!("{} is no text (UTF-8).", path.display()))
}

fn bounded(reader: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(IMPORT_CHAT_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > IMPORT_CHAT_BYTES_MAX {
        Err(std::io::Error::other("the chat is too long"))
    } else {
        Ok(bytes)
    }
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes: [u8; N] = bytes.get(at..at + N)?.try_into().ok()?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// The unpacked chat of a ZIP: its text file, `_chat.txt` before others.
fn chat_entry(file: &mut File) -> std::io::Result<Option<Vec<u8>>> {
    let broken = || std::io::Error::other("the ZIP file is damaged");
    let length = file.seek(SeekFrom::End(0))?;
    let from = length.saturating_sub(END_BYTES_MAX);
    file.seek(SeekFrom::Start(from))?;
    let mut end = Vec::new();
    file.by_ref().take(END_BYTES_MAX).read_to_end(&mut end)?;
    let at = end.windows(4).rposition(|mark| mark == b"PK\x05\x06").ok_or_else(broken)?;
    let size = number::<4>(&end, at + 12).filter(|size| *size <= DIRECTORY_BYTES_MAX).ok_or_else(broken)?;
    file.seek(SeekFrom::Start(number::<4>(&end, at + 16).ok_or_else(broken)?))?;
    let mut directory = Vec::new();
    file.by_ref().take(size).read_to_end(&mut directory)?;
    let mut best: Option<(bool, u64, u64, u64)> = None;
    let mut rest = directory.as_slice();
    while rest.starts_with(b"PK\x01\x02") {
        let field = |at| number::<2>(rest, at).ok_or_else(broken);
        let lengths = [field(28)?, field(30)?, field(32)?].map(|length| usize::try_from(length).unwrap_or(0));
        let name = String::from_utf8_lossy(rest.get(46..46 + lengths[0]).ok_or_else(broken)?).into_owned();
        let name = name.rsplit('/').next().unwrap_or_default().to_owned();
        let wide = |at| number::<4>(rest, at).ok_or_else(broken);
        let preferred = name == "_chat.txt";
        if name.to_lowercase().ends_with(".txt") && best.is_none_or(|(before, ..)| preferred && !before) {
            best = Some((preferred, field(10)?, wide(20)?, wide(42)?));
        }
        rest = rest.get(46 + lengths.iter().sum::<usize>()..).ok_or_else(broken)?;
    }
    let Some((_, method, packed, offset)) = best else { return Ok(None) };
    let mut head = [0; 30];
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(&mut head)?;
    let skip = number::<2>(&head, 26).unwrap_or(0) + number::<2>(&head, 28).unwrap_or(0);
    file.seek(SeekFrom::Start(offset + 30 + skip))?;
    let body = file.by_ref().take(packed);
    match method {
        0 => bounded(body).map(Some),
        8 => bounded(DeflateDecoder::new(body)).map(Some),
        _ => Err(std::io::Error::other("the ZIP file is packed in an unusual way")),
    }
}
