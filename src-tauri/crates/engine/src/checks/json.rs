//! Rules about an answer that is JSON.

use std::ops::Range;

use juxta_client::json;
use juxta_client::structured::{Checker, SentSchema};
use juxta_wire::schema::{SchemaCheck, SchemaState};
use serde_json::Value;
use serde_json_path::JsonPath;

use super::Judged;
use super::answer::Answer;
use super::text::is_near;

/// Characters of a value that are repeated to a person.
const LONGEST_VALUE: usize = 80;

/// Why a schema cannot be used.
pub(super) fn problem_of(schema: &SentSchema) -> Option<String> {
    let mut checker = Checker::new(schema);
    checker.feed("null");
    match checker.look(true).state {
        SchemaState::Unchecked { message } => Some(message),
        _ => None,
    }
}

/// Against `schema`, or the one that was sent.
pub(super) fn fits(answer: &Answer<'_>, schema: Option<&SentSchema>) -> Judged {
    let body = || answer.last.request.as_ref().map_or("", |request| request.body.as_str());
    let sent = match schema {
        Some(_) => None,
        None => SentSchema::of(answer.last.endpoint, body()),
    };
    let Some(schema) = schema.or(sent.as_ref()) else {
        return Judged::cannot_tell("The request had no schema.");
    };
    let mut checker = Checker::new(schema);
    checker.feed(&answer.text);
    let SchemaCheck { state, faults, fault_count, not_checked, .. } = checker.look(true);
    let bytes = |from: u32, to: u32| byte_at(&answer.text, from)..byte_at(&answer.text, to);
    match state {
        SchemaState::Valid if not_checked.is_empty() => Judged::new(true, "The answer fits the schema."),
        SchemaState::Valid => Judged::cannot_tell("The schema names other documents, which are not fetched."),
        SchemaState::Invalid => {
            let first = faults.first().map_or("", |fault| fault.message.as_str());
            let why = match fault_count {
                0 | 1 => first.to_owned(),
                count => format!("{first} {} more faults.", count - 1),
            };
            Judged::new(false, why).at(faults.iter().map(|fault| bytes(fault.start, fault.end)).collect())
        }
        SchemaState::CutOff { .. } => Judged::new(false, "The JSON is cut off."),
        SchemaState::NotJson { start, end, message } => Judged::new(false, message).at(vec![bytes(start, end)]),
        SchemaState::Unchecked { message } => Judged::cannot_tell(message),
        SchemaState::Growing => Judged::cannot_tell("The answer is not over."),
    }
}

/// The byte of a place that is counted in UTF-16 units.
fn byte_at(text: &str, unit: u32) -> usize {
    let mut units = 0;
    for (at, one) in text.char_indices() {
        if units >= unit {
            return at;
        }
        units += one.len_utf16() as u32;
    }
    text.len()
}

/// What a path found: values, and where they stand.
struct Found<'a> {
    values: Vec<&'a Value>,
    ranges: Vec<Range<usize>>,
}

/// Calls `then` with what the path finds in a text; says so where that is no JSON or the path finds nothing.
fn search(text: &str, path: &JsonPath, spelled: &str, then: impl FnOnce(Found<'_>) -> Judged) -> Judged {
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(fault) => return Judged::new(false, format!("The answer is no JSON: {fault}.")),
    };
    let located = path.query_located(&value);
    let tree = json::parse(text).ok();
    let place = |pointer: &str| Some(json::find(tree.as_ref()?, pointer)?.span.clone());
    let ranges = located.iter().filter_map(|node| place(&node.location().to_json_pointer())).collect();
    let values: Vec<&Value> = located.iter().map(|node| node.node()).collect();
    if values.is_empty() {
        return Judged::new(false, format!("{spelled} finds nothing."));
    }
    then(Found { values, ranges })
}

pub(super) fn has(text: &str, path: &JsonPath, spelled: &str, equals: Option<&Value>) -> Judged {
    search(text, path, spelled, |Found { values, ranges }| {
        let Some(wanted) = equals else {
            let values = if values.len() == 1 { "a value".to_owned() } else { format!("{} values", values.len()) };
            return Judged::new(true, format!("{spelled} finds {values}.")).at(ranges);
        };
        let is_there = values.iter().any(|value| is_same(value, wanted));
        let why = match is_there {
            true => format!("{spelled} is {}.", short(wanted)),
            false => format!("{spelled} is {}, and {} is wanted.", list(&values), short(wanted)),
        };
        Judged::new(is_there, why).at(ranges)
    })
}

pub(super) fn number(text: &str, path: &JsonPath, spelled: &str, value: f64, tolerance: f64) -> Judged {
    search(text, path, spelled, |Found { values, ranges }| {
        let numbers: Vec<f64> = values.iter().filter_map(|value| value.as_f64()).collect();
        if numbers.is_empty() {
            return Judged::new(false, format!("{spelled} is {}, which is no number.", list(&values))).at(ranges);
        }
        let is_there = numbers.iter().any(|found| is_near(*found, value, tolerance));
        Judged::new(is_there, format!("{spelled} is {}.", list(&values))).at(ranges)
    })
}

/// Numbers are the same by their value, members in any order.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || is_whole(one, other),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let has = |(name, value)| other.get::<String>(name).is_some_and(|known| is_same(value, known));
            one.len() == other.len() && one.iter().all(has)
        }
        _ => one == other,
    }
}

/// `1` and `1.0`; two whole numbers were compared to the last digit before.
fn is_whole(one: &serde_json::Number, other: &serde_json::Number) -> bool {
    (one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64()
}

fn short(value: &Value) -> String {
    let json = value.to_string();
    match json.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &json[..end]),
        None => json,
    }
}

fn list(values: &[&Value]) -> String {
    let shown: Vec<String> = values.iter().take(3).map(|value| short(value)).collect();
    let more = if values.len() > shown.len() { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}
