//! The bytes of a backup, written and read block by block.
//!
//! A file is the line `deskbell backup 1`, then blocks, and nothing after the last. A block is its kind (one byte), its
//! number (four, from 0), the length of its content (four), a CRC-32 of all these and the content (four), then the
//! content; numbers are little-endian. Kinds: 1 header (JSON), 2 rows of one table (the table's number, then for each
//! row the lengths of key and value, four bytes each, key and value), 3 a file begins (its SHA-256), 4 bytes of it, 5 it
//! ends (how many there were, eight bytes), 6 end (JSON, with counts and the SHA-256 of everything before this block).
//! Invariant: a changed, missing, added or misplaced byte anywhere is noticed.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::domain::hex::hex;
use crate::limits::{BACKUP_BLOCK_BYTES, RECORD_BYTES_MAX};

/// What a file begins with, before its version.
const MAGIC: &[u8] = b"deskbell backup ";
/// The version of this layout, with the end of the line.
const VERSION: &[u8] = b"1\n";
/// Kind, number, length, checksum.
const HEAD_BYTES: usize = 13;
/// Longest content: a full block and one more row.
const CONTENT_BYTES_MAX: usize = RECORD_BYTES_MAX + 2 * BACKUP_BLOCK_BYTES;

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// Which store, and when.
    Header = 1,
    /// Rows of one table.
    Rows = 2,
    /// A file of the shelf begins.
    File = 3,
    /// Bytes of it.
    Data = 4,
    /// It ends.
    FileEnd = 5,
    /// Nothing follows.
    End = 6,
}

impl Kind {
    fn of(code: u8) -> Option<Self> {
        [Self::Header, Self::Rows, Self::File, Self::Data, Self::FileEnd, Self::End]
            .into_iter()
            .find(|kind| *kind as u8 == code)
    }
}

/// What a backup says of itself first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    /// The store's id.
    pub(super) store: String,
    /// The number of its tables' layout.
    pub(super) format: u32,
    /// The journal's head.
    pub(super) head: u64,
    /// When something had happened last, milliseconds since 1970.
    pub(super) at: i64,
    /// When the backup was made.
    pub(super) made_at: i64,
    /// By which version of the program.
    pub(super) program: String,
    /// Whether the files of the shelf are in it; else they were left in their place.
    pub(super) files: bool,
}

/// What it says last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct End {
    /// Rows by the number of their table.
    pub(super) rows: BTreeMap<u8, u64>,
    /// Files of the shelf.
    pub(super) files: u64,
    /// Their bytes.
    pub(super) file_bytes: u64,
    /// SHA-256 of everything before, hexadecimal.
    pub(super) sha256: String,
}

/// Why bytes are no backup.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// Something else.
    #[error("it is no backup of Deskbell, or its first bytes are damaged")]
    Foreign,
    /// By a later program.
    #[error("a newer Deskbell made it; use that version, or a later one")]
    Newer,
    /// Its end is missing.
    #[error("it is cut short after {0} bytes")]
    Short(u64),
    /// A block is not what was written.
    #[error("it is damaged: the block that begins at byte {0} of its content is not what was written")]
    Block(u64),
    /// Blocks are sound, and do not fit together.
    #[error("it is damaged: {0}")]
    Content(&'static str),
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Io(io::Error),
}

/// Writes blocks.
pub(super) struct BlockWriter<W> {
    to: W,
    hash: Sha256,
    number: u32,
    /// Rows of one table that are not written yet, behind the table's number.
    rows: Vec<u8>,
    end: End,
}

impl<W: Write> BlockWriter<W> {
    /// Begins a file.
    pub(super) fn new(to: W, header: &Header) -> io::Result<Self> {
        let mut writer = Self { to, hash: Sha256::new(), number: 0, rows: Vec::new(), end: End::default() };
        writer.put(MAGIC)?;
        writer.put(VERSION)?;
        writer.block(Kind::Header, &serde_json::to_vec(header)?)?;
        Ok(writer)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.to.write_all(bytes)
    }

    fn block(&mut self, kind: Kind, content: &[u8]) -> io::Result<()> {
        let length = u32::try_from(content.len()).map_err(io::Error::other)?;
        let head = head(kind as u8, self.number, length, content);
        self.number += 1;
        self.put(&head)?;
        self.put(content)
    }

