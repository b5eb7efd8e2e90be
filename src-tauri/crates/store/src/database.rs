//! Opening the database and bringing its schema up to date.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Row};

use crate::error::{Doing, StoreError};

/// One step for each schema version, from 0 (an empty file) up. A step that was released is never edited.
pub(crate) const MIGRATIONS: &[&str] = &[
    include_str!("schema/001-start.sql"),
    include_str!("schema/002-history.sql"),
    include_str!("schema/003-terms.sql"),
    include_str!("schema/004-prompts.sql"),
    include_str!("schema/005-steps.sql"),
    include_str!("schema/006-sections.sql"),
    include_str!("schema/007-batches.sql"),
    include_str!("schema/008-matrices.sql"),
    include_str!("schema/009-judgements.sql"),
    include_str!("schema/010-deleted-runs.sql"),
];

const DOING: &str = "open the database";

/// The one connection that writes.
pub(crate) fn open_for_writing(path: &Path) -> Result<Connection, StoreError> {
    let mut connection = Connection::open(path).doing(DOING)?;
    configure(&connection)?;
    // Before anything else touches the file: one of a newer version stays exactly as it is.
    refuse_newer(&connection, MIGRATIONS.len())?;
    keep_copy(&connection, path)?;
    shape(&connection)?;
    connection.pragma_update(None, "journal_mode", "WAL").doing(DOING)?;
    // In WAL mode NORMAL loses at most the last commits when the power fails, and none when only Juxta dies.
    connection.pragma_update(None, "synchronous", "NORMAL").doing(DOING)?;
    connection.pragma_update(None, "journal_size_limit", 16 << 20).doing(DOING)?;
    // Folding the log into the database waits for the medium: the writer lets another thread do it.
    connection.pragma_update(None, "wal_autocheckpoint", 0).doing(DOING)?;
    migrate(&mut connection, MIGRATIONS)?;
    reshape(&connection)?;
    Ok(connection)
}

/// Before a step changes what a person has, a copy as it was is put beside it: `juxta-1.sqlite` for version 1.
fn keep_copy(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    const DOING: &str = "keep a copy of the database before bringing it up to date";
    let found = version(connection)?;
    if found == 0 || found as usize == MIGRATIONS.len() {
        return Ok(());
    }
    let copy = path.with_file_name(format!("juxta-{found}.sqlite"));
    let unfinished = copy.with_extension("part");
    let failed = |path: &Path, source| StoreError::Body { doing: DOING, path: path.to_owned(), source };
    match std::fs::remove_file(&unfinished) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => return Err(failed(&unfinished, source)),
        _ => {}
    }
    let name = unfinished.to_string_lossy();
    connection.execute("VACUUM INTO ?1", [name.as_ref()]).doing(DOING)?;
    std::fs::rename(&unfinished, &copy).map_err(|source| failed(&copy, source))?;
    tracing::info!(copy = %copy.display(), "kept a copy of the database of the version before");
    Ok(())
}

/// Bytes. A call is a few rows of some kilobytes each; a page that holds two and a half of them is a fifth empty.
const PAGE_SIZE: u32 = 32 << 10;
/// Space that deleted runs leave is given back in steps.
const INCREMENTAL: u32 = 2;
/// KiB that a connection which reads keeps of the file: the lists of three common words, and the rows of a page that lie
/// far apart.
const READER_CACHE: i32 = 24 * 1024;

/// Only an empty file takes these.
fn shape(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "page_size", PAGE_SIZE).doing(DOING)?;
    connection.pragma_update(None, "auto_vacuum", INCREMENTAL).doing(DOING)
}

/// A file of the first version has another shape, and changes once, as a whole.
fn reshape(connection: &Connection) -> Result<(), StoreError> {
    const DOING: &str = "bring the database up to date";
    let mode: u32 = connection.pragma_query_value(None, "auto_vacuum", |row| row.get(0)).doing(DOING)?;
    if mode == INCREMENTAL {
        return Ok(());
    }
    // With a log beside it, a file keeps the size of its pages.
    connection.pragma_update(None, "journal_mode", "DELETE").doing(DOING)?;
    shape(connection)?;
    connection.execute_batch("VACUUM").doing(DOING)?;
    connection.pragma_update(None, "journal_mode", "WAL").doing(DOING)
}

/// Folds the log into the database as far as nobody reads from it, beside the connection that writes. `true` when the
/// log is long and more was written to it meanwhile, so that it cannot begin anew.
pub(crate) fn fold_log(connection: &Connection) -> Result<bool, StoreError> {
    const DOING: &str = "fold the log into the database";
    /// Pages: 64 MiB.
    const LONG: i64 = 2048;
    let sizes = |row: &Row<'_>| Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?));
    let (written, folded) = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], sizes).doing(DOING)?;
    // What came while it was being folded is not counted: ask again.
    let (now, _) = connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], sizes).doing(DOING)?;
    Ok(written.max(now) > LONG && folded < written.max(now))
}

