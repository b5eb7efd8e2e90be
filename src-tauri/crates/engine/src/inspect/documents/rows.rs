//! Bytes as rows of text. A row is made from a [`Place`] alone, so that reading can begin at any row whose place is
//! known; the places of some rows are kept and those between are found again from there.

use juxta_wire::document::DocumentRow;
use juxta_wire::error::AppError;
use memchr::memchr;

use super::content::{Ahead, Content, SIGHT, Window};
use super::json_scan::Key;

/// Characters after which a line goes on in a further row …
const LONG: usize = 400;
/// … or a few more, so as not to part a sign from what belongs to it.
const LONGEST: usize = 440;
/// Levels that are indented; deeper ones stand below each other.
const DEEPEST_INDENT: u32 = 64;
/// Rows between two places that are kept.
const STEP: u32 = 256;
/// Rows that are given at once.
pub const MOST_ROWS: u32 = 4_096;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The content is known to be JSON.
    Pretty,
    Exact,
}

/// The beginning of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    at: u64,
    /// Number of its line, from 1.
    line: u32,
    /// The row begins its line.
    begins_line: bool,
    /// A line begins here although no byte may follow: a line feed stands before it.
    after_feed: bool,
    /// Brackets that are open.
    depth: u32,
    is_in_text: bool,
}

const FIRST: Place = Place { at: 0, line: 1, begins_line: true, after_feed: false, depth: 0, is_in_text: false };

/// Where the rows of a content are.
#[derive(Debug)]
pub struct RowIndex {
    form: Form,
    /// The places of rows 0, [`STEP`], 2 × [`STEP`], …
    kept: Vec<Place>,
    rows: u32,
    /// The last row begins here; it may become longer.
    last: Place,
    /// The row of each key that was asked for.
    key_rows: Vec<u32>,
}

impl RowIndex {
    pub fn new(form: Form) -> Self {
        Self { form, kept: Vec::new(), rows: 0, last: FIRST, key_rows: Vec::new() }
    }

    pub fn form(&self) -> Form {
        self.form
    }

    pub fn rows(&self) -> u32 {
        self.rows
    }

    /// The rows of the keys that [`extend`](Self::extend) was given, in their order.
    pub fn key_rows(&self) -> &[u32] {
        &self.key_rows
    }

    pub fn weight(&self) -> usize {
        self.kept.capacity() * size_of::<Place>() + self.key_rows.capacity() * 4
    }

    /// Finds the rows of what came since the last time. `keys` are all that are known by now.
    pub fn extend(&mut self, content: &mut Content, keys: &[Key]) -> Result<(), AppError> {
        let mut place = self.last;
        if self.rows > 0 {
            self.rows -= 1;
            self.kept.truncate(self.rows.div_ceil(STEP) as usize);
            self.key_rows.truncate(self.key_rows.partition_point(|row| *row < self.rows));
        }
        let mut window = content.window();
        loop {
            let before = place;
            if !next_row(self.form, &mut place, &mut window, &mut None)? {
                return Ok(());
            }
            if self.rows.is_multiple_of(STEP) {
                self.kept.push(before);
            }
            while keys.get(self.key_rows.len()).is_some_and(|key| key.offset < place.at) {
                self.key_rows.push(self.rows);
            }
            self.last = before;
            let Some(rows) = self.rows.checked_add(1) else { return Ok(()) };
            self.rows = rows;
        }
    }

    /// Rows from `from` on.
    pub fn read(&self, content: &mut Content, from: u32, count: u32) -> Result<Vec<DocumentRow>, AppError> {
        let count = count.min(MOST_ROWS).min(self.rows.saturating_sub(from));
        let Some(mut place) = self.kept.get((from / STEP) as usize).copied().filter(|_| count > 0) else {
            return Ok(Vec::new());
        };
        let mut window = content.window();
        for _ in 0..from % STEP {
            next_row(self.form, &mut place, &mut window, &mut None)?;
        }
        let mut rows = Vec::with_capacity(count as usize);
        for _ in 0..count {
            let line = place.begins_line.then_some(place.line);
            let mut text = Some(Vec::new());
            if !next_row(self.form, &mut place, &mut window, &mut text)? {
                break;
            }
            rows.push(DocumentRow { line, text: to_text(text.unwrap_or_default()) });
        }
        Ok(rows)
    }
}

