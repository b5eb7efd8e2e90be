//! Keeps a body that is read as a whole.

use std::time::Duration;

use super::pull::Intake;
use crate::observe::Observer;

pub(super) struct Collector<'a, O> {
    observer: &'a mut O,
    pub body: Vec<u8>,
    pub first_byte: Option<u64>,
    limit: usize,
    idle_timeout: Duration,
}

impl<'a, O> Collector<'a, O> {
    /// Takes no more once `limit` bytes are there.
    pub fn new(observer: &'a mut O, limit: usize, idle_timeout: Duration) -> Self {
        Self { observer, body: Vec::new(), first_byte: None, limit, idle_timeout }
    }
}

impl<O: Observer> Intake for Collector<'_, O> {
    fn chunk(&mut self, at: u64, bytes: &[u8]) -> bool {
        self.first_byte.get_or_insert(at);
        self.observer.chunk(at, bytes);
        self.body.extend_from_slice(bytes);
        self.body.len() < self.limit
    }

    fn idle(&mut self) {
        self.observer.idle();
    }

    fn patience(&self) -> Duration {
        self.idle_timeout
    }
}
