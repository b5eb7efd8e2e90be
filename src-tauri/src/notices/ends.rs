//! Which of the things that are told of a batch is its end.

use std::collections::HashSet;

use juxta_wire::batch::{BatchJob, BatchState};
use juxta_wire::ids::BatchId;

use super::Words;

/// Batches that were seen under way.
#[derive(Default)]
pub(super) struct Ends {
    under_way: HashSet<BatchId>,
}

impl Ends {
    /// What is to be said of a batch that has just ended; once, and not of one that was over when it was first heard of.
    pub fn heard(&mut self, job: &BatchJob) -> Option<Words> {
        if !job.state.is_over() {
            match job.state {
                BatchState::Draft => self.under_way.remove(&job.id),
                _ => self.under_way.insert(job.id.clone()),
            };
            return None;
        }
        self.under_way.remove(&job.id).then(|| Words { title: job.name.clone(), body: body(job) })
    }
}

fn body(job: &BatchJob) -> String {
    let (done, failed) = (job.counts.done, job.counts.failed);
    let how = match job.state {
        BatchState::Refused => return "The batch was refused".to_owned(),
        BatchState::Expired => "The batch expired",
        BatchState::Cancelled => "The batch was cancelled",
        _ => "The batch is finished",
    };
    let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    format!("{how}: {done} done{failed}")
}

#[cfg(test)]
mod tests {
    use juxta_wire::batch::BatchCounts;
    use juxta_wire::ids::ConnectionId;

    use super::*;

    fn job(id: &str, state: BatchState, done: u64, failed: u64) -> BatchJob {
        BatchJob {
            id: BatchId(id.to_owned()),
            name: "Tickets <b>“März”</b>".to_owned(),
            connection: ConnectionId("c".to_owned()),
            endpoint: None,
            model: None,
            state,
            provider_id: None,
            provider_state: None,
            counts: BatchCounts { total: 12, done, failed },
            window: None,
            url: None,
            metadata: Vec::new(),
            problem: None,
            retry_of: None,
            made_at: 0,
            sent_at: None,
            ended_at: None,
            next_check: None,
            progress: Vec::new(),
            fetched: false,
        }
    }

    #[test]
    fn an_end_is_told_once_and_only_of_what_was_under_way() {
        use BatchState::{Cancelled, Draft, Expired, Finished, Queued, Refused, Running, Sending};
        let mut ends = Ends::default();
        for (id, state, done, failed, expected) in [
            ("old", Finished, 12, 0, None),
            ("a", Draft, 0, 0, None),
            ("a", Sending, 0, 0, None),
            // It could not be sent.
            ("a", Draft, 0, 0, None),
            ("a", Queued, 0, 0, None),
            ("a", Running, 4, 1, None),
            ("a", Finished, 10, 2, Some("The batch is finished: 10 done, 2 failed")),
            // Its results were fetched.
            ("a", Finished, 10, 2, None),
            ("b", Running, 1, 0, None),
            ("b", Expired, 6, 0, Some("The batch expired: 6 done")),
            ("c", Running, 1, 0, None),
            ("c", Cancelled, 6, 1, Some("The batch was cancelled: 6 done, 1 failed")),
            ("d", Queued, 0, 0, None),
            ("d", Refused, 0, 0, Some("The batch was refused")),
        ] {
            let told = ends.heard(&job(id, state, done, failed));
            assert_eq!(told.as_ref().map(|words| words.body.as_str()), expected, "{id} {state:?}");
            assert!(told.is_none_or(|words| words.title == "Tickets <b>“März”</b>"));
        }
    }
}
