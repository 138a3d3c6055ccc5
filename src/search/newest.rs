//! A page of the newest hits, and how many there are.
//!
//! Segments are visited newest first, and left as soon as no later document can enter the page; after that documents
//! are only counted, and only as far as the count is told. Invariant: order is by time, then by key, newest first.

use std::collections::HashSet;

use crate::domain::time::Timestamp;
use crate::limits::{SEARCH_COUNT_COMPARED_MAX, SEARCH_COUNT_MAX};

use super::documents::END;
use super::entry::Key;
use super::expression::Expression;
use super::interactions::Interactions;
use super::plan::Planner;
use super::view::{Segment, View};

/// A hit's place in the order.
pub(super) type Place = (Timestamp, Key);

/// What is asked for.
pub(super) struct Wanted<'a> {
    pub(super) expression: &'a Expression,
    pub(super) interactions: &'a Interactions,
    /// Entries of the index that the tail has anew.
    pub(super) hidden: &'a HashSet<Key>,
    /// Only what comes after this hit.
    pub(super) after: Option<Place>,
    /// Hits at most.
    pub(super) limit: usize,
    /// Whether they are counted.
    pub(super) counted: bool,
}

/// The page and the count.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Newest first.
    pub(super) page: Vec<Place>,
    /// At most one more than `SEARCH_COUNT_MAX`.
    pub(super) total: u64,
    /// Whether they were counted to the end, and are no more than `SEARCH_COUNT_MAX`.
    pub(super) exact: bool,
}

/// Adds what the index has to the hits of the tail.
pub(super) fn newest(view: &View, wanted: &Wanted<'_>, tail: Vec<Place>) -> tantivy::Result<Found> {
    let mut page = Page { places: tail, limit: wanted.limit };
    let mut total = page.places.len() as u64;
    page.places.sort_unstable_by(|one, other| other.cmp(one));
    if let Some(after) = wanted.after {
        page.places.retain(|place| *place < after);
    }
    page.places.truncate(page.limit);
    let mut compare = SEARCH_COUNT_COMPARED_MAX;
    for segment in &view.segments {
        let gather = page.takes(segment.newest);
        let counting = wanted.counted && total <= SEARCH_COUNT_MAX && compare > 0;
        if !gather && !counting {
            // Later segments are older still.
            break;
        }
        let count_max = if counting { SEARCH_COUNT_MAX + 1 - total } else { 0 };
        total += visit(segment, wanted, &mut page, count_max, &mut compare)?;
    }
    let exact = wanted.counted && compare > 0 && total <= SEARCH_COUNT_MAX;
    Ok(Found { page: page.places, total: total.min(SEARCH_COUNT_MAX + 1), exact })
}

/// Gathers and counts in one segment; gives how many there are, or at least `count_max`. `compare` is how many documents
/// may still be looked into for a phrase; at 0 the count is given up.
fn visit(
    segment: &Segment,
    wanted: &Wanted<'_>,
    page: &mut Page,
    count_max: u64,
    compare: &mut u32,
) -> tantivy::Result<u64> {
    let planner = Planner { segment, interactions: wanted.interactions };
    let whole = segment.alive().is_none() && wanted.hidden.is_empty();
    let known = if whole && count_max > 0 { planner.known_count(wanted.expression)? } else { None };
    let mut gather = page.takes(segment.newest);
    let mut count = 0;
    if !gather && let Some(known) = known {
        return Ok(known);
    }
    let mut documents = planner.documents(wanted.expression)?;
    if let (Some((at, _)), true) = (wanted.after, count_max == 0) {
        documents.seek(segment.between(i64::MIN, at.0.saturating_add(1)).start);
    }
    let mut has_phrase = false;
    wanted.expression.wanted(&mut |word| has_phrase |= matches!(word, Expression::Phrase { .. }));
    let mut document = documents.document();
    while document != END {
        if whole || is_there(segment, wanted.hidden, document) {
            count += 1;
            if gather {
                let at = segment.at(document);
                if page.takes(at) {
                    let place = (at, segment.key(document));
                    if wanted.after.is_none_or(|after| place < after) {
                        page.add(place);
                    }
                } else {
                    gather = false;
                }
            }
        }
        if !gather {
            if let Some(known) = known {
                return Ok(known);
            }
            if count >= count_max || has_phrase && documents.compared() >= *compare {
                break;
            }
        }
        document = documents.advance();
    }
    *compare = compare.saturating_sub(documents.compared());
    Ok(count)
}

/// Not removed, and not changed since.
pub(super) fn is_there(segment: &Segment, hidden: &HashSet<Key>, document: u32) -> bool {
    segment.alive().is_none_or(|alive| alive.is_alive(document))
        && (hidden.is_empty() || !hidden.contains(&segment.key(document)))
}

/// The newest places so far.
struct Page {
    places: Vec<Place>,
    limit: usize,
}

impl Page {
    /// Whether something from this instant could enter.
    fn takes(&self, at: Timestamp) -> bool {
        self.places.len() < self.limit || self.places.last().is_some_and(|last| at >= last.0)
    }

    fn add(&mut self, place: Place) {
        let at = self.places.partition_point(|other| *other > place);
        if at < self.limit {
            self.places.insert(at, place);
            self.places.truncate(self.limit);
        }
    }
}
