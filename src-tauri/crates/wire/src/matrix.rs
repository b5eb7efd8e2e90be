//! One prompt or several, over models, values of parameters, rows of a table and repeats, run from this desk.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::check::CheckState;
use crate::draft::Message;
use crate::error::AppError;
use crate::ids::{CellId, MatrixId, RunId};
use crate::lane::Comparison;
use crate::repeats::{Against, Figures, PassAt, PassRate};

/// What is to be run. Its variants are prompts × unmuted lanes × values, in this order; each is sent for every row, as
/// often as `comparison.repeats` says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MatrixPlan {
    pub name: String,
    /// Its lanes are the models, its table has the rows, its checks judge the answers.
    pub comparison: Comparison,
    /// Empty takes the messages of the comparison.
    #[serde(default)]
    pub prompts: Vec<MatrixPrompt>,
    #[serde(default)]
    pub axes: Vec<MatrixAxis>,
    #[serde(default)]
    pub rows: RowChoice,
    #[serde(default)]
    pub limits: MatrixLimits,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MatrixPrompt {
    pub name: String,
    pub messages: Vec<Message>,
}

/// A parameter that takes one value after the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MatrixAxis {
    /// As on the wire.
    pub parameter: String,
    /// As they were typed: values set apart by commas, JSON or bare words, and ranges such as `0..1 step 0.25`. `unset`
    /// sends no such key.
    pub values: String,
}

/// Which rows of the table are sent. Without a table there is one row, which has no values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum RowChoice {
    #[default]
    All,
    First {
        count: u64,
    },
    /// As they are counted for people, from 1, both ends included: `1-20, 35`.
    Numbers {
        text: String,
    },
}

/// What holds a matrix back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct MatrixLimits {
    /// The most calls of one connection at a time, those of judges among them. It is less while a provider says that there
    /// are too many.
    pub in_flight: u32,
    /// The most calls of one connection that are begun in a minute, those of judges among them.
    pub per_minute: Option<u32>,
    /// No cell is begun and no judge asked once all calls have cost this much, in the currency of the prices.
    pub budget: Option<f64>,
}

impl Default for MatrixLimits {
    fn default() -> Self {
        Self { in_flight: 8, per_minute: None, budget: None }
    }
}

/// How much a plan is, before anything is sent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MatrixCount {
    pub prompts: u32,
    pub lanes: u32,
    /// Combinations of the axes' values; 1 without axes.
    pub values: u32,
    pub rows: u64,
    pub repeats: u32,
    pub cells: u64,
    /// What judges are asked beside the cells, if every answer finishes.
    pub judge_calls: u64,
    pub variants: Vec<MatrixVariant>,
    /// Of all requests together, roughly. What judges read of the answers is not among it.
    pub tokens_in: u64,
    /// Of `tokens_in` and of the longest answers that are allowed, which judges read too; `None` where a price or a length
    /// is not known.
    pub cost_at_most: Option<f64>,
    /// Of `tokens_in` alone.
    pub cost_in: Option<f64>,
    pub currency: Option<String>,
    /// Why it cannot be run, in words that say what to do. Nothing is sent while there is one.
    pub problems: Vec<String>,
    /// What need not keep anybody from running it.
    pub notes: Vec<String>,
}

