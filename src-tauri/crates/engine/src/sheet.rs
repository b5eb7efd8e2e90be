//! Results as sheets, a row for each answer: CSV for spreadsheets, Parquet for programs. Rows are written as they come.

use std::io::{self, Write};

use juxta_vectors::table::{Column, Kind, TableWriter, Values};

/// A group of rows is written once its texts are so long, or so many.
const GROUP_BYTES: usize = 8 << 20;
const GROUP_ROWS: usize = 10_000;

/// What stands in one field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Field {
    Text(Option<String>),
    Whole(Option<i64>),
    Number(Option<f64>),
    Is(Option<bool>),
}

impl Field {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(Some(text.into()))
    }

    pub fn known(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }

    /// Nothing where it is more than files can say.
    pub fn count(count: Option<u64>) -> Self {
        Self::Whole(count.and_then(|count| i64::try_from(count).ok()))
    }

    fn shown(self) -> String {
        match self {
            Self::Text(text) => text.unwrap_or_default(),
            Self::Whole(number) => number.map(|number| number.to_string()).unwrap_or_default(),
            Self::Number(number) => number.map(|number| number.to_string()).unwrap_or_default(),
            Self::Is(is) => is.map(|is| is.to_string()).unwrap_or_default(),
        }
    }
}

/// Columns of which none is called as another: what comes later is numbered.
pub(crate) fn columns<Name: Into<String>>(all: impl IntoIterator<Item = (Name, Kind)>) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for (name, kind) in all {
        let name = name.into();
        let copies = (2..).map(|number| format!("{name} ({number})"));
        let mut names = std::iter::once(name.clone()).chain(copies);
        let free = names.find(|name| columns.iter().all(|column| column.name != *name));
        columns.extend(free.map(|name| Column { name, kind }));
    }
    columns
}

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Csv,
    Parquet,
}

/// A file that is being written.
pub(crate) struct Sheet<W: Write + Send>(Writer<W>);

enum Writer<W: Write + Send> {
    Csv(Box<csv::Writer<W>>),
    Parquet(Box<TableWriter<W>>, Group),
}

impl<W: Write + Send> Sheet<W> {
    pub fn new(form: Form, columns: &[Column], file: W) -> io::Result<Self> {
        match form {
            Form::Csv => {
                let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(file);
                csv.write_record(columns.iter().map(|column| &column.name))?;
                Ok(Self(Writer::Csv(Box::new(csv))))
            }
            Form::Parquet => {
                let writer = TableWriter::new(file, columns).map_err(io::Error::other)?;
                Ok(Self(Writer::Parquet(Box::new(writer), Group::of(columns))))
            }
        }
    }

    /// Adds a row, whose fields stand in the order of the columns.
    pub fn add(&mut self, fields: Vec<Field>) -> io::Result<()> {
        match &mut self.0 {
            Writer::Csv(csv) => Ok(csv.write_record(fields.into_iter().map(Field::shown))?),
            Writer::Parquet(writer, group) => {
                group.add(fields);
                match group.is_full() {
                    true => writer.write(&group.take()).map_err(io::Error::other),
                    false => Ok(()),
                }
            }
        }
    }

    /// Without this no program can read a Parquet file.
    pub fn finish(self) -> io::Result<()> {
        match self.0 {
            Writer::Csv(mut csv) => csv.flush(),
            Writer::Parquet(mut writer, mut group) => {
                writer.write(&group.take()).and_then(|()| writer.finish()).map_err(io::Error::other)
            }
        }
    }
}

/// Rows that are written together, column by column.
struct Group {
    columns: Vec<Values>,
    rows: usize,
    bytes: usize,
}

impl Group {
    fn of(columns: &[Column]) -> Self {
        let empty = |column: &Column| match column.kind {
            Kind::Text => Values::Texts(Vec::new()),
            Kind::Whole => Values::Whole(Vec::new()),
            Kind::Number => Values::Numbers(Vec::new()),
            Kind::Boolean => Values::Booleans(Vec::new()),
        };
        Self { columns: columns.iter().map(empty).collect(), rows: 0, bytes: 0 }
    }

    fn add(&mut self, fields: Vec<Field>) {
        for (column, field) in self.columns.iter_mut().zip(fields) {
            match (column, field) {
                (Values::Texts(texts), Field::Text(text)) => {
                    self.bytes += text.as_ref().map_or(0, String::len);
                    texts.push(text);
                }
                (Values::Whole(numbers), Field::Whole(number)) => numbers.push(number),
                (Values::Numbers(numbers), Field::Number(number)) => numbers.push(number),
                (Values::Booleans(all), Field::Is(is)) => all.push(is),
                (Values::Texts(texts), other) => texts.push(Some(other.shown())),
                (column, _) => column.push_nothing(),
            }
        }
        self.rows += 1;
    }

    fn is_full(&self) -> bool {
        self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES
    }

    fn take(&mut self) -> Vec<Values> {
        (self.rows, self.bytes) = (0, 0);
        self.columns.iter_mut().map(Values::take).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_column_is_called_as_another() {
        let all = ["a", "b", "a", "a (2)", "a"].map(|name| (name, Kind::Text));
        let names: Vec<String> = columns(all).into_iter().map(|column| column.name).collect();
        assert_eq!(names, ["a", "b", "a (2)", "a (2) (2)", "a (3)"]);
    }
}
