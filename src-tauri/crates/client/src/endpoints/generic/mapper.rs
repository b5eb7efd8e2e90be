//! Any JSON in, text or values out.

use std::borrow::Cow;

use juxta_wire::endpoint::Dialect;
use juxta_wire::error::AppError;
use juxta_wire::outcome::{Choice, Outcome};
use juxta_wire::usage::Usage;
use serde_json::value::RawValue;

use crate::classify;
use crate::endpoints::chat::{self, usage};
use crate::endpoints::item::{self, Source};
use crate::endpoints::reading::{self, END_MARK, Unreadable};
use crate::envelope::says_something;
use crate::loose::{self, Present, Raw, members};
use crate::observe::Piece;

members!(Answer {
    object: Raw<'a> = "object",
    response: Present<'a> = "response",
    status: Raw<'a> = "status",
    error: Raw<'a> = "error",
    id: Raw<'a> = "id",
    model: Raw<'a> = "model",
    usage: Raw<'a> = "usage",
});

// A chunk, which may hold text under one of these names.
members!(Chunk {
    choices: Raw<'a> = "choices",
    text: Raw<'a> = "text",
    delta: Raw<'a> = "delta",
    content: Raw<'a> = "content",
    output: Raw<'a> = "output",
    usage: Raw<'a> = "usage",
});

/// Folds the answer of generic inference, which may be anything.
///
/// A document that is a string is text; any other value is an item of its own. In a stream each chunk is looked at for
/// itself: one that is text, holds text, or looks like a chunk of a chat goes to the text, and of all others the newest
/// is the item. Nobody says when a stream is over, so its end is where it ends.
#[derive(Debug)]
pub struct Mapper {
    dialect: Dialect,
    /// Reads the chunks that look like those of a chat.
    chat: chat::Mapper,
    response_id: Option<String>,
    model: Option<String>,
    usage: Option<Usage>,
    has_chunk: bool,
    text_deltas: u64,
    events: u64,
    frames: u32,
    readable: u64,
    unreadable: Unreadable,
    end_marker: bool,
    is_failed: bool,
    is_document: bool,
}

impl Mapper {
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            chat: chat::Mapper::new(dialect),
            response_id: None,
            model: None,
            usage: None,
            has_chunk: false,
            text_deltas: 0,
            events: 0,
            frames: 0,
            readable: 0,
            unreadable: Unreadable::default(),
            end_marker: false,
            is_failed: false,
            is_document: false,
        }
    }

    /// Counts a comment, which has a number among the events.
    pub fn comment(&mut self) {
        self.frames = self.frames.saturating_add(1);
    }

    pub fn event(&mut self, name: &str, data: &str, on: &mut impl FnMut(Piece<'_>)) -> Option<AppError> {
        self.events += 1;
        self.frames = self.frames.saturating_add(1);
        let trimmed = data.trim();
        if trimmed == END_MARK {
            self.readable += 1;
            self.end_marker = true;
            return None;
        }
        let is_named_error = name == "error";
        if trimmed.is_empty() && !is_named_error {
            return None;
        }
        let answer = match loose::object::<Answer<'_>>(trimmed) {
            Err(error) if !is_named_error => {
                self.unreadable.skip(trimmed, &error);
                return None;
            }
            Err(_) => Answer::default(),
            Ok(answer) => answer.unwrap_or_default(),
        };
        self.readable += 1;
        if is_named_error || answer.is_error() {
            self.is_failed = true;
            let rejection = classify::in_stream(trimmed, u64::from(self.frames), self.dialect);
            return Some(AppError::Rejected(Box::new(rejection)));
        }
        self.take_facts(&answer);
        let (value, within) = match answer.response.0 {
            Some(response) => (response.get(), "/response"),
            None => (trimmed, ""),
        };
        self.chunk(value, within, on)
    }

    /// Takes an answer that came as one JSON document, with its object around it or bare.
    pub fn document(&mut self, json: &[u8], on: &mut impl FnMut(Piece<'_>)) -> Result<(), AppError> {
        let text = String::from_utf8_lossy(json);
        let text = text.trim_start_matches('\u{FEFF}').trim();
        let answer = loose::object::<Answer<'_>>(text).map_err(|error| reading::not_json(text, &error))?;
        let answer = answer.unwrap_or_default();
        if answer.is_error() {
            return Err(reading::rejected(text, self.dialect));
        }
        self.is_document = true;
        self.take_facts(&answer);
        let (value, within) = match answer.response.0 {
            Some(response) => (response.get(), "/response"),
            None => (text, ""),
        };
        self.has_chunk = true;
        match text_of(value) {
            Some(text) => on(Piece::Text { choice: 0, text: &text }),
            None => {
                let used: Option<Chunk<'_>> = loose::object(value).ok().flatten();
                self.usage = self.usage.take().or_else(|| usage::read(used?.usage));
                on(Piece::Item { choice: 0, item: &item::value(value, Source { event: 0, within }) });
            }
        }
        Ok(())
    }

    pub fn outcome(&self) -> Outcome {
        let chat = self.chat.outcome();
        let mut choices = chat.choices;
        if self.has_chunk && choices.first().is_none_or(|choice| choice.index > 0) {
            choices.insert(0, Choice::default());
        }
        if let Some(first) = choices.first_mut() {
            first.text_deltas += self.text_deltas;
        }
        Outcome {
            choices,
            usage: self.usage.clone().or(chat.usage),
            model: self.model.clone().or(chat.model),
            response_id: self.response_id.clone().or(chat.response_id),
            end_marker: self.end_marker,
            events: self.events,
            ..Outcome::default()
        }
    }

    /// A stream is over when nothing more comes: neither an end mark nor a last chunk is documented.
    pub fn is_ended(&self) -> bool {
        self.end_marker || self.is_failed || self.is_document || self.has_chunk
    }

    pub fn end(&self) -> Result<(), AppError> {
        if self.readable == 0 {
            self.unreadable.nothing_else_came()?;
        }
        if self.is_ended() {
            return Ok(());
        }
        let message = "The body ended before any answer came.".to_owned();
        Err(AppError::EndedEarly { events: self.events, message })
    }

    pub fn has_end_marker(&self) -> bool {
        self.end_marker
    }

    pub fn unreadable_events(&self) -> u64 {
        self.unreadable.events
    }

    fn take_facts(&mut self, answer: &Answer<'_>) {
        let first = |known: &mut Option<String>, said: Raw<'_>| {
            *known = known.take().or_else(|| loose::some_text(said).map(Into::into));
        };
        first(&mut self.response_id, answer.id);
        first(&mut self.model, answer.model);
        self.usage = usage::read(answer.usage).or(self.usage.take());
    }

    fn chunk(&mut self, value: &str, within: &str, on: &mut impl FnMut(Piece<'_>)) -> Option<AppError> {
        self.has_chunk = true;
        let chunk: Chunk<'_> = loose::object(value).ok().flatten().unwrap_or_default();
        if chunk.choices.is_some_and(|choices| choices.get().starts_with('[')) {
            return self.chat.event("", value, on);
        }
        self.usage = usage::read(chunk.usage).or(self.usage.take());
        let text = text_of(value).or_else(|| chunk.text()).filter(|_| value != "null");
        match text {
            Some(text) => {
                self.text_deltas += u64::from(!text.is_empty());
                on(Piece::Text { choice: 0, text: &text });
            }
            None => {
                let source = Source { event: self.frames, within };
                on(Piece::Item { choice: 0, item: &item::value(value, source) });
            }
        }
        None
    }
}

