//! Runs that become rows of a table, to be run again as tests.
//!
//! A table is copied, the row is put behind it, and the copy takes its place in one step once it was read through and is
//! what the table was with one row more. Every byte that was there stays.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use juxta_wire::dataset::{AddedRow, DatasetForm, TestRow, TestValue};
use juxta_wire::draft::Dataset;
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::run::Run;
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use super::records::Cut;
use super::table::{Table, cut_of};
use super::{file_name, refused, words};
use crate::checks::answer::Answer;
use crate::export::file::safe_name;
use crate::run::feed::lock;
use crate::template::{self, Value};
use crate::{Engine, checks, not_found, resolve};

/// What a table is called until it is whole.
const UNFINISHED: &str = ".part";
/// From so many bytes it is seen how lines end.
const HEAD: u64 = 64 << 10;

impl Engine {
    /// What a run would be as a row of a table: see [`Engine::add_test_row`].
    ///
    /// # Errors
    /// When there is no such answer.
    pub fn test_row(&self, cell: &CellId) -> Result<TestRow, AppError> {
        let run = self.run(&self.cell(cell)?.cell.run)?;
        let cell = run.cells.iter().find(|known| known.id == *cell).ok_or_else(|| not_found("The answer"))?;
        let answer = Answer::of(vec![cell]).map(|answer| answer.text).unwrap_or_default();
        let lane = run.snapshot.lanes.iter().find(|lane| lane.id == cell.lane);
        let (mut names, variables) = match lane {
            Some(lane) => (resolve::variable_names(&run.snapshot, lane), resolve::variables(&run.snapshot.draft, lane)),
            None => (Vec::new(), run.snapshot.draft.variables.clone()),
        };
        names.extend(checks::variable_names(&run.snapshot.draft));
        let mut values: Vec<TestValue> = Vec::new();
        for variable in &variables {
            let is_known = values.iter().any(|value| value.name == variable.name);
            if names.contains(&variable.name) && !is_known {
                let value = match template::value(variable) {
                    Value::Fits { text, .. } => text.to_owned(),
                    Value::Missing | Value::Unfit { .. } => variable.value.clone(),
                };
                values.push(TestValue { name: variable.name.clone(), value });
            }
        }
        Ok(TestRow { path: suggested_path(&run), values, answer })
    }

