//! Matrices, the runs that their rows are, and which of their cells were begun.

use juxta_wire::check::CheckState;
use juxta_wire::error::AppError;
use juxta_wire::ids::{CellId, MatrixId, RunId};
use juxta_wire::lane::Comparison;
use juxta_wire::matrix::{MatrixCellState, MatrixCounts, MatrixPlan, MatrixState, MatrixVariant};
use juxta_wire::run::{Cell, Run};
use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Deserialize, Serialize};

use crate::cells::Columns;
use crate::documents::{from_json, to_json};
use crate::error::{Doing, StoreError};
use crate::matrix_spending::charge;
use crate::runs::NewRun;
use crate::steps::insert_step;
use crate::store::Store;

/// A matrix with what it takes to go on with it. What became of its cells is told by their rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredMatrix {
    pub id: MatrixId,
    pub plan: MatrixPlan,
    pub state: MatrixState,
    pub problem: Option<AppError>,
    pub made_at: u64,
    pub started_at: Option<u64>,
    pub ended_at: Option<u64>,
    /// What its answers had cost when it last stood still.
    pub spent: Option<f64>,
    pub currency: Option<String>,
    /// `None` before it began.
    pub begun: Option<MatrixBegun>,
}

/// What stays as it was when a matrix began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MatrixBegun {
    pub variants: Vec<MatrixVariant>,
    /// The variants as its lanes, without the values of a row.
    pub comparison: Comparison,
    /// Rows of the table from 0: the first and the one behind the last of each stretch.
    pub rows: Vec<(u64, u64)>,
    /// Names of the table's columns.
    pub columns: Vec<String>,
}

impl MatrixBegun {
    /// All cells there are to be.
    pub fn cells(&self) -> u64 {
        let rows: u64 = self.rows.iter().map(|(from, to)| to - from).sum();
        rows * self.variants.len() as u64 * u64::from(self.comparison.repeats)
    }
}

/// Where a cell is in its matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MatrixPlace {
    pub row: u64,
    pub variant: u32,
    pub repeat: u32,
}

/// What is kept of a cell beside the cell itself.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixCellRow {
    pub place: MatrixPlace,
    pub run: RunId,
    /// The last step of its dialogue.
    pub cell: CellId,
    pub state: MatrixCellState,
    pub passed: Option<bool>,
    pub checks: Vec<CheckState>,
    /// The beginning of the answer, or of what went wrong.
    pub answer: String,
    /// What a search looks through beside the values of the row, in small letters. Empty where a row is read.
    pub search: String,
    pub tokens: Option<u64>,
    pub time_to_first_token: Option<f64>,
    pub milliseconds: Option<f64>,
    pub cost: Option<f64>,
    /// Of `cost`.
    pub currency: Option<String>,
    /// Its run was deleted, so that nothing but this is left to look at. Read, and never written.
    pub gone: bool,
}

/// As in the partial index `matrix_cells_unjudged`. No other check of an answer that finished stays without a judgement.
const UNJUDGED: &str = "state = 'finished' AND instr(checks, 'n') > 0";

/// Whether a run was not deleted, in SQL; one that was is listed nowhere, and leaves the disk at the next start.
pub(crate) fn is_there(run: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM runs LEFT JOIN run_marks ON run_marks.run = runs.id \
         WHERE runs.id = {run} AND run_marks.deleted_at IS NULL)"
    )
}

impl Store {
    /// In the order in which they were made.
    pub fn matrices(&self) -> Result<Vec<StoredMatrix>, StoreError> {
        const DOING: &str = "read the matrices";
        self.read(|database| {
            let mut statement = database.prepare_cached("SELECT document FROM matrices ORDER BY id").doing(DOING)?;
            let rows = statement.query_map([], |row| row.get::<_, String>(0)).doing(DOING)?;
            rows.map(|row| from_json(DOING, &row.doing(DOING)?)).collect()
        })
    }

    pub fn matrix(&self, id: &MatrixId) -> Result<Option<StoredMatrix>, StoreError> {
        const DOING: &str = "read the matrix";
        self.read(|database| {
            let document: Option<String> = database
                .prepare_cached("SELECT document FROM matrices WHERE id = ?1")
                .doing(DOING)?
                .query_row([id.as_str()], |row| row.get(0))
                .optional()
                .doing(DOING)?;
            document.map(|document| from_json(DOING, &document)).transpose()
        })
    }

    /// Adds a matrix, or replaces the one with its id.
    pub fn save_matrix(&self, matrix: &StoredMatrix) -> Result<(), StoreError> {
        const DOING: &str = "save the matrix";
        let row = (matrix.id.0.clone(), to_json(DOING, matrix)?);
        self.write(DOING, move |database| {
            let sql = "INSERT INTO matrices (id, document) VALUES (?1, ?2) \
                       ON CONFLICT (id) DO UPDATE SET document = excluded.document";
            database.prepare_cached(sql).doing(DOING)?.execute(row).doing(DOING)?;
            Ok(())
        })
    }

