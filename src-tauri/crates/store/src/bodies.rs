//! The bytes of an answer and when they came: two append-only files for each cell.
//!
//! `<cell>.body` holds the body as it came off the wire. `<cell>.index` holds one record of 16 bytes for each chunk,
//! event and comment:
//!
//! | bytes | what, little-endian |
//! |---|---|
//! | 0–5 | µs since the call began |
//! | 6–11 | offset in the body |
//! | 12–15 | length, with the kind in the two top bits: 0 chunk, 1 event, 2 comment |
//!
//! The body is written before the records that point into it, and a reader drops a torn last record and every record
//! that points past the end of the body, so that a process killed at any moment leaves a pair that can be read.
//! Nothing is synced to the medium: what was written survives the death of Juxta, not that of the machine.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use juxta_wire::ids::CellId;

use crate::error::StoreError;

/// Written out when this many bytes wait …
const PENDING_BYTES: usize = 64 << 10;
/// … or when the oldest of them waits this long, µs.
const PENDING_TIME: u64 = 200_000;
const RECORD: usize = 16;
/// Index records, bytes: as many events as `PENDING_BYTES` of small ones hold.
const PENDING_INDEX: usize = RECORD << 10;

const LENGTH_BITS: u32 = 30;
const LENGTH_MASK: u32 = (1 << LENGTH_BITS) - 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordKind {
    /// Bytes as the socket gave them.
    Chunk,
    /// A server-sent event, terminator included.
    Event,
    /// A comment line of the stream, which servers send to keep a connection open.
    Comment,
}

/// One record of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexRecord {
    pub kind: RecordKind,
    /// µs since the call began.
    pub at: u64,
    /// Where it starts in the body, bytes.
    pub offset: u64,
    /// Bytes; anything of a gigabyte or more says one byte less than that.
    pub length: u32,
}

impl IndexRecord {
    /// Of one record on disk.
    pub(crate) const BYTES: usize = RECORD;

    fn to_bytes(self) -> [u8; RECORD] {
        let kind: u32 = match self.kind {
            RecordKind::Chunk => 0,
            RecordKind::Event => 1,
            RecordKind::Comment => 2,
        };
        let mut bytes = [0; RECORD];
        bytes[0..6].copy_from_slice(&self.at.to_le_bytes()[..6]);
        bytes[6..12].copy_from_slice(&self.offset.to_le_bytes()[..6]);
        bytes[12..16].copy_from_slice(&(self.length.min(LENGTH_MASK) | kind << LENGTH_BITS).to_le_bytes());
        bytes
    }

    /// `None` for a kind that this version does not know.
    pub(crate) fn from_bytes(bytes: &[u8; RECORD]) -> Option<Self> {
        let six = |from: usize| {
            let mut wide = [0; 8];
            wide[..6].copy_from_slice(&bytes[from..from + 6]);
            u64::from_le_bytes(wide)
        };
        let last = u32::from_le_bytes([bytes[12], bytes[13], bytes[14], bytes[15]]);
        let kind = match last >> LENGTH_BITS {
            0 => RecordKind::Chunk,
            1 => RecordKind::Event,
            2 => RecordKind::Comment,
            _ => return None,
        };
        Some(Self { kind, at: six(0), offset: six(6), length: last & LENGTH_MASK })
    }
}

/// What a finished [`BodyWriter`] wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyEnd {
    pub bytes: u64,
    /// Events, comments not counted.
    pub events: u64,
}

/// Takes the body of one attempt, chunk by chunk, and writes it in groups.
///
/// It stands on the path of every token: [`chunk`](Self::chunk) and [`event`](Self::event) copy into buffers that are
/// there from the start and report no errors. The first error of the disk is kept for [`finish`](Self::finish); the
/// call itself goes on without its record. Dropping the writer writes out what waits.
#[derive(Debug)]
pub struct BodyWriter {
    paths: BodyPaths,
    body: File,
    index: File,
    pending_body: Vec<u8>,
    pending_index: Vec<u8>,
    last_flush: u64,
    bytes: u64,
    events: u64,
    failure: Option<StoreError>,
}

impl BodyWriter {
    /// Starts the pair of files anew; what an earlier attempt left in them is gone.
    pub(crate) fn create(paths: BodyPaths) -> Result<Self, StoreError> {
        paths.create_folder()?;
        paths.remove_pictures()?;
        // The index goes first: an index without a body reads as empty, a body under an old index as nonsense.
        let index = create(&paths.index)?;
        let body = create(&paths.body)?;
        Ok(Self {
            paths,
            body,
            index,
            pending_body: Vec::with_capacity(PENDING_BYTES),
            pending_index: Vec::with_capacity(PENDING_INDEX),
            last_flush: 0,
            bytes: 0,
            events: 0,
            failure: None,
        })
    }

