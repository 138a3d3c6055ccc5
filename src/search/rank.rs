//! A page of the best hits: BM25, newest first among equals.
//!
//! Statistics are fixed when the first page is made and travel in the cursor, so that pages fit together while messages
//! arrive. Invariant: an entry has the same score in the tail, in the index and after a merge.

use std::cmp::Ordering;
use std::collections::HashSet;

use tantivy::postings::{BlockSegmentPostings, Postings as _, SegmentPostings};
use tantivy::query::Bm25Weight;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet as _, TERMINATED};

use super::documents::{Documents, END};
use super::entry::{Entry, Key};
use super::expression::Expression;
use super::interactions::Interactions;
use super::newest::{Place, is_there};
use super::plan::Planner;
use super::scan;
use super::tail::Tail;
use super::view::{Segment, View};

/// What scores are computed from.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Statistics {
    pub(super) documents: u64,
    /// Words of a text on average.
    pub(super) length: f32,
    /// For each word or phrase that is looked for, in their order: how many documents have it, about.
    pub(super) having: Vec<u64>,
}

/// A hit with its score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scored {
    pub(super) score: f32,
    pub(super) place: Place,
}

impl Scored {
    /// Better ones are greater.
    fn order(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then(self.place.cmp(&other.place))
    }
}

/// The words of an expression that count for the score.
fn scored_words(expression: &Expression) -> Vec<&Expression> {
    let mut words = Vec::new();
    expression.wanted(&mut |word| {
        if matches!(word, Expression::Word(_) | Expression::Forms(_) | Expression::Phrase { beginning: false, .. }) {
            words.push(word);
        }
    });
    words
}

/// The single words in a word, its forms, or a phrase.
fn singles(expression: &Expression) -> &[String] {
    match expression {
        Expression::Word(word) => std::slice::from_ref(word),
        Expression::Forms(words) | Expression::Phrase { words, .. } => words,
        Expression::Everything
        | Expression::Nothing
        | Expression::Beginning(_)
        | Expression::Facet(_)
        | Expression::Between(..)
        | Expression::Conversations(_)
        | Expression::Interaction(_)
        | Expression::All(_)
        | Expression::Any(_)
        | Expression::Not(_) => &[],
    }
}

/// The statistics of this moment.
pub(super) fn statistics(view: &View, tail: &Tail, expression: &Expression) -> tantivy::Result<Statistics> {
    let mut having = Vec::new();
    for wanted in scored_words(expression) {
        let mut counts = Vec::new();
        for word in singles(wanted) {
            let mut documents = tail.matching(&Expression::Word(word.clone())).count() as u64;
            for segment in &view.segments {
                documents += segment.text.terms().get(word.as_bytes())?.map_or(0, |info| u64::from(info.doc_freq));
            }
            counts.push(documents);
        }
        // A phrase counts like its rarest word, forms like one word that is any of them.
        let phrase = matches!(wanted, Expression::Phrase { .. });
        having.push(if phrase { counts.into_iter().min().unwrap_or(0) } else { counts.into_iter().sum() });
    }
    let tail_words: u64 = tail.matching(&Expression::Everything).map(|entry| u64::from(entry.length)).sum();
    let documents = view.documents + tail.len() as u64;
    let length = ((view.words + tail_words) as f32 / documents.max(1) as f32).max(1.0);
    Ok(Statistics { documents, length, having })
}

/// What is asked for.
pub(super) struct Wanted<'a> {
    pub(super) expression: &'a Expression,
    pub(super) interactions: &'a Interactions,
    pub(super) hidden: &'a HashSet<Key>,
    pub(super) statistics: &'a Statistics,
    pub(super) after: Option<Scored>,
    pub(super) limit: usize,
}

/// The best hits, best first.
pub(super) fn best(view: &View, tail: &Tail, wanted: &Wanted<'_>) -> tantivy::Result<Vec<Scored>> {
    let weights = Weights::new(wanted);
    let mut page = Page { hits: Vec::new(), limit: wanted.limit, after: wanted.after };
    for entry in tail.matching(wanted.expression) {
        page.add(Scored { score: weights.of_entry(entry), place: (entry.at, entry.key) });
    }
    for segment in &view.segments {
        match (wanted.expression, weights.0.as_slice()) {
            (Expression::Word(word), [(_, weight)]) => one_word(segment, wanted, word, weight, &mut page)?,
            _ => several(segment, wanted, &weights, &mut page)?,
        }
    }
    Ok(page.hits)
}

/// Each scored word with its weight.
struct Weights<'a>(Vec<(&'a Expression, Bm25Weight)>);

impl<'a> Weights<'a> {
    fn new(wanted: &Wanted<'a>) -> Self {
        let statistics = wanted.statistics;
        let mut having = statistics.having.iter();
        let words = scored_words(wanted.expression).into_iter().map(|word| {
            let having = having.next().copied().unwrap_or(0);
            let documents = statistics.documents.max(having);
            (word, Bm25Weight::for_one_term_without_explain(having, documents, statistics.length))
        });
        Self(words.collect())
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "looks for some kinds, whatever others there are")]
    fn of_entry(&self, entry: &Entry) -> f32 {
        let length = tantivy::fieldnorm::FieldNormReader::fieldnorm_to_id(entry.length);
        let mut sum = 0.0;
        for (word, weight) in &self.0 {
            let count = match word {
                Expression::Phrase { words, .. } => scan::phrase_count(entry, words, false),
                word => scan::word_count(entry, singles(word)),
            };
            if count > 0 {
                sum += weight.score(length, count);
            }
        }
        sum
    }
}

