//! JSON as a list of places in the text: every part can be read and every part can be kept as it came.
//!
//! Apart from serde's data model because that model forgets the text, refuses a repeated key and fails on the first
//! surprise, and a webhook must lose nothing. Grammar is checked by `serde_json`; here the checked text is only cut.
//! Invariant: nothing recurses, so depth costs memory and never the stack.

use std::borrow::Cow;

use serde::de::IgnoredAny;

/// A part of the text. The key of an object's member is a node too, directly before its value.
struct Node {
    start: usize,
    end: usize,
    /// The node after this one and all that it holds.
    next: usize,
}

/// A checked JSON text.
pub(super) struct Document<'a> {
    text: &'a str,
    nodes: Vec<Node>,
}

/// One value of a document.
#[derive(Clone, Copy)]
pub(super) struct Json<'d> {
    document: &'d Document<'d>,
    node: usize,
}

impl<'a> Document<'a> {
    /// The text as a document; `None` when it is not JSON.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str::<IgnoredAny>(text).ok()?;
        Some(Self { text, nodes: cut(text) })
    }

    /// The outermost value.
    pub(super) fn root(&self) -> Json<'_> {
        Json { document: self, node: 0 }
    }
}

impl<'d> Json<'d> {
    /// The text of this value, as it came.
    pub(super) fn raw(self) -> &'d str {
        let node = self.place();
        &self.document.text[node.start..node.end]
    }

    pub(super) fn is_object(self) -> bool {
        self.raw().starts_with('{')
    }

    pub(super) fn is_list(self) -> bool {
        self.raw().starts_with('[')
    }

    /// Key and value of each member, in the order of the text, repeated keys included; of an object only.
    pub(super) fn members(self) -> impl Iterator<Item = (Cow<'d, str>, Json<'d>)> {
        let mut parts = self.parts(self.is_object());
        std::iter::from_fn(move || {
            let key = parts.next()?;
            Some((unescape(key.raw()), parts.next()?))
        })
    }

    /// The elements of a list; of nothing else.
    pub(super) fn elements(self) -> impl Iterator<Item = Json<'d>> {
        self.parts(self.is_list())
    }

    /// The value of a key; of a repeated one the last, as most readers take it.
    pub(super) fn get(self, key: &str) -> Option<Json<'d>> {
        self.members().filter(|(name, _)| name == key).last().map(|(_, value)| value)
    }

    /// A string's characters or a number's digits; `None` for an empty string too.
    pub(super) fn text(self) -> Option<Cow<'d, str>> {
        let raw = self.raw();
        let text = match raw.as_bytes().first()? {
            b'"' => unescape(raw),
            b'-' | b'0'..=b'9' => Cow::Borrowed(raw),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    /// The [`text`](Self::text) of a member.
    pub(super) fn text_of(self, key: &str) -> Option<Cow<'d, str>> {
        self.get(key)?.text()
    }

    /// Whether it is a string whose characters cannot be told from its text without loss (half an emoji).
    pub(super) fn is_broken_text(self) -> bool {
        let raw = self.raw();
        raw.starts_with("\"") && raw.contains('\\') && serde_json::from_str::<String>(raw).is_err()
    }

    fn place(self) -> &'d Node {
        &self.document.nodes[self.node]
    }

    fn parts(self, any: bool) -> impl Iterator<Item = Json<'d>> {
        let end = if any { self.place().next } else { self.node + 1 };
        let mut node = self.node + 1;
        std::iter::from_fn(move || {
            let part = (node < end).then_some(Json { document: self.document, node })?;
            node = part.place().next;
            Some(part)
        })
    }
}

/// Cuts a text that is known to be JSON.
fn cut(text: &str) -> Vec<Node> {
    let bytes = text.as_bytes();
    let mut nodes: Vec<Node> = Vec::with_capacity(bytes.len() / 16 + 1);
    let mut open = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        at += 1;
        match bytes[start] {
            b' ' | b'\t' | b'\n' | b'\r' | b',' | b':' => {}
            b'{' | b'[' => {
                open.push(nodes.len());
                nodes.push(Node { start, end: start, next: 0 });
            }
            b'}' | b']' => {
                let next = nodes.len();
                let node =
                    open.pop().and_then(|node: usize| nodes.get_mut(node)).expect("brackets match in checked JSON");
                node.end = at;
                node.next = next;
            }
            first => {
                at = if first == b'"' { string_end(bytes, at) } else { scalar_end(bytes, at) };
                let next = nodes.len() + 1;
                nodes.push(Node { start, end: at, next });
            }
        }
    }
    nodes
}

