//! Secrets at rest: encrypted with a key that is not in the database.
//!
//! Whoever gets the database, its log or a copy of both has no access token, no app secret and no second factor without
//! the key file. XChaCha20-Poly1305 with a random nonce; whose secret it is and of what kind is authenticated too, so
//! that a row cannot be put in another's place. Invariant: no secret is written but sealed; a lost key costs the
//! secrets and nothing else.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use redb::ReadableTable as _;
use sha2::Sha256;

use crate::domain::channel::ChannelProfile;
use crate::domain::hex::{hex, unhex};
use crate::domain::ids::{AgentId, ChannelId};
use crate::limits::KEY_FILE_BYTES_MAX;

use super::StoreError;
use super::codec;
use super::query::{Snapshot, decode};
use super::record::security::Sealed;
use super::tables::{CHANNEL_PROFILES, SECRETS, Tables};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// The key file's name in the data directory, unless another place is named.
const KEY_NAME: &str = "deskbell.key";
/// The environment variable that names another place.
const KEY_VARIABLE: &str = "DESKBELL_KEY_FILE";
/// The folder of systemd's credentials.
const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";

/// What kind of secret; the numbers are keys of rows for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Of a channel account: the key of webhook signatures.
    AppSecret = 1,
    /// Of a channel account: for Graph calls.
    AccessToken = 2,
    /// Of a person: the key that their authenticator has too.
    SecondFactor = 3,
}

/// The key that seals.
pub(super) struct SecretKey([u8; KEY_BYTES]);

impl SecretKey {
    /// The key of stores that have no folder, which only tests have.
    pub(super) fn of_memory() -> Self {
        Self([0; KEY_BYTES])
    }

    /// Reads the key file: the one named, or the environment's, or the one beside the data. A missing one is made.
    pub(super) fn open(directory: &Path, named: Option<&Path>) -> Result<Self, StoreError> {
        let path = named.map(Path::to_owned).or_else(named_by_environment).unwrap_or_else(|| directory.join(KEY_NAME));
        let read = |path: &Path| -> io::Result<String> {
            let file = File::open(path)?;
            if file.metadata()?.permissions().mode() & 0o044 != 0 && path.starts_with(directory) {
                tracing::warn!("the key file can be read by others; give it the mode 0600");
            }
            let mut text = String::new();
            file.take(KEY_FILE_BYTES_MAX).read_to_string(&mut text)?;
            Ok(text)
        };
        let text = match read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(&path)?,
            other => other.map_err(|error| key_error(&path, &error))?,
        };
        let key = unhex(text.trim()).ok_or_else(|| StoreError::KeyFile {
            path: path.clone(),
            reason: "it does not hold 64 hexadecimal digits".to_owned(),
        })?;
        Ok(Self(key))
    }

    /// Another key for another purpose, which says nothing about this one (RFC 5869 in spirit: HMAC as the expansion).
    pub(super) fn derived(&self, purpose: &str) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(purpose.as_bytes());
        mac.finalize().into_bytes().into()
    }

    pub(super) fn seal(&self, kind: Kind, id: u64, secret: &[u8]) -> Result<Sealed, StoreError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|error| StoreError::Io(io::Error::other(error)))?;
        let payload = Payload { msg: secret, aad: &place(kind, id) };
        let sealed = self.cipher().encrypt(XNonce::from_slice(&nonce), payload);
        let sealed = sealed.map_err(|_| StoreError::Io(io::Error::other("a secret is too long to be sealed")))?;
        Ok(Sealed([nonce.as_slice(), &sealed].concat()))
    }

    /// The secret; `None` when it was sealed with another key, or is another's.
    pub(super) fn unseal(&self, kind: Kind, id: u64, sealed: &Sealed) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.0.split_at_checked(NONCE_BYTES)?;
        let payload = Payload { msg: sealed, aad: &place(kind, id) };
        self.cipher().decrypt(XNonce::from_slice(nonce), payload).ok()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.0.into())
    }
}

