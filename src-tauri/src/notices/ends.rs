//! Which of the things that are told of batches and matrices is an end.

use std::collections::HashSet;

use juxta_wire::batch::{BatchJob, BatchState};
use juxta_wire::ids::{BatchId, MatrixId};
use juxta_wire::matrix::{Matrix, MatrixState};

use super::Words;

/// What was seen under way.
#[derive(Default)]
pub(super) struct Ends {
    batches: HashSet<BatchId>,
    matrices: HashSet<MatrixId>,
}

impl Ends {
    /// What is to be said of a batch that has just ended; once, and not of one that was over when it was first heard of.
    pub fn batch(&mut self, job: &BatchJob) -> Option<Words> {
        if !job.state.is_over() {
            match job.state {
                BatchState::Draft => self.batches.remove(&job.id),
                _ => self.batches.insert(job.id.clone()),
            };
            return None;
        }
        self.batches.remove(&job.id).then(|| Words { title: job.name.clone(), body: of_batch(job) })
    }

    /// The same of a matrix. Where the person paused it there is nothing to say.
    pub fn matrix(&mut self, matrix: &Matrix) -> Option<Words> {
        if matrix.state == MatrixState::Running {
            self.matrices.insert(matrix.id.clone());
            return None;
        }
        let body = self.matrices.remove(&matrix.id).then(|| of_matrix(matrix)).flatten()?;
        Some(Words { title: matrix.plan.name.clone(), body })
    }
}

fn of_batch(job: &BatchJob) -> String {
    let (done, failed) = (job.counts.done, job.counts.failed);
    let how = match job.state {
        BatchState::Refused => return "The batch was refused".to_owned(),
        BatchState::Expired => "The batch expired",
        BatchState::Cancelled => "The batch was cancelled",
        _ => "The batch is finished",
    };
    format!("{how}: {}", figures(done, failed))
}

fn of_matrix(matrix: &Matrix) -> Option<String> {
    let how = match (matrix.state, &matrix.problem) {
        (MatrixState::Finished, _) => "The matrix is finished",
        (MatrixState::OverBudget, _) => "The budget of the matrix is spent",
        (MatrixState::Paused, Some(_)) => "The matrix cannot go on",
        _ => return None,
    };
    Some(format!("{how}: {}", figures(matrix.counts.finished, matrix.counts.failed)))
}

fn figures(done: u64, failed: u64) -> String {
    if failed > 0 { format!("{done} done, {failed} failed") } else { format!("{done} done") }
}

#[cfg(test)]
mod tests {
    use juxta_wire::batch::BatchCounts;
    use juxta_wire::draft::Draft;
    use juxta_wire::error::AppError;
    use juxta_wire::ids::{ComparisonId, ConnectionId};
    use juxta_wire::lane::Comparison;
    use juxta_wire::matrix::{MatrixCounts, MatrixLimits, MatrixPlan, RowChoice};

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
            let told = ends.batch(&job(id, state, done, failed));
            assert_eq!(told.as_ref().map(|words| words.body.as_str()), expected, "{id} {state:?}");
            assert!(told.is_none_or(|words| words.title == "Tickets <b>“März”</b>"));
        }
    }

    fn matrix(state: MatrixState, problem: Option<AppError>, finished: u64, failed: u64) -> Matrix {
        let comparison = Comparison {
            id: ComparisonId::new(),
            name: String::new(),
            draft: Draft::default(),
            lanes: Vec::new(),
            repeats: 1,
        };
        Matrix {
            id: MatrixId("m".to_owned()),
            plan: MatrixPlan {
                name: "Cities".to_owned(),
                comparison,
                prompts: Vec::new(),
                axes: Vec::new(),
                rows: RowChoice::All,
                limits: MatrixLimits::default(),
            },
            state,
            problem,
            variants: Vec::new(),
            counts: MatrixCounts { total: 72, finished, failed, ..MatrixCounts::default() },
            spent: None,
            currency: None,
            slowed_to: None,
            made_at: 0,
            started_at: None,
            ended_at: None,
            progress: Vec::new(),
        }
    }

    #[test]
    fn a_matrix_that_the_person_paused_is_not_told_and_its_end_is_told_once() {
        use MatrixState::{Finished, Interrupted, OverBudget, Paused, Running};
        let lost = || Some(AppError::Storage { message: "the disk is full".to_owned() });
        let mut ends = Ends::default();
        for (state, problem, finished, failed, expected) in [
            (Finished, None, 72, 0, None),
            (Interrupted, None, 5, 0, None),
            (Running, None, 6, 0, None),
            (Paused, None, 9, 0, None),
            (Running, None, 10, 0, None),
            (Paused, lost(), 12, 0, Some("The matrix cannot go on: 12 done")),
            (Running, None, 12, 0, None),
            (OverBudget, None, 40, 1, Some("The budget of the matrix is spent: 40 done, 1 failed")),
            (Running, None, 41, 1, None),
            (Finished, None, 70, 2, Some("The matrix is finished: 70 done, 2 failed")),
            (Finished, None, 70, 2, None),
        ] {
            let told = ends.matrix(&matrix(state, problem, finished, failed));
            assert_eq!(told.as_ref().map(|words| words.body.as_str()), expected, "{state:?} {finished}");
            assert!(told.is_none_or(|words| words.title == "Cities"));
        }
    }
}
