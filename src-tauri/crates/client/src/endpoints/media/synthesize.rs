//! Speech: the bytes of a sound, bare or in events.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use juxta_wire::error::AppError;
use juxta_wire::media_answer::MediaAnswer;

use crate::endpoints::reading;
use crate::loose::{self, Raw, members};

members!(Event {
    kind: Raw<'a> = "type",
    audio: Raw<'a> = "audio",
    delta: Raw<'a> = "delta",
});

/// Bytes that are looked at to tell a text from a sound.
const TELLING: usize = 512;

/// # Errors
/// [`AppError::Protocol`] when the body is empty, JSON, or another text.
pub(super) fn facts(json: Option<&str>, bytes: &[u8]) -> Result<MediaAnswer, AppError> {
    let told = |what: &str| Err(reading::protocol(0, what.to_owned(), &String::from_utf8_lossy(bytes)));
    match json {
        _ if bytes.is_empty() => told("The answer is empty: there is no sound in it."),
        Some(_) => told("The answer is JSON, and no sound."),
        None if is_text(bytes) => told("The answer is text, and no sound."),
        None => Ok(MediaAnswer::Speech { bytes: bytes.len() as u64 }),
    }
}

/// Whether bytes that came as a sound may be one: an empty body and a text, which an error is, are none.
pub fn is_sound(bytes: &[u8]) -> bool {
    !bytes.is_empty() && !is_text(bytes)
}

/// Samples have bytes that no text has, silence first of all.
fn is_text(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(TELLING)];
    let start = match str::from_utf8(start) {
        Ok(text) => text,
        // A character may be cut at the end of what is looked at.
        Err(error) if error.error_len().is_none() && bytes.len() > TELLING => {
            str::from_utf8(&start[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    start.len() > 1 && start.chars().all(|one| !one.is_control() || matches!(one, '\n' | '\r' | '\t'))
}

/// Takes one event, and tells whether it was the last.
pub(super) fn event(media: &mut Option<MediaAnswer>, name: &str, data: &str) -> bool {
    let Ok(Some(event)) = loose::object::<Event<'_>>(data) else { return false };
    let kind = loose::some_text(event.kind).unwrap_or(Cow::Borrowed(name));
    if let Some(sound) = sound(&event, &kind) {
        let came = sound.len() as u64;
        match media {
            Some(MediaAnswer::Speech { bytes }) => *bytes += came,
            _ => *media = Some(MediaAnswer::Speech { bytes: came }),
        }
    }
    kind.ends_with(".done")
}

fn sound(event: &Event<'_>, kind: &str) -> Option<Vec<u8>> {
    let base64 = loose::some_text(event.audio).or_else(|| loose::some_text(event.delta))?;
    kind.ends_with(".delta").then(|| STANDARD.decode(base64.as_bytes()).ok()).flatten()
}

/// The piece of a sound that a recorded event carries.
pub fn sound_of_event(name: &str, data: &str) -> Option<Vec<u8>> {
    let event: Event<'_> = loose::object(data.trim()).ok()??;
    let kind = loose::some_text(event.kind).unwrap_or(Cow::Borrowed(name));
    sound(&event, &kind)
}
