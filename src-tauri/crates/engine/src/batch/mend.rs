//! What was chosen for lines with faults, and the file that is sent: the one that was made, with those lines changed. All
//! other bytes are copied.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use juxta_wire::batch::BatchMend;
use juxta_wire::error::AppError;

use super::line::Lines;
use crate::run::{invalid, storage};

/// The label of a mend that sends a line as it is, whatever was found in it.
pub const KEEP: &str = "Keep";

/// What was chosen, by the number of the line.
pub type Mends = BTreeMap<u64, BatchMend>;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    pub bytes: u64,
    /// Lines that are not blank.
    pub lines: u64,
}

/// Reads `mends.json`; nothing where there is none.
///
/// # Errors
/// [`AppError::Storage`] when it cannot be read.
pub fn read(path: &Path) -> Result<Mends, AppError> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(storage),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Mends::new()),
        Err(error) => Err(storage(error)),
    }
}

/// Writes `mends.json` in one step.
///
/// # Errors
/// [`AppError::Invalid`] for a mend that would be two lines, [`AppError::Storage`] when it cannot be written.
pub fn save(mends: &Mends, path: &Path) -> Result<(), AppError> {
    mends.values().try_for_each(one_line)?;
    let bytes = serde_json::to_vec(mends).map_err(storage)?;
    in_one_step(path, |file| file.write_all(&bytes)).map_err(storage)
}

/// Writes `into`, whole or not at all: every line of `input` to the byte, except those that `mends` names.
///
/// # Errors
/// As [`save`].
pub fn write(input: &Path, mends: &Mends, into: &Path) -> Result<Written, AppError> {
    mends.values().try_for_each(one_line)?;
    let mut written = Written { bytes: 0, lines: 0 };
    in_one_step(into, |file| {
        written = copy(input, mends, file)?;
        Ok(())
    })
    .map_err(storage)?;
    Ok(written)
}

/// A line break in a line would make two of it.
fn one_line(mend: &BatchMend) -> Result<(), AppError> {
    match mend {
        BatchMend::Replace { text, .. } if text.contains(['\n', '\r']) => {
            Err(invalid("mend", "A request is one line, and this has a line break in it"))
        }
        BatchMend::Replace { .. } | BatchMend::LeaveOut => Ok(()),
    }
}

fn copy(input: &Path, mends: &Mends, into: &mut impl Write) -> io::Result<Written> {
    let mut source = File::open(input)?;
    let mut lines = Lines::open(input)?;
    let mut written = Written { bytes: 0, lines: 0 };
    // What stands before it is written.
    let mut done = 0;
    while let Some(line) = lines.next_line()? {
        let mend = mends.get(&line.number).filter(|_| !line.is_blank());
        if let Some(mend) = mend {
            written.bytes += copy_range(&mut source, done, line.start, into)?;
            done = line.start + line.length;
            if let BatchMend::Replace { text, .. } = mend {
                into.write_all(text.as_bytes())?;
                into.write_all(line.end.as_bytes())?;
                written.bytes += (text.len() + line.end.len()) as u64;
            }
        }
        let is_sent = !line.is_blank() && mend != Some(&BatchMend::LeaveOut);
        written.lines += u64::from(is_sent);
    }
    let end = source.metadata()?.len();
    written.bytes += copy_range(&mut source, done, end, into)?;
    Ok(written)
}

fn copy_range(source: &mut File, from: u64, to: u64, into: &mut impl Write) -> io::Result<u64> {
    if from >= to {
        return Ok(0);
    }
    source.seek(SeekFrom::Start(from))?;
    io::copy(&mut source.take(to - from), into)
}

/// Writes a file beside `path` and puts it there when it is whole and on the disk.
pub(crate) fn in_one_step(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let mut file = NewFile::create(path)?;
    match write(&mut file.writer) {
        Ok(()) => file.finish(),
        Err(error) => {
            file.discard();
            Err(error)
        }
    }
}

