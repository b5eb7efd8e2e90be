//! Makes a call and tells an observer what happens.

mod answer;
mod collector;
mod exchange;
mod failure;
pub(crate) mod fetch;
pub(crate) mod keep;
mod pull;
mod redirect;
mod refusal;
pub(crate) mod upload;

use ::http::HeaderMap;
use juxta_wire::error::AppError;
use juxta_wire::exchange::ResponseHead;
use juxta_wire::outcome::Outcome;
use juxta_wire::timing::{Milestones, Phases};
use tokio_util::sync::CancellationToken;

use crate::call::Call;
use crate::classify;
use crate::endpoints::Mapper;
use crate::http::Http;
use crate::observe::Observer;
use crate::trace::Trace;

use answer::{Answer, Reading, placed};
use exchange::{Begun, Exchange};
use pull::{Pulled, pull};

/// How a call ended, and all that is known of it. Texts are not in here: they went to the observer.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    pub kind: EndKind,
    /// What the mapper found beside the texts.
    pub outcome: Outcome,
    pub phases: Phases,
    pub milestones: Milestones,
    pub head: Option<ResponseHead>,
    pub body_bytes: u64,
    /// A body byte of a 2xx answer arrived, so nothing may be tried again.
    pub any_byte: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum EndKind {
    Finished,
    /// The caller cancelled. The socket is closed.
    Stopped,
    /// The body ended without an end mark and without a finish reason: [`AppError::EndedEarly`].
    EndedEarly(AppError),
    Failed(AppError),
}

/// Makes `call` and reports to `observer` as it goes. Returns when the answer is whole, broken, refused or stopped;
/// cancelling closes the socket at once. Must run within a tokio runtime that has time and I/O enabled.
pub async fn send<O: Observer>(http: &Http, call: &Call, observer: &mut O, cancel: &CancellationToken) -> Ended {
    let trace = Trace::new();
    let exchange = Exchange { http, trace: &trace, cancel, upload: None };
    let mut ended = match exchange.begin(call, observer).await {
        Err(kind) => Ended::without_answer(kind),
        Ok(begun) if begun.is_success() => read_answer(&exchange, begun, observer).await,
        Ok(begun) => refusal::read(&exchange, begun, observer).await,
    };
    ended.milestones.end = Some(crate::trace::milliseconds(trace.ended()));
    ended.phases = trace.moments().phases();
    observer.phases(&ended.phases);
    observer.idle();
    ended
}

impl Ended {
    fn without_answer(kind: EndKind) -> Self {
        Self {
            kind,
            outcome: Outcome::default(),
            phases: Phases::default(),
            milestones: Milestones::default(),
            head: None,
            body_bytes: 0,
            any_byte: false,
        }
    }
}

/// Reads the body of a 2xx answer through parser and mapper.
async fn read_answer<O: Observer>(exchange: &Exchange<'_>, begun: Begun, observer: &mut O) -> Ended {
    let Begun { call, head, body, headers } = begun;
    let trace = exchange.trace;
    let content_type = exchange::content_type(&headers);
    let mapper = Mapper::new(call.endpoint, call.dialect);
    let mut answer = Answer::new(observer, mapper, content_type, call.asks_for_stream(), call.idle_timeout);
    let pulled = pull(body, &mut answer, trace, exchange.cancel).await;
    let at = trace.now();
    let any_byte = answer.body_bytes > 0;

    // What had arrived is read to its end before anybody says how the call ended.
    let whole = matches!(pulled, Pulled::Complete);
    let reading = match whole {
        true => Some(answer.finish(at)),
        false => None,
    };
    let carried = answer.marks.error.take();
    let kind = match (pulled, reading) {
        (Pulled::Stopped, _) => EndKind::Stopped,
        (Pulled::Enough, _) => EndKind::Failed(AppError::Protocol {
            at: answer.body_bytes,
            message: "the answer is larger than Juxta reads into memory".to_owned(),
            excerpt: String::new(),
        }),
        (_, Some(Reading::Document(read, document))) => match read {
            Ok(()) => EndKind::Finished,
            Err(error) => EndKind::Failed(refusal::document(error, &call, head.status, &headers, &document, at)),
        },
        // An error frame counts, whatever follows it.
        (_, _) if let Some(error) = carried => EndKind::Failed(error),
        (Pulled::Complete, _) => stream_end(&answer),
        // After its own end nothing was missing.
        (Pulled::Silent | Pulled::Broken(_), _) if answer.marks.done => EndKind::Finished,
        (Pulled::Broken(error), _) if failure::is_cut(&error) && answer.is_stream() => cut_end(&answer),
        (Pulled::Silent, _) => EndKind::Failed(failure::silence(&call, trace, any_byte)),
        (Pulled::Broken(error), _) => EndKind::Failed(failure::network(exchange.http, &call, trace, &error)),
    };
    let kind = match kind {
        EndKind::Failed(error) => EndKind::Failed(named(placed(error, None, at), &headers)),
        kind => kind,
    };
    Ended {
        kind,
        outcome: answer.mapper.outcome(),
        milestones: answer.marks.milestones(at),
        body_bytes: answer.body_bytes,
        any_byte,
        head: Some(head),
        phases: Phases::default(),
    }
}

/// An error in a stream rarely says what the request is called; the head of the answer does.
fn named(mut error: AppError, headers: &HeaderMap) -> AppError {
    if let AppError::Rejected(rejection) = &mut error
        && rejection.request_id.is_none()
    {
        rejection.request_id = classify::request_id(headers);
    }
    error
}

/// A stream whose last bytes never came. Whether an answer was whole that does not say so is not known.
fn cut_end<O>(answer: &Answer<'_, O>) -> EndKind {
    match stream_end(answer) {
        EndKind::Finished if !answer.mapper.says_that_it_is_whole() => EndKind::EndedEarly(AppError::EndedEarly {
            events: answer.marks.events,
            message: "The connection closed in the middle of the body.".to_owned(),
        }),
        end => end,
    }
}

/// A stream that ended, as its mapper sees it.
fn stream_end<O>(answer: &Answer<'_, O>) -> EndKind {
    match answer.mapper.end() {
        Ok(()) => EndKind::Finished,
        Err(error @ AppError::EndedEarly { .. }) => EndKind::EndedEarly(error),
        Err(error) => EndKind::Failed(error),
    }
}
