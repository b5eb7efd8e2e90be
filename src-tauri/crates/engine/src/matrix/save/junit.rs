//! Results as JUnit's XML, which systems for continuous integration read: a suite for each variant, a case for each row and
//! repeat. A check that failed is a failure. A call that failed, or that nobody could judge, is an error; so are calls that
//! were not sent. Where the matrix is held against an earlier one, each suite that the earlier one has too ends with a case
//! that fails when it got worse.

use std::io::{self, Write};

use juxta_store::{MatrixCellRow, MatrixOrder};
use juxta_wire::check::CheckState;
use juxta_wire::error::AppError;
use juxta_wire::matrix::{MatrixCellState, MatrixVariant};
use juxta_wire::repeats::Verdict;

use super::{problem, written};
use crate::markup::Escaped;
use crate::matrix::against::VariantAgainst;
use crate::matrix::results::{Reader, Results, Told};

/// Characters of the values in the name of a case.
const LONGEST_NAME: usize = 80;

/// What stands before the cases of a suite.
#[derive(Clone, Copy, Default)]
struct Suite {
    /// Of them `calls` are calls that are over.
    cases: u64,
    calls: u64,
    failures: u64,
    errors: u64,
    milliseconds: f64,
    missing: u64,
}

/// What a case is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Passed,
    Failure,
    Error,
}

fn case_of(row: &MatrixCellRow) -> Case {
    match (row.state, row.passed) {
        (MatrixCellState::Failed | MatrixCellState::InFlight, _) => Case::Error,
        (MatrixCellState::Finished, Some(false)) => Case::Failure,
        (MatrixCellState::Finished, None) if !row.checks.is_empty() => Case::Error,
        (MatrixCellState::Finished, _) => Case::Passed,
    }
}

pub(super) fn write(results: &Results, file: &mut (impl Write + Send)) -> Result<u64, AppError> {
    let suites = count(results)?;
    let calls = suites.iter().map(|suite| suite.calls).sum();
    open(results, &suites, file).map_err(written)?;
    let mut reader = Reader::new(results);
    let mut at = 0;
    results.each_row(MatrixOrder::Variants, |row| {
        while at < row.place.variant as usize {
            suite_end(results, at, &suites, file).map_err(written)?;
            at += 1;
            suite_start(results, at, &suites, file).map_err(written)?;
        }
        let values = reader.values(row.place.row)?.join(" · ");
        let variant = &results.begun.variants[at];
        case_start(variant, &row, &values, file).map_err(written)?;
        match case_of(&row) {
            Case::Passed => writeln!(file, "/>").map_err(written),
            case if row.gone => deleted(case, &row, file).map_err(written),
            case => reader.tell(&row, |told| reason(case, told, file).map_err(written)),
        }
    })?;
    loop {
        suite_end(results, at, &suites, file).map_err(written)?;
        at += 1;
        if at >= suites.len() {
            break;
        }
        suite_start(results, at, &suites, file).map_err(written)?;
    }
    writeln!(file, "</testsuites>").map_err(written)?;
    Ok(calls)
}

/// The numbers of a suite stand before its cases.
fn count(results: &Results) -> Result<Vec<Suite>, AppError> {
    let begun = &results.begun;
    let variants = begun.variants.len() as u64;
    let mut suites = vec![Suite::default(); begun.variants.len()];
    results.each_row(MatrixOrder::Rows, |row| {
        if let Some(suite) = suites.get_mut(row.place.variant as usize) {
            suite.calls += 1;
            suite.milliseconds += row.milliseconds.unwrap_or_default();
            match case_of(&row) {
                Case::Passed => {}
                Case::Failure => suite.failures += 1,
                Case::Error => suite.errors += 1,
            }
        }
        Ok(())
    })?;
    for (at, suite) in suites.iter_mut().enumerate() {
        let earlier = earlier(results, at);
        suite.missing = (begun.cells() / variants.max(1)).saturating_sub(suite.calls);
        suite.cases = suite.calls + u64::from(suite.missing > 0) + u64::from(earlier.is_some());
        suite.errors += u64::from(suite.missing > 0);
        match earlier.map(VariantAgainst::verdict) {
            Some(Some(Verdict::Worse)) => suite.failures += 1,
            Some(None) => suite.errors += 1,
            Some(Some(Verdict::Better | Verdict::CannotTell)) | None => {}
        }
    }
    Ok(suites)
}

fn open(results: &Results, suites: &[Suite], file: &mut impl Write) -> io::Result<()> {
    let all = suites.iter().fold(Suite::default(), |sum, suite| Suite {
        cases: sum.cases + suite.cases,
        calls: sum.calls + suite.calls,
        failures: sum.failures + suite.failures,
        errors: sum.errors + suite.errors,
        milliseconds: sum.milliseconds + suite.milliseconds,
        missing: 0,
    });
    writeln!(file, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(file, "<testsuites name=\"{}\"{}>", Escaped(&results.name), Counts(all))?;
    match suites.is_empty() {
        true => Ok(()),
        false => suite_start(results, 0, suites, file),
    }
}

/// As attributes.
struct Counts(Suite);

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Suite { cases, failures, errors, milliseconds, .. } = self.0;
        let seconds = milliseconds / 1000.0;
        write!(f, " tests=\"{cases}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"0\" time=\"{seconds:.3}\"")
    }
}

