//! A certificate as a server sent it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One certificate of the chain that a server showed. What cannot be read of it is empty; `pem` and `sha256` always are
/// of the bytes that came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Certificate {
    /// `CN=api.example.org, O=Example`; empty where the certificate has only alternative names.
    pub subject: String,
    pub issuer: String,
    /// Hexadecimal, as browsers write it: `03:af:…`.
    pub serial: String,
    /// RFC 3339, in UTC.
    pub not_before: String,
    pub not_after: String,
    /// Host names and addresses that it is for.
    pub names: Vec<String>,
    /// Of the DER bytes, in lower-case hexadecimal.
    pub sha256: String,
    pub pem: String,
}
