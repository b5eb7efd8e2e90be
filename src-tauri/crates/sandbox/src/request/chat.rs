//! Chat: a list of messages.

use juxta_wire::endpoint::Dialect;
use serde_json::{Map, Value, json};

use super::{Dialogue, Format, Order, Said, Tool, common, missing, name, problem, text_of, tool, tool_choice};
use crate::refusal::{FieldProblem, Step};

pub(super) fn check(body: &Map<String, Value>) -> Vec<FieldProblem> {
    let at = || vec![name("messages")];
    match body.get("messages") {
        None => vec![missing(at(), body)],
        Some(Value::Array(messages)) if messages.is_empty() => vec![FieldProblem {
            context: Some(json!({ "field_type": "List", "min_length": 1, "actual_length": 0 })),
            ..problem(at(), "too_short", "List should have at least 1 item after validation, not 0", json!([]))
        }],
        Some(Value::Array(messages)) => {
            messages.iter().enumerate().filter_map(|(index, message)| check_message(index, message)).collect()
        }
        Some(other) => vec![problem(at(), "list_type", "Input should be a valid list", other.clone())],
    }
}

const ROLES: &[&str] = &["developer", "system", "user", "assistant", "tool", "function"];

fn check_message(index: usize, message: &Value) -> Option<FieldProblem> {
    let at = |member: &[&str]| {
        let mut path = vec![name("messages"), Step::Index(index)];
        path.extend(member.iter().map(|member| name(member)));
        path
    };
    let Value::Object(message) = message else {
        return Some(problem(at(&[]), "dict_type", "Input should be a valid dictionary", message.clone()));
    };
    match message.get("role") {
        None => return Some(missing(at(&["role"]), message)),
        Some(Value::String(role)) if ROLES.contains(&role.as_str()) => {}
        Some(other) => {
            let expected = "'developer', 'system', 'user', 'assistant', 'tool' or 'function'";
            return Some(FieldProblem {
                context: Some(json!({ "expected": expected })),
                ..problem(at(&["role"]), "literal_error", format!("Input should be {expected}"), other.clone())
            });
        }
    }
    match message.get("content") {
        Some(Value::String(_) | Value::Array(_)) => None,
        // An assistant that only called tools has nothing to say.
        None | Some(Value::Null) if message.get("role") == Some(&json!("assistant")) => None,
        None => Some(missing(at(&["content"]), message)),
        Some(other) => Some(problem(at(&["content"]), "string_type", "Input should be a valid string", other.clone())),
    }
}

pub(super) fn order(dialect: Dialect, body: &Map<String, Value>) -> Order {
    let messages: Vec<_> = body["messages"].as_array().into_iter().flatten().map(said).collect();
    let asks = body.get("logprobs") == Some(&json!(true));
    let alternatives = body.get("top_logprobs").and_then(Value::as_u64).unwrap_or(0);
    Order {
        top_logprobs: asks.then_some(alternatives as usize),
        tools: body.get("tools").and_then(Value::as_array).into_iter().flatten().filter_map(offered).collect(),
        tool_choice: tool_choice(body.get("tool_choice")),
        dialogue: Dialogue::of_messages(body),
        format: format(body.get("response_format")),
        reasoning_effort: body.get("reasoning_effort").and_then(Value::as_str).map(str::to_owned),
        ..common(dialect, body, messages)
    }
}

pub(super) fn said(message: &Value) -> Said {
    Said { role: message["role"].as_str().unwrap_or_default().to_owned(), text: text_of(&message["content"]) }
}

fn offered(value: &Value) -> Option<Tool> {
    let kind = value["type"].as_str();
    tool(kind, value.get(kind.unwrap_or("function"))?)
}

fn format(value: Option<&Value>) -> Format {
    let Some(value) = value else { return Format::Text };
    match value["type"].as_str() {
        Some("json_object") => Format::JsonObject,
        Some("json_schema") => Format::JsonSchema(value["json_schema"]["schema"].clone()),
        _ => Format::Text,
    }
}
