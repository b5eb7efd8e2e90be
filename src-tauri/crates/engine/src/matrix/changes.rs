//! What a matrix does to each row, held against a base: another variant, or an earlier matrix over the same rows.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use juxta_store::{MatrixBegun, MatrixPlace};
use juxta_wire::check::CheckState;
use juxta_wire::error::AppError;
use juxta_wire::ids::{CellId, MatrixId};
use juxta_wire::matrix::{MatrixBase, MatrixChange, MatrixChanges};

use super::cells::LONGEST_VALUE;
use super::earlier::{Answers, EarlierMatrix, check_names};
use super::figures::not_begun;
use super::index::cut;
use super::standing::{Standing, Standings};
use crate::repeats::against;
use crate::run::storage;
use crate::{Engine, not_found};

/// Changes that are told at once.
const MOST_CHANGES: u64 = 1000;

impl Engine {
    /// Rows of every variant but the base, those first that got worse most.
    ///
    /// # Errors
    /// When one of the two matrices is not there or has not begun, or the base is no variant.
    pub fn matrix_changes(
        &self,
        id: &MatrixId,
        base: &MatrixBase,
        from: u64,
        count: u64,
    ) -> Result<MatrixChanges, AppError> {
        let begun = self.begun_matrix(id)?.ok_or_else(|| not_begun("The matrix"))?;
        match base {
            MatrixBase::Variant { index } => {
                let pairs = beside_variant(&begun, self.standings(id, <[CheckState]>::to_vec)?, *index)?;
                self.told_changes(id, &Answers::Kept(id.clone()), pairs, from, count)
            }
            MatrixBase::Matrix { id: base } => {
                let base = self.earlier_matrix(base, &check_names(&begun))?;
                let pairs = self.beside_earlier(id, &begun, &base)?;
                self.told_changes(id, &base.answers, pairs, from, count)
            }
        }
    }

    /// A page of what changed.
    pub(super) fn told_changes(
        &self,
        id: &MatrixId,
        base: &Answers,
        pairs: Pairs,
        from: u64,
        count: u64,
    ) -> Result<MatrixChanges, AppError> {
        let Pairs { mut found, unmatched } = pairs;
        found.sort_by(worse_first);
        let Changed { worse, better, same } = Changed::of(&found);
        let shown = found.iter().skip(usize::try_from(from).unwrap_or(usize::MAX));
        let shown = shown.take(count.min(MOST_CHANGES) as usize);
        Ok(MatrixChanges {
            changes: shown.map(|pair| self.change(id, base, pair)).collect::<Result<_, _>>()?,
            total: found.len() as u64,
            worse,
            better,
            same,
            unmatched,
        })
    }

    /// A matrix beside an earlier one, by the checks that both have.
    pub(super) fn beside_earlier(
        &self,
        id: &MatrixId,
        begun: &MatrixBegun,
        base: &EarlierMatrix,
    ) -> Result<Pairs, AppError> {
        let ours = self.standings(id, |states| base.checks.of_ours(states))?;
        let same = base.same_rows(self.row_digests(id, begun)?);
        let counterparts: Vec<Option<u32>> =
            begun.variants.iter().map(|variant| base.counterpart(&variant.name)).collect();
        Ok(pair(ours, &base.standings, |row, variant| {
            let base_variant = counterparts.get(variant as usize).copied().flatten()?;
            Some((*same.get(&row)?, base_variant))
        }))
    }

    fn change(&self, id: &MatrixId, base: &Answers, pair: &Pair) -> Result<MatrixChange, AppError> {
        let is_worse = pair.ordering() == Ordering::Less;
        let place =
            |(row, variant): (u64, u32), repeat: Option<u32>| Some(MatrixPlace { row, variant, repeat: repeat? });
        let (cell, answer) = self.shown_answer(id, place((pair.row, pair.variant), pair.ours.sample(!is_worse)))?;
        let before = place(pair.base_place, pair.base.sample(is_worse));
        let (base_cell, base_answer) = match base {
            Answers::Kept(id) => self.shown_answer(id, before)?,
            Answers::Read(answers) => (None, before.and_then(|place| answers.get(&place).cloned()).unwrap_or_default()),
        };
        let values = self.store().matrix_row_values(id, &[pair.row]).map_err(storage)?;
        let values = values.into_iter().flatten().map(|value| cut(&value, LONGEST_VALUE));
        Ok(MatrixChange {
            row: pair.row,
            variant: pair.variant,
            values: values.collect(),
            passed: pair.ours.all.passed,
            total: pair.ours.all.total,
            base_passed: pair.base.all.passed,
            base_total: pair.base.all.total,
            against: against(pair.ours.all, pair.base.all),
            cell,
            base_cell,
            answer,
            base_answer,
        })
    }

