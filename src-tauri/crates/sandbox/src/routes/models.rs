//! Model listings: Scale's catalogue and records, ScaiGrid's and OpenAI's lists.

use std::collections::HashMap;

use axum::Extension;
use axum::extract::{Path, Query, State as Shared};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::window::SandboxModel;
use serde_json::{Value, json};

use super::{Context, RequestId, json_response, refusal};
use crate::faults::{self, Behaviour};
use crate::models::{Purpose, Voice, listing, purpose};
use crate::refusal::Reason;

type Parameters = Query<HashMap<String, String>>;

/// Listings are refused when the request itself asks for it. The menu does not reach them: whoever tries a fault still
/// has to be able to pick a model.
fn fault_of_header(headers: &HeaderMap) -> Option<Reason> {
    let name = headers.get("x-sandbox-fault")?.to_str().ok()?;
    match faults::find(name)?.behaviour {
        Behaviour::Refuse(refused) => Some(refused.reason(&Value::Null)),
        _ => None,
    }
}

fn ok(body: &Value) -> Response {
    json_response(StatusCode::OK, body)
}

fn split(model: &SandboxModel) -> (&str, &str) {
    model.id.split_once('/').unwrap_or(("", &model.id))
}

/// The rows a page holds: those after `cursor`, at most `limit`; and whether there are more.
fn page(models: Vec<SandboxModel>, cursor: Option<&str>, limit: usize) -> (Vec<SandboxModel>, bool) {
    let first = cursor.and_then(|id| models.iter().position(|model| model.id == id)).map_or(0, |at| at + 1);
    let rest = models.len().saturating_sub(first);
    (models.into_iter().skip(first).take(limit).collect(), rest > limit)
}

/// Scale says for what a model was made.
fn model_type(model: &SandboxModel) -> &'static str {
    match purpose(&model.id) {
        Purpose::Chat | Purpose::Items => "chat_completion",
        Purpose::Prompts => "completion",
        Purpose::Values => "generic",
        Purpose::Media(EndpointKind::Embed) => "embedding",
        // Scale has no endpoint for the others, and so no word.
        Purpose::Media(_) => "generic",
    }
}

/// Only what the dialect has an endpoint for: elsewhere these models have nothing to show.
fn listed(dialect: Dialect) -> Vec<SandboxModel> {
    let mut models = listing();
    models.retain(|model| match purpose(&model.id) {
        Purpose::Chat | Purpose::Prompts => true,
        Purpose::Items => dialect.has(EndpointKind::Responses),
        Purpose::Values => dialect.has(EndpointKind::Generic),
        Purpose::Media(endpoint) => dialect.has(endpoint),
    });
    models
}

/// What can be called. This listing has no paging beyond `limit`: its rows have no id to continue from.
pub(super) async fn scale_catalogue(
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    Query(query): Parameters,
) -> Response {
    if let Some(reason) = fault_of_header(&headers) {
        return refusal(Dialect::ScaleV5, &id.0, &reason);
    }
    let limit = match limit(&query, 100, 10_000) {
        Ok(limit) => limit,
        Err(reason) => return refusal(Dialect::ScaleV5, &id.0, &reason),
    };
    let wanted = |model: &SandboxModel| query.get("model_vendor").is_none_or(|vendor| split(model).0 == vendor);
    let items: Vec<_> = listed(Dialect::ScaleV5)
        .iter()
        .filter(|model| wanted(model))
        .take(limit)
        .map(|model| {
            let (vendor, name) = split(model);
            json!({ "model_name": name, "model_vendor": vendor, "model_type": model_type(model),
                "model_availability": "available" })
        })
        .collect();
    ok(&json!({ "object": "list", "items": items }))
}

/// The account's own records. The sandbox's account has deployed all of its models.
pub(super) async fn scale_records(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    Query(query): Parameters,
) -> Response {
    if let Some(reason) = fault_of_header(&headers) {
        return refusal(Dialect::ScaleV5, &id.0, &reason);
    }
    let limit = match limit(&query, 100, 1_000) {
        Ok(limit) => limit,
        Err(reason) => return refusal(Dialect::ScaleV5, &id.0, &reason),
    };
    let all: Vec<_> = listed(Dialect::ScaleV5)
        .into_iter()
        .filter(|model| query.get("model_vendor").is_none_or(|vendor| split(model).0 == vendor))
        .filter(|model| query.get("name").is_none_or(|name| split(model).1 == name))
        .collect();
    let total = all.len();
    let (rows, has_more) = page(all, query.get("starting_after").map(String::as_str), limit);
    let items: Vec<_> = rows
        .iter()
        .map(|model| {
            let (vendor, name) = split(model);
            json!({ "id": model.id, "object": "model", "name": name, "model_type": model_type(model),
                "model_vendor": vendor, "model_availability": "available", "status": "ready", "status_reason": null,
                "model_metadata": { "description": model.description, "started": context.state.started() },
                "vendor_configuration": {}, "created_at": "2026-01-01T00:00:00Z", "created_by_user_id": "sandbox",
                "created_by_identity_type": "user" })
        })
        .collect();
    ok(&json!({ "object": "list", "items": items, "limit": limit, "total": total, "has_more": has_more }))
}

