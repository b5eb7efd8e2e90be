//! What was answered before, so that a request can continue from it or ask for it again.

use std::collections::VecDeque;

use bytes::Bytes;
use tokio::time::Instant;

use crate::request::Said;

/// How many are kept, and how many bytes of them.
const REMEMBERED: usize = 512;
const MOST_BYTES: usize = 64 * 1024 * 1024;

#[derive(Debug, Clone)]
pub(crate) struct Remembered {
    pub(crate) id: String,
    /// All that was said up to and with the answer.
    pub(crate) conversation: Vec<Said>,
    /// The calls that the answer ended with.
    pub(crate) called: Vec<String>,
    /// The answer while it is made, and when it is whole.
    pub(crate) begun: Bytes,
    pub(crate) whole: Bytes,
    pub(crate) whole_at: Instant,
}

#[derive(Debug, Default)]
pub(crate) struct Memory {
    latest: VecDeque<Remembered>,
    bytes: usize,
}

impl Remembered {
    fn bytes(&self) -> usize {
        let said: usize = self.conversation.iter().map(|said| said.text.len()).sum();
        said + self.begun.len() + self.whole.len()
    }

    /// The response as it is now.
    pub(crate) fn now(&self) -> Bytes {
        if Instant::now() < self.whole_at { self.begun.clone() } else { self.whole.clone() }
    }
}

impl Memory {
    pub(crate) fn keep(&mut self, response: Remembered) {
        self.bytes += response.bytes();
        self.latest.push_back(response);
        while self.latest.len() > REMEMBERED || (self.bytes > MOST_BYTES && self.latest.len() > 1) {
            let Some(forgotten) = self.latest.pop_front() else { break };
            self.bytes -= forgotten.bytes();
        }
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Remembered> {
        self.latest.iter().rev().find(|response| response.id == id)
    }
}
