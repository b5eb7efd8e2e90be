//! The cells of a matrix by the page, as a list shows, sorts and filters them. Every order has an index that holds all that
//! is filtered by, so a page far down costs a walk through small entries and no look at the rows before it.

use juxta_wire::check::CheckState;
use juxta_wire::ids::{CellId, MatrixId, RunId};
use juxta_wire::matrix::{MatrixCellState, MatrixCellsQuery, MatrixColumn, MatrixFilter};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};

use crate::documents::from_json;
use crate::error::{Doing, StoreError};
use crate::matrices::{MatrixCellRow, MatrixPlace, is_there};
use crate::store::Store;

const DOING: &str = "read the answers of the matrix";

/// What [`read_row`] expects.
fn columns() -> String {
    format!(
        "cells.row, cells.variant, cells.repeat, cells.run, cells.cell, cells.state, cells.passed, cells.checks, \
         cells.answer, cells.tokens, cells.first_token, cells.milliseconds, cells.cost, cells.currency, NOT {}",
        is_there("cells.run")
    )
}

/// A page, and how many there are on all pages.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FoundCells {
    /// Without what they are found by.
    pub cells: Vec<MatrixCellRow>,
    pub total: u64,
}

/// In which order cells are read through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatrixOrder {
    /// Row by row, and in a row variant by variant.
    Rows,
    /// Variant by variant, and in a variant row by row.
    Variants,
}

/// What is sorted by, and the index in that order.
struct Order {
    by: &'static str,
    index: &'static str,
    may_be_unknown: bool,
}

fn order(column: MatrixColumn) -> Order {
    let known = |by, index| Order { by, index, may_be_unknown: false };
    let figure = |by, index| Order { by, index, may_be_unknown: true };
    match column {
        MatrixColumn::Row => known("row", "matrix_cells_row"),
        MatrixColumn::Variant => known("variant", "matrix_cells_variant"),
        MatrixColumn::Repeat => known("repeat", "matrix_cells_repeat"),
        MatrixColumn::State => known("state", "matrix_cells_state"),
        MatrixColumn::Checks => figure("failed_checks", "matrix_cells_checks"),
        MatrixColumn::Answer => figure("sorted_by", "matrix_cells_answer"),
        MatrixColumn::Tokens => figure("tokens", "matrix_cells_tokens"),
        MatrixColumn::Milliseconds => figure("milliseconds", "matrix_cells_milliseconds"),
        MatrixColumn::Cost => figure("cost", "matrix_cells_cost"),
    }
}

impl Store {
    /// The cells that fit, sorted; what is equal stands in the order of the rows, turned with the rest. What is not known
    /// comes last, whichever way they are sorted.
    pub fn matrix_cells(&self, id: &MatrixId, query: &MatrixCellsQuery) -> Result<FoundCells, StoreError> {
        let wanted = Wanted::of(id, query);
        self.read(|database| {
            // One moment, so that the page and the count fit together.
            let moment = database.unchecked_transaction().doing(DOING)?;
            wanted.find(&moment)
        })
    }

    /// The next `count` cells in this order, from behind `after` on, without what they are found by. Who asks again and
    /// again with the place of the last one reads all of them and holds few.
    pub fn matrix_cells_after(
        &self,
        id: &MatrixId,
        order: MatrixOrder,
        after: Option<MatrixPlace>,
        count: u32,
    ) -> Result<Vec<MatrixCellRow>, StoreError> {
        let (row, variant, repeat) = match after {
            Some(place) => (to_i64(place.row), i64::from(place.variant), i64::from(place.repeat)),
            None => (-1, -1, -1),
        };
        let (behind, by) = match order {
            MatrixOrder::Rows => ("(row, variant, repeat) > (?2, ?3, ?4)", "row, variant, repeat"),
            MatrixOrder::Variants => ("(variant, row, repeat) > (?3, ?2, ?4)", "variant, row, repeat"),
        };
        let sql = format!(
            "SELECT {} FROM matrix_cells AS cells WHERE matrix = ?1 AND {behind} ORDER BY {by} LIMIT ?5",
            columns()
        );
        self.read(|database| {
            let mut statement = database.prepare_cached(&sql).doing(DOING)?;
            let rows = statement.query_map((id.as_str(), row, variant, repeat, count), read_row).doing(DOING)?;
            rows.map(|row| row.doing(DOING)).collect()
        })
    }
}

