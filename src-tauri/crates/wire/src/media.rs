//! Pictures, sounds and files: what they are, smaller pictures, and what is heard.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::CellId;

/// What a file is by its bytes, whatever its name says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FileFacts {
    pub bytes: u64,
    pub kind: FileKind,
    /// For example `image/png`; `application/octet-stream` when nothing is known.
    pub media_type: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum FileKind {
    /// Pixels as they are shown. `turned` when the file asks for its pixels to be turned first, which a server may not do.
    Picture {
        width: u32,
        height: u32,
        turned: bool,
    },
    Sound {
        seconds: f64,
    },
    /// It begins as a picture or a sound does, and cannot be read as one.
    Broken {
        message: String,
    },
    Other,
}

/// How a picture is made smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Shrink {
    /// Pixels; a picture that is smaller keeps its size.
    pub longest_edge: u32,
    pub format: PictureFormat,
    /// 1 to 100, for JPEG; the others lose nothing.
    pub quality: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum PictureFormat {
    Jpeg,
    Png,
    Webp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SmallerPicture {
    /// A `data:` URL.
    pub url: String,
    pub bytes: u64,
    pub width: u32,
    pub height: u32,
}

/// The sound of an answer, without its bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SoundFacts {
    pub bytes: u64,
    pub media_type: String,
    /// The ending that a file of it has: `wav`.
    pub ending: String,
    pub seconds: f64,
    /// Samples a second.
    pub rate: u32,
    pub channels: u16,
    /// The loudest sample of each part, 0 to 255, at even distances.
    pub peaks: Vec<u8>,
    /// Why it cannot be heard; then only the bytes and their kind are known.
    pub problem: Option<String>,
}

/// What becomes of the sound that is on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum SoundOrder {
    Pause,
    /// From its beginning when it was over.
    Resume,
    /// Seconds from the beginning.
    Seek {
        position: f64,
    },
    Stop,
    /// Nothing: where is it?
    Look,
}

/// What is heard now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Playback {
    pub cell: CellId,
    pub choice: u32,
    pub playing: bool,
    /// Seconds from the beginning.
    pub position: f64,
    pub seconds: f64,
}
