//! Reads the body of an answer: a stream of events, or one document.

use std::time::Duration;

use juxta_sse::{Frame, FrameKind, Parser};
use juxta_wire::error::AppError;
use juxta_wire::timing::Milestones;

use super::pull::Intake;
use crate::endpoints::Mapper;
use crate::observe::{Observer, Piece, Sight, event_of};
use crate::trace::milliseconds;

/// Once a stream has said that it is over, or that it failed, its socket is given this long to close.
const PATIENCE_AFTER_END: Duration = Duration::from_secs(2);
/// The most bytes of a document that is no stream.
const LARGEST_DOCUMENT: usize = 256 << 20;
/// Bytes after which the first of them say whether this is a stream.
const ENOUGH_TO_TELL: usize = 16;

pub(super) struct Answer<'a, O> {
    pub observer: &'a mut O,
    pub mapper: Mapper,
    pub marks: Marks,
    pub body_bytes: u64,
    parser: Parser,
    form: Form,
    /// What the content type says; the first bytes may say otherwise.
    labelled_events: bool,
    asked_for_events: bool,
    /// The document so far, or the bytes that do not tell yet.
    held: Vec<u8>,
    idle_timeout: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Unknown,
    Events,
    Document,
}

/// Moments and facts of a stream, in microseconds since the call began.
#[derive(Debug, Default)]
pub(super) struct Marks {
    first_byte: Option<u64>,
    last_byte: Option<u64>,
    first_event: Option<u64>,
    reasoning: Option<(u64, u64)>,
    text: Option<(u64, u64)>,
    pub events: u64,
    /// Events and comments: how a list of all of them is numbered.
    frames: u64,
    /// The stream said that nothing more will come.
    pub done: bool,
    /// The first error that the stream carried.
    pub error: Option<AppError>,
}

/// What the whole body came to.
pub(super) enum Reading {
    Events,
    /// One document, already mapped or refused.
    Document(Result<(), AppError>, Vec<u8>),
}

impl<'a, O: Observer> Answer<'a, O> {
    pub fn new(
        observer: &'a mut O,
        mapper: Mapper,
        content_type: &str,
        asked_for_events: bool,
        idle_timeout: Duration,
    ) -> Self {
        Self {
            observer,
            mapper,
            marks: Marks::default(),
            body_bytes: 0,
            parser: Parser::new(),
            form: Form::Unknown,
            labelled_events: is_event_stream(content_type),
            asked_for_events,
            held: Vec::new(),
            idle_timeout,
        }
    }

    /// The body is over, or as much of it as will come.
    pub fn finish(&mut self, at: u64) -> Reading {
        if self.form == Form::Unknown {
            self.decide(at, true);
        }
        if self.form == Form::Events {
            let Self { parser, observer, mapper, marks, .. } = self;
            parser.finish(&mut |frame| take(frame, at, *observer, mapper, marks));
            return Reading::Events;
        }
        let document = std::mem::take(&mut self.held);
        // It was all there with its last byte; that nothing follows was only known later.
        let at = self.marks.last_byte.unwrap_or(at);
        let Self { observer, mapper, marks, .. } = self;
        let read = mapper.document(&document, &mut |piece| {
            marks.piece(&piece, at);
            observer.piece(at, piece);
        });
        Reading::Document(read, document)
    }

    pub fn is_stream(&self) -> bool {
        self.form == Form::Events
    }

    fn decide(&mut self, at: u64, last: bool) {
        match tell(&self.held, last) {
            Told::Nothing => return,
            Told::Json => self.form = Form::Document,
            Told::Events if self.labelled_events || self.asked_for_events => self.form = Form::Events,
            Told::Events | Told::Other if !self.labelled_events => self.form = Form::Document,
            Told::Events | Told::Other => self.form = Form::Events,
        }
        if self.form == Form::Events {
            let held = std::mem::take(&mut self.held);
            self.events(at, &held);
        }
    }

    fn events(&mut self, at: u64, bytes: &[u8]) {
        let Self { parser, observer, mapper, marks, .. } = self;
        parser.push(bytes, &mut |frame| take(frame, at, *observer, mapper, marks));
    }
}

impl<O: Observer> Intake for Answer<'_, O> {
    fn chunk(&mut self, at: u64, bytes: &[u8]) -> bool {
        self.marks.first_byte.get_or_insert(at);
        self.marks.last_byte = Some(at);
        self.body_bytes += bytes.len() as u64;
        self.observer.chunk(at, bytes);
        match self.form {
            Form::Events => self.events(at, bytes),
            Form::Document => self.held.extend_from_slice(bytes),
            Form::Unknown => {
                self.held.extend_from_slice(bytes);
                self.decide(at, false);
            }
        }
        self.held.len() <= LARGEST_DOCUMENT
    }

    fn idle(&mut self) {
        self.observer.idle();
    }

    fn patience(&self) -> Duration {
        match self.marks.done || self.marks.error.is_some() {
            true => self.idle_timeout.min(PATIENCE_AFTER_END),
            false => self.idle_timeout,
        }
    }
}