/// All rows of a text that is short.
pub fn rows_of(text: Vec<u8>) -> Result<Vec<DocumentRow>, AppError> {
    let mut content = Content::Memory(text);
    let mut index = RowIndex::new(Form::Exact);
    index.extend(&mut content, &[])?;
    index.read(&mut content, 0, index.rows())
}

fn to_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Sixteen bytes a row, as `hexdump -C` writes them.
pub fn hex_row(offset: u64, bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = format!("{offset:08x}  ");
    for position in 0..16 {
        // Writing to a String cannot fail.
        let _ = match bytes.get(position) {
            Some(byte) => write!(text, "{byte:02x} "),
            None => write!(text, "   "),
        };
        if position == 7 {
            text.push(' ');
        }
    }
    text.push_str(" |");
    text.extend(bytes.iter().map(|byte| if matches!(byte, 0x20..0x7f) { char::from(*byte) } else { '.' }));
    text.push('|');
    text
}

/// Where the text of a row goes; `None` when only its end is wanted.
type Out = Option<Vec<u8>>;

fn put(out: &mut Out, bytes: &[u8]) {
    if let Some(text) = out {
        text.extend_from_slice(bytes);
    }
}

/// Makes the row that begins at `place` and moves on to the next. `false` when there is none.
fn next_row(form: Form, place: &mut Place, window: &mut Window<'_>, out: &mut Out) -> Result<bool, AppError> {
    match form {
        Form::Exact => exact_row(place, window, out),
        Form::Pretty => pretty_row(place, window, out),
    }
}

fn exact_row(place: &mut Place, window: &mut Window<'_>, out: &mut Out) -> Result<bool, AppError> {
    let mut row = Row::default();
    loop {
        let Ahead { bytes, is_last } = window.ahead(place.at)?;
        if bytes.is_empty() {
            return Ok(std::mem::take(&mut place.after_feed) || row.length > 0);
        }
        // Most lines are short, and then nothing needs to be counted.
        let short = &bytes[..bytes.len().min(LONG)];
        if row.length == 0
            && let Some(end) = memchr(b'\n', short)
        {
            let text = &short[..end];
            put(out, text.strip_suffix(b"\r").unwrap_or(text));
            place.feed(end + 1);
            return Ok(true);
        }
        let mut used = 0;
        while used < bytes.len() && (is_last || bytes.len() - used >= SIGHT) {
            let rest = &bytes[used..];
            let terminator = match rest {
                [b'\n', ..] => 1,
                [b'\r', b'\n', ..] => 2,
                _ => 0,
            };
            if terminator > 0 {
                put(out, &bytes[..used]);
                place.feed(used + terminator);
                return Ok(true);
            }
            let unit = Unit::first_of(rest);
            if !row.takes(&unit) {
                put(out, &bytes[..used]);
                place.go_on(used);
                return Ok(true);
            }
            used += unit.bytes;
        }
        put(out, &bytes[..used]);
        place.at += used as u64;
    }
}

fn pretty_row(place: &mut Place, window: &mut Window<'_>, out: &mut Out) -> Result<bool, AppError> {
    let mut row = Row::default();
    let mut is_row = false;
    // What would close the bracket that was written last, as long as nothing stands in it.
    let mut opened = None;
    loop {
        let Ahead { bytes, is_last } = window.ahead(place.at)?;
        if bytes.is_empty() {
            return Ok(is_row);
        }
        let mut used = 0;
        while used < bytes.len() && (is_last || bytes.len() - used >= SIGHT) {
            let rest = &bytes[used..];
            let byte = rest[0];
            let is_mark = place.at + (used as u64) < 3 && matches!(byte, 0xEF | 0xBB | 0xBF);
            if !place.is_in_text && (matches!(byte, b' ' | b'\n' | b'\r' | b'\t') || is_mark) {
                used += 1;
                continue;
            }
            let closes = !place.is_in_text && matches!(byte, b'}' | b']');
            match opened.take() {
                Some(close) if close == byte => {}
                Some(_) => {
                    place.depth += 1;
                    place.begin_line(used);
                    return Ok(true);
                }
                None if closes && is_row => {
                    place.begin_line(used);
                    return Ok(true);
                }
                None if closes => place.depth = place.depth.saturating_sub(1),
                None => {}
            }
            if !std::mem::replace(&mut is_row, true) && place.begins_line {
                indent(out, place.depth);
            }
            let unit = Unit::first_of(rest);
            let is_token = place.is_in_text || !matches!(byte, b'{' | b'}' | b'[' | b']' | b',' | b':');
            if !row.takes(&unit) && is_token && byte != b'"' {
                place.go_on(used);
                return Ok(true);
            }
            put(out, &rest[..unit.bytes]);
            used += unit.bytes;
            match byte {
                b'"' => place.is_in_text = !place.is_in_text,
                _ if place.is_in_text => {}
                b'{' => opened = Some(b'}'),
                b'[' => opened = Some(b']'),
                b':' => put(out, b" "),
                b',' => {
                    place.begin_line(used);
                    return Ok(true);
                }
                _ => {}
            }
        }
        place.at += used as u64;
    }
}

