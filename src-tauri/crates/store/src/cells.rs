//! Cells: how one is taken apart into columns, and put together again.

use juxta_wire::endpoint::EndpointKind;
use juxta_wire::ids::{CellId, RunId};
use juxta_wire::outcome::Outcome;
use juxta_wire::run::{Cell, CellState};
use juxta_wire::tools::ToolResultState;
use rusqlite::{Connection, OptionalExtension, Params, Row};

use crate::documents::{from_json, to_json};
use crate::error::{Doing, StoreError};
use crate::search::Entry;
use crate::store::Store;

/// What [`read_row`] expects.
const COLUMNS: &str = "cells.document, cells.outcome, cells.request, \
     CASE WHEN cells.request IS NOT NULL \
          THEN coalesce(cells.request_body, CAST(exchanges.request_body AS TEXT)) END, \
     cells.head \
     FROM cells LEFT JOIN exchanges ON exchanges.cell = cells.id";

impl Store {
    /// A cell with its texts.
    pub fn cell(&self, id: &CellId) -> Result<Option<Cell>, StoreError> {
        self.read(|database| read_cell(database, id))
    }

    /// The run that a cell belongs to.
    pub fn cell_run(&self, id: &CellId) -> Result<Option<RunId>, StoreError> {
        const DOING: &str = "read the call";
        self.read(|database| {
            database
                .prepare_cached("SELECT run FROM cells WHERE id = ?1")
                .doing(DOING)?
                .query_row([id.as_str()], |row| row.get(0).map(RunId))
                .optional()
                .doing(DOING)
        })
    }

    /// Replaces a cell of a run, and counts it among those that are over when it is. All in one transaction.
    pub fn save_cell(&self, cell: &Cell) -> Result<(), StoreError> {
        const DOING: &str = "save the call";
        let columns = Columns::of(cell, DOING)?.measured(self)?;
        self.write(DOING, move |database| {
            columns.count_in_run(database)?;
            columns.update(database)?;
            Columns::index(std::iter::once(&columns), database, DOING)
        })
    }
}

pub(crate) fn read_cell(database: &Connection, id: &CellId) -> Result<Option<Cell>, StoreError> {
    const DOING: &str = "read the call";
    database
        .prepare_cached(&format!("SELECT {COLUMNS} WHERE cells.id = ?1"))
        .doing(DOING)?
        .query_row([id.as_str()], read_row)
        .optional()
        .doing(DOING)?
        .map(StoredCell::into_cell)
        .transpose()
}

/// A cell, taken apart on the caller's thread so that the writer only writes.
pub(crate) struct Columns {
    pub id: CellId,
    pub run: RunId,
    pub state: &'static str,
    doing: &'static str,
    lane_index: u32,
    repeat: u32,
    started_at: Option<u64>,
    asking: bool,
    connection: String,
    pub connection_name: String,
    pub endpoint: EndpointKind,
    pub model: String,
    document: String,
    request: Option<String>,
    request_body: Option<String>,
    head: Option<String>,
    outcome: String,
    /// For a cell that is over.
    entry: Option<Entry>,
}

impl Columns {
    pub fn of(cell: &Cell, doing: &'static str) -> Result<Self, StoreError> {
        let mut request = cell.request.clone();
        let request_body = request.as_mut().map(|request| std::mem::take(&mut request.body));
        let rest = Cell { request: None, head: None, outcome: Outcome::default(), ..cell.clone() };
        Ok(Self {
            id: cell.id.clone(),
            run: cell.run.clone(),
            state: state_name(&cell.state),
            doing,
            lane_index: cell.lane_index,
            repeat: cell.repeat,
            started_at: cell.started_at,
            asking: cell.results.iter().any(|result| result.state == ToolResultState::Asking),
            connection: cell.connection.0.clone(),
            connection_name: cell.connection_name.clone(),
            endpoint: cell.endpoint,
            model: cell.model.clone(),
            document: to_json(doing, &rest)?,
            request: request.map(|request| to_json(doing, &request)).transpose()?,
            request_body,
            head: cell.head.as_ref().map(|head| to_json(doing, head)).transpose()?,
            outcome: to_json(doing, &cell.outcome)?,
            entry: cell.state.is_over().then(|| Entry::of(cell, 0)),
        })
    }

