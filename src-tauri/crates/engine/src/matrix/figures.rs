//! The variants of a matrix over all their rows and repeats, by the same counts and intervals as the repeats of a run.

use std::collections::BTreeMap;

use juxta_store::{MatrixBegun, MatrixCellRow, MatrixOrder};
use juxta_wire::check::CheckState;
use juxta_wire::error::AppError;
use juxta_wire::ids::MatrixId;
use juxta_wire::matrix::{MatrixBase, MatrixCellState, MatrixFigures, VariantFigures};
use juxta_wire::repeats::{Figures, PassAt, RepeatValue};

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
        let against = match &base {
            MatrixBase::Variant { index } => {
                let its_own = sums.get(*index as usize).ok_or_else(|| not_found("The variant to compare with"))?;
                Against::Variant { index: *index, sum: its_own }
            }
            MatrixBase::Matrix { id } => {
                let other = self.begun_matrix(id)?.ok_or_else(|| not_begun("The matrix to compare with"))?;
                let sums = self.sums(id, &other)?.into_iter().map(|sum| sum.by_checks_of(&begun, &other));
                Against::Matrix { sums: sums.collect(), begun: Box::new(other) }
            }
        };
        let variants = begun.variants.iter().zip(&sums).map(|(variant, sum)| {
            let base = match &against {
                Against::Variant { index, .. } if *index == variant.index => None,
                Against::Variant { sum, .. } => Some(*sum),
                Against::Matrix { begun, sums } => counterpart(&variant.name, begun).and_then(|at| sums.get(at)),
            };
            sum.told(variant.index, base)
        });
        Ok(MatrixFigures {
            variants: variants.collect(),
            checks: begun.comparison.draft.checks.iter().map(|check| check.name.clone()).collect(),
            base,
        })
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

enum Against<'a> {
    Variant { index: u32, sum: &'a Sum },
    Matrix { begun: Box<MatrixBegun>, sums: Vec<Sum> },
}

/// The variant of another matrix that a variant is held against: that of the same name, or the only one.
pub(super) fn counterpart(name: &str, other: &MatrixBegun) -> Option<usize> {
    let same = other.variants.iter().position(|variant| variant.name == name);
    same.or_else(|| (other.variants.len() == 1).then_some(0))
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
            match state {
                CheckState::Passed => score.count(true),
                CheckState::Failed => score.count(false),
                CheckState::NotJudged | CheckState::CannotTell => {}
            }
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

    /// With the checks in the order of `ours`, found by their names.
    fn by_checks_of(mut self, ours: &MatrixBegun, its_own: &MatrixBegun) -> Self {
        let names = &its_own.comparison.draft.checks;
        let find = |name: &str| names.iter().position(|check| check.name == name);
        let checks = ours.comparison.draft.checks.iter();
        self.checks = checks.map(|check| find(&check.name).map_or_else(Score::default, |at| self.checks[at])).collect();
        self
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

    fn told(&self, variant: u32, base: Option<&Self>) -> VariantFigures {
        let mean = |(rows, sum): &(u32, PassAt)| {
            let rows = f64::from(*rows);
            PassAt { k: sum.k, any: sum.any / rows, all: sum.all / rows }
        };
        let rates = self.checks.iter().enumerate();
        VariantFigures {
            variant,
            finished: self.finished,
            failed: self.failed,
            checks: rates
                .map(|(at, score)| pass_rate(*score, base.and_then(|base| base.checks.get(at).copied())))
                .collect(),
            all: (!self.checks.is_empty()).then(|| pass_rate(self.all, base.map(|base| base.all))),
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
