//! What a start does about matrices that were running when Juxta ended.

use juxta_wire::error::AppError;
use juxta_wire::ids::MatrixId;
use juxta_wire::matrix::MatrixState;

use crate::Engine;
use crate::run::storage;

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
            matrix.state = MatrixState::Interrupted;
            (matrix.spent, matrix.currency) = engine.store().matrix_spent(&matrix.id).map_err(storage)?.unzip();
            engine.store().save_matrix(&matrix).map_err(storage)?;
        }
    }
    Ok(())
}

impl Engine {
    /// Cells that were in flight are over, or they are missing. To be called while the matrix is not running.
    pub(super) fn settle_matrix(&self, id: &MatrixId) -> Result<(), AppError> {
        let places = self.store().matrix_in_flight(id).map_err(storage)?;
        let missing = self.index_again(id, &places)?;
        self.store().forget_matrix_cells(id, missing).map_err(storage)
    }
}
