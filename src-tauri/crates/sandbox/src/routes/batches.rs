//! Batches: what both providers' forms share.

pub(super) mod openai;
pub(super) mod scaigrid;

use std::io;
use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use http::{StatusCode, Uri};
use juxta_wire::endpoint::Dialect;
use serde_json::{Map, Value};

use super::{Context, RequestId, json_response, trouble};
use crate::batches::check;
use crate::batches::faults::{Fault, Faults};
use crate::batches::record::{Record, Status};
use crate::batches::store::KeptFile;
use crate::batches::{Batch, work};
use crate::listen::Silence;
use crate::refusal::{FieldProblem, Reason};
use crate::request::{name, problem};
use crate::state::now;

type Answer = Result<Response, Reason>;

const HOURS: &[(&str, u64)] = &[("24h", 24), ("4h", 4), ("1h", 1)];

/// Work on the disk, away from those who are answered meanwhile.
pub(super) async fn disk<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Reason> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        // A disk that is full, or a sandbox that ends.
        Ok(Err(_)) | Err(_) => Err(Reason::Internal),
    }
}

/// The rows of a page, those after the one called `after`, and whether there are more.
pub(super) fn page<T>(rows: Vec<T>, id: impl Fn(&T) -> &str, after: Option<&String>, limit: usize) -> (Vec<T>, bool) {
    let first = after.and_then(|after| rows.iter().position(|row| id(row) == after)).map_or(0, |at| at + 1);
    let has_more = rows.len().saturating_sub(first) > limit;
    (rows.into_iter().skip(first).take(limit).collect(), has_more)
}

fn ok(body: &Value) -> Answer {
    Ok(json_response(StatusCode::OK, body))
}

fn field(path: &str, message: impl Into<String>, input: Value) -> Box<FieldProblem> {
    Box::new(problem(vec![name(path)], "value_error", message, input))
}

/// What is wrong with the metadata, and what they ask for.
fn faults(members: &Map<String, Value>) -> Result<Faults, Box<FieldProblem>> {
    match members.get("metadata") {
        None | Some(Value::Null) => Ok(Faults::default()),
        Some(Value::Object(metadata)) => Faults::of_metadata(metadata)
            .map_err(|text| field("metadata", text, metadata.get("sandbox").cloned().unwrap_or_default())),
        Some(other) => Err(field("metadata", "Input should be a valid dictionary", other.clone())),
    }
}

/// A batch that was asked for.
struct Wanted {
    dialect: Dialect,
    endpoint: Option<String>,
    window: String,
    members: Map<String, Value>,
    faults: Faults,
    input: Input,
}

enum Input {
    /// A file that is there.
    Kept(String),
    Sent(Bytes),
}

/// Takes a batch and begins with it. The faults of a submit play here; `show` writes the object.
async fn take(
    context: &Context,
    id: &RequestId,
    uri: &Uri,
    body: &[u8],
    wanted: Wanted,
    show: impl FnOnce(&Record) -> Response,
) -> Answer {
    let Wanted { dialect, endpoint, window, members, faults, input } = wanted;
    let input_text = match &input {
        Input::Sent(bytes) => bytes.clone(),
        Input::Kept(file) => {
            let (state, file) = (Arc::clone(&context.state), file.clone());
            disk(move || state.batches().content(&file)).await?
        }
    };
    let model = check::first_model(&input_text);
    let faults = faults.and_of_model(model.as_deref());
    let once = |what: &str| context.state.refuse_this_time(&format!("{} {what}", uri.path()), body, 1);
    if faults.has(Fault::RateLimited) && once("429") {
        return Err(Reason::TooSoon);
    }
    let own = id.0.trim_start_matches("req_");
    let created_at = now();
    let hours = HOURS.iter().find(|(known, _)| *known == window).map_or(24, |(_, hours)| *hours);
    let metadata = members.get("metadata").and_then(Value::as_object).cloned();
    let state = Arc::clone(&context.state);
    let (own_file, batch_id) = (format!("file-in{own}"), format!("batch_{own}"));
    let (output_file, error_file) = (format!("file-out{own}"), format!("file-err{own}"));
    let record = disk(move || {
        let input_file = match input {
            Input::Kept(file) => file,
            Input::Sent(bytes) => {
                let file = KeptFile {
                    id: own_file.clone(),
                    name: format!("{batch_id}_input.jsonl"),
                    purpose: "batch".to_owned(),
                    bytes: bytes.len() as u64,
                    created_at,
                    expires_at: None,
                    listed: false,
                };
                state.batches().keep_file(file, &bytes)?;
                own_file
            }
        };
        let record = Record {
            id: batch_id,
            dialect,
            endpoint,
            model,
            window,
            metadata,
            status: Status::Validating,
            input_file,
            output_file,
            error_file,
            total: 0,
            completed: 0,
            failed: 0,
            errors: Vec::new(),
            created_at,
            expires_at: created_at + hours * 3_600,
            in_progress_at: None,
            finalizing_at: None,
            completed_at: None,
            failed_at: None,
            expired_at: None,
            cancelling_at: None,
            cancelled_at: None,
        };
        state.batches().add(record.clone())?;
        Ok(record)
    })
    .await?;
    work::begin(&context.state, context.address, record.id.clone());
    let mut response = show(&record);
    if faults.has(Fault::LostAnswer) && once("lost") {
        response.extensions_mut().insert(Silence);
    }
    Ok(response)
}

/// A batch of this dialect that has not vanished.
fn find(context: &Context, dialect: Dialect, id: &str) -> Result<Batch, Reason> {
    let found = context.state.batches().find(id);
    let found = found.filter(|batch| batch.record.dialect == dialect && !batch.has_vanished());
    found.ok_or_else(|| Reason::BatchNotFound(id.to_owned()))
}

/// The same when its state is asked for, with the faults that a question meets.
fn ask(context: &Context, dialect: Dialect, id: &str) -> Result<Result<Batch, Response>, Reason> {
    let batch = find(context, dialect, id)?;
    let number = context.state.batches().note(id, |batch| {
        batch.questions += 1;
        batch.questions
    });
    if number.is_some_and(|number| number % 2 == 1) {
        if batch.faults.has(Fault::RateLimited) {
            return Err(Reason::TooSoon);
        }
        if batch.faults.has(Fault::Html) {
            return Ok(Err(trouble::html_page()));
        }
    }
    Ok(Ok(batch))
}

/// Newest first, with those that fit.
fn listing(context: &Context, dialect: Dialect, status: Option<&String>) -> Vec<Batch> {
    let mut all = context.state.batches().listing();
    all.retain(|batch| {
        batch.record.dialect == dialect && status.is_none_or(|status| batch.record.status.word() == status)
    });
    all
}

async fn cancel(context: &Context, dialect: Dialect, id: &str) -> Result<Batch, Reason> {
    find(context, dialect, id)?;
    let (state, of_cancel) = (Arc::clone(&context.state), id.to_owned());
    let cancelled = disk(move || state.batches().cancel(&of_cancel)).await?;
    if let Some(Err(status)) = cancelled {
        return Err(Reason::CannotCancel(status.word()));
    }
    find(context, dialect, id)
}
