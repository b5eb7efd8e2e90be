//! Runs: one for each press of Run, with the comparison as it was then.

use juxta_wire::ids::{ComparisonId, RunId};
use juxta_wire::lane::Comparison;
use juxta_wire::run::{Run, RunSummary};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::cells::{Columns, Count, cells_of};
use crate::documents::{endpoint_column, from_json, to_json};
use crate::error::{Doing, StoreError};
use crate::search::place;
use crate::store::Store;

/// What [`read_summary`] expects.
const SUMMARY: &str = "runs.id, comparison, name, started_at, lanes, endpoint, cells, finished, unfinished, \
     coalesce(starred, 0) AS starred, coalesce(note, '') AS note";
const FROM: &str = "FROM runs LEFT JOIN run_marks ON run_marks.run = runs.id";

impl Store {
    /// Adds a run with its cells in one transaction. The counts of its row come from the cells.
    pub fn insert_run(&self, run: &Run) -> Result<(), StoreError> {
        const DOING: &str = "save the run";
        let run = NewRun::of(run, DOING)?;
        self.write(DOING, move |database| {
            run.insert(database)?;
            Columns::index(run.cells.iter(), database, DOING)
        })
    }

    /// One page of runs that are not deleted, newest first: the `limit` runs that started before `before`, or the newest
    /// of all. The cost does not grow with the number of runs.
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
                "SELECT {SUMMARY} {FROM} WHERE (started_at, runs.id) < (?1, ?2) AND deleted_at IS NULL \
                 ORDER BY started_at DESC, runs.id DESC LIMIT ?3"
            );
            let mut statement = database.prepare_cached(&sql).doing(DOING)?;
            let rows = statement.query_map((started_at, id, limit), read_summary).doing(DOING)?;
            rows.map(|row| row.doing(DOING)).collect()
        })
    }

    /// Runs of one comparison with what was sent, newest first, among the newest `most` of all that are not deleted.
    pub fn runs_of(&self, comparison: &ComparisonId, most: u32) -> Result<Vec<(RunSummary, Comparison)>, StoreError> {
        const DOING: &str = "read the runs of the comparison";
        self.read(|database| {
            let newest = "SELECT runs.id FROM runs LEFT JOIN run_marks ON run_marks.run = runs.id \
                          WHERE deleted_at IS NULL ORDER BY started_at DESC, runs.id DESC LIMIT ?2";
            let sql = format!(
                "SELECT {SUMMARY}, snapshot {FROM} WHERE comparison = ?1 AND runs.id IN ({newest}) \
                 ORDER BY started_at DESC, runs.id DESC"
            );
            let mut statement = database.prepare_cached(&sql).doing(DOING)?;
            let read = |row: &Row<'_>| Ok((read_summary(row)?, row.get::<_, String>("snapshot")?));
            let rows = statement.query_map((comparison.as_str(), most), read).doing(DOING)?;
            rows.map(|row| {
                let (summary, snapshot) = row.doing(DOING)?;
                Ok((summary, from_json(DOING, &snapshot)?))
            })
            .collect()
        })
    }

    /// The row of one run.
    pub fn run_summary(&self, id: &RunId) -> Result<Option<RunSummary>, StoreError> {
        const DOING: &str = "read the run";
        self.read(|database| {
            database
                .prepare_cached(&format!("SELECT {SUMMARY} {FROM} WHERE runs.id = ?1"))
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
                .prepare_cached(&format!("SELECT {SUMMARY}, snapshot {FROM} WHERE runs.id = ?1"))
                .doing(DOING)?
                .query_row([id.as_str()], |row| Ok((read_summary(row)?, row.get::<_, String>("snapshot")?)))
                .optional()
                .doing(DOING)?;
            let Some((summary, snapshot)) = found else { return Ok(None) };
            Ok(Some(Run { summary, snapshot: from_json(DOING, &snapshot)?, cells: cells_of(&moment, id)? }))
        })
    }
}

/// A run with its cells, taken apart on the caller's thread so that the writer only writes.
pub(crate) struct NewRun {
    doing: &'static str,
    summary: RunSummary,
    snapshot: String,
    count: Count,
    pub cells: Vec<Columns>,
}

impl NewRun {
    pub fn of(run: &Run, doing: &'static str) -> Result<Self, StoreError> {
        let cells = run.cells.iter().map(|cell| Columns::of(cell, doing)).collect::<Result<Vec<_>, _>>()?;
        let count = cells.iter().fold(Count::default(), |sum, cell| {
            let one = Count::of(cell.state);
            Count { finished: sum.finished + one.finished, unfinished: sum.unfinished + one.unfinished }
        });
        Ok(Self { doing, summary: run.summary.clone(), snapshot: to_json(doing, &run.snapshot)?, count, cells })
    }

    /// With the sizes of answers that are recorded already.
    pub fn measured(mut self, store: &Store) -> Result<Self, StoreError> {
        self.cells = self.cells.into_iter().map(|cell| cell.measured(store)).collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// Everything but the search rows: see [`Columns::index`].
    pub fn insert(&self, database: &Connection) -> Result<(), StoreError> {
        let sql = "INSERT INTO runs (id, started_at, comparison, lanes, endpoint, cells, finished, unfinished, name, \
                   snapshot) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        database
            .prepare_cached(sql)
            .doing(self.doing)?
            .execute((
                self.summary.id.as_str(),
                self.summary.started_at,
                self.summary.comparison.as_str(),
                self.summary.lanes,
                self.summary.endpoint.name(),
                self.cells.len(),
                self.count.finished,
                self.count.unfinished,
                &self.summary.name,
                &self.snapshot,
            ))
            .doing(self.doing)?;
        self.cells.iter().try_for_each(|cell| cell.insert(database))?;
        place::add(database, self.doing, self.summary.started_at, &self.cells)?;
        self.keep_marks(database)
    }

    /// A run from elsewhere may come with a star and a note.
    fn keep_marks(&self, database: &Connection) -> Result<(), StoreError> {
        let RunSummary { id, starred, note, .. } = &self.summary;
        if *starred || !note.is_empty() {
            let sql = "INSERT INTO run_marks (run, starred, note) VALUES (?1, ?2, ?3)";
            database.prepare_cached(sql).doing(self.doing)?.execute((id.as_str(), starred, note)).doing(self.doing)?;
        }
        Ok(())
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
        endpoint: endpoint_column(row, "endpoint")?,
        cells,
        finished,
        unfinished,
        live: finished + unfinished < cells,
        starred: row.get("starred")?,
        note: row.get("note")?,
    })
}
