//! What went wrong, from the status, headers and body of an answer. Pure functions: no clock, no socket.
//!
//! The provider's status, code and words are kept as they are; the category and whether a retry may help are ours. A
//! known code decides before the status does, because a `429` may be a used-up budget.

mod body;
mod codes;
mod page;
mod retry_after;

use std::time::SystemTime;

use http::{HeaderMap, StatusCode};
use juxta_wire::endpoint::Dialect;
use juxta_wire::error::{Rejection, RejectionCategory};

pub use retry_after::retry_after;

/// Characters of a body that is no JSON which are kept as the message.
const PLAIN_TEXT_LIMIT: usize = 2048;

/// Where servers put the id that their support asks for, best first.
const REQUEST_ID_HEADERS: [&str; 4] = ["x-scaigrid-request-id", "x-request-id", "request-id", "x-litellm-call-id"];

/// An answer that is no success.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    pub status: u16,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    pub dialect: Dialect,
    /// For a `Retry-After` that is a date.
    pub now: SystemTime,
    /// Milliseconds since the call began.
    pub elapsed_ms: f64,
}

/// Classifies an answer by status, headers and body.
///
/// Also for a 2xx whose envelope says `error`: then code and words decide, and the category is
/// [`RejectionCategory::Other`] when the code is not known.
pub fn classify(answer: &Answer<'_>) -> Rejection {
    let text = String::from_utf8_lossy(answer.body);
    let text = text.trim_start_matches('\u{FEFF}').trim();
    let content_type = media_type(answer.headers);
    let said = body::read(text);
    let is_json = said.is_some();
    let said = said.unwrap_or_default();
    let known = said.codes().find_map(codes::find);
    let message = said.message.clone().unwrap_or_else(|| match text {
        "" => reason_of(answer.status),
        page if page::is_html(content_type.as_deref(), page) => {
            page::first_visible_line(page).unwrap_or_else(|| reason_of(answer.status))
        }
        text => text.chars().take(PLAIN_TEXT_LIMIT).collect(),
    });
    Rejection {
        status: answer.status,
        category: known.map_or_else(|| category_of(answer.status), |known| known.category),
        code: said.code,
        message,
        // A server may name it twice, rounded once; the longer wait is safe.
        retry_after: longer(said.retry_after, retry_after(answer.headers, answer.now)),
        request_id: said.request_id.or_else(|| request_id(answer.headers)),
        fields: said.fields,
        event: None,
        content_type: content_type.filter(|_| !is_json),
        elapsed_ms: answer.elapsed_ms,
        retryable: match known {
            Some(known) if !known.retryable => false,
            known => asked_to_retry(answer.headers)
                .unwrap_or_else(|| known.is_some() || is_retryable(answer.status, answer.dialect)),
        },
    }
}

/// Classifies an error that came as an event under status 200. `data` is the event's data in any of its shapes: a bare
/// `{code, message}`, `{"error":…}`, a whole envelope, or plain text. `event` counts from 1.
pub fn in_stream(data: &str, event: u64, dialect: Dialect) -> Rejection {
    let data = data.trim();
    let said = body::read(data).unwrap_or_default();
    let known = said.codes().find_map(codes::find);
    let status = said.code.as_deref().and_then(|code| code.parse().ok()).filter(|status| (400..600).contains(status));
    Rejection {
        status: 200,
        category: RejectionCategory::InStream,
        message: said.message.clone().unwrap_or_else(|| match data {
            "" => "The server sent an error without words.".to_owned(),
            text => text.chars().take(PLAIN_TEXT_LIMIT).collect(),
        }),
        retryable: known
            .map_or_else(|| status.is_some_and(|status: u16| is_retryable(status, dialect)), |known| known.retryable),
        code: said.code,
        retry_after: said.retry_after,
        request_id: said.request_id,
        fields: said.fields,
        event: Some(event),
        content_type: None,
        elapsed_ms: 0.0,
    }
}

/// The id of the request that a response head carries.
pub fn request_id(headers: &HeaderMap) -> Option<String> {
    REQUEST_ID_HEADERS
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok())
        .find(|id| !id.is_empty())
        .map(str::to_owned)
}

fn category_of(status: u16) -> RejectionCategory {
    match status {
        401 => RejectionCategory::Authentication,
        403 => RejectionCategory::Permission,
        404 => RejectionCategory::NotFound,
        409 => RejectionCategory::Conflict,
        413 => RejectionCategory::TooLarge,
        400 | 422 => RejectionCategory::Validation,
        402 => RejectionCategory::Exhausted,
        429 => RejectionCategory::RateLimit,
        500..600 => RejectionCategory::Server,
        _ => RejectionCategory::Other,
    }
}

/// By status alone. Scale's own client and OpenAI's follow one rule; ScaiGrid documents a narrower one.
fn is_retryable(status: u16, dialect: Dialect) -> bool {
    match dialect {
        Dialect::ScaleV5 | Dialect::OpenAi => matches!(status, 408 | 409 | 429 | 500..600),
        Dialect::ScaigridV1 => matches!(status, 408 | 429 | 500 | 502..=504),
    }
}

/// `x-should-retry`, with which Scale's and OpenAI's servers overrule the status.
fn asked_to_retry(headers: &HeaderMap) -> Option<bool> {
    match headers.get("x-should-retry")?.to_str().ok()?.trim() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(http::header::CONTENT_TYPE)?.to_str().ok()?;
    let media_type = value.split(';').next()?.trim().to_ascii_lowercase();
    (!media_type.is_empty()).then_some(media_type)
}

fn reason_of(status: u16) -> String {
    StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .map_or_else(|| format!("HTTP {status}"), str::to_owned)
}

fn longer(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests;
