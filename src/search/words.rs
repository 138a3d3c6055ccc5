//! A piece of a query to the words that it looks for.
//!
//! Invariant: a piece of a text, cut out at the ends of words, finds that text.

use super::analyzer::{Analysis, Token};
use super::expression::Expression;
use super::fold::{self, Kind};

/// A word as it was typed, which may have several parts: `ab-1234`, `maria@example.org`. `None`: nothing to look for.
pub(super) fn word(text: &str, beginning: bool) -> Option<Expression> {
    let analysis = Analysis::of(text);
    let parts: Vec<&Token> = analysis.tokens.iter().filter(|token| !token.joined).collect();
    let whole = parts.first()?.source.start..parts.last()?.source.end;
    let one =
        |term: &str| if beginning { Expression::Beginning(term.to_owned()) } else { Expression::Word(term.to_owned()) };
    let mut choices = vec![side_by_side(&analysis, &parts, beginning)?];
    let joined = analysis.tokens.iter().filter(|token| token.joined && token.source == whole);
    choices.extend(joined.map(|token| one(analysis.term(token))));
    Some(any(choices))
}

/// Words side by side, as in a quotation.
pub(super) fn phrase(text: &str) -> Option<Expression> {
    let analysis = Analysis::of(text);
    let parts: Vec<&Token> = analysis.tokens.iter().filter(|token| !token.joined).collect();
    side_by_side(&analysis, &parts, false)
}

/// Groups of digits with spaces between them: one number however it was written, or each group for itself.
pub(super) fn spaced_number(groups: &[&str], beginning: bool) -> Option<Expression> {
    let apart = groups.iter().enumerate();
    let apart: Vec<Expression> =
        apart.filter_map(|(place, group)| word(group, beginning && place + 1 == groups.len())).collect();
    let apart = apart.into_iter().reduce(Expression::and)?;
    let analysis = Analysis::of(&groups.join(" "));
    let mut choices = vec![apart];
    let mut parts = analysis.tokens.iter().filter(|token| !token.joined);
    let starts = parts.clone().next()?.source.start;
    let ends = parts.next_back()?.source.end;
    let whole = analysis.tokens.iter().filter(|token| token.joined && token.source == (starts..ends));
    choices.extend(whole.map(|token| {
        let term = analysis.term(token).to_owned();
        if beginning { Expression::Beginning(term) } else { Expression::Word(term) }
    }));
    Some(any(choices))
}

fn any(mut choices: Vec<Expression>) -> Expression {
    match choices.len() {
        1 => choices.remove(0),
        _ => Expression::Any(choices),
    }
}

fn side_by_side(analysis: &Analysis, parts: &[&Token], beginning: bool) -> Option<Expression> {
    let mut words: Vec<String> = parts.iter().map(|token| analysis.term(token).to_owned()).collect();
    let last = words.last()?;
    let dense = last.chars().next().is_some_and(|first| fold::kind(first) == Kind::Dense);
    let mut beginning = beginning;
    if dense && last.chars().count() == 1 {
        // The last character of a run stands for itself in a text; what is asked may go on there.
        let pair_before = words.len() > 1 && parts[parts.len() - 2].source.end >= parts[parts.len() - 1].source.end;
        if pair_before {
            words.pop();
        } else {
            beginning = true;
        }
    }
    if words.len() > 1 {
        return Some(Expression::Phrase { words, beginning });
    }
    let word = words.pop()?;
    Some(if beginning { Expression::Beginning(word) } else { Expression::Word(word) })
}
