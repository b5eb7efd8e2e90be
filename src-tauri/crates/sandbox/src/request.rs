//! From a request body to an order that can be answered, or to the reason why not.

use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::params::{self, ParameterKind, ParameterSpec};
use serde_json::{Map, Value, json};

use crate::pieces;
use crate::refusal::{FieldProblem, Reason, Step};

/// The most answers one request gets; OpenAI's own limit.
const MOST_CHOICES: u64 = 128;

/// A request that fits. Members that a dialect does not document are honoured when they make sense.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) dialect: Dialect,
    pub(crate) model: String,
    pub(crate) messages: Vec<Said>,
    pub(crate) stream: bool,
    pub(crate) include_usage: bool,
    pub(crate) choices: usize,
    pub(crate) maximum_tokens: Option<usize>,
    pub(crate) stop: Vec<String>,
    pub(crate) seed: u64,
    /// How many alternatives for each token; `None` sends no log probabilities.
    pub(crate) top_logprobs: Option<usize>,
    pub(crate) tools: Vec<Tool>,
    pub(crate) tool_choice: ToolChoice,
    pub(crate) parallel_tool_calls: bool,
    pub(crate) format: Format,
    pub(crate) reasoning_effort: Option<String>,
    pub(crate) temperature: Value,
    pub(crate) prompt_tokens: usize,
}

