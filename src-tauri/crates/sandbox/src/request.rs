//! From a request body to an order that can be answered, or to the reason why not.

mod chat;
mod dialogue;
mod generic;
pub(crate) mod media;
mod prompt;
mod responses;

use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::params::{self, ParameterKind, ParameterSpec};
use serde_json::{Map, Value, json};

use crate::pieces;
use crate::refusal::{FieldProblem, Reason, Step};
use crate::speech;

pub(crate) use dialogue::Dialogue;
pub(crate) use media::{Upload, one_of, place};
pub(crate) use prompt::Prompts;
pub(crate) use responses::Chain;

/// The most answers one request gets; OpenAI's own limit.
const MOST_CHOICES: u64 = 128;

/// A request that fits. Members that a dialect does not document are honoured when they make sense.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) dialect: Dialect,
    pub(crate) form: Form,
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
    pub(crate) dialogue: Dialogue,
    pub(crate) format: Format,
    /// The answer is wanted as a sound.
    pub(crate) spoken: Option<speech::Format>,
    pub(crate) reasoning_effort: Option<String>,
    pub(crate) temperature: Value,
    pub(crate) prompt_tokens: usize,
}

/// What only one endpoint has.
#[derive(Debug, Clone)]
pub(crate) enum Form {
    Chat,
    Responses(Box<Chain>),
    /// The `args`.
    Generic(Map<String, Value>),
    Generate,
    Completions(Prompts),
}

/// A message, as plain text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Said {
    pub(crate) role: String,
    pub(crate) text: String,
}

impl Said {
    fn by_user(text: &str) -> Self {
        Self { role: "user".to_owned(), text: text.to_owned() }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) input: ToolInput,
}

/// What a tool is called with.
#[derive(Debug, Clone)]
pub(crate) enum ToolInput {
    /// Arguments that fit this schema.
    Arguments(Value),
    /// Free text.
    Text,
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
    pub(crate) fn endpoint(&self) -> EndpointKind {
        match self.form {
            Form::Chat => EndpointKind::Chat,
            Form::Responses(_) => EndpointKind::Responses,
            Form::Generic(_) => EndpointKind::Generic,
            Form::Generate => EndpointKind::Generate,
            Form::Completions(_) => EndpointKind::Completions,
        }
    }

    /// What the person said last.
    pub(crate) fn last_user_text(&self) -> Option<&str> {
        self.messages.iter().rev().find(|said| said.role == "user").map(|said| said.text.as_str())
    }

    /// Refuses a dialogue whose calls and answers do not match, as strict servers do.
    pub(crate) fn mind_the_dialogue(&self) -> Result<(), Reason> {
        let Some(flaw) = self.dialogue.flaw() else { return Ok(()) };
        let member = self.endpoint().content_member().unwrap_or("args");
        Err(Reason::Fields(vec![problem(vec![name(member)], "value_error", flaw, Value::Null)]))
    }

    /// Puts what was said and called before this request in front of it.
    pub(crate) fn continues(&mut self, before: Vec<Said>, called: Vec<String>) {
        self.dialogue.called.splice(0..0, called);
        self.prompt_tokens += prompt_tokens(&before) - ANSWER_FRAMING;
        self.messages.splice(0..0, before);
    }
}

/// Checks a body against the table of its endpoint and dialect. Unknown members pass.
pub(crate) fn read(endpoint: EndpointKind, dialect: Dialect, body: &[u8]) -> Result<Order, Reason> {
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
    problems.extend(match endpoint {
        EndpointKind::Chat | EndpointKind::Models => chat::check(&body),
        EndpointKind::Responses => responses::check(&body),
        // The args are in the table.
        EndpointKind::Generic => vec![],
        EndpointKind::Generate => prompt::check_one(&body),
        EndpointKind::Completions => prompt::check_any(&body),
        EndpointKind::Embed | EndpointKind::Image | EndpointKind::Transcribe | EndpointKind::Synthesize => vec![],
    });
    for found in check_parameters(endpoint, dialect, &body) {
        // A member that the table has as well is named once.
        if !problems.iter().any(|problem| problem.path == found.path) {
            problems.push(found);
        }
    }
    if !problems.is_empty() {
        return Err(Reason::Fields(problems));
    }
    Ok(match endpoint {
        // Media have readers of their own; what comes here is a chat.
        EndpointKind::Chat
        | EndpointKind::Models
        | EndpointKind::Embed
        | EndpointKind::Image
        | EndpointKind::Transcribe
        | EndpointKind::Synthesize => chat::order(dialect, &body),
        EndpointKind::Responses => responses::order(dialect, body),
        EndpointKind::Generic => generic::order(dialect, &body),
        EndpointKind::Generate => prompt::generate(dialect, &body),
        EndpointKind::Completions => prompt::completions(dialect, &body),
    })
}

