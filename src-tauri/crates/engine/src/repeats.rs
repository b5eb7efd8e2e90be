//! What the repeats of runs say together, lane by lane and against one of them.

use std::collections::BTreeMap;

use juxta_stats::{Rate, Z_95};
use juxta_wire::check::{Check, CheckState};
use juxta_wire::error::AppError;
use juxta_wire::ids::{LaneId, RunId};
use juxta_wire::lane::Comparison;
use juxta_wire::repeats::{
    Against, Figures, Interval, LaneRepeats, PassAt, PassRate, RepeatCounts, RepeatValue, Repeats, Verdict,
};
use juxta_wire::run::{Cell, Run, RunSummary};

use crate::checks::answer::{Answer, Fate};
use crate::checks::{Ready, judge};
use crate::dialogue::chain;
use crate::run::invalid;
use crate::{Engine, not_found};

/// The k of pass@k and pass^k.
pub(crate) const SEVERAL: [u32; 4] = [1, 2, 5, 10];

/// Runs among which those that asked the same are looked for, newest first.
const LOOKED_THROUGH: u32 = 2_000;

impl Engine {
    /// The lanes of runs over all their repeats, against the lane `base`; by `checks`, or by those that the first run began
    /// with. What is over counts at once: it need not be whole.
    ///
    /// # Errors
    /// When there is no such run or lane, or when the runs did not send the same.
    pub fn repeats(&self, runs: &[RunId], base: &LaneId, checks: Option<Vec<Check>>) -> Result<Repeats, AppError> {
        let runs: Vec<Run> = runs.iter().map(|run| self.run(run)).collect::<Result<_, _>>()?;
        let first = runs.first().ok_or_else(|| not_found("The run"))?;
        if let Some(other) = runs.iter().find(|run| !sends_the_same(&run.snapshot, &first.snapshot)) {
            let name = &other.summary.name;
            return Err(invalid("runs", &format!("A run of “{name}” sent something else, and cannot be added")));
        }
        let checks = checks.unwrap_or_else(|| first.snapshot.draft.checks.clone());
        let told = lanes(&runs);
        let base_lane = told.iter().find(|lane| lane.id == base).ok_or_else(|| not_found("The base lane"))?;
        let base_scores = self.scores(base_lane, &first.snapshot, &checks);
        let lanes = told.iter().map(|lane| {
            let scores =
                if lane.id == base { base_scores.clone() } else { self.scores(lane, &first.snapshot, &checks) };
            lane_repeats(lane, &scores, (lane.id != base).then_some(&base_scores))
        });
        Ok(Repeats {
            runs: runs.iter().map(|run| run.summary.id.clone()).collect(),
            base: base.clone(),
            checks: checks.iter().map(|check| check.name.clone()).collect(),
            lanes: lanes.collect(),
        })
    }

    /// Other runs of the same comparison that sent the same, newest first: their repeats can be counted together.
    ///
    /// # Errors
    /// When there is no such run.
    pub fn same_runs(&self, run: &RunId) -> Result<Vec<RunSummary>, AppError> {
        let run = self.run(run)?;
        let others = self.store().runs_of(&run.summary.comparison, LOOKED_THROUGH)?.into_iter();
        let same = others.filter(|(row, sent)| row.id != run.summary.id && sends_the_same(sent, &run.snapshot));
        Ok(same.map(|(row, _)| self.live_runs().summary(&row.id).unwrap_or(row)).collect())
    }

    fn scores(&self, lane: &LaneAnswers<'_>, snapshot: &Comparison, checks: &[Check]) -> Scores {
        scores(lane, &self.ready_checks(checks, snapshot, lane.id))
    }
}

/// Names, checks and which lanes are muted or wait send nothing; how often all is sent is what differs.
fn sends_the_same(one: &Comparison, other: &Comparison) -> bool {
    let sent = |comparison: &Comparison| {
        let mut sent = comparison.clone();
        sent.name.clear();
        sent.repeats = 1;
        sent.draft.checks.clear();
        for lane in &mut sent.lanes {
            lane.muted = false;
            lane.hold = false;
        }
        sent
    };
    sent(one) == sent(other)
}

/// A lane with its repeats in their order.
struct LaneAnswers<'a> {
    id: &'a LaneId,
    index: u32,
    /// Each with its number among the repeats of all runs.
    answers: Vec<(u32, Answer<'a>)>,
}

impl<'a> LaneAnswers<'a> {
    fn answers(&self) -> impl Iterator<Item = &Answer<'a>> {
        self.answers.iter().map(|(_, answer)| answer)
    }
}

/// The cells of each repeat of a lane, by the place of its run, its number there, and where its slice begins.
type CellsOfRepeats<'a> = BTreeMap<(usize, u32, u32), Vec<&'a Cell>>;

