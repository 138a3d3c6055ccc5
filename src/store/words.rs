//! Words and numbers as they are compared: the terms under which a contact is found.
//!
//! Apart because what is written to the index and what is asked of it must be folded alike. Invariant: folding is the
//! same for ever; another folding needs another table.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::canonical_combining_class;

use crate::domain::contact::{AddressKind, Contact};
use crate::limits::{CONTACT_DIGITS_MIN, CONTACT_WORD_CHARS_MAX, CONTACT_WORDS_MAX};

/// The words of a text, without case, accents and the differences that only a computer sees (NFKD).
pub(super) fn words(text: &str) -> Vec<String> {
    let folded: String = text.nfkd().flat_map(char::to_lowercase).nfkd().filter(|letter| !is_accent(*letter)).collect();
    let parts = folded.split(|letter: char| !letter.is_alphanumeric() && canonical_combining_class(letter) == 0);
    parts.filter(|word| !word.is_empty()).map(plain).take(CONTACT_WORDS_MAX).collect()
}

/// A mark on a letter that people leave out when they search. The classes below are part of their letters: the dots of
/// Indian scripts, the voicing marks of Japanese.
fn is_accent(letter: char) -> bool {
    canonical_combining_class(letter) >= 10
}

/// Letters that have no accent and are yet written with plain ones by whoever lacks the key.
fn plain(word: &str) -> String {
    let mut plain = String::with_capacity(word.len());
    for letter in word.chars().take(CONTACT_WORD_CHARS_MAX) {
        match letter {
            '\u{df}' => plain.push_str("ss"),
            '\u{e6}' => plain.push_str("ae"),
            '\u{153}' => plain.push_str("oe"),
            '\u{f8}' => plain.push('o'),
            '\u{111}' => plain.push('d'),
            '\u{142}' => plain.push('l'),
            '\u{127}' => plain.push('h'),
            '\u{131}' => plain.push('i'),
            '\u{3c2}' => plain.push('\u{3c3}'),
            other => plain.push(other),
        }
    }
    plain
}

/// Under what a contact stands in the index.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Terms {
    /// Words of the name shown, of the profile's name and of usernames.
    pub(super) words: BTreeSet<String>,
    /// The ends of each number: every part of a number begins one of them.
    pub(super) numbers: BTreeSet<String>,
}

impl Terms {
    pub(super) fn of(contact: &Contact) -> Self {
        let shown = words(&contact.name());
        let usernames = contact.addresses.iter().filter(|address| address.kind == AddressKind::Username);
        let usernames = usernames.flat_map(|address| words(&address.value));
        let words = shown.into_iter().chain(words(&contact.profile_name)).chain(usernames).collect();
        let phones = contact.addresses.iter().filter(|address| address.kind == AddressKind::Phone);
        let numbers = phones.flat_map(|address| {
            let number = &address.value;
            let ends = number.char_indices().map(|(place, _)| &number[place..]);
            ends.filter(|end| end.len() >= CONTACT_DIGITS_MIN).map(str::to_owned)
        });
        Self { words, numbers: numbers.collect() }
    }
}

/// What a person searches contacts by.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Query {
    /// Each begins a word of the name.
    Words(Vec<String>),
    /// They stand somewhere in a number.
    Digits(String),
    /// Nothing can be found by it.
    Nothing,
}

impl Query {
    pub(super) fn of(asked: &str) -> Self {
        let has_letters = asked.chars().any(char::is_alphabetic);
        let digits: String = asked.nfkd().filter(char::is_ascii_digit).collect();
        if !has_letters && digits.len() >= CONTACT_DIGITS_MIN {
            return Self::Digits(digits);
        }
        let words = words(asked);
        if words.is_empty() { Self::Nothing } else { Self::Words(words) }
    }

    /// Whether it finds a contact who stands under these terms.
    pub(super) fn finds(&self, terms: &Terms) -> bool {
        match self {
            Self::Words(asked) => asked.iter().all(|start| terms.words.iter().any(|word| word.starts_with(start))),
            Self::Digits(digits) => terms.numbers.iter().any(|end| end.starts_with(digits)),
            Self::Nothing => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Query, Terms, words};
    use crate::domain::contact::{Address, AddressKind, Card, Contact};
    use crate::domain::ids::ContactId;

    #[test]
    fn names_are_found_without_accents_case_and_special_letters() {
        for (name, folded) in [
            ("Jos\u{e9} M\u{fc}ller-L\u{fc}denscheidt", vec!["jose", "muller", "ludenscheidt"]),
            ("Jose\u{301} MU\u{308}LLER", vec!["jose", "muller"]),
            ("S\u{f8}ren Stra\u{df}er \u{141}ukasz", vec!["soren", "strasser", "lukasz"]),
            ("\u{130}STANBUL \u{131}l\u{131}k", vec!["istanbul", "ilik"]),
            ("\u{ff21}\u{ff2e}\u{ff21} \u{fb01}n", vec!["ana", "fin"]),
            ("\u{391}\u{3bb}\u{3ad}\u{3be}\u{3b7}\u{3c2}", vec!["\u{3b1}\u{3bb}\u{3b5}\u{3be}\u{3b7}\u{3c3}"]),
            (" \u{1f600} -- ", vec![]),
        ] {
            assert_eq!(words(name), folded, "{name}");
        }
    }

    #[test]
    fn letters_of_other_scripts_stay_apart() {
        assert_ne!(words("\u{304b}"), words("\u{304c}"), "ka and ga");
        assert_eq!(words("\u{928}\u{92e}\u{938}\u{94d}\u{924}\u{947}").len(), 1, "one Hindi word");
    }

    #[test]
    fn numbers_stand_under_all_their_ends() {
        let phone = Address { kind: AddressKind::Phone, value: "49151".to_owned() };
        let card = Card { first_name: Some("Ann".to_owned()), ..Card::default() };
        let contact = Contact { card, ..Contact::new(ContactId(1), "Bo".to_owned(), vec![phone]) };
        let terms = Terms::of(&contact);
        assert_eq!(terms.numbers.into_iter().collect::<Vec<_>>(), ["151", "49151", "9151"]);
        assert_eq!(terms.words.into_iter().collect::<Vec<_>>(), ["ann", "bo"]);
    }

    #[test]
    fn what_is_asked_is_words_or_digits() {
        assert_eq!(Query::of("+49 (151) 2"), Query::Digits("491512".to_owned()));
        assert_eq!(Query::of("12"), Query::Words(vec!["12".to_owned()]));
        assert_eq!(Query::of("Flat 123"), Query::Words(vec!["flat".to_owned(), "123".to_owned()]));
        assert_eq!(Query::of(" .. "), Query::Nothing);
    }
}