    /// Its runs stay in the history. One that is not there is removed already.
    pub fn delete_matrix(&self, id: &MatrixId) -> Result<(), StoreError> {
        const DOING: &str = "delete the matrix";
        let id = id.0.clone();
        self.write(DOING, move |database| {
            database.execute("DELETE FROM matrices WHERE id = ?1", [id]).doing(DOING)?;
            Ok(())
        })
    }

    /// The run that a row is, once one of its cells was begun. `None` again when it was deleted.
    pub fn matrix_run(&self, id: &MatrixId, row: u64) -> Result<Option<RunId>, StoreError> {
        const DOING: &str = "read the run of a row";
        self.read(|database| {
            database
                .prepare_cached(&format!(
                    "SELECT run FROM matrix_runs WHERE matrix = ?1 AND row = ?2 AND {}",
                    is_there("matrix_runs.run")
                ))
                .doing(DOING)?
                .query_row((id.as_str(), row), |row| row.get(0).map(RunId))
                .optional()
                .doing(DOING)
        })
    }

    /// Begins a cell, in one transaction: it is in its run, and no longer missing. `run` is the run of its row when that
    /// is not there yet, with this cell alone; `values` are those of the row, whole. `false`, and nothing is written, when
    /// the run was there and was deleted meanwhile.
    pub fn add_matrix_cell(
        &self,
        id: &MatrixId,
        row: u64,
        run: Option<&Run>,
        values: &[String],
        cell: &Cell,
    ) -> Result<bool, StoreError> {
        const DOING: &str = "save the call";
        let run = run.map(|run| NewRun::of(run, DOING)).transpose()?;
        let columns = Columns::of(cell, DOING)?;
        let begun = MatrixCellRow {
            place: MatrixPlace { row, variant: cell.lane_index, repeat: cell.repeat },
            run: cell.run.clone(),
            cell: cell.id.clone(),
            state: MatrixCellState::InFlight,
            passed: None,
            checks: Vec::new(),
            answer: String::new(),
            search: String::new(),
            tokens: None,
            time_to_first_token: None,
            milliseconds: None,
            cost: None,
            currency: None,
            gone: false,
        };
        let (id, search) = (id.clone(), values.join("\n").to_lowercase());
        let values = to_json(DOING, &values)?;
        self.write(DOING, move |database| {
            match &run {
                Some(run) => {
                    run.insert(database)?;
                    let sql = "INSERT OR REPLACE INTO matrix_runs (matrix, row, run, row_values, search) \
                               VALUES (?1, ?2, ?3, ?4, ?5)";
                    let row = (id.as_str(), row, columns.run.as_str(), &values, &search);
                    database.prepare_cached(sql).doing(DOING)?.execute(row).doing(DOING)?;
                    charge(database, &id, &columns.run)?;
                }
                None => {
                    let sql = format!("SELECT {}", is_there("?1"));
                    let run = [columns.run.as_str()];
                    let found = database.prepare_cached(&sql).doing(DOING)?.query_row(run, |row| row.get(0));
                    if !found.doing(DOING)? {
                        return Ok(false);
                    }
                    insert_step(database, &columns)?;
                }
            }
            begun.write(&id, database)?;
            Columns::index(std::iter::once(&columns), database, DOING)?;
            Ok(true)
        })
    }

    /// Keeps what became of cells.
    pub fn save_matrix_cells(&self, id: &MatrixId, rows: Vec<MatrixCellRow>) -> Result<(), StoreError> {
        const DOING: &str = "save what became of a call";
        let id = id.clone();
        self.write(DOING, move |database| rows.iter().try_for_each(|row| row.write(&id, database)))
    }

    /// The cells of some rows that were begun and are not missing: from row `from` to before `to`.
    pub fn begun_matrix_cells(&self, id: &MatrixId, from: u64, to: u64) -> Result<Vec<MatrixPlace>, StoreError> {
        const DOING: &str = "read what was begun";
        self.read(|database| {
            let sql = "SELECT row, variant, repeat FROM matrix_cells WHERE matrix = ?1 AND row >= ?2 AND row < ?3";
            let mut statement = database.prepare_cached(sql).doing(DOING)?;
            let rows = statement.query_map((id.as_str(), from, to), read_place).doing(DOING)?;
            rows.map(|row| row.doing(DOING)).collect()
        })
    }

    /// Cells that were begun and are not known to be over, row by row, with their runs.
    pub fn matrix_in_flight(&self, id: &MatrixId) -> Result<Vec<(MatrixPlace, RunId)>, StoreError> {
        const DOING: &str = "read what is in flight";
        self.read(|database| {
            let sql = "SELECT row, variant, repeat, run FROM matrix_cells WHERE matrix = ?1 AND state = 'inFlight' \
                       ORDER BY row, variant, repeat";
            let mut statement = database.prepare_cached(sql).doing(DOING)?;
            let rows = statement.query_map([id.as_str()], read_place_in_run).doing(DOING)?;
            rows.map(|row| row.doing(DOING)).collect()
        })
    }

