//! How fast somebody may guess passwords.
//!
//! Three counts: of a login from an address, of a login, of an address; beyond a free number each failure doubles the
//! wait. Who has signed in from an address before is held back only by their own failures there, so neither a guesser
//! elsewhere nor a neighbour behind the same router locks them out; in a browser in which they have signed in before,
//! only by the failures in that browser. Invariant: the memory of all this is bounded.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::domain::time::Timestamp;
use crate::limits::{
    SIGN_IN_ADDRESS_FAILURES_FREE, SIGN_IN_FAILURES_FREE, SIGN_IN_FAILURES_KEPT_MAX, SIGN_IN_FAILURES_KEPT_MS,
    SIGN_IN_KNOWN_MAX, SIGN_IN_LOGIN_FAILURES_FREE, SIGN_IN_WAIT_MS_MAX, SIGN_IN_WAIT_MS_MIN,
};

use super::visitor::KnownBrowser;

#[derive(Clone, PartialEq, Eq, Hash)]
enum Guesser {
    Pair(String, IpAddr),
    Login(String),
    Address(IpAddr),
    Browser(String, KnownBrowser),
}

impl Guesser {
    fn failures_free(&self) -> u32 {
        match self {
            Self::Pair(..) | Self::Browser(..) => SIGN_IN_FAILURES_FREE,
            Self::Login(_) => SIGN_IN_LOGIN_FAILURES_FREE,
            Self::Address(_) => SIGN_IN_ADDRESS_FAILURES_FREE,
        }
    }
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last_at: Timestamp,
}

impl Failures {
    /// When the next attempt may be made.
    fn wait_until(&self, free: u32) -> Timestamp {
        let Some(beyond) = self.count.checked_sub(free + 1) else { return Timestamp(i64::MIN) };
        let doubled = SIGN_IN_WAIT_MS_MIN.saturating_mul(1 << beyond.min(20));
        self.last_at.plus_ms(doubled.min(SIGN_IN_WAIT_MS_MAX))
    }
}

#[derive(Default)]
struct Memory {
    failures: HashMap<Guesser, Failures>,
    known: HashMap<(String, IpAddr), Timestamp>,
}

/// Remembers who guessed how often.
#[derive(Default)]
pub(super) struct Throttle(Mutex<Memory>);

impl Throttle {
    /// Counts an attempt, as a failure until `succeeded` says otherwise, so that attempts made side by side all count.
    ///
    /// # Errors
    /// The wait in milliseconds before the next attempt; then this one was not counted.
    pub(super) fn attempt(
        &self,
        login: &str,
        address: IpAddr,
        browser: Option<KnownBrowser>,
        now: Timestamp,
    ) -> Result<(), i64> {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let guessers = memory.guessers(login, address, browser);
        for guesser in &guessers {
            let Some(failures) = memory.failures.get(guesser) else { continue };
            // A clock set back must not prolong a wait beyond its longest.
            let wait_ms = failures.wait_until(guesser.failures_free()).since_ms(now).min(SIGN_IN_WAIT_MS_MAX);
            if wait_ms > 0 {
                return Err(wait_ms);
            }
        }
        for guesser in guessers {
            memory.count(guesser, now);
        }
        Ok(())
    }

    /// The attempt counted last was right.
    pub(super) fn succeeded(&self, login: &str, address: IpAddr, browser: Option<KnownBrowser>, now: Timestamp) {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for guesser in memory.guessers(login, address, browser) {
            match guesser {
                Guesser::Pair(..) | Guesser::Browser(..) => {
                    memory.failures.remove(&guesser);
                }
                Guesser::Login(_) | Guesser::Address(_) => {
                    if let Some(failures) = memory.failures.get_mut(&guesser) {
                        failures.count = failures.count.saturating_sub(1);
                    }
                }
            }
        }
        let known = &mut memory.known;
        make_room(known, SIGN_IN_KNOWN_MAX, |at| *at);
        known.insert((login.to_owned(), address), now);
    }
}

impl Memory {
    /// The counts that hold this attempt back. The box itself (a proxy before us) is nobody's address.
    fn guessers(&self, login: &str, address: IpAddr, browser: Option<KnownBrowser>) -> Vec<Guesser> {
        if let Some(browser) = browser {
            return vec![Guesser::Browser(login.to_owned(), browser)];
        }
        let mut guessers = vec![Guesser::Pair(login.to_owned(), address)];
        if !self.known.contains_key(&(login.to_owned(), address)) {
            guessers.push(Guesser::Login(login.to_owned()));
            if !address.is_loopback() {
                guessers.push(Guesser::Address(address));
            }
        }
        guessers
    }

