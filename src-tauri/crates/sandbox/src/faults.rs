//! Scenarios: ways in which a server or the network behaves badly, each with a name.

use std::time::Duration;

use bytes::Bytes;
use juxta_wire::window::SandboxScenario;

use crate::action::{Action, Actions};
use crate::answer::{Answer, Piece};
use crate::content;
use crate::frames::{Frame, FrameKind, Frames};
use crate::refusal::Reason;

#[derive(Debug, PartialEq)]
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) behaviour: Behaviour,
    /// The model that speaks when the scenario is chosen by model name.
    pub(crate) spoken_by: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Behaviour {
    /// Waits before the response head.
    SlowFirstByte(Duration),
    Refuse(Refused),
    /// Refuses the first times that the same bytes come, then serves them.
    RefuseFirst(Refused, u32),
    HtmlPage,
    Redirect,
    WrongContentType,
    JsonInsteadOfStream,
    Rate(f64),
    NoUsage,
    UsageOnEmptyChoice,
    /// Response events as the proxy behind Scale writes them.
    DataOnly,
    HugeEvent,
    /// Changes the frames or how they are written.
    Stream(StreamFault),
}

/// A refusal that can stand in a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Unauthorized,
    Forbidden,
    TooLarge,
    Temperature,
    RateLimited,
    Budget,
    Quota,
    Unavailable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StreamFault {
    Stall,
    Cut,
    Reset,
    NoFinish,
    ErrorInStream,
    ErrorFirstFrame,
    SplitUtf8,
    Crlf,
    Comments,
    ByteOrderMark,
    NoSpace,
    Enveloped,
    OneByteWrites,
}

/// Tokens before something goes wrong in the middle.
pub(crate) const TOKENS_BEFORE: usize = 12;
/// How long a tool is at work, in tokens.
const TOKENS_OF_WORK: usize = 20;
/// Bytes of text in the event that is too large.
pub(crate) const HUGE: usize = 8 * 1024 * 1024;

const fn fault(name: &'static str, behaviour: Behaviour, description: &'static str) -> Fault {
    Fault { name, description, behaviour, spoken_by: "steady" }
}

const fn spoken_by(mut fault: Fault, model: &'static str) -> Fault {
    fault.spoken_by = model;
    fault
}

use Behaviour::{Refuse, Stream};

pub(crate) const FAULTS: &[Fault] = &[
    fault(
        "slow-first-byte",
        Behaviour::SlowFirstByte(Duration::from_secs(3)),
        "Nothing at all for three seconds, then a normal answer.",
    ),
    fault("stall", Stream(StreamFault::Stall), "Stops after a few words and keeps the connection open."),
    fault("cut", Stream(StreamFault::Cut), "Closes the connection in the middle of the answer."),
    fault("reset", Stream(StreamFault::Reset), "Resets the connection (TCP RST) in the middle of the answer."),
    fault("no-finish", Stream(StreamFault::NoFinish), "Ends properly, but without finish reason, usage or end mark."),
    fault("error-in-stream", Stream(StreamFault::ErrorInStream), "An error frame after a few words."),
    fault("error-first-frame", Stream(StreamFault::ErrorFirstFrame), "Status 200, and the first frame is an error."),
    fault("status-401", Refuse(Refused::Unauthorized), "401: the key is wrong."),
    fault("status-403", Refuse(Refused::Forbidden), "403: the key may not use this model."),
    fault("status-413", Refuse(Refused::TooLarge), "413: the request is too large, however small it is."),
    fault("status-422", Refuse(Refused::Temperature), "422: the temperature does not fit."),
    fault("status-429", Refuse(Refused::RateLimited), "429 with Retry-After: 5, every time."),
    fault(
        "status-429-once",
        Behaviour::RefuseFirst(Refused::RateLimited, 1),
        "429 the first time, the answer when the same request comes again.",
    ),
    fault("budget-exceeded", Refuse(Refused::Budget), "A 429 that must not be retried: the budget is used up."),
    fault("quota-exceeded", Refuse(Refused::Quota), "A 429 that must not be retried: the quota is used up."),
    fault("status-500-html", Behaviour::HtmlPage, "500 with an HTML page, as a proxy in between would send."),
    fault(
        "status-503-twice",
        Behaviour::RefuseFirst(Refused::Unavailable, 2),
        "503 twice, the answer when the same request comes a third time.",
    ),
    fault("status-503", Refuse(Refused::Unavailable), "503: no backend is healthy."),
    fault("redirect", Behaviour::Redirect, "307 to another port, where the request must arrive without its key."),
    fault(
        "json-instead-of-stream",
        Behaviour::JsonInsteadOfStream,
        "A whole JSON answer where a stream was asked for.",
    ),
    fault("wrong-content-type", Behaviour::WrongContentType, "The right bytes under the type text/plain."),
    spoken_by(
        fault("split-utf8", Stream(StreamFault::SplitUtf8), "Pieces of the stream end inside of characters."),
        "unicode",
    ),
    fault("crlf", Stream(StreamFault::Crlf), "Lines end with CR LF, and pieces end between the two."),
    fault("comments", Stream(StreamFault::Comments), "Comments, ids and retry lines between the events."),
    fault("bom", Stream(StreamFault::ByteOrderMark), "The stream begins with a byte order mark."),
    fault("no-space", Stream(StreamFault::NoSpace), "No space after the colon of data lines."),
    fault("enveloped-chunks", Stream(StreamFault::Enveloped), "Each chunk is wrapped in an envelope."),
    spoken_by(
        fault("one-byte-writes", Stream(StreamFault::OneByteWrites), "Every byte is a write of its own."),
        "short",
    ),
    fault("huge-event", Behaviour::HugeEvent, "One event of 8 MB among the others."),
    spoken_by(fault("thousand", Behaviour::Rate(1000.0), "1,000 tokens a second."), "fast"),
    fault("no-usage", Behaviour::NoUsage, "No token counts, even when they are asked for."),
    fault(
        "data-only",
        Behaviour::DataOnly,
        "Responses as some proxies send them: data lines only, no event numbers, [DONE] at the end.",
    ),
    fault("usage-on-empty-choice", Behaviour::UsageOnEmptyChoice, "Token counts on a chunk with one empty choice."),
];

