//! Results of a matrix as files of other programs.

mod columns;
mod html;
mod junit;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use juxta_store::MatrixOrder;
use juxta_wire::check::CheckState;
use juxta_wire::error::AppError;
use juxta_wire::ids::MatrixId;
use juxta_wire::matrix::MatrixCellState;
use serde_json::{Map, Value, json};

use super::against::MatrixAgainst;
use super::results::{Results, Told};
use crate::Engine;
use crate::batch::mend::NewFile;
use crate::run::{invalid, storage};

impl Engine {
    /// Writes every call that is over, and tells how many. The form follows from the ending: `.jsonl`, `.csv` and
    /// `.parquet` have a row for each call, `.html` is a report that needs no other file, and `.xml` is JUnit's. The last
    /// two tell what became of the matrix `against` an earlier one.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for another ending or a matrix that has not begun, [`AppError::Storage`] when the file cannot
    /// be written. What was there under this name stays until the new file is whole.
    pub fn save_matrix_results(
        &self,
        id: &MatrixId,
        path: &Path,
        against: Option<&MatrixAgainst>,
    ) -> Result<u64, AppError> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        let write: fn(&Results, &mut BufWriter<File>) -> Result<u64, AppError> = match ending.as_str() {
            "jsonl" | "ndjson" => lines,
            "csv" => columns::csv,
            "parquet" => columns::parquet,
            "html" | "htm" => html::write,
            "xml" => junit::write,
            _ => {
                let message =
                    "Results are saved as .jsonl, .csv, .parquet, .html or .xml: end the name with one of them";
                return Err(invalid("path", message));
            }
        };
        let results = Results::open(self, id, against)?;
        let named = |error: io::Error| AppError::Storage {
            message: format!("{} could not be written: {error}", path.display()),
        };
        let mut file = NewFile::create(path).map_err(named)?;
        match write(&results, &mut file.writer) {
            Ok(calls) => file.finish().map_err(named).map(|()| calls),
            Err(error) => {
                file.discard();
                Err(error)
            }
        }
    }
}

/// One object a line.
fn lines(results: &Results, file: &mut (impl Write + Send)) -> Result<u64, AppError> {
    let mut calls = 0;
    results.each(MatrixOrder::Rows, |told| {
        calls += 1;
        serde_json::to_writer(&mut *file, &line(results, told))?;
        file.write_all(b"\n")
    })?;
    Ok(calls)
}

fn line(results: &Results, told: &Told<'_>) -> Value {
    let Told { variant, values, row, last, answer, checks } = told;
    let columns = results.begun.columns.iter().zip(values.iter());
    let values: Map<String, Value> = columns.map(|(name, value)| (name.clone(), json!(value))).collect();
    let checks = checks.iter().map(|check| json!({ "name": check.name, "state": check.state, "why": check.why }));
    let reasoning: String = last.outcome.choices.iter().map(|choice| choice.reasoning.as_str()).collect();
    let calls = last.outcome.choices.iter().flat_map(|choice| &choice.tool_calls);
    json!({
        "row": row.place.row + 1,
        "values": values,
        "variant": variant.letter,
        "name": variant.name,
        "prompt": variant.prompt,
        "connection": variant.connection,
        "model": variant.model,
        "parameters": parameters(results, told),
        "repeat": row.place.repeat + 1,
        "state": last.state,
        "answer": answer,
        "reasoning": (!reasoning.is_empty()).then_some(reasoning),
        "toolCalls": calls.collect::<Vec<_>>(),
        "finishReason": last.outcome.choices.first().and_then(|choice| choice.finish_reason.as_ref()),
        "error": last.error,
        "passed": row.passed,
        "checks": checks.collect::<Vec<_>>(),
        "tokens": row.tokens,
        "timeToFirstToken": row.time_to_first_token,
        "milliseconds": row.milliseconds,
        "cost": row.cost,
        "currency": row.currency,
        "metrics": last.metrics,
        "startedAt": last.started_at,
        "serverModel": last.outcome.model,
        "responseId": last.outcome.response_id,
        "run": row.run,
        "cell": row.cell,
    })
}

/// What the axes set, where they set something.
fn parameters(results: &Results, told: &Told<'_>) -> Map<String, Value> {
    let names = axes(results).zip(&told.variant.values);
    let set = names.filter_map(|(name, value)| {
        let json = value.as_ref()?;
        Some((name.to_owned(), serde_json::from_str(json).unwrap_or_else(|_| Value::from(json.as_str()))))
    });
    set.collect()
}

fn axes(results: &Results) -> impl Iterator<Item = &str> {
    results.axes.iter().map(|axis| axis.parameter.as_str())
}

fn state_word(state: MatrixCellState) -> &'static str {
    match state {
        MatrixCellState::InFlight => "in flight",
        MatrixCellState::Finished => "finished",
        MatrixCellState::Failed => "failed",
    }
}

fn check_word(state: CheckState) -> &'static str {
    match state {
        CheckState::Passed => "passed",
        CheckState::Failed => "failed",
        CheckState::NotJudged => "not judged",
        CheckState::CannotTell => "cannot tell",
    }
}

/// What went wrong, in words.
fn problem(told: &Told<'_>) -> String {
    told.last.error.as_ref().map(ToString::to_string).unwrap_or_default()
}

fn written(error: impl std::fmt::Display) -> AppError {
    storage(error)
}
