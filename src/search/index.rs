//! The index on disk: opened when it fits the store, made anew when it does not.
//!
//! It is disposable. Each commit carries the schema's number, the store's id and the journal's number up to which it
//! has everything; the library makes a commit's documents and this line durable together. Invariant: a line that does
//! not fit, a file that cannot be read and a checksum that is wrong lead to an empty index and never to wrong hits.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use tantivy::directory::MmapDirectory;
use tantivy::directory::error::{LockError, OpenDirectoryError, OpenReadError, OpenWriteError};
use tantivy::index::SegmentMeta;
use tantivy::indexer::{IndexWriterOptions, NoMergePolicy, UserOperation};
use tantivy::query::{BooleanQuery, Query, RangeQuery, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{Index as TantivyIndex, IndexReader, IndexWriter, ReloadPolicy, TantivyError, Term};

use crate::limits::{SEARCH_FILL_THREADS, SEARCH_HEAP_BYTES, SEARCH_PURGE_LOOKS_MAX, SEARCH_PURGE_PAUSE_MS};

use super::entry::{Entry, Facet, Key};
use super::merging::{Damage, SoundParts};
use super::schema::{self, Fields, SCHEMA};
use super::view::View;

/// The index's folder in the data directory.
const FOLDER: &str = "search";
/// `ENFILE` and `EMFILE` of Linux, which have no name in the standard library: no more files can be open.
const FILES_EXHAUSTED: [i32; 2] = [23, 24];

/// Why the index cannot be used now.
#[derive(Debug, thiserror::Error)]
pub(super) enum IndexError {
    #[error(transparent)]
    Library(#[from] TantivyError),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("a file of the index has another checksum")]
    Damaged,
    #[error("the index is of another kind")]
    Foreign,
}

impl IndexError {
    /// Whether the machine is short of something now, and the index itself may be whole: it is kept and tried again.
    pub(super) fn is_shortage(&self) -> bool {
        let error: &io::Error = match self {
            Self::Io(error) => error,
            Self::Library(TantivyError::IoError(error)) => error,
            Self::Library(TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. })) => io_error,
            Self::Library(TantivyError::OpenWriteError(OpenWriteError::IoError { io_error, .. })) => io_error,
            Self::Library(TantivyError::OpenDirectoryError(OpenDirectoryError::IoError { io_error, .. })) => io_error,
            Self::Library(TantivyError::LockFailure(LockError::IoError(error), _)) => error,
            // A writer that is still ending.
            Self::Library(TantivyError::LockFailure(LockError::LockBusy, _)) => return true,
            Self::Library(_) | Self::Damaged | Self::Foreign => return false,
        };
        let short = matches!(
            error.kind(),
            io::ErrorKind::StorageFull
                | io::ErrorKind::QuotaExceeded
                | io::ErrorKind::ReadOnlyFilesystem
                | io::ErrorKind::OutOfMemory
        );
        short || error.raw_os_error().is_some_and(|number| FILES_EXHAUSTED.contains(&number))
    }
}

/// What a commit says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// The store's tag.
    pub(super) store: String,
    /// Everything up to this number of the journal is in.
    pub(super) cursor: u64,
    /// Nothing of the time before is missing.
    pub(super) complete: bool,
}

impl Standing {
    fn write(&self) -> String {
        format!("{SCHEMA} {} {} {}", self.store, self.cursor, if self.complete { "complete" } else { "partial" })
    }

    fn read(payload: &str) -> Option<Self> {
        let mut words = payload.split(' ');
        let fits = words.next()?.parse() == Ok(SCHEMA);
        let standing = Self {
            store: words.next()?.to_owned(),
            cursor: words.next()?.parse().ok()?,
            complete: words.next()? == "complete",
        };
        fits.then_some(standing)
    }
}

/// What an index is opened for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Work {
    /// To take everything that there is: on both cores, and merged afterwards.
    Fill,
    /// To take what comes: on one thread, merged as it grows.
    Follow,
}

fn writer(index: &TantivyIndex, work: Work, damage: &Damage) -> Result<IndexWriter, IndexError> {
    let threads = if work == Work::Fill { SEARCH_FILL_THREADS } else { 1 };
    let options = IndexWriterOptions::builder()
        .memory_budget_per_thread(SEARCH_HEAP_BYTES / threads)
        .num_worker_threads(threads)
        .num_merge_threads(1)
        .build();
    let writer = index.writer_with_options(options)?;
    writer.set_merge_policy(match work {
        Work::Fill => Box::new(NoMergePolicy),
        Work::Follow => Box::new(SoundParts::of(index, damage)),
    });
    Ok(writer)
}

