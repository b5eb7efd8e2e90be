//! A raw prompt: ScaiGrid's generate takes one, completions take one or several.

use juxta_wire::endpoint::Dialect;
use serde_json::{Map, Value, json};

use super::{Form, Order, Said, common, missing, name, problem};
use crate::pieces;
use crate::refusal::FieldProblem;

/// What only completions have.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prompts {
    /// Each is answered `n` times.
    pub(crate) texts: Vec<String>,
    /// Send the prompt back in front of its answer, and the suffix behind it.
    pub(crate) echo: bool,
    pub(crate) suffix: Option<String>,
}

pub(super) fn check_one(body: &Map<String, Value>) -> Vec<FieldProblem> {
    match body.get("prompt") {
        None => vec![missing(vec![name("prompt")], body)],
        Some(Value::String(_)) => vec![],
        Some(other) => {
            vec![problem(vec![name("prompt")], "string_type", "Input should be a valid string", other.clone())]
        }
    }
}

pub(super) fn check_any(body: &Map<String, Value>) -> Vec<FieldProblem> {
    let mut problems = match body.get("prompt") {
        Some(Value::Array(texts)) if !texts.is_empty() && texts.iter().all(Value::is_string) => vec![],
        Some(Value::Array(texts)) if texts.is_empty() => vec![FieldProblem {
            context: Some(json!({ "field_type": "List", "min_length": 1, "actual_length": 0 })),
            ..problem(
                vec![name("prompt")],
                "too_short",
                "List should have at least 1 item after validation, not 0",
                json!([]),
            )
        }],
        Some(Value::Array(_)) => {
            let list = body["prompt"].clone();
            vec![problem(vec![name("prompt")], "string_type", "Input should be a string or a list of strings", list)]
        }
        _ => check_one(body),
    };
    let whole = |key: &str| body.get(key).and_then(Value::as_u64);
    let wanted = whole("n").unwrap_or(1);
    if let Some(best_of) = whole("best_of").filter(|best_of| *best_of < wanted) {
        problems.push(FieldProblem {
            context: Some(json!({ "ge": wanted })),
            ..problem(
                vec![name("best_of")],
                "greater_than_equal",
                format!("Input should be greater than or equal to {wanted}, as many as `n` asks for"),
                best_of.into(),
            )
        });
    }
    problems
}

pub(super) fn generate(dialect: Dialect, body: &Map<String, Value>) -> Order {
    let prompt = body["prompt"].as_str().unwrap_or_default();
    let order = common(dialect, body, vec![Said::by_user(prompt)]);
    // Nothing is said about streams or about several answers, so there are none.
    Order { form: Form::Generate, stream: false, choices: 1, prompt_tokens: pieces::cut(prompt).len(), ..order }
}

pub(super) fn completions(dialect: Dialect, body: &Map<String, Value>) -> Order {
    let texts: Vec<String> = match &body["prompt"] {
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        one => one.as_str().map(str::to_owned).into_iter().collect(),
    };
    let messages = texts.first().map(|text| Said::by_user(text)).into_iter().collect();
    let prompt_tokens = texts.iter().map(|text| pieces::cut(text).len()).sum();
    let prompts = Prompts {
        texts,
        echo: body.get("echo") == Some(&json!(true)),
        suffix: body.get("suffix").and_then(Value::as_str).map(str::to_owned),
    };
    Order {
        // Here the number itself asks for them.
        top_logprobs: body.get("logprobs").and_then(Value::as_u64).map(|alternatives| alternatives as usize),
        form: Form::Completions(prompts),
        prompt_tokens,
        ..common(dialect, body, messages)
    }
}

impl Order {
    /// The same request with only one of its prompts.
    pub(crate) fn with_prompt(&self, prompt: &str) -> Self {
        Self { messages: vec![Said::by_user(prompt)], ..self.clone() }
    }
}
