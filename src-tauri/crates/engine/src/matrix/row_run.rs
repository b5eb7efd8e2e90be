//! A row of a matrix: the run that it is, and how a cell of it begins.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use juxta_store::{MatrixBegun, MatrixPlace};
use juxta_wire::dataset::DatasetRow;
use juxta_wire::draft::Dataset;
use juxta_wire::error::AppError;
use juxta_wire::ids::RunId;
use juxta_wire::lane::Comparison;
use juxta_wire::run::{Run, RunSummary};

use super::paced::Paced;
use super::plan::table;
use super::running::Running;
use crate::batch::words::number;
use crate::dataset::fill;
use crate::run::feed::lock;
use crate::run::{Place, Planned, internal, invalid, storage, unix_milliseconds};
use crate::{Engine, not_found};

pub(super) struct RowRun {
    pub row: u64,
    pub id: RunId,
    /// The variants as lanes, with the values of the row.
    pub snapshot: Arc<Comparison>,
    /// All values of the row.
    values: Vec<String>,
    /// Why nothing of the row can be sent.
    problem: Option<AppError>,
    /// Held while the run is stored with its first cell.
    is_stored: Mutex<bool>,
    is_gone: AtomicBool,
}

impl RowRun {
    /// It was deleted, and takes no further cell.
    pub fn is_gone(&self) -> bool {
        self.is_gone.load(Ordering::Relaxed)
    }
}

impl Engine {
    /// The run of a row, read again where it was begun before. Blocks on the table.
    pub(super) fn row_run(&self, running: &Running, row: u64) -> Result<Arc<RowRun>, AppError> {
        running.row(row, || match self.store().matrix_run(&running.id, row).map_err(storage)? {
            Some(id) => {
                let snapshot = self.store().run_snapshot(&id).map_err(storage)?.ok_or_else(|| not_found("The run"))?;
                Ok(RowRun {
                    row,
                    id,
                    snapshot: Arc::new(snapshot),
                    values: Vec::new(),
                    problem: None,
                    is_stored: Mutex::new(true),
                    is_gone: AtomicBool::new(false),
                })
            }
            None => self.new_row_run(&running.name, &running.begun, &running.variables, row),
        })
    }

    fn new_row_run(&self, name: &str, begun: &MatrixBegun, variables: &[String], row: u64) -> Result<RowRun, AppError> {
        let made = |snapshot: Comparison, values: Vec<String>, problem: Option<AppError>| RowRun {
            row,
            id: RunId::new(),
            snapshot: Arc::new(snapshot),
            values,
            problem,
            is_stored: Mutex::new(false),
            is_gone: AtomicBool::new(false),
        };
        let mut snapshot = begun.comparison.clone();
        let Some(path) = table(&begun.comparison) else {
            snapshot.name = name.to_owned();
            return Ok(made(snapshot, Vec::new(), None));
        };
        snapshot.name = format!("{name} · row {}", number(row + 1));
        let (columns, rows) = self.whole_rows(path, row, 1)?;
        let found = rows
            .into_iter()
            .next()
            .ok_or_else(|| invalid("dataset", &format!("The table has no row {} any more", number(row + 1))))?;
        if columns != begun.columns {
            return Err(invalid("dataset", "The table has other columns than when the matrix began"));
        }
        let DatasetRow { line, cells, problem, .. } = found;
        let problem = problem.map(|problem| {
            let words = format!("Row {} cannot be read: in line {line}, {problem}.", number(row + 1));
            invalid("dataset", &words)
        });
        fill(&mut snapshot, variables, &columns, &cells);
        snapshot.draft.dataset = Some(Dataset { path: path.to_owned(), row, off: false });
        let values = cells.into_iter().map(Option::unwrap_or_default).collect();
        Ok(made(snapshot, values, problem))
    }

    /// Makes a cell and stores it: from now on it is in flight. `None` when the run of the row was deleted. Blocks.
    ///
    /// # Errors
    /// When nothing could be sent at all, so that the next cell would fail in the same way.
    pub(super) fn begin_matrix_cell(
        &self,
        running: &Running,
        row: &RowRun,
        place: MatrixPlace,
        paced: &Arc<Paced>,
    ) -> Result<Option<Planned>, AppError> {
        let lane =
            row.snapshot.lanes.get(place.variant as usize).ok_or_else(|| internal("a variant without a lane"))?;
        let at = Place { index: place.variant as usize, repeat: place.repeat, step: 0, slice: None };
        let step = row.problem.clone().map_or(Ok(None), Err);
        let mut planned = self.plan_cell(&row.id, &row.snapshot, lane, at, step);
        if let Some(error) = planned.refusal().filter(|error| concerns_all(error)) {
            return Err(error.clone());
        }
        planned.paced = Some(Arc::clone(paced));
        let cell = &planned.cell;
        let mut is_stored = lock(&row.is_stored);
        let add = |run: Option<&Run>| {
            self.store().add_matrix_cell(&running.id, row.row, run, &row.values, cell).map_err(storage)
        };
        if *is_stored {
            drop(is_stored);
            if !add(None)? {
                row.is_gone.store(true, Ordering::Relaxed);
                return Ok(None);
            }
        } else {
            let summary = RunSummary {
                id: row.id.clone(),
                comparison: row.snapshot.id.clone(),
                name: row.snapshot.name.clone(),
                started_at: unix_milliseconds(),
                lanes: row.snapshot.lanes.len() as u32,
                endpoint: row.snapshot.endpoint(),
                cells: 1,
                finished: 0,
                unfinished: 0,
                live: true,
                starred: false,
                note: String::new(),
            };
            add(Some(&Run { summary, snapshot: (*row.snapshot).clone(), cells: vec![cell.clone()] }))?;
            *is_stored = true;
        }
        Ok(Some(planned))
    }
}

/// The key, the connection or the keychain is missing, and not something of this row.
fn concerns_all(error: &AppError) -> bool {
    match error {
        AppError::MissingKey { .. }
        | AppError::PlainHttp { .. }
        | AppError::Keychain { .. }
        | AppError::Storage { .. } => true,
        AppError::Invalid { field, .. } => field == "connection",
        _ => false,
    }
}
