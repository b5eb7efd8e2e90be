//! What a matrix does to each row, held against a base: another variant, or an earlier matrix over the same rows.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use juxta_store::{MatrixBegun, MatrixCellRow, MatrixOrder, MatrixPlace};
use juxta_wire::error::AppError;
use juxta_wire::ids::MatrixId;
use juxta_wire::matrix::{MatrixBase, MatrixCellState, MatrixChange, MatrixChanges};

use super::cells::LONGEST_VALUE;
use super::figures::{counterpart, not_begun};
use super::index::cut;
use crate::repeats::{Score, against};
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
        let ours = self.standings(id)?;
        let (base_id, pairs) = match base {
            MatrixBase::Variant { index } => (id, beside_variant(&begun, &ours, *index)?),
            MatrixBase::Matrix { id: base } => (base, self.beside_matrix(id, &begun, &ours, base)?),
        };
        let Pairs { mut found, unmatched } = pairs;
        found.sort_by(worse_first);
        let count_of = |wanted: Ordering| found.iter().filter(|pair| pair.ordering() == wanted).count() as u64;
        let (worse, better) = (count_of(Ordering::Less), count_of(Ordering::Greater));
        let total = found.len() as u64;
        let shown = found.iter().skip(usize::try_from(from).unwrap_or(usize::MAX));
        let shown = shown.take(count.min(MOST_CHANGES) as usize);
        Ok(MatrixChanges {
            changes: shown.map(|pair| self.change(id, base_id, pair)).collect::<Result<_, _>>()?,
            total,
            worse,
            better,
            same: total - worse - better,
            unmatched,
        })
    }

    /// What the repeats of each row say under each variant.
    fn standings(&self, id: &MatrixId) -> Result<Standings, AppError> {
        let mut standings = Standings::new();
        self.each_indexed(id, MatrixOrder::Rows, |cell| {
            if cell.state != MatrixCellState::InFlight {
                standings.entry((cell.place.row, cell.place.variant)).or_default().count(&cell);
            }
            Ok(())
        })?;
        Ok(standings)
    }

    /// Rows of two matrices are the same where all their values are, wherever they stand in their tables. Of rows that are
    /// equal the first stands against the first.
    fn beside_matrix(
        &self,
        id: &MatrixId,
        begun: &MatrixBegun,
        ours: &Standings,
        base: &MatrixId,
    ) -> Result<Pairs, AppError> {
        let other = self.begun_matrix(base)?.ok_or_else(|| not_begun("The matrix to compare with"))?;
        let theirs = self.standings(base)?;
        let mut known: HashMap<u64, Vec<u64>> = HashMap::new();
        for (row, digest) in self.row_digests(base, &other)?.into_iter().rev() {
            known.entry(digest).or_default().push(row);
        }
        let mut same: HashMap<u64, u64> = HashMap::new();
        for (row, digest) in self.row_digests(id, begun)? {
            if let Some(at) = known.get_mut(&digest).and_then(Vec::pop) {
                same.insert(row, at);
            }
        }
        let counterparts: Vec<Option<u32>> =
            begun.variants.iter().map(|variant| Some(counterpart(&variant.name, &other)? as u32)).collect();
        Ok(pair(ours, &theirs, |row, variant| {
            let base_variant = counterparts.get(variant as usize).copied().flatten()?;
            Some((*same.get(&row)?, base_variant))
        }))
    }

    /// Of names and values, in whichever order the columns stand.
    fn row_digests(&self, id: &MatrixId, begun: &MatrixBegun) -> Result<Vec<(u64, u64)>, AppError> {
        let mut order: Vec<usize> = (0..begun.columns.len()).collect();
        order.sort_by_key(|at| &begun.columns[*at]);
        let rows = self.store().matrix_rows(id).map_err(storage)?;
        let mut digests = Vec::with_capacity(rows.len());
        for some in rows.chunks(500) {
            let values = self.store().matrix_row_values(id, some).map_err(storage)?;
            for (row, values) in some.iter().zip(values) {
                let mut hasher = DefaultHasher::new();
                order.iter().for_each(|at| (&begun.columns[*at], values.get(*at)).hash(&mut hasher));
                digests.push((*row, hasher.finish()));
            }
        }
        Ok(digests)
    }

    fn change(&self, id: &MatrixId, base_id: &MatrixId, pair: &Pair) -> Result<MatrixChange, AppError> {
        let is_worse = pair.ordering() == Ordering::Less;
        let ours = self.sample(id, (pair.row, pair.variant), pair.ours.sample(!is_worse))?;
        let base = self.sample(base_id, pair.base_place, pair.base.sample(is_worse))?;
        let values = self.store().matrix_row_values(id, &[pair.row]).map_err(storage)?;
        let values = values.into_iter().flatten().map(|value| cut(&value, LONGEST_VALUE));
        Ok(MatrixChange {
            row: pair.row,
            variant: pair.variant,
            values: values.collect(),
            passed: pair.ours.score.passed,
            total: pair.ours.score.total,
            base_passed: pair.base.score.passed,
            base_total: pair.base.score.total,
            against: pair.ours.score.rate().zip(pair.base.score.rate()).map(|(ours, base)| against(ours, base)),
            cell: ours.as_ref().map(|cell| cell.cell.clone()),
            base_cell: base.as_ref().map(|cell| cell.cell.clone()),
            answer: ours.map(|cell| cell.answer).unwrap_or_default(),
            base_answer: base.map(|cell| cell.answer).unwrap_or_default(),
        })
    }

    fn sample(
        &self,
        id: &MatrixId,
        (row, variant): (u64, u32),
        repeat: Option<u32>,
    ) -> Result<Option<MatrixCellRow>, AppError> {
        let Some(repeat) = repeat else { return Ok(None) };
        self.store().matrix_cell(id, MatrixPlace { row, variant, repeat }).map_err(storage)
    }
}

