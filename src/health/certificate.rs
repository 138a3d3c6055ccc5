//! When a served certificate ends.
//!
//! Only that is read of it (RFC 5280 section 4.1): whoever speaks TLS checks the rest. Invariant: bytes of any kind give
//! a time or nothing, and never a panic.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::domain::time::Timestamp;
use crate::limits::{HEALTH_CERTIFICATE_BYTES_MAX, HEALTH_CERTIFICATE_DAYS, HEALTH_CERTIFICATE_URGENT_DAYS};

use super::{Inputs, Told, moment};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
const SEQUENCE: u8 = 0x30;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VERSION: u8 = 0xa0;

pub(super) fn expiry(inputs: &Inputs<'_>) -> Vec<Told> {
    inputs.certificates.iter().map(|path| look(path, inputs.now)).collect()
}

fn look(path: &Path, now: Timestamp) -> Told {
    let (file, remedy) =
        (path.display(), "Renew it, and put the new file in the same place; it is read anew by itself.");
    let ends_at = match ends_at(path) {
        Ok(ends_at) => ends_at,
        Err(reason) => {
            let remedy = "Put a certificate in PEM form there, and check that this user may read it.";
            return Told::red(format!("The certificate {file} cannot be read: {reason}."), remedy);
        }
    };
    let left_ms = ends_at.since_ms(now);
    if left_ms <= 0 {
        return Told::red(format!("The certificate {file} ended at {}: browsers refuse it.", moment(ends_at)), remedy);
    }
    let sentence = format!("The certificate {file} is good until {}.", moment(ends_at));
    if left_ms < HEALTH_CERTIFICATE_URGENT_DAYS * DAY_MS {
        Told::red(sentence, remedy)
    } else if left_ms < HEALTH_CERTIFICATE_DAYS * DAY_MS {
        Told::yellow(sentence, remedy)
    } else {
        Told::green(sentence)
    }
}

/// When the first certificate of a PEM file ends: that is the server's own (RFC 8446 section 4.4.2).
fn ends_at(path: &Path) -> Result<Timestamp, String> {
    let mut text = String::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(HEALTH_CERTIFICATE_BYTES_MAX).read_to_string(&mut text).map_err(|error| error.to_string())?;
    let body = text.split("-----BEGIN CERTIFICATE-----").nth(1).and_then(|rest| rest.split("-----END").next());
    let body: String = body.ok_or("there is no certificate in it")?.split_whitespace().collect();
    let der = STANDARD.decode(body).map_err(|_| "it is damaged")?;
    not_after(&der).ok_or_else(|| "it is damaged".to_owned())
}

/// The end of the validity in a certificate's DER form.
fn not_after(der: &[u8]) -> Option<Timestamp> {
    let (certificate, _) = element(der, SEQUENCE)?;
    let (mut fields, _) = element(certificate, SEQUENCE)?;
    if fields.first() == Some(&VERSION) {
        fields = any(fields)?.2;
    }
    // Serial number, signature's algorithm, issuer.
    for _ in 0..3 {
        fields = any(fields)?.2;
    }
    let (validity, _) = element(fields, SEQUENCE)?;
    let (tag, end, _) = any(any(validity)?.2)?;
    let text = std::str::from_utf8(end).ok()?.strip_suffix('Z')?;
    let text = match tag {
        // Years of two digits are those of 1950 to 2049 (RFC 5280 section 4.1.2.5.1).
        UTC_TIME => format!("{}{text}", if text.get(..2)? < "50" { "20" } else { "19" }),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let time = jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", text).ok()?;
    Some(Timestamp(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond()))
}

/// The content of the first element, which must have this tag, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    any(bytes).filter(|(found, _, _)| *found == tag).map(|(_, content, rest)| (content, rest))
}

/// The first element: its tag, its content, and what follows it (X.690 section 8.1).
fn any(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first >= 0x80 {
        let count = usize::from(first & 0x7f);
        if count == 0 || count > 4 {
            return None;
        }
        let digits = rest.get(..count)?;
        length = digits.iter().fold(0, |length, digit| (length << 8) | usize::from(*digit));
        rest = rest.get(count..)?;
    }
    Some((tag, rest.get(..length)?, rest.get(length..)?))
}
