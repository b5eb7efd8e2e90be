//! OpenAI's files, and the results of batches by address.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Query, State as Shared};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use juxta_wire::endpoint::Dialect;
use serde_json::{Map, Value, json};

use super::batches::{disk, page};
use super::{Context, RequestId, json_response, openai, refusal};
use crate::batches::faults::Fault;
use crate::batches::store::KeptFile;
use crate::refusal::Reason;
use crate::request::{media as request, missing, name, one_of, problem};
use crate::state::now;

const PURPOSES: &[&str] = &["assistants", "batch", "fine-tune", "vision", "user_data", "evals"];

pub(super) async fn create(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let answer = async {
        let (fields, upload) = request::form(&headers, body).await?;
        let fields: Map<String, Value> = fields.into_iter().map(|(field, text)| (field, text.into())).collect();
        let upload = upload.ok_or_else(|| Reason::Fields(vec![missing(vec![name("file")], &fields)]))?;
        let purpose = fields.get("purpose").and_then(Value::as_str).unwrap_or_default();
        if purpose.is_empty() {
            return Err(Reason::Fields(vec![missing(vec![name("purpose")], &fields)]));
        }
        if let Some(problem) = one_of(&fields, "purpose", PURPOSES) {
            return Err(Reason::Fields(vec![problem]));
        }
        if purpose == "batch" && !upload.name.ends_with(".jsonl") {
            let text = "Invalid file format for batches: the name has to end with .jsonl";
            return Err(Reason::Fields(vec![problem(vec![name("file")], "value_error", text, upload.name.into())]));
        }
        let created_at = now();
        let file = KeptFile {
            id: format!("file-{}", id.0.trim_start_matches("req_")),
            name: upload.name,
            purpose: purpose.to_owned(),
            bytes: upload.bytes.len() as u64,
            created_at,
            expires_at: expiry(&fields)?.map(|seconds| created_at + seconds),
            listed: true,
        };
        let row = file.row();
        let state = Arc::clone(&context.state);
        disk(move || state.batches().keep_file(file, &upload.bytes)).await?;
        Ok(json_response(StatusCode::OK, &row))
    };
    openai(&id, answer.await)
}

/// `expires_after[seconds]`, counted from the upload.
fn expiry(fields: &Map<String, Value>) -> Result<Option<u64>, Reason> {
    let Some(text) = fields.get("expires_after[seconds]").and_then(Value::as_str) else { return Ok(None) };
    match text.parse() {
        Ok(seconds) if (3_600..=2_592_000).contains(&seconds) => Ok(Some(seconds)),
        _ => {
            let path = vec![name("expires_after"), name("seconds")];
            let message = "Input should be between 3600 and 2592000";
            Err(Reason::Fields(vec![problem(path, "value_error", message, text.into())]))
        }
    }
}

pub(super) async fn list(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let answer = || {
        let limit = super::models::limit(&query, 10_000, 10_000)?;
        let wanted = |file: &KeptFile| query.get("purpose").is_none_or(|purpose| *purpose == file.purpose);
        let mut files = context.state.batches().files();
        files.retain(|file| file.listed && wanted(file));
        if query.get("order").is_none_or(|order| order != "asc") {
            files.reverse();
        }
        let (files, has_more) = page(files, |file| &file.id, query.get("after"), limit);
        let rows: Vec<_> = files.iter().map(KeptFile::row).collect();
        let id_of = |file: Option<&KeptFile>| file.map(|file| file.id.clone());
        Ok(json_response(
            StatusCode::OK,
            &json!({ "object": "list", "data": rows, "first_id": id_of(files.first()),
                "last_id": id_of(files.last()), "has_more": has_more }),
        ))
    };
    openai(&id, answer())
}

fn find(context: &Context, file: &str) -> Result<KeptFile, Reason> {
    context.state.batches().file(file).filter(|file| file.listed).ok_or_else(|| Reason::FileNotFound(file.to_owned()))
}

pub(super) async fn retrieve(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Path(file): Path<String>,
) -> Response {
    openai(&id, find(&context, &file).map(|file| json_response(StatusCode::OK, &file.row())))
}

pub(super) async fn delete(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Path(file): Path<String>,
) -> Response {
    let answer = find(&context, &file).map(|file| {
        let deleted = context.state.batches().delete_file(&file.id);
        json_response(StatusCode::OK, &json!({ "id": file.id, "object": "file", "deleted": deleted }))
    });
    openai(&id, answer)
}

pub(super) async fn content(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Path(file): Path<String>,
) -> Response {
    let answer = async { send(&context, find(&context, &file)?).await };
    openai(&id, answer.await)
}

async fn send(context: &Context, file: KeptFile) -> Result<Response, Reason> {
    let state = Arc::clone(&context.state);
    let bytes = disk(move || state.batches().content(&file.id)).await?;
    let head = [(CONTENT_TYPE, "application/octet-stream"), (CONTENT_DISPOSITION, "attachment")];
    Ok((StatusCode::OK, head, bytes).into_response())
}

/// The results of a batch at the address that its object gave. Whoever has it needs no key.
pub(super) async fn result(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Path(file): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let answer = async {
        let batches = context.state.batches();
        let owns =
            |batch: &crate::batches::Batch| [&batch.record.output_file, &batch.record.error_file].contains(&&file);
        let batch = batches.listing().into_iter().find(owns).ok_or(Reason::NotFound)?;
        let is_first = query.get("given").is_some_and(|given| given == "1");
        if batch.faults.has(Fault::StaleLinks) && is_first {
            return Err(Reason::Expired);
        }
        send(&context, batches.file(&file).ok_or(Reason::NotFound)?).await
    };
    answer.await.unwrap_or_else(|reason| refusal(Dialect::ScaigridV1, &id.0, &reason))
}
