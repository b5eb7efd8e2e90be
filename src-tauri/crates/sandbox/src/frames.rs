//! Spelling an answer: one JSON body, or the frames of a stream. Here for chat, below for the other endpoints.

pub(crate) mod completions;
pub(crate) mod generic;
pub(crate) mod responses;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use juxta_wire::endpoint::Dialect;
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Call, Choice, Piece, Usage, logprobs};
use crate::json::push_quoted;
use crate::speech;

/// What stands in every chunk of an answer.
#[derive(Debug, Clone)]
pub(crate) struct Heading {
    pub(crate) dialect: Dialect,
    pub(crate) id: String,
    pub(crate) created: u64,
    pub(crate) model: String,
}

/// How the answer is to be spelled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spelling {
    pub(crate) usage: UsageMember,
    /// End with `[DONE]`.
    pub(crate) done: bool,
    pub(crate) top_logprobs: Option<usize>,
    pub(crate) seed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UsageMember {
    Never,
    /// On the chunk that has the finish reason.
    OnFinish,
    /// On a chunk of its own with `choices: []`.
    OnOwnChunk,
    /// On a chunk of its own with one empty choice, as the proxy behind Scale does.
    OnEmptyChoice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameKind {
    /// Begins or closes a part of the answer, and takes no time.
    Role,
    /// Waits for its turn.
    Token,
    /// Something is at work that is no text: waits for as long as some tokens take.
    Work,
    Finish,
    Usage,
    Done,
    Error,
}

/// One server-sent event with its blank line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kind: FrameKind,
    pub(crate) text: String,
}

impl Frame {
    fn new(kind: FrameKind, data: &str) -> Self {
        Self { kind, text: format!("data: {data}\n\n") }
    }

    pub(crate) fn done() -> Self {
        Self::new(FrameKind::Done, "[DONE]")
    }

    /// ScaiGrid names its error frames, the others do not.
    pub(crate) fn error(dialect: Dialect, data: &Value) -> Self {
        let name = if dialect == Dialect::ScaigridV1 { "event: error\n" } else { "" };
        Self { kind: FrameKind::Error, text: format!("{name}data: {data}\n\n") }
    }
}

pub(crate) type Frames = Box<dyn Iterator<Item = Frame> + Send>;

impl Heading {
    /// OpenAI's own server fills in more members than the others.
    fn is_openai(&self) -> bool {
        self.dialect == Dialect::OpenAi
    }

    fn sound_id(&self) -> String {
        format!("audio_{}", self.id.rsplit('-').next().unwrap_or_default())
    }

    /// Up to and including `"choices":`.
    fn opening(&self) -> String {
        let mut text = String::from("data: {\"id\":");
        push_quoted(&mut text, &self.id);
        text.push_str(",\"object\":\"chat.completion.chunk\",\"created\":");
        text.push_str(&self.created.to_string());
        text.push_str(",\"model\":");
        push_quoted(&mut text, &self.model);
        if self.is_openai() {
            text.push_str(",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_sandbox\"");
        }
        text.push_str(",\"choices\":");
        text
    }
}

/// A delta of one choice, before it is put into a frame.
enum Delta {
    Role,
    Reasoning(Piece),
    Content(Piece),
    Refusal(Piece),
    /// A piece that is said aloud, with its place among them.
    Spoken(usize, Piece, speech::Format),
    /// Until when the sound is kept.
    SpokenEnd,
    CallStart(usize, String, String, bool),
    CallInput(usize, Piece, bool),
    Finish(&'static str),
}

/// Writes frames with the parts that never change prepared.
struct Writer {
    heading: Heading,
    spelling: Spelling,
    opening: String,
    usage: Usage,
    /// Content tokens so far in each choice, so that log probabilities differ from token to token and are the same as
    /// those of the answer in one piece.
    tokens: Vec<u64>,
}

impl Writer {
    fn new(heading: Heading, spelling: Spelling, answer: &Answer) -> Self {
        let opening = heading.opening();
        Self { heading, spelling, opening, usage: answer.usage, tokens: vec![0; answer.choices.len()] }
    }

    fn frame(&mut self, index: usize, delta: &Delta) -> Frame {
        let mut text = String::with_capacity(self.opening.len() + 120);
        text.push_str(&self.opening);
        text.push_str("[{\"index\":");
        text.push_str(&index.to_string());
        text.push_str(",\"delta\":");
        self.push_delta(&mut text, delta);
        if let Delta::Content(piece) = delta
            && let Some(alternatives) = self.spelling.top_logprobs
        {
            let content = logprobs(piece, self.spelling.seed.wrapping_add(self.tokens[index] << 8), alternatives);
            self.tokens[index] += 1;
            text.push_str(",\"logprobs\":");
            text.push_str(&json!({ "content": content, "refusal": null }).to_string());
        } else if self.heading.is_openai() {
            text.push_str(",\"logprobs\":null");
        }
        let kind = match delta {
            Delta::Role | Delta::SpokenEnd => FrameKind::Role,
            Delta::Finish(_) => FrameKind::Finish,
            Delta::Reasoning(_)
            | Delta::Content(_)
            | Delta::Refusal(_)
            | Delta::Spoken(..)
            | Delta::CallStart(..)
            | Delta::CallInput(..) => FrameKind::Token,
        };
        match delta {
            Delta::Finish(reason) => {
                text.push_str(",\"finish_reason\":");
                push_quoted(&mut text, reason);
            }
            _ => text.push_str(",\"finish_reason\":null"),
        }
        text.push_str("}]");
        self.push_usage_member(&mut text, kind);
        text.push_str("}\n\n");
        Frame { kind, text }
    }

