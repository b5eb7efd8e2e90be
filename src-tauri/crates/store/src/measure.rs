//! What finding a call costs among very many, against a plain scan with LIKE over the same texts.
//!
//! Only built for whoever asks for the feature `measure`; nothing of the app uses it.

mod folder;
mod plain;
mod queries;
mod seed;
mod words;

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use juxta_wire::outcome::Outcome;
use juxta_wire::run::{Cell, CellState};
use juxta_wire::search::{SearchPage, SearchQuery};
use serde_json::{Map, Value, json};

use crate::Store;
use plain::Plain;
use queries::{FILTERS, queries};
use words::Words;

type Failure = Box<dyn Error>;

/// Rows of a page.
const PAGE: u32 = 50;
/// Queries that take longer than this are named, milliseconds.
const LONG: f64 = 10.0;

/// Makes `folder` a data folder of so many runs when it is new (100,000 take a few minutes and three gigabytes), waits
/// until its index is as it is while the app stands idle, and measures. Called again on the same folder it only
/// measures. `tell` hears how far that is.
pub fn search(folder: &Path, runs: u64, mut tell: impl FnMut(&str)) -> Result<Value, Failure> {
    let words = Words::new();
    if !folder.join("juxta.sqlite").exists() {
        folder::seed(folder, runs, &words, &mut tell)?;
    }
    folder::settle(folder, &mut tell)?;
    let plain = Plain::open(folder)?;
    let began = Instant::now();
    let store = Store::open(folder)?;
    let opened = milliseconds(began);
    let measured = Measured { store, runs: plain.texts()? };
    let began = Instant::now();
    let first = measured.page("")?;
    let first_page = milliseconds(began);
    if first.rows.len() != PAGE as usize {
        return Err(format!("{} holds fewer calls than a page shows", folder.display()).into());
    }

    let mut report = Map::new();
    report.insert("runs".into(), json!(measured.runs));
    report.insert("openMs".into(), json!(round(opened)));
    report.insert("firstPageMs".into(), json!(round(first_page)));
    report.insert("timesAre".into(), json!("the best of three"));
    let about_like = "a plain scan of prompts and answers only, which reads the same columns of each row that it finds \
                      and cuts a piece around the match; slower counts queries that take longer than it and than 1 ms";
    report.insert("likeIs".into(), json!(about_like));
    report.insert("searches".into(), measured.searches(&plain, &words, &mut tell)?);
    tell("counts");
    report.insert("facets".into(), measured.facets(&words)?);
    tell("commits");
    report.insert("commit".into(), measured.commits(&words, 500)?);
    report.insert("peakMemoryMb".into(), json!(peak_memory_mb()));
    drop(measured);
    report.insert("size".into(), folder::sizes(folder)?);
    Ok(Value::Object(report))
}

struct Measured {
    store: Store,
    runs: u64,
}

impl Measured {
    fn page(&self, text: &str) -> Result<SearchPage, Failure> {
        let query = SearchQuery { text: text.to_owned(), limit: PAGE, ..SearchQuery::default() };
        let page = self.store.search(&query, seed::moment(self.runs))?;
        match page.problems.first() {
            None => Ok(page),
            Some(problem) => Err(format!("{text}: {}", problem.message).into()),
        }
    }

    fn timed(&self, text: &str, tell: &mut impl FnMut(&str)) -> Result<f64, Failure> {
        let (page, took) = best(|| self.page(text))?;
        if took > LONG {
            tell(&format!("{took:.1} ms: {text}, {} rows", page.rows.len()));
        }
        Ok(took)
    }

    fn searches(&self, plain: &Plain, words: &Words, tell: &mut impl FnMut(&str)) -> Result<Value, Failure> {
        let mut report = Map::new();
        for (kind, queries) in queries(words) {
            tell(kind);
            let (mut alone, mut filtered, mut scans, mut slower) = (Vec::new(), Vec::new(), Vec::new(), 0);
            for (number, (text, pattern)) in queries.iter().enumerate() {
                let took = self.timed(text, tell)?;
                alone.push(took);
                for filter in FILTERS.iter().skip(1) {
                    filtered.push(self.timed(&format!("{filter}{text}"), tell)?);
                }
                // A scan takes long: every fourth.
                if number % 4 == 0 {
                    let (_, scan) = best(|| plain.page(pattern, PAGE))?;
                    slower += u32::from(took > scan.max(1.0));
                    scans.push(scan);
                }
            }
            let like = spread(&mut scans);
            let (alone, filtered) = (spread(&mut alone), spread(&mut filtered));
            let report_of_kind =
                json!({ "alone": alone, "withFilter": filtered, "like": like, "slowerThanLike": slower });
            report.insert(kind.to_owned(), report_of_kind);
        }
        let mut only = Vec::new();
        for filter in FILTERS {
            for _ in 0..10 {
                only.push(self.timed(filter, tell)?);
            }
        }
        report.insert("filterOnly".into(), spread(&mut only));
        Ok(Value::Object(report))
    }