    /// Leaves the request body to an exchange that is saved with the cell, when that has the same bytes: a row that
    /// becomes shorter later leaves a hole behind.
    pub fn leave_body_to(&mut self, exchange: &[u8]) {
        if self.request_body.as_ref().is_some_and(|body| body.as_bytes() == exchange) {
            self.request_body = None;
        }
    }

    /// With the size of the recorded answer.
    pub fn measured(mut self, store: &Store) -> Result<Self, StoreError> {
        if let Some(entry) = &mut self.entry {
            entry.bytes = store.body_paths(&self.id)?.size();
        }
        Ok(self)
    }

    pub fn insert(&self, database: &Connection) -> Result<(), StoreError> {
        self.execute(
            database,
            "INSERT INTO cells (id, run, lane_index, repeat, state, started_at, connection, model, document, \
             request, request_body, outcome, head, asking) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        )
    }

    /// Leaves the request body to the exchange when that holds the same bytes.
    pub fn update(&self, database: &Connection) -> Result<(), StoreError> {
        self.execute(
            database,
            "UPDATE cells SET state = ?5, unfolded = 0, started_at = ?6, connection = ?7, model = ?8, \
             document = ?9, request = ?10, outcome = ?12, head = ?13, asking = ?14, request_body = CASE WHEN EXISTS \
             (SELECT 1 FROM exchanges WHERE cell = ?1 AND request_body = CAST(?11 AS BLOB)) THEN NULL ELSE ?11 END \
             WHERE id = ?1",
        )
    }

    /// `sql` has the numbers of [`insert`](Self::insert).
    fn execute(&self, database: &Connection, sql: &str) -> Result<(), StoreError> {
        let columns = (
            self.id.as_str(),
            self.run.as_str(),
            self.lane_index,
            self.repeat,
            self.state,
            self.started_at,
            &self.connection,
            &self.model,
            &self.document,
            &self.request,
            &self.request_body,
            &self.outcome,
            &self.head,
            self.asking,
        );
        database.prepare_cached(sql).doing(self.doing)?.execute(columns).doing(self.doing)?;
        Ok(())
    }

    /// Brings the search rows of cells up to date: whole for those that are over, their state for those that are live.
    /// Call it after they are there and have their places, and after everything else that is written with them.
    pub fn index<'a>(
        cells: impl Iterator<Item = &'a Columns> + Clone,
        database: &Connection,
        doing: &'static str,
    ) -> Result<(), StoreError> {
        for live in cells.clone().filter(|cell| cell.entry.is_none()) {
            let sql = "UPDATE calls SET state = ?2 WHERE cell = ?1";
            database.prepare_cached(sql).doing(doing)?.execute((live.id.as_str(), live.state)).doing(doing)?;
        }
        Entry::write_all(cells.filter_map(|cell| cell.entry.as_ref()), database, doing)
    }

    /// Moves the cell from the count of its old state to that of its new one. Call it before [`update`](Self::update).
    pub fn count_in_run(&self, database: &Connection) -> Result<(), StoreError> {
        let old: String = database
            .prepare_cached("SELECT state FROM cells WHERE id = ?1")
            .doing(self.doing)?
            .query_row([self.id.as_str()], |row| row.get(0))
            .optional()
            .doing(self.doing)?
            .ok_or(StoreError::NotFound { what: "the call" })?;
        let (old, new) = (Count::of(&old), Count::of(self.state));
        if old != new {
            let sql = "UPDATE runs SET finished = finished + ?2, unfinished = unfinished + ?3 WHERE id = ?1";
            let change = (
                self.run.as_str(),
                i64::from(new.finished) - i64::from(old.finished),
                i64::from(new.unfinished) - i64::from(old.unfinished),
            );
            database.prepare_cached(sql).doing(self.doing)?.execute(change).doing(self.doing)?;
        }
        Ok(())
    }
}

