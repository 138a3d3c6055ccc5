//! An authority of this server's own: a root that people install once, and a certificate that is renewed under it.
//!
//! Apart from other sources because nobody else is asked. Invariants: the root's key never leaves its file; a root is
//! made only where there is none, because every machine that trusts it would have to be told of a new one.

use std::net::{IpAddr, UdpSocket};
use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData as _, date_time_ymd,
};
use sha2::{Digest as _, Sha256};

use crate::config::Config;
use crate::domain::hex::hex;
use crate::domain::time::Timestamp;
use crate::limits::{TLS_LEAF_DAYS, TLS_ROOT_DAYS};

use super::certificate::{Certificate, Pem, of_pem};
use super::{TlsError, shelf};

const ROOT_KEY: &str = "root-key.pem";
const ROOT: &str = "root-certificate.pem";
const LEAF_KEY: &str = "key.pem";
const LEAF: &str = "certificate.pem";
/// The names in the certificate, one a line.
const NAMES: &str = "names.txt";
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Every name and address by which this server may be asked for.
pub(super) fn names(config: &Config) -> Vec<String> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    names.extend(crate::config::machine_names());
    names.extend(config.public_url.iter().map(|url| url.host.clone()));
    names.extend(config.allowed_hosts.iter().chain(&config.tls_names).cloned());
    if config.listen.ip().is_unspecified() {
        names.extend(own_addresses().map(|address| address.to_string()));
    } else {
        names.push(config.listen.ip().to_string());
    }
    names.sort();
    names.dedup();
    names
}

/// The addresses from which this machine reaches others: a datagram's socket knows, and sends nothing for it.
fn own_addresses() -> impl Iterator<Item = IpAddr> {
    let ways = [("0.0.0.0:0", "192.0.2.1:9"), ("[::]:0", "[2001:db8::1]:9")];
    ways.into_iter().filter_map(|(from, to)| {
        let socket = UdpSocket::bind(from).ok()?;
        socket.connect(to).ok()?;
        Some(socket.local_addr().ok()?.ip())
    })
}

/// The certificate for these names, made or renewed where needed, and the root, PEM.
pub(super) fn ready(folder: &Path, names: &[String], now: Timestamp) -> Result<(Certificate, Vec<u8>), TlsError> {
    let failed = |error: std::io::Error| TlsError::of(folder, format!("cannot be used: {error}."));
    shelf::folder(folder).map_err(failed)?;
    let (root_key, root) = root(folder, now)?;
    let listed = names.join("\n");
    let leaf = (
        shelf::read(folder, LEAF).map_err(failed)?,
        shelf::read(folder, LEAF_KEY).map_err(failed)?,
        shelf::read(folder, NAMES).map_err(failed)?,
    );
    if let (Some(chain), Some(key), Some(known)) = leaf
        && known == listed.as_bytes()
        && let Ok(certificate) = of_pem(&Pem { chain, key }, (&folder.join(LEAF), &folder.join(LEAF_KEY)))
        && certificate.ends_at.since_ms(now) > TLS_LEAF_DAYS * DAY_MS / 3
        && certificate.begins_at <= now
    {
        return Ok((certificate, root));
    }
    let unmade =
        |error: rcgen::Error| TlsError(format!("No certificate can be made for {}: {error}.", names.join(", ")));
    let key = KeyPair::generate().map_err(unmade)?;
    let mut params = CertificateParams::new(names).map_err(unmade)?;
    params.distinguished_name = named("Deskbell");
    (params.not_before, params.not_after) = (day(now.plus_ms(-DAY_MS)), day(now.plus_ms(TLS_LEAF_DAYS * DAY_MS)));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let issuer = Issuer::new(root_params(&root_key, now), root_key);
    let made = params.signed_by(&key, &issuer).map_err(unmade)?;
    let pem = Pem { chain: made.pem().into_bytes(), key: key.serialize_pem().into_bytes() };
    let certificate = of_pem(&pem, (&folder.join(LEAF), &folder.join(LEAF_KEY)))?;
    // Without the names these files are made anew, so a crash in between leaves no pair that does not fit.
    for (name, bytes) in [(NAMES, &b""[..]), (LEAF_KEY, &pem.key), (LEAF, &pem.chain), (NAMES, listed.as_bytes())] {
        shelf::write(folder, name, bytes).map_err(failed)?;
    }
    Ok((certificate, root))
}

/// The root's key and certificate (PEM), made where there are none.
fn root(folder: &Path, now: Timestamp) -> Result<(KeyPair, Vec<u8>), TlsError> {
    let failed = |error: std::io::Error| TlsError::of(folder, format!("cannot be used: {error}."));
    let unusable = |name: &str| {
        TlsError::of(
            &folder.join(name),
            "cannot be read. Put it back from a backup; or move it away, and a new root is made, which every machine has to \
             install anew.",
        )
    };
    let key = match shelf::read(folder, ROOT_KEY).map_err(failed)? {
        Some(pem) => {
            let pem = String::from_utf8(pem).map_err(|_| unusable(ROOT_KEY))?;
            KeyPair::from_pem(&pem).map_err(|_| unusable(ROOT_KEY))?
        }
        None => {
            let key = KeyPair::generate().map_err(|error| TlsError(format!("No key can be made: {error}.")))?;
            // A root without its key certifies nothing any more.
            shelf::write(folder, ROOT, b"").map_err(failed)?;
            shelf::write(folder, ROOT_KEY, key.serialize_pem().as_bytes()).map_err(failed)?;
            key
        }
    };
    if let Some(pem) = shelf::read(folder, ROOT).map_err(failed)?.filter(|pem| !pem.is_empty()) {
        let both = Pem { chain: pem.clone(), key: key.serialize_pem().into_bytes() };
        of_pem(&both, (&folder.join(ROOT), &folder.join(ROOT_KEY))).map_err(|_| unusable(ROOT))?;
        return Ok((key, pem));
    }
    let made = root_params(&key, now).self_signed(&key);
    let made = made.map_err(|error| TlsError(format!("No root can be made: {error}.")))?;
    shelf::write(folder, ROOT, made.pem().as_bytes()).map_err(failed)?;
    Ok((key, made.pem().into_bytes()))
}

/// What a root says of itself. Its name follows from its key, so that the key alone can go on signing.
fn root_params(key: &KeyPair, now: Timestamp) -> CertificateParams {
    let mut params = CertificateParams::default();
    let digest = Sha256::digest(key.subject_public_key_info());
    params.distinguished_name = named(&format!("Deskbell root {}", hex(&digest[..4])));
    (params.not_before, params.not_after) = (day(now.plus_ms(-DAY_MS)), day(now.plus_ms(TLS_ROOT_DAYS * DAY_MS)));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// Midnight of the day, in the type in which certificates are dated.
fn day(at: Timestamp) -> cookie::time::OffsetDateTime {
    let date = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC).date();
    date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
}

/// The SHA-256 of a PEM certificate's bytes, as browsers show it.
pub(super) fn fingerprint(pem: &[u8]) -> String {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    CertificateDer::from_pem_slice(pem).map(|der| hex(&Sha256::digest(der))).unwrap_or_default()
}
