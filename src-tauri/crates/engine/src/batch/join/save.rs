//! Joined rows as a file for other programs.

mod html;

use std::io::{self, Write};
use std::path::Path;

use juxta_vectors::table::Kind;
use juxta_wire::batch::{BatchJob, BatchRowState};
use juxta_wire::error::AppError;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{FullRow, Joined};
use crate::batch::line::read_at;
use crate::batch::mend::{NewFile, in_one_step};
use crate::batch::table::write_row;
use crate::run::{invalid, storage};
use crate::sheet::{Field, Form, Sheet, columns};

/// Names that a line has beside the columns of the table.
const OWN: [&str; 3] = ["custom_id", "request", "response"];

impl Joined {
    /// Writes all rows, in the order of the file, and tells how many. With the endings `.csv` and `.parquet` one row has the
    /// values of its table and what a list shows, the whole text of the answer among it; with `.jsonl` one line has the
    /// values and both lines as they were sent and came; `.html` is a report that needs no other file.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for another ending, [`AppError::Storage`] when a file cannot be read or written.
    pub fn save(&self, job: &BatchJob, path: &Path) -> Result<u64, AppError> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        match ending.as_str() {
            "csv" => in_one_step(path, |file| self.write_sheet(Form::Csv, file)),
            "parquet" => in_one_step(path, |file| self.write_sheet(Form::Parquet, file)),
            "jsonl" | "ndjson" => in_one_step(path, |file| self.write_lines(file)),
            "html" | "htm" => in_one_step(path, |file| self.write_html(job, file)),
            _ => {
                let message = "Results are saved as .jsonl, .csv, .parquet or .html: end the name with one of them";
                return Err(invalid("path", message));
            }
        }
        .map_err(storage)?;
        Ok(self.rows.len() as u64)
    }

    /// Writes the requests of `lines`, which are in order, into the files of another batch, with the values they were made
    /// of.
    pub(crate) fn write_again(&self, lines: &[u64], folder: &Path) -> Result<u64, AppError> {
        let rows: Vec<usize> =
            lines.iter().filter_map(|line| self.rows.binary_search_by_key(line, |row| row.line).ok()).collect();
        if rows.iter().any(|at| self.rows[*at].request.is_none()) {
            let message = "The requests of this batch are not on this computer, so they cannot be sent again";
            return Err(invalid("batch", message));
        }
        let write = || {
            let mut files = self.files()?;
            let mut input = NewFile::create(&folder.join("input.jsonl"))?;
            let mut table = match &self.table {
                Some(table) => {
                    let mut file = NewFile::create(&folder.join("table.jsonl"))?;
                    write_row(&mut file.writer, &table.columns)?;
                    Some(file)
                }
                None => None,
            };
            for at in &rows {
                if let (Some(file), Some(place)) = (&mut files.request, self.rows[*at].request) {
                    input.writer.write_all(&read_at(file, place.start, place.length)?)?;
                    input.writer.write_all(b"\n")?;
                }
                if let Some(table) = &mut table {
                    write_row(&mut table.writer, &self.cells(&mut files, *at)?)?;
                }
            }
            table.map_or(Ok(()), NewFile::finish)?;
            input.finish()
        };
        write().map_err(storage)?;
        Ok(rows.len() as u64)
    }

    fn each(&self, mut write: impl FnMut(FullRow) -> io::Result<()>) -> io::Result<()> {
        let mut files = self.files()?;
        (0..self.rows.len()).try_for_each(|at| write(self.read_row(&mut files, at)?))
    }

    fn write_lines(&self, file: &mut impl Write) -> io::Result<()> {
        let name = |column: &String| match OWN.contains(&column.as_str()) {
            true => format!("input_{column}"),
            false => column.clone(),
        };
        let names: Vec<String> = self.columns().iter().map(name).collect();
        self.each(|row| {
            write!(file, "{{\"custom_id\":{}", Value::from(row.row.custom_id))?;
            for (name, cell) in names.iter().zip(row.row.cells) {
                write!(file, ",{}:{}", Value::from(name.as_str()), Value::from(cell))?;
            }
            let request = as_json((!row.request.is_empty()).then_some(row.request));
            writeln!(file, ",\"request\":{request},\"response\":{}}}", as_json(row.response))
        })
    }

    fn write_sheet(&self, form: Form, file: &mut (impl Write + Send)) -> io::Result<()> {
        let own = [
            ("state", Kind::Text),
            ("status", Kind::Whole),
            ("result", Kind::Text),
            ("tokens_out", Kind::Whole),
            ("milliseconds", Kind::Whole),
        ];
        let table = self.columns().iter().map(|name| (name.as_str(), Kind::Text));
        let names = [("custom_id", Kind::Text)].into_iter().chain(table).chain(own);
        let mut sheet = Sheet::new(form, &columns(names), file)?;
        self.each(|FullRow { row, words, .. }| {
            let own = [
                Field::text(state_word(row.state)),
                Field::count(row.status.map(u64::from)),
                Field::text(words),
                Field::count(row.tokens_out),
                Field::count(row.milliseconds),
            ];
            let fields = [row.custom_id].into_iter().chain(row.cells).map(Field::text);
            sheet.add(fields.chain(own).collect())
        })?;
        sheet.finish()
    }
}

fn state_word(state: BatchRowState) -> &'static str {
    match state {
        BatchRowState::Waiting => "waiting",
        BatchRowState::Done => "done",
        BatchRowState::Failed => "failed",
        BatchRowState::Missing => "missing",
    }
}

/// A line as the value it is, a text where it is none, `null` where there is none.
fn as_json(line: Option<String>) -> String {
    match line {
        None => "null".to_owned(),
        Some(line) => match serde_json::from_str::<&RawValue>(&line) {
            Ok(value) => value.get().to_owned(),
            Err(_) => Value::from(line).to_string(),
        },
    }
}
