//! The one error that crosses a boundary. Kinds are ours; status, code and words are the provider's, kept verbatim.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::certificate::Certificate;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum AppError {
    /// Something the person gave does not fit. `field` names it.
    #[error("{field}: {message}")]
    Invalid { field: String, message: String },
    /// A header wants a key and none is there.
    #[error("no key for {connection} ({slot})")]
    #[serde(rename_all = "camelCase")]
    MissingKey { connection: String, slot: String, message: String },
    /// A key would travel over plain http to a host that is not this computer, and nobody agreed to that.
    #[error("plain http to {host}")]
    PlainHttp { host: String },
    #[error("keychain: {message}")]
    Keychain { message: String },
    #[error("network, {stage:?}: {message}")]
    #[serde(rename_all = "camelCase")]
    Network {
        stage: NetworkStage,
        host: String,
        port: u16,
        message: String,
        elapsed_ms: f64,
        /// What the server showed when its certificate was refused, its own first; else nothing.
        #[serde(default)]
        certificates: Vec<Certificate>,
    },
    /// The server answered with an error, as a status or inside a stream.
    #[error("{}", .0.message)]
    Rejected(Box<Rejection>),
    /// The server's bytes could not be understood.
    #[error("at byte {at}: {message}")]
    Protocol { at: u64, message: String, excerpt: String },
    /// The body ended without an end mark and without a finish reason.
    #[error("the stream ended early, after {events} events")]
    EndedEarly { events: u64, message: String },
    /// Variables without a value, and those whose value is not of their kind.
    #[error("{}", template_words(names, unfit))]
    Template {
        names: Vec<String>,
        #[serde(default)]
        unfit: Vec<UnfitVariable>,
    },
    #[error("storage: {message}")]
    Storage { message: String },
    /// A picture or a sound that cannot be read, made, played or recorded. The words are a sentence for people.
    #[error("{message}")]
    Media { message: String },
    #[error("{what} is not there any more")]
    NotFound { what: String },
    #[error("internal: {message}")]
    #[serde(rename_all = "camelCase")]
    Internal { report_id: String, message: String },
}

/// A variable whose value does not fit its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct UnfitVariable {
    pub name: String,
    /// With the name in it: `weeks is no number`.
    pub message: String,
}

fn template_words(names: &[String], unfit: &[UnfitVariable]) -> String {
    let missing = (!names.is_empty()).then(|| format!("variables without a value: {}", names.join(", ")));
    let unfit = unfit.iter().map(|variable| variable.message.clone());
    missing.into_iter().chain(unfit).collect::<Vec<_>>().join("; ")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum NetworkStage {
    Dns,
    /// Nobody listens on the port.
    Refused,
    /// Some other failure to connect.
    Connect,
    Tls,
    /// No connection, or no byte, in the time that the connection allows.
    Timeout,
    Proxy,
    Send,
    /// The connection broke while the answer arrived.
    Reset,
}

/// What a server said when it refused or broke off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Rejection {
    /// HTTP status; 200 when the error came inside a stream.
    pub status: u16,
    pub category: RejectionCategory,
    /// The provider's own code, for example `RATE_LIMITED`.
    pub code: Option<String>,
    /// The provider's own words.
    pub message: String,
    /// Seconds, from `Retry-After` or the body.
    pub retry_after: Option<f64>,
    pub request_id: Option<String>,
    /// Where the request was wrong, for a 422.
    pub fields: Vec<FieldError>,
    /// The event that carried the error, counted from 1 with the comments, when it came inside a stream.
    pub event: Option<u64>,
    /// `text/html` and the like, when the body was no JSON.
    pub content_type: Option<String>,
    /// Milliseconds from the start of the call.
    pub elapsed_ms: f64,
    /// Whether trying again the same request may help. `BUDGET_EXCEEDED` is a 429 that must not be tried again.
    pub retryable: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum RejectionCategory {
    Authentication,
    Permission,
    NotFound,
    Conflict,
    TooLarge,
    Validation,
    RateLimit,
    /// A budget or quota is used up.
    Exhausted,
    Server,
    /// The stream carried an error frame under status 200.
    InStream,
    Other,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FieldError {
    /// `["body", "messages", "0", "content"]`.
    pub path: Vec<String>,
    pub message: String,
    /// The body member at fault, when `path` leads into the body: `temperature`, `messages`.
    pub parameter: Option<String>,
    /// JSON text of the input the server complains about.
    pub input: Option<String>,
}
