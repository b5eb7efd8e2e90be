//! Where a call stands in the history.

use rusqlite::{Connection, OptionalExtension};

use crate::cells::Columns;
use crate::error::{Doing, StoreError};

/// Milliseconds. Places that lie close together make the lists of the index short.
pub(crate) const MINUTE: u64 = 60_000;

/// Adds new cells of a run that began at `started_at`, Unix milliseconds, so that newest first shows lane A on top.
pub(crate) fn add(
    database: &Connection,
    doing: &'static str,
    started_at: u64,
    cells: &[Columns],
) -> Result<(), StoreError> {
    let minute = i64::try_from(started_at / MINUTE).unwrap_or(i64::MAX / 2);
    let (first, last): (i64, i64) = database
        .prepare_cached("SELECT first, last FROM history")
        .doing(doing)?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .doing(doing)?;
    let is_among_taken = (first..=last).contains(&minute);
    let first = if is_among_taken { first } else { minute };
    let mut place = if is_among_taken { last + 1 } else { minute };
    for cell in cells.iter().rev() {
        place = free(database, doing, place)?;
        let sql = "INSERT INTO calls (place, started_at, model, connection, endpoint, state, cell) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let row = (
            place,
            started_at,
            name(database, doing, "model", &cell.model)?,
            name(database, doing, "connection", &cell.connection_name)?,
            cell.endpoint.name(),
            cell.state,
            cell.id.as_str(),
        );
        database.prepare_cached(sql).doing(doing)?.execute(row).doing(doing)?;
        place += 1;
    }
    let sql = "UPDATE history SET drift = max(drift, ?1), first = ?2, last = ?3";
    database.prepare_cached(sql).doing(doing)?.execute([place - 1 - minute, first, place - 1]).doing(doing)?;
    Ok(())
}

fn free(database: &Connection, doing: &'static str, from: i64) -> Result<i64, StoreError> {
    let mut statement = database.prepare_cached("SELECT 1 FROM calls WHERE place = ?1").doing(doing)?;
    let mut place = from;
    while statement.exists([place]).doing(doing)? {
        place += 1;
    }
    Ok(place)
}

/// The number of a model's or a connection's name.
pub(crate) fn name(
    database: &Connection,
    doing: &'static str,
    kind: &'static str,
    name: &str,
) -> Result<i64, StoreError> {
    let known = database
        .prepare_cached("SELECT id FROM names WHERE kind = ?1 AND name = ?2")
        .doing(doing)?
        .query_row((kind, name), |row| row.get(0))
        .optional()
        .doing(doing)?;
    if let Some(id) = known {
        return Ok(id);
    }
    database
        .prepare_cached("INSERT INTO names (kind, name) VALUES (?1, ?2)")
        .doing(doing)?
        .execute((kind, name))
        .doing(doing)?;
    Ok(database.last_insert_rowid())
}
