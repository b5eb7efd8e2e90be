//! What the mappers of all endpoints do alike with what they cannot read.

use juxta_wire::endpoint::Dialect;
use juxta_wire::error::AppError;

use crate::classify;

pub const END_MARK: &str = "[DONE]";
/// Characters.
const EXCERPT: usize = 400;

/// Events whose data was no JSON.
#[derive(Debug, Default)]
pub struct Unreadable {
    pub events: u64,
    /// Of the first.
    excerpt: String,
    message: String,
}

impl Unreadable {
    pub fn skip(&mut self, data: &str, error: &serde_json::Error) {
        if self.events == 0 {
            self.excerpt = excerpt(data);
            self.message = error.to_string();
        }
        self.events += 1;
    }

    /// What it means when no other event came: [`AppError::Protocol`] if there was one.
    pub fn nothing_else_came(&self) -> Result<(), AppError> {
        match self.events {
            0 => Ok(()),
            events => Err(protocol(0, format!("None of {events} events is JSON: {}", self.message), &self.excerpt)),
        }
    }
}

/// A document that says of itself that it is an error, although its status did not.
pub fn rejected(text: &str, dialect: Dialect) -> AppError {
    AppError::Rejected(Box::new(classify::classify(&classify::Answer {
        status: 200,
        headers: &http::HeaderMap::new(),
        body: text.as_bytes(),
        dialect,
        now: std::time::SystemTime::UNIX_EPOCH,
        elapsed_ms: 0.0,
    })))
}

pub fn not_json(text: &str, error: &serde_json::Error) -> AppError {
    protocol(position(text, error), format!("Not JSON: {error}"), text)
}

pub fn protocol(at: u64, message: String, body: &str) -> AppError {
    AppError::Protocol { at, message, excerpt: excerpt(body) }
}

fn excerpt(text: &str) -> String {
    text.chars().take(EXCERPT).collect()
}

/// The byte at which reading stopped.
fn position(text: &str, error: &serde_json::Error) -> u64 {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    (before + error.column().saturating_sub(1)) as u64
}
