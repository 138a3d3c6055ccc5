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
/// Words and rows of keys that lists of stolen passwords begin with; longer passwords are often made of them.
const GUESSED_FIRST: &str = "\
password\npasswort\npasswd\npassword1\nqwerty\nqwertz\nqwertyuiop\nqwertzuiop\nazerty\nazertyuiop\nasdfgh\nasdfghjkl\nzxcvbnm
yxcvbnm\nqwertyuiopasdfgh\nqwertyuiopasdfghjkl\nqwertyuiopasdfghjklzxcvbnm\nqwertyasdfgh\nqazwsx\nqazwsxedc\nqazwsxedcrfv
1q2w3e\n1q2w3e4r\n1q2w3e4r5t\n1q2w3e4r5t6y\n1qaz2wsx\n1qaz2wsx3edc\n1qaz2wsx3edc4rfv\nq1w2e3r4t5y6\nzaq12wsx\nzaq1zaq1
abc123\nabcd1234\nabc\nabcd\n123\n1234\n12345\n123456\n1234567\n12345678\n123456789\n1234567890\n123321\n123123\n112233
1122334455\n121212\n123qwe\n123qweasd\n123qweasdzxc\n987654321\n11223344556677\n147258369\n159753\n741852963\n789456123
admin\nadministrator\nadmin123\nroot\nletmein\nletmeinnow\nwelcome\nwillkommen\nbienvenue\nchangeme\nchangeit\ndefault\nsecret
geheim\ngeheimnis\niloveyou\nichliebedich\nteamo\ndragon\nmonkey\nfootball\nbaseball\nbasketball\nsunshine\nprincess\nsuperman
batman\nmaster\nhello\nhallo\nfreedom\nwhatever\ntrustno\nshadow\nmichael\njordan\nhunter\nstarwars\npokemon\ncomputer
internet\nsamsung\niphone\nwhatsapp\nfacebook\ngoogle\nmicrosoft\nliverpool\nchelsea\nbarcelona\nmanchester\nchristian
correcthorsebatterystaple\nthisisapassword\nmypassword\nnewpassword\npasswordpassword\nsupersecret\ntemppassword\ntestpassword
test\ntesttest\ntesting\nsommer\nwinter\nsummer\nspring\nautumn\nherbst\nfrühling\ncallcenter\ncontactcenter\ncustomer";
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// Why a password cannot be taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too short or too long.
    #[error("A password has {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX} characters. Choose another one.")]
    Length,
    /// Among the first that a guesser tries.
    #[error(
        "This password is among the first that are guessed. Choose another one: some words that only you put together."
    )]
    Guessable,
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

/// The PHC string of a password that somebody chooses for this login (NIST SP 800-63B-4 section 3.1.1.2: a length and a
/// list of those that are guessed first, and no rules about kinds of characters).
///
/// # Errors
/// The password is too short or too long, easily guessed, or the system gives no random bytes.
pub fn hash_new(password: &str, login: &str) -> Result<String, PasswordError> {
    let long_enough = password.chars().count() >= PASSWORD_CHARS_MIN;
    if long_enough && is_guessable(password, login) { Err(PasswordError::Guessable) } else { hash(password) }
}

/// Whether a guesser tries it early: a word of the list or the login, perhaps repeated or with digits and signs behind,
/// or a run of neighbours such as 123456789012.
fn is_guessable(password: &str, login: &str) -> bool {
    let plain: String = password.to_lowercase().chars().filter(|letter| !letter.is_whitespace()).collect();
    let letters: Vec<char> = plain.chars().collect();
    let step = |pair: &[char]| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0]));
    let run = |wanted: &dyn Fn(i64) -> bool| letters.windows(2).all(|pair| wanted(step(pair)));
    // From 9 to 0 and from 0 to 9 a run goes on.
    if run(&|step| step == 0) || run(&|step| step == 1 || step == -9) || run(&|step| step == -1 || step == 9) {
        return true;
    }
    let core = plain.trim_end_matches(|letter: char| !letter.is_alphabetic());
    let login = login.trim().to_lowercase();
    let words = GUESSED_FIRST.lines().chain([login.as_str(), "deskbell"]).filter(|word| !word.is_empty());
    words.into_iter().any(|word| [plain.as_str(), core].iter().any(|text| is_repetition(text, word)))
}

fn is_repetition(text: &str, word: &str) -> bool {
    !text.is_empty()
        && text.len().is_multiple_of(word.len())
        && text.as_bytes().chunks(word.len()).all(|part| part == word.as_bytes())
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
    fn what_is_guessed_first_is_refused() {
        for password in [
            "passwordpassword",
            "Password12345!",
            "123456789012",
            "987654321098",
            "aaaaaaaaaaaa",
            "abcdefghijklm",
            "qwertyuiopasdfgh",
            "Administrator1!",
            "ana.souza ana.souza",
            "Ana.Souza2026!!",
            "deskbelldeskbell",
            "correct horse battery staple",
        ] {
            assert_eq!(hash_new(password, "ana.souza"), Err(PasswordError::Guessable), "{password}");
        }
        for password in [
            "correct horse",
            "rain on a tin roof",
            "kj2-9dj2-1kd9",
            "\u{43f}\u{430}\u{440}\u{43e}\u{43b}\u{44c} \u{434}\u{43b}\u{44f} \u{430}\u{43d}\u{44b}",
        ] {
            assert!(hash_new(password, "ana.souza").is_ok(), "{password}");
        }
    }

    #[test]
    fn nobodys_hash_costs_what_everybodys_does() {
        let nobody = PasswordHash::new(NOBODY).expect("well formed");
        assert_eq!(Params::try_from(&nobody).expect("argon2 parameters"), params());
    }
}
