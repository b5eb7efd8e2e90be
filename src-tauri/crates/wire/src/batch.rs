//! Work handed to a provider's queue: a file of requests, what became of it, and its answers joined to its requests.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::endpoint::EndpointKind;
use crate::error::AppError;
use crate::ids::{BatchId, CellId, ConnectionId, RunId};
use crate::lane::Comparison;
use crate::run::CellState;

/// A batch as the list shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BatchJob {
    pub id: BatchId,
    pub name: String,
    pub connection: ConnectionId,
    /// The one endpoint of its lines; `None` where they are mixed.
    pub endpoint: Option<EndpointKind>,
    /// The one model of its lines.
    pub model: Option<String>,
    pub state: BatchState,
    /// As the provider calls it.
    pub provider_id: Option<String>,
    /// The provider's own word for its state, where we do not know that word.
    pub provider_state: Option<String>,
    pub counts: BatchCounts,
    pub window: Option<String>,
    /// Where the provider reads the file, when it is not sent along.
    pub url: Option<String>,
    pub metadata: Vec<MetadataEntry>,
    /// Why the provider refused the file, or the last question that failed.
    pub problem: Option<AppError>,
    /// The batch whose failures this one tries again.
    pub retry_of: Option<BatchId>,
    /// Unix milliseconds, as all times here.
    pub made_at: u64,
    pub sent_at: Option<u64>,
    pub ended_at: Option<u64>,
    /// When the provider is asked next.
    pub next_check: Option<u64>,
    /// Rows that were over at each of the last questions, oldest first, for the rate.
    pub progress: Vec<BatchProgress>,
    /// All that the provider has for it has been fetched.
    pub fetched: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum BatchState {
    /// Being made and checked; nothing was sent.
    Draft,
    /// On its way. What is found so at the next start becomes `Unknown`.
    Sending,
    /// It was sent and no answer came: the provider may have it or not. It is never sent again without asking.
    Unknown,
    /// Taken, and not begun.
    Queued,
    Running,
    /// Its results are being put together.
    Finalizing,
    Cancelling,
    Finished,
    /// The provider did not take the file.
    Refused,
    /// Its window ended; what was done by then is kept.
    Expired,
    /// What was done by then is kept.
    Cancelled,
    /// A state whose word nobody knows; it is asked for on.
    Other,
}

