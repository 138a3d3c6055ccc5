//! One moment of the index: its segments, newest first, with everything opened that queries use.
//!
//! Opening columns costs more than a small query, so it is done once for each reader. Invariant: documents of a segment
//! stand newest first.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use tantivy::columnar::ColumnValues;
use tantivy::fastfield::AliveBitSet;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::index::InvertedIndexReader;
use tantivy::{Searcher, SegmentReader};

use crate::domain::time::Timestamp;

use super::entry::Key;
use super::schema::Fields;

/// One moment of the index.
#[derive(Default)]
pub(super) struct View {
    /// Newest first.
    pub(super) segments: Vec<Segment>,
    /// Words of all texts, and how many texts: for ranking.
    pub(super) words: u64,
    /// Documents, removed ones included.
    pub(super) documents: u64,
    /// Keeps the files.
    searcher: Option<Searcher>,
}

/// One segment.
pub(super) struct Segment {
    reader: SegmentReader,
    pub(super) text: Arc<InvertedIndexReader>,
    pub(super) beginnings: Arc<InvertedIndexReader>,
    pub(super) facets: Arc<InvertedIndexReader>,
    pub(super) lengths: FieldNormReader,
    at: Arc<dyn ColumnValues<i64>>,
    key: Arc<dyn ColumnValues<u64>>,
    conversation: Arc<dyn ColumnValues<u64>>,
    interaction: Arc<dyn ColumnValues<u64>>,
    pub(super) newest: Timestamp,
    pub(super) documents: u32,
}

impl View {
    /// Opens everything of a reader's moment.
    pub(super) fn open(searcher: Searcher, fields: Fields) -> tantivy::Result<Self> {
        let mut segments = Vec::new();
        for reader in searcher.segment_readers() {
            if reader.num_docs() > 0 {
                segments.push(Segment::open(reader.clone(), fields)?);
            }
        }
        segments.sort_by_key(|segment| Reverse(segment.newest));
        let words = segments.iter().map(|segment| segment.text.total_num_tokens()).sum();
        let documents = segments.iter().map(|segment| u64::from(segment.documents)).sum();
        Ok(Self { segments, words, documents, searcher: Some(searcher) })
    }

    /// Segments of the moment, empty ones included.
    pub(super) fn segments_held(&self) -> usize {
        self.searcher.as_ref().map_or(0, |searcher| searcher.segment_readers().len())
    }
}

impl Segment {
    fn open(reader: SegmentReader, fields: Fields) -> tantivy::Result<Self> {
        let columns = reader.fast_fields();
        let at = columns.i64(Fields::AT)?.first_or_default_col(0);
        let number = |name| Ok::<_, tantivy::TantivyError>(columns.u64(name)?.first_or_default_col(0));
        let newest = Timestamp(at.get_val(0));
        Ok(Self {
            text: reader.inverted_index(fields.text)?,
            beginnings: reader.inverted_index(fields.beginnings)?,
            facets: reader.inverted_index(fields.facets)?,
            lengths: reader.get_fieldnorms_reader(fields.text)?,
            key: number(Fields::KEY)?,
            conversation: number(Fields::CONVERSATION)?,
            interaction: number(Fields::INTERACTION)?,
            at,
            newest,
            documents: reader.max_doc(),
            reader,
        })
    }

    pub(super) fn at(&self, document: u32) -> Timestamp {
        Timestamp(self.at.get_val(document))
    }

    pub(super) fn key(&self, document: u32) -> Key {
        Key(self.key.get_val(document))
    }

    pub(super) fn conversation(&self, document: u32) -> u64 {
        self.conversation.get_val(document)
    }

    pub(super) fn interaction(&self, document: u32) -> u64 {
        self.interaction.get_val(document)
    }

    /// Which documents are still there; `None` when all are.
    pub(super) fn alive(&self) -> Option<&AliveBitSet> {
        self.reader.alive_bitset()
    }

    /// The documents from the first instant up to before the second.
    pub(super) fn between(&self, from: i64, until: i64) -> Range<u32> {
        let first_before = |instant: i64| {
            let (mut low, mut high) = (0, self.documents);
            while low < high {
                let middle = low + (high - low) / 2;
                if self.at.get_val(middle) < instant { high = middle } else { low = middle + 1 }
            }
            low
        };
        let start = first_before(until);
        start..first_before(from).max(start)
    }
}
