//! The folder of files: written as drafts, kept under their hashes.
//!
//! Apart so that there is one way in and one way out. Everything here blocks. Invariant: a file under a hash is whole
//! and on the disk; a draft that is not finished goes away.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::{thumbnail, voice};
use crate::domain::media::FileHash;
use crate::limits::{MEDIA_CHUNK_BYTES, MEDIA_CHUNKS_AHEAD, MEDIA_HEAD_BYTES};

/// The folder below the data directory.
const FOLDER: &str = "media";
/// Its folder for what is being written.
const DRAFTS: &str = "drafts";
/// How the name of a small picture ends.
const SMALL: &str = "small";

/// Where the files lie; cheap to clone.
#[derive(Clone, Debug)]
pub struct Shelf(PathBuf);

/// A file that is being written.
pub struct Draft {
    shelf: Shelf,
    path: PathBuf,
    file: File,
    hasher: Sha256,
    head: Vec<u8>,
    bytes: u64,
}

static DRAFT_NUMBER: AtomicU64 = AtomicU64::new(0);
/// Files that were put on a shelf and are not in the store yet, with how many times.
static ARRIVING: Mutex<BTreeMap<PathBuf, u32>> = Mutex::new(BTreeMap::new());

fn arriving() -> MutexGuard<'static, BTreeMap<PathBuf, u32>> {
    ARRIVING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file that has just been put on the shelf. Until this is dropped no sweep takes it for one that nobody knows.
#[derive(Debug)]
pub struct Kept {
    /// Its hash.
    pub hash: FileHash,
    place: PathBuf,
}

impl Drop for Kept {
    fn drop(&mut self) {
        let mut arriving = arriving();
        if let Some(times) = arriving.get_mut(&self.place) {
            *times -= 1;
            if *times == 0 {
                arriving.remove(&self.place);
            }
        }
    }
}

impl Shelf {
    /// The shelf of this data directory.
    #[must_use]
    pub fn of(data: &Path) -> Self {
        Self(data.join(FOLDER))
    }

    /// Removes what a process that is gone left half written.
    pub fn tidy(&self) {
        let Ok(entries) = fs::read_dir(self.0.join(DRAFTS)) else { return };
        for entry in entries.flatten() {
            if let Err(error) = fs::remove_file(entry.path()) {
                tracing::warn!(%error, "a draft of a file cannot be removed");
            }
        }
    }

    /// Begins a file.
    ///
    /// # Errors
    /// The disk does not take it.
    pub fn draft(&self) -> io::Result<Draft> {
        let folder = self.0.join(DRAFTS);
        fs::create_dir_all(&folder)?;
        let number = DRAFT_NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("{}-{number}", std::process::id()));
        let file = File::create(&path)?;
        Ok(Draft { shelf: self.clone(), path, file, hasher: Sha256::new(), head: Vec::new(), bytes: 0 })
    }

    /// A file.
    ///
    /// # Errors
    /// It is not there, or cannot be read.
    pub fn open(&self, hash: FileHash) -> io::Result<File> {
        File::open(self.place(hash))
    }

    /// A part of a file, read ahead a little. Ends early when the file cannot be read on.
    ///
    /// # Errors
    /// It is not there, or cannot be read.
    pub fn chunks(&self, hash: FileHash, from: u64, bytes: u64) -> io::Result<mpsc::Receiver<Bytes>> {
        let mut file = self.open(hash)?;
        file.seek(SeekFrom::Start(from))?;
        let (sender, chunks) = mpsc::channel(MEDIA_CHUNKS_AHEAD);
        tokio::task::spawn_blocking(move || {
            let mut left = bytes;
            while left > 0 {
                let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(MEDIA_CHUNK_BYTES);
                let mut chunk = vec![0; wanted];
                if let Err(error) = file.read_exact(&mut chunk) {
                    return tracing::error!(%error, "a file cannot be read to its end");
                }
                left -= wanted as u64;
                // Nobody wants the rest.
                if sender.blocking_send(chunk.into()).is_err() {
                    return;
                }
            }
        });
        Ok(chunks)
    }

    /// The small form of a picture, made when it is first asked for.
    ///
    /// # Errors
    /// There is none of it, or the disk does not take it.
    pub fn small(&self, hash: FileHash) -> io::Result<Bytes> {
        let place = self.small_place(hash);
        if let Ok(bytes) = fs::read(&place) {
            return Ok(bytes.into());
        }
        let bytes = thumbnail::of(self.open(hash)?)?;
        let mut draft = self.draft()?;
        draft.append(&bytes)?;
        fs::rename(&draft.path, place)?;
        Ok(bytes.into())
    }

    /// Beside the original; can be made anew at any time.
    fn small_place(&self, hash: FileHash) -> PathBuf {
        self.place(hash).with_extension(SMALL)
    }

    /// Calls `take` with every file.
    ///
    /// # Errors
    /// Those of `take`, or the folder cannot be read.
    pub fn each(&self, take: &mut dyn FnMut(FileHash) -> io::Result<()>) -> io::Result<()> {
        for folder in entries(&self.0)? {
            for path in entries(&folder)? {
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                if let Some(hash) = FileHash::of_hex(name) {
                    take(hash)?;
                }
            }
        }
        Ok(())
    }

    /// Removes a file that `is_known` by nobody; gives whether it went.
    ///
    /// # Errors
    /// Those of `is_known`, or the file system said no.
    pub fn remove_unknown(&self, hash: FileHash, is_known: impl FnOnce() -> io::Result<bool>) -> io::Result<bool> {
        let place = self.place(hash);
        // Nothing arrives between the look and the removal.
        let arriving = arriving();
        if arriving.contains_key(&place) || is_known()? {
            return Ok(false);
        }
        match fs::remove_file(self.small_place(hash)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        fs::remove_file(&place)?;
        Ok(true)
    }

    fn place(&self, hash: FileHash) -> PathBuf {
        let name = hash.hex();
        self.0.join(&name[..2]).join(name)
    }
}

