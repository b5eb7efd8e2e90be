//! A table on disk. It is read through once when it is opened, which leaves its columns, the number of its rows and the
//! place of every 64th; a row is read from the place before it.

use std::collections::HashSet;
use std::fs::{File, Metadata};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use juxta_wire::dataset::{DatasetForm, DatasetRow, FoundRows};

use super::records::{Cut, Record, Records};
use super::{cells, separator};

/// Rows between two places that are kept.
const STRIDE: u64 = 64;
/// Members of objects beyond this many are no columns.
const MOST_COLUMNS: usize = 2000;
/// Some programs begin a file of UTF-8 with it.
const MARK: &[u8] = "\u{FEFF}".as_bytes();
/// From so many bytes the separator is guessed.
const HEAD: u64 = 64 << 10;

/// What tells that a file was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { bytes: metadata.len(), modified: metadata.modified().ok() }
    }
}

#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    stamp: Stamp,
    cut: Cut,
    pub columns: Vec<String>,
    pub rows: u64,
    /// Byte and line of rows 0, 64, 128 …
    places: Vec<(u64, u64)>,
    pub bad: u64,
    pub first_bad: Option<DatasetRow>,
}

/// Why a table cannot be read.
#[derive(Debug)]
pub enum Unreadable {
    Io(io::Error),
    /// In words: what is wrong with it and what to do.
    Form(String),
    /// It is not the file any more that was opened.
    Changed,
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Unreadable::Io(error)
    }
}

impl Table {
    pub fn open(path: &Path) -> Result<Self, Unreadable> {
        let mut file = File::open(path)?;
        if file.metadata()?.is_dir() {
            return Err(Unreadable::Form("it is a folder: choose a file".to_owned()));
        }
        let mut head = Vec::new();
        file.by_ref().take(HEAD).read_to_end(&mut head)?;
        if head.starts_with(&[0xFF, 0xFE]) || head.starts_with(&[0xFE, 0xFF]) {
            return Err(Unreadable::Form("it is UTF-16: save it as UTF-8".to_owned()));
        }
        let cut = cut_of(path, head.strip_prefix(MARK).unwrap_or(&head))?;
        Self::open_cut(path, cut)
    }

    pub(super) fn open_cut(path: &Path, cut: Cut) -> Result<Self, Unreadable> {
        let mut file = File::open(path)?;
        let stamp = Stamp::of(&file.metadata()?);
        let mut first = Vec::new();
        file.by_ref().take(MARK.len() as u64).read_to_end(&mut first)?;
        let start = if first == MARK { MARK.len() as u64 } else { 0 };
        file.seek(SeekFrom::Start(start))?;
        let records = Records::new(BufReader::with_capacity(256 << 10, file), cut, start, 1);
        let mut table = Self {
            path: path.to_owned(),
            stamp,
            cut,
            columns: Vec::new(),
            rows: 0,
            places: Vec::new(),
            bad: 0,
            first_bad: None,
        };
        table.index(records)?;
        Ok(table)
    }

