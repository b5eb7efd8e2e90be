//! Embeddings.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use juxta_wire::endpoint::Dialect;
use serde_json::{Map, Value};

use super::Made;
use super::vector::{Eye, normalise};
use crate::pieces;
use crate::refusal::{FieldProblem, Reason};
use crate::request::{missing, name, place, problem};

/// How a model makes vectors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct EmbedModel {
    pub(crate) dimensions: usize,
    pub(crate) seed: u64,
    pub(crate) letters: f64,
    pub(crate) unit: bool,
    pub(crate) flaw: Option<Flaw>,
}

/// What is wrong with its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    Backwards,
    Broken,
}

/// The most inputs of one request, and the most tokens of one input: as OpenAI has it.
const MOST_INPUTS: usize = 2_048;
const MOST_TOKENS: usize = 8_192;

enum Input {
    Text(String),
    Tokens(Vec<u64>),
}

impl Input {
    fn tokens(&self) -> usize {
        match self {
            Input::Text(text) => pieces::cut(text).len(),
            Input::Tokens(tokens) => tokens.len(),
        }
    }
}

/// What a request may ask for, or why not.
pub(crate) fn check(body: &Map<String, Value>) -> Vec<FieldProblem> {
    let problems = match body.get("input") {
        None => return vec![missing(vec![name("input")], body)],
        Some(input) => inputs(input).err().map(|problem| *problem),
    };
    let format = body.get("encoding_format");
    let wrong_format = format.filter(|format| !format.is_null() && *format != "float" && *format != "base64");
    problems
        .into_iter()
        .chain(wrong_format.map(|format| {
            let text = "Input should be 'float' or 'base64'";
            problem(vec![name("encoding_format")], "literal_error", text, format.clone())
        }))
        .collect()
}

fn inputs(value: &Value) -> Result<Vec<Input>, Box<FieldProblem>> {
    let wrong = |code, text: &str| Box::new(problem(vec![name("input")], code, text, Value::Null));
    let numbers = |list: &[Value]| list.iter().map(Value::as_u64).collect::<Option<Vec<u64>>>();
    let inputs: Vec<Input> = match value {
        Value::String(text) => vec![Input::Text(text.clone())],
        Value::Array(list) if list.is_empty() => return Err(wrong("too_short", "List should have at least 1 item")),
        Value::Array(list) if list.iter().all(Value::is_number) => {
            vec![Input::Tokens(numbers(list).ok_or_else(|| wrong("int_type", "Tokens are whole numbers"))?)]
        }
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(at, item)| {
                match item {
                    Value::String(text) => Some(Input::Text(text.clone())),
                    Value::Array(tokens) => numbers(tokens).map(Input::Tokens),
                    _ => None,
                }
                .ok_or_else(|| {
                    let text = "Input should be a string or a list of tokens";
                    Box::new(problem(vec![name("input"), place(at)], "string_type", text, item.clone()))
                })
            })
            .collect::<Result<_, _>>()?,
        _ => return Err(wrong("string_type", "Input should be a string or a list of strings")),
    };
    if inputs.len() > MOST_INPUTS {
        let text = format!("List should have at most {MOST_INPUTS} items, not {}", inputs.len());
        return Err(wrong("too_long", &text));
    }
    for (at, input) in inputs.iter().enumerate() {
        let path = || if value.is_string() { vec![name("input")] } else { vec![name("input"), place(at)] };
        match input.tokens() {
            0 => return Err(Box::new(problem(path(), "value_error", "Input cannot be an empty string", "".into()))),
            count if count > MOST_TOKENS => {
                let text = format!("This model's maximum context length is {MOST_TOKENS} tokens, not {count}");
                return Err(Box::new(problem(path(), "value_error", text, Value::Null)));
            }
            _ => {}
        }
    }
    Ok(inputs)
}

