//! One line of results: what it says of its request, in the forms that servers give it.

use std::borrow::Cow;
use std::time::SystemTime;

use http::HeaderMap;
use juxta_client::classify::{self, Answer};
use juxta_client::endpoints::Mapper;
use juxta_client::envelope;
use juxta_client::observe::Piece;
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::media_answer::MediaAnswer;
use juxta_wire::outcome::Outcome;

use crate::batch::pick::{Raw, count, pick, picked, present, text};
use crate::batch::words::{counted, number};

/// What is read of a line, and what of the answer in it; the last four say how long the call took.
const OF_LINE: [&str; 8] =
    ["custom_id", "response", "result", "error", "latency_ms", "duration_ms", "elapsed_ms", "processing_ms"];
const OF_ANSWER: [&str; 6] = ["status_code", "body", "latency_ms", "duration_ms", "elapsed_ms", "processing_ms"];

/// What a line of results says.
#[derive(Debug)]
pub(super) struct Answered<'a> {
    pub id: Cow<'a, str>,
    pub is_failed: bool,
    pub status: Option<u16>,
    pub tokens_out: Option<u64>,
    pub milliseconds: Option<u64>,
    body: Option<&'a str>,
    error: Option<&'a str>,
}

/// Reads a line; `None` when it is no JSON object with a `custom_id`.
///
/// What came is in `response.body` with a status beside it, or in `response` or `result` by itself; each may stand in an
/// envelope.
pub(super) fn read(line: &str) -> Option<Answered<'_>> {
    let members = pick(line, &OF_LINE).ok()?;
    let [id, response, result, error] = std::array::from_fn(|at| members.get(at).copied().flatten());
    let id = text(id)?;
    let error = said(error);
    let whole = present(response).or(present(result)).map(|raw| raw.get());
    let [status, body, times @ ..] = whole.map_or([None; 6], |whole| picked(whole, OF_ANSWER));
    let status = count(status).and_then(|status| u16::try_from(status).ok());
    let body = match present(body) {
        Some(body) => Some(body.get()),
        None if status.is_some() => None,
        None => whole,
    };
    let opened = body.and_then(|body| envelope::open(body).ok());
    let usage = opened.as_ref().map(|opened| picked(opened.data, ["usage"])[0]);
    let usage = usage.flatten().or_else(|| body.and_then(|body| picked(body, ["usage"])[0]));
    let [completion, output] =
        usage.map_or([None; 2], |usage| picked(usage.get(), ["completion_tokens", "output_tokens"]));
    let is_failed = error.is_some()
        || status.is_some_and(|status| !(200..300).contains(&status))
        || opened.as_ref().is_none_or(|opened| opened.is_error);
    let mut times = members.iter().skip(4).copied().chain(times);
    Some(Answered {
        id,
        is_failed,
        status,
        tokens_out: count(completion).or_else(|| count(output)),
        milliseconds: times.find_map(count),
        body,
        error: error.map(|error| error.get()),
    })
}

/// An error that is more than a polite way to say that there is none.
fn said(error: Raw<'_>) -> Raw<'_> {
    present(error).filter(|error| !matches!(error.get(), "{}" | "\"\"" | "false" | "[]"))
}

impl Answered<'_> {
    /// The whole text of the answer, or the provider's words about its failure. `called` is what the request called, where
    /// that is known.
    pub fn words(&self, called: Option<(Dialect, EndpointKind)>) -> String {
        match (self.is_failed, self.body) {
            (false, Some(body)) => answer_text(body, called),
            _ => self.failure(),
        }
    }

    fn failure(&self) -> String {
        // An envelope with an error in it says more than the short form beside it.
        let said =
            self.body.filter(|_| self.status.is_some() || self.error.is_none()).or(self.error).unwrap_or_default();
        let rejection = classify::classify(&Answer {
            status: self.status.unwrap_or_default(),
            headers: &HeaderMap::new(),
            body: said.as_bytes(),
            dialect: Dialect::OpenAi,
            now: SystemTime::UNIX_EPOCH,
            elapsed_ms: 0.0,
        });
        let status = self.status.map(|status| status.to_string());
        let head: Vec<String> = status.into_iter().chain(rejection.code).collect();
        let words = match (rejection.message.trim(), said) {
            ("", "") => "The server said nothing.".to_owned(),
            (message, _) => message.to_owned(),
        };
        match head.is_empty() {
            true => words,
            false => format!("{}. {words}", head.join(" ")),
        }
    }
}

