//! Vectors, pictures and sounds: what they send, and the light facts of what they answer. Their bulk stays in the recorded
//! bytes, from which [`embed`], [`image`] and [`synthesize`] gather it again.

pub mod embed;
mod encode;
pub mod image;
mod mapper;
pub mod synthesize;
pub mod transcribe;

pub(super) use encode::{one_text, transcription, write_texts};
pub use mapper::Mapper;
