//! Checking a value against its entry in the table.

use serde_json::Value;

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

/// `None` when `json` fits `spec`. `null` always fits: it is the person's own choice to send it.
pub fn check(spec: &ParameterSpec, json: &str) -> Option<Problem> {
    let value: Value = match serde_json::from_str(json) {
        Ok(value) => value,
        Err(error) => return problem("json_invalid", format!("Not JSON: {error}")),
    };
    if value.is_null() {
        return None;
    }
    match spec.kind {
        ParameterKind::Number { minimum, maximum } => match value.as_f64() {
            Some(number) => check_range(number, minimum, maximum),
            None => problem("float_type", "Input should be a valid number"),
        },
        ParameterKind::Integer { minimum, maximum } => check_integer(&value, minimum, maximum),
        ParameterKind::Boolean => match value {
            Value::Bool(_) => None,
            _ => problem("bool_type", "Input should be a valid boolean"),
        },
        ParameterKind::Text { .. } => match value {
            Value::String(_) => None,
            _ => problem("string_type", "Input should be a valid string"),
        },
        ParameterKind::TextOrList { maximum_items } => match &value {
            Value::String(_) => None,
            Value::Array(items) if items.iter().all(Value::is_string) => check_length(items.len(), Some(maximum_items)),
            _ => problem("string_type", "Input should be a string or a list of strings"),
        },
        ParameterKind::TextList { .. } => match &value {
            Value::Array(items) if items.iter().all(Value::is_string) => None,
            _ => problem("list_type", "Input should be a list of strings"),
        },
        ParameterKind::Object { .. } => match value {
            Value::Object(_) => None,
            _ => problem("dict_type", "Input should be a valid object"),
        },
        ParameterKind::ObjectList { maximum_items, .. } => match &value {
            Value::Array(items) if items.iter().all(Value::is_object) => check_length(items.len(), maximum_items),
            _ => problem("list_type", "Input should be a list of objects"),
        },
        ParameterKind::TextOrObject { .. } => match value {
            Value::String(_) | Value::Object(_) => None,
            _ => problem("string_type", "Input should be a string or an object"),
        },
    }
}

fn check_integer(value: &Value, minimum: Option<i64>, maximum: Option<i64>) -> Option<Problem> {
    match value {
        Value::Number(number) if number.is_i64() || number.is_u64() => {
            let number = number.as_f64().unwrap_or(f64::INFINITY);
            check_range(number, minimum.map(|limit| limit as f64), maximum.map(|limit| limit as f64))
        }
        _ => problem("int_type", "Input should be a valid integer"),
    }
}

fn check_range(number: f64, minimum: Option<f64>, maximum: Option<f64>) -> Option<Problem> {
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
            ("seed", "7", None),
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
        ];
        for (name, json, expected) in cases {
            assert_eq!(check_named(name, json), expected, "{name} = {json}");
        }
    }
}
