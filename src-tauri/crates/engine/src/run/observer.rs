//! What stands between a call and everything that keeps it: the body file, the live cell, the feed.

use juxta_client::observe::{Observer, Piece};
use juxta_store::BodyWriter;
use juxta_wire::exchange::ResponseHead;
use juxta_wire::run::CellState;
use juxta_wire::timing::Phases;
use std::sync::Arc;
use std::time::Instant;

use super::feed::{Feed, SharedCell, lock};
use super::live::Fragment;

/// Bytes of text after which the live cell is brought up to date even if more is ready at once.
const MOST_PENDING: usize = 16 * 1024;
/// Arrivals likewise.
const MOST_PENDING_ARRIVALS: usize = 1024;

pub struct CellObserver {
    body: BodyWriter,
    cell: SharedCell,
    feed: Arc<Feed>,
    pending: Vec<Fragment>,
    pending_bytes: usize,
    arrivals: Vec<f32>,
    started: Instant,
    seen_text: bool,
    seen_reasoning: bool,
    /// A first token came since the last publish: the window hears of it without waiting for the frame.
    urgent: bool,
}

impl CellObserver {
    pub fn new(body: BodyWriter, cell: SharedCell, feed: Arc<Feed>) -> Self {
        Self {
            body,
            cell,
            feed,
            pending: Vec::new(),
            pending_bytes: 0,
            arrivals: Vec::new(),
            started: Instant::now(),
            seen_text: false,
            seen_reasoning: false,
            urgent: false,
        }
    }

    /// Hands over the body file once the call has ended.
    pub fn into_body(mut self) -> BodyWriter {
        self.publish();
        self.body
    }

    fn publish(&mut self) {
        if self.pending.is_empty() && self.arrivals.is_empty() {
            return;
        }
        {
            let mut cell = lock(&self.cell);
            for fragment in self.pending.drain(..) {
                cell.append(fragment);
            }
            cell.arrived(&self.arrivals);
        }
        self.arrivals.clear();
        self.pending_bytes = 0;
        if std::mem::take(&mut self.urgent) { self.feed.touch_now() } else { self.feed.touch() }
    }

    /// A lane shows its time to first token while it streams.
    fn first(&mut self, at: u64, reasoning: bool) {
        let at = at as f64 / 1000.0;
        lock(&self.cell).change(|cell| {
            if reasoning {
                cell.milestones.first_reasoning = Some(at);
            } else {
                cell.milestones.first_text = Some(at);
                cell.metrics.time_to_first_token = Some(at);
            }
        });
        self.urgent = true;
    }

    /// Adds to the last fragment when it is of the same part, so that a burst costs one allocation.
    fn push(&mut self, piece: Piece<'_>) {
        match (self.pending.last_mut(), &piece) {
            (Some(Fragment::Text { choice, text }), Piece::Text { choice: same, text: more })
            | (Some(Fragment::Reasoning { choice, text }), Piece::Reasoning { choice: same, text: more })
                if choice == same =>
            {
                text.push_str(more);
                self.pending_bytes += more.len();
                return;
            }
            _ => {}
        }
        let fragment = Fragment::from(piece);
        self.pending_bytes += match &fragment {
            Fragment::Text { text, .. } | Fragment::Reasoning { text, .. } | Fragment::Refusal { text, .. } => {
                text.len()
            }
            Fragment::ToolCall { arguments, .. } => arguments.len() + 1,
            Fragment::Item { item, .. } => item.json.len() + 1,
        };
        self.pending.push(fragment);
    }
}

impl Observer for CellObserver {
    fn phases(&mut self, phases: &Phases) {
        lock(&self.cell).change(|cell| cell.phases = phases.clone());
        self.feed.touch();
    }

    fn head(&mut self, _at: u64, head: &ResponseHead) {
        let streams = (200..300).contains(&head.status);
        lock(&self.cell).change(|cell| {
            cell.head = Some(head.clone());
            if streams {
                cell.state = CellState::Streaming;
            }
        });
        self.feed.touch_now();
    }

    fn chunk(&mut self, at: u64, bytes: &[u8]) {
        self.body.chunk(at, bytes);
        if self.pending_bytes >= MOST_PENDING || self.arrivals.len() >= MOST_PENDING_ARRIVALS {
            self.publish();
        }
    }

    fn event(&mut self, at: u64, offset: u64, length: u32, comment: bool) {
        self.body.event(at, offset, length, comment);
        if !comment {
            self.arrivals.push((at as f64 / 1000.0) as f32);
        }
    }

    fn piece(&mut self, at: u64, piece: Piece<'_>) {
        let seen = match piece {
            Piece::Reasoning { .. } => &mut self.seen_reasoning,
            Piece::Text { .. } | Piece::Refusal { .. } | Piece::ToolCall { .. } => &mut self.seen_text,
            Piece::Item { .. } => return self.push(piece),
        };
        if !std::mem::replace(seen, true) {
            self.first(at, matches!(piece, Piece::Reasoning { .. }));
        }
        self.push(piece);
    }

    fn idle(&mut self) {
        self.publish();
        // Only the distance to the last flush counts, so the observer's own clock will do.
        self.body.flush_if_due(self.started.elapsed().as_micros() as u64);
    }
}