fn take<O: Observer>(frame: Frame<'_>, at: u64, observer: &mut O, mapper: &mut Mapper, marks: &mut Marks) {
    if let FrameKind::Comment { .. } = frame.kind {
        marks.frames += 1;
        mapper.comment();
        return observer.event(at, frame.offset, frame.length, true);
    }
    let Some((name, data)) = event_of(frame.kind) else { return };
    observer.event(at, frame.offset, frame.length, false);
    marks.events += 1;
    marks.frames += 1;
    marks.first_event.get_or_insert(at);
    let error = mapper.event(name, data, &mut |piece| {
        marks.piece(&piece, at);
        observer.piece(at, piece);
    });
    marks.done |= mapper.expects_nothing();
    if let Some(error) = error
        && marks.error.is_none()
    {
        marks.error = Some(placed(error, Some(marks.frames), at));
    }
}

/// Adds to a rejection what its classifier could not know.
pub(super) fn placed(mut error: AppError, event: Option<u64>, at: u64) -> AppError {
    if let AppError::Rejected(rejection) = &mut error {
        // A mapper may not count the comments; the list of all events does.
        rejection.event = event.or(rejection.event);
        if rejection.elapsed_ms == 0.0 {
            rejection.elapsed_ms = milliseconds(at);
        }
    }
    error
}

impl Marks {
    fn piece(&mut self, piece: &Piece<'_>, at: u64) {
        let seen = match piece.sight() {
            Sight::Text => &mut self.text,
            Sight::Reasoning => &mut self.reasoning,
            Sight::Nothing => return,
        };
        *seen = Some((seen.map_or(at, |(first, _)| first), at));
    }

    pub fn milestones(&self, end: u64) -> Milestones {
        let first = |seen: Option<(u64, u64)>| seen.map(|(first, _)| milliseconds(first));
        let last = |seen: Option<(u64, u64)>| seen.map(|(_, last)| milliseconds(last));
        Milestones {
            first_byte: self.first_byte.map(milliseconds),
            first_event: self.first_event.map(milliseconds),
            first_reasoning: first(self.reasoning),
            last_reasoning: last(self.reasoning),
            first_text: first(self.text),
            last_text: last(self.text),
            end: Some(milliseconds(end)),
        }
    }
}

pub(super) fn is_event_stream(content_type: &str) -> bool {
    content_type.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/event-stream"))
}

#[derive(Debug, PartialEq, Eq)]
enum Told {
    /// More bytes are needed.
    Nothing,
    Json,
    Events,
    Other,
}

/// What the first bytes of a body say it is, whatever its label.
fn tell(bytes: &[u8], last: bool) -> Told {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    if bytes.first().is_some_and(|first| matches!(first, b'{' | b'[')) {
        return Told::Json;
    }
    if bytes.first() == Some(&b':') {
        return Told::Events;
    }
    let fields: [&[u8]; 4] = [b"data:", b"event:", b"id:", b"retry:"];
    if fields.iter().any(|field| bytes.starts_with(field)) {
        return Told::Events;
    }
    match last || bytes.len() >= ENOUGH_TO_TELL || !fields.iter().any(|field| field.starts_with(bytes)) {
        // A byte order mark that has not come whole yet begins no field either.
        true if !last && bytes.len() < 3 && b"\xef\xbb\xbf".starts_with(bytes) => Told::Nothing,
        true => Told::Other,
        false => Told::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_a_stream_from_a_document() {
        for (bytes, last, expected) in [
            (&b""[..], false, Told::Nothing),
            (b"", true, Told::Other),
            (b"\xef", false, Told::Nothing),
            (b"\xef\xbb\xbf", false, Told::Nothing),
            (b"\xef\xbb\xbf{", false, Told::Json),
            (b"d", false, Told::Nothing),
            (b"data", false, Told::Nothing),
            (b"data", true, Told::Other),
            (b"data:", false, Told::Events),
            (b"\r\n\nevent: x", false, Told::Events),
            (b": ping", false, Told::Events),
            (b" {\"a\":1}", false, Told::Json),
            (b"[", false, Told::Json),
            (b"<!doctype html>", false, Told::Other),
            (b"dark", false, Told::Other),
            (b"id", false, Told::Nothing),
            (b"id:1", false, Told::Events),
        ] {
            assert_eq!(tell(bytes, last), expected, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_content_type_is_read_without_its_parameters() {
        for (content_type, expected) in [
            ("text/event-stream", true),
            ("Text/Event-Stream; charset=utf-8", true),
            ("application/json", false),
            ("text/event-streams", false),
            ("", false),
        ] {
            assert_eq!(is_event_stream(content_type), expected, "{content_type}");
        }
    }

    #[test]
    fn empty_texts_are_no_tokens() {
        let mut marks = Marks::default();
        marks.piece(&Piece::Text { choice: 0, text: "" }, 1_000);
        marks.piece(&Piece::Reasoning { choice: 0, text: "hm" }, 2_000);
        marks.piece(&Piece::Text { choice: 1, text: "a" }, 3_000);
        marks.piece(&Piece::Text { choice: 0, text: "b" }, 4_000);
        let expected = Milestones {
            first_reasoning: Some(2.0),
            last_reasoning: Some(2.0),
            first_text: Some(3.0),
            last_text: Some(4.0),
            end: Some(5.0),
            ..Milestones::default()
        };
        assert_eq!(marks.milestones(5_000), expected);
    }
}
