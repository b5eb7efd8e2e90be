//! Requests and their answers, joined by `custom_id`. What is kept are places in the files and a few figures for each row,
//! so that fifty thousand open fast and stay small; texts are read when a row is shown, searched or saved.
//!
//! Answers may come in any order, twice, for nobody, broken or cut; of two the first counts, and everything odd is told.

mod answer;
mod rows;
mod save;

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use juxta_client::providers;
use juxta_wire::batch::{BatchMend, BatchRow, BatchRowDetail, BatchRowState};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::AppError;

use super::line::{Lines, read_at};
use super::mend;
use super::pick::{picked, text};
use super::table::Table;
use super::words::{counted, number};
use crate::not_found;
use crate::run::storage;
use rows::Order;

/// So many lines of results that have no row are told one by one.
const MOST_STRAYS: usize = 100;
/// Characters of an answer in a list of rows.
const LONGEST_RESULT: usize = 300;

const INPUT_FILES: [&str; 3] = ["request.jsonl", "mends.json", "table.jsonl"];
/// In the order in which they are read. Each may still be coming, under its name with `.part`.
const ANSWER_FILES: [&str; 2] = ["output.jsonl", "errors.jsonl"];
const PART: &str = ".part";

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    start: u64,
    length: u64,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    /// Of the file that was sent; of a batch whose requests are not here, the number of its answer.
    line: u64,
    request: Option<Place>,
    /// In `ids`.
    id: (usize, usize),
    answer: Option<AnswerRow>,
}

#[derive(Debug, Clone, Copy)]
struct AnswerRow {
    /// In `answers`.
    file: usize,
    place: Place,
    is_failed: bool,
    status: Option<u16>,
    tokens_out: Option<u64>,
    milliseconds: Option<u64>,
}

/// See the module.
#[derive(Debug)]
pub struct Joined {
    folder: PathBuf,
    stamp: Vec<Stamp>,
    is_over: bool,
    answers: Vec<PathBuf>,
    rows: Vec<Row>,
    /// All ids, one behind the other.
    ids: String,
    table: Option<Table>,
    /// The row of the table that each request was made of, where lines were left out.
    table_rows: Option<Vec<u32>>,
    strays: Vec<String>,
    more_strays: u64,
    order: Mutex<Option<Order>>,
    results: Mutex<Option<Arc<Vec<Box<str>>>>>,
}

/// What tells that a file was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp(Option<(u64, Option<SystemTime>)>);

impl Stamp {
    fn of(path: &Path) -> Self {
        let stamp = |metadata: Metadata| (metadata.len(), metadata.modified().ok());
        Self(std::fs::metadata(path).ok().map(stamp))
    }
}

fn stamps(folder: &Path) -> Vec<Stamp> {
    let parts = ANSWER_FILES.map(|name| format!("{name}{PART}"));
    let names = INPUT_FILES.into_iter().chain(ANSWER_FILES).chain(parts.iter().map(String::as_str));
    names.map(|name| Stamp::of(&folder.join(name))).collect()
}

impl Joined {
    /// Reads the files of a batch through. Of one that `is_over`, requests without an answer are missing; of another they
    /// wait.
    ///
    /// # Errors
    /// [`AppError::Storage`] when a file that is there cannot be read.
    pub fn open(folder: &Path, is_over: bool) -> Result<Self, AppError> {
        let mut joined = Self {
            folder: folder.to_owned(),
            // Before reading: what changes while it is read is read again.
            stamp: stamps(folder),
            is_over,
            answers: Vec::new(),
            rows: Vec::new(),
            ids: String::new(),
            table: Table::open(&folder.join("table.jsonl")).map_err(storage)?,
            table_rows: None,
            strays: Vec::new(),
            more_strays: 0,
            order: Mutex::default(),
            results: Mutex::default(),
        };
        let mut known = joined.read_requests().map_err(storage)?;
        joined.place_table()?;
        for name in ANSWER_FILES {
            let whole = folder.join(name);
            let part = folder.join(format!("{name}{PART}"));
            let (path, is_whole) = if whole.exists() { (whole, true) } else { (part, false) };
            joined.read_answers(name, path, is_whole, &mut known).map_err(storage)?;
        }
        joined.rows.shrink_to_fit();
        joined.ids.shrink_to_fit();
        Ok(joined)
    }

    /// Whether the files are those that were read, and the batch is as far.
    pub fn is_current(&self, is_over: bool) -> bool {
        self.is_over == is_over && self.stamp == stamps(&self.folder)
    }

