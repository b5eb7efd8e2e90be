//! Runs: one for each press of Run, with the comparison as it was then.

use juxta_wire::ids::{ComparisonId, RunId};
use juxta_wire::run::{Run, RunSummary};
use rusqlite::{OptionalExtension, Row};

use crate::cells::{Columns, Count, cells_of};
use crate::documents::{from_json, to_json};
use crate::error::{Doing, StoreError};
use crate::store::Store;

/// What [`read_summary`] expects.
const SUMMARY: &str = "id, comparison, name, started_at, lanes, cells, finished, unfinished";

impl Store {
    /// Adds a run with its cells in one transaction. The counts of its row come from the cells.
    pub fn insert_run(&self, run: &Run) -> Result<(), StoreError> {
        const DOING: &str = "save the run";
        let cells = run.cells.iter().map(|cell| Columns::of(cell, DOING)).collect::<Result<Vec<_>, _>>()?;
        let snapshot = to_json(DOING, &run.snapshot)?;
        let summary = run.summary.clone();
        let count = cells.iter().fold(Count::default(), |sum, cell| {
            let one = Count::of(cell.state);
            Count { finished: sum.finished + one.finished, unfinished: sum.unfinished + one.unfinished }
        });
        self.write(DOING, move |database| {
            let sql = "INSERT INTO runs (id, started_at, comparison, lanes, cells, finished, unfinished, name, snapshot) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
            database
                .prepare_cached(sql)
                .doing(DOING)?
                .execute((
                    summary.id.as_str(),
                    summary.started_at,
                    summary.comparison.as_str(),
                    summary.lanes,
                    cells.len(),
                    count.finished,
                    count.unfinished,
                    &summary.name,
                    snapshot,
                ))
                .doing(DOING)?;
            cells.iter().try_for_each(|cell| cell.insert(database))
        })
    }

    /// One page of runs, newest first: the `limit` runs that started before `before`, or the newest of all. The cost
    /// does not grow with the number of runs.
    pub fn runs(&self, limit: u32, before: Option<&RunId>) -> Result<Vec<RunSummary>, StoreError> {
        const DOING: &str = "read the runs";
        self.read(|database| {
            let (started_at, id) = match before {
                None => (i64::MAX, ""),
                Some(id) => {
                    let started_at: Option<i64> = database
                        .prepare_cached("SELECT started_at FROM runs WHERE id = ?1")
                        .doing(DOING)?
                        .query_row([id.as_str()], |row| row.get(0))
                        .optional()
                        .doing(DOING)?;
                    (started_at.ok_or(StoreError::NotFound { what: "the run" })?, id.as_str())
                }
            };
            let sql = format!(
                "SELECT {SUMMARY} FROM runs WHERE (started_at, id) < (?1, ?2) \
                 ORDER BY started_at DESC, id DESC LIMIT ?3"
            );
            let mut statement = database.prepare_cached(&sql).doing(DOING)?;
            let rows = statement.query_map((started_at, id, limit), read_summary).doing(DOING)?;
            rows.map(|row| row.doing(DOING)).collect()
        })
    }

    /// The row of one run.
    pub fn run_summary(&self, id: &RunId) -> Result<Option<RunSummary>, StoreError> {
        const DOING: &str = "read the run";
        self.read(|database| {
            database
                .prepare_cached(&format!("SELECT {SUMMARY} FROM runs WHERE id = ?1"))
                .doing(DOING)?
                .query_row([id.as_str()], read_summary)
                .optional()
                .doing(DOING)
        })
    }

    /// A run with all of its cells and their texts.
    pub fn run(&self, id: &RunId) -> Result<Option<Run>, StoreError> {
        const DOING: &str = "read the run";
        self.read(|database| {
            // One transaction, so that the row and the cells are of the same moment.
            let moment = database.unchecked_transaction().doing(DOING)?;
            let found = moment
                .prepare_cached(&format!("SELECT {SUMMARY}, snapshot FROM runs WHERE id = ?1"))
                .doing(DOING)?
                .query_row([id.as_str()], |row| Ok((read_summary(row)?, row.get::<_, String>("snapshot")?)))
                .optional()
                .doing(DOING)?;
            let Some((summary, snapshot)) = found else { return Ok(None) };
            Ok(Some(Run { summary, snapshot: from_json(DOING, &snapshot)?, cells: cells_of(&moment, id)? }))
        })
    }
}

fn read_summary(row: &Row<'_>) -> rusqlite::Result<RunSummary> {
    let (cells, finished, unfinished) = (row.get("cells")?, row.get("finished")?, row.get("unfinished")?);
    Ok(RunSummary {
        id: RunId(row.get("id")?),
        comparison: ComparisonId(row.get("comparison")?),
        name: row.get("name")?,
        started_at: row.get("started_at")?,
        lanes: row.get("lanes")?,
        cells,
        finished,
        unfinished,
        live: finished + unfinished < cells,
        starred: false,
        note: String::new(),
    })
}
