//! What a person does to past runs, and what opening the folder owes to that.

use std::collections::{BTreeMap, BTreeSet};

use juxta_wire::ids::{CellId, RunId};
use juxta_wire::search::{Amount, Totals};
use rusqlite::Connection;

use crate::cells::read_cell;
use crate::documents::unix_milliseconds;
use crate::error::{Doing, StoreError};
use crate::matrix_spending::keep_amounts;
use crate::search::{Entry, vocabulary};
use crate::store::Store;

/// Pages given back to the system in one step; a page is 32 KiB.
const PAGES: u32 = 128;

impl Store {
    pub fn star_run(&self, run: &RunId, starred: bool) -> Result<(), StoreError> {
        const DOING: &str = "star the run";
        let sql = "INSERT INTO run_marks (run, starred) VALUES (?1, ?2) \
                   ON CONFLICT (run) DO UPDATE SET starred = excluded.starred";
        let run = run.clone();
        self.write(DOING, move |database| {
            must_exist(database, DOING, &run)?;
            database.prepare_cached(sql).doing(DOING)?.execute((run.as_str(), starred)).doing(DOING)?;
            index_run(database, DOING, &run)
        })
    }

    /// Replaces the note of a run; an empty one takes it away.
    pub fn note_run(&self, run: &RunId, note: &str) -> Result<(), StoreError> {
        const DOING: &str = "save the note";
        let sql = "INSERT INTO run_marks (run, note) VALUES (?1, ?2) \
                   ON CONFLICT (run) DO UPDATE SET note = excluded.note";
        let (run, note) = (run.clone(), note.to_owned());
        self.write(DOING, move |database| {
            must_exist(database, DOING, &run)?;
            let before: Vec<String> =
                column(database, DOING, "SELECT note FROM run_marks WHERE run = ?1", [run.as_str()])?;
            vocabulary::loosen(database, DOING, &before.iter().flat_map(|note| vocabulary::of(note)).collect())?;
            database.prepare_cached(sql).doing(DOING)?.execute((run.as_str(), note)).doing(DOING)?;
            index_run(database, DOING, &run)
        })
    }

    /// Takes runs out of every list. They can be brought back until the folder is opened the next time.
    pub fn delete_runs(&self, runs: &[RunId]) -> Result<(), StoreError> {
        self.set_deleted("delete the runs", runs, Some(unix_milliseconds().max(1)))
    }

    /// Brings back runs that were deleted since the folder was opened. One that is gone is passed over.
    pub fn undelete_runs(&self, runs: &[RunId]) -> Result<(), StoreError> {
        self.set_deleted("bring back the runs", runs, None)
    }

    fn set_deleted(&self, doing: &'static str, runs: &[RunId], at: Option<u64>) -> Result<(), StoreError> {
        let runs = runs.to_vec();
        self.write(doing, move |database| {
            for run in &runs {
                let sql = "INSERT INTO run_marks (run, deleted_at) SELECT id, ?2 FROM runs WHERE id = ?1 \
                           ON CONFLICT (run) DO UPDATE SET deleted_at = excluded.deleted_at \
                           WHERE deleted_at IS NOT 0";
                let changed = database.prepare_cached(sql).doing(doing)?.execute((run.as_str(), at)).doing(doing)?;
                if changed > 0 {
                    let sql = "UPDATE calls SET deleted = ?2 WHERE cell IN (SELECT id FROM cells WHERE run = ?1)";
                    database.prepare_cached(sql).doing(doing)?.execute((run.as_str(), at.is_some())).doing(doing)?;
                }
            }
            Ok(())
        })
    }

