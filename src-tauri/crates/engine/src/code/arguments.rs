//! The variables of a prompt as places in the body that was made from them.

use juxta_client::export::{Argument, Piece, Text, arguments};
use juxta_wire::code::CodeSource;
use juxta_wire::draft::VariableKind;
use juxta_wire::endpoint::Dialect;
use juxta_wire::ids::LaneId;
use juxta_wire::lane::Comparison;

use crate::template::{Value, value};
use crate::{Engine, resolve};

/// Stand around the number of a variable while the body is made: characters that no text has.
const MARKS: [char; 2] = ['\u{fdd2}', '\u{fdd3}'];

/// A body with a place for each of its variables.
#[derive(Debug)]
pub(super) struct Template {
    pub body: Text,
    pub names: Vec<String>,
}

impl Engine {
    /// The template of the body that `source` has.
    ///
    /// # Errors
    /// Why there is none: a sentence for people.
    pub(super) fn code_template(&self, source: &CodeSource, body: &str) -> Result<Template, String> {
        match source {
            CodeSource::Lane { comparison, lane } => of_lane(comparison, lane, None, body, self),
            CodeSource::Cell { cell } => {
                let run = self.cell_head(cell).and_then(|cell| Ok((self.run(&cell.run)?.snapshot, cell)));
                let (snapshot, cell) = run.map_err(|_| "The prompt of this run is not known any more".to_owned())?;
                of_lane(&snapshot, &cell.lane, Some(cell.dialect), body, self)
            }
        }
    }
}

/// `dialect` is that of the call that was made, or that of the lane's connection as it is now.
fn of_lane(
    comparison: &Comparison,
    lane: &LaneId,
    dialect: Option<Dialect>,
    body: &str,
    engine: &Engine,
) -> Result<Template, String> {
    let lane = comparison.lanes.iter().find(|candidate| candidate.id == *lane).ok_or("The lane is not there")?;
    if lane.raw_body.is_some() {
        return Err("The body was written by hand, without variables".to_owned());
    }
    let mut marked = comparison.clone();
    for (number, variable) in marked.draft.variables.iter_mut().enumerate() {
        let mark = format!("{}{number}{}", MARKS[0], MARKS[1]);
        (variable.kind, variable.value) = match has_bare_value(&variable.kind) {
            // In a text its quotation marks are escaped, as a bare value they are not.
            true => (VariableKind::Json, format!("\"{mark}\"")),
            false => (VariableKind::Text, mark),
        };
    }
    let unfilled = |_| "The prompt cannot be filled in".to_owned();
    let now = || engine.ready_connection(&lane.connection).map(|connection| connection.dialect);
    let dialect = dialect.map_or_else(now, Ok).map_err(unfilled)?;
    let made = resolve::filled_body(&marked, lane, dialect).map_err(unfilled)?;
    let made = String::from_utf8_lossy(&made);
    let template = split(&made, comparison)?;
    if template.names.is_empty() {
        return Err("The prompt has no variables".to_owned());
    }
    let filled_in = template.body.spelled(|name| value_within_json(comparison, name));
    match filled_in == body {
        true => Ok(template),
        false => Err("This body is not what the prompt makes of its variables".to_owned()),
    }
}

fn has_bare_value(kind: &VariableKind) -> bool {
    match kind {
        VariableKind::Number | VariableKind::Boolean | VariableKind::Json => true,
        VariableKind::Text | VariableKind::Choice { .. } => false,
    }
}

/// Takes the quotation marks away that stand around a mark: escaped ones in a text, others around a bare value.
fn without_quotes<'a>(before: &'a str, behind: &'a str) -> Option<(&'a str, &'a str, bool)> {
    let escaped = before.strip_suffix("\\\"").zip(behind.strip_prefix("\\\""));
    let bare = || before.strip_suffix('"').zip(behind.strip_prefix('"'));
    match escaped {
        Some((before, behind)) => Some((before, behind, false)),
        None => bare().map(|(before, behind)| (before, behind, true)),
    }
}

/// # Errors
/// In words: when a mark stands there that is not ours, or a place takes no argument.
fn split(made: &str, comparison: &Comparison) -> Result<Template, String> {
    const FOREIGN: &str = "The prompt holds the character U+FDD2";
    let variables = &comparison.draft.variables;
    let mut numbers: Vec<usize> = Vec::new();
    let mut parts = Vec::new();
    let mut rest = made;
    while let Some((before, behind)) = rest.split_once(MARKS[0]) {
        let (number, behind) = behind.split_once(MARKS[1]).ok_or(FOREIGN)?;
        let number: usize = number.parse().map_err(|_| FOREIGN)?;
        let variable = variables.get(number).ok_or(FOREIGN)?;
        let (before, behind, is_bare) = match has_bare_value(&variable.kind) {
            true => without_quotes(before, behind).ok_or(FOREIGN)?,
            false => (before, behind, false),
        };
        // Code makes its arguments fit for a text, which leaves a number as it is, and other JSON not.
        if is_bare && variable.kind == VariableKind::Json {
            return Err(format!("{} stands for JSON, which cannot be given as an argument", variable.name));
        }
        if !numbers.contains(&number) {
            numbers.push(number);
        }
        parts.push((before, number));
        rest = behind;
    }
    let names: Vec<String> = numbers.iter().map(|number| comparison.draft.variables[*number].name.clone()).collect();
    let arguments: Vec<Argument> = arguments(&names);
    let mut pieces = Vec::new();
    for (before, number) in parts {
        let at = numbers.iter().position(|known| *known == number).ok_or(FOREIGN)?;
        pieces.extend([Piece::Text(before.to_owned()), Piece::Argument(arguments[at].clone())]);
    }
    pieces.push(Piece::Text(rest.to_owned()));
    Ok(Template { body: Text::new(pieces), names })
}

fn value_within_json(comparison: &Comparison, name: &str) -> String {
    let variable = comparison.draft.variables.iter().find(|variable| variable.name == name);
    let text = match variable.map(value) {
        Some(Value::Fits { text, .. }) => text,
        _ => "",
    };
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}
