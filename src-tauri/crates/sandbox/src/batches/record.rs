//! One batch, as it is kept and as each provider tells of it.

use juxta_wire::endpoint::Dialect;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::check::Problem;
use crate::files::utc;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Validating,
    Failed,
    InProgress,
    Finalizing,
    Completed,
    Expired,
    Cancelling,
    Cancelled,
}

impl Status {
    pub(crate) const ALL: [Self; 8] = [
        Self::Validating,
        Self::Failed,
        Self::InProgress,
        Self::Finalizing,
        Self::Completed,
        Self::Expired,
        Self::Cancelling,
        Self::Cancelled,
    ];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Validating => "validating",
            Self::Failed => "failed",
            Self::InProgress => "in_progress",
            Self::Finalizing => "finalizing",
            Self::Completed => "completed",
            Self::Expired => "expired",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
        }
    }

    pub(crate) fn is_over(self) -> bool {
        matches!(self, Self::Failed | Self::Completed | Self::Expired | Self::Cancelled)
    }
}

/// Everything that outlives the process. Times are Unix seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) id: String,
    /// Who made it: a provider does not tell of the other's.
    pub(crate) dialect: Dialect,
    pub(crate) endpoint: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) window: String,
    pub(crate) metadata: Option<Map<String, Value>>,
    pub(crate) status: Status,
    pub(crate) input_file: String,
    /// Names of the files that results go to, reserved from the beginning.
    pub(crate) output_file: String,
    pub(crate) error_file: String,
    pub(crate) total: u64,
    pub(crate) completed: u64,
    pub(crate) failed: u64,
    pub(crate) errors: Vec<Problem>,
    pub(crate) created_at: u64,
    pub(crate) expires_at: u64,
    pub(crate) in_progress_at: Option<u64>,
    pub(crate) finalizing_at: Option<u64>,
    pub(crate) completed_at: Option<u64>,
    pub(crate) failed_at: Option<u64>,
    pub(crate) expired_at: Option<u64>,
    pub(crate) cancelling_at: Option<u64>,
    pub(crate) cancelled_at: Option<u64>,
}

impl Record {
    /// Goes into a state, which has its moment.
    pub(crate) fn enter(&mut self, status: Status, now: u64) {
        self.status = status;
        match status {
            Status::Validating => {}
            Status::Failed => self.failed_at = Some(now),
            Status::InProgress => self.in_progress_at = Some(now),
            Status::Finalizing => self.finalizing_at = Some(now),
            Status::Completed => self.completed_at = Some(now),
            Status::Expired => self.expired_at = Some(now),
            Status::Cancelling => self.cancelling_at = Some(now),
            Status::Cancelled => self.cancelled_at = Some(now),
        }
    }

    /// The file of answers, when there is one to fetch.
    pub(crate) fn output(&self) -> Option<&str> {
        (self.status.is_over() && self.completed > 0).then_some(self.output_file.as_str())
    }

    pub(crate) fn error_output(&self) -> Option<&str> {
        (self.status.is_over() && self.failed > 0).then_some(self.error_file.as_str())
    }

    fn errors(&self) -> Value {
        if self.errors.is_empty() {
            return Value::Null;
        }
        json!({ "object": "list", "data": self.errors.iter().map(Problem::row).collect::<Vec<_>>() })
    }

    fn counts(&self) -> Value {
        json!({ "total": self.total, "completed": self.completed, "failed": self.failed })
    }

    pub(crate) fn openai(&self) -> Value {
        json!({ "id": self.id, "object": "batch", "endpoint": self.endpoint, "model": self.model,
            "errors": self.errors(), "input_file_id": self.input_file, "completion_window": self.window,
            "status": self.status.word(), "output_file_id": self.output(), "error_file_id": self.error_output(),
            "created_at": self.created_at, "in_progress_at": self.in_progress_at, "expires_at": self.expires_at,
            "finalizing_at": self.finalizing_at, "completed_at": self.completed_at, "failed_at": self.failed_at,
            "expired_at": self.expired_at, "cancelling_at": self.cancelling_at, "cancelled_at": self.cancelled_at,
            "request_counts": self.counts(), "metadata": self.metadata })
    }

    /// ScaiGrid's form. `link` makes the address of a file.
    pub(crate) fn scaigrid(&self, link: impl Fn(&str) -> String) -> Value {
        let time = |moment: Option<u64>| moment.map(utc);
        json!({ "id": self.id, "status": self.status.word(), "endpoint_completion_window": self.window,
            "request_counts": self.counts(), "output_file_url": self.output().map(&link),
            "error_file_url": self.error_output().map(&link), "created_at": utc(self.created_at),
            "in_progress_at": time(self.in_progress_at), "finalizing_at": time(self.finalizing_at),
            "completed_at": time(self.completed_at), "expires_at": utc(self.expires_at),
            "expired_at": time(self.expired_at), "cancelling_at": time(self.cancelling_at),
            "cancelled_at": time(self.cancelled_at), "failed_at": time(self.failed_at),
            "errors": self.errors(), "metadata": self.metadata })
    }
}
