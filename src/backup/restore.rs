//! A data directory from a backup.
//!
//! Invariants: only a directory that is missing or empty is written into; until the very end it cannot be opened as a
//! store, and a restore that fails takes away what it wrote; what was restored is read back and checked.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use crate::domain::media::FileHash;
use crate::limits::BACKUP_BLOCK_BYTES;
use crate::media::{Draft, Shelf};
use crate::store::{Dump, Filler, StoreOptions};

use super::format::{Header, Row};
use super::read::{Visitor, read_through};
use super::verify::{Verified, verify_data};
use super::{BackupError, upgrade};

/// A directory that was restored.
pub struct Restored {
    /// What was read back from it.
    pub verified: Verified,
}

/// Restores a backup into a directory that is missing or empty.
///
/// # Errors
/// `Refused` when the directory is not empty or the passphrase is missing; `Damaged` when the backup is not whole; else
/// what could not be written. The directory is left as it was found.
pub fn restore(
    path: &Path,
    data: &Path,
    passphrase: Option<&str>,
    options: &StoreOptions,
) -> Result<Restored, BackupError> {
    // Before a directory is made for it.
    File::open(path).map_err(|error| BackupError::Refused(format!("{} cannot be read: {error}.", path.display())))?;
    let site = Site::prepare(data)?;
    let mut filling = Filling {
        shelf: Shelf::of(data),
        left_behind: upgrade::shelf_beside(path),
        filler: Filler::create(data)?,
        draft: None,
        wanted: Vec::new(),
        files: true,
    };
    read_through(path, passphrase, &mut filling)?;
    filling.fetch_left_behind().map_err(BackupError::write(data))?;
    let failed = BackupError::write(data);
    let shelf = data.join("media");
    if shelf.exists() {
        File::open(&shelf).and_then(|shelf| shelf.sync_all()).map_err(failed)?;
    }
    filling.filler.finish()?;
    site.keep();
    let dump = Dump::open(data, options)?;
    let verified = verify_data(&dump, &Shelf::of(data), false)?;
    Ok(Restored { verified })
}

/// The directory; what is written into it goes away again unless it is kept.
struct Site {
    data: PathBuf,
    made: bool,
    kept: bool,
}

impl Site {
    fn prepare(data: &Path) -> Result<Self, BackupError> {
        let failed = BackupError::write(data);
        let made = match fs::read_dir(data) {
            Ok(mut entries) => match entries.next() {
                None => false,
                Some(_) => {
                    let data = data.display();
                    return Err(BackupError::Refused(format!("{data} is not empty; restore into a new directory.")));
                }
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                DirBuilder::new().recursive(true).mode(0o700).create(data).map_err(&failed)?;
                true
            }
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Err(BackupError::Refused(format!("{} is no directory.", data.display())));
            }
            Err(error) => return Err(failed(error)),
        };
        Ok(Self { data: data.to_owned(), made, kept: false })
    }

    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        // The database's draft goes last: as long as it is there, nobody takes the directory for a store.
        let outcome = match fs::remove_dir_all(self.data.join("media")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) if self.made => fs::remove_dir_all(&self.data),
            Ok(()) | Err(_) => fs::read_dir(&self.data)
                .and_then(|entries| entries.flatten().try_for_each(|entry| fs::remove_file(entry.path()))),
        };
        if let Err(error) = outcome {
            tracing::warn!(%error, "a restore that failed leaves something behind");
        }
    }
}

struct Filling {
    shelf: Shelf,
    /// Where files lie that the backup left in their place.
    left_behind: Shelf,
    filler: Filler,
    draft: Option<Draft>,
    /// Files that the rows name.
    wanted: Vec<FileHash>,
    /// The backup holds the files.
    files: bool,
}

/// The number of the table of files.
const FILES_NUMBER: u8 = 46;

impl Filling {
    /// Copies files that the backup does not hold. One that is missing is reported by whoever reads the rows.
    fn fetch_left_behind(&self) -> io::Result<()> {
        for hash in &self.wanted {
            let Ok(mut from) = self.left_behind.open(*hash) else { continue };
            let mut draft = self.shelf.draft()?;
            let mut buffer = vec![0; BACKUP_BLOCK_BYTES];
            loop {
                let length = from.read(&mut buffer)?;
                if length == 0 {
                    break;
                }
                draft.append(&buffer[..length])?;
            }
            draft.keep()?;
        }
        Ok(())
    }
}

impl Visitor for Filling {
    fn begin(&mut self, header: &Header) -> Result<(), BackupError> {
        self.files = header.files;
        Ok(Filler::knows(header.format)?)
    }

    fn rows(&mut self, table: u8, rows: &[Row<'_>]) -> Result<(), BackupError> {
        if table == FILES_NUMBER && !self.files {
            self.wanted.extend(rows.iter().filter_map(|(key, _)| Some(FileHash((*key).try_into().ok()?))));
        }
        Ok(self.filler.rows(table, rows.iter().copied())?)
    }

    fn file(&mut self) -> Result<(), BackupError> {
        self.draft = Some(self.shelf.draft().map_err(unwritable)?);
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> Result<(), BackupError> {
        self.draft.as_mut().map_or(Ok(()), |draft| draft.append(bytes)).map_err(unwritable)
    }

    fn file_end(&mut self, _: FileHash, fits: bool, _: u64) -> Result<(), BackupError> {
        match self.draft.take() {
            Some(draft) if fits => draft.keep().map(drop).map_err(unwritable),
            // It was not whole when the backup was made, and would lie under another name.
            Some(_) | None => Ok(()),
        }
    }

    fn progress(&mut self, _: usize) -> Result<(), BackupError> {
        Ok(())
    }
}

fn unwritable(error: io::Error) -> BackupError {
    BackupError::Store(error.into())
}
