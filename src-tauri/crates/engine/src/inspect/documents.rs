//! Recorded bytes as documents: rows of text by the window, whatever the size.
//!
//! A document is read twice when it is opened, in blocks: for what is true of it as a whole ([`facts`]) and for where
//! its rows begin ([`rows`]). After that only the rows that are asked for are read.

mod content;
mod event;
mod facts;
mod json_scan;
mod media;
mod rows;

use std::sync::{Arc, Mutex};

use juxta_client::envelope;
use juxta_wire::document::{DocumentForm, DocumentInfo, DocumentKey, DocumentRow, DocumentSource};
use juxta_wire::error::AppError;
use juxta_wire::exchange::{Preview, RequestView};
use juxta_wire::ids::CellId;

use super::recent::Weigh;
use super::{Attempt, BLOCK, Recording};
use crate::run::feed::lock;
use crate::run::{invalid, storage};
use crate::{Engine, not_found};
use content::Content;
pub(super) use event::data_of;
use event::payload_of;
use facts::{Meaning, Sum};
use json_scan::Key;
pub(super) use media::is_event_stream;
use rows::{Form, MOST_ROWS, RowIndex, hex_row};

/// The largest body that is handed over whole, and the largest whose envelope is opened.
const LARGEST_WHOLE: u64 = 64 << 20;
const HEX: u64 = 16;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DocumentId {
    Request(Attempt),
    Response(Attempt),
    Payload(Attempt),
    Event(Attempt, u32),
    EventPayload(Attempt, u32),
    /// SHA-256 of head and body.
    Preview(String),
}

/// A document with all that was found out about it.
pub(super) struct Document {
    /// Stands before the body and ends with an empty line.
    head: Vec<u8>,
    head_rows: Vec<DocumentRow>,
    body: Content,
    /// What `Pretty` shows when that is another text than the body.
    meant: Option<Content>,
    sum: Sum,
    meaning: Meaning,
    /// Bytes of the body that sum and meaning know.
    known: u64,
    pretty: Option<RowIndex>,
    exact: Option<RowIndex>,
    /// The envelope was looked for.
    is_opened: bool,
}

impl Weigh for Document {
    fn weight(&self) -> usize {
        let index = |index: &Option<RowIndex>| index.as_ref().map_or(0, RowIndex::weight);
        let meant = self.meant.as_ref().map_or(0, Content::weight);
        self.head.len() * 2
            + self.body.weight()
            + meant
            + self.meaning.weight()
            + index(&self.pretty)
            + index(&self.exact)
    }
}

impl Engine {
    /// What there is to show. While a cell runs this is of the moment, and `live` says that more may come.
    pub fn document_info(&self, source: &DocumentSource, form: DocumentForm) -> Result<DocumentInfo, AppError> {
        let (document, live) = self.document(source)?;
        lock(&document).info(form, live)
    }

    /// Rows from `from` on, at most a few thousand at a time.
    pub fn document_rows(
        &self,
        source: &DocumentSource,
        form: DocumentForm,
        from: u32,
        count: u32,
    ) -> Result<Vec<DocumentRow>, AppError> {
        let (document, _) = self.document(source)?;
        lock(&document).rows(form, from, count)
    }

    /// The bytes themselves, without the head of a request.
    pub fn document_bytes(&self, source: &DocumentSource) -> Result<Vec<u8>, AppError> {
        let (document, _) = self.document(source)?;
        let mut document = lock(&document);
        let length = document.body.length();
        if length > LARGEST_WHOLE {
            let size = length as f64 / 1e6;
            let message = format!("It has {size:.1} MB, and at most 64 MiB are handed over at once. Save the raw body");
            return Err(invalid("document", &message));
        }
        document.body.read(0, length as usize)
    }

