//! What a person shows besides the password: a code of their authenticator, or one of their recovery codes.
//!
//! Apart from the sign-in because it is set up, used and lost on its own. The core sees no codes: the edge finds the
//! step of time that a code belongs to. Invariant: a step and a recovery code count once.

use std::fmt;

use super::ids::TokenHash;

/// The key that server and authenticator share (RFC 4226 section 4: at least 128 bits, here 160).
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(*)")
    }
}

/// A second factor as the tables know it, without the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondFactor {
    /// The step of time of the last code that was taken (RFC 6238 section 5.2: each is taken once).
    pub last_step: u64,
    /// SHA-256 of the recovery codes that are left.
    pub recovery: Vec<TokenHash>,
}

/// What was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The code of this step of time.
    Code(u64),
    /// A recovery code, hashed.
    Recovery(TokenHash),
}

impl SecondFactor {
    /// Whether the proof counts now.
    #[must_use]
    pub fn takes(&self, proof: Proof) -> bool {
        match proof {
            Proof::Code(step) => step > self.last_step,
            Proof::Recovery(code) => self.recovery.contains(&code),
        }
    }

    /// The second factor after the proof was used.
    #[must_use]
    pub fn after(mut self, proof: Proof) -> Self {
        match proof {
            Proof::Code(step) => self.last_step = self.last_step.max(step),
            Proof::Recovery(used) => self.recovery.retain(|code| *code != used),
        }
        self
    }
}
