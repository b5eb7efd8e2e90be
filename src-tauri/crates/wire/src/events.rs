//! The events of one answer, for a table that may have a hundred thousand rows.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What is true of all events together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct EventsView {
    /// Events and comments.
    pub count: u32,
    pub messages: u32,
    pub errors: u32,
    pub comments: u32,
    pub stalls: u32,
    /// Bytes of the body that the events stand in.
    pub bytes: u64,
    /// Milliseconds; `None` with fewer than two events.
    pub median_gap: Option<f64>,
    pub longest_gap: Option<f64>,
    /// A gap of more milliseconds than this is a stall: the larger of 250 ms and eight times the median.
    pub stall_threshold: f64,
    /// More may come; ask again.
    pub live: bool,
    /// The body was no stream; there is nothing to list.
    pub document: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct EventRow {
    /// From 1, comments counted.
    pub number: u32,
    /// Milliseconds since the call began.
    pub at: f64,
    /// Milliseconds since the event before; `None` for the first.
    pub gap: Option<f64>,
    /// In the body, with its terminator.
    pub offset: u64,
    pub bytes: u32,
    pub kind: EventKind,
    /// Its `event:` field, when it has one.
    pub name: Option<String>,
    /// The text it carried for the answer, or the comment; else the beginning of its data.
    pub text: String,
    /// Where that text stands in the answer.
    pub part: Option<TextPart>,
    /// JSON path of that text, for example `$.choices[0].delta.content`.
    pub path: Option<String>,
    pub stall: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum EventKind {
    Message,
    Error,
    Comment,
    /// The end mark, for example `[DONE]`.
    Done,
}

/// A range of the answer, in UTF-16 units, as JavaScript counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TextPart {
    pub channel: TextChannel,
    pub choice: u32,
    pub start: u32,
    pub end: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum TextChannel {
    Text,
    Reasoning,
    Refusal,
    /// Arguments of tool calls; ranges count within the arguments of all calls of the choice, one after the other.
    ToolCall,
}

/// Which events to list. All conditions hold at once.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct EventFilter {
    /// Found in the bytes of the event, letter case aside; empty finds all.
    pub text: String,
    /// Empty for all.
    pub kinds: Vec<EventKind>,
    pub stalls_only: bool,
}
