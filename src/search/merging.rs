//! Which parts of the index are put together, and that none of them is damaged.
//!
//! Merging reads its parts without looking at their checksums and gives the result a new one: what had rotted would be
//! believed from then on. Invariant: a merge begins only with files that are as they were written.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tantivy::Index;
use tantivy::directory::error::OpenReadError;
use tantivy::index::SegmentMeta;
use tantivy::indexer::{LogMergePolicy, MergeCandidate, MergePolicy};

use crate::limits::{SEARCH_DELETED_PERCENT_MAX, SEARCH_MERGE_DOCUMENTS_MAX};

/// Set when a part is damaged; whoever sees it looks at all files.
pub(super) type Damage = Arc<AtomicBool>;

/// Merges parts of like size, sound ones only.
#[derive(Debug)]
pub(super) struct SoundParts {
    by_size: LogMergePolicy,
    index: Index,
    damage: Damage,
}

impl SoundParts {
    /// For this index.
    pub(super) fn of(index: &Index, damage: &Damage) -> Self {
        let mut by_size = LogMergePolicy::default();
        by_size.set_max_docs_before_merge(SEARCH_MERGE_DOCUMENTS_MAX);
        by_size.set_del_docs_ratio_before_merge(SEARCH_DELETED_PERCENT_MAX as f32 / 100.0);
        Self { by_size, index: index.clone(), damage: Arc::clone(damage) }
    }

    fn is_sound(&self, segment: &SegmentMeta) -> bool {
        let directory = self.index.directory();
        // The files of a part begin with its name.
        let name = segment.id().uuid_string();
        let files = directory.list_managed_files();
        let mut own = files.iter().filter(|file| file.to_string_lossy().starts_with(&name));
        own.all(|file| match directory.validate_checksum(file) {
            Ok(sound) => sound,
            // Taken away meanwhile, because nothing needs it any more.
            Err(OpenReadError::FileDoesNotExist(_)) => true,
            Err(_) => false,
        })
    }
}

impl MergePolicy for SoundParts {
    fn compute_merge_candidates(&self, segments: &[SegmentMeta]) -> Vec<MergeCandidate> {
        let candidates = self.by_size.compute_merge_candidates(segments);
        let wanted = |segment: &&SegmentMeta| candidates.iter().any(|merge| merge.0.contains(&segment.id()));
        if segments.iter().filter(wanted).all(|segment| self.is_sound(segment)) {
            return candidates;
        }
        self.damage.store(true, Ordering::Relaxed);
        Vec::new()
    }
}
