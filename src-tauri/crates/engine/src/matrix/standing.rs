//! What the repeats of a row say under a variant, in counts.

use std::collections::BTreeMap;

use juxta_wire::check::CheckState;

use super::index::passed;
use crate::repeats::Score;

/// By row and variant.
pub(super) type Standings = BTreeMap<(u64, u32), Standing>;

#[derive(Debug, Clone, Default)]
pub(super) struct Standing {
    /// Repeats that pass every check that counts.
    pub all: Score,
    /// One for each check that counts.
    pub checks: Vec<Score>,
    /// The first repeats that passed, that did not, and that nobody could judge.
    passed: Option<u32>,
    failed: Option<u32>,
    unjudged: Option<u32>,
}

impl Standing {
    /// Tells whether this repeat is one that [`sample`](Self::sample) may give.
    pub fn count(&mut self, repeat: u32, states: &[CheckState]) -> bool {
        let verdict = passed(states);
        let first = match verdict {
            Some(true) => &mut self.passed,
            Some(false) => &mut self.failed,
            None => &mut self.unjudged,
        };
        let is_first = first.is_none();
        first.get_or_insert(repeat);
        if let Some(passed) = verdict {
            self.all.count(passed);
        }
        self.checks.resize(states.len(), Score::default());
        self.checks.iter_mut().zip(states).for_each(|(score, state)| score.count_state(*state));
        is_first
    }

    /// The repeat that shows best what changed.
    pub fn sample(&self, passed: bool) -> Option<u32> {
        let (wanted, other) = if passed { (self.passed, self.failed) } else { (self.failed, self.passed) };
        wanted.or(other).or(self.unjudged)
    }

    pub fn share(&self) -> Option<f64> {
        self.all.rate().map(juxta_stats::Rate::share)
    }
}