    /// Answers about which a judge is still to be asked, row by row, with their runs. Those that were deleted are none.
    pub fn unjudged_matrix_cells(&self, id: &MatrixId) -> Result<Vec<(MatrixPlace, RunId)>, StoreError> {
        const DOING: &str = "read what is to be judged";
        self.read(|database| {
            let sql = format!(
                "SELECT row, variant, repeat, run FROM matrix_cells WHERE matrix = ?1 AND {UNJUDGED} AND {} \
                 ORDER BY row, variant, repeat",
                is_there("matrix_cells.run")
            );
            let mut statement = database.prepare_cached(&sql).doing(DOING)?;
            let rows = statement.query_map([id.as_str()], read_place_in_run).doing(DOING)?;
            rows.map(|row| row.doing(DOING)).collect()
        })
    }

    /// Cells that are to be sent again. What was sent and came stays in their runs.
    pub fn forget_matrix_cells(&self, id: &MatrixId, places: Vec<MatrixPlace>) -> Result<(), StoreError> {
        const DOING: &str = "note what is missing";
        let id = id.clone();
        self.write(DOING, move |database| {
            let sql = "DELETE FROM matrix_cells WHERE matrix = ?1 AND row = ?2 AND variant = ?3 AND repeat = ?4";
            let mut statement = database.prepare_cached(sql).doing(DOING)?;
            for place in &places {
                statement.execute((id.as_str(), place.row, place.variant, place.repeat)).doing(DOING)?;
            }
            Ok(())
        })
    }

    /// All cells that failed are to be sent again. Gives how many there are.
    pub fn forget_matrix_failures(&self, id: &MatrixId) -> Result<usize, StoreError> {
        const DOING: &str = "note what is to be sent again";
        let id = id.0.clone();
        self.write(DOING, move |database| {
            database.execute("DELETE FROM matrix_cells WHERE matrix = ?1 AND state = 'failed'", [id]).doing(DOING)
        })
    }

    /// `total` is 0: only the plan knows it.
    pub fn matrix_counts(&self, id: &MatrixId) -> Result<MatrixCounts, StoreError> {
        const DOING: &str = "count the calls of a matrix";
        self.read(|database| {
            let sql = "SELECT state, passed, count(*) FROM matrix_cells WHERE matrix = ?1 GROUP BY state, passed";
            let mut statement = database.prepare_cached(sql).doing(DOING)?;
            let read = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, Option<bool>>(1)?, row.get(2)?));
            let rows = statement.query_map([id.as_str()], read).doing(DOING)?;
            let mut counts = MatrixCounts::default();
            for row in rows {
                let (state, passed, count): (_, _, u64) = row.doing(DOING)?;
                match state.as_str() {
                    "finished" => {
                        counts.finished += count;
                        match passed {
                            Some(true) => counts.passed += count,
                            Some(false) => counts.not_passed += count,
                            None => {}
                        }
                    }
                    "failed" => counts.failed += count,
                    _in_flight => counts.in_flight += count,
                }
            }
            let sql = format!(
                "SELECT count(*) FROM matrix_cells WHERE matrix = ?1 AND {UNJUDGED} AND {}",
                is_there("matrix_cells.run")
            );
            let mut statement = database.prepare_cached(&sql).doing(DOING)?;
            counts.not_judged = statement.query_row([id.as_str()], |row| row.get(0)).doing(DOING)?;
            Ok(counts)
        })
    }
}

impl MatrixCellRow {
    fn write(&self, id: &MatrixId, database: &Connection) -> Result<(), StoreError> {
        const DOING: &str = "save what became of a call";
        let sql = "INSERT OR REPLACE INTO matrix_cells (matrix, row, variant, repeat, state, passed, tokens, \
                   first_token, milliseconds, cost, currency, run, cell, checks, answer, search) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
        let columns = (
            id.as_str(),
            self.place.row,
            self.place.variant,
            self.place.repeat,
            state_name(self.state),
            self.passed,
            self.tokens,
            self.time_to_first_token,
            self.milliseconds,
            self.cost,
            &self.currency,
            self.run.as_str(),
            self.cell.as_str(),
            self.checks.iter().map(|state| letter(*state)).collect::<String>(),
            &self.answer,
            &self.search,
        );
        database.prepare_cached(sql).doing(DOING)?.execute(columns).doing(DOING)?;
        Ok(())
    }
}

fn read_place(row: &Row<'_>) -> rusqlite::Result<MatrixPlace> {
    Ok(MatrixPlace { row: row.get(0)?, variant: row.get(1)?, repeat: row.get(2)? })
}

fn read_place_in_run(row: &Row<'_>) -> rusqlite::Result<(MatrixPlace, RunId)> {
    Ok((read_place(row)?, RunId(row.get(3)?)))
}

fn state_name(state: MatrixCellState) -> &'static str {
    match state {
        MatrixCellState::InFlight => "inFlight",
        MatrixCellState::Finished => "finished",
        MatrixCellState::Failed => "failed",
    }
}

fn letter(state: CheckState) -> char {
    match state {
        CheckState::Passed => 'p',
        CheckState::Failed => 'f',
        CheckState::NotJudged => 'n',
        CheckState::CannotTell => 'c',
    }
}