fn answer_text(body: &str, called: Option<(Dialect, EndpointKind)>) -> String {
    let data = envelope::open(body).map_or(body, |opened| opened.data);
    let (dialect, endpoint) = called.unwrap_or_else(|| (Dialect::OpenAi, guessed(body, data)));
    let mut mapper = Mapper::new(endpoint, dialect);
    let mut gathered = Gathered::default();
    let read = mapper.document(body.as_bytes(), &mut |piece| gathered.take(piece));
    let outcome = mapper.outcome();
    let text = match (&outcome.media, read) {
        (Some(media), Ok(())) => media_words(media, gathered.text),
        (None, Ok(())) => gathered.words(&outcome),
        (_, Err(_)) => String::new(),
    };
    match text.is_empty() {
        true => serde_json::from_str(data).unwrap_or_else(|_| data.to_owned()),
        false => text,
    }
}

/// By its form, where the request is not there. A list of vectors is in the `data` of an answer without an envelope too.
fn guessed(body: &str, data: &str) -> EndpointKind {
    let [choices, output, object] = picked(data, ["choices", "output", "object"]);
    let [outer] = picked(body, ["object"]);
    let is_list = |object| text(object).as_deref() == Some("list");
    match () {
        () if choices.is_some() => EndpointKind::Chat,
        () if output.is_some() => EndpointKind::Responses,
        () if is_list(object) || is_list(outer) => EndpointKind::Embed,
        () => EndpointKind::Generic,
    }
}

#[derive(Default)]
struct Gathered {
    text: String,
    refusal: String,
    reasoning: String,
    calls: Vec<(u32, u32, String, String)>,
    items: String,
    choice: Option<u32>,
}

impl Gathered {
    fn take(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Text { choice, text } => {
                if self.choice.is_some_and(|before| before != choice) && !self.text.is_empty() {
                    self.text.push_str("\n\n");
                }
                self.choice = Some(choice);
                self.text.push_str(text);
            }
            Piece::Reasoning { text, .. } => self.reasoning.push_str(text),
            Piece::Refusal { text, .. } => self.refusal.push_str(text),
            Piece::ToolCall { choice, call, name, arguments, .. } => {
                let known = self.calls.iter().position(|known| (known.0, known.1) == (choice, call));
                let at = known.unwrap_or_else(|| {
                    self.calls.push((choice, call, String::new(), String::new()));
                    self.calls.len() - 1
                });
                self.calls[at].2.push_str(name.unwrap_or_default());
                self.calls[at].3.push_str(arguments);
            }
            Piece::Item { item, .. } => self.items.clone_from(&item.json),
        }
    }

    /// The answer; where it has no text, what it has instead.
    fn words(self, outcome: &Outcome) -> String {
        let calls = self.calls.iter().map(|(_, _, name, arguments)| format!("{name}({arguments})"));
        let calls: Vec<String> = calls.collect();
        let reason = outcome.choices.iter().find_map(|choice| choice.finish_reason.as_deref());
        [self.text, self.refusal, calls.join("\n"), self.reasoning, self.items]
            .into_iter()
            .find(|text| !text.is_empty())
            .or_else(|| reason.map(|reason| format!("No text ({reason})")))
            .unwrap_or_default()
    }
}

