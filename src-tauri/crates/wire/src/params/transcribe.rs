//! Parameters of a transcription: the text fields of its form. `model` and `file` stand beside them.

use super::ParameterGroup::{Delivery, Input, Output, Sampling};
use super::ParameterKind::{Boolean, Text, TextList, TextOrObject};
use super::ParameterSpec;
use super::entry::{Entry, IN_OPENAI, IN_SCAIGRID, SHARE, entry, select};
use crate::endpoint::Dialect;

const BOTH: u8 = IN_SCAIGRID | IN_OPENAI;

const ENTRIES: &[Entry] = &[
    entry(
        "language",
        BOTH,
        Input,
        Text { suggestions: &["en", "de", "fr", "it", "es", "pt", "nl", "ja", "zh"] },
        "Which language is spoken, as two letters (ISO 639-1). Unset lets the model find out.",
    ),
    entry(
        "prompt",
        BOTH,
        Input,
        Text { suggestions: &[] },
        "Words that help: names that are said, or the text before this one. In the language of the sound.",
    ),
    entry("temperature", BOTH, Sampling, SHARE, "Spread of the sampling. Higher values guess more freely."),
    entry(
        "response_format",
        IN_SCAIGRID,
        Output,
        Text { suggestions: &["text", "json", "verbose_json", "srt", "vtt"] },
        "The form of the transcript. verbose_json has times; srt and vtt are subtitles.",
    ),
    entry(
        "response_format",
        IN_OPENAI,
        Output,
        Text { suggestions: &["json", "text", "srt", "verbose_json", "vtt", "diarized_json"] },
        "The form of the transcript. verbose_json has times, diarized_json speakers; srt and vtt are subtitles.",
    ),
    entry(
        "timestamp_granularities",
        BOTH,
        Output,
        TextList { suggestions: &["segment", "word"] },
        "With verbose_json only: which times are wanted. Times of words take longer to make.",
    ),
    entry(
        "include",
        IN_OPENAI,
        Output,
        TextList { suggestions: &["logprobs"] },
        "logprobs sends how sure the model was of each token. With json, and not from every model.",
    ),
    entry(
        "chunking_strategy",
        IN_OPENAI,
        Sampling,
        TextOrObject {
            suggestions: &["auto"],
            example: r#"{"type":"server_vad","prefix_padding_ms":300,"silence_duration_ms":200,"threshold":0.5}"#,
        },
        "How a long sound is cut before it is listened to. auto cuts where nobody speaks.",
    ),
    entry(
        "known_speaker_names",
        IN_OPENAI,
        Input,
        TextList { suggestions: &[] },
        "With diarized_json: names of the speakers in known_speaker_references, in their order.",
    ),
    entry(
        "known_speaker_references",
        IN_OPENAI,
        Input,
        TextList { suggestions: &[] },
        "With diarized_json: two to ten seconds of each speaker, as data: URLs.",
    ),
    entry("stream", IN_OPENAI, Delivery, Boolean, "Sends the transcript piece by piece as server-sent events."),
];

/// The parameters of a transcription in `dialect`, in the order of the form.
pub fn parameters(dialect: Dialect) -> Vec<ParameterSpec> {
    let source = match dialect {
        Dialect::ScaigridV1 => "ScaiGrid v1, inference reference, audio/transcribe",
        Dialect::OpenAi => "OpenAI API, audio/transcriptions",
        Dialect::ScaleV5 => return Vec::new(),
    };
    select(ENTRIES, dialect, source)
}
