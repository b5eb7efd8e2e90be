//! A check whose rule was read.

use juxta_client::structured::SentSchema;
use juxta_store::Store;
use juxta_wire::check::{Check, CheckRule, LatencyKind, LengthUnit};
use juxta_wire::draft::Variable;
use juxta_wire::error::AppError;
use regex::{Regex, RegexBuilder};
use serde_json::Value;
use serde_json_path::JsonPath;

use super::answer::Answer;
use super::judge::{self, Judge};
use super::{Judged, json, text};
use crate::template::{Alone, Template};

pub(crate) struct Ready {
    pub name: String,
    rule: Result<Rule, String>,
}

/// A rule with everything in it that could be wrong read already.
enum Rule {
    Text {
        finder: Regex,
        sought: String,
        not: bool,
    },
    Schema {
        schema: Option<SentSchema>,
    },
    Path {
        path: JsonPath,
        spelled: String,
        equals: Option<Value>,
    },
    Number {
        path: Option<(JsonPath, String)>,
        value: f64,
        tolerance: f64,
    },
    Length {
        unit: LengthUnit,
        least: Option<u32>,
        most: Option<u32>,
    },
    Cost {
        most: f64,
    },
    Latency {
        what: LatencyKind,
        most: f64,
    },
    Tool {
        name: String,
        not: bool,
    },
    /// `None` where there is no answer yet.
    Judge {
        judge: Box<Judge>,
        said: Option<Store>,
    },
}

impl Ready {
    /// Before there is an answer: places of variables stay as they are written.
    pub fn alone(check: &Check) -> Self {
        Self::new(check, None, None)
    }

    pub fn of_run(check: &Check, variables: &[Variable], store: &Store) -> Self {
        Self::new(check, Some(variables), Some(store))
    }

    fn new(check: &Check, variables: Option<&[Variable]>, store: Option<&Store>) -> Self {
        Self { name: check.name.clone(), rule: read(&check.rule, variables, store) }
    }

    pub fn problem(&self) -> Option<&str> {
        self.rule.as_ref().err().map(String::as_str)
    }

    pub(super) fn judge(&self, answer: &Answer<'_>) -> Judged {
        match &self.rule {
            Err(problem) => Judged::cannot_tell(problem),
            Ok(Rule::Text { finder, sought, not }) => text::find(&answer.text, finder, sought, *not),
            Ok(Rule::Schema { schema }) => json::fits(answer, schema.as_ref()),
            Ok(Rule::Path { path, spelled, equals }) => json::has(&answer.text, path, spelled, equals.as_ref()),
            Ok(Rule::Number { path: Some((path, spelled)), value, tolerance }) => {
                json::number(&answer.text, path, spelled, *value, *tolerance)
            }
            Ok(Rule::Number { path: None, value, tolerance }) => text::number(&answer.text, *value, *tolerance),
            Ok(Rule::Length { unit, least, most }) => text::length(&answer.text, *unit, *least, *most),
            Ok(Rule::Cost { most }) => cost(answer, *most),
            Ok(Rule::Latency { what, most }) => latency(answer, *what, *most),
            Ok(Rule::Tool { name, not }) => tool(answer, name, *not),
            Ok(Rule::Judge { judge, said }) => judge::verdict(judge, said.as_ref(), answer),
        }
    }
}

