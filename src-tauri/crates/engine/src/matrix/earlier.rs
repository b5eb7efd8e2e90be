//! An earlier run of a matrix as a base for a later one: what its answers say to the checks that both have, row by row.

mod read;

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

use juxta_store::{MatrixBegun, MatrixOrder, MatrixPlace, StoredMatrix};
use juxta_wire::check::CheckState;
use juxta_wire::error::AppError;
use juxta_wire::ids::MatrixId;
use juxta_wire::matrix::MatrixCellState;

use super::figures::not_begun;
use super::standing::Standings;
use crate::Engine;
use crate::run::storage;

/// See the module.
#[derive(Debug)]
pub struct EarlierMatrix {
    name: String,
    /// Of the checks of the later matrix, in its order: which of them both have.
    pub(super) checks: CommonChecks,
    /// Names of its variants.
    variants: Vec<String>,
    /// Its rows by what stands in them.
    rows: Vec<(u64, u64)>,
    pub(super) standings: Standings,
    pub(super) answers: Answers,
}

/// Where the beginnings of its answers are.
#[derive(Debug)]
pub(super) enum Answers {
    Kept(MatrixId),
    Read(BTreeMap<MatrixPlace, String>),
}

impl EarlierMatrix {
    /// For people: that of the matrix, or of the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `None` for what was read from a file.
    pub fn id(&self) -> Option<&MatrixId> {
        match &self.answers {
            Answers::Kept(id) => Some(id),
            Answers::Read(_) => None,
        }
    }

    /// The checks that both have, by their names.
    pub fn checks(&self) -> impl Iterator<Item = &str> {
        self.checks.names()
    }

    /// Whether a variant of this name is held against one of these.
    pub fn has_variant(&self, name: &str) -> bool {
        self.counterpart(name).is_some()
    }

    /// The variant that one of the later matrix is held against: that of the same name, or the only one.
    pub(super) fn counterpart(&self, name: &str) -> Option<u32> {
        let same = self.variants.iter().position(|variant| variant == name);
        same.or_else(|| (self.variants.len() == 1).then_some(0)).map(|at| at as u32)
    }

    /// Its row for each of `rows`: rows are the same where all their values are, wherever they stand in their tables. Of
    /// rows that are equal the first stands against the first.
    pub(super) fn same_rows(&self, rows: impl IntoIterator<Item = (u64, u64)>) -> HashMap<u64, u64> {
        let mut known: HashMap<u64, Vec<u64>> = HashMap::new();
        for (row, digest) in self.rows.iter().rev() {
            known.entry(*digest).or_default().push(*row);
        }
        let same = rows.into_iter().filter_map(|(row, digest)| Some((row, known.get_mut(&digest)?.pop()?)));
        same.collect()
    }
}

/// The checks of a matrix that another has too, found by their names.
#[derive(Debug, Clone)]
pub(super) struct CommonChecks {
    /// Name, place among the checks of the one, and place among those of the other.
    both: Vec<(String, usize, usize)>,
}

impl CommonChecks {
    fn of(ours: &[String], theirs: &[String]) -> Self {
        let find = |name: &String| theirs.iter().position(|other| other == name);
        let both = ours.iter().enumerate().filter_map(|(at, name)| Some((name.clone(), at, find(name)?)));
        Self { both: both.collect() }
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.both.iter().map(|(name, ..)| name.as_str())
    }

    /// Where in the standings the check of the later matrix stands that is at this place in its list.
    pub fn place(&self, at: usize) -> Option<usize> {
        self.both.iter().position(|(_, ours, _)| *ours == at)
    }

    pub fn of_ours(&self, states: &[CheckState]) -> Vec<CheckState> {
        self.both.iter().map(|(_, ours, _)| state(states, *ours)).collect()
    }

    fn of_theirs(&self, states: &[CheckState]) -> Vec<CheckState> {
        self.both.iter().map(|(.., theirs)| state(states, *theirs)).collect()
    }
}

fn state(states: &[CheckState], at: usize) -> CheckState {
    states.get(at).copied().unwrap_or(CheckState::NotJudged)
}

impl Engine {
    /// A matrix that is kept, for holding against it another whose checks have these names.
    ///
    /// # Errors
    /// When it is not there, or has not begun.
    pub fn earlier_matrix(&self, id: &MatrixId, checks: &[String]) -> Result<EarlierMatrix, AppError> {
        let StoredMatrix { plan, begun, .. } = self.stored_matrix(id)?;
        let begun = begun.ok_or_else(|| not_begun("The matrix to compare with"))?;
        let checks = CommonChecks::of(checks, &check_names(&begun));
        Ok(EarlierMatrix {
            name: plan.name,
            variants: begun.variants.iter().map(|variant| variant.name.clone()).collect(),
            rows: self.row_digests(id, &begun)?,
            standings: self.standings(id, |states| checks.of_theirs(states))?,
            answers: Answers::Kept(id.clone()),
            checks,
        })
    }

    /// The same for what [`save_matrix_results`](Self::save_matrix_results) wrote as lines of JSON.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for another file, [`AppError::Storage`] for one that cannot be read.
    pub fn read_earlier_matrix(&self, path: &Path, checks: &[String]) -> Result<EarlierMatrix, AppError> {
        read::read(path, checks)
    }

    /// What the repeats of each row say under each variant to the checks that `counting` takes.
    pub(super) fn standings(
        &self,
        id: &MatrixId,
        counting: impl Fn(&[CheckState]) -> Vec<CheckState>,
    ) -> Result<Standings, AppError> {
        let mut standings = Standings::new();
        self.each_indexed(id, MatrixOrder::Rows, |cell| {
            if cell.state != MatrixCellState::InFlight {
                let MatrixPlace { row, variant, repeat } = cell.place;
                standings.entry((row, variant)).or_default().count(repeat, &counting(&cell.checks));
            }
            Ok(())
        })?;
        Ok(standings)
    }

    pub(super) fn row_digests(&self, id: &MatrixId, begun: &MatrixBegun) -> Result<Vec<(u64, u64)>, AppError> {
        let rows = self.store().matrix_rows(id).map_err(storage)?;
        let mut digests = Vec::with_capacity(rows.len());
        for some in rows.chunks(500) {
            let values = self.store().matrix_row_values(id, some).map_err(storage)?;
            for (row, values) in some.iter().zip(&values) {
                digests.push((*row, digest(begun.columns.iter().zip(values))));
            }
        }
        Ok(digests)
    }
}

pub(super) fn check_names(begun: &MatrixBegun) -> Vec<String> {
    begun.comparison.draft.checks.iter().map(|check| check.name.clone()).collect()
}

/// Of names and values, in whichever order the columns stand.
fn digest<'a>(values: impl Iterator<Item = (&'a String, &'a String)>) -> u64 {
    let sorted: BTreeMap<&String, &String> = values.collect();
    let mut hasher = DefaultHasher::new();
    sorted.hash(&mut hasher);
    hasher.finish()
}
