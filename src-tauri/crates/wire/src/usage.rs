//! Token counts as a server reported them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Each count is `None` when the server did not say; nothing is made up.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct Usage {
    pub input_tokens: Option<u64>,
    /// Part of `input_tokens`.
    pub cached_tokens: Option<u64>,
    /// All tokens of the answer, reasoning included.
    pub output_tokens: Option<u64>,
    /// Part of `output_tokens`.
    pub reasoning_tokens: Option<u64>,
    pub total_tokens: Option<u64>,
    /// A price the server itself reported, as text.
    pub reported_cost: Option<String>,
}
