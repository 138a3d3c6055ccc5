//! Files that only a passphrase opens: the format of age (C2SP, age-encryption.org/v1) with its scrypt recipient.
//!
//! Apart from the backup's own format, which lies within. age's format and not one of ours, so that `age -d` opens a
//! backup on any machine, and written here and not taken from the crate of that name, which brings sixty more along; the
//! ciphers are those of TLS. Invariants: no byte is passed on before its piece is authentic; a file that is cut short is
//! never taken for whole; the passphrase is in no output.

use std::io::{self, Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hmac::{Hmac, Mac as _};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use sha2::Sha256;

use crate::limits::{AGE_HEADER_BYTES_MAX, AGE_WORK_LOG2, AGE_WORK_LOG2_MAX};

/// The first line of every such file.
pub(super) const FIRST_LINE: &[u8] = b"age-encryption.org/v1\n";
/// What scrypt's salt begins with.
const SALT_LABEL: &[u8] = b"age-encryption.org/v1/scrypt";
/// Bytes of a piece of the content.
const CHUNK_BYTES: usize = 64 * 1024;
/// Bytes of a piece's proof.
const TAG_BYTES: usize = 16;
/// Bytes of the key that the passphrase opens.
const FILE_KEY_BYTES: usize = 16;

/// Why a file is not opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum AgeError {
    /// For somebody else, or by a program with other ways.
    #[error("it is encrypted, but not to a passphrase")]
    Recipient,
    /// Opening it would take a machine of another kind.
    #[error("opening it would take more memory than this program gives")]
    Costly,
    /// Another passphrase.
    #[error("the passphrase does not open it, or its first bytes are damaged")]
    Passphrase,
    /// Not what was written.
    #[error("its first bytes are damaged")]
    Damaged,
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// Writes what only the passphrase opens.
pub(super) struct Sealer<W> {
    to: W,
    key: LessSafeKey,
    number: u64,
    chunk: Vec<u8>,
}

impl<W: Write> Sealer<W> {
    /// Writes the header.
    pub(super) fn new(to: W, passphrase: &str) -> io::Result<Self> {
        Self::with_work(to, passphrase, AGE_WORK_LOG2)
    }

    fn with_work(mut to: W, passphrase: &str, work_log2: u8) -> io::Result<Self> {
        let (mut file_key, mut salt, mut nonce) = ([0; FILE_KEY_BYTES], [0; 16], [0; 16]);
        for secret in [&mut file_key, &mut salt, &mut nonce] {
            getrandom::fill(secret).map_err(io::Error::other)?;
        }
        let wrap_key = stretched(passphrase, &salt, work_log2).map_err(io::Error::other)?;
        let mut body = file_key.to_vec();
        let wrapping = cipher(&wrap_key);
        wrapping
            .seal_in_place_append_tag(Nonce::assume_unique_for_key([0; 12]), Aad::empty(), &mut body)
            .map_err(ciphers)?;
        let mut header = FIRST_LINE.to_vec();
        let (salt, body) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(body));
        header.extend_from_slice(format!("-> scrypt {salt} {work_log2}\n{body}\n---").as_bytes());
        let proof = STANDARD_NO_PAD.encode(authentic(&derived(&[], &file_key, b"header"), &header));
        header.extend_from_slice(format!(" {proof}\n").as_bytes());
        header.extend_from_slice(&nonce);
        to.write_all(&header)?;
        let key = cipher(&derived(&nonce, &file_key, b"payload"));
        Ok(Self { to, key, number: 0, chunk: Vec::with_capacity(CHUNK_BYTES + TAG_BYTES) })
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        self.key.seal_in_place_append_tag(nonce(self.number, last), Aad::empty(), &mut self.chunk).map_err(ciphers)?;
        self.to.write_all(&self.chunk)?;
        self.chunk.clear();
        self.number += 1;
        Ok(())
    }

    /// Writes the last piece, without which the file counts as cut short.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.seal(true)?;
        Ok(self.to)
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.chunk.len() == CHUNK_BYTES {
            self.seal(false)?;
        }
        let taken = bytes.len().min(CHUNK_BYTES - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Reads what the passphrase opens.
pub(super) struct Opener<R> {
    from: R,
    key: LessSafeKey,
    number: u64,
    /// What was opened, and how much of it has been read.
    plain: Vec<u8>,
    read: usize,
    /// The next sealed piece; empty after the last.
    next: Vec<u8>,
    begun: bool,
}

impl<R: Read> Opener<R> {
    /// Reads the header.
    pub(super) fn new(mut from: R, passphrase: &str) -> Result<Self, AgeError> {
        let mut header = Vec::new();
        let first = line(&mut from, &mut header)?;
        let stanza = line(&mut from, &mut header)?;
        let body = line(&mut from, &mut header)?;
        if [first.as_bytes(), b"\n"].concat() != FIRST_LINE {
            return Err(AgeError::Damaged);
        }
        let (salt, work) =
            stanza.strip_prefix("-> scrypt ").and_then(|rest| rest.split_once(' ')).ok_or(AgeError::Recipient)?;
        let salt: [u8; 16] = exact(salt)?;
        let work_log2: u8 = work.parse().map_err(|_| AgeError::Damaged)?;
        if work_log2 > AGE_WORK_LOG2_MAX {
            return Err(AgeError::Costly);
        }
        let wrap_key = stretched(passphrase, &salt, work_log2).map_err(|_| AgeError::Damaged)?;
        let mut body: [u8; FILE_KEY_BYTES + TAG_BYTES] = exact(&body)?;
        let opened = cipher(&wrap_key).open_in_place(Nonce::assume_unique_for_key([0; 12]), Aad::empty(), &mut body);
        let file_key = opened.map_err(|_| AgeError::Passphrase)?.to_vec();

        let proved = header.len() + 3;
        let end = line(&mut from, &mut header)?;
        let proof: [u8; 32] = exact(end.strip_prefix("--- ").ok_or(AgeError::Damaged)?)?;
        let mut mac = keyed(&derived(&[], &file_key, b"header"));
        mac.update(&header[..proved]);
        mac.verify_slice(&proof).map_err(|_| AgeError::Damaged)?;
        let mut nonce = [0; 16];
        from.read_exact(&mut nonce)?;
        let key = cipher(&derived(&nonce, &file_key, b"payload"));
        Ok(Self { from, key, number: 0, plain: Vec::new(), read: 0, next: Vec::new(), begun: false })
    }

    /// Opens the next piece; nothing after the last.
    fn open(&mut self) -> io::Result<()> {
        if !self.begun {
            self.begun = true;
            self.next = self.sealed()?;
            if self.next.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        if self.next.is_empty() {
            self.plain.clear();
            return Ok(());
        }
        let following = if self.next.len() == CHUNK_BYTES + TAG_BYTES { self.sealed()? } else { Vec::new() };
        let mut piece = std::mem::replace(&mut self.next, following);
        let last = self.next.is_empty();
        let opened = self.key.open_in_place(nonce(self.number, last), Aad::empty(), &mut piece);
        let length =
            opened.map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "a piece is damaged or missing"))?.len();
        piece.truncate(length);
        if length == 0 && self.number > 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "its end is damaged"));
        }
        (self.plain, self.read) = (piece, 0);
        self.number += 1;
        Ok(())
    }

    fn sealed(&mut self) -> io::Result<Vec<u8>> {
        let mut piece = Vec::with_capacity(CHUNK_BYTES + TAG_BYTES);
        self.from.by_ref().take((CHUNK_BYTES + TAG_BYTES) as u64).read_to_end(&mut piece)?;
        Ok(piece)
    }
}