fn lanes(runs: &[Run]) -> Vec<LaneAnswers<'_>> {
    let mut by_lane: BTreeMap<u32, CellsOfRepeats<'_>> = BTreeMap::new();
    for (at, run) in runs.iter().enumerate() {
        for cell in &run.cells {
            let slice = cell.slice.map_or(0, |slice| slice.from);
            by_lane.entry(cell.lane_index).or_default().entry((at, cell.repeat, slice)).or_default().push(cell);
        }
    }
    let lanes = by_lane.into_iter().filter_map(|(index, repeats)| {
        let id = &repeats.values().next()?.first()?.lane;
        let mut numbers: BTreeMap<(usize, u32), u32> = BTreeMap::new();
        for (run, repeat, _) in repeats.keys() {
            let next = numbers.len() as u32;
            numbers.entry((*run, *repeat)).or_insert(next);
        }
        let answers = repeats.into_iter().filter_map(|((run, repeat, _), cells)| {
            Some((numbers.get(&(run, repeat)).copied()?, Answer::of(chain::current_of(cells))?))
        });
        Some(LaneAnswers { id, index, answers: answers.collect() })
    });
    lanes.collect()
}

/// Passed, and judged at all.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Score {
    pub passed: u32,
    pub total: u32,
}

impl Score {
    pub fn count(&mut self, passed: bool) {
        self.total += 1;
        self.passed += u32::from(passed);
    }

    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.total += other.total;
    }

    /// What nobody could judge does not count.
    pub fn count_state(&mut self, state: CheckState) {
        match state {
            CheckState::Passed => self.count(true),
            CheckState::Failed => self.count(false),
            CheckState::NotJudged | CheckState::CannotTell => {}
        }
    }

    pub fn rate(self) -> Option<Rate> {
        Rate::new(self.passed, self.total)
    }
}

#[derive(Debug, Clone)]
struct Scores {
    checks: Vec<Score>,
    /// `None` without checks.
    all: Option<Score>,
}

fn scores(lane: &LaneAnswers<'_>, ready: &[Ready]) -> Scores {
    let mut scores = vec![Score::default(); ready.len()];
    let mut all = Score::default();
    for answer in lane.answers().filter(|answer| matches!(answer.fate(), Fate::Finished | Fate::Failed)) {
        let states: Vec<CheckState> = ready.iter().map(|check| judge(check, answer).state).collect();
        for (score, state) in scores.iter_mut().zip(&states) {
            score.count_state(*state);
        }
        // One check that failed decides; else nothing may be left open.
        if states.contains(&CheckState::Failed) {
            all.count(false);
        } else if states.iter().all(|state| *state == CheckState::Passed) {
            all.count(true);
        }
    }
    Scores { checks: scores, all: (!ready.is_empty()).then_some(all) }
}

fn lane_repeats(lane: &LaneAnswers<'_>, scores: &Scores, base: Option<&Scores>) -> LaneRepeats {
    let finished = || lane.answers().filter(|answer| answer.fate() == Fate::Finished);
    let currency = finished().find_map(|answer| Some(answer.cost()?.1.to_owned()));
    let figures = |figure: &dyn Fn(&Answer<'_>) -> Option<f64>| {
        let whole = lane.answers.iter().filter(|(_, answer)| answer.fate() == Fate::Finished);
        let values = whole.filter_map(|(repeat, answer)| {
            Some(RepeatValue { cell: answer.last.id.clone(), repeat: *repeat, value: figure(answer)? })
        });
        figures(values.collect())
    };
    let mut counts = RepeatCounts::default();
    for answer in lane.answers() {
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

pub(crate) fn interval(found: juxta_stats::Interval) -> Interval {
    Interval { low: found.low, high: found.high }
}

pub(crate) fn pass_rate(score: Score, base: Option<Score>) -> PassRate {
    PassRate {
        passed: score.passed,
        total: score.total,
        interval: score.rate().map(|rate| interval(rate.wilson(Z_95))),
        against: base.and_then(|base| against(score, base)),
    }
}

/// `None` where one of the two has nothing that was judged.
pub(crate) fn against(ours: Score, base: Score) -> Option<Against> {
    let (ours, base) = ours.rate().zip(base.rate())?;
    let difference = ours.minus(base, Z_95);
    Some(Against {
        difference: difference.value,
        interval: interval(difference.interval),
        verdict: match difference.verdict() {
            juxta_stats::Verdict::Better => Verdict::Better,
            juxta_stats::Verdict::Worse => Verdict::Worse,
            juxta_stats::Verdict::CannotTell => Verdict::CannotTell,
        },
        repeats_to_tell: juxta_stats::repeats_to_tell(base.share(), ours.share()),
    })
}

fn several(score: Score) -> Vec<PassAt> {
    let Score { passed, total } = score;
    let both = |k| Some((juxta_stats::any_of(k, passed, total)?, juxta_stats::all_of(k, passed, total)?));
    SEVERAL.iter().filter_map(|k| both(*k).map(|(any, all)| PassAt { k: *k, any, all })).collect()
}
