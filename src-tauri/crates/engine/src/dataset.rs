//! Tables whose rows fill variables: CSV files, and files with a JSON object on each line.
//!
//! A draft names the file and a row. Only what is sent or looked at reads it ([`Engine::with_row`]); a run keeps the
//! values that it was sent with, so that it stays true when the file changes.

mod cells;
mod records;
mod separator;
mod table;
mod test_rows;

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex};

use juxta_wire::dataset::{DatasetInfo, DatasetRow, FoundRows};
use juxta_wire::draft::{Dataset, Variable};
use juxta_wire::error::AppError;
use juxta_wire::lane::{Comparison, Lane};

use crate::Engine;
use crate::resolve::variable_names;
use crate::run::feed::lock;
use crate::run::invalid;
use table::{Table, Unreadable};

/// So many tables are kept open.
const KEPT: usize = 4;
/// So many rows that were searched for are told at once.
const MOST_FOUND: usize = 10_000;
/// So many characters of a value stand in a list of rows.
const LONGEST_IN_LIST: usize = 300;
/// A file that changes all the time is read so often.
const TRIES: usize = 3;

#[derive(Default)]
pub(crate) struct Tables {
    /// Those that were read through, the one used last at the end.
    read: Mutex<Vec<(PathBuf, Arc<Table>)>>,
    /// Held while a table is written.
    writing: Mutex<()>,
}

impl Tables {
    fn open(&self, path: &Path) -> Result<Arc<Table>, Unreadable> {
        let mut tables = lock(&self.read);
        let known = tables.iter().position(|(known, _)| known == path).map(|at| tables.remove(at).1);
        let table = match known.filter(|table| table.is_current()) {
            Some(table) => table,
            None => Arc::new(Table::open(path)?),
        };
        tables.push((path.to_owned(), Arc::clone(&table)));
        if tables.len() > KEPT {
            tables.remove(0);
        }
        Ok(table)
    }
}

impl Engine {
    /// What a table has. The first time it is read through, which takes about a second for a million rows.
    ///
    /// # Errors
    /// [`AppError::Invalid`] of `dataset`, with what is wrong with the file, as for everything else here.
    pub fn open_dataset(&self, path: &str) -> Result<DatasetInfo, AppError> {
        let file = self.dataset_file(path)?;
        self.with_table(path, |table| {
            Ok(DatasetInfo {
                path: self.kept_path(&file),
                file: file.display().to_string(),
                form: table.form(),
                columns: table.columns.clone(),
                rows: table.rows,
                bytes: table.bytes(),
                bad: table.bad,
                first_bad: table.first_bad.clone(),
            })
        })
    }

    /// Rows for a list: long values are cut.
    pub fn dataset_rows(&self, path: &str, from: u64, count: u64) -> Result<Vec<DatasetRow>, AppError> {
        let mut rows = self.with_table(path, |table| table.read(from, count.min(1000)))?;
        for cell in rows.iter_mut().flat_map(|row| &mut row.cells).flatten() {
            if let Some((end, _)) = cell.char_indices().nth(LONGEST_IN_LIST) {
                cell.truncate(end);
                cell.push('…');
            }
        }
        Ok(rows)
    }

    /// A row with its whole values.
    pub fn dataset_row(&self, path: &str, row: u64) -> Result<DatasetRow, AppError> {
        let (rows, found) = self.with_table(path, |table| Ok((table.rows, table.read(row, 1)?)))?;
        let name = file_name(path);
        found.into_iter().next().ok_or_else(|| {
            refused(match rows {
                0 => format!("{name} has no rows."),
                1 => format!("{name} has 1 row, and row {} is chosen. Choose another.", row.saturating_add(1)),
                rows => format!("{name} has {rows} rows, and row {} is chosen. Choose another.", row.saturating_add(1)),
            })
        })
    }

    /// The whole values of a column, counted from 0, of the first `count` rows; nothing where a row has none or cannot be read.
    pub fn dataset_column(&self, path: &str, column: usize, count: u64) -> Result<Vec<Option<String>>, AppError> {
        let rows = self.with_table(path, |table| table.read(0, count))?;
        Ok(rows.into_iter().map(|mut row| row.cells.get_mut(column).and_then(Option::take)).collect())
    }

    /// Rows with `text` in one of their values.
    pub fn find_dataset_rows(&self, path: &str, text: &str) -> Result<FoundRows, AppError> {
        self.with_table(path, |table| table.find(text, MOST_FOUND))
    }

    /// The comparison with the values of its row, as every lane would send them.
    pub fn fill_row(&self, comparison: &Comparison) -> Result<Comparison, AppError> {
        self.with_row(comparison, |_| true).map(Cow::into_owned)
    }