impl<R: Read> Read for Opener<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.read == self.plain.len() {
            self.read = 0;
            self.open()?;
        }
        let taken = bytes.len().min(self.plain.len() - self.read);
        bytes[..taken].copy_from_slice(&self.plain[self.read..self.read + taken]);
        self.read += taken;
        Ok(taken)
    }
}

/// The next line of the header, without its end; it is noted in `header` with it.
fn line(from: &mut impl Read, header: &mut Vec<u8>) -> Result<String, AgeError> {
    let begin = header.len();
    loop {
        let mut byte = [0];
        from.read_exact(&mut byte)?;
        header.push(byte[0]);
        if byte == *b"\n" {
            let line = header[begin..header.len() - 1].to_vec();
            return String::from_utf8(line).map_err(|_| AgeError::Damaged);
        }
        if header.len() > AGE_HEADER_BYTES_MAX {
            return Err(AgeError::Recipient);
        }
    }
}

/// So many bytes in base64, and no more.
fn exact<const N: usize>(text: &str) -> Result<[u8; N], AgeError> {
    let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| AgeError::Damaged)?;
    bytes.try_into().map_err(|_| AgeError::Damaged)
}

/// The key that a passphrase gives: 2^`work_log2` times 1 KiB of memory.
fn stretched(passphrase: &str, salt: &[u8], work_log2: u8) -> Result<[u8; 32], String> {
    let mut key = [0; 32];
    let work = scrypt::Params::new(work_log2, 8, 1, key.len()).map_err(|error| error.to_string())?;
    let salt = [SALT_LABEL, salt].concat();
    scrypt::scrypt(passphrase.as_bytes(), &salt, &work, &mut key).map_err(|error| error.to_string())?;
    Ok(key)
}