pub(super) fn limit(query: &HashMap<String, String>, default: usize, most: usize) -> Result<usize, Reason> {
    use crate::refusal::{FieldProblem, Step};
    let Some(text) = query.get("limit") else { return Ok(default) };
    match text.parse() {
        Ok(limit) if (1..=most).contains(&limit) => Ok(limit),
        _ => Err(Reason::Fields(vec![FieldProblem {
            path: vec![Step::Name("limit".to_owned())],
            message: format!("Input should be between 1 and {most}"),
            code: "int_parsing",
            input: text.as_str().into(),
            context: None,
        }])),
    }
}

/// As ScaiGrid sorts its models: audio is both directions.
fn modality(model: &SandboxModel) -> &'static str {
    match purpose(&model.id) {
        Purpose::Media(EndpointKind::Embed) => "embedding",
        Purpose::Media(EndpointKind::Image) => "image",
        Purpose::Media(EndpointKind::Transcribe | EndpointKind::Synthesize) => "audio",
        _ => "chat",
    }
}

fn scaigrid_row(model: &SandboxModel) -> Value {
    json!({ "slug": model.id, "display_name": display_name(model), "description": model.description, "modality": modality(model),
        "context_window": 128_000, "max_output_tokens": 20_000, "status": "active", "health_status": "healthy",
        "active_backend_count": 1, "total_backend_count": 1,
        "input_price_per_mtok": "0", "output_price_per_mtok": "0" })
}

/// `sandbox/fault/no-usage` as `Fault: no usage`.
fn display_name(model: &SandboxModel) -> String {
    let name = split(model).1.replace('/', ": ").replace('-', " ");
    let mut characters = name.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

pub(super) async fn scaigrid_list(
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    Query(query): Parameters,
) -> Response {
    if let Some(reason) = fault_of_header(&headers) {
        return refusal(Dialect::ScaigridV1, &id.0, &reason);
    }
    let limit = match limit(&query, 100, 1_000) {
        Ok(limit) => limit,
        Err(reason) => return refusal(Dialect::ScaigridV1, &id.0, &reason),
    };
    let is = |key: &str, value: &str| query.get(key).is_none_or(|wanted| wanted == value);
    let mut all = if is("status", "active") { listed(Dialect::ScaigridV1) } else { vec![] };
    all.retain(|model| is("modality", modality(model)));
    let (rows, has_more) = page(all, query.get("cursor").map(String::as_str), limit);
    let next = rows.last().filter(|_| has_more).map(|model| model.id.clone());
    let items: Vec<_> = rows.iter().map(scaigrid_row).collect();
    ok(&json!({ "status": "ok", "data": { "items": items },
        "pagination": { "has_more": has_more, "next_cursor": next }, "meta": { "request_id": id.0 } }))
}

pub(super) async fn scaigrid_one(Extension(id): Extension<RequestId>, Path(slug): Path<String>) -> Response {
    match known(&slug) {
        Some(model) => ok(&json!({ "status": "ok", "data": scaigrid_row(&model), "meta": { "request_id": id.0 } })),
        None => refusal(Dialect::ScaigridV1, &id.0, &Reason::ModelNotFound(slug)),
    }
}

/// Listed, or one of the names with numbers in them.
fn known(id: &str) -> Option<SandboxModel> {
    let open_ended = || Voice::find(id).map(|_| SandboxModel { id: id.to_owned(), description: String::new() });
    listing().into_iter().find(|model| model.id == id).or_else(open_ended)
}

fn openai_row(context: &Context, model: &SandboxModel) -> Value {
    json!({ "id": model.id, "object": "model", "created": context.state.started(), "owned_by": "sandbox",
        "context_window": 128_000, "max_output_tokens": 20_000 })
}

pub(super) async fn openai_list(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
) -> Response {
    if let Some(reason) = fault_of_header(&headers) {
        return refusal(Dialect::OpenAi, &id.0, &reason);
    }
    let rows: Vec<_> = listed(Dialect::OpenAi).iter().map(|model| openai_row(&context, model)).collect();
    ok(&json!({ "object": "list", "data": rows }))
}

pub(super) async fn openai_one(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Path(model): Path<String>,
) -> Response {
    match known(&model) {
        Some(model) => ok(&openai_row(&context, &model)),
        None => refusal(Dialect::OpenAi, &id.0, &Reason::ModelNotFound(model)),
    }
}
