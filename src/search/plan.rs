//! An expression and a segment to the stream of its documents.
//!
//! Invariant: what is planned gives the same documents as `scan.rs` does entry by entry.

use tantivy::index::InvertedIndexReader;
use tantivy::postings::{SegmentPostings, TermInfo};
use tantivy::schema::IndexRecordOption;

use super::documents::{Documents, END, Phrase, PhraseWord};
use super::entry::Facet;
use super::expression::Expression;
use super::interactions::Interactions;
use super::schema::{BEGINNING_CHARS, has_beginnings};
use super::view::Segment;

/// Conversations up to which their posting lists are joined; beyond, each document is looked up.
const CONVERSATION_LISTS_MAX: usize = 32;

/// What planning needs beside the segment.
#[derive(Clone, Copy)]
pub(super) struct Planner<'a> {
    pub(super) segment: &'a Segment,
    pub(super) interactions: &'a Interactions,
}

impl<'a> Planner<'a> {
    /// The stream of an expression.
    pub(super) fn documents(&self, expression: &'a Expression) -> tantivy::Result<Documents<'a>> {
        let every = 0..self.segment.documents;
        Ok(match expression {
            Expression::Everything => Documents::span(every),
            Expression::Nothing => Documents::none(),
            Expression::Word(word) => self.word(&self.segment.text, word.as_bytes())?,
            Expression::Beginning(letters) => self.beginning(letters)?,
            Expression::Forms(words) => {
                let lists = words.iter().map(|word| self.word(&self.segment.text, word.as_bytes()));
                let mut lists = lists.collect::<Result<Vec<_>, _>>()?;
                lists.retain(|list| list.document() != END);
                Documents::any(lists)
            }
            Expression::Phrase { words, beginning } => self.phrase(words, *beginning)?,
            Expression::Facet(facet) => self.facet(*facet)?,
            Expression::Between(from, until) => Documents::span(self.segment.between(*from, *until)),
            Expression::Conversations(numbers) if numbers.len() <= CONVERSATION_LISTS_MAX => {
                let lists = numbers.iter().map(|number| self.facet(Facet::conversation(*number)));
                Documents::any(lists.collect::<Result<_, _>>()?)
            }
            Expression::Conversations(_) | Expression::Interaction(_) => {
                Documents::checked(Documents::span(every), self.check(expression))
            }
            Expression::All(parts) => self.all(parts)?,
            Expression::Any(parts) => {
                let parts = parts.iter().map(|part| self.documents(part));
                let mut parts = parts.collect::<Result<Vec<_>, _>>()?;
                parts.retain(|part| part.document() != END);
                Documents::any(parts)
            }
            Expression::Not(excluded) => Documents::without(Documents::span(every), self.documents(excluded)?),
        })
    }

    /// How many documents, where the dictionary alone tells; removed ones are counted.
    pub(super) fn known_count(&self, expression: &Expression) -> tantivy::Result<Option<u64>> {
        let (index, key): (_, Vec<u8>) = match expression {
            Expression::Everything => return Ok(Some(u64::from(self.segment.documents))),
            Expression::Nothing => return Ok(Some(0)),
            Expression::Word(word) => (&self.segment.text, word.as_bytes().to_vec()),
            Expression::Facet(facet) => (&self.segment.facets, facet.0.to_be_bytes().to_vec()),
            Expression::Beginning(letters) if is_listed(letters) => {
                (&self.segment.beginnings, letters.as_bytes().to_vec())
            }
            Expression::Between(from, until) => {
                return Ok(Some(self.segment.between(*from, *until).len() as u64));
            }
            Expression::Beginning(_)
            | Expression::Forms(_)
            | Expression::Phrase { .. }
            | Expression::Conversations(_)
            | Expression::Interaction(_)
            | Expression::All(_)
            | Expression::Any(_)
            | Expression::Not(_) => return Ok(None),
        };
        Ok(Some(index.terms().get(key)?.map_or(0, |info| u64::from(info.doc_freq))))
    }

    /// Streams first, then what is excluded, then tests: the dearest for the fewest.
    fn all(&self, parts: &'a [Expression]) -> tantivy::Result<Documents<'a>> {
        // A word that is nowhere ends it before any list is opened.
        for part in parts {
            if let Expression::Word(_) | Expression::Facet(_) = part
                && self.known_count(part)? == Some(0)
            {
                return Ok(Documents::none());
            }
        }
        let (mut streams, mut excluded, mut checks) = (Vec::new(), Vec::new(), Vec::new());
        for part in parts {
            match part {
                Expression::Everything => {}
                Expression::Not(part) => excluded.push(self.documents(part)?),
                Expression::Conversations(numbers) if numbers.len() > CONVERSATION_LISTS_MAX => {
                    checks.push(self.check(part));
                }
                Expression::Interaction(_) => checks.push(self.check(part)),
                Expression::Nothing
                | Expression::Word(_)
                | Expression::Beginning(_)
                | Expression::Forms(_)
                | Expression::Phrase { .. }
                | Expression::Facet(_)
                | Expression::Between(..)
                | Expression::Conversations(_)
                | Expression::All(_)
                | Expression::Any(_) => {
                    let stream = self.documents(part)?;
                    if stream.document() == END {
                        return Ok(Documents::none());
                    }
                    streams.push(stream);
                }
            }
        }
        if streams.is_empty() {
            streams.push(Documents::span(0..self.segment.documents));
        }
        let mut documents = Documents::all(streams);
        if !excluded.is_empty() {
            documents = Documents::without(documents, Documents::any(excluded));
        }
        for check in checks {
            documents = Documents::checked(documents, check);
        }
        Ok(documents)
    }

    fn check(&self, expression: &'a Expression) -> Box<dyn Fn(u32) -> bool + 'a> {
        let Planner { segment, interactions } = *self;
        match expression {
            Expression::Conversations(numbers) => {
                Box::new(move |document| numbers.binary_search(&segment.conversation(document)).is_ok())
            }
            Expression::Interaction(rule) => Box::new(move |document| {
                interactions.meets(segment.interaction(document), || segment.conversation(document), rule)
            }),
            Expression::Everything
            | Expression::Nothing
            | Expression::Word(_)
            | Expression::Beginning(_)
            | Expression::Forms(_)
            | Expression::Phrase { .. }
            | Expression::Facet(_)
            | Expression::Between(..)
            | Expression::All(_)
            | Expression::Any(_)
            | Expression::Not(_) => Box::new(|_| true),
        }
    }

    fn facet(&self, facet: Facet) -> tantivy::Result<Documents<'a>> {
        self.word(&self.segment.facets, &facet.0.to_be_bytes())
    }

    fn word(&self, index: &InvertedIndexReader, key: &[u8]) -> tantivy::Result<Documents<'a>> {
        Ok(match index.terms().get(key)? {
            Some(info) => Documents::Word(Box::new(postings(index, &info, IndexRecordOption::Basic)?)),
            None => Documents::none(),
        })
    }

    fn beginning(&self, letters: &str) -> tantivy::Result<Documents<'a>> {
        let Segment { beginnings, text, .. } = self.segment;
        if is_listed(letters) {
            return self.word(beginnings, letters.as_bytes());
        }
        // One letter or two: the lists of three; pairs and long beginnings: the words themselves.
        let short = has_beginnings(letters) && letters.chars().count() < BEGINNING_CHARS;
        let index = if short { beginnings } else { text };
        let mut lists = Vec::new();
        for info in terms_from(index, letters)? {
            lists.push(Documents::Word(Box::new(postings(index, &info, IndexRecordOption::Basic)?)));
        }
        Ok(Documents::any(lists))
    }