    /// Removes up to `most` of the runs that were deleted before the folder was opened, with the files of their answers;
    /// when there are none, forgets words that only they had, and then gives free space back to the system. Gives how many runs are left, and `None`
    /// once there is nothing more to do.
    pub fn remove_deleted(&self, most: u32) -> Result<Option<u64>, StoreError> {
        const DOING: &str = "remove deleted runs";
        // Nothing brings a run back whose mark is 0, so they can be read before they are removed.
        let (runs, cells, terms) = self.read(|database| {
            let runs: Vec<String> =
                column(database, DOING, "SELECT run FROM run_marks WHERE deleted_at = 0 LIMIT ?1", [most])?;
            let (mut cells, mut terms) = (Vec::new(), BTreeSet::new());
            for run in &runs {
                cells.extend(column::<String>(database, DOING, "SELECT id FROM cells WHERE run = ?1", [run])?);
            }
            for run in &runs {
                let sql = "SELECT name || ' ' || note FROM runs JOIN run_marks ON run = id WHERE id = ?1";
                for text in column::<String>(database, DOING, sql, [run])? {
                    terms.extend(vocabulary::of(&text));
                }
            }
            for cell in &cells {
                // One that cannot be read never came into the index.
                if let Ok(Some(cell)) = read_cell(database, &CellId(cell.clone())) {
                    terms.append(&mut Entry::of(&cell, 0).terms());
                }
            }
            Ok((runs, cells, terms))
        })?;
        let left = self.write(DOING, move |database| {
            vocabulary::loosen(database, DOING, &terms)?;
            keep_amounts(database, &runs)?;
            for run in &runs {
                database.prepare_cached("DELETE FROM runs WHERE id = ?1").doing(DOING)?.execute([run]).doing(DOING)?;
            }
            let left: u64 = database
                .prepare_cached("SELECT count(*) FROM run_marks WHERE deleted_at = 0")
                .doing(DOING)?
                .query_row([], |row| row.get(0))
                .doing(DOING)?;
            Ok((!runs.is_empty()).then_some(left))
        })?;
        // After the commit: a kill in between leaves files that nobody names, and never a call without its answer.
        for cell in cells {
            self.body_paths(&CellId(cell))?.remove()?;
        }
        if left.is_some() {
            return Ok(left);
        }
        if self.write(DOING, |database| vocabulary::forget_some(database, DOING))? {
            return Ok(Some(0));
        }
        self.write("give free space back", give_back)
    }

    /// Reads the texts of up to `most` calls into the index that a version without one has left. Gives how many it
    /// were; 0 when all are in.
    pub fn index_missing(&self, most: u32) -> Result<usize, StoreError> {
        const DOING: &str = "read in earlier calls";
        let missing: Vec<String> = self.read(|database| {
            // Those that are newest are looked for first.
            let sql = "SELECT cell FROM calls WHERE in_words <> 1 AND in_words = 0 \
                       AND state NOT IN ('queued', 'waiting', 'streaming', 'retrying') ORDER BY place DESC LIMIT ?1";
            column(database, DOING, sql, [most])
        })?;
        let entries = missing.iter().map(|id| {
            let id = CellId(id.clone());
            let bytes = self.body_paths(&id)?.size();
            match self.cell(&id) {
                Ok(Some(cell)) => Ok(Some(Entry::of(&cell, bytes))),
                Ok(None) => Ok(None),
                // It stays findable by its columns; whoever opens it is told.
                Err(error @ StoreError::Document { .. }) => {
                    tracing::warn!(%error, cell = %id, "a damaged call cannot be read into the index");
                    Ok(None)
                }
                Err(error) => Err(error),
            }
        });
        let entries = entries.collect::<Result<Vec<Option<Entry>>, StoreError>>()?;
        let found = missing.len();
        self.write(DOING, move |database| {
            for (id, _) in missing.iter().zip(&entries).filter(|(_, entry)| entry.is_none()) {
                let sql = "UPDATE calls SET in_words = 2 WHERE cell = ?1";
                database.prepare_cached(sql).doing(DOING)?.execute([id]).doing(DOING)?;
            }
            Entry::write_all(entries.iter().flatten(), database, DOING)
        })?;
        Ok(found)
    }

