//! Typing mistakes: the word that was probably meant.
//!
//! Only for words of five letters or more of which nothing is found; one letter wrong, missing, too many, or two
//! exchanged. Invariant: a word that is proposed is found in what the asker may read.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::OnceLock;

use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder, SINK_STATE};
use tantivy_fst::Automaton;

use crate::limits::SEARCH_TYPO_CHARS_MIN;

use super::analyzer::Analysis;
use super::expression::Expression;
use super::plan;
use super::schema;
use super::tail::Tail;
use super::view::View;

/// Words that are tried, the most frequent first.
const CANDIDATES_MAX: usize = 16;

/// Words and beginnings of the expression that may have a mistake.
pub(super) fn doubtful(expression: &Expression) -> Vec<String> {
    let mut words = Vec::new();
    expression.wanted(&mut |wanted| {
        if let Expression::Word(word) | Expression::Beginning(word) = wanted
            && word.chars().count() >= SEARCH_TYPO_CHARS_MIN
            && word.chars().all(char::is_alphabetic)
            && schema::has_beginnings(word)
            && !words.contains(word)
        {
            words.push(word.clone());
        }
    });
    words
}

/// Words that differ by one mistake, the most frequent first.
pub(super) fn similar(view: &View, tail: &Tail, word: &str) -> tantivy::Result<Vec<String>> {
    static BUILDER: OnceLock<LevenshteinAutomatonBuilder> = OnceLock::new();
    let automaton = BUILDER.get_or_init(|| LevenshteinAutomatonBuilder::new(1, true)).build_dfa(word);
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    for entry in tail.matching(&Expression::Everything) {
        for (term, _) in schema::transported(&entry.words) {
            if term != word && matches!(automaton.eval(term), Distance::Exact(0..=1)) {
                *found.entry(term.to_owned()).or_default() += 1;
            }
        }
    }
    let automaton = Within(automaton);
    let (first, rest) = first_letter(word);
    let after = plan::after(first);
    let elsewhere = mistakes_in_the_first_letter(first, rest);
    for segment in &view.segments {
        let words = segment.text.terms();
        let mut stream = words.search(&automaton).ge(first.as_bytes()).lt(&after).into_stream()?;
        while stream.advance() {
            let count = u64::from(stream.value().doc_freq);
            if let Ok(term) = std::str::from_utf8(stream.key())
                && term != word
            {
                *found.entry(term.to_owned()).or_default() += count;
            }
        }
        for term in &elsewhere {
            if let Some(info) = words.get(term.as_bytes())? {
                *found.entry(term.clone()).or_default() += u64::from(info.doc_freq);
            }
        }
    }
    let mut found: Vec<(String, u64)> = found.into_iter().collect();
    found.sort_by(|(word, count), (other, more)| more.cmp(count).then(word.cmp(other)));
    Ok(found.into_iter().map(|(word, _)| word).take(CANDIDATES_MAX).collect())
}

/// A word's first letter and the others.
fn first_letter(word: &str) -> (&str, &str) {
    word.split_at(word.chars().next().map_or(0, char::len_utf8))
}

/// The words with another first letter that become this one by a single mistake. To walk the whole dictionary for them
/// takes a hundred times as long as to ask for each.
fn mistakes_in_the_first_letter(first: &str, rest: &str) -> Vec<String> {
    let Some(letter) = first.chars().next() else { return Vec::new() };
    let (second, others) = first_letter(rest);
    let mut words = vec![rest.to_owned(), format!("{second}{first}{others}")];
    for other in alphabet(letter).filter(|other| *other != letter) {
        words.push(format!("{other}{rest}"));
        words.push(format!("{other}{first}{rest}"));
    }
    // Those with the same first letter are found by the walk.
    words.retain(|word| !word.starts_with(first));
    words
}

/// The letters of the script that a letter is of, as folding leaves them.
fn alphabet(letter: char) -> impl Iterator<Item = char> {
    let code = letter as u32;
    let (from, until) = match code {
        0..0x80 => (0x61, 0x7B),
        0x370..0x400 => (0x3B1, 0x3CA),
        0x400..0x530 => (0x430, 0x460),
        0x5D0..0x5F0 => (0x5D0, 0x5EB),
        0x620..0x700 => (0x621, 0x64B),
        // Scripts of India and beyond: their letters stand together.
        _ => (code & !0x3F, (code & !0x3F) + 0x40),
    };
    (from..until).filter_map(char::from_u32).filter(|letter| letter.is_alphabetic())
}

/// The automaton of words within a distance, as the dictionary walks it.
struct Within(DFA);

impl Automaton for Within {
    type State = u32;

    fn start(&self) -> u32 {
        self.0.initial_state()
    }

    fn is_match(&self, state: &u32) -> bool {
        matches!(self.0.distance(*state), Distance::Exact(_))
    }

    fn can_match(&self, state: &u32) -> bool {
        *state != SINK_STATE
    }

    fn accept(&self, state: &u32, byte: u8) -> u32 {
        self.0.transition(*state, byte)
    }
}

/// The expression with another word in the place of one.
pub(super) fn replace(expression: &Expression, word: &str, by: &str) -> Expression {
    let exchanged = expression.clone().exchanged::<Infallible>(&mut |part| {
        let wrong = matches!(&part, Expression::Word(found) | Expression::Beginning(found) if found == word);
        Ok(if wrong { Expression::Word(by.to_owned()) } else { part })
    });
    match exchanged {
        Ok(exchanged) => exchanged,
    }
}

/// The query as it is shown with the other word.
pub(super) fn replace_in_query(query: &str, word: &str, by: &str) -> String {
    let analysis = Analysis::of(query);
    let mut shown = String::new();
    let mut from = 0;
    for (term, token) in analysis.terms() {
        if term == word && !token.joined {
            shown.push_str(&query[from..token.source.start]);
            shown.push_str(by);
            from = token.source.end;
        }
    }
    shown.push_str(&query[from..]);
    shown
}