/// Merges a little of the index; `true` when there is more to merge.
pub(crate) fn merge_words(connection: &Connection) -> bool {
    const PAGES: u32 = 16;
    let changes = || connection.prepare_cached("SELECT total_changes()")?.query_row([], |row| row.get::<_, i64>(0));
    let merged = changes().and_then(|before| {
        connection.prepare_cached("INSERT INTO words (words, rank) VALUES ('merge', ?1)")?.execute([PAGES])?;
        // The command itself counts as one.
        Ok(changes()? - before > 1)
    });
    merged.unwrap_or_else(|error| {
        tracing::warn!(%error, "the index is not merged; the next commit tries again");
        false
    })
}

pub(crate) fn open_for_folding(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).doing(DOING)?;
    configure(&connection)?;
    Ok(connection)
}

pub(crate) fn open_for_reading(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).doing(DOING)?;
    configure(&connection)?;
    // While somebody types, each search reads much of what the one before has read.
    connection.pragma_update(None, "cache_size", -READER_CACHE).doing(DOING)?;
    Ok(connection)
}

fn configure(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(Duration::from_secs(5)).doing(DOING)?;
    connection.pragma_update(None, "foreign_keys", true).doing(DOING)?;
    // Otherwise a statement is planned anew whenever other values are bound, which takes longer than to carry it out.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).doing(DOING)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn version(connection: &Connection) -> Result<u32, StoreError> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).doing(DOING)
}

fn refuse_newer(connection: &Connection, known: usize) -> Result<(), StoreError> {
    let found = version(connection)?;
    let known = known as u32;
    if found > known { Err(StoreError::NewerSchema { found, known }) } else { Ok(()) }
}

/// Applies the steps that are missing. Each is one transaction with its version number, so a kill leaves a whole step.
fn migrate(connection: &mut Connection, steps: &[&str]) -> Result<(), StoreError> {
    const DOING: &str = "bring the database up to date";
    for (done, step) in steps.iter().enumerate().skip(version(connection)? as usize) {
        let transaction = connection.transaction().doing(DOING)?;
        transaction.execute_batch(step).doing(DOING)?;
        transaction.pragma_update(None, "user_version", done as u32 + 1).doing(DOING)?;
        transaction.commit().doing(DOING)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_fails_leaves_the_version_before_it_and_all_of_its_data() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &["CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('kept');"]).unwrap();
        let broken = ["", "ALTER TABLE notes ADD COLUMN colour TEXT; DROP TABLE of_another_name;"];
        assert!(matches!(migrate(&mut connection, &broken), Err(StoreError::Database { .. })));

        assert_eq!(version(&connection).unwrap(), 1);
        let columns: Vec<String> = connection
            .prepare("SELECT name FROM pragma_table_info('notes')")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(columns, ["text"], "half of a step must not stay");
        assert_eq!(connection.query_row("SELECT text FROM notes", [], |row| row.get::<_, String>(0)).unwrap(), "kept");
    }

    #[test]
    fn only_steps_that_are_missing_run() {
        let mut connection = Connection::open_in_memory().unwrap();
        let first = "CREATE TABLE notes (text TEXT)";
        migrate(&mut connection, &[first]).unwrap();
        migrate(&mut connection, &[first, "ALTER TABLE notes ADD COLUMN colour TEXT"]).unwrap();
        assert_eq!(version(&connection).unwrap(), 2);
    }

    #[test]
    fn a_long_log_that_could_not_be_folded_to_its_end_is_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.sqlite");
        let writer = open_for_writing(&path).unwrap();
        writer.execute_batch("CREATE TABLE parts (bytes BLOB)").unwrap();
        let folding = open_for_folding(&path).unwrap();
        assert!(!fold_log(&folding).unwrap(), "it is short");

        let reader = open_for_reading(&path).unwrap();
        let moment = reader.unchecked_transaction().unwrap();
        let count = || moment.query_row("SELECT count(*) FROM parts", [], |row| row.get::<_, u32>(0)).unwrap();
        assert_eq!(count(), 0);
        for _ in 0..70 {
            writer.execute("INSERT INTO parts VALUES (zeroblob(1 << 20))", []).unwrap();
        }
        assert!(fold_log(&folding).unwrap(), "somebody reads what was before");
        assert_eq!(count(), 0);
        drop(moment);
        assert!(!fold_log(&writer).unwrap(), "all of it is in the database");
    }
}
