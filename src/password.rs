//! Passwords: their rules, their hashes.
//!
//! Apart from sign-in because the command line hashes too, before anything leaves it. Argon2id with the parameters of
//! the OWASP password storage cheat sheet. Invariant: a password is never stored, logged or sent on.

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::limits::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN};

/// Memory of one hash, KiB.
const MEMORY_KIB: u32 = 19_456;
/// Passes over that memory.
const PASSES: u32 = 2;

/// Why a password was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too short or too long.
    #[error("A password has {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX} characters.")]
    Length,
    /// The machine gave no random numbers or no memory.
    #[error("The password could not be hashed: this machine gives no randomness or too little memory.")]
    Machine,
}

/// The PHC string of a new password.
///
/// # Errors
/// The length is out of bounds, or the machine failed.
pub fn hash(password: &str) -> Result<String, PasswordError> {
    if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&password.chars().count()) {
        return Err(PasswordError::Length);
    }
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| PasswordError::Machine)?;
    let salt = SaltString::encode_b64(&salt).map_err(|_| PasswordError::Machine)?;
    let hash = hasher().hash_password(password.as_bytes(), &salt).map_err(|_| PasswordError::Machine)?;
    Ok(hash.to_string())
}

/// Whether the password is the one of this PHC string. Takes about 20 ms of one core.
#[must_use]
pub fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| hasher().verify_password(password.as_bytes(), &hash).is_ok())
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).expect("the parameters are within Argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_password_opens() {
        let hash = hash("correct horse").expect("within the rules");
        assert!(verify("correct horse", &hash));
        assert!(!verify("correct house", &hash));
        assert!(!verify("correct horse", "not a hash"));
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert!(hash("short").is_err());
        assert!(hash(&"x".repeat(PASSWORD_CHARS_MAX + 1)).is_err());
    }
}