    fn count(&mut self, guesser: Guesser, now: Timestamp) {
        if !self.failures.contains_key(&guesser) && self.failures.len() >= SIGN_IN_FAILURES_KEPT_MAX {
            self.failures.retain(|_, failures| now.since_ms(failures.last_at) < SIGN_IN_FAILURES_KEPT_MS);
            make_room(&mut self.failures, SIGN_IN_FAILURES_KEPT_MAX, |failures| failures.last_at);
        }
        let failures = self.failures.entry(guesser).or_insert(Failures { count: 0, last_at: now });
        if now.since_ms(failures.last_at) >= SIGN_IN_FAILURES_KEPT_MS {
            failures.count = 0;
        }
        *failures = Failures { count: failures.count.saturating_add(1), last_at: now };
    }
}

/// Forgets the oldest entry of a map that is full.
fn make_room<K: Clone + Eq + Hash, V>(map: &mut HashMap<K, V>, entries_max: usize, at: impl Fn(&V) -> Timestamp) {
    if map.len() < entries_max {
        return;
    }
    if let Some(oldest) = map.iter().min_by_key(|(_, value)| at(value)).map(|(key, _)| key.clone()) {
        map.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const OFFICE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

    #[test]
    fn waits_double_after_the_free_failures() {
        let throttle = Throttle::default();
        let mut now = Timestamp(0);
        for _ in 0..=SIGN_IN_FAILURES_FREE {
            assert_eq!(throttle.attempt("ana", OFFICE, None, now), Ok(()));
        }
        assert_eq!(throttle.attempt("ana", OFFICE, None, now), Err(1_000));
        now = now.plus_ms(1_000);
        assert_eq!(throttle.attempt("ana", OFFICE, None, now), Ok(()));
        assert_eq!(throttle.attempt("ana", OFFICE, None, now), Err(2_000));
        for _ in 0..20 {
            now = now.plus_ms(SIGN_IN_WAIT_MS_MAX);
            assert_eq!(throttle.attempt("ana", OFFICE, None, now), Ok(()));
        }
        assert_eq!(throttle.attempt("ana", OFFICE, None, now), Err(SIGN_IN_WAIT_MS_MAX));
    }

    #[test]
    fn a_neighbour_is_not_held_back_once_known_and_a_stranger_is() {
        let throttle = Throttle::default();
        let now = Timestamp(0);
        assert_eq!(throttle.attempt("ben", OFFICE, None, now), Ok(()));
        throttle.succeeded("ben", OFFICE, None, now);
        for guess in 0..=SIGN_IN_ADDRESS_FAILURES_FREE {
            assert_eq!(throttle.attempt(&format!("guess {guess}"), OFFICE, None, now), Ok(()));
        }
        assert!(throttle.attempt("one more", OFFICE, None, now).is_err());
        assert_eq!(throttle.attempt("ben", OFFICE, None, now), Ok(()));
        assert_eq!(throttle.attempt("one more", ELSEWHERE, None, now), Ok(()));
    }

    #[test]
    fn many_addresses_guessing_one_login_do_not_lock_its_owner_out() {
        let throttle = Throttle::default();
        let now = Timestamp(0);
        assert_eq!(throttle.attempt("ana", OFFICE, None, now), Ok(()));
        throttle.succeeded("ana", OFFICE, None, now);
        for host in 0..=SIGN_IN_LOGIN_FAILURES_FREE {
            let address = IpAddr::from(host.to_be_bytes());
            assert_eq!(throttle.attempt("ana", address, None, now), Ok(()));
        }
        assert!(throttle.attempt("ana", ELSEWHERE, None, now).is_err());
        assert_eq!(throttle.attempt("ana", OFFICE, None, now), Ok(()));
    }

    #[test]
    fn a_guesser_behind_the_same_proxy_does_not_lock_the_owner_out_of_a_known_browser() {
        let proxy = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let (throttle, browser, now) = (Throttle::default(), [7; 16], Timestamp(0));
        for _ in 0..=SIGN_IN_FAILURES_FREE {
            assert_eq!(throttle.attempt("ana", proxy, None, now), Ok(()));
        }
        assert!(throttle.attempt("ana", proxy, None, now).is_err(), "the guesser waits");
        assert_eq!(throttle.attempt("ana", proxy, Some(browser), now), Ok(()), "the owner does not");
        for _ in 0..SIGN_IN_FAILURES_FREE {
            assert_eq!(throttle.attempt("ana", proxy, Some(browser), now), Ok(()));
        }
        assert!(throttle.attempt("ana", proxy, Some(browser), now).is_err(), "a stolen browser is no way around");
    }
}
