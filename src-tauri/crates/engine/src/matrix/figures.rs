//! The variants of a matrix over all their rows and repeats, by the same counts and intervals as the repeats of a run.

use std::collections::BTreeMap;

use juxta_store::{MatrixBegun, MatrixCellRow, MatrixOrder};
use juxta_wire::error::AppError;
use juxta_wire::ids::MatrixId;
use juxta_wire::matrix::{MatrixBase, MatrixCellState, MatrixFigures, VariantFigures};
use juxta_wire::repeats::{Figures, PassAt, PassRate, RepeatValue};

use super::against::{Beside, BothScores};
use super::earlier::check_names;
use crate::repeats::{SEVERAL, Score, interval, pass_rate};
use crate::run::storage;
use crate::{Engine, not_found};

/// Cells that are read at once.
const READ_AT_ONCE: u32 = 2000;
/// More single values than this are not told: their median and its interval stand.
const MOST_VALUES: usize = 1000;

impl Engine {
    /// All variants against `base`, or against the first variant. What is over counts at once.
    ///
    /// # Errors
    /// When there is no such matrix, or it has not begun; or nothing of both in the base.
    pub fn matrix_figures(&self, id: &MatrixId, base: Option<MatrixBase>) -> Result<MatrixFigures, AppError> {
        let begun = self.begun_matrix(id)?.ok_or_else(|| not_begun("The matrix"))?;
        let base = base.unwrap_or(MatrixBase::Variant { index: 0 });
        let sums = self.sums(id, &begun)?;
        let beside = match &base {
            MatrixBase::Variant { index } => {
                let its_own = sums.get(*index as usize).ok_or_else(|| not_found("The variant to compare with"))?;
                let beside = |(at, sum): (usize, &Sum)| (at != *index as usize).then(|| sum.beside(its_own));
                sums.iter().enumerate().map(beside).collect()
            }
            MatrixBase::Matrix { id: base } => {
                let base = self.earlier_matrix(base, &check_names(&begun))?;
                self.beside_earlier(id, &begun, &base)?.by_variant(&begun, &base)
            }
        };
        let variants = begun.variants.iter().zip(&sums).zip(&beside);
        let variants = variants.map(|((variant, sum), beside)| sum.told(variant.index, beside.as_ref()));
        Ok(MatrixFigures { variants: variants.collect(), checks: check_names(&begun), base })
    }

    fn sums(&self, id: &MatrixId, begun: &MatrixBegun) -> Result<Vec<Sum>, AppError> {
        let checks = begun.comparison.draft.checks.len();
        let mut sums: Vec<Sum> = begun.variants.iter().map(|_| Sum::of(checks)).collect();
        self.each_indexed(id, MatrixOrder::Rows, |cell| {
            if let Some(sum) = sums.get_mut(cell.place.variant as usize) {
                sum.count(&cell);
            }
            Ok(())
        })?;
        sums.iter_mut().for_each(Sum::end_row);
        Ok(sums)
    }

    /// Reads all cells of a matrix that were begun, and holds few of them.
    pub(super) fn each_indexed(
        &self,
        id: &MatrixId,
        order: MatrixOrder,
        mut take: impl FnMut(MatrixCellRow) -> Result<(), AppError>,
    ) -> Result<(), AppError> {
        let mut after = None;
        loop {
            let cells = self.store().matrix_cells_after(id, order, after, READ_AT_ONCE).map_err(storage)?;
            let Some(last) = cells.last() else { return Ok(()) };
            after = Some(last.place);
            cells.into_iter().try_for_each(&mut take)?;
        }
    }
}

pub(super) fn not_begun(what: &str) -> AppError {
    let message = format!("{what} has not begun, so there is nothing to look at yet");
    AppError::Invalid { field: "matrix".to_owned(), message }
}

/// What the cells of a variant add up to.
struct Sum {
    finished: u64,
    failed: u64,
    checks: Vec<Score>,
    all: Score,
    row: u64,
    /// Of the row that is being read.
    of_row: Score,
    /// For each k: how many rows, and the chances of all of them together.
    several: BTreeMap<u32, (u32, PassAt)>,
    time_to_first_token: Values,
    total: Values,
    tokens: Values,
    cost: Values,
    currency: Option<String>,
    spent: Option<f64>,
}

