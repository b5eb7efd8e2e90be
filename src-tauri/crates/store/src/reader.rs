//! Reading what a cell has received, piece by piece, also while more of it arrives.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use juxta_wire::ids::CellId;

use crate::bodies::{BodyPaths, IndexRecord};
use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// Opens the recorded answer of a cell. A cell that has received nothing has an empty one.
    pub fn open_body(&self, cell: &CellId) -> Result<BodyReader, StoreError> {
        Ok(BodyReader { paths: self.body_paths(cell)?, body: None, index: None })
    }
}

/// The body and the index of one cell. It follows the files as they grow; nothing of them is kept in memory.
#[derive(Debug)]
pub struct BodyReader {
    paths: BodyPaths,
    body: Option<File>,
    index: Option<File>,
}

impl BodyReader {
    /// Bytes of the body that are written out.
    pub fn length(&mut self) -> Result<u64, StoreError> {
        let length = match opened(&mut self.body, &self.paths.body) {
            Ok(Some(file)) => file.metadata().map(|data| data.len()),
            Ok(None) => Ok(0),
            Err(error) => Err(error),
        };
        length.map_err(|source| self.failed(source))
    }

    /// Fills `buffer` with the bytes from `offset` on, as far as there are any, and says how many that were.
    pub fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, StoreError> {
        let mut filled = 0;
        let read = opened(&mut self.body, &self.paths.body).and_then(|file| {
            let Some(file) = file else { return Ok(()) };
            file.seek(SeekFrom::Start(offset))?;
            while filled < buffer.len() {
                match file.read(&mut buffer[filled..]) {
                    Ok(0) => break,
                    Ok(count) => filled += count,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        });
        read.map(|()| filled).map_err(|source| self.failed(source))
    }

    /// The records of the index after the first `skip`, those that point past the end of the body left out, and how
    /// many records were looked at. A torn last record is not looked at.
    pub fn records_after(&mut self, skip: u64) -> Result<(Vec<IndexRecord>, u64), StoreError> {
        let mut bytes = Vec::new();
        let read = opened(&mut self.index, &self.paths.index).and_then(|file| {
            let Some(file) = file else { return Ok(()) };
            file.seek(SeekFrom::Start(skip * IndexRecord::BYTES as u64))?;
            file.read_to_end(&mut bytes).map(|_| ())
        });
        read.map_err(|source| StoreError::Body {
            doing: "read the recorded times",
            path: self.paths.index.clone(),
            source,
        })?;
        // Measured after the index was read: the body only grows, and always ahead of its index.
        let total = self.length()?;
        let (records, _torn) = bytes.as_chunks();
        let found = records
            .iter()
            .filter_map(IndexRecord::from_bytes)
            .filter(|record| record.offset + u64::from(record.length) <= total)
            .collect();
        Ok((found, records.len() as u64))
    }

    fn failed(&self, source: io::Error) -> StoreError {
        StoreError::Body { doing: "read the recorded answer", path: self.paths.body.clone(), source }
    }
}

/// The file, opened once it is there.
fn opened<'f>(slot: &'f mut Option<File>, path: &Path) -> io::Result<Option<&'f mut File>> {
    if slot.is_none() {
        match File::open(path) {
            Ok(file) => *slot = Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(slot.as_mut())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RecordKind;
    use crate::bodies::BodyWriter;

    #[test]
    fn a_reader_that_was_opened_first_sees_what_is_written_later() {
        let folder = tempfile::tempdir().unwrap();
        let paths = BodyPaths::new(folder.path(), &CellId("0199-abc".to_owned())).unwrap();
        let mut reader = BodyReader { paths: paths.clone(), body: None, index: None };
        assert_eq!(reader.length().unwrap(), 0);
        assert_eq!(reader.records_after(0).unwrap(), (Vec::new(), 0));
        let mut buffer = [0; 8];
        assert_eq!(reader.read_at(0, &mut buffer).unwrap(), 0, "there is no file yet");

        let mut writer = BodyWriter::create(paths).unwrap();
        writer.chunk(5, b"0123456789");
        writer.event(6, 0, 10, false);
        writer.flush_if_due(1_000_000);
        assert_eq!(reader.length().unwrap(), 10);
        assert_eq!(reader.read_at(4, &mut buffer).unwrap(), 6);
        assert_eq!(&buffer[..6], b"456789");
        let (records, seen) = reader.records_after(0).unwrap();
        assert_eq!((records.len(), seen), (2, 2));

        writer.chunk(7, b"ab");
        writer.event(8, 10, 2, true);
        writer.finish().unwrap();
        let (records, seen) = reader.records_after(2).unwrap();
        assert_eq!(
            records.iter().map(|record| record.kind).collect::<Vec<_>>(),
            [RecordKind::Chunk, RecordKind::Comment]
        );
        assert_eq!((records[1].at, seen), (8, 2));
        assert_eq!(reader.records_after(4).unwrap(), (Vec::new(), 0));
    }
}
