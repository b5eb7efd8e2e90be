//! Batches in ScaiGrid's form and in OpenAI's.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Query, State as Shared};
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::HOST;
use http::{HeaderMap, StatusCode, Uri};
use juxta_wire::endpoint::Dialect;
use serde_json::{Map, Value, json};

use super::models::limit;
use super::{Context, RequestId, json_response, openai, refusal, trouble};
use crate::batches::check::OPENAI_ENDPOINTS;
use crate::batches::faults::{Fault, Faults};
use crate::batches::record::{Record, Status};
use crate::batches::store::KeptFile;
use crate::batches::{Batch, work};
use crate::listen::Silence;
use crate::refusal::{FieldProblem, Reason};
use crate::request::{media as request, missing, name, one_of, problem};
use crate::state::now;

type Answer = Result<Response, Reason>;
type Asked = Query<HashMap<String, String>>;

/// What ScaiGrid takes inline.
const MOST_INLINE: usize = 10 * 1024 * 1024;
const HOURS: &[(&str, u64)] = &[("24h", 24), ("4h", 4), ("1h", 1)];
/// OpenAI's limits of metadata.
const MOST_PAIRS: usize = 16;

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

fn field(path: &str, message: impl Into<String>, input: Value) -> FieldProblem {
    problem(vec![name(path)], "value_error", message, input)
}

/// What is wrong with the metadata, and what they ask for.
fn faults(members: &Map<String, Value>) -> Result<Faults, FieldProblem> {
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
            model: None,
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

fn scaigrid(id: &RequestId, answer: Answer) -> Response {
    answer.unwrap_or_else(|reason| refusal(Dialect::ScaigridV1, &id.0, &reason))
}

/// ScaiGrid's object. Addresses of results begin with how the caller reached this server.
fn scaigrid_object(context: &Context, headers: &HeaderMap, batch: &Batch) -> Value {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).map(str::to_owned);
    let here = host.unwrap_or_else(|| context.address.to_string());
    let elsewhere = context.state.elsewhere().to_string();
    let host = if batch.faults.has(Fault::Elsewhere) { elsewhere } else { here };
    let given = context.state.batches().note(&batch.record.id, |batch| {
        batch.links_given += u64::from(batch.record.status.is_over());
        batch.links_given
    });
    let given = given.unwrap_or_default();
    batch.record.scaigrid(|file| format!("http://{host}/media/results/{file}?given={given}"))
}

fn enveloped(id: &RequestId, data: &Value) -> Response {
    json_response(StatusCode::OK, &json!({ "status": "ok", "data": data, "meta": { "request_id": id.0 } }))
}

pub(super) async fn scaigrid_create(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let answer = async {
        let members = request::members(&body)?;
        let (input, found) = match input(&context, &headers, &members) {
            Ok(input) => (Some(input), None),
            Err(problem) => (None, Some(problem)),
        };
        let words: Vec<_> = HOURS.iter().map(|(word, _)| *word).collect();
        let faults = faults(&members);
        let problems = found.into_iter().chain(one_of(&members, "endpoint_completion_window", &words));
        let problems: Vec<_> = problems.chain(faults.as_ref().err().cloned()).collect();
        let (Some(input), Ok(faults), true) = (input, faults, problems.is_empty()) else {
            return Err(Reason::Fields(problems));
        };
        let window = members.get("endpoint_completion_window").and_then(Value::as_str).unwrap_or("24h").to_owned();
        let wanted = Wanted { dialect: Dialect::ScaigridV1, endpoint: None, window, members, faults, input };
        take(&context, &id, &uri, &body, wanted, |record| enveloped(&id, &record.scaigrid(str::to_owned))).await
    };
    scaigrid(&id, answer.await)
}