/// By row and variant.
type Standings = BTreeMap<(u64, u32), Standing>;

#[derive(Debug, Clone, Copy, Default)]
struct Standing {
    score: Score,
    /// The first repeats that passed, that did not, and that nobody could judge.
    passed: Option<u32>,
    failed: Option<u32>,
    unjudged: Option<u32>,
}

impl Standing {
    fn count(&mut self, cell: &MatrixCellRow) {
        let first = match cell.passed {
            Some(true) => &mut self.passed,
            Some(false) => &mut self.failed,
            None => &mut self.unjudged,
        };
        first.get_or_insert(cell.place.repeat);
        if let Some(passed) = cell.passed {
            self.score.count(passed);
        }
    }

    /// The repeat that shows best what changed.
    fn sample(&self, passed: bool) -> Option<u32> {
        let (wanted, other) = if passed { (self.passed, self.failed) } else { (self.failed, self.passed) };
        wanted.or(other).or(self.unjudged)
    }

    fn share(&self) -> Option<f64> {
        self.score.rate().map(juxta_stats::Rate::share)
    }
}

/// A row under one variant, and what it is held against.
struct Pair {
    row: u64,
    variant: u32,
    ours: Standing,
    base_place: (u64, u32),
    base: Standing,
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

struct Pairs {
    found: Vec<Pair>,
    unmatched: u64,
}

fn beside_variant(begun: &MatrixBegun, all: &Standings, base: u32) -> Result<Pairs, AppError> {
    if base as usize >= begun.variants.len() {
        return Err(not_found("The variant to compare with"));
    }
    let (theirs, ours): (Standings, Standings) = all.iter().partition(|((_, variant), _)| *variant == base);
    Ok(pair(&ours, &theirs, |row, _| Some((row, base))))
}

/// A row that only one side has is counted once, whatever the number of variants.
fn pair(ours: &Standings, theirs: &Standings, counterpart: impl Fn(u64, u32) -> Option<(u64, u32)>) -> Pairs {
    let (mut found, mut paired, mut base_paired) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for ((row, variant), standing) in ours {
        let Some(place) = counterpart(*row, *variant) else { continue };
        let Some(base) = theirs.get(&place) else { continue };
        paired.insert(*row);
        base_paired.insert(place.0);
        found.push(Pair { row: *row, variant: *variant, ours: *standing, base_place: place, base: *base });
    }
    let alone = |all: &Standings, paired: &BTreeSet<u64>| {
        all.keys().map(|(row, _)| *row).filter(|row| !paired.contains(row)).collect::<BTreeSet<u64>>().len()
    };
    let unmatched = (alone(ours, &paired) + alone(theirs, &base_paired)) as u64;
    Pairs { found, unmatched }
}
