//! Parameters of chat completions, in three dialects.

use super::ParameterGroup::{Delivery, Length, Output, Reasoning, Sampling, Storage, Tools};
use super::ParameterKind::{Boolean, Integer, Number, Object, ObjectList, Text, TextList, TextOrList, TextOrObject};
use super::{ParameterGroup, ParameterKind, ParameterSpec};
use crate::endpoint::Dialect;

const SCALE: &str = "Scale GP OpenAPI v5, ChatCompletionRequest";
const SCAIGRID: &str = "ScaiGrid v1, inference reference";
const OPENAI: &str = "OpenAI API, chat completions";

/// Bits of a set of dialects.
type Dialects = u8;
const IN_SCALE: Dialects = 1;
const IN_SCAIGRID: Dialects = 2;
const IN_OPENAI: Dialects = 4;
const EVERYWHERE: Dialects = IN_SCALE | IN_SCAIGRID | IN_OPENAI;

struct Entry {
    dialects: Dialects,
    spec: ParameterSpec,
}

const fn entry(
    name: &'static str,
    dialects: Dialects,
    group: ParameterGroup,
    kind: ParameterKind,
    doc: &'static str,
) -> Entry {
    Entry {
        dialects,
        // The source is filled in for the dialect asked for.
        spec: ParameterSpec { name, group, kind, doc, source: "", deprecated: None },
    }
}

const fn deprecated(mut entry: Entry, instead: &'static str) -> Entry {
    entry.spec.deprecated = Some(instead);
    entry
}

const ANY_INTEGER: ParameterKind = Integer { minimum: None, maximum: None };
const POSITIVE: ParameterKind = Integer { minimum: Some(1), maximum: None };
const PENALTY: ParameterKind = Number { minimum: Some(-2.0), maximum: Some(2.0) };

const FUNCTION_TOOL: &str = r#"[{"type":"function","function":{"name":"get_weather","description":"Weather of a city","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}]"#;

const ENTRIES: &[Entry] = &[
    entry(
        "temperature",
        EVERYWHERE,
        Sampling,
        Number { minimum: Some(0.0), maximum: Some(2.0) },
        "Spread of the sampling. Low values repeat the likeliest words, high values wander.",
    ),
    entry(
        "top_p",
        EVERYWHERE,
        Sampling,
        Number { minimum: Some(0.0), maximum: Some(1.0) },
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
    let (bit, source) = match dialect {
        Dialect::ScaleV5 => (IN_SCALE, SCALE),
        Dialect::ScaigridV1 => (IN_SCAIGRID, SCAIGRID),
        Dialect::OpenAi => (IN_OPENAI, OPENAI),
    };
    ENTRIES
        .iter()
        .filter(|entry| entry.dialects & bit != 0)
        .map(|entry| ParameterSpec { source, ..entry.spec })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dialect: Dialect) -> Vec<&'static str> {
        let mut names: Vec<_> = parameters(dialect).iter().map(|spec| spec.name).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn scale_has_every_member_of_its_openapi_schema() {
        // ChatCompletionRequest of the v5 OpenAPI text, without `model` and `messages`.
        let documented = [
            "audio",
            "frequency_penalty",
            "function_call",
            "functions",
            "logit_bias",
            "logprobs",
            "max_completion_tokens",
            "max_tokens",
            "metadata",
            "modalities",
            "n",
            "parallel_tool_calls",
            "prediction",
            "presence_penalty",
            "reasoning_effort",
            "response_format",
            "seed",
            "stop",
            "store",
            "stream",
            "stream_options",
            "temperature",
            "tool_choice",
            "tools",
            "top_k",
            "top_logprobs",
            "top_p",
        ];
        assert_eq!(names(Dialect::ScaleV5), documented);
    }

    #[test]
    fn scaigrid_has_every_field_of_its_reference() {
        let documented =
            ["max_tokens", "metadata", "seed", "stop", "stream", "temperature", "tool_choice", "tools", "top_p"];
        assert_eq!(names(Dialect::ScaigridV1), documented);
    }

    #[test]
    fn no_name_stands_twice_in_a_dialect() {
        for dialect in [Dialect::ScaleV5, Dialect::ScaigridV1, Dialect::OpenAi] {
            let mut unique = names(dialect);
            unique.dedup();
            assert_eq!(unique, names(dialect), "{dialect:?}");
        }
    }

    #[test]
    fn examples_are_json() {
        for spec in ENTRIES.iter().map(|entry| entry.spec) {
            let example = match spec.kind {
                Object { example } | ObjectList { example, .. } | TextOrObject { example, .. } => example,
                _ => continue,
            };
            serde_json::from_str::<serde_json::Value>(example).unwrap_or_else(|error| panic!("{}: {error}", spec.name));
        }
    }
}