/// The answer to a body that was checked.
pub(crate) fn make(
    dialect: Dialect,
    request_id: &str,
    id: &str,
    model: &EmbedModel,
    body: &Map<String, Value>,
) -> Result<Made, Reason> {
    let input = body.get("input").unwrap_or(&Value::Null);
    let inputs = inputs(input).map_err(|problem| Reason::Fields(vec![*problem]))?;
    let asked = body.get("dimensions").and_then(Value::as_u64);
    let dimensions = match asked.map(usize::try_from) {
        None => model.dimensions,
        Some(Ok(asked)) if (1..=model.dimensions).contains(&asked) => asked,
        Some(_) => {
            let text = format!("This model makes vectors of at most {} numbers", model.dimensions);
            let input = body.get("dimensions").cloned().unwrap_or_default();
            return Err(Reason::Fields(vec![problem(vec![name("dimensions")], "less_than_equal", text, input)]));
        }
    };
    let as_base64 = body.get("encoding_format").is_some_and(|format| format == "base64");
    let tokens: usize = inputs.iter().map(Input::tokens).sum();
    let mut rows: Vec<String> = inputs
        .iter()
        .enumerate()
        .map(|(index, input)| {
            let spelled = spell(&vector(model, input, index, dimensions), as_base64);
            format!(r#"{{"object":"embedding","index":{index},"embedding":{spelled}}}"#)
        })
        .collect();
    if model.flaw == Some(Flaw::Backwards) {
        rows.reverse();
    }
    let body = format!(
        r#"{{"object":"list","data":[{}],"model":{},"usage":{{"prompt_tokens":{tokens},"total_tokens":{tokens}}}}}"#,
        rows.join(","),
        Value::from(id),
    );
    Ok(Made::json(dialect, request_id, body))
}

fn vector(model: &EmbedModel, input: &Input, index: usize, dimensions: usize) -> Vec<f32> {
    let eye = Eye { dimensions: model.dimensions, seed: model.seed, letters: model.letters };
    let mut vector = match input {
        Input::Text(text) => eye.text(text),
        Input::Tokens(tokens) => eye.tokens(tokens),
    };
    // Models that were trained for it put what matters first, and are cut and normalised again.
    vector.truncate(dimensions);
    if vector.iter().all(|number| *number == 0.0) {
        // Nothing of a short text is left in so few numbers, and zeros are near to nothing.
        vector.iter_mut().take(1).for_each(|number| *number = 1.0);
    }
    if model.unit {
        normalise(&mut vector);
    }
    if model.flaw == Some(Flaw::Broken) {
        match index % 4 {
            1 => vector.fill(0.0),
            2 => vector.iter_mut().step_by(7).for_each(|number| *number = f32::NAN),
            3 => vector.truncate(dimensions / 2),
            _ => {}
        }
    }
    vector
}

/// The shortest numbers that read back as the same 32 bits. What is no number is `null`, as most servers write it.
fn spell(vector: &[f32], as_base64: bool) -> String {
    if as_base64 {
        let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
        return format!("\"{}\"", STANDARD.encode(bytes));
    }
    let numbers: Vec<String> =
        vector.iter().map(|number| if number.is_finite() { number.to_string() } else { "null".to_owned() }).collect();
    format!("[{}]", numbers.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_the_same_numbers() {
        let vector = [0.1_f32, -1.5e-7, 3.0, f32::MIN_POSITIVE];
        let list: Vec<f64> = serde_json::from_str(&spell(&vector, false)).expect("a list");
        assert_eq!(list.iter().map(|number| *number as f32).collect::<Vec<_>>(), vector);
        let text: String = serde_json::from_str(&spell(&vector, true)).expect("a text");
        let bytes = STANDARD.decode(text).expect("base64");
        let (fours, _) = bytes.as_chunks::<4>();
        assert_eq!(fours.iter().map(|four| f32::from_le_bytes(*four)).collect::<Vec<_>>(), vector);
        assert_eq!(spell(&[f32::NAN, 1.0], false), "[null,1]");
    }

    #[test]
    fn inputs_are_texts_or_tokens_within_limits() {
        for good in [r#""one""#, r#"["one","zwei"]"#, "[1,2]", "[[1],[2,3]]"] {
            assert!(inputs(&serde_json::from_str(good).expect("JSON")).is_ok(), "{good}");
        }
        for bad in ["[]", "7", r#"["a",1]"#, r#"["a",""]"#, r#""""#, "[[]]", "[-1]", "[1.5]", "null"] {
            assert!(inputs(&serde_json::from_str(bad).expect("JSON")).is_err(), "{bad}");
        }
        assert!(inputs(&vec!["a"; MOST_INPUTS].into()).is_ok() && inputs(&vec!["a"; MOST_INPUTS + 1].into()).is_err());
        assert!(inputs(&" word".repeat(MOST_TOKENS + 1).into()).is_err());
    }
}
