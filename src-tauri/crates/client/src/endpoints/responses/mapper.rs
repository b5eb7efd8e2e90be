//! Events of a response in, items and pieces of their texts out.

use std::borrow::Cow;

use juxta_wire::endpoint::Dialect;
use juxta_wire::error::AppError;
use juxta_wire::outcome::Outcome;
use juxta_wire::usage::Usage;

use super::event::{Channel, Event, Family, Response, Says};
use super::item;
use super::items::{Items, Named};
use crate::classify;
use crate::endpoints::chat::usage;
use crate::endpoints::item::Source;
use crate::endpoints::reading::{self, END_MARK, Unreadable};
use crate::envelope::says_something;
use crate::loose;
use crate::observe::Piece;

/// The kind of the item that stands for spoken words: their events belong to no item of the response.
const AUDIO: &str = "audio";

/// Folds a response. Each output item is a choice; items and texts go out as they come and are not kept.
///
/// Servers differ in what they leave out: the names of events, their numbers, the ids of items, the items of the last
/// response. Nothing of that is missed, and nothing that is not known is an error. A text is told once, whichever of the
/// events that repeat it came.
#[derive(Debug)]
pub struct Mapper {
    dialect: Dialect,
    facts: Facts,
    items: Items,
    events: u64,
    /// Events and comments.
    frames: u32,
    /// Events that were JSON or an end mark.
    readable: u64,
    unreadable: Unreadable,
    end_marker: bool,
    /// The response said that it is over: what comes after it changes nothing.
    is_over: bool,
    /// An error came, which ends a stream as well.
    is_failed: bool,
    is_document: bool,
}

#[derive(Debug, Default)]
struct Facts {
    response_id: Option<String>,
    model: Option<String>,
    status: Option<String>,
    incomplete_reason: Option<String>,
    usage: Option<Usage>,
}

