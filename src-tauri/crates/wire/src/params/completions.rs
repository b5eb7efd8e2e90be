//! Parameters of the calls that take a prompt: completions of Scale and OpenAI, and ScaiGrid's generate. `model` and
//! `prompt` stand beside them.

use super::ParameterGroup::{Delivery, Input, Length, Output, Sampling, Storage};
use super::ParameterKind::{Boolean, Integer, Object, Text, TextOrList};
use super::ParameterSpec;
use super::entry::{
    ANY_INTEGER, EVERYWHERE, Entry, IN_OPENAI, IN_SCAIGRID, IN_SCALE, PENALTY, POSITIVE, SHARE, TEMPERATURE, entry,
    select,
};
use crate::endpoint::Dialect;

const COMPLETIONS: u8 = IN_SCALE | IN_OPENAI;

/// Generate is ScaiGrid's and completions are the others', so one list holds both.
const ENTRIES: &[Entry] = &[
    entry(
        "suffix",
        COMPLETIONS,
        Input,
        Text { suggestions: &[] },
        "Text that follows the answer, so that the model fills the gap.",
    ),
    entry(
        "temperature",
        EVERYWHERE,
        Sampling,
        TEMPERATURE,
        "Spread of the sampling. Low values repeat the likeliest words, high values wander.",
    ),
    entry(
        "top_p",
        COMPLETIONS,
        Sampling,
        SHARE,
        "Samples only from the likeliest tokens that together hold this share of the probability. Change this or temperature, not both.",
    ),
    entry(
        "frequency_penalty",
        COMPLETIONS,
        Sampling,
        PENALTY,
        "Lowers the odds of a token by how often it already occurred.",
    ),
    entry(
        "presence_penalty",
        COMPLETIONS,
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
        COMPLETIONS,
        Sampling,
        Object { example: r#"{"50256":-100}"# },
        "Token id to a bias between -100 and 100.",
    ),
    entry("max_tokens", EVERYWHERE, Length, POSITIVE, "The most tokens the answer may take."),
    entry(
        "stop",
        COMPLETIONS,
        Length,
        TextOrList { maximum_items: 4 },
        "Texts at which the answer ends. The text itself is not part of the answer.",
    ),
    entry(
        "stop",
        IN_SCAIGRID,
        Length,
        TextOrList { maximum_items: 4 },
        "Texts at which the answer ends; a list, in ScaiGrid's words. The text itself is not part of the answer.",
    ),
    entry("n", COMPLETIONS, Output, POSITIVE, "Answers for one request. Each is paid for."),
    entry(
        "best_of",
        COMPLETIONS,
        Output,
        POSITIVE,
        "Answers made by the server, of which the likeliest n are sent. More than n, and all are paid for.",
    ),
    entry(
        "logprobs",
        COMPLETIONS,
        Output,
        Integer { minimum: Some(0), maximum: Some(5) },
        "Sends the log probability of each answer token and of this many alternatives.",
    ),
    entry("echo", COMPLETIONS, Output, Boolean, "Sends the prompt back before the answer."),
    entry("stream", COMPLETIONS, Delivery, Boolean, "Sends the answer piece by piece as server-sent events."),
    entry(
        "stream_options",
        COMPLETIONS,
        Delivery,
        Object { example: r#"{"include_usage":true}"# },
        "With stream only. include_usage asks for token counts at the end.",
    ),
    entry("user", COMPLETIONS, Storage, Text { suggestions: &[] }, "A name of the end user."),
];

/// The parameters of completions, or of generate in ScaiGrid's dialect, in the order of the form.
pub fn parameters(dialect: Dialect) -> Vec<ParameterSpec> {
    let source = match dialect {
        Dialect::ScaleV5 => "Scale GP API v5, completions",
        Dialect::ScaigridV1 => "ScaiGrid v1, inference reference, generate",
        Dialect::OpenAi => "OpenAI API, completions",
    };
    select(ENTRIES, dialect, source)
}
