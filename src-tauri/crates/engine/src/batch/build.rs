//! The file of a batch, made of a prompt and its table, or of what failed in another batch. Both are written as they are
//! made; no more than a stretch of the table is in memory.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use juxta_client::json::{self, Kind};
use juxta_wire::dataset::DatasetRow;
use juxta_wire::draft::Dataset;
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::AppError;
use juxta_wire::ids::ConnectionId;
use juxta_wire::lane::{Comparison, Lane};
use juxta_wire::run::Slice;
use serde_json::Value;

use super::check::path_of;
use super::edit::without_members;
use super::join::Joined;
use super::mend::{NewFile, in_one_step};
use super::table::write_row;
use super::words::{counted, number};
use crate::Engine;
use crate::dataset::fill;
use crate::resolve::{filled_slice, variable_names};
use crate::run::{invalid, storage};

/// Rows of a table that are read at once.
const STRETCH: u64 = 256;
/// So many rows that are left out are told one by one.
const MOST_PROBLEMS: usize = 100;
/// What a queue has no use for.
const OF_STREAMS: [&str; 2] = ["stream", "stream_options"];
const LEFT_OUT: &str = "left-out.json";

/// A file that was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Built {
    pub lines: u64,
    /// What was left out of it, and why. They stand beside the file too, and are among the notes of every look at it.
    pub problems: Vec<String>,
}

/// Writes `input.jsonl` into `folder`, and `table.jsonl` where the prompt has a table: a line for each row and each unmuted
/// lane of `connection`, with the body that the lane would send, to the byte, except for asking for a stream. Lanes of
/// other connections, and rows whose variables have no value, are left out and told.
///
/// # Errors
/// [`AppError::Invalid`] when there is nothing to send, [`AppError::NotFound`] for the connection, [`AppError::Storage`]
/// when a file cannot be written.
pub fn prompt(
    engine: &Engine,
    comparison: &Comparison,
    connection: &ConnectionId,
    folder: &Path,
) -> Result<Built, AppError> {
    let dialect = engine.ready_connection(connection)?.dialect;
    let mut problems = Problems::default();
    let lanes = callers(comparison, connection, dialect, &mut problems);
    if lanes.is_empty() {
        let words = problems.first().unwrap_or("Every lane is muted: unmute one that a batch can call.");
        return Err(invalid("lanes", words));
    }
    let mut writer = Writer {
        input: NewFile::create(&folder.join("input.jsonl")).map_err(storage)?,
        table: None,
        lines: 0,
        problems,
        has_lanes: lanes.len() > 1,
    };
    match &comparison.draft.dataset {
        // Texts of vectors are data, in which no variable stands.
        Some(Dataset { path, off: false, .. })
            if lanes.iter().any(|caller| caller.lane.endpoint != EndpointKind::Embed) =>
        {
            let table = NewFile::create(&folder.join("table.jsonl")).map_err(storage)?;
            writer.table = Some(table);
            every_row(engine, comparison, path, &lanes, dialect, &mut writer)?;
        }
        _ => writer.row(comparison, 0, &[], &lanes, dialect)?,
    }
    writer.finish(folder)
}

/// Writes `input.jsonl` into `folder`, with the bytes of the requests that failed or have no answer, all or those of
/// `lines`, and `table.jsonl` with the values they were made of.
///
/// # Errors
/// [`AppError::Invalid`] when nothing of it failed, [`AppError::Storage`] when a file cannot be read or written.
pub fn failures(source: &Joined, lines: Option<&[u64]>, folder: &Path) -> Result<Built, AppError> {
    let mut failed = source.failures();
    failed.retain(|line| lines.is_none_or(|lines| lines.contains(line)));
    if failed.is_empty() {
        return Err(invalid("lines", "None of these rows failed, so there is nothing to try again"));
    }
    let lines = source.write_again(&failed, folder)?;
    Ok(Built { lines, problems: Vec::new() })
}

/// What was left out when `input` was made.
pub(crate) fn left_out(input: &Path) -> Vec<String> {
    let known = fs::read(input.with_file_name(LEFT_OUT)).ok();
    known.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// A lane that the batch calls.
struct Caller<'a> {
    lane: &'a Lane,
    letter: String,
    path: String,
    /// A body that was written by hand and is the same for every row.
    written: Option<String>,
}

fn callers<'a>(
    comparison: &'a Comparison,
    connection: &ConnectionId,
    dialect: Dialect,
    problems: &mut Problems,
) -> Vec<Caller<'a>> {
    let mut callers = Vec::new();
    for (index, lane) in comparison.lanes.iter().enumerate().filter(|(_, lane)| !lane.muted) {
        let letter = letters(index);
        match caller(lane, &letter, connection, dialect) {
            Ok(caller) => callers.push(caller),
            Err(why) => problems.add(|| format!("Lane {letter} is left out: {why}.")),
        }
    }
    callers
}

fn caller<'a>(
    lane: &'a Lane,
    letter: &str,
    connection: &ConnectionId,
    dialect: Dialect,
) -> Result<Caller<'a>, &'static str> {
    if lane.connection != *connection {
        return Err("it belongs to another connection, and a batch goes to one");
    }
    if lane.endpoint == EndpointKind::Transcribe {
        return Err("a transcription sends a file along, which a line cannot hold");
    }
    let path = path_of(dialect, lane.endpoint).ok_or("its connection has no such endpoint")?;
    let written = match &lane.raw_body {
        Some(text) => Some(sent(text).ok_or("its body is no JSON object")?),
        None => None,
    };
    Ok(Caller { lane, letter: letter.to_owned(), path, written })
}

