//! Chat: a list of messages.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use juxta_wire::endpoint::Dialect;
use serde_json::{Map, Value, json};

use super::{Dialogue, Format, Order, Said, Tool, common, missing, name, problem, text_of, tool, tool_choice};
use crate::refusal::{FieldProblem, Step};
use crate::speech;

pub(super) fn check(body: &Map<String, Value>) -> Vec<FieldProblem> {
    let at = || vec![name("messages")];
    let mut problems = check_messages(body, at);
    problems.extend(check_sound(body));
    problems
}

fn wants_sound(body: &Map<String, Value>) -> bool {
    body.get("modalities").and_then(Value::as_array).is_some_and(|all| all.contains(&json!("audio")))
}

/// A sound that is asked for has a format that can be spoken.
fn check_sound(body: &Map<String, Value>) -> Option<FieldProblem> {
    if !wants_sound(body) {
        return None;
    }
    let asked = body.get("audio").and_then(|audio| audio.get("format"));
    let Some(asked) = asked else { return Some(missing(vec![name("audio"), name("format")], body)) };
    if asked.as_str().and_then(speech::Format::of).is_some() {
        return None;
    }
    let expected = speech::Format::NAMES.map(|name| format!("'{name}'")).join(" or ");
    Some(FieldProblem {
        context: Some(json!({ "expected": expected })),
        ..problem(
            vec![name("audio"), name("format")],
            "literal_error",
            format!("Input should be {expected}"),
            asked.clone(),
        )
    })
}

fn check_messages(body: &Map<String, Value>, at: impl Fn() -> Vec<Step>) -> Vec<FieldProblem> {
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
        Some(Value::String(_)) => None,
        Some(Value::Array(parts)) => {
            parts.iter().enumerate().find_map(|(place, part)| check_part(&[Step::Index(index)], place, part))
        }
        // An assistant that only called tools has nothing to say.
        None | Some(Value::Null) if message.get("role") == Some(&json!("assistant")) => None,
        None => Some(missing(at(&["content"]), message)),
        Some(other) => Some(problem(at(&["content"]), "string_type", "Input should be a valid string", other.clone())),
    }
}

/// Sounds are base64 of a format that is known, and files are named by something.
fn check_part(message: &[Step], place: usize, part: &Value) -> Option<FieldProblem> {
    let at = |members: &[&str]| {
        let head = [name("messages")].into_iter().chain(message.iter().cloned());
        let tail = members.iter().map(|member| name(member));
        head.chain([name("content"), Step::Index(place)]).chain(tail).collect::<Vec<_>>()
    };
    match part["type"].as_str() {
        Some("input_audio") => {
            let (data, format) = (&part["input_audio"]["data"], &part["input_audio"]["format"]);
            if !matches!(format.as_str(), Some("wav" | "mp3")) {
                let expected = "'wav' or 'mp3'";
                return Some(FieldProblem {
                    context: Some(json!({ "expected": expected })),
                    ..problem(
                        at(&["input_audio", "format"]),
                        "literal_error",
                        format!("Input should be {expected}"),
                        format.clone(),
                    )
                });
            }
            let is_base64 = data.as_str().is_some_and(|data| STANDARD.decode(data).is_ok());
            let told = || problem(at(&["input_audio", "data"]), "value_error", "Input should be base64", json!(null));
            (!is_base64).then(told)
        }
        Some("file") => {
            let is_named = ["file_data", "file_id"].iter().any(|name| part["file"][name].is_string());
            let told =
                || problem(at(&["file"]), "value_error", "A file needs file_data or file_id", part["file"].clone());
            (!is_named).then(told)
        }
        _ => None,
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
        spoken: wants_sound(body).then(|| body["audio"]["format"].as_str().and_then(speech::Format::of)).flatten(),
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
