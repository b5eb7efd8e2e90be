//! Runs, drafts and connections that were recorded or written elsewhere, taken in together or not at all.

use std::collections::HashSet;

use juxta_wire::connection::Connection;
use juxta_wire::ids::{CellId, RunId};
use juxta_wire::lane::{Comparison, ComparisonSummary};
use juxta_wire::run::Run;

use crate::bodies::IndexRecord;
use crate::cells::Columns;
use crate::comparisons::NewComparison;
use crate::connections;
use crate::error::{Doing, StoreError};
use crate::runs::NewRun;
use crate::store::Store;

const DOING: &str = "save what was imported";

/// What comes in. Ids must be free: see [`Store::known_runs`].
#[derive(Debug, Default)]
pub struct Import {
    pub connections: Vec<Connection>,
    pub comparisons: Vec<Comparison>,
    pub runs: Vec<ImportedRun>,
}

/// A run whose cells are over, with the bytes of each.
#[derive(Debug)]
pub struct ImportedRun {
    pub run: Run,
    pub exchanges: Vec<ImportedExchange>,
}

#[derive(Debug)]
pub struct ImportedExchange {
    pub cell: CellId,
    /// How often the cell was sent.
    pub attempts: u32,
    /// Secrets masked.
    pub request_head: Vec<u8>,
    pub request_body: Vec<u8>,
    pub body: Vec<u8>,
    pub index: Vec<IndexRecord>,
}

impl Store {
    /// Which of these runs are here already, or have a cell that is.
    pub fn known_runs(&self, runs: &[(RunId, Vec<CellId>)]) -> Result<HashSet<RunId>, StoreError> {
        const DOING: &str = "look for the runs of the file";
        self.read(|database| {
            let mut run_is_known = database.prepare_cached("SELECT 1 FROM runs WHERE id = ?1").doing(DOING)?;
            let mut cell_is_known = database.prepare_cached("SELECT 1 FROM cells WHERE id = ?1").doing(DOING)?;
            let mut known = HashSet::new();
            for (run, cells) in runs {
                let mut is_known = run_is_known.exists([run.as_str()]).doing(DOING)?;
                for cell in cells {
                    is_known = is_known || cell_is_known.exists([cell.as_str()]).doing(DOING)?;
                }
                if is_known {
                    known.insert(run.clone());
                }
            }
            Ok(known)
        })
    }

    /// Takes everything in, in one transaction, and gives the rows of the comparisons. When it fails, nothing of it is
    /// there.
    pub fn import(&self, import: Import) -> Result<Vec<ComparisonSummary>, StoreError> {
        let mut files = Files { store: self, written: Vec::new() };
        for exchange in import.runs.iter().flat_map(|run| &run.exchanges) {
            files.write(exchange)?;
        }
        let connections = import.connections;
        let comparisons =
            import.comparisons.iter().map(|one| NewComparison::of(one, DOING)).collect::<Result<Vec<_>, _>>()?;
        let runs = import
            .runs
            .into_iter()
            .map(|run| {
                let mut rows = NewRun::of(&run.run, DOING)?.measured(self)?;
                for exchange in &run.exchanges {
                    let cell = rows.cells.iter_mut().find(|cell| cell.id == exchange.cell);
                    cell.into_iter().for_each(|cell| cell.leave_body_to(&exchange.request_body));
                }
                Ok((rows, run))
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        let summaries = self.write(DOING, move |database| {
            for connection in &connections {
                connections::save(database, connection, DOING)?;
            }
            for (rows, run) in &runs {
                rows.insert(database)?;
                let sql = "INSERT INTO exchanges (cell, attempts, request_head, request_body) VALUES (?1, ?2, ?3, ?4)";
                for exchange in &run.exchanges {
                    let row =
                        (exchange.cell.as_str(), exchange.attempts, &exchange.request_head, &exchange.request_body);
                    database.prepare_cached(sql).doing(DOING)?.execute(row).doing(DOING)?;
                }
            }
            Columns::index(runs.iter().flat_map(|(rows, _)| &rows.cells), database, DOING)?;
            // The last one saved is the first of the list.
            let mut summaries = comparisons
                .into_iter()
                .rev()
                .map(|comparison| comparison.save(database))
                .collect::<Result<Vec<_>, _>>()?;
            summaries.reverse();
            Ok(summaries)
        })?;
        files.written.clear();
        Ok(summaries)
    }
}

/// Body files of an import that is not through. Dropping them takes them away again.
struct Files<'a> {
    store: &'a Store,
    written: Vec<CellId>,
}

impl Files<'_> {
    fn write(&mut self, exchange: &ImportedExchange) -> Result<(), StoreError> {
        let paths = self.store.body_paths(&exchange.cell)?;
        self.written.push(exchange.cell.clone());
        paths.write(&exchange.body, &exchange.index)
    }
}

impl Drop for Files<'_> {
    fn drop(&mut self) {
        for cell in &self.written {
            let removed = self.store.body_paths(cell).and_then(|paths| paths.remove());
            if let Err(error) = removed {
                tracing::warn!(%error, %cell, "the files of an import that failed are still there");
            }
        }
    }
}
