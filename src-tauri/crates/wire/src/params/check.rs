//! Checking a value against its entry in the table.

use std::fmt::Display;

use serde_json::value::RawValue;

use super::{ParameterKind, ParameterSpec};

/// What does not fit, in words that say what would.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    pub message: String,
    /// Pydantic's name for the fault, which the sandbox sends on.
    pub code: &'static str,
}

fn problem(code: &'static str, message: impl Into<String>) -> Option<Problem> {
    Some(Problem { message: message.into(), code })
}

/// `None` when `json` fits `spec`. `null` always fits: it is the person's own choice to send it. Numbers are read from
/// their spelling, because JSON has no largest one.
pub fn check(spec: &ParameterSpec, json: &str) -> Option<Problem> {
    let value: &RawValue = match serde_json::from_str(json) {
        Ok(value) => value,
        Err(error) => return problem("json_invalid", format!("Not JSON: {error}")),
    };
    let shape = Shape::of(value);
    if shape == Shape::Null {
        return None;
    }
    match spec.kind {
        ParameterKind::Number { minimum, maximum } => match shape {
            Shape::Number => check_number(value.get(), minimum, maximum),
            _ => problem("float_type", "Input should be a valid number"),
        },
        ParameterKind::Integer { minimum, maximum } => match shape {
            Shape::Number if is_integer(value.get()) => check_integer(value.get(), minimum, maximum),
            _ => problem("int_type", "Input should be a valid integer"),
        },
        ParameterKind::Boolean => match shape {
            Shape::Boolean => None,
            _ => problem("bool_type", "Input should be a valid boolean"),
        },
        ParameterKind::Text { .. } => match shape {
            Shape::Text => None,
            _ => problem("string_type", "Input should be a valid string"),
        },
        ParameterKind::TextOrList { maximum_items } => match (shape, items_of(value, Shape::Text)) {
            (Shape::Text, _) => None,
            (_, Some(items)) => check_length(items, Some(maximum_items)),
            _ => problem("string_type", "Input should be a string or a list of strings"),
        },
        ParameterKind::TextList { .. } => match items_of(value, Shape::Text) {
            Some(_) => None,
            None => problem("list_type", "Input should be a list of strings"),
        },
        ParameterKind::Object { .. } => match shape {
            Shape::Object => None,
            _ => problem("dict_type", "Input should be a valid object"),
        },
        ParameterKind::ObjectList { maximum_items, .. } => match items_of(value, Shape::Object) {
            Some(items) => check_length(items, maximum_items),
            None => problem("list_type", "Input should be a list of objects"),
        },
        ParameterKind::TextOrObject { .. } => match shape {
            Shape::Text | Shape::Object => None,
            _ => problem("string_type", "Input should be a string or an object"),
        },
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Null,
    Boolean,
    Number,
    Text,
    List,
    Object,
}

impl Shape {
    /// Of JSON that is known to be some.
    fn of(value: &RawValue) -> Self {
        match value.get().as_bytes().first() {
            Some(b'n') => Shape::Null,
            Some(b't' | b'f') => Shape::Boolean,
            Some(b'"') => Shape::Text,
            Some(b'[') => Shape::List,
            Some(b'{') => Shape::Object,
            _ => Shape::Number,
        }
    }
}

/// How many items a list of such items has. `None` for anything else.
fn items_of(value: &RawValue, shape: Shape) -> Option<usize> {
    if Shape::of(value) != Shape::List {
        return None;
    }
    let items: Vec<&RawValue> = serde_json::from_str(value.get()).ok()?;
    items.iter().all(|item| Shape::of(item) == shape).then_some(items.len())
}

fn is_integer(number: &str) -> bool {
    !number.contains(['.', 'e', 'E'])
}

fn check_number(number: &str, minimum: Option<f64>, maximum: Option<f64>) -> Option<Problem> {
    // Beyond the largest double this is infinite, which limits can be held against as well.
    let value: f64 = number.parse().unwrap_or(f64::NAN);
    check_range(value, minimum, maximum).or_else(|| match value.is_finite() {
        true => None,
        false => problem("finite_number", "Input should be a finite number: no double is as large as this"),
    })
}

fn check_integer(number: &str, minimum: Option<i64>, maximum: Option<i64>) -> Option<Problem> {
    // What does not fit in here is beyond every limit.
    let beyond = if number.starts_with('-') { i128::MIN } else { i128::MAX };
    check_range(number.parse().unwrap_or(beyond), minimum.map(i128::from), maximum.map(i128::from))
}

fn check_range<N: PartialOrd + Display>(number: N, minimum: Option<N>, maximum: Option<N>) -> Option<Problem> {
    match (minimum, maximum) {
        (Some(limit), _) if number < limit => {
            problem("greater_than_equal", format!("Input should be greater than or equal to {limit}"))
        }
        (_, Some(limit)) if number > limit => {
            problem("less_than_equal", format!("Input should be less than or equal to {limit}"))
        }
        _ => None,
    }
}

fn check_length(items: usize, maximum: Option<u32>) -> Option<Problem> {
    match maximum {
        Some(limit) if items > limit as usize => {
            problem("too_long", format!("List should have at most {limit} items, not {items}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::Dialect;
    use crate::params::chat;

    fn check_named(name: &str, json: &str) -> Option<&'static str> {
        let table = chat::parameters(Dialect::ScaleV5);
        let spec = table.iter().find(|spec| spec.name == name).expect("a parameter of the table");
        check(spec, json).map(|problem| problem.code)
    }

    #[test]
    fn limits_are_inclusive_and_null_passes() {
        let cases = [
            ("temperature", "2", None),
            ("temperature", "2.0", None),
            ("temperature", "2.4", Some("less_than_equal")),
            ("temperature", "-0.1", Some("greater_than_equal")),
            ("temperature", "\"hot\"", Some("float_type")),
            ("temperature", "null", None),
            ("temperature", "0.", Some("json_invalid")),
            ("temperature", "1E+400", Some("less_than_equal")),
            ("temperature", "-1E+400", Some("greater_than_equal")),
            ("temperature", "1e-400", None),
            ("temperature", " 1E+0 ", None),
            ("temperature", "01", Some("json_invalid")),
            ("seed", "7", None),
            ("seed", "12345678901234567890", None),
            ("seed", "-123456789012345678901234567890123456789012345678901234567890", None),
            ("seed", "1E+400", Some("int_type")),
            ("max_tokens", "-0", Some("greater_than_equal")),
            ("max_tokens", "-12345678901234567890123456789012345678901234567890", Some("greater_than_equal")),
            ("top_logprobs", "12345678901234567890", Some("less_than_equal")),
            ("seed", "7.0", Some("int_type")),
            ("top_logprobs", "21", Some("less_than_equal")),
            ("stop", "\"END\"", None),
            ("stop", r#"["1","2","3","4","5"]"#, Some("too_long")),
            ("stop", "[1]", Some("string_type")),
            ("logprobs", "1", Some("bool_type")),
            ("tools", "[{}]", None),
            ("tools", "{}", Some("list_type")),
            ("tool_choice", "{}", None),
            ("tool_choice", "1", Some("string_type")),
            ("metadata", "[]", Some("dict_type")),
            ("metadata", r#"{"a":1E+400,"b":12345678901234567890,"c":"\ud800"}"#, None),
            ("metadata", r#"{"a":1E+}"#, Some("json_invalid")),
            ("tools", "[{\"a\":-1e999}]", None),
        ];
        for (name, json, expected) in cases {
            assert_eq!(check_named(name, json), expected, "{name} = {json}");
        }
    }

    #[test]
    fn a_number_that_no_double_holds_is_json_and_is_said_to_be_too_large() {
        let kind = ParameterKind::Number { minimum: None, maximum: None };
        let table = chat::parameters(Dialect::ScaleV5);
        let spec = ParameterSpec { kind, ..table[0] };
        for json in ["1E+400", "-1e999"] {
            let problem = check(&spec, json).expect("a problem");
            assert_eq!(problem.code, "finite_number", "{json}");
            assert!(!problem.message.contains("JSON"), "{}", problem.message);
        }
        assert_eq!(check(&spec, &"9".repeat(300)), None);
    }
}
