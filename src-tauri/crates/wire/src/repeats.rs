//! What many answers to the same question say together.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::{CellId, LaneId, RunId};

/// The lanes of one or several runs over their repeats. All intervals are of 95 %.
///
/// Each repeat was a call of its own: Juxta keeps no answers to give them out again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Repeats {
    /// Whose repeats they are, in the order in which they are counted.
    pub runs: Vec<RunId>,
    pub base: LaneId,
    /// Names of the checks, in the order of [`LaneRepeats::checks`].
    pub checks: Vec<String>,
    /// In the order of the run.
    pub lanes: Vec<LaneRepeats>,
}

/// A repeat is one cell; in a dialogue with tools it is all its steps, and the last of them is its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LaneRepeats {
    pub lane: LaneId,
    /// 0 for lane A.
    pub lane_index: u32,
    pub counts: RepeatCounts,
    pub checks: Vec<PassRate>,
    /// Repeats that pass every check. `None` when there are no checks.
    pub all: Option<PassRate>,
    /// For each k of 1, 2, 5 and 10 that there are repeats for. Empty when there are no checks.
    pub pass_at: Vec<PassAt>,
    /// Different texts among the answers that finished, to the byte.
    pub distinct: u32,
    /// Milliseconds until the first visible token. This and the next four are of repeats that finished.
    pub time_to_first_token: Figures,
    /// Milliseconds until the last byte.
    pub total: Figures,
    pub tokens_per_second: Figures,
    /// Of the answer, without reasoning.
    pub tokens: Figures,
    pub cost: Figures,
    /// Of `cost`.
    pub currency: Option<String>,
}

/// Repeats by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RepeatCounts {
    pub finished: u32,
    /// Failed or ended early. They pass no check.
    pub failed: u32,
    /// Stopped, or interrupted by the end of Juxta. They do not count, as what runs does not.
    pub stopped: u32,
    pub running: u32,
}

/// How many repeats passed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PassRate {
    pub passed: u32,
    /// Repeats that could be judged.
    pub total: u32,
    /// Wilson's, of the true rate, from 0 to 1. `None` when `total` is 0.
    pub interval: Option<Interval>,
    /// `None` for the base, and where nothing can be compared.
    pub against: Option<Against>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

/// A rate against that of the base.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Against {
    /// This rate minus the base's, from -1 to 1.
    pub difference: f64,
    /// Newcombe's, of the true difference.
    pub interval: Interval,
    pub verdict: Verdict,
    /// Repeats of each lane that would show a difference as large as this one four times in five. `None` when the rates
    /// are equal, which no number of repeats shows to differ.
    pub repeats_to_tell: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Verdict {
    Better,
    Worse,
    /// The interval of the difference holds 0.
    CannotTell,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PassAt {
    pub k: u32,
    /// pass@k: the chance that at least one of k answers passes.
    pub any: f64,
    /// pass^k: the chance that all of k answers pass.
    pub all: f64,
}

/// One figure of each repeat for which it is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Figures {
    /// In the order of the repeats.
    pub values: Vec<RepeatValue>,
    pub median: Option<f64>,
    /// Of the median, by the percentiles of resampled medians.
    pub interval: Option<Interval>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RepeatValue {
    pub cell: CellId,
    /// From 0; those of a later run go on from those before it.
    pub repeat: u32,
    pub value: f64,
}
