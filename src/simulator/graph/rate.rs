//! How many messages Graph takes in a second.

/// Counts the messages of the current second.
#[derive(Default)]
pub(crate) struct Rate {
    second: u64,
    messages: u32,
}

impl Rate {
    /// Whether one more message fits into the second of `now_ms`.
    pub(crate) fn admits(&mut self, now_ms: u64, messages_per_s_max: u32) -> bool {
        let second = now_ms / 1000;
        if second != self.second {
            *self = Self { second, messages: 0 };
        }
        self.messages = self.messages.saturating_add(1);
        self.messages <= messages_per_s_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_holds_within_a_second_and_starts_anew_in_the_next() {
        let mut rate = Rate::default();
        let admitted = [5_000, 5_100, 5_999, 6_000].map(|now_ms| rate.admits(now_ms, 2));
        assert_eq!(admitted, [true, true, false, true]);
    }
}