    /// Puts the row's values into the variables that are used. A table is not asked for when no lane that `is_sent` needs
    /// a variable. Blocks on the file.
    pub(crate) fn with_row<'a>(
        &self,
        comparison: &'a Comparison,
        is_sent: impl Fn(&Lane) -> bool,
    ) -> Result<Cow<'a, Comparison>, AppError> {
        let Some(Dataset { path, row, off: false }) = &comparison.draft.dataset else {
            return Ok(Cow::Borrowed(comparison));
        };
        // What only the checks ask for belongs to the row too: what is expected is seldom sent.
        let checked = crate::checks::variable_names(&comparison.draft);
        let mut sent = comparison.lanes.iter().filter(|lane| is_sent(lane));
        if checked.is_empty() && sent.all(|lane| variable_names(comparison, lane).is_empty()) {
            return Ok(Cow::Borrowed(comparison));
        }
        let (columns, row) = (self.with_table(path, |table| Ok(table.columns.clone()))?, self.dataset_row(path, *row)?);
        if let Some(problem) = row.problem {
            let (name, number, line) = (file_name(path), row.row + 1, row.line);
            return Err(refused(format!("Row {number} of {name} cannot be read: in line {line}, {problem}.")));
        }
        let mut filled = comparison.clone();
        let sent = comparison.lanes.iter().flat_map(|lane| variable_names(comparison, lane));
        let names: Vec<String> = sent.chain(checked).collect();
        fill(&mut filled, &names, &columns, &row.cells);
        Ok(Cow::Owned(filled))
    }

    /// Columns of a table, and rows of it with their whole values.
    pub(crate) fn whole_rows(
        &self,
        path: &str,
        from: u64,
        count: u64,
    ) -> Result<(Vec<String>, Vec<DatasetRow>), AppError> {
        self.with_table(path, |table| Ok((table.columns.clone(), table.read(from, count)?)))
    }

    fn with_table<T>(&self, path: &str, read: impl Fn(&Table) -> Result<T, Unreadable>) -> Result<T, AppError> {
        let file = self.dataset_file(path)?;
        let mut tries = 1;
        loop {
            let found = self.tables().open(&file).and_then(|table| read(&table));
            return match found {
                Err(Unreadable::Changed) if tries < TRIES => {
                    tries += 1;
                    continue;
                }
                found => found.map_err(|problem| refused(words(&file, &problem))),
            };
        }
    }

    fn dataset_file(&self, path: &str) -> Result<PathBuf, AppError> {
        let path = path.trim();
        if path.is_empty() {
            return Err(refused("Choose a file, or type its path".to_owned()));
        }
        if let (Some(rest), Some(home)) = (path.strip_prefix("~/"), dirs::home_dir()) {
            return Ok(home.join(rest));
        }
        Ok(self.prompt_folder()?.join(path))
    }

    /// Relative where the file lies in the folder of the prompts, which may be shared.
    fn kept_path(&self, file: &Path) -> String {
        let folder = self.prompt_folder().unwrap_or_default();
        let inside = file.strip_prefix(&folder).ok().filter(|inside| {
            !folder.as_os_str().is_empty() && inside.components().all(|part| matches!(part, Component::Normal(_)))
        });
        match inside {
            Some(inside) => {
                let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
                parts.join("/")
            }
            None => file.display().to_string(),
        }
    }
}

/// Gives each variable of `names` that the table has a column for the value of a row.
pub(crate) fn fill(comparison: &mut Comparison, names: &[String], columns: &[String], cells: &[Option<String>]) {
    for name in names {
        let Some(column) = columns.iter().position(|column| column == name) else { continue };
        let value = cells.get(column).cloned().flatten().unwrap_or_default();
        match comparison.draft.variables.iter_mut().find(|variable| variable.name == *name) {
            Some(variable) => variable.value = value,
            None => comparison.draft.variables.push(Variable::text(name.as_str(), value)),
        }
    }
}

fn refused(message: String) -> AppError {
    invalid("dataset", &message)
}

fn file_name(path: &str) -> String {
    Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}

fn words(file: &Path, problem: &Unreadable) -> String {
    let name = file_name(&file.to_string_lossy());
    match problem {
        Unreadable::Io(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let folder = file.parent().unwrap_or(file).display();
            format!("There is no file {name} in {folder}. Choose it again, or use the variables’ own values.")
        }
        Unreadable::Io(error) => format!("{name} cannot be read: {error}."),
        Unreadable::Form(message) => format!("{name} cannot be read: {message}."),
        Unreadable::Changed => format!("{name} changes all the time. Wait until it is written."),
    }
}

#[cfg(test)]
mod tests;
