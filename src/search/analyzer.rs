//! Text to the words by which it is found. The same for what is stored and for what is asked.
//!
//! A text is cut into atoms (letters, digits, runs of a script without spaces, pictures); atoms give parts, in order,
//! and joined forms beside them: `AB-1234` is found as `ab`, `1234` and `ab1234`. Invariant: the words of a text depend
//! on the text alone.

use std::ops::Range;

use crate::limits::{SEARCH_COMPOUND_ATOMS_MAX, SEARCH_TERM_CHARS_MAX};

use super::fold::{self, Kind};
use super::numbers::{self, Written};

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// Its place among the folded characters.
    place: Range<usize>,
    /// Where it stands in the text, bytes.
    pub(super) source: Range<usize>,
    /// Its number in the order of parts.
    pub(super) position: u32,
    /// A form of several parts, or another form of one; not counted in the order.
    pub(super) joined: bool,
}

#[derive(Clone, Debug)]
struct Atom {
    kind: Kind,
    place: Range<usize>,
    source: Range<usize>,
    chars: usize,
    /// What stands between the atom before and this one.
    before: Between,
}

/// What separates two atoms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Between {
    Nothing,
    /// One mark.
    Mark(char),
    /// White space, at most with brackets or a dash around it.
    Space,
    /// More than that.
    Far,
}

/// The words of a text; kept and used again, because filling it is most of the work of indexing.
#[derive(Debug, Default)]
pub(super) struct Analysis {
    folded: String,
    atoms: Vec<Atom>,
    pub(super) tokens: Vec<Token>,
}

impl Analysis {
    /// Analyzes one text.
    pub(super) fn of(text: &str) -> Self {
        let mut analysis = Self::default();
        analysis.read(text);
        analysis
    }

    /// The folded word.
    pub(super) fn term(&self, token: &Token) -> &str {
        &self.folded[token.place.clone()]
    }

    /// Every word, as term and position.
    pub(super) fn terms(&self) -> impl Iterator<Item = (&str, &Token)> {
        self.tokens.iter().map(|token| (self.term(token), token))
    }

    /// Analyzes another text in the same memory.
    pub(super) fn read(&mut self, text: &str) {
        self.folded.clear();
        self.atoms.clear();
        self.tokens.clear();
        Cutter { analysis: self, between: Between::Far, open: false }.cut(text);
        self.emit();
    }

    /// Atoms to tokens.
    fn emit(&mut self) {
        let mut position = 0;
        let mut first = 0;
        while first < self.atoms.len() {
            let until = self.chain_end(first);
            let start = position;
            if until - first == 2 && self.emit_elided(first, position) {
                position += 1;
                first = until;
                continue;
            }
            for at in first..until {
                position = self.emit_atom(at, position);
            }
            if until - first > 1 && until - first <= SEARCH_COMPOUND_ATOMS_MAX {
                self.emit_compound(first..until, start);
            }
            first = until;
        }
        self.emit_numbers();
        if self.tokens.iter().any(|token| token.joined) {
            // A joined form follows the first of its parts.
            self.tokens.sort_by_key(|token| (token.position, token.joined));
        }
    }

    /// The end of a chain of atoms with at most one mark between two of them.
    fn chain_end(&self, first: usize) -> usize {
        let word = |at: usize| matches!(self.atoms[at].kind, Kind::Letter | Kind::Digit);
        let mut until = first + 1;
        while until < self.atoms.len() && word(until - 1) && word(until) {
            match self.atoms[until].before {
                Between::Nothing | Between::Mark('-' | '_' | '.' | '/' | '#' | '\'') => until += 1,
                Between::Mark(_) | Between::Space | Between::Far => break,
            }
        }
        until
    }

    /// `John's` is found as `john`, `don't` as `dont`.
    fn emit_elided(&mut self, first: usize, position: u32) -> bool {
        let (word, ending) = (&self.atoms[first], &self.atoms[first + 1]);
        if ending.before != Between::Mark('\'') || word.kind != Kind::Letter || ending.kind != Kind::Letter {
            return false;
        }
        let source = word.source.start..ending.source.end;
        let place = match &self.folded[ending.place.clone()] {
            "s" => word.place.clone(),
            // The two stand side by side, because marks are not kept.
            "t" | "m" | "d" | "ll" | "re" | "ve" => word.place.start..ending.place.end,
            _ => return false,
        };
        self.tokens.push(Token { place, source, position, joined: false });
        true
    }