    /// What calls since `since`, Unix milliseconds, used. Only calls that are over have figures.
    pub fn totals(&self, since: u64) -> Result<Totals, StoreError> {
        const DOING: &str = "add up the calls";
        self.read(|database| {
            let sql = "SELECT currency, count(*), sum(tokens), sum(cost), sum(cost IS NULL AND tokens > 0) \
                       FROM calls WHERE started_at >= ?1 AND deleted = 0 GROUP BY currency";
            let mut statement = database.prepare_cached(sql).doing(DOING)?;
            let mut rows = statement.query([since]).doing(DOING)?;
            let mut totals = Totals::default();
            let mut costs: BTreeMap<String, f64> = BTreeMap::new();
            while let Some(row) = rows.next().doing(DOING)? {
                let currency: Option<String> = row.get(0).doing(DOING)?;
                totals.calls += row.get::<_, u64>(1).doing(DOING)?;
                totals.tokens += row.get::<_, u64>(2).doing(DOING)?;
                totals.unpriced += row.get::<_, u64>(4).doing(DOING)?;
                if let (Some(currency), Some(cost)) = (currency, row.get::<_, Option<f64>>(3).doing(DOING)?) {
                    *costs.entry(currency).or_default() += cost;
                }
            }
            totals.costs = costs.into_iter().map(|(currency, amount)| Amount { currency, amount }).collect();
            Ok(totals)
        })
    }
}

/// `None` once there is nothing to give.
fn give_back(database: &Connection) -> Result<Option<u64>, StoreError> {
    const DOING: &str = "give free space back";
    let free = || -> Result<u32, StoreError> {
        database.pragma_query_value(None, "freelist_count", |row| row.get(0)).doing(DOING)
    };
    let before = free()?;
    if before == 0 {
        return Ok(None);
    }
    let mut step = database.prepare(&format!("PRAGMA incremental_vacuum({PAGES})")).doing(DOING)?;
    let mut rows = step.query([]).doing(DOING)?;
    while rows.next().doing(DOING)?.is_some() {}
    let after = free()?;
    Ok((0 < after && after < before).then_some(0))
}

fn must_exist(database: &Connection, doing: &'static str, run: &RunId) -> Result<(), StoreError> {
    let found = database
        .prepare_cached("SELECT 1 FROM runs WHERE id = ?1")
        .doing(doing)?
        .exists([run.as_str()])
        .doing(doing)?;
    if found { Ok(()) } else { Err(StoreError::NotFound { what: "the run" }) }
}

/// Writes the search rows of a run's calls anew, because something that all of them show has changed.
fn index_run(database: &Connection, doing: &'static str, run: &RunId) -> Result<(), StoreError> {
    let sql = "SELECT calls.cell, calls.bytes FROM calls JOIN cells ON cells.id = calls.cell \
               WHERE cells.run = ?1 AND calls.in_words = 1";
    let mut statement = database.prepare_cached(sql).doing(doing)?;
    let rows = statement.query_map([run.as_str()], |row| Ok((CellId(row.get(0)?), row.get(1)?))).doing(doing)?;
    let mut entries = Vec::new();
    for (id, bytes) in rows.collect::<Result<Vec<(CellId, u64)>, _>>().doing(doing)? {
        entries.extend(read_cell(database, &id)?.map(|cell| Entry::of(&cell, bytes)));
    }
    // Those that are live get their row when they end; until then their columns say it.
    let sql = "UPDATE calls SET (starred, noted) = (SELECT starred, note <> '' FROM run_marks WHERE run = ?1) \
               WHERE in_words <> 1 AND cell IN (SELECT id FROM cells WHERE run = ?1)";
    database.prepare_cached(sql).doing(doing)?.execute([run.as_str()]).doing(doing)?;
    Entry::write_all(entries.iter(), database, doing)
}

fn column<T: rusqlite::types::FromSql>(
    database: &Connection,
    doing: &'static str,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<T>, StoreError> {
    let mut statement = database.prepare_cached(sql).doing(doing)?;
    let rows = statement.query_map(parameters, |row| row.get(0)).doing(doing)?;
    rows.collect::<Result<_, _>>().doing(doing)
}
