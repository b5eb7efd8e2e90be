//! The events of an answer, for a table of any length.

mod find;
mod log;
mod path;
mod statistics;

use std::sync::{Arc, Mutex};

use juxta_client::endpoints::Mapper;
use juxta_client::observe::Piece;
use juxta_sse::{Frame, FrameKind, Parser};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::AppError;
use juxta_wire::events::{EventFilter, EventKind, EventRow, EventsView, TextChannel, TextPart};
use juxta_wire::ids::CellId;

use super::Recording;
use crate::Engine;
use crate::run::feed::lock;
pub(super) use log::EventLog;
pub(super) use statistics::gaps;

/// Rows that are given at once.
const MOST_ROWS: usize = 4_096;
/// Characters of a row's text. The whole is in the event itself.
const LONGEST_TEXT: usize = 1_000;
/// Characters of data that stand for an event that carried no text.
const EXCERPT: usize = 200;

impl Engine {
    /// The events of a cell, up to date. For callers that want more than one thing from them.
    pub(super) fn event_log(&self, cell: &CellId) -> Result<Arc<Mutex<EventLog>>, AppError> {
        let Recording { attempt, live } = self.recording(cell)?;
        let log = self
            .inspected()
            .events
            .get(attempt, || Ok(EventLog::new(self.body_reader(cell)?, self.cell_head(cell)?.endpoint)))?;
        lock(&log).follow(live)?;
        Ok(log)
    }

    pub fn events(&self, cell: &CellId) -> Result<EventsView, AppError> {
        let log = self.event_log(cell)?;
        Ok(lock(&log).view())
    }

    /// Arrival of every event and comment, milliseconds since the call began.
    pub fn event_times(&self, cell: &CellId) -> Result<Vec<f32>, AppError> {
        let log = self.event_log(cell)?;
        Ok(lock(&log).entries().iter().map(|entry| (entry.at as f64 / 1000.0) as f32).collect())
    }

    /// Numbers of the events that the filter lets through, in order.
    pub fn find_events(&self, cell: &CellId, filter: &EventFilter) -> Result<Vec<u32>, AppError> {
        let log = self.event_log(cell)?;
        find::find(&mut lock(&log), filter)
    }

    /// The rows of these events, in this order. Numbers that there are not are left out.
    pub fn read_events(&self, cell: &CellId, numbers: &[u32]) -> Result<Vec<EventRow>, AppError> {
        let log = self.event_log(cell)?;
        let mut log = lock(&log);
        let mut rows = Vec::with_capacity(numbers.len().min(MOST_ROWS));
        for number in numbers.iter().take(MOST_ROWS) {
            rows.extend(row(&mut log, *number)?);
        }
        Ok(rows)
    }

    /// The event that carried the UTF-16 unit at `offset` of this part of the answer.
    pub fn event_of_text(
        &self,
        cell: &CellId,
        channel: TextChannel,
        choice: u32,
        offset: u32,
    ) -> Result<Option<u32>, AppError> {
        let log = self.event_log(cell)?;
        Ok(lock(&log).event_of_text(channel, choice, offset))
    }
}

fn row(log: &mut EventLog, number: u32) -> Result<Option<EventRow>, AppError> {
    let (Some(entry), Some(raw)) = (log.entry(number), log.raw(number)?) else { return Ok(None) };
    let part = log.part(number);
    let gap = log.gap(number);
    let stall = log.is_stall(number);
    let said = Said::read(&raw, entry.kind, part, log.endpoint());
    Ok(Some(EventRow {
        number,
        at: entry.at as f64 / 1000.0,
        gap,
        offset: entry.offset,
        bytes: entry.length,
        kind: entry.kind,
        name: said.name,
        text: said.text,
        part,
        path: said.path,
        stall,
    }))
}

/// What an event says, for its row.
#[derive(Default)]
struct Said {
    name: Option<String>,
    text: String,
    path: Option<String>,
}

impl Said {
    fn read(raw: &[u8], kind: EventKind, part: Option<TextPart>, endpoint: EndpointKind) -> Self {
        let mut said = None;
        let mut keep = |frame: Frame<'_>| match (frame.kind, kind) {
            (FrameKind::Event { name, data, .. }, EventKind::Message | EventKind::Error | EventKind::Done) => {
                said = Some(Self::of_event(name, data, part, endpoint));
            }
            (FrameKind::Comment { text }, EventKind::Comment) => {
                let text = cut(text.strip_prefix(' ').unwrap_or(text), LONGEST_TEXT);
                said = Some(Self { text, ..Self::default() });
            }
            (FrameKind::Unfinished { text }, EventKind::Done) => {
                said = Some(Self { text: cut(text.trim_start_matches("data:").trim(), EXCERPT), ..Self::default() });
            }
            _ => {}
        };
        let mut parser = Parser::new();
        parser.push(raw, &mut keep);
        parser.finish(&mut keep);
        said.unwrap_or_default()
    }

    fn of_event(name: &str, data: &str, part: Option<TextPart>, endpoint: EndpointKind) -> Self {
        let carried = part.map(|part| (part, carried(name, data, part, endpoint)));
        let name = (!name.is_empty()).then(|| name.to_owned());
        match carried {
            Some((part, text)) if !text.is_empty() => {
                let path = path::of_text(data, part.channel, part.choice, &text);
                Self { name, text: cut(&text, LONGEST_TEXT), path }
            }
            _ => Self { name, text: cut(data, EXCERPT), path: None },
        }
    }
}

/// The text that an event carried for one part of the answer.
fn carried(name: &str, data: &str, part: TextPart, endpoint: EndpointKind) -> String {
    let mut text = String::new();
    let mut first_call = None;
    // Only the classification of errors depends on the dialect.
    Mapper::new(endpoint, Dialect::OpenAi).event(name, data, &mut |piece| {
        let (channel, choice, piece) = match piece {
            Piece::Text { choice, text } => (TextChannel::Text, choice, text),
            Piece::Reasoning { choice, text } => (TextChannel::Reasoning, choice, text),
            Piece::Refusal { choice, text } => (TextChannel::Refusal, choice, text),
            Piece::ToolCall { choice, call, arguments, .. } => {
                // An event may begin one call after it ended another; the part is that of the first.
                let is_first = arguments.is_empty() || *first_call.get_or_insert(call) == call;
                (TextChannel::ToolCall, choice, if is_first { arguments } else { "" })
            }
            Piece::Item { .. } => return,
        };
        if (channel, choice) == (part.channel, part.choice) {
            text.push_str(piece);
        }
    });
    // A whole text of which only the end had not come before.
    let before = text.encode_utf16().count().saturating_sub((part.end - part.start) as usize);
    if before > 0 {
        let units: Vec<u16> = text.encode_utf16().skip(before).collect();
        text = String::from_utf16_lossy(&units);
    }
    text
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
