//! Vectors as files of other programs. Every number keeps its bits, except in JSON, which has no word for `NaN`.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, FloatType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::{Matrix, VectorError};

/// Numpy's own format, version 1.0: a matrix of `float32` without the texts.
pub fn npy(matrix: &Matrix) -> Vec<u8> {
    let shape =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", matrix.len(), matrix.dimensions());
    // The numbers begin at a multiple of 64, behind ten bytes, the header and a line's end.
    let padded = (shape.len() + 11).next_multiple_of(64) - 11;
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend_from_slice(&(padded as u16 + 1).to_le_bytes());
    file.extend_from_slice(format!("{shape:padded$}\n").as_bytes());
    file.extend(matrix.values().iter().flat_map(|value| value.to_le_bytes()));
    file
}

/// One object a line: `index`, `text`, `embedding`. A number that is none is `null`.
///
/// # Errors
/// When there are not as many texts as vectors.
pub fn jsonl(matrix: &Matrix, texts: &[String]) -> Result<Vec<u8>, VectorError> {
    fits(matrix, texts)?;
    let wrong = |error: serde_json::Error| VectorError::File(error.to_string());
    let mut file = Vec::new();
    for (index, (row, text)) in matrix.rows().zip(texts).enumerate() {
        file.extend_from_slice(format!("{{\"index\":{index},\"text\":").as_bytes());
        serde_json::to_writer(&mut file, text).map_err(wrong)?;
        file.extend_from_slice(b",\"embedding\":");
        serde_json::to_writer(&mut file, row).map_err(wrong)?;
        file.extend_from_slice(b"}\n");
    }
    Ok(file)
}

/// The names are those that readers of Parquet expect of a list.
const SCHEMA: &str = "message vectors {
    required int64 index;
    required binary text (UTF8);
    required group embedding (LIST) { repeated group list { required float element; } }
}";

/// A table with the columns `index`, `text` and `embedding`, a list of `float`.
///
/// # Errors
/// When there are not as many texts as vectors.
pub fn parquet(matrix: &Matrix, texts: &[String]) -> Result<Vec<u8>, VectorError> {
    fits(matrix, texts)?;
    written(matrix, texts).map_err(|error| VectorError::File(error.to_string()))
}

fn written(matrix: &Matrix, texts: &[String]) -> Result<Vec<u8>, ParquetError> {
    // Numbers of a model hardly ever repeat, so that a dictionary or a compression would only cost time.
    let properties =
        WriterProperties::builder().set_compression(Compression::UNCOMPRESSED).set_dictionary_enabled(false).build();
    let mut file = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut file, Arc::new(parse_message_type(SCHEMA)?), Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    if let Some(mut column) = group.next_column()? {
        let numbers: Vec<i64> = (0..).take(matrix.len()).collect();
        column.typed::<Int64Type>().write_batch(&numbers, None, None)?;
        column.close()?;
    }
    if let Some(mut column) = group.next_column()? {
        let texts: Vec<ByteArray> =
            texts.iter().map(|text| ByteArray::from(Bytes::copy_from_slice(text.as_bytes()))).collect();
        column.typed::<ByteArrayType>().write_batch(&texts, None, None)?;
        column.close()?;
    }
    if let Some(mut column) = group.next_column()? {
        // A number that begins a row has level 0, the others repeat; each of them is there.
        let repeated: Vec<i16> = (0..matrix.dimensions()).map(|at| i16::from(at > 0)).collect();
        let defined = vec![1_i16; matrix.dimensions()];
        let typed = column.typed::<FloatType>();
        for row in matrix.rows() {
            typed.write_batch(row, Some(&defined), Some(&repeated))?;
        }
        column.close()?;
    }
    group.close()?;
    writer.close()?;
    Ok(file)
}

fn fits(matrix: &Matrix, texts: &[String]) -> Result<(), VectorError> {
    if matrix.len() == texts.len() {
        Ok(())
    } else {
        Err(VectorError::DifferentTexts { vectors: matrix.len(), texts: texts.len() })
    }
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};

    use super::*;

    fn matrix() -> Matrix {
        Matrix::from_rows([[1.0, -0.0, 3.5e-39], [f32::NAN, 0.1, 3.402_823_5e38]]).unwrap()
    }

    fn texts() -> Vec<String> {
        vec!["a \"quoted\" \\ line\n".to_owned(), "東京 👩‍👩‍👧".to_owned()]
    }

    #[test]
    fn numbers_of_an_npy_begin_at_a_multiple_of_64() {
        for columns in [1, 10, 1_536, 100_000] {
            let file = npy(&Matrix::new(vec![0.5; columns], columns).unwrap());
            let header = 10 + usize::from(u16::from_le_bytes([file[8], file[9]]));
            assert_eq!((header % 64, file[header - 1], file.len()), (0, b'\n', header + 4 * columns));
        }
    }

    #[test]
    fn lines_read_back() {
        let file = jsonl(&matrix(), &texts()).unwrap();
        let lines: Vec<serde_json::Value> = file
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 2);
        assert_eq!((&lines[0]["text"], &lines[1]["text"]), (&texts()[0].as_str().into(), &texts()[1].as_str().into()));
        assert!(lines[1]["embedding"][0].is_null());
        assert_eq!(lines[1]["embedding"][1].as_f64().unwrap() as f32, 0.1);
    }

    #[test]
    fn a_table_reads_back() {
        let file = parquet(&matrix(), &texts()).unwrap();
        let reader = SerializedFileReader::new(Bytes::from(file)).unwrap();
        let rows: Vec<String> = reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
        assert_eq!(rows.len(), 2);
        assert!(rows[1].contains("東京") && rows[1].contains("[NaN, 0.1, 3.4028235E38]"), "{rows:?}");
        assert!(parquet(&Matrix::new(vec![], 3).unwrap(), &[]).is_ok());
        assert!(matches!(parquet(&matrix(), &[]), Err(VectorError::DifferentTexts { vectors: 2, texts: 0 })));
        assert!(jsonl(&matrix(), &[]).is_err());
    }
}
