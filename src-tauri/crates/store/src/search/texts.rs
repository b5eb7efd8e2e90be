//! What of a cell can be found: its texts, field by field.

use std::borrow::Cow;

use juxta_wire::error::AppError;
use juxta_wire::exchange::HeaderView;
use juxta_wire::outcome::{Choice, Outcome, OutputItem};
use juxta_wire::run::Cell;
use juxta_wire::tools::{ToolReply, ToolResult, ToolResultState};
use serde_json::Value;

/// A column of `words` that holds text, in the order in which a match is looked for to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Answer,
    Prompt,
    Reasoning,
    Tools,
    Error,
    Note,
    About,
    Headers,
}

impl Field {
    pub const ALL: [Field; 8] = [
        Field::Answer,
        Field::Prompt,
        Field::Reasoning,
        Field::Tools,
        Field::Error,
        Field::Note,
        Field::About,
        Field::Headers,
    ];

    /// Its column in `words`.
    pub fn column(self) -> &'static str {
        match self {
            Field::Answer => "answer",
            Field::Prompt => "prompt",
            Field::Reasoning => "reasoning",
            Field::Tools => "tools",
            Field::Error => "error",
            Field::Note => "note",
            Field::About => "about",
            Field::Headers => "headers",
        }
    }
}

/// Where the texts of a call come from: the cell itself when it is stored, its columns when it is looked at again.
pub trait Texts {
    fn outcome(&self) -> &Outcome;
    /// The body of the request.
    fn body(&self) -> &str;
    fn error(&self) -> Option<Cow<'_, AppError>>;
    /// Of the request, then of the response.
    fn headers(&self) -> Vec<Cow<'_, HeaderView>>;
    /// What the calls of the answer got.
    fn results(&self) -> Cow<'_, [ToolResult]>;
    /// Names of run, model and connection.
    fn about(&self) -> [&str; 3];
    fn note(&self) -> &str;
}

/// The text of one field. Parts stand on lines of their own.
pub fn text(texts: &impl Texts, field: Field) -> Cow<'_, str> {
    let choices = &texts.outcome().choices;
    match field {
        Field::Answer => join(choices, |choice| [choice.text.as_str(), choice.refusal.as_str()]),
        Field::Reasoning => join(choices, |choice| [choice.reasoning.as_str(), ""]),
        Field::Tools => {
            let mut text = tools(choices);
            results(&texts.results(), &mut text);
            Cow::Owned(text)
        }
        Field::Prompt => Cow::Owned(prompt(texts.body())),
        Field::Error => Cow::Owned(texts.error().map_or_else(String::new, |found| error(&found))),
        Field::Note => Cow::Borrowed(texts.note()),
        Field::About => Cow::Owned(lines(texts.about().into_iter())),
        Field::Headers => {
            let mut text = String::new();
            for header in texts.headers() {
                line(&mut text, &header.name);
                text.push_str(": ");
                text.push_str(&header.value);
            }
            Cow::Owned(text)
        }
    }
}

/// A cell whose run has no say yet.
impl Texts for Cell {
    fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    fn body(&self) -> &str {
        self.request.as_ref().map_or("", |request| &request.body)
    }

    fn error(&self) -> Option<Cow<'_, AppError>> {
        self.error.as_ref().map(Cow::Borrowed)
    }

    fn headers(&self) -> Vec<Cow<'_, HeaderView>> {
        let sent = self.request.iter().flat_map(|request| &request.headers);
        let came = self.head.iter().flat_map(|head| &head.headers);
        sent.chain(came).map(Cow::Borrowed).collect()
    }

    fn results(&self) -> Cow<'_, [ToolResult]> {
        Cow::Borrowed(&self.results)
    }

    fn about(&self) -> [&str; 3] {
        ["", &self.model, &self.connection_name]
    }

    fn note(&self) -> &str {
        ""
    }
}

fn join<'a>(choices: &'a [Choice], parts: impl Fn(&'a Choice) -> [&'a str; 2]) -> Cow<'a, str> {
    // The usual answer is one text, and may be large.
    if let [choice] = choices
        && let [text, ""] = parts(choice)
    {
        return Cow::Borrowed(text);
    }
    Cow::Owned(lines(choices.iter().flat_map(parts)))
}

fn lines<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for part in parts.filter(|part| !part.is_empty()) {
        line(&mut text, part);
    }
    text
}

fn line(text: &mut String, part: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(part);
}

fn tools(choices: &[Choice]) -> String {
    let calls = choices.iter().flat_map(|choice| &choice.tool_calls);
    let mut text = lines(calls.flat_map(|call| [call.name.as_str(), call.arguments.as_str()]));
    for item in choices.iter().filter_map(|choice| choice.item.as_ref()).filter(|item| !is_said(item)) {
        if let Ok(value) = serde_json::from_str(&item.json) {
            collect(&value, &mut text);
        }
    }
    text
}

/// What calls were given, or why nothing was.
fn results(results: &[ToolResult], text: &mut String) {
    let line = |text: &mut String, part: &str| match part.is_empty() {
        true => {}
        false => line(text, part),
    };
    for result in results {
        match &result.state {
            ToolResultState::Given { reply: ToolReply::Output { text: output } } => line(text, output),
            ToolResultState::Given { reply: ToolReply::Approval { reason, .. } } => line(text, reason),
            ToolResultState::Given { reply: ToolReply::Item { json } } => {
                if let Ok(value) = serde_json::from_str(json) {
                    collect(&value, text);
                }
            }
            ToolResultState::Failed { error: failure } => line(text, &error(failure)),
            ToolResultState::Asking => {}
        }
    }
}

/// The texts of such an item are those of its choice.
fn is_said(item: &OutputItem) -> bool {
    matches!(item.kind.as_str(), "message" | "reasoning" | "function_call" | "custom_tool_call")
}

