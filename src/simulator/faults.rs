//! What goes wrong on purpose: the faults a test or a person asks for, and the dice that decide when each strikes.
//!
//! Apart so that every fault is named in one place and the same seed gives the same run. Invariant: the dice belong to
//! the simulator alone; nothing else draws from them.

use serde::{Deserialize, Serialize};

/// When a fault strikes: for the next calls, on every n-th call, or by chance. All zero: never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Occurrence {
    /// Strikes on this many next calls, counting down.
    pub next: u32,
    /// Strikes on every n-th call (1 = always, 0 = never).
    pub every: u32,
    /// Strikes with this probability, in thousandths.
    pub per_mille: u32,
}

impl Occurrence {
    /// Strikes on the next `calls` calls.
    #[must_use]
    pub fn next(calls: u32) -> Self {
        Self { next: calls, ..Self::default() }
    }

    /// Strikes on every call.
    #[must_use]
    pub fn always() -> Self {
        Self { every: 1, ..Self::default() }
    }
}

/// The error that a struck Graph call is answered with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ErrorAnswer {
    /// Meta's error code, for example 130429.
    pub code: u32,
    /// HTTP status; 0 takes the usual one of the code. With code 0 as well there is a bare 503 without Graph's JSON.
    pub http_status: u16,
    /// The `Retry-After` header in seconds; 0 leaves it out.
    pub retry_after_s: u32,
}

impl Default for ErrorAnswer {
    fn default() -> Self {
        Self { code: 131_016, http_status: 0, retry_after_s: 0 }
    }
}

/// Every fault that can be provoked; the default provokes none. Graph faults strike calls that send a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Start of the dice; the same seed and the same calls give the same strikes.
    pub seed: u64,
    /// A webhook post goes out twice at the same moment.
    pub webhook_duplicated: Occurrence,
    /// A webhook update is held back, so that later ones overtake it.
    pub webhook_held_back: Occurrence,
    /// How long a held-back update waits, in milliseconds.
    pub webhook_held_back_ms: u64,
    /// Every webhook post waits this long, in milliseconds.
    pub webhook_delay_ms: u64,
    /// Updates gathered into one post; 0 and 1 mean one by one.
    pub webhook_batch_updates: usize,
    /// The call is answered with `graph_error_answer`; nothing is accepted.
    pub graph_error: Occurrence,
    /// See `graph_error`.
    pub graph_error_answer: ErrorAnswer,
    /// The connection is dropped without an answer; nothing is accepted.
    pub graph_dropped: Occurrence,
    /// The message is accepted, then the connection is dropped before the answer.
    pub graph_reset_after_accept: Occurrence,
    /// The message is accepted, then the answer hangs for `graph_hang_ms`.
    pub graph_hang: Occurrence,
    /// How long an answer hangs, in milliseconds.
    pub graph_hang_ms: u64,
    /// The statuses `sent` and `delivered` arrive before the HTTP answer with the message id.
    pub statuses_before_answer: bool,
    /// No status is ever sent.
    pub statuses_withheld: bool,
    /// The message is accepted, then fails with `status_failed_code`.
    pub status_failed: Occurrence,
    /// Meta's error code in a failed status; 0 means 131026 (undeliverable).
    pub status_failed_code: u32,
}

/// What happens to one call that sends a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SendFate {
    pub(crate) error: Option<ErrorAnswer>,
    pub(crate) dropped: bool,
    pub(crate) reset_after_accept: bool,
    pub(crate) hang_ms: Option<u64>,
    pub(crate) statuses_before_answer: bool,
    pub(crate) failed_code: Option<u32>,
}

/// The faults in force, with their counters and dice.
pub(crate) struct Dice {
    faults: Faults,
    state: u64,
    calls: [u32; 7],
}

impl Dice {
    pub(crate) fn new(faults: Faults) -> Self {
        Self { state: faults.seed, faults, calls: [0; 7] }
    }

