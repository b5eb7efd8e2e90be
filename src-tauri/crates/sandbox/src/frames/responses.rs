//! Responses: one object, or the events in which it comes to be.

use std::iter;

use serde_json::{Map, Value, json};

use super::{Frame, FrameKind, Frames, Heading};
use crate::answer::Usage;
use crate::chance::Chance;
use crate::request::Chain;
use crate::responses::{Beat, Ending, Performance, Script};

/// How events are framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// As OpenAI's own server does: named, numbered, and over when the last event was sent.
    Named { done: bool },
    /// As the proxy behind Scale does: data lines only, no numbers, a stray member, and an end mark.
    DataOnly,
}

/// The response without what changes while it is made.
pub(crate) struct Sheet {
    members: Map<String, Value>,
    created: u64,
    background: bool,
    with_usage: bool,
    padded: bool,
}

/// Members of the request that are sent back, each with what stands there when it was not sent. The order is OpenAI's.
fn sent_back(chain: &Chain) -> Vec<(&'static str, Value)> {
    let sent = |name: &str| chain.body.get(name).cloned().unwrap_or(Value::Null);
    let or =
        |name: &str, default: Value| chain.body.get(name).filter(|sent| !sent.is_null()).cloned().unwrap_or(default);
    let reasoning = {
        let mut told = json!({ "effort": null, "summary": null });
        merge(&mut told, &sent("reasoning"));
        told
    };
    let text = {
        let mut told = json!({ "format": { "type": "text" }, "verbosity": "medium" });
        merge(&mut told, &sent("text"));
        told
    };
    vec![
        ("instructions", sent("instructions")),
        ("max_output_tokens", sent("max_output_tokens")),
        ("max_tool_calls", sent("max_tool_calls")),
        ("parallel_tool_calls", or("parallel_tool_calls", true.into())),
        ("previous_response_id", sent("previous_response_id")),
        ("prompt", sent("prompt")),
        ("prompt_cache_key", sent("prompt_cache_key")),
        ("reasoning", reasoning),
        ("safety_identifier", sent("safety_identifier")),
        ("service_tier", "default".into()),
        ("store", or("store", true.into())),
        ("temperature", or("temperature", 1.0.into())),
        ("text", text),
        ("tool_choice", or("tool_choice", "auto".into())),
        ("tools", tools(chain)),
        ("top_logprobs", or("top_logprobs", 0.into())),
        ("top_p", or("top_p", 1.0.into())),
        ("truncation", or("truncation", "disabled".into())),
        ("user", sent("user")),
        ("metadata", or("metadata", json!({}))),
    ]
}

fn merge(told: &mut Value, sent: &Value) {
    for (name, value) in sent.as_object().into_iter().flatten() {
        told[name.as_str()] = value.clone();
    }
}

/// A function's own defaults are filled in.
fn tools(chain: &Chain) -> Value {
    let mut tools = chain.body.get("tools").filter(|tools| tools.is_array()).cloned().unwrap_or_else(|| json!([]));
    for tool in tools.as_array_mut().into_iter().flatten() {
        if let Some(members) = tool.as_object_mut().filter(|tool| tool.get("type") == Some(&json!("function"))) {
            members.entry("description").or_insert(Value::Null);
            members.entry("parameters").or_insert(Value::Null);
            members.entry("strict").or_insert(true.into());
        }
    }
    tools
}

impl Sheet {
    pub(crate) fn new(heading: &Heading, chain: &Chain, with_usage: bool) -> Self {
        let mut members = Map::new();
        members.insert("id".into(), heading.id.as_str().into());
        members.insert("object".into(), "response".into());
        members.insert("created_at".into(), heading.created.into());
        members.insert("status".into(), Value::Null);
        members.insert("background".into(), chain.background.into());
        for name in ["completed_at", "error", "incomplete_details"] {
            members.insert(name.into(), Value::Null);
        }
        members.insert("model".into(), heading.model.as_str().into());
        members.insert("output".into(), json!([]));
        members.extend(sent_back(chain).into_iter().map(|(name, value)| (name.to_owned(), value)));
        members.insert("usage".into(), Value::Null);
        let padded =
            chain.body.get("stream_options").is_some_and(|options| options["include_obfuscation"] == json!(true));
        Self { members, created: heading.created, background: chain.background, with_usage, padded }
    }

    pub(crate) fn begun(&self, status: &str) -> Value {
        let mut members = self.members.clone();
        members.insert("status".into(), status.into());
        members.into()
    }

    pub(crate) fn whole(&self, performance: &Performance) -> Value {
        let Performance { ending, usage, .. } = performance;
        let mut members = self.members.clone();
        members.insert("status".into(), ending.status().into());
        if *ending == Ending::Completed {
            members.insert("completed_at".into(), self.created.into());
        }
        members.insert("error".into(), ending.error());
        members.insert("incomplete_details".into(), ending.incomplete_details());
        members.insert("output".into(), performance.output().into());
        if self.with_usage {
            members.insert("usage".into(), usage_json(*usage));
        }
        members.into()
    }
}

fn usage_json(usage: Usage) -> Value {
    json!({
        "input_tokens": usage.prompt,
        "input_tokens_details": { "cached_tokens": 0, "cache_write_tokens": 0 },
        "output_tokens": usage.completion,
        "output_tokens_details": { "reasoning_tokens": usage.reasoning },
        "total_tokens": usage.prompt + usage.completion,
    })
}

