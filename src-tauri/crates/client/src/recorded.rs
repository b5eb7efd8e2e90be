//! Recorded calls on their way out as files, or back in. Files are written and read here; where records are kept is
//! somebody else's business.

pub mod har;
pub mod jsonl;
mod split;

use juxta_wire::exchange::RequestView;
use juxta_wire::lane::Comparison;
use juxta_wire::run::{Cell, RunSummary};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::redact::KnownKeys;

/// A run as it leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedRun {
    pub summary: RunSummary,
    /// The comparison as it was when it ran.
    pub snapshot: Comparison,
    pub calls: Vec<RecordedCall>,
}

/// One call with its bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedCall {
    pub cell: Cell,
    /// `None` when nothing was sent.
    pub request: Option<RecordedRequest>,
    /// The answer's body as it came.
    pub body: Vec<u8>,
    /// When each part of it came.
    pub arrivals: Vec<Arrival>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedRequest {
    /// How often the call was sent; the rest is of the last time.
    pub attempts: u32,
    /// As HTTP/1.1 spells it, keys masked.
    pub head: Vec<u8>,
    pub body: Vec<u8>,
}

/// One record of when bytes came. In files it is `[kind, µs since the call began, offset, length]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "(ArrivalKind, u64, u64, u32)", from = "(ArrivalKind, u64, u64, u32)")]
pub struct Arrival {
    pub kind: ArrivalKind,
    pub at: u64,
    pub offset: u64,
    pub length: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ArrivalKind {
    Chunk,
    Event,
    Comment,
}

impl From<Arrival> for (ArrivalKind, u64, u64, u32) {
    fn from(arrival: Arrival) -> Self {
        (arrival.kind, arrival.at, arrival.offset, arrival.length)
    }
}

impl From<(ArrivalKind, u64, u64, u32)> for Arrival {
    fn from((kind, at, offset, length): (ArrivalKind, u64, u64, u32)) -> Self {
        Self { kind, at, offset, length }
    }
}

impl RecordedRun {
    /// Covers every key wherever it stands. Says whether there was one.
    pub fn remove_keys(&mut self, keys: &KnownKeys) -> bool {
        if keys.is_empty() {
            return false;
        }
        let mut removed = clean(&mut self.summary, keys);
        removed |= clean(&mut self.snapshot, keys);
        for call in &mut self.calls {
            removed |= call.remove_keys(keys);
        }
        removed
    }
}

impl RecordedCall {
    /// As [`RecordedRun::remove_keys`].
    pub fn remove_keys(&mut self, keys: &KnownKeys) -> bool {
        // A key whose halves came in different events is whole only in the text that was put together.
        let is_in_text = serde_json::to_vec(&self.cell.outcome).is_ok_and(|outcome| keys.are_in(&outcome));
        let mut removed = keys.remove(&mut self.body);
        if is_in_text {
            removed |= split::remove(&mut self.body, &self.arrivals, keys);
        }
        if let Some(request) = &mut self.request {
            removed |= keys.remove(&mut request.head);
            removed |= keys.remove(&mut request.body);
        }
        removed | clean(&mut self.cell, keys)
    }

    /// The value of a header of the answer.
    pub fn answer_header(&self, name: &str) -> Option<&str> {
        let headers = &self.cell.head.as_ref()?.headers;
        headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value.as_str())
    }

    pub fn is_stream(&self) -> bool {
        self.arrivals.iter().any(|arrival| arrival.kind != ArrivalKind::Chunk)
    }
}

/// The head of a request as HTTP/1.1 spells it, from what a screen shows of it.
pub fn head_of(request: &RequestView) -> Vec<u8> {
    let path = match Url::parse(&request.url) {
        Ok(url) => url[url::Position::BeforePath..url::Position::AfterQuery].to_owned(),
        Err(_) => request.url.clone(),
    };
    let mut head = format!("{} {path} HTTP/1.1\r\n", request.method);
    for header in &request.headers {
        head.push_str(&format!("{}: {}\r\n", header.name, header.value));
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// Covers the keys in every text of a document.
fn clean<T: Serialize + DeserializeOwned>(document: &mut T, keys: &KnownKeys) -> bool {
    let Ok(mut value) = serde_json::to_value(&*document) else { return false };
    if !clean_value(&mut value, keys) {
        return false;
    }
    match serde_json::from_value(value) {
        Ok(cleaned) => *document = cleaned,
        // Letters in the place of a text cannot make a text something else.
        Err(error) => tracing::error!(%error, "a document without its keys could not be read again"),
    }
    true
}

fn clean_value(value: &mut Value, keys: &KnownKeys) -> bool {
    match value {
        Value::String(text) => keys.remove_from_text(text),
        Value::Array(items) => items.iter_mut().fold(false, |removed, item| removed | clean_value(item, keys)),
        Value::Object(members) => {
            members.iter_mut().fold(false, |removed, (_, member)| removed | clean_value(member, keys))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