    /// The faults in force; counters of `next` show what is left.
    pub(crate) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Decides what happens to the next call that sends a message.
    pub(crate) fn send_fate(&mut self) -> SendFate {
        if self.strikes(0, |faults| &mut faults.graph_error) {
            return SendFate { error: Some(self.faults.graph_error_answer.clone()), ..SendFate::default() };
        }
        if self.strikes(1, |faults| &mut faults.graph_dropped) {
            return SendFate { dropped: true, ..SendFate::default() };
        }
        SendFate {
            error: None,
            dropped: false,
            reset_after_accept: self.strikes(2, |faults| &mut faults.graph_reset_after_accept),
            hang_ms: self.strikes(3, |faults| &mut faults.graph_hang).then_some(self.faults.graph_hang_ms),
            statuses_before_answer: self.faults.statuses_before_answer,
            failed_code: self.strikes(4, |faults| &mut faults.status_failed).then_some(
                match self.faults.status_failed_code {
                    0 => 131_026,
                    code => code,
                },
            ),
        }
    }

    /// Whether the next webhook post goes out twice.
    pub(crate) fn webhook_duplicated(&mut self) -> bool {
        self.strikes(5, |faults| &mut faults.webhook_duplicated)
    }

    /// How long the next webhook update is held back, in milliseconds.
    pub(crate) fn webhook_held_back_ms(&mut self) -> Option<u64> {
        self.strikes(6, |faults| &mut faults.webhook_held_back).then_some(self.faults.webhook_held_back_ms)
    }

    fn strikes(&mut self, counter: usize, which: fn(&mut Faults) -> &mut Occurrence) -> bool {
        let occurrence = which(&mut self.faults);
        if occurrence.next > 0 {
            occurrence.next -= 1;
            return true;
        }
        let Occurrence { every, per_mille, .. } = *occurrence;
        if every > 0 {
            self.calls[counter] += 1;
            if self.calls[counter] >= every {
                self.calls[counter] = 0;
                return true;
            }
        }
        if per_mille > 0 {
            self.state = self.state.wrapping_add(1);
            return mix(self.state) % 1000 < u64::from(per_mille);
        }
        false
    }
}

/// A one-to-one scattering of 64-bit numbers (the finaliser of splitmix64): neighbours become unlike each other.
pub(crate) fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn duplicates(faults: &Faults, calls: usize) -> Vec<bool> {
        let mut dice = Dice::new(faults.clone());
        (0..calls).map(|_| dice.webhook_duplicated()).collect()
    }

    #[test]
    fn nothing_goes_wrong_by_default() {
        let mut dice = Dice::new(Faults::default());
        for _ in 0..1000 {
            assert_eq!(dice.send_fate(), SendFate::default());
            assert!(!dice.webhook_duplicated());
            assert_eq!(dice.webhook_held_back_ms(), None);
        }
    }

    #[test]
    fn next_counts_down_and_then_stops() {
        let mut dice = Dice::new(Faults { graph_error: Occurrence::next(2), ..Faults::default() });
        assert!(dice.send_fate().error.is_some());
        assert_eq!(dice.faults().graph_error.next, 1);
        assert!(dice.send_fate().error.is_some());
        assert_eq!(dice.send_fate(), SendFate::default());
    }

    #[test]
    fn every_third_strikes_on_every_third() {
        let faults =
            Faults { webhook_duplicated: Occurrence { every: 3, ..Occurrence::default() }, ..Faults::default() };
        assert_eq!(duplicates(&faults, 6), [false, false, true, false, false, true]);
    }

    #[test]
    fn chance_is_about_right_and_repeats_with_its_seed() {
        let with_seed = |seed| Faults {
            seed,
            webhook_duplicated: Occurrence { per_mille: 250, ..Occurrence::default() },
            ..Faults::default()
        };
        let first = duplicates(&with_seed(7), 4000);
        let struck = first.iter().filter(|struck| **struck).count();
        assert!((850..1150).contains(&struck), "{struck} of 4000");
        assert_eq!(first, duplicates(&with_seed(7), 4000));
        assert_ne!(first, duplicates(&with_seed(8), 4000));
    }

    #[test]
    fn a_misspelt_fault_is_refused() {
        assert!(serde_json::from_str::<Faults>(r#"{"graph_errors":{"next":1}}"#).is_err());
        assert!(serde_json::from_str::<Faults>(r#"{"graph_error":{"next":1}}"#).is_ok());
    }
}