pub(crate) fn find(name: &str) -> Option<&'static Fault> {
    FAULTS.iter().find(|fault| fault.name == name)
}

pub(crate) fn listing() -> Vec<SandboxScenario> {
    let scenario =
        |fault: &Fault| SandboxScenario { name: fault.name.to_owned(), description: fault.description.to_owned() };
    FAULTS.iter().map(scenario).collect()
}

/// Puts one delta of 8 MB behind the first of each choice.
pub(crate) fn swell(answer: &mut Answer) {
    let text: String = content::steady(0).chars().filter(char::is_ascii).cycle().take(HUGE).collect();
    for choice in &mut answer.choices {
        let at = choice.reply.content.len().min(1);
        choice.reply.content.insert(at, Piece { text: text.clone(), tokens: Vec::new() });
    }
}

/// The frames as they are when nothing is wrong.
pub(crate) fn plain(frames: Frames) -> Actions {
    Box::new(std::iter::once(Action::Begin).chain(frames.flat_map(|frame| {
        let tokens = match frame.kind {
            FrameKind::Token => 1,
            FrameKind::Work => TOKENS_OF_WORK,
            FrameKind::Role | FrameKind::Finish | FrameKind::Usage | FrameKind::Done | FrameKind::Error => 0,
        };
        std::iter::repeat_n(Action::Token, tokens).chain([Action::Send(Bytes::from(frame.text))])
    })))
}

/// How a failing backend shows in a stream.
pub(crate) struct Failure<'frame> {
    /// The frame that tells of it after so many others.
    pub(crate) frame: &'frame dyn Fn(usize) -> Frame,
    /// Whether an end mark follows it.
    pub(crate) done_in_the_middle: bool,
    pub(crate) done_at_the_start: bool,
}

