//! The two axes: which endpoint, in which dialect.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What kind of call a lane makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum EndpointKind {
    Chat,
    Models,
}

/// How a server spells its requests and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Dialect {
    /// Scale GenAI Platform, `/v5`.
    ScaleV5,
    /// ScaiGrid, `/v1/inference`, answers in an envelope.
    ScaigridV1,
    /// Anything that speaks OpenAI's `/v1`.
    OpenAi,
}

/// Who is behind a connection. A profile is data: see [`crate::connection::ProfileInfo`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ProfileId {
    ScaleGp,
    Scaigrid,
    OpenAiCompatible,
    /// The server inside the app. It speaks every dialect; the connection says which.
    Sandbox,
}
