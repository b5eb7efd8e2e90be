//! Parameters of speech. `model` and `input` stand beside them.

use super::ParameterGroup::{Delivery, Input, Output};
use super::ParameterKind::{Number, Text, TextOrObject};
use super::ParameterSpec;
use super::entry::{Entry, IN_OPENAI, IN_SCAIGRID, entry, select};
use crate::endpoint::Dialect;

const BOTH: u8 = IN_SCAIGRID | IN_OPENAI;

const ENTRIES: &[Entry] = &[
    entry(
        "voice",
        IN_SCAIGRID,
        Input,
        Text { suggestions: &["alloy", "ash", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer"] },
        "Who speaks. Which voices there are is up to the model.",
    ),
    entry(
        "voice",
        IN_OPENAI,
        Input,
        TextOrObject {
            suggestions: &[
                "alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer", "verse",
                "marin", "cedar",
            ],
            example: r#"{"id":"voice_1234"}"#,
        },
        "Who speaks. Which voices there are is up to the model; a voice of your own is named by its id.",
    ),
    entry(
        "instructions",
        IN_OPENAI,
        Input,
        Text { suggestions: &[] },
        "How it is spoken: mood, pace, accent. Not every model listens to it.",
    ),
    entry(
        "response_format",
        BOTH,
        Output,
        Text { suggestions: &["mp3", "opus", "aac", "flac", "wav", "pcm"] },
        "The kind of sound that comes back. pcm is bare samples, 16 bits, usually 24,000 a second.",
    ),
    entry(
        "speed",
        BOTH,
        Output,
        Number { minimum: Some(0.25), maximum: Some(4.0) },
        "1 is as fast as the voice speaks by itself.",
    ),
    entry(
        "stream_format",
        IN_OPENAI,
        Delivery,
        Text { suggestions: &["audio", "sse"] },
        "audio is the bare sound; sse is server-sent events with pieces of it.",
    ),
];

/// The parameters of speech in `dialect`, in the order of the form.
pub fn parameters(dialect: Dialect) -> Vec<ParameterSpec> {
    let source = match dialect {
        Dialect::ScaigridV1 => "ScaiGrid v1, inference reference, audio/synthesize",
        Dialect::OpenAi => "OpenAI API, audio/speech",
        Dialect::ScaleV5 => return Vec::new(),
    };
    select(ENTRIES, dialect, source)
}
