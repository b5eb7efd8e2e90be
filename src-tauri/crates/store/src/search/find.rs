//! The walk over the calls that a plan may mean, newest first.

use rusqlite::{Connection, Row};

use crate::error::{Doing, StoreError};
use crate::search::plan::{Expression, Plan};

const DOING: &str = "search";

/// A row of `calls`.
#[derive(Debug, Clone)]
pub struct Call {
    pub place: i64,
    /// Unix milliseconds.
    pub started_at: i64,
    pub starred: bool,
    pub noted: bool,
    pub has: i64,
    pub model: i64,
    pub connection: i64,
    pub endpoint: String,
    pub state: String,
    pub status: Option<u16>,
    pub first_text: Option<f64>,
    pub cost: Option<f64>,
    pub output: Option<u64>,
}

impl Call {
    pub fn is_live(&self) -> bool {
        matches!(self.state.as_str(), "queued" | "waiting" | "streaming" | "retrying")
    }
}

const COLUMNS: &str = "calls.place, calls.started_at, calls.starred, calls.noted, calls.has, calls.model, \
     calls.connection, calls.endpoint, calls.state, calls.status, calls.first_text, calls.cost, calls.output";

fn read(row: &Row<'_>) -> rusqlite::Result<Call> {
    Ok(Call {
        place: row.get(0)?,
        started_at: row.get(1)?,
        starred: row.get(2)?,
        noted: row.get(3)?,
        has: row.get(4)?,
        model: row.get(5)?,
        connection: row.get(6)?,
        endpoint: row.get(7)?,
        state: row.get(8)?,
        status: row.get(9)?,
        first_text: row.get(10)?,
        cost: row.get(11)?,
        output: row.get(12)?,
    })
}

/// Calls `visit` with every call that `expression` names (or with all, when there is none) from the place before `before`
/// on, newest first, until that gives `false`. Filters are not checked yet. Calls that are not in the index come along
/// when no words are looked for.
pub fn walk(
    database: &Connection,
    plan: &Plan,
    expression: Option<&Expression>,
    before: i64,
    mut visit: impl FnMut(Call) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let drift = database
        .prepare_cached("SELECT drift FROM history")
        .doing(DOING)?
        .query_row([], |row| row.get(0))
        .doing(DOING)?;
    let (from, to) = plan.places(drift);
    let to = to.min(before);
    let Some(expression) = expression else {
        let sql =
            format!("SELECT {COLUMNS} FROM calls WHERE place >= ?1 AND place < ?2 AND deleted = 0 ORDER BY place DESC");
        let mut statement = database.prepare_cached(&sql).doing(DOING)?;
        let mut rows = statement.query([from, to]).doing(DOING)?;
        while let Some(row) = rows.next().doing(DOING)? {
            if !visit(read(row).doing(DOING)?)? {
                break;
            }
        }
        return Ok(());
    };

    let sql = format!(
        "SELECT {COLUMNS} FROM calls WHERE in_words <> 1 AND place >= ?1 AND place < ?2 AND deleted = 0 \
         ORDER BY place DESC"
    );
    let mut statement = database.prepare_cached(&sql).doing(DOING)?;
    let mut others = if plan.has_words() { None } else { Some(statement.query([from, to]).doing(DOING)?) };
    let mut next_other = || -> Result<Option<Call>, StoreError> {
        let Some(rows) = &mut others else { return Ok(None) };
        rows.next().doing(DOING)?.map(|row| read(row).doing(DOING)).transpose()
    };
    let mut other = next_other()?;

    // CROSS keeps the order of the loops: the index names the calls, and never the other way round.
    let sql = format!(
        "SELECT {COLUMNS} FROM words CROSS JOIN calls ON calls.place = -words.rowid \
         WHERE words MATCH ?1 AND words.rowid > ?2 AND words.rowid <= ?3 AND calls.deleted = 0 \
         ORDER BY words.rowid"
    );
    let mut statement = database.prepare_cached(&sql).doing(DOING)?;
    let mut rows = statement.query((&expression.text, to.saturating_neg(), from.saturating_neg())).doing(DOING)?;
    while let Some(row) = rows.next().doing(DOING)? {
        let call = read(row).doing(DOING)?;
        while let Some(newer) = other.take_if(|other| other.place > call.place) {
            if !visit(newer)? {
                return Ok(());
            }
            other = next_other()?;
        }
        if !visit(call)? {
            return Ok(());
        }
    }
    while let Some(older) = other {
        if !visit(older)? {
            return Ok(());
        }
        other = next_other()?;
    }
    Ok(())
}
