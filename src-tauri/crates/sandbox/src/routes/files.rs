//! Files that are sent and fetched again. What providers have in common is here; how each calls it is in a shelf of its
//! own.

pub(super) mod openai;
pub(super) mod scale;

use std::collections::HashMap;

use axum::Extension;
use axum::extract::{Path, Query, State as Shared};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use juxta_wire::endpoint::Dialect;
use serde_json::{Map, Value, json};

use super::{Context, RequestId, json_response, refusal};
use crate::refusal::Reason;
use crate::request::media::{self as request, Upload};
use crate::request::{missing, name};

/// What stands where nobody said what a file is.
const UNKNOWN: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// A provider's files.
pub(super) trait Shelf: 'static {
    type File: Send;
    /// In whose words it refuses.
    const DIALECT: Dialect;

    /// Keeps what came with these fields. `id` is the request's, which is nobody else's.
    fn keep(
        context: &Context,
        id: &str,
        fields: &Map<String, Value>,
        upload: Upload,
    ) -> impl Future<Output = Result<Self::File, Reason>> + Send;

    fn find(context: &Context, id: &str) -> Option<Self::File>;

    /// As the API writes it.
    fn row(file: &Self::File) -> Value;

    /// A page of the listing.
    fn list(context: &Context, query: &HashMap<String, String>) -> Result<Value, Reason>;

    fn delete(context: &Context, id: &str) -> bool;

    /// The bytes, and what they are.
    fn content(
        context: &Context,
        file: Self::File,
    ) -> impl Future<Output = Result<(HeaderValue, Bytes), Reason>> + Send;
}

fn found<S: Shelf>(context: &Context, file: &str) -> Result<S::File, Reason> {
    S::find(context, file).ok_or_else(|| none(file))
}

fn none(file: &str) -> Reason {
    Reason::FileNotFound(file.to_owned())
}

fn answer<S: Shelf>(id: &RequestId, body: Result<Value, Reason>) -> Response {
    match body {
        Ok(body) => json_response(StatusCode::OK, &body),
        Err(reason) => refusal(S::DIALECT, &id.0, &reason),
    }
}

pub(super) async fn create<S: Shelf>(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let kept = async {
        let (fields, upload) = request::form(&headers, body).await?;
        let fields: Map<String, Value> = fields.into_iter().map(|(field, text)| (field, text.into())).collect();
        let upload = upload.ok_or_else(|| Reason::Fields(vec![missing(vec![name("file")], &fields)]))?;
        let file = S::keep(&context, id.0.trim_start_matches("req_"), &fields, upload).await?;
        Ok(S::row(&file))
    };
    answer::<S>(&id, kept.await)
}

pub(super) async fn list<S: Shelf>(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    answer::<S>(&id, S::list(&context, &query))
}

pub(super) async fn retrieve<S: Shelf>(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Path(file): Path<String>,
) -> Response {
    answer::<S>(&id, found::<S>(&context, &file).map(|file| S::row(&file)))
}

pub(super) async fn delete<S: Shelf>(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Path(file): Path<String>,
) -> Response {
    let deleted = found::<S>(&context, &file).map(|_| S::delete(&context, &file));
    answer::<S>(&id, deleted.map(|deleted| json!({ "id": file, "object": "file", "deleted": deleted })))
}

pub(super) async fn content<S: Shelf>(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Path(file): Path<String>,
) -> Response {
    let content = async { S::content(&context, found::<S>(&context, &file)?).await };
    match content.await {
        Ok((kind, bytes)) => download(kind, bytes),
        Err(reason) => refusal(S::DIALECT, &id.0, &reason),
    }
}

fn download(kind: HeaderValue, bytes: Bytes) -> Response {
    let head = [(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, HeaderValue::from_static("attachment"))];
    (StatusCode::OK, head, bytes).into_response()
}
