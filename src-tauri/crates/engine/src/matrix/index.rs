//! From a cell that is over to its row in the index.

use juxta_store::{MatrixCellRow, MatrixPlace};
use juxta_wire::check::CheckState;
use juxta_wire::error::AppError;
use juxta_wire::ids::{MatrixId, RunId};
use juxta_wire::lane::Comparison;
use juxta_wire::matrix::MatrixCellState;
use juxta_wire::run::Cell;

use crate::Engine;
use crate::checks::answer::{Answer, Fate};
use crate::checks::judge;
use crate::dialogue::chain;
use crate::run::storage;

/// Characters of an answer that the index keeps to be shown.
const LONGEST_EXCERPT: usize = 300;

impl Engine {
    /// Puts cells of one run that are over into the index, as the checks of `snapshot` judge them, in one transaction.
    /// Gives those that are not: they run, or they were stopped and are missing. Judges are not asked here.
    pub(crate) fn index_cells(
        &self,
        matrix: &MatrixId,
        run: &RunId,
        snapshot: &Comparison,
        places: &[MatrixPlace],
    ) -> Result<Vec<MatrixPlace>, AppError> {
        let (mut rows, mut others) = (Vec::new(), Vec::new());
        for place in places {
            let cells = self.store().dialogue(run, place.variant, place.repeat).map_err(storage)?;
            match self.index_row(*place, &cells, snapshot) {
                Some(row) => rows.push(row),
                None => others.push(*place),
            }
        }
        self.store().save_matrix_cells(matrix, rows).map_err(storage)?;
        Ok(others)
    }

    /// The same for places of several runs, run by run.
    pub(crate) fn index_again(
        &self,
        matrix: &MatrixId,
        places: &[(MatrixPlace, RunId)],
    ) -> Result<Vec<MatrixPlace>, AppError> {
        let mut others = Vec::new();
        for some in places.chunk_by(|(_, one), (_, other)| one == other) {
            let run = &some[0].1;
            let places: Vec<MatrixPlace> = some.iter().map(|(place, _)| *place).collect();
            match self.store().run_snapshot(run).map_err(storage)? {
                Some(snapshot) => others.extend(self.index_cells(matrix, run, &snapshot, &places)?),
                // It was deleted before its calls were over.
                None => others.extend(places),
            }
        }
        Ok(others)
    }

    /// `None` for a dialogue that is not over, or whose end is no answer.
    fn index_row(&self, place: MatrixPlace, cells: &[Cell], snapshot: &Comparison) -> Option<MatrixCellRow> {
        let answer = Answer::of(chain::current(cells))?;
        let state = match answer.fate() {
            Fate::Finished => MatrixCellState::Finished,
            Fate::Failed => MatrixCellState::Failed,
            Fate::Stopped | Fate::Running => return None,
        };
        let ready = self.ready_checks(&snapshot.draft.checks, snapshot, &answer.last.lane);
        let checks: Vec<CheckState> = ready.iter().map(|check| judge(check, &answer).state).collect();
        let problem = answer.last.error.as_ref().map(ToString::to_string);
        let cost = answer.cost();
        Some(MatrixCellRow {
            place,
            run: answer.last.run.clone(),
            cell: answer.last.id.clone(),
            state,
            passed: passed(&checks),
            checks,
            answer: excerpt(match (&problem, state) {
                (Some(problem), MatrixCellState::Failed) => problem,
                _ => &answer.text,
            }),
            search: [answer.text.as_str(), problem.as_deref().unwrap_or_default()].join("\n").to_lowercase(),
            tokens: answer.tokens(),
            time_to_first_token: answer.last.metrics.time_to_first_token,
            milliseconds: answer.total(),
            cost: cost.map(|(amount, _)| amount),
            currency: cost.map(|(_, currency)| currency.to_owned()),
            gone: false,
        })
    }
}

/// Every check passed; `None` without checks, or where none failed and one could not be judged.
pub(super) fn passed(checks: &[CheckState]) -> Option<bool> {
    if checks.contains(&CheckState::Failed) {
        return Some(false);
    }
    (!checks.is_empty() && checks.iter().all(|state| *state == CheckState::Passed)).then_some(true)
}

/// How an answer begins.
pub(super) fn excerpt(text: &str) -> String {
    cut(text.trim_start(), LONGEST_EXCERPT)
}

/// The beginning of a text, and a sign that there is more.
pub(super) fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_check_that_failed_decides_and_nothing_may_be_left_open() {
        use CheckState::{CannotTell, Failed, NotJudged, Passed};
        for (checks, expected) in [
            (&[][..], None),
            (&[Passed], Some(true)),
            (&[Passed, Failed], Some(false)),
            (&[CannotTell, Failed], Some(false)),
            (&[Passed, CannotTell], None),
            (&[NotJudged], None),
        ] {
            assert_eq!(passed(checks), expected, "{checks:?}");
        }
    }

    #[test]
    fn an_excerpt_is_cut_between_characters() {
        assert_eq!(excerpt("\n\n Größe"), "Größe");
        let long = "東".repeat(LONGEST_EXCERPT + 1);
        assert_eq!(excerpt(&long), format!("{}…", "東".repeat(LONGEST_EXCERPT)));
        assert_eq!(excerpt(&long[3..]), &long[3..], "as long as allowed");
    }
}