/// One word: whole blocks are left out when the best of them cannot enter.
fn one_word(
    segment: &Segment,
    wanted: &Wanted<'_>,
    word: &str,
    weight: &Bm25Weight,
    page: &mut Page,
) -> tantivy::Result<()> {
    let Some(info) = segment.text.terms().get(word.as_bytes())? else { return Ok(()) };
    let option = IndexRecordOption::WithFreqs;
    let mut blocks: BlockSegmentPostings = segment.text.read_block_postings_from_terminfo(&info, option)?;
    // The best of a block was chosen for the segment's own average length; with ours another may be best, but not by
    // more than the ratio of the two.
    let own = (segment.text.total_num_tokens() as f32 / segment.documents.max(1) as f32).max(1.0);
    let slack = (own / wanted.statistics.length).max(wanted.statistics.length / own) * 1.01;
    loop {
        let length = blocks.block_len();
        if length == 0 {
            return Ok(());
        }
        if blocks.block_max_score(&segment.lengths, weight) * slack >= page.bar() {
            for at in 0..length {
                let document = blocks.doc(at);
                let score = weight.score(segment.lengths.fieldnorm_id(document), blocks.freq(at));
                if score >= page.bar() && is_there(segment, wanted.hidden, document) {
                    page.consider(segment, document, score);
                }
            }
        }
        blocks.advance();
    }
}

/// Any expression: all its documents, each scored.
fn several(segment: &Segment, wanted: &Wanted<'_>, weights: &Weights<'_>, page: &mut Page) -> tantivy::Result<()> {
    let planner = Planner { segment, interactions: wanted.interactions };
    let mut documents = planner.documents(wanted.expression)?;
    let mut scorers = Vec::with_capacity(weights.0.len());
    for (word, weight) in &weights.0 {
        scorers.push((Scorer::open(&planner, word)?, weight));
    }
    let mut document = documents.document();
    while document != END {
        if is_there(segment, wanted.hidden, document) {
            let length = segment.lengths.fieldnorm_id(document);
            let mut score = 0.0;
            for (scorer, weight) in &mut scorers {
                let count = scorer.count(document);
                if count > 0 {
                    score += weight.score(length, count);
                }
            }
            if score >= page.bar() {
                page.consider(segment, document, score);
            }
        }
        document = documents.advance();
    }
    Ok(())
}

/// Tells how often a word or a phrase is in a document.
enum Scorer<'a> {
    Words(Vec<SegmentPostings>),
    Phrase(Documents<'a>),
}

impl<'a> Scorer<'a> {
    fn open(planner: &Planner<'a>, word: &'a Expression) -> tantivy::Result<Self> {
        if matches!(word, Expression::Phrase { .. }) {
            return Ok(Self::Phrase(planner.documents(word)?));
        }
        let text = &planner.segment.text;
        let mut lists = Vec::new();
        for word in singles(word) {
            if let Some(info) = text.terms().get(word.as_bytes())? {
                lists.push(text.read_postings_from_terminfo(&info, IndexRecordOption::WithFreqs)?);
            }
        }
        Ok(Self::Words(lists))
    }

    fn count(&mut self, document: u32) -> u32 {
        match self {
            Self::Words(lists) => {
                let count = |postings: &mut SegmentPostings| {
                    let at = if postings.doc() < document { postings.seek(document) } else { postings.doc() };
                    if at == document && at != TERMINATED { postings.term_freq() } else { 0 }
                };
                lists.iter_mut().map(count).sum()
            }
            Self::Phrase(documents) => {
                if documents.seek(document) != document {
                    return 0;
                }
                if let Documents::Phrase(phrase) = documents { phrase.count() } else { 0 }
            }
        }
    }
}

/// The best hits so far, best first.
struct Page {
    hits: Vec<Scored>,
    limit: usize,
    after: Option<Scored>,
}

impl Page {
    /// A score below this cannot enter.
    fn bar(&self) -> f32 {
        if self.hits.len() < self.limit { f32::MIN } else { self.hits.last().map_or(f32::MIN, |last| last.score) }
    }

    fn consider(&mut self, segment: &Segment, document: u32, score: f32) {
        let at = segment.at(document);
        let worst = self.hits.last().filter(|_| self.hits.len() >= self.limit);
        if worst.is_some_and(|worst| score == worst.score && at < worst.place.0) {
            return;
        }
        self.add(Scored { score, place: (at, segment.key(document)) });
    }

    fn add(&mut self, hit: Scored) {
        if self.after.is_some_and(|after| hit.order(&after) != Ordering::Less) {
            return;
        }
        let at = self.hits.partition_point(|other| other.order(&hit) == Ordering::Greater);
        if at < self.limit {
            self.hits.insert(at, hit);
            self.hits.truncate(self.limit);
        }
    }
}