    fn phrase(&self, words: &[String], beginning: bool) -> tantivy::Result<Documents<'a>> {
        let text = &self.segment.text;
        let mut infos = Vec::with_capacity(words.len());
        for (place, word) in words.iter().enumerate() {
            let choices = if beginning && place + 1 == words.len() {
                terms_from(text, word)?
            } else {
                text.terms().get(word.as_bytes())?.into_iter().collect()
            };
            if choices.is_empty() {
                return Ok(Documents::none());
            }
            infos.push(choices);
        }
        let mut places = Vec::with_capacity(infos.len());
        for choices in infos {
            let lists = choices.iter().map(|info| postings(text, info, IndexRecordOption::WithFreqsAndPositions));
            places.push(PhraseWord::new(lists.collect::<Result<_, _>>()?));
        }
        Ok(Documents::Phrase(Box::new(Phrase::new(places))))
    }
}

fn postings(
    index: &InvertedIndexReader,
    info: &TermInfo,
    option: IndexRecordOption,
) -> tantivy::Result<SegmentPostings> {
    Ok(index.read_postings_from_terminfo(info, option)?)
}

/// Whether a beginning has a posting list of its own.
fn is_listed(letters: &str) -> bool {
    has_beginnings(letters) && letters.chars().count() == BEGINNING_CHARS
}

/// The words of a dictionary that begin so.
fn terms_from(index: &InvertedIndexReader, letters: &str) -> tantivy::Result<Vec<TermInfo>> {
    let mut stream = index.terms().range().ge(letters.as_bytes()).lt(after(letters)).into_stream()?;
    let mut found = Vec::new();
    while stream.advance() {
        found.push(stream.value().clone());
    }
    Ok(found)
}

/// The first key of a dictionary after all words with this beginning, which has a letter.
pub(super) fn after(beginning: &str) -> Vec<u8> {
    let mut after = beginning.as_bytes().to_vec();
    if let Some(last) = after.last_mut() {
        // UTF-8 has no byte 255.
        *last += 1;
    }
    after
}
