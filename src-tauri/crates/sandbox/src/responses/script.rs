//! What happens to one output item.

use serde_json::{Map, Value, json};

use crate::answer::{Piece, count, pieces_of};

/// One output item from its beginning to its end.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Script {
    /// As `response.output_item.added` has it.
    pub(crate) opening: Value,
    pub(crate) beats: Vec<Beat>,
    /// As `response.output_item.done` and the response have it.
    pub(crate) closing: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Beat {
    /// An event with its members beside those that say which item it belongs to.
    Event { name: &'static str, members: Map<String, Value> },
    /// The same, after the time that a tool takes.
    Work { name: &'static str, members: Map<String, Value> },
    /// One event for each piece, which is its `delta`.
    Deltas { name: &'static str, members: Map<String, Value>, pieces: Vec<Piece>, logprobs: Logprobs },
}

/// What stands beside a delta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Logprobs {
    /// The event has no such member.
    NoMember,
    Empty,
    Of {
        alternatives: usize,
        seed: u64,
    },
}

/// An object from `json!`; anything else has no members.
pub(crate) fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

impl Script {
    /// An item that is there at once: it begins as it ends, but for its status.
    pub(crate) fn of(item: Value) -> Self {
        let mut opening = item.clone();
        if let Some(status) = opening.get_mut("status") {
            *status = "in_progress".into();
        }
        Self { opening, beats: Vec::new(), closing: item }
    }

    /// Replaces members of the opening, which the item does not have from the start.
    pub(crate) fn beginning(mut self, with: Value) -> Self {
        for (name, value) in members(with) {
            self.opening[name.as_str()] = value;
        }
        self
    }

    pub(crate) fn event(mut self, name: &'static str, with: Value) -> Self {
        self.beats.push(Beat::Event { name, members: members(with) });
        self
    }

    pub(crate) fn work(mut self, name: &'static str) -> Self {
        self.beats.push(Beat::Work { name, members: Map::new() });
        self
    }

    pub(crate) fn work_with(mut self, name: &'static str, with: Value) -> Self {
        self.beats.push(Beat::Work { name, members: members(with) });
        self
    }

    /// `text` as deltas.
    pub(crate) fn deltas(self, name: &'static str, with: Value, text: &str) -> Self {
        self.pieces(name, with, pieces_of(text), Logprobs::NoMember)
    }

    pub(crate) fn pieces(mut self, name: &'static str, with: Value, pieces: Vec<Piece>, logprobs: Logprobs) -> Self {
        self.beats.push(Beat::Deltas { name, members: members(with), pieces, logprobs });
        self
    }

    pub(crate) fn is(&self, kind: &str) -> bool {
        self.closing["type"] == kind
    }

    pub(crate) fn tokens(&self) -> usize {
        self.beats.iter().map(Beat::tokens).sum()
    }

    /// The first part of a message or of reasoning with its events around the text.
    pub(crate) fn text_part(self, index: usize, part: &TextPart) -> Self {
        let at = json!({ "content_index": index });
        let empty = part.json("", &[], &Value::Array(vec![]));
        let text = crate::frames::text_of(&part.pieces);
        let logprobs = part.logprobs.all(&part.pieces);
        let whole = part.json(&text, &part.annotations, &logprobs);
        let logprobs_member = if part.kind.has_logprobs() { Some(logprobs) } else { None };
        let mut done = members(json!({ "content_index": index, part.kind.member(): text }));
        if let Some(logprobs) = logprobs_member {
            done.insert("logprobs".into(), logprobs);
        }
        let mut script = self
            .event("response.content_part.added", json!({ "content_index": index, "part": empty }))
            .pieces(part.kind.delta(), at, part.pieces.clone(), part.logprobs);
        for (number, annotation) in part.annotations.iter().enumerate() {
            let with = json!({ "content_index": index, "annotation_index": number, "annotation": annotation });
            script = script.event("response.output_text.annotation.added", with);
        }
        script
            .event(part.kind.done(), done.into())
            .event("response.content_part.done", json!({ "content_index": index, "part": whole }))
    }
}

impl Beat {
    fn tokens(&self) -> usize {
        match self {
            Beat::Deltas { pieces, .. } => count(pieces),
            Beat::Event { .. } | Beat::Work { .. } => 0,
        }
    }
}

impl Logprobs {
    /// What the event of one piece says.
    pub(crate) fn of(self, number: u64, piece: &Piece) -> Option<Value> {
        match self {
            Logprobs::NoMember => None,
            Logprobs::Empty => Some(json!([])),
            Logprobs::Of { alternatives, seed } => {
                Some(crate::answer::logprobs(piece, seed.wrapping_add(number << 8), alternatives).into())
            }
        }
    }

    /// The same of all pieces, as one list.
    fn all(self, pieces: &[Piece]) -> Value {
        let lists = (0_u64..).zip(pieces).filter_map(|(number, piece)| self.of(number, piece));
        lists.flat_map(|list| list.as_array().cloned().unwrap_or_default()).collect()
    }
}

/// A part of an item's `content` that is text.
#[derive(Debug, Clone)]
pub(crate) struct TextPart {
    pub(crate) kind: TextKind,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) annotations: Vec<Value>,
    pub(crate) logprobs: Logprobs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextKind {
    Output,
    Refusal,
    Reasoning,
}

impl TextKind {
    fn name(self) -> &'static str {
        match self {
            TextKind::Output => "output_text",
            TextKind::Refusal => "refusal",
            TextKind::Reasoning => "reasoning_text",
        }
    }

    fn member(self) -> &'static str {
        match self {
            TextKind::Output | TextKind::Reasoning => "text",
            TextKind::Refusal => "refusal",
        }
    }

    fn delta(self) -> &'static str {
        match self {
            TextKind::Output => "response.output_text.delta",
            TextKind::Refusal => "response.refusal.delta",
            TextKind::Reasoning => "response.reasoning_text.delta",
        }
    }

    fn done(self) -> &'static str {
        match self {
            TextKind::Output => "response.output_text.done",
            TextKind::Refusal => "response.refusal.done",
            TextKind::Reasoning => "response.reasoning_text.done",
        }
    }

    fn has_logprobs(self) -> bool {
        self == TextKind::Output
    }
}

impl TextPart {
    /// Without log probabilities and annotations.
    pub(crate) fn plain(kind: TextKind, pieces: Vec<Piece>) -> Self {
        let logprobs = if kind.has_logprobs() { Logprobs::Empty } else { Logprobs::NoMember };
        Self { kind, pieces, annotations: Vec::new(), logprobs }
    }

    fn json(&self, text: &str, annotations: &[Value], logprobs: &Value) -> Value {
        let mut part = members(json!({ "type": self.kind.name(), self.kind.member(): text }));
        if self.kind.has_logprobs() {
            part.insert("annotations".into(), annotations.into());
            part.insert("logprobs".into(), logprobs.clone());
        }
        part.into()
    }

    /// As it stands in an item that is whole.
    pub(crate) fn whole(&self) -> Value {
        self.json(&crate::frames::text_of(&self.pieces), &self.annotations, &self.logprobs.all(&self.pieces))
    }
}
