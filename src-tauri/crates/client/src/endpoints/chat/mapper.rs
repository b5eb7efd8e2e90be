//! Events in, pieces of text out.

use juxta_wire::endpoint::Dialect;
use juxta_wire::error::AppError;
use juxta_wire::outcome::{self, Outcome, SpokenAnswer};
use juxta_wire::usage::Usage;

use super::chunk::{Audio, Choice, Chunk, Delta, Kind, texts};
use super::fast::{Learned, Templates};
use super::tool_calls::Calls;
use super::usage;
use crate::classify;
use crate::endpoints::reading::{self, END_MARK, Unreadable};
use crate::loose;
use crate::observe::Piece;

/// Folds a chat answer. Texts go out as they come and are not kept; the light facts are: usage, finish reasons, ids,
/// tool-call names, counts.
///
/// Nothing that a server may send is fatal: unknown members and events do nothing, data that is no JSON is counted and
/// skipped. Only an event that says of itself that it is an error gives one.
#[derive(Debug)]
pub struct Mapper {
    dialect: Dialect,
    facts: Facts,
    choices: Vec<ChoiceState>,
    templates: Templates,
    events: u64,
    /// Events that were JSON or an end mark.
    readable: u64,
    unreadable: Unreadable,
    end_marker: bool,
    /// The answer was one JSON document, which is complete in itself.
    is_document: bool,
}

#[derive(Debug, Default)]
struct Facts {
    response_id: Option<String>,
    model: Option<String>,
    usage: Option<Usage>,
}

#[derive(Debug, Default)]
struct ChoiceState {
    index: u32,
    finish_reason: Option<String>,
    /// JSON text of each.
    annotations: Vec<String>,
    calls: Calls,
    text_deltas: u64,
    reasoning_deltas: u64,
    audio: Option<SpokenAnswer>,
}

