//! Parquet files as another program reads them.

use std::fs::File;
use std::path::Path;

pub use parquet::record::Field;

use parquet::file::reader::{FileReader, SerializedFileReader};

/// Names of the columns, and every row with its fields in their order.
///
/// # Panics
/// When it is no such file.
pub fn read_parquet(path: &Path) -> (Vec<String>, Vec<Vec<Field>>) {
    let reader = SerializedFileReader::new(File::open(path).expect("a file")).expect("a Parquet file");
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let names = schema.columns().iter().map(|column| column.name().to_owned()).collect();
    let rows = reader.get_row_iter(None).expect("rows").map(|row| {
        let row = row.expect("a row");
        row.get_column_iter().map(|(_, field)| field.clone()).collect()
    });
    (names, rows.collect())
}
