//! The members of a stream's events that mean something to us, and what the types of events say.

use crate::loose::{Object, Present, Raw, members};

members!(Event {
    kind: Raw<'a> = "type",
    output_index: Raw<'a> = "output_index",
    item_id: Raw<'a> = "item_id",
    content_index: Raw<'a> = "content_index",
    summary_index: Raw<'a> = "summary_index",
    command_index: Raw<'a> = "command_index",
    delta: Raw<'a> = "delta",
    text: Raw<'a> = "text",
    refusal: Raw<'a> = "refusal",
    arguments: Raw<'a> = "arguments",
    input: Raw<'a> = "input",
    code: Raw<'a> = "code",
    command: Raw<'a> = "command",
    name: Raw<'a> = "name",
    part: Raw<'a> = "part",
    item: Raw<'a> = "item",
    annotation: Raw<'a> = "annotation",
    output: Raw<'a> = "output",
    partial_image: Raw<'a> = "partial_image_b64",
    partial_image_index: Raw<'a> = "partial_image_index",
    response: Object<Response<'a>> = "response",
    error: Raw<'a> = "error",
});

// A response, within an event or as a document of its own.
members!(Response {
    id: Raw<'a> = "id",
    model: Raw<'a> = "model",
    object: Raw<'a> = "object",
    status: Raw<'a> = "status",
    output: Present<'a> = "output",
    usage: Raw<'a> = "usage",
    error: Raw<'a> = "error",
    incomplete: Object<Incomplete<'a>> = "incomplete_details",
    // What an error without an answer says.
    code: Raw<'a> = "code",
    message: Raw<'a> = "message",
    detail: Raw<'a> = "detail",
    data: Raw<'a> = "data",
});

members!(Incomplete { reason: Raw<'a> = "reason" });

members!(Item {
    kind: Raw<'a> = "type",
    call_id: Raw<'a> = "call_id",
    name: Raw<'a> = "name",
    content: Raw<'a> = "content",
    summary: Raw<'a> = "summary",
    arguments: Raw<'a> = "arguments",
    input: Raw<'a> = "input",
    code: Raw<'a> = "code",
    action: Object<Action<'a>> = "action",
});

members!(Action { commands: Raw<'a> = "commands" });

members!(Part {
    kind: Raw<'a> = "type",
    text: Raw<'a> = "text",
    refusal: Raw<'a> = "refusal",
    annotations: Raw<'a> = "annotations",
});

/// Where a text of an item is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    Text,
    Refusal,
    /// A part of the summary.
    Summary,
    /// What was thought, word for word.
    Thought,
    /// What a tool is given.
    Tool,
}

impl Channel {
    /// What stands between two texts of an item, which are parts of one or each a whole by itself.
    pub fn separator(self) -> &'static str {
        match self {
            Channel::Text | Channel::Refusal => "",
            Channel::Summary | Channel::Thought => "\n\n",
            Channel::Tool => "\n",
        }
    }
}

/// A text that grows: the events `response.<stem>.delta` and `.done`.
#[derive(Debug)]
pub struct Family {
    pub stem: &'static str,
    pub channel: Channel,
    /// What the item is, when nothing else has said so.
    pub item: &'static str,
}

const fn family(stem: &'static str, channel: Channel, item: &'static str) -> Family {
    Family { stem, channel, item }
}

const FAMILIES: &[Family] = &[
    family("output_text", Channel::Text, "message"),
    family("refusal", Channel::Refusal, "message"),
    family("reasoning_summary_text", Channel::Summary, "reasoning"),
    family("reasoning_text", Channel::Thought, "reasoning"),
    family("function_call_arguments", Channel::Tool, "function_call"),
    family("custom_tool_call_input", Channel::Tool, "custom_tool_call"),
    family("mcp_call_arguments", Channel::Tool, "mcp_call"),
    family("code_interpreter_call_code", Channel::Tool, "code_interpreter_call"),
    family("shell_call_command", Channel::Tool, "shell_call"),
];

/// What an event says, by its type.
#[derive(Debug)]
pub enum Says<'a> {
    Delta(&'static Family),
    /// The text is whole now, or has its beginning.
    Whole(&'static Family),
    PartAdded,
    PartDone,
    SummaryDone,
    ItemAdded,
    ItemDone,
    Annotation,
    PartialImage,
    /// The whole of what a shell put out.
    ShellOutput,
    Transcript,
    TranscriptDone,
    Audio,
    AudioDone,
    /// An item of this type has a new status.
    Status {
        item: &'a str,
        status: &'a str,
    },
    /// It carries the response as it is now.
    Response,
    Error,
    Unknown,
}

impl<'a> Says<'a> {
    /// `kind` is the type of an event.
    pub fn of(kind: &'a str) -> Self {
        if kind == "error" {
            return Says::Error;
        }
        let Some(said) = kind.strip_prefix("response.") else { return Says::Unknown };
        let Some((subject, verb)) = said.rsplit_once('.') else {
            return if said == "error" { Says::Error } else { Says::Response };
        };
        if let Some(family) = FAMILIES.iter().find(|family| family.stem == subject) {
            return match verb {
                "delta" => Says::Delta(family),
                "done" | "added" => Says::Whole(family),
                _ => Says::Unknown,
            };
        }
        match (subject, verb) {
            ("output_item", "added") => Says::ItemAdded,
            ("output_item", "done") => Says::ItemDone,
            ("content_part", "added") => Says::PartAdded,
            ("content_part", "done") => Says::PartDone,
            ("reasoning_summary_part", "done") => Says::SummaryDone,
            ("output_text.annotation", "added") => Says::Annotation,
            ("image_generation_call", "partial_image") => Says::PartialImage,
            ("shell_call_output_content", "done") => Says::ShellOutput,
            ("audio.transcript" | "output_audio_transcript", "delta") => Says::Transcript,
            ("audio.transcript" | "output_audio_transcript", "done") => Says::TranscriptDone,
            ("audio" | "output_audio", "delta") => Says::Audio,
            ("audio" | "output_audio", "done") => Says::AudioDone,
            // `response.web_search_call.searching` and all of that form, known or not.
            (item, "in_progress" | "searching" | "interpreting" | "generating" | "compacting" | "calling")
            | (item, "completed" | "failed" | "incomplete")
                if !item.contains('.') =>
            {
                Says::Status { item, status: verb }
            }
            _ => Says::Unknown,
        }
    }
}
