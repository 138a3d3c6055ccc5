//! Other forms of a word: `parcel` for `parcels`, in a centre that has named its main language.
//!
//! Nothing of it is in the index: the words that are there are walked when a question comes, so that the setting counts
//! at once and everybody else is as exact as before. Words are stemmed as they are folded, without accents.
//! Invariant: whatever is found without forms is found with them.

use std::collections::BTreeMap;

use frostem::{Algorithm, Stemmer};

use crate::domain::language::Language;
use crate::limits::{SEARCH_FORMS_MAX, SEARCH_STEM_CHARS_MIN};

use super::expression::Expression;
use super::plan;
use super::schema;
use super::tail::Tail;
use super::view::View;

/// Letters of a stem that an ending may change: `carry` and `carries` have `carri`.
const CHANGED_CHARS_MAX: usize = 2;

/// The expression with the other forms of each word beside it, phrases as they are.
pub(super) fn beside(
    view: &View,
    tail: &Tail,
    language: Language,
    expression: Expression,
) -> tantivy::Result<Expression> {
    let forms = Forms { view, tail, stemmer: Stemmer::new(algorithm(language)) };
    expression.exchanged(&mut |part| forms.of(part))
}

struct Forms<'a> {
    view: &'a View,
    tail: &'a Tail,
    stemmer: Stemmer,
}

impl Forms<'_> {
    /// A word or a beginning with its other forms.
    #[allow(clippy::wildcard_enum_match_arm, reason = "only these two have forms")]
    fn of(&self, part: Expression) -> tantivy::Result<Expression> {
        Ok(match part {
            Expression::Word(word) => {
                let mut forms = self.others(&word)?;
                forms.insert(0, word);
                if forms.len() == 1 { Expression::Word(forms.remove(0)) } else { Expression::Forms(forms) }
            }
            Expression::Beginning(letters) => {
                let mut forms = self.others(&letters)?;
                forms.retain(|form| !form.starts_with(letters.as_str()));
                let beginning = Expression::Beginning(letters);
                if forms.is_empty() { beginning } else { Expression::Any(vec![beginning, Expression::Forms(forms)]) }
            }
            other => other,
        })
    }

    /// The words that are there and have the same stem, the most frequent first.
    fn others(&self, word: &str) -> tantivy::Result<Vec<String>> {
        let stem = self.stemmer.stem(word);
        if stem.chars().count() < SEARCH_STEM_CHARS_MIN || !word.chars().all(char::is_alphabetic) {
            return Ok(Vec::new());
        }
        let Some(beginning) = shared_beginning(word, &stem) else { return Ok(Vec::new()) };
        let same = |other: &str| other != word && self.stemmer.stem(other) == stem;
        let mut found: BTreeMap<String, u64> = BTreeMap::new();
        let beginnings = Expression::Beginning(beginning.to_owned());
        for entry in self.tail.matching(&beginnings) {
            for (term, _) in schema::transported(&entry.words) {
                if term.starts_with(beginning) && same(term) {
                    *found.entry(term.to_owned()).or_default() += 1;
                }
            }
        }
        for segment in &self.view.segments {
            let words = segment.text.terms();
            let mut stream = words.range().ge(beginning.as_bytes()).lt(plan::after(beginning)).into_stream()?;
            while stream.advance() {
                if let Ok(term) = std::str::from_utf8(stream.key())
                    && same(term)
                {
                    *found.entry(term.to_owned()).or_default() += u64::from(stream.value().doc_freq);
                }
            }
        }
        let mut found: Vec<(String, u64)> = found.into_iter().collect();
        found.sort_by(|(word, count), (other, more)| more.cmp(count).then(word.cmp(other)));
        Ok(found.into_iter().map(|(word, _)| word).take(SEARCH_FORMS_MAX - 1).collect())
    }
}

/// The letters with which every form of a word begins; `None` where hardly any would be left.
fn shared_beginning<'a>(word: &'a str, stem: &str) -> Option<&'a str> {
    let same = word.chars().zip(stem.chars()).take_while(|(one, other)| one == other).count();
    let kept = same.min(stem.chars().count().saturating_sub(CHANGED_CHARS_MAX)).max(SEARCH_STEM_CHARS_MIN - 1);
    if kept > same {
        return None;
    }
    let end = word.char_indices().nth(kept).map_or(word.len(), |(at, _)| at);
    Some(&word[..end])
}

fn algorithm(language: Language) -> Algorithm {
    match language {
        Language::Arabic => Algorithm::Arabic,
        Language::Czech => Algorithm::Czech,
        Language::Danish => Algorithm::Danish,
        Language::German => Algorithm::German,
        Language::Greek => Algorithm::Greek,
        Language::English => Algorithm::English,
        Language::Spanish => Algorithm::Spanish,
        Language::Finnish => Algorithm::Finnish,
        Language::French => Algorithm::French,
        Language::Hindi => Algorithm::Hindi,
        Language::Hungarian => Algorithm::Hungarian,
        Language::Indonesian => Algorithm::Indonesian,
        Language::Italian => Algorithm::Italian,
        Language::Dutch => Algorithm::Dutch,
        Language::Norwegian => Algorithm::Norwegian,
        Language::Polish => Algorithm::Polish,
        Language::Portuguese => Algorithm::Portuguese,
        Language::Romanian => Algorithm::Romanian,
        Language::Russian => Algorithm::Russian,
        Language::Swedish => Algorithm::Swedish,
        Language::Turkish => Algorithm::Turkish,
        Language::Ukrainian => Algorithm::Ukrainian,
    }
}