/// What a request body says: the texts of what it asks, or every text in it when it has no such member. Images are no
/// texts, and a body that is no JSON is one as a whole.
fn prompt(body: &str) -> String {
    let Ok(value) = serde_json::from_str::<Value>(body) else { return body.to_owned() };
    let mut text = String::new();
    let asks = value.as_object().map(|body| body.iter().filter(|(name, _)| ASKS.contains(&name.as_str())));
    let mut found = false;
    for (_, member) in asks.into_iter().flatten() {
        found = true;
        collect(member, &mut text);
    }
    if !found {
        collect(&value, &mut text);
    }
    text
}

/// Body members that say what a model is to do.
const ASKS: [&str; 6] = ["messages", "instructions", "input", "prompt", "suffix", "args"];

/// Members of messages that name kinds and not things.
const KINDS: [&str; 4] = ["role", "type", "detail", "format"];

fn collect(value: &Value, text: &mut String) {
    match value {
        // Encoded pictures and sounds have no words.
        Value::String(part) if part.starts_with("data:") || is_encoded(part) => {}
        Value::String(part) => line(text, part),
        Value::Array(items) => items.iter().for_each(|item| collect(item, text)),
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !KINDS.contains(&name.as_str()))
            .for_each(|(_, member)| collect(member, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn is_encoded(text: &str) -> bool {
    text.len() > 1_000 && text.bytes().take(1_000).all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_".contains(&byte))
}

/// The words of a failure: ours, and the provider's own.
fn error(error: &AppError) -> String {
    let mut text = error.to_string();
    match error {
        AppError::Rejected(rejection) => {
            line(&mut text, &rejection.status.to_string());
            for part in [&rejection.code, &rejection.request_id].into_iter().flatten() {
                line(&mut text, part);
            }
            for field in &rejection.fields {
                line(&mut text, &field.path.join("."));
                line(&mut text, &field.message);
            }
        }
        AppError::Network { host, .. } => line(&mut text, host),
        AppError::Protocol { excerpt, .. } => line(&mut text, excerpt),
        AppError::EndedEarly { message, .. } | AppError::MissingKey { message, .. } => line(&mut text, message),
        AppError::Invalid { .. }
        | AppError::PlainHttp { .. }
        | AppError::Keychain { .. }
        | AppError::Template { .. }
        | AppError::Storage { .. }
        | AppError::Media { .. }
        | AppError::NotFound { .. }
        | AppError::Internal { .. } => {}
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_is_the_words_of_its_messages() {
        let picture = format!("data:image/png;base64,{}", "A".repeat(100));
        let sound = "B".repeat(2_000);
        let body = serde_json::json!({
            "model": "m", "stop": "END",
            "messages": [
                { "role": "system", "content": "Be \"brief\"." },
                { "role": "user", "content": [
                    { "type": "text", "text": "What\nis this?" },
                    { "type": "image_url", "image_url": { "url": picture, "detail": "low" } },
                    { "type": "input_audio", "input_audio": { "data": sound, "format": "wav" } },
                ] },
                { "role": "assistant", "content": null, "tool_calls": [
                    { "id": "call_1", "type": "function", "function": { "name": "look", "arguments": "{\"at\":1}" } },
                ] },
            ],
        });
        assert_eq!(prompt(&body.to_string()), "Be \"brief\".\nWhat\nis this?\ncall_1\nlook\n{\"at\":1}");
        assert_eq!(prompt(r#"{"model":"m","input":["a",{"b":"c"}],"instructions":"d"}"#), "a\nc\nd");
        assert_eq!(prompt(r#"{"model":"m","prompt":"a","suffix":"b","stop":"c"}"#), "a\nb");
        assert_eq!(prompt(r#"{"texts":["a",{"b":"c"}]}"#), "a\nc");
        assert_eq!(prompt("not {json"), "not {json");
        assert_eq!(prompt(""), "");
    }
    #[test]
    fn what_an_item_holds_is_found_once() {
        let item = |kind: &str, json: &str| Choice {
            item: Some(OutputItem { kind: kind.to_owned(), json: json.to_owned(), ..OutputItem::default() }),
            ..Choice::default()
        };
        let choices = [
            Choice { text: "Bern".to_owned(), ..item("message", r#"{"content":[{"text":"Bern"}]}"#) },
            item("web_search_call", r#"{"type":"web_search_call","action":{"type":"search","query":"Alps"}}"#),
            item(OutputItem::VALUE, r#"{"capital":"Rome","n":7}"#),
        ];
        assert_eq!(tools(&choices), "Alps\nRome");
    }

    #[test]
    fn what_calls_got_is_found_too() {
        let result = |state| ToolResult {
            id: "call_1".to_owned(),
            name: "look".to_owned(),
            origin: juxta_wire::tools::ToolOrigin::Hand,
            state,
            elapsed_ms: None,
        };
        let given = |reply| result(ToolResultState::Given { reply });
        let picture = format!("data:image/png;base64,{}", "A".repeat(100));
        let item = serde_json::json!({"type": "computer_call_output", "output": {"image_url": picture, "x": "seen"}});
        let all = [
            given(ToolReply::Output { text: "21 °C \"today\"".to_owned() }),
            given(ToolReply::Approval { approve: false, reason: "Too much".to_owned() }),
            given(ToolReply::Item { json: item.to_string() }),
            result(ToolResultState::Asking),
            result(ToolResultState::Failed { error: AppError::NotFound { what: "The tool".to_owned() } }),
        ];
        let mut text = String::new();
        results(&all, &mut text);
        assert_eq!(text, "21 °C \"today\"\nToo much\nseen\nThe tool is not there any more");
    }
}
