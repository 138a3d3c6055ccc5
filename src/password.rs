//! Password hashes: argon2id in PHC strings.
//!
//! Apart from the sign-in because the command line makes hashes too. Invariants: the memory of a hash goes back to the
//! system at once, and an unknown login takes as long as a wrong password.

use argon2::password_hash::{Output, PasswordHash, Salt, SaltString};
use argon2::{Algorithm, Argon2, Block, Params, Version};

use crate::limits::{
    PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, PASSWORD_HASH_KIB, PASSWORD_HASH_PASSES, PASSWORD_HASH_RESERVED_KIB,
};

/// Nobody's hash, with the parameters of everybody's: checked when a login is unknown.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdC1vZi1ub2JvZHk$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// Why a password cannot be taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too short or too long.
    #[error("A password has {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX} characters. Choose another one.")]
    Length,
    /// The system gave no random bytes.
    #[error("The system gave no random numbers for the password's salt: {0}")]
    NoRandomness(getrandom::Error),
}

/// The PHC string of a password.
///
/// # Errors
/// The password is too short or too long, or the system gives no random bytes.
pub fn hash(password: &str) -> Result<String, PasswordError> {
    if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&password.chars().count()) {
        return Err(PasswordError::Length);
    }
    let mut salt = [0; SALT_BYTES];
    getrandom::fill(&mut salt).map_err(PasswordError::NoRandomness)?;
    let text = SaltString::encode_b64(&salt).expect("16 bytes are a salt of a permitted length");
    let params = params();
    let hash = argon2id(password, &salt, &params);
    let phc = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: (&params).try_into().expect("our own parameters have their names and fit"),
        salt: Some(Salt::from_b64(text.as_str()).expect("it was made from bytes just now")),
        hash: Some(Output::new(&hash).expect("32 bytes are a hash of a permitted length")),
    };
    Ok(phc.to_string())
}

/// Whether `password` is the one of `phc`; without one, the time is taken and the answer is no.
#[must_use]
pub fn matches(password: &str, phc: Option<&str>) -> bool {
    let known = phc.is_some();
    let matched = check(password, phc.unwrap_or(NOBODY));
    known && matched
}

fn check(password: &str, phc: &str) -> bool {
    // No password of ours is longer, and a hash of a stranger's megabytes is work for nothing.
    if password.chars().count() > PASSWORD_CHARS_MAX {
        return false;
    }
    let Ok(stored) = PasswordHash::new(phc) else { return false };
    let (Some(salt), Some(expected), Ok(params)) = (stored.salt, stored.hash, Params::try_from(&stored)) else {
        return false;
    };
    let mut buffer = [0; Salt::MAX_LENGTH];
    let Ok(salt) = salt.decode_b64(&mut buffer) else { return false };
    // `Output` compares in constant time.
    Output::new(&argon2id(password, salt, &params)).is_ok_and(|computed| computed == expected)
}

fn params() -> Params {
    Params::new(PASSWORD_HASH_KIB, PASSWORD_HASH_PASSES, 1, Some(HASH_BYTES)).expect("these bounds are argon2's own")
}

fn argon2id(password: &str, salt: &[u8], params: &Params) -> [u8; HASH_BYTES] {
    let blocks = params.block_count();
    let mut memory: Vec<Block> = Vec::with_capacity(blocks.max(PASSWORD_HASH_RESERVED_KIB as usize));
    memory.resize(blocks, Block::default());
    let mut hash = [0; HASH_BYTES];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut hash, &mut memory)
        .expect("password and salt are of permitted lengths and the memory is large enough");
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_matches() {
        let phc = hash("correct horse").expect("a good password");
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(matches("correct horse", Some(&phc)));
        assert!(!matches("correct horsf", Some(&phc)));
        assert!(!matches("correct horse", None));
        assert!(!matches("correct horse", Some("not a hash")));
        assert_ne!(phc, hash("correct horse").expect("a good password"), "each hash has its own salt");
    }

    #[test]
    fn too_short_and_too_long_passwords_are_refused() {
        assert_eq!(hash("sevench"), Err(PasswordError::Length));
        assert_eq!(hash(&"x".repeat(129)), Err(PasswordError::Length));
    }

    #[test]
    fn nobodys_hash_costs_what_everybodys_does() {
        let nobody = PasswordHash::new(NOBODY).expect("well formed");
        assert_eq!(Params::try_from(&nobody).expect("argon2 parameters"), params());
    }
}
