//! Parameters of pictures. `model` and `prompt` stand beside them.

use super::ParameterGroup::{Delivery, Output, Sampling, Storage};
use super::ParameterKind::{Boolean, Integer, Object, Text};
use super::ParameterSpec;
use super::entry::{Entry, IN_OPENAI, IN_SCAIGRID, entry, select};
use crate::endpoint::Dialect;

const BOTH: u8 = IN_SCAIGRID | IN_OPENAI;

const ENTRIES: &[Entry] = &[
    entry(
        "n",
        BOTH,
        Output,
        Integer { minimum: Some(1), maximum: Some(10) },
        "Pictures for one request. Each is paid for; some models make only one.",
    ),
    entry(
        "size",
        IN_SCAIGRID,
        Output,
        Text { suggestions: &["256x256", "512x512", "1024x1024", "1792x1024", "1024x1792"] },
        "Width and height in pixels. Each model has sizes of its own.",
    ),
    entry(
        "size",
        IN_OPENAI,
        Output,
        Text {
            suggestions: &[
                "auto",
                "1024x1024",
                "1536x1024",
                "1024x1536",
                "256x256",
                "512x512",
                "1792x1024",
                "1024x1792",
            ],
        },
        "Width and height in pixels. Each model has sizes of its own.",
    ),
    entry(
        "quality",
        IN_SCAIGRID,
        Sampling,
        Text { suggestions: &["standard", "hd"] },
        "How much work goes into a picture. hd costs more.",
    ),
    entry(
        "quality",
        IN_OPENAI,
        Sampling,
        Text { suggestions: &["auto", "high", "medium", "low", "hd", "standard"] },
        "How much work goes into a picture. Each model has words of its own, and more costs more.",
    ),
    entry(
        "style",
        BOTH,
        Sampling,
        Text { suggestions: &["vivid", "natural"] },
        "Vivid pictures are dramatic, natural ones are plainer. Few models know it.",
    ),
    entry(
        "background",
        IN_OPENAI,
        Output,
        Text { suggestions: &["transparent", "opaque", "auto"] },
        "Whether one can see through the background. Transparent needs PNG or WebP.",
    ),
    entry(
        "output_format",
        IN_OPENAI,
        Output,
        Text { suggestions: &["png", "jpeg", "webp"] },
        "The kind of picture file that comes back.",
    ),
    entry(
        "output_compression",
        IN_OPENAI,
        Output,
        Integer { minimum: Some(0), maximum: Some(100) },
        "Quality of a JPEG or WebP file, per cent.",
    ),
    entry(
        "moderation",
        IN_OPENAI,
        Sampling,
        Text { suggestions: &["low", "auto"] },
        "How strictly prompts and pictures are filtered.",
    ),
    entry(
        "response_format",
        BOTH,
        Delivery,
        Text { suggestions: &["url", "b64_json"] },
        "Whether the answer holds pictures or addresses of them. Addresses expire; Juxta fetches what is there at once.",
    ),
    entry("stream", IN_OPENAI, Delivery, Boolean, "Sends the picture as server-sent events."),
    entry(
        "partial_images",
        IN_OPENAI,
        Delivery,
        Integer { minimum: Some(0), maximum: Some(3) },
        "With stream only. Unfinished pictures that are sent on the way.",
    ),
    entry(
        "metadata",
        IN_SCAIGRID,
        Storage,
        Object { example: r#"{"project":"demo"}"# },
        "Tags of your own, which the provider is given too.",
    ),
    entry("user", IN_OPENAI, Storage, Text { suggestions: &[] }, "A name of the end user."),
];

/// The parameters of pictures in `dialect`, in the order of the form.
pub fn parameters(dialect: Dialect) -> Vec<ParameterSpec> {
    let source = match dialect {
        Dialect::ScaigridV1 => "ScaiGrid v1, inference reference, images/generate",
        Dialect::OpenAi => "OpenAI API, images/generations",
        Dialect::ScaleV5 => return Vec::new(),
    };
    select(ENTRIES, dialect, source)
}
