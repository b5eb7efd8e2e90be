//! What follows for a batch from what its provider says, or does not say. No clock and no disk.

use juxta_client::endpoints::batch::BatchObject;
use juxta_store::StoredBatch;
use juxta_wire::batch::{BatchProgress, BatchState};
use juxta_wire::error::{AppError, Rejection, RejectionCategory};

/// Milliseconds until the provider is asked again for the first time, and at most.
const FIRST_WAIT: u64 = 2_000;
const LONGEST_WAIT: u64 = 30_000;
/// After a question that failed in a way that may pass, and in one that does not pass by itself.
const LONGEST_AFTER_FAILURE: u64 = 60_000;
const LONGEST_WITHOUT_HOPE: u64 = 600_000;
/// A server that wants to be left alone for longer is asked after a day all the same.
const LONGEST_ASKED_FOR: f64 = 86_400.0;
/// Questions that are kept for the rate.
const MOST_PROGRESS: usize = 240;
/// How often the provider's list is looked through for a batch whose answer never came.
const MOST_LOOKS: u32 = 6;
/// A clock that was set back puts the next question further away than it can be.
const SLACK: u64 = 5_000;

/// The provider has told how the batch is.
pub(super) fn told(batch: &mut StoredBatch, object: &BatchObject, now: u64) {
    let job = &mut batch.job;
    let is_new = job.state != object.state;
    job.state = object.state;
    job.provider_id = Some(object.id.clone());
    job.provider_state = Some(object.word.clone()).filter(|word| object.state == BatchState::Other && !word.is_empty());
    if let Some(counts) = object.counts {
        // While a file is being looked at, there is nothing that a provider could count.
        let total = if counts.total == 0 { job.counts.total } else { counts.total };
        job.counts = juxta_wire::batch::BatchCounts { total, ..counts };
    }
    job.window = object.window.clone().or_else(|| job.window.take());
    job.sent_at = job.sent_at.or(object.made_at);
    job.ended_at = object.state.is_over().then(|| object.ended_at.or(job.ended_at).unwrap_or(now));
    job.problem = object.problem.clone().filter(|_| object.state.is_over()).map(in_the_providers_words);
    progress(&mut job.progress, BatchProgress { at: now, over: job.counts.done + job.counts.failed });
    batch.held.failures = 0;
    batch.held.submitted = true;
    batch.held.wait = match is_new {
        true => FIRST_WAIT,
        false => (batch.held.wait.max(FIRST_WAIT) * 3 / 2).min(LONGEST_WAIT),
    };
    job.next_check = match () {
        () if job.state.is_watched() => Some(now + batch.held.wait),
        () if !job.fetched => Some(now),
        () => None,
    };
}

/// Of a standstill its begin and its end are kept.
fn progress(all: &mut Vec<BatchProgress>, new: BatchProgress) {
    if let [.., one, last] = all.as_mut_slice()
        && one.over == new.over
        && last.over == new.over
    {
        last.at = new.at;
        return;
    }
    all.push(new);
    if all.len() > MOST_PROGRESS {
        all.remove(0);
    }
}

fn in_the_providers_words(message: String) -> AppError {
    AppError::Rejected(Box::new(Rejection {
        status: 200,
        category: RejectionCategory::Validation,
        code: None,
        message,
        retry_after: None,
        request_id: None,
        fields: Vec::new(),
        event: None,
        content_type: None,
        elapsed_ms: 0.0,
        retryable: false,
    }))
}

/// A question about the batch, or the fetch of its results, got no good answer.
pub(super) fn failed(batch: &mut StoredBatch, error: AppError, now: u64) {
    batch.held.failures = batch.held.failures.saturating_add(1);
    let longest = if may_pass(&error) { LONGEST_AFTER_FAILURE } else { LONGEST_WITHOUT_HOPE };
    batch.held.wait = asked_for(&error).unwrap_or_else(|| doubled(batch.held.failures, longest));
    batch.job.next_check = Some(now + batch.held.wait);
    batch.job.problem = Some(error);
}