    fn push_usage_member(&self, text: &mut String, kind: FrameKind) {
        match self.spelling.usage {
            UsageMember::OnFinish if kind == FrameKind::Finish => {
                text.push_str(",\"usage\":");
                text.push_str(&self.usage_json().to_string());
            }
            // OpenAI says null on all chunks before the one that has it.
            UsageMember::OnOwnChunk if self.heading.is_openai() => text.push_str(",\"usage\":null"),
            _ => {}
        }
    }

    fn push_delta(&self, text: &mut String, delta: &Delta) {
        match delta {
            Delta::Role => text.push_str(match self.heading.dialect {
                Dialect::ScaleV5 => r#"{"role":"assistant","content":""}"#,
                Dialect::ScaigridV1 => r#"{"role":"assistant"}"#,
                Dialect::OpenAi => r#"{"role":"assistant","content":"","refusal":null}"#,
            }),
            Delta::Reasoning(piece) => push_member(text, "reasoning_content", &piece.text),
            Delta::Content(piece) => push_member(text, "content", &piece.text),
            Delta::Refusal(piece) => push_member(text, "refusal", &piece.text),
            Delta::Spoken(place, piece, format) => {
                let mut audio = Map::new();
                let mut sound = Vec::new();
                if *place == 0 {
                    audio.insert("id".into(), self.heading.sound_id().into());
                    sound = format.head(None);
                }
                sound.extend(speech::note(*place));
                audio.insert("data".into(), STANDARD.encode(sound).into());
                audio.insert("transcript".into(), piece.text.as_str().into());
                text.push_str(&json!({ "audio": audio }).to_string());
            }
            Delta::SpokenEnd => {
                text.push_str(&json!({ "audio": { "expires_at": self.heading.created + speech::KEPT } }).to_string());
            }
            Delta::CallStart(index, id, name, custom) => {
                let call = if *custom {
                    json!({ "index": index, "id": id, "type": "custom", "custom": { "name": name, "input": "" } })
                } else {
                    json!({ "index": index, "id": id, "type": "function",
                        "function": { "name": name, "arguments": "" } })
                };
                text.push_str(&json!({ "tool_calls": [call] }).to_string());
            }
            Delta::CallInput(index, piece, custom) => {
                let call = if *custom {
                    json!({ "index": index, "custom": { "input": piece.text } })
                } else {
                    json!({ "index": index, "function": { "arguments": piece.text } })
                };
                text.push_str(&json!({ "tool_calls": [call] }).to_string());
            }
            Delta::Finish(_) => text.push_str("{}"),
        }
    }

    fn usage_json(&self) -> Value {
        self.usage.json(self.heading.dialect != Dialect::ScaigridV1)
    }

