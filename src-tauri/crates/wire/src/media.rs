//! Pictures, sounds and files: what they are, smaller pictures, and what is heard.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::{CellId, RecordingId};

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
    /// What of it could not be read.
    pub damage: Option<String>,
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
    /// 0.5 to 2; a faster sound is higher.
    Speed {
        speed: f64,
    },
    Stop,
    /// Nothing: where is it?
    Look,
}

/// Where a sound comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum SoundSource {
    Answer { cell: CellId, choice: u32 },
    Recording { recording: RecordingId },
}

/// One of the sounds that are heard one after the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SoundTurn {
    pub source: SoundSource,
    /// Decibels, as [`Loudness::gain`] gives them; 0 leaves it as it is.
    pub gain: f64,
}

/// What is heard now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Playback {
    pub source: SoundSource,
    /// Counts the sounds that are heard one after the other.
    pub turn: u32,
    pub playing: bool,
    /// Bytes that have not come yet are waited for.
    pub arriving: bool,
    /// Seconds from the beginning.
    pub position: f64,
    /// As far as it has come.
    pub seconds: f64,
    pub speed: f64,
    /// What of it cannot be heard, and why.
    pub problem: Option<String>,
}

/// Parts of a sound at even distances. The three are equally long.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Waveform {
    /// The lowest sample of each part, -127 to 127.
    pub low: Vec<i8>,
    /// The highest one.
    pub high: Vec<i8>,
    /// The root of the mean square, 0 to 127.
    pub rms: Vec<u8>,
}

/// How loud a sound is to an ear (EBU R128).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Loudness {
    /// LUFS over the whole sound; `None` when it is silent, or shorter than 0.4 s.
    pub integrated: Option<f64>,
    /// dBTP; `None` when it is silent.
    pub true_peak: Option<f64>,
    /// Decibels that make it as loud as every other sound, without going over full scale.
    pub gain: f64,
}

/// A waveform with what else is told of a sound that was read through.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SoundPicture {
    pub seconds: f64,
    pub rate: u32,
    pub channels: u16,
    pub waveform: Waveform,
    pub loudness: Loudness,
    /// What of it could not be read.
    pub damage: Option<String>,
}

/// Something that can be recorded from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct InputDevice {
    pub id: String,
    pub name: String,
    /// The one that the system would take.
    pub is_default: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum RecordingRate {
    /// 16,000 samples a second, which is what speech is recognised from.
    #[default]
    Speech,
    /// As many as the device gives.
    Device,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum RecorderState {
    Recording,
    Paused,
    /// The file is whole.
    Ended,
}

/// What a recording tells about twenty times a second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RecorderNews {
    pub recording: RecordingId,
    pub state: RecorderState,
    /// Of what was recorded.
    pub seconds: f64,
    /// On the disk.
    pub bytes: u64,
    /// Samples a second in the file.
    pub rate: u32,
    /// Decibels below full scale since the last news; at least -90.
    pub rms: f64,
    pub peak: f64,
    /// The highest peak of the last one and a half seconds.
    pub held: f64,
    /// Parts of 20 ms that are new.
    pub waveform: Waveform,
    /// Why it ended before it was stopped. What was recorded until then is kept.
    pub problem: Option<String>,
}

/// Where two pictures differ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PictureDifference {
    /// Of all pixels, those that differ: 0 to 1.
    pub share: f64,
    pub different: u64,
    pub pixels: u64,
    /// The greatest distance of a channel, 0 to 255.
    pub greatest: u8,
    /// A `data:` URL of a PNG: what differs in red, over the first picture in pale grey.
    pub url: String,
}

/// Pictures in a grid, to be drawn as one picture. Each is base64, or a `data:` URL of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PictureSheet {
    /// One label for each column, above it.
    pub columns: Vec<String>,
    /// One label for each row, to its left.
    pub rows: Vec<String>,
    /// Row by row; absent where there is no picture.
    pub pictures: Vec<Option<String>>,
    /// Pixels that a picture is wide and high at most.
    pub edge: u32,
}

/// A text in a PNG file, beside its pixels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PictureText {
    pub keyword: String,
    pub text: String,
}
