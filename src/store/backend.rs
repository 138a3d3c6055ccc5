//! Where the store's bytes are: files, or what a test puts under it.
//!
//! Invariant: both files of a store come from the same place.

use std::fmt;
use std::io;
use std::sync::Arc;

use redb::StorageBackend;

/// Opens the storage of this name (database or commit log) anew, each time the database is opened.
pub type BackendFactory = Arc<dyn Fn(&str) -> io::Result<BoxedBackend> + Send + Sync>;

/// Any storage.
pub struct BoxedBackend(pub Box<dyn StorageBackend>);

impl fmt::Debug for BoxedBackend {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl StorageBackend for BoxedBackend {
    fn len(&self) -> Result<u64, io::Error> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        self.0.read(offset, out)
    }

    fn set_len(&self, length: u64) -> Result<(), io::Error> {
        self.0.set_len(length)
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        self.0.write(offset, data)
    }

    fn close(&self) -> Result<(), io::Error> {
        self.0.close()
    }
}
