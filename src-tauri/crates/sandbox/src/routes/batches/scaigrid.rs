//! `/v1/inference/batch`: batches in ScaiGrid's form, with addresses of results.

use std::collections::HashMap;

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

use super::{Answer, Context, HOURS, Input, RequestId, Wanted, ask, faults, field, listing, ok, page, take};
use crate::batches::Batch;
use crate::batches::faults::Fault;
use crate::batches::record::Status;
use crate::refusal::{FieldProblem, Reason};
use crate::request::{media as request, missing, name, one_of};
use crate::routes::models::limit;
use crate::routes::{json_response, refusal};

/// What is taken inline.
const MOST_INLINE: usize = 10 * 1024 * 1024;

fn in_words(id: &RequestId, answer: Answer) -> Response {
    answer.unwrap_or_else(|reason| refusal(Dialect::ScaigridV1, &id.0, &reason))
}

/// ScaiGrid's object. Addresses of results begin with how the caller reached this server.
fn object(context: &Context, headers: &HeaderMap, batch: &Batch) -> Value {
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

pub(in crate::routes) async fn create(
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
            Err(problem) => (None, Some(*problem)),
        };
        let words: Vec<_> = HOURS.iter().map(|(word, _)| *word).collect();
        let faults = faults(&members);
        let problems = found.into_iter().chain(one_of(&members, "endpoint_completion_window", &words));
        let problems: Vec<_> = problems.chain(faults.as_ref().err().map(|problem| problem.as_ref().clone())).collect();
        let (Some(input), Ok(faults), true) = (input, faults, problems.is_empty()) else {
            return Err(Reason::Fields(problems));
        };
        let window = members.get("endpoint_completion_window").and_then(Value::as_str).unwrap_or("24h").to_owned();
        let wanted = Wanted { dialect: Dialect::ScaigridV1, endpoint: None, window, members, faults, input };
        take(&context, &id, &uri, &body, wanted, |record| enveloped(&id, &record.scaigrid(str::to_owned))).await
    };
    in_words(&id, answer.await)
}

/// The file that came along, or the one at the address.
fn input(context: &Context, headers: &HeaderMap, members: &Map<String, Value>) -> Result<Input, Box<FieldProblem>> {
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
        (None, None) => Err(Box::new(missing(vec![name("input_file_base64")], members))),
        (Some(_), Some(_)) => {
            Err(field("input_file_url", "Only one of input_file_base64 and input_file_url can be there", Value::Null))
        }
        (Some(other), None) => Err(field("input_file_base64", "Input should be a valid string", other.clone())),
        (None, Some(other)) => Err(field("input_file_url", "Input should be a valid string", other.clone())),
    }
}

/// The sandbox fetches nothing from a network: it knows the files that were uploaded to it.
fn at_address(context: &Context, headers: &HeaderMap, url: &str) -> Result<Input, Box<FieldProblem>> {
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

pub(in crate::routes) async fn list(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let answer = || {
        let limit = limit(&query, 50, 1_000)?;
        let status = query.get("status");
        if let Some(status) = status.filter(|status| Status::ALL.iter().all(|known| known.word() != *status)) {
            let words: Vec<_> = Status::ALL.iter().map(|status| status.word()).collect();
            let text = format!("Input should be one of {}", words.join(", "));
            return Err(Reason::Fields(vec![*field("status", text, status.as_str().into())]));
        }
        let all = listing(&context, Dialect::ScaigridV1, status);
        let (batches, has_more) = page(all, |batch| &batch.record.id, query.get("cursor"), limit);
        let next = batches.last().filter(|_| has_more).map(|batch| batch.record.id.clone());
        let items: Vec<_> = batches.iter().map(|batch| object(&context, &headers, batch)).collect();
        ok(&json!({ "status": "ok", "data": { "items": items },
            "pagination": { "has_more": has_more, "next_cursor": next }, "meta": { "request_id": id.0 } }))
    };
    in_words(&id, answer())
}

pub(in crate::routes) async fn one(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    Path(batch): Path<String>,
) -> Response {
    let answer = ask(&context, Dialect::ScaigridV1, &batch).map(|found| match found {
        Ok(batch) => enveloped(&id, &object(&context, &headers, &batch)),
        Err(page) => page,
    });
    in_words(&id, answer)
}

pub(in crate::routes) async fn cancel(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    Path(batch): Path<String>,
) -> Response {
    let cancelled = super::cancel(&context, Dialect::ScaigridV1, &batch).await;
    in_words(&id, cancelled.map(|batch| enveloped(&id, &object(&context, &headers, &batch))))
}
