//! From when until when a certificate is valid: the one thing that has to be known of it and that rustls does not tell.
//!
//! Apart because it reads DER (X.690), for HTTPS and for the checks of health. Invariant: bytes of any kind give an answer or none, never a panic.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::domain::time::Timestamp;

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xA0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// Begin and end of a certificate (RFC 5280, section 4.1); `None` when it is none.
pub(crate) fn validity(certificate: &[u8]) -> Option<(Timestamp, Timestamp)> {
    let mut whole = Der(certificate);
    let mut certificate = Der(whole.element(SEQUENCE)?);
    let mut signed = Der(certificate.element(SEQUENCE)?);
    if signed.0.first() == Some(&VERSION) {
        signed.next()?;
    }
    // Serial number, algorithm, issuer.
    for _ in 0..3 {
        signed.next()?;
    }
    let mut validity = Der(signed.element(SEQUENCE)?);
    Some((time(validity.next()?)?, time(validity.next()?)?))
}

struct Der<'d>(&'d [u8]);

impl<'d> Der<'d> {
    /// The next element: its tag and its content.
    fn next(&mut self) -> Option<(u8, &'d [u8])> {
        let (&[tag, first], mut rest) = self.0.split_first_chunk::<2>()?;
        let length = if first < 0x80 {
            usize::from(first)
        } else {
            let (digits, after) =
                rest.split_at_checked(usize::from(first & 0x7F)).filter(|(digits, _)| digits.len() <= 4)?;
            rest = after;
            digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit))
        };
        let (content, after) = rest.split_at_checked(length)?;
        self.0 = after;
        Some((tag, content))
    }

    /// The next element, which must have this tag.
    fn element(&mut self, wanted: u8) -> Option<&'d [u8]> {
        self.next().filter(|(tag, _)| *tag == wanted).map(|(_, content)| content)
    }
}

/// `YYMMDDHHMMSSZ` of a UTCTime, or with four digits of the year (RFC 5280, section 4.1.2.5).
fn time((tag, text): (u8, &[u8])) -> Option<Timestamp> {
    let digits = text.strip_suffix(b"Z")?;
    let number = |range: std::ops::Range<usize>| {
        let digits = std::str::from_utf8(digits.get(range)?).ok()?;
        digits.parse::<i16>().ok().filter(|_| digits.bytes().all(|digit| digit.is_ascii_digit()))
    };
    let (year, rest) = match tag {
        UTC_TIME => (number(0..2).map(|year| if year < 50 { 2000 + year } else { 1900 + year })?, 2),
        GENERALIZED_TIME => (number(0..4)?, 4),
        _ => return None,
    };
    let part = |at: usize| number(rest + 2 * at..rest + 2 * at + 2).and_then(|part| i8::try_from(part).ok());
    let time = DateTime::new(year, part(0)?, part(1)?, part(2)?, part(3)?, part(4)?, 0).ok()?;
    Some(Timestamp(time.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    #[test]
    fn begin_and_end_are_read_and_cut_or_changed_bytes_do_no_harm() {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec!["desk.example".to_owned()]).expect("a name");
        params.not_before = date_time_ymd(2024, 2, 29);
        params.not_after = date_time_ymd(2055, 1, 1);
        let made = params.self_signed(&key).expect("a certificate");
        let bytes = made.der().to_vec();
        assert_eq!(validity(&bytes), Some((Timestamp(1_709_164_800_000), Timestamp(2_682_374_400_000))));
        for cut in 0..bytes.len() {
            assert_eq!(validity(&bytes[..cut]), None, "cut at {cut}");
        }
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0xFF;
            let _ = validity(&changed);
        }
    }
}