/// The frame that tells of an error after `sent` others.
pub(crate) fn error(sent: usize, code: &str, message: &str) -> Frame {
    let data = json!({ "type": "error", "sequence_number": sent, "code": code, "message": message, "param": null });
    Frame { kind: FrameKind::Error, text: format!("event: error\ndata: {data}\n\n") }
}

struct Writer {
    framing: Framing,
    model: Value,
    sent: usize,
    /// Makes letters of changing number, so that the size of an event says nothing about its text.
    padding: Option<Chance>,
}

impl Writer {
    fn frame(&mut self, kind: FrameKind, name: &str, with: Map<String, Value>) -> Frame {
        let mut data = Map::new();
        data.insert("type".into(), name.into());
        let padding = self.padding.as_mut().filter(|_| kind == FrameKind::Token).map(pad);
        let text = match self.framing {
            Framing::Named { .. } => {
                data.insert("sequence_number".into(), self.sent.into());
                data.extend(with);
                data.extend(padding.map(|padding| ("obfuscation".to_owned(), padding.into())));
                format!("event: {name}\ndata: {}\n\n", Value::from(data))
            }
            Framing::DataOnly => {
                data.extend(with);
                data.insert("model".into(), self.model.clone());
                format!("data: {}\n\n", Value::from(data))
            }
        };
        self.sent += 1;
        Frame { kind, text }
    }
}

fn pad(chance: &mut Chance) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    (0..1 + chance.below(16)).map(|_| char::from(LETTERS[chance.below(LETTERS.len())])).collect()
}

/// An event that is not written yet.
struct Event {
    kind: FrameKind,
    name: &'static str,
    members: Map<String, Value>,
}

impl Event {
    fn of_response(kind: FrameKind, name: &'static str, response: Value) -> Self {
        Self { kind, name, members: Map::from_iter([("response".to_owned(), response)]) }
    }

    fn of_item(name: &'static str, index: usize, item: Value) -> Self {
        let members = Map::from_iter([("output_index".to_owned(), index.into()), ("item".to_owned(), item)]);
        Self { kind: FrameKind::Role, name, members }
    }
}

/// All frames of a stream, made one by one as they are asked for.
pub(crate) fn stream(sheet: &Sheet, performance: Performance, framing: Framing) -> Frames {
    let padding = sheet.padded.then(|| Chance::new(performance.usage.completion as u64));
    let mut writer = Writer { framing, model: sheet.members["model"].clone(), sent: 0, padding };
    let begun = |name, status| Event::of_response(FrameKind::Role, name, sheet.begun(status));
    let mut before = Vec::new();
    if sheet.background {
        before.push(begun("response.created", "queued"));
        let queued = begun("response.queued", "queued");
        before.push(Event { kind: FrameKind::Work, ..queued });
    } else {
        before.push(begun("response.created", "in_progress"));
    }
    before.push(begun("response.in_progress", "in_progress"));
    let last = Event::of_response(FrameKind::Finish, performance.ending.event(), sheet.whole(&performance));
    let items = performance.scripts.into_iter().enumerate().flat_map(|(index, script)| events(index, script));
    let frames = before.into_iter().chain(items).chain(iter::once(last));
    let done = framing != Framing::Named { done: false };
    Box::new(frames.map(move |event| writer.frame(event.kind, event.name, event.members)).chain(done.then(Frame::done)))
}

fn events(index: usize, script: Script) -> impl Iterator<Item = Event> + Send {
    let Script { opening, beats, closing } = script;
    let id = opening["id"].clone();
    let added = Event::of_item("response.output_item.added", index, opening);
    let done = Event::of_item("response.output_item.done", index, closing);
    let beats = beats.into_iter().flat_map(move |beat| play(index, id.clone(), beat));
    iter::once(added).chain(beats).chain(iter::once(done))
}

fn play(index: usize, id: Value, beat: Beat) -> Box<dyn Iterator<Item = Event> + Send> {
    match beat {
        Beat::Event { name, members } => {
            Box::new(iter::once(Event { kind: FrameKind::Role, name, members: placed(name, index, &id, members) }))
        }
        Beat::Work { name, members } => {
            Box::new(iter::once(Event { kind: FrameKind::Work, name, members: placed(name, index, &id, members) }))
        }
        Beat::Deltas { name, members, pieces, logprobs } => {
            let numbered = (0_u64..).zip(pieces);
            Box::new(numbered.map(move |(number, piece)| {
                let mut members = placed(name, index, &id, members.clone());
                let beside = logprobs.of(number, &piece);
                members.insert("delta".into(), piece.text.into());
                members.extend(beside.map(|list| ("logprobs".to_owned(), list)));
                Event { kind: FrameKind::Token, name, members }
            }))
        }
    }
}

/// Says which item an event is about. Audio belongs to the response as a whole, and shell commands are found by their
/// place alone.
fn placed(name: &str, index: usize, id: &Value, with: Map<String, Value>) -> Map<String, Value> {
    let (by_index, by_id) = match name {
        _ if name.starts_with("response.audio.") => (false, false),
        _ if name.starts_with("response.shell_call_command.") => (true, false),
        _ => (true, true),
    };
    let mut members = Map::new();
    if by_index {
        members.insert("output_index".into(), index.into());
    }
    if by_id {
        members.insert("item_id".into(), id.clone());
    }
    members.extend(with);
    members
}
