//! Parameters of vectors. `model` and `input` stand beside them.

use super::ParameterGroup::{Output, Storage};
use super::ParameterKind::Text;
use super::ParameterSpec;
use super::entry::{Entry, IN_OPENAI, IN_SCAIGRID, POSITIVE, entry, select};
use crate::endpoint::Dialect;

const BOTH: u8 = IN_SCAIGRID | IN_OPENAI;

const ENTRIES: &[Entry] = &[
    entry(
        "dimensions",
        BOTH,
        Output,
        POSITIVE,
        "Numbers in each vector. Only models that were trained for it can give fewer than they have.",
    ),
    entry(
        "encoding_format",
        IN_OPENAI,
        Output,
        Text { suggestions: &["float", "base64"] },
        "float is a list of numbers; base64 is the same as 32-bit floats, in about a third of the bytes.",
    ),
    entry("user", IN_OPENAI, Storage, Text { suggestions: &[] }, "A name of the end user."),
];

/// The parameters of vectors in `dialect`, in the order of the form.
pub fn parameters(dialect: Dialect) -> Vec<ParameterSpec> {
    let source = match dialect {
        Dialect::ScaigridV1 => "ScaiGrid v1, inference reference, embed",
        Dialect::OpenAi => "OpenAI API, embeddings",
        Dialect::ScaleV5 => return Vec::new(),
    };
    select(ENTRIES, dialect, source)
}
