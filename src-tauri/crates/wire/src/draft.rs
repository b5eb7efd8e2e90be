//! What the person composed. A lossless document: unknown keys, their order and the spelling of numbers survive.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::check::Check;
use crate::ids::{MessageId, RecordingId};
use crate::tools::ToolPlan;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct Draft {
    pub messages: Vec<Message>,
    /// Body members in the order they are sent. A parameter that is not here is unset: its key is not sent.
    pub parameters: Vec<Parameter>,
    /// Values for `{{name}}`.
    pub variables: Vec<Variable>,
    /// Names of all body members in the order they are sent, `model` and `messages` among them. Empty is the usual
    /// order: `model`, `messages`, then the parameters. A name that is not sent is passed over; one that is not here
    /// goes to the end.
    pub order: Vec<String>,
    /// The input of a response is a bare text where it is one message of the user, and nothing but text.
    pub text_input: bool,
    pub tool_plan: ToolPlan,
    pub reasoning_back: ReasoningBack,
    /// A table whose columns fill the variables of their names.
    pub dataset: Option<Dataset>,
    /// What a call of vectors sends. They are data: braces in them are no variables.
    pub texts: Vec<String>,
    /// The most texts of one such call; 0 sends all of them in one. A run makes a cell for each slice.
    pub batch: u32,
    /// The sound that a transcription sends.
    pub recording: Option<RecordingId>,
    /// What a grid of pictures varies. The lanes of its runs are made from it, row by row.
    pub grid: Grid,
    /// What every answer is held against.
    pub checks: Vec<Check>,
}

/// One lane for each value of the columns in each value of the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct Grid {
    pub columns: Option<GridAxis>,
    pub rows: Option<GridAxis>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct GridAxis {
    pub subject: GridSubject,
    /// As they were typed.
    pub values: Vec<String>,
}

/// What takes another value along an axis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum GridSubject {
    Parameter { name: String },
    Variable { name: String },
    Prompt,
}

impl Draft {
    /// The parts of `texts` that are sent one call each, in order: from where, and to before where. There is one at least.
    pub fn slices(&self) -> impl Iterator<Item = (usize, usize)> {
        let all = self.texts.len();
        let step = if self.batch == 0 { all.max(1) } else { self.batch as usize };
        (0..all.div_ceil(step).max(1)).map(move |slice| (slice * step, ((slice + 1) * step).min(all)))
    }
}

/// Whether a model is told its own reasoning when a dialogue goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ReasoningBack {
    /// Items of a response go back as they came; the reasoning of a chat is left out.
    #[default]
    Usual,
    Always,
    Never,
}

/// A CSV file with a head, or a file with a JSON object on each line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Dataset {
    /// As the person gave it; a relative one starts at the folder of the prompts.
    pub path: String,
    /// The row that fills the variables now, from 0.
    #[serde(default)]
    pub row: u64,
    /// The variables keep their own values, and the table only lies beside them.
    #[serde(default)]
    pub off: bool,
}

/// Puts members into `order`. A name that is not there goes to the end; those keep the order they have.
pub fn sort_members<T>(members: &mut [T], order: &[String], name: impl Fn(&T) -> &str) {
    if order.is_empty() {
        return;
    }
    let mut places: HashMap<&str, usize> = HashMap::with_capacity(order.len());
    for (at, name) in order.iter().enumerate() {
        places.entry(name).or_insert(at);
    }
    members.sort_by_key(|member| places.get(name(member)).copied().unwrap_or(usize::MAX));
}

/// One member of a request body: its key and its value as JSON text, spelled as it will be sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Parameter {
    pub name: String,
    /// JSON text, for example `0.20`, `null` or `["END"]`.
    pub json: String,
}

impl Parameter {
    pub fn new(name: impl Into<String>, json: impl Into<String>) -> Self {
        Self { name: name.into(), json: json.into() }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Variable {
    pub name: String,
    /// Empty takes `default`.
    pub value: String,
    #[serde(default)]
    pub kind: VariableKind,
    #[serde(default)]
    pub default: String,
}

impl Variable {
    pub fn text(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), kind: VariableKind::Text, default: String::new() }
    }
}

/// What a value may be. A string of JSON that is nothing but `{{name}}` becomes the bare value, unless it is a text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum VariableKind {
    #[default]
    Text,
    Number,
    Boolean,
    /// Any JSON value.
    Json,
    /// One of these texts.
    Choice {
        options: Vec<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Role {
    Developer,
    System,
    User,
    Assistant,
    Tool,
}

impl Role {
    pub const ALL: [Role; 5] = [Role::Developer, Role::System, Role::User, Role::Assistant, Role::Tool];

    /// As spelled on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Developer => "developer",
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
            Role::Tool => "tool",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Message {
    #[serde(default)]
    pub id: MessageId,
    pub role: Role,
    pub content: Content,
    /// Kept in the draft, left out of the request.
    #[serde(default)]
    pub muted: bool,
    /// Members beside `role` and `content`, for example `tool_call_id`, `tool_calls` or `name`.
    #[serde(default)]
    pub members: Vec<Parameter>,
    /// Names of all members in the order they are sent, as [`Draft::order`]. Empty is `role`, `content`, then the others.
    #[serde(default)]
    pub order: Vec<String>,
}

impl Message {
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self {
            id: MessageId::new(),
            role,
            content: Content::Text { text: text.into() },
            muted: false,
            members: Vec::new(),
            order: Vec::new(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum Content {
    /// Sent as a JSON string.
    Text { text: String },
    /// Sent as an array of parts.
    Parts { parts: Vec<Part> },
    /// Sent as `null`, which an assistant message with tool calls may want.
    Null,
    /// Not sent: the message has no such key.
    Absent,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum Part {
    Text {
        text: String,
    },
    /// `url` is an `https:` address, which Juxta never loads itself, or a `data:` URL.
    Image {
        url: String,
        detail: Option<String>,
    },
    /// A sound: base64 of its bytes, and the format that the server is told, for example `wav`.
    Audio {
        data: String,
        format: String,
    },
    /// A file by its content, which is a `data:` URL, by its id or by its address. What is there is sent in this order.
    File {
        name: Option<String>,
        data: Option<String>,
        id: Option<String>,
        url: Option<String>,
    },
    /// A part of a kind that has no form yet, or that spells one otherwise: JSON text, sent as it is.
    Raw {
        json: String,
    },
}
