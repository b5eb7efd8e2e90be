//! A page of rows: which ones, and in which order.

use std::cmp::Ordering;
use std::io;
use std::sync::Arc;

use juxta_wire::batch::{BatchColumn, BatchLines, BatchRowState, BatchRows, BatchRowsQuery, BatchTab};
use juxta_wire::error::AppError;
use serde_json::Value;

use super::{FullRow, Joined, Row};
use crate::batch::pick::picked;
use crate::run::feed::lock;
use crate::run::storage;

/// Rows that are told at once.
const MOST_ROWS: u64 = 1000;
/// Characters of an answer by which rows are sorted.
const SORTED_BY: usize = 60;

/// What a query is about, page apart, with the rows that it found.
#[derive(Debug)]
pub(super) struct Order {
    query: BatchRowsQuery,
    rows: Arc<Vec<u32>>,
}

impl Joined {
    /// A page of the rows that fit, sorted; rows that are equal stay in the order of the file. Results and Requests have
    /// all rows, also those that wait; Failures those that failed or have no answer.
    ///
    /// # Errors
    /// [`AppError::Storage`] when a file cannot be read.
    pub fn rows(&self, query: &BatchRowsQuery) -> Result<BatchRows, AppError> {
        self.page(query).map_err(storage)
    }

    /// The lines of the rows that fit, as many as are asked for, sorted.
    ///
    /// # Errors
    /// [`AppError::Storage`] when a file cannot be read.
    pub fn lines(&self, query: &BatchRowsQuery) -> Result<BatchLines, AppError> {
        let found = self.found(query).map_err(storage)?;
        let rows = || part(&found, query.from, query.count).iter().map(|at| &self.rows[*at as usize]);
        Ok(BatchLines {
            lines: rows().map(|row| row.line).collect(),
            failed: rows().filter(|row| self.is_in(BatchTab::Failures, row)).map(|row| row.line).collect(),
        })
    }

    fn page(&self, query: &BatchRowsQuery) -> io::Result<BatchRows> {
        let found = self.found(query)?;
        let mut files = self.files()?;
        let mut rows = Vec::new();
        for at in part(&found, query.from, query.count.min(MOST_ROWS)) {
            rows.push(self.read_row(&mut files, *at as usize)?.short());
        }
        let count = |state| self.rows.iter().filter(|row| self.state(row) == state).count() as u64;
        let failed = count(BatchRowState::Failed);
        Ok(BatchRows {
            rows,
            total: found.len() as u64,
            results: count(BatchRowState::Done) + failed,
            failures: failed + count(BatchRowState::Missing),
            requests: self.rows.len() as u64,
            columns: self.columns().to_vec(),
            strays: self.strays(),
        })
    }

    /// The rows of a query. Those of the last one are kept, because a list asks for page after page.
    fn found(&self, query: &BatchRowsQuery) -> io::Result<Arc<Vec<u32>>> {
        let asked = BatchRowsQuery { from: 0, count: 0, ..query.clone() };
        if let Some(order) = lock(&self.order).as_ref().filter(|order| order.query == asked) {
            return Ok(Arc::clone(&order.rows));
        }
        let wanted = query.text.trim().to_lowercase();
        let mut rows = match self.found_before(query.tab, &wanted) {
            Some(rows) => rows,
            None => (0..self.rows.len() as u32).filter(|at| self.is_in(query.tab, &self.rows[*at as usize])).collect(),
        };
        if !wanted.is_empty() {
            rows = self.holding(rows, &wanted)?;
        }
        self.sort(&mut rows, query.sort, query.descending)?;
        let rows = Arc::new(rows);
        *lock(&self.order) = Some(Order { query: asked, rows: Arc::clone(&rows) });
        Ok(rows)
    }

    /// The rows of the last query, in the order of the file, where those of this one can only be among them: each letter
    /// that is typed leaves fewer.
    fn found_before(&self, tab: BatchTab, wanted: &str) -> Option<Vec<u32>> {
        let order = lock(&self.order);
        let order = order.as_ref().filter(|order| order.query.tab == tab)?;
        let before = order.query.text.trim().to_lowercase();
        if before.is_empty() || !wanted.contains(&before) {
            return None;
        }
        let mut rows = order.rows.to_vec();
        rows.sort_unstable();
        Some(rows)
    }

    fn is_in(&self, tab: BatchTab, row: &Row) -> bool {
        match tab {
            BatchTab::Results | BatchTab::Requests => true,
            BatchTab::Failures => matches!(self.state(row), BatchRowState::Failed | BatchRowState::Missing),
        }
    }

