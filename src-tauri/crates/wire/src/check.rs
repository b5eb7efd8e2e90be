//! What an answer is held against, and how it stood.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::draft::Parameter;
use crate::endpoint::EndpointKind;
use crate::ids::{CellId, ConnectionId, RunId};

/// One thing that an answer has to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Check {
    /// As people see it: `Names the order`.
    pub name: String,
    pub rule: CheckRule,
}

/// The text of an answer is its first alternative, or the messages among the items of a response. Where a rule takes a
/// text of the person's, `{{name}}` is the value that the variable had when the run began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum CheckRule {
    /// `text` stands in the answer, or, with `not`, nowhere.
    Contains {
        text: String,
        #[serde(default)]
        ignore_case: bool,
        #[serde(default)]
        not: bool,
    },
    /// A regular expression without look-around and back references, as Rust's `regex` has them. No variables.
    Regex {
        pattern: String,
        #[serde(default)]
        ignore_case: bool,
        #[serde(default)]
        not: bool,
    },
    /// The answer is JSON that fits.
    JsonSchema {
        /// JSON text. Empty takes the schema that was sent with the request.
        schema: String,
    },
    /// RFC 9535. Without `equals` the path has to find something; with it, one of what it finds has to be that value.
    JsonPath {
        path: String,
        /// JSON text. Numbers are equal by their value, members in any order.
        equals: Option<String>,
    },
    /// A number that is no further than `tolerance` from `value`.
    Number {
        /// Where it stands in an answer that is JSON; `None` takes the last number in the text.
        path: Option<String>,
        value: f64,
        #[serde(default)]
        tolerance: f64,
    },
    /// Both bounds are allowed themselves.
    Length { unit: LengthUnit, least: Option<u32>, most: Option<u32> },
    /// In the currency of the model's price.
    Cost { most: f64 },
    /// Milliseconds.
    Latency { what: LatencyKind, most: f64 },
    /// A tool of this name was called, or, with `not`, none of this name.
    ToolCalled {
        name: String,
        #[serde(default)]
        not: bool,
    },
    /// A model says PASS or FAIL on a line of its own at the end. It is asked only when the person wants that.
    Judge {
        connection: ConnectionId,
        endpoint: EndpointKind,
        model: String,
        /// Sent as the only message. Beside the variables, `{{answer}}` is the text of the answer, and `{{question}}` that
        /// of the user's last message.
        prompt: String,
        /// So many calls are made about each answer, and more than half of them decide.
        #[serde(default = "one")]
        repeats: u32,
        /// All that is sent beside model and prompt.
        #[serde(default)]
        parameters: Vec<Parameter>,
    },
}

fn one() -> u32 {
    1
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum LengthUnit {
    /// What stands between white space.
    Words,
    /// Unicode scalar values.
    Characters,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum LatencyKind {
    TimeToFirstToken,
    /// Until the last byte. In a dialogue with tools, of all calls together.
    Total,
}

/// How one answer stands against one check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CheckResult {
    pub name: String,
    pub state: CheckState,
    /// A sentence for people: what was looked for, and what is there.
    pub why: String,
    /// What made it fail, or where it was found. At most [`CheckResult::MOST_PLACES`].
    pub places: Vec<CheckPlace>,
    /// What a judge said, call by call.
    #[serde(default)]
    pub verdicts: Vec<JudgeVerdict>,
}

impl CheckResult {
    pub const MOST_PLACES: usize = 50;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum CheckState {
    Passed,
    Failed,
    /// The answer is not over, or was stopped, or its judge was not asked yet.
    NotJudged,
    /// The check itself cannot be used, or what it asks about is not known, as the price of a model.
    CannotTell,
}

/// A piece of an answer's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CheckPlace {
    /// `index` of the choice in whose text it is.
    pub choice: u32,
    /// UTF-16 units of that text.
    pub from: u32,
    pub to: u32,
}

/// What one call of a judge said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct JudgeVerdict {
    /// The call, and the run that it is of.
    pub run: RunId,
    pub cell: CellId,
    /// [`CheckState::CannotTell`] where its last line is neither PASS nor FAIL, [`CheckState::NotJudged`] where the call
    /// failed, which can be made again.
    pub state: CheckState,
    /// Its reasons, or why the call failed. Long ones are cut.
    pub said: String,
}

/// What is still to be asked of judges.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct JudgeCount {
    /// Finished answers about which a judge was not asked as often as its rule says.
    pub answers: u32,
    pub calls: u32,
    /// Of the requests of these calls, roughly.
    pub tokens_in: u64,
    /// Of `tokens_in` alone; `None` where a price is not known.
    pub cost_in: Option<f64>,
    pub currency: Option<String>,
    /// They are being asked.
    pub running: bool,
}
