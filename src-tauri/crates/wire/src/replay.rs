//! A recorded answer, played again.

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