/// The provider's list was looked through and does not have the batch, or could not be.
pub(super) fn not_found(batch: &mut StoredBatch, now: u64) {
    batch.held.failures = batch.held.failures.saturating_add(1);
    batch.held.wait = doubled(batch.held.failures, LONGEST_AFTER_FAILURE);
    batch.job.next_check = (batch.held.failures < MOST_LOOKS).then(|| now + batch.held.wait);
}

fn doubled(failures: u32, longest: u64) -> u64 {
    FIRST_WAIT.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(longest)
}

fn asked_for(error: &AppError) -> Option<u64> {
    let AppError::Rejected(rejection) = error else { return None };
    let seconds = rejection.retry_after.filter(|seconds| seconds.is_finite() && *seconds > 0.0)?;
    Some((seconds.min(LONGEST_ASKED_FOR) * 1000.0) as u64)
}

fn may_pass(error: &AppError) -> bool {
    match error {
        AppError::Rejected(rejection) => rejection.retryable,
        error => matches!(error, AppError::Network { .. } | AppError::EndedEarly { .. }),
    }
}

/// Whether the provider is asked about the batch, now or later.
pub(super) fn is_asked_about(batch: &StoredBatch) -> bool {
    let job = &batch.job;
    let is_in_question = job.state.is_watched()
        || job.state == BatchState::Unknown
        || (job.state.is_over() && !job.fetched && job.provider_id.is_some());
    is_in_question && job.next_check.is_some()
}

pub(super) fn is_due(batch: &StoredBatch, now: u64) -> bool {
    batch.job.next_check.is_some_and(|at| at <= now || at > now + batch.held.wait + SLACK)
}

#[cfg(test)]
mod tests {
    use juxta_store::BatchHeld;
    use juxta_wire::batch::{BatchCounts, BatchJob};
    use juxta_wire::error::NetworkStage;
    use juxta_wire::ids::{BatchId, ConnectionId};

    use super::*;

    fn batch() -> StoredBatch {
        let job = BatchJob {
            id: BatchId::new(),
            name: "Names".to_owned(),
            connection: ConnectionId::new(),
            endpoint: None,
            model: None,
            state: BatchState::Sending,
            provider_id: None,
            provider_state: None,
            counts: BatchCounts { total: 120, done: 0, failed: 0 },
            window: Some("24h".to_owned()),
            url: None,
            metadata: Vec::new(),
            problem: None,
            retry_of: None,
            made_at: 0,
            sent_at: Some(1),
            ended_at: None,
            next_check: None,
            progress: Vec::new(),
            fetched: false,
        };
        StoredBatch { job, held: BatchHeld::default() }
    }

    fn object(word: &str, state: BatchState, done: u64) -> BatchObject {
        BatchObject {
            id: "batch_1".to_owned(),
            state,
            word: word.to_owned(),
            counts: Some(BatchCounts { total: 0, done, failed: 0 }),
            window: None,
            metadata: Vec::new(),
            made_at: Some(5),
            ended_at: None,
            input: None,
            output: Vec::new(),
            errors: Vec::new(),
            problem: None,
        }
    }

    fn rejected(status: u16, retry_after: Option<f64>, retryable: bool) -> AppError {
        let mut error = in_the_providers_words("no".to_owned());
        if let AppError::Rejected(rejection) = &mut error {
            (rejection.status, rejection.retry_after, rejection.retryable) = (status, retry_after, retryable);
        }
        error
    }

    #[test]
    fn questions_come_after_two_seconds_and_grow_by_half_up_to_thirty() {
        let mut batch = batch();
        let mut waits = Vec::new();
        for _ in 0..9 {
            told(&mut batch, &object("in_progress", BatchState::Running, 0), 1_000);
            waits.push(batch.job.next_check.expect("a next question") - 1_000);
        }
        assert_eq!(waits, [2_000, 3_000, 4_500, 6_750, 10_125, 15_187, 22_780, 30_000, 30_000]);
        told(&mut batch, &object("finalizing", BatchState::Finalizing, 0), 1_000);
        assert_eq!(batch.job.next_check, Some(3_000), "what is new may soon be newer");
        assert_eq!(batch.job.counts.total, 120, "a provider that counts nothing yet does not take our count away");
    }

