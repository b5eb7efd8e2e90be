//! Runs and requests that leave as files, and come back.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::connection::Connection;
use crate::ids::{CellId, RunId};
use crate::lane::{Comparison, ComparisonSummary};
use crate::run::RunSummary;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum ExportSubject {
    Cell { cell: CellId },
    Runs { runs: Vec<RunId> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ExportFormat {
    /// HTTP Archive 1.2.
    Har,
    /// One line of JSON a cell.
    Jsonl,
    /// The body of one answer as it came.
    Body,
    /// Everything that brings the runs back in another Juxta, without secrets.
    Bundle,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Exported {
    pub path: String,
    pub bytes: u64,
}

/// What came of a file or a pasted text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Imported {
    /// `curl`, `HAR`, `JSONL` or `bundle`.
    pub format: String,
    /// A request that opens as a draft; not saved yet.
    pub draft: Option<ImportedDraft>,
    /// Further drafts, saved already.
    pub saved: Vec<ComparisonSummary>,
    /// Past runs, saved already.
    pub runs: Vec<RunSummary>,
    /// Names of the slots whose keys came along and were put into the keychain or memory.
    pub keys_found: Vec<String>,
    /// Parts that were not understood, named one by one; they are kept where there is a place for them.
    pub unknown: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ImportedDraft {
    /// A connection that fits, or a new one that is not saved yet.
    pub connection: Connection,
    pub is_new_connection: bool,
    pub comparison: Comparison,
}
