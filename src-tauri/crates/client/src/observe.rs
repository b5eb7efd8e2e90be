//! What a call reports while it runs.

use juxta_sse::FrameKind;
use juxta_wire::exchange::ResponseHead;
use juxta_wire::outcome::OutputItem;
use juxta_wire::timing::Phases;

/// Receives a call as it happens. Times (`at`) are microseconds since the call began, from a monotonic clock.
///
/// For each chunk of a stream the order is `chunk`, then for each event that ends in it `event` and its `piece`s.
pub trait Observer: Send {
    /// Each time one more phase is known.
    fn phases(&mut self, phases: &Phases);
    fn head(&mut self, at: u64, head: &ResponseHead);
    /// Raw body bytes as they came. They are never decompressed, because no compression is asked for.
    fn chunk(&mut self, at: u64, bytes: &[u8]);
    /// A frame of an event stream: where its raw bytes stand in the body, terminator included.
    fn event(&mut self, at: u64, offset: u64, length: u32, comment: bool);
    /// Mapped text.
    fn piece(&mut self, at: u64, piece: Piece<'_>);
    /// Nothing more is ready now: a moment to flush.
    fn idle(&mut self);
}

/// A fragment of an answer, to be appended to what came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    Text {
        choice: u32,
        text: &'a str,
    },
    Reasoning {
        choice: u32,
        text: &'a str,
    },
    Refusal {
        choice: u32,
        text: &'a str,
    },
    /// `call` counts the tool calls of a choice from 0. Members that are `None` did not stand in this fragment.
    ToolCall {
        choice: u32,
        call: u32,
        id: Option<&'a str>,
        name: Option<&'a str>,
        kind: Option<&'a str>,
        arguments: &'a str,
    },
    /// The output item that a choice is, whole; it takes the place of what was known of it.
    Item {
        choice: u32,
        item: &'a OutputItem,
    },
}

/// What a person sees of a piece, for the times of first and last sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    Text,
    Reasoning,
    /// Empty, or for a machine.
    Nothing,
}

impl Piece<'_> {
    pub fn sight(&self) -> Sight {
        match self {
            Piece::Text { text, .. } | Piece::Refusal { text, .. } if !text.is_empty() => Sight::Text,
            Piece::Reasoning { text, .. } if !text.is_empty() => Sight::Reasoning,
            Piece::Text { .. }
            | Piece::Refusal { .. }
            | Piece::Reasoning { .. }
            | Piece::ToolCall { .. }
            | Piece::Item { .. } => Sight::Nothing,
        }
    }
}

/// The end mark of streams that have one.
pub(crate) const DONE: &str = "[DONE]";

/// Name and data of a frame that counts as an event; `None` for comments and for what was left over.
///
/// The standard drops a last frame whose blank line never came. A `[DONE]` that forgot it still says that the answer is
/// whole.
pub fn event_of(kind: FrameKind<'_>) -> Option<(&str, &str)> {
    match kind {
        FrameKind::Event { name, data, .. } => Some((name, data)),
        FrameKind::Comment { .. } => None,
        FrameKind::Unfinished { text } => match text.trim_end().strip_prefix("data:") {
            Some(data) if data.trim_start() == DONE => Some(("", DONE)),
            _ => None,
        },
    }
}
