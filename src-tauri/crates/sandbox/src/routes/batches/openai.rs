//! `/batches` of OpenAI.

use std::collections::HashMap;

use axum::Extension;
use axum::extract::{Path, Query, State as Shared};
use axum::response::Response;
use bytes::Bytes;
use http::{StatusCode, Uri};
use juxta_wire::endpoint::Dialect;
use serde_json::{Map, Value, json};

use super::{Context, Input, RequestId, Wanted, ask, faults, field, listing, ok, page, take};
use crate::batches::Batch;
use crate::batches::check::OPENAI_ENDPOINTS;
use crate::refusal::{FieldProblem, Reason};
use crate::request::{media as request, missing, name, one_of};
use crate::routes::models::limit;
use crate::routes::{json_response, openai};

/// The most pairs of metadata.
const MOST_PAIRS: usize = 16;

pub(in crate::routes) async fn create(
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
            Some(other) => Err(Reason::Fields(vec![*field(member, "Input should be a valid string", other.clone())])),
        };
        let file = text("input_file_id")?;
        let endpoint = text("endpoint")?;
        let window = text("completion_window")?;
        let wrong = [one_of(&members, "endpoint", OPENAI_ENDPOINTS), one_of(&members, "completion_window", &["24h"])];
        if let Some(problem) = wrong.into_iter().flatten().chain(too_much_metadata(&members)).next() {
            return Err(Reason::Fields(vec![problem]));
        }
        let faults = faults(&members).map_err(|problem| Reason::Fields(vec![*problem]))?;
        if context.state.batches().file(&file).is_none_or(|file| !file.listed || file.purpose != "batch") {
            let text = format!("There is no file '{file}' whose purpose is batch");
            return Err(Reason::Fields(vec![*field("input_file_id", text, file.into())]));
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
        *field("metadata", text, Value::Object(metadata.clone()))
    })
}

pub(in crate::routes) async fn list(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Query(query): Query<HashMap<String, String>>,
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

pub(in crate::routes) async fn one(
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

pub(in crate::routes) async fn cancel(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Path(batch): Path<String>,
) -> Response {
    let cancelled = super::cancel(&context, Dialect::OpenAi, &batch).await;
    openai(&id, cancelled.map(|batch| json_response(StatusCode::OK, &batch.record.openai())))
}
