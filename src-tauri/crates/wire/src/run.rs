//! Runs and cells.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::endpoint::{Dialect, EndpointKind};
use crate::error::AppError;
use crate::exchange::{RequestView, ResponseHead};
use crate::ids::{CellId, ComparisonId, ConnectionId, LaneId, RunId};
use crate::lane::Comparison;
use crate::metrics::Metrics;
use crate::outcome::Outcome;
use crate::replay::ReplayPace;
use crate::timing::{Milestones, Phases};
use crate::tools::{ToolArguments, ToolReplies, ToolResult};

/// One row of the list of runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RunSummary {
    pub id: RunId,
    pub comparison: ComparisonId,
    /// Name of the comparison when it ran.
    pub name: String,
    /// Unix milliseconds.
    pub started_at: u64,
    pub lanes: u32,
    /// Of its first lane, which says in which section it is shown.
    #[serde(default)]
    pub endpoint: EndpointKind,
    pub cells: u32,
    pub finished: u32,
    /// Cells that failed, ended early, were stopped or interrupted.
    pub unfinished: u32,
    pub live: bool,
    #[serde(default)]
    pub starred: bool,
    /// What the person wrote about it.
    #[serde(default)]
    pub note: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Run {
    pub summary: RunSummary,
    /// The comparison as it was when Run was pressed.
    pub snapshot: Comparison,
    pub cells: Vec<Cell>,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Cell {
    pub id: CellId,
    pub run: RunId,
    pub lane: LaneId,
    /// 0 for lane A.
    pub lane_index: u32,
    /// 0 for the first of `repeats`.
    pub repeat: u32,
    /// Which answer of a dialogue with tools this is, from 0. Cells of the same lane and repeat are one dialogue.
    #[serde(default)]
    pub step: u32,
    pub connection: ConnectionId,
    pub connection_name: String,
    pub dialect: Dialect,
    pub endpoint: EndpointKind,
    pub model: String,
    pub state: CellState,
    /// Unix milliseconds; `None` while queued.
    pub started_at: Option<u64>,
    /// Which try this is, from 1.
    pub attempt: u32,
    pub request: Option<RequestView>,
    pub head: Option<ResponseHead>,
    pub phases: Phases,
    pub milestones: Milestones,
    pub metrics: Metrics,
    pub outcome: Outcome,
    pub error: Option<AppError>,
    /// Arrival of each event, milliseconds since the call began, thinned to what a strip can draw.
    pub arrivals: Vec<f64>,
    /// What the calls of this answer got back, once somebody or something answered them.
    #[serde(default)]
    pub results: Vec<ToolResult>,
    /// Arguments that the person changed before the results went back.
    #[serde(default)]
    pub arguments: Vec<ToolArguments>,
    /// The alternative whose calls `results` answers, where there are several.
    #[serde(default)]
    pub choice: u32,
    /// Set when the answer before this one was answered anew, which took this step and those behind it out of the
    /// dialogue: what that answer had got when this was sent.
    #[serde(default)]
    pub replaced: Option<Box<ToolReplies>>,
    /// Which of the draft's texts it sends.
    #[serde(default)]
    pub slice: Option<Slice>,
}

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Slice {
    /// The first of it, from 0.
    pub from: u32,
    /// The first behind it.
    pub to: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum CellState {
    /// Waits for a free place on its connection.
    Queued,
    /// Sent, no byte yet.
    Waiting,
    /// Bytes arrive.
    Streaming,
    /// Refused; tries again after a while.
    #[serde(rename_all = "camelCase")]
    Retrying {
        /// Milliseconds from the moment this state was sent.
        wait_ms: f64,
        /// The try that comes next, from 2.
        attempt: u32,
        attempts: u32,
        error: AppError,
    },
    /// A recorded answer is played again; nothing is sent.
    #[serde(rename_all = "camelCase")]
    Replaying {
        pace: ReplayPace,
        paused: bool,
        /// Milliseconds of the recording that were played.
        position: f64,
        /// Milliseconds that the recording lasts.
        length: f64,
    },
    Finished,
    /// The person stopped it; the text stays.
    Stopped,
    Failed,
    /// Ended without an end mark; the text stays.
    EndedEarly,
    /// Juxta was closed or killed while it ran.
    Interrupted,
}

impl CellState {
    /// Nothing more will arrive.
    pub fn is_over(&self) -> bool {
        !matches!(
            self,
            CellState::Queued
                | CellState::Waiting
                | CellState::Streaming
                | CellState::Retrying { .. }
                | CellState::Replaying { .. }
        )
    }
}
