//! The values that requests were made of: the names of the columns on the first line, then a line of values for each
//! request of `input.jsonl`.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use super::line::{Lines, read_at};

/// Where the rows of a table are.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub columns: Vec<String>,
    /// Start and length.
    places: Vec<(u64, u64)>,
}

impl Table {
    /// Reads the places of the rows; nothing where there is no such file, or one that begins with no names.
    pub fn open(path: &Path) -> io::Result<Option<Self>> {
        let mut lines = match Lines::open(path) {
            Ok(lines) => lines,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let head = lines.next_line()?.and_then(|line| serde_json::from_slice(line.bytes).ok());
        let Some(columns) = head else { return Ok(None) };
        let mut places = Vec::new();
        while let Some(line) = lines.next_line()? {
            places.push((line.start, line.length));
        }
        Ok(Some(Self { columns, places }))
    }

    pub fn rows(&self) -> usize {
        self.places.len()
    }

    /// The values of a row, as many as there are columns. `file` is that which was opened.
    pub fn cells(&self, file: &mut File, row: usize) -> io::Result<Vec<String>> {
        let Some((start, length)) = self.places.get(row) else { return Ok(Vec::new()) };
        let line = read_at(file, *start, *length)?;
        let mut cells: Vec<String> = serde_json::from_slice(&line).unwrap_or_default();
        cells.resize(self.columns.len(), String::new());
        Ok(cells)
    }
}

/// Writes a line of it.
pub(crate) fn write_row(into: &mut impl Write, cells: &[String]) -> io::Result<()> {
    serde_json::to_writer(&mut *into, cells)?;
    into.write_all(b"\n")
}