/// HKDF (RFC 5869) with SHA-256, 32 bytes.
fn derived(salt: &[u8], secret: &[u8], purpose: &[u8]) -> [u8; 32] {
    authentic(&authentic(salt, secret), &[purpose, &[1]].concat())
}

fn authentic(key: &[u8], bytes: &[u8]) -> [u8; 32] {
    let mut mac = keyed(key);
    mac.update(bytes);
    mac.finalize().into_bytes().into()
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

fn cipher(key: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).expect("the key has the cipher's length"))
}

/// Eleven bytes that count, and one that says whether the piece is the last.
fn nonce(number: u64, last: bool) -> Nonce {
    let mut bytes = [0; 12];
    bytes[3..11].copy_from_slice(&number.to_be_bytes());
    bytes[11] = u8::from(last);
    Nonce::assume_unique_for_key(bytes)
}

fn ciphers(_: ring::error::Unspecified) -> io::Error {
    io::Error::other("the cipher refuses its work")
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::{AgeError, CHUNK_BYTES, Opener, Sealer};

    fn sealed(plain: &[u8]) -> Vec<u8> {
        // Little work, so that it can be done often.
        let mut sealer = Sealer::with_work(Vec::new(), "correct horse", 4).expect("memory takes it");
        sealer.write_all(plain).expect("memory takes it");
        sealer.finish().expect("memory takes it")
    }

    fn opened(sealed: &[u8], passphrase: &str) -> Result<Vec<u8>, AgeError> {
        let mut plain = Vec::new();
        Opener::new(sealed, passphrase)?.read_to_end(&mut plain)?;
        Ok(plain)
    }

    #[test]
    fn what_was_sealed_is_opened_whatever_its_length() {
        for length in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES] {
            let plain: Vec<u8> = (0..length).map(|place| place.to_le_bytes()[0]).collect();
            let sealed = sealed(&plain);
            assert!(opened(&sealed, "correct horse").expect("it opens") == plain, "{length} bytes");
        }
        let sealed = sealed(b"plain");
        assert!(matches!(opened(&sealed, "wrong"), Err(AgeError::Passphrase)));
    }

    #[test]
    fn what_another_program_sealed_is_opened() {
        let sealed = include_bytes!("../../tests/data/backup/another-program.age");
        assert_eq!(opened(sealed, "correct horse").expect("it opens"), b"written by another program");
    }

    #[test]
    fn every_flipped_byte_and_every_cut_is_noticed() {
        let sealed = sealed(b"some words");
        for place in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[place] ^= 1;
            assert!(opened(&damaged, "correct horse").is_err(), "byte {place}");
            assert!(opened(&sealed[..place], "correct horse").is_err(), "cut to {place}");
        }
        assert!(opened(&[sealed.as_slice(), b"x"].concat(), "correct horse").is_err(), "a byte too many");
    }
}
