//! An answer that goes to a writer as it comes, whatever its size.

use std::io::{self, Write};
use std::time::Duration;

use juxta_wire::error::AppError;
use tokio_util::sync::CancellationToken;

use super::exchange::{Begun, Exchange};
use super::fetch::Nobody;
use super::pull::{Intake, Pulled, pull};
use super::{EndKind, failure, refusal};
use crate::call::Call;
use crate::http::Http;
use crate::trace::Trace;

/// The most that is kept of what a server says in place of the answer.
const LARGEST_REFUSAL: usize = 4 << 20;

/// What came of it, and the status when there was an answer.
pub(crate) struct Kept {
    pub bytes: Result<u64, AppError>,
    pub status: Option<u16>,
}

/// Makes the call and gives the body of a success to `writer`. Dropping the future closes the socket.
pub(crate) async fn keep(http: &Http, call: &Call, writer: &mut (dyn Write + Send)) -> Kept {
    let trace = Trace::new();
    let never = CancellationToken::new();
    let exchange = Exchange { http, trace: &trace, cancel: &never, upload: None };
    match exchange.begin(call, &mut Nobody).await {
        Ok(begun) => Kept { status: Some(begun.head.status), bytes: read(&exchange, begun, writer).await },
        Err(EndKind::Failed(error) | EndKind::EndedEarly(error)) => Kept { bytes: Err(error), status: None },
        Err(EndKind::Finished | EndKind::Stopped) => Kept { bytes: Ok(0), status: None },
    }
}

async fn read(exchange: &Exchange<'_>, begun: Begun, writer: &mut (dyn Write + Send)) -> Result<u64, AppError> {
    let success = begun.is_success();
    let Begun { call, head, headers, body } = begun;
    let mut refusal = Vec::new();
    let mut sink = Sink {
        into: if success { Into::Writer(writer) } else { Into::Memory(&mut refusal) },
        taken: 0,
        failed: None,
        patience: call.idle_timeout,
    };
    let pulled = pull(body, &mut sink, exchange.trace, exchange.cancel).await;
    let (taken, failed) = (sink.taken, sink.failed);
    if !success {
        return Err(refusal::rejected(&call, head.status, &headers, &refusal, exchange.trace.now()));
    }
    match pulled {
        Pulled::Complete | Pulled::Stopped => Ok(taken),
        Pulled::Enough => Err(AppError::Storage {
            message: failed.map_or_else(String::new, |error| format!("the answer could not be written: {error}")),
        }),
        Pulled::Silent => Err(failure::silence(&call, exchange.trace, taken > 0)),
        Pulled::Broken(error) => Err(failure::network(exchange.http, &call, exchange.trace, &error)),
    }
}

enum Into<'a> {
    Writer(&'a mut (dyn Write + Send)),
    Memory(&'a mut Vec<u8>),
}

struct Sink<'a> {
    into: Into<'a>,
    taken: u64,
    failed: Option<io::Error>,
    patience: Duration,
}

impl Intake for Sink<'_> {
    fn chunk(&mut self, _at: u64, bytes: &[u8]) -> bool {
        self.taken += bytes.len() as u64;
        match &mut self.into {
            Into::Writer(writer) => match writer.write_all(bytes) {
                Ok(()) => true,
                Err(error) => {
                    self.failed = Some(error);
                    false
                }
            },
            Into::Memory(body) => {
                body.extend_from_slice(bytes);
                body.len() < LARGEST_REFUSAL
            }
        }
    }

    fn idle(&mut self) {}

    fn patience(&self) -> Duration {
        self.patience
    }
}
