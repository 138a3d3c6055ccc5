//! JSON spelled the way Meta spells it: every non-ASCII character as `\uXXXX`, every `/` as `\/`.
//!
//! Apart because the signature is made over these very bytes: a receiver that parses and writes the body again gets
//! another hash, and must be caught at it. Invariant: the result is ASCII and parses to the value it was made from.

use std::io;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

const HEX: &[u8; 16] = b"0123456789abcdef";

struct MetaFormatter;

impl Formatter for MetaFormatter {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let bytes = fragment.as_bytes();
        let mut plain_from = 0;
        for (at, character) in fragment.char_indices() {
            if character.is_ascii() && character != '/' {
                continue;
            }
            writer.write_all(&bytes[plain_from..at])?;
            plain_from = at + character.len_utf8();
            if character == '/' {
                writer.write_all(b"\\/")?;
                continue;
            }
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                let mut escaped = *b"\\u0000";
                for (digit, shift) in escaped[2..].iter_mut().zip([12, 8, 4, 0]) {
                    *digit = HEX[usize::from((*unit >> shift) & 15)];
                }
                writer.write_all(&escaped)?;
            }
        }
        writer.write_all(&bytes[plain_from..])
    }
}

/// `value` as JSON in Meta's spelling.
pub(crate) fn meta_json(value: &impl Serialize) -> String {
    let mut bytes = Vec::with_capacity(256);
    value
        .serialize(&mut Serializer::with_formatter(&mut bytes, MetaFormatter))
        .expect("writing plain values to memory cannot fail");
    String::from_utf8(bytes).expect("everything beyond ASCII was escaped")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn characters_beyond_ascii_become_lowercase_escapes() {
        assert_eq!(meta_json(&"Grüße"), r#""Gr\u00fc\u00dfe""#);
        assert_eq!(meta_json(&"東"), r#""\u6771""#);
    }

    #[test]
    fn characters_beyond_the_basic_plane_become_surrogate_pairs() {
        assert_eq!(meta_json(&"a😀b"), r#""a\ud83d\ude00b""#);
    }

    #[test]
    fn slashes_are_escaped_and_the_usual_escapes_stay() {
        assert_eq!(meta_json(&"https://a/\"\\\n\u{1f}@\u{7f}"), "\"https:\\/\\/a\\/\\\"\\\\\\n\\u001f@\u{7f}\"");
    }

    #[test]
    fn keys_are_escaped_too() {
        assert_eq!(meta_json(&json!({"ä/": 1})), r#"{"\u00e4\/":1}"#);
    }

    proptest::proptest! {
        #[test]
        fn any_text_survives_and_is_ascii(text in ".*") {
            let written = meta_json(&text);
            assert!(written.is_ascii());
            assert_eq!(serde_json::from_str::<Value>(&written).expect("it is JSON"), Value::String(text));
        }
    }
}
