//! What follows from a call that brought no success.
//!
//! Apart because it is pure and is where the promise lives: only what was surely not accepted is tried again.
//! Invariant: every error leads to exactly one of retry, give up and unknown.

use std::time::Duration;

use crate::domain::command::SendFailure;
use crate::domain::message::Failure;
use crate::domain::time::Timestamp;
use crate::limits::{CHANNEL_PROBE_MS, PAIR_RETRY_BASE, RETRY_AFTER_MS_MAX, RETRY_MS_BASE, RETRY_MS_MAX};
use crate::measure::SendResult;
use crate::whatsapp::client::GraphError;
use crate::whatsapp::codes::{Class, class};

/// Too many messages to one contact; Meta asks for 4^n seconds (whatsapp-cloud-api.md 2.4).
const PAIR_LIMIT: u32 = 131_056;

/// Why a call brought no success.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum CallError {
    /// What Graph or the network said.
    #[error(transparent)]
    Graph(GraphError),
    /// There was nothing to call with.
    #[error("{0}")]
    Unsendable(String),
}

/// What the store is told after this attempt (from 1).
pub(super) fn failure(error: &CallError, attempt: u32, now: Timestamp) -> SendFailure {
    let retry = |failure: Failure, wait: Duration| {
        SendFailure::Retry(now.plus_ms(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)), failure)
    };
    match error {
        CallError::Unsendable(reason) => SendFailure::GiveUp(Failure { code: 0, title: reason.clone() }),
        CallError::Graph(GraphError::Unknown { .. }) => SendFailure::Unknown,
        CallError::Graph(GraphError::NotSent { reason }) => {
            retry(Failure { code: 0, title: reason.clone() }, back_off(attempt))
        }
        CallError::Graph(GraphError::Refused { http_status, code, title, retry_after }) => {
            let failure = Failure { code: *code, title: title.clone() };
            match class(*code, *http_status) {
                Class::GiveUp => SendFailure::GiveUp(failure),
                Class::Halt => SendFailure::Halt(now.plus_ms(CHANNEL_PROBE_MS), failure),
                Class::Retry | Class::SlowDown => {
                    let own = if *code == PAIR_LIMIT { pair_back_off(attempt) } else { back_off(attempt) };
                    retry(failure, retry_after.unwrap_or(own))
                }
            }
        }
    }
}

/// How it is counted.
pub(super) fn counted_as(failure: &SendFailure) -> SendResult {
    match failure {
        SendFailure::Retry(..) => SendResult::Retried,
        SendFailure::GiveUp(_) => SendResult::Failed,
        SendFailure::Unknown => SendResult::Unknown,
        SendFailure::Halt(..) => SendResult::Held,
    }
}

/// How long the whole channel account has to be silent.
pub(super) fn pause(error: &CallError, attempt: u32) -> Option<Duration> {
    match error {
        CallError::Graph(GraphError::Refused { http_status, code, retry_after, .. })
            if class(*code, *http_status) == Class::SlowDown =>
        {
            Some(retry_after.unwrap_or_else(|| back_off(attempt)))
        }
        CallError::Graph(_) | CallError::Unsendable(_) => None,
    }
}

/// Doubles with each attempt, up to a cap.
fn back_off(attempt: u32) -> Duration {
    let doubled = RETRY_MS_BASE.saturating_mul(1_u64.checked_shl(attempt.saturating_sub(1)).unwrap_or(u64::MAX));
    Duration::from_millis(doubled.min(RETRY_MS_MAX))
}

fn pair_back_off(attempt: u32) -> Duration {
    Duration::from_millis(PAIR_RETRY_BASE.saturating_pow(attempt).saturating_mul(1_000).min(RETRY_AFTER_MS_MAX))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{CallError, SendFailure, failure, pause};
    use crate::domain::time::Timestamp;
    use crate::limits::SEND_ATTEMPTS_MAX;
    use crate::whatsapp::client::GraphError;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn refused(http_status: u16, code: u32, retry_after_s: Option<u64>) -> CallError {
        let retry_after = retry_after_s.map(Duration::from_secs);
        CallError::Graph(GraphError::Refused { http_status, code, title: "No".to_owned(), retry_after })
    }

    /// `retry` with seconds, `give up` or `unknown`.
    fn said(error: &CallError, attempt: u32) -> String {
        match failure(error, attempt, NOW) {
            SendFailure::Retry(at, _) => format!("retry {}", at.since_ms(NOW) / 1_000),
            SendFailure::GiveUp(_) => "give up".to_owned(),
            SendFailure::Halt(at, _) => format!("halt {}", at.since_ms(NOW) / 1_000),
            SendFailure::Unknown => "unknown".to_owned(),
        }
    }

    #[test]
    fn only_what_was_surely_not_accepted_is_tried_again() {
        let reason = "gone".to_owned();
        let unknown = CallError::Graph(GraphError::Unknown { reason: reason.clone() });
        for attempt in 1..=SEND_ATTEMPTS_MAX {
            assert_eq!(said(&unknown, attempt), "unknown");
        }
        let not_sent = CallError::Graph(GraphError::NotSent { reason: reason.clone() });
        let waits: Vec<_> = (1..=10).map(|attempt| said(&not_sent, attempt)).collect();
        let expected = [2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map(|seconds| format!("retry {seconds}"));
        assert_eq!(waits, expected);
        assert_eq!(said(&CallError::Unsendable(reason), 1), "give up");
        assert_eq!(said(&not_sent, u32::MAX), "retry 300");
    }

    #[test]
    fn graphs_codes_and_its_patience_are_obeyed() {
        assert_eq!(said(&refused(400, 131_047, Some(5)), 1), "give up");
        assert_eq!(said(&refused(500, 131_000, None), 3), "retry 8");
        for (http_status, code) in
            [(401, 190), (401, 0), (403, 131_031), (403, 131_005), (400, 368), (403, 231), (400, 131_037)]
        {
            assert_eq!(said(&refused(http_status, code, None), 1), "halt 60", "{code}");
        }
        assert_eq!(said(&refused(400, 131_042, None), 1), "give up", "free answers may still go out");
        assert_eq!(said(&refused(429, 130_429, Some(7)), 1), "retry 7");
        let pair: Vec<_> = [1, 2, 3, 40].map(|attempt| said(&refused(400, 131_056, None), attempt)).into();
        assert_eq!(pair, ["retry 4", "retry 16", "retry 64", "retry 3600"]);
    }

    #[test]
    fn only_limits_of_the_number_silence_the_number() {
        assert_eq!(pause(&refused(429, 130_429, Some(7)), 1), Some(Duration::from_secs(7)));
        assert_eq!(pause(&refused(400, 80_007, None), 2), Some(Duration::from_secs(4)));
        for quiet in [refused(400, 131_056, None), refused(500, 131_000, Some(9)), refused(400, 131_047, None)] {
            assert_eq!(pause(&quiet, 1), None, "{quiet}");
        }
    }
}
