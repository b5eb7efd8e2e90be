//! Answers against the checks of their draft.
//!
//! A check is made ready once for a lane ([`Ready`]), with the values that its variables had when the run began, and then
//! held against each answer of it ([`Answer`]). Nothing is asked meanwhile: everything is in what was recorded, and so is
//! what models said as judges ([`Engine::ask_judges_about`]).

pub(crate) mod answer;
mod json;
mod judge;
mod ready;
mod text;
mod votes;

use std::ops::Range;

use juxta_wire::check::{Check, CheckResult, CheckRule, CheckState, JudgeVerdict};
use juxta_wire::draft::{Draft, Variable};
use juxta_wire::error::AppError;
use juxta_wire::ids::{CellId, LaneId};
use juxta_wire::lane::Comparison;
use juxta_wire::run::Cell;

use crate::dialogue::chain;
use crate::{Engine, not_found, resolve, template};
use answer::{Answer, Fate};
pub(crate) use judge::{Judging, OnBehalf, ToAsk};
pub(crate) use ready::Ready;

impl Engine {
    /// How an answer stands against `checks`, or against those that its run began with. In a dialogue with tools it is the
    /// answer of this step, with the figures and calls of those before it.
    ///
    /// # Errors
    /// When there is no such answer.
    pub fn check_cell(&self, cell: &CellId, checks: Option<Vec<Check>>) -> Result<Vec<CheckResult>, AppError> {
        // As it is stored: an answer that is played again was finished long ago.
        let run = self.run(&self.cell(cell)?.cell.run)?;
        let cell = run.cells.iter().find(|known| known.id == *cell).ok_or_else(|| not_found("The answer"))?;
        let checks = checks.unwrap_or_else(|| run.snapshot.draft.checks.clone());
        let siblings: Vec<Cell> = run.cells.iter().filter(|other| is_same_dialogue(other, cell)).cloned().collect();
        let mut steps: Vec<&Cell> = chain::before(&siblings, cell).into_iter().map(|step| step.cell).collect();
        steps.push(cell);
        let answer = Answer::of(steps).ok_or_else(|| not_found("The answer"))?;
        let ready = self.ready_checks(&checks, &run.snapshot, &cell.lane);
        Ok(ready.iter().map(|check| judge(check, &answer)).collect())
    }

    /// The checks as a lane of a run takes them.
    pub(crate) fn ready_checks(&self, checks: &[Check], snapshot: &Comparison, lane: &LaneId) -> Vec<Ready> {
        let variables = variables(snapshot, lane);
        checks.iter().map(|check| Ready::of_run(check, &variables, self.store())).collect()
    }

    /// Why a check cannot be used, in words. `None` when it can, as far as that is known before there is an answer.
    pub fn check_problem(&self, rule: &CheckRule) -> Option<String> {
        let check = Check { name: String::new(), rule: rule.clone() };
        // Variables have their values only in a run.
        Ready::alone(&check).problem().map(str::to_owned)
    }
}

/// Names of the variables that checks take their values from.
pub(crate) fn variable_names(draft: &Draft) -> Vec<String> {
    let texts = draft.checks.iter().filter_map(|check| match &check.rule {
        CheckRule::Contains { text, .. } => Some(text),
        CheckRule::JsonPath { equals, .. } => equals.as_ref(),
        CheckRule::Judge { prompt, .. } => Some(prompt),
        CheckRule::Regex { .. }
        | CheckRule::JsonSchema { .. }
        | CheckRule::Number { .. }
        | CheckRule::Length { .. }
        | CheckRule::Cost { .. }
        | CheckRule::Latency { .. }
        | CheckRule::ToolCalled { .. } => None,
    });
    let mut names: Vec<String> = Vec::new();
    for name in texts.flat_map(|text| template::names(text)) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

fn is_same_dialogue(one: &Cell, other: &Cell) -> bool {
    one.lane == other.lane && one.repeat == other.repeat && one.slice == other.slice
}

/// As a lane of a run had them.
fn variables(snapshot: &Comparison, lane: &LaneId) -> Vec<Variable> {
    let lane = snapshot.lanes.iter().find(|known| known.id == *lane);
    lane.map_or_else(|| snapshot.draft.variables.clone(), |lane| resolve::variables(&snapshot.draft, lane))
}

/// A verdict on one answer before it has a name.
pub(crate) struct Judged {
    pub state: CheckState,
    pub why: String,
    /// In bytes of the answer's text.
    pub ranges: Vec<Range<usize>>,
    pub verdicts: Vec<JudgeVerdict>,
}

impl Judged {
    fn new(passed: bool, why: impl Into<String>) -> Self {
        let state = if passed { CheckState::Passed } else { CheckState::Failed };
        Self::told(state, why)
    }

    fn told(state: CheckState, why: impl Into<String>) -> Self {
        Self { state, why: why.into(), ranges: Vec::new(), verdicts: Vec::new() }
    }

    fn at(self, ranges: Vec<Range<usize>>) -> Self {
        Self { ranges, ..self }
    }

    fn cannot_tell(why: impl Into<String>) -> Self {
        Self::told(CheckState::CannotTell, why)
    }
}

/// How an answer stands against a check. One that failed has failed every check.
pub(crate) fn judge(check: &Ready, answer: &Answer<'_>) -> CheckResult {
    let judged = match answer.fate() {
        Fate::Finished => check.judge(answer),
        Fate::Failed => Judged::new(false, "The call failed, so there is no whole answer."),
        Fate::Stopped => not_judged("The answer was stopped, so it does not count."),
        Fate::Running => not_judged("The answer is not over."),
    };
    let Judged { state, why, ranges, verdicts } = judged;
    CheckResult { name: check.name.clone(), state, why, places: answer.places(ranges), verdicts }
}

fn not_judged(why: &str) -> Judged {
    Judged::told(CheckState::NotJudged, why)
}
