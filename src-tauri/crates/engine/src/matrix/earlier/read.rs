//! Reads an earlier run from the lines of JSON that were saved of it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use juxta_store::MatrixPlace;
use juxta_wire::check::CheckState;
use juxta_wire::error::AppError;
use serde::Deserialize;
use serde_json::Value;

use super::{Answers, CommonChecks, EarlierMatrix, digest};
use crate::batch::line::Lines;
use crate::batch::words::number;
use crate::matrix::index::excerpt;
use crate::matrix::standing::Standings;
use crate::run::invalid;

/// What counts of a line, as `save` writes it.
#[derive(Deserialize)]
struct Line<'a> {
    /// From 1, as `repeat` is.
    row: u64,
    values: BTreeMap<String, String>,
    #[serde(borrow)]
    variant: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    repeat: u32,
    #[serde(borrow)]
    answer: Cow<'a, str>,
    error: Option<Value>,
    checks: Vec<Judged>,
}

#[derive(Deserialize)]
struct Judged {
    name: String,
    state: CheckState,
}

pub(super) fn read(path: &Path, checks: &[String]) -> Result<EarlierMatrix, AppError> {
    let named =
        |error: io::Error| AppError::Storage { message: format!("{} could not be read: {error}", path.display()) };
    let refused = |words: String| invalid("base", &format!("{}: {words}", path.display()));
    let mut lines = Lines::open(path).map_err(named)?;
    let mut reading: Option<Reading> = None;
    while let Some(line) = lines.next_line().map_err(named)? {
        if line.is_blank() {
            continue;
        }
        let at = number(line.number);
        let found: Line<'_> = serde_json::from_slice(line.bytes)
            .map_err(|error| refused(format!("line {at} is no call of a matrix that was saved as JSONL: {error}")))?;
        let reading = reading.get_or_insert_with(|| Reading::of(&found, checks));
        reading.add(&found).map_err(|words| refused(format!("line {at}: {words}")))?;
    }
    let Reading { checks, names, rows, standings, answers, .. } =
        reading.ok_or_else(|| refused("there are no results in it".to_owned()))?;
    Ok(EarlierMatrix {
        name: path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
        checks,
        variants: names,
        rows: rows.into_iter().collect(),
        standings,
        answers: Answers::Read(answers),
    })
}

struct Reading {
    checks: CommonChecks,
    /// Of the variants, in the order in which they came.
    letters: Vec<String>,
    names: Vec<String>,
    /// With what stands in them.
    rows: BTreeMap<u64, u64>,
    seen: BTreeSet<MatrixPlace>,
    standings: Standings,
    answers: BTreeMap<MatrixPlace, String>,
}

impl Reading {
    /// All lines of a file have the checks of the first.
    fn of(first: &Line<'_>, checks: &[String]) -> Self {
        let theirs: Vec<String> = first.checks.iter().map(|check| check.name.clone()).collect();
        Self {
            checks: CommonChecks::of(checks, &theirs),
            letters: Vec::new(),
            names: Vec::new(),
            rows: BTreeMap::new(),
            seen: BTreeSet::new(),
            standings: Standings::new(),
            answers: BTreeMap::new(),
        }
    }

    fn add(&mut self, line: &Line<'_>) -> Result<(), String> {
        let (Some(row), Some(repeat)) = (line.row.checked_sub(1), line.repeat.checked_sub(1)) else {
            return Err("rows and repeats are counted from 1".to_owned());
        };
        let variant = self.letters.iter().position(|letter| **letter == *line.variant).unwrap_or_else(|| {
            self.letters.push(line.variant.clone().into_owned());
            self.names.push(line.name.clone().into_owned());
            self.letters.len() - 1
        }) as u32;
        let place = MatrixPlace { row, variant, repeat };
        if !self.seen.insert(place) {
            let (row, letter, repeat) = (line.row, &line.variant, line.repeat);
            return Err(format!("row {row}, {letter}, repeat {repeat} was there before: are these two runs?"));
        }
        self.rows.entry(row).or_insert_with(|| digest(line.values.iter()));
        let states: Vec<CheckState> = line.checks.iter().map(|check| check.state).collect();
        let standing = self.standings.entry((row, variant)).or_default();
        if standing.count(repeat, &self.checks.of_theirs(&states)) {
            self.answers.insert(place, excerpt(&told(line)));
        }
        Ok(())
    }
}

/// The answer, or what went wrong.
fn told<'a>(line: &'a Line<'_>) -> Cow<'a, str> {
    let error = line.error.as_ref().and_then(|error| serde_json::from_value::<AppError>(error.clone()).ok());
    match error {
        Some(error) => error.to_string().into(),
        None => Cow::Borrowed(&*line.answer),
    }
}
