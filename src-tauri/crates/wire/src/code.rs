//! A request as code in other languages.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::{CellId, LaneId};
use crate::lane::Comparison;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum CodeSource {
    /// The request as it was sent.
    Cell { cell: CellId },
    /// The request that a lane would send.
    Lane { comparison: Box<Comparison>, lane: LaneId },
}

/// One row of the table of exporters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CodeTarget {
    /// `python-httpx`.
    pub id: String,
    /// `Python`.
    pub language: String,
    /// `httpx`; empty when there is but one.
    pub library: String,
    /// For colours: `shell`, `python`, `javascript`, `rust`, `http`, `json`.
    pub syntax: String,
    pub file_name: String,
    /// Why this request cannot be said with it; `None` when it can.
    pub unfit: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CodeRequest {
    pub source: CodeSource,
    /// Id of a [`CodeTarget`].
    pub target: String,
    /// Names of environment variables that differ from the proposed ones.
    #[serde(default)]
    pub environment: Vec<CodeVariable>,
    /// Keys in the text itself; refused unless the settings allow it.
    #[serde(default)]
    pub with_secrets: bool,
    /// The variables of the prompt are given when the code is run, where that can be.
    #[serde(default)]
    pub as_arguments: bool,
}

/// The environment variable that a key is read from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CodeVariable {
    /// The header that the key goes into.
    pub header: String,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CodeView {
    pub text: String,
    pub targets: Vec<CodeTarget>,
    pub environment: Vec<CodeVariable>,
    pub variables: CodeArguments,
    /// What was found true or untrue of this text.
    pub checks: Vec<CodeCheck>,
}

/// The variables of a prompt, as far as code can be given them when it is run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CodeArguments {
    /// In the order in which the code takes them.
    pub names: Vec<String>,
    /// Why it cannot be given any; `None` when it can.
    pub unfit: Option<String>,
    /// This text takes them.
    pub taken: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CodeCheck {
    pub passed: bool,
    pub text: String,
}