/// The open index.
pub(super) struct Index {
    index: TantivyIndex,
    reader: IndexReader,
    writer: IndexWriter,
    fields: Fields,
    folder: PathBuf,
    damage: Damage,
}

impl Index {
    /// Whether there is an index in a data directory, of whatever kind.
    pub(super) fn is_there(data: &Path) -> bool {
        data.join(FOLDER).exists()
    }

    /// Opens the index of a data directory, and tells how far it is.
    pub(super) fn open(data: &Path) -> Result<(Self, Option<Standing>), IndexError> {
        let index = Self::open_folder(&data.join(FOLDER), Work::Follow)?;
        let standing = index.index.load_metas()?.payload.and_then(|payload| Standing::read(&payload));
        Ok((index, standing))
    }

    /// An empty index in place of whatever is there, to be filled with everything at once.
    pub(super) fn create(data: &Path) -> Result<Self, IndexError> {
        let folder = data.join(FOLDER);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        let (schema, _) = schema::schema();
        let directory = MmapDirectory::open(&folder).map_err(TantivyError::from)?;
        TantivyIndex::create(directory, schema, schema::settings())?;
        Self::open_folder(&folder, Work::Fill)
    }

    fn open_folder(folder: &Path, work: Work) -> Result<Self, IndexError> {
        let directory = MmapDirectory::open(folder).map_err(TantivyError::from)?;
        let mut index = TantivyIndex::open(directory)?;
        let (schema, fields) = schema::schema();
        if index.schema() != schema || *index.settings() != schema::settings() {
            return Err(IndexError::Foreign);
        }
        index.set_tokenizers(schema::tokenizers());
        verify(&index, folder)?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let damage = Damage::default();
        let writer = writer(&index, work, &damage)?;
        Ok(Self { index, reader, writer, fields, folder: folder.to_owned(), damage })
    }

    /// An index that has been filled goes on to follow the store; now its parts are put together.
    pub(super) fn follow(self) -> Result<Self, IndexError> {
        let Self { index, reader, writer: filled, fields, folder, damage } = self;
        let payload = index.load_metas()?.payload.unwrap_or_default();
        filled.wait_merging_threads()?;
        let writer = writer(&index, Work::Follow, &damage)?;
        let mut following = Self { index, reader, writer, fields, folder, damage };
        // Merging is thought of when something is committed.
        following.write(&payload)?;
        Ok(following)
    }

    /// Adds an entry; it can be found after the next commit.
    pub(super) fn add(&self, entry: &Entry) -> Result<(), IndexError> {
        self.writer.add_document(schema::document(self.fields, entry))?;
        Ok(())
    }

    /// Adds many entries; handing them over one by one would cost more than some of them.
    pub(super) fn add_all(&self, entries: impl Iterator<Item = Entry>) -> Result<(), IndexError> {
        let operations: Vec<_> =
            entries.map(|entry| UserOperation::Add(schema::document(self.fields, &entry))).collect();
        self.writer.run(operations)?;
        Ok(())
    }

    /// Removes an entry, if it is there, with the next commit.
    pub(super) fn remove(&self, key: Key, conversation: u64) -> Result<(), IndexError> {
        let facet = Term::from_field_u64(self.fields.facets, Facet::conversation(conversation).0);
        let key = Term::from_field_u64(self.fields.key, key.0);
        let key = RangeQuery::new(std::ops::Bound::Included(key.clone()), std::ops::Bound::Included(key));
        let both: Vec<Box<dyn Query>> = vec![Box::new(TermQuery::new(facet, IndexRecordOption::Basic)), Box::new(key)];
        self.writer.delete_query(Box::new(BooleanQuery::intersection(both)))?;
        Ok(())
    }

    /// Removes everything of a conversation with the next commit.
    pub(super) fn remove_conversation(&self, conversation: u64) {
        self.writer.delete_term(Term::from_field_u64(self.fields.facets, Facet::conversation(conversation).0));
    }