    /// Bytes of the body as they came, `at` µs since the call began.
    pub fn chunk(&mut self, at: u64, bytes: &[u8]) {
        let length = u32::try_from(bytes.len()).unwrap_or(LENGTH_MASK);
        self.record(IndexRecord { kind: RecordKind::Chunk, at, offset: self.bytes, length });
        self.bytes += bytes.len() as u64;
        if self.failure.is_some() {
            return;
        }
        if self.pending_body.len() + bytes.len() > PENDING_BYTES {
            self.flush();
        }
        if bytes.len() >= PENDING_BYTES {
            if let Err(source) = self.body.write_all(bytes) {
                self.fail(source);
            }
        } else {
            self.pending_body.extend_from_slice(bytes);
        }
    }

    /// An event (or comment) whose raw bytes lie at `offset`, `length` long, complete `at` µs since the call began.
    pub fn event(&mut self, at: u64, offset: u64, length: u32, comment: bool) {
        self.events += u64::from(!comment);
        let kind = if comment { RecordKind::Comment } else { RecordKind::Event };
        self.record(IndexRecord { kind, at, offset, length });
    }

    /// A moment without work, at `now` µs since the call began: writes out what has waited for a while.
    pub fn flush_if_due(&mut self, now: u64) {
        if now.saturating_sub(self.last_flush) < PENDING_TIME {
            return;
        }
        self.last_flush = now;
        self.flush();
    }

    /// Bytes and events so far, written out or waiting.
    pub fn so_far(&self) -> BodyEnd {
        BodyEnd { bytes: self.bytes, events: self.events }
    }

    /// Writes out the rest. An error means that the files lack something from the first failure on.
    pub fn finish(mut self) -> Result<BodyEnd, StoreError> {
        self.flush();
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => Ok(self.so_far()),
        }
    }

    fn record(&mut self, record: IndexRecord) {
        if self.failure.is_some() {
            return;
        }
        if self.pending_index.len() + RECORD > PENDING_INDEX {
            self.flush();
        }
        self.pending_index.extend_from_slice(&record.to_bytes());
    }

    fn flush(&mut self) {
        if self.failure.is_none() && !(self.pending_body.is_empty() && self.pending_index.is_empty()) {
            let written =
                self.body.write_all(&self.pending_body).and_then(|()| self.index.write_all(&self.pending_index));
            if let Err(source) = written {
                self.fail(source);
            }
        }
        self.pending_body.clear();
        self.pending_index.clear();
    }

    fn fail(&mut self, source: io::Error) {
        let path = self.paths.body.clone();
        tracing::error!(%source, path = %path.display(), "an answer is not recorded any further");
        self.failure = Some(StoreError::Body { doing: "record the answer", path, source });
    }
}

impl Drop for BodyWriter {
    fn drop(&mut self) {
        self.flush();
    }
}

fn create(path: &Path) -> Result<File, StoreError> {
    File::create(path).map_err(|source| StoreError::Body {
        doing: "create the record of the answer",
        path: path.to_owned(),
        source,
    })
}

/// Where the files of a cell are: `bodies/<two hex digits>/<cell>.body` and `.index`, and the folder `.pictures` where its
/// answer named pictures by their addresses.
#[derive(Debug, Clone)]
pub(crate) struct BodyPaths {
    pub body: PathBuf,
    pub index: PathBuf,
    pictures: PathBuf,
}

