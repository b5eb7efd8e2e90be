//! Parameters of chat completions, in three dialects.

use super::ParameterGroup::{Delivery, Length, Output, Reasoning, Sampling, Storage, Tools};
use super::ParameterKind::{Boolean, Integer, Object, ObjectList, Text, TextList, TextOrList, TextOrObject};
use super::ParameterSpec;
use super::entry::{
    ANY_INTEGER, EVERYWHERE, Entry, IN_OPENAI, IN_SCAIGRID, IN_SCALE, PENALTY, POSITIVE, SHARE, TEMPERATURE,
    deprecated, entry, select,
};
use crate::endpoint::Dialect;

const SCALE: &str = "Scale GP OpenAPI v5, ChatCompletionRequest";
const SCAIGRID: &str = "ScaiGrid v1, inference reference";
const OPENAI: &str = "OpenAI API, chat completions";

const FUNCTION_TOOL: &str = r#"[{"type":"function","function":{"name":"get_weather","description":"Weather of a city","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}]"#;

const ENTRIES: &[Entry] = &[
    entry(
        "temperature",
        EVERYWHERE,
        Sampling,
        TEMPERATURE,
        "Spread of the sampling. Low values repeat the likeliest words, high values wander.",
    ),
    entry(
        "top_p",
        EVERYWHERE,
        Sampling,
        SHARE,
        "Samples only from the likeliest tokens that together hold this share of the probability. Change this or temperature, not both.",
    ),
    entry(
        "top_k",
        IN_SCALE,
        Sampling,
        POSITIVE,
        "Samples only from this many of the likeliest tokens. Not every vendor takes it.",
    ),
    entry(
        "frequency_penalty",
        IN_SCALE | IN_OPENAI,
        Sampling,
        PENALTY,
        "Lowers the odds of a token by how often it already occurred.",
    ),
    entry(
        "presence_penalty",
        IN_SCALE | IN_OPENAI,
        Sampling,
        PENALTY,
        "Lowers the odds of a token once it has occurred at all.",
    ),
    entry(
        "seed",
        EVERYWHERE,
        Sampling,
        ANY_INTEGER,
        "Asks for the same sampling again. Servers try, none promises it.",
    ),
    entry(
        "logit_bias",
        IN_SCALE | IN_OPENAI,
        Sampling,
        Object { example: r#"{"50256":-100}"# },
        "Token id to a bias between -100 and 100.",
    ),
    entry(
        "max_completion_tokens",
        IN_SCALE | IN_OPENAI,
        Length,
        POSITIVE,
        "The most tokens the answer may take, reasoning included.",
    ),
    deprecated(
        entry("max_tokens", IN_SCALE | IN_OPENAI, Length, POSITIVE, "The most tokens the answer may take."),
        "max_completion_tokens",
    ),
    entry(
        "max_tokens",
        IN_SCAIGRID,
        Length,
        POSITIVE,
        "The most tokens the answer may take; the model's own limit caps it.",
    ),
    entry(
        "stop",
        EVERYWHERE,
        Length,
        TextOrList { maximum_items: 4 },
        "Texts at which the answer ends. The text itself is not part of the answer.",
    ),
    entry("n", IN_SCALE | IN_OPENAI, Output, POSITIVE, "Answers for one request. Each is paid for."),
    entry("logprobs", IN_SCALE | IN_OPENAI, Output, Boolean, "Sends the log probability of each answer token."),
    entry(
        "top_logprobs",
        IN_SCALE | IN_OPENAI,
        Output,
        Integer { minimum: Some(0), maximum: Some(20) },
        "Likeliest alternatives for each token. Needs logprobs.",
    ),
    entry(
        "response_format",
        IN_SCALE | IN_OPENAI,
        Output,
        Object { example: r#"{"type":"json_object"}"# },
        "Plain text, any JSON object, or JSON that fits a schema.",
    ),
    entry(
        "modalities",
        IN_SCALE | IN_OPENAI,
        Output,
        TextList { suggestions: &["text", "audio"] },
        "Kinds of output wanted.",
    ),
    entry(
        "audio",
        IN_SCALE | IN_OPENAI,
        Output,
        Object { example: r#"{"voice":"alloy","format":"wav"}"# },
        "Voice and format of spoken output. Needed when modalities has audio.",
    ),
    entry(
        "prediction",
        IN_SCALE | IN_OPENAI,
        Output,
        Object { example: r#"{"type":"content","content":""}"# },
        "Text that the answer will largely repeat, so that it comes faster.",
    ),
    entry(
        "verbosity",
        IN_OPENAI,
        Output,
        Text { suggestions: &["low", "medium", "high"] },
        "How wordy the answer should be.",
    ),
    entry(
        "reasoning_effort",
        IN_SCALE | IN_OPENAI,
        Reasoning,
        Text { suggestions: &["none", "minimal", "low", "medium", "high", "xhigh", "max"] },
        "How long a reasoning model may think before it answers.",
    ),
    entry(
        "tools",
        EVERYWHERE,
        Tools,
        ObjectList { example: FUNCTION_TOOL, maximum_items: Some(128) },
        "Functions the model may call.",
    ),
    entry(
        "tool_choice",
        EVERYWHERE,
        Tools,
        TextOrObject {
            suggestions: &["auto", "none", "required"],
            example: r#"{"type":"function","function":{"name":"get_weather"}}"#,
        },
        "Whether the model must, may or must not call a tool, or which one.",
    ),
    entry("parallel_tool_calls", IN_SCALE | IN_OPENAI, Tools, Boolean, "Lets one answer hold several tool calls."),
    deprecated(
        entry(
            "functions",
            IN_SCALE | IN_OPENAI,
            Tools,
            ObjectList {
                example: r#"[{"name":"get_weather","parameters":{"type":"object","properties":{}}}]"#,
                maximum_items: None,
            },
            "Functions the model may call, in the older form.",
        ),
        "tools",
    ),
    deprecated(
        entry(
            "function_call",
            IN_SCALE,
            Tools,
            Object { example: r#"{"name":"get_weather"}"# },
            "Which function is called, in the older form.",
        ),
        "tool_choice",
    ),
    deprecated(
        entry(
            "function_call",
            IN_OPENAI,
            Tools,
            TextOrObject { suggestions: &["auto", "none"], example: r#"{"name":"get_weather"}"# },
            "Which function is called, in the older form.",
        ),
        "tool_choice",
    ),
    entry("stream", EVERYWHERE, Delivery, Boolean, "Sends the answer piece by piece as server-sent events."),
    entry(
        "stream_options",
        IN_SCALE | IN_OPENAI,
        Delivery,
        Object { example: r#"{"include_usage":true}"# },
        "With stream only. include_usage asks for token counts at the end.",
    ),
    entry(
        "service_tier",
        IN_OPENAI,
        Delivery,
        Text { suggestions: &["auto", "default", "flex", "priority"] },
        "Which class of service handles the request.",
    ),
    entry(
        "prompt_cache_key",
        IN_OPENAI,
        Delivery,
        Text { suggestions: &[] },
        "Groups requests with a common beginning so that its tokens are cached.",
    ),
    entry(
        "store",
        IN_SCALE | IN_OPENAI,
        Storage,
        Boolean,
        "Keeps the answer with the provider for distillation or evaluation.",
    ),
    entry(
        "metadata",
        EVERYWHERE,
        Storage,
        Object { example: r#"{"project":"demo"}"# },
        "Tags of your own, text to text.",
    ),
    entry("safety_identifier", IN_OPENAI, Storage, Text { suggestions: &[] }, "A stable, hashed name of the end user."),
    deprecated(
        entry("user", IN_OPENAI, Storage, Text { suggestions: &[] }, "A name of the end user."),
        "safety_identifier",
    ),
];

/// The parameters of chat in `dialect`, in the order of the form.
pub fn parameters(dialect: Dialect) -> Vec<ParameterSpec> {
    let source = match dialect {
        Dialect::ScaleV5 => SCALE,
        Dialect::ScaigridV1 => SCAIGRID,
        Dialect::OpenAi => OPENAI,
    };
    select(ENTRIES, dialect, source)
}
