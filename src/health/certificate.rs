//! When a served certificate ends.
//!
//! Only that is read of it: whoever speaks TLS checks the rest.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject as _};

use crate::domain::time::Timestamp;
use crate::limits::{HEALTH_CERTIFICATE_DAYS, HEALTH_CERTIFICATE_URGENT_DAYS, TLS_FILE_BYTES_MAX};
use crate::validity::validity;

use super::{Inputs, Told, moment};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

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
    let mut pem = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(TLS_FILE_BYTES_MAX).read_to_end(&mut pem).map_err(|error| error.to_string())?;
    let certificate = CertificateDer::from_pem_slice(&pem).map_err(|error| {
        if matches!(error, pem::Error::NoItemsFound) { "there is no certificate in it" } else { "it is damaged" }
    })?;
    validity(&certificate).map(|(_, end)| end).ok_or_else(|| "it is damaged".to_owned())
}
