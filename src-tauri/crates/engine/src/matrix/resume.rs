//! What a start does about matrices that were running when Juxta ended.

use juxta_store::MatrixPlace;
use juxta_wire::error::AppError;
use juxta_wire::ids::{MatrixId, RunId};
use juxta_wire::matrix::MatrixState;
use juxta_wire::tools::ToolMode;

use super::runner::is_whole;
use crate::Engine;
use crate::dialogue::chain;
use crate::run::{storage, unix_milliseconds};

/// Never fails the start: a matrix that cannot be read stays as it is, and the log says why. To be called when the cells
/// themselves were brought back.
pub(crate) fn recover_matrices(engine: &Engine) {
    if let Err(error) = try_to(engine) {
        tracing::error!(%error, "matrices that were running could not be brought back");
    }
}

fn try_to(engine: &Engine) -> Result<(), AppError> {
    for mut matrix in engine.store().matrices().map_err(storage)? {
        if matrix.begun.is_none() {
            continue;
        }
        engine.settle_matrix(&matrix.id)?;
        if matrix.state == MatrixState::Running {
            let counts = engine.store().matrix_counts(&matrix.id).map_err(storage)?;
            let is_whole = matrix.begun.as_ref().is_some_and(|begun| is_whole(&counts, begun));
            matrix.state = MatrixState::Interrupted;
            if is_whole && counts.not_judged == 0 {
                matrix.state = MatrixState::Finished;
                matrix.ended_at = Some(unix_milliseconds());
            }
            (matrix.spent, matrix.currency) = engine.store().matrix_spent(&matrix.id).map_err(storage)?.unzip();
            engine.store().save_matrix(&matrix).map_err(storage)?;
        }
    }
    Ok(())
}

impl Engine {
    /// Cells that were in flight are over, or they are missing. Judges that were not heard are asked when the matrix goes on.
    /// To be called while the matrix is not running.
    pub(super) fn settle_matrix(&self, id: &MatrixId) -> Result<(), AppError> {
        let (mut over, mut missing) = (Vec::new(), Vec::new());
        for (place, run) in self.store().matrix_in_flight(id).map_err(storage)? {
            match self.is_cut_short(&run, place)? {
                true => missing.push(place),
                false => over.push((place, run)),
            }
        }
        missing.extend(self.index_again(id, &over)?);
        self.store().forget_matrix_cells(id, missing).map_err(storage)
    }

    /// Its last answer calls tools whose results are planned, and the step behind it was never made.
    fn is_cut_short(&self, run: &RunId, place: MatrixPlace) -> Result<bool, AppError> {
        let Some(snapshot) = self.store().run_snapshot(run).map_err(storage)? else { return Ok(false) };
        if snapshot.draft.tool_plan.mode != ToolMode::Auto {
            return Ok(false);
        }
        let cells = self.store().dialogue(run, place.variant, place.repeat).map_err(storage)?;
        let Some(last) = chain::current(&cells).last().copied() else { return Ok(false) };
        Ok(self.goes_on(last, last.step)?.is_some())
    }
}
