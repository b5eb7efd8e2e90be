//! Sending what is missing: one walk through the rows for each connection.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use juxta_store::{MatrixBegun, MatrixPlace};
use juxta_wire::error::AppError;
use juxta_wire::ids::{CellId, MatrixId};
use juxta_wire::matrix::{Matrix, MatrixCounts, MatrixState};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::count::said;
use super::judging::judge_what_is_left;
use super::pace::Open;
use super::paced::{Calls, End, Paced};
use super::row_run::RowRun;
use super::running::{ConnectionLanes, Running};
use crate::run::{invalid, storage, unix_milliseconds};
use crate::{Engine, blocking};

/// Rows that are looked through at once for what is missing.
const STRETCH: u64 = 64;
/// Between two pieces of news.
const NEWS_EVERY: Duration = Duration::from_millis(250);

impl Engine {
    /// Begins a matrix, or goes on with one: what is missing is sent, and nothing else.
    ///
    /// # Errors
    /// When its plan cannot be run, with the first reason; when its budget is spent.
    pub async fn start_matrix(&self, id: &MatrixId) -> Result<Matrix, AppError> {
        let (engine, id) = (self.clone(), id.clone());
        let started = blocking(move || engine.alone_with_matrices(|| engine.prepare(&id))).await?;
        let (matrix, running) = started;
        if let Some(running) = running {
            let engine = self.clone();
            self.tasks().spawn(async move { engine.run_matrix(running).await });
        }
        Ok(matrix)
    }

    /// The second is there when nobody runs it yet.
    fn prepare(&self, id: &MatrixId) -> Result<(Matrix, Option<Arc<Running>>), AppError> {
        let mut matrix = self.stored_matrix(id)?;
        let shared = self.matrices_shared();
        if let Some(running) = shared.running(id) {
            if running.is_paused() {
                matrix.state = MatrixState::Running;
                matrix.problem = None;
                running.go_on();
            }
            return Ok((self.keep_matrix(matrix)?, None));
        }
        let begun = match matrix.begun.take() {
            Some(begun) => begun,
            None => {
                let laid = self.lay_out(&matrix.plan)?;
                let problem = match laid.problems.first() {
                    Some(problem) => Some(problem.clone()),
                    None => self.sample_problems(&matrix.plan, &laid)?.into_iter().next(),
                };
                if let Some(problem) = problem {
                    return Err(invalid("matrix", &problem));
                }
                matrix.started_at = Some(unix_milliseconds());
                laid.begun()
            }
        };
        self.settle_matrix(id)?;
        let counts = self.store().matrix_counts(id).map_err(storage)?;
        if is_whole(&counts, &begun) && counts.not_judged == 0 {
            matrix.begun = Some(begun);
            return Ok((self.shown_matrix(matrix)?, None));
        }
        let connections = self.connections_of(&begun)?;
        let spent = self.store().matrix_spent(id).map_err(storage)?;
        let running = Running::new(&matrix, begun.clone(), &connections, spent);
        if running.is_over_budget() {
            return Err(invalid("budget", "The budget is spent. Raise it to go on"));
        }
        matrix.begun = Some(begun);
        matrix.state = MatrixState::Running;
        matrix.problem = None;
        matrix.ended_at = None;
        let running = Arc::new(running);
        shared.begin(Arc::clone(&running));
        match self.keep_matrix(matrix) {
            Ok(shown) => Ok((shown, Some(running))),
            Err(error) => {
                shared.forget(id);
                Err(error)
            }
        }
    }

    /// Begins no further cell. Those in flight end by themselves; a second call stops them, and they are missing then.
    ///
    /// # Errors
    /// When there is no such matrix.
    pub fn pause_matrix(&self, id: &MatrixId) -> Result<Matrix, AppError> {
        self.alone_with_matrices(|| {
            let mut matrix = self.stored_matrix(id)?;
            let Some(running) = self.matrices_shared().running(id) else { return self.shown_matrix(matrix) };
            if running.is_paused() {
                running.stop_judges();
                for run in running.open_runs() {
                    self.stop_run(&run);
                }
            }
            running.pause();
            matrix.state = MatrixState::Paused;
            self.keep_matrix(matrix)
        })
    }

