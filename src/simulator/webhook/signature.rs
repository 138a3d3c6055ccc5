//! `X-Hub-Signature-256`: how Meta proves that a webhook is its own.
//!
//! Apart from the product's check of the same header, so that one mistake cannot hide in both.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Signs bodies with one application's secret; the key is prepared once.
#[derive(Clone)]
pub(crate) struct Signer(Hmac<Sha256>);

impl Signer {
    pub(crate) fn new(app_secret: &str) -> Self {
        Self(Hmac::new_from_slice(app_secret.as_bytes()).expect("HMAC takes keys of any length"))
    }

    /// The header's value for exactly these bytes: `sha256=` and 64 lowercase hexadecimal digits.
    pub(crate) fn header(&self, body: &[u8]) -> String {
        let mut mac = self.0.clone();
        mac.update(body);
        let mut header = String::with_capacity(71);
        header.push_str("sha256=");
        push_hex(&mut header, &mac.finalize().into_bytes());
        header
    }
}

/// Appends `bytes` as lowercase hexadecimal digits.
pub(crate) fn push_hex(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(nibble), 16).expect("a nibble is below 16"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_the_published_test_vector() {
        // RFC 4231, test case 2.
        assert_eq!(
            Signer::new("Jefe").header(b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn one_changed_byte_changes_it() {
        let signer = Signer::new("secret");
        assert_ne!(signer.header(b"{}"), signer.header(b"{ }"));
    }
}