impl Place {
    /// Past `used` bytes, the last of which is a line feed, a line begins.
    fn feed(&mut self, used: usize) {
        self.begin_line(used);
        self.after_feed = true;
    }

    fn begin_line(&mut self, used: usize) {
        self.at += used as u64;
        self.line = self.line.saturating_add(1);
        self.begins_line = true;
    }

    /// Past `used` bytes the line goes on in another row.
    fn go_on(&mut self, used: usize) {
        self.at += used as u64;
        self.begins_line = false;
        self.after_feed = false;
    }
}

fn indent(out: &mut Out, depth: u32) {
    if let Some(text) = out {
        text.resize(text.len() + 2 * depth.min(DEEPEST_INDENT) as usize, b' ');
    }
}

/// What is in a row so far.
#[derive(Default)]
struct Row {
    /// Characters.
    length: usize,
    /// What comes next belongs to the sign before it.
    is_joined: bool,
}

impl Row {
    /// Whether there is place for one more.
    fn takes(&mut self, unit: &Unit) -> bool {
        let is_bound = unit.belongs_to_the_sign_before || self.is_joined;
        if self.length >= LONG && (!is_bound || self.length >= LONGEST) {
            return false;
        }
        self.length += unit.characters;
        self.is_joined = unit.is_joiner;
        true
    }
}

/// Bytes that stay together: a character, an escape, both halves of an escaped pair.
struct Unit {
    bytes: usize,
    characters: usize,
    belongs_to_the_sign_before: bool,
    /// Binds the next to the one before.
    is_joiner: bool,
}

const JOINER: char = '\u{200D}';

impl Unit {
    /// `rest` is not empty, and has [`SIGHT`] bytes unless the document ends before.
    fn first_of(rest: &[u8]) -> Self {
        let plain = |bytes| Self { bytes, characters: bytes, belongs_to_the_sign_before: false, is_joiner: false };
        match rest[0] {
            b'\\' => plain(escape_length(rest)),
            0..0x80 => plain(1),
            lead => {
                let bytes = match lead {
                    0xC0..0xE0 => 2,
                    0xE0..0xF0 => 3,
                    _ => 4,
                };
                let character = rest.get(..bytes).and_then(|bytes| str::from_utf8(bytes).ok()?.chars().next());
                match character {
                    Some(character) => Self {
                        bytes,
                        characters: 1,
                        belongs_to_the_sign_before: belongs_to_the_sign_before(character),
                        is_joiner: character == JOINER,
                    },
                    // Not UTF-8: each byte is shown for itself.
                    None => plain(1),
                }
            }
        }
    }
}

fn escape_length(rest: &[u8]) -> usize {
    let unit = |from: usize| {
        let digits = rest.get(from..from + 6)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
    };
    match (unit(0), unit(6)) {
        (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => 12,
        (Some(_), _) => 6,
        (None, _) if rest.get(1).is_some_and(|next| matches!(next, 0x20..0x7F)) => 2,
        (None, _) => 1,
    }
}

/// Marks, variation selectors, skin tones and the like. Not every rule of Unicode, but those that people meet.
fn belongs_to_the_sign_before(character: char) -> bool {
    matches!(
        u32::from(character),
        0x0300..=0x036F
            | 0x0591..=0x05BD
            | 0x064B..=0x065F
            | 0x0900..=0x0903
            | 0x093A..=0x094F
            | 0x0E31..=0x0E3A
            | 0x0E47..=0x0E4E
            | 0x1AB0..=0x1AFF
            | 0x1DC0..=0x1DFF
            | 0x200D
            | 0x20D0..=0x20FF
            | 0x3099..=0x309A
            | 0xFE00..=0xFE0F
            | 0xFE20..=0xFE2F
            | 0x1F1E6..=0x1F1FF
            | 0x1F3FB..=0x1F3FF
            | 0xE0020..=0xE007F
            | 0xE0100..=0xE01EF
    )
}

#[cfg(test)]
mod tests;