    fn holding(&self, rows: Vec<u32>, wanted: &str) -> io::Result<Vec<u32>> {
        let mut files = self.files()?;
        let mut found = Vec::new();
        for at in rows {
            let row = &self.rows[at as usize];
            let holds = contains(self.id(row), wanted) || {
                let request = files.request_line(row)?;
                let response = files.response_line(row)?;
                let cells = self.cells(&mut files, at as usize)?;
                cells.iter().any(|cell| contains(cell, wanted))
                    || may_hold(&request, wanted) && input_holds(&request, wanted)
                    || response.is_some_and(|response| may_hold(&response, wanted))
                        && contains(&self.read_row(&mut files, at as usize)?.words, wanted)
            };
            if holds {
                found.push(at);
            }
        }
        Ok(found)
    }

    fn sort(&self, rows: &mut [u32], by: BatchColumn, descending: bool) -> io::Result<()> {
        let row = |at: u32| &self.rows[at as usize];
        let ordered = |order: Ordering| if descending { order.reverse() } else { order };
        // What has no value stands at the end, whichever way it is sorted.
        let by_value = |of: &dyn Fn(&Row) -> Option<u64>, a: u32, b: u32| match (of(row(a)), of(row(b))) {
            (Some(a), Some(b)) => ordered(a.cmp(&b)),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        match by {
            BatchColumn::Line if descending => rows.reverse(),
            BatchColumn::Line => {}
            BatchColumn::CustomId => rows.sort_by(|a, b| ordered(self.id(row(*a)).cmp(self.id(row(*b))))),
            BatchColumn::Status => {
                let rank =
                    |row: &Row| Some(u64::from(self.rank(row)) << 16 | u64::from(row.answer?.status.unwrap_or(0)));
                rows.sort_by(|a, b| by_value(&|row: &Row| rank(row).or(Some(u64::from(self.rank(row)) << 16)), *a, *b));
            }
            BatchColumn::Tokens => rows.sort_by(|a, b| by_value(&|row: &Row| row.answer?.tokens_out, *a, *b)),
            BatchColumn::Milliseconds => {
                rows.sort_by(|a, b| by_value(&|row: &Row| row.answer?.milliseconds, *a, *b));
            }
            BatchColumn::Result => {
                let results = self.results()?;
                let result =
                    |at: u32| results.get(at as usize).map(|result| &**result).filter(|result| !result.is_empty());
                rows.sort_by(|a, b| match (result(*a), result(*b)) {
                    (Some(a), Some(b)) => ordered(a.cmp(b)),
                    (a, b) => b.is_some().cmp(&a.is_some()),
                });
            }
        }
        Ok(())
    }

    fn rank(&self, row: &Row) -> u8 {
        match self.state(row) {
            BatchRowState::Done => 0,
            BatchRowState::Failed => 1,
            BatchRowState::Missing => 2,
            BatchRowState::Waiting => 3,
        }
    }

    /// The beginnings of all answers in small letters, read once.
    fn results(&self) -> io::Result<Arc<Vec<Box<str>>>> {
        if let Some(results) = lock(&self.results).as_ref() {
            return Ok(Arc::clone(results));
        }
        let mut files = self.files()?;
        let mut results = Vec::with_capacity(self.rows.len());
        for at in 0..self.rows.len() {
            let FullRow { words, .. } = self.read_row(&mut files, at)?;
            let begins: String = words.trim_start().chars().take(SORTED_BY).collect();
            results.push(begins.to_lowercase().into_boxed_str());
        }
        let results = Arc::new(results);
        *lock(&self.results) = Some(Arc::clone(&results));
        Ok(results)
    }
}

fn part(rows: &[u32], from: u64, count: u64) -> &[u32] {
    let place = |at: u64| usize::try_from(at).map_or(rows.len(), |at| at.min(rows.len()));
    &rows[place(from)..place(from.saturating_add(count))]
}

fn contains(text: &str, wanted: &str) -> bool {
    text.to_lowercase().contains(wanted)
}

/// Passes over most lines without taking them apart: a text that has no escapes stands in its JSON as it is.
fn may_hold(json: &str, wanted: &str) -> bool {
    wanted.contains(['"', '\\', '/'])
        || wanted.contains(char::is_control)
        || json.contains("\\u")
        || contains(json, wanted)
}

/// Whether what a request gives its model holds the text.
fn input_holds(request: &str, wanted: &str) -> bool {
    let [body] = picked(request, ["body"]);
    let Some(body) = body else { return false };
    let given = picked(body.get(), ["messages", "input", "prompt", "args"]);
    given
        .into_iter()
        .flatten()
        .any(|given| serde_json::from_str(given.get()).is_ok_and(|given| value_holds(&given, wanted)))
}

fn value_holds(value: &Value, wanted: &str) -> bool {
    match value {
        Value::String(text) => contains(text, wanted),
        Value::Array(items) => items.iter().any(|item| value_holds(item, wanted)),
        Value::Object(members) => {
            let is_text = |name: &str| !matches!(name, "role" | "type");
            members.iter().any(|(name, value)| is_text(name) && value_holds(value, wanted))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
