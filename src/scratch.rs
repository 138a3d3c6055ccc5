//! A folder for the length of a demo or a rehearsal.
//!
//! Invariant: only its owner can look in, and it goes with its value.

use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// A temporary folder.
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes a folder that nobody had before.
    ///
    /// # Errors
    /// The system's temporary folder cannot be written, or there is no randomness.
    pub fn new(purpose: &str) -> io::Result<Self> {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        let name = format!("deskbell-{purpose}-{:016x}", u64::from_be_bytes(bytes));
        let path = std::env::temp_dir().join(name);
        std::fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, folder = %self.0.display(), "a temporary folder stays behind");
        }
    }
}
