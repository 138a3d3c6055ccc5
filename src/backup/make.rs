//! Makes a backup: draft, sync, reading back, name.
//!
//! Invariants: a kill at any moment leaves a draft at most, which the next backup removes; the disk of a backup is never
//! filled to its end, because the store may be on the same one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::domain::time::Timestamp;
use crate::limits::{BACKUP_BLOCK_BYTES, BACKUP_FREE_BYTES_MIN};
use crate::media::Shelf;
use crate::store::{Checked, Dump, StoreError};

use super::age::Sealer;
use super::format::{BlockWriter, Header};
use super::pace::Pace;
use super::verify::check_file;
use super::{BackupError, folder};

/// What is wanted.
pub struct Order<'a> {
    /// A folder, where the backup is named by date and time, or the new file.
    pub target: &'a Path,
    /// To whom it is encrypted.
    pub passphrase: Option<&'a str>,
    /// Where the files lie; `None` leaves them out.
    pub shelf: Option<&'a Shelf>,
    /// Now.
    pub now: Timestamp,
    /// A server serves meanwhile.
    pub gentle: bool,
}

/// A backup that is there.
#[derive(Debug)]
pub struct Made {
    /// Where.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// What was read back from it.
    pub checked: Checked,
    /// How long it took, with the reading back.
    pub took: Duration,
}

impl Made {
    /// One line for a person.
    #[must_use]
    pub fn sentence(&self) -> String {
        let Self { path, bytes, checked, .. } = self;
        let counts =
            format!("{} rows and {} files, {} MB", checked.rows_total(), checked.files, bytes.div_ceil(1_000_000));
        let path = path.display();
        if checked.findings_total == 0 {
            return format!("{path} is made and verified: {counts}.");
        }
        let findings = checked.findings.join("\n");
        format!(
            "{path} is made ({counts}), but what the store holds is not whole, in {} places:\n{findings}\nKeep the \
             backups that you have, and see `deskbell verify`.",
            checked.findings_total
        )
    }
}

/// Makes a backup of one moment.
///
/// # Errors
/// `Refused` when the target is no place for it; else what could not be written or read. Nothing is left behind.
pub fn make(dump: &Dump, order: &Order<'_>) -> Result<Made, BackupError> {
    let began = Instant::now();
    let tag = &dump.moment().tag;
    let place = Place::of(order, tag)?;
    folder::remove_drafts(&place.folder, tag).map_err(BackupError::write(&place.folder))?;
    let draft = Draft::create(&place.folder, tag, order.now)?;
    write(dump, order, &draft.0)?;
    let bytes = fs::metadata(&draft.0).map_err(BackupError::write(&draft.0))?.len();
    let mut pace = if order.gentle { Pace::gentle(dump) } else { Pace::full(Some(dump)) };
    let (_, checked) = check_file(&draft.0, order.passphrase, &mut pace)?;
    let path = place.name(&checked, tag)?;
    fs::rename(&draft.0, &path).map_err(BackupError::write(&path))?;
    File::open(&place.folder).and_then(|folder| folder.sync_all()).map_err(BackupError::write(&place.folder))?;
    Ok(Made { path, bytes, checked, took: began.elapsed() })
}

/// Where the backup is to be.
struct Place {
    folder: PathBuf,
    path: PathBuf,
    /// The name is ours.
    dated: bool,
}

impl Place {
    fn of(order: &Order<'_>, tag: &str) -> Result<Self, BackupError> {
        let target = order.target;
        if target.is_dir() {
            let path = target.join(folder::name(tag, order.now, order.passphrase.is_some()));
            let place = Self { folder: target.to_owned(), path, dated: true };
            return place.free();
        }
        let ends_as_folder = target.as_os_str().as_encoded_bytes().ends_with(b"/");
        match target.parent() {
            Some(parent) if parent.is_dir() && !ends_as_folder => {
                Self { folder: parent.to_owned(), path: target.to_owned(), dated: false }.free()
            }
            Some(_) | None => Err(BackupError::Refused(format!("There is no folder {}; make it first.", {
                if ends_as_folder { target } else { target.parent().unwrap_or(target) }.display()
            }))),
        }
    }