    fn emit_atom(&mut self, at: usize, position: u32) -> u32 {
        let atom = &self.atoms[at];
        if atom.kind != Kind::Dense {
            let (place, source) = (atom.place.clone(), atom.source.clone());
            self.tokens.push(Token { place, source, position, joined: false });
            return position + 1;
        }
        // Pairs, and the last character alone, so that it is found by its beginning too.
        let (place, source) = (atom.place.clone(), atom.source.clone());
        let letters = &self.folded[place.clone()];
        let starts: Vec<usize> = letters.char_indices().map(|(start, _)| start).chain([letters.len()]).collect();
        let same_length = letters.len() == source.len();
        let mut position = position;
        for (number, start) in starts.iter().take(starts.len() - 1).enumerate() {
            let end = starts[(number + 2).min(starts.len() - 1)];
            let source = if same_length { source.start + start..source.start + end } else { source.clone() };
            let place = place.start + start..place.start + end;
            self.tokens.push(Token { place, source, position, joined: false });
            position += 1;
        }
        position
    }

    /// Letters with digits are found in one piece, and words of letters with a dash or an apostrophe.
    fn emit_compound(&mut self, atoms: Range<usize>, position: u32) {
        let parts = &self.atoms[atoms.clone()];
        let letters = parts.iter().any(|atom| atom.kind == Kind::Letter);
        let digits = parts.iter().any(|atom| atom.kind == Kind::Digit);
        let chars: usize = parts.iter().map(|atom| atom.chars).sum();
        let dashed = parts.iter().skip(1).all(|atom| matches!(atom.before, Between::Mark('-' | '\'')));
        if !letters || chars > SEARCH_TERM_CHARS_MAX || !(digits || dashed) {
            return;
        }
        let (start, end) = (parts[0].source.start, parts[parts.len() - 1].source.end);
        // Side by side already: marks are not kept among the folded characters.
        let place = parts[0].place.start..parts[parts.len() - 1].place.end;
        self.tokens.push(Token { place, source: start..end, position, joined: true });
    }

    /// Other forms of numbers, also of those with spaces in them.
    fn emit_numbers(&mut self) {
        let mut first = 0;
        while first < self.atoms.len() {
            if self.atoms[first].kind != Kind::Digit {
                first += 1;
                continue;
            }
            let mut until = first + 1;
            while until < self.atoms.len() && self.atoms[until].kind == Kind::Digit {
                match self.atoms[until].before {
                    Between::Space | Between::Mark('-' | '.' | ',' | '/' | '\'') => until += 1,
                    Between::Mark(_) | Between::Nothing | Between::Far => break,
                }
            }
            self.emit_number(first..until);
            first = until;
        }
    }

    fn emit_number(&mut self, atoms: Range<usize>) {
        let parts = &self.atoms[atoms];
        let international = parts[0].before == Between::Mark('+');
        if parts.len() == 1 && !international && !self.folded[parts[0].place.clone()].starts_with('0') {
            return;
        }
        let starts: Vec<usize> = parts.iter().map(|atom| atom.source.start).collect();
        let end = parts[parts.len() - 1].source.end;
        let groups = parts.iter().map(|atom| {
            let before = match atom.before {
                Between::Mark(mark) => mark,
                Between::Nothing | Between::Space | Between::Far => ' ',
            };
            (before, &self.folded[atom.place.clone()])
        });
        let mut forms = Vec::new();
        numbers::forms(&Written { groups: groups.collect(), international }, |first, form| forms.push((first, form)));
        for (first, form) in forms {
            let source = starts[first]..end;
            let position = self.tokens.iter().find(|token| token.source.start == source.start && !token.joined);
            let position = position.map_or(0, |token| token.position);
            let place = self.folded.len()..self.folded.len() + form.len();
            self.folded.push_str(&form);
            self.tokens.push(Token { place, source, position, joined: true });
        }
    }
}

/// Cuts a text into atoms.
struct Cutter<'a> {
    analysis: &'a mut Analysis,
    /// What was seen since the last atom.
    between: Between,
    /// The last atom may still grow.
    open: bool,
}

