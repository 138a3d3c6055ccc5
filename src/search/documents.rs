//! Streams of documents of one segment, in order: words, phrases, and what AND, OR and NOT make of them.
//!
//! Our own, and not the library's queries, because a page of the newest hits needs no scores, no boxes for each word
//! and nothing opened twice. Invariant: every stream goes forward only, and ends at `END`.

use std::ops::Range;

use tantivy::postings::{Postings as _, SegmentPostings};
use tantivy::{DocSet as _, TERMINATED};

/// After the last document.
pub(super) const END: u32 = TERMINATED;

/// Documents that a union gathers at once, at first; then more and more.
const WINDOW_DOCUMENTS_MIN: u32 = 256;
/// Documents that a union gathers at once.
const WINDOW_DOCUMENTS_MAX: u32 = 16 * 1_024;

/// A stream of documents.
pub(super) enum Documents<'a> {
    /// Of one word.
    Word(Box<SegmentPostings>),
    /// All of a range: the next one, and the end.
    Span(Range<u32>),
    /// Those that are in every stream; the rarest first.
    All(Vec<Documents<'a>>),
    /// Those that are in any.
    Any(Box<Union<'a>>),
    /// Words side by side.
    Phrase(Box<Phrase>),
    /// Those of the first that are not in the second.
    Without(Box<(Documents<'a>, Documents<'a>)>),
    /// Those that pass a test.
    Checked(Box<Checked<'a>>),
}

/// Documents that pass a test.
pub(super) struct Checked<'a> {
    pub(super) documents: Documents<'a>,
    pub(super) passes: Box<dyn Fn(u32) -> bool + 'a>,
}

impl<'a> Documents<'a> {
    /// No document.
    pub(super) fn none() -> Self {
        Self::Span(END..END)
    }

    /// A range of documents.
    pub(super) fn span(range: Range<u32>) -> Self {
        if range.is_empty() { Self::none() } else { Self::Span(range) }
    }

    /// Those in every stream.
    pub(super) fn all(mut parts: Vec<Self>) -> Self {
        parts.sort_by_key(Self::cost);
        if parts.len() == 1
            && let Some(only) = parts.pop()
        {
            return only;
        }
        let mut all = Self::All(parts);
        all.settle();
        all
    }

    /// Those in any stream.
    pub(super) fn any(mut parts: Vec<Self>) -> Self {
        match parts.len() {
            0 => Self::none(),
            1 => parts.pop().unwrap_or_else(Self::none),
            _ => Self::Any(Box::new(Union::new(parts))),
        }
    }

    /// Those of `documents` that are not in `excluded`.
    pub(super) fn without(documents: Self, excluded: Self) -> Self {
        let mut without = Self::Without(Box::new((documents, excluded)));
        without.settle();
        without
    }

    /// Those that pass.
    pub(super) fn checked(documents: Self, passes: Box<dyn Fn(u32) -> bool + 'a>) -> Self {
        let mut checked = Self::Checked(Box::new(Checked { documents, passes }));
        checked.settle();
        checked
    }

    /// About how many documents.
    pub(super) fn cost(&self) -> u32 {
        match self {
            Self::Word(postings) => postings.doc_freq(),
            Self::Span(range) => range.end.saturating_sub(range.start),
            Self::All(parts) => parts.first().map_or(0, Self::cost),
            Self::Any(union) => union.parts.iter().map(Self::cost).fold(0, u32::saturating_add),
            Self::Phrase(phrase) => phrase.words.iter().map(PhraseWord::cost).min().unwrap_or(0),
            Self::Without(pair) => pair.0.cost(),
            Self::Checked(checked) => checked.documents.cost(),
        }
    }

    /// The document that it stands on.
    pub(super) fn document(&self) -> u32 {
        match self {
            Self::Word(postings) => postings.doc(),
            Self::Span(range) => range.start,
            Self::All(parts) => parts.first().map_or(END, Self::document),
            Self::Any(union) => union.document,
            Self::Phrase(phrase) => phrase.document,
            Self::Without(pair) => pair.0.document(),
            Self::Checked(checked) => checked.documents.document(),
        }
    }

    /// Documents whose places of words have been compared so far: by far the dearest work.
    pub(super) fn compared(&self) -> u32 {
        match self {
            Self::Word(_) | Self::Span(_) => 0,
            Self::All(parts) => parts.iter().map(Self::compared).sum(),
            Self::Any(union) => union.parts.iter().map(Self::compared).sum(),
            Self::Phrase(phrase) => phrase.compared,
            Self::Without(pair) => pair.0.compared() + pair.1.compared(),
            Self::Checked(checked) => checked.documents.compared(),
        }
    }

    /// Goes on to the next document.
    pub(super) fn advance(&mut self) -> u32 {
        match self {
            Self::Word(postings) => return postings.advance(),
            Self::Span(range) => {
                let next = range.start.saturating_add(1);
                range.start = if next < range.end { next } else { END };
                return range.start;
            }
            Self::Any(union) => return union.advance(),
            Self::Phrase(phrase) => return phrase.advance(),
            Self::All(parts) => {
                if let Some(first) = parts.first_mut() {
                    first.advance();
                }
            }
            Self::Without(pair) => {
                pair.0.advance();
            }
            Self::Checked(checked) => {
                checked.documents.advance();
            }
        }
        self.settle()
    }

    /// Goes on to the first document that is not before `target`.
    pub(super) fn seek(&mut self, target: u32) -> u32 {
        if self.document() >= target {
            return self.document();
        }
        match self {
            Self::Word(postings) => return postings.seek(target),
            Self::Span(range) => {
                range.start = if target < range.end { target } else { END };
                return range.start;
            }
            Self::Any(union) => return union.seek(target),
            Self::Phrase(phrase) => return phrase.seek(target),
            Self::All(parts) => {
                if let Some(first) = parts.first_mut() {
                    first.seek(target);
                }
            }
            Self::Without(pair) => {
                pair.0.seek(target);
            }
            Self::Checked(checked) => {
                checked.documents.seek(target);
            }
        }
        self.settle()
    }

    /// From where the leading stream stands, goes on to a document that belongs.
    fn settle(&mut self) -> u32 {
        match self {
            Self::All(parts) => settle_all(parts),
            Self::Without(pair) => {
                let (documents, excluded) = pair.as_mut();
                let mut at = documents.document();
                while at != END && excluded.seek(at) == at {
                    at = documents.advance();
                }
                at
            }
            Self::Checked(checked) => {
                let mut at = checked.documents.document();
                while at != END && !(checked.passes)(at) {
                    at = checked.documents.advance();
                }
                at
            }
            Self::Word(_) | Self::Span(_) | Self::Any(_) | Self::Phrase(_) => self.document(),
        }
    }
}

/// Brings all streams to the first document that they share, from where the first stands.
fn settle_all(parts: &mut [Documents<'_>]) -> u32 {
    let Some((first, others)) = parts.split_first_mut() else { return END };
    let mut at = first.document();
    'candidate: while at != END {
        for other in others.iter_mut() {
            let there = other.seek(at);
            if there > at {
                at = first.seek(there);
                continue 'candidate;
            }
        }
        return at;
    }
    END
}

/// Documents in any of several streams, gathered window by window into bits.
pub(super) struct Union<'a> {
    parts: Vec<Documents<'a>>,
    bits: Vec<u64>,
    /// The first document of the window, and how many it has.
    base: u32,
    size: u32,
    document: u32,
}

