//! A certificate with its chain and key: PEM to what a handshake needs.
//!
//! Apart because every source of certificates ends here. Invariant: key and certificate belong together.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};

use crate::domain::time::Timestamp;
use crate::limits::TLS_FILE_BYTES_MAX;
use crate::validity::validity;

use super::TlsError;

/// Ready to be shown.
pub(super) struct Certificate {
    pub(super) certified: Arc<CertifiedKey>,
    pub(super) begins_at: Timestamp,
    pub(super) ends_at: Timestamp,
}

/// The bytes of both files.
#[derive(PartialEq, Eq)]
pub(super) struct Pem {
    pub(super) chain: Vec<u8>,
    pub(super) key: Vec<u8>,
}

/// Reads both files.
pub(super) fn read(certificate: &Path, key: &Path) -> Result<Pem, TlsError> {
    Ok(Pem { chain: bytes_of(certificate)?, key: bytes_of(key)? })
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, TlsError> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(TLS_FILE_BYTES_MAX + 1).read_to_end(&mut bytes));
    read.map_err(|error| TlsError::of(path, format!("cannot be read: {error}.")))?;
    if bytes.len() as u64 > TLS_FILE_BYTES_MAX {
        return Err(TlsError::of(path, format!("is larger than {TLS_FILE_BYTES_MAX} bytes. Name the right file.")));
    }
    Ok(bytes)
}

/// Puts chain and key together; `files` are their names, for the sentence of an error.
pub(super) fn of_pem(pem: &Pem, files: (&Path, &Path)) -> Result<Certificate, TlsError> {
    let (certificate_file, key_file) = files;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem.chain).collect();
    let chain = chain.map_err(|_| TlsError::of(certificate_file, "is damaged: it is no whole PEM file."))?;
    let Some(leaf) = chain.first() else {
        return Err(TlsError::of(
            certificate_file,
            "holds no certificate. It must be PEM, with a line -----BEGIN CERTIFICATE-----.",
        ));
    };
    let (begins_at, ends_at) =
        validity(leaf).ok_or_else(|| TlsError::of(certificate_file, "holds a certificate that cannot be read."))?;
    let key = PrivateKeyDer::from_pem_slice(&pem.key).map_err(|_| {
        let encrypted = pem.key.windows(9).any(|words| words == b"ENCRYPTED");
        TlsError::of(
            key_file,
            if encrypted {
                "is protected by a passphrase, which nobody can type at a start. Give the key without one, mode 0600."
            } else {
                "holds no private key. It must be PEM, with a line -----BEGIN PRIVATE KEY-----."
            },
        )
    })?;
    let key = any_supported_type(&key).map_err(|_| {
        TlsError::of(
            key_file,
            "holds a key that cannot be used. Use ECDSA (P-256, P-384), Ed25519, or RSA of 2048 bits.",
        )
    })?;
    let certified = CertifiedKey::new(chain, key);
    match certified.keys_match() {
        Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
        Err(Error::InconsistentKeys(_)) => {
            return Err(TlsError::of(
                key_file,
                format!(
                    "is not the key of the first certificate in {}. Give the pair that belongs together; the server's own \
                     certificate comes first.",
                    certificate_file.display()
                ),
            ));
        }
        Err(_) => return Err(TlsError::of(certificate_file, "holds a certificate that cannot be read.")),
    }
    Ok(Certificate { certified: Arc::new(certified), begins_at, ends_at })
}
