//! How much a plan is, and roughly what it costs.

use juxta_wire::connection::Connection;
use juxta_wire::endpoint::Dialect;
use juxta_wire::error::AppError;
use juxta_wire::lane::{Comparison, Lane};
use juxta_wire::matrix::{MatrixCount, MatrixPlan};
use juxta_wire::metrics::{Cost, Metrics};

use super::plan::{LaidOut, table};
use crate::batch::tokens;
use crate::checks::{self, ToAsk};
use crate::dataset::fill;
use crate::resolve::{self, Beside, effective_parameters, filled_body, variable_names};
use crate::{Engine, not_found};

/// So many requests are made to learn how long they are.
const MOST_SAMPLES: u64 = 400;
const MOST_ROWS: u64 = 20;
/// The parameters that bound an answer, under their names.
const LENGTHS: [&str; 4] = ["max_completion_tokens", "max_output_tokens", "max_tokens", "max_new_tokens"];

impl Engine {
    /// Counts what a plan would send, and makes some of the requests to say how long they are.
    ///
    /// # Errors
    /// When the connections cannot be read. What is wrong with the plan is among its problems.
    pub fn count_matrix(&self, plan: &MatrixPlan) -> Result<MatrixCount, AppError> {
        let laid = self.lay_out(plan)?;
        let mut count = MatrixCount {
            prompts: laid.variants.prompts,
            lanes: laid.variants.lanes,
            values: laid.variants.values,
            rows: laid.row_count(),
            repeats: plan.comparison.repeats,
            cells: laid.cells(),
            variants: laid.variants.variants.clone(),
            problems: laid.problems.clone(),
            notes: laid.notes.clone(),
            ..MatrixCount::default()
        };
        if count.problems.is_empty() {
            self.estimate(plan, &laid, &mut count)?;
        }
        Ok(count)
    }

    /// What a plan is refused for, once it is known that it can be laid out.
    pub(super) fn sample_problems(&self, plan: &MatrixPlan, laid: &LaidOut) -> Result<Vec<String>, AppError> {
        let mut count = MatrixCount::default();
        self.estimate(plan, laid, &mut count)?;
        Ok(count.problems)
    }

    fn estimate(&self, plan: &MatrixPlan, laid: &LaidOut, count: &mut MatrixCount) -> Result<(), AppError> {
        let comparison = &laid.variants.comparison;
        let connections = self.connections()?;
        let each = laid.row_count().saturating_mul(u64::from(comparison.repeats));
        let rows = self.sample_rows(laid, count)?;
        let mut sum = Sum::default();
        for (lane, variant) in comparison.lanes.iter().zip(&laid.variants.variants) {
            let connection = connections.iter().find(|connection| connection.id == lane.connection);
            let words = |error: &AppError| match comparison.lanes.len() {
                1 => said(error),
                _ => format!("{}: {}", variant.name, said(error)),
            };
            let Some(connection) = connection else {
                add(&mut count.problems, words(&not_found("The connection")));
                continue;
            };
            if let Some(error) = rows.first().and_then(|row| self.refusal(row, lane, connection)) {
                add(&mut count.problems, words(&error));
                continue;
            }
            let longest = longest_answer(comparison, lane);
            let Some(length) = mean(rows.iter().filter_map(|row| length(row, lane, connection.dialect).ok())) else {
                continue;
            };
            let calls = Calls { model: &lane.model, count: each, tokens: length, more: Some(0), longest };
            self.add(&calls, count, &mut sum);
            let answers = Answers { count: each, length, longest };
            self.add_judges(&rows, lane, &answers, &connections, count, &mut sum);
        }
        if sum.unknown_price && plan.limits.budget.is_some() {
            let words = "The price of a model is not known, so its answers do not count towards the budget.";
            add(&mut count.notes, words.to_owned());
        }
        (count.cost_in, count.cost_at_most, count.currency) = (sum.cost_in, sum.cost_at_most, sum.currency);
        Ok(())
    }

    fn add(&self, calls: &Calls<'_>, count: &mut MatrixCount, sum: &mut Sum) {
        let all = |tokens: u64| tokens.saturating_mul(calls.count);
        let tokens_in = (calls.tokens * calls.count as f64).round() as u64;
        count.tokens_in += tokens_in;
        let at_most = calls
            .longest
            .zip(calls.more)
            .and_then(|(longest, more)| self.price(calls.model, tokens_in.saturating_add(all(more)), all(longest)));
        sum.add(self.price(calls.model, tokens_in, 0), at_most);
    }

    /// What judges are asked about the answers of a lane.
    fn add_judges(
        &self,
        rows: &[Comparison],
        lane: &Lane,
        answers: &Answers,
        connections: &[Connection],
        count: &mut MatrixCount,
        sum: &mut Sum,
    ) {
        let rows: Vec<Vec<ToAsk>> = rows.iter().map(|row| ToAsk::of(row, lane)).collect();
        for (at, judge) in rows.first().into_iter().flatten().enumerate() {
            let connection = connections.iter().find(|connection| connection.id == judge.lane().connection);
            let refusal = match connection {
                Some(connection) => self.refusal(&judge.comparison, judge.lane(), connection),
                None => Some(not_found("The connection")),
            };
            if let Some(error) = refusal {
                add(&mut count.problems, format!("Judge {}: {}", judge.name, said(&error)));
                continue;
            }
            let asked = rows.iter().filter_map(|judges| judges.get(at));
            let tokens =
                asked.map(|judge| judge.prompt_tokens + judge.question_tokens.unwrap_or(answers.length as u64));
            let calls = answers.count.saturating_mul(judge.calls);
            count.judge_calls += calls;
            let of_judge = Calls {
                model: &judge.lane().model,
                count: calls,
                tokens: mean(tokens).unwrap_or_default(),
                more: answers.longest,
                longest: longest_answer(&judge.comparison, judge.lane()),
            };
            self.add(&of_judge, count, sum);
        }
    }

