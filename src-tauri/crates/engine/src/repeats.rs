//! What the repeats of a run say together, lane by lane and against one of them.

use std::collections::BTreeMap;

use juxta_stats::{Rate, Z_95};
use juxta_wire::check::{Check, CheckState};
use juxta_wire::error::AppError;
use juxta_wire::ids::{LaneId, RunId};
use juxta_wire::repeats::{
    Against, Figures, Interval, LaneRepeats, PassAt, PassRate, RepeatCounts, RepeatValue, Repeats, Verdict,
};
use juxta_wire::run::{Cell, Run};

use crate::checks::answer::{Answer, Fate};
use crate::checks::{judge, ready};
use crate::dialogue::chain;
use crate::{Engine, not_found};

/// The k of pass@k and pass^k.
const SEVERAL: [u32; 4] = [1, 2, 5, 10];

impl Engine {
    /// The lanes of a run over their repeats, against the lane `base`; by `checks`, or by those that the run began with.
    /// What is over counts at once: it need not be whole.
    ///
    /// # Errors
    /// When there is no such run, or it has no such lane.
    pub fn repeats(&self, run: &RunId, base: &LaneId, checks: Option<Vec<Check>>) -> Result<Repeats, AppError> {
        let run = self.run(run)?;
        let checks = checks.unwrap_or_else(|| run.snapshot.draft.checks.clone());
        let told = lanes(&run);
        let base_lane = told.iter().find(|lane| lane.id == base).ok_or_else(|| not_found("The base lane"))?;
        let base_scores = scores(base_lane, &run, &checks);
        let lanes = told.iter().map(|lane| {
            let scores = if lane.id == base { base_scores.clone() } else { scores(lane, &run, &checks) };
            lane_repeats(lane, &scores, (lane.id != base).then_some(&base_scores))
        });
        Ok(Repeats {
            run: run.summary.id.clone(),
            base: base.clone(),
            checks: checks.iter().map(|check| check.name.clone()).collect(),
            lanes: lanes.collect(),
        })
    }
}

/// A lane with its repeats in their order.
struct LaneAnswers<'a> {
    id: &'a LaneId,
    index: u32,
    answers: Vec<Answer<'a>>,
}

fn lanes(run: &Run) -> Vec<LaneAnswers<'_>> {
    let mut by_lane: BTreeMap<u32, BTreeMap<(u32, u32), Vec<&Cell>>> = BTreeMap::new();
    for cell in &run.cells {
        let slice = cell.slice.map_or(0, |slice| slice.from);
        by_lane.entry(cell.lane_index).or_default().entry((cell.repeat, slice)).or_default().push(cell);
    }
    let lanes = by_lane.into_iter().filter_map(|(index, repeats)| {
        let id = &repeats.values().next()?.first()?.lane;
        let answers = repeats.into_values().filter_map(|cells| Answer::of(chain::current_of(cells)));
        Some(LaneAnswers { id, index, answers: answers.collect() })
    });
    lanes.collect()
}

/// Passed, and judged at all.
#[derive(Debug, Clone, Copy, Default)]
struct Score {
    passed: u32,
    total: u32,
}

impl Score {
    fn count(&mut self, passed: bool) {
        self.total += 1;
        self.passed += u32::from(passed);
    }

    fn rate(self) -> Option<Rate> {
        Rate::new(self.passed, self.total)
    }
}

#[derive(Debug, Clone)]
struct Scores {
    checks: Vec<Score>,
    /// `None` without checks.
    all: Option<Score>,
}

fn scores(lane: &LaneAnswers<'_>, run: &Run, checks: &[Check]) -> Scores {
    let ready = ready(checks, &run.snapshot, lane.id);
    let mut scores = vec![Score::default(); ready.len()];
    let mut all = Score::default();
    for answer in lane.answers.iter().filter(|answer| matches!(answer.fate(), Fate::Finished | Fate::Failed)) {
        let states: Vec<CheckState> = ready.iter().map(|check| judge(check, answer).state).collect();
        for (score, state) in scores.iter_mut().zip(&states) {
            match state {
                CheckState::Passed => score.count(true),
                CheckState::Failed => score.count(false),
                CheckState::NotJudged | CheckState::CannotTell => {}
            }
        }
        // One check that failed decides; else nothing may be left open.
        if states.contains(&CheckState::Failed) {
            all.count(false);
        } else if states.iter().all(|state| *state == CheckState::Passed) {
            all.count(true);
        }
    }
    Scores { checks: scores, all: (!checks.is_empty()).then_some(all) }
}

