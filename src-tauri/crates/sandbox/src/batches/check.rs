//! A look at every line before any is answered, as a provider takes it: all faults with their lines, or none.

use std::collections::HashMap;
use std::ops::Range;

use juxta_wire::endpoint::Dialect;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// OpenAI takes no more requests in one file.
const MOST_LINES: usize = 50_000;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// More faults than these are not told.
const MOST_PROBLEMS: usize = 1_000;
/// What OpenAI's batches can be about and the sandbox answers.
pub(crate) const OPENAI_ENDPOINTS: &[&str] =
    &["/v1/chat/completions", "/v1/responses", "/v1/completions", "/v1/embeddings", "/v1/images/generations"];
/// Uploads have no place in a line, so transcription is not among them.
const SCAIGRID_ENDPOINTS: &[&str] = &[
    "/v1/inference/chat",
    "/v1/inference/generate",
    "/v1/inference/embed",
    "/v1/inference/images/generate",
    "/v1/inference/audio/synthesize",
];

/// What is wrong with a line, or with the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Problem {
    pub(crate) code: String,
    /// From 1, blank lines counted.
    pub(crate) line: Option<u64>,
    pub(crate) message: String,
    pub(crate) param: Option<String>,
}

impl Problem {
    pub(crate) fn of_file(code: &str, message: &str) -> Self {
        Self { code: code.to_owned(), line: None, message: message.to_owned(), param: None }
    }

    pub(crate) fn row(&self) -> Value {
        json!({ "code": self.code, "line": self.line, "message": self.message, "param": self.param })
    }
}

/// A request of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// From 1, blank lines counted.
    pub(crate) number: u64,
    /// Its bytes in the file.
    pub(crate) place: Range<usize>,
    pub(crate) custom_id: String,
}

/// The model of the first line that is none of blanks, before anything is checked.
pub(crate) fn first_model(input: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Asked {
        body: Body,
    }
    #[derive(Deserialize)]
    struct Body {
        model: String,
    }
    let input = input.strip_prefix(BYTE_ORDER_MARK).unwrap_or(input);
    let line = input.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty())?;
    serde_json::from_slice(line).ok().map(|asked: Asked| asked.body.model)
}

struct Look<'batch> {
    dialect: Dialect,
    /// What the batch said its lines are for. Only OpenAI's say that.
    endpoint: Option<&'batch str>,
    ids: HashMap<String, u64>,
    model: Option<String>,
    problems: Vec<Problem>,
}

pub(crate) fn check(dialect: Dialect, endpoint: Option<&str>, input: &[u8]) -> Result<Vec<Line>, Vec<Problem>> {
    let mut look = Look { dialect, endpoint, ids: HashMap::new(), model: None, problems: Vec::new() };
    let mut lines = Vec::new();
    let mut from = if input.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    for (number, line) in (1_u64..).zip(input[from..].split(|byte| *byte == b'\n')) {
        let place = from..from + line.len();
        from = place.end + 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        match look.line(number, line) {
            Ok(custom_id) => lines.push(Line { number, place, custom_id }),
            Err(problem) => look.problems.push(problem),
        }
        if look.problems.len() >= MOST_PROBLEMS {
            break;
        }
    }
    let mut problems = look.problems;
    if lines.is_empty() && problems.is_empty() {
        problems.push(Problem::of_file("empty_file", "The input file has no requests."));
    }
    if dialect == Dialect::OpenAi && lines.len() > MOST_LINES {
        let text = format!("The input file has {} requests; the limit is {MOST_LINES}.", lines.len());
        problems.push(Problem::of_file("too_many_tasks", &text));
    }
    if problems.is_empty() { Ok(lines) } else { Err(problems) }
}