/// The place after the closing quote of the string whose inside begins at `at`.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn scalar_end(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && !matches!(bytes[at], b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r') {
        at += 1;
    }
    at
}

/// The characters of a quoted string. Half of a surrogate pair, which an app may leave when it cuts an emoji in two,
/// becomes U+FFFD.
fn unescape(quoted: &str) -> Cow<'_, str> {
    let inside = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(quoted);
    let Some(first) = inside.find('\\') else {
        return Cow::Borrowed(inside);
    };
    let mut text = String::with_capacity(inside.len());
    let mut rest = inside;
    let mut next = Some(first);
    while let Some(place) = next {
        text.push_str(&rest[..place]);
        let (character, length) = escaped(&rest[place..]);
        text.push(character);
        rest = &rest[place + length..];
        next = rest.find('\\');
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// The character that the escape at the beginning of `rest` stands for, and the escape's length in bytes.
fn escaped(rest: &str) -> (char, usize) {
    match rest.as_bytes().get(1) {
        Some(b'u') => escaped_unit(rest),
        Some(b'n') => ('\n', 2),
        Some(b't') => ('\t', 2),
        Some(b'r') => ('\r', 2),
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{c}', 2),
        Some(&other) => (char::from(other), 2),
        None => (char::REPLACEMENT_CHARACTER, 1),
    }
}

fn escaped_unit(rest: &str) -> (char, usize) {
    const ESCAPE_BYTES: usize = 6;
    let unit = |from: usize| {
        let digits = rest.get(from..from + ESCAPE_BYTES)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(0) else {
        return (char::REPLACEMENT_CHARACTER, 2);
    };
    let pair =
        unit(ESCAPE_BYTES).filter(|second| (0xd800..0xdc00).contains(&first) && (0xdc00..0xe000).contains(second));
    let length = if pair.is_some() { 2 * ESCAPE_BYTES } else { ESCAPE_BYTES };
    let mut characters = char::decode_utf16([first].into_iter().chain(pair));
    (characters.next().and_then(Result::ok).unwrap_or(char::REPLACEMENT_CHARACTER), length)
}

#[cfg(test)]
mod tests {
    use super::Document;

    #[test]
    fn every_part_keeps_its_text() {
        let document = Document::parse(r#" {"a" : [1, {"b":"c,]}"} , true],"a":"\u00e9","d":{}} "#).expect("JSON");
        let root = document.root();
        let parts: Vec<_> = root.members().map(|(key, value)| format!("{key}={}", value.raw())).collect();
        assert_eq!(parts, [r#"a=[1, {"b":"c,]}"} , true]"#, r#"a="\u00e9""#, "d={}"]);
        let list = root.members().next().expect("first member").1;
        assert_eq!(list.elements().map(|part| part.raw()).collect::<Vec<_>>(), ["1", r#"{"b":"c,]}"}"#, "true"]);
        assert_eq!(root.text_of("a").as_deref(), Some("é"), "of a repeated key the last counts");
        assert_eq!(root.elements().count(), 0);
        assert_eq!(list.members().count(), 0);
    }

    #[test]
    fn strings_read_as_a_json_reader_reads_them() {
        let text = r#""a\"\\\/\b\f\n\r\t\u0041\ud83d\ude42é🙂""#;
        let expected: String = serde_json::from_str(text).expect("a JSON string");
        let document = Document::parse(text).expect("JSON");
        assert_eq!(document.root().text().as_deref(), Some(expected.as_str()));
        assert!(!document.root().is_broken_text());
    }

    #[test]
    fn half_an_emoji_does_not_lose_the_rest() {
        for (text, expected) in [
            (r#""ab\ud83d""#, "ab\u{fffd}"),
            (r#""\ud83dx""#, "\u{fffd}x"),
            (r#""\ude42\ud83d\ude42""#, "\u{fffd}🙂"),
            (r#""\ud83d\ud83d\ude42""#, "\u{fffd}🙂"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
        ] {
            let document = Document::parse(text).expect("JSON");
            assert_eq!(document.root().text().as_deref(), Some(expected));
            assert!(document.root().is_broken_text(), "{text}");
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let text = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        let document = Document::parse(&text).expect("JSON");
        assert_eq!(document.root().elements().count(), 1);
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for text in ["", "{", "{}}", "\"", "[1 2]", "{\"a\"}", "nul", "\"\\x\"", "\"\\u12\"", "01"] {
            assert!(Document::parse(text).is_none(), "{text}");
        }
    }
}
