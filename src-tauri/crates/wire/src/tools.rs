//! How the calls of tools in an answer get their results, and what they got.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::AppError;

/// What a draft says about results of its tools.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct ToolPlan {
    pub mode: ToolMode,
    /// The first rule that fits a call gives its result.
    pub rules: Vec<ToolRule>,
    /// A dialogue that runs by itself stops after this many answers.
    pub most_steps: u32,
}

impl Default for ToolPlan {
    fn default() -> Self {
        Self { mode: ToolMode::Step, rules: Vec::new(), most_steps: 8 }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ToolMode {
    /// Waits after each answer with calls; results that a rule gives are filled in and can be changed.
    #[default]
    Step,
    /// Goes on by itself as long as every call has a rule.
    Auto,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ToolRule {
    /// Name of the tool; [`ToolRule::ANY`] for every tool.
    pub tool: String,
    /// All must hold; empty fits every call of the tool.
    #[serde(default)]
    pub when: Vec<ToolCondition>,
    pub gives: ToolSource,
}

impl ToolRule {
    pub const ANY: &'static str = "*";
}

/// A place in the arguments and what stands there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ToolCondition {
    /// JSON pointer within the arguments, for example `/city`; empty for all of them.
    pub pointer: String,
    /// The text of a string, or the JSON of anything else, with spaces that do not matter.
    pub equals: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum ToolSource {
    /// The result is this text. `{{name}}` is a variable, `{{arguments}}` what the call was given, and `{{arguments/city}}`
    /// the value at that JSON pointer.
    Text { text: String },
    /// The result is what a server on this machine answers to a POST of `{"id", "name", "arguments"}`.
    #[serde(rename_all = "camelCase")]
    Http {
        /// `http:` on a loopback address.
        url: String,
        timeout_ms: u64,
    },
}

/// What one call of an answer got back. There is one for each id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ToolResult {
    /// The id by which the result names its call.
    pub id: String,
    pub name: String,
    pub origin: ToolOrigin,
    pub state: ToolResultState,
    /// Milliseconds until a server had answered.
    pub elapsed_ms: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum ToolOrigin {
    Hand,
    /// A text of the plan.
    Rule,
    #[serde(rename_all = "camelCase")]
    Http {
        url: String,
        status: Option<u16>,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum ToolResultState {
    /// The server was asked and has not answered yet.
    Asking,
    Given {
        reply: ToolReply,
    },
    /// Nothing was given: the call waits for the person.
    Failed {
        error: AppError,
    },
}

/// What is said to a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum ToolReply {
    /// The result as text, which may be empty.
    Output { text: String },
    /// Whether a call that asks first may be made.
    Approval { approve: bool, reason: String },
    /// The whole item that answers the call, as JSON text, where its output is no text: a screenshot, a shell's streams.
    Item { json: String },
}

/// What the person sends to go on with a dialogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ToolReplies {
    /// The alternative that goes on, where an answer has several.
    pub choice: u32,
    /// One for each id.
    pub results: Vec<ToolResult>,
    /// Arguments in the person's words, where they differ from the model's.
    pub arguments: Vec<ToolArguments>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ToolArguments {
    /// The choice or output item that made the call, and which of its calls.
    pub choice: u32,
    pub call: u32,
    pub text: String,
}