/// A file that takes its place when it is whole.
pub(crate) struct NewFile {
    pub writer: BufWriter<File>,
    beside: PathBuf,
    path: PathBuf,
}

impl NewFile {
    pub fn create(path: &Path) -> io::Result<Self> {
        let mut name = path.as_os_str().to_owned();
        name.push(".new");
        let beside = PathBuf::from(name);
        let writer = BufWriter::with_capacity(256 << 10, File::create(&beside)?);
        Ok(Self { writer, beside, path: path.to_owned() })
    }

    /// Leaves what is there as it is.
    pub fn discard(self) {
        if let Err(error) = fs::remove_file(&self.beside) {
            tracing::warn!(%error, file = %self.beside.display(), "an unfinished file stays");
        }
    }

    /// Puts it where it belongs, on the disk.
    pub fn finish(self) -> io::Result<()> {
        self.writer.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(self.beside, self.path)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn replace(text: &str) -> BatchMend {
        BatchMend::Replace { label: "Set POST".to_owned(), text: text.to_owned() }
    }

    fn written(input: &[u8], mends: &Mends) -> (Vec<u8>, Written) {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, into) = (folder.path().join("input.jsonl"), folder.path().join("request.jsonl"));
        fs::write(&from, input).expect("written");
        let told = write(&from, mends, &into).expect("written");
        (fs::read(&into).expect("a file"), told)
    }

    #[test]
    fn only_lines_with_a_mend_change_and_their_ends_stay() {
        let input = b"\xEF\xBB\xBF1\r\n\n 2 \n3\r\n\xff4\n5";
        let mends = Mends::from([(3, replace("two")), (4, BatchMend::LeaveOut), (6, replace("é"))]);
        let (bytes, told) = written(input, &mends);
        assert_eq!(bytes, b"\xEF\xBB\xBF1\r\n\ntwo\n\xff4\n\xC3\xA9");
        assert_eq!(told, Written { bytes: bytes.len() as u64, lines: 4 });
        assert_eq!(written(input, &Mends::new()).0, input);
        assert_eq!(written(b"", &Mends::new()), (Vec::new(), Written { bytes: 0, lines: 0 }));
        assert_eq!(written(b"a\n", &Mends::from([(1, BatchMend::LeaveOut)])).0, b"");
    }

    #[test]
    fn a_mend_is_one_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mends.json");
        let refused = save(&Mends::from([(1, replace("a\nb"))]), &path);
        assert!(matches!(refused, Err(AppError::Invalid { .. })), "{refused:?}");
        assert_eq!(read(&path).expect("nothing yet"), Mends::new());
        let mends = Mends::from([(1, BatchMend::LeaveOut), (70_000, replace("{\"ü\":\"\\n\"}"))]);
        save(&mends, &path).expect("written");
        assert_eq!(read(&path).expect("read"), mends);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_other_line_keeps_its_bytes(
            lines in proptest::collection::vec(("[a-zé{}\", ]{1,9}", 0u8..3, any::<bool>()), 1..12),
        ) {
            let mut mends = Mends::new();
            let (mut input, mut expected) = (String::new(), String::new());
            for (at, (text, mend, is_windows)) in lines.iter().enumerate() {
                let end = if *is_windows { "\r\n" } else { "\n" };
                input.push_str(text);
                input.push_str(end);
                match mend {
                    _ if text.trim().is_empty() => expected.extend([text.as_str(), end]),
                    0 => drop(mends.insert(at as u64 + 1, BatchMend::LeaveOut)),
                    1 => {
                        mends.insert(at as u64 + 1, replace("mended"));
                        expected.extend(["mended", end]);
                    }
                    _ => expected.extend([text.as_str(), end]),
                }
            }
            prop_assert_eq!(written(input.as_bytes(), &mends).0, expected.into_bytes());
        }
    }
}