impl<'a> Union<'a> {
    fn new(parts: Vec<Documents<'a>>) -> Self {
        let mut union = Self { parts, bits: Vec::new(), base: 0, size: 0, document: END };
        union.gather(0);
        union
    }

    /// Gathers the window in which the next document from `from` on is, and stands on that.
    fn gather(&mut self, from: u32) -> u32 {
        self.size = (self.size * 4).clamp(WINDOW_DOCUMENTS_MIN, WINDOW_DOCUMENTS_MAX);
        self.parts.retain_mut(|part| part.seek(from) != END);
        let Some(base) = self.parts.iter().map(Documents::document).min() else {
            self.size = 0;
            self.document = END;
            return END;
        };
        self.base = base;
        self.bits.clear();
        self.bits.resize(self.size as usize / 64, 0);
        let end = base.saturating_add(self.size);
        for part in &mut self.parts {
            let mut at = part.document();
            while at < end {
                let place = at - base;
                self.bits[place as usize / 64] |= 1 << (place % 64);
                at = part.advance();
            }
        }
        self.document = base;
        base
    }

    fn advance(&mut self) -> u32 {
        if self.document == END { END } else { self.seek(self.document + 1) }
    }

    fn seek(&mut self, target: u32) -> u32 {
        if self.document == END {
            return END;
        }
        let place = target - self.base;
        if place >= self.size {
            return self.gather(target);
        }
        let mut word = place as usize / 64;
        let mut bits = self.bits[word] & (u64::MAX << (place % 64));
        loop {
            if bits != 0 {
                // A window has far fewer than 2^32 words.
                self.document = self.base + u32::try_from(word).unwrap_or(0) * 64 + bits.trailing_zeros();
                return self.document;
            }
            word += 1;
            match self.bits.get(word) {
                Some(next) => bits = *next,
                None => return self.gather(self.base.saturating_add(self.size)),
            }
        }
    }
}