    /// The document, with all that is on disk by now.
    fn document(&self, source: &DocumentSource) -> Result<(Arc<Mutex<Document>>, bool), AppError> {
        let documents = &self.inspected().documents;
        match source {
            DocumentSource::Request { cell } => {
                let Recording { attempt, .. } = self.recording(cell)?;
                let document = documents.get(DocumentId::Request(attempt), || {
                    let (head, body) = self.recorded_request(cell)?;
                    Document::new(head, Content::Memory(body), None)
                })?;
                Ok((document, false))
            }
            DocumentSource::Response { cell } => {
                let Recording { attempt, live } = self.recording(cell)?;
                let document = documents.get(DocumentId::Response(attempt), || self.answer_document(cell))?;
                lock(&document).follow()?;
                Ok((document, live))
            }
            DocumentSource::Payload { cell } => {
                let Recording { attempt, live } = self.recording(cell)?;
                let document = documents.get(DocumentId::Payload(attempt), || self.answer_document(cell))?;
                let mut locked = lock(&document);
                if !locked.is_opened {
                    locked.follow()?;
                }
                if !live && !locked.is_opened {
                    locked.open_envelope()?;
                }
                drop(locked);
                Ok((document, live))
            }
            DocumentSource::Event { cell, number } => {
                let attempt = self.recording(cell)?.attempt;
                let document = documents.get(DocumentId::Event(attempt, *number), || {
                    let raw = self.raw_event(cell, *number)?;
                    let data = data_of(&raw).map(Content::Memory);
                    Document::new(Vec::new(), Content::Memory(raw), data)
                })?;
                Ok((document, false))
            }
            DocumentSource::EventPayload { cell, number } => {
                let attempt = self.recording(cell)?.attempt;
                let document = documents.get(DocumentId::EventPayload(attempt, *number), || {
                    let payload = payload_of(self.raw_event(cell, *number)?);
                    Document::new(Vec::new(), Content::Memory(payload), None)
                })?;
                Ok((document, false))
            }
            DocumentSource::Preview { comparison, lane } => match self.preview(comparison, lane) {
                Preview::Refused { error } => Err(error),
                Preview::Ready { request } => {
                    let head = head_of(&request);
                    let mut sum = Sum::default();
                    sum.feed(&head);
                    sum.feed(request.body.as_bytes());
                    let document = documents.get(DocumentId::Preview(sum.sha256()), || {
                        Document::new(head, Content::Memory(request.body.into_bytes()), None)
                    })?;
                    Ok((document, false))
                }
            },
        }
    }

    fn answer_document(&self, cell: &CellId) -> Result<Document, AppError> {
        let reader = self.body_reader(cell)?;
        Document::new(Vec::new(), Content::File { reader, start: 0, end: 0 }, None)
    }

    fn raw_event(&self, cell: &CellId, number: u32) -> Result<Vec<u8>, AppError> {
        let log = self.event_log(cell)?;
        let raw = lock(&log).raw(number)?;
        raw.ok_or_else(|| not_found(&format!("Event {number}")))
    }
}

/// The head of a request as HTTP/1.1 sends it.
fn head_of(request: &RequestView) -> Vec<u8> {
    let after_scheme = request.url.split_once("://").map_or(request.url.as_str(), |(_, rest)| rest);
    let path = after_scheme.find(['/', '?']).map_or("/", |at| &after_scheme[at..]);
    let path = path.split('#').next().unwrap_or(path);
    let mut head = format!("{} {path} HTTP/1.1\r\n", request.method);
    for header in &request.headers {
        head.extend([header.name.as_str(), ": ", header.value.as_str(), "\r\n"]);
    }
    head.push_str("\r\n");
    head.into_bytes()
}

impl Document {
    fn new(head: Vec<u8>, body: Content, meant: Option<Content>) -> Result<Self, AppError> {
        // The empty line at its end is a row, but nothing begins after it but the body.
        let without_last_feed = head.strip_suffix(b"\r\n").unwrap_or(&head);
        let mut document = Self {
            head_rows: rows::rows_of(without_last_feed.to_vec())?,
            head,
            body,
            meant,
            sum: Sum::default(),
            meaning: Meaning::default(),
            known: 0,
            pretty: None,
            exact: None,
            is_opened: false,
        };
        document.learn()?;
        Ok(document)
    }

    /// Takes in what a recorded body has gained.
    fn follow(&mut self) -> Result<(), AppError> {
        if let Content::File { reader, start: 0, end } = &mut self.body {
            *end = reader.length().map_err(storage)?;
        }
        self.learn()
    }

    fn learn(&mut self) -> Result<(), AppError> {
        let length = self.body.length();
        if length < self.known {
            self.forget();
        }
        let is_new = self.known == 0;
        while self.known < length {
            let block = self.body.read(self.known, BLOCK)?;
            if block.is_empty() {
                break;
            }
            self.sum.feed(&block);
            if self.meant.is_none() {
                self.meaning.feed(&block);
            }
            self.known += block.len() as u64;
        }
        if let Some(Content::Memory(text)) = self.meant.as_ref().filter(|_| is_new) {
            self.meaning.feed(text);
        }
        Ok(())
    }

    fn forget(&mut self) {
        self.sum = Sum::default();
        self.meaning = Meaning::default();
        self.known = 0;
        self.pretty = None;
        self.exact = None;
    }

    /// Narrows a whole recorded body to what its envelope holds.
    fn open_envelope(&mut self) -> Result<(), AppError> {
        self.is_opened = true;
        let length = self.body.length();
        if !self.meaning.is_json() || length > LARGEST_WHOLE {
            return Ok(());
        }
        let whole = self.body.read(0, length as usize)?;
        let Ok(text) = str::from_utf8(&whole) else { return Ok(()) };
        let trimmed = text.trim_start_matches('\u{FEFF}');
        let Ok(opened) = envelope::open(trimmed) else { return Ok(()) };
        if opened.data == trimmed.trim() {
            return Ok(());
        }
        let from = (opened.data.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize) as u64;
        if let Content::File { start, end, .. } = &mut self.body {
            *start = from;
            *end = from + opened.data.len() as u64;
        }
        self.forget();
        self.learn()
    }

