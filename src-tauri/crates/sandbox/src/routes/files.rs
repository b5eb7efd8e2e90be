//! `/v5/files`: what Scale's own client calls.

use std::collections::HashMap;

use axum::Extension;
use axum::extract::{Path, Query, State as Shared};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use juxta_wire::endpoint::Dialect;
use serde_json::{Value, json};

use super::models::limit;
use super::{Context, RequestId, json_response, refusal};
use crate::files::File;
use crate::refusal::Reason;
use crate::request::{media as request, missing, name, problem};

type Answer = Result<Response, Reason>;

/// Refusals in Scale's words.
fn scale(id: &RequestId, answer: Answer) -> Response {
    answer.unwrap_or_else(|reason| refusal(Dialect::ScaleV5, &id.0, &reason))
}

fn ok(body: &Value) -> Answer {
    Ok(json_response(StatusCode::OK, body))
}

fn none(file: &str) -> Reason {
    Reason::FileNotFound(file.to_owned())
}

pub(super) async fn create(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let answer = async {
        let (_, upload) = request::form(&headers, body).await?;
        let upload = upload.ok_or_else(|| Reason::Fields(vec![missing(vec![name("file")], &Default::default())]))?;
        let file_id = format!("file_{}", id.0.trim_start_matches("req_"));
        let media_type = upload.media_type.unwrap_or_else(|| "application/octet-stream".to_owned());
        let file = File::new(file_id, upload.name, media_type, upload.bytes);
        let row = file.row();
        context.state.files().keep(file);
        ok(&row)
    };
    scale(&id, answer.await)
}

pub(super) async fn list(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let answer = || {
        let limit = limit(&query, 100, 1_000)?;
        let wanted = query.get("filename").map(|part| part.to_lowercase());
        let files = context.state.files();
        let mut rows: Vec<&File> = files
            .all()
            .iter()
            .filter(|file| wanted.as_ref().is_none_or(|part| file.name.to_lowercase().contains(part)))
            .collect();
        if query.get("sort_order").is_none_or(|order| order != "asc") {
            rows.reverse();
        }
        let total = rows.len();
        let place = |key: &str| query.get(key).and_then(|id| rows.iter().position(|file| file.id == *id));
        let from = place("starting_after").map_or(0, |at| at + 1);
        let to = place("ending_before").unwrap_or(total).max(from);
        let page = &rows[from..to.min(from + limit)];
        let items: Vec<_> = page.iter().map(|file| file.row()).collect();
        let has_more = from + page.len() < to;
        ok(&json!({ "object": "list", "items": items, "limit": limit, "total": total, "has_more": has_more }))
    };
    scale(&id, answer())
}

pub(super) async fn retrieve(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Path(file): Path<String>,
) -> Response {
    let found = context.state.files().find(&file).map(File::row);
    scale(&id, found.ok_or_else(|| none(&file)).and_then(|row| ok(&row)))
}

/// Only the tags can change.
pub(super) async fn update(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Path(file): Path<String>,
    body: Bytes,
) -> Response {
    let answer = || {
        let members = request::members(&body)?;
        let mut files = context.state.files();
        let found = files.find_mut(&file).ok_or_else(|| none(&file))?;
        match members.get("tags") {
            None | Some(Value::Null) => {}
            Some(Value::Object(tags)) => found.tags = tags.clone(),
            Some(other) => {
                let text = "Input should be a valid dictionary";
                return Err(Reason::Fields(vec![problem(vec![name("tags")], "dict_type", text, other.clone())]));
            }
        }
        ok(&found.row())
    };
    scale(&id, answer())
}

pub(super) async fn delete(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Path(file): Path<String>,
) -> Response {
    let deleted = context.state.files().delete(&file);
    let row = json!({ "id": file, "object": "file", "deleted": true });
    scale(&id, if deleted { ok(&row) } else { Err(none(&file)) })
}

pub(super) async fn content(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Path(file): Path<String>,
) -> Response {
    let Some(found) = context.state.files().find(&file).cloned() else { return scale(&id, Err(none(&file))) };
    let mut response = (StatusCode::OK, found.bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    let kind = HeaderValue::from_str(&found.media_type);
    headers.insert(CONTENT_TYPE, kind.unwrap_or(HeaderValue::from_static("application/octet-stream")));
    response
}