impl BodyPaths {
    pub fn new(bodies: &Path, cell: &CellId) -> Result<Self, StoreError> {
        let id = cell.as_str();
        if id.is_empty() || id.len() > 100 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(StoreError::Id { id: id.to_owned() });
        }
        let folder = bodies.join(format!("{:02x}", spread(id)));
        Ok(Self {
            body: folder.join(format!("{id}.body")),
            index: folder.join(format!("{id}.index")),
            pictures: folder.join(format!("{id}.pictures")),
        })
    }

    fn create_folder(&self) -> Result<(), StoreError> {
        let folder = self.body.parent().unwrap_or(&self.body);
        fs::create_dir_all(folder).map_err(|source| StoreError::Body {
            doing: "create the folder for answers",
            path: folder.to_owned(),
            source,
        })
    }

    /// Writes both files whole.
    pub fn write(&self, body: &[u8], index: &[IndexRecord]) -> Result<(), StoreError> {
        self.create_folder()?;
        let records: Vec<u8> = index.iter().flat_map(|record| record.to_bytes()).collect();
        let failed =
            |path: &Path, source| StoreError::Body { doing: "write the answer", path: path.to_owned(), source };
        fs::write(&self.body, body).map_err(|source| failed(&self.body, source))?;
        fs::write(&self.index, records).map_err(|source| failed(&self.index, source))
    }

    /// Where a picture goes that an answer named by its address.
    pub fn picture(&self, number: u32) -> PathBuf {
        self.pictures.join(format!("{number}.picture"))
    }

    /// Keeps a picture that an answer named by its address.
    pub fn keep_picture(&self, number: u32, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.picture(number);
        let failed = |source| StoreError::Body { doing: "keep a picture", path: path.clone(), source };
        fs::create_dir_all(&self.pictures).map_err(failed)?;
        fs::write(&path, bytes).map_err(failed)
    }

    fn remove_pictures(&self) -> Result<(), StoreError> {
        match fs::remove_dir_all(&self.pictures) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::Body { doing: "remove the pictures", path: self.pictures.clone(), source })
            }
            _ => Ok(()),
        }
    }

    /// Removes all files; one that is not there is removed already.
    pub fn remove(&self) -> Result<(), StoreError> {
        self.remove_pictures()?;
        for path in [&self.body, &self.index] {
            match fs::remove_file(path) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(StoreError::Body { doing: "remove the answer", path: path.clone(), source });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Bytes of both files. One that is not there, or that cannot be looked at, has none.
    pub fn size(&self) -> u64 {
        let size = |path: &Path| fs::metadata(path).map_or(0, |data| data.len());
        size(&self.body) + size(&self.index)
    }

    /// The first `max` bytes and the size of the whole. A cell without a file has received nothing.
    pub fn read_body(&self, max: u64) -> Result<(Vec<u8>, u64), StoreError> {
        let failed = |source| StoreError::Body { doing: "read the recorded answer", path: self.body.clone(), source };
        let file = match File::open(&self.body) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
            Err(error) => return Err(failed(error)),
        };
        let total = file.metadata().map_err(failed)?.len();
        let mut bytes = Vec::with_capacity(total.min(max) as usize);
        file.take(max).read_to_end(&mut bytes).map_err(failed)?;
        // The file may have grown since its size was asked for.
        Ok((bytes, total))
    }

    /// Every record that points into the body, in the order written.
    pub fn read_index(&self) -> Result<Vec<IndexRecord>, StoreError> {
        let failed = |source| StoreError::Body { doing: "read the recorded times", path: self.index.clone(), source };
        // Read before the body is measured: it only grows, and always ahead of its index.
        let records = match fs::read(&self.index) {
            Ok(records) => records,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let total = match fs::metadata(&self.body) {
            Ok(body) => body.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(failed(error)),
        };
        Ok(records
            .as_chunks::<RECORD>()
            .0
            .iter()
            .filter_map(IndexRecord::from_bytes)
            .filter(|record| record.offset + u64::from(record.length) <= total)
            .collect())
    }
}

/// FNV-1a folded to a byte. Ids start with the time, so their first digits would put years into one folder.
fn spread(id: &str) -> u8 {
    let hash = id.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash ^ hash >> 8 ^ hash >> 16 ^ hash >> 24) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::OpenOptions;

    fn paths(folder: &Path) -> BodyPaths {
        BodyPaths::new(folder, &CellId("0199-abc".to_owned())).unwrap()
    }

    #[test]
    fn every_record_comes_back_as_it_was_written() {
        let records = [
            IndexRecord { kind: RecordKind::Chunk, at: 0, offset: 0, length: 0 },
            IndexRecord { kind: RecordKind::Event, at: (1 << 48) - 1, offset: 7, length: 1 },
            IndexRecord { kind: RecordKind::Comment, at: 8, offset: (1 << 48) - 1, length: LENGTH_MASK },
        ];
        for record in records {
            assert_eq!(IndexRecord::from_bytes(&record.to_bytes()), Some(record));
        }
        let huge = IndexRecord { kind: RecordKind::Chunk, at: 1, offset: 2, length: u32::MAX };
        let kept = IndexRecord { length: LENGTH_MASK, ..huge };
        assert_eq!(IndexRecord::from_bytes(&huge.to_bytes()), Some(kept), "a length never spills into the kind");
    }

    #[test]
    fn the_body_is_the_same_bytes_however_they_were_cut() {
        let folder = tempfile::tempdir().unwrap();
        let whole: Vec<u8> = (0..1_000_000_u32).flat_map(|number| number.to_le_bytes()).collect();
        for size in [1_000, PENDING_BYTES - 1, PENDING_BYTES, PENDING_BYTES + 1, whole.len()] {
            let paths = paths(folder.path());
            let mut writer = BodyWriter::create(paths.clone()).unwrap();
            for (number, chunk) in whole.chunks(size).enumerate() {
                writer.chunk(number as u64, chunk);
            }
            let end = writer.finish().unwrap();
            assert_eq!(end, BodyEnd { bytes: whole.len() as u64, events: 0 });
            let (body, total) = paths.read_body(u64::MAX).unwrap();
            assert_eq!(total, whole.len() as u64);
            assert!(body == whole, "cut in pieces of {size}");
            let index = paths.read_index().unwrap();
            assert_eq!(index.len(), whole.len().div_ceil(size));
            assert_eq!(index.iter().map(|record| u64::from(record.length)).sum::<u64>(), total);
        }
    }

    #[test]
    fn bytes_reach_the_disk_when_they_waited_long_enough_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let paths = paths(folder.path());
        let mut writer = BodyWriter::create(paths.clone()).unwrap();
        writer.chunk(10, b"data: 1\n\n");
        writer.event(10, 0, 9, false);
        writer.flush_if_due(PENDING_TIME - 1);
        assert_eq!(paths.read_body(99).unwrap().1, 0);
        writer.flush_if_due(PENDING_TIME);
        assert_eq!(paths.read_body(99).unwrap(), (b"data: 1\n\n".to_vec(), 9));
        assert_eq!(
            paths.read_index().unwrap(),
            [
                IndexRecord { kind: RecordKind::Chunk, at: 10, offset: 0, length: 9 },
                IndexRecord { kind: RecordKind::Event, at: 10, offset: 0, length: 9 },
            ]
        );
        writer.chunk(PENDING_TIME + 1, b"tail");
        drop(writer);
        assert_eq!(paths.read_body(99).unwrap().1, 13, "a writer that is dropped loses nothing");
    }

    #[test]
    fn reading_stops_at_the_limit_but_tells_the_size_of_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        let paths = paths(folder.path());
        assert_eq!(paths.read_body(9).unwrap(), (Vec::new(), 0), "nothing was received yet");
        let mut writer = BodyWriter::create(paths.clone()).unwrap();
        writer.chunk(0, b"abcdefghij");
        writer.finish().unwrap();
        assert_eq!(paths.read_body(3).unwrap(), (b"abc".to_vec(), 10));
    }

    #[test]
    fn a_torn_last_record_and_records_past_the_body_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let paths = paths(folder.path());
        let mut writer = BodyWriter::create(paths.clone()).unwrap();
        writer.chunk(1, b"0123456789");
        writer.event(2, 0, 10, false);
        writer.event(3, 5, 6, false);
        writer.finish().unwrap();
        OpenOptions::new().append(true).open(&paths.index).unwrap().write_all(&[7; RECORD - 1]).unwrap();
        let times: Vec<u64> = paths.read_index().unwrap().iter().map(|record| record.at).collect();
        assert_eq!(times, [1, 2]);
    }

    #[test]
    fn a_new_attempt_starts_with_empty_files() {
        let folder = tempfile::tempdir().unwrap();
        let paths = paths(folder.path());
        let mut first = BodyWriter::create(paths.clone()).unwrap();
        first.chunk(0, b"a refusal");
        first.finish().unwrap();
        BodyWriter::create(paths.clone()).unwrap();
        assert_eq!(paths.read_body(99).unwrap(), (Vec::new(), 0));
        assert_eq!(paths.read_index().unwrap(), []);
    }

    #[test]
    fn the_first_error_of_the_disk_is_told_at_the_end_and_nothing_piles_up() {
        let folder = tempfile::tempdir().unwrap();
        let paths = paths(folder.path());
        let mut writer = BodyWriter::create(paths.clone()).unwrap();
        writer.body = File::open(&paths.body).unwrap();
        for number in 0..100 {
            writer.chunk(number, &[0; 10_000]);
            writer.event(number, number * 10_000, 10_000, false);
        }
        assert!(writer.pending_body.len() <= PENDING_BYTES && writer.pending_index.len() <= PENDING_INDEX);
        assert_eq!(writer.so_far(), BodyEnd { bytes: 1_000_000, events: 100 });
        assert!(matches!(writer.finish(), Err(StoreError::Body { .. })));
    }

    #[test]
    fn an_id_that_is_no_id_names_no_file() {
        for id in ["", "../settings", "a/b", "a\\b", "a.b", "é", &"a".repeat(101)] {
            assert!(matches!(BodyPaths::new(Path::new("bodies"), &CellId(id.to_owned())), Err(StoreError::Id { .. })));
        }
    }
}
