//! The piece of a text that shows why it was found.
//!
//! Invariant: marks lie within the snippet, in order, do not overlap, and count UTF-16 units, as browsers do.

use std::ops::Range;

use crate::limits::SEARCH_SNIPPET_CHARS_MAX;

use super::analyzer::Analysis;
use super::expression::Expression;

/// A piece of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Snippet {
    pub(super) text: String,
    pub(super) marks: Vec<[u32; 2]>,
}

/// Cuts a snippet out of a text.
pub(super) fn snippet(analysis: &mut Analysis, text: &str, expression: &Expression) -> Snippet {
    let found = matches(analysis, text, expression);
    let window = window(text, found.first());
    let mut marks = Vec::with_capacity(found.len());
    let (mut bytes, mut units) = (window.start, 0_u32);
    let mut to_units = |until: usize| {
        units += u32::try_from(text[bytes..until].encode_utf16().count()).unwrap_or(0);
        bytes = until;
        units
    };
    // A leading ellipsis is one unit.
    let shift = u32::from(window.start > 0);
    for mark in found.iter().filter(|mark| mark.start >= window.start && mark.end <= window.end) {
        marks.push([to_units(mark.start) + shift, to_units(mark.end) + shift]);
    }
    let mut shown = String::new();
    if window.start > 0 {
        shown.push('\u{2026}');
    }
    shown.push_str(&text[window.clone()]);
    if window.end < text.len() {
        shown.push('\u{2026}');
    }
    Snippet { text: shown, marks }
}

/// Where words of the expression stand, in order, those that touch made one.
fn matches(analysis: &mut Analysis, text: &str, expression: &Expression) -> Vec<Range<usize>> {
    let (mut words, mut beginnings, mut phrases) = (Vec::new(), Vec::new(), Vec::new());
    expression.wanted(&mut |wanted| match wanted {
        Expression::Word(word) => words.push(word.as_str()),
        Expression::Forms(forms) => words.extend(forms.iter().map(String::as_str)),
        Expression::Beginning(letters) => beginnings.push(letters.as_str()),
        Expression::Phrase { words, beginning } => phrases.push((words, *beginning)),
        Expression::Everything
        | Expression::Nothing
        | Expression::Facet(_)
        | Expression::Between(..)
        | Expression::Conversations(_)
        | Expression::Interaction(_)
        | Expression::All(_)
        | Expression::Any(_)
        | Expression::Not(_) => {}
    });
    if words.is_empty() && beginnings.is_empty() && phrases.is_empty() {
        return Vec::new();
    }
    analysis.read(text);
    let mut found: Vec<Range<usize>> = Vec::new();
    for (term, token) in analysis.terms() {
        if words.contains(&term) || beginnings.iter().any(|letters| term.starts_with(letters)) {
            found.push(token.source.clone());
        }
    }
    if !phrases.is_empty() {
        let parts: Vec<_> = analysis.terms().filter(|(_, token)| !token.joined).collect();
        for (words, beginning) in phrases {
            for run in parts.windows(words.len()) {
                let fits = run.iter().zip(words).enumerate().all(|(place, ((term, _), word))| {
                    let last = beginning && place + 1 == words.len();
                    if last { term.starts_with(word.as_str()) } else { term == word }
                });
                if let (true, Some((_, first)), Some((_, last))) = (fits, run.first(), run.last()) {
                    found.push(first.source.start..last.source.end);
                }
            }
        }
    }
    found.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(found.len());
    for range in found {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// The part of a text to show, bytes: around the first match, cut between words where that is near.
fn window(text: &str, first: Option<&Range<usize>>) -> Range<usize> {
    // Bytes are at least characters.
    if text.len() <= SEARCH_SNIPPET_CHARS_MAX {
        return 0..text.len();
    }
    let lead = SEARCH_SNIPPET_CHARS_MAX / 4;
    let wanted = first.map_or(0, |first| first.start);
    let start = text[..wanted].char_indices().rev().nth(lead.saturating_sub(1)).map_or(0, |(at, _)| at);
    let start = match text[start..wanted].find(char::is_whitespace) {
        Some(space) if start > 0 => start + space + text[start + space..].chars().next().map_or(0, char::len_utf8),
        Some(_) | None => start,
    };
    let end = text[start..].char_indices().nth(SEARCH_SNIPPET_CHARS_MAX).map_or(text.len(), |(at, _)| start + at);
    let end = first.map_or(end, |first| end.max(first.end));
    if end == text.len() {
        return start..end;
    }
    let keep = first.map_or(start, |first| first.end);
    let cut = text[keep..end].rfind(char::is_whitespace).map_or(end, |space| keep + space);
    start..cut
}
