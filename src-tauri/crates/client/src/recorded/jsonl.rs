//! Runs as lines of JSON, one for each call, in the shape of OpenAI's batches: `custom_id`, `method`, `url` and `body` go
//! in as they are, `response` and `error` come out. `metrics` and `_juxta` are ours.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use juxta_wire::error::AppError;
use juxta_wire::lane::Comparison;
use juxta_wire::metrics::Metrics;
use juxta_wire::outcome::Outcome;
use juxta_wire::run::{Cell, RunSummary};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use url::Url;

use super::{Arrival, RecordedCall, RecordedRun};

/// Of the `_juxta` members.
pub const VERSION: u32 = 1;

#[derive(Debug, Serialize)]
struct Line<'a> {
    custom_id: &'a str,
    method: &'a str,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Box<RawValue>>,
    response: Option<Response<'a>>,
    error: Option<&'a AppError>,
    metrics: &'a Metrics,
    _juxta: OwnLine<'a>,
}

#[derive(Debug, Serialize)]
struct Response<'a> {
    status_code: u16,
    request_id: &'a str,
    /// The document that was the answer; a stream has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Box<RawValue>>,
    outcome: &'a Outcome,
}

#[derive(Debug, Serialize)]
struct OwnLine<'a> {
    version: u32,
    run: &'a RunSummary,
    /// On the first line of each run.
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshot: Option<&'a Comparison>,
    /// Without what stands in the line itself.
    cell: Cell,
    /// The request's body to the byte, where that differs from `body`: a line has no line breaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<OwnAnswer>,
}

/// The bytes of an answer and when they came, so that a stream has its events again.
#[derive(Debug, Serialize, Deserialize)]
pub struct OwnAnswer {
    /// The body as it came, where that differs from `response.body` and is text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The same for bytes that are no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    #[serde(default)]
    pub arrivals: Vec<Arrival>,
}

/// What a reader needs of `_juxta`.
#[derive(Debug, Deserialize)]
pub struct OwnLineRead {
    pub version: u32,
    pub run: RunSummary,
    #[serde(default)]
    pub snapshot: Option<Comparison>,
    pub cell: Cell,
    #[serde(default)]
    pub request_body: Option<String>,
    #[serde(default)]
    pub answer: Option<OwnAnswer>,
}

/// Writes one line for each call.
///
/// # Errors
/// None that a recorded run can cause.
pub fn write(runs: &[RecordedRun]) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = Vec::new();
    for run in runs {
        for (number, call) in run.calls.iter().enumerate() {
            serde_json::to_writer(&mut bytes, &line(run, call, number == 0))?;
            bytes.push(b'\n');
        }
    }
    Ok(bytes)
}

fn line<'a>(run: &'a RecordedRun, call: &'a RecordedCall, is_first: bool) -> Line<'a> {
    let cell = &call.cell;
    let request_body = cell.request.as_ref().map_or("", |request| request.body.as_str());
    let body = on_one_line(request_body);
    let is_same = body.as_ref().is_some_and(|body| body.get() == request_body);
    let mut rest = Cell { metrics: Metrics::default(), error: None, ..cell.clone() };
    if cell.head.is_some() {
        rest.outcome = Outcome::default();
    }
    if let Some(request) = &mut rest.request {
        request.body.clear();
    }
    let document = (!call.is_stream() && cell.head.is_some()).then(|| document(&call.body)).flatten();
    let answer = own_answer(call, document.as_deref());
    Line {
        custom_id: cell.id.as_str(),
        method: cell.request.as_ref().map_or("POST", |request| request.method.as_str()),
        url: cell.request.as_ref().map_or_else(String::new, |request| path_of(&request.url)),
        body,
        response: cell.head.as_ref().map(|head| Response {
            status_code: head.status,
            request_id: call.answer_header("x-request-id").unwrap_or_default(),
            body: document,
            outcome: &cell.outcome,
        }),
        error: cell.error.as_ref(),
        metrics: &cell.metrics,
        _juxta: OwnLine {
            version: VERSION,
            run: &run.summary,
            snapshot: is_first.then_some(&run.snapshot),
            cell: rest,
            request_body: (!is_same && !request_body.is_empty()).then_some(request_body),
            answer,
        },
    }
}

fn own_answer(call: &RecordedCall, document: Option<&RawValue>) -> Option<OwnAnswer> {
    if call.body.is_empty() && call.arrivals.is_empty() {
        return None;
    }
    let mut answer = OwnAnswer { text: None, base64: None, arrivals: call.arrivals.clone() };
    if document.is_none_or(|document| document.get().as_bytes() != call.body) {
        match std::str::from_utf8(&call.body) {
            Ok(text) => answer.text = Some(text.to_owned()),
            Err(_) => answer.base64 = Some(STANDARD.encode(&call.body)),
        }
    }
    Some(answer)
}

/// Numbers and order as spelled; only line breaks between values go.
fn on_one_line(body: &str) -> Option<Box<RawValue>> {
    let value: Box<RawValue> = serde_json::from_str(body).ok()?;
    if !value.get().contains(['\n', '\r']) {
        return Some(value);
    }
    // JSON texts hold no raw line breaks, so every one stands between values.
    RawValue::from_string(value.get().replace(['\n', '\r'], "")).ok()
}

/// `None` when the answer is no JSON document.
fn document(body: &[u8]) -> Option<Box<RawValue>> {
    on_one_line(std::str::from_utf8(body).ok()?)
}

/// A batch names the endpoint by its path.
fn path_of(url: &str) -> String {
    match Url::parse(url) {
        Ok(url) => url[url::Position::BeforePath..].to_owned(),
        Err(_) => url.to_owned(),
    }
}