fn media_words(media: &MediaAnswer, text: String) -> String {
    match media {
        MediaAnswer::Vectors { count: 1, dimensions, .. } => format!("{} numbers", number(u64::from(*dimensions))),
        MediaAnswer::Vectors { count, dimensions, .. } => {
            format!("{} × {} numbers", number(u64::from(*count)), number(u64::from(*dimensions)))
        }
        MediaAnswer::Pictures { pictures } => counted(pictures.len() as u64, "picture", "pictures"),
        MediaAnswer::Speech { bytes } => format!("Sound, {}", crate::batch::words::size(*bytes)),
        MediaAnswer::Transcript { .. } => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAT: Option<(Dialect, EndpointKind)> = Some((Dialect::ScaigridV1, EndpointKind::Chat));

    /// Status, tokens, whether it failed, and its words.
    fn told(line: &str, called: Option<(Dialect, EndpointKind)>) -> (Option<u16>, Option<u64>, bool, String) {
        let answered = read(line).unwrap_or_else(|| panic!("{line}"));
        (answered.status, answered.tokens_out, answered.is_failed, answered.words(called))
    }

    #[test]
    fn an_answer_is_read_in_every_form_that_servers_give_it() {
        let answer = r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"One “line”.\n"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":3}}"#;
        let expected = |status, tokens| (status, tokens, false, "One “line”.\n".to_owned());
        let envelope = format!(r#"{{"status":"ok","data":{answer},"meta":{{"request_id":"r"}}}}"#);
        for (line, status) in [
            (
                format!(r#"{{"custom_id":"a","response":{{"status_code":200,"body":{envelope}}},"error":null}}"#),
                Some(200),
            ),
            (
                format!(r#"{{"custom_id":"a","response":{{"status_code":200,"body":{answer}}},"error":{{}}}}"#),
                Some(200),
            ),
            (format!(r#"{{"custom_id":"a","response":{answer}}}"#), None),
            (format!(r#"{{"custom_id":"a","result":{answer}}}"#), None),
            (format!(r#"{{"custom_id":"a","result":{envelope}}}"#), None),
        ] {
            assert_eq!(told(&line, CHAT), expected(status, Some(3)), "{line}");
            assert_eq!(told(&line, None), expected(status, Some(3)), "{line}");
        }
    }

    #[test]
    fn a_failure_has_the_providers_words() {
        for (line, status, words) in [
            (
                r#"{"custom_id":"a","response":null,"error":{"code":"MODEL_NOT_FOUND","message":"no such model"}}"#,
                None,
                "MODEL_NOT_FOUND. no such model",
            ),
            (
                r#"{"custom_id":"a","response":{"status_code":429,"body":{"error":{"code":"rate_limited","message":"Slow down"}}},"error":null}"#,
                Some(429),
                "429 rate_limited. Slow down",
            ),
            (
                r#"{"custom_id":"a","response":{"status_code":200,"body":{"status":"error","error":{"code":"X","message":"No"}}}}"#,
                Some(200),
                "200 X. No",
            ),
            (r#"{"custom_id":"a","error":"plain words"}"#, None, "plain words"),
        ] {
            assert_eq!(told(line, CHAT), (status, None, true, words.to_owned()), "{line}");
        }
        let nothing = told(r#"{"custom_id":"a"}"#, CHAT);
        assert!(nothing.2 && !nothing.3.is_empty(), "{nothing:?}");
    }

    #[test]
    fn what_is_no_text_is_told_in_words() {
        let embed = Some((Dialect::OpenAi, EndpointKind::Embed));
        let line = r#"{"custom_id":"a","response":{"status_code":200,"body":{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,0.2,0.3]}],"usage":{"prompt_tokens":2}}}}"#;
        assert_eq!(told(line, embed).3, "3 numbers");
        assert_eq!(told(line, None).3, "3 numbers");
        let calls = r#"{"custom_id":"a","result":{"choices":[{"message":{"tool_calls":[{"id":"c","type":"function","function":{"name":"weather","arguments":"{\"a\":1}"}}]},"finish_reason":"tool_calls"}]}}"#;
        assert_eq!(told(calls, CHAT).3, "weather({\"a\":1})");
        let odd = r#"{"custom_id":"a","result":{"something":[1.50]}}"#;
        assert_eq!(told(odd, CHAT).3, r#"{"something":[1.50]}"#);
        for broken in ["", "{}", "[]", "{\"custom_id\":7}", "{\"custom_id\":\"a\"", "<html>"] {
            assert!(read(broken).is_none(), "{broken}");
        }
    }

    #[test]
    fn times_are_found_where_servers_put_them() {
        for line in [
            r#"{"custom_id":"a","result":{},"latency_ms":1431.6}"#,
            r#"{"custom_id":"a","response":{"status_code":200,"duration_ms":1431,"body":{}}}"#,
        ] {
            assert_eq!(read(line).expect("a line").milliseconds, Some(1431), "{line}");
        }
    }
}
