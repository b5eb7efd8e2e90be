//! Files of lines, read one line at a time: a line that is longer than memory should hold is passed over.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use memchr::memchr;

/// A longer line is a fault and is not kept.
pub(crate) const LONGEST: usize = 64_000_000;
/// Of a line that is too long this much is kept, to show how it begins.
const HEAD: usize = 1024;
/// What a long line took is given back before the next one.
const KEPT: usize = 4 << 20;

/// One line, without its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// From 1, blank ones counted, as an editor counts.
    pub number: u64,
    /// Where it begins in the file.
    pub start: u64,
    /// With its end.
    pub length: u64,
    /// The beginning of it when it is too long.
    pub bytes: &'a [u8],
    /// `\n`, `\r\n`, or nothing at the end of the file.
    pub end: &'static str,
    pub is_too_long: bool,
}

impl Line<'_> {
    pub fn is_blank(&self) -> bool {
        !self.is_too_long && self.bytes.trim_ascii().is_empty()
    }
}

/// Reads lines. A carriage return alone ends none.
pub(crate) struct Lines<R> {
    reader: R,
    number: u64,
    at: u64,
    longest: usize,
    bytes: Vec<u8>,
}

impl Lines<BufReader<File>> {
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self::new(BufReader::with_capacity(256 << 10, File::open(path)?)))
    }
}

impl<R: BufRead> Lines<R> {
    pub fn new(reader: R) -> Self {
        Self::with_longest(reader, LONGEST)
    }

    fn with_longest(reader: R, longest: usize) -> Self {
        Self { reader, number: 0, at: 0, longest, bytes: Vec::new() }
    }

    /// The next line; `None` at the end. A line feed at the very end begins no further line.
    pub fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        self.bytes.clear();
        if self.bytes.capacity() > KEPT {
            self.bytes.shrink_to(KEPT);
        }
        let start = self.at;
        let (mut is_too_long, mut is_ended) = (false, false);
        while !is_ended {
            let chunk = match self.reader.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if chunk.is_empty() {
                break;
            }
            let end = memchr(b'\n', chunk);
            let used = end.map_or(chunk.len(), |end| end + 1);
            is_ended = end.is_some();
            if !is_too_long && self.bytes.len() + used > self.longest {
                is_too_long = true;
                self.bytes.extend_from_slice(&chunk[..used.min(HEAD)]);
                self.bytes.truncate(HEAD);
                self.bytes.shrink_to(KEPT);
            } else if !is_too_long {
                self.bytes.extend_from_slice(&chunk[..used]);
            }
            self.reader.consume(used);
            self.at += used as u64;
        }
        if self.at == start {
            return Ok(None);
        }
        self.number += 1;
        let (bytes, end) = match self.bytes.as_slice() {
            bytes if is_too_long => (bytes, if is_ended { "\n" } else { "" }),
            [bytes @ .., b'\r', b'\n'] => (bytes, "\r\n"),
            [bytes @ .., b'\n'] => (bytes, "\n"),
            bytes => (bytes, ""),
        };
        Ok(Some(Line { number: self.number, start, length: self.at - start, bytes, end, is_too_long }))
    }
}

/// Reads `length` bytes from `start`, without the end of a line. What is longer than a line may be is cut.
pub(crate) fn read_at(file: &mut File, start: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(start))?;
    file.take(length.min(LONGEST as u64)).read_to_end(&mut bytes)?;
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Number, start, length, bytes, end, and whether it is too long.
    type Read = (u64, u64, u64, Vec<u8>, &'static str, bool);

    fn lines(bytes: &[u8], longest: usize, capacity: usize) -> Vec<Read> {
        let mut lines = Lines::with_longest(BufReader::with_capacity(capacity, bytes), longest);
        let mut found = Vec::new();
        while let Some(line) = lines.next_line().expect("memory can be read") {
            found.push((line.number, line.start, line.length, line.bytes.to_vec(), line.end, line.is_too_long));
        }
        found
    }

    #[test]
    fn ends_of_every_kind_and_none_are_told_apart() {
        let file = "a\r\n\n\u{2028}b\rc\nd";
        let expected = [
            (1, 0, 3, b"a".to_vec(), "\r\n", false),
            (2, 3, 1, b"".to_vec(), "\n", false),
            (3, 4, 7, "\u{2028}b\rc".as_bytes().to_vec(), "\n", false),
            (4, 11, 1, b"d".to_vec(), "", false),
        ];
        for capacity in [1, 2, 3, 100] {
            assert_eq!(lines(file.as_bytes(), 100, capacity), expected, "{capacity}");
        }
        assert_eq!(lines(b"", 100, 8), []);
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over_and_the_next_one_is_read() {
        let file = format!("{}\nnext\n{}", "x".repeat(3000), "y".repeat(2000));
        for capacity in [7, 1999, 10_000] {
            let found = lines(file.as_bytes(), 1500, capacity);
            assert_eq!(found.len(), 3, "{capacity}");
            assert_eq!((found[0].1, found[0].2, found[0].4, found[0].5), (0, 3001, "\n", true));
            assert!(!found[0].3.is_empty() && found[0].3.len() <= HEAD && found[0].3.iter().all(|byte| *byte == b'x'));
            assert_eq!(found[1], (2, 3001, 5, b"next".to_vec(), "\n", false));
            assert_eq!((found[2].0, found[2].2, found[2].4, found[2].5), (3, 2000, "", true));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_lines_with_their_ends_are_the_file(
            pieces in proptest::collection::vec("(a|é|\r|\n|\r\n|\u{feff}|\u{2028}){0,6}", 0..8),
            capacity in 1usize..20,
        ) {
            let file = pieces.concat();
            let found = lines(file.as_bytes(), 1000, capacity);
            let mut whole = Vec::new();
            for (at, (number, start, length, bytes, end, _)) in found.iter().enumerate() {
                prop_assert_eq!((*number, *start), (at as u64 + 1, whole.len() as u64));
                whole.extend_from_slice(bytes);
                whole.extend_from_slice(end.as_bytes());
                prop_assert_eq!(whole.len() as u64, start + length);
            }
            prop_assert_eq!(whole, file.into_bytes());
        }
    }
}
