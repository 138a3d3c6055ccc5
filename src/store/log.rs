//! The commit log: what each commit changes, on disk in one piece before anybody hears of it.
//!
//! A durable redb commit writes some twenty scattered pages and syncs twice; a record here is one write into a file
//! that has its size already, and one sync. redb commits in memory and becomes durable at a checkpoint, when the log
//! is full or the store is closed. Opening carries out again what the log holds: changes are whole rows, so that doing
//! it twice does no harm. Invariants: a record counts only whole, in order, and of the epoch that the tables name; a
//! checkpoint begins a new epoch in the same transaction, so that older records are void at that instant. Void records
//! lie there until they are written over, texts and all: whoever erases fills the log anew.

use std::io;

use redb::StorageBackend as _;

use super::StoreError;
use super::backend::BoxedBackend;

/// Records begin at multiples of this, so that a write never touches the block of an older record.
const BLOCK_BYTES: usize = 4_096;
/// Checksum, length of the payload, epoch and number.
const HEADER_BYTES: usize = 24;
/// Bytes written at once when the file gets its size.
const FILL_BYTES: usize = 1024 * 1024;

/// The open log.
#[derive(Debug)]
pub(super) struct CommitLog {
    disk: BoxedBackend,
    /// Size of the file.
    length: u64,
    epoch: u64,
    /// Where the next record begins.
    end: u64,
    /// The number of the next record in this epoch.
    number: u64,
}

impl CommitLog {
    /// Opens the log and gives it its size: blocks that exist are synced without touching the file system's books.
    pub(super) fn open(disk: BoxedBackend, length: u64, epoch: u64) -> Result<Self, StoreError> {
        let filled = disk.len()?;
        if filled < length {
            disk.set_len(length)?;
            fill(&disk, filled, length)?;
        }
        Ok(Self { disk, length: filled.max(length), epoch, end: 0, number: 0 })
    }

    /// Writes over everything in it. The tables must hold all of it durably.
    pub(super) fn wipe(&mut self) -> Result<(), StoreError> {
        fill(&self.disk, 0, self.length)?;
        (self.end, self.number) = (0, 0);
        Ok(())
    }

    /// The payloads that count, oldest first.
    pub(super) fn read(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut payloads = Vec::new();
        let mut place = 0;
        while let Some(payload) = self.record(place, payloads.len() as u64)? {
            place += span(payload.len());
            payloads.push(payload);
        }
        Ok(payloads)
    }

    /// The payload of the record at this place, if it is whole and the one that belongs there.
    fn record(&self, place: u64, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        if place + HEADER_BYTES as u64 > self.length {
            return Ok(None);
        }
        let mut header = [0; HEADER_BYTES];
        self.disk.read(place, &mut header)?;
        let length = u32::from_le_bytes(header[4..8].try_into().expect("four bytes"));
        let size = usize::try_from(length).unwrap_or(usize::MAX);
        if header != self.header(number, length, header[..4].try_into().expect("four bytes"))
            || place + span(size) > self.length
        {
            return Ok(None);
        }
        let mut payload = vec![0; size];
        self.disk.read(place + HEADER_BYTES as u64, &mut payload)?;
        Ok((checksum(&header, &payload) == header[..4]).then_some(payload))
    }

    fn header(&self, number: u64, length: u32, checksum: [u8; 4]) -> [u8; HEADER_BYTES] {
        let mut header = [0; HEADER_BYTES];
        header[..4].copy_from_slice(&checksum);
        header[4..8].copy_from_slice(&length.to_le_bytes());
        header[8..16].copy_from_slice(&self.epoch.to_le_bytes());
        header[16..].copy_from_slice(&number.to_le_bytes());
        header
    }

    /// Whether a payload of this size still has room.
    pub(super) fn has_room(&self, payload_bytes: usize) -> bool {
        u32::try_from(payload_bytes).is_ok() && self.end + span(payload_bytes) <= self.length
    }

    /// Writes a record; when this returns it is durable. There must be room.
    pub(super) fn append(&mut self, payload: &[u8]) -> Result<(), StoreError> {
        let length = u32::try_from(payload.len()).expect("the caller asked whether there is room");
        let mut header = self.header(self.number, length, [0; 4]);
        let checksum = checksum(&header, payload);
        header[..4].copy_from_slice(&checksum);
        let span = span(payload.len());
        let mut record = Vec::with_capacity(usize::try_from(span).unwrap_or(0));
        record.extend_from_slice(&header);
        record.extend_from_slice(payload);
        // Whole blocks, so that the file system need not read what it writes over.
        record.resize(usize::try_from(span).unwrap_or(record.len()), 0);
        self.disk.write(self.end, &record)?;
        self.disk.sync_data()?;
        self.end += span;
        self.number += 1;
        Ok(())
    }

