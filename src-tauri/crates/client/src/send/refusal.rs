//! Reads what a server says when it does not answer: an error status, or a document that is none.

use std::time::SystemTime;

use ::http::header::HeaderMap;
use juxta_wire::error::AppError;
use juxta_wire::outcome::Outcome;
use juxta_wire::timing::{Milestones, Phases};

use super::collector::Collector;
use super::exchange::{Begun, Exchange, content_type};
use super::pull::{Pulled, pull};
use super::{EndKind, Ended, failure};
use crate::call::Call;
use crate::classify;
use crate::observe::Observer;
use crate::trace::milliseconds;

/// Error pages are short; more than this is somebody's mistake.
const LARGEST_REFUSAL: usize = 4 << 20;

/// Reads the body of an answer whose status is no success, and says what went wrong.
pub(super) async fn read<O: Observer>(exchange: &Exchange<'_>, begun: Begun, observer: &mut O) -> Ended {
    let Begun { call, head, headers, body } = begun;
    let mut refusal = Collector::new(observer, LARGEST_REFUSAL, call.idle_timeout);
    let pulled = pull(body, &mut refusal, exchange.trace, exchange.cancel).await;
    let at = exchange.trace.now();
    let kind = match pulled {
        Pulled::Stopped => EndKind::Stopped,
        // With nothing of a body, the break is all there is to tell; else the status and what came of the body tell more.
        Pulled::Silent if refusal.body.is_empty() => EndKind::Failed(failure::silence(&call, exchange.trace, false)),
        Pulled::Complete | Pulled::Enough | Pulled::Silent | Pulled::Broken(_) => {
            EndKind::Failed(rejected(&call, head.status, &headers, &refusal.body, at))
        }
    };
    Ended {
        kind,
        outcome: Outcome::default(),
        phases: Phases::default(),
        milestones: Milestones { first_byte: refusal.first_byte.map(milliseconds), ..Milestones::default() },
        head: Some(head),
        body_bytes: refusal.body.len() as u64,
        any_byte: false,
    }
}

/// A success whose document is no answer: `error` as the mapper found it, or what a web page in its place says.
pub(super) fn document(
    error: AppError,
    call: &Call,
    status: u16,
    headers: &HeaderMap,
    document: &[u8],
    at: u64,
) -> AppError {
    let is_page = content_type(headers).to_ascii_lowercase().contains("html");
    match error {
        AppError::Protocol { .. } if is_page => rejected(call, status, headers, document, at),
        error => error,
    }
}

pub(super) fn rejected(call: &Call, status: u16, headers: &HeaderMap, body: &[u8], at: u64) -> AppError {
    AppError::Rejected(Box::new(classify::classify(&classify::Answer {
        status,
        headers,
        body,
        dialect: call.dialect,
        now: SystemTime::now(),
        elapsed_ms: milliseconds(at),
    })))
}