/// The file that came along, or the one at the address.
fn input(context: &Context, headers: &HeaderMap, members: &Map<String, Value>) -> Result<Input, FieldProblem> {
    let member = |name: &str| members.get(name).filter(|value| !value.is_null());
    match (member("input_file_base64"), member("input_file_url")) {
        (Some(Value::String(text)), None) => {
            let bytes = BASE64_STANDARD.decode(text);
            let bytes = bytes
                .map_err(|error| field("input_file_base64", format!("This is no base64: {error}"), Value::Null))?;
            if bytes.len() > MOST_INLINE {
                let text = format!("{} bytes are too many to send along: the limit is 10 MB", bytes.len());
                return Err(field("input_file_base64", text, Value::Null));
            }
            Ok(Input::Sent(bytes.into()))
        }
        (None, Some(Value::String(url))) => at_address(context, headers, url),
        (None, None) => Err(missing(vec![name("input_file_base64")], members)),
        (Some(_), Some(_)) => {
            Err(field("input_file_url", "Only one of input_file_base64 and input_file_url can be there", Value::Null))
        }
        (Some(other), None) => Err(field("input_file_base64", "Input should be a valid string", other.clone())),
        (None, Some(other)) => Err(field("input_file_url", "Input should be a valid string", other.clone())),
    }
}

/// The sandbox fetches nothing from a network: it knows the files that were uploaded to it.
fn at_address(context: &Context, headers: &HeaderMap, url: &str) -> Result<Input, FieldProblem> {
    let refuse = |text: &str| Err(field("input_file_url", text, url.into()));
    let id = match url.strip_prefix("scaigrid://file/") {
        Some(id) => id,
        None => {
            let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
            let addresses = [host.to_owned(), context.address.to_string(), context.state.elsewhere().to_string()];
            let rest = url.strip_prefix("http://").unwrap_or_default();
            let path = addresses.iter().find_map(|address| rest.strip_prefix(address.as_str())?.strip_prefix('/'));
            let segments: Vec<&str> = path.unwrap_or_default().split(['/', '?']).collect();
            match segments[..] {
                ["oai", "v1", "files", id, "content", ..] | ["v1", "files", id, "content", ..] => id,
                ["v5", "files", id, "content", ..] | ["media", "results", id, ..] => id,
                _ => {
                    return refuse(
                        "The sandbox reads only what was uploaded to it: scaigrid://file/ and the id of a file, or the \
                         address of its content",
                    );
                }
            }
        }
    };
    let batches = context.state.batches();
    if batches.file(id).is_some() {
        return Ok(Input::Kept(id.to_owned()));
    }
    let of_scale = context.state.files().find(id).map(|file| file.bytes.clone());
    of_scale.map_or_else(|| refuse("There is no such file in the sandbox"), |bytes| Ok(Input::Sent(bytes)))
}

pub(super) async fn scaigrid_list(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    Query(query): Asked,
) -> Response {
    let answer = || {
        let limit = limit(&query, 50, 1_000)?;
        let status = query.get("status");
        if let Some(status) = status.filter(|status| Status::ALL.iter().all(|known| known.word() != *status)) {
            let words: Vec<_> = Status::ALL.iter().map(|status| status.word()).collect();
            let text = format!("Input should be one of {}", words.join(", "));
            return Err(Reason::Fields(vec![field("status", text, status.as_str().into())]));
        }
        let all = listing(&context, Dialect::ScaigridV1, status);
        let (batches, has_more) = page(all, |batch| &batch.record.id, query.get("cursor"), limit);
        let next = batches.last().filter(|_| has_more).map(|batch| batch.record.id.clone());
        let items: Vec<_> = batches.iter().map(|batch| scaigrid_object(&context, &headers, batch)).collect();
        ok(&json!({ "status": "ok", "data": { "items": items },
            "pagination": { "has_more": has_more, "next_cursor": next }, "meta": { "request_id": id.0 } }))
    };
    scaigrid(&id, answer())
}

pub(super) async fn scaigrid_one(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    Path(batch): Path<String>,
) -> Response {
    let answer = ask(&context, Dialect::ScaigridV1, &batch).map(|found| match found {
        Ok(batch) => enveloped(&id, &scaigrid_object(&context, &headers, &batch)),
        Err(page) => page,
    });
    scaigrid(&id, answer)
}

