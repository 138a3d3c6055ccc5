//! What a person typed to what is looked for.
//!
//! Never an error: what cannot be read as operators is read as plain words, and the answer says so. `OR` joins its two
//! neighbours, everything else is AND. Invariant: the same text gives the same sought things, whoever asks.

use jiff::tz::TimeZone;

use crate::domain::time::Timestamp;

use super::dates;
use super::entry::Property;
use super::expression::{Expression, InteractionRule};
use super::words;

/// What is looked for, names not resolved yet.
#[derive(Clone, Debug)]
pub(super) enum Sought {
    /// Words and what needs no names.
    Known(Expression),
    /// Something with a name in it.
    Named(Name, String),
    /// Every one of these.
    All(Vec<Sought>),
    /// At least one of these.
    Any(Vec<Sought>),
    /// Not this.
    Not(Box<Sought>),
}

/// What a name in a query names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// `from:ana`, `agent:ana`.
    Agent,
    /// `with:"Maria Silva"` or a number.
    Contact,
    /// `in:support`.
    Queue,
    /// `disposition:solved`.
    Disposition,
}

/// A query that was read.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    /// `None`: there is nothing to look for.
    pub(super) sought: Option<Sought>,
    /// The words, when operators could not be read.
    pub(super) plain_words: Option<String>,
}

/// How a query is to be read.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    /// The last word is still being typed.
    pub(super) typing: bool,
    pub(super) now: Timestamp,
    pub(super) zone: &'a TimeZone,
}

/// A piece of a query.
#[derive(Debug)]
enum Piece<'a> {
    Word { text: &'a str, beginning: bool },
    Quoted(&'a str),
    Filter { key: Key, value: &'a str },
}

struct Item<'a> {
    piece: Piece<'a>,
    excluded: bool,
    /// It is joined to the item before by OR.
    or: bool,
}

/// The keys of filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    From,
    Agent,
    With,
    In,
    Before,
    After,
    On,
    Has,
    Is,
    Disposition,
}

const KEYS: [(&str, Key); 10] = [
    ("from", Key::From),
    ("agent", Key::Agent),
    ("with", Key::With),
    ("in", Key::In),
    ("before", Key::Before),
    ("after", Key::After),
    ("on", Key::On),
    ("has", Key::Has),
    ("is", Key::Is),
    ("disposition", Key::Disposition),
];

/// Reads a query.
pub(super) fn read(query: &str, context: Context<'_>) -> Reading {
    let read = pieces(query, context.typing).and_then(|items| assemble(&items, context));
    match read {
        Some(sought) => Reading { sought, plain_words: None },
        None => plain(query, context.typing),
    }
}

/// Reads a query as words and nothing else.
pub(super) fn plain(query: &str, typing: bool) -> Reading {
    let bare = |character: char| character.is_whitespace() || is_quote(character) || matches!(character, ':' | '*');
    let shown = |word: &&str| !word.is_empty() && !matches!(*word, "OR" | "AND" | "-");
    let said: Vec<&str> = query.split(bare).map(|word| word.trim_start_matches('-')).filter(shown).collect();
    let open = typing && !query.ends_with(char::is_whitespace);
    let last = said.len().saturating_sub(1);
    let found = said.iter().enumerate().filter_map(|(place, word)| words::word(word, open && place == last));
    let found: Vec<Sought> = found.map(Sought::Known).collect();
    let sought = if found.is_empty() { None } else { Some(Sought::All(found)) };
    Reading { sought, plain_words: Some(said.join(" ")) }
}

fn is_quote(character: char) -> bool {
    matches!(character, '"' | '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{AB}' | '\u{BB}')
}

/// Cuts a query up; `None` when quotes or operators do not fit.
fn pieces(query: &str, typing: bool) -> Option<Vec<Item<'_>>> {
    let mut items: Vec<Item<'_>> = Vec::new();
    let mut rest = query.trim_start();
    let mut or = false;
    // An AND or OR stands between two things.
    let mut dangling = false;
    while !rest.is_empty() {
        let operator = rest.split(char::is_whitespace).next().unwrap_or_default();
        if matches!(operator, "OR" | "AND") {
            if items.is_empty() || dangling {
                return None;
            }
            (or, dangling) = (operator == "OR", true);
            rest = rest[operator.len()..].trim_start();
            continue;
        }
        let mut body = rest;
        let excluded = body.starts_with('-');
        if excluded {
            body = &body[1..];
        }
        let (piece, after) = piece(body, typing)?;
        items.push(Item { piece, excluded, or });
        (or, dangling) = (false, false);
        rest = after.trim_start();
    }
    if dangling { None } else { Some(items) }
}

/// The first piece, and what follows.
fn piece(body: &str, typing: bool) -> Option<(Piece<'_>, &str)> {
    let first = body.chars().next().filter(|first| !first.is_whitespace())?;
    if is_quote(first) {
        let (text, after) = quoted(body)?;
        return Some((Piece::Quoted(text), after));
    }
    if let Some((key, value)) = body.split_once(':')
        && let Some((_, key)) = KEYS.iter().find(|(name, _)| key.eq_ignore_ascii_case(name))
    {
        if value.starts_with(is_quote) {
            let (value, after) = quoted(value)?;
            return Some((Piece::Filter { key: *key, value }, after));
        }
        let end = value.find(char::is_whitespace).unwrap_or(value.len());
        return if end == 0 { None } else { Some((Piece::Filter { key: *key, value: &value[..end] }, &value[end..])) };
    }
    let end = body.find(|character: char| character.is_whitespace() || is_quote(character)).unwrap_or(body.len());
    let (word, after) = body.split_at(end);
    let text = word.trim_end_matches('*');
    if text.is_empty() {
        return None;
    }
    let beginning = text.len() < word.len() || (typing && after.is_empty());
    Some((Piece::Word { text, beginning }, after))
}