    fn free(self) -> Result<Self, BackupError> {
        if self.path.symlink_metadata().is_ok() {
            let path = self.path.display();
            return Err(BackupError::Refused(format!("{path} is there already; nothing is written over.")));
        }
        Ok(self)
    }

    /// The name for what was read back.
    fn name(&self, checked: &Checked, tag: &str) -> Result<PathBuf, BackupError> {
        if checked.findings_total == 0 || !self.dated {
            return Ok(self.path.clone());
        }
        folder::remove_faulty(&self.folder, tag).map_err(BackupError::write(&self.folder))?;
        let mut name = self.path.clone().into_os_string();
        name.push(folder::FAULTY);
        Ok(name.into())
    }
}

/// The unfinished file; it goes away unless it was renamed.
struct Draft(PathBuf);

impl Draft {
    fn create(folder: &Path, tag: &str, now: Timestamp) -> Result<Self, BackupError> {
        let path = folder.join(folder::draft_name(tag, now));
        let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        created.map_err(BackupError::write(&path))?;
        Ok(Self(path))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After the renaming it is gone from here already.
        drop(fs::remove_file(&self.0));
    }
}

fn write(dump: &Dump, order: &Order<'_>, draft: &Path) -> Result<(), BackupError> {
    let failed = BackupError::write(draft);
    let file = OpenOptions::new().write(true).open(draft).map_err(&failed)?;
    let pace = if order.gentle { Pace::gentle(dump) } else { Pace::full(Some(dump)) };
    let disk = Disk { file, pace };
    let disk = match order.passphrase {
        Some(passphrase) => {
            let sealer = Sealer::new(disk, passphrase).map_err(&failed)?;
            content(dump, order, sealer, &failed)?.finish().map_err(&failed)?
        }
        None => content(dump, order, disk, &failed)?,
    };
    disk.file.sync_all().map_err(&failed)?;
    // What is read back is to come from the disk, and the memory is others'.
    if let Err(error) = rustix::fs::fadvise(&disk.file, 0, None, rustix::fs::Advice::DontNeed) {
        tracing::debug!(%error, "the system keeps a backup in memory");
    }
    Ok(())
}

/// Writes header, rows, files and end.
fn content<W: Write>(
    dump: &Dump,
    order: &Order<'_>,
    to: W,
    failed: &impl Fn(io::Error) -> BackupError,
) -> Result<W, BackupError> {
    let moment = dump.moment();
    let header = Header {
        store: moment.store.clone(),
        format: moment.format,
        head: moment.head,
        at: moment.at.0,
        made_at: order.now.0,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        files: order.shelf.is_some(),
    };
    let failed = |error: io::Error| match error.downcast::<StoreError>() {
        Ok(closed) => closed.into(),
        Err(error) => failed(error),
    };
    let mut writer = BlockWriter::new(to, &header).map_err(failed)?;
    dump.each_row(&mut |table, key, value| writer.row(table, key, value).map_err(failed))?;
    if let Some(shelf) = order.shelf {
        dump.each_file(&mut |file| match shelf.open(file.hash) {
            Ok(mut from) => writer.file(&file.hash.0, &mut from).map(drop).map_err(failed),
            Err(error) => {
                // Whoever reads the backup sees that it is missing.
                tracing::error!(%error, "a file cannot be opened for the backup");
                Ok(())
            }
        })?;
    }
    writer.finish().map_err(failed)
}

/// The draft's file: synced in pieces, so that the disk is never asked for much at once, and never to its last byte.
struct Disk<'a> {
    file: File,
    pace: Pace<'a>,
}

impl Write for Disk<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(&bytes[..bytes.len().min(BACKUP_BLOCK_BYTES)])?;
        if self.pace.did(written).map_err(io::Error::other)? {
            self.file.sync_data()?;
            let disk = rustix::fs::fstatvfs(&self.file)?;
            if disk.f_bavail.saturating_mul(disk.f_frsize) < BACKUP_FREE_BYTES_MIN {
                return Err(io::Error::new(io::ErrorKind::StorageFull, "the disk has no room for it"));
            }
            self.pace.rest();
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
