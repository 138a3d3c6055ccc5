//! The signature of webhook bodies: HMAC-SHA256 with the app secret over the bytes as they came.
//!
//! Apart because it must see the raw body: Meta escapes its JSON in its own way, so a body that was parsed and written
//! again has another signature (whatsapp-cloud-api.md 0.1). Invariant: comparison takes constant time.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Length of the hexadecimal digest, characters.
const DIGEST_HEX_CHARS: usize = 64;
/// What stands before the digest in the header.
const PREFIX: &str = "sha256=";

/// Whether `header` (the value of `X-Hub-Signature-256`) signs `body`. Only the exact form `sha256=` and 64 lowercase
/// hexadecimal digits counts; an empty secret signs nothing.
#[must_use]
pub fn verify(app_secret: &[u8], header: &str, body: &[u8]) -> bool {
    let Some(digest) = header.strip_prefix(PREFIX).and_then(digest_of) else {
        return false;
    };
    !app_secret.is_empty() && mac(app_secret, body).verify_slice(&digest).is_ok()
}

/// The header value that signs `body`: `sha256=…`.
#[must_use]
pub fn sign(app_secret: &[u8], body: &[u8]) -> String {
    let digest = mac(app_secret, body).finalize().into_bytes();
    let mut header = String::with_capacity(PREFIX.len() + DIGEST_HEX_CHARS);
    header.push_str(PREFIX);
    for byte in digest {
        for nibble in [byte >> 4, byte & 0x0f] {
            header.push(char::from_digit(u32::from(nibble), 16).expect("a nibble is a hexadecimal digit"));
        }
    }
    header
}

fn mac(app_secret: &[u8], body: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(app_secret).expect("HMAC takes keys of any length");
    mac.update(body);
    mac
}

fn digest_of(hex: &str) -> Option<[u8; DIGEST_HEX_CHARS / 2]> {
    let hex = hex.as_bytes();
    if hex.len() != DIGEST_HEX_CHARS {
        return None;
    }
    let mut digest = [0; DIGEST_HEX_CHARS / 2];
    for (byte, pair) in digest.iter_mut().zip(hex.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(digest)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{sign, verify};

    /// RFC 4231, test case 2.
    #[test]
    fn signs_as_the_standard_says() {
        assert_eq!(
            sign(b"Jefe", b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn one_changed_byte_anywhere_is_refused() {
        let body = br#"{"object":"whatsapp_business_account","text":"\u00e9 \/"}"#;
        let header = sign(b"secret", body);
        assert!(verify(b"secret", &header, body));
        for place in 0..body.len() {
            let mut changed = body.to_vec();
            changed[place] ^= 1;
            assert!(!verify(b"secret", &header, &changed), "byte {place}");
        }
        for place in 0..header.len() {
            let mut changed = header.clone().into_bytes();
            changed[place] ^= 1;
            assert!(!verify(b"secret", &String::from_utf8_lossy(&changed), body), "header byte {place}");
        }
        assert!(!verify(b"Secret", &header, body));
    }

    #[test]
    fn only_the_exact_header_form_counts() {
        let header = sign(b"secret", b"{}");
        let digest = &header["sha256=".len()..];
        for other in [
            String::new(),
            "sha256=".to_owned(),
            digest.to_owned(),
            format!("SHA256={digest}"),
            format!("sha1={digest}"),
            format!("sha256={}", digest.to_uppercase()),
            format!("sha256= {digest}"),
            format!("sha256={digest} "),
            format!("sha256={digest}00"),
            format!("sha256={}", &digest[2..]),
            format!("sha256={}é", &digest[2..]),
        ] {
            assert!(!verify(b"secret", &other, b"{}"), "{other}");
        }
    }

    #[test]
    fn an_empty_secret_signs_nothing() {
        assert!(!verify(b"", &sign(b"", b"{}"), b"{}"));
    }
}