pub(super) async fn scaigrid_cancel(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    Path(batch): Path<String>,
) -> Response {
    let cancelled = cancel(&context, Dialect::ScaigridV1, &batch).await;
    scaigrid(&id, cancelled.map(|batch| enveloped(&id, &scaigrid_object(&context, &headers, &batch))))
}

pub(super) async fn openai_create(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    uri: Uri,
    body: Bytes,
) -> Response {
    let answer = async {
        let members = request::members(&body)?;
        let text = |member: &str| match members.get(member) {
            Some(Value::String(text)) => Ok(text.clone()),
            None | Some(Value::Null) => Err(Reason::Fields(vec![missing(vec![name(member)], &members)])),
            Some(other) => Err(Reason::Fields(vec![field(member, "Input should be a valid string", other.clone())])),
        };
        let file = text("input_file_id")?;
        let endpoint = text("endpoint")?;
        let window = text("completion_window")?;
        let wrong = [one_of(&members, "endpoint", OPENAI_ENDPOINTS), one_of(&members, "completion_window", &["24h"])];
        if let Some(problem) = wrong.into_iter().flatten().chain(too_much_metadata(&members)).next() {
            return Err(Reason::Fields(vec![problem]));
        }
        let faults = faults(&members).map_err(|problem| Reason::Fields(vec![problem]))?;
        if context.state.batches().file(&file).is_none_or(|file| !file.listed || file.purpose != "batch") {
            let text = format!("There is no file '{file}' whose purpose is batch");
            return Err(Reason::Fields(vec![field("input_file_id", text, file.into())]));
        }
        let (dialect, endpoint, input) = (Dialect::OpenAi, Some(endpoint), Input::Kept(file));
        let wanted = Wanted { dialect, endpoint, window, members, faults, input };
        take(&context, &id, &uri, &body, wanted, |record| json_response(StatusCode::OK, &record.openai())).await
    };
    openai(&id, answer.await)
}

fn too_much_metadata(members: &Map<String, Value>) -> Option<FieldProblem> {
    let metadata = members.get("metadata")?.as_object()?;
    let fits = |(key, value): (&String, &Value)| {
        key.chars().count() <= 64 && value.as_str().is_some_and(|text| text.chars().count() <= 512)
    };
    (metadata.len() > MOST_PAIRS || !metadata.iter().all(fits)).then(|| {
        let text = "At most 16 pairs, with keys of 64 and values of 512 characters, which are texts";
        field("metadata", text, Value::Object(metadata.clone()))
    })
}

pub(super) async fn openai_list(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Query(query): Asked,
) -> Response {
    let answer = || {
        let limit = limit(&query, 20, 100)?;
        let all = listing(&context, Dialect::OpenAi, None);
        let (batches, has_more) = page(all, |batch| &batch.record.id, query.get("after"), limit);
        let rows: Vec<_> = batches.iter().map(|batch| batch.record.openai()).collect();
        let id_of = |batch: Option<&Batch>| batch.map(|batch| batch.record.id.clone());
        ok(&json!({ "object": "list", "data": rows, "first_id": id_of(batches.first()),
            "last_id": id_of(batches.last()), "has_more": has_more }))
    };
    openai(&id, answer())
}

pub(super) async fn openai_one(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Path(batch): Path<String>,
) -> Response {
    let answer = ask(&context, Dialect::OpenAi, &batch).map(|found| match found {
        Ok(batch) => json_response(StatusCode::OK, &batch.record.openai()),
        Err(page) => page,
    });
    openai(&id, answer)
}

pub(super) async fn openai_cancel(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Path(batch): Path<String>,
) -> Response {
    let cancelled = cancel(&context, Dialect::OpenAi, &batch).await;
    openai(&id, cancelled.map(|batch| json_response(StatusCode::OK, &batch.record.openai())))
}
