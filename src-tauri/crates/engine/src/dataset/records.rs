//! Cuts a file into records: the rows of a CSV file, whose quoted values may hold line breaks, or lines.

use std::io::{self, BufRead};

use memchr::{memchr, memchr_iter};

/// A longer record is passed over, so that one quotation mark that is never closed does not fill the memory.
const LONGEST: usize = 16 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// By RFC 4180, with this byte between values.
    Csv(u8),
    Lines,
}

/// Where a record lies, and what is wrong with its ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub start: u64,
    /// From 1.
    pub line: u64,
    /// Of a CSV file: how many values there are.
    pub fields: usize,
    pub fault: Option<&'static str>,
}

/// Reads one record after the other. Empty lines between them are none.
pub struct Records<R> {
    reader: R,
    cut: Cut,
    at: u64,
    line: u64,
    /// A line feed that follows belongs to the end of the record before.
    after_return: bool,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Bare,
    Quoted,
    /// Behind a quotation mark within quotation marks.
    Quote,
}

impl<R: BufRead> Records<R> {
    /// `reader` stands at byte `at`, which is the beginning of `line`.
    pub fn new(reader: R, cut: Cut, at: u64, line: u64) -> Self {
        Self { reader, cut, at, line, after_return: false, bytes: Vec::new() }
    }

    /// The bytes of the record read last, without its end.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// # Errors
    /// When the file cannot be read.
    pub fn next_record(&mut self) -> io::Result<Option<Record>> {
        loop {
            let read = match self.cut {
                Cut::Csv(separator) => self.read_row(separator)?,
                Cut::Lines => self.read_line()?,
            };
            match read {
                Some(record) if record.fault.is_none() && self.is_blank() => {}
                read => return Ok(read),
            }
        }
    }

    fn is_blank(&self) -> bool {
        match self.cut {
            Cut::Csv(_) => self.bytes.is_empty(),
            Cut::Lines => self.bytes.trim_ascii().is_empty(),
        }
    }

    fn read_line(&mut self) -> io::Result<Option<Record>> {
        self.bytes.clear();
        let mut record = Record { start: self.at, line: self.line, fields: 1, fault: None };
        loop {
            let chunk = self.reader.fill_buf()?;
            if chunk.is_empty() {
                return Ok((self.at > record.start).then_some(record));
            }
            let end = memchr(b'\n', chunk);
            let used = end.map_or(chunk.len(), |end| end + 1);
            keep(&mut self.bytes, &chunk[..end.unwrap_or(used)], &mut record);
            self.reader.consume(used);
            self.at += used as u64;
            if end.is_some() {
                self.line += 1;
                if self.bytes.last() == Some(&b'\r') {
                    self.bytes.pop();
                }
                return Ok(Some(record));
            }
        }
    }

    fn read_row(&mut self, separator: u8) -> io::Result<Option<Record>> {
        self.bytes.clear();
        if std::mem::take(&mut self.after_return) && self.reader.fill_buf()?.first() == Some(&b'\n') {
            self.reader.consume(1);
            self.at += 1;
        }
        let mut record = Record { start: self.at, line: self.line, fields: 1, fault: None };
        let mut place = Place::Start;
        loop {
            let chunk = self.reader.fill_buf()?;
            if chunk.is_empty() {
                if place == Place::Quoted {
                    record.fault = Some("a quotation mark is never closed");
                }
                return Ok((self.at > record.start).then_some(record));
            }
            let end = end_of_row(chunk, separator, &mut place, &mut record.fields);
            let used = end.map_or(chunk.len(), |end| end + 1);
            let row = &chunk[..end.unwrap_or(used)];
            keep(&mut self.bytes, row, &mut record);
            self.line += memchr_iter(b'\n', row).count() as u64;
            self.after_return = end.is_some_and(|end| chunk[end] == b'\r');
            self.reader.consume(used);
            self.at += used as u64;
            if end.is_some() {
                self.line += 1;
                return Ok(Some(record));
            }
        }
    }
}

/// Where the row ends within `chunk`, if it does.
fn end_of_row(chunk: &[u8], separator: u8, place: &mut Place, fields: &mut usize) -> Option<usize> {
    let mut at = 0;
    while at < chunk.len() {
        if *place == Place::Quoted {
            at += memchr(b'"', &chunk[at..])?;
            *place = Place::Quote;
            at += 1;
            continue;
        }
        *place = match chunk[at] {
            b'"' if *place == Place::Start || *place == Place::Quote => Place::Quoted,
            b'\n' | b'\r' => return Some(at),
            byte if byte == separator => {
                *fields += 1;
                Place::Start
            }
            _ => Place::Bare,
        };
        at += 1;
    }
    None
}

fn keep(bytes: &mut Vec<u8>, more: &[u8], record: &mut Record) {
    if record.fault.is_some() || bytes.len() + more.len() > LONGEST {
        record.fault = Some("it is longer than 16 MB; perhaps a quotation mark is never closed");
        bytes.clear();
        return;
    }
    bytes.extend_from_slice(more);
}
