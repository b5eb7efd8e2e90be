//! Vectors, pictures and sounds: the models that make them, and what they make.

pub(crate) mod bomb;
pub(crate) mod embed;
pub(crate) mod image;
pub(crate) mod models;
pub(crate) mod scene;
pub(crate) mod shelf;
pub(crate) mod subtitles;
pub(crate) mod synthesize;
pub(crate) mod transcribe;
pub(crate) mod vector;

use bytes::Bytes;
use juxta_wire::endpoint::Dialect;

/// What an answer consists of, before anything goes wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Made {
    pub(crate) media_type: &'static str,
    pub(crate) body: Bytes,
    /// It comes in pieces, and nobody says how many.
    pub(crate) in_pieces: bool,
}

impl Made {
    /// JSON text, in the envelope of the dialect that has one.
    pub(crate) fn json(dialect: Dialect, request_id: &str, body: String) -> Self {
        let body = match dialect {
            Dialect::ScaigridV1 => {
                format!(r#"{{"status":"ok","data":{body},"meta":{{"request_id":"{request_id}"}}}}"#)
            }
            Dialect::ScaleV5 | Dialect::OpenAi => body,
        };
        Self { media_type: "application/json", body: body.into(), in_pieces: false }
    }

    pub(crate) fn text(media_type: &'static str, body: String) -> Self {
        Self { media_type, body: body.into(), in_pieces: false }
    }
}
