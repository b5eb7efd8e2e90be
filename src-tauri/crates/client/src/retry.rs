//! When to try again. A pure function; that nothing is tried again once a byte arrived is the caller's duty.

use std::time::Duration;

use juxta_wire::error::{AppError, NetworkStage};

/// The first wait when the server names none; it doubles with each try.
const FIRST_WAIT: f64 = 0.5;
const LONGEST_OWN_WAIT: f64 = 8.0;
/// A server that asks for a longer wait than this is not waited for: the person decides.
const LONGEST_ASKED_WAIT: f64 = 60.0;
/// Lanes that failed together must not come back together.
const JITTER: f64 = 0.25;

/// How long to wait before the next try, or `None` when there is none. `attempt` is 1 when the first try failed,
/// `jitter` lies between 0 and 1.
pub fn next_wait(attempt: u32, max_retries: u32, error: &AppError, jitter: f64) -> Option<Duration> {
    if attempt == 0 || attempt > max_retries || !may_help(error) {
        return None;
    }
    if let AppError::Rejected(rejection) = error
        && let Some(asked) = rejection.retry_after.filter(|seconds| seconds.is_finite() && *seconds > 0.0)
    {
        return (asked <= LONGEST_ASKED_WAIT).then(|| Duration::from_secs_f64(asked));
    }
    let doublings = i32::try_from((attempt - 1).min(16)).unwrap_or(16);
    let wait = (FIRST_WAIT * 2f64.powi(doublings)).min(LONGEST_OWN_WAIT);
    Some(Duration::from_secs_f64(wait * (1.0 - JITTER * jitter.clamp(0.0, 1.0))))
}

/// Whether the same request may succeed a moment later.
fn may_help(error: &AppError) -> bool {
    match error {
        AppError::Rejected(rejection) => rejection.retryable,
        AppError::Network { stage, .. } => match stage {
            NetworkStage::Refused
            | NetworkStage::Connect
            | NetworkStage::Timeout
            | NetworkStage::Send
            | NetworkStage::Reset => true,
            // A wrong name, a certificate without trust and a proxy that refuses stay what they are.
            NetworkStage::Dns | NetworkStage::Tls | NetworkStage::Proxy => false,
        },
        AppError::Invalid { .. }
        | AppError::MissingKey { .. }
        | AppError::PlainHttp { .. }
        | AppError::Keychain { .. }
        | AppError::Protocol { .. }
        | AppError::EndedEarly { .. }
        | AppError::Template { .. }
        | AppError::Storage { .. }
        | AppError::Media { .. }
        | AppError::NotFound { .. }
        | AppError::Internal { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use juxta_wire::error::{Rejection, RejectionCategory};

    use super::*;

    fn rejected(retry_after: Option<f64>, retryable: bool) -> AppError {
        AppError::Rejected(Box::new(Rejection {
            status: 429,
            category: RejectionCategory::RateLimit,
            code: None,
            message: "slow down".to_owned(),
            retry_after,
            request_id: None,
            fields: Vec::new(),
            event: None,
            content_type: None,
            elapsed_ms: 1.0,
            retryable,
        }))
    }

    fn network(stage: NetworkStage) -> AppError {
        let certificates = Vec::new();
        AppError::Network {
            stage,
            host: "h".to_owned(),
            port: 1,
            message: String::new(),
            elapsed_ms: 1.0,
            certificates,
        }
    }

    fn seconds(attempt: u32, max_retries: u32, error: &AppError, jitter: f64) -> Option<f64> {
        next_wait(attempt, max_retries, error, jitter).map(|wait| wait.as_secs_f64())
    }

    #[test]
    fn the_wait_the_server_asks_for_is_kept_exactly() {
        assert_eq!(seconds(1, 1, &rejected(Some(2.5), true), 1.0), Some(2.5));
        assert_eq!(seconds(1, 1, &rejected(Some(60.0), true), 0.0), Some(60.0));
        assert_eq!(seconds(1, 1, &rejected(Some(61.0), true), 0.0), None);
    }

    #[test]
    fn without_a_word_from_the_server_the_wait_doubles_up_to_eight_seconds() {
        let waits: Vec<_> = (1..=6).map(|attempt| seconds(attempt, 9, &rejected(None, true), 0.0)).collect();
        assert_eq!(waits, [Some(0.5), Some(1.0), Some(2.0), Some(4.0), Some(8.0), Some(8.0)]);
        assert_eq!(seconds(1, 9, &rejected(None, true), 1.0), Some(0.375), "at most a quarter is taken off");
        assert_eq!(seconds(1, 9, &rejected(Some(0.0), true), 0.0), Some(0.5), "a wait of nothing is no wait");
    }

    #[test]
    fn tries_end_after_the_retries_that_are_allowed() {
        assert_eq!(seconds(1, 0, &rejected(None, true), 0.0), None);
        assert!(seconds(2, 2, &rejected(None, true), 0.0).is_some());
        assert_eq!(seconds(3, 2, &rejected(None, true), 0.0), None);
        assert!(seconds(u32::MAX, u32::MAX, &rejected(None, true), 0.0).is_some());
    }

    #[test]
    fn what_cannot_change_is_not_tried_again() {
        assert_eq!(seconds(1, 5, &rejected(Some(1.0), false), 0.0), None);
        for stage in [NetworkStage::Dns, NetworkStage::Tls, NetworkStage::Proxy] {
            assert_eq!(seconds(1, 5, &network(stage), 0.0), None, "{stage:?}");
        }
        let early = AppError::EndedEarly { events: 3, message: String::new() };
        assert_eq!(seconds(1, 5, &early, 0.0), None);
    }

    #[test]
    fn a_connection_that_broke_is_tried_again() {
        for stage in [
            NetworkStage::Refused,
            NetworkStage::Connect,
            NetworkStage::Timeout,
            NetworkStage::Send,
            NetworkStage::Reset,
        ] {
            assert!(seconds(1, 1, &network(stage), 0.0).is_some(), "{stage:?}");
        }
    }
}
