//! A draft seen as the JSON of its request body, and changes made there.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::lane::Comparison;

/// What became of JSON that a person wrote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BodyEdit {
    /// The comparison with the change; `None` while the text cannot be read as a body.
    pub comparison: Option<Comparison>,
    pub problems: Vec<BodyProblem>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BodyProblem {
    /// In UTF-16 units of the text.
    pub start: u32,
    pub end: u32,
    pub severity: Severity,
    /// `messages[2].role`; empty for the text as a whole.
    pub path: String,
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Severity {
    /// The text cannot become a draft.
    Error,
    /// It can be sent, and a server may refuse it.
    Warning,
}
