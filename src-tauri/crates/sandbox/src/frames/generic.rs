//! Generic inference: any JSON, whole or in chunks.

use serde_json::{Map, Value, json};

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

/// A value in chunks. A text comes piece by piece. A list and an object grow by one element from chunk to chunk, so that
/// the newest chunk is always all there is. Everything else comes at once.
pub(crate) fn stream_value(value: Value, done: bool) -> Frames {
    let parts: Vec<Value> = match value {
        Value::String(text) => crate::pieces::cut(&text).into_iter().map(Value::from).collect(),
        Value::Array(elements) => grow(elements, |elements, element| elements.push(element)),
        Value::Object(members) => grow(members, |members: &mut Map<_, _>, (name, value)| {
            members.insert(name, value);
        }),
        scalar => vec![scalar],
    };
    Box::new(parts.into_iter().map(|part| chunk(FrameKind::Token, &part)).chain(done.then(Frame::done)))
}

/// Every beginning of `whole` that has at least one element.
fn grow<Whole: IntoIterator + Default + Clone + Into<Value>>(
    whole: Whole,
    add: impl Fn(&mut Whole, Whole::Item),
) -> Vec<Value> {
    let steps = whole.into_iter().scan(Whole::default(), |grown, element| {
        add(grown, element);
        Some(grown.clone().into())
    });
    steps.collect()
}