impl BatchState {
    /// The provider will not change it any more.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Finished | Self::Refused | Self::Expired | Self::Cancelled)
    }

    /// The provider has it and is asked about it.
    pub fn is_watched(self) -> bool {
        matches!(self, Self::Queued | Self::Running | Self::Finalizing | Self::Cancelling | Self::Other)
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BatchCounts {
    pub total: u64,
    pub done: u64,
    pub failed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BatchProgress {
    pub at: u64,
    /// Done and failed.
    pub over: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MetadataEntry {
    pub name: String,
    pub value: String,
}

/// What the lines of a new batch come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum BatchSource {
    /// A file of requests, copied as it is.
    File { path: String },
    /// The text of such a file.
    Text { name: String, text: String },
    /// A prompt, for each row of its table and each unmuted lane; lanes are other models or other parameters.
    Prompt { comparison: Box<Comparison> },
    /// What failed in another batch, or some of it.
    Failures { batch: BatchId, lines: Option<Vec<u64>> },
}

/// What can be changed of a batch before it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BatchPlan {
    pub name: String,
    pub connection: ConnectionId,
    pub window: Option<String>,
    pub metadata: Vec<MetadataEntry>,
    /// Where the provider reads the file. `None` sends it along.
    pub url: Option<String>,
}

/// What a look at every line of the file found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BatchCheck {
    pub bytes: u64,
    /// Of the file, for a bar while it is read.
    pub bytes_read: u64,
    /// Blank ones do not count.
    pub lines: u64,
    /// How many would be sent now.
    pub sent: u64,
    /// Of all lines that would be sent, roughly.
    pub tokens: u64,
    /// How long the look took.
    pub milliseconds: u64,
    pub done: bool,
    /// The first thousand.
    pub faults: Vec<BatchFault>,
    pub fault_count: u64,
    /// What concerns the whole file: too large to be sent along, endpoints that the provider wants apart.
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BatchFault {
    /// From 1, as an editor counts.
    pub line: u64,
    pub kind: BatchFaultKind,
    /// Around the fault, at most 200 characters.
    pub excerpt: String,
    /// Where in the excerpt, in UTF-16 units.
    pub from: u32,
    pub to: u32,
    /// In words, with the other line where it is about two.
    pub message: String,
    /// What a click does about it. Every line can also be left out.
    pub mend: Option<BatchMend>,
    /// What was chosen for the line.
    pub chosen: Option<BatchMend>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum BatchFaultKind {
    /// The line is no JSON object.
    Json,
    /// A `custom_id` that an earlier line has.
    DuplicateId,
    MissingId,
    /// Not `POST`.
    Method,
    /// No endpoint of this provider, or another one than the batch has.
    Endpoint,
    /// A field of the body that the endpoint needs.
    MissingField,
    /// A field of the body whose value the endpoint does not take.
    Field,
    /// `stream: true`, which a queue has no use for.
    Stream,
    /// Larger than the provider takes in one line.
    TooLarge,
    /// More tokens than the model takes.
    TooLong,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum BatchMend {
    LeaveOut,
    /// The same line, written so. `label` is the word on its button: `Remove comma`.
    Replace {
        label: String,
        text: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum BatchTab {
    Results,
    Failures,
    Requests,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum BatchColumn {
    Line,
    CustomId,
    Status,
    Result,
    Tokens,
    Milliseconds,
}

/// Which joined rows are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BatchRowsQuery {
    pub tab: BatchTab,
    /// In id, input or result; empty finds all.
    pub text: String,
    pub sort: BatchColumn,
    pub descending: bool,
    pub from: u64,
    pub count: u64,
}

/// Rows of a query by the numbers of their lines, as when many are chosen at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BatchLines {
    pub lines: Vec<u64>,
    /// Those of them that failed, or have no answer though the batch is over.
    pub failed: Vec<u64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BatchRows {
    pub rows: Vec<BatchRow>,
    /// Under this query.
    pub total: u64,
    pub results: u64,
    pub failures: u64,
    pub requests: u64,
    /// Names of the columns of the table that the requests were made of.
    pub columns: Vec<String>,
    /// Lines of results that could not be read, or that belong to no request.
    pub strays: Vec<String>,
}

/// A request with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BatchRow {
    /// Of the file that was sent, from 1.
    pub line: u64,
    pub custom_id: String,
    /// Values of the table's row, as many as there are columns.
    pub cells: Vec<String>,
    pub state: BatchRowState,
    /// HTTP status of the one call.
    pub status: Option<u16>,
    /// The beginning of the answer or of the provider's words about its failure.
    pub result: String,
    pub tokens_out: Option<u64>,
    pub milliseconds: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum BatchRowState {
    Waiting,
    Done,
    Failed,
    /// The batch is over and has no answer for it.
    Missing,
}

/// One row to its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BatchRowDetail {
    pub row: BatchRow,
    /// The line that was sent.
    pub request: String,
    /// The line that came back.
    pub response: Option<String>,
    /// The whole text of the answer.
    pub text: Option<String>,
}

/// One page of what the provider has, for batches that were made elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ProviderBatches {
    pub batches: Vec<ProviderBatch>,
    /// For the next page.
    pub cursor: Option<String>,
}

/// A batch as the provider tells of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ProviderBatch {
    pub provider_id: String,
    pub state: BatchState,
    pub provider_state: String,
    pub counts: BatchCounts,
    pub window: Option<String>,
    pub metadata: Vec<MetadataEntry>,
    pub made_at: Option<u64>,
    pub ended_at: Option<u64>,
    /// Ours, where it is in the list already.
    pub known: Option<BatchId>,
    /// The provider's words on why it was refused.
    pub problem: Option<String>,
}

/// What came of the first lines of a draft, which were sent one by one, live.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BatchTrial {
    /// Its calls are a run like any other.
    pub run: RunId,
    pub lines: u32,
    /// Lines whose call is over.
    pub over: u32,
    pub answered: u32,
    /// In the order of the file.
    pub failures: Vec<BatchTrialFailure>,
    /// Of the lines that were answered, reasoning included.
    pub median_tokens_out: Option<f64>,
    pub mean_tokens_out: Option<f64>,
    pub median_milliseconds: Option<f64>,
    /// Tokens in as the provider counted them, for each one that the look at the file reckons.
    pub input_ratio: Option<f64>,
    /// Where the price of every answer is known.
    pub mean_cost: Option<f64>,
    pub currency: Option<String>,
}

/// A line that was sent live and was not answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BatchTrialFailure {
    pub line: u64,
    pub custom_id: String,
    pub cell: CellId,
    pub state: CellState,
    pub error: Option<AppError>,
}

/// What is told while batches are looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum BatchNews {
    Changed {
        batch: Box<BatchJob>,
    },
    Gone {
        id: BatchId,
    },
    /// How far the look at a file is.
    Check {
        id: BatchId,
        check: Box<BatchCheck>,
    },
    /// A line that was sent live is over.
    Trial {
        id: BatchId,
        trial: Box<BatchTrial>,
    },
}