impl Cutter<'_> {
    fn cut(mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            if byte.is_ascii() {
                let start = at;
                let kind = fold::ascii_kind(byte);
                at += 1;
                if kind == Kind::Gap {
                    self.gap(char::from(byte));
                    continue;
                }
                while at < bytes.len() && fold::ascii_kind(bytes[at]) == kind && bytes[at].is_ascii() {
                    at += 1;
                }
                self.run(kind, &text[start..at], start..at);
            } else {
                let Some(character) = text[at..].chars().next() else { break };
                let source = at..at + character.len_utf8();
                at = source.end;
                if matches!(character, '\u{2019}' | '\u{2BC}') {
                    self.gap('\'');
                } else if matches!(character, '\u{2010}'..='\u{2014}' | '\u{2212}') {
                    self.gap('-');
                } else {
                    fold::fold(character, |folded| self.take(folded, source.clone()));
                }
            }
        }
    }

    /// A run of ASCII letters or digits.
    fn run(&mut self, kind: Kind, letters: &str, source: Range<usize>) {
        self.begin(kind, source.start);
        let atoms = &mut self.analysis.atoms;
        let Some(atom) = atoms.last_mut() else { return };
        let room = SEARCH_TERM_CHARS_MAX.saturating_sub(atom.chars).min(letters.len());
        atom.chars += room;
        atom.source.end = source.end;
        self.analysis.folded.push_str(&letters[..room]);
        self.analysis.folded[atom.place.end..].make_ascii_lowercase();
        atom.place.end = self.analysis.folded.len();
    }

    /// One folded character.
    fn take(&mut self, folded: char, source: Range<usize>) {
        let kind = fold::kind(folded);
        match kind {
            Kind::Silent => return,
            Kind::Gap => return self.gap(folded),
            // A picture is a word of its own; two letters of a region make one.
            Kind::Picture if !self.completes_flag(folded) => self.open = false,
            Kind::Letter | Kind::Digit | Kind::Dense | Kind::Picture => {}
        }
        if self.open && self.combine(folded, &source) {
            return;
        }
        self.begin(kind, source.start);
        let Some(atom) = self.analysis.atoms.last_mut() else { return };
        atom.source.end = source.end;
        // Dense runs are cut into pairs, so they may be long.
        if atom.chars < SEARCH_TERM_CHARS_MAX || kind == Kind::Dense {
            atom.chars += 1;
            self.analysis.folded.push(folded);
            atom.place.end = self.analysis.folded.len();
        }
    }

    /// Whether the character became part of the one before.
    fn combine(&mut self, folded: char, source: &Range<usize>) -> bool {
        let Some(last) = self.analysis.folded.chars().next_back() else { return false };
        let Some(one) = fold::joined(last, folded) else { return false };
        let Some(atom) = self.analysis.atoms.last_mut() else { return false };
        self.analysis.folded.pop();
        self.analysis.folded.push(one);
        atom.place.end = self.analysis.folded.len();
        atom.source.end = source.end;
        true
    }

    fn completes_flag(&self, folded: char) -> bool {
        let region = |letter: char| matches!(letter, '\u{1F1E6}'..='\u{1F1FF}');
        let atom = self.analysis.atoms.last().filter(|atom| atom.kind == Kind::Picture && atom.chars == 1);
        self.open
            && region(folded)
            && atom.is_some_and(|atom| self.analysis.folded[atom.place.clone()].chars().all(region))
    }

    fn begin(&mut self, kind: Kind, start: usize) {
        let same = self.open && self.analysis.atoms.last().is_some_and(|atom| atom.kind == kind);
        if !same {
            let before = std::mem::replace(&mut self.between, Between::Nothing);
            let place = self.analysis.folded.len()..self.analysis.folded.len();
            self.analysis.atoms.push(Atom { kind, place, source: start..start, chars: 0, before });
        }
        self.between = Between::Nothing;
        self.open = true;
    }

    fn gap(&mut self, mark: char) {
        self.open = false;
        let white = mark.is_whitespace();
        self.between = match (self.between, mark) {
            (Between::Nothing, _) if white => Between::Space,
            (Between::Nothing, _) => Between::Mark(mark),
            (Between::Space, _) if white => Between::Space,
            // A plus sign counts wherever it begins a number.
            (Between::Space | Between::Far, '+') => Between::Mark('+'),
            (Between::Mark('(' | ')' | '-' | '/'), _) if white => Between::Space,
            (Between::Space | Between::Mark('(' | ')'), '(' | ')' | '-' | '/') => Between::Space,
            (Between::Space | Between::Mark(_) | Between::Far, _) => Between::Far,
        };
    }
}
