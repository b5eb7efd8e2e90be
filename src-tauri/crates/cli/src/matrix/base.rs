//! What a matrix is against an earlier run.

use std::path::Path;

use juxta_engine::matrix::{EarlierMatrix, MatrixAgainst};
use juxta_engine::{Engine, blocking};
use juxta_wire::error::AppError;
use juxta_wire::ids::MatrixId;
use juxta_wire::matrix::{MatrixCount, MatrixPlan};

use super::{counted, words};

/// Changes that are told on the terminal.
const TOLD: usize = 10;
/// Characters of an answer there.
const LONGEST: usize = 100;

/// Reads the base before anything is sent: what cannot be compared is said at once.
pub async fn open(
    engine: &Engine,
    base: &str,
    plan: &MatrixPlan,
    count: &MatrixCount,
) -> Result<EarlierMatrix, String> {
    let checks: Vec<String> = plan.comparison.draft.checks.iter().map(|check| check.name.clone()).collect();
    if checks.is_empty() {
        return Err("The file has no checks, and without them nothing is better or worse than a base".to_owned());
    }
    let (reading, wanted, names) = (engine.clone(), base.to_owned(), checks.clone());
    let earlier = blocking(move || match Path::new(&wanted).exists() {
        true => reading.read_earlier_matrix(Path::new(&wanted), &names),
        false => reading.earlier_matrix(&MatrixId(wanted), &names),
    });
    let earlier = earlier.await.map_err(|error| match error {
        AppError::NotFound { .. } => {
            format!("{base}: there is no such file, and no matrix of this id in the data folder")
        }
        AppError::Invalid { message, .. } => message,
        error => error.to_string(),
    })?;
    let is_missing = |name: &&String| earlier.checks().all(|known| known != *name);
    let missing: Vec<&str> = checks.iter().filter(is_missing).map(String::as_str).collect();
    if missing.len() == checks.len() {
        return Err(format!("{base}: no check there has the name of one in the file ({})", missing.join(", ")));
    }
    if !count.variants.iter().any(|variant| earlier.has_variant(&variant.name)) {
        let names: Vec<&str> = count.variants.iter().map(|variant| variant.name.as_str()).collect();
        return Err(format!("{base}: no variant there has the name of one in the file ({})", names.join(", ")));
    }
    if !missing.is_empty() {
        eprintln!("Not compared, because {} has no such checks: {}", earlier.name(), missing.join(", "));
    }
    Ok(earlier)
}

pub async fn compare(engine: &Engine, id: &MatrixId, base: EarlierMatrix) -> Result<MatrixAgainst, String> {
    let (engine, id) = (engine.clone(), id.clone());
    blocking(move || engine.matrix_against(&id, &base)).await.map_err(words)
}

pub fn tell(against: &MatrixAgainst) {
    let changes = &against.changes;
    let unmatched = match changes.unmatched {
        0 => String::new(),
        rows => format!(", {} on one side only", counted(rows, "row")),
    };
    eprintln!(
        "Against {}, row by row under each variant: {} worse, {} better, {} as before{unmatched}",
        against.base, changes.worse, changes.better, changes.same
    );
    for variant in &against.variants {
        eprintln!("  {} {}  {}", variant.variant.letter, variant.variant.name, variant.words());
    }
    let worse = changes.changes.iter().take(usize::try_from(changes.worse).unwrap_or(usize::MAX)).take(TOLD);
    for change in worse {
        let letter = against.variants.get(change.variant as usize).map_or("", |one| one.variant.letter.as_str());
        eprintln!(
            "  row {}, {letter}: {} of {} pass, {} of {} before  {}",
            change.row + 1,
            change.passed,
            change.total,
            change.base_passed,
            change.base_total,
            one_line(&change.values.join(" · "))
        );
        eprintln!("    now     {}", one_line(&change.answer));
        eprintln!("    before  {}", one_line(&change.base_answer));
    }
    let left = changes.worse.saturating_sub(TOLD as u64);
    if left > 0 {
        eprintln!("  and {} that got worse", counted(left, "row"));
    }
}

/// The beginning of a text where a terminal shows it: nothing in it moves the cursor.
fn one_line(text: &str) -> String {
    let shown: String = text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() { format!("{shown}…") } else { shown }
}
