//! `/v5/files`: what Scale's own client calls.

use std::collections::HashMap;

use axum::Extension;
use axum::extract::{Path, State as Shared};
use axum::response::Response;
use bytes::Bytes;
use http::HeaderValue;
use juxta_wire::endpoint::Dialect;
use serde_json::{Map, Value, json};

use super::{Shelf, UNKNOWN, answer, none};
use crate::files::File;
use crate::refusal::Reason;
use crate::request::media::{self as request, Upload};
use crate::request::{name, problem};
use crate::routes::models::limit;
use crate::routes::{Context, RequestId};

pub(in crate::routes) struct Scale;

impl Shelf for Scale {
    type File = File;
    const DIALECT: Dialect = Dialect::ScaleV5;

    async fn keep(context: &Context, id: &str, _: &Map<String, Value>, upload: Upload) -> Result<File, Reason> {
        let media_type = upload.media_type.unwrap_or_else(|| "application/octet-stream".to_owned());
        let file = File::new(format!("file_{id}"), upload.name, media_type, upload.bytes);
        context.state.files().keep(file.clone());
        Ok(file)
    }

    fn find(context: &Context, id: &str) -> Option<File> {
        context.state.files().find(id).cloned()
    }

    fn row(file: &File) -> Value {
        file.row()
    }

    fn list(context: &Context, query: &HashMap<String, String>) -> Result<Value, Reason> {
        let limit = limit(query, 100, 1_000)?;
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
        Ok(json!({ "object": "list", "items": items, "limit": limit, "total": total, "has_more": has_more }))
    }

    fn delete(context: &Context, id: &str) -> bool {
        context.state.files().delete(id)
    }

    async fn content(_: &Context, file: File) -> Result<(HeaderValue, Bytes), Reason> {
        Ok((HeaderValue::from_str(&file.media_type).unwrap_or(UNKNOWN), file.bytes))
    }
}

/// Only the tags can change.
pub(in crate::routes) async fn update(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Path(file): Path<String>,
    body: Bytes,
) -> Response {
    let updated = || {
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
        Ok(found.row())
    };
    answer::<Scale>(&id, updated())
}