/// Whose secret it is, authenticated with it.
fn place(kind: Kind, id: u64) -> [u8; 9] {
    let mut place = [kind as u8; 9];
    place[1..].copy_from_slice(&id.to_be_bytes());
    place
}

fn named_by_environment() -> Option<PathBuf> {
    let named = std::env::var_os(KEY_VARIABLE).map(PathBuf::from);
    named.or_else(|| {
        Some(PathBuf::from(std::env::var_os(CREDENTIALS_VARIABLE)?).join(KEY_NAME)).filter(|path| path.exists())
    })
}

/// A new key, whole in its file or not there at all.
fn make(path: &Path) -> Result<String, StoreError> {
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key).map_err(|error| StoreError::Io(io::Error::other(error)))?;
    let text = hex(&key) + "\n";
    let draft = path.with_extension("key-draft");
    let write = || -> io::Result<()> {
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    };
    write().map_err(|error| key_error(path, &error))?;
    Ok(text)
}

fn key_error(path: &Path, error: &io::Error) -> StoreError {
    StoreError::KeyFile { path: path.to_owned(), reason: error.to_string() }
}

/// Writes a channel account's profile, its secrets sealed in their own rows.
pub(super) fn put_profile(
    tables: &mut Tables<'_>,
    key: &SecretKey,
    channel: ChannelId,
    profile: &ChannelProfile,
) -> Result<(), StoreError> {
    for (kind, secret) in [(Kind::AppSecret, &profile.app_secret), (Kind::AccessToken, &profile.access_token)] {
        if !secret.is_empty() {
            put(tables, key, kind, channel.0, secret.as_bytes())?;
        }
    }
    let bare = ChannelProfile { app_secret: String::new(), access_token: String::new(), ..profile.clone() };
    tables.channel_profiles()?.insert(channel.0, codec::encode(&bare))?;
    Ok(())
}

/// The profile with its secrets, as far as the key opens them; one that it does not is empty, and nothing is signed or
/// sent with it.
pub(super) fn unsealed(
    profile: ChannelProfile,
    mut secret: impl FnMut(Kind) -> Result<Option<Vec<u8>>, StoreError>,
) -> Result<ChannelProfile, StoreError> {
    let mut words = |kind, plain: String| -> Result<String, StoreError> {
        if !plain.is_empty() {
            return Ok(plain);
        }
        Ok(secret(kind)?.and_then(|secret| String::from_utf8(secret).ok()).unwrap_or_default())
    };
    let app_secret = words(Kind::AppSecret, profile.app_secret.clone())?;
    let access_token = words(Kind::AccessToken, profile.access_token.clone())?;
    Ok(ChannelProfile { app_secret, access_token, ..profile })
}

/// Keeps what stays of a channel account that was disconnected.
pub(super) fn forget_profile(
    tables: &mut Tables<'_>,
    channel: ChannelId,
    profile: ChannelProfile,
) -> Result<(), StoreError> {
    for kind in [Kind::AppSecret, Kind::AccessToken] {
        tables.secrets()?.remove((kind as u8, channel.0))?;
    }
    tables.channel_profiles()?.insert(channel.0, codec::encode(&profile.without_secrets()))?;
    Ok(())
}

/// Seals one secret.
pub(super) fn put(
    tables: &mut Tables<'_>,
    key: &SecretKey,
    kind: Kind,
    id: u64,
    secret: &[u8],
) -> Result<(), StoreError> {
    tables.secrets()?.insert((kind as u8, id), codec::encode(&key.seal(kind, id, secret)?))?;
    Ok(())
}

