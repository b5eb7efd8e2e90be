//! What was received, as it was received.

use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;

use bytes::Bytes;

/// How many requests are remembered.
const REMEMBERED: usize = 256;
/// Fewer are remembered when their bodies together are larger than this, the latest always.
const MOST_BYTES: usize = 128 * 1024 * 1024;

/// One request. Header names are in lower case, in the order of the wire.
#[derive(Clone, PartialEq, Eq)]
pub struct Capture {
    pub received_on: SocketAddr,
    pub method: String,
    /// With the query, still percent-encoded.
    pub path: String,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Bytes,
}

impl Capture {
    /// The first value of a header, when it is text. `name` is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(key, _)| key == name)?;
        std::str::from_utf8(value).ok()
    }
}

/// Header values stay out of logs: one of them is the caller's key.
impl fmt::Debug for Capture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        formatter
            .debug_struct("Capture")
            .field("received_on", &self.received_on)
            .field("method", &self.method)
            .field("path", &self.path)
            .field("header_names", &names)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// The latest captures.
#[derive(Debug, Default)]
pub(crate) struct Captures {
    latest: VecDeque<Capture>,
    bytes: usize,
}

impl Captures {
    pub(crate) fn push(&mut self, capture: Capture) {
        self.bytes += capture.body.len();
        self.latest.push_back(capture);
        while self.latest.len() > REMEMBERED || (self.bytes > MOST_BYTES && self.latest.len() > 1) {
            let Some(forgotten) = self.latest.pop_front() else { break };
            self.bytes -= forgotten.body.len();
        }
    }

    pub(crate) fn to_vec(&self) -> Vec<Capture> {
        self.latest.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_bodies_push_older_ones_out() {
        let mut captures = Captures::default();
        let body = Bytes::from(vec![0; MOST_BYTES / 2]);
        for number in 0..5 {
            captures.push(Capture {
                received_on: SocketAddr::from(([127, 0, 0, 1], 1)),
                method: "POST".to_owned(),
                path: format!("/{number}"),
                headers: Vec::new(),
                body: body.clone(),
            });
        }
        let paths: Vec<_> = captures.to_vec().into_iter().map(|capture| capture.path).collect();
        assert_eq!(paths, ["/3", "/4"]);
    }
}
