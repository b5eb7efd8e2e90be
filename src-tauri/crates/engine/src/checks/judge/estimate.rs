//! How much judges will be asked before there are answers.

use juxta_wire::check::CheckRule;
use juxta_wire::lane::{Comparison, Lane};

use super::asking::question_of;
use super::{Judge, text_of};
use crate::batch::tokens;
use crate::checks::variables;

/// What a judge will be asked about each answer of a lane.
pub(crate) struct ToAsk {
    /// Of the check.
    pub name: String,
    /// What would be run, without the answer.
    pub comparison: Comparison,
    /// For each answer.
    pub calls: u64,
    /// Of one call without the answer; `None` of the question where only what is sent tells it.
    pub prompt_tokens: u64,
    pub question_tokens: Option<u64>,
}

impl ToAsk {
    /// Of all judges among the checks whose rules can be used, for a lane whose variables have their values.
    pub fn of(filled: &Comparison, lane: &Lane) -> Vec<Self> {
        let variables = variables(filled, &lane.id);
        let judges = filled.draft.checks.iter().filter(|check| matches!(check.rule, CheckRule::Judge { .. }));
        let to_ask = judges.filter_map(|check| {
            let judge = Judge::read(&check.rule, Some(&variables)).ok()?;
            let question = question_of(filled, &lane.id, &variables);
            Some(Self {
                name: check.name.clone(),
                comparison: judge.comparison(&check.name, question.as_deref().unwrap_or_default(), "", 1),
                calls: u64::from(judge.repeats),
                prompt_tokens: judge.prompt_tokens(),
                question_tokens: question.as_deref().map(tokens::estimate),
            })
        });
        to_ask.collect()
    }

    pub fn lane(&self) -> &Lane {
        // A judge has one lane.
        &self.comparison.lanes[0]
    }
}

impl Judge {
    pub(super) fn prompt_tokens(&self) -> u64 {
        self.draft.messages.first().and_then(text_of).map_or(0, |prompt| tokens::estimate(&prompt))
    }
}