    /// Places of the rows by their ids; empty ids are in no answer. Without a file of requests there are no rows yet.
    fn read_requests(&mut self) -> io::Result<HashMap<String, usize>> {
        let mut known = HashMap::new();
        let mut lines = match Lines::open(&self.folder.join("request.jsonl")) {
            Ok(lines) => lines,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(known),
            Err(error) => return Err(error),
        };
        while let Some(line) = lines.next_line()? {
            if line.is_blank() {
                continue;
            }
            let json = String::from_utf8_lossy(line.bytes);
            let [id] = picked(json.trim_start_matches('\u{FEFF}'), ["custom_id"]);
            let id = text(id).unwrap_or_default();
            let request = Some(Place { start: line.start, length: line.length });
            let number = line.number;
            known.entry(id.clone().into_owned()).or_insert(self.rows.len());
            self.add(number, request, &id);
        }
        Ok(known)
    }

    fn add(&mut self, line: u64, request: Option<Place>, id: &str) {
        let from = self.ids.len();
        self.ids.push_str(id);
        self.rows.push(Row { line, request, id: (from, self.ids.len()), answer: None });
    }

    /// Rows of the table stand for lines of the input, some of which may have been left out.
    fn place_table(&mut self) -> Result<(), AppError> {
        let Some(table) = &self.table else { return Ok(()) };
        let mends = mend::read(&self.folder.join("mends.json"))?;
        let is_sent = |row: &u32| mends.get(&(u64::from(*row) + 1)) != Some(&BatchMend::LeaveOut);
        let rows: Vec<u32> = (0..u32::try_from(table.rows()).unwrap_or(u32::MAX)).filter(is_sent).collect();
        // Values of another request would be worse than none.
        match rows.len() == self.rows.len() {
            true => self.table_rows = Some(rows),
            false => self.table = None,
        }
        Ok(())
    }

    fn read_answers(
        &mut self,
        name: &str,
        path: PathBuf,
        is_whole: bool,
        known: &mut HashMap<String, usize>,
    ) -> io::Result<()> {
        let mut lines = match Lines::open(&path) {
            Ok(lines) => lines,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let has_requests = self.folder.join("request.jsonl").exists();
        let file = self.answers.len();
        self.answers.push(path);
        while let Some(line) = lines.next_line()? {
            if line.is_blank() {
                continue;
            }
            let at = number(line.number);
            let json = std::str::from_utf8(line.bytes).ok().filter(|_| !line.is_too_long);
            let Some(answered) = json.and_then(|json| answer::read(json.trim_start_matches('\u{FEFF}'))) else {
                match line.end {
                    "" if is_whole => self.stray(format!("Line {at} of {name}, the last one, is cut off.")),
                    "" => {}
                    _ if line.is_too_long => self.stray(format!("Line {at} of {name} is too long to be read.")),
                    _ => self.stray(format!("Line {at} of {name} cannot be read.")),
                }
                continue;
            };
            let row = AnswerRow {
                file,
                place: Place { start: line.start, length: line.length },
                is_failed: answered.is_failed,
                status: answered.status,
                tokens_out: answered.tokens_out,
                milliseconds: answered.milliseconds,
            };
            let id = answered.id;
            match known.get(id.as_ref()).copied() {
                Some(at_row) if self.rows[at_row].answer.is_none() => self.rows[at_row].answer = Some(row),
                Some(_) => self.stray(format!("Line {at} of {name} answers {id} again; the first answer counts.")),
                None if has_requests => self.stray(format!("Line {at} of {name} answers {id}, which was not asked.")),
                None => {
                    let next = self.rows.len();
                    known.insert(id.clone().into_owned(), next);
                    self.add(next as u64 + 1, None, &id);
                    self.rows[next].answer = Some(row);
                }
            }
        }
        Ok(())
    }

    fn stray(&mut self, words: String) {
        match self.strays.len() < MOST_STRAYS {
            true => self.strays.push(words),
            false => self.more_strays += 1,
        }
    }

    fn strays(&self) -> Vec<String> {
        let more = (self.more_strays > 0).then(|| format!("And {} more.", counted(self.more_strays, "line", "lines")));
        self.strays.iter().cloned().chain(more).collect()
    }

    /// Names of the columns of the table that the requests were made of.
    pub fn columns(&self) -> &[String] {
        self.table.as_ref().map_or(&[], |table| &table.columns)
    }

    /// Lines of the requests that failed, or that have no answer though the batch is over.
    pub fn failures(&self) -> Vec<u64> {
        let is_failure = |row: &&Row| matches!(self.state(row), BatchRowState::Failed | BatchRowState::Missing);
        self.rows.iter().filter(is_failure).map(|row| row.line).collect()
    }

    /// One row to its bytes.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a line that is no request, [`AppError::Storage`] when a file cannot be read.
    pub fn detail(&self, line: u64) -> Result<BatchRowDetail, AppError> {
        let at = self.rows.binary_search_by_key(&line, |row| row.line).map_err(|_| not_found("The row"))?;
        let mut files = self.files().map_err(storage)?;
        let full = self.read_row(&mut files, at).map_err(storage)?;
        Ok(BatchRowDetail { row: full.short(), request: full.request, response: full.response, text: full.text })
    }

    fn state(&self, row: &Row) -> BatchRowState {
        match row.answer {
            Some(answer) if answer.is_failed => BatchRowState::Failed,
            Some(_) => BatchRowState::Done,
            None if self.is_over => BatchRowState::Missing,
            None => BatchRowState::Waiting,
        }
    }

    fn id(&self, row: &Row) -> &str {
        self.ids.get(row.id.0..row.id.1).unwrap_or_default()
    }

    fn files(&self) -> io::Result<Files> {
        let open = |name: &str| match File::open(self.folder.join(name)) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        };
        Ok(Files {
            request: open("request.jsonl")?,
            table: if self.table.is_some() { open("table.jsonl")? } else { None },
            answers: self.answers.iter().map(File::open).collect::<io::Result<_>>()?,
        })
    }

