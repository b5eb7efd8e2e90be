//! The sound of an answer, from its recorded bytes.

mod arriving;

use juxta_client::endpoints::Spoken;
use juxta_client::endpoints::media::synthesize;
use juxta_client::observe::event_of;
use juxta_media::MediaError;
use juxta_media::sound::{self, Sound};
use juxta_sse::Parser;
use juxta_store::RecordKind;
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::media::SoundFacts;
use juxta_wire::recording::Recording;
use juxta_wire::transfer::Exported;

use crate::run::{invalid, storage};
use crate::{Engine, not_found};
pub use arriving::Heard;

/// The largest answer that is read for its sound.
const LARGEST_BODY: u64 = 512 << 20;
/// Parts whose loudness is told: more than a lane is bars wide.
const PEAKS: usize = 400;

/// The bytes that a server sent as sound.
pub(crate) struct SentSound {
    pub(crate) bytes: Vec<u8>,
    /// The format that the request named.
    asked: Option<String>,
}

impl SentSound {
    pub(crate) fn asked(&self) -> Option<&str> {
        self.asked.as_deref()
    }
}

impl Engine {
    /// What the sound of a choice is. A sound that cannot be decoded has its problem said, and can still be saved.
    ///
    /// # Errors
    /// When the answer has none.
    pub fn sound_facts(&self, cell: &CellId, choice: u32) -> Result<SoundFacts, AppError> {
        let sent = self.sent_sound(cell, choice)?;
        let media_type = sound::media_type(&sent.bytes, sent.asked());
        let facts = SoundFacts {
            bytes: sent.bytes.len() as u64,
            media_type: media_type.to_owned(),
            ending: sound::ending(media_type).to_owned(),
            seconds: 0.0,
            rate: 0,
            channels: 0,
            peaks: Vec::new(),
            problem: None,
            damage: None,
        };
        Ok(match sound::decode(&sent.bytes, sent.asked()) {
            Ok(sound) => SoundFacts {
                seconds: sound.seconds(),
                rate: sound.rate,
                channels: sound.channels,
                peaks: sound.peaks(PEAKS),
                damage: sound.damage,
                ..facts
            },
            Err(problem) => SoundFacts { problem: Some(problem.to_string()), ..facts },
        })
    }

    /// The sound of a choice, decoded.
    ///
    /// # Errors
    /// When the answer has none, or one that cannot be decoded.
    pub fn sound(&self, cell: &CellId, choice: u32) -> Result<Sound, AppError> {
        let sent = self.sent_sound(cell, choice)?;
        sound::decode(&sent.bytes, sent.asked()).map_err(unheard)
    }

    /// Saves the sound of a choice, byte for byte as it came, where exports go.
    ///
    /// # Errors
    /// When the answer has none, or when the file cannot be written.
    pub fn save_sound(&self, cell: &CellId, choice: u32) -> Result<Exported, AppError> {
        let sent = self.sent_sound(cell, choice)?;
        let ending = sound::ending(sound::media_type(&sent.bytes, sent.asked()));
        let model = self.cell_head(cell)?.model;
        let number = if choice == 0 { String::new() } else { format!("-{}", choice + 1) };
        self.save_bytes(&format!("{}{number}.{ending}", model.replace(['/', '\\'], "-")), &sent.bytes)
    }

    /// Keeps the sound of a choice as a recording, byte for byte as it came.
    ///
    /// # Errors
    /// When the answer has none, when the name is empty, or when the file cannot be written.
    pub fn keep_sound(&self, cell: &CellId, choice: u32, name: &str) -> Result<Recording, AppError> {
        let sent = self.sent_sound(cell, choice)?;
        let ending = sound::ending(sound::media_type(&sent.bytes, sent.asked()));
        let kept = self.import_recording(&format!("speech.{ending}"), &sent.bytes)?;
        self.rename_recording(&kept.id, name)
    }

    pub(crate) fn sent_sound(&self, cell: &CellId, choice: u32) -> Result<SentSound, AppError> {
        let head = self.cell_head(cell)?;
        let store = self.store();
        let (body, size) = store.read_body(cell, LARGEST_BODY).map_err(storage)?;
        if size > LARGEST_BODY {
            return Err(AppError::Storage { message: "The answer is too large to be read for its sound.".to_owned() });
        }
        if head.endpoint == EndpointKind::Synthesize {
            return self.speech(cell, body);
        }
        let mut spoken = Spoken::new(head.endpoint, choice);
        let index = store.read_index(cell).map_err(storage)?;
        if index.iter().any(|record| record.kind == RecordKind::Event) {
            let mut parser = Parser::new();
            let mut on_frame = |frame: juxta_sse::Frame<'_>| {
                if let Some((name, data)) = event_of(frame.kind) {
                    spoken.event(name, data);
                }
            };
            parser.push(&body, &mut on_frame);
            parser.finish(&mut on_frame);
        } else {
            spoken.document(&body);
        }
        let bytes = spoken.into_bytes();
        if bytes.is_empty() {
            return Err(not_found("The sound"));
        }
        let request = store.request(cell).map_err(storage)?;
        Ok(SentSound { bytes, asked: request.and_then(|(_, body)| asked_format(&body)) })
    }

    /// What a call for speech gave: its body itself, or what its events carry.
    fn speech(&self, cell: &CellId, body: Vec<u8>) -> Result<SentSound, AppError> {
        let index = self.store().read_index(cell).map_err(storage)?;
        let bytes = match index.iter().any(|record| record.kind == RecordKind::Event) {
            false => body,
            true => {
                let mut bytes = Vec::new();
                let mut parser = Parser::new();
                let mut on_frame = |frame: juxta_sse::Frame<'_>| {
                    if let Some((name, data)) = event_of(frame.kind) {
                        bytes.extend(synthesize::sound_of_event(name, data).unwrap_or_default());
                    }
                };
                parser.push(&body, &mut on_frame);
                parser.finish(&mut on_frame);
                bytes
            }
        };
        if !synthesize::is_sound(&bytes) {
            return Err(not_found("The sound"));
        }
        let request = self.store().request(cell).map_err(storage)?;
        Ok(SentSound { bytes, asked: request.and_then(|(_, body)| asked_format(&body)) })
    }
}