impl io::Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.append(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Draft {
    /// Appends.
    ///
    /// # Errors
    /// The disk does not take it.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let room = MEDIA_HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    /// How many bytes there are.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The first bytes, by which the type is told.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// The hash of what was written.
    #[must_use]
    pub fn hash(&self) -> FileHash {
        FileHash(self.hasher.clone().finalize().into())
    }

    /// A voice note that a browser has recorded, as phones play it; anything else as it is.
    ///
    /// # Errors
    /// The disk does not take it.
    pub fn as_voice_note(self) -> io::Result<Self> {
        if !self.head.starts_with(voice::EBML) {
            return Ok(self);
        }
        let mut note = self.shelf.draft()?;
        match voice::write_ogg(File::open(&self.path)?, &mut note) {
            Ok(()) => Ok(note),
            Err(error) if error.kind() == io::ErrorKind::StorageFull => Err(error),
            Err(error) => {
                tracing::info!(%error, "a recording is kept in its own form");
                Ok(self)
            }
        }
    }

    /// Puts the file under its hash, durably.
    ///
    /// # Errors
    /// The disk does not take it.
    pub fn keep(mut self) -> io::Result<Kept> {
        let hash = self.hash();
        self.file.flush()?;
        self.file.sync_all()?;
        let place = self.shelf.place(hash);
        let folder = place.parent().expect("a place is below the shelf").to_owned();
        fs::create_dir_all(&folder)?;
        *arriving().entry(place.clone()).or_default() += 1;
        let kept = Kept { hash, place };
        fs::rename(&self.path, &kept.place)?;
        File::open(&folder)?.sync_all()?;
        Ok(kept)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After `keep` it is gone from here already.
        drop(fs::remove_file(&self.path));
    }
}

/// What stands in a folder; nothing where there is none.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect(),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::Shelf;

    #[test]
    fn a_file_lies_under_its_hash_and_a_draft_goes_away() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let shelf = Shelf::of(folder.path());
        let mut draft = shelf.draft().expect("there is room");
        draft.append(b"a").expect("it is taken");
        draft.append(b"bc").expect("it is taken");
        assert_eq!((draft.bytes(), draft.head()), (3, &b"abc"[..]));
        let kept = draft.keep().expect("it is kept");
        let hash = kept.hash;
        assert_eq!(hash.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let mut text = String::new();
        shelf.open(hash).expect("it is there").read_to_string(&mut text).expect("it can be read");
        assert_eq!(text, "abc");
        assert!(!shelf.remove_unknown(hash, || Ok(false)).expect("readable"), "it is still arriving");
        drop(kept);
        assert!(!shelf.remove_unknown(hash, || Ok(true)).expect("readable"), "somebody knows it");
        let mut found = Vec::new();
        shelf
            .each(&mut |hash| {
                found.push(hash);
                Ok(())
            })
            .expect("readable");
        assert_eq!(found, [hash]);
        assert!(shelf.remove_unknown(hash, || Ok(false)).expect("readable"), "nobody knows it");
        assert!(shelf.open(hash).is_err());

        let mut given_up = shelf.draft().expect("there is room");
        given_up.append(b"x").expect("it is taken");
        let other = given_up.hash();
        drop(given_up);
        assert!(shelf.open(other).is_err());
        let drafts = std::fs::read_dir(folder.path().join("media/drafts")).expect("the folder stays");
        assert_eq!(drafts.count(), 0);
    }
}
