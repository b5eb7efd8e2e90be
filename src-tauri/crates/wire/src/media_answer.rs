//! What answers of vectors, pictures and sounds say of themselves. Their bulk stays in the recorded bytes.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum MediaAnswer {
    #[serde(rename_all = "camelCase")]
    Vectors {
        count: u32,
        /// Of the first; 0 when there is none, or when it is no vector.
        dimensions: u32,
        /// They came as base64 and not as lists of numbers.
        packed: bool,
    },
    #[serde(rename_all = "camelCase")]
    Pictures { pictures: Vec<AnswerPicture> },
    #[serde(rename_all = "camelCase")]
    Speech {
        /// Of the sound itself.
        bytes: u64,
    },
    #[serde(rename_all = "camelCase")]
    Transcript {
        /// How it came: the text is that of the first choice.
        form: TranscriptForm,
        language: Option<String>,
        /// Seconds of the sound, where the answer says it.
        duration: Option<f64>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AnswerPicture {
    pub form: AnswerPictureForm,
    /// What the model made of the prompt before it drew.
    pub revised_prompt: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum AnswerPictureForm {
    /// The answer holds its bytes.
    #[serde(rename_all = "camelCase")]
    Inline {
        /// Of base64.
        characters: u64,
    },
    /// The answer says where it is.
    #[serde(rename_all = "camelCase")]
    Address { url: String },
}

/// What kind of text a transcript came as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum TranscriptForm {
    Text,
    /// With segments or words, or without.
    Json,
    Srt,
    Vtt,
}

/// A picture of an answer, looked at. Its bytes come by themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AnsweredPicture {
    /// Counts the pictures of the answer, from 0.
    pub number: u32,
    pub revised_prompt: Option<String>,
    /// Where the server said it is.
    pub url: Option<String>,
    pub bytes: u64,
    /// By its bytes, whatever the server called it.
    pub media_type: String,
    /// Pixels; 0 when it cannot be read.
    pub width: u32,
    pub height: u32,
    /// Why there is nothing to see.
    pub problem: Option<String>,
}
