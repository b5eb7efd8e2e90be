//! Completions and generate: a text in, a text out.

mod encode;

pub(super) use encode::prompt_text;