/// A body as it goes into a line: without asking for a stream, and on one line.
fn sent(body: &str) -> Option<String> {
    let is_object = matches!(json::parse(body).ok()?.kind, Kind::Object(_));
    let body = without_members(body, "", &OF_STREAMS).filter(|_| is_object)?;
    Some(if body.contains(['\n', '\r']) { json::compact(&body) } else { body })
}

/// As the lanes are named on screen: A to Z, then AA.
pub(crate) fn letters(index: usize) -> String {
    let last = char::from(b'A' + (index % 26) as u8);
    match index / 26 {
        0 => last.to_string(),
        more => format!("{}{last}", letters(more - 1)),
    }
}

fn every_row(
    engine: &Engine,
    comparison: &Comparison,
    path: &str,
    lanes: &[Caller<'_>],
    dialect: Dialect,
    writer: &mut Writer,
) -> Result<(), AppError> {
    let mut filled = comparison.clone();
    let names: Vec<String> = lanes.iter().flat_map(|caller| variable_names(comparison, caller.lane)).collect();
    let mut from = 0;
    loop {
        let (columns, rows) = engine.whole_rows(path, from, STRETCH)?;
        if from == 0 {
            writer.columns(&columns)?;
        }
        if rows.is_empty() {
            return Ok(());
        }
        from += rows.len() as u64;
        for DatasetRow { row, line, cells, problem } in rows {
            if let Some(problem) = problem {
                let row = number(row + 1);
                writer.problems.add(|| format!("Row {row} is left out: in line {line}, {problem}."));
                continue;
            }
            fill(&mut filled, &names, &columns, &cells);
            let cells: Vec<String> = cells.into_iter().map(Option::unwrap_or_default).collect();
            writer.row(&filled, row, &cells, lanes, dialect)?;
        }
    }
}

struct Writer {
    input: NewFile,
    table: Option<NewFile>,
    lines: u64,
    problems: Problems,
    has_lanes: bool,
}

impl Writer {
    fn columns(&mut self, columns: &[String]) -> Result<(), AppError> {
        match &mut self.table {
            Some(table) => write_row(&mut table.writer, columns).map_err(storage),
            None => Ok(()),
        }
    }

    /// The lines of a row, one for each lane; for each slice of the texts where a lane sends those. `filled` has the
    /// values of the row.
    fn row(
        &mut self,
        filled: &Comparison,
        row: u64,
        cells: &[String],
        lanes: &[Caller<'_>],
        dialect: Dialect,
    ) -> Result<(), AppError> {
        for caller in lanes {
            let slices: Vec<Option<Slice>> = match caller.lane.endpoint {
                EndpointKind::Embed if caller.written.is_none() => {
                    let slices = filled.draft.slices();
                    slices.map(|(from, to)| Some(Slice { from: from as u32, to: to as u32 })).collect()
                }
                _ => vec![None],
            };
            for (at, slice) in slices.iter().enumerate() {
                let body = match &caller.written {
                    Some(body) => Ok(body.clone()),
                    None => body(filled, caller.lane, dialect, *slice),
                };
                let row = row + 1;
                let id = match slices.len() {
                    1 => format!("r{row}-{}", caller.letter),
                    _ => format!("r{row}-{}-{}", caller.letter, at + 1),
                };
                match body {
                    Ok(body) => self.line(&id, &caller.path, &body, cells).map_err(storage)?,
                    Err(error) => {
                        let of = if self.has_lanes { format!(", lane {}", caller.letter) } else { String::new() };
                        self.problems.add(|| format!("Row {}{of} is left out: {error}.", number(row)));
                    }
                }
            }
        }
        Ok(())
    }

    fn line(&mut self, id: &str, path: &str, body: &str, cells: &[String]) -> io::Result<()> {
        let (id, path) = (Value::from(id), Value::from(path));
        writeln!(self.input.writer, "{{\"custom_id\":{id},\"method\":\"POST\",\"url\":{path},\"body\":{body}}}")?;
        self.lines += 1;
        match &mut self.table {
            Some(table) => write_row(&mut table.writer, cells),
            None => Ok(()),
        }
    }

    fn finish(self, folder: &Path) -> Result<Built, AppError> {
        let problems = self.problems.told();
        if self.lines == 0 {
            return Err(invalid("dataset", problems.first().map_or("The table has no rows.", String::as_str)));
        }
        if !problems.is_empty() {
            let bytes = serde_json::to_vec(&problems).map_err(storage)?;
            in_one_step(&folder.join(LEFT_OUT), |file| file.write_all(&bytes)).map_err(storage)?;
        }
        if let Some(table) = self.table {
            table.finish().map_err(storage)?;
        }
        self.input.finish().map_err(storage)?;
        Ok(Built { lines: self.lines, problems })
    }
}

fn body(filled: &Comparison, lane: &Lane, dialect: Dialect, slice: Option<Slice>) -> Result<String, AppError> {
    let bytes = filled_slice(filled, lane, dialect, slice)?;
    sent(&String::from_utf8_lossy(&bytes)).ok_or_else(|| invalid("body", "the body is no JSON object"))
}

#[derive(Default)]
struct Problems {
    told: Vec<String>,
    more: u64,
}

impl Problems {
    fn add(&mut self, words: impl FnOnce() -> String) {
        match self.told.len() < MOST_PROBLEMS {
            true => self.told.push(words()),
            false => self.more += 1,
        }
    }

    fn first(&self) -> Option<&str> {
        self.told.first().map(String::as_str)
    }

    fn told(&self) -> Vec<String> {
        let more = (self.more > 0).then(|| format!("And {} more.", counted(self.more, "request", "requests")));
        self.told.iter().cloned().chain(more).collect()
    }
}

#[cfg(test)]
mod tests;