    fn usage_frame(&self) -> Option<Frame> {
        let choices = match self.spelling.usage {
            UsageMember::OnOwnChunk => "[]",
            UsageMember::OnEmptyChoice => r#"[{"index":0,"delta":{}}]"#,
            UsageMember::Never | UsageMember::OnFinish => return None,
        };
        let text = format!("{}{choices},\"usage\":{}}}\n\n", self.opening, self.usage_json());
        Some(Frame { kind: FrameKind::Usage, text })
    }
}

fn push_member(text: &mut String, name: &str, value: &str) {
    text.push('{');
    push_quoted(text, name);
    text.push(':');
    push_quoted(text, value);
    text.push('}');
}

/// All frames of a stream, made one by one as they are asked for. Choices take turns, token by token.
pub(crate) fn stream(heading: Heading, answer: Answer, spelling: Spelling) -> Frames {
    let mut writer = Writer::new(heading, spelling, &answer);
    let mut choices: Vec<_> = answer.choices.into_iter().map(deltas).enumerate().collect();
    let mut turn = 0;
    let mut ending = vec![writer.usage_frame(), spelling.done.then(Frame::done)].into_iter().flatten();
    Box::new(std::iter::from_fn(move || {
        while !choices.is_empty() {
            turn %= choices.len();
            let (index, deltas) = &mut choices[turn];
            if let Some(delta) = deltas.next() {
                turn += 1;
                return Some(writer.frame(*index, &delta));
            }
            drop(choices.remove(turn));
        }
        ending.next()
    }))
}

fn deltas(choice: Choice) -> Box<dyn Iterator<Item = Delta> + Send> {
    let Choice { reply, finish } = choice;
    let calls = reply.calls.into_iter().enumerate().flat_map(|(index, call)| {
        let Call { id, name, custom, input } = call;
        let fragments = input.into_iter().map(move |piece| Delta::CallInput(index, piece, custom));
        std::iter::once(Delta::CallStart(index, id, name, custom)).chain(fragments)
    });
    let spoken = reply.spoken;
    let is_heard = spoken.is_some() && !reply.content.is_empty();
    let content = reply.content.into_iter().enumerate().map(move |(place, piece)| match spoken {
        Some(format) => Delta::Spoken(place, piece, format),
        None => Delta::Content(piece),
    });
    Box::new(
        std::iter::once(Delta::Role)
            .chain(reply.reasoning.into_iter().map(Delta::Reasoning))
            .chain(content)
            .chain(is_heard.then_some(Delta::SpokenEnd))
            .chain(reply.refusal.into_iter().map(Delta::Refusal))
            .chain(calls)
            .chain(std::iter::once(Delta::Finish(finish.name()))),
    )
}

/// The answer in one piece, with ScaiGrid's envelope where it belongs. `usage` false leaves the counts out.
pub(crate) fn whole(heading: &Heading, answer: &Answer, spelling: Spelling, request_id: &str) -> Value {
    let choices: Vec<_> = answer
        .choices
        .iter()
        .enumerate()
        .map(|(index, choice)| whole_choice(heading, index, choice, spelling))
        .collect();
    let mut body = Map::new();
    body.insert("id".into(), heading.id.as_str().into());
    body.insert("object".into(), "chat.completion".into());
    body.insert("created".into(), heading.created.into());
    body.insert("model".into(), heading.model.as_str().into());
    body.insert("choices".into(), choices.into());
    if spelling.usage != UsageMember::Never {
        body.insert("usage".into(), answer.usage.json(heading.dialect != Dialect::ScaigridV1));
    }
    match heading.dialect {
        Dialect::ScaigridV1 => json!({ "status": "ok", "data": body, "meta": { "request_id": request_id } }),
        Dialect::ScaleV5 => body.into(),
        Dialect::OpenAi => {
            body.insert("service_tier".into(), "default".into());
            body.insert("system_fingerprint".into(), "fp_sandbox".into());
            body.into()
        }
    }
}

pub(crate) fn text_of(pieces: &[Piece]) -> String {
    pieces.iter().map(|piece| piece.text.as_str()).collect()
}

fn whole_choice(heading: &Heading, index: usize, choice: &Choice, spelling: Spelling) -> Value {
    let reply = &choice.reply;
    let mut message = Map::new();
    message.insert("role".into(), "assistant".into());
    let said_otherwise = !reply.calls.is_empty() || !reply.refusal.is_empty();
    let spoken = reply.spoken.filter(|_| !reply.content.is_empty());
    let content = if spoken.is_some() || reply.content.is_empty() && said_otherwise {
        Value::Null
    } else {
        text_of(&reply.content).into()
    };
    message.insert("content".into(), content);
    if let Some(format) = spoken {
        let data = STANDARD.encode(speech::sound(format, &reply.content));
        let audio = json!({ "id": heading.sound_id(), "data": data, "expires_at": heading.created + speech::KEPT,
            "transcript": text_of(&reply.content) });
        message.insert("audio".into(), audio);
    }
    if !reply.reasoning.is_empty() {
        message.insert("reasoning_content".into(), text_of(&reply.reasoning).into());
    }
    if !reply.refusal.is_empty() {
        message.insert("refusal".into(), text_of(&reply.refusal).into());
    }
    if heading.is_openai() {
        message.entry("refusal").or_insert(Value::Null);
        message.insert("annotations".into(), json!([]));
    }
    if !reply.calls.is_empty() {
        let calls: Vec<_> = reply
            .calls
            .iter()
            .map(|call| {
                let input = text_of(&call.input);
                if call.custom {
                    return json!({ "id": call.id, "type": "custom",
                        "custom": { "name": call.name, "input": input } });
                }
                json!({ "id": call.id, "type": "function", "function": { "name": call.name, "arguments": input } })
            })
            .collect();
        message.insert("tool_calls".into(), calls.into());
    }
    let mut body = Map::new();
    body.insert("index".into(), index.into());
    body.insert("message".into(), message.into());
    if let Some(alternatives) = spelling.top_logprobs {
        let content: Vec<_> = (0_u64..)
            .zip(&reply.content)
            .flat_map(|(token, piece)| logprobs(piece, spelling.seed.wrapping_add(token << 8), alternatives))
            .collect();
        body.insert("logprobs".into(), json!({ "content": content, "refusal": null }));
    } else if heading.is_openai() {
        body.insert("logprobs".into(), Value::Null);
    }
    body.insert("finish_reason".into(), choice.finish.name().into());
    body.into()
}
