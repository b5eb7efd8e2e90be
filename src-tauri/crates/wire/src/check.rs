//! What an answer is held against, and how it stood.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

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
    /// The answer is not over, or was stopped.
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
