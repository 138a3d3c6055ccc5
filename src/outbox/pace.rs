//! How fast one channel account may send, and how fast to one contact.
//!
//! Apart because they are the provider's limits put into one number each: the time at which the next message would be on
//! schedule. Invariant: in any second no more messages start than the rate allows, and to one contact no more than a
//! burst and then one in each span.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::ids::ConversationId;
use crate::limits::{PACE_BURST_PERCENT, PAIR_BURST_MESSAGES, PAIR_PACES_MAX, PAIR_SPACING_MS};

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

const SPACING: Duration = Duration::from_millis(PAIR_SPACING_MS);

/// The schedules of the conversations that were written to lately.
#[derive(Default)]
pub(super) struct PairPaces(BTreeMap<ConversationId, Instant>);

impl PairPaces {
    /// When a message to this contact may start (whatsapp-cloud-api.md 2.4): a burst is borrowed from the time to come.
    pub(super) fn free_at(&self, conversation: ConversationId, now: Instant) -> Instant {
        let burst = SPACING * (PAIR_BURST_MESSAGES - 1);
        let next = self.0.get(&conversation).copied().unwrap_or(now);
        next.checked_sub(burst).unwrap_or(now).max(now)
    }

    /// A message to this contact starts.
    pub(super) fn take(&mut self, conversation: ConversationId, now: Instant) {
        // Who has made up for what was borrowed needs no schedule.
        if self.0.len() >= PAIR_PACES_MAX {
            self.0.retain(|_, next| *next > now);
        }
        let next = self.0.get(&conversation).copied().unwrap_or(now).max(now);
        self.0.insert(conversation, next + SPACING);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Pace, PairPaces};
    use crate::domain::ids::ConversationId;
    use crate::limits::PAIR_PACES_MAX;

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

    #[test]
    fn one_contact_gets_a_burst_and_then_one_message_in_six_seconds() {
        let now = Instant::now();
        let mut paces = PairPaces::default();
        let to = |paces: &mut PairPaces, number, second| {
            let at = now + Duration::from_secs(second);
            let mut count = 0;
            while paces.free_at(ConversationId(number), at) == at {
                paces.take(ConversationId(number), at);
                count += 1;
            }
            count
        };
        assert_eq!(to(&mut paces, 1, 0), 45);
        assert_eq!(to(&mut paces, 2, 0), 45, "another contact is another pair");
        assert_eq!(paces.free_at(ConversationId(1), now), now + Duration::from_secs(6));
        assert_eq!(to(&mut paces, 1, 5), 0);
        assert_eq!(to(&mut paces, 1, 6), 1);
        assert_eq!(to(&mut paces, 1, 60), 9, "what was borrowed is made up for");
        assert_eq!(to(&mut paces, 1, 3_600), 45);
        for number in 0..2 * PAIR_PACES_MAX as u64 {
            let at = now + Duration::from_secs(4_000 + number);
            paces.take(ConversationId(number), at);
        }
        assert!(paces.0.len() <= PAIR_PACES_MAX, "those who are done are forgotten");
    }
}
