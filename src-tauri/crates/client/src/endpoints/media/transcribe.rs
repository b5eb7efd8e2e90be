//! Transcripts: JSON with a text, or a text by itself, which may be subtitles.

use std::borrow::Cow;

use juxta_wire::error::AppError;
use juxta_wire::media_answer::{MediaAnswer, TranscriptForm};

use crate::endpoints::reading;
use crate::envelope;
use crate::loose::{self, Raw, members};

members!(Body {
    text: Raw<'a> = "text",
    language: Raw<'a> = "language",
    duration: Raw<'a> = "duration",
});

members!(Event {
    kind: Raw<'a> = "type",
    delta: Raw<'a> = "delta",
    text: Raw<'a> = "text",
});

pub(super) enum Said<'a> {
    More(Cow<'a, str>),
    All(Cow<'a, str>),
}

/// The text of an event of a transcript that comes piece by piece.
pub(super) fn event<'a>(name: &str, data: &'a str) -> Option<Said<'a>> {
    let event: Event<'a> = loose::object(data).ok()??;
    let kind = loose::some_text(event.kind).unwrap_or_else(|| Cow::Owned(name.to_owned()));
    match () {
        () if kind.ends_with("text.delta") => loose::some_text(event.delta).map(Said::More),
        () if kind.ends_with("text.done") => Some(Said::All(loose::text(event.text).unwrap_or_default())),
        () => None,
    }
}

/// The text of an answer. `json` is the whole when that is JSON.
///
/// # Errors
/// [`AppError::Protocol`] when it is JSON without a text.
pub(super) fn text<'a>(json: Option<&'a str>, whole: &'a str) -> Result<Cow<'a, str>, AppError> {
    let Some(json) = json else { return Ok(Cow::Borrowed(whole.trim_start_matches('\u{FEFF}').trim())) };
    let missing = || reading::protocol(0, "The answer is JSON, but it has no transcript.".to_owned(), json);
    let data = content(json).ok_or_else(missing)?;
    match data.trim_start().starts_with('"') {
        true => Ok(Cow::Owned(serde_json::from_str::<String>(data).map_err(|_| missing())?)),
        false => {
            let body: Body<'_> = loose::object(data).ok().flatten().unwrap_or_default();
            loose::text(body.text).ok_or_else(missing)
        }
    }
}

/// What a body of JSON holds: an object, or a string, out of its envelope.
pub fn content(json: &str) -> Option<&str> {
    envelope::open(json).ok().map(|opened| opened.data)
}

/// What is known of a transcript, whole as it came.
pub(super) fn facts(whole: &str) -> MediaAnswer {
    let json = Some(whole.trim()).filter(|text| text.starts_with(['{', '"']));
    let opened = json.and_then(content);
    let body: Option<Body<'_>> = opened.and_then(|data| loose::object(data).ok().flatten());
    let text = text(opened, whole).unwrap_or_default();
    let form = match form_of(&text) {
        TranscriptForm::Text if body.is_some() => TranscriptForm::Json,
        form => form,
    };
    let body = body.unwrap_or_default();
    MediaAnswer::Transcript {
        form,
        language: loose::some_text(body.language).map(Into::into),
        duration: loose::seconds(body.duration),
    }
}

/// What kind of text a transcript is, by how it begins.
pub fn form_of(text: &str) -> TranscriptForm {
    let text = text.trim_start_matches('\u{FEFF}').trim_start();
    let is_vtt =
        text.strip_prefix("WEBVTT").is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace));
    if is_vtt {
        return TranscriptForm::Vtt;
    }
    let mut lines = text.lines();
    let numbered = lines.next().is_some_and(|line| !line.is_empty() && line.trim().bytes().all(|b| b.is_ascii_digit()));
    match numbered && lines.next().is_some_and(|line| line.contains("-->")) {
        true => TranscriptForm::Srt,
        false => TranscriptForm::Text,
    }
}
