//! Whether one entry meets an expression, word by word: for entries that the index does not have yet.
//!
//! Invariant: the same answer as `plan.rs` gives once the entry is indexed.

use super::entry::Entry;
use super::expression::Expression;
use super::interactions::Interactions;
use super::schema;

/// Whether the entry meets the expression.
pub(super) fn meets(entry: &Entry, expression: &Expression, interactions: &Interactions) -> bool {
    match expression {
        Expression::Everything => true,
        Expression::Nothing => false,
        Expression::Word(word) => schema::transported(&entry.words).any(|(term, _)| term == word),
        Expression::Beginning(letters) => {
            schema::transported(&entry.words).any(|(term, _)| term.starts_with(letters.as_str()))
        }
        Expression::Forms(words) => {
            schema::transported(&entry.words).any(|(term, _)| words.iter().any(|word| term == word))
        }
        Expression::Phrase { words, beginning } => phrase_count(entry, words, *beginning) > 0,
        Expression::Facet(facet) => entry.facets.contains(facet),
        Expression::Between(from, until) => (*from..*until).contains(&entry.at.0),
        Expression::Conversations(numbers) => numbers.binary_search(&entry.conversation).is_ok(),
        Expression::Interaction(rule) => interactions.meets(entry.interaction, || entry.conversation, rule),
        Expression::All(parts) => parts.iter().all(|part| meets(entry, part, interactions)),
        Expression::Any(parts) => parts.iter().any(|part| meets(entry, part, interactions)),
        Expression::Not(part) => !meets(entry, part, interactions),
    }
}

/// How often any of these words is in an entry.
pub(super) fn word_count(entry: &Entry, words: &[String]) -> u32 {
    let found = schema::transported(&entry.words).filter(|(term, _)| words.iter().any(|word| word == term)).count();
    u32::try_from(found).unwrap_or(u32::MAX)
}

/// How often words stand side by side in an entry.
pub(super) fn phrase_count(entry: &Entry, words: &[String], beginning: bool) -> u32 {
    let terms: Vec<(&str, u32)> = schema::transported(&entry.words).collect();
    let is_at = |place: usize, position: u32| {
        let last = place + 1 == words.len();
        terms.iter().any(|(term, at)| {
            *at == position
                && if last && beginning { term.starts_with(words[place].as_str()) } else { *term == words[place] }
        })
    };
    let Some(end) = terms.last().map(|(_, position)| *position) else { return 0 };
    let starts = (0..=end).filter(|start| {
        (0..words.len()).all(|place| is_at(place, start.saturating_add(u32::try_from(place).unwrap_or(u32::MAX))))
    });
    u32::try_from(starts.count()).unwrap_or(u32::MAX)
}