    /// Whether there is anything in it that the tables do not hold durably.
    pub(super) fn is_empty(&self) -> bool {
        self.end == 0
    }

    /// The checkpoint that began this epoch is durable: what is here is void.
    pub(super) fn restart(&mut self, epoch: u64) {
        self.epoch = epoch;
        self.end = 0;
        self.number = 0;
    }
}

/// Writes zeros over a part of the file, durably.
fn fill(disk: &BoxedBackend, mut from: u64, until: u64) -> Result<(), StoreError> {
    let zeros = vec![0; FILL_BYTES];
    while from < until {
        let part = usize::try_from(until - from).unwrap_or(FILL_BYTES).min(FILL_BYTES);
        disk.write(from, &zeros[..part])?;
        from += part as u64;
    }
    Ok(disk.sync_data()?)
}

/// A number that no earlier epoch had: random, so that the log of another life of this store, from before a backup was
/// restored, is never taken for this one's.
pub(super) fn new_epoch() -> Result<u64, StoreError> {
    Ok(getrandom::u64().map_err(io::Error::other)?)
}

/// Bytes that a record with such a payload takes up.
fn span(payload_bytes: usize) -> u64 {
    (HEADER_BYTES + payload_bytes).next_multiple_of(BLOCK_BYTES) as u64
}

/// Over all but the checksum's own place.
fn checksum(header: &[u8; HEADER_BYTES], payload: &[u8]) -> [u8; 4] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&header[4..]);
    hasher.update(payload);
    hasher.finalize().to_le_bytes()
}

#[cfg(test)]
mod tests {
    use redb::StorageBackend as _;
    use redb::backends::InMemoryBackend;

    use super::{BLOCK_BYTES, CommitLog};
    use crate::store::backend::BoxedBackend;

    const LENGTH: u64 = 16 * BLOCK_BYTES as u64;

    fn log(disk: BoxedBackend, epoch: u64) -> CommitLog {
        CommitLog::open(disk, LENGTH, epoch).expect("memory does not fail")
    }

    fn written(payloads: &[&[u8]]) -> CommitLog {
        let mut log = log(BoxedBackend(Box::new(InMemoryBackend::new())), 7);
        for payload in payloads {
            assert!(log.has_room(payload.len()));
            log.append(payload).expect("memory does not fail");
        }
        log
    }

    #[test]
    fn what_was_appended_is_read_in_order() {
        let large = vec![5; 3 * BLOCK_BYTES];
        let written = written(&[b"one", &large, b"three"]);
        let read = log(written.disk, 7).read().expect("memory does not fail");
        assert_eq!(read, [b"one".to_vec(), large, b"three".to_vec()]);
    }

    #[test]
    fn another_epoch_is_void() {
        let mut written = written(&[b"one", b"two"]);
        written.restart(8);
        written.append(b"new").expect("memory does not fail");
        assert_eq!(log(written.disk, 8).read().expect("memory does not fail"), [b"new".to_vec()]);
    }

    #[test]
    fn a_damaged_record_ends_the_log() {
        for byte in 0..BLOCK_BYTES as u64 {
            let written = written(&[b"one", b"two", b"three"]);
            let mut value = [0];
            written.disk.read(BLOCK_BYTES as u64 + byte, &mut value).expect("memory does not fail");
            written.disk.write(BLOCK_BYTES as u64 + byte, &[value[0] ^ 4]).expect("memory does not fail");
            let read = log(written.disk, 7).read().expect("memory does not fail");
            // The filling behind the record is not part of it.
            let expected = if byte < 27 { 1 } else { 3 };
            assert_eq!(read.len(), expected, "byte {byte}");
        }
    }

    #[test]
    fn a_wiped_log_holds_nothing_and_goes_on() {
        let mut written = written(&[b"a secret", b"another"]);
        written.wipe().expect("memory does not fail");
        let mut bytes = vec![1; usize::try_from(LENGTH).expect("small")];
        written.disk.read(0, &mut bytes).expect("memory does not fail");
        assert!(bytes.iter().all(|byte| *byte == 0), "something is left");
        written.append(b"new").expect("memory does not fail");
        assert_eq!(log(written.disk, 7).read().expect("memory does not fail"), [b"new".to_vec()]);
    }

    #[test]
    fn a_full_log_says_so() {
        let mut log = written(&[]);
        while log.has_room(2 * BLOCK_BYTES) {
            log.append(&vec![1; 2 * BLOCK_BYTES]).expect("memory does not fail");
        }
        assert!(log.has_room(1) && !log.has_room(BLOCK_BYTES));
        assert!(!log.has_room(usize::MAX / 2));
    }
}