/// What stands between two quotation marks, and what follows.
fn quoted(body: &str) -> Option<(&str, &str)> {
    let mut marks = body.char_indices().filter(|(_, character)| is_quote(*character));
    let (open, first) = marks.next()?;
    let (close, last) = marks.next()?;
    Some((&body[open + first.len_utf8()..close], &body[close + last.len_utf8()..]))
}

/// Pieces to what is looked for; `None` when a filter's value means nothing.
fn assemble(items: &[Item<'_>], context: Context<'_>) -> Option<Option<Sought>> {
    let mut all: Vec<Vec<Sought>> = Vec::new();
    let mut place = 0;
    while place < items.len() {
        let item = &items[place];
        let until = number_end(items, place);
        let sought = if until > place + 1 {
            let groups: Vec<&str> = items[place..until].iter().filter_map(Item::text).collect();
            let beginning = matches!(items[until - 1].piece, Piece::Word { beginning: true, .. });
            words::spaced_number(&groups, beginning).map(Sought::Known)
        } else {
            item.sought(context)?
        };
        place = until;
        let Some(mut sought) = sought else { continue };
        if item.excluded {
            sought = Sought::Not(Box::new(sought));
        }
        match all.last_mut() {
            Some(choices) if item.or => choices.push(sought),
            _ => all.push(vec![sought]),
        }
    }
    let mut parts: Vec<Sought> = all
        .into_iter()
        .map(|mut choices| if choices.len() == 1 { choices.remove(0) } else { Sought::Any(choices) })
        .collect();
    Some(match parts.len() {
        0 => None,
        1 => parts.pop(),
        _ => Some(Sought::All(parts)),
    })
}

/// The end of a run of bare groups of digits, which may be one number.
fn number_end(items: &[Item<'_>], start: usize) -> usize {
    let digits = |item: &Item<'_>| {
        let numeric = |text: &str| {
            text.chars().any(|letter| letter.is_ascii_digit())
                && text.chars().all(|letter| matches!(letter, '0'..='9' | '+' | '(' | ')' | '-' | '.' | '/' | ','))
        };
        item.text().is_some_and(numeric)
    };
    if items[start].excluded || !digits(&items[start]) {
        return start + 1;
    }
    let mut until = start + 1;
    while items.get(until).is_some_and(|item| digits(item) && !item.or && !item.excluded)
        && !matches!(items[until - 1].piece, Piece::Word { beginning: true, .. })
        && items.get(until + 1).is_none_or(|next| !next.or)
    {
        until += 1;
    }
    until
}

impl<'a> Item<'a> {
    fn text(&self) -> Option<&'a str> {
        if let Piece::Word { text, .. } = self.piece { Some(text) } else { None }
    }

    /// `Some(None)`: there is nothing in it to look for; `None`: it means nothing.
    fn sought(&self, context: Context<'_>) -> Option<Option<Sought>> {
        Some(match &self.piece {
            Piece::Word { text, beginning } => words::word(text, *beginning).map(Sought::Known),
            Piece::Quoted(text) => words::phrase(text).map(Sought::Known),
            Piece::Filter { key, value } => Some(filter(*key, value, context)?),
        })
    }
}

fn filter(key: Key, value: &str, context: Context<'_>) -> Option<Sought> {
    use super::entry::Facet;
    let days = || dates::read(value, context.now, context.zone);
    let name = |name| Sought::Named(name, value.to_owned());
    let rule = |rule| Expression::Interaction(rule);
    let lower = value.to_lowercase();
    let known = match (key, lower.as_str()) {
        (Key::From, "contact" | "customer") => Expression::Facet(Facet::FROM_CONTACT),
        (Key::From, "agent") => Expression::Facet(Facet::FROM_AGENTS),
        (Key::From | Key::Agent, _) => return Some(name(Name::Agent)),
        (Key::With, _) => return Some(name(Name::Contact)),
        (Key::In, _) => return Some(name(Name::Queue)),
        (Key::Disposition, _) => return Some(name(Name::Disposition)),
        (Key::Before, _) => Expression::Between(i64::MIN, days()?.from),
        (Key::After, _) => Expression::Between(days()?.from, i64::MAX),
        (Key::On, _) => {
            let days = days()?;
            Expression::Between(days.from, days.until)
        }
        (Key::Is, "open") => rule(InteractionRule::Open),
        (Key::Is, "done") => rule(InteractionRule::Done),
        (Key::Is, "failed") => Expression::Facet(Facet::property(Property::Failed)),
        (Key::Has, "image" | "photo" | "picture") => Expression::Facet(Facet::property(Property::Image)),
        (Key::Has, "file" | "document") => Expression::Facet(Facet::property(Property::File)),
        (Key::Has, "audio" | "voice") => Expression::Facet(Facet::property(Property::Audio)),
        (Key::Has, "video") => Expression::Facet(Facet::property(Property::Video)),
        (Key::Has, "location") => Expression::Facet(Facet::property(Property::Location)),
        (Key::Has, "contact" | "card") => Expression::Facet(Facet::property(Property::Card)),
        (Key::Has, "link") => Expression::Facet(Facet::property(Property::Link)),
        (Key::Is | Key::Has, _) => return None,
    };
    Some(Sought::Known(known))
}