    /// Rows that lie apart, with their values filled in; one where there is no table.
    fn sample_rows(&self, laid: &LaidOut, count: &mut MatrixCount) -> Result<Vec<Comparison>, AppError> {
        let comparison = &laid.variants.comparison;
        let Some(path) = table(comparison) else { return Ok(vec![comparison.clone()]) };
        let total = laid.row_count();
        let wanted = (MOST_SAMPLES / comparison.lanes.len().max(1) as u64).clamp(1, MOST_ROWS).min(total);
        let lanes = comparison.lanes.iter().flat_map(|lane| variable_names(comparison, lane));
        let names: Vec<String> = lanes.chain(checks::variable_names(&comparison.draft)).collect();
        let mut sampled = Vec::new();
        for at in 0..wanted {
            let Some(row) = nth(&laid.rows, at * total / wanted) else { continue };
            let (columns, rows) = match self.whole_rows(path, row, 1) {
                Ok(found) => found,
                Err(AppError::Invalid { message, .. }) => {
                    add(&mut count.problems, message);
                    return Ok(Vec::new());
                }
                Err(error) => return Err(error),
            };
            if let Some(row) = rows.first().filter(|row| row.problem.is_none()) {
                let mut filled = comparison.clone();
                fill(&mut filled, &names, &columns, &row.cells);
                sampled.push(filled);
            }
        }
        Ok(sampled)
    }

    /// Why the call of a lane cannot be made.
    fn refusal(&self, filled: &Comparison, lane: &Lane, connection: &Connection) -> Option<AppError> {
        let keys = |slot: &_| self.masked_key(connection, slot);
        resolve::resolve_with(filled, lane, connection, &keys, Beside::default()).err()
    }

    fn price(&self, model: &str, tokens_in: u64, tokens_out: u64) -> Option<Cost> {
        let metrics = Metrics { input_tokens: Some(tokens_in), visible_tokens: Some(tokens_out), ..Metrics::default() };
        self.prices().cost(model, &metrics)
    }
}

fn length(filled: &Comparison, lane: &Lane, dialect: Dialect) -> Result<u64, AppError> {
    match &lane.raw_body {
        Some(body) => Ok(tokens::estimate(body)),
        None => Ok(tokens::estimate(&String::from_utf8_lossy(&filled_body(filled, lane, dialect)?))),
    }
}

/// Calls of one kind.
struct Calls<'a> {
    model: &'a str,
    count: u64,
    /// Of one of them, on average.
    tokens: f64,
    /// What else it may send, at most; `None` where nobody knows.
    more: Option<u64>,
    /// Tokens of its longest answer.
    longest: Option<u64>,
}

/// Answers that are judged.
struct Answers {
    count: u64,
    /// Tokens of what is sent for one of them, on average.
    length: f64,
    longest: Option<u64>,
}

/// `None` of nothing.
fn mean(tokens: impl Iterator<Item = u64>) -> Option<f64> {
    let (made, sum) = tokens.fold((0u32, 0u64), |(made, sum), tokens| (made + 1, sum + tokens));
    (made > 0).then(|| sum as f64 / f64::from(made))
}

/// The row at a place among those that are chosen.
fn nth(rows: &[(u64, u64)], mut at: u64) -> Option<u64> {
    for (from, to) in rows {
        if at < to - from {
            return Some(from + at);
        }
        at -= to - from;
    }
    None
}

/// Tokens of the longest answer that a lane allows, over all its alternatives.
fn longest_answer(comparison: &Comparison, lane: &Lane) -> Option<u64> {
    if lane.raw_body.is_some() {
        return None;
    }
    let keys = effective_parameters(&comparison.draft, lane);
    let number = |name: &str| {
        let key = keys.iter().rev().find(|key| key.name == name)?;
        key.json.trim().parse::<u64>().ok()
    };
    let longest = LENGTHS.iter().find_map(|name| number(name))?;
    Some(longest.saturating_mul(number("n").unwrap_or(1).max(1)))
}

/// What all variants cost together; a variant whose price is not known makes the sum unknown.
struct Sum {
    cost_in: Option<f64>,
    cost_at_most: Option<f64>,
    currency: Option<String>,
    unknown_price: bool,
}

impl Default for Sum {
    fn default() -> Self {
        Self { cost_in: Some(0.0), cost_at_most: Some(0.0), currency: None, unknown_price: false }
    }
}

impl Sum {
    fn add(&mut self, cost_in: Option<Cost>, at_most: Option<Cost>) {
        self.unknown_price |= cost_in.is_none();
        self.currency = self.currency.take().or_else(|| cost_in.as_ref().map(|cost| cost.currency.clone()));
        let amount = |cost: Option<Cost>| cost.map(|cost| cost.amount);
        self.cost_in = self.cost_in.zip(amount(cost_in)).map(|(sum, amount)| sum + amount);
        self.cost_at_most = self.cost_at_most.zip(amount(at_most)).map(|(sum, amount)| sum + amount);
    }
}

/// A sentence without the name of a field.
pub(super) fn said(error: &AppError) -> String {
    match error {
        AppError::Invalid { message, .. } | AppError::MissingKey { message, .. } => message.clone(),
        other => {
            let words = other.to_string();
            let mut letters = words.chars();
            let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
            first + letters.as_str()
        }
    }
}

fn add(words: &mut Vec<String>, more: String) {
    const MOST: usize = 20;
    if words.len() < MOST && !words.contains(&more) {
        words.push(more);
    }
}
