//! Pictures: base64 of their bytes, or the address at which they lie for a while.

use std::borrow::Cow;

use juxta_wire::error::AppError;
use juxta_wire::media_answer::{AnswerPicture, AnswerPictureForm, MediaAnswer};

use crate::endpoints::reading;
use crate::loose::{self, Raw, members};

members!(Row {
    url: Raw<'a> = "url",
    base64: Raw<'a> = "b64_json",
    revised_prompt: Raw<'a> = "revised_prompt",
});

members!(List { data: Raw<'a> = "data" });

members!(Event {
    kind: Raw<'a> = "type",
    base64: Raw<'a> = "b64_json",
    url: Raw<'a> = "url",
    revised_prompt: Raw<'a> = "revised_prompt",
});

/// Where the bytes of a picture are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source<'a> {
    Base64(Cow<'a, str>),
    Address(Cow<'a, str>),
}

fn rows<'a>(json: &'a str) -> Option<Vec<Row<'a>>> {
    let outer: List<'a> = loose::object(json).ok()??;
    let data = outer.data?;
    let list = match loose::object::<List<'a>>(data.get()).ok()? {
        Some(inner) => inner.data?,
        None => data,
    };
    list.get().starts_with('[').then(|| loose::array(list.get()))
}

fn source<'a>(base64: Raw<'a>, url: Raw<'a>) -> Option<Source<'a>> {
    if let Some(base64) = loose::some_text(base64) {
        return Some(Source::Base64(base64));
    }
    let url = loose::some_text(url)?;
    // Some servers say the picture itself in place of its address.
    match url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,")) {
        Some((_, base64)) => Some(Source::Base64(Cow::Owned(base64.to_owned()))),
        None => Some(Source::Address(url)),
    }
}

fn picture(source: &Source<'_>, revised_prompt: Raw<'_>) -> AnswerPicture {
    let form = match source {
        Source::Base64(base64) => AnswerPictureForm::Inline { characters: base64.len() as u64 },
        Source::Address(url) => AnswerPictureForm::Address { url: url.clone().into_owned() },
    };
    AnswerPicture { form, revised_prompt: loose::some_text(revised_prompt).map(Into::into) }
}

/// # Errors
/// [`AppError::Protocol`] when the answer has no pictures.
pub(super) fn facts(json: &str) -> Result<MediaAnswer, AppError> {
    let missing = || reading::protocol(0, "The answer is JSON, but it has no pictures.".to_owned(), json);
    let rows = rows(json).ok_or_else(missing)?;
    let pictures: Vec<AnswerPicture> =
        rows.iter().filter_map(|row| Some(picture(&source(row.base64, row.url)?, row.revised_prompt))).collect();
    if pictures.is_empty() {
        return Err(missing());
    }
    Ok(MediaAnswer::Pictures { pictures })
}

fn is_whole(kind: &str) -> bool {
    kind.ends_with(".completed")
}

/// Takes one event, and tells whether it was the last. Unfinished pictures are passed over.
pub(super) fn event(media: &mut Option<MediaAnswer>, name: &str, data: &str) -> bool {
    let Some((event, source)) = whole_picture(name, data) else { return false };
    let picture = picture(&source, event.revised_prompt);
    match media {
        Some(MediaAnswer::Pictures { pictures }) => pictures.push(picture),
        _ => *media = Some(MediaAnswer::Pictures { pictures: vec![picture] }),
    }
    true
}

fn whole_picture<'a>(name: &str, data: &'a str) -> Option<(Event<'a>, Source<'a>)> {
    let event: Event<'a> = loose::object(data).ok()??;
    let kind = loose::some_text(event.kind).unwrap_or(Cow::Borrowed(name));
    let source = source(event.base64, event.url).filter(|_| is_whole(&kind))?;
    Some((event, source))
}

/// Where the pictures of a recorded document are, in its order.
pub fn sources(json: &str) -> Vec<Source<'_>> {
    let rows = rows(json.trim_start_matches('\u{FEFF}').trim()).unwrap_or_default();
    rows.iter().filter_map(|row| source(row.base64, row.url)).collect()
}

/// Where the finished picture of a recorded event is.
pub fn source_of_event<'a>(name: &str, data: &'a str) -> Option<Source<'a>> {
    whole_picture(name, data).map(|(_, source)| source)
}
