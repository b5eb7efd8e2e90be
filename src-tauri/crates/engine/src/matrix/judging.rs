//! Judges of a matrix: asked within its limits about each answer that comes, and about those whose judge was not heard
//! before the matrix stood still.

use std::sync::Arc;

use juxta_store::MatrixPlace;
use juxta_wire::check::CheckRule;
use juxta_wire::connection::Connection;
use juxta_wire::error::AppError;
use juxta_wire::ids::RunId;
use juxta_wire::lane::Comparison;
use tokio::task::JoinSet;

use super::running::Running;
use crate::checks::OnBehalf;
use crate::dialogue::chain;
use crate::run::storage;
use crate::{Engine, blocking, not_found};

impl Engine {
    /// The connections at which judges are asked; one that is not there any more is left out.
    pub(super) fn connections_of_judges(&self, comparison: &Comparison) -> Result<Vec<Connection>, AppError> {
        let mut connections = self.connections()?;
        connections.retain(|connection| {
            let mut checks = comparison.draft.checks.iter();
            checks.any(|check| matches!(&check.rule, CheckRule::Judge { connection: of, .. } if *of == connection.id))
        });
        Ok(connections)
    }

    /// Asks every judge that was not heard yet about one answer. Where the budget is spent, or the matrix is stopped, it is
    /// asked when the matrix goes on.
    pub(super) async fn judge_matrix_cell(
        &self,
        running: &Running,
        run: &RunId,
        snapshot: &Arc<Comparison>,
        place: MatrixPlace,
    ) -> Result<(), AppError> {
        if !has_judges(snapshot) {
            return Ok(());
        }
        let (engine, run, snapshot) = (self.clone(), run.clone(), Arc::clone(snapshot));
        let questions = blocking(move || {
            let cells = engine.store().dialogue(&run, place.variant, place.repeat).map_err(storage)?;
            engine.judge_questions(&snapshot, &snapshot.draft.checks, chain::current(&cells))
        });
        let stop = running.stopping();
        for question in questions.await? {
            if running.is_over_budget() || stop.is_cancelled() {
                break;
            }
            let paced = running.of_judge(question.connection());
            let on_behalf = paced.map(|paced| OnBehalf { matrix: running.id.clone(), paced });
            for call in self.ask_judge(&question, &stop, on_behalf).await? {
                running.judge_is_over(call.error);
            }
        }
        Ok(())
    }

    /// Judges an answer that was over when the matrix stood still, and keeps what became of it.
    async fn judge_late(&self, running: &Running, place: MatrixPlace, run: RunId) -> Result<(), AppError> {
        let (engine, of) = (self.clone(), run.clone());
        let snapshot =
            blocking(move || engine.store().run_snapshot(&of).map_err(storage)?.ok_or_else(|| not_found("The run")));
        let snapshot = Arc::new(snapshot.await?);
        self.judge_matrix_cell(running, &run, &snapshot, place).await?;
        let (engine, id) = (self.clone(), running.id.clone());
        blocking(move || engine.index_cells(&id, &run, &snapshot, &[place]).map(drop)).await?;
        running.changed.notify_one();
        Ok(())
    }
}

pub(super) fn has_judges(comparison: &Comparison) -> bool {
    comparison.draft.checks.iter().any(|check| matches!(check.rule, CheckRule::Judge { .. }))
}

/// Asks judges about all answers of earlier whom they did not judge, until the matrix is paused.
pub(super) async fn judge_what_is_left(engine: Engine, running: Arc<Running>) -> Result<(), AppError> {
    if !has_judges(&running.begun.comparison) {
        return Ok(());
    }
    let pause = running.pausing();
    let (store, id) = (engine.store().clone(), running.id.clone());
    let left = blocking(move || store.unjudged_matrix_cells(&id).map_err(storage)).await?;
    let mut asking = JoinSet::new();
    for (place, run) in left {
        if asking.len() >= running.judged_at_once() {
            ended(asking.join_next().await);
        }
        if pause.is_cancelled() || running.is_over_budget() {
            break;
        }
        let (engine, running) = (engine.clone(), Arc::clone(&running));
        asking.spawn(async move { engine.judge_late(&running, place, run).await });
    }
    while let Some(one) = asking.join_next().await {
        ended(Some(one));
    }
    Ok(())
}

/// One answer that cannot be judged holds nobody up: it stays among those that are left.
fn ended(one: Option<Result<Result<(), AppError>, tokio::task::JoinError>>) {
    if let Some(Err(error)) = one.map(|one| one.map_err(crate::run::internal).and_then(|one| one)) {
        tracing::warn!(%error, "an answer could not be judged");
    }
}