    fn info(&mut self, form: DocumentForm, live: bool) -> Result<DocumentInfo, AppError> {
        let (media, media_type) = self.meaning.media(&self.sum);
        let bytes = self.head.len() as u64 + self.body.length();
        let (rows, keys) = match form {
            DocumentForm::Hex => {
                let row = |offset: u64| ((self.head.len() as u64 + offset) / HEX) as u32;
                let rows = self.raw_keys().iter().map(|key| row(key.offset)).collect();
                (u32::try_from(bytes.div_ceil(HEX)).unwrap_or(u32::MAX), rows)
            }
            DocumentForm::Pretty | DocumentForm::Exact => {
                let head = self.head_rows.len() as u32;
                let index = self.index(form)?;
                let rows = index.key_rows().iter().map(|row| head + row).collect::<Vec<u32>>();
                (head.saturating_add(index.rows()), rows)
            }
        };
        let names = self.meaning.keys().iter().map(|key| key.name.clone());
        Ok(DocumentInfo {
            rows,
            bytes,
            body_bytes: self.body.length(),
            media,
            media_type: media_type.to_owned(),
            utf8: self.sum.is_utf8(),
            sha256: self.sum.sha256(),
            json: self.meaning.is_json(),
            live,
            keys: names.zip(keys).map(|(name, row)| DocumentKey { name, row }).collect(),
        })
    }

    fn rows(&mut self, form: DocumentForm, from: u32, count: u32) -> Result<Vec<DocumentRow>, AppError> {
        if form == DocumentForm::Hex {
            return self.hex_rows(from, count.min(MOST_ROWS));
        }
        let head = self.head_rows.len() as u32;
        let head_lines = self.head_rows.iter().filter_map(|row| row.line).max().unwrap_or(0);
        let count = count.min(MOST_ROWS);
        let first: Vec<DocumentRow> = self.head_rows.iter().skip(from as usize).take(count as usize).cloned().collect();
        let left = count - first.len() as u32;
        let from = from.saturating_sub(head);
        let is_pretty = self.index(form)?.form() == Form::Pretty;
        let content = match &mut self.meant {
            Some(meant) if is_pretty => meant,
            _ => &mut self.body,
        };
        let index = if is_pretty { &self.pretty } else { &self.exact };
        let mut rows = first;
        if let Some(index) = index {
            rows.extend(
                index
                    .read(content, from, left)?
                    .into_iter()
                    .map(|row| DocumentRow { line: row.line.map(|line| line.saturating_add(head_lines)), ..row }),
            );
        }
        Ok(rows)
    }

    fn hex_rows(&mut self, from: u32, count: u32) -> Result<Vec<DocumentRow>, AppError> {
        let begin = u64::from(from) * HEX;
        let head = self.head.len() as u64;
        let wanted = u64::from(count) * HEX;
        let mut bytes: Vec<u8> = self.head.iter().skip(begin as usize).take(wanted as usize).copied().collect();
        let left = wanted as usize - bytes.len();
        bytes.extend(self.body.read((begin + bytes.len() as u64).saturating_sub(head), left)?);
        let rows = bytes.chunks(HEX as usize).zip(0u32..).map(|(chunk, index)| {
            let row = from.saturating_add(index);
            DocumentRow { line: Some(row.saturating_add(1)), text: hex_row(u64::from(row) * HEX, chunk) }
        });
        Ok(rows.collect())
    }

    /// The index of a form, up to date. What is no JSON is pretty as it is.
    fn index(&mut self, form: DocumentForm) -> Result<&RowIndex, AppError> {
        let is_pretty = form == DocumentForm::Pretty && self.meaning.is_json();
        let raw_keys = self.raw_keys();
        if is_pretty {
            let content = self.meant.as_mut().unwrap_or(&mut self.body);
            let index = self.pretty.get_or_insert_with(|| RowIndex::new(Form::Pretty));
            index.extend(content, self.meaning.keys())?;
            return Ok(index);
        }
        if !self.meaning.is_json() {
            // It may have been whole for a moment before more came.
            self.pretty = None;
        }
        let index = self.exact.get_or_insert_with(|| RowIndex::new(Form::Exact));
        index.extend(&mut self.body, &raw_keys)?;
        Ok(index)
    }

    /// The members as they stand in the body; none when the body spells them another way.
    fn raw_keys(&self) -> Vec<Key> {
        let shift = match (&self.meant, &self.body) {
            (None, _) => Some(0),
            (Some(Content::Memory(meant)), Content::Memory(raw)) => memchr::memmem::find(raw, meant),
            (Some(_), _) => None,
        };
        match shift {
            None => Vec::new(),
            Some(shift) => {
                let moved = |key: &Key| Key { offset: key.offset + shift as u64, ..key.clone() };
                self.meaning.keys().iter().map(moved).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests;
