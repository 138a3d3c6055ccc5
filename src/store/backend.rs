//! Where the store's files are, and how they are opened.
//!
//! Apart so that a test can put a failing disk in the place of the file system. Invariants: files are readable by
//! their owner only; one process holds the directory at a time; a new database appears under its name only complete.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::StorageBackend;
use redb::backends::FileBackend;

use super::StoreError;

/// Opens a file of the store in place of the file system.
pub type OpenFile = Arc<dyn Fn(&Path) -> io::Result<Box<dyn StorageBackend>> + Send + Sync>;

const DATABASE_NAME: &str = "deskbell.redb";
const NEW_DATABASE_NAME: &str = "deskbell.redb.new";
const LOCK_NAME: &str = "deskbell.lock";

/// Opens the files of one data directory, and holds the directory's lock.
pub(super) struct Opener {
    directory: PathBuf,
    open_file: Option<OpenFile>,
    /// Locked while this process has the store; the system lets it go when the process dies.
    _lock: Option<File>,
}

impl Opener {
    pub(super) fn new(directory: &Path, open_file: Option<OpenFile>) -> Result<Self, StoreError> {
        let lock = if open_file.is_some() { None } else { Some(lock(directory)?) };
        Ok(Self { directory: directory.to_owned(), open_file, _lock: lock })
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Whether the database is there. A test's disk is asked by opening it.
    pub(super) fn exists(&self) -> bool {
        self.open_file.is_some() || self.directory.join(DATABASE_NAME).exists()
    }

    /// The database's storage.
    pub(super) fn open(&self) -> Result<Disk, StoreError> {
        self.open_named(DATABASE_NAME)
    }

    /// The storage of a database in the making; what an earlier attempt left is thrown away.
    pub(super) fn open_new(&self) -> Result<Disk, StoreError> {
        match fs::remove_file(self.directory.join(NEW_DATABASE_NAME)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            Ok(()) | Err(_) => self.open_named(NEW_DATABASE_NAME),
        }
    }

    /// Gives the finished database its name.
    pub(super) fn finish_new(&self) -> Result<(), StoreError> {
        fs::rename(self.directory.join(NEW_DATABASE_NAME), self.directory.join(DATABASE_NAME))?;
        File::open(&self.directory)?.sync_all()?;
        Ok(())
    }

    fn open_named(&self, name: &str) -> Result<Disk, StoreError> {
        let path = self.directory.join(name);
        if let Some(open_file) = &self.open_file {
            return Ok(Disk(open_file(&path)?));
        }
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path)?;
        Ok(Disk(Box::new(FileBackend::new(file)?)))
    }
}

fn lock(directory: &Path) -> Result<File, StoreError> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let path = directory.join(LOCK_NAME);
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked(directory.to_owned())),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Any storage, as one type.
#[derive(Debug)]
pub(super) struct Disk(Box<dyn StorageBackend>);

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.0.close()
    }
}
