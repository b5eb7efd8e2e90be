//! Lanes: the columns of a comparison.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::draft::{Draft, Message, Parameter, Variable};
use crate::endpoint::EndpointKind;
use crate::ids::{ComparisonId, ConnectionId, LaneId};

/// The most lanes that a comparison of texts may have. Those of pictures, sounds and vectors have as many as their grid.
pub const MAX_LANES: usize = 12;

/// A draft with its lanes, as saved, edited and run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Comparison {
    #[serde(default)]
    pub id: ComparisonId,
    pub name: String,
    pub draft: Draft,
    /// The first lane is the base: its parameters are the draft's own, the others override them.
    pub lanes: Vec<Lane>,
    #[serde(default = "one")]
    pub repeats: u32,
}

impl Comparison {
    /// Of the first lane.
    pub fn endpoint(&self) -> EndpointKind {
        self.lanes.first().map_or(EndpointKind::Chat, |lane| lane.endpoint)
    }

    /// It belongs to a section of its own, and not among the prompts.
    pub fn is_of_media(&self) -> bool {
        self.endpoint().is_of_media()
    }
}

fn one() -> u32 {
    1
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Lane {
    #[serde(default)]
    pub id: LaneId,
    pub connection: ConnectionId,
    pub endpoint: EndpointKind,
    /// Empty until a model is chosen.
    pub model: String,
    #[serde(default)]
    pub overrides: Vec<Override>,
    /// Messages of its own; `None` shares the draft's.
    #[serde(default)]
    pub forked_messages: Option<Vec<Message>>,
    /// Left out of "Run all".
    #[serde(default)]
    pub muted: bool,
    /// A body that is sent to the byte instead of the one that the form makes.
    #[serde(default)]
    pub raw_body: Option<String>,
    /// Run stops here first, so that the body can be edited before it is sent.
    #[serde(default)]
    pub hold: bool,
    /// Variables with a value of the lane's own. They stand before those of the draft and of its table.
    #[serde(default)]
    pub variables: Vec<Variable>,
}

/// What a lane does differently from the draft.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum Override {
    /// Sends this key with this value.
    Set { parameter: Parameter },
    /// Does not send this key although the draft does.
    Unset { name: String },
}

impl Override {
    pub fn name(&self) -> &str {
        match self {
            Override::Set { parameter } => &parameter.name,
            Override::Unset { name } => name,
        }
    }
}

/// One row of the workspace list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ComparisonSummary {
    pub id: ComparisonId,
    pub name: String,
    /// Unix milliseconds.
    pub updated_at: u64,
    pub lanes: u32,
    /// Of its first lane, which says in which section it is shown.
    pub endpoint: EndpointKind,
}
