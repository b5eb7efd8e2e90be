//! Responses: text or items in, and what came before by its id.

use juxta_wire::endpoint::Dialect;
use serde_json::{Map, Value, json};

use super::{Dialogue, Form, Format, Order, Said, common, missing, name, problem, text_of, tool, tool_choice};
use crate::pieces;
use crate::refusal::{FieldProblem, Step};

/// What only responses have.
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    /// The request as it came: most of its members are sent back with the answer.
    pub(crate) body: Map<String, Value>,
    pub(crate) previous: Option<String>,
    pub(crate) background: bool,
    /// Whether a later request may name this one.
    pub(crate) store: bool,
    /// Tell the thoughts as a summary instead of as they are.
    pub(crate) summary: bool,
    pub(crate) encrypted_reasoning: bool,
}

pub(super) fn check(body: &Map<String, Value>) -> Vec<FieldProblem> {
    let at = || vec![name("input")];
    match body.get("input") {
        None => vec![missing(at(), body)],
        Some(Value::String(_)) => vec![],
        Some(Value::Array(items)) => {
            items.iter().enumerate().filter_map(|(index, item)| check_item(index, item)).collect()
        }
        Some(other) => {
            vec![problem(at(), "string_type", "Input should be a string or a list of items", other.clone())]
        }
    }
}

/// A message says who speaks; everything else says its type. Types that nobody knows pass.
fn check_item(index: usize, item: &Value) -> Option<FieldProblem> {
    let at = |rest: &[&str]| {
        let mut path = vec![name("input"), Step::Index(index)];
        path.extend(rest.iter().map(|step| name(step)));
        path
    };
    let Value::Object(members) = item else {
        return Some(problem(at(&[]), "dict_type", "Input should be a valid dictionary", item.clone()));
    };
    let required: &[&str] = match members.get("type").and_then(Value::as_str) {
        None | Some("message") => &["role", "content"],
        Some("function_call_output" | "custom_tool_call_output") => &["call_id", "output"],
        Some("function_call") => &["call_id", "name", "arguments"],
        Some("mcp_approval_response") => &["approval_request_id", "approve"],
        Some(_) => &[],
    };
    if let Some(absent) = required.iter().find(|member| !members.contains_key(**member)) {
        return Some(missing(at(&[absent]), members));
    }
    let role = members.get("role")?;
    let known = ["user", "assistant", "system", "developer"];
    if role.as_str().is_some_and(|role| known.contains(&role)) {
        return None;
    }
    let expected = "'user', 'assistant', 'system' or 'developer'";
    Some(FieldProblem {
        context: Some(json!({ "expected": expected })),
        ..problem(at(&["role"]), "literal_error", format!("Input should be {expected}"), role.clone())
    })
}

pub(super) fn order(dialect: Dialect, body: Map<String, Value>) -> Order {
    let messages = match &body["input"] {
        Value::Array(items) => items.iter().filter_map(said).collect(),
        text => vec![Said::by_user(text.as_str().unwrap_or_default())],
    };
    let includes = |what: &str| {
        body.get("include").and_then(Value::as_array).is_some_and(|list| list.iter().any(|entry| entry == what))
    };
    let truth = |key: &str| body.get(key).and_then(Value::as_bool);
    let alternatives = body.get("top_logprobs").and_then(Value::as_u64);
    let reasoning = body.get("reasoning").unwrap_or(&Value::Null);
    let order = Order {
        choices: 1,
        include_usage: true,
        top_logprobs: (alternatives.is_some() || includes("message.output_text.logprobs"))
            .then_some(alternatives.unwrap_or(0) as usize),
        tools: tools(body.get("tools")),
        tool_choice: tool_choice(body.get("tool_choice")),
        dialogue: Dialogue::of_items(body["input"].as_array().into_iter().flatten()),
        format: format(&body.get("text").unwrap_or(&Value::Null)["format"]),
        reasoning_effort: reasoning["effort"].as_str().map(str::to_owned),
        ..common(dialect, &body, messages)
    };
    // They hold for this answer and not for those that follow it, so they are no part of the conversation.
    let instructions = body.get("instructions").map_or(0, |text| pieces::cut(&text_of(text)).len());
    let chain = Chain {
        previous: body.get("previous_response_id").and_then(Value::as_str).map(str::to_owned),
        background: truth("background").unwrap_or(false),
        store: truth("store").unwrap_or(true),
        summary: ["summary", "generate_summary"].iter().any(|member| reasoning[*member].is_string()),
        encrypted_reasoning: includes("reasoning.encrypted_content"),
        body,
    };
    Order { prompt_tokens: order.prompt_tokens + instructions, form: Form::Responses(Box::new(chain)), ..order }
}

fn said(item: &Value) -> Option<Said> {
    let says = |role: &str, text: String| Some(Said { role: role.to_owned(), text });
    match item["type"].as_str() {
        None | Some("message") => says(item["role"].as_str()?, text_of(&item["content"])),
        Some("function_call_output" | "custom_tool_call_output") => says("tool", text_of(&item["output"])),
        Some(_) => None,
    }
}

/// A namespace holds tools of its own, which are offered like the others.
fn tools(value: Option<&Value>) -> Vec<super::Tool> {
    let all = value.and_then(Value::as_array).into_iter().flatten();
    all.flat_map(|offered| match offered["type"].as_str() {
        Some("namespace") => tools(offered.get("tools")),
        kind => tool(kind, offered).into_iter().collect(),
    })
    .collect()
}

fn format(value: &Value) -> Format {
    match value["type"].as_str() {
        Some("json_object") => Format::JsonObject,
        Some("json_schema") => Format::JsonSchema(value["schema"].clone()),
        _ => Format::Text,
    }
}
