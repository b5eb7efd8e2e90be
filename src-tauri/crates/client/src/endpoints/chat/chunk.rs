//! The members of a chat answer that mean something to us, in a stream's chunk and in a whole document alike.

use std::borrow::Cow;

use crate::loose::{self, Array, Object, Raw, members};

members!(Chunk {
    id: Raw<'a> = "id",
    model: Raw<'a> = "model",
    choices: Array<Choice<'a>> = "choices",
    usage: Raw<'a> = "usage",
    /// OpenAI pads its chunks to one length with this.
    obfuscation: Raw<'a> = "obfuscation",
    // An envelope, or an error in one of its shapes.
    data: Raw<'a> = "data",
    error: Raw<'a> = "error",
    status: Raw<'a> = "status",
    code: Raw<'a> = "code",
    message: Raw<'a> = "message",
    detail: Raw<'a> = "detail",
    object: Raw<'a> = "object",
});

members!(Choice {
    index: Raw<'a> = "index",
    delta: Object<Delta<'a>> = "delta",
    message: Object<Delta<'a>> = "message",
    text: Raw<'a> = "text",
    finish_reason: Raw<'a> = "finish_reason",
});

// A delta, or a message, which has the same members.
members!(Delta {
    content: Raw<'a> = "content",
    refusal: Raw<'a> = "refusal",
    reasoning_content: Raw<'a> = "reasoning_content",
    reasoning: Raw<'a> = "reasoning",
    thinking: Raw<'a> = "thinking",
    thinking_blocks: Raw<'a> = "thinking_blocks",
    reasoning_details: Raw<'a> = "reasoning_details",
    tool_calls: Array<ToolCall<'a>> = "tool_calls",
    function_call: Object<Function<'a>> = "function_call",
    annotations: Raw<'a> = "annotations",
    audio: Object<Audio<'a>> = "audio",
});

members!(Audio {
    id: Raw<'a> = "id",
    data: Raw<'a> = "data",
    transcript: Raw<'a> = "transcript",
    expires_at: Raw<'a> = "expires_at",
});

members!(ToolCall {
    index: Raw<'a> = "index",
    id: Raw<'a> = "id",
    kind: Raw<'a> = "type",
    function: Object<Function<'a>> = "function",
    custom: Object<Function<'a>> = "custom",
});

members!(Function {
    name: Raw<'a> = "name",
    arguments: Raw<'a> = "arguments",
    /// What a custom tool has for arguments.
    input: Raw<'a> = "input",
});

members!(Part {
    kind: Raw<'a> = "type",
    text: Raw<'a> = "text",
    content: Raw<'a> = "content",
    thinking: Raw<'a> = "thinking",
    /// Of a reasoning whose own words stay with the server.
    summary: Raw<'a> = "summary",
    refusal: Raw<'a> = "refusal",
});

impl Chunk<'_> {
    /// Whether this says that something went wrong. `{"code","message"}` is an error only where no choices are.
    pub fn is_error(&self) -> bool {
        if crate::envelope::says_something(self.error) {
            return true;
        }
        let is = |raw, word: &str| loose::text(raw).is_some_and(|text| text == word);
        self.choices.is_empty()
            && (is(self.status, "error")
                || self.detail.is_some()
                || loose::text(self.message).is_some() && (self.code.is_some() || is(self.object, "error")))
    }
}

impl<'a> Delta<'a> {
    /// The reasoning, from the first of its names that has any: servers repeat the same text under several.
    pub fn reasoning(&self) -> Option<Texts<'a>> {
        [self.reasoning_content, self.reasoning, self.thinking, self.thinking_blocks, self.reasoning_details]
            .into_iter()
            .map(texts)
            .find(|texts| !texts.is_empty())
    }
}

/// What kind of text a part of a content holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Reasoning,
    Refusal,
}

/// The texts of a member in order, none of them empty.
pub type Texts<'a> = Vec<(Kind, Cow<'a, str>)>;

/// Nested deeper than this nothing is text.
const DEEPEST: usize = 8;

/// The texts of a content: a string, a part, or an array of those.
pub fn texts<'a>(raw: Raw<'a>) -> Texts<'a> {
    let mut found = Vec::new();
    gather(raw, Kind::Text, DEEPEST, &mut found);
    found
}

fn gather<'a>(raw: Raw<'a>, kind: Kind, depth: usize, found: &mut Texts<'a>) {
    let (Some(value), Some(depth)) = (raw, depth.checked_sub(1)) else { return };
    match value.get().as_bytes().first() {
        Some(b'"') => found.extend(loose::some_text(raw).map(|text| (kind, text))),
        Some(b'[') => loose::elements(raw).into_iter().for_each(|part| gather(Some(part), kind, depth, found)),
        Some(b'{') => {
            let Ok(Some(part)) = loose::object::<Part<'_>>(value.get()) else { return };
            let kind = match loose::text(part.kind).as_deref() {
                Some("thinking" | "reasoning") => Kind::Reasoning,
                Some("refusal") => Kind::Refusal,
                _ => kind,
            };
            let text =
                [part.text, part.thinking, part.summary, part.refusal, part.content].into_iter().find(Option::is_some);
            gather(text.flatten(), kind, depth, found);
        }
        _ => {}
    }
}
