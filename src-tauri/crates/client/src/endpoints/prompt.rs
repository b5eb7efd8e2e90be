//! Completions and generate: a text in, a text out.

mod encode;
mod mapper;

pub(super) use encode::prompt_text;
pub use mapper::Mapper;
