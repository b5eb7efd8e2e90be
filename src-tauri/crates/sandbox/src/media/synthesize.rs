//! Speech.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::Made;
use crate::refusal::{FieldProblem, Reason};
use crate::request::{missing, name, one_of, problem};
use crate::sound::Encoding;
use crate::talk::{VOICES, Voice, speak};

/// What a model does with its sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Plain,
    /// A WAV that does not say how long it is.
    Endless,
    Cut,
    Damaged,
    Mislabelled,
    Unlabelled,
    ErrorAsAudio,
    AudioAsJson,
    Empty,
}

/// As OpenAI has it.
const MOST_CHARACTERS: usize = 4_096;
const FORMATS: &[&str] = &["mp3", "opus", "aac", "flac", "wav", "pcm"];

/// What a request may ask for, or why not.
pub(crate) fn check(body: &Map<String, Value>) -> Vec<FieldProblem> {
    let mut problems = match body.get("input") {
        None => vec![missing(vec![name("input")], body)],
        Some(Value::String(text)) if text.is_empty() => {
            vec![problem(vec![name("input")], "string_too_short", "String should have at least 1 character", "".into())]
        }
        Some(Value::String(text)) if text.chars().count() > MOST_CHARACTERS => {
            let text = format!("String should have at most {MOST_CHARACTERS} characters");
            vec![problem(vec![name("input")], "string_too_long", text, Value::Null)]
        }
        Some(Value::String(_)) => vec![],
        Some(other) => {
            vec![problem(vec![name("input")], "string_type", "Input should be a valid string", other.clone())]
        }
    };
    match body.get("voice") {
        None => problems.push(missing(vec![name("voice")], body)),
        Some(voice) if voice_of(voice).is_none() => {
            let names: Vec<_> = VOICES.iter().map(|voice| format!("'{}'", voice.name)).collect();
            let text = format!("Input should be one of {}", names.join(", "));
            problems.push(problem(vec![name("voice")], "literal_error", text, voice.clone()));
        }
        Some(_) => {}
    }
    problems.extend(one_of(body, "response_format", FORMATS));
    if body.get("stream_format").is_some_and(|format| format == "sse") {
        problems.push(problem(
            vec![name("stream_format")],
            "value_error",
            "This model sends bare sound only",
            "sse".into(),
        ));
    }
    problems
}

/// By its name, or as an object with an `id`.
fn voice_of(voice: &Value) -> Option<&'static Voice> {
    Voice::find(voice.as_str().or_else(|| voice.get("id")?.as_str())?)
}

/// The answer to a body that was checked. The sound is the same for the same request, whoever asks.
pub(crate) fn make(manner: Manner, body: &Map<String, Value>) -> Result<Made, Reason> {
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let voice = body.get("voice").and_then(voice_of).unwrap_or(&VOICES[0]);
    let speed = body.get("speed").and_then(Value::as_f64).unwrap_or(1.0);
    let encoding = text("response_format").and_then(Encoding::find).unwrap_or(Encoding::Mp3);
    let made = |media_type, body: Vec<u8>| Made { media_type, body: Bytes::from(body), in_pieces: true };
    if manner == Manner::ErrorAsAudio {
        let error = json!({ "error": { "message": "The voice is resting. This body is JSON under the type of a sound.",
            "type": "server_error", "param": null, "code": "voice_unavailable" } });
        return Ok(made(encoding.media_type(), error.to_string().into_bytes()));
    }
    let samples = speak(text("input").unwrap_or_default(), voice, speed);
    let mut bytes = encoding.encode(&samples).map_err(|_| Reason::Backend)?;
    let mut media_type = encoding.media_type();
    match manner {
        Manner::Plain | Manner::ErrorAsAudio => {}
        Manner::Endless => {
            if encoding == Encoding::Wav {
                bytes.splice(..44, Encoding::wav_head(None));
            }
        }
        Manner::Cut => bytes.truncate(bytes.len() / 2),
        Manner::Damaged => spoil(&mut bytes),
        Manner::Mislabelled => {
            media_type = if encoding == Encoding::Wav { "audio/mpeg" } else { "audio/wav" };
        }
        Manner::Unlabelled => media_type = "application/octet-stream",
        Manner::AudioAsJson => media_type = "application/json",
        Manner::Empty => bytes.clear(),
    }
    Ok(made(media_type, bytes))
}

/// The second third becomes noise; what is before it stays right.
fn spoil(bytes: &mut [u8]) {
    let third = bytes.len() / 3;
    let mut chance = crate::chance::Chance::new(5);
    for byte in &mut bytes[third..2 * third] {
        *byte = chance.next() as u8;
    }
}
