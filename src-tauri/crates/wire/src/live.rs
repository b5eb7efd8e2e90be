//! Messages on the one channel between a running engine and a window.
//!
//! The engine keeps the truth and a cursor for each cell; a batch carries what lies between the cursor and the end.
//! Batches are numbered from 1. The window acknowledges the newest it has applied, and no more than a bounded number
//! travel unacknowledged, so a busy or hidden window makes nobody wait and grows nothing. A window that sees a gap in
//! [`CellUpdate::sequence`] asks for the cell again.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::{CellId, RunId};
use crate::outcome::OutputItem;
use crate::run::{Cell, RunSummary};

/// At most about this many bytes of JSON go into one batch: above 8,192 Tauri's channel changes to its slow path.
pub const MAX_BATCH_BYTES: usize = 7_000;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Batch {
    pub number: u64,
    pub updates: Vec<CellUpdate>,
    /// Runs whose row in the list changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<RunSummary>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CellUpdate {
    pub cell: CellId,
    pub run: RunId,
    /// Counts the updates of this cell from 1.
    pub sequence: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub appends: Vec<Append>,
    /// Arrival of each new event, milliseconds since the call began.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arrivals: Vec<f64>,
    /// Everything about the cell but its texts and arrivals; sent when its state changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell_head: Option<Box<Cell>>,
}

/// Text that goes to the end of one part of the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum Append {
    Text {
        choice: u32,
        text: String,
    },
    Reasoning {
        choice: u32,
        text: String,
    },
    Refusal {
        choice: u32,
        text: String,
    },
    /// A fragment of the `call`-th tool call. `name` and `id` are whole when present.
    ToolCall {
        choice: u32,
        call: u32,
        id: Option<String>,
        name: Option<String>,
        #[serde(rename = "toolKind")]
        tool_kind: Option<String>,
        arguments: String,
    },
    /// The output item that this choice is, whole; it takes the place of what was known of it.
    Item {
        choice: u32,
        item: Box<OutputItem>,
    },
    /// A new try starts from nothing: drop what was there.
    Restart,
}

/// A cell with the number of its last update, so that later batches fit on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CellSnapshot {
    pub cell: Cell,
    pub sequence: u64,
}
