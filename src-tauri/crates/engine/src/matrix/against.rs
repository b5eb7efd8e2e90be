//! Variants against an earlier run, over the rows that both have and by the checks that both have.

use juxta_store::MatrixBegun;
use juxta_wire::error::AppError;
use juxta_wire::ids::MatrixId;
use juxta_wire::matrix::{MatrixChanges, MatrixVariant};
use juxta_wire::repeats::{Against, PassRate, Verdict};

use super::changes::{Changed, Pair, Pairs};
use super::earlier::EarlierMatrix;
use super::figures::not_begun;
use crate::Engine;
use crate::batch::words::{counted, number};
use crate::repeats::{Score, against, pass_rate};

/// Changes that are told with it.
const TOLD_CHANGES: u64 = 100;

/// A matrix against an earlier one.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixAgainst {
    /// The name of the earlier one.
    pub base: String,
    /// Names of the checks that both have.
    pub checks: Vec<String>,
    /// All that the later one has.
    pub variants: Vec<VariantAgainst>,
    /// The first of them, worst first; all are counted.
    pub changes: MatrixChanges,
}

/// A variant against that of the base which has its name.
#[derive(Debug, Clone, PartialEq)]
pub struct VariantAgainst {
    pub variant: MatrixVariant,
    pub is_in_base: bool,
    /// Rows that both have.
    pub rows: u64,
    /// Over these rows, with the difference to the base.
    pub now: PassRate,
    pub before: PassRate,
    /// Among these rows.
    pub worse: u64,
    pub better: u64,
    pub same: u64,
}

impl MatrixAgainst {
    pub fn is_worse(&self) -> bool {
        self.variants.iter().any(|variant| variant.verdict() == Some(Verdict::Worse))
    }

    /// Variants of the base that nothing can be said of: they share no row that was judged on both sides.
    pub fn is_silent(&self) -> bool {
        self.variants.iter().any(|variant| variant.is_in_base && variant.now.against.is_none())
    }
}

impl VariantAgainst {
    pub fn verdict(&self) -> Option<Verdict> {
        self.now.against.map(|against| against.verdict)
    }

    /// `worse: 33.3 % pass (2 of 6), 100.0 % before (6 of 6), −66.7 points (−90.3 to −21.7)`, and how many repeats would
    /// tell where these do not.
    pub fn words(&self) -> String {
        if !self.is_in_base {
            return "not in the base".to_owned();
        }
        let Some(Against { difference, interval, verdict, repeats_to_tell }) = self.now.against else {
            return "nothing to compare: no row was judged on both sides".to_owned();
        };
        let verdict_word = match verdict {
            Verdict::Better => "better",
            Verdict::Worse => "worse",
            Verdict::CannotTell => "cannot tell",
        };
        let more = match (verdict, repeats_to_tell) {
            (Verdict::CannotTell, Some(answers)) => format!("; {}", self.would_tell(answers)),
            (Verdict::CannotTell | Verdict::Better | Verdict::Worse, _) => String::new(),
        };
        format!(
            "{verdict_word}: {} pass ({}), {} before ({}), {} points ({} to {}){more}",
            percent(&self.now),
            part(&self.now),
            percent(&self.before),
            part(&self.before),
            points(difference),
            points(interval.low),
            points(interval.high)
        )
    }

    fn would_tell(&self, answers: u64) -> String {
        let repeats = answers.div_ceil(self.rows.max(1));
        let rows = counted(self.rows, "row", "rows");
        format!(
            "{} on each side would tell, {} of {rows}",
            counted(answers, "answer", "answers"),
            counted(repeats, "repeat", "repeats")
        )
    }
}

fn percent(rate: &PassRate) -> String {
    format!("{:.1} %", 100.0 * f64::from(rate.passed) / f64::from(rate.total.max(1)))
}

fn part(rate: &PassRate) -> String {
    format!("{} of {}", number(rate.passed.into()), number(rate.total.into()))
}

/// Of a hundred, with a sign.
pub(super) fn points(share: f64) -> String {
    format!("{:+.1}", share * 100.0).replace('-', "−")
}

/// The same question, asked of both sides.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct BothScores {
    pub ours: Score,
    pub base: Score,
}

impl BothScores {
    pub fn against(&self) -> Option<Against> {
        against(self.ours, self.base)
    }

    fn add(&mut self, ours: Score, base: Score) {
        self.ours.add(ours);
        self.base.add(base);
    }
}

/// A variant beside its base.
#[derive(Debug, Clone, Default)]
pub(super) struct Beside {
    pub all: BothScores,
    /// In the order of the checks of the later matrix; nothing was judged by those that the base has not.
    pub checks: Vec<BothScores>,
}

impl Pairs {
    /// `None` for variants that the base has not.
    pub fn by_variant(&self, begun: &MatrixBegun, base: &EarlierMatrix) -> Vec<Option<Beside>> {
        let checks = begun.comparison.draft.checks.len();
        let places: Vec<Option<usize>> = (0..checks).map(|at| base.checks.place(at)).collect();
        let beside = begun.variants.iter().map(|variant| {
            base.counterpart(&variant.name)?;
            let mut beside = Beside { all: BothScores::default(), checks: vec![BothScores::default(); checks] };
            for Pair { ours, base, .. } in self.of_variant(variant.index) {
                beside.all.add(ours.all, base.all);
                for (both, place) in beside.checks.iter_mut().zip(&places) {
                    if let Some((ours, base)) = place.and_then(|at| Some((ours.checks.get(at)?, base.checks.get(at)?)))
                    {
                        both.add(*ours, *base);
                    }
                }
            }
            Some(beside)
        });
        beside.collect()
    }

    fn of_variant(&self, variant: u32) -> impl Iterator<Item = &Pair> {
        self.found.iter().filter(move |pair| pair.variant == variant)
    }
}

impl Engine {
    /// Holds a matrix against an earlier one, whose checks were found by the names of those of this matrix. What is over
    /// counts at once.
    ///
    /// # Errors
    /// When there is no such matrix, or it has not begun.
    pub fn matrix_against(&self, id: &MatrixId, base: &EarlierMatrix) -> Result<MatrixAgainst, AppError> {
        let begun = self.begun_matrix(id)?.ok_or_else(|| not_begun("The matrix"))?;
        let pairs = self.beside_earlier(id, &begun, base)?;
        let beside = pairs.by_variant(&begun, base);
        let variants = begun.variants.iter().zip(beside).map(|(variant, beside)| {
            let Changed { worse, better, same } = Changed::of(pairs.of_variant(variant.index));
            let is_in_base = beside.is_some();
            let BothScores { ours, base } = beside.unwrap_or_default().all;
            VariantAgainst {
                variant: variant.clone(),
                is_in_base,
                rows: worse + better + same,
                now: pass_rate(ours, Some(base)),
                before: pass_rate(base, None),
                worse,
                better,
                same,
            }
        });
        let variants = variants.collect();
        Ok(MatrixAgainst {
            base: base.name().to_owned(),
            checks: base.checks().map(str::to_owned).collect(),
            variants,
            changes: self.told_changes(id, &base.answers, pairs, 0, TOLD_CHANGES)?,
        })
    }
}
