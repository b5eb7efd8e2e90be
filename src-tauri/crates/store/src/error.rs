//! What can go wrong on the way to disk.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use juxta_wire::error::AppError;

/// Each variant names a stage and keeps its source.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("cannot use the data folder {folder}")]
    Folder { folder: PathBuf, source: io::Error },
    /// Another Juxta holds the lock of this folder.
    #[error("another Juxta is using the data folder {folder}")]
    InUse { folder: PathBuf },
    /// The database was written by a later Juxta. Nothing in it was touched.
    #[error(
        "the data was written by a newer version of Juxta (format {found}, this one knows {known}); nothing was changed"
    )]
    NewerSchema { found: u32, known: u32 },
    #[error("cannot {doing}")]
    Database { doing: &'static str, source: rusqlite::Error },
    /// The transaction that grouped this write with others could not begin or end, so none of them is on disk.
    #[error("cannot {doing}")]
    Transaction { doing: &'static str, source: Arc<rusqlite::Error> },
    /// A document on its way to or from JSON.
    #[error("cannot {doing}: the document is damaged")]
    Document { doing: &'static str, source: serde_json::Error },
    #[error("cannot {doing}: {path}")]
    Body { doing: &'static str, path: PathBuf, source: io::Error },
    /// An id that cannot name a file.
    #[error("{id:?} is not an id")]
    Id { id: String },
    #[error("{what} is not there any more")]
    NotFound { what: &'static str },
    /// The writer thread has ended.
    #[error("the data folder is closed")]
    Closed,
    /// The keychain refused or did not answer; `reason` is for the person to read.
    #[error("{reason}")]
    Keychain { reason: String },
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Keychain { reason } => AppError::Keychain { message: reason },
            StoreError::NotFound { what } => AppError::NotFound { what: what.to_owned() },
            other => AppError::Storage { message: with_sources(&other) },
        }
    }
}

/// The message followed by those of its sources, which name the real cause: `database or disk is full`.
fn with_sources(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        message.push_str(": ");
        message.push_str(&cause.to_string());
        source = cause.source();
    }
    message
}

/// Adds what was being done to a failure.
pub(crate) trait Doing<T> {
    fn doing(self, doing: &'static str) -> Result<T, StoreError>;
}

impl<T> Doing<T> for Result<T, rusqlite::Error> {
    fn doing(self, doing: &'static str) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Database { doing, source })
    }
}

impl<T> Doing<T> for Result<T, serde_json::Error> {
    fn doing(self, doing: &'static str) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Document { doing, source })
    }
}