    /// Writes every segment anew that has removed documents: their words are in it until then.
    pub(super) fn merge_removed(&mut self) -> Result<(), IndexError> {
        for _ in 0..SEARCH_PURGE_LOOKS_MAX {
            let segments = self.index.searchable_segment_metas()?;
            let removed: Vec<_> = segments.iter().filter(|one| one.has_deletes()).map(SegmentMeta::id).collect();
            if removed.is_empty() {
                return Ok(());
            }
            for segment in removed {
                // A merge under way may hold it, or have taken it away: the next look tells.
                if let Err(error) = self.writer.merge(&[segment]).wait() {
                    tracing::debug!(%error, "a part of the index is written anew a little later");
                }
            }
            thread::sleep(Duration::from_millis(SEARCH_PURGE_PAUSE_MS));
        }
        Err(io::Error::from(io::ErrorKind::TimedOut).into())
    }

    /// Removes the files that no segment needs any more.
    pub(super) fn remove_unused(&self) -> Result<(), IndexError> {
        self.writer.garbage_collect_files().wait()?;
        Ok(())
    }

    /// Makes what was added and removed durable; gives the new moment.
    pub(super) fn commit(&mut self, standing: &Standing) -> Result<Arc<View>, IndexError> {
        self.write(&standing.write())?;
        self.view()
    }

    fn write(&mut self, payload: &str) -> Result<(), IndexError> {
        let mut commit = self.writer.prepare_commit()?;
        commit.set_payload(payload);
        commit.commit()?;
        Ok(())
    }

    /// The moment of the last commit.
    pub(super) fn view(&self) -> Result<Arc<View>, IndexError> {
        self.reader.reload()?;
        Ok(Arc::new(View::open(self.reader.searcher(), self.fields)?))
    }

    /// The moment of the last commit, where segments have been merged since `shown` was opened.
    pub(super) fn merged(&self, shown: &View) -> Result<Option<Arc<View>>, IndexError> {
        let held = self.index.searchable_segment_ids()?.len();
        if held == shown.segments_held() { Ok(None) } else { Ok(Some(self.view()?)) }
    }

    /// Whether a merge was not begun because a file is damaged, since this was asked last.
    pub(super) fn take_damage(&self) -> bool {
        self.damage.swap(false, Ordering::Relaxed)
    }

    /// Whether the files are there and as they were written; a shortage of the machine says nothing about them.
    pub(super) fn check(&self) -> Result<(), IndexError> {
        if !self.folder.is_dir() {
            return Err(io::Error::from(io::ErrorKind::NotFound).into());
        }
        verify(&self.index, &self.folder)
    }

    /// Waits until merges under way have ended.
    pub(super) fn close(self) -> Result<(), IndexError> {
        Ok(self.writer.wait_merging_threads()?)
    }
}

/// Whether every file can be read and is as it was written.
///
/// They are read with plain calls before anything looks at them through a mapping: a block that the disk cannot give is
/// an error here, where through a mapping it would end the process, at every start again.
fn verify(index: &TantivyIndex, folder: &Path) -> Result<(), IndexError> {
    for entry in fs::read_dir(folder)? {
        match fs::File::open(entry?.path()) {
            Ok(mut file) => {
                io::copy(&mut file, &mut io::sink())?;
            }
            // Merging took it away meanwhile; whether it is needed is asked next.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    if index.validate_checksum()?.is_empty() { Ok(()) } else { Err(IndexError::Damaged) }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::PathBuf;

    use super::{IndexError, OpenReadError, OpenWriteError, TantivyError};

    /// Only a shortage of the machine lets an index be kept that cannot be opened; everything else makes it anew.
    #[test]
    fn a_shortage_says_nothing_about_the_index() {
        let path = PathBuf::from("a.idx");
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        let shortages = [
            IndexError::Io(full()),
            IndexError::Io(io::Error::from_raw_os_error(24)),
            IndexError::Library(TantivyError::from(full())),
            IndexError::Library(OpenWriteError::wrap_io_error(full(), path.clone()).into()),
        ];
        assert!(shortages.iter().all(IndexError::is_shortage));
        let others = [
            IndexError::Damaged,
            IndexError::Foreign,
            IndexError::Io(io::Error::from_raw_os_error(5)),
            IndexError::Library(OpenReadError::FileDoesNotExist(path.clone()).into()),
            IndexError::Library(OpenReadError::wrap_io_error(io::ErrorKind::UnexpectedEof.into(), path).into()),
        ];
        assert!(!others.iter().any(IndexError::is_shortage));
    }
}
