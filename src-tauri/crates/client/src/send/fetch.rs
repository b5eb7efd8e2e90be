//! A call whose answer is one document that somebody else reads, such as a model listing.

use juxta_wire::error::AppError;
use juxta_wire::exchange::ResponseHead;
use juxta_wire::timing::Phases;
use tokio_util::sync::CancellationToken;

use super::collector::Collector;
use super::exchange::{Begun, Exchange};
use super::pull::{Pulled, pull};
use super::upload::Upload;
use super::{EndKind, failure, refusal};
use crate::call::Call;
use crate::http::Http;
use crate::observe::{Observer, Piece};
use crate::trace::{Trace, milliseconds};

/// The most bytes of such a document.
const LARGEST: usize = 64 << 20;

pub(crate) struct Fetched {
    /// The body of a success, or what went wrong.
    pub body: Result<Vec<u8>, AppError>,
    pub status: Option<u16>,
    pub phases: Phases,
    pub elapsed_ms: f64,
    /// All of the request was handed over for sending.
    pub is_sent: bool,
}

/// Makes the call. Dropping the future closes the socket.
pub(crate) async fn fetch(http: &Http, call: &Call) -> Fetched {
    fetch_sending(http, call, None).await
}

/// Makes the call with `upload` for its body where there is one.
pub(crate) async fn fetch_sending(http: &Http, call: &Call, upload: Option<&Upload>) -> Fetched {
    let trace = Trace::new();
    let never = CancellationToken::new();
    let exchange = Exchange { http, trace: &trace, cancel: &never, upload };
    let (status, body) = match exchange.begin(call, &mut Nobody).await {
        Ok(begun) => (Some(begun.head.status), read(&exchange, begun).await),
        Err(EndKind::Failed(error) | EndKind::EndedEarly(error)) => (None, Err(error)),
        Err(EndKind::Finished | EndKind::Stopped) => (None, Ok(Vec::new())),
    };
    let is_sent = trace.moments().is_sent();
    let end = trace.ended();
    Fetched { body, status, phases: trace.moments().phases(), elapsed_ms: milliseconds(end), is_sent }
}

async fn read(exchange: &Exchange<'_>, begun: Begun) -> Result<Vec<u8>, AppError> {
    let success = begun.is_success();
    let Begun { call, head, headers, body } = begun;
    let mut nobody = Nobody;
    let mut collector = Collector::new(&mut nobody, LARGEST, call.idle_timeout);
    let pulled = pull(body, &mut collector, exchange.trace, exchange.cancel).await;
    if !success {
        let at = exchange.trace.now();
        return Err(refusal::rejected(&call, head.status, &headers, &collector.body, at));
    }
    match pulled {
        Pulled::Complete | Pulled::Stopped => Ok(collector.body),
        Pulled::Enough => Err(AppError::Protocol {
            at: collector.body.len() as u64,
            message: "the answer is larger than Juxta reads into memory".to_owned(),
            excerpt: String::new(),
        }),
        Pulled::Silent => Err(failure::silence(&call, exchange.trace, !collector.body.is_empty())),
        Pulled::Broken(error) => Err(failure::network(exchange.http, &call, exchange.trace, &error)),
    }
}

/// Nobody watches these calls.
pub(super) struct Nobody;

impl Observer for Nobody {
    fn phases(&mut self, _phases: &Phases) {}
    fn head(&mut self, _at: u64, _head: &ResponseHead) {}
    fn chunk(&mut self, _at: u64, _bytes: &[u8]) {}
    fn event(&mut self, _at: u64, _offset: u64, _length: u32, _comment: bool) {}
    fn piece(&mut self, _at: u64, _piece: Piece<'_>) {}
    fn idle(&mut self) {}
}
