//! The parser: a scanner for line ends and the state of the one frame under way.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr2;

use crate::frame::{Frame, FrameKind};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A buffer that grew beyond this for one huge frame is given back when the frame is over.
const KEEP_CAPACITY: usize = 1 << 20;

/// Turns the chunks of a body into frames. One parser serves one body.
#[derive(Debug, Default)]
pub struct Parser {
    /// The frame under way, as far as it came in earlier chunks.
    held: Vec<u8>,
    /// Offset in the body of the frame under way.
    offset: u64,
    /// Whether the start of the body has been checked for a byte order mark.
    begun: bool,
    /// The frame before was closed by a lone CR. A LF that comes next is the rest of that line end.
    closed_by_cr: bool,
    open: Open,
}

/// What is known of the frame under way. Positions count from its first byte.
#[derive(Debug, Default)]
struct Open {
    /// Where the unfinished line begins.
    line: usize,
    /// No line end lies before this.
    searched: usize,
    /// The last line that was completed ended in a lone CR.
    after_lone_cr: bool,
    /// A line other than a comment was completed.
    has_fields: bool,
    name: Option<Range<usize>>,
    id: Option<Range<usize>>,
    retry: Option<u64>,
    data: Data,
}

#[derive(Debug, Default)]
enum Data {
    #[default]
    None,
    /// One `data` field: its value is used where it stands.
    One(Range<usize>),
    /// Several: joined, each followed by a line feed except the last.
    Joined(String),
}

/// What the bytes after a line allow to say about the line's end.
enum LineEnd {
    /// So many bytes.
    Bytes(usize),
    /// A CR is the last byte there is: a LF may follow.
    Unknown,
}

