//! Times of one exchange. All are milliseconds since the call began, from a monotonic clock with microsecond steps.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::CellId;

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Span {
    pub start: f64,
    pub end: f64,
}

/// What happened before and while the answer arrived. A phase that did not take place is `None`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct Phases {
    pub dns: Option<Span>,
    pub connect: Option<Span>,
    pub tls: Option<Span>,
    /// From a usable connection to the last request byte handed to it.
    pub send: Option<Span>,
    /// From the last request byte to the response head.
    pub wait: Option<Span>,
    /// From the response head to the end of the body.
    pub receive: Option<Span>,
    /// An open connection was used again, so there was no DNS, connect or TLS.
    pub reused_connection: bool,
}

/// Moments that metrics are made of.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct Milestones {
    pub first_byte: Option<f64>,
    pub first_event: Option<f64>,
    pub first_reasoning: Option<f64>,
    pub last_reasoning: Option<f64>,
    pub first_text: Option<f64>,
    pub last_text: Option<f64>,
    pub end: Option<f64>,
}

/// The times of one call among earlier calls of its kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LaneTiming {
    pub cell: CellId,
    /// Milliseconds.
    pub time_to_first_token: Option<f64>,
    pub tokens_per_second: Option<f64>,
    /// The longest time between two events, milliseconds.
    pub longest_gap: Option<f64>,
}
