//! What a window needs once, when it opens, and what belongs to no other noun.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::connection::{Connection, KeychainStatus, ProfileInfo};
use crate::endpoint::Dialect;
use crate::ids::ConnectionId;
use crate::lane::{Comparison, ComparisonSummary};
use crate::params::ParameterTable;
use crate::run::RunSummary;
use crate::settings::Settings;

#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Bootstrap {
    pub version: String,
    pub settings: Settings,
    pub connections: Vec<Connection>,
    pub profiles: Vec<ProfileInfo>,
    pub tables: Vec<ParameterTable>,
    pub keychain: KeychainStatus,
    pub comparisons: Vec<ComparisonSummary>,
    /// The comparison on screen, unless this is the first start.
    pub open: Option<Comparison>,
    pub runs: Vec<RunSummary>,
    pub sandbox: SandboxInfo,
    /// Where the data is, for the person to read.
    pub data_folder: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SandboxInfo {
    /// `http://127.0.0.1:41234`.
    pub address: String,
    /// What it does to every answer unless the request says otherwise.
    pub faults: SandboxFaults,
    pub connections: Vec<SandboxConnection>,
    pub models: Vec<SandboxModel>,
    pub scenarios: Vec<SandboxScenario>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SandboxConnection {
    pub id: ConnectionId,
    pub dialect: Dialect,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SandboxModel {
    pub id: String,
    pub description: String,
}

/// One fault that can be chosen from the menu, by the header `x-sandbox-fault`, or by a model name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SandboxScenario {
    /// `stall`, `cut`, `status-429`, …
    pub name: String,
    pub description: String,
}

/// What the sandbox does to every answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct SandboxFaults {
    /// Name of a [`SandboxScenario`]; `None` behaves well.
    pub scenario: Option<String>,
    /// Tokens a second; `None` is the model's own speed.
    pub tokens_per_second: Option<f64>,
    /// End `/v5` streams with `[DONE]`, which the real server may or may not do.
    pub done_on_scale: bool,
}

/// What a pasted curl command holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CurlImport {
    /// A connection that fits, or a new one that is not saved yet.
    pub connection: Connection,
    pub is_new_connection: bool,
    pub comparison: Comparison,
    /// Names of the slots whose keys came along and were put into the keychain or memory.
    pub keys_found: Vec<String>,
    /// Parts that were not understood, named one by one.
    pub unknown: Vec<String>,
}
