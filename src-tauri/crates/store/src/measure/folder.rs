//! The folder that is measured.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::measure::plain::Plain;
use crate::measure::words::Words;
use crate::measure::{Failure, round, seed};
use crate::{Import, Store};

/// Runs in one transaction.
const AT_ONCE: u64 = 250;

pub fn seed(folder: &Path, runs: u64, words: &Words, tell: &mut impl FnMut(&str)) -> Result<(), Failure> {
    let store = Store::open(folder)?;
    let plain = Plain::create(folder)?;
    let began = Instant::now();
    let groups = runs.div_ceil(AT_ONCE);
    for group in 0..groups {
        let mut import = Import::default();
        let mut texts = Vec::new();
        for number in group * AT_ONCE..((group + 1) * AT_ONCE).min(runs) {
            let (run, text) = seed::run(number, words);
            texts.push((number, text));
            import.runs.push(run);
        }
        plain.add(&texts)?;
        store.import(import)?;
        if group % 40 == 39 || group + 1 == groups {
            let done = ((group + 1) * AT_ONCE).min(runs);
            tell(&format!("{done} runs after {:.0} s", began.elapsed().as_secs_f64()));
        }
    }
    Ok(())
}

/// Opens the folder until everything is read in and the index is merged as far as it is while the app stands idle.
pub fn settle(folder: &Path, tell: &mut impl FnMut(&str)) -> Result<(), Failure> {
    let store = Store::open(folder)?;
    while store.remove_deleted(100)?.is_some() {}
    let (mut read_in, mut said) = (0, Instant::now());
    loop {
        let step = store.index_missing(AT_ONCE as u32)?;
        if step == 0 {
            break;
        }
        read_in += step;
        if said.elapsed() > Duration::from_secs(10) {
            tell(&format!("{read_in} earlier runs read in"));
            said = Instant::now();
        }
    }
    tell("waiting for the index to be merged");
    let watch = Connection::open(folder.join("juxta.sqlite"))?;
    let version = || watch.pragma_query_value(None, "data_version", |row| row.get::<_, i64>(0));
    let (mut last, mut quiet) = (version()?, 0);
    while quiet < 4 {
        thread::sleep(Duration::from_millis(500));
        let now = version()?;
        quiet = if now == last { quiet + 1 } else { 0 };
        last = now;
    }
    Ok(())
}

/// What the database takes for each byte of text in its tables, and for each byte that can be searched.
pub fn sizes(folder: &Path) -> Result<Value, Failure> {
    let database = Connection::open(folder.join("juxta.sqlite"))?;
    let number = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0));
    let text = number(
        "SELECT (SELECT sum(length(CAST(name AS BLOB)) + length(CAST(snapshot AS BLOB)) + 72) FROM runs) + \
         (SELECT sum(length(CAST(document AS BLOB)) + length(CAST(request AS BLOB)) + length(CAST(head AS BLOB)) + \
         length(CAST(outcome AS BLOB)) + coalesce(length(CAST(request_body AS BLOB)), 0) + 72) FROM cells) + \
         (SELECT sum(length(request_head) + length(request_body)) FROM exchanges)",
    )?;
    let words = number("SELECT sum(length(block)) FROM words_data")?;
    let parts = number("SELECT count(DISTINCT segid) FROM words_idx")?;
    let terms = number("SELECT count(*) FROM terms")?;
    let free = number("SELECT freelist_count * page_size FROM pragma_freelist_count(), pragma_page_size()")?;
    let searchable = Plain::open(folder)?.bytes()?;
    let file = std::fs::metadata(folder.join("juxta.sqlite"))?.len();
    let bodies = number("SELECT sum(bytes) FROM calls")?;
    let mb = |bytes: f64| (bytes / 1e6).round();
    Ok(json!({
        "databaseMb": mb(file as f64),
        "freeMb": mb(free as f64),
        "textMb": mb(text as f64),
        "databaseToText": round(file as f64 / text as f64),
        "promptsAndAnswersMb": mb(searchable as f64),
        "indexMb": mb(words as f64),
        "indexParts": parts,
        "terms": terms,
        "bodiesMb": mb(bodies as f64),
        "folderMb": mb(file as f64 + bodies as f64),
    }))
}
