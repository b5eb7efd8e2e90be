//! All that came of a matrix, call by call, for files. What is read is let go of again: memory does not grow with rows.

use std::io;

use juxta_store::{MatrixBegun, MatrixCellRow, MatrixOrder, StoredMatrix};
use juxta_wire::check::CheckResult;
use juxta_wire::error::AppError;
use juxta_wire::ids::{MatrixId, RunId};
use juxta_wire::lane::Comparison;
use juxta_wire::matrix::{MatrixAxis, MatrixCellState, MatrixVariant};
use juxta_wire::run::Cell;

use super::against::MatrixAgainst;
use super::figures::not_begun;
use crate::checks::answer::Answer;
use crate::checks::{Ready, judge};
use crate::dialogue::chain;
use crate::run::storage;
use crate::{Engine, not_found};

/// A matrix that began, for reading it through.
pub(super) struct Results {
    pub engine: Engine,
    pub id: MatrixId,
    pub name: String,
    pub axes: Vec<MatrixAxis>,
    pub begun: MatrixBegun,
    pub against: Option<MatrixAgainst>,
}

/// One call that is over, or one dialogue with tools.
pub(super) struct Told<'a> {
    pub variant: &'a MatrixVariant,
    /// Of the row, whole.
    pub values: &'a [String],
    pub row: &'a MatrixCellRow,
    /// The last step.
    pub last: &'a Cell,
    pub answer: &'a str,
    /// As they stand now, with reasons.
    pub checks: Vec<CheckResult>,
}

impl Results {
    pub fn open(engine: &Engine, id: &MatrixId, against: Option<&MatrixAgainst>) -> Result<Self, AppError> {
        let stored = engine.store().matrix(id).map_err(storage)?.ok_or_else(|| not_found("The matrix"))?;
        let StoredMatrix { id, plan, begun, .. } = stored;
        let begun = begun.ok_or_else(|| not_begun("The matrix"))?;
        Ok(Self { engine: engine.clone(), id, name: plan.name, axes: plan.axes, begun, against: against.cloned() })
    }

    pub fn checks(&self) -> impl Iterator<Item = &str> {
        self.begun.comparison.draft.checks.iter().map(|check| check.name.as_str())
    }

    /// Every call that is over, as the index has it.
    pub fn each_row(
        &self,
        order: MatrixOrder,
        mut take: impl FnMut(MatrixCellRow) -> Result<(), AppError>,
    ) -> Result<(), AppError> {
        self.engine.each_indexed(&self.id, order, |row| match row.state {
            MatrixCellState::InFlight => Ok(()),
            MatrixCellState::Finished | MatrixCellState::Failed => take(row),
        })
    }

    /// Every call that is over, with its answer and its reasons.
    pub fn each(&self, order: MatrixOrder, mut take: impl FnMut(&Told<'_>) -> io::Result<()>) -> Result<(), AppError> {
        let mut reader = Reader::new(self);
        self.each_row(order, |row| reader.tell(&row, |told| take(told).map_err(storage)))
    }
}

/// Reads calls one after the other, and keeps what the last one shares with the next.
pub(super) struct Reader<'a> {
    results: &'a Results,
    values: Option<(u64, Vec<String>)>,
    snapshot: Option<(RunId, Comparison)>,
    ready: Option<(RunId, u32, Vec<Ready>)>,
}

impl<'a> Reader<'a> {
    pub fn new(results: &'a Results) -> Self {
        Self { results, values: None, snapshot: None, ready: None }
    }

    /// The values of a row, whole.
    pub fn values(&mut self, row: u64) -> Result<&[String], AppError> {
        if self.values.as_ref().is_none_or(|(known, _)| *known != row) {
            let store = self.results.engine.store();
            let values = store.matrix_row_values(&self.results.id, &[row]).map_err(storage)?;
            self.values = Some((row, values.into_iter().next().unwrap_or_default()));
        }
        Ok(self.values.as_ref().map_or(&[], |(_, values)| values))
    }

    /// A row of the index whose run was deleted has nothing to tell, and is passed over.
    pub fn tell(
        &mut self,
        row: &MatrixCellRow,
        take: impl FnOnce(&Told<'_>) -> Result<(), AppError>,
    ) -> Result<(), AppError> {
        if row.gone {
            return Ok(());
        }
        let cells =
            self.results.engine.store().dialogue(&row.run, row.place.variant, row.place.repeat).map_err(storage)?;
        let variants = &self.results.begun.variants;
        let (Some(answer), Some(variant)) =
            (Answer::of(chain::current(&cells)), variants.get(row.place.variant as usize))
        else {
            return Ok(());
        };
        self.values(row.place.row)?;
        self.make_ready(row, answer.last)?;
        let ready = self.ready.as_ref().map_or(&[][..], |(_, _, ready)| ready);
        take(&Told {
            variant,
            values: self.values.as_ref().map_or(&[], |(_, values)| values),
            row,
            last: answer.last,
            answer: &answer.text,
            checks: ready.iter().map(|check| judge(check, &answer)).collect(),
        })
    }

    fn make_ready(&mut self, row: &MatrixCellRow, cell: &Cell) -> Result<(), AppError> {
        let engine = &self.results.engine;
        if self.ready.as_ref().is_some_and(|(run, variant, _)| (run, *variant) == (&row.run, row.place.variant)) {
            return Ok(());
        }
        if self.snapshot.as_ref().is_none_or(|(run, _)| *run != row.run) {
            let snapshot = engine.store().run_snapshot(&row.run).map_err(storage)?;
            self.snapshot = Some((row.run.clone(), snapshot.ok_or_else(|| not_found("The run"))?));
        }
        if let Some((run, snapshot)) = &self.snapshot {
            let ready = engine.ready_checks(&snapshot.draft.checks, snapshot, &cell.lane);
            self.ready = Some((run.clone(), row.place.variant, ready));
        }
        Ok(())
    }
}