/// One place of a phrase: a word, or any of the words with a beginning.
pub(super) struct PhraseWord {
    choices: Vec<SegmentPostings>,
    document: u32,
}

impl PhraseWord {
    pub(super) fn new(choices: Vec<SegmentPostings>) -> Self {
        let mut word = Self { choices, document: END };
        word.find();
        word
    }

    fn cost(&self) -> u32 {
        self.choices.iter().map(SegmentPostings::doc_freq).fold(0, u32::saturating_add)
    }

    fn find(&mut self) -> u32 {
        self.document = self.choices.iter().map(|choice| choice.doc()).min().unwrap_or(END);
        self.document
    }

    fn seek(&mut self, target: u32) -> u32 {
        if self.document < target {
            self.choices
                .retain_mut(|choice| (if choice.doc() < target { choice.seek(target) } else { choice.doc() }) != END);
            self.find();
        }
        self.document
    }

    fn positions(&mut self, found: &mut Vec<u32>) {
        let mut several = Vec::new();
        found.clear();
        for choice in self.choices.iter_mut().filter(|choice| choice.doc() == self.document) {
            choice.positions(&mut several);
            found.extend_from_slice(&several);
        }
        if self.choices.len() > 1 {
            found.sort_unstable();
        }
    }
}

/// Words side by side.
pub(super) struct Phrase {
    words: Vec<PhraseWord>,
    /// Places in the phrase, the rarest word first.
    order: Vec<usize>,
    document: u32,
    starts: Vec<u32>,
    positions: Vec<u32>,
    /// Documents that have all words, and were looked into.
    compared: u32,
}

impl Phrase {
    pub(super) fn new(words: Vec<PhraseWord>) -> Self {
        let mut order: Vec<usize> = (0..words.len()).collect();
        order.sort_by_key(|place| words[*place].cost());
        let mut phrase = Self { words, order, document: END, starts: Vec::new(), positions: Vec::new(), compared: 0 };
        phrase.seek_from(0);
        phrase
    }

    /// How often the phrase is in the document.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX)
    }

    fn advance(&mut self) -> u32 {
        if self.document == END { END } else { self.seek_from(self.document + 1) }
    }

    fn seek(&mut self, target: u32) -> u32 {
        self.seek_from(target)
    }

    fn seek_from(&mut self, target: u32) -> u32 {
        let Some((&lead, others)) = self.order.split_first() else { return END };
        let mut at = self.words[lead].seek(target);
        'candidate: while at != END {
            for &other in others {
                let there = self.words[other].seek(at);
                if there > at {
                    at = self.words[lead].seek(there);
                    continue 'candidate;
                }
            }
            self.compared += 1;
            if meets(&mut self.words, &self.order, &mut self.starts, &mut self.positions) {
                break;
            }
            at = self.words[lead].seek(at + 1);
        }
        self.document = at;
        at
    }
}

/// Whether the words stand side by side in the document that all stand on; `starts` then says where phrases begin,
/// shifted by the number of words.
fn meets(words: &mut [PhraseWord], order: &[usize], starts: &mut Vec<u32>, positions: &mut Vec<u32>) -> bool {
    // Shifted, so that no place before the text's beginning is negative.
    let length = u32::try_from(words.len()).unwrap_or(u32::MAX);
    for (round, &place) in order.iter().enumerate() {
        let shift = length - u32::try_from(place).unwrap_or(0);
        if round == 0 {
            words[place].positions(starts);
            starts.iter_mut().for_each(|start| *start += shift);
        } else {
            words[place].positions(positions);
            positions.iter_mut().for_each(|position| *position += shift);
            let mut from = 0;
            starts.retain(|start| {
                while positions.get(from).is_some_and(|position| position < start) {
                    from += 1;
                }
                positions.get(from) == Some(start)
            });
        }
        if starts.is_empty() {
            return false;
        }
    }
    true
}
