//! The yardstick: texts in a table without an index, read from the newest to the oldest.

use std::path::Path;

use rusqlite::{Connection, Row, types as sqlite};

use crate::measure::Failure;

pub struct Plain(Connection);

/// As much of a call as a page of a search shows: its id, its columns, and the piece around the match.
pub type Scanned = (String, Vec<sqlite::Value>, String);

impl Plain {
    pub fn create(folder: &Path) -> Result<Self, Failure> {
        let plain = Connection::open(folder.join("plain.sqlite"))?;
        plain.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; \
             CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT NOT NULL)",
        )?;
        Ok(Self(plain))
    }

    /// Of a folder that is seeded.
    pub fn open(folder: &Path) -> Result<Self, Failure> {
        let plain = Connection::open(folder.join("plain.sqlite"))?;
        let history = folder.join("juxta.sqlite");
        plain.execute("ATTACH ?1 AS history", [history.to_string_lossy()])?;
        plain.execute_batch(
            "CREATE TABLE IF NOT EXISTS main.cells_of_texts (id INTEGER PRIMARY KEY, cell TEXT NOT NULL); \
             INSERT OR IGNORE INTO main.cells_of_texts SELECT row_number() OVER (ORDER BY place), cell \
             FROM history.calls ORDER BY place LIMIT (SELECT count(*) FROM main.texts)",
        )?;
        Ok(Self(plain))
    }

    /// Adds a group of texts, with the numbers of their runs.
    pub fn add(&self, texts: &[(u64, String)]) -> Result<(), Failure> {
        self.0.execute_batch("BEGIN")?;
        for (number, text) in texts {
            self.0.prepare_cached("INSERT INTO texts VALUES (?1, ?2)")?.execute((number + 1, text))?;
        }
        self.0.execute_batch("COMMIT")?;
        Ok(())
    }

    pub fn texts(&self) -> Result<u64, Failure> {
        Ok(self.0.query_row("SELECT count(*) FROM texts", [], |row| row.get(0))?)
    }

    pub fn bytes(&self) -> Result<i64, Failure> {
        Ok(self.0.query_row("SELECT sum(length(CAST(text AS BLOB))) FROM texts", [], |row| row.get(0))?)
    }

    /// A page of what matches, newest first.
    pub fn page(&self, pattern: &str, limit: u32) -> Result<Vec<Scanned>, Failure> {
        let found = pattern.trim_matches('%').split('%').next().unwrap_or_default().to_lowercase();
        let sql = "SELECT text, calls.cell, calls.started_at, calls.starred, calls.state, calls.status, \
                   calls.first_text, calls.visible, calls.cost, calls.currency, calls.endpoint, cells.run, \
                   cells.lane_index, cells.repeat, cells.model, runs.name, runs.lanes, \
                   (SELECT name FROM history.names WHERE id = calls.connection), coalesce(run_marks.note, '') \
                   FROM texts CROSS JOIN cells_of_texts ON cells_of_texts.id = texts.id \
                   CROSS JOIN history.calls ON calls.cell = cells_of_texts.cell \
                   CROSS JOIN history.cells ON cells.id = calls.cell CROSS JOIN history.runs ON runs.id = cells.run \
                   LEFT JOIN history.run_marks ON run_marks.run = runs.id \
                   WHERE text LIKE ?1 ORDER BY texts.id DESC LIMIT ?2";
        let read = |row: &Row<'_>| {
            let text: String = row.get(0)?;
            let columns = (2..19).map(|column| row.get(column)).collect::<Result<_, _>>()?;
            Ok((row.get(1)?, columns, piece(&text, &found)))
        };
        let mut statement = self.0.prepare_cached(sql)?;
        let rows = statement.query_map((pattern, limit), read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// 160 characters from a little before the match on.
fn piece(text: &str, found: &str) -> String {
    let at = text.to_lowercase().find(found).unwrap_or(0);
    let before = text.char_indices().take_while(|(place, _)| *place < at).count();
    text.chars().skip(before.saturating_sub(40)).take(160).collect()
}
