//! Parameters of responses, in the two dialects that have them. `model` and `input` stand beside them.

use super::ParameterGroup::{Delivery, Input, Length, Output, Reasoning, Sampling, Storage, Tools};
use super::ParameterKind::{Boolean, Integer, Object, ObjectList, Text, TextList, TextOrObject};
use super::ParameterSpec;
use super::entry::{Entry, IN_OPENAI, IN_SCALE, POSITIVE, SHARE, TEMPERATURE, deprecated, entry, select};
use crate::endpoint::Dialect;

const BOTH: u8 = IN_SCALE | IN_OPENAI;

const FUNCTION_TOOL: &str = r#"[{"type":"function","name":"get_weather","description":"Weather of a city","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false},"strict":true}]"#;

const INCLUDABLE: &[&str] = &[
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "message.output_text.logprobs",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
];

const ENTRIES: &[Entry] = &[
    entry(
        "instructions",
        BOTH,
        Input,
        Text { suggestions: &[] },
        "What the model is told before the input. It is not carried along by previous_response_id.",
    ),
    entry(
        "previous_response_id",
        BOTH,
        Input,
        Text { suggestions: &[] },
        "The id of an earlier response, which this one goes on from. The provider must have stored it.",
    ),
    entry(
        "conversation",
        IN_OPENAI,
        Input,
        TextOrObject { suggestions: &[], example: r#"{"id":"conv_1"}"# },
        "A conversation kept by the provider: its items come before the input, and the answer is added to it.",
    ),
    entry(
        "prompt",
        IN_OPENAI,
        Input,
        Object { example: r#"{"id":"pmpt_1","variables":{"city":"Bern"}}"# },
        "A prompt template kept by the provider, with its variables.",
    ),
    entry(
        "temperature",
        BOTH,
        Sampling,
        TEMPERATURE,
        "Spread of the sampling. Low values repeat the likeliest words, high values wander.",
    ),
    entry(
        "top_p",
        BOTH,
        Sampling,
        SHARE,
        "Samples only from the likeliest tokens that together hold this share of the probability. Change this or temperature, not both.",
    ),
    entry("max_output_tokens", BOTH, Length, POSITIVE, "The most tokens the answer may take, reasoning included."),
    entry(
        "truncation",
        BOTH,
        Length,
        Text { suggestions: &["auto", "disabled"] },
        "What happens when the input is too long: auto drops items from its middle, disabled makes the call fail.",
    ),
    entry(
        "text",
        BOTH,
        Output,
        Object { example: r#"{"format":{"type":"json_object"}}"# },
        "Form of the text: plain, any JSON object, or JSON that fits a schema; and how wordy it should be.",
    ),
    entry(
        "include",
        BOTH,
        Output,
        TextList { suggestions: INCLUDABLE },
        "Further data that the answer should hold, for example the sources of a web search.",
    ),
    entry(
        "top_logprobs",
        IN_OPENAI,
        Output,
        Integer { minimum: Some(0), maximum: Some(20) },
        "Likeliest alternatives for each token.",
    ),
    entry(
        "reasoning",
        BOTH,
        Reasoning,
        Object { example: r#"{"effort":"medium","summary":"auto"}"# },
        "How long a reasoning model may think, and whether a summary of it is sent.",
    ),
    entry(
        "tools",
        BOTH,
        Tools,
        ObjectList { example: FUNCTION_TOOL, maximum_items: None },
        "Functions and hosted tools that the model may call. A function stands flat here, not under function.",
    ),
    entry(
        "tool_choice",
        BOTH,
        Tools,
        TextOrObject {
            suggestions: &["auto", "none", "required"],
            example: r#"{"type":"function","name":"get_weather"}"#,
        },
        "Whether the model must, may or must not call a tool, or which one.",
    ),
    entry("parallel_tool_calls", BOTH, Tools, Boolean, "Lets one answer hold several tool calls."),
    entry(
        "max_tool_calls",
        IN_OPENAI,
        Tools,
        POSITIVE,
        "The most calls of hosted tools in one answer. Further ones are ignored.",
    ),
    entry("stream", BOTH, Delivery, Boolean, "Sends the answer piece by piece as server-sent events."),
    entry(
        "stream_options",
        IN_OPENAI,
        Delivery,
        Object { example: r#"{"include_obfuscation":false}"# },
        "With stream only. include_obfuscation pads events so that their size says nothing about the text.",
    ),
    entry(
        "background",
        IN_OPENAI,
        Delivery,
        Boolean,
        "Lets the provider work on it in the background; the answer is fetched later.",
    ),
    entry(
        "service_tier",
        IN_OPENAI,
        Delivery,
        Text { suggestions: &["auto", "default", "flex", "scale", "priority"] },
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
        "prompt_cache_retention",
        IN_OPENAI,
        Delivery,
        Text { suggestions: &["in-memory", "in_memory", "24h"] },
        "How long the beginning of the input stays cached.",
    ),
    entry(
        "store",
        BOTH,
        Storage,
        Boolean,
        "Keeps the response with the provider, so that previous_response_id can name it.",
    ),
    entry("metadata", BOTH, Storage, Object { example: r#"{"project":"demo"}"# }, "Tags of your own, text to text."),
    entry("safety_identifier", IN_OPENAI, Storage, Text { suggestions: &[] }, "A stable, hashed name of the end user."),
    deprecated(
        entry("user", IN_OPENAI, Storage, Text { suggestions: &[] }, "A name of the end user."),
        "safety_identifier",
    ),
];

/// The parameters of responses in `dialect`, in the order of the form.
pub fn parameters(dialect: Dialect) -> Vec<ParameterSpec> {
    let source = match dialect {
        Dialect::ScaleV5 => "Scale GP API v5, Responses",
        Dialect::OpenAi => "OpenAI API, responses",
        Dialect::ScaigridV1 => return Vec::new(),
    };
    select(ENTRIES, dialect, source)
}
