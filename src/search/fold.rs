//! Characters as search sees them: compatible forms, case and accents folded, and what kind of character each is.
//!
//! Apart from the analyzer because this is about single characters. Invariant: folding a folded character changes
//! nothing, so that a query and a text meet whatever was typed.

use std::sync::OnceLock;

use unicode_normalization::char::{compose, decompose_compatible, is_combining_mark};

/// What a folded character is to the analyzer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A letter, or a mark on one, of a script that puts spaces between words.
    Letter,
    /// `0` to `9`.
    Digit,
    /// A character of a script that writes words without spaces: found by pairs.
    Dense,
    /// A picture: a word of its own.
    Picture,
    /// Nothing that anybody looks for, inside a word too.
    Silent,
    /// It ends a word.
    Gap,
}

/// The kind of an ASCII byte.
pub(super) const fn ascii_kind(byte: u8) -> Kind {
    if byte.is_ascii_digit() {
        Kind::Digit
    } else if byte.is_ascii_alphabetic() {
        Kind::Letter
    } else {
        Kind::Gap
    }
}

/// The kind of a folded character.
pub(super) fn kind(folded: char) -> Kind {
    static TABLE: OnceLock<Vec<Kind>> = OnceLock::new();
    if folded.is_ascii() {
        // The cast is exact for ASCII.
        return ascii_kind(folded as u8);
    }
    let table = TABLE.get_or_init(|| ('\0'..).take(TABLE_END).map(kind_slowly).collect());
    table.get(folded as usize).copied().unwrap_or_else(|| kind_slowly(folded))
}

fn kind_slowly(folded: char) -> Kind {
    let code = folded as u32;
    match code {
        // Soft hyphen, zero-width characters, direction marks, variation selectors, skin tones, keycap.
        0xAD
        | 0x200B..=0x200F
        | 0x202A..=0x202E
        | 0x2060..=0x206F
        | 0xFE00..=0xFE0F
        | 0xFEFF
        | 0x20E3
        | 0x1_F3FB..=0x1_F3FF
        | 0xE_0000..=0xE_0FFF => Kind::Silent,
        0x2190..=0x21FF | 0x2300..=0x23FF | 0x2600..=0x27BF | 0x2B00..=0x2BFF | 0x1_F000..=0x1_FAFF => Kind::Picture,
        _ if is_dense(code) => Kind::Dense,
        _ if folded.is_alphanumeric() || is_combining_mark(folded) => Kind::Letter,
        _ => Kind::Gap,
    }
}

/// Thai, Lao, Burmese, Khmer; kana, ideographs, Hangul.
const fn is_dense(code: u32) -> bool {
    matches!(code,
        0x0E01..=0x0E3A | 0x0E40..=0x0E4E | 0x0E81..=0x0EDF | 0x1000..=0x109F | 0x1780..=0x17DD
        | 0x1100..=0x11FF | 0x3005..=0x3007 | 0x3041..=0x30FA | 0x30FC..=0x30FF | 0x3105..=0x318F
        | 0x31A0..=0x31BF | 0x31F0..=0x31FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xA960..=0xA97F
        | 0xAC00..=0xD7FF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF)
}

/// Marks that readers do not type: accents, Arabic and Hebrew vowel signs, the Arabic stretching stroke.
const fn is_accent(code: u32) -> bool {
    matches!(code,
        0x0300..=0x036F | 0x0483..=0x0489 | 0x0591..=0x05BD | 0x05BF | 0x05C1..=0x05C2 | 0x05C4..=0x05C5 | 0x05C7
        | 0x0610..=0x061A | 0x0640 | 0x064B..=0x065F | 0x0670 | 0x06D6..=0x06DC | 0x06DF..=0x06E4
        | 0x06E7..=0x06E8 | 0x06EA..=0x06ED | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20DF
        | 0xFE20..=0xFE2F)
}

/// Zero of each script's own digits, apart from those that compatibility already makes ASCII.
const ZEROS: [u32; 18] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0E50, 0x0ED0,
    0x0F20, 0x1040, 0x17E0, 0x1810,
];

/// Characters below this are folded by a table: Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic.
const TABLE_END: usize = 0x700;
/// More characters than one of the table becomes.
const FOLDED_CHARS_MAX: usize = 4;

/// What each character of the table becomes; the rest of the four are `\0`.
fn table() -> &'static [[char; FOLDED_CHARS_MAX]] {
    static TABLE: OnceLock<Vec<[char; FOLDED_CHARS_MAX]>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let characters = ('\0'..).take(TABLE_END);
        let folded = characters.map(|character| {
            let mut becomes = ['\0'; FOLDED_CHARS_MAX];
            let mut places = becomes.iter_mut();
            fold_slowly(character, |part| {
                if let Some(place) = places.next() {
                    *place = part;
                }
            });
            becomes
        });
        folded.collect()
    })
}

/// Hands the folded form of a character that is not ASCII to `take`, character by character.
pub(super) fn fold(character: char, mut take: impl FnMut(char)) {
    match table().get(character as usize) {
        Some(becomes) => becomes.iter().take_while(|part| **part != '\0').for_each(|part| take(*part)),
        None => fold_slowly(character, take),
    }
}

fn fold_slowly(character: char, mut take: impl FnMut(char)) {
    decompose_compatible(character, |part| {
        let code = part as u32;
        if part.is_ascii() {
            take(part.to_ascii_lowercase());
        } else if is_accent(code) {
        } else if let Some(zero) = ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code)) {
            take(char::from_digit(code - zero, 10).unwrap_or(part));
        } else if is_dense(code) || !part.is_alphabetic() {
            take(part);
        } else {
            // By way of capitals, so that sharp s, long s, final sigma and the dotless i meet their kin.
            for lower in part.to_uppercase().flat_map(char::to_lowercase) {
                if is_accent(lower as u32) {
                    continue;
                }
                match base(lower) {
                    Some(letters) => letters.chars().for_each(&mut take),
                    None => take(lower),
                }
            }
        }
    });
}

/// Latin letters that look like a base letter with a stroke, but have no decomposition.
const fn base(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'ħ' => "h",
        'ŧ' => "t",
        'ı' => "i",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        _ => return None,
    })
}

/// One character of two, where the second belongs to the first: kana with a voice mark, the parts of a Hangul syllable.
pub(super) fn joined(first: char, second: char) -> Option<char> {
    let code = second as u32;
    if matches!(code, 0x3099..=0x309A | 0x1161..=0x11FF) || is_combining_mark(second) {
        compose(first, second)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_wide_enough() {
        for character in ('\u{80}'..).take(TABLE_END - 0x80) {
            let mut slowly = Vec::new();
            fold_slowly(character, |part| slowly.push(part));
            let mut quickly = Vec::new();
            fold(character, |part| quickly.push(part));
            assert_eq!(quickly, slowly, "{character:?}");
        }
    }
}
