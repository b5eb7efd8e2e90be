//! Tables as Parquet files, written group by group, so that a table may be longer than memory.

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use crate::VectorError;

/// What the fields of a column are. Each may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Whole,
    Number,
    Boolean,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
}

/// Some fields of a column, in the order of their rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    Texts(Vec<Option<String>>),
    Whole(Vec<Option<i64>>),
    Numbers(Vec<Option<f64>>),
    Booleans(Vec<Option<bool>>),
}

impl Values {
    pub fn kind(&self) -> Kind {
        match self {
            Self::Texts(_) => Kind::Text,
            Self::Whole(_) => Kind::Whole,
            Self::Numbers(_) => Kind::Number,
            Self::Booleans(_) => Kind::Boolean,
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Self::Texts(fields) => fields.len(),
            Self::Whole(fields) => fields.len(),
            Self::Numbers(fields) => fields.len(),
            Self::Booleans(fields) => fields.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a field that is missing.
    pub fn push_nothing(&mut self) {
        match self {
            Self::Texts(fields) => fields.push(None),
            Self::Whole(fields) => fields.push(None),
            Self::Numbers(fields) => fields.push(None),
            Self::Booleans(fields) => fields.push(None),
        }
    }

    /// What is there, which leaves a column of the same kind without fields.
    pub fn take(&mut self) -> Self {
        match self {
            Self::Texts(fields) => Self::Texts(std::mem::take(fields)),
            Self::Whole(fields) => Self::Whole(std::mem::take(fields)),
            Self::Numbers(fields) => Self::Numbers(std::mem::take(fields)),
            Self::Booleans(fields) => Self::Booleans(std::mem::take(fields)),
        }
    }
}

/// A table that is being written. Without [`finish`](Self::finish) no program can read it.
pub struct TableWriter<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    kinds: Vec<Kind>,
}

impl<W: Write + Send> TableWriter<W> {
    /// # Errors
    /// When the beginning of the file cannot be written, as for everything else here.
    pub fn new(file: W, columns: &[Column]) -> Result<Self, VectorError> {
        let schema = schema(columns).map_err(wrong)?;
        let properties = Arc::new(WriterProperties::builder().build());
        let writer = SerializedFileWriter::new(file, Arc::new(schema), properties).map_err(wrong)?;
        Ok(Self { writer, kinds: columns.iter().map(|column| column.kind).collect() })
    }

    /// Writes some rows. No rows write nothing.
    ///
    /// # Errors
    /// When the columns are others than those of the table, or not of one length.
    pub fn write(&mut self, columns: &[Values]) -> Result<(), VectorError> {
        let rows = columns.first().map_or(0, Values::len);
        let fits = columns.iter().map(Values::kind).eq(self.kinds.iter().copied());
        if !fits || columns.iter().any(|column| column.len() != rows) {
            return Err(VectorError::File("the columns are not those of the table".to_owned()));
        }
        if rows == 0 {
            return Ok(());
        }
        self.write_group(columns).map_err(wrong)
    }

    fn write_group(&mut self, columns: &[Values]) -> Result<(), ParquetError> {
        let mut group = self.writer.next_row_group()?;
        for values in columns {
            let Some(mut column) = group.next_column()? else { break };
            match (column.untyped(), values) {
                (ColumnWriter::ByteArrayColumnWriter(typed), Values::Texts(fields)) => {
                    let bytes = |text: &String| ByteArray::from(Bytes::copy_from_slice(text.as_bytes()));
                    let known: Vec<ByteArray> = fields.iter().flatten().map(bytes).collect();
                    typed.write_batch(&known, Some(&levels(fields)), None)?
                }
                (ColumnWriter::Int64ColumnWriter(typed), Values::Whole(fields)) => {
                    typed.write_batch(&known(fields), Some(&levels(fields)), None)?
                }
                (ColumnWriter::DoubleColumnWriter(typed), Values::Numbers(fields)) => {
                    typed.write_batch(&known(fields), Some(&levels(fields)), None)?
                }
                (ColumnWriter::BoolColumnWriter(typed), Values::Booleans(fields)) => {
                    typed.write_batch(&known(fields), Some(&levels(fields)), None)?
                }
                _ => return Err(ParquetError::General("a column of another kind".to_owned())),
            };
            column.close()?;
        }
        group.close()?;
        Ok(())
    }

    pub fn finish(self) -> Result<(), VectorError> {
        self.writer.close().map(drop).map_err(wrong)
    }
}

/// Built and not parsed, because a name may have any characters.
fn schema(columns: &[Column]) -> Result<Type, ParquetError> {
    let fields = columns.iter().map(|column| {
        let (physical, logical) = match column.kind {
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Whole => (Physical::INT64, None),
            Kind::Number => (Physical::DOUBLE, None),
            Kind::Boolean => (Physical::BOOLEAN, None),
        };
        let field = Type::primitive_type_builder(&column.name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()?;
        Ok(Arc::new(field))
    });
    Type::group_type_builder("table").with_fields(fields.collect::<Result<_, ParquetError>>()?).build()
}

/// 1 for a field that is there.
fn levels<T>(fields: &[Option<T>]) -> Vec<i16> {
    fields.iter().map(|field| i16::from(field.is_some())).collect()
}

fn known<T: Copy>(fields: &[Option<T>]) -> Vec<T> {
    fields.iter().copied().flatten().collect()
}

fn wrong(error: ParquetError) -> VectorError {
    VectorError::File(error.to_string())
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};

    use super::*;

    #[test]
    fn a_table_of_several_groups_reads_back_with_what_is_missing() {
        let column = |name: &str, kind| Column { name: name.to_owned(), kind };
        let columns = [
            column("größe, \"quoted\"; {東京}", Kind::Text),
            column("row", Kind::Whole),
            column("cost", Kind::Number),
            column("passed", Kind::Boolean),
        ];
        let mut file = Vec::new();
        let mut writer = TableWriter::new(&mut file, &columns).unwrap();
        for from in [0, 2] {
            let group = [
                Values::Texts(vec![Some(format!("{from} \\ \"\n")), None]),
                Values::Whole(vec![Some(from), Some(from + 1)]),
                Values::Numbers(vec![None, Some(0.1)]),
                Values::Booleans(vec![Some(true), None]),
            ];
            writer.write(&group).unwrap();
        }
        let wrong =
            [Values::Texts(vec![None]), Values::Whole(vec![]), Values::Numbers(vec![]), Values::Booleans(vec![])];
        assert!(writer.write(&wrong).is_err());
        writer.finish().unwrap();
        let reader = SerializedFileReader::new(Bytes::from(file)).unwrap();
        assert_eq!(reader.num_row_groups(), 2);
        let rows: Vec<String> = reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
        assert_eq!(rows.len(), 4);
        assert!(rows[0].contains("{東京}: \"0 \\") && rows[0].contains("cost: null, passed: true"), "{}", rows[0]);
        assert!(rows[3].contains("row: 3, cost: 0.1, passed: null"), "{}", rows[3]);
    }
}
