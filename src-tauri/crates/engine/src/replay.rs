//! A cell from its recorded bytes: the same parser and mapper as live, the recorded times, and no network.

pub mod live;
mod serve;

use bytes::Bytes;
use juxta_client::endpoints::Mapper;
use juxta_client::observe::{Piece, Sight, event_of};
use juxta_sse::{Frame, FrameKind, Parser};
use juxta_store::{IndexRecord, RecordKind};
use juxta_wire::error::AppError;
use juxta_wire::outcome::Outcome;
use juxta_wire::run::Cell;
use juxta_wire::timing::Milestones;

use crate::run::live::{Fragment, LiveCell};

/// What the recorded bytes of a cell say.
pub struct Replayed {
    pub outcome: Outcome,
    /// What the end of the bytes means: the first error that they carry, or that an answer was not over.
    pub end: Result<(), AppError>,
    pub milestones: Milestones,
    /// Arrival of each event, milliseconds, thinned for a strip.
    pub arrivals: Vec<f64>,
}

/// Folds a recorded body. An index with events means that it came as a stream.
pub fn replay(cell: &Cell, body: &[u8], index: &[IndexRecord]) -> Replayed {
    let mut folded = LiveCell::new(cell.clone());
    let mut player = Player::new(cell, Bytes::copy_from_slice(body), index);
    while player.play_next(&mut folded) {}
    player.fold(&folded)
}

/// Plays a recorded body, one event at a time.
pub struct Player {
    body: Bytes,
    beats: Vec<Beat>,
    next: usize,
    /// Bytes of the body that were played.
    played: usize,
    is_stream: bool,
    parser: Parser,
    mapper: Mapper,
    milestones: Milestones,
    /// The first that the body carries.
    error: Option<AppError>,
}

/// A moment at which a part of the body was complete.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Beat {
    /// Microseconds since the call began.
    at: u64,
    /// Where that part ends in the body.
    end: u64,
}

impl Player {
    pub fn new(cell: &Cell, body: Bytes, index: &[IndexRecord]) -> Self {
        let chunks = || index.iter().filter(|record| record.kind == RecordKind::Chunk);
        let is_stream = index.iter().any(|record| record.kind == RecordKind::Event);
        let milestones =
            Milestones { first_byte: chunks().next().map(|record| milliseconds(record.at)), ..Milestones::default() };
        Self {
            beats: beats(is_stream, body.len() as u64, index),
            body,
            next: 0,
            played: 0,
            is_stream,
            parser: Parser::new(),
            mapper: Mapper::new(cell.endpoint, cell.dialect),
            milestones,
            error: None,
        }
    }

    /// When the next event is due, microseconds since the call began; `None` when all were played.
    pub fn next_at(&self) -> Option<u64> {
        self.beats.get(self.next).map(|beat| beat.at)
    }

    /// When the last one is due.
    pub fn length(&self) -> u64 {
        self.beats.last().map_or(0, |beat| beat.at)
    }

    /// Plays the next event into `cell`; `false` when there was none left.
    pub fn play_next(&mut self, cell: &mut LiveCell) -> bool {
        let Some(beat) = self.beats.get(self.next).copied() else { return false };
        self.next += 1;
        let end = usize::try_from(beat.end).unwrap_or(usize::MAX).min(self.body.len());
        let part = self.body.slice(self.played.min(end)..end);
        self.played = end;
        let now = milliseconds(beat.at);
        if self.is_stream {
            self.play_events(&part, now, cell, self.next == self.beats.len());
        } else {
            self.play_document(&part, now, cell);
        }
        true
    }

    fn play_events(&mut self, bytes: &[u8], now: f64, cell: &mut LiveCell, last: bool) {
        let Self { parser, mapper, milestones, error, .. } = self;
        let mut on_frame = |frame: Frame<'_>| {
            if let FrameKind::Comment { .. } = frame.kind {
                mapper.comment();
            }
            let Some((name, data)) = event_of(frame.kind) else { return };
            milestones.first_event.get_or_insert(now);
            cell.arrived(&[now as f32]);
            let carried = mapper.event(name, data, &mut |piece| take(piece, now, milestones, cell));
            *error = error.take().or(carried);
        };
        parser.push(bytes, &mut on_frame);
        if last {
            parser.finish(&mut on_frame);
        }
    }

    fn play_document(&mut self, bytes: &[u8], now: f64, cell: &mut LiveCell) {
        let Self { mapper, milestones, error, .. } = self;
        // A document that was cut off has no outcome; its bytes are still there to look at.
        *error = mapper.document(bytes, &mut |piece| take(piece, now, milestones, cell)).err();
    }

    /// What was played so far.
    pub fn fold(&self, cell: &LiveCell) -> Replayed {
        let mut outcome = self.mapper.outcome();
        outcome.choices = cell.fold(&outcome.choices);
        let end = self.error.clone().map_or_else(|| self.mapper.end(), Err);
        Replayed { outcome, end, milestones: self.milestones.clone(), arrivals: cell.strip() }
    }
}

/// An event whose record was lost in a crash comes with the last that was kept.
fn beats(is_stream: bool, body: u64, index: &[IndexRecord]) -> Vec<Beat> {
    let mut beats: Vec<Beat> = match is_stream {
        true => index
            .iter()
            .filter(|record| record.kind == RecordKind::Event)
            .map(|record| Beat { at: record.at, end: record.offset + u64::from(record.length) })
            .collect(),
        false => Vec::new(),
    };
    if beats.last().is_none_or(|last| last.end < body) {
        let at = match is_stream {
            true => beats.last().map(|last| last.at),
            false => index.iter().rfind(|record| record.kind == RecordKind::Chunk).map(|record| record.at),
        };
        beats.push(Beat { at: at.unwrap_or_default(), end: body });
    }
    beats
}

fn take(piece: Piece<'_>, now: f64, marks: &mut Milestones, cell: &mut LiveCell) {
    match piece.sight() {
        Sight::Reasoning => {
            marks.first_reasoning.get_or_insert(now);
            marks.last_reasoning = Some(now);
        }
        Sight::Text => {
            marks.first_text.get_or_insert(now);
            marks.last_text = Some(now);
        }
        Sight::Nothing => {}
    }
    cell.append(Fragment::from(piece));
}

fn milliseconds(microseconds: u64) -> f64 {
    microseconds as f64 / 1000.0
}
