//! What an answer holds beside its text, as files: pictures, sound, transcript, vectors.

use juxta_media::sound;
use juxta_vectors::file;
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::media_answer::{MediaAnswer, TranscriptForm};

use crate::Engine;
use crate::run::storage;

/// The largest answer of text that becomes a file.
const LARGEST_TRANSCRIPT: u64 = 64 << 20;

/// The files of an answer.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct AnswerFiles {
    pub files: Vec<AnswerFile>,
    /// Why there is no file where one was to be expected: sentences for people.
    pub problems: Vec<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct AnswerFile {
    /// By the bytes, whatever the server called them.
    pub ending: &'static str,
    pub bytes: Vec<u8>,
}

impl AnswerFiles {
    fn add(&mut self, ending: &'static str, bytes: Vec<u8>) {
        self.files.push(AnswerFile { ending, bytes });
    }
}

impl Engine {
    /// The files of an answer that is over, byte for byte as they came; vectors as npy. None for an answer of text alone.
    ///
    /// # Errors
    /// When what was recorded cannot be read, or is not what the answer said.
    pub fn answer_files(&self, cell: &CellId) -> Result<AnswerFiles, AppError> {
        let head = self.cell(cell)?.cell;
        let mut answer = AnswerFiles::default();
        match head.outcome.media {
            None => {}
            Some(MediaAnswer::Pictures { .. }) => {
                for picture in self.pictures(cell)? {
                    match (picture.bytes, picture.problem) {
                        (0, problem) => {
                            answer.problems.push(problem.unwrap_or_else(|| "The picture is empty.".to_owned()))
                        }
                        _ => answer.add(picture_ending(&picture.media_type), self.picture_bytes(cell, picture.number)?),
                    }
                }
            }
            Some(MediaAnswer::Speech { .. }) => {
                let sent = self.sent_sound(cell, 0)?;
                answer.add(sound::ending(sound::media_type(&sent.bytes, sent.asked())), sent.bytes);
            }
            Some(MediaAnswer::Transcript { form: TranscriptForm::Json, .. }) => {
                answer.add("json", self.store().read_body(cell, LARGEST_TRANSCRIPT).map_err(storage)?.0);
            }
            Some(MediaAnswer::Transcript { form, .. }) => {
                let ending = match form {
                    TranscriptForm::Srt => "srt",
                    TranscriptForm::Vtt => "vtt",
                    TranscriptForm::Text | TranscriptForm::Json => "txt",
                };
                let text = head.outcome.choices.into_iter().next().map(|choice| choice.text).unwrap_or_default();
                answer.add(ending, (text + "\n").into_bytes());
            }
            Some(MediaAnswer::Vectors { .. }) => {
                let matrix = self.vector_matrix(std::slice::from_ref(cell))?;
                answer.add("npy", file::npy(&matrix));
            }
        }
        Ok(answer)
    }
}

/// The ending that a file of a picture has.
fn picture_ending(media_type: &str) -> &'static str {
    match media_type {
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/webp" => "webp",
        "image/gif" => "gif",
        "image/svg+xml" => "svg",
        _ => "bin",
    }
}