/// The frames under a scenario.
pub(crate) fn stream(fault: StreamFault, frames: Frames, failure: &Failure<'_>) -> Actions {
    let end_mark = || Action::Send(Bytes::from(Frame::done().text));
    match fault {
        StreamFault::Stall => interrupted(frames, |_| vec![Action::Hang]),
        StreamFault::Cut => interrupted(frames, |_| vec![Action::Break]),
        StreamFault::Reset => interrupted(frames, |_| vec![Action::Reset]),
        StreamFault::ErrorInStream => interrupted(frames, |sent| {
            let mut tail = vec![Action::Send(Bytes::from((failure.frame)(sent).text))];
            tail.extend(failure.done_in_the_middle.then(end_mark));
            tail
        }),
        StreamFault::ErrorFirstFrame => {
            let mut all = vec![Action::Begin, Action::Send(Bytes::from((failure.frame)(0).text))];
            all.extend(failure.done_at_the_start.then(end_mark));
            Box::new(all.into_iter())
        }
        StreamFault::NoFinish => plain(Box::new(
            frames.filter(|frame| !matches!(frame.kind, FrameKind::Finish | FrameKind::Usage | FrameKind::Done)),
        )),
        StreamFault::SplitUtf8 => sends(frames, |bytes| split(bytes, inside_a_character)),
        StreamFault::Crlf => {
            let frames = map_text(frames, |text| text.replace('\n', "\r\n"));
            sends(frames, |bytes| split(bytes, |bytes| Some(bytes.len() - 1)))
        }
        StreamFault::Comments => {
            let mut number = 0;
            plain(map_text(frames, move |text| {
                number += 1;
                format!(": keep-alive\n\nid: {number}\nretry: 3000\n: between the lines\n{text}")
            }))
        }
        StreamFault::ByteOrderMark => {
            let mut first = true;
            plain(map_text(frames, move |text| {
                if std::mem::take(&mut first) { format!("\u{feff}{text}") } else { text.to_owned() }
            }))
        }
        StreamFault::NoSpace => plain(map_text(frames, |text| text.replacen("data: ", "data:", 1))),
        StreamFault::Enveloped => plain(map_text(frames, envelope)),
        StreamFault::OneByteWrites => Box::new(plain(frames).map(|action| match action {
            Action::Send(bytes) => Action::SendByByte(bytes),
            other => other,
        })),
    }
}

fn map_text(frames: Frames, mut change: impl FnMut(&str) -> String + Send + 'static) -> Frames {
    Box::new(frames.map(move |frame| Frame { text: change(&frame.text), kind: frame.kind }))
}

/// `data: {…}` to `data: {"status":"ok","data":{…}}`; the end mark stays.
fn envelope(text: &str) -> String {
    match text.split_once("data: {") {
        Some((name, rest)) => format!("{name}data: {{\"status\":\"ok\",\"data\":{{{}}}\n\n", rest.trim_end()),
        None => text.to_owned(),
    }
}

/// A few tokens, then a tail made for so many frames, and nothing more. An answer that is shorter is interrupted before
/// its finish reason.
fn interrupted(frames: Frames, tail: impl FnOnce(usize) -> Vec<Action>) -> Actions {
    let mut tokens = 0;
    let beginning: Vec<Frame> = frames
        .take_while(|frame| {
            tokens += usize::from(frame.kind == FrameKind::Token);
            matches!(frame.kind, FrameKind::Role | FrameKind::Token | FrameKind::Work) && tokens <= TOKENS_BEFORE
        })
        .collect();
    let tail = tail(beginning.len());
    Box::new(plain(Box::new(beginning.into_iter())).chain(tail))
}

/// Replaces each send by what `rewrite` makes of it.
fn sends(frames: Frames, rewrite: fn(Bytes) -> Vec<Action>) -> Actions {
    Box::new(plain(frames).flat_map(move |action| match action {
        Action::Send(bytes) => rewrite(bytes),
        other => vec![other],
    }))
}

/// Two sends with a moment between them, so that the caller reads twice.
fn split(bytes: Bytes, place: fn(&[u8]) -> Option<usize>) -> Vec<Action> {
    match place(&bytes) {
        Some(at) => vec![
            Action::Send(bytes.slice(..at)),
            Action::Pause(Duration::from_millis(2)),
            Action::Send(bytes.slice(at..)),
        ],
        None => vec![Action::Send(bytes)],
    }
}

/// After the first byte of the first character that has several.
fn inside_a_character(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| !byte.is_ascii()).map(|at| at + 1)
}

impl Refused {
    pub(crate) fn reason(self, temperature: &serde_json::Value) -> Reason {
        use crate::refusal::{FieldProblem, Step};
        match self {
            Refused::Unauthorized => Reason::TokenInvalid,
            Refused::Forbidden => Reason::Forbidden,
            Refused::TooLarge => Reason::TooLarge,
            Refused::RateLimited => Reason::RateLimited,
            Refused::Budget => Reason::BudgetExceeded,
            Refused::Quota => Reason::QuotaExceeded,
            Refused::Unavailable => Reason::Unavailable,
            Refused::Temperature => Reason::Fields(vec![FieldProblem {
                path: vec![Step::Name("temperature".to_owned())],
                message: "Input should be less than or equal to 2".to_owned(),
                code: "less_than_equal",
                input: temperature.clone(),
                context: Some(serde_json::json!({ "le": 2 })),
            }]),
        }
    }
}