    fn flush_rows(&mut self) -> io::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.rows);
        self.block(Kind::Rows, &rows)?;
        self.rows = rows;
        self.rows.clear();
        Ok(())
    }

    /// Appends a row.
    pub(super) fn row(&mut self, table: u8, key: &[u8], value: &[u8]) -> io::Result<()> {
        if self.rows.first().is_some_and(|last| *last != table) || self.rows.len() >= BACKUP_BLOCK_BYTES {
            self.flush_rows()?;
        }
        if self.rows.is_empty() {
            self.rows.push(table);
        }
        for part in [key, value] {
            self.rows.extend_from_slice(&u32::try_from(part.len()).map_err(io::Error::other)?.to_le_bytes());
        }
        self.rows.extend_from_slice(key);
        self.rows.extend_from_slice(value);
        *self.end.rows.entry(table).or_default() += 1;
        Ok(())
    }

    /// Appends a file: what `from` still gives. How many bytes that were.
    pub(super) fn file(&mut self, hash: &[u8; 32], from: &mut dyn Read) -> io::Result<u64> {
        self.flush_rows()?;
        self.block(Kind::File, hash)?;
        let mut bytes = 0;
        let mut piece = Vec::with_capacity(BACKUP_BLOCK_BYTES);
        loop {
            piece.clear();
            // A file that cannot be read on ends here; whoever checks the backup sees that it is not whole.
            if let Err(error) = Read::take(&mut *from, BACKUP_BLOCK_BYTES as u64).read_to_end(&mut piece) {
                tracing::error!(%error, "a file cannot be read to its end for the backup");
            }
            if piece.is_empty() {
                break;
            }
            bytes += piece.len() as u64;
            self.block(Kind::Data, &piece)?;
        }
        self.block(Kind::FileEnd, &bytes.to_le_bytes())?;
        self.end.files += 1;
        self.end.file_bytes += bytes;
        Ok(bytes)
    }

    /// Writes the end.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.flush_rows()?;
        self.end.sha256 = hex(&self.hash.clone().finalize());
        let end = serde_json::to_vec(&self.end)?;
        self.block(Kind::End, &end)?;
        Ok(self.to)
    }
}

fn head(kind: u8, number: u32, length: u32, content: &[u8]) -> [u8; HEAD_BYTES] {
    let mut head = [0; HEAD_BYTES];
    head[0] = kind;
    head[1..5].copy_from_slice(&number.to_le_bytes());
    head[5..9].copy_from_slice(&length.to_le_bytes());
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(&head[..9]);
    checksum.update(content);
    head[9..].copy_from_slice(&checksum.finalize().to_le_bytes());
    head
}

/// Reads blocks.
pub(super) struct BlockReader<R> {
    from: R,
    hash: Sha256,
    number: u32,
    place: u64,
    content: Vec<u8>,
}

impl<R: Read> BlockReader<R> {
    /// Reads the first line.
    pub(super) fn new(from: R) -> Result<Self, Fault> {
        let mut reader = Self { from, hash: Sha256::new(), number: 0, place: 0, content: Vec::new() };
        let mut line = [0; MAGIC.len() + VERSION.len()];
        reader
            .fill(&mut line)
            .map_err(|fault| if matches!(fault, Fault::Short(_)) { Fault::Foreign } else { fault })?;
        reader.hash.update(line);
        match line.strip_prefix(MAGIC) {
            Some(VERSION) => Ok(reader),
            Some([b'2'..=b'9', _]) => Err(Fault::Newer),
            Some(_) | None => Err(Fault::Foreign),
        }
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Fault> {
        let mut filled = 0;
        while filled < bytes.len() {
            match self.from.read(&mut bytes[filled..]) {
                Ok(0) => return Err(Fault::Short(self.place + filled as u64)),
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Fault::Io(error)),
            }
        }
        self.place += bytes.len() as u64;
        Ok(())
    }

    /// The next block: its kind, and its content.
    pub(super) fn next(&mut self) -> Result<(Kind, &[u8]), Fault> {
        let begin = self.place;
        let mut read = [0; HEAD_BYTES];
        self.fill(&mut read)?;
        let length = u32::from_le_bytes(read[5..9].try_into().expect("four bytes"));
        let size = usize::try_from(length).unwrap_or(usize::MAX);
        let kind = Kind::of(read[0]).filter(|_| size <= CONTENT_BYTES_MAX).ok_or(Fault::Block(begin))?;
        let mut content = std::mem::take(&mut self.content);
        content.resize(size, 0);
        self.fill(&mut content)?;
        if head(read[0], self.number, length, &content) != read {
            return Err(Fault::Block(begin));
        }
        self.number += 1;
        if kind == Kind::End {
            self.end(&content)?;
        } else {
            self.hash.update(read);
            self.hash.update(&content);
        }
        self.content = content;
        Ok((kind, &self.content))
    }

    /// The end says what everything before it was, and nothing follows.
    fn end(&mut self, content: &[u8]) -> Result<(), Fault> {
        let end: End = serde_json::from_slice(content).map_err(|_| Fault::Content("its end cannot be read"))?;
        if end.sha256 != hex(&self.hash.clone().finalize()) {
            return Err(Fault::Content("its SHA-256 is another one"));
        }
        match self.fill(&mut [0]) {
            Err(Fault::Short(_)) => Ok(()),
            Ok(()) => Err(Fault::Content("something follows its end")),
            Err(fault) => Err(fault),
        }
    }
}

/// Key and value.
pub(super) type Row<'a> = (&'a [u8], &'a [u8]);

/// The table and the rows of a block.
pub(super) fn rows(content: &[u8]) -> Result<(u8, Vec<Row<'_>>), Fault> {
    let damaged = Fault::Content("a row is cut");
    let Some((table, mut rest)) = content.split_first() else { return Err(damaged) };
    let mut rows = Vec::new();
    while !rest.is_empty() {
        let Some((row, following)) = first_row(rest) else { return Err(damaged) };
        rows.push(row);
        rest = following;
    }
    Ok((*table, rows))
}

/// Key and value of the first row, and what follows it.
fn first_row(bytes: &[u8]) -> Option<(Row<'_>, &[u8])> {
    let (key_length, rest) = bytes.split_first_chunk()?;
    let (value_length, rest) = rest.split_first_chunk()?;
    let (key, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*key_length)).ok()?)?;
    let (value, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*value_length)).ok()?)?;
    Some(((key, value), rest))
}
