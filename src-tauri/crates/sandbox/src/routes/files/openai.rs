//! OpenAI's files, and the results of ScaiGrid's batches by address.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Query, State as Shared};
use axum::response::Response;
use bytes::Bytes;
use http::HeaderValue;
use juxta_wire::endpoint::Dialect;
use serde_json::{Map, Value, json};

use super::{Shelf, UNKNOWN, download};
use crate::batches::Batch;
use crate::batches::faults::Fault;
use crate::batches::store::KeptFile;
use crate::refusal::Reason;
use crate::request::media::Upload;
use crate::request::{missing, name, one_of, problem};
use crate::routes::batches::{disk, page};
use crate::routes::models::limit;
use crate::routes::{Context, RequestId, refusal};
use crate::state::now;

const PURPOSES: &[&str] = &["assistants", "batch", "fine-tune", "vision", "user_data", "evals"];

pub(in crate::routes) struct OpenAi;

impl Shelf for OpenAi {
    type File = KeptFile;
    const DIALECT: Dialect = Dialect::OpenAi;

    async fn keep(
        context: &Context,
        id: &str,
        fields: &Map<String, Value>,
        upload: Upload,
    ) -> Result<KeptFile, Reason> {
        let purpose = fields.get("purpose").and_then(Value::as_str).unwrap_or_default();
        if purpose.is_empty() {
            return Err(Reason::Fields(vec![missing(vec![name("purpose")], fields)]));
        }
        if let Some(problem) = one_of(fields, "purpose", PURPOSES) {
            return Err(Reason::Fields(vec![problem]));
        }
        if purpose == "batch" && !upload.name.ends_with(".jsonl") {
            let text = "Invalid file format for batches: the name has to end with .jsonl";
            return Err(Reason::Fields(vec![problem(vec![name("file")], "value_error", text, upload.name.into())]));
        }
        let created_at = now();
        let file = KeptFile {
            id: format!("file-{id}"),
            name: upload.name,
            purpose: purpose.to_owned(),
            bytes: upload.bytes.len() as u64,
            created_at,
            expires_at: expiry(fields)?.map(|seconds| created_at + seconds),
            listed: true,
        };
        let (state, kept) = (Arc::clone(&context.state), file.clone());
        disk(move || state.batches().keep_file(kept, &upload.bytes)).await?;
        Ok(file)
    }

    fn find(context: &Context, id: &str) -> Option<KeptFile> {
        context.state.batches().file(id).filter(|file| file.listed)
    }

    fn row(file: &KeptFile) -> Value {
        file.row()
    }

    fn list(context: &Context, query: &HashMap<String, String>) -> Result<Value, Reason> {
        let limit = limit(query, 10_000, 10_000)?;
        let wanted = |file: &KeptFile| query.get("purpose").is_none_or(|purpose| *purpose == file.purpose);
        let mut files = context.state.batches().files();
        files.retain(|file| file.listed && wanted(file));
        if query.get("order").is_none_or(|order| order != "asc") {
            files.reverse();
        }
        let (files, has_more) = page(files, |file| &file.id, query.get("after"), limit);
        let rows: Vec<_> = files.iter().map(KeptFile::row).collect();
        let id_of = |file: Option<&KeptFile>| file.map(|file| file.id.clone());
        Ok(json!({ "object": "list", "data": rows, "first_id": id_of(files.first()),
            "last_id": id_of(files.last()), "has_more": has_more }))
    }

    fn delete(context: &Context, id: &str) -> bool {
        context.state.batches().delete_file(id)
    }

    async fn content(context: &Context, file: KeptFile) -> Result<(HeaderValue, Bytes), Reason> {
        let state = Arc::clone(&context.state);
        Ok((UNKNOWN, disk(move || state.batches().content(&file.id)).await?))
    }
}

/// `expires_after[seconds]`, counted from the upload.
fn expiry(fields: &Map<String, Value>) -> Result<Option<u64>, Reason> {
    let Some(text) = fields.get("expires_after[seconds]").and_then(Value::as_str) else {
        return Ok(None);
    };
    match text.parse() {
        Ok(seconds) if (3_600..=2_592_000).contains(&seconds) => Ok(Some(seconds)),
        _ => {
            let path = vec![name("expires_after"), name("seconds")];
            let message = "Input should be between 3600 and 2592000";
            Err(Reason::Fields(vec![problem(path, "value_error", message, text.into())]))
        }
    }
}

/// The results of a batch at the address that its object gave. Whoever has it needs no key.
pub(in crate::routes) async fn result(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Path(file): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let answer = async {
        let batches = context.state.batches();
        let owns = |batch: &Batch| [&batch.record.output_file, &batch.record.error_file].contains(&&file);
        let batch = batches.listing().into_iter().find(owns).ok_or(Reason::NotFound)?;
        let is_first = query.get("given").is_some_and(|given| given == "1");
        if batch.faults.has(Fault::StaleLinks) && is_first {
            return Err(Reason::Expired);
        }
        let (kind, bytes) = OpenAi::content(&context, batches.file(&file).ok_or(Reason::NotFound)?).await?;
        Ok(download(kind, bytes))
    };
    answer.await.unwrap_or_else(|reason| refusal(Dialect::ScaigridV1, &id.0, &reason))
}
