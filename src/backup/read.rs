//! A backup read from its first byte to its last, in order.
//!
//! Apart from those who do something with it. Invariant: whoever is told of the end was told of everything before it, and
//! every count and hash was right.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::domain::media::FileHash;
use crate::limits::BACKUP_BLOCK_BYTES;

use super::BackupError;
use super::age::{FIRST_LINE, Opener};
use super::format::{BlockReader, End, Fault, Header, Kind, Row, rows};

/// Takes what a backup holds.
pub(super) trait Visitor {
    /// Which store, and when.
    fn begin(&mut self, header: &Header) -> Result<(), BackupError>;
    /// Rows of one table: keys and values.
    fn rows(&mut self, table: u8, rows: &[Row<'_>]) -> Result<(), BackupError>;
    /// A file of the shelf begins.
    fn file(&mut self) -> Result<(), BackupError>;
    /// Bytes of it.
    fn data(&mut self, bytes: &[u8]) -> Result<(), BackupError>;
    /// It ends: under which hash it lay, whether its bytes have that hash, and how many they are.
    fn file_end(&mut self, hash: FileHash, fits: bool, bytes: u64) -> Result<(), BackupError>;
    /// So many bytes of the backup were read.
    fn progress(&mut self, bytes: usize) -> Result<(), BackupError>;
}

/// Reads a backup through.
pub(super) fn read_through(
    path: &Path,
    passphrase: Option<&str>,
    visitor: &mut dyn Visitor,
) -> Result<Header, BackupError> {
    let damaged = |reason: String| BackupError::Damaged { path: path.to_owned(), reason };
    let unreadable = |error| BackupError::Refused(format!("{} cannot be read: {error}.", path.display()));
    let mut file = File::open(path).map_err(unreadable)?;
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err(BackupError::Refused(format!("{} is no file.", path.display())));
    }
    let mut first = Vec::new();
    file.by_ref().take(FIRST_LINE.len() as u64).read_to_end(&mut first).map_err(unreadable)?;
    let sealed = first == FIRST_LINE;
    let from = BufReader::with_capacity(BACKUP_BLOCK_BYTES, Cursor::new(first).chain(file));
    let outcome = match (sealed, passphrase) {
        (true, Some(passphrase)) => {
            let opener = Opener::new(from, passphrase).map_err(|error| damaged(error.to_string()))?;
            blocks(opener, visitor)
        }
        (true, None) => {
            let path = path.display();
            return Err(BackupError::Refused(format!(
                "{path} is encrypted; give its passphrase with --passphrase-file."
            )));
        }
        (false, _) => blocks(from, visitor),
    };
    outcome.map_err(|problem| match problem {
        Problem::Fault(fault) => damaged(fault.to_string()),
        Problem::Visitor(error) => error,
    })
}

/// What ended the reading.
enum Problem {
    Fault(Fault),
    Visitor(BackupError),
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<BackupError> for Problem {
    fn from(error: BackupError) -> Self {
        Self::Visitor(error)
    }
}

/// A file that is being read: under which hash it lies, what was read of it.
struct OpenFile {
    hash: FileHash,
    read: Sha256,
    bytes: u64,
}

fn blocks(from: impl Read, visitor: &mut dyn Visitor) -> Result<Header, Problem> {
    let mut reader = BlockReader::new(from)?;
    let misplaced = || Problem::Fault(Fault::Content("its blocks are in no order"));
    let (kind, content) = reader.next()?;
    if kind != Kind::Header {
        return Err(misplaced());
    }
    let header: Header = serde_json::from_slice(content).map_err(|_| Fault::Content("its header cannot be read"))?;
    visitor.begin(&header)?;
    let mut seen = End { rows: BTreeMap::new(), ..End::default() };
    let mut open: Option<OpenFile> = None;
    loop {
        let (kind, content) = reader.next()?;
        match (kind, &mut open) {
            (Kind::Rows, None) => {
                let (table, rows) = rows(content)?;
                *seen.rows.entry(table).or_default() += rows.len() as u64;
                visitor.rows(table, &rows)?;
            }
            (Kind::File, open @ None) => {
                let hash = FileHash(content.try_into().map_err(|_| misplaced())?);
                *open = Some(OpenFile { hash, read: Sha256::new(), bytes: 0 });
                visitor.file()?;
            }
            (Kind::Data, Some(file)) => {
                file.read.update(content);
                file.bytes += content.len() as u64;
                visitor.data(content)?;
            }
            (Kind::FileEnd, place @ Some(_)) => {
                let Some(file) = place.take() else { return Err(misplaced()) };
                if content != file.bytes.to_le_bytes() {
                    return Err(misplaced());
                }
                seen.files += 1;
                seen.file_bytes += file.bytes;
                let fits = file.hash == FileHash(file.read.finalize().into());
                visitor.file_end(file.hash, fits, file.bytes)?;
            }
            (Kind::End, None) => {
                let end: End = serde_json::from_slice(content).map_err(|_| Fault::Content("its end cannot be read"))?;
                if (&end.rows, end.files, end.file_bytes) != (&seen.rows, seen.files, seen.file_bytes) {
                    return Err(Fault::Content("its counts are others").into());
                }
                return Ok(header);
            }
            _ => return Err(misplaced()),
        }
        visitor.progress(content.len())?;
    }
}
