//! Keys that come from outside: whether bytes are a key of a table at all.
//!
//! redb takes it for granted that a key is sound and panics where it is not; rows of a backup come from a file. Invariant:
//! what is sound here can be read by `redb::Value::from_bytes`.

use redb::Key;

/// A key whose bytes can be looked at before they are believed.
pub(super) trait SoundKey: Key {
    /// Whether these bytes are such a key.
    fn is_sound(bytes: &[u8]) -> bool;
}

macro_rules! of_length {
    ($($key:ty: $length:literal),+ $(,)?) => {$(
        impl SoundKey for $key {
            fn is_sound(bytes: &[u8]) -> bool {
                bytes.len() == $length
            }
        }
    )+};
}

of_length! {
    u8: 1,
    u64: 8,
    (u64, u8): 9,
    (u8, u64): 9,
    (&'static [u8; 32], u64): 40,
    (u64, u64): 16,
    (u64, i64, u64): 24,
    (i64, u64, u64): 24,
    &'static [u8; 32]: 32,
}

fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok()
}

impl SoundKey for &'static str {
    fn is_sound(bytes: &[u8]) -> bool {
        is_text(bytes)
    }
}

impl SoundKey for (u8, &'static str) {
    fn is_sound(bytes: &[u8]) -> bool {
        bytes.get(1..).is_some_and(is_text)
    }
}

impl SoundKey for (u64, &'static str) {
    fn is_sound(bytes: &[u8]) -> bool {
        bytes.get(8..).is_some_and(is_text)
    }
}

impl SoundKey for (&'static str, u64) {
    /// The text's length comes first: one byte, or 254 and two bytes, or 255 and four.
    fn is_sound(bytes: &[u8]) -> bool {
        let Some((first, rest)) = bytes.split_first() else { return false };
        let split = match first {
            254 => rest.split_first_chunk().map(|(length, rest)| (usize::from(u16::from_le_bytes(*length)), rest)),
            255 => rest
                .split_first_chunk()
                .and_then(|(length, rest)| Some((usize::try_from(u32::from_le_bytes(*length)).ok()?, rest))),
            short => Some((usize::from(*short), rest)),
        };
        split.is_some_and(|(length, rest)| rest.len().checked_sub(8) == Some(length) && is_text(&rest[..length]))
    }
}

#[cfg(test)]
mod tests {
    use super::SoundKey;

    /// What redb writes is sound; cut by one byte or one byte longer it is not, unless its end is a text.
    fn sound<'a, K: SoundKey>(key: &'a K::SelfType<'a>, ends_in_text: bool) {
        let bytes = K::as_bytes(key).as_ref().to_vec();
        assert!(K::is_sound(&bytes), "{key:?}");
        assert_eq!(K::as_bytes(&K::from_bytes(&bytes)).as_ref(), bytes);
        let longer = [bytes.as_slice(), b"x"].concat();
        assert_eq!(K::is_sound(&longer), ends_in_text, "{key:?}");
        assert_eq!(K::is_sound(&bytes[..bytes.len() - 1]), ends_in_text, "{key:?}");
        assert!(!K::is_sound(&[]) || K::fixed_width().is_none(), "{key:?}");
    }

    #[test]
    fn keys_as_redb_writes_them_are_sound_and_others_are_not() {
        sound::<u8>(&7, false);
        sound::<u64>(&7, false);
        sound::<(u64, u8)>(&(7, 1), false);
        sound::<(u64, u64)>(&(7, 8), false);
        sound::<(u64, i64, u64)>(&(7, -8, 9), false);
        sound::<(i64, u64, u64)>(&(-7, 8, 9), false);
        sound::<&'static [u8; 32]>(&&[7; 32], false);
        sound::<&'static str>(&"abc", true);
        sound::<(u8, &'static str)>(&(1, "abc"), true);
        sound::<(u64, &'static str)>(&(1, "abc"), true);
        for length in [0, 3, 253, 254, 255, 70_000] {
            let text = "x".repeat(length);
            sound::<(&'static str, u64)>(&(text.as_str(), 1), false);
        }
        assert!(!<&'static str>::is_sound(&[0xff]) && !<(u8, &'static str)>::is_sound(&[1, 0xff]));
        assert!(!<(&'static str, u64)>::is_sound(&[1, 0xff, 0, 0, 0, 0, 0, 0, 0, 0]));
    }
}
