//! Matrices: prompts over models, values, rows and repeats, run from here.
//!
//! Each row of the table is a run whose lanes are the variants, so whatever looks at runs looks at matrices too. A cell is
//! added to its run when it is about to be sent; what is missing is what has no row in `matrix_cells`. That is how a
//! matrix goes on after a pause and after a crash: it walks its rows in order and sends what is missing.

mod against;
mod book;
mod cells;
mod changes;
mod count;
mod earlier;
mod figures;
mod file;
mod index;
mod judging;
mod pace;
mod paced;
mod plan;
mod purse;
mod results;
mod resume;
mod row_run;
mod rows;
mod runner;
mod running;
mod save;
mod standing;
mod values;
mod variants;

use juxta_store::StoredMatrix;
use juxta_wire::error::AppError;
use juxta_wire::ids::MatrixId;
use juxta_wire::matrix::{Matrix, MatrixPlan, MatrixState};

use crate::Engine;
use crate::run::{invalid, storage, unix_milliseconds};

pub use against::{MatrixAgainst, VariantAgainst};
pub(crate) use book::Matrices;
pub use book::MatrixListener;
pub use earlier::EarlierMatrix;
pub(crate) use paced::{Paced, too_many};
pub(crate) use resume::recover_matrices;

impl Engine {
    /// Newest first.
    ///
    /// # Errors
    /// When the database cannot be read, as for everything else here.
    pub fn matrices(&self) -> Result<Vec<Matrix>, AppError> {
        let matrices = self.store().matrices().map_err(storage)?;
        matrices.into_iter().rev().map(|matrix| self.shown_matrix(matrix)).collect()
    }

    pub fn matrix(&self, id: &MatrixId) -> Result<Matrix, AppError> {
        self.shown_matrix(self.stored_matrix(id)?)
    }

    /// Makes a draft, or changes one. Of a matrix that began only its name and its limits change, and they hold at once.
    pub fn save_matrix(&self, id: Option<&MatrixId>, plan: MatrixPlan) -> Result<Matrix, AppError> {
        match id {
            None => self.alone_with_matrices(|| self.keep_matrix(draft(plan))),
            Some(id) => self.change_matrix(id, |matrix| {
                match matrix.begun {
                    None => matrix.plan = plan,
                    Some(_) => {
                        matrix.plan.name = plan.name;
                        matrix.plan.limits = plan.limits;
                    }
                }
                if let Some(running) = self.matrices_shared().running(id) {
                    running.set_limits(&matrix.plan.limits);
                }
                Ok(())
            }),
        }
    }

    /// Forgets a matrix. Its runs stay in the history.
    ///
    /// # Errors
    /// While it is running.
    pub fn drop_matrix(&self, id: &MatrixId) -> Result<(), AppError> {
        self.alone_with_matrices(|| {
            if self.matrices_shared().running(id).is_some() {
                return Err(invalid("matrix", "The matrix is running. Pause it, and wait until its calls are over"));
            }
            self.store().delete_matrix(id).map_err(storage)?;
            self.matrices_shared().tell_gone(id);
            Ok(())
        })
    }
}

fn draft(plan: MatrixPlan) -> StoredMatrix {
    StoredMatrix {
        id: MatrixId::new(),
        plan,
        state: MatrixState::Draft,
        problem: None,
        made_at: unix_milliseconds(),
        started_at: None,
        ended_at: None,
        spent: None,
        currency: None,
        begun: None,
    }
}