    /// Sends the cells that failed or ended early again, and asks judges again whose calls failed. What they were stays in
    /// their runs.
    ///
    /// # Errors
    /// As [`Engine::start_matrix`]; when none has failed, and while it is running.
    pub async fn retry_matrix_failures(&self, id: &MatrixId) -> Result<Matrix, AppError> {
        let (engine, of) = (self.clone(), id.clone());
        blocking(move || {
            engine.alone_with_matrices(|| {
                engine.stored_matrix(&of)?;
                if engine.matrices_shared().running(&of).is_some() {
                    return Err(invalid("matrix", "The matrix is running. Pause it first, or wait for its end"));
                }
                let unjudged = engine.store().matrix_counts(&of).map_err(storage)?.not_judged;
                match engine.store().forget_matrix_failures(&of).map_err(storage)? {
                    0 if unjudged == 0 => Err(invalid("matrix", "No answer failed, so there is nothing to try again")),
                    _ => Ok(()),
                }
            })
        })
        .await?;
        self.start_matrix(id).await
    }

    async fn run_matrix(self, running: Arc<Running>) {
        let news = tokio::spawn(tell(self.clone(), Arc::clone(&running)));
        let cells = TaskTracker::new();
        loop {
            let mut walks = JoinSet::new();
            walks.spawn(judge_what_is_left(self.clone(), Arc::clone(&running)));
            for at in 0..running.lanes.len() {
                walks.spawn(walk(self.clone(), Arc::clone(&running), at, cells.clone()));
            }
            while let Some(walked) = walks.join_next().await {
                let problem = match walked {
                    Ok(Ok(())) => continue,
                    Ok(Err(problem)) => problem,
                    Err(panic) => crate::run::internal(panic),
                };
                tracing::warn!(%problem, matrix = %running.id, "a matrix cannot go on");
                running.give_up(problem);
            }
            cells.close();
            tokio::select! {
                () = running.goes_on.notified() => {}
                () = cells.wait() => {}
            }
            cells.reopen();
            if running.take_again() || !cells.is_empty() {
                continue;
            }
            let (engine, of) = (self.clone(), Arc::clone(&running));
            match blocking(move || engine.end_matrix(&of)).await {
                Ok(true) => break,
                Ok(false) => {}
                Err(error) => {
                    tracing::error!(%error, matrix = %running.id, "the end of a matrix could not be stored");
                    self.matrices_shared().forget(&running.id);
                    break;
                }
            }
        }
        running.over.cancel();
        if let Err(panic) = news.await {
            tracing::error!(%panic, "news of a matrix broke off");
        }
    }

    /// `false` when somebody wants it to go on meanwhile.
    fn end_matrix(&self, running: &Running) -> Result<bool, AppError> {
        self.alone_with_matrices(|| {
            let mut matrix = self.stored_matrix(&running.id)?;
            let counts = self.store().matrix_counts(&running.id).map_err(storage)?;
            let is_whole = is_whole(&counts, &running.begun);
            let is_judged = counts.not_judged == 0;
            if self.is_closing().load(Ordering::Relaxed) && !(is_whole && is_judged) {
                // The next start says what it is.
                self.matrices_shared().forget(&running.id);
                return Ok(true);
            }
            if running.take_again() {
                return Ok(false);
            }
            (matrix.spent, matrix.currency) = running.spent();
            matrix.problem = running.problem();
            matrix.state = match matrix.problem {
                _ if is_whole && is_judged => MatrixState::Finished,
                None if running.is_over_budget() => MatrixState::OverBudget,
                // Calls of judges failed, which can be tried again as those of cells can.
                None if is_whole && !running.is_paused() => MatrixState::Finished,
                // Some were stopped one by one.
                _ => MatrixState::Paused,
            };
            if matrix.state == MatrixState::Finished {
                matrix.problem = None;
                matrix.ended_at = Some(unix_milliseconds());
            }
            self.matrices_shared().forget(&running.id);
            self.keep_matrix(matrix).map(|_| true)
        })
    }

    /// Judges a cell that is over and keeps what became of it; one that was stopped is missing.
    async fn end_matrix_cell(&self, running: &Running, row: &Arc<RowRun>, place: MatrixPlace, cell: &CellId) {
        if let Err(error) = self.judge_matrix_cell(running, &row.id, &row.snapshot, place).await {
            tracing::warn!(%error, %cell, "a judge could not be asked");
        }
        let (engine, id, row) = (self.clone(), running.id.clone(), Arc::clone(row));
        let kept = blocking(move || {
            let missing = engine.index_cells(&id, &row.id, &row.snapshot, &[place])?;
            engine.store().forget_matrix_cells(&id, missing).map_err(storage)
        });
        if let Err(error) = kept.await {
            // The next start finds it in flight, and looks again.
            tracing::error!(%error, %cell, "what became of a call of a matrix could not be kept");
        }
    }
}

