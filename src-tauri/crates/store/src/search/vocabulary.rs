//! The terms of all calls in order: which of them begin with some letters, and which figures there are.
//!
//! The index has the same terms, but steps over one only by reading every call that has it.

use std::collections::BTreeSet;

use rusqlite::Connection;

use crate::error::{Doing, StoreError};
use crate::search::facts::SHORT;
use crate::search::terms::{is_single, terms};

/// Whether a term is kept here: shorter ones are never looked for by their beginning, because they are one.
pub fn has_place_for(term: &str) -> bool {
    term.chars().nth(SHORT).is_some() && !is_single(term)
}

/// What of a text is kept here.
pub fn of(text: &str) -> impl Iterator<Item = String> {
    terms(text).into_iter().filter(|term| has_place_for(term))
}

/// Each of `terms` that is new. They are best in order.
pub fn add<'a>(
    database: &Connection,
    doing: &'static str,
    terms: impl Iterator<Item = &'a str>,
) -> Result<(), StoreError> {
    let mut statement = database.prepare_cached("INSERT OR IGNORE INTO terms (term) VALUES (?1)").doing(doing)?;
    for term in terms {
        statement.execute([term]).doing(doing)?;
    }
    Ok(())
}

/// The terms that begin with `letters`, in order; `None` when they are more than `most`.
pub fn beginning_with(database: &Connection, letters: &str, most: usize) -> Result<Option<Vec<String>>, StoreError> {
    const DOING: &str = "search";
    // No term has the last character there is.
    let sql = "SELECT term FROM terms WHERE term >= ?1 AND term < ?1 || char(0x10ffff) LIMIT ?2";
    let mut statement = database.prepare_cached(sql).doing(DOING)?;
    let rows = statement.query_map((letters, most + 1), |row| row.get(0)).doing(DOING)?;
    let found = rows.collect::<Result<Vec<String>, _>>().doing(DOING)?;
    Ok((found.len() <= most).then_some(found))
}

/// Remembers terms of calls that are being removed, until [`forget_some`] has looked at them.
pub fn loosen(database: &Connection, doing: &'static str, terms: &BTreeSet<String>) -> Result<(), StoreError> {
    let mut statement = database.prepare_cached("INSERT OR IGNORE INTO loose_terms (term) VALUES (?1)").doing(doing)?;
    for term in terms {
        statement.execute([term]).doing(doing)?;
    }
    Ok(())
}

/// Takes out some of the terms that no call has any more; `false` when there were none to look at.
pub fn forget_some(database: &Connection, doing: &'static str) -> Result<bool, StoreError> {
    const AT_ONCE: u32 = 128;
    let mut statement = database.prepare_cached("SELECT term FROM loose_terms LIMIT ?1").doing(doing)?;
    let terms = statement.query_map([AT_ONCE], |row| row.get(0)).doing(doing)?;
    let terms = terms.collect::<Result<Vec<String>, _>>().doing(doing)?;
    let mut is_there = database.prepare_cached("SELECT 1 FROM words WHERE words MATCH ?1 LIMIT 1").doing(doing)?;
    let mut remove = database.prepare_cached("DELETE FROM terms WHERE term = ?1").doing(doing)?;
    let mut done = database.prepare_cached("DELETE FROM loose_terms WHERE term = ?1").doing(doing)?;
    let gone = terms.iter().map(|term| Ok(!is_there.exists([format!("\"{term}\"")]).doing(doing)?));
    let gone = gone.collect::<Result<Vec<bool>, StoreError>>()?;
    for (term, is_gone) in terms.iter().zip(gone) {
        if is_gone {
            remove.execute([term]).doing(doing)?;
        }
        done.execute([term]).doing(doing)?;
    }
    Ok(!terms.is_empty())
}