fn suite_start(results: &Results, at: usize, suites: &[Suite], file: &mut impl Write) -> io::Result<()> {
    let variant = &results.begun.variants[at];
    writeln!(file, "  <testsuite name=\"{}\"{}>", Escaped(&title(variant)), Counts(suites[at]))?;
    writeln!(file, "    <properties>")?;
    let axes = results.axes.iter().zip(&variant.values);
    let axes = axes.filter_map(|(axis, value)| Some((axis.parameter.as_str(), value.as_deref()?)));
    let named = [
        ("connection", variant.connection.as_str()),
        ("model", &variant.model),
        ("prompt", variant.prompt.as_deref().unwrap_or_default()),
    ];
    for (name, value) in named.into_iter().filter(|(_, value)| !value.is_empty()).chain(axes) {
        writeln!(file, "      <property name=\"{}\" value=\"{}\"/>", Escaped(name), Escaped(value))?;
    }
    writeln!(file, "    </properties>")
}

fn suite_end(results: &Results, at: usize, suites: &[Suite], file: &mut impl Write) -> io::Result<()> {
    let missing = suites[at].missing;
    if missing > 0 {
        let calls = if missing == 1 { "call was" } else { "calls were" };
        writeln!(
            file,
            "    <testcase name=\"Not sent\" classname=\"Juxta\" time=\"0\">\n      \
             <error type=\"missing\" message=\"{missing} {calls} not sent, or not to their end\"/>\n    </testcase>"
        )?;
    }
    if let Some((against, earlier)) = results.against.as_ref().zip(earlier(results, at)) {
        against_base(&against.base, earlier, file)?;
    }
    writeln!(file, "  </testsuite>")
}

/// How a suite stands against an earlier one, which has it too.
fn earlier(results: &Results, at: usize) -> Option<&VariantAgainst> {
    results.against.as_ref()?.variants.get(at).filter(|variant| variant.is_in_base)
}

fn against_base(base: &str, earlier: &VariantAgainst, file: &mut impl Write) -> io::Result<()> {
    let (name, class, words) = (format!("Against {base}"), title(&earlier.variant), earlier.words());
    let (name, class, words) = (Escaped(&name), Escaped(&class), Escaped(&words));
    write!(file, "    <testcase name=\"{name}\" classname=\"{class}\" time=\"0\">\n      ")?;
    match earlier.verdict() {
        Some(Verdict::Worse) => writeln!(file, "<failure type=\"worse\" message=\"{words}\"/>")?,
        Some(Verdict::Better | Verdict::CannotTell) => writeln!(file, "<system-out>{words}</system-out>")?,
        None => writeln!(file, "<error type=\"judgement\" message=\"{words}\"/>")?,
    }
    writeln!(file, "    </testcase>")
}

fn title(variant: &MatrixVariant) -> String {
    match variant.name.is_empty() {
        true => variant.letter.clone(),
        false => format!("{} {}", variant.letter, variant.name),
    }
}

/// Up to where its element ends, or has something in it.
fn case_start(variant: &MatrixVariant, row: &MatrixCellRow, values: &str, file: &mut impl Write) -> io::Result<()> {
    let mut name = format!("Row {}, repeat {}", row.place.row + 1, row.place.repeat + 1);
    if !values.is_empty() {
        let one_line: String = values.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        name = format!("{name}: {}", super::super::index::cut(&one_line, LONGEST_NAME));
    }
    let seconds = row.milliseconds.unwrap_or_default() / 1000.0;
    write!(
        file,
        "    <testcase name=\"{}\" classname=\"{}\" time=\"{seconds:.3}\"",
        Escaped(&name),
        Escaped(&title(variant))
    )
}

/// The verdict on a call stays when its run is deleted; its reasons are gone.
fn deleted(case: Case, row: &MatrixCellRow, file: &mut impl Write) -> io::Result<()> {
    let (element, kind, words) = match (case, row.state) {
        (_, MatrixCellState::Failed) => ("error", "call", row.answer.as_str()),
        (Case::Failure, _) => ("failure", "check", "A check failed. The call was deleted from the history"),
        (Case::Error | Case::Passed, _) => ("error", "judgement", "The call was deleted from the history"),
    };
    writeln!(file, ">\n      <{element} type=\"{kind}\" message=\"{}\"/>\n    </testcase>", Escaped(words))
}

fn reason(case: Case, told: &Told<'_>, file: &mut impl Write) -> io::Result<()> {
    writeln!(file, ">")?;
    let problem = problem(told);
    if told.row.state == MatrixCellState::Failed {
        writeln!(file, "      <error type=\"call\" message=\"{}\"/>", Escaped(&problem))?;
    } else {
        let (element, kind, state) = match case {
            Case::Failure => ("failure", "check", CheckState::Failed),
            Case::Error | Case::Passed => ("error", "judgement", CheckState::CannotTell),
        };
        let is_meant = |found: CheckState| match state {
            CheckState::Failed => found == CheckState::Failed,
            _ => found != CheckState::Passed,
        };
        let meant = told.checks.iter().filter(|check| is_meant(check.state));
        let words: Vec<String> = meant.map(|check| format!("{}: {}", check.name, check.why)).collect();
        let first = words.first().map_or("", String::as_str);
        writeln!(
            file,
            "      <{element} type=\"{kind}\" message=\"{}\">{}</{element}>",
            Escaped(first),
            Escaped(&words.join("\n"))
        )?;
    }
    if !told.answer.is_empty() {
        writeln!(file, "      <system-out>{}</system-out>", Escaped(told.answer))?;
    }
    writeln!(file, "    </testcase>")
}
