//! The figures under a lane, from what was recorded. Pure: the same exchange always gives the same figures.

use juxta_wire::metrics::Metrics;
use juxta_wire::outcome::{Outcome, OutputItem};
use juxta_wire::run::CellState;
use juxta_wire::timing::Milestones;

/// Computes the figures of a cell in `state`. Cost is left to [`crate::cost`].
pub fn compute(state: &CellState, outcome: &Outcome, milestones: &Milestones) -> Metrics {
    let usage = outcome.usage.clone().unwrap_or_default();
    let counted_text: u64 = outcome.choices.iter().map(|choice| choice.text_deltas).sum();
    let counted_reasoning: u64 = outcome.choices.iter().map(|choice| choice.reasoning_deltas).sum();
    let estimated = usage.output_tokens.is_none();
    let (visible_tokens, reasoning_tokens) = match usage.output_tokens {
        Some(output) => (Some(output.saturating_sub(usage.reasoning_tokens.unwrap_or(0))), usage.reasoning_tokens),
        None => ((counted_text > 0).then_some(counted_text), (counted_reasoning > 0).then_some(counted_reasoning)),
    };
    let visible_span = match (milestones.first_text, milestones.last_text) {
        (Some(first), Some(last)) if last > first => Some(last - first),
        _ => None,
    };
    // Tokens of a call or a picture are counted with those of the text, and came at other times.
    let is_all_text = outcome.choices.iter().filter_map(|choice| choice.item.as_ref()).all(is_text);
    let visible_span = visible_span.filter(|_| is_all_text);
    let tokens_per_second = match (state, visible_tokens, visible_span) {
        (CellState::Finished, Some(tokens), Some(span)) if tokens > 1 => Some(tokens as f64 / (span / 1000.0)),
        _ => None,
    };
    Metrics {
        time_to_first_token: milestones.first_text,
        tokens_per_second,
        visible_span,
        input_tokens: usage.input_tokens,
        cached_tokens: usage.cached_tokens,
        visible_tokens,
        reasoning_tokens,
        estimated: estimated && visible_tokens.is_some(),
        reasoning_time: match (milestones.first_reasoning, milestones.last_reasoning) {
            (Some(first), Some(last)) => Some(last - first),
            _ => None,
        },
        cost: None,
    }
}

fn is_text(item: &OutputItem) -> bool {
    matches!(item.kind.as_str(), "message" | "reasoning")
}

#[cfg(test)]
mod tests {
    use super::*;
    use juxta_wire::outcome::Choice;
    use juxta_wire::usage::Usage;

    fn outcome(usage: Option<Usage>, text_deltas: u64) -> Outcome {
        Outcome { usage, choices: vec![Choice { text_deltas, ..Choice::default() }], ..Outcome::default() }
    }

    fn milestones(first: f64, last: f64) -> Milestones {
        Milestones { first_text: Some(first), last_text: Some(last), ..Milestones::default() }
    }

    #[test]
    fn speed_is_visible_tokens_over_the_visible_span() {
        let usage = Usage { output_tokens: Some(90), reasoning_tokens: Some(4), ..Usage::default() };
        let metrics = compute(&CellState::Finished, &outcome(Some(usage), 3), &milestones(428.0, 1431.0));
        assert_eq!(metrics.visible_tokens, Some(86));
        assert_eq!(metrics.time_to_first_token, Some(428.0));
        assert!(metrics.tokens_per_second.is_some_and(|speed| (speed - 86.0 / 1.003).abs() < 1e-9));
        assert!(!metrics.estimated);
    }

    #[test]
    fn no_speed_is_made_up() {
        let usage = |tokens| Some(Usage { output_tokens: Some(tokens), ..Usage::default() });
        let cases = [
            ("stopped", CellState::Stopped, outcome(usage(50), 50), milestones(1.0, 100.0)),
            ("one token", CellState::Finished, outcome(usage(1), 1), milestones(1.0, 100.0)),
            ("all at once", CellState::Finished, outcome(usage(50), 1), milestones(80.0, 80.0)),
            ("no text", CellState::Finished, outcome(usage(50), 0), Milestones::default()),
        ];
        for (why, state, outcome, milestones) in cases {
            assert_eq!(compute(&state, &outcome, &milestones).tokens_per_second, None, "{why}");
        }
    }

    #[test]
    fn what_is_no_text_has_no_speed() {
        let item = |kind: &str| Choice {
            item: Some(OutputItem { kind: kind.to_owned(), ..OutputItem::default() }),
            ..Choice::default()
        };
        let of = |kinds: &[&str]| {
            let usage = Some(Usage { output_tokens: Some(90), ..Usage::default() });
            let choices = kinds.iter().map(|kind| item(kind)).collect();
            compute(&CellState::Finished, &Outcome { usage, choices, ..Outcome::default() }, &milestones(428.0, 1428.0))
        };
        assert_eq!(of(&["reasoning", "message"]).tokens_per_second, Some(90.0));
        assert_eq!(of(&["image_generation_call", "message"]).tokens_per_second, None);
        assert_eq!(of(&["message", "function_call"]).visible_span, None);
    }

    #[test]
    fn without_usage_the_deltas_are_counted_and_called_an_estimate() {
        let metrics = compute(&CellState::Stopped, &outcome(None, 34), &milestones(1.0, 2.0));
        assert_eq!((metrics.visible_tokens, metrics.estimated), (Some(34), true));
        let nothing = compute(&CellState::Failed, &Outcome::default(), &Milestones::default());
        assert_eq!(nothing, Metrics::default());
    }
}
