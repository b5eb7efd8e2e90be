//! A transcript, whatever form it came in.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::media_answer::TranscriptForm;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Transcript {
    pub form: TranscriptForm,
    pub text: String,
    pub language: Option<String>,
    /// Seconds.
    pub duration: Option<f64>,
    pub segments: Vec<Segment>,
    pub words: Vec<Word>,
    /// What is wrong with it: subtitles that overlap, a time that cannot be read.
    pub problems: Vec<String>,
}

/// A stretch of speech. Times are seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Segment {
    pub start: f64,
    pub end: f64,
    pub text: String,
    /// Who speaks, where the answer says it.
    pub speaker: Option<String>,
    /// The mean of the log probabilities of its tokens.
    pub average_logprob: Option<f64>,
    /// How likely it is that nobody speaks.
    pub no_speech_probability: Option<f64>,
}

/// A word. Times are seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Word {
    pub start: f64,
    pub end: f64,
    pub word: String,
    /// 0 to 1, where the answer says it.
    pub confidence: Option<f64>,
}
