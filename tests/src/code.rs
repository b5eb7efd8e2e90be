//! Requests that are hard to say in other languages, and the server that sees what came of them.

mod fixtures;
mod form;
mod server;

pub use fixtures::{ARGUMENTS, Fixture, KEYS, SOUND, fixtures};
pub use form::{SentPart, form_parts};
pub use server::{ANSWER, BYTES, CaptureServer, Endpoint};
