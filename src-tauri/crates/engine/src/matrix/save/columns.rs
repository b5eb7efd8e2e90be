//! One row for each call.

use std::io::Write;

use juxta_store::MatrixOrder;
use juxta_vectors::table::Kind;
use juxta_wire::error::AppError;

use super::{axes, check_word, problem, state_word, written};
use crate::matrix::results::{Results, Told};
use crate::sheet::{Field, Form, Sheet, columns};

pub(super) fn csv(results: &Results, file: &mut (impl Write + Send)) -> Result<u64, AppError> {
    write(Form::Csv, results, file)
}

pub(super) fn parquet(results: &Results, file: &mut (impl Write + Send)) -> Result<u64, AppError> {
    write(Form::Parquet, results, file)
}

fn write(form: Form, results: &Results, file: &mut (impl Write + Send)) -> Result<u64, AppError> {
    let mut sheet = Sheet::new(form, &columns(names(results)), file).map_err(written)?;
    let mut calls = 0;
    results.each(MatrixOrder::Rows, |told| {
        calls += 1;
        sheet.add(fields(results, told))
    })?;
    sheet.finish().map_err(written)?;
    Ok(calls)
}

/// Columns of the table come first after the row's number.
fn names(results: &Results) -> impl Iterator<Item = (String, Kind)> {
    let texts = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), Kind::Text)).collect::<Vec<_>>();
    let own = texts(&["variant", "name", "prompt", "connection", "model"]);
    let state = [("repeat", Kind::Whole), ("state", Kind::Text), ("passed", Kind::Boolean)];
    let figures = [
        ("tokens", Kind::Whole),
        ("time_to_first_token", Kind::Number),
        ("milliseconds", Kind::Number),
        ("cost", Kind::Number),
        ("currency", Kind::Text),
        ("run", Kind::Text),
        ("cell", Kind::Text),
    ];
    let named = |(name, kind): (&str, Kind)| (name.to_owned(), kind);
    std::iter::once(("row".to_owned(), Kind::Whole))
        .chain(results.begun.columns.iter().map(|name| (name.clone(), Kind::Text)))
        .chain(own)
        .chain(axes(results).map(|name| (name.to_owned(), Kind::Text)))
        .chain(state.map(named))
        .chain(results.checks().map(|name| (format!("check: {name}"), Kind::Text)))
        .chain(texts(&["answer", "error"]))
        .chain(figures.map(named))
}

/// In the order of [`names`].
fn fields(results: &Results, told: &Told<'_>) -> Vec<Field> {
    let Told { variant, values, row, answer, checks, .. } = told;
    let columns = (0..results.begun.columns.len()).map(|at| Field::known(values.get(at).map(String::as_str)));
    let own = [
        Field::text(&variant.letter),
        Field::text(&variant.name),
        Field::known(variant.prompt.as_deref()),
        Field::text(&variant.connection),
        Field::text(&variant.model),
    ];
    let state = [
        Field::Whole(Some(i64::from(row.place.repeat) + 1)),
        Field::text(state_word(row.state)),
        Field::Is(row.passed),
    ];
    let states =
        (0..results.checks().count()).map(|at| Field::known(checks.get(at).map(|check| check_word(check.state))));
    let said = [Field::text(*answer), Field::known(Some(problem(told)).as_deref().filter(|words| !words.is_empty()))];
    let figures = [
        Field::count(row.tokens),
        Field::Number(row.time_to_first_token),
        Field::Number(row.milliseconds),
        Field::Number(row.cost),
        Field::known(row.currency.as_deref()),
        Field::text(row.run.as_str()),
        Field::text(row.cell.as_str()),
    ];
    std::iter::once(Field::count(Some(row.place.row + 1)))
        .chain(columns)
        .chain(own)
        .chain(
            (0..results.axes.len()).map(|at| Field::known(variant.values.get(at).and_then(|value| value.as_deref()))),
        )
        .chain(state)
        .chain(states)
        .chain(said)
        .chain(figures)
        .collect()
}
