//! Finding past calls again.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::endpoint::EndpointKind;
use crate::ids::{CellId, RunId};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct SearchQuery {
    /// Words, `"phrases"`, and filters such as `model:gpt-4o cost>0.02 has:error`.
    pub text: String,
    pub limit: u32,
    /// Continue after the last row of a page.
    pub after: Option<CellId>,
    /// Minutes that the time zone is ahead of UTC: where `today` begins.
    pub offset: i32,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SearchPage {
    /// Newest first.
    pub rows: Vec<SearchRow>,
    pub more: bool,
    /// Milliseconds that the search took.
    pub took: f64,
    /// Parts of the query that were not understood, and were looked for as plain words or left out.
    pub problems: Vec<QueryProblem>,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SearchRow {
    pub cell: CellId,
    pub run: RunId,
    /// Name of the comparison when it ran.
    pub name: String,
    pub lane_index: u32,
    pub lanes: u32,
    pub repeat: u32,
    /// Unix milliseconds.
    pub started_at: u64,
    /// `finished`, `failed`, `stopped`, `endedEarly`, `interrupted`, or a state of a live call.
    pub state: String,
    pub status: Option<u16>,
    pub connection: String,
    pub model: String,
    pub endpoint: EndpointKind,
    pub time_to_first_token: Option<f64>,
    pub visible_tokens: Option<u64>,
    pub cost: Option<f64>,
    pub currency: Option<String>,
    /// A piece of the text around the first match, or the beginning of the answer.
    pub snippet: Vec<SnippetPart>,
    pub starred: bool,
    pub note: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SnippetPart {
    pub text: String,
    /// It matches a word of the query.
    pub hit: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct QueryProblem {
    /// In UTF-16 units of the query's text.
    pub start: u32,
    pub end: u32,
    pub message: String,
}

/// How the matches of a query divide, for the list of filters and the bars above the table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SearchFacets {
    pub groups: Vec<FacetGroup>,
    /// Oldest first, one for each day that has calls.
    pub days: Vec<DayCount>,
    /// Calls that match.
    pub matches: u64,
    /// The counts stopped here and are at least this.
    pub capped: bool,
    /// Calls in the history.
    pub total: u64,
    /// Calls of an earlier version whose text is still being read in, so that only filters find them.
    pub pending: u64,
    /// Bytes of the data folder's database and bodies.
    pub bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FacetGroup {
    /// `Result`, `Kind`, `Model`, `Connection`, `Kept`.
    pub title: String,
    pub values: Vec<FacetValue>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FacetValue {
    pub label: String,
    /// What to add to the query, for example `status:failed`.
    pub filter: String,
    /// Matches of the query without the filters of this group.
    pub count: u64,
    /// The query has this filter.
    pub chosen: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DayCount {
    /// Start of the day, Unix milliseconds, in the time zone that was asked for.
    pub day: u64,
    pub calls: u64,
    pub matches: u64,
}

/// One filter of the query language, for its help.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FilterHelp {
    /// `cost>`.
    pub filter: String,
    pub example: String,
    pub meaning: String,
}

/// What was spent since a moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Totals {
    pub calls: u64,
    /// Input and output.
    pub tokens: u64,
    pub costs: Vec<Amount>,
    /// Calls of which the price is not known.
    pub unpriced: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Amount {
    pub currency: String,
    pub amount: f64,
}
