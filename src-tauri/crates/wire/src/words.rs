//! What was said against what was heard.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct WordComparison {
    pub hits: u32,
    pub substitutions: u32,
    pub deletions: u32,
    pub insertions: u32,
    /// The word error rate: what is wrong, in parts of the words that were said. More than 1 when much was added.
    pub rate: f64,
    pub steps: Vec<WordStep>,
}

/// One word of one text or of both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct WordStep {
    pub kind: WordStepKind,
    pub said: Option<String>,
    pub heard: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum WordStepKind {
    Same,
    Substituted,
    Deleted,
    Inserted,
}