impl Parser {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the body and reports each frame they complete.
    pub fn push(&mut self, chunk: &[u8], on: &mut impl FnMut(Frame<'_>)) {
        let mut rest = chunk;
        // Only the frame that was cut is put together; from its end on the chunk is read in place.
        while !self.held.is_empty() && !rest.is_empty() {
            let take = memchr2(b'\n', b'\r', rest).map_or(rest.len(), |at| at + 1);
            let mut held = std::mem::take(&mut self.held);
            held.extend_from_slice(&rest[..take]);
            rest = &rest[take..];
            let used = self.scan(&held, false, on);
            held.drain(..used);
            if held.is_empty() && held.capacity() > KEEP_CAPACITY {
                held = Vec::new();
            }
            self.held = held;
        }
        if !rest.is_empty() {
            let used = self.scan(rest, false, on);
            self.held.extend_from_slice(&rest[used..]);
        }
    }

    /// The body is over: reports what was waiting for one more byte, and the unfinished frame if there is one.
    /// The parser is then as new.
    pub fn finish(&mut self, on: &mut impl FnMut(Frame<'_>)) {
        let held = std::mem::take(&mut self.held);
        let used = self.scan(&held, true, on);
        let rest = &held[used..];
        if self.open.has_fields || self.open.line < rest.len() {
            let text = rest.strip_prefix(BYTE_ORDER_MARK).filter(|_| self.offset == 0).unwrap_or(rest);
            on(Frame {
                offset: self.offset,
                length: length(rest.len()),
                kind: FrameKind::Unfinished { text: &lossy(text) },
            });
        }
        *self = Self::default();
    }

    /// Reads `bytes`, which begin where the frame under way begins, and returns how many belong to frames that are
    /// closed now. `last` says that no byte follows.
    fn scan(&mut self, bytes: &[u8], last: bool, on: &mut impl FnMut(Frame<'_>)) -> usize {
        if !self.begun {
            if !last && bytes.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(bytes) {
                return 0;
            }
            self.begun = true;
            if bytes.starts_with(BYTE_ORDER_MARK) {
                self.open.line = BYTE_ORDER_MARK.len();
                self.open.searched = BYTE_ORDER_MARK.len();
            }
        }
        let mut start = 0;
        loop {
            if self.closed_by_cr && start < bytes.len() {
                self.closed_by_cr = false;
                if bytes[start] == b'\n' {
                    start += 1;
                    self.offset += 1;
                }
            }
            let frame = &bytes[start..];
            let Some(end) = find_line_end(frame, &self.open) else {
                self.open.searched = frame.len();
                return start;
            };
            let blank = end == self.open.line;
            // Where lines end in a lone CR the blank line is complete with its CR: an event must not wait for the
            // first byte of the next one.
            let line_end = if blank && self.open.after_lone_cr && frame[end] == b'\r' {
                LineEnd::Bytes(1)
            } else {
                measure_line_end(frame, end, last)
            };
            let LineEnd::Bytes(terminator) = line_end else {
                self.open.searched = end;
                return start;
            };
            let next = end + terminator;
            if blank {
                self.closed_by_cr = terminator == 1 && frame[end] == b'\r';
                self.close(frame, next, on);
                self.offset += next as u64;
                start += next;
            } else {
                self.take_line(frame, end, next, on);
                self.open.after_lone_cr = terminator == 1 && frame[end] == b'\r';
                self.open.line = next;
                self.open.searched = next;
            }
        }
    }

    /// A line that is not blank.
    fn take_line(&mut self, frame: &[u8], end: usize, next: usize, on: &mut impl FnMut(Frame<'_>)) {
        let begin = self.open.line;
        let line = &frame[begin..end];
        if line[0] == b':' {
            on(Frame {
                offset: self.offset + begin as u64,
                length: length(next - begin),
                kind: FrameKind::Comment { text: &lossy(&line[1..]) },
            });
            return;
        }
        self.open.has_fields = true;
        let Some((field, value)) = split_field(line) else { return };
        let value = begin + value..end;
        match field {
            Field::Data => self.open.data.add(frame, value),
            Field::Event => self.open.name = Some(value),
            // The standard ignores an id with a NUL in it.
            Field::Id if frame[value.clone()].contains(&0) => {}
            Field::Id => self.open.id = Some(value),
            Field::Retry => self.open.retry = milliseconds(&frame[value]).or(self.open.retry),
        }
    }

    /// The blank line: reports the event, if the frame is one.
    fn close(&mut self, frame: &[u8], next: usize, on: &mut impl FnMut(Frame<'_>)) {
        let open = std::mem::take(&mut self.open);
        let data = match open.data {
            Data::None => return,
            Data::One(range) => lossy(&frame[range]),
            Data::Joined(text) => Cow::Owned(text),
        };
        let name = open.name.map_or(Cow::Borrowed(""), |range| lossy(&frame[range]));
        let id = open.id.map(|range| lossy(&frame[range]));
        on(Frame {
            offset: self.offset,
            length: length(next),
            kind: FrameKind::Event { name: &name, data: &data, id: id.as_deref(), retry: open.retry },
        });
    }
}

impl Data {
    fn add(&mut self, frame: &[u8], value: Range<usize>) {
        match self {
            Data::None => *self = Data::One(value),
            Data::One(first) => {
                let mut text = lossy(&frame[first.clone()]).into_owned();
                text.push('\n');
                text.push_str(&lossy(&frame[value]));
                *self = Data::Joined(text);
            }
            Data::Joined(text) => {
                text.push('\n');
                text.push_str(&lossy(&frame[value]));
            }
        }
    }
}

enum Field {
    Data,
    Event,
    Id,
    Retry,
}

/// The field of a line and where its value begins; `None` for a name that the standard does not know.
fn split_field(line: &[u8]) -> Option<(Field, usize)> {
    let (field, after) = match line {
        [b'd', b'a', b't', b'a', after @ ..] => (Field::Data, after),
        [b'e', b'v', b'e', b'n', b't', after @ ..] => (Field::Event, after),
        [b'i', b'd', after @ ..] => (Field::Id, after),
        [b'r', b'e', b't', b'r', b'y', after @ ..] => (Field::Retry, after),
        _ => return None,
    };
    let value = match after {
        [] => after,
        // One space after the colon belongs to the syntax; any more belong to the value.
        [b':', b' ', value @ ..] | [b':', value @ ..] => value,
        _ => return None,
    };
    Some((field, line.len() - value.len()))
}

/// The position of the CR or LF that ends the unfinished line.
fn find_line_end(frame: &[u8], open: &Open) -> Option<usize> {
    let rest = &frame[open.searched..];
    // A blank line is expected after each line: looking is cheaper than searching.
    match rest.first()? {
        b'\n' | b'\r' => Some(open.searched),
        _ => memchr2(b'\n', b'\r', rest).map(|at| open.searched + at),
    }
}

fn measure_line_end(frame: &[u8], end: usize, last: bool) -> LineEnd {
    match (frame[end], frame.get(end + 1)) {
        (b'\r', Some(b'\n')) => LineEnd::Bytes(2),
        (b'\r', None) if !last => LineEnd::Unknown,
        _ => LineEnd::Bytes(1),
    }
}

/// A number of ASCII digits and nothing else; more than fit are the largest number there is.
fn milliseconds(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(value.iter().fold(0_u64, |number, digit| number.saturating_mul(10).saturating_add(u64::from(digit - b'0'))))
}

/// Invalid sequences become U+FFFD as the standard's decoder does it. Line by line this gives the same as decoding the
/// whole body, because no line end can be part of a longer sequence.
fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