impl Sum {
    fn of(checks: usize) -> Self {
        Self {
            finished: 0,
            failed: 0,
            checks: vec![Score::default(); checks],
            all: Score::default(),
            row: 0,
            of_row: Score::default(),
            several: BTreeMap::new(),
            time_to_first_token: Values::default(),
            total: Values::default(),
            tokens: Values::default(),
            cost: Values::default(),
            currency: None,
            spent: None,
        }
    }

    fn count(&mut self, cell: &MatrixCellRow) {
        match cell.state {
            MatrixCellState::InFlight => return,
            MatrixCellState::Finished => self.finished += 1,
            MatrixCellState::Failed => self.failed += 1,
        }
        if cell.place.row != self.row {
            self.end_row();
            self.row = cell.place.row;
        }
        for (score, state) in self.checks.iter_mut().zip(&cell.checks) {
            score.count_state(*state);
        }
        if let Some(passed) = cell.passed {
            self.all.count(passed);
            self.of_row.count(passed);
        }
        self.pay(cell);
        if cell.state == MatrixCellState::Finished {
            self.time_to_first_token.add(cell, cell.time_to_first_token);
            self.total.add(cell, cell.milliseconds);
            self.tokens.add(cell, cell.tokens.map(|tokens| tokens as f64));
            self.cost.add(cell, cell.cost.filter(|_| cell.currency == self.currency));
        }
    }

    /// Amounts in another currency than the first are not added to it.
    fn pay(&mut self, cell: &MatrixCellRow) {
        let Some((amount, currency)) = cell.cost.zip(cell.currency.as_ref()) else { return };
        if self.currency.get_or_insert_with(|| currency.clone()) == currency {
            self.spent = Some(self.spent.unwrap_or(0.0) + amount);
        }
    }

    fn beside(&self, base: &Self) -> Beside {
        Beside {
            all: BothScores { ours: self.all, base: base.all },
            checks: self
                .checks
                .iter()
                .zip(&base.checks)
                .map(|(ours, base)| BothScores { ours: *ours, base: *base })
                .collect(),
        }
    }

    fn end_row(&mut self) {
        let Score { passed, total } = std::mem::take(&mut self.of_row);
        for k in SEVERAL {
            let both = juxta_stats::any_of(k, passed, total).zip(juxta_stats::all_of(k, passed, total));
            let Some((any, all)) = both else { continue };
            let (rows, sum) = self.several.entry(k).or_insert((0, PassAt { k, any: 0.0, all: 0.0 }));
            *rows += 1;
            sum.any += any;
            sum.all += all;
        }
    }

    fn told(&self, variant: u32, beside: Option<&Beside>) -> VariantFigures {
        let mean = |(rows, sum): &(u32, PassAt)| {
            let rows = f64::from(*rows);
            PassAt { k: sum.k, any: sum.any / rows, all: sum.all / rows }
        };
        let rate = |score: Score, both: Option<&BothScores>| PassRate {
            against: both.and_then(BothScores::against),
            ..pass_rate(score, None)
        };
        let rates = self.checks.iter().enumerate();
        VariantFigures {
            variant,
            finished: self.finished,
            failed: self.failed,
            checks: rates.map(|(at, score)| rate(*score, beside.and_then(|beside| beside.checks.get(at)))).collect(),
            all: (!self.checks.is_empty()).then(|| rate(self.all, beside.map(|beside| &beside.all))),
            pass_at: self.several.values().map(mean).collect(),
            time_to_first_token: self.time_to_first_token.told(),
            total: self.total.told(),
            tokens: self.tokens.told(),
            cost: self.cost.told(),
            currency: self.currency.clone(),
            spent: self.spent,
        }
    }
}

/// One figure of all cells.
#[derive(Default)]
struct Values {
    numbers: Vec<f64>,
    /// Empty once there are too many to tell.
    single: Vec<RepeatValue>,
}

impl Values {
    fn add(&mut self, cell: &MatrixCellRow, value: Option<f64>) {
        let Some(value) = value else { return };
        self.numbers.push(value);
        match self.numbers.len() <= MOST_VALUES {
            true => self.single.push(RepeatValue { cell: cell.cell.clone(), repeat: cell.place.repeat, value }),
            false => self.single = Vec::new(),
        }
    }

    fn told(&self) -> Figures {
        let median = juxta_stats::median(&self.numbers);
        Figures {
            values: self.single.clone(),
            median: median.map(|median| median.value),
            interval: median.and_then(|median| median.interval).map(interval),
        }
    }
}