/// No cell is missing.
pub(super) fn is_whole(counts: &MatrixCounts, begun: &MatrixBegun) -> bool {
    counts.finished + counts.failed >= begun.cells()
}

/// Goes through the rows in order and sends the cells of one connection that are missing, as fast as it may.
async fn walk(engine: Engine, running: Arc<Running>, at: usize, cells: TaskTracker) -> Result<(), AppError> {
    let lanes = &running.lanes[at];
    let pause = running.pausing();
    if lanes.variants.is_empty() {
        return Ok(());
    }
    for (first, end) in running.begun.rows.iter().copied() {
        let mut from = first;
        while from < end {
            let to = end.min(from + STRETCH);
            let (store, id) = (engine.store().clone(), running.id.clone());
            let begun = blocking(move || store.begun_matrix_cells(&id, from, to).map_err(storage)).await?;
            let begun: HashSet<MatrixPlace> = begun.into_iter().collect();
            for row in from..to {
                if walk_row(&engine, &running, lanes, row, &begun, &pause, &cells).await?.is_none() {
                    return Ok(());
                }
            }
            from = to;
        }
    }
    Ok(())
}

/// `None` when no further cell is to begin.
async fn walk_row(
    engine: &Engine,
    running: &Arc<Running>,
    lanes: &ConnectionLanes,
    row: u64,
    begun: &HashSet<MatrixPlace>,
    pause: &CancellationToken,
    cells: &TaskTracker,
) -> Result<Option<()>, AppError> {
    let repeats = running.begun.comparison.repeats;
    let places = lanes.variants.iter().flat_map(|variant| (0..repeats).map(move |repeat| (*variant, repeat)));
    let places = places.map(|(variant, repeat)| MatrixPlace { row, variant, repeat });
    let mut row_run: Option<Arc<RowRun>> = None;
    for place in places.filter(|place| !begun.contains(place)) {
        let Some((turn, open)) = lanes.pace.begin(pause).await else { return Ok(None) };
        if running.is_over_budget() {
            return Ok(None);
        }
        let (paced, end) = Paced::new(&lanes.pace, &running.purse, turn);
        let (of, with, known) = (engine.clone(), Arc::clone(running), row_run.take());
        let (made, planned) = blocking(move || {
            let mut made = match known {
                Some(known) => known,
                None => of.row_run(&with, row)?,
            };
            loop {
                of.feed().hush(&made.id);
                match of.begin_matrix_cell(&with, &made, place, &paced)? {
                    Some(planned) => return Ok((made, planned)),
                    // Its run was deleted: what is still to be sent of the row has another.
                    None => made = of.row_run(&with, row)?,
                }
            }
        })
        .await?;
        running.cell_begins(&made.id);
        let cell = planned.cell.id.clone();
        let launched = {
            let engine = engine.clone();
            blocking(move || engine.launch_step(planned)).await
        };
        cells.spawn(follow(engine.clone(), Arc::clone(running), Arc::clone(&made), place, cell, end, open));
        launched?;
        row_run = Some(made);
    }
    Ok(Some(()))
}

/// Waits for the end of a cell.
async fn follow(
    engine: Engine,
    running: Arc<Running>,
    row: Arc<RowRun>,
    place: MatrixPlace,
    first: CellId,
    end: End,
    open: Open,
) {
    let calls: Calls = end.wait().await;
    let last = calls.last.clone().unwrap_or(first);
    engine.end_matrix_cell(&running, &row, place, &last).await;
    running.cell_is_over(&row.id, calls);
    drop(open);
}

/// Tells how far a matrix is, a few times a second at most.
async fn tell(engine: Engine, running: Arc<Running>) {
    loop {
        tokio::select! {
            () = running.over.cancelled() => return,
            () = running.changed.notified() => {}
        }
        let (of, with) = (engine.clone(), Arc::clone(&running));
        let told = blocking(move || {
            let counts = of.store().matrix_counts(&with.id).map_err(storage)?;
            with.note_progress(counts.finished + counts.failed);
            of.tell_matrix(&with.id)
        });
        if let Err(error) = told.await {
            tracing::warn!(error = %said(&error), matrix = %running.id, "news of a matrix could not be told");
        }
        tokio::select! {
            () = running.over.cancelled() => return,
            () = tokio::time::sleep(NEWS_EVERY) => {}
        }
    }
}