impl Look<'_> {
    /// The line's id, when it can be worked on.
    fn line(&mut self, number: u64, line: &[u8]) -> Result<String, Problem> {
        let problem = |code: &str, param: Option<&str>, message: String| Problem {
            code: code.to_owned(),
            line: Some(number),
            message,
            param: param.map(str::to_owned),
        };
        let Ok(Value::Object(members)) = serde_json::from_slice::<Value>(line) else {
            return Err(problem("invalid_json_line", None, "This line is not parseable as a JSON object.".to_owned()));
        };
        let text = |member: &'static str| match members.get(member) {
            Some(Value::String(text)) if !text.is_empty() => Ok(text.as_str()),
            None | Some(Value::Null) => {
                let message = format!("Missing required parameter: '{member}'.");
                Err(problem("missing_required_parameter", Some(member), message))
            }
            Some(_) => Err(problem("invalid_type", Some(member), format!("'{member}' has to be a text."))),
        };
        let custom_id = text("custom_id")?;
        if let Some(first) = self.ids.get(custom_id) {
            let message = format!("The custom_id '{custom_id}' is on line {first} already; it has to be unique.");
            return Err(problem("duplicate_custom_id", Some("custom_id"), message));
        }
        self.ids.insert(custom_id.to_owned(), number);
        if text("method")? != "POST" {
            return Err(problem("invalid_method", Some("method"), "The method has to be POST.".to_owned()));
        }
        let url = text("url")?;
        let known = match self.dialect {
            Dialect::OpenAi => OPENAI_ENDPOINTS,
            Dialect::ScaigridV1 | Dialect::ScaleV5 => SCAIGRID_ENDPOINTS,
        };
        if !known.contains(&url) {
            let message = format!("'{url}' is none of {}.", known.join(", "));
            return Err(problem("invalid_url", Some("url"), message));
        }
        if let Some(endpoint) = self.endpoint.filter(|endpoint| *endpoint != url) {
            let message = format!("The URL '{url}' does not match the endpoint of the batch, '{endpoint}'.");
            return Err(problem("url_mismatch", Some("url"), message));
        }
        let Some(Value::Object(body)) = members.get("body") else {
            let (code, message) = match members.get("body") {
                None | Some(Value::Null) => ("missing_required_parameter", "Missing required parameter: 'body'."),
                Some(_) => ("invalid_type", "'body' has to be an object."),
            };
            return Err(problem(code, Some("body"), message.to_owned()));
        };
        self.body(body).map_err(|(code, param, message)| problem(code, Some(param), message))?;
        Ok(custom_id.to_owned())
    }

    fn body(&mut self, body: &Map<String, Value>) -> Result<(), (&'static str, &'static str, String)> {
        if body.get("stream") == Some(&Value::Bool(true)) {
            let message = "Streaming is not supported in a batch: leave out 'stream'.".to_owned();
            return Err(("invalid_value", "body.stream", message));
        }
        let Some(model) = body.get("model").and_then(Value::as_str) else {
            return Err((
                "missing_required_parameter",
                "body.model",
                "Missing required parameter: 'model'.".to_owned(),
            ));
        };
        match &self.model {
            None => self.model = Some(model.to_owned()),
            Some(first) if self.dialect == Dialect::OpenAi && first != model => {
                let message = format!("All requests of a file have to be for one model: '{first}' and '{model}'.");
                return Err(("model_mismatch", "body.model", message));
            }
            Some(_) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: &str, change: impl FnOnce(&mut Value)) -> String {
        let mut line = json!({ "custom_id": id, "method": "POST", "url": "/v1/chat/completions",
            "body": { "model": "m", "messages": [] } });
        change(&mut line);
        line.to_string()
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let lines = [
            line("a", |_| {}),
            String::new(),
            "{\"custom_id\":".to_owned(),
            "[1]".to_owned(),
            line("a", |_| {}),
            line("b", |line| line["method"] = "GET".into()),
            line("c", |line| line["url"] = "/v1/elsewhere".into()),
            line("d", |line| line["url"] = "/v1/embeddings".into()),
            line("e", |line| line["body"]["stream"] = true.into()),
            line("f", |line| line["body"]["model"] = "other".into()),
            line("g", |line| line["body"] = Value::Null),
            line("h", |line| line["body"]["model"] = Value::Null),
            line("i", |line| line["custom_id"] = 7.into()),
            line("", |_| {}),
            line("j “ä”\\", |line| line["body"]["stream"] = false.into()),
        ];
        let problems = check(Dialect::OpenAi, Some("/v1/chat/completions"), lines.join("\r\n").as_bytes());
        let problems = problems.expect_err("faults");
        let told: Vec<_> = problems.iter().map(|problem| (problem.line.unwrap_or(0), problem.code.as_str())).collect();
        assert_eq!(
            told,
            [
                (3, "invalid_json_line"),
                (4, "invalid_json_line"),
                (5, "duplicate_custom_id"),
                (6, "invalid_method"),
                (7, "invalid_url"),
                (8, "url_mismatch"),
                (9, "invalid_value"),
                (10, "model_mismatch"),
                (11, "missing_required_parameter"),
                (12, "missing_required_parameter"),
                (13, "invalid_type"),
                (14, "invalid_type"),
            ]
        );
        assert!(problems[2].message.contains("line 1"), "{}", problems[2].message);
    }

    #[test]
    fn places_are_those_of_the_bytes() {
        let (first, second) = (line("é", |_| {}), line("b", |_| {}));
        for (before, between, after) in [("", "\n", ""), ("\u{feff}", "\r\n\r\n", "\n"), ("\n\n", "\n \n", "\n\n")] {
            let input = format!("{before}{first}{between}{second}{after}");
            let checked = check(Dialect::OpenAi, None, input.as_bytes()).expect("no faults");
            let lines: Vec<_> = checked.iter().map(|line| input[line.place.clone()].trim()).collect();
            assert_eq!(lines, [first.as_str(), second.as_str()]);
            assert_eq!(checked[0].custom_id, "é");
            assert_eq!(first_model(input.as_bytes()).as_deref(), Some("m"));
        }
    }

    #[test]
    fn a_file_is_refused_as_a_whole_when_it_is_empty_or_too_long() {
        for input in ["", "\n \r\n", "\u{feff}"] {
            let problems = check(Dialect::ScaigridV1, None, input.as_bytes()).expect_err("nothing to do");
            assert_eq!((problems.len(), problems[0].code.as_str()), (1, "empty_file"));
        }
        let lines: Vec<_> = (0..=MOST_LINES).map(|number| line(&number.to_string(), |_| {})).collect();
        let problems = check(Dialect::OpenAi, None, lines.join("\n").as_bytes()).expect_err("one too many");
        assert_eq!((problems[0].line, problems[0].code.as_str()), (None, "too_many_tasks"));
        let mixed = [
            json!({ "custom_id": "a", "method": "POST", "url": "/v1/inference/chat", "body": { "model": "m" } }),
            json!({ "custom_id": "b", "method": "POST", "url": "/v1/inference/embed", "body": { "model": "n" } }),
        ]
        .map(|line| line.to_string());
        let checked = check(Dialect::ScaigridV1, None, mixed.join("\n").as_bytes()).expect("ScaiGrid takes a mixture");
        assert_eq!(checked.len(), 2);
        assert_eq!(first_model(b"{"), None);
    }
}