/// A way in which every row is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MatrixVariant {
    /// From 0; the `lane_index` of its cells.
    pub index: u32,
    /// `A` to `Z`, then `AA`.
    pub letter: String,
    /// What sets it apart from the others: `Short · gpt-5 · temperature 0.5`.
    pub name: String,
    /// `None` where there is one prompt only.
    pub prompt: Option<String>,
    pub connection: String,
    pub model: String,
    /// One for each axis, as JSON text; `None` sends no such key.
    pub values: Vec<Option<String>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Matrix {
    pub id: MatrixId,
    pub plan: MatrixPlan,
    pub state: MatrixState,
    /// Why it waits, or why its last step failed.
    pub problem: Option<AppError>,
    /// As they were when it began; of a draft as they would be.
    pub variants: Vec<MatrixVariant>,
    pub counts: MatrixCounts,
    /// What all calls have cost so far, those of judges among them; `None` when no price is known.
    pub spent: Option<f64>,
    pub currency: Option<String>,
    /// How many calls may be in flight at this moment, where a provider said that there were too many.
    pub slowed_to: Option<u32>,
    /// Unix milliseconds, as all times here.
    pub made_at: u64,
    pub started_at: Option<u64>,
    pub ended_at: Option<u64>,
    /// Cells that were over at moments of the last minutes, oldest first, for the rate.
    pub progress: Vec<MatrixProgress>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum MatrixState {
    /// Nothing was sent.
    Draft,
    Running,
    /// By the person.
    Paused,
    /// By the end of Juxta. Going on sends what is missing.
    Interrupted,
    /// The budget is spent.
    OverBudget,
    /// No cell is missing. Some may have failed.
    Finished,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MatrixCounts {
    pub total: u64,
    /// Sent, and not over.
    pub in_flight: u64,
    pub finished: u64,
    /// Failed or ended early.
    pub failed: u64,
    /// Finished cells that pass every check.
    pub passed: u64,
    /// Finished cells that do not.
    pub not_passed: u64,
    /// Finished cells about which a judge is still to be asked. Going on asks it.
    pub not_judged: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MatrixProgress {
    pub at: u64,
    pub over: u64,
}

/// What is told while matrices are looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum MatrixNews {
    /// At most a few times a second for each matrix.
    Changed {
        matrix: Box<Matrix>,
    },
    Gone {
        id: MatrixId,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum MatrixColumn {
    Row,
    Variant,
    Repeat,
    State,
    Checks,
    Answer,
    Tokens,
    Milliseconds,
    Cost,
}

/// Which cells are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MatrixCellsQuery {
    pub filter: MatrixFilter,
    /// Of one variant only.
    pub variant: Option<u32>,
    /// Of one row only, from 0.
    pub row: Option<u64>,
    /// In the row's values, the answer or the error; empty finds all.
    pub text: String,
    pub sort: MatrixColumn,
    pub descending: bool,
    pub from: u64,
    pub count: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum MatrixFilter {
    /// All that were begun.
    #[default]
    All,
    Passed,
    /// Finished, and a check failed.
    NotPassed,
    /// The call failed or ended early.
    Failed,
    InFlight,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MatrixCells {
    pub cells: Vec<MatrixCell>,
    /// Under this query.
    pub total: u64,
    /// Names of the table's columns.
    pub columns: Vec<String>,
    /// Names of the checks, in the order of [`MatrixCell::checks`].
    pub checks: Vec<String>,
}

/// One call of a matrix, as far as a list shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MatrixCell {
    pub run: RunId,
    /// In a dialogue with tools the last of its steps.
    pub cell: CellId,
    /// Of the table, from 0.
    pub row: u64,
    pub variant: u32,
    pub repeat: u32,
    pub state: MatrixCellState,
    /// Values of the row, cut, as many as there are columns.
    pub values: Vec<String>,
    /// The beginning of the answer, or of what went wrong.
    pub answer: String,
    pub checks: Vec<CheckState>,
    /// Every check passed; `None` without checks or where one could not be judged.
    pub passed: Option<bool>,
    pub tokens: Option<u64>,
    pub time_to_first_token: Option<f64>,
    pub milliseconds: Option<f64>,
    pub cost: Option<f64>,
    /// Its run was deleted from the history: there is no call to open, and it is not sent again.
    pub gone: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum MatrixCellState {
    InFlight,
    Finished,
    Failed,
}

/// What variants are held against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum MatrixBase {
    /// Another variant of the same matrix.
    Variant { index: u32 },
    /// The variant of another matrix that has the same name, or its only one; row by row, where their values are equal.
    Matrix { id: MatrixId },
}

/// The variants of a matrix over all their rows and repeats.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MatrixFigures {
    pub base: MatrixBase,
    pub checks: Vec<String>,
    pub variants: Vec<VariantFigures>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct VariantFigures {
    pub variant: u32,
    pub finished: u64,
    pub failed: u64,
    pub checks: Vec<PassRate>,
    /// Cells that pass every check.
    pub all: Option<PassRate>,
    /// Means over the rows of what each row's repeats say.
    pub pass_at: Vec<PassAt>,
    /// `values` are empty where there are more than a thousand: the median and its interval stand.
    pub time_to_first_token: Figures,
    pub total: Figures,
    pub tokens: Figures,
    pub cost: Figures,
    pub currency: Option<String>,
    /// What all its answers have cost.
    pub spent: Option<f64>,
}

/// A row under one variant against the base, over its repeats. What got worse most comes first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MatrixChange {
    pub row: u64,
    pub variant: u32,
    pub values: Vec<String>,
    pub passed: u32,
    pub total: u32,
    pub base_passed: u32,
    pub base_total: u32,
    /// `None` where one side has nothing that was judged.
    pub against: Option<Against>,
    /// To open, of this side and of the base.
    pub cell: Option<CellId>,
    pub base_cell: Option<CellId>,
    /// The beginning of the answers of the two.
    pub answer: String,
    pub base_answer: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MatrixChanges {
    pub changes: Vec<MatrixChange>,
    pub total: u64,
    pub worse: u64,
    pub better: u64,
    pub same: u64,
    /// Rows that only one side has.
    pub unmatched: u64,
}
