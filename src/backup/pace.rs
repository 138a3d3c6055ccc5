//! How fast everything is read and written: gently beside a server that serves, at full speed otherwise.
//!
//! Invariant: between two pieces whoever wants the work to end is heard.

use std::time::{Duration, Instant};

use crate::limits::{BACKUP_PIECE_BYTES, BACKUP_REST_PERCENT};
use crate::store::{Dump, StoreError};

/// The pace of one long work.
pub(super) struct Pace<'a> {
    dump: Option<&'a Dump>,
    gentle: bool,
    piece_bytes: u64,
    began: Instant,
}

impl<'a> Pace<'a> {
    /// As fast as possible, for as long as the dump goes on.
    pub(super) fn full(dump: Option<&'a Dump>) -> Self {
        Self { dump, gentle: false, piece_bytes: 0, began: Instant::now() }
    }

    /// With a rest after each piece, so that the server has processor and disk for itself in between.
    pub(super) fn gentle(dump: &'a Dump) -> Self {
        Self { gentle: true, ..Self::full(Some(dump)) }
    }

    /// Notes work that was done; rests when a piece of it is full. Whether it was.
    pub(super) fn did(&mut self, bytes: usize) -> Result<bool, StoreError> {
        self.piece_bytes += bytes as u64;
        if self.piece_bytes < BACKUP_PIECE_BYTES {
            return Ok(false);
        }
        self.piece_bytes = 0;
        if let Some(dump) = self.dump {
            dump.goes_on()?;
        }
        Ok(true)
    }

    /// Rests in proportion to what the last piece took.
    pub(super) fn rest(&mut self) {
        if self.gentle {
            let worked = self.began.elapsed();
            std::thread::sleep(worked.mul_f64(f64::from(BACKUP_REST_PERCENT) / 100.0).min(Duration::from_secs(1)));
        }
        self.began = Instant::now();
    }
}
