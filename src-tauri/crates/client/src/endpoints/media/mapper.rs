//! Answers of vectors, pictures and sounds in, light facts out.

use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::AppError;
use juxta_wire::media_answer::MediaAnswer;
use juxta_wire::outcome::{Choice, Outcome};
use juxta_wire::usage::Usage;

use super::{embed, image, synthesize, transcribe};
use crate::classify;
use crate::endpoints::chat::usage;
use crate::endpoints::reading::{self, END_MARK, Unreadable};
use crate::envelope::says_something;
use crate::loose::{self, Raw, members};
use crate::observe::Piece;

// What an answer of any of them may have beside its content.
members!(Facts {
    error: Raw<'a> = "error",
    status: Raw<'a> = "status",
    code: Raw<'a> = "code",
    model: Raw<'a> = "model",
    id: Raw<'a> = "id",
    usage: Raw<'a> = "usage",
    data: Raw<'a> = "data",
});

/// Folds an answer of one of these endpoints. Most are one document; OpenAI's servers can send all but vectors as events.
#[derive(Debug)]
pub struct Mapper {
    endpoint: EndpointKind,
    dialect: Dialect,
    media: Option<MediaAnswer>,
    /// A transcript came, whole or in pieces.
    has_text: bool,
    text_deltas: u64,
    usage: Option<Usage>,
    model: Option<String>,
    response_id: Option<String>,
    events: u64,
    readable: u64,
    unreadable: Unreadable,
    is_over: bool,
    end_marker: bool,
}

impl Mapper {
    pub fn new(endpoint: EndpointKind, dialect: Dialect) -> Self {
        Self {
            endpoint,
            dialect,
            media: None,
            has_text: false,
            text_deltas: 0,
            usage: None,
            model: None,
            response_id: None,
            events: 0,
            readable: 0,
            unreadable: Unreadable::default(),
            is_over: false,
            end_marker: false,
        }
    }

    pub fn event(&mut self, name: &str, data: &str, on: &mut impl FnMut(Piece<'_>)) -> Option<AppError> {
        self.events += 1;
        let data = data.trim();
        if data == END_MARK {
            self.readable += 1;
            self.end_marker = true;
            self.is_over = true;
            return None;
        }
        if data.is_empty() && name != "error" {
            return None;
        }
        match loose::object::<Facts<'_>>(data) {
            Err(error) if name != "error" => {
                self.unreadable.skip(data, &error);
                return None;
            }
            Err(_) => {}
            Ok(facts) => self.take_facts(&facts.unwrap_or_default()),
        }
        self.readable += 1;
        let is_error = loose::object::<Facts<'_>>(data).ok().flatten().is_some_and(|facts| says_something(facts.error));
        if name == "error" || is_error {
            let rejection = classify::in_stream(data, self.events, self.dialect);
            return Some(AppError::Rejected(Box::new(rejection)));
        }
        match self.endpoint {
            EndpointKind::Image => self.is_over |= image::event(&mut self.media, name, data),
            EndpointKind::Synthesize => self.is_over |= synthesize::event(&mut self.media, name, data),
            EndpointKind::Transcribe => match transcribe::event(name, data) {
                Some(transcribe::Said::More(text)) => {
                    self.text_deltas += 1;
                    self.take_text(&text, on);
                }
                Some(transcribe::Said::All(text)) => {
                    if !self.has_text {
                        self.take_text(&text, on);
                    }
                    self.media.get_or_insert_with(|| transcribe::facts(&text));
                    self.is_over = true;
                }
                None => {}
            },
            // Nobody sends vectors as events.
            _ => {}
        }
        None
    }

    fn take_text(&mut self, text: &str, on: &mut impl FnMut(Piece<'_>)) {
        self.has_text = true;
        on(Piece::Text { choice: 0, text });
    }

    /// Takes an answer that is one document, which of a sound is the sound itself.
    ///
    /// # Errors
    /// [`AppError::Rejected`] when it says of itself that it is an error, [`AppError::Protocol`] when it is no answer.
    pub fn document(&mut self, bytes: &[u8], on: &mut impl FnMut(Piece<'_>)) -> Result<(), AppError> {
        let text = str::from_utf8(bytes).map(|text| text.trim_start_matches('\u{FEFF}').trim());
        // A sound can begin with any byte, and only a whole document of JSON is one.
        let json = text.ok().filter(|text| matches!(text.as_bytes().first(), Some(b'{' | b'[' | b'"')));
        let json = json.filter(|text| serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok());
        if let Some(json) = json {
            let facts = loose::object::<Facts<'_>>(json).ok().flatten().unwrap_or_default();
            let is_error = loose::text(facts.status).is_some_and(|status| status == "error");
            if is_error || says_something(facts.error) {
                return Err(reading::rejected(json, self.dialect));
            }
            self.take_facts(&facts);
            if let Some(inner) = facts.data.and_then(|data| loose::object::<Facts<'_>>(data.get()).ok().flatten()) {
                self.take_facts(&inner);
            }
        }
        self.media = Some(match self.endpoint {
            EndpointKind::Embed => embed::facts(self.need(json, bytes)?)?,
            EndpointKind::Image => image::facts(self.need(json, bytes)?)?,
            EndpointKind::Transcribe => {
                let whole = String::from_utf8_lossy(bytes);
                let text = transcribe::text(json, &whole)?;
                self.take_text(&text, on);
                transcribe::facts(json.unwrap_or(&whole))
            }
            _ => synthesize::facts(json, bytes)?,
        });
        self.is_over = true;
        Ok(())
    }

    fn need<'a>(&self, json: Option<&'a str>, bytes: &[u8]) -> Result<&'a str, AppError> {
        json.ok_or_else(|| {
            let text = String::from_utf8_lossy(bytes);
            match serde_json::from_str::<&serde_json::value::RawValue>(&text) {
                Err(error) => reading::not_json(&text, &error),
                Ok(_) => reading::protocol(0, "The answer is JSON, and no object.".to_owned(), &text),
            }
        })
    }

    fn take_facts(&mut self, facts: &Facts<'_>) {
        self.model = self.model.take().or_else(|| loose::some_text(facts.model).map(Into::into));
        self.response_id = self.response_id.take().or_else(|| loose::some_text(facts.id).map(Into::into));
        self.usage = usage::read(facts.usage).or(self.usage.take());
    }

    pub fn outcome(&self) -> Outcome {
        let text = || Choice { text_deltas: self.text_deltas, ..Choice::default() };
        Outcome {
            choices: self.has_text.then(text).into_iter().collect(),
            usage: self.usage.clone(),
            model: self.model.clone(),
            response_id: self.response_id.clone(),
            end_marker: self.end_marker,
            events: self.events,
            media: self.media.clone(),
            ..Outcome::default()
        }
    }

    pub fn is_ended(&self) -> bool {
        self.is_over
    }

    pub fn end(&self) -> Result<(), AppError> {
        if self.readable == 0 {
            self.unreadable.nothing_else_came()?;
        }
        if self.is_over {
            return Ok(());
        }
        let message = "The body ended before the answer was whole.".to_owned();
        Err(AppError::EndedEarly { events: self.events, message })
    }

    pub fn unreadable_events(&self) -> u64 {
        self.unreadable.events
    }
}

#[cfg(test)]
mod tests;