    #[test]
    fn a_failed_question_changes_no_state_and_a_server_that_names_a_wait_gets_it() {
        let mut batch = batch();
        told(&mut batch, &object("in_progress", BatchState::Running, 7), 1_000);
        let network = AppError::Network {
            stage: NetworkStage::Dns,
            host: "h".to_owned(),
            port: 443,
            message: "no".to_owned(),
            elapsed_ms: 1.0,
            certificates: Vec::new(),
        };
        let mut waits = Vec::new();
        for _ in 0..7 {
            failed(&mut batch, network.clone(), 1_000);
            waits.push(batch.held.wait);
        }
        assert_eq!(waits, [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
        assert_eq!((batch.job.state, batch.job.counts.done), (BatchState::Running, 7));
        assert_eq!(batch.job.problem, Some(network));
        failed(&mut batch, rejected(429, Some(90.5), true), 1_000);
        assert_eq!(batch.job.next_check, Some(91_500));
        failed(&mut batch, rejected(404, None, false), 1_000);
        assert_eq!(batch.held.wait, 512_000, "what does not pass by itself is asked for seldom");
        told(&mut batch, &object("in_progress", BatchState::Running, 7), 2_000);
        assert_eq!((batch.held.failures, batch.job.problem.clone()), (0, None));
    }

    #[test]
    fn what_is_over_is_asked_about_until_it_is_fetched() {
        let mut batch = batch();
        told(&mut batch, &object("completed", BatchState::Finished, 120), 9_000);
        assert!(is_asked_about(&batch) && is_due(&batch, 9_000));
        assert_eq!(batch.job.ended_at, Some(9_000));
        batch.job.fetched = true;
        assert!(!is_asked_about(&batch));
        told(&mut batch, &object("completed", BatchState::Finished, 120), 10_000);
        assert_eq!((batch.job.next_check, batch.job.ended_at), (None, Some(9_000)));
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_put_a_question_off_for_ever() {
        let mut batch = batch();
        told(&mut batch, &object("in_progress", BatchState::Running, 0), 1_000_000);
        assert!(!is_due(&batch, 1_000_000) && !is_due(&batch, 1_001_999) && is_due(&batch, 1_002_000));
        assert!(is_due(&batch, 5_000), "hours before");
        assert!(is_due(&batch, u64::MAX / 2), "after a long sleep");
    }

    #[test]
    fn an_unknown_word_is_kept_and_asked_about_on() {
        let mut batch = batch();
        told(&mut batch, &object("dreaming", BatchState::Other, 0), 1_000);
        assert_eq!(batch.job.provider_state.as_deref(), Some("dreaming"));
        assert!(is_asked_about(&batch));
        told(&mut batch, &object("in_progress", BatchState::Running, 0), 1_000);
        assert_eq!(batch.job.provider_state, None);
    }

    #[test]
    fn the_list_is_looked_through_a_few_times_and_then_the_person_decides() {
        let mut batch = batch();
        batch.job.state = BatchState::Unknown;
        batch.job.next_check = Some(0);
        let mut looks = 0;
        while is_asked_about(&batch) {
            looks += 1;
            not_found(&mut batch, 1_000);
        }
        assert_eq!((looks, batch.job.state), (MOST_LOOKS, BatchState::Unknown));
    }

    #[test]
    fn a_standstill_is_two_points_and_old_ones_go() {
        let mut all = Vec::new();
        for at in 0..5 {
            progress(&mut all, BatchProgress { at, over: 3 });
        }
        assert_eq!(all, [BatchProgress { at: 0, over: 3 }, BatchProgress { at: 4, over: 3 }]);
        for at in 5..1_000 {
            progress(&mut all, BatchProgress { at, over: at });
        }
        assert_eq!((all.len(), all.last().map(|last| last.at)), (MOST_PROGRESS, Some(999)));
    }
}
