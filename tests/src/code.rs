//! Requests that are hard to say in other languages, and the server that sees what came of them.

mod fixtures;
mod server;

pub use fixtures::{ARGUMENTS, Fixture, KEYS, fixtures};
pub use server::{ANSWER, CaptureServer, Endpoint};