impl Store {
    pub fn matrix_cell(&self, id: &MatrixId, place: MatrixPlace) -> Result<Option<MatrixCellRow>, StoreError> {
        let sql = format!(
            "SELECT {} FROM matrix_cells AS cells WHERE matrix = ?1 AND row = ?2 AND variant = ?3 AND repeat = ?4",
            columns()
        );
        self.read(|database| {
            let mut statement = database.prepare_cached(&sql).doing(DOING)?;
            let place = (id.as_str(), place.row, place.variant, place.repeat);
            statement.query_row(place, read_row).optional().doing(DOING)
        })
    }

    /// Rows that were begun, in their order.
    pub fn matrix_rows(&self, id: &MatrixId) -> Result<Vec<u64>, StoreError> {
        self.read(|database| {
            let sql = "SELECT row FROM matrix_runs WHERE matrix = ?1 ORDER BY row";
            let mut statement = database.prepare_cached(sql).doing(DOING)?;
            let rows = statement.query_map([id.as_str()], |row| row.get(0)).doing(DOING)?;
            rows.map(|row| row.doing(DOING)).collect()
        })
    }

    /// The values of each of `rows`, whole; none of a row that was not begun.
    pub fn matrix_row_values(&self, id: &MatrixId, rows: &[u64]) -> Result<Vec<Vec<String>>, StoreError> {
        self.read(|database| {
            let sql = "SELECT row_values FROM matrix_runs WHERE matrix = ?1 AND row = ?2";
            let mut statement = database.prepare_cached(sql).doing(DOING)?;
            let values = rows.iter().map(|row| {
                let found = statement.query_row((id.as_str(), row), |row| row.get::<_, String>(0)).optional();
                found.doing(DOING)?.map_or(Ok(Vec::new()), |json| from_json(DOING, &json))
            });
            values.collect()
        })
    }
}

/// The conditions of a query with their values.
struct Wanted<'a> {
    query: &'a MatrixCellsQuery,
    order: Order,
    table: String,
    conditions: String,
    values: Vec<Value>,
}

impl<'a> Wanted<'a> {
    fn of(id: &MatrixId, query: &'a MatrixCellsQuery) -> Self {
        let order = order(query.sort);
        let mut values = vec![Value::from(id.0.clone())];
        let mut conditions = "matrix = ?1".to_owned();
        conditions.push_str(condition(query.filter));
        let numbers = [("variant", query.variant.map(i64::from)), ("row", query.row.map(to_i64))];
        for (column, value) in numbers {
            let Some(value) = value else { continue };
            values.push(Value::from(value));
            conditions.push_str(&format!(" AND {column} = ?{}", values.len()));
        }
        let text = query.text.trim().to_lowercase();
        // Texts are looked at in the order in which they lie, which is nearly that of the rows.
        let index = if text.is_empty() && query.row.is_none() { order.index } else { "matrix_cells_row" };
        if !text.is_empty() {
            values.push(Value::from(text));
            let at = values.len();
            conditions.push_str(&format!(
                " AND (instr(search, ?{at}) > 0 OR row IN \
                 (SELECT row FROM matrix_runs WHERE matrix = ?1 AND instr(search, ?{at}) > 0))"
            ));
        }
        Self { query, order, table: format!("matrix_cells INDEXED BY {index}"), conditions, values }
    }