    /// Whether the file is as it was when it was opened.
    pub fn is_current(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|metadata| Stamp::of(&metadata) == self.stamp)
    }

    pub fn bytes(&self) -> u64 {
        self.stamp.bytes
    }

    pub fn form(&self) -> DatasetForm {
        match self.cut {
            Cut::Csv(separator) => DatasetForm::Csv { separator: char::from(separator).to_string() },
            Cut::Lines => DatasetForm::JsonLines,
        }
    }

    fn index(&mut self, mut records: Records<BufReader<File>>) -> Result<(), Unreadable> {
        if let Cut::Csv(separator) = self.cut {
            self.columns = head_of(&mut records, separator)?;
        }
        let mut known: HashSet<String> = HashSet::new();
        while let Some(record) = records.next_record()? {
            if self.rows.is_multiple_of(STRIDE) {
                self.places.push((record.start, record.line));
            }
            let checked = match self.cut {
                Cut::Csv(_) => cells::check_row(&record, records.bytes(), self.columns.len()),
                Cut::Lines => cells::names_of_object(&record, records.bytes(), &mut |name| {
                    if known.len() < MOST_COLUMNS && !known.contains(name) {
                        known.insert(name.to_owned());
                        self.columns.push(name.to_owned());
                    }
                }),
            };
            if let Err(problem) = checked {
                self.bad += 1;
                self.first_bad.get_or_insert_with(|| bad_row(self.rows, &record, problem));
            }
            self.rows += 1;
        }
        Ok(())
    }

    /// Reads rows, as many as there are of `count`.
    pub fn read(&self, from: u64, count: u64) -> Result<Vec<DatasetRow>, Unreadable> {
        let Some(mut records) = self.records_from(from)? else { return Ok(Vec::new()) };
        for _ in 0..from % STRIDE {
            records.next_record()?;
        }
        let mut rows = Vec::new();
        for row in from..self.rows.min(from.saturating_add(count)) {
            let Some(record) = records.next_record()? else { break };
            rows.push(self.row(row, &record, records.bytes()));
        }
        Ok(rows)
    }

    /// Rows that hold `text` in a value, upper or lower case, at most `most` of them.
    pub fn find(&self, text: &str, most: usize) -> Result<FoundRows, Unreadable> {
        let wanted = text.to_lowercase();
        let mut found = FoundRows::default();
        let Some(mut records) = self.records_from(0)? else { return Ok(found) };
        let mut row = 0;
        while let Some(record) = records.next_record()? {
            if self.may_hold(records.bytes(), &wanted) {
                let cells = self.row(row, &record, records.bytes()).cells;
                if cells.iter().flatten().any(|cell| cell.to_lowercase().contains(&wanted)) {
                    if found.rows.len() == most {
                        found.more = true;
                        break;
                    }
                    found.rows.push(row);
                }
            }
            row += 1;
        }
        Ok(found)
    }

    /// Passes over most records without taking them apart.
    fn may_hold(&self, bytes: &[u8], wanted: &str) -> bool {
        let is_escaped = match self.cut {
            Cut::Csv(_) => wanted.contains('"'),
            Cut::Lines => memchr::memchr(b'\\', bytes).is_some(),
        };
        is_escaped || std::str::from_utf8(bytes).is_ok_and(|text| text.to_lowercase().contains(wanted))
    }

    fn records_from(&self, row: u64) -> Result<Option<Records<BufReader<File>>>, Unreadable> {
        let place = usize::try_from(row / STRIDE).ok().and_then(|at| self.places.get(at));
        let Some((byte, line)) = place.filter(|_| row < self.rows) else { return Ok(None) };
        let mut file = File::open(&self.path)?;
        if Stamp::of(&file.metadata()?) != self.stamp {
            return Err(Unreadable::Changed);
        }
        file.seek(SeekFrom::Start(*byte))?;
        Ok(Some(Records::new(BufReader::with_capacity(64 << 10, file), self.cut, *byte, *line)))
    }

    fn row(&self, row: u64, record: &Record, bytes: &[u8]) -> DatasetRow {
        let cells = match self.cut {
            Cut::Csv(separator) => cells::of_whole_row(record, bytes, separator, self.columns.len())
                .map(|cells| cells.into_iter().map(Some).collect()),
            Cut::Lines => cells::of_object(record, bytes, &self.columns),
        };
        match cells {
            Ok(cells) => DatasetRow { row, line: record.line, cells, problem: None },
            Err(problem) => bad_row(row, record, problem),
        }
    }
}

fn bad_row(row: u64, record: &Record, problem: String) -> DatasetRow {
    DatasetRow { row, line: record.line, cells: Vec::new(), problem: Some(problem) }
}

/// Names stand in the first row; what stands around them is not meant.
fn head_of(records: &mut Records<BufReader<File>>, separator: u8) -> Result<Vec<String>, Unreadable> {
    let wrong =
        |problem: String| Unreadable::Form(format!("its first row, which names the columns, is wrong: {problem}"));
    let Some(head) = records.next_record()? else {
        return Err(Unreadable::Form("it is empty: the first row names the columns".to_owned()));
    };
    let names = cells::of_whole_row(&head, records.bytes(), separator, head.fields).map_err(wrong)?;
    Ok(names.into_iter().map(|name| name.trim().to_owned()).collect())
}

/// By the ending of the file's name, else by how it begins.
pub(super) fn cut_of(path: &Path, head: &[u8]) -> Result<Cut, Unreadable> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let first = head.trim_ascii_start().first();
    match ending.as_str() {
        "jsonl" | "ndjson" => Ok(Cut::Lines),
        "csv" | "tsv" | "tab" => Ok(Cut::Csv(separator::of(head))),
        _ if first == Some(&b'{') => Ok(Cut::Lines),
        "json" => {
            let message = "it is no table: save it with one JSON object on each line, or as CSV";
            Err(Unreadable::Form(message.to_owned()))
        }
        _ => Ok(Cut::Csv(separator::of(head))),
    }
}