pub(crate) fn problem(path: Vec<Step>, code: &'static str, message: impl Into<String>, input: Value) -> FieldProblem {
    FieldProblem { path, message: message.into(), code, input, context: None }
}

pub(crate) fn name(text: &str) -> Step {
    Step::Name(text.to_owned())
}

pub(crate) fn missing(path: Vec<Step>, parent: &Map<String, Value>) -> FieldProblem {
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

fn check_parameters(endpoint: EndpointKind, dialect: Dialect, body: &Map<String, Value>) -> Vec<FieldProblem> {
    let table = params::table(endpoint, dialect);
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

/// What all endpoints spell the same way, as a chat.
fn common(dialect: Dialect, body: &Map<String, Value>, messages: Vec<Said>) -> Order {
    let whole = |key: &str| body.get(key).and_then(Value::as_u64);
    let truth = |key: &str| body.get(key).and_then(Value::as_bool);
    let maximum = ["max_completion_tokens", "max_tokens", "max_output_tokens"].into_iter().filter_map(whole).min();
    Order {
        dialect,
        form: Form::Chat,
        model: body.get("model").and_then(Value::as_str).unwrap_or_default().to_owned(),
        prompt_tokens: prompt_tokens(&messages),
        messages,
        stream: truth("stream").unwrap_or(false),
        include_usage: body.get("stream_options").is_some_and(|options| options["include_usage"] == json!(true)),
        choices: whole("n").unwrap_or(1).clamp(1, MOST_CHOICES) as usize,
        maximum_tokens: maximum.map(|tokens| usize::try_from(tokens).unwrap_or(usize::MAX)),
        stop: stop(body.get("stop")),
        seed: body.get("seed").and_then(Value::as_i64).unwrap_or(0).unsigned_abs(),
        top_logprobs: None,
        tools: Vec::new(),
        tool_choice: ToolChoice::Auto,
        parallel_tool_calls: truth("parallel_tool_calls").unwrap_or(true),
        dialogue: Dialogue::default(),
        format: Format::Text,
        spoken: None,
        reasoning_effort: None,
        temperature: body.get("temperature").cloned().unwrap_or(Value::Null),
    }
}

fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts: Vec<_> = parts.iter().filter_map(|part| part["text"].as_str()).collect();
            texts.join("\n")
        }
        _ => String::new(),
    }
}

const MESSAGE_FRAMING: usize = 3;
const ANSWER_FRAMING: usize = 3;

/// The words, and some tokens of framing for each message and for the answer to come.
fn prompt_tokens(messages: &[Said]) -> usize {
    let words: usize = messages.iter().map(|said| pieces::cut(&said.text).len()).sum();
    words + MESSAGE_FRAMING * messages.len() + ANSWER_FRAMING
}

fn stop(value: Option<&Value>) -> Vec<String> {
    let texts: Vec<_> = match value {
        Some(Value::String(text)) => vec![text.as_str()],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    texts.into_iter().filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

/// A tool from the members that describe it: beside its `type` in responses, one level deeper in chat.
fn tool(kind: Option<&str>, described: &Value) -> Option<Tool> {
    let input = match kind {
        None | Some("function") => ToolInput::Arguments(
            described
                .get("parameters")
                .filter(|schema| schema.is_object())
                .cloned()
                .unwrap_or_else(|| json!({ "type": "object" })),
        ),
        Some("custom") => ToolInput::Text,
        Some(_) => return None,
    };
    Some(Tool { name: described.get("name")?.as_str()?.to_owned(), input })
}

fn tool_choice(value: Option<&Value>) -> ToolChoice {
    match value {
        Some(Value::String(text)) if text == "none" => ToolChoice::None,
        Some(Value::String(text)) if text == "required" => ToolChoice::Required,
        Some(Value::Object(choice)) => {
            let inner =
                [choice.get("function"), choice.get("custom")].into_iter().flatten().find_map(|it| it.get("name"));
            match inner.or_else(|| choice.get("name")).and_then(Value::as_str) {
                Some(name) => ToolChoice::Named(name.to_owned()),
                None if choice.get("mode") == Some(&json!("required")) => ToolChoice::Required,
                None => ToolChoice::Auto,
            }
        }
        _ => ToolChoice::Auto,
    }
}