/// `audio.format` of a request, or `response_format` of one for speech.
fn asked_format(body: &[u8]) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    let of_speech =
        || body.get("response_format").filter(|_| body.get("voice").is_some() || body.get("input").is_some());
    let format = body.pointer("/audio/format").or_else(of_speech)?;
    Some(format.as_str()?.to_owned())
}

fn unheard(error: MediaError) -> AppError {
    invalid("sound", &error.to_string())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use juxta_wire::settings::Settings;
    use serde_json::json;

    use super::*;
    use crate::inspect::fixture::Recorded;

    /// A quarter of a second of a square wave at half of full volume.
    fn samples() -> Vec<u8> {
        let sample = |at: u32| if (at / 27).is_multiple_of(2) { 16_384_i16 } else { -16_384 };
        (0..sound::PCM16_RATE / 4).flat_map(|at| sample(at).to_le_bytes()).collect()
    }

    #[tokio::test]
    async fn the_sound_of_a_stream_is_put_together_from_its_events() {
        let recorded = Recorded::new();
        let samples = samples();
        let audio = |audio: serde_json::Value| {
            format!("data: {}\n\n", json!({"choices": [{"index": 0, "delta": {"audio": audio}}]}))
        };
        let mut frames = vec![": still there\n\n".to_owned(), audio(json!({"id": "a", "transcript": "Täst"}))];
        frames.extend(samples.chunks(1_001).map(|part| audio(json!({"data": STANDARD.encode(part)}))));
        frames.push("data: [DONE]\n\n".to_owned());
        let chunks: Vec<(u64, &[u8])> = frames.iter().zip(1..).map(|(frame, at)| (at, frame.as_bytes())).collect();
        let request = br#"{"model":"m","audio":{"voice":"alloy","format":"pcm16"}}"#;
        let (id, mut recorder) = recorded.begin(request);
        chunks.iter().for_each(|(at, bytes)| recorder.chunk(*at, bytes));
        recorder.end();
        let facts = recorded.engine.sound_facts(&id, 0).unwrap();
        assert_eq!((facts.media_type.as_str(), facts.ending.as_str(), facts.problem), ("audio/pcm", "pcm", None));
        assert_eq!((facts.bytes, facts.seconds, facts.rate), (samples.len() as u64, 0.25, sound::PCM16_RATE));
        assert!(facts.peaks.iter().all(|peak| *peak == 128), "{:?}", facts.peaks);
        assert_eq!(recorded.engine.sound(&id, 0).unwrap().frames(), 6_000);
        assert_eq!(recorded.engine.sound_facts(&id, 1), Err(not_found("The sound")));
        assert_eq!(recorded.engine.sound_facts(&CellId::new(), 0), Err(not_found("The answer")));
    }

    #[tokio::test]
    async fn a_sound_that_cannot_be_decoded_says_why_and_is_saved_all_the_same() {
        let recorded = Recorded::new();
        let folder = tempfile::tempdir().unwrap();
        let settings = recorded.engine.settings().unwrap();
        let chosen = Some(folder.path().display().to_string());
        recorded.engine.save_settings(&Settings { export_folder: chosen, ..settings }).unwrap();
        let audio = json!({"data": STANDARD.encode("OggS, so it says")});
        let answer = json!({"choices": [{"index": 0, "message": {"content": null, "audio": audio}}]});
        let id = recorded.document(b"{}", answer.to_string().as_bytes());
        let facts = recorded.engine.sound_facts(&id, 0).unwrap();
        assert_eq!((facts.media_type.as_str(), facts.seconds), ("audio/ogg", 0.0));
        assert!(facts.problem.unwrap().starts_with("The sound cannot be decoded"));
        assert!(matches!(recorded.engine.sound(&id, 0), Err(AppError::Invalid { .. })));
        let saved = recorded.engine.save_sound(&id, 0).unwrap();
        assert!(saved.path.ends_with("a-model.ogg"), "{}", saved.path);
        assert_eq!(std::fs::read(saved.path).unwrap(), b"OggS, so it says");
        let kept = recorded.engine.keep_sound(&id, 0, "Grüße / \"1\".x").unwrap();
        assert_eq!((kept.name.as_str(), kept.ending.as_str(), kept.seconds), ("Grüße / \"1\".x", "ogg", None));
        assert_eq!(recorded.engine.recording_bytes(&kept.id).unwrap(), b"OggS, so it says");
    }
}
