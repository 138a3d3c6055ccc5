//! Reads everything and says what was checked: a backup's file, or the data themselves.
//!
//! Invariant: nothing is changed.

use std::io::Read as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::domain::media::FileHash;
use crate::limits::BACKUP_BLOCK_BYTES;
use crate::media::Shelf;
use crate::store::{Checked, Checker, Dump};

use super::BackupError;
use super::format::{Header, Row};
use super::pace::Pace;
use super::read::{Visitor, read_through};

/// What a check found.
pub struct Verified {
    /// What was checked, in words.
    pub about: String,
    /// What was found.
    pub checked: Checked,
}

impl Verified {
    /// Lines for a person: what was checked, and what is not whole.
    #[must_use]
    pub fn report(&self) -> String {
        let Self { about, checked } = self;
        let mut lines = vec![about.clone()];
        let rows = checked.rows.iter().filter(|(_, rows)| **rows > 0);
        let tables: Vec<String> = rows.map(|(table, rows)| format!("{table} {rows}")).collect();
        lines.push(format!(
            "Rows, each decoded and its checksum compared: {} ({}).",
            checked.rows_total(),
            tables.join(", ")
        ));
        lines.push(format!("References followed: {}; indexes compared from both ends.", checked.references));
        lines.push(format!("Files hashed: {} with {} bytes.", checked.files, checked.file_bytes));
        if checked.findings_total == 0 {
            lines.push("Everything is whole.".to_owned());
        } else {
            lines.push(format!("Not whole, in {} places:", checked.findings_total));
            lines.extend(checked.findings.iter().cloned());
        }
        lines.join("\n")
    }
}

/// Reads a backup and checks everything in it.
///
/// # Errors
/// `Damaged` when it is not what was written, `Refused` when it cannot be read or the passphrase is missing.
pub fn verify_file(path: &Path, passphrase: Option<&str>) -> Result<Verified, BackupError> {
    let (header, checked) = check_file(path, passphrase, &mut Pace::full(None))?;
    let made = jiff::Timestamp::from_millisecond(header.made_at)
        .map_or_else(|_| "?".to_owned(), |at| at.strftime("%F %T UTC").to_string());
    let files = if header.files { "" } else { " without the files, which were left in their place" };
    let about = format!(
        "Backup of store {} (layout {}) as of event {}, made {made} by Deskbell {}{files}.",
        &header.store.get(..8).unwrap_or_default(),
        header.format,
        header.head,
        header.program
    );
    Ok(Verified { about, checked })
}

/// Reads a backup and checks everything in it, at this pace.
pub(super) fn check_file(
    path: &Path,
    passphrase: Option<&str>,
    pace: &mut Pace<'_>,
) -> Result<(Header, Checked), BackupError> {
    let mut reading = Reading { checker: Checker::new(), pace };
    let header = read_through(path, passphrase, &mut reading)?;
    Ok((header.clone(), reading.checker.finish(header.files)))
}

struct Reading<'a, 'b> {
    checker: Checker,
    pace: &'a mut Pace<'b>,
}

impl Visitor for Reading<'_, '_> {
    fn begin(&mut self, header: &Header) -> Result<(), BackupError> {
        Ok(crate::store::Filler::knows(header.format)?)
    }

    fn rows(&mut self, table: u8, rows: &[Row<'_>]) -> Result<(), BackupError> {
        for (key, value) in rows {
            self.checker.row(table, key, value);
        }
        Ok(())
    }

    fn file(&mut self) -> Result<(), BackupError> {
        Ok(())
    }

    fn data(&mut self, _: &[u8]) -> Result<(), BackupError> {
        Ok(())
    }

    fn file_end(&mut self, hash: FileHash, fits: bool, bytes: u64) -> Result<(), BackupError> {
        take_file(&mut self.checker, hash, fits, bytes);
        Ok(())
    }

    fn progress(&mut self, bytes: usize) -> Result<(), BackupError> {
        if self.pace.did(bytes)? {
            self.pace.rest();
        }
        Ok(())
    }
}

/// Tells the checker of a file.
pub(super) fn take_file(checker: &mut Checker, hash: FileHash, fits: bool, bytes: u64) {
    if fits {
        checker.file(hash, bytes);
    } else {
        checker.note(format!("File {}: its bytes are not those that it is named by.", &hash.hex()[..12]));
    }
}

/// Reads everything that a store holds and the files of its shelf.
///
/// # Errors
/// The database cannot be read, or it was closed meanwhile.
pub fn verify_data(dump: &Dump, shelf: &Shelf, gentle: bool) -> Result<Verified, BackupError> {
    let mut pace = if gentle { Pace::gentle(dump) } else { Pace::full(Some(dump)) };
    let mut checker = Checker::new();
    dump.each_row(&mut |table, key, value| {
        checker.row(table, key, value);
        if pace.did(key.len() + value.len())? {
            pace.rest();
        }
        Ok::<_, BackupError>(())
    })?;
    let mut buffer = vec![0; BACKUP_BLOCK_BYTES];
    dump.each_file(&mut |file| {
        let Ok(mut from) = shelf.open(file.hash) else { return Ok(()) };
        let (mut read, mut bytes) = (Sha256::new(), 0);
        // A file that cannot be read on does not have its hash.
        while let Some(length) = from.read(&mut buffer).ok().filter(|length| *length > 0) {
            read.update(&buffer[..length]);
            bytes += length as u64;
            if pace.did(length)? {
                pace.rest();
            }
        }
        take_file(&mut checker, file.hash, file.hash == FileHash(read.finalize().into()), bytes);
        Ok::<_, BackupError>(())
    })?;
    let moment = dump.moment();
    let about = format!("Store {} (layout {}) as of event {}.", moment.tag, moment.format, moment.head);
    Ok(Verified { about, checked: checker.finish(true) })
}