/// What a cell in some state adds to the counts of its run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub finished: u32,
    pub unfinished: u32,
}

impl Count {
    pub fn of(state: &str) -> Self {
        match state {
            "finished" => Self { finished: 1, unfinished: 0 },
            "stopped" | "failed" | "endedEarly" | "interrupted" => Self { finished: 0, unfinished: 1 },
            _running => Self::default(),
        }
    }
}

pub(crate) fn state_name(state: &CellState) -> &'static str {
    match state {
        CellState::Queued => "queued",
        CellState::Waiting => "waiting",
        CellState::Streaming => "streaming",
        CellState::Retrying { .. } => "retrying",
        // Nobody stores one: a replay leaves what was recorded as it is.
        CellState::Replaying { .. } => "replaying",
        CellState::Finished => "finished",
        CellState::Stopped => "stopped",
        CellState::Failed => "failed",
        CellState::EndedEarly => "endedEarly",
        CellState::Interrupted => "interrupted",
    }
}

/// The cells of a run, lane by lane, and in each repeat in the order in which they were made.
pub(crate) fn cells_of(database: &Connection, run: &RunId) -> Result<Vec<Cell>, StoreError> {
    let which = "cells.run = ?1 ORDER BY cells.lane_index, cells.repeat, cells.id";
    cells_where(database, which, [run.as_str()])
}

/// The cells that `which` finds: the rest of a statement after `WHERE`.
pub(crate) fn cells_where(database: &Connection, which: &str, values: impl Params) -> Result<Vec<Cell>, StoreError> {
    const DOING: &str = "read the calls of the run";
    let mut statement = database.prepare_cached(&format!("SELECT {COLUMNS} WHERE {which}")).doing(DOING)?;
    let rows = statement.query_map(values, read_row).doing(DOING)?;
    rows.map(|row| row.doing(DOING)?.into_cell()).collect()
}

struct StoredCell {
    document: String,
    outcome: String,
    request: Option<String>,
    request_body: Option<String>,
    head: Option<String>,
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<StoredCell> {
    Ok(StoredCell {
        document: row.get(0)?,
        outcome: row.get(1)?,
        request: row.get(2)?,
        request_body: row.get(3)?,
        head: row.get(4)?,
    })
}

impl StoredCell {
    fn into_cell(self) -> Result<Cell, StoreError> {
        const DOING: &str = "read the call";
        let mut cell: Cell = from_json(DOING, &self.document)?;
        cell.outcome = from_json(DOING, &self.outcome)?;
        cell.head = self.head.map(|head| from_json(DOING, &head)).transpose()?;
        if let Some(request) = self.request {
            let mut request: juxta_wire::exchange::RequestView = from_json(DOING, &request)?;
            request.body = self.request_body.unwrap_or_default();
            cell.request = Some(request);
        }
        Ok(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use juxta_wire::error::AppError;

    #[test]
    fn every_state_is_counted_and_named_as_its_document_names_it() {
        let error = AppError::Storage { message: String::new() };
        let states = [
            CellState::Queued,
            CellState::Waiting,
            CellState::Streaming,
            CellState::Retrying { wait_ms: 1.0, attempt: 2, attempts: 3, error },
            CellState::Finished,
            CellState::Stopped,
            CellState::Failed,
            CellState::EndedEarly,
            CellState::Interrupted,
        ];
        for state in states {
            let name = state_name(&state);
            assert_eq!(serde_json::to_value(&state).unwrap()["kind"], name);
            let count = Count::of(name);
            assert_eq!(count.finished + count.unfinished, u32::from(state.is_over()), "{name}");
        }
    }
}
