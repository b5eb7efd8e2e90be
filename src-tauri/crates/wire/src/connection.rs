//! A connection: where to send, which headers go along, and where its keys live.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::endpoint::{Dialect, EndpointKind, ProfileId};
use crate::error::AppError;
use crate::exchange::HeaderView;
use crate::ids::ConnectionId;
use crate::timing::Phases;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Connection {
    pub id: ConnectionId,
    pub name: String,
    pub profile: ProfileId,
    pub dialect: Dialect,
    /// As typed; a trailing slash, a path prefix and a pasted `/v5` or `/v1` are all accepted. For the built-in sandbox
    /// this is empty: its port is chosen at each start.
    pub base_url: String,
    /// Sent with every request, in this order.
    pub headers: Vec<ConnectionHeader>,
    pub network: Network,
    /// The person agreed to send a key over plain http to this host that is not loopback.
    #[serde(default)]
    pub plain_http_agreed: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ConnectionHeader {
    pub name: String,
    /// May hold `{{key}}` (the secret of `secret.slot`) and `{{uuid}}` (a fresh UUID for each call).
    pub value: String,
    /// Present when the header carries a secret.
    #[serde(default)]
    pub secret: Option<SecretSlot>,
    /// Endpoints that get this header; empty means all.
    #[serde(default)]
    pub only: Vec<EndpointKind>,
}

/// Where the `{{key}}` of a header comes from. The key itself never stands here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SecretSlot {
    /// Name of the secret within the connection, for example `key` or `openaiKey`.
    pub slot: String,
    pub source: KeySource,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum KeySource {
    /// No key is given: the header is not sent.
    Absent,
    /// In the keychain of this computer.
    #[serde(rename_all = "camelCase")]
    Keychain { last_four: String },
    /// In memory until Juxta closes, because no keychain answered.
    #[serde(rename_all = "camelCase")]
    Memory { last_four: String },
    /// Read from an environment variable at each call.
    Environment { name: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Network {
    /// Milliseconds until a connection must stand.
    pub connect_timeout_ms: u64,
    /// Milliseconds of silence after which an answer is given up.
    pub idle_timeout_ms: u64,
    pub proxy: Proxy,
    /// Path of a PEM file with a certificate authority of one's own.
    pub ca_file: Option<String>,
    /// Automatic retries before the first byte.
    pub max_retries: u32,
    /// Calls of this connection that run at the same time.
    pub max_concurrent: u32,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            connect_timeout_ms: 10_000,
            idle_timeout_ms: 120_000,
            proxy: Proxy::System,
            ca_file: None,
            max_retries: 1,
            max_concurrent: 12,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum Proxy {
    System,
    Direct,
    Url { url: String },
}

/// The facts of a profile that a form needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ProfileInfo {
    pub id: ProfileId,
    pub name: String,
    pub dialects: Vec<Dialect>,
    pub base_urls: Vec<BaseUrlSuggestion>,
    /// Header rows a new connection starts with.
    pub headers: Vec<ConnectionHeader>,
    /// One sentence on what the auth recipe does.
    pub auth_note: String,
    /// Host names (or endings of them, with a leading dot) by which the profile is recognised.
    pub hosts: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BaseUrlSuggestion {
    pub name: String,
    pub url: String,
}

/// One row of a model listing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ModelInfo {
    /// What goes into `model`.
    pub id: String,
    pub display_name: Option<String>,
    /// What the listing says of it: `chat_completion`, `chat`, `embedding`, …
    pub kind: Option<String>,
    /// `available`, `active`, `deprecated`, … as the server spells it.
    pub status: Option<String>,
    pub context_window: Option<u64>,
    pub max_output_tokens: Option<u64>,
    /// Per million tokens, decimal text as sent.
    pub input_price: Option<String>,
    pub output_price: Option<String>,
    pub description: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ModelListing {
    pub models: Vec<ModelInfo>,
    /// Something the person should know, for example that an empty list may hide a failure.
    pub note: Option<String>,
}

/// What `Test` met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ConnectionTest {
    pub method: String,
    pub url: String,
    pub request_headers: Vec<HeaderView>,
    pub status: Option<u16>,
    pub elapsed_ms: f64,
    pub phases: Phases,
    pub models: Option<u32>,
    pub error: Option<AppError>,
    pub note: Option<String>,
}

/// Whether keys can be kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum KeychainStatus {
    /// A keychain answers. `name` is what the system calls it.
    Available { name: String },
    /// None answers; keys stay in memory.
    Missing { reason: String },
}