    fn cells(&self, files: &mut Files, at: usize) -> io::Result<Vec<String>> {
        let (Some(table), Some(file)) = (&self.table, &mut files.table) else { return Ok(Vec::new()) };
        match self.table_rows.as_ref().and_then(|rows| rows.get(at)) {
            Some(row) => table.cells(file, *row as usize),
            None => Ok(vec![String::new(); table.columns.len()]),
        }
    }

    fn read_row(&self, files: &mut Files, at: usize) -> io::Result<FullRow> {
        let row = &self.rows[at];
        let request = files.request_line(row)?;
        let response = files.response_line(row)?;
        let words = response.as_deref().and_then(answer::read).map(|answered| answered.words(called(&request)));
        let is_done = self.state(row) == BatchRowState::Done;
        Ok(FullRow {
            text: words.clone().filter(|_| is_done),
            words: words.unwrap_or_default(),
            row: BatchRow {
                line: row.line,
                custom_id: self.id(row).to_owned(),
                cells: self.cells(files, at)?,
                state: self.state(row),
                status: row.answer.and_then(|answer| answer.status),
                result: String::new(),
                tokens_out: row.answer.and_then(|answer| answer.tokens_out),
                milliseconds: row.answer.and_then(|answer| answer.milliseconds),
            },
            request,
            response,
        })
    }
}

/// What the request of a line calls.
fn called(request: &str) -> Option<(Dialect, EndpointKind)> {
    let [url] = picked(request, ["url"]);
    providers::endpoint_of(&text(url)?)
}

/// The files of a batch, open.
struct Files {
    request: Option<File>,
    table: Option<File>,
    answers: Vec<File>,
}

impl Files {
    fn request_line(&mut self, row: &Row) -> io::Result<String> {
        match (&mut self.request, row.request) {
            (Some(file), Some(place)) => line_at(file, place),
            _ => Ok(String::new()),
        }
    }

    fn response_line(&mut self, row: &Row) -> io::Result<Option<String>> {
        match row.answer {
            Some(answer) => self.answers.get_mut(answer.file).map(|file| line_at(file, answer.place)).transpose(),
            None => Ok(None),
        }
    }
}

fn line_at(file: &mut File, place: Place) -> io::Result<String> {
    let bytes = read_at(file, place.start, place.length)?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.trim_start_matches('\u{FEFF}').to_owned())
}

/// A row with everything that belongs to it.
struct FullRow {
    row: BatchRow,
    request: String,
    response: Option<String>,
    text: Option<String>,
    /// The text, or the provider's words about the failure.
    words: String,
}

impl FullRow {
    /// As a list shows it: the beginning of the answer, on one line.
    fn short(&self) -> BatchRow {
        let mut result: String = self.words.trim_start().chars().take(LONGEST_RESULT + 1).collect();
        if let Some((cut, _)) = result.char_indices().nth(LONGEST_RESULT) {
            result.truncate(cut);
            result.push('…');
        }
        let result = result.replace(char::is_control, " ").trim_end().to_owned();
        BatchRow { result, ..self.row.clone() }
    }
}

#[cfg(test)]
mod tests;