impl Mapper {
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            facts: Facts::default(),
            items: Items::default(),
            events: 0,
            frames: 0,
            readable: 0,
            unreadable: Unreadable::default(),
            end_marker: false,
            is_over: false,
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
        let event = match loose::object::<Event<'_>>(trimmed) {
            Ok(event) => event.unwrap_or_default(),
            Err(_) if trimmed.is_empty() && !is_named_error => return None,
            Err(error) if !is_named_error => {
                self.unreadable.skip(trimmed, &error);
                return None;
            }
            Err(_) => Event::default(),
        };
        self.readable += 1;
        if self.is_over {
            return None;
        }
        let kind = loose::some_text(event.kind).unwrap_or(Cow::Borrowed(name));
        match Says::of(&kind) {
            _ if is_named_error => self.failed(trimmed),
            Says::Error => self.failed(trimmed),
            Says::Unknown if !kind.starts_with("response.") && says_something(event.error) => self.failed(trimmed),
            Says::Response => self.take_response(&kind, &event, on),
            says => {
                self.take(&says, &event, on);
                None
            }
        }
    }

    /// Takes a response that came as one JSON document. One that failed gives what it holds, and its error.
    pub fn document(&mut self, json: &[u8], on: &mut impl FnMut(Piece<'_>)) -> Result<(), AppError> {
        let text = String::from_utf8_lossy(json);
        let text = text.trim_start_matches('\u{FEFF}').trim_end();
        let outer = loose::object::<Response<'_>>(text).map_err(|error| reading::not_json(text, &error))?;
        let (response, within) = unwrapped(outer.unwrap_or_default());
        if response.is_error() {
            return Err(reading::rejected(text, self.dialect));
        }
        if !response.is_answer() {
            return Err(reading::protocol(0, "The answer is JSON, but it has no output.".to_owned(), text));
        }
        self.is_document = true;
        self.facts.take(&response);
        self.items.output(&loose::elements(response.output.0), 0, within, on);
        if self.facts.status.as_deref() != Some("failed") && !says_something(response.error) {
            return Ok(());
        }
        Err(match says_something(response.error) {
            true => reading::rejected(text, self.dialect),
            false => AppError::Rejected(Box::new(classify::in_stream("", 0, self.dialect))),
        })
    }

    pub fn outcome(&self) -> Outcome {
        Outcome {
            choices: self.items.outcome(),
            status: self.facts.status.clone(),
            incomplete_reason: self.facts.incomplete_reason.clone(),
            usage: self.facts.usage.clone(),
            model: self.facts.model.clone(),
            response_id: self.facts.response_id.clone(),
            end_marker: self.end_marker,
            events: self.events,
            media: None,
        }
    }

    /// The response said that it is over, or an error or `[DONE]` came, or it was one document.
    pub fn is_ended(&self) -> bool {
        self.end_marker || self.is_over || self.is_failed || self.is_document
    }

    /// The response itself, or an end mark, said that nothing more will come.
    pub fn is_over(&self) -> bool {
        self.end_marker || self.is_over
    }

    pub fn end(&self) -> Result<(), AppError> {
        if self.readable == 0 {
            self.unreadable.nothing_else_came()?;
        }
        if self.is_ended() {
            return Ok(());
        }
        let message = match self.items.is_empty() {
            true => "The body ended before any answer came.",
            false => "The body ended before the response said that it is over.",
        };
        Err(AppError::EndedEarly { events: self.events, message: message.to_owned() })
    }

    pub fn unreadable_events(&self) -> u64 {
        self.unreadable.events
    }

    fn failed(&mut self, said: &str) -> Option<AppError> {
        self.is_failed = true;
        let mut rejection = classify::in_stream(said, u64::from(self.frames), self.dialect);
        // That is the type of the event and no code.
        rejection.code = rejection.code.filter(|code| code != "error");
        Some(AppError::Rejected(Box::new(rejection)))
    }

    fn take_response(&mut self, kind: &str, event: &Event<'_>, on: &mut impl FnMut(Piece<'_>)) -> Option<AppError> {
        let said = kind.strip_prefix("response.").unwrap_or(kind);
        let response = event.response.0.as_ref();
        if let Some(response) = response {
            self.facts.take(response);
        }
        let status = response.and_then(|response| loose::some_text(response.status));
        let is_cancelled = matches!(status.as_deref(), Some("cancelled" | "canceled"));
        if !is_cancelled && !matches!(said, "completed" | "incomplete" | "failed" | "cancelled" | "canceled") {
            return None;
        }
        if self.facts.status.is_none() || status.is_none() {
            self.facts.status = Some(said.to_owned());
        }
        self.is_over = true;
        let output = response.map(|response| loose::elements(response.output.0)).unwrap_or_default();
        self.items.output(&output, self.frames, "/response/output", on);
        let is_failed = said == "failed" || status.as_deref() == Some("failed");
        let error = response.and_then(|response| response.error).filter(|error| says_something(Some(error)));
        if is_failed { self.failed(error.map_or("", |error| error.get())) } else { None }
    }

    fn take(&mut self, says: &Says<'_>, event: &Event<'_>, on: &mut impl FnMut(Piece<'_>)) {
        let id = loose::some_text(event.item_id);
        let index = loose::count(event.output_index);
        let named = Named { index, id: id.as_deref() };
        let content = loose::count(event.content_index).unwrap_or(0);
        let summary = loose::count(event.summary_index).unwrap_or(0);
        let source = Source { event: self.frames, within: "/item" };
        let items = &mut self.items;
        match *says {
            Says::Delta(family) => {
                let text = loose::text(event.delta).unwrap_or_default();
                items.about(named, family.item, on).append(family.channel, part_of(family, event), &text, true, on);
            }
            Says::Whole(family) => {
                let item = items.about(named, family.item, on);
                item.take_call(None, loose::some_text(event.name).as_deref(), on);
                let text = family.whole(event).unwrap_or_default();
                item.complete(family.channel, part_of(family, event), &text, true, on);
            }
            Says::PartAdded => {
                items.about(named, part_item(event), on);
            }
            Says::PartDone => {
                let item = items.about(named, part_item(event), on);
                let channel = if item.known.kind == "reasoning" { Channel::Thought } else { Channel::Text };
                if let Some((channel, text)) = event.part.and_then(|part| item::part(part.get(), channel)) {
                    item.complete(channel, content, &text, true, on);
                }
            }
            Says::SummaryDone => {
                let item = items.about(named, "reasoning", on);
                if let Some((_, text)) = event.part.and_then(|part| item::part(part.get(), Channel::Summary)) {
                    item.complete(Channel::Summary, summary, &text, true, on);
                }
            }
            Says::ItemAdded => {
                if let Some(item) = event.item {
                    items.added(index, item.get(), source, on);
                }
            }
            Says::ItemDone => {
                if let Some(item) = event.item {
                    items.done(index, item.get(), source, on);
                }
            }
            Says::Annotation => {
                let item = items.about(named, "message", on);
                if let Some(annotation) = event.annotation {
                    item.take_annotation(annotation.get());
                }
            }
            Says::PartialImage => {
                let item = items.about(named, "image_generation_call", on);
                let members =
                    [("partial_image_index", event.partial_image_index), ("partial_image_b64", event.partial_image)];
                item.take_ahead(&object(&members), self.frames, on);
            }
            Says::ShellOutput => {
                let item = items.about(named, "shell_call_output", on);
                item.take_ahead(&object(&[("output", event.output)]), self.frames, on);
            }
            Says::Transcript => {
                let text = loose::text(event.delta).unwrap_or_default();
                items.about(SPOKEN, AUDIO, on).append(Channel::Text, 0, &text, true, on);
            }
            Says::Audio => items.about(SPOKEN, AUDIO, on).take_status("in_progress", on),
            Says::AudioDone | Says::TranscriptDone => items.about(SPOKEN, AUDIO, on).take_status("completed", on),
            Says::Status { item, status } => items.about(named, item, on).take_status(status, on),
            Says::Response | Says::Error | Says::Unknown => {}
        }
    }
}

