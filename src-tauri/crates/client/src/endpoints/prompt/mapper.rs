//! Continued texts in, pieces out: a chat's answer in all but the name of the text.

use juxta_wire::endpoint::Dialect;
use juxta_wire::error::AppError;
use juxta_wire::outcome::Outcome;

use crate::endpoints::chat;
use crate::endpoints::reading;
use crate::loose::{self, Raw, members};
use crate::observe::Piece;

members!(Body {
    id: Raw<'a> = "id",
    model: Raw<'a> = "model",
    choices: Raw<'a> = "choices",
    text: Raw<'a> = "text",
    output: Raw<'a> = "output",
    finish_reason: Raw<'a> = "finish_reason",
    usage: Raw<'a> = "usage",
    data: Raw<'a> = "data",
    error: Raw<'a> = "error",
});

/// Folds the answers of completions and generate.
///
/// Completions answer with `choices[].text`, which the mapper of chats reads. What generate answers with is written down
/// nowhere, so its text is looked for in the likely places: `choices[].text`, `choices[].message.content`, `text`,
/// `output`, and a bare string, each within `data` or without.
#[derive(Debug)]
pub struct Mapper {
    chat: chat::Mapper,
}

impl Mapper {
    pub fn new(dialect: Dialect) -> Self {
        Self { chat: chat::Mapper::new(dialect) }
    }

    pub fn event(&mut self, name: &str, data: &str, on: &mut impl FnMut(Piece<'_>)) -> Option<AppError> {
        // Most events have choices, and need no second look.
        match memchr::memmem::find(data.as_bytes(), b"\"choices\"") {
            Some(_) => self.chat.event(name, data, on),
            None => match as_choices(data.trim(), "delta") {
                Some(chunk) => self.chat.event(name, &chunk, on),
                None => self.chat.event(name, data, on),
            },
        }
    }

    pub fn document(&mut self, json: &[u8], on: &mut impl FnMut(Piece<'_>)) -> Result<(), AppError> {
        let text = String::from_utf8_lossy(json);
        let text = text.trim_start_matches('\u{FEFF}').trim();
        match as_choices(text, "message") {
            Some(answer) => self.chat.document(answer.as_bytes(), on),
            None => self.chat.document(json, on).map_err(|error| match error {
                AppError::Protocol { at: 0, .. } if text.starts_with(['{', '[']) => {
                    reading::protocol(0, "The answer is JSON, but it has no text.".to_owned(), text)
                }
                error => error,
            }),
        }
    }

    pub fn outcome(&self) -> Outcome {
        self.chat.outcome()
    }

    pub fn is_ended(&self) -> bool {
        self.chat.is_ended()
    }

    pub fn has_end_marker(&self) -> bool {
        self.chat.has_end_marker()
    }

    pub fn end(&self) -> Result<(), AppError> {
        self.chat.end()
    }

    pub fn unreadable_events(&self) -> u64 {
        self.chat.unreadable_events()
    }
}

/// An answer without choices as one with them; `None` when it has choices, is an error, or holds no text.
fn as_choices(json: &str, holder: &str) -> Option<String> {
    let outer = serde_json::from_str::<&serde_json::value::RawValue>(json).ok()?;
    let body: Body<'_> = loose::object(json).ok()?.unwrap_or_default();
    if body.choices.is_some() || crate::envelope::says_something(body.error) {
        return None;
    }
    let data = body.data.map(|data| loose::object::<Body<'_>>(data.get()).ok().flatten().unwrap_or_default());
    let data = data.unwrap_or_default();
    if data.choices.is_some() {
        return None;
    }
    let is_text = |raw: &Raw<'_>| loose::text(*raw).is_some();
    let places = [data.text, data.output, body.data, body.text, body.output, Some(outer)];
    let text = places.into_iter().find(is_text)??;
    let choice = object(&[
        ("index", Some("0")),
        (holder, Some(&format!("{{\"content\":{}}}", text.get()))),
        ("finish_reason", data.finish_reason.or(body.finish_reason).map(|raw| raw.get())),
    ]);
    Some(object(&[
        ("id", data.id.or(body.id).map(|raw| raw.get())),
        ("model", data.model.or(body.model).map(|raw| raw.get())),
        ("choices", Some(&format!("[{choice}]"))),
        ("usage", data.usage.or(body.usage).map(|raw| raw.get())),
    ]))
}

/// JSON of an object with those members that are there.
fn object(members: &[(&str, Option<&str>)]) -> String {
    let members: Vec<String> =
        members.iter().filter_map(|(name, value)| Some(format!("\"{name}\":{}", (*value)?))).collect();
    format!("{{{}}}", members.join(","))
}