    /// Puts a row behind a table, or makes the file. Values are told by the names of their columns; columns that have none
    /// stay empty.
    ///
    /// # Errors
    /// [`AppError::Invalid`] of `dataset` when the table has no such column, cannot be read or cannot be written. It is then
    /// as it was.
    pub fn add_test_row(&self, path: &str, values: &[TestValue]) -> Result<AddedRow, AppError> {
        let file = self.dataset_file(path)?;
        // A link stays one: what it leads to is written.
        let file = fs::canonicalize(&file).unwrap_or(file);
        let _ours = lock(&self.tables().writing);
        let length = match fs::metadata(&file) {
            Ok(metadata) if metadata.is_dir() => return Err(refused(format!("{} is a folder.", file.display()))),
            Ok(metadata) => Some(metadata.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(unwritten(&file, &error)),
        };
        let (addition, rows) = match length {
            None | Some(0) => (beginning(&file, values)?, 0),
            Some(_) => self.addition(&file, values)?,
        };
        let before = length.unwrap_or_default();
        let unfinished = unfinished(&file)?;
        let written = write_behind(&file, &unfinished, before, addition.as_bytes())
            .map_err(|error| unwritten(&file, &error))
            .and_then(|()| is_the_same_with(&unfinished, &file, rows, values))
            .and_then(|()| settle(&unfinished, &file).map_err(|error| unwritten(&file, &error)));
        if let Err(error) = written {
            // Nothing else is known by this name.
            fs::remove_file(&unfinished).or_else(ignore_absent).unwrap_or_else(|left| {
                tracing::warn!(%left, "an unfinished table stays behind");
            });
            return Err(error);
        }
        Ok(AddedRow {
            path: self.kept_path(&file),
            file: file.display().to_string(),
            row: rows,
            is_new: length.is_none(),
            before,
            after: before + addition.len() as u64,
            digest: digest(addition.as_bytes()),
        })
    }

    /// Makes a table what it was before a row was added.
    ///
    /// # Errors
    /// When the file was changed since: it stays as it is.
    pub fn take_back_test_row(&self, added: &AddedRow) -> Result<(), AppError> {
        let file = PathBuf::from(&added.file);
        let _ours = lock(&self.tables().writing);
        let is_ours = ends_with(&file, added).map_err(|error| unwritten(&file, &error))?;
        if !is_ours {
            let name = file_name(&added.file);
            return Err(refused(format!("{name} was changed since, so it stays as it is. Take the row out by hand.")));
        }
        let taken = if added.is_new {
            fs::remove_file(&file)
        } else {
            let unfinished = unfinished(&file)?;
            write_behind(&file, &unfinished, added.before, b"").and_then(|()| settle(&unfinished, &file))
        };
        taken.map_err(|error| unwritten(&file, &error))
    }

    /// A row in the form of the table, and how many rows there are already.
    fn addition(&self, file: &Path, values: &[TestValue]) -> Result<(String, u64), AppError> {
        let table = Table::open(file).map_err(|problem| refused(words(file, &problem)))?;
        if let Some(bad) = &table.first_bad {
            let problem = bad.problem.clone().unwrap_or_default();
            let name = file_name(&file.to_string_lossy());
            return Err(refused(format!("{name} has a row that cannot be read. In line {}, {problem}.", bad.line)));
        }
        let (end, is_closed) = line_end(file).map_err(|error| unwritten(file, &error))?;
        let row = match table.form() {
            DatasetForm::JsonLines => object(values),
            DatasetForm::Csv { separator } => {
                let lacks: Vec<&str> = values
                    .iter()
                    .filter(|value| !table.columns.contains(&value.name))
                    .map(|value| value.name.as_str())
                    .collect();
                if !lacks.is_empty() {
                    return Err(refused(lacking(file, &lacks, &table.columns)));
                }
                let mut cells = vec![""; table.columns.len()];
                for value in values {
                    // The first of two columns with one name fills its variable.
                    if let Some(at) = table.columns.iter().position(|column| *column == value.name) {
                        cells[at] = &value.value;
                    }
                }
                row_of(cells, &separator)
            }
        };
        let gap = if is_closed { "" } else { end };
        Ok((format!("{gap}{row}{end}"), table.rows))
    }
}

fn suggested_path(run: &Run) -> String {
    match &run.snapshot.draft.dataset {
        Some(Dataset { path, .. }) if !path.trim().is_empty() => path.clone(),
        _ => {
            let (stem, ending) = safe_name(format!("{} tests.csv", run.summary.name).trim_start());
            stem + &ending
        }
    }
}

fn lacking(file: &Path, lacks: &[&str], columns: &[String]) -> String {
    let (name, columns) = (file_name(&file.to_string_lossy()), columns.join(", "));
    let (lacks, them) = (lacks.join(", "), if lacks.len() == 1 { "it" } else { "them" });
    format!("{name} has no column for {lacks}. Its columns are {columns}. Leave {them} out, or write into a new file.")
}

/// A file that begins: of CSV with the names of its columns.
fn beginning(file: &Path, values: &[TestValue]) -> Result<String, AppError> {
    let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let separator = match ending.as_str() {
        "jsonl" | "ndjson" => return Ok(object(values) + "\n"),
        "csv" => ",",
        "tsv" | "tab" => "\t",
        _ => return Err(refused("A new table is a .csv or a .jsonl file: give it such a name.".to_owned())),
    };
    let head = row_of(values.iter().map(|value| value.name.as_str()), separator);
    let row = row_of(values.iter().map(|value| value.value.as_str()), separator);
    Ok(format!("{head}\n{row}\n"))
}

fn object(values: &[TestValue]) -> String {
    let members: Map<String, Json> =
        values.iter().map(|value| (value.name.clone(), Json::from(value.value.as_str()))).collect();
    Json::from(members).to_string()
}

/// By RFC 4180.
fn row_of<'a>(cells: impl IntoIterator<Item = &'a str>, separator: &str) -> String {
    let quoted = |cell: &str| {
        let is_bare = !cell.contains(['"', '\r', '\n', '\u{FEFF}']) && !cell.contains(separator) && cell.trim() == cell;
        if is_bare { cell.to_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
    };
    let row = cells.into_iter().map(quoted).collect::<Vec<_>>().join(separator);
    // A line with nothing on it is no row.
    if row.is_empty() { "\"\"".to_owned() } else { row }
}

/// How the lines of a file end, and whether the last one does.
fn line_end(file: &Path) -> io::Result<(&'static str, bool)> {
    let mut file = File::open(file)?;
    let mut head = Vec::new();
    io::Read::by_ref(&mut file).take(HEAD).read_to_end(&mut head)?;
    let end = match head.iter().position(|byte| *byte == b'\n') {
        Some(at) if at > 0 && head[at - 1] == b'\r' => "\r\n",
        Some(_) => "\n",
        None if head.contains(&b'\r') => "\r",
        None => "\n",
    };
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok((end, matches!(last[0], b'\n' | b'\r')))
}

fn unfinished(file: &Path) -> Result<PathBuf, AppError> {
    let name = file.file_name().ok_or_else(|| refused("Type the name of a file.".to_owned()))?;
    Ok(file.with_file_name(format!(".{}{UNFINISHED}", name.to_string_lossy())))
}

/// Writes the first bytes of `file` and `addition` into `to`, and waits until they are on the medium.
fn write_behind(file: &Path, to: &Path, bytes: u64, addition: &[u8]) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    // A copy has the rights that the file has.
    match fs::copy(file, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut copy = OpenOptions::new().write(true).create(true).truncate(false).open(to)?;
    copy.set_len(bytes)?;
    copy.seek(SeekFrom::End(0))?;
    copy.write_all(addition)?;
    copy.sync_all()
}

fn settle(unfinished: &Path, file: &Path) -> io::Result<()> {
    fs::rename(unfinished, file)?;
    #[cfg(unix)]
    if let Some(folder) = file.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn ignore_absent(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

/// Reads the written table as it will be read, so that a row which would not come back is not kept.
fn is_the_same_with(written: &Path, file: &Path, rows: u64, values: &[TestValue]) -> Result<(), AppError> {
    let spoilt = || {
        let name = file_name(&file.to_string_lossy());
        refused(format!(
            "{name} could not be read any more with this row, so it stays as it is. Write into a new file."
        ))
    };
    let mut head = Vec::new();
    let begun = File::open(written).and_then(|begun| begun.take(HEAD).read_to_end(&mut head));
    begun.map_err(|error| unwritten(file, &error))?;
    let mark = "\u{FEFF}".as_bytes();
    let cut: Cut = cut_of(file, head.strip_prefix(mark).unwrap_or(&head)).map_err(|_| spoilt())?;
    let table = Table::open_cut(written, cut).map_err(|_| spoilt())?;
    let row = table.read(rows, 1).map_err(|_| spoilt())?.pop().ok_or_else(spoilt)?;
    let came_back = values.iter().all(|value| {
        let at = table.columns.iter().position(|column| *column == value.name);
        at.and_then(|at| row.cells.get(at)).and_then(Option::as_ref) == Some(&value.value)
    });
    if table.rows == rows + 1 && came_back { Ok(()) } else { Err(spoilt()) }
}

fn ends_with(file: &Path, added: &AddedRow) -> io::Result<bool> {
    let mut file = match File::open(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        file => file?,
    };
    if file.metadata()?.len() != added.after {
        return Ok(false);
    }
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(added.before))?;
    file.read_to_end(&mut tail)?;
    Ok(digest(&tail) == added.digest)
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unwritten(file: &Path, error: &io::Error) -> AppError {
    refused(format!("{} cannot be written: {error}.", file.display()))
}
