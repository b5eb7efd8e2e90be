//! A recorded answer, played again.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How fast.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum ReplayPace {
    /// Times the recorded speed.
    Times {
        factor: f64,
    },
    /// One event at each [`ReplayControl::Step`].
    Step,
    AtOnce,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ReplayControl {
    Pause,
    Resume,
    /// The next event, now; a replay that plays is paused by it.
    Step,
    /// The rest at once.
    Finish,
}

/// A recorded answer that this computer serves on loopback.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ServedReplay {
    /// Any method and any path below it gets the recorded answer.
    pub url: String,
    /// The command to try it with.
    pub curl: String,
}

impl ServedReplay {
    pub fn at(url: String) -> Self {
        Self { curl: format!("curl --no-buffer {url}"), url }
    }
}

/// A recorded answer as a server needs it to give it once more. It does not go to the page.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    pub status: u16,
    /// As they came.
    pub headers: Vec<(String, String)>,
    /// When the head came, since the call began.
    pub head_at: Duration,
    pub body: Vec<u8>,
    /// The pieces of the body in the order they came; what they leave over belongs to the last one.
    pub chunks: Vec<RecordedChunk>,
    /// The connection broke before the body was whole.
    pub broken: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedChunk {
    /// Since the call began.
    pub at: Duration,
    pub bytes: usize,
}