    fn facets(&self, words: &Words) -> Result<Value, Failure> {
        let mut report = Map::new();
        for (name, text) in [
            ("empty", ""),
            ("commonWord", &words.words[0]),
            ("rareWord", &words.words[20_000]),
            ("model", "model:openai/gpt-4o"),
        ] {
            let once = || best(|| Ok(self.store.search_facets(text, 60, seed::moment(self.runs))?));
            let mut times = (0..10).map(|_| Ok(once()?.1)).collect::<Result<Vec<f64>, Failure>>()?;
            report.insert(name.to_owned(), spread(&mut times));
        }
        Ok(Value::Object(report))
    }

    /// Calls as they happen: a run is inserted, its call is sent and ends, and each of the three is on disk.
    fn commits(&self, words: &Words, count: u64) -> Result<Value, Failure> {
        let (mut inserts, mut sends, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        let mut ids = Vec::new();
        for number in 0..count {
            let (imported, _) = seed::run(self.runs + number, words);
            let mut run = imported.run;
            let over = run.cells[0].clone();
            run.cells[0] = Cell { state: CellState::Queued, outcome: Outcome::default(), head: None, ..over.clone() };
            let began = Instant::now();
            self.store.insert_run(&run)?;
            inserts.push(milliseconds(began));
            run.cells[0].state = CellState::Waiting;
            let body = over.request.as_ref().map_or(b"".as_slice(), |sent| sent.body.as_bytes());
            let began = Instant::now();
            let writer = self.store.begin_cell(&run.cells[0], b"", body)?;
            sends.push(milliseconds(began));
            writer.finish()?;
            let began = Instant::now();
            self.store.save_cell(&over)?;
            ends.push(milliseconds(began));
            ids.push(run.summary.id);
        }
        // As it was found.
        self.store.delete_runs(&ids)?;
        Ok(json!({ "insert": spread(&mut inserts), "send": spread(&mut sends), "end": spread(&mut ends) }))
    }
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn round(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

/// The shortest of three times: the others are longer because something else ran on this computer.
fn best<T>(work: impl Fn() -> Result<T, Failure>) -> Result<(T, f64), Failure> {
    let once = || -> Result<(T, f64), Failure> {
        let began = Instant::now();
        let done = work()?;
        Ok((done, milliseconds(began)))
    };
    let (mut done, mut took) = once()?;
    for _ in 0..2 {
        let (again, time) = once()?;
        (done, took) = (again, took.min(time));
    }
    Ok((done, took))
}

fn spread(times: &mut [f64]) -> Value {
    times.sort_by(f64::total_cmp);
    let at =
        |share: f64| times.get(((times.len().max(1) - 1) as f64 * share).round() as usize).map(|time| round(*time));
    json!({ "n": times.len(), "p50Ms": at(0.5), "p99Ms": at(0.99), "maxMs": at(1.0) })
}

/// From `/proc`, where there is one.
fn peak_memory_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_and_the_plain_scan_look_at_the_same_history() {
        let folder = tempfile::tempdir().unwrap();
        let words = Words::new();
        let mut told = Vec::new();
        folder::seed(folder.path(), 60, &words, &mut |line: &str| told.push(line.to_owned())).unwrap();
        assert!(told.last().unwrap().starts_with("60 runs"), "{told:?}");
        folder::settle(folder.path(), &mut |_: &str| ()).unwrap();

        let plain = Plain::open(folder.path()).unwrap();
        let measured = Measured { store: Store::open(folder.path()).unwrap(), runs: plain.texts().unwrap() };
        assert_eq!(measured.runs, 60);
        // Long enough to be in no other text of a call.
        for word in words.words.iter().filter(|word| word.len() > 7).take(20) {
            let found = measured.page(&format!("{word} ")).unwrap().rows;
            let scanned = plain.page(&format!("%{word}%"), PAGE).unwrap();
            let scanned: Vec<&str> = scanned.iter().map(|(cell, ..)| cell.as_str()).collect();
            let mut rest = scanned.iter();
            assert!(found.iter().all(|row| rest.any(|cell| *cell == row.cell.0)), "{word}: newest first in both");
        }
        let commits = measured.commits(&words, 3).unwrap();
        assert_eq!(commits["end"]["n"], 3);
        drop(measured);
        let sizes = folder::sizes(folder.path()).unwrap();
        assert!(sizes["databaseToText"].as_f64() > Some(1.0), "{sizes}");
    }
}
