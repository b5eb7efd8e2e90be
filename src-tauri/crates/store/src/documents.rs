//! Wire types to and from the JSON of a document column.

use juxta_wire::endpoint::EndpointKind;
use rusqlite::Row;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Doing, StoreError};

pub(crate) fn to_json<T: Serialize>(doing: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).doing(doing)
}

pub(crate) fn from_json<T: DeserializeOwned>(doing: &'static str, json: &str) -> Result<T, StoreError> {
    serde_json::from_str(json).doing(doing)
}

/// A column with the name of an endpoint. One that this version does not know is shown as a chat.
pub(crate) fn endpoint_column(row: &Row<'_>, column: &str) -> rusqlite::Result<EndpointKind> {
    let name: String = row.get(column)?;
    Ok(EndpointKind::from_name(&name).unwrap_or_default())
}

/// Unix milliseconds. A clock before 1970 reads as 0.
pub(crate) fn unix_milliseconds() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |elapsed| elapsed.as_millis() as u64)
}
