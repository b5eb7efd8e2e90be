//! What really went over the wire, as far as a screen needs it. Secrets are masked before anything gets here.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::AppError;

/// The request that a lane sends, before and after sending: the same value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RequestView {
    pub method: String,
    pub url: String,
    /// In the order sent.
    pub headers: Vec<HeaderView>,
    /// The body, byte for byte; JSON bodies are UTF-8. Of a form with a file, the file's bytes are left out: see `parts`.
    pub body: String,
    pub body_bytes: u64,
    /// Keys of the body in the order sent, `model` and `messages` among them. Empty for a body that is no JSON object.
    pub keys: Vec<SentKey>,
    /// Parameters of the endpoint that are unset, so that no key was sent for them.
    #[serde(default)]
    pub absent: Vec<String>,
    /// Things worth saying before sending, for example a value out of range.
    pub warnings: Vec<Warning>,
    /// What became of those things in the draft that this endpoint says differently or not at all.
    #[serde(default)]
    pub carried: Vec<Carried>,
    /// What a form is made of, in the order sent; empty for every other body.
    #[serde(default)]
    pub parts: Vec<FormPart>,
}

/// One part of a form (`multipart/form-data`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FormPart {
    /// Of its field.
    pub name: String,
    pub content: FormContent,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum FormContent {
    #[serde(rename_all = "camelCase")]
    Text { text: String },
    #[serde(rename_all = "camelCase")]
    File { file_name: String, media_type: String, bytes: u64 },
}

/// Something of the draft that does not go to this endpoint as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Carried {
    /// What it is in the draft: a parameter by its name, or a place such as `messages[2].tool_calls`.
    pub from: String,
    /// Where it is in the body instead, for example `reasoning.effort`; `None` when it is not sent.
    pub to: Option<String>,
    /// Why, in a sentence for people.
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct HeaderView {
    pub name: String,
    /// A secret is shown as `••••4f2a`.
    pub value: String,
    pub secret: bool,
    #[serde(default)]
    pub origin: HeaderOrigin,
}

/// Who asked for a header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum HeaderOrigin {
    /// Juxta itself, because the protocol wants it; in an answer, the server.
    #[default]
    Protocol,
    Connection,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SentKey {
    pub name: String,
    /// As spelled in the body. Empty for what the messages became (`messages`, `input`, `prompt`), which would stand
    /// beside the body a second time.
    pub json: String,
    pub origin: KeyOrigin,
    /// No parameter of the endpoint has this name.
    #[serde(default)]
    pub extra: bool,
    /// What the base sends for it, when that differs: JSON text. The base may send no such key, which is no text.
    #[serde(default)]
    pub base_json: Option<String>,
    /// Places in it that variables filled.
    #[serde(default)]
    pub filled: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum KeyOrigin {
    Draft,
    Lane,
    /// Made from another key of the draft, because this endpoint spells it differently.
    Carried,
    /// The body was edited by hand before it was sent.
    Edited,
    /// A step of a dialogue goes on from the answer before it.
    Dialogue,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Warning {
    /// The parameter it is about, if one.
    pub parameter: Option<String>,
    pub message: String,
}

/// A preview, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum Preview {
    Ready { request: RequestView },
    Refused { error: AppError },
}

/// The first lines of the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ResponseHead {
    pub status: u16,
    /// `HTTP/1.1` or `HTTP/2.0`.
    pub protocol: String,
    pub headers: Vec<HeaderView>,
    pub remote_address: Option<String>,
    /// Hops that led here; no key travels to another origin.
    pub redirects: Vec<Redirect>,
    /// What the connection was secured with, as far as it is known.
    #[serde(default)]
    pub tls: Option<TlsSession>,
}

/// What a TLS handshake came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TlsSession {
    /// `TLS 1.3`.
    pub version: String,
    /// As its standard calls it: `TLS_AES_256_GCM_SHA384`.
    pub cipher: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Redirect {
    pub status: u16,
    pub location: String,
    /// Names of the headers that did not travel because the origin changed.
    pub dropped_headers: Vec<String>,
}

/// One recorded exchange, for a screen. The body is cut to what a screen wants; the whole is on disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ExchangeView {
    pub request: RequestView,
    pub head: Option<ResponseHead>,
    /// The first bytes of the body as text, invalid UTF-8 replaced.
    pub body: String,
    pub body_bytes: u64,
    pub body_shown_bytes: u64,
    pub events: u64,
    /// What the head says about who answered, the most telling first.
    pub facts: Vec<HeadFact>,
}

/// One thing that a response head tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct HeadFact {
    pub kind: HeadFactKind,
    /// Name of the header, as it came; empty when the body said it.
    pub header: String,
    pub value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum HeadFactKind {
    RequestId,
    /// The model that really served.
    Model,
    Backend,
    RateLimit,
    /// Time that the server says it took.
    ServerTime,
}
