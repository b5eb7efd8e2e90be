//! One row for each call: CSV for spreadsheets, Parquet for programs.

use std::io::Write;

use juxta_store::MatrixOrder;
use juxta_vectors::table::{Column, TableWriter, Values};
use juxta_wire::error::AppError;

use super::{axes, check_word, problem, state_word, written};
use crate::matrix::results::{Results, Told};

/// A group of rows is written once its texts are so long, or so many.
const GROUP_BYTES: usize = 8 << 20;
const GROUP_ROWS: usize = 10_000;

/// What stands in one field.
enum Field {
    Text(Option<String>),
    Whole(Option<i64>),
    Number(Option<f64>),
    Is(Option<bool>),
}

impl Field {
    fn text(text: impl Into<String>) -> Self {
        Self::Text(Some(text.into()))
    }

    fn known(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }

    fn shown(self) -> String {
        match self {
            Self::Text(text) => text.unwrap_or_default(),
            Self::Whole(number) => number.map(|number| number.to_string()).unwrap_or_default(),
            Self::Number(number) => number.map(|number| number.to_string()).unwrap_or_default(),
            Self::Is(is) => is.map(|is| is.to_string()).unwrap_or_default(),
        }
    }
}

/// Names of the fields, none of them twice. Columns of the table come first after the row's number.
fn names(results: &Results) -> Vec<String> {
    let own = ["variant", "name", "prompt", "connection", "model"];
    let figures = ["tokens", "time_to_first_token", "milliseconds", "cost", "currency", "run", "cell"];
    let all = std::iter::once("row".to_owned())
        .chain(results.begun.columns.iter().cloned())
        .chain(own.map(str::to_owned))
        .chain(axes(results).map(str::to_owned))
        .chain(["repeat", "state", "passed"].map(str::to_owned))
        .chain(results.checks().map(|name| format!("check: {name}")))
        .chain(["answer", "error"].map(str::to_owned))
        .chain(figures.map(str::to_owned));
    let mut names: Vec<String> = Vec::new();
    for name in all {
        let copies = (2..).map(|number| format!("{name} ({number})"));
        let free = std::iter::once(name.clone()).chain(copies).find(|name| !names.contains(name));
        names.extend(free);
    }
    names
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
        Field::Whole(row.tokens.and_then(|tokens| i64::try_from(tokens).ok())),
        Field::Number(row.time_to_first_token),
        Field::Number(row.milliseconds),
        Field::Number(row.cost),
        Field::known(row.currency.as_deref()),
        Field::text(row.run.as_str()),
        Field::text(row.cell.as_str()),
    ];
    std::iter::once(Field::Whole(i64::try_from(row.place.row + 1).ok()))
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

pub(super) fn csv(results: &Results, file: &mut (impl Write + Send)) -> Result<u64, AppError> {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(file);
    csv.write_record(names(results)).map_err(written)?;
    let mut calls = 0;
    results.each(MatrixOrder::Rows, |told| {
        calls += 1;
        csv.write_record(fields(results, told).into_iter().map(Field::shown))?;
        Ok(())
    })?;
    csv.flush().map_err(written)?;
    Ok(calls)
}

pub(super) fn parquet(results: &Results, file: &mut (impl Write + Send)) -> Result<u64, AppError> {
    let names = names(results);
    let mut group = Group::of(results, names.len());
    let columns: Vec<Column> =
        names.into_iter().zip(&group.columns).map(|(name, values)| Column { name, kind: values.kind() }).collect();
    let mut writer = TableWriter::new(file, &columns).map_err(written)?;
    let mut calls = 0;
    results.each(MatrixOrder::Rows, |told| {
        calls += 1;
        group.add(fields(results, told));
        if group.is_full() {
            writer.write(&group.take()).map_err(std::io::Error::other)?;
        }
        Ok(())
    })?;
    writer.write(&group.take()).map_err(written)?;
    writer.finish().map_err(written)?;
    Ok(calls)
}

/// Rows that are written together, column by column.
struct Group {
    columns: Vec<Values>,
    rows: usize,
    bytes: usize,
}

impl Group {
    fn of(results: &Results, width: usize) -> Self {
        let mut columns: Vec<Values> = (0..width).map(|_| Values::Texts(Vec::new())).collect();
        let after_table = 1 + results.begun.columns.len() + 5 + results.axes.len();
        let figures = after_table + 3 + results.checks().count() + 2;
        columns[0] = Values::Whole(Vec::new());
        columns[after_table] = Values::Whole(Vec::new());
        columns[after_table + 2] = Values::Booleans(Vec::new());
        columns[figures] = Values::Whole(Vec::new());
        for at in 1..=3 {
            columns[figures + at] = Values::Numbers(Vec::new());
        }
        Self { columns, rows: 0, bytes: 0 }
    }

    fn add(&mut self, fields: Vec<Field>) {
        for (column, field) in self.columns.iter_mut().zip(fields) {
            match (column, field) {
                (Values::Texts(texts), Field::Text(text)) => {
                    self.bytes += text.as_ref().map_or(0, String::len);
                    texts.push(text);
                }
                (Values::Whole(numbers), Field::Whole(number)) => numbers.push(number),
                (Values::Numbers(numbers), Field::Number(number)) => numbers.push(number),
                (Values::Booleans(all), Field::Is(is)) => all.push(is),
                (Values::Texts(texts), other) => texts.push(Some(other.shown())),
                (column, _) => column.push_nothing(),
            }
        }
        self.rows += 1;
    }

    fn is_full(&self) -> bool {
        self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES
    }

    fn take(&mut self) -> Vec<Values> {
        (self.rows, self.bytes) = (0, 0);
        self.columns.iter_mut().map(Values::take).collect()
    }
}
