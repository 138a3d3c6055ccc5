//! What a document of the index has, and how a document is made of an entry.
//!
//! Invariant: everything here is covered by `SCHEMA`; whoever changes what is written raises it, and indexes of other
//! numbers are made anew.

use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, Schema as TantivySchema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};
use tantivy::{IndexSettings, IndexSortByField, Order, TantivyDocument};

use super::analyzer::Analysis;
use super::entry::Entry;
use super::fold::{self, Kind};

/// Number of the documents' layout and of the analysis of texts.
pub(super) const SCHEMA: u32 = 2;
/// The beginning of a word with a posting list of its own, characters. Shorter ones are few of these lists together,
/// longer ones few words; a second length would cost six bytes a message.
pub(super) const BEGINNING_CHARS: usize = 3;

/// Before each part of a text on its way to the index.
const PART: char = '\u{1}';
/// Before each joined form.
const JOINED: char = '\u{2}';

const WORDS: &str = "words";
const BEGINNINGS: &str = "beginnings";

/// The fields.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    /// Words with places.
    pub(super) text: Field,
    /// Beginnings of words.
    pub(super) beginnings: Field,
    /// Conversation, author and so on.
    pub(super) facets: Field,
    /// Place in time.
    pub(super) at: Field,
    /// What it is.
    pub(super) key: Field,
    /// The conversation.
    pub(super) conversation: Field,
    /// The interaction, or 0.
    pub(super) interaction: Field,
}

impl Fields {
    /// The names of columns.
    pub(super) const AT: &'static str = "at";
    pub(super) const KEY: &'static str = "key";
    pub(super) const CONVERSATION: &'static str = "conversation";
    pub(super) const INTERACTION: &'static str = "interaction";
}

/// Schema and fields.
pub(super) fn schema() -> (TantivySchema, Fields) {
    let mut builder = TantivySchema::builder();
    let words =
        TextFieldIndexing::default().set_tokenizer(WORDS).set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let beginnings = TextFieldIndexing::default()
        .set_tokenizer(BEGINNINGS)
        .set_index_option(IndexRecordOption::Basic)
        .set_fieldnorms(false);
    let column = NumericOptions::default().set_fast();
    let fields = Fields {
        text: builder.add_text_field("text", TextOptions::default().set_indexing_options(words)),
        beginnings: builder.add_text_field("beginnings", TextOptions::default().set_indexing_options(beginnings)),
        facets: builder.add_u64_field("facets", NumericOptions::default().set_indexed()),
        at: builder.add_i64_field(Fields::AT, column.clone()),
        key: builder.add_u64_field(Fields::KEY, column.clone()),
        conversation: builder.add_u64_field(Fields::CONVERSATION, column.clone()),
        interaction: builder.add_u64_field(Fields::INTERACTION, column),
    };
    (builder.build(), fields)
}

/// Newest first; nothing is stored but what search needs.
pub(super) fn settings() -> IndexSettings {
    IndexSettings {
        sort_by_field: Some(IndexSortByField { field: Fields::AT.to_owned(), order: Order::Desc }),
        docstore_compress_dedicated_thread: false,
        ..IndexSettings::default()
    }
}

/// The two ways from a transported text to words.
pub(super) fn tokenizers() -> TokenizerManager {
    // With the library's own: number fields want one of them to be there.
    let manager = TokenizerManager::default();
    manager.register(WORDS, Words);
    manager.register(BEGINNINGS, Beginnings);
    // Asked for, and never used, for every indexed field that holds no text.
    manager.register("default", Words);
    manager
}

/// An entry as a document.
pub(super) fn document(fields: Fields, entry: &Entry) -> TantivyDocument {
    let mut document = TantivyDocument::new();
    document.add_i64(fields.at, entry.at.0);
    document.add_u64(fields.key, entry.key.0);
    document.add_u64(fields.conversation, entry.conversation);
    document.add_u64(fields.interaction, entry.interaction);
    for facet in &entry.facets {
        document.add_u64(fields.facets, facet.0);
    }
    document.add_text(fields.text, &entry.words);
    document.add_text(fields.beginnings, &entry.words);
    document
}

/// An analyzed text on its way to the index: it is analyzed once, on the thread that reads, for both fields.
pub(super) fn transport(analysis: &Analysis) -> String {
    let mut words = String::new();
    for (term, token) in analysis.terms() {
        words.push(if token.joined { JOINED } else { PART });
        words.push_str(term);
    }
    words
}

/// The words of a transported text, with their positions.
pub(super) fn transported(words: &str) -> impl Iterator<Item = (&str, u32)> {
    let mut parts = 0_u32;
    // Every term stands after its mark, so the first piece is empty.
    let marks = words.match_indices([PART, JOINED]).map(|(at, mark)| (at, mark == "\u{1}"));
    let ends = words.match_indices([PART, JOINED]).map(|(at, _)| at).skip(1).chain([words.len()]);
    marks.zip(ends).map(move |((at, part), end)| {
        parts += u32::from(part);
        (&words[at + 1..end], parts.saturating_sub(1))
    })
}

#[derive(Clone)]
struct Words;

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        WordStream { rest: text, parts: 0, token: Token::default() }
    }
}

struct WordStream<'a> {
    rest: &'a str,
    parts: usize,
    token: Token,
}

/// The first transported term, whether it is a part, and the rest.
fn next_term(rest: &str) -> Option<(bool, &str, &str)> {
    let part = *rest.as_bytes().first()? == 1;
    let rest = &rest[1..];
    let end = rest.bytes().position(|byte| byte <= 2).unwrap_or(rest.len());
    Some((part, &rest[..end], &rest[end..]))
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        let Some((part, term, rest)) = next_term(self.rest) else { return false };
        self.rest = rest;
        self.parts += usize::from(part);
        self.token.text.clear();
        self.token.text.push_str(term);
        self.token.position = self.parts.saturating_sub(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[derive(Clone)]
struct Beginnings;

impl Tokenizer for Beginnings {
    type TokenStream<'a> = BeginningStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> BeginningStream<'a> {
        BeginningStream { rest: text, token: Token::default() }
    }
}

struct BeginningStream<'a> {
    rest: &'a str,
    token: Token,
}

impl TokenStream for BeginningStream<'_> {
    fn advance(&mut self) -> bool {
        while let Some((_, term, rest)) = next_term(self.rest) {
            self.rest = rest;
            if has_beginnings(term) {
                let end = term.char_indices().nth(BEGINNING_CHARS).map_or(term.len(), |(at, _)| at);
                self.token.text.clear();
                self.token.text.push_str(&term[..end]);
                self.token.position = 0;
                return true;
            }
        }
        false
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// Whether beginnings of this word are listed; those of pairs are few, and found among the words.
pub(super) fn has_beginnings(term: &str) -> bool {
    term.chars().next().is_some_and(|first| fold::kind(first) != Kind::Dense)
}
