//! What a call answered, folded from its bytes. It can be computed again from the recorded body at any time.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::usage::Usage;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct Outcome {
    pub choices: Vec<Choice>,
    pub usage: Option<Usage>,
    /// The model that the server says it used.
    pub model: Option<String>,
    pub response_id: Option<String>,
    /// `[DONE]` or its like was seen.
    pub end_marker: bool,
    /// Server-sent events, comments not counted; 0 when the answer was one JSON document.
    pub events: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct Choice {
    pub index: u32,
    pub text: String,
    pub reasoning: String,
    pub refusal: String,
    pub tool_calls: Vec<ToolCall>,
    /// As the server spelled it.
    pub finish_reason: Option<String>,
    /// JSON text of `annotations`, when there are any.
    pub annotations: Option<String>,
    /// Deltas that carried visible text: an estimate of tokens when the server sends no usage.
    pub text_deltas: u64,
    pub reasoning_deltas: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct ToolCall {
    pub id: Option<String>,
    /// `function`, `custom`, …
    pub kind: String,
    pub name: String,
    /// The text as it arrived: JSON for functions, free for custom tools.
    pub arguments: String,
}
