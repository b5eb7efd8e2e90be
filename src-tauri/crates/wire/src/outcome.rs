//! What a call answered, folded from its bytes. It can be computed again from the recorded body at any time.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::media_answer::MediaAnswer;
use crate::usage::Usage;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct Outcome {
    /// The parts of an answer that grow side by side: alternatives (`n`) of a chat, output items of a response.
    pub choices: Vec<Choice>,
    /// What a response says of itself as a whole, for example `completed` or `incomplete`.
    pub status: Option<String>,
    /// Why it is incomplete, as the server spelled it.
    pub incomplete_reason: Option<String>,
    pub usage: Option<Usage>,
    /// The model that the server says it used.
    pub model: Option<String>,
    pub response_id: Option<String>,
    /// `[DONE]` or its like was seen.
    pub end_marker: bool,
    /// Server-sent events, comments not counted; 0 when the answer was one JSON document.
    pub events: u64,
    /// Set for vectors, pictures and sounds.
    pub media: Option<MediaAnswer>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct Choice {
    pub index: u32,
    pub text: String,
    pub reasoning: String,
    pub refusal: String,
    pub tool_calls: Vec<ToolCall>,
    /// As the server spelled it.
    pub finish_reason: Option<String>,
    /// JSON text of `annotations`, when there are any.
    pub annotations: Option<String>,
    /// Set for an output item, and for an answer that is a JSON value and no text.
    pub item: Option<OutputItem>,
    /// Deltas that carried visible text: an estimate of tokens when the server sends no usage.
    pub text_deltas: u64,
    pub reasoning_deltas: u64,
    /// Set when it was spoken. The sound itself stays in the recorded bytes.
    pub audio: Option<SpokenAnswer>,
}

/// What a spoken answer says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct SpokenAnswer {
    /// By which a later message can name it.
    pub id: Option<String>,
    /// Seconds since 1970, until which the server knows the id.
    pub expires_at: Option<u64>,
    /// The text of the choice is what was spoken, written down by the server.
    pub is_transcript: bool,
    /// Characters of base64 that came.
    pub characters: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct ToolCall {
    pub id: Option<String>,
    /// `function`, `custom`, …
    pub kind: String,
    pub name: String,
    /// The text as it arrived: JSON for functions, free for custom tools.
    pub arguments: String,
}

/// One thing that a model put out: a message, a call of a tool, a picture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct OutputItem {
    /// Its `type`, as the server spelled it: `message`, `function_call`, …; [`OutputItem::VALUE`] for a bare JSON value.
    #[serde(rename = "type")]
    #[ts(rename = "type")]
    pub kind: String,
    pub id: Option<String>,
    pub status: Option<String>,
    /// The newest whole item as JSON text, members in the order they came. Strings of more than
    /// [`OutputItem::LONGEST_STRING`] characters are cut, and named in `long`.
    pub json: String,
    pub long: Vec<LongString>,
}

impl OutputItem {
    /// The kind of an answer that is a JSON value by itself, as generic inference gives.
    pub const VALUE: &'static str = "value";
    /// Characters.
    pub const LONGEST_STRING: usize = 16_384;
}

/// A string that is too long to travel with its item. The whole is in the recorded bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct LongString {
    /// JSON pointer within the item, for example `/result`.
    pub pointer: String,
    pub characters: u64,
    /// The event whose data holds it, comments counted from 1; 0 when the answer was one document.
    pub event: u32,
    /// JSON pointer of the same string within the data of that event, or within the document.
    pub within: String,
}