/// The text that a value is.
fn text_of(value: &str) -> Option<Cow<'_, str>> {
    loose::text(serde_json::from_str::<&RawValue>(value).ok())
}

impl<'a> Chunk<'a> {
    /// The text that a chunk holds. Members beside it are of no text: the event shows them.
    fn text(&self) -> Option<Cow<'a, str>> {
        let names = [self.text, self.delta, self.content, self.output];
        names.into_iter().find_map(loose::text).or_else(|| {
            let inner: Chunk<'_> = loose::object(self.delta?.get()).ok()??;
            [inner.text, inner.content].into_iter().find_map(loose::text)
        })
    }
}

impl Answer<'_> {
    /// Whether this says that something went wrong and is no answer besides.
    fn is_error(&self) -> bool {
        let is = |raw, word: &str| loose::text(raw).is_some_and(|text| text == word);
        self.response.0.is_none()
            && (says_something(self.error) || is(self.status, "error") || is(self.object, "error"))
    }
}

#[cfg(test)]
mod tests {
    use juxta_wire::outcome::OutputItem;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map(
                    "text|delta|content|output|choices|usage|error|response|[\\PC]{0,4}",
                    inner,
                    0..6
                )
                .prop_map(|members| Value::from(members.into_iter().collect::<serde_json::Map<_, _>>())),
            ]
        })
    }

    proptest! {
        /// What stands in `response` is the answer, whatever it is.
        #[test]
        fn any_value_is_an_answer(value in any_json()) {
            let (mut text, mut item) = (String::new(), None::<OutputItem>);
            let mut take = |piece: Piece<'_>| match piece {
                Piece::Text { text: more, .. } => text.push_str(more),
                Piece::Item { item: found, .. } => item = Some(found.clone()),
                other => panic!("{other:?}"),
            };
            let document = json!({"object": "generic_inference", "response": value}).to_string();
            let mut mapper = Mapper::new(Dialect::ScaleV5);
            prop_assert_eq!(mapper.document(document.as_bytes(), &mut take), Ok(()));
            prop_assert_eq!(mapper.outcome().choices.len(), 1);
            match value {
                Value::String(expected) => prop_assert_eq!((text, item), (expected, None)),
                value => prop_assert_eq!((text, item.map(|item| item.json)), (String::new(), Some(value.to_string()))),
            }
        }

        /// No chunk is an error, and each of them leaves text or a value.
        #[test]
        fn any_value_is_a_chunk(values in proptest::collection::vec(any_json(), 1..6)) {
            let mut mapper = Mapper::new(Dialect::ScaleV5);
            for value in values {
                let mut pieces = 0;
                let looks_like_a_chat = value.get("choices").is_some_and(Value::is_array);
                let event = json!({"object": "generic_inference.chunk", "response": value}).to_string();
                let error = mapper.event("", &event, &mut |_| pieces += 1);
                prop_assert!(looks_like_a_chat || (error.is_none() && pieces == 1), "{} {:?}", event, error);
            }
            prop_assert_eq!(mapper.end(), Ok(()));
        }
    }
}