    fn find(&self, database: &Connection) -> Result<FoundCells, StoreError> {
        let by = self.order.by;
        let (from, count) = (to_i64(self.query.from), to_i64(self.query.count));
        let direction = if self.query.descending { "DESC" } else { "ASC" };
        if !self.order.may_be_unknown {
            let total = self.count(database, "")?;
            return Ok(FoundCells { cells: self.page(database, "", direction, from, count)?, total });
        }
        let (is_known, is_unknown) = (format!(" AND {by} IS NOT NULL"), format!(" AND {by} IS NULL"));
        let known = self.count(database, &is_known)?;
        let total = known + self.count(database, &is_unknown)?;
        let mut cells = self.page(database, &is_known, direction, from, count)?;
        let rest = count - cells.len() as i64;
        if rest > 0 {
            let from = (from - to_i64(known)).max(0);
            cells.extend(self.page(database, &is_unknown, "ASC", from, rest)?);
        }
        Ok(FoundCells { cells, total })
    }

    fn count(&self, database: &Connection, more: &str) -> Result<u64, StoreError> {
        let Self { table, conditions, values, .. } = self;
        let sql = format!("SELECT count(*) FROM {table} WHERE {conditions}{more}");
        let mut statement = database.prepare_cached(&sql).doing(DOING)?;
        statement.query_row(params_from_iter(values), |row| row.get(0)).doing(DOING)
    }

    fn page(
        &self,
        database: &Connection,
        more: &str,
        direction: &str,
        skip: i64,
        count: i64,
    ) -> Result<Vec<MatrixCellRow>, StoreError> {
        let Self { table, conditions, values, .. } = self;
        let at = values.len();
        let rest = ["row", "variant", "repeat"].into_iter().filter(|other| *other != self.order.by);
        // An index is read backwards as a whole, so that rows that are equal are turned with it.
        let by: Vec<String> =
            std::iter::once(self.order.by).chain(rest).map(|column| format!("{column} {direction}")).collect();
        // Only keys are sorted and passed over; a row is read when it is known to be on the page.
        let sql = format!(
            "SELECT {} FROM (SELECT matrix_cells.rowid AS found FROM {table} WHERE {conditions}{more} \
             ORDER BY {} LIMIT ?{} OFFSET ?{}) CROSS JOIN matrix_cells AS cells ON cells.rowid = found",
            columns(),
            by.join(", "),
            at + 1,
            at + 2,
        );
        let mut statement = database.prepare_cached(&sql).doing(DOING)?;
        let values = values.iter().cloned().chain([Value::from(count), Value::from(skip)]);
        let rows = statement.query_map(params_from_iter(values), read_row).doing(DOING)?;
        rows.map(|row| row.doing(DOING)).collect()
    }
}

fn condition(filter: MatrixFilter) -> &'static str {
    match filter {
        MatrixFilter::All => "",
        MatrixFilter::Passed => " AND state = 'finished' AND passed = 1",
        MatrixFilter::NotPassed => " AND state = 'finished' AND passed = 0",
        MatrixFilter::Failed => " AND state = 'failed'",
        MatrixFilter::InFlight => " AND state = 'inFlight'",
    }
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<MatrixCellRow> {
    let (state, checks): (String, String) = (row.get(5)?, row.get(7)?);
    Ok(MatrixCellRow {
        place: MatrixPlace { row: row.get(0)?, variant: row.get(1)?, repeat: row.get(2)? },
        run: RunId(row.get(3)?),
        cell: CellId(row.get(4)?),
        state: match state.as_str() {
            "finished" => MatrixCellState::Finished,
            "failed" => MatrixCellState::Failed,
            _in_flight => MatrixCellState::InFlight,
        },
        passed: row.get(6)?,
        checks: checks.chars().map(state_of).collect(),
        answer: row.get(8)?,
        search: String::new(),
        tokens: row.get(9)?,
        time_to_first_token: row.get(10)?,
        milliseconds: row.get(11)?,
        cost: row.get(12)?,
        currency: row.get(13)?,
        gone: row.get(14)?,
    })
}

fn state_of(letter: char) -> CheckState {
    match letter {
        'p' => CheckState::Passed,
        'f' => CheckState::Failed,
        'c' => CheckState::CannotTell,
        _not_judged => CheckState::NotJudged,
    }
}

fn to_i64(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
