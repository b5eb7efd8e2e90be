//! A page of a matrix's cells.

use juxta_store::{MatrixBegun, MatrixCellRow};
use juxta_wire::error::AppError;
use juxta_wire::ids::MatrixId;
use juxta_wire::matrix::{MatrixCell, MatrixCells, MatrixCellsQuery};

use super::index::cut;
use crate::run::storage;
use crate::{Engine, not_found};

/// Cells that are told at once.
const MOST_CELLS: u64 = 1000;
/// Characters of a row's value in a list.
pub(super) const LONGEST_VALUE: usize = 300;

impl Engine {
    /// The cells that fit a query, those too that are in flight.
    ///
    /// # Errors
    /// When there is no such matrix. One that has not begun has no cells.
    pub fn matrix_cells(&self, id: &MatrixId, query: &MatrixCellsQuery) -> Result<MatrixCells, AppError> {
        let Some(begun) = self.begun_matrix(id)? else { return Ok(MatrixCells::default()) };
        let query = MatrixCellsQuery { count: query.count.min(MOST_CELLS), ..query.clone() };
        let found = self.store().matrix_cells(id, &query).map_err(storage)?;
        let mut rows: Vec<u64> = found.cells.iter().map(|cell| cell.place.row).collect();
        rows.sort_unstable();
        rows.dedup();
        let values = self.store().matrix_row_values(id, &rows).map_err(storage)?;
        let values_of = |row: u64| match rows.binary_search(&row) {
            Ok(at) => values[at].iter().map(|value| cut(value, LONGEST_VALUE)).collect(),
            Err(_) => Vec::new(),
        };
        Ok(MatrixCells {
            cells: found.cells.into_iter().map(|cell| told(&values_of, cell)).collect(),
            total: found.total,
            columns: begun.columns,
            checks: begun.comparison.draft.checks.into_iter().map(|check| check.name).collect(),
        })
    }

    /// `None` for a draft.
    pub(super) fn begun_matrix(&self, id: &MatrixId) -> Result<Option<MatrixBegun>, AppError> {
        let stored = self.store().matrix(id).map_err(storage)?;
        Ok(stored.ok_or_else(|| not_found("The matrix"))?.begun)
    }
}

fn told(values_of: &dyn Fn(u64) -> Vec<String>, cell: MatrixCellRow) -> MatrixCell {
    MatrixCell {
        run: cell.run,
        cell: cell.cell,
        row: cell.place.row,
        variant: cell.place.variant,
        repeat: cell.place.repeat,
        state: cell.state,
        values: values_of(cell.place.row),
        answer: cell.answer,
        checks: cell.checks,
        passed: cell.passed,
        tokens: cell.tokens,
        time_to_first_token: cell.time_to_first_token,
        milliseconds: cell.milliseconds,
        cost: cell.cost,
        gone: cell.gone,
    }
}