    /// The cell at a place, and how its answer begins. There is no cell to open where its run was deleted.
    fn shown_answer(&self, id: &MatrixId, place: Option<MatrixPlace>) -> Result<(Option<CellId>, String), AppError> {
        let Some(place) = place else { return Ok((None, String::new())) };
        let found = self.store().matrix_cell(id, place).map_err(storage)?;
        Ok(found.map_or_else(Default::default, |cell| ((!cell.gone).then_some(cell.cell), cell.answer)))
    }
}

/// A row under one variant, and what it is held against.
pub(super) struct Pair {
    row: u64,
    pub variant: u32,
    pub ours: Standing,
    base_place: (u64, u32),
    pub base: Standing,
}

impl Pair {
    /// `None` where one side has nothing that was judged.
    fn difference(&self) -> Option<f64> {
        Some(self.ours.share()? - self.base.share()?)
    }

    fn ordering(&self) -> Ordering {
        self.difference().unwrap_or_default().total_cmp(&0.0)
    }
}

/// What cannot be compared stands behind what stayed the same, and before what got better.
fn worse_first(one: &Pair, other: &Pair) -> Ordering {
    let key =
        |pair: &Pair| (pair.difference().unwrap_or_default(), pair.difference().is_none(), pair.row, pair.variant);
    let ((one, one_open, one_row, one_variant), (other, other_open, other_row, other_variant)) = (key(one), key(other));
    one.total_cmp(&other).then((one_open, one_row, one_variant).cmp(&(other_open, other_row, other_variant)))
}

pub(super) struct Pairs {
    pub found: Vec<Pair>,
    unmatched: u64,
}

/// How many pairs changed, and which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Changed {
    pub worse: u64,
    pub better: u64,
    pub same: u64,
}

impl Changed {
    pub fn of<'a>(pairs: impl IntoIterator<Item = &'a Pair>) -> Self {
        let mut changed = Self::default();
        for pair in pairs {
            match pair.ordering() {
                Ordering::Less => changed.worse += 1,
                Ordering::Equal => changed.same += 1,
                Ordering::Greater => changed.better += 1,
            }
        }
        changed
    }
}

fn beside_variant(begun: &MatrixBegun, all: Standings, base: u32) -> Result<Pairs, AppError> {
    if base as usize >= begun.variants.len() {
        return Err(not_found("The variant to compare with"));
    }
    let (theirs, ours): (Standings, Standings) = all.into_iter().partition(|((_, variant), _)| *variant == base);
    Ok(pair(ours, &theirs, |row, _| Some((row, base))))
}

/// A row that only one side has is counted once, whatever the number of variants.
fn pair(ours: Standings, theirs: &Standings, counterpart: impl Fn(u64, u32) -> Option<(u64, u32)>) -> Pairs {
    let rows_of = |all: &Standings| all.keys().map(|(row, _)| *row).collect::<BTreeSet<u64>>();
    let (mut alone, mut base_alone) = (rows_of(&ours), rows_of(theirs));
    let mut found = Vec::new();
    for ((row, variant), ours) in ours {
        let Some(base_place) = counterpart(row, variant) else { continue };
        let Some(base) = theirs.get(&base_place).cloned() else { continue };
        alone.remove(&row);
        base_alone.remove(&base_place.0);
        found.push(Pair { row, variant, ours, base_place, base });
    }
    Pairs { found, unmatched: (alone.len() + base_alone.len()) as u64 }
}
