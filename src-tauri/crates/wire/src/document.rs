//! Recorded bytes as text that is read line by line, so that a body of any size opens at once.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::{CellId, LaneId};
use crate::lane::Comparison;

/// What is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum DocumentSource {
    /// Head and body of a request as recorded; secrets in the head are masked.
    Request { cell: CellId },
    /// The body of an answer as it came.
    Response { cell: CellId },
    /// What the envelope of an answer holds; the same as the body when there is no envelope.
    Payload { cell: CellId },
    /// One server-sent event, counted from 1 with the comments.
    Event { cell: CellId, number: u32 },
    /// What a server-sent event carries: its data, out of its envelope where it has one.
    EventPayload { cell: CellId, number: u32 },
    /// Head and body of the request that a lane would send.
    Preview { comparison: Box<Comparison>, lane: LaneId },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum DocumentForm {
    /// JSON indented by two; number spelling, key order and escapes stay. Anything that is no JSON is shown as it is.
    Pretty,
    /// As it is, line for line.
    Exact,
    /// Sixteen bytes a line: offset, bytes, printable ASCII.
    Hex,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DocumentInfo {
    /// Rows to scroll through: long lines are continued on rows of their own.
    pub rows: u32,
    /// Bytes of the whole, head included.
    pub bytes: u64,
    pub body_bytes: u64,
    pub media: DocumentMedia,
    /// The media type by content, for example `image/png`; what a header says may differ.
    pub media_type: String,
    /// Every byte is part of valid UTF-8.
    pub utf8: bool,
    /// Lower-case hexadecimal SHA-256 of the body.
    pub sha256: String,
    /// The body parses as JSON, so that `Pretty` differs from `Exact`.
    pub json: bool,
    /// More bytes may come; ask again.
    pub live: bool,
    /// Rows at which the members of the outermost JSON object stand, in this form.
    pub keys: Vec<DocumentKey>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DocumentKey {
    pub name: String,
    /// Counted from 0.
    pub row: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum DocumentMedia {
    Json,
    EventStream,
    Html,
    Text,
    Image,
    Audio,
    Binary,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DocumentRow {
    /// Number of the line from 1; `None` continues the line above.
    pub line: Option<u32>,
    pub text: String,
}
