//! Generic inference: any JSON, whole or in chunks.

use serde_json::{Value, json};

use super::{Frame, FrameKind, Frames};
use crate::answer::{Answer, Choice};

pub(crate) fn whole(response: &Value) -> Value {
    json!({ "object": "generic_inference", "response": response })
}

fn chunk(kind: FrameKind, response: &Value) -> Frame {
    Frame::new(kind, &json!({ "object": "generic_inference.chunk", "response": response }).to_string())
}

/// A text model's answer as one object.
pub(crate) fn spoken(answer: &Answer) -> Value {
    let first = answer.choices.first();
    let text = first.map(|choice| super::text_of(&choice.reply.content)).unwrap_or_default();
    json!({ "text": text, "finish_reason": first.map(|choice| choice.finish.name()), "usage": answer.usage.json(false) })
}

/// A text model's answer in pieces.
pub(crate) fn stream_spoken(answer: Answer, done: bool) -> Frames {
    let usage = answer.usage.json(false);
    let choice = answer.choices.into_iter().next();
    let finish = choice.as_ref().map(|choice| choice.finish.name());
    let pieces = choice.into_iter().flat_map(|Choice { reply, .. }| reply.content);
    let tokens = pieces.map(|piece| chunk(FrameKind::Token, &json!({ "text": piece.text })));
    let last = chunk(FrameKind::Finish, &json!({ "text": "", "finish_reason": finish, "usage": usage }));
    Box::new(tokens.chain([last]).chain(done.then(Frame::done)))
}

/// A value in chunks: a text piece by piece, a list element by element, an object member by member, everything else at
/// once.
pub(crate) fn stream_value(value: Value, done: bool) -> Frames {
    let parts: Vec<Value> = match value {
        Value::String(text) => crate::pieces::cut(&text).into_iter().map(Value::from).collect(),
        Value::Array(elements) => elements,
        Value::Object(members) => members.into_iter().map(|(name, value)| json!({ name: value })).collect(),
        scalar => vec![scalar],
    };
    Box::new(parts.into_iter().map(|part| chunk(FrameKind::Token, &part)).chain(done.then(Frame::done)))
}
