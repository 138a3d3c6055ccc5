//! How fast one channel account may send.
//!
//! Apart because it is the provider's limit put into one number: the time at which the next message would be on
//! schedule. Invariant: in any second no more messages start than the rate allows.

use std::time::Duration;

use tokio::time::Instant;

use crate::limits::PACE_BURST_PERCENT;

const NANOS_PER_S: u64 = 1_000_000_000;

/// The schedule of one channel account.
pub(super) struct Pace {
    /// When the next message is on schedule; earlier ones live on the burst.
    next: Instant,
    paused_until: Instant,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { next: now, paused_until: now }
    }

    /// Lets one message start, or tells when one may. `rate` is in messages a second; 0 counts as 1. A part of each
    /// second is a burst that may start at once; the rest is spread evenly, so that both together keep to the rate.
    pub(super) fn take(&mut self, now: Instant, rate: u32) -> Result<(), Instant> {
        let rate = u64::from(rate.max(1));
        let burst = rate * PACE_BURST_PERCENT / 100;
        let spacing = Duration::from_nanos(NANOS_PER_S / (rate - burst));
        let credit = spacing * u32::try_from(burst.saturating_sub(1)).unwrap_or(u32::MAX);
        let free_at = self.next.checked_sub(credit).unwrap_or(now).max(self.paused_until);
        if free_at > now {
            return Err(free_at);
        }
        self.next = self.next.max(now) + spacing;
        Ok(())
    }

    /// Lets nothing start until then; what comes after starts without a burst.
    pub(super) fn pause(&mut self, until: Instant) {
        self.paused_until = self.paused_until.max(until);
        self.next = self.next.max(until);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Pace;

    /// Start times, in milliseconds after `start`, of all messages that a greedy sender gets through in so long.
    fn greedy(pace: &mut Pace, rate: u32, start: Instant, milliseconds: u64) -> Vec<u64> {
        let mut starts = Vec::new();
        for tick in 0..milliseconds {
            while pace.take(start + Duration::from_millis(tick), rate).is_ok() {
                starts.push(tick);
            }
        }
        starts
    }

    #[test]
    fn no_second_has_more_than_the_rate() {
        for rate in [1, 2, 5, 20, 80, 1_000, 5_000] {
            let now = Instant::now();
            let mut pace = Pace::new(now);
            // Idle first: saved-up time is no licence.
            let starts = greedy(&mut pace, rate, now + Duration::from_secs(60), 3_000);
            let most =
                (0..2_000).map(|second| starts.iter().filter(|at| (second..second + 1_000).contains(*at)).count());
            let most = most.max().unwrap_or_default();
            assert!(most <= usize::try_from(rate).expect("small"), "{rate}: {most} in a second");
            let least = usize::try_from(rate).expect("small") * 3 * 85 / 100;
            assert!(starts.len() >= least, "{rate}: only {} in three seconds", starts.len());
        }
    }

    #[test]
    fn a_refusal_tells_when_to_come_back() {
        let now = Instant::now();
        let mut pace = Pace::new(now);
        assert_eq!(pace.take(now, 1), Ok(()));
        let free_at = pace.take(now, 1).expect_err("one a second");
        assert_eq!(free_at, now + Duration::from_secs(1));
        assert_eq!(pace.take(free_at, 1), Ok(()));
    }

    #[test]
    fn a_pause_holds_everything_and_leaves_no_burst() {
        let now = Instant::now();
        let mut pace = Pace::new(now);
        let until = now + Duration::from_millis(500);
        pace.pause(until);
        assert_eq!(pace.take(now, 1_000), Err(until));
        let starts = greedy(&mut pace, 1_000, now, 1_500);
        assert!(starts.iter().all(|at| *at >= 500));
        assert!(starts.len() <= 1_000, "{}", starts.len());
    }
}
