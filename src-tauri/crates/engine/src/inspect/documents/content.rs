//! Where the bytes of a document are, and a window that moves over them.

use juxta_store::BodyReader;
use juxta_wire::error::AppError;

use crate::run::storage;

/// Bytes that can be seen from any place in a window, unless the document ends before: more than the longest thing
/// that must not be torn apart.
pub const SIGHT: usize = 16;
/// Bytes that a window reads from a file at a time.
const READ: usize = 64 << 10;

pub enum Content {
    Memory(Vec<u8>),
    /// A range of a recorded body.
    File {
        reader: BodyReader,
        start: u64,
        end: u64,
    },
}

impl Content {
    pub fn length(&self) -> u64 {
        match self {
            Content::Memory(bytes) => bytes.len() as u64,
            Content::File { start, end, .. } => end - start,
        }
    }

    pub fn weight(&self) -> usize {
        match self {
            Content::Memory(bytes) => bytes.capacity(),
            Content::File { .. } => 0,
        }
    }

    /// Up to `length` bytes from `from` on.
    pub fn read(&mut self, from: u64, length: usize) -> Result<Vec<u8>, AppError> {
        let total = self.length();
        let length = (total.saturating_sub(from)).min(length as u64) as usize;
        match self {
            Content::Memory(bytes) => {
                let from = (from.min(total)) as usize;
                Ok(bytes[from..from + length].to_vec())
            }
            Content::File { reader, start, .. } => {
                let mut bytes = vec![0; length];
                let got = reader.read_at(*start + from, &mut bytes).map_err(storage)?;
                bytes.truncate(got);
                Ok(bytes)
            }
        }
    }

    pub fn window(&mut self) -> Window<'_> {
        Window { content: self, buffer: Vec::new(), start: 0 }
    }
}

/// Bytes around a place that moves forward.
pub struct Window<'c> {
    content: &'c mut Content,
    buffer: Vec<u8>,
    start: u64,
}

/// What lies ahead of a place.
pub struct Ahead<'w> {
    /// At least [`SIGHT`] bytes, unless the document ends before.
    pub bytes: &'w [u8],
    /// The document ends with these bytes.
    pub is_last: bool,
}

impl Window<'_> {
    pub fn ahead(&mut self, at: u64) -> Result<Ahead<'_>, AppError> {
        let total = self.content.length();
        if let Content::File { reader, start, .. } = self.content {
            let held = self.start + self.buffer.len() as u64;
            let is_in_sight = at >= self.start && (held >= total || at + SIGHT as u64 <= held);
            if !is_in_sight {
                self.buffer.resize(total.saturating_sub(at).min(READ as u64) as usize, 0);
                let got = reader.read_at(*start + at, &mut self.buffer).map_err(storage)?;
                self.buffer.truncate(got);
                self.start = at;
            }
        }
        let (bytes, start): (&[u8], u64) = match &*self.content {
            Content::Memory(bytes) => (bytes, 0),
            Content::File { .. } => (&self.buffer, self.start),
        };
        let from = (at.saturating_sub(start) as usize).min(bytes.len());
        // A file that lost its end since it was measured ends where reading stops.
        let is_last = start + bytes.len() as u64 >= total || bytes.len() < SIGHT;
        Ok(Ahead { bytes: &bytes[from..], is_last })
    }
}
