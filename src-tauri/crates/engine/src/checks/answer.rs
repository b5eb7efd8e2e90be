//! What checks look at: the answer of one repeat with its figures.

use std::ops::Range;

use juxta_wire::check::{CheckPlace, CheckResult};
use juxta_wire::metrics::Cost;
use juxta_wire::outcome::{Choice, Outcome, OutputItem};
use juxta_wire::run::{Cell, CellState};
use serde_json::Value;

/// Between two messages of one response.
const GAP: &str = "\n\n";

/// What became of a repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Finished,
    /// Failed or ended early.
    Failed,
    /// Stopped or interrupted.
    Stopped,
    Running,
}

/// One repeat: a cell, or the steps of a dialogue with tools, the last of which answers.
pub(crate) struct Answer<'a> {
    steps: Vec<&'a Cell>,
    pub last: &'a Cell,
    pub text: String,
    /// Where in `text` each choice has its part.
    parts: Vec<(u32, Range<usize>)>,
}

impl<'a> Answer<'a> {
    /// `None` without steps.
    pub fn of(steps: Vec<&'a Cell>) -> Option<Self> {
        let last = *steps.last()?;
        let (mut text, mut parts) = (String::new(), Vec::new());
        for (choice, said) in texts(&last.outcome) {
            if !parts.is_empty() {
                text.push_str(GAP);
            }
            parts.push((choice, text.len()..text.len() + said.len()));
            text.push_str(said);
        }
        Some(Self { steps, last, text, parts })
    }

    /// A dialogue is where its last step is; a step that went wrong is its last.
    pub fn fate(&self) -> Fate {
        match self.last.state {
            CellState::Finished => Fate::Finished,
            CellState::Failed | CellState::EndedEarly => Fate::Failed,
            CellState::Stopped | CellState::Interrupted => Fate::Stopped,
            CellState::Queued
            | CellState::Waiting
            | CellState::Streaming
            | CellState::Retrying { .. }
            | CellState::Replaying { .. } => Fate::Running,
        }
    }

    /// Of all steps, in milliseconds; `None` when the end of one is not known.
    pub fn total(&self) -> Option<f64> {
        self.steps.iter().map(|cell| cell.milestones.end).sum()
    }

    /// Of all steps; `None` when that of one is not known.
    pub fn tokens(&self) -> Option<u64> {
        self.steps.iter().map(|cell| cell.metrics.visible_tokens).sum()
    }

    /// Of all steps, with its currency; `None` when that of one is not known, or in another currency.
    pub fn cost(&self) -> Option<(f64, &str)> {
        let costs: Option<Vec<&Cost>> = self.steps.iter().map(|cell| cell.metrics.cost.as_ref()).collect();
        let costs = costs?;
        let currency = costs.first()?.currency.as_str();
        let is_one = costs.iter().all(|cost| cost.currency == currency);
        is_one.then(|| (costs.iter().map(|cost| cost.amount).sum(), currency))
    }

    /// Names of all tools that were called, in their order.
    pub fn tools(&self) -> Vec<String> {
        let choices = self.steps.iter().flat_map(|cell| alternatives(&cell.outcome));
        choices.flat_map(tools_of).filter(|name| !name.is_empty()).collect()
    }

    /// The places of ranges of `text`, in bytes, as the screen counts them.
    pub fn places(&self, ranges: impl IntoIterator<Item = Range<usize>>) -> Vec<CheckPlace> {
        let mut places = Vec::new();
        for range in ranges {
            for (choice, part) in &self.parts {
                let (from, to) = (range.start.max(part.start), range.end.min(part.end));
                if from >= to {
                    continue;
                }
                if places.len() == CheckResult::MOST_PLACES {
                    return places;
                }
                let from_units = units(&self.text[part.start..from]);
                let to_units = from_units + units(&self.text[from..to]);
                places.push(CheckPlace { choice: *choice, from: from_units, to: to_units });
            }
        }
        places
    }
}

fn units(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

/// Items of a response belong together; of alternatives only the first is looked at.
fn alternatives(outcome: &Outcome) -> impl Iterator<Item = &Choice> {
    let has_items = outcome.choices.iter().any(|choice| choice.item.is_some());
    let first = outcome.choices.iter().map(|choice| choice.index).min();
    outcome.choices.iter().filter(move |choice| has_items || Some(choice.index) == first)
}

fn texts(outcome: &Outcome) -> impl Iterator<Item = (u32, &str)> {
    alternatives(outcome).filter_map(|choice| {
        let said = match &choice.item {
            Some(item) if item.kind == OutputItem::VALUE => item.json.as_str(),
            Some(item) if item.kind != "message" => return None,
            Some(_) | None => choice.text.as_str(),
        };
        Some((choice.index, said))
    })
}

fn tools_of(choice: &Choice) -> Vec<String> {
    match &choice.item {
        Some(item) => tool_of(item).into_iter().collect(),
        None => choice.tool_calls.iter().map(|call| call.name.clone()).collect(),
    }
}

/// The name of a call among items; a tool without one is called as its kind: `web_search`.
fn tool_of(item: &OutputItem) -> Option<String> {
    let kind = item.kind.strip_suffix("_call")?;
    let value: Option<Value> = serde_json::from_str(&item.json).ok();
    let name = value.as_ref().and_then(|value| value.get("name")?.as_str());
    Some(name.unwrap_or(kind).to_owned())
}
