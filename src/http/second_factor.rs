//! Codes of an authenticator (RFC 6238 over RFC 4226) and recovery codes: made, shown, checked.
//!
//! Apart from the handlers because it is arithmetic. Invariants: a code is compared in a time that says nothing about
//! it; a recovery code is known by its SHA-256 only.

use hmac::{Hmac, Mac as _};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use qrcode::{Color, QrCode};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::domain::ids::TokenHash;
use crate::domain::second_factor::{Proof, SecondFactor};
use crate::domain::time::Timestamp;
use crate::limits::{CODE_DRIFT_STEPS, CODE_SECRET_BYTES, CODE_STEP_S, RECOVERY_CODES};

/// RFC 4648 section 6.
const BASE_32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Ten bytes are sixteen letters: nobody tries them all.
const RECOVERY_BYTES: usize = 10;
const DIGITS: u32 = 1_000_000;
/// Modules around a QR code that stay white (ISO/IEC 18004).
const QUIET: usize = 4;

/// The number that an authenticator shows for a step of time (RFC 4226 section 5.3).
fn code(secret: &[u8], step: u64) -> u32 {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 15);
    let word = u32::from_be_bytes([digest[at], digest[at + 1], digest[at + 2], digest[at + 3]]);
    (word & 0x7fff_ffff) % DIGITS
}

/// The step of time that it is.
fn step_at(now: Timestamp) -> u64 {
    u64::try_from(now.0).unwrap_or(0) / 1_000 / CODE_STEP_S
}

/// The step that a typed code belongs to, when it is one of now.
pub(super) fn step_of(secret: &[u8], typed: &str, now: Timestamp) -> Option<u64> {
    let digits: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let typed: u32 = digits.parse().ok()?;
    let now = step_at(now);
    let mut found = None;
    for step in now.saturating_sub(CODE_DRIFT_STEPS)..=now + CODE_DRIFT_STEPS {
        // All are computed, whichever fits.
        if code(secret, step) ^ typed == 0 {
            found = Some(step);
        }
    }
    found
}

/// What somebody typed as the second factor: a code, or a recovery code.
pub(super) fn proof(factor: &SecondFactor, secret: Option<&[u8]>, typed: &str, now: Timestamp) -> Option<Proof> {
    let code = secret.and_then(|secret| step_of(secret, typed, now)).map(Proof::Code);
    code.or_else(|| Some(Proof::Recovery(recovery_hash(typed)))).filter(|proof| factor.takes(*proof))
}

/// A new secret.
pub(super) fn new_secret() -> Result<Vec<u8>, getrandom::Error> {
    let mut secret = vec![0; CODE_SECRET_BYTES];
    getrandom::fill(&mut secret)?;
    Ok(secret)
}

/// New recovery codes, as their owner writes them down.
pub(super) fn new_recovery_codes() -> Result<Vec<String>, getrandom::Error> {
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let mut bytes = [0; RECOVERY_BYTES];
        getrandom::fill(&mut bytes)?;
        codes.push(in_fours(&base_32(&bytes).to_lowercase(), "-"));
    }
    Ok(codes)
}

/// The hash under which a recovery code is known, however it is typed.
pub(super) fn recovery_hash(typed: &str) -> TokenHash {
    let plain: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    TokenHash(Sha256::digest(plain.to_lowercase()).into())
}

/// A secret as people type it into an authenticator.
pub(super) fn in_words(secret: &[u8]) -> String {
    in_fours(&base_32(secret), " ")
}

/// The address that an authenticator reads from a QR code.
pub(super) fn uri(secret: &[u8], login: &str) -> String {
    let login = utf8_percent_encode(login, NON_ALPHANUMERIC);
    format!("otpauth://totp/Deskbell:{login}?secret={}&issuer=Deskbell", base_32(secret))
}

/// A QR code: how many modules wide, and the path of an SVG that draws the dark ones.
pub(super) fn qr(text: &str) -> Option<(usize, String)> {
    let code = QrCode::new(text).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (place, _) in code.to_colors().iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
        path.push_str(&format!("M{} {}h1v1h-1z", place % width + QUIET, place / width + QUIET));
    }
    Some((width + 2 * QUIET, path))
}

fn base_32(bytes: &[u8]) -> String {
    let (mut text, mut bits, mut held) = (String::new(), 0_u32, 0_u32);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(BASE_32[(held >> bits & 31) as usize]));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(char::from(BASE_32[(held << (5 - bits) & 31) as usize]));
    }
    text
}

fn in_fours(text: &str, between: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(4).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1, the last six of eight digits.
        for (seconds, expected) in [
            (59, 287_082),
            (1_111_111_109, 81_804),
            (1_111_111_111, 50_471),
            (1_234_567_890, 5_924),
            (2_000_000_000, 279_037),
            (20_000_000_000, 353_130),
        ] {
            assert_eq!(code(SECRET, seconds / CODE_STEP_S), expected, "at {seconds}");
        }
        // RFC 4226, appendix D.
        for (step, expected) in [755_224, 287_082, 359_152, 969_429, 338_314].into_iter().enumerate() {
            assert_eq!(code(SECRET, step as u64), expected, "step {step}");
        }
    }

    #[test]
    fn a_code_counts_one_step_before_and_after_its_time() {
        let typed = "287 082";
        let step = 59 / CODE_STEP_S;
        for (seconds, counts) in [(0, true), (29, true), (59, true), (89, true), (90, false)] {
            let found = step_of(SECRET, typed, Timestamp(seconds * 1_000));
            assert_eq!(found, counts.then_some(step), "at {seconds} s");
        }
        for typed in ["", "28708", "2870820", "28708x", "\u{661}\u{662}\u{663}\u{664}\u{665}\u{666}"] {
            assert_eq!(step_of(SECRET, typed, Timestamp(59_000)), None, "{typed}");
        }
    }

    #[test]
    fn secrets_are_written_as_rfc_4648_says() {
        for (bytes, text) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB")]
        {
            assert_eq!(base_32(bytes.as_bytes()), text);
        }
        assert_eq!(uri(b"foo", "a b@c"), "otpauth://totp/Deskbell:a%20b%40c?secret=MZXW6&issuer=Deskbell");
    }

    #[test]
    fn a_recovery_code_counts_however_it_is_typed_and_once() {
        let codes = new_recovery_codes().expect("random numbers");
        assert_eq!(codes.len(), RECOVERY_CODES);
        let factor = SecondFactor { last_step: 0, recovery: codes.iter().map(|code| recovery_hash(code)).collect() };
        let typed = codes[3].to_uppercase().replace('-', " ");
        let used = proof(&factor, None, &typed, Timestamp(0)).expect("it is one of them");
        assert_eq!(factor.clone().after(used).recovery.len(), RECOVERY_CODES - 1);
        assert_eq!(proof(&factor.after(used), None, &typed, Timestamp(0)), None);
    }
}
