//! Sounds that were recorded or imported, and wait to be transcribed.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::RecordingId;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Recording {
    pub id: RecordingId,
    /// As the person calls it; also the file name that a server is told, with `ending`.
    pub name: String,
    /// Of its file, by its bytes: `wav`. `bin` when nobody knows what it is.
    pub ending: String,
    /// By its bytes.
    pub media_type: String,
    pub bytes: u64,
    /// `None` when it cannot be decoded; it can be sent all the same.
    pub seconds: Option<f64>,
    /// Unix milliseconds.
    pub made_at: u64,
}