fn lane_repeats(lane: &LaneAnswers<'_>, scores: &Scores, base: Option<&Scores>) -> LaneRepeats {
    let finished = || lane.answers.iter().filter(|answer| answer.fate() == Fate::Finished);
    let currency = finished().find_map(|answer| Some(answer.cost()?.1.to_owned()));
    let figures = |figure: &dyn Fn(&Answer<'_>) -> Option<f64>| {
        let values = finished().filter_map(|answer| {
            Some(RepeatValue { cell: answer.last.id.clone(), repeat: answer.last.repeat, value: figure(answer)? })
        });
        figures(values.collect())
    };
    let mut counts = RepeatCounts::default();
    for answer in &lane.answers {
        match answer.fate() {
            Fate::Finished => counts.finished += 1,
            Fate::Failed => counts.failed += 1,
            Fate::Stopped => counts.stopped += 1,
            Fate::Running => counts.running += 1,
        }
    }
    let rates = scores.checks.iter().enumerate();
    LaneRepeats {
        lane: lane.id.clone(),
        lane_index: lane.index,
        counts,
        checks: rates
            .map(|(at, score)| pass_rate(*score, base.and_then(|base| base.checks.get(at).copied())))
            .collect(),
        all: scores.all.map(|score| pass_rate(score, base.and_then(|base| base.all))),
        pass_at: scores.all.map(several).unwrap_or_default(),
        distinct: juxta_stats::distinct(finished().map(|answer| answer.text.as_str())) as u32,
        time_to_first_token: figures(&|answer| answer.last.metrics.time_to_first_token),
        total: figures(&|answer| answer.total()),
        tokens_per_second: figures(&|answer| answer.last.metrics.tokens_per_second),
        tokens: figures(&|answer| answer.tokens().map(|tokens| tokens as f64)),
        cost: figures(&|answer| {
            let (amount, its_own) = answer.cost()?;
            (currency.as_deref() == Some(its_own)).then_some(amount)
        }),
        currency: currency.clone(),
    }
}

fn figures(values: Vec<RepeatValue>) -> Figures {
    let numbers: Vec<f64> = values.iter().map(|value| value.value).collect();
    let median = juxta_stats::median(&numbers);
    Figures {
        values,
        median: median.map(|median| median.value),
        interval: median.and_then(|median| median.interval).map(interval),
    }
}

fn interval(found: juxta_stats::Interval) -> Interval {
    Interval { low: found.low, high: found.high }
}

fn pass_rate(score: Score, base: Option<Score>) -> PassRate {
    let against = score.rate().zip(base.and_then(Score::rate)).map(|(ours, base)| against(ours, base));
    PassRate {
        passed: score.passed,
        total: score.total,
        interval: score.rate().map(|rate| interval(rate.wilson(Z_95))),
        against,
    }
}

fn against(ours: Rate, base: Rate) -> Against {
    let difference = ours.minus(base, Z_95);
    Against {
        difference: difference.value,
        interval: interval(difference.interval),
        verdict: match difference.verdict() {
            juxta_stats::Verdict::Better => Verdict::Better,
            juxta_stats::Verdict::Worse => Verdict::Worse,
            juxta_stats::Verdict::CannotTell => Verdict::CannotTell,
        },
        repeats_to_tell: juxta_stats::repeats_to_tell(base.share(), ours.share()),
    }
}

fn several(score: Score) -> Vec<PassAt> {
    let Score { passed, total } = score;
    let both = |k| Some((juxta_stats::any_of(k, passed, total)?, juxta_stats::all_of(k, passed, total)?));
    SEVERAL.iter().filter_map(|k| both(*k).map(|(any, all)| PassAt { k: *k, any, all })).collect()
}