/// A message, as plain text.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) role: String,
    pub(crate) text: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) parameters: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ToolChoice {
    Auto,
    None,
    Required,
    Named(String),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Format {
    Text,
    JsonObject,
    JsonSchema(Value),
}

impl Order {
    /// What the person said last.
    pub(crate) fn last_user_text(&self) -> Option<&str> {
        self.messages.iter().rev().find(|said| said.role == "user").map(|said| said.text.as_str())
    }
}

/// Checks a body against the table of its dialect. Unknown members pass.
pub(crate) fn read(dialect: Dialect, body: &[u8]) -> Result<Order, Reason> {
    let body: Value = serde_json::from_slice(body).map_err(|error| Reason::NotJson(error.to_string()))?;
    let Value::Object(body) = body else {
        return Err(Reason::Fields(vec![problem(
            vec![],
            "model_attributes_type",
            "Input should be a valid dictionary or object to extract fields from",
            body,
        )]));
    };
    let mut problems = check_model(&body);
    problems.extend(check_messages(&body));
    problems.extend(check_parameters(dialect, &body));
    if problems.is_empty() { Ok(order(dialect, &body)) } else { Err(Reason::Fields(problems)) }
}

fn problem(path: Vec<Step>, code: &'static str, message: impl Into<String>, input: Value) -> FieldProblem {
    FieldProblem { path, message: message.into(), code, input, context: None }
}

fn name(text: &str) -> Step {
    Step::Name(text.to_owned())
}

fn missing(path: Vec<Step>, parent: &Map<String, Value>) -> FieldProblem {
    problem(path, "missing", "Field required", Value::Object(parent.clone()))
}

fn check_model(body: &Map<String, Value>) -> Vec<FieldProblem> {
    match body.get("model") {
        None => vec![missing(vec![name("model")], body)],
        Some(Value::String(_)) => vec![],
        Some(other) => {
            vec![problem(vec![name("model")], "string_type", "Input should be a valid string", other.clone())]
        }
    }
}

fn check_messages(body: &Map<String, Value>) -> Vec<FieldProblem> {
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

fn check_parameters(dialect: Dialect, body: &Map<String, Value>) -> Vec<FieldProblem> {
    let table = params::table(EndpointKind::Chat, dialect);
    let mut problems = Vec::new();
    for spec in &table.parameters {
        let Some(value) = body.get(spec.name) else { continue };
        if let Some(found) = params::check(spec, &value.to_string()) {
            problems.push(FieldProblem {
                context: limit(spec, found.code, value),
                ..problem(vec![name(spec.name)], found.code, found.message, value.clone())
            });
        }
    }
    problems
}

/// Pydantic's `ctx`: the limit that was passed.
fn limit(spec: &ParameterSpec, code: &str, value: &Value) -> Option<Value> {
    let (minimum, maximum) = match spec.kind {
        ParameterKind::Number { minimum, maximum } => (minimum.map(number), maximum.map(number)),
        ParameterKind::Integer { minimum, maximum } => (minimum.map(Value::from), maximum.map(Value::from)),
        ParameterKind::TextOrList { maximum_items } => (None, Some(maximum_items.into())),
        ParameterKind::ObjectList { maximum_items, .. } => (None, maximum_items.map(Value::from)),
        _ => (None, None),
    };
    match code {
        "less_than_equal" => Some(json!({ "le": maximum? })),
        "greater_than_equal" => Some(json!({ "ge": minimum? })),
        "too_long" => Some(json!({
            "field_type": "List", "max_length": maximum?, "actual_length": value.as_array()?.len(),
        })),
        _ => None,
    }
}

/// 2.0 as `2`, as the limit is written in the documents.
fn number(limit: f64) -> Value {
    if limit.fract() == 0.0 { Value::from(limit as i64) } else { Value::from(limit) }
}

fn order(dialect: Dialect, body: &Map<String, Value>) -> Order {
    let messages: Vec<_> = body["messages"].as_array().into_iter().flatten().map(said).collect();
    let whole = |key: &str| body.get(key).and_then(Value::as_u64);
    let truth = |key: &str| body.get(key).and_then(Value::as_bool);
    let maximum = [whole("max_completion_tokens"), whole("max_tokens")].into_iter().flatten().min();
    Order {
        dialect,
        model: body["model"].as_str().unwrap_or_default().to_owned(),
        prompt_tokens: prompt_tokens(&messages),
        messages,
        stream: truth("stream").unwrap_or(false),
        include_usage: body.get("stream_options").is_some_and(|options| options["include_usage"] == json!(true)),
        choices: whole("n").unwrap_or(1).clamp(1, MOST_CHOICES) as usize,
        maximum_tokens: maximum.map(|tokens| usize::try_from(tokens).unwrap_or(usize::MAX)),
        stop: stop(body.get("stop")),
        seed: body.get("seed").and_then(Value::as_i64).unwrap_or(0).unsigned_abs(),
        top_logprobs: truth("logprobs").unwrap_or(false).then(|| whole("top_logprobs").unwrap_or(0) as usize),
        tools: body.get("tools").and_then(Value::as_array).into_iter().flatten().filter_map(tool).collect(),
        tool_choice: tool_choice(body.get("tool_choice")),
        parallel_tool_calls: truth("parallel_tool_calls").unwrap_or(true),
        format: format(body.get("response_format")),
        reasoning_effort: body.get("reasoning_effort").and_then(Value::as_str).map(str::to_owned),
        temperature: body.get("temperature").cloned().unwrap_or(Value::Null),
    }
}

fn said(message: &Value) -> Said {
    let text = match &message["content"] {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts: Vec<_> = parts.iter().filter_map(|part| part["text"].as_str()).collect();
            texts.join("\n")
        }
        _ => String::new(),
    };
    Said { role: message["role"].as_str().unwrap_or_default().to_owned(), text }
}

/// The words, and three tokens of framing for each message and for the answer to come.
fn prompt_tokens(messages: &[Said]) -> usize {
    let words: usize = messages.iter().map(|said| pieces::cut(&said.text).len()).sum();
    words + 3 * messages.len() + 3
}

fn stop(value: Option<&Value>) -> Vec<String> {
    let texts: Vec<_> = match value {
        Some(Value::String(text)) => vec![text.as_str()],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    texts.into_iter().filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

fn tool(value: &Value) -> Option<Tool> {
    let function = value.get("function")?;
    let name = function.get("name")?.as_str()?.to_owned();
    Some(Tool { name, parameters: function.get("parameters").cloned().unwrap_or_else(|| json!({ "type": "object" })) })
}

fn tool_choice(value: Option<&Value>) -> ToolChoice {
    match value {
        Some(Value::String(text)) if text == "none" => ToolChoice::None,
        Some(Value::String(text)) if text == "required" => ToolChoice::Required,
        Some(Value::Object(choice)) => match choice.get("function").and_then(|function| function["name"].as_str()) {
            Some(name) => ToolChoice::Named(name.to_owned()),
            None => ToolChoice::Auto,
        },
        _ => ToolChoice::Auto,
    }
}

fn format(value: Option<&Value>) -> Format {
    let Some(value) = value else { return Format::Text };
    match value["type"].as_str() {
        Some("json_object") => Format::JsonObject,
        Some("json_schema") => Format::JsonSchema(value["json_schema"]["schema"].clone()),
        _ => Format::Text,
    }
}