/// Whether a profile lies there with its secrets in plain words: written by an earlier version.
pub(super) fn any_plain(snapshot: &Snapshot) -> Result<bool, StoreError> {
    let plain = |profile: &ChannelProfile| !profile.app_secret.is_empty() || !profile.access_token.is_empty();
    for row in snapshot.table(CHANNEL_PROFILES)?.iter()? {
        // A damaged row is somebody else's to report; it must not keep all the others from being opened.
        if codec::decode(row?.1.value()).is_ok_and(|profile| plain(&profile)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Seals what lies there in plain words.
pub(super) fn seal_plain(tables: &mut Tables<'_>, key: &SecretKey) -> Result<(), StoreError> {
    let mut profiles = Vec::new();
    for row in tables.channel_profiles()?.iter()? {
        let (id, value) = row?;
        profiles.extend(codec::decode::<ChannelProfile>(value.value()).ok().map(|profile| (id.value(), profile)));
    }
    for (id, profile) in profiles {
        put_profile(tables, key, ChannelId(id), &profile)?;
    }
    Ok(())
}

/// How many secrets the key does not open: it is another one than the one that sealed them.
pub(super) fn lost(snapshot: &Snapshot) -> Result<usize, StoreError> {
    let mut lost = 0;
    for row in snapshot.table(SECRETS)?.iter()? {
        let (place, value) = row?;
        let (kind, id) = place.value();
        let kind = [Kind::AppSecret, Kind::AccessToken, Kind::SecondFactor].into_iter().find(|one| *one as u8 == kind);
        let Some(kind) = kind else { continue };
        let sealed: Sealed = decode("secrets", place.value(), value.value())?;
        lost += usize::from(snapshot.key().unseal(kind, id, &sealed).is_none());
    }
    Ok(lost)
}

impl Snapshot {
    fn secret(&self, kind: Kind, id: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.table(SECRETS)?.get((kind as u8, id))?;
        let sealed: Option<Sealed> =
            found.map(|value| decode("secrets", (kind as u8, id), value.value())).transpose()?;
        Ok(sealed.and_then(|sealed| self.key().unseal(kind, id, &sealed)))
    }

    /// A channel account's profile with its secrets.
    pub(super) fn unsealed(&self, channel: ChannelId, profile: ChannelProfile) -> Result<ChannelProfile, StoreError> {
        unsealed(profile, |kind| self.secret(kind, channel.0))
    }

    /// The key that a person's authenticator has too; `None` without a second factor, or when the key file was lost.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn second_factor_secret(&self, agent: AgentId) -> Result<Option<Vec<u8>>, StoreError> {
        self.secret(Kind::SecondFactor, agent.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_in_its_own_place_with_its_own_key_only() {
        let (key, other) = (SecretKey([7; KEY_BYTES]), SecretKey([8; KEY_BYTES]));
        let sealed = key.seal(Kind::AppSecret, 3, b"secret").expect("random numbers");
        assert!(!sealed.0.windows(6).any(|window| window == b"secret"));
        assert_eq!(key.unseal(Kind::AppSecret, 3, &sealed).as_deref(), Some(b"secret".as_slice()));
        assert_eq!(key.unseal(Kind::AppSecret, 4, &sealed), None, "another channel account");
        assert_eq!(key.unseal(Kind::AccessToken, 3, &sealed), None, "another kind");
        assert_eq!(other.unseal(Kind::AppSecret, 3, &sealed), None, "another key");
        for place in 0..sealed.0.len() {
            let mut damaged = sealed.0.clone();
            damaged[place] ^= 1;
            assert_eq!(key.unseal(Kind::AppSecret, 3, &Sealed(damaged)), None, "byte {place}");
        }
    }

    #[test]
    fn a_key_file_that_is_none_is_refused_with_its_path() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("short.key");
        fs::write(&path, "abc").expect("writable");
        let refused = SecretKey::open(folder.path(), Some(&path)).err().expect("no key").to_string();
        assert!(refused.contains("short.key") && refused.contains("64 hexadecimal digits"), "{refused}");
    }

    #[test]
    fn a_key_is_made_once_and_for_its_owner_only() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join(KEY_NAME);
        let first = SecretKey::open(folder.path(), Some(&path)).expect("it is made");
        assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o600);
        let again = SecretKey::open(folder.path(), Some(&path)).expect("it is read");
        assert_eq!(first.0, again.0);
    }
}