fn read(rule: &CheckRule, variables: Option<&[Variable]>, store: Option<&Store>) -> Result<Rule, String> {
    match rule {
        CheckRule::Contains { text, ignore_case, not } => {
            let sought = filled(variables, |template| template.text(text), text)?;
            let finder = finder(&regex::escape(&needed(&sought, "what to look for")?), *ignore_case)?;
            Ok(Rule::Text { finder, sought: text::quoted(&sought), not: *not })
        }
        CheckRule::Regex { pattern, ignore_case, not } => {
            let finder = finder(&needed(pattern, "an expression")?, *ignore_case)?;
            Ok(Rule::Text { finder, sought: format!("a match of {}", text::quoted(pattern)), not: *not })
        }
        CheckRule::JsonSchema { schema } if schema.trim().is_empty() => Ok(Rule::Schema { schema: None }),
        CheckRule::JsonSchema { schema } => {
            let schema = serde_json::from_str(schema).map_err(|fault| format!("The schema is no JSON: {fault}."))?;
            let schema = SentSchema { name: "the schema of the check".to_owned(), schema, is_written: true };
            match json::problem_of(&schema) {
                Some(problem) => Err(problem),
                None => Ok(Rule::Schema { schema: Some(schema) }),
            }
        }
        CheckRule::JsonPath { path, equals } => {
            let equals = match equals {
                None => None,
                Some(json) => {
                    let json = filled(variables, |template| template.json(json, Alone::Value), json)?;
                    let value = serde_json::from_str(&json);
                    Some(value.map_err(|fault| format!("The value to compare with is no JSON: {fault}."))?)
                }
            };
            Ok(Rule::Path { path: path_of(path)?, spelled: path.trim().to_owned(), equals })
        }
        CheckRule::Number { path, value, tolerance } => {
            if !value.is_finite() || !tolerance.is_finite() || *tolerance < 0.0 {
                return Err("A number and a tolerance of 0 or more are needed.".to_owned());
            }
            let path = path.as_ref().filter(|path| !path.trim().is_empty());
            let path = path.map(|path| path_of(path).map(|read| (read, path.trim().to_owned()))).transpose()?;
            Ok(Rule::Number { path, value: *value, tolerance: *tolerance })
        }
        CheckRule::Length { least: None, most: None, .. } => Err("Say how long at least or at most.".to_owned()),
        CheckRule::Length { least: Some(least), most: Some(most), .. } if least > most => {
            Err(format!("No text has at least {least} and at most {most}."))
        }
        CheckRule::Length { unit, least, most } => Ok(Rule::Length { unit: *unit, least: *least, most: *most }),
        CheckRule::Cost { most } => Ok(Rule::Cost { most: bound(*most)? }),
        CheckRule::Latency { what, most } => Ok(Rule::Latency { what: *what, most: bound(*most)? }),
        CheckRule::ToolCalled { name, not } => {
            Ok(Rule::Tool { name: needed(name.trim(), "the name of a tool")?, not: *not })
        }
        CheckRule::Judge { .. } => {
            Ok(Rule::Judge { judge: Box::new(Judge::read(rule, variables)?), said: store.cloned() })
        }
    }
}

pub(super) fn needed(text: &str, what: &str) -> Result<String, String> {
    if text.is_empty() { Err(format!("Write {what}.")) } else { Ok(text.to_owned()) }
}

fn bound(most: f64) -> Result<f64, String> {
    if most.is_finite() && most >= 0.0 { Ok(most) } else { Err("A bound of 0 or more is needed.".to_owned()) }
}

fn finder(pattern: &str, ignore_case: bool) -> Result<Regex, String> {
    RegexBuilder::new(pattern).case_insensitive(ignore_case).build().map_err(|fault| match fault {
        regex::Error::CompiledTooBig(_) => "The expression is too large.".to_owned(),
        other => format!("The expression cannot be read: {other}"),
    })
}

fn path_of(path: &str) -> Result<JsonPath, String> {
    JsonPath::parse(path.trim()).map_err(|fault| format!("The path cannot be read: {fault}."))
}

/// A text with the values of its variables.
pub(super) fn filled(
    variables: Option<&[Variable]>,
    fill: impl FnOnce(&mut Template<'_>) -> String,
    written: &str,
) -> Result<String, String> {
    let Some(variables) = variables else { return Ok(written.to_owned()) };
    let mut template = Template::new(variables);
    let text = fill(&mut template);
    template.finish().map(|()| text).map_err(|error| match error {
        AppError::Template { names, unfit } => {
            let unfit = unfit.into_iter().map(|variable| variable.name);
            let names: Vec<String> = names.into_iter().chain(unfit).map(|name| format!("{{{{{name}}}}}")).collect();
            format!("In the run there is no value for {}.", names.join(", "))
        }
        other => other.to_string(),
    })
}

fn cost(answer: &Answer<'_>, most: f64) -> Judged {
    match answer.cost() {
        None => Judged::cannot_tell("No price of this model is known."),
        Some((amount, currency)) => Judged::new(amount <= most, format!("It cost {amount:.6} {currency}.")),
    }
}

fn latency(answer: &Answer<'_>, what: LatencyKind, most: f64) -> Judged {
    let (found, words) = match what {
        LatencyKind::TimeToFirstToken => (answer.last.metrics.time_to_first_token, "The first token came"),
        LatencyKind::Total => (answer.total(), "The last byte came"),
    };
    match found {
        None => Judged::cannot_tell("This time is not known, as no text came."),
        Some(found) => Judged::new(found <= most, format!("{words} after {found:.0} ms.")),
    }
}

fn tool(answer: &Answer<'_>, name: &str, not: bool) -> Judged {
    let called = answer.tools();
    let count = called.iter().filter(|known| *known == name).count();
    let why = match (count, called.is_empty()) {
        (0, true) => "No tool was called.".to_owned(),
        (0, false) => format!("{name} was not called; these were: {}.", called.join(", ")),
        (1, _) => format!("{name} was called once."),
        (count, _) => format!("{name} was called {count} times."),
    };
    Judged::new((count > 0) != not, why)
}