/// Audio comes without any sign of an item: all of it is of one.
const SPOKEN: Named<'static> = Named { index: None, id: None };

/// Which of an item's texts an event is about.
fn part_of(family: &Family, event: &Event<'_>) -> u64 {
    let index = match family.channel {
        Channel::Text | Channel::Refusal | Channel::Thought => event.content_index,
        Channel::Summary => event.summary_index,
        Channel::Tool => event.command_index,
    };
    loose::count(index).unwrap_or(0)
}

/// What an item is that has such a part.
fn part_item(event: &Event<'_>) -> &'static str {
    let thought = event.part.and_then(|part| item::part(part.get(), Channel::Text));
    if matches!(thought, Some((Channel::Thought, _))) { "reasoning" } else { "message" }
}

/// JSON of an object with those members that are there.
fn object(members: &[(&str, loose::Raw<'_>)]) -> String {
    let members: Vec<String> =
        members.iter().filter_map(|(name, value)| Some(format!("\"{name}\":{}", (*value)?.get()))).collect();
    format!("{{{}}}", members.join(","))
}

impl Family {
    fn whole<'a>(&self, event: &Event<'a>) -> Option<Cow<'a, str>> {
        match self.channel {
            Channel::Text | Channel::Summary | Channel::Thought => loose::text(event.text),
            Channel::Refusal => loose::text(event.refusal),
            Channel::Tool => {
                [event.arguments, event.input, event.code, event.command].into_iter().find_map(loose::text)
            }
        }
    }
}

impl Facts {
    /// The newest says most.
    fn take(&mut self, response: &Response<'_>) {
        let newest = |known: &mut Option<String>, said: loose::Raw<'_>| {
            if let Some(said) = loose::some_text(said) {
                *known = Some(said.into_owned());
            }
        };
        newest(&mut self.response_id, response.id);
        newest(&mut self.model, response.model);
        newest(&mut self.status, response.status);
        newest(&mut self.incomplete_reason, response.incomplete.0.as_ref().and_then(|incomplete| incomplete.reason));
        self.usage = usage::read(response.usage).or(self.usage.take());
    }
}

impl Response<'_> {
    fn is_answer(&self) -> bool {
        self.output.0.is_some() || loose::text(self.object).is_some_and(|object| object == "response")
    }

    /// Whether this says that something went wrong and is no answer besides.
    fn is_error(&self) -> bool {
        let is = |raw, word: &str| loose::text(raw).is_some_and(|text| text == word);
        !self.is_answer()
            && (says_something(self.error)
                || is(self.status, "error")
                || self.detail.is_some()
                || loose::text(self.message).is_some() && (self.code.is_some() || is(self.object, "error")))
    }
}

/// A response out of its envelope, and where its output stands.
fn unwrapped(outer: Response<'_>) -> (Response<'_>, &'static str) {
    if !outer.is_answer()
        && !outer.is_error()
        && let Some(Ok(Some(inner))) = outer.data.map(|data| loose::object::<Response<'_>>(data.get()))
        && (inner.is_answer() || inner.is_error())
    {
        return (inner, "/data/output");
    }
    (outer, "/output")
}

#[cfg(test)]
mod tests;
