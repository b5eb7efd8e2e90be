//! A cell from its recorded bytes: the same parser and mapper as live, the recorded times, and no network.

use juxta_client::endpoints::chat::Mapper;
use juxta_client::observe::Piece;
use juxta_sse::{FrameKind, Parser};
use juxta_store::{IndexRecord, RecordKind};
use juxta_wire::outcome::Outcome;
use juxta_wire::run::Cell;
use juxta_wire::timing::Milestones;

use crate::run::live::{Fragment, LiveCell};

/// What the recorded bytes of a cell say.
pub struct Replayed {
    pub outcome: Outcome,
    pub milestones: Milestones,
    /// Arrival of each event, milliseconds, thinned for a strip.
    pub arrivals: Vec<f64>,
}

/// Folds a recorded body. An index with events means that it came as a stream.
pub fn replay(cell: &Cell, body: &[u8], index: &[IndexRecord]) -> Replayed {
    let mut replay = Replay { folded: LiveCell::new(cell.clone()), milestones: Milestones::default(), now: 0.0 };
    let mut mapper = Mapper::new(cell.dialect);
    let times = Times::new(index);
    replay.milestones.first_byte = times.first_chunk;
    if times.events.is_empty() {
        replay.now = times.last_chunk.unwrap_or_default();
        // A document that was cut off has no outcome; its bytes are still there to look at.
        if let Err(error) = mapper.document(body, &mut |piece| replay.piece(piece)) {
            tracing::debug!(%error, "a recorded body is no whole document");
        }
    } else {
        replay.stream(&mut mapper, body, &times);
    }
    let mut outcome = mapper.outcome();
    outcome.choices = replay.folded.fold(&outcome.choices);
    Replayed { outcome, milestones: replay.milestones, arrivals: replay.folded.strip() }
}

/// The times of an index, in milliseconds.
struct Times {
    first_chunk: Option<f64>,
    last_chunk: Option<f64>,
    /// Offset and arrival of each event that is not a comment.
    events: Vec<(u64, f64)>,
}

impl Times {
    fn new(index: &[IndexRecord]) -> Self {
        let milliseconds = |record: &IndexRecord| record.at as f64 / 1000.0;
        let of = |kind: RecordKind| index.iter().filter(move |record| record.kind == kind);
        Self {
            first_chunk: of(RecordKind::Chunk).next().map(milliseconds),
            last_chunk: of(RecordKind::Chunk).next_back().map(milliseconds),
            events: of(RecordKind::Event).map(|record| (record.offset, milliseconds(record))).collect(),
        }
    }

    /// When the event at `offset` arrived. One whose record was lost in a crash counts as the last that was kept.
    fn at(&self, offset: u64) -> f64 {
        let place = self.events.partition_point(|(known, _)| *known < offset).min(self.events.len() - 1);
        self.events[place].1
    }
}

struct Replay {
    folded: LiveCell,
    milestones: Milestones,
    now: f64,
}

impl Replay {
    fn stream(&mut self, mapper: &mut Mapper, body: &[u8], times: &Times) {
        let mut parser = Parser::new();
        parser.push(body, &mut |frame| {
            let FrameKind::Event { name, data, .. } = frame.kind else { return };
            self.now = times.at(frame.offset);
            self.milestones.first_event.get_or_insert(self.now);
            self.folded.arrived(&[self.now as f32]);
            // An error frame was classified when it came; here only the text counts.
            let _ = mapper.event(name, data, &mut |piece| self.piece(piece));
        });
    }

    fn piece(&mut self, piece: Piece<'_>) {
        let marks = &mut self.milestones;
        match piece {
            Piece::Reasoning { .. } => {
                marks.first_reasoning.get_or_insert(self.now);
                marks.last_reasoning = Some(self.now);
            }
            Piece::Text { .. } | Piece::Refusal { .. } | Piece::ToolCall { .. } => {
                marks.first_text.get_or_insert(self.now);
                marks.last_text = Some(self.now);
            }
        }
        self.folded.append(Fragment::from(piece));
    }
}