impl Mapper {
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            facts: Facts::default(),
            choices: Vec::new(),
            templates: Templates::default(),
            events: 0,
            readable: 0,
            unreadable: Unreadable::default(),
            end_marker: false,
            is_document: false,
        }
    }

    /// Takes one event of a stream. `name` is empty for a plain message. An error that the event carries is returned;
    /// what comes after it (`[DONE]`, as a rule) may still be fed and does not undo it.
    pub fn event(&mut self, name: &str, data: &str, on: &mut impl FnMut(Piece<'_>)) -> Option<AppError> {
        self.events += 1;
        if name.is_empty()
            && let Some(hit) = self.templates.recognise(data)
        {
            self.readable += 1;
            let choice = &mut self.choices[hit.template.place];
            if let Some(usage) = &hit.template.usage {
                self.facts.usage = Some(usage.clone());
            }
            if hit.template.is_reasoning {
                choice.reasoning_deltas += 1;
                on(Piece::Reasoning { choice: choice.index, text: &hit.text });
            } else {
                choice.text_deltas += 1;
                on(Piece::Text { choice: choice.index, text: &hit.text });
            }
            return None;
        }
        self.event_in_full(name, data, on)
    }

    fn event_in_full(&mut self, name: &str, data: &str, on: &mut impl FnMut(Piece<'_>)) -> Option<AppError> {
        let trimmed = data.trim();
        if trimmed == END_MARK {
            self.readable += 1;
            self.end_marker = true;
            return None;
        }
        let is_named_error = name == "error";
        let chunk = match loose::object::<Chunk<'_>>(trimmed) {
            Ok(chunk) => chunk.unwrap_or_default(),
            Err(_) if trimmed.is_empty() && !is_named_error => return None,
            Err(error) if !is_named_error => {
                self.unreadable.skip(trimmed, &error);
                return None;
            }
            Err(_) => Chunk::default(),
        };
        self.readable += 1;
        let chunk = unwrapped(chunk);
        let is_error = is_named_error || chunk.is_error();
        let learned = if name.is_empty() && !is_error { Learned::from(data, &chunk) } else { None };
        self.take(chunk, on);
        if let Some(learned) = learned
            && let Some(place) = self.choices.iter().position(|choice| choice.index == learned.choice)
        {
            self.templates.learn(data, learned, place);
        }
        is_error.then(|| AppError::Rejected(Box::new(classify::in_stream(trimmed, self.events, self.dialect))))
    }

    /// Takes the body of an answer that is one JSON document, in an envelope or not. A body that says of itself that it
    /// is an error, although the status did not, gives [`AppError::Rejected`]; one that is no JSON or has no choices
    /// gives [`AppError::Protocol`].
    pub fn document(&mut self, json: &[u8], on: &mut impl FnMut(Piece<'_>)) -> Result<(), AppError> {
        let text = String::from_utf8_lossy(json);
        let text = text.trim_start_matches('\u{FEFF}');
        let chunk = loose::object::<Chunk<'_>>(text).map_err(|error| reading::not_json(text, &error))?;
        let chunk = unwrapped(chunk.unwrap_or_default());
        if chunk.is_error() {
            return Err(reading::rejected(text, self.dialect));
        }
        if chunk.choices.0.is_none() {
            return Err(reading::protocol(0, "The answer is JSON, but it has no choices.".to_owned(), text));
        }
        self.is_document = true;
        self.take(chunk, on);
        Ok(())
    }

    /// What is known so far. Texts and arguments are empty: whoever receives the pieces has them.
    pub fn outcome(&self) -> Outcome {
        let mut choices: Vec<outcome::Choice> = self.choices.iter().map(ChoiceState::outcome).collect();
        choices.sort_by_key(|choice| choice.index);
        Outcome {
            choices,
            usage: self.facts.usage.clone(),
            model: self.facts.model.clone(),
            response_id: self.facts.response_id.clone(),
            end_marker: self.end_marker,
            events: self.events,
            ..Outcome::default()
        }
    }

    /// `[DONE]` came, or every choice seen has a finish reason, or it was one document. Scale's streams end by closing
    /// the connection and ScaiGrid's with `[DONE]`: both are a normal end.
    pub fn is_ended(&self) -> bool {
        self.end_marker
            || self.is_document
            || !self.choices.is_empty() && self.choices.iter().all(|choice| choice.finish_reason.is_some())
    }

    /// `[DONE]` came.
    pub fn has_end_marker(&self) -> bool {
        self.end_marker
    }

    /// What an end of the body at this point means: `Ok` for a normal end, else [`AppError::EndedEarly`], or
    /// [`AppError::Protocol`] when events came and not one of them was JSON.
    pub fn end(&self) -> Result<(), AppError> {
        if self.readable == 0 {
            self.unreadable.nothing_else_came()?;
        }
        if self.is_ended() {
            return Ok(());
        }
        let message = match self.choices.len() {
            0 => "The body ended before any answer came.",
            _ => "The body ended without an end mark and without a finish reason.",
        };
        Err(AppError::EndedEarly { events: self.events, message: message.to_owned() })
    }

    /// Events whose data was no JSON. They were skipped.
    pub fn unreadable_events(&self) -> u64 {
        self.unreadable.events
    }

    fn take(&mut self, chunk: Chunk<'_>, on: &mut impl FnMut(Piece<'_>)) {
        // The first id and model stay; some servers send empty ones ahead.
        if self.facts.response_id.is_none() {
            self.facts.response_id = loose::some_text(chunk.id).map(Into::into);
        }
        if self.facts.model.is_none() {
            self.facts.model = loose::some_text(chunk.model).map(Into::into);
        }
        // Of usages the last wins: some servers count along on every chunk, from zero.
        if let Some(usage) = usage::read(chunk.usage) {
            self.facts.usage = Some(usage);
        }
        for (position, choice) in chunk.choices.items().into_iter().enumerate() {
            let index = choice_index(&choice, position);
            let place = self.choices.iter().position(|known| known.index == index).unwrap_or_else(|| {
                self.choices.push(ChoiceState { index, ..ChoiceState::default() });
                self.choices.len() - 1
            });
            self.choices[place].take(choice, self.is_document, on);
        }
    }

    /// The same without recognition by comparison, to compare with.
    #[cfg(test)]
    pub(super) fn event_without_templates(
        &mut self,
        name: &str,
        data: &str,
        on: &mut impl FnMut(Piece<'_>),
    ) -> Option<AppError> {
        self.events += 1;
        self.event_in_full(name, data, on)
    }

    #[cfg(test)]
    pub(super) fn recognised(&self) -> u64 {
        self.templates.hits
    }
}

/// The index of a choice, or its place where it names none.
pub(in crate::endpoints) fn choice_index(choice: &Choice<'_>, position: usize) -> u32 {
    loose::count(choice.index).and_then(|index| u32::try_from(index).ok()).unwrap_or(position as u32)
}

/// Takes a chunk out of `{"data":{…}}` or `{"status":"ok","data":{…}}`.
pub(in crate::endpoints) fn unwrapped(outer: Chunk<'_>) -> Chunk<'_> {
    if outer.choices.0.is_some() || crate::envelope::says_something(outer.error) {
        return outer;
    }
    match outer.data.map(|data| loose::object::<Chunk<'_>>(data.get())) {
        Some(Ok(Some(inner))) if inner.choices.0.is_some() || inner.is_error() => {
            Chunk { usage: inner.usage.or(outer.usage), ..inner }
        }
        _ => outer,
    }
}

impl ChoiceState {
    fn take(&mut self, choice: Choice<'_>, is_document: bool, on: &mut impl FnMut(Piece<'_>)) {
        if let Some(reason) = loose::some_text(choice.finish_reason) {
            self.finish_reason = Some(reason.into_owned());
        }
        let before_any_text = self.text_deltas == 0 && self.reasoning_deltas == 0 && self.audio.is_none();
        match (choice.delta.0, choice.message.0) {
            (Some(delta), _) => self.take_delta(&delta, is_document, false, on),
            // A stream may give a whole message, as its only chunk or, repeating the deltas, as its last.
            (None, Some(message)) if before_any_text => self.take_delta(&message, is_document, true, on),
            (None, Some(_)) => {}
            (None, None) => {
                let delta = Delta { content: choice.text, ..Delta::default() };
                self.take_delta(&delta, is_document, false, on);
            }
        }
    }

    fn take_delta(&mut self, delta: &Delta<'_>, is_document: bool, is_whole: bool, on: &mut impl FnMut(Piece<'_>)) {
        let choice = self.index;
        let (mut has_text, mut has_reasoning) = (false, false);
        for (_, text) in delta.reasoning().unwrap_or_default() {
            has_reasoning = true;
            on(Piece::Reasoning { choice, text: &text });
        }
        for (kind, text) in texts(delta.content) {
            match kind {
                Kind::Text => {
                    has_text = true;
                    on(Piece::Text { choice, text: &text });
                }
                Kind::Reasoning => {
                    has_reasoning = true;
                    on(Piece::Reasoning { choice, text: &text });
                }
                Kind::Refusal => on(Piece::Refusal { choice, text: &text }),
            }
        }
        if let Some(text) = loose::some_text(delta.refusal) {
            on(Piece::Refusal { choice, text: &text });
        }
        if let Some(audio) = &delta.audio.0 {
            has_text |= self.take_audio(audio, has_text, on);
        }
        // A document is one piece, however many tokens it has.
        self.text_deltas += u64::from(has_text && !is_document);
        self.reasoning_deltas += u64::from(has_reasoning && !is_document);
        for (position, call) in delta.tool_calls.0.iter().flatten().enumerate() {
            self.calls.take(choice, call, is_whole.then_some(position as u64), on);
        }
        if let Some(function) = &delta.function_call.0 {
            self.calls.take_function_call(choice, function, on);
        }
        self.annotations.extend(loose::elements(delta.annotations).into_iter().map(|one| one.get().to_owned()));
    }

    /// Takes what was spoken, and tells whether words came with it. Where a server writes the words as content too, they
    /// are not told twice.
    fn take_audio(&mut self, audio: &Audio<'_>, has_text: bool, on: &mut impl FnMut(Piece<'_>)) -> bool {
        let is_first = self.audio.is_none();
        let known = self.audio.get_or_insert_default();
        if is_first {
            known.is_transcript = !has_text && self.text_deltas == 0;
        }
        if let Some(id) = loose::some_text(audio.id) {
            known.id = Some(id.into_owned());
        }
        known.expires_at = loose::count(audio.expires_at).or(known.expires_at);
        known.characters += loose::text(audio.data).map_or(0, |data| data.len() as u64);
        match loose::some_text(audio.transcript).filter(|_| known.is_transcript) {
            Some(text) => {
                on(Piece::Text { choice: self.index, text: &text });
                true
            }
            None => false,
        }
    }

    fn outcome(&self) -> outcome::Choice {
        outcome::Choice {
            index: self.index,
            tool_calls: self.calls.outcome(),
            finish_reason: self.finish_reason.clone(),
            annotations: (!self.annotations.is_empty()).then(|| format!("[{}]", self.annotations.join(","))),
            text_deltas: self.text_deltas,
            reasoning_deltas: self.reasoning_deltas,
            audio: self.audio.clone(),
            ..outcome::Choice::default()
        }
    }
}

#[cfg(test)]
mod tests;
