//! Batches: a file of requests is handed over, the provider is asked how far it is, and the files of answers are fetched.
//!
//! ScaiGrid takes the file in the request itself (base64) or reads it from an address; servers of OpenAI's dialect are
//! given the file first. Neither is ever in memory as a whole.

mod object;

use std::io::Write;
use std::path::Path;

use ::http::{HeaderMap, Method};
use bytes::Bytes;
use juxta_wire::batch::MetadataEntry;
use juxta_wire::connection::{Connection, SecretSlot};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::AppError;
use serde_json::Value;

use crate::call::{Call, CallHeader};
use crate::classify;
use crate::envelope;
use crate::http::Http;
use crate::named_address::{asked, with_credentials};
use crate::providers::{self, BatchRoute, batch_url};
use crate::resolve_call;
use crate::send::fetch::{Fetched, fetch, fetch_sending};
use crate::send::keep::keep;
use crate::send::upload::Upload;

pub use object::{BatchObject, Page, Place, read};

/// Where the file of a new batch is.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// On this computer; it travels in the request.
    File(&'a Path),
    /// Where the provider reads it.
    Address(&'a str),
    /// In the provider's store, by its id there.
    Kept(&'a str),
}

/// What makes a batch beside its file.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    pub window: Option<&'a str>,
    /// The path that all lines call; servers of OpenAI's dialect want it said.
    pub endpoint: &'a str,
    pub metadata: &'a [MetadataEntry],
}

/// What became of handing over a batch.
#[derive(Debug)]
pub enum Submitted {
    /// The provider has it. The text is its answer, as it came.
    Taken(Box<BatchObject>, String),
    /// It does not have it for certain: not all of the request left, or it was refused.
    NotTaken(AppError),
    /// All of the request left, and nobody knows what became of it.
    Unknown(AppError),
}

/// A batch as its provider tells of it, with the bytes that say so.
#[derive(Debug)]
pub struct Told {
    pub object: BatchObject,
    pub json: String,
}

/// The call for `route` with nothing in it yet: headers and address are those of the connection.
///
/// # Errors
/// As [`batch_url`] and [`resolve_call::headers`]; [`AppError::PlainHttp`] where a key would travel in the clear.
pub fn call(
    connection: &Connection,
    route: BatchRoute<'_>,
    secret: &dyn Fn(&SecretSlot) -> Result<Option<String>, AppError>,
) -> Result<Call, AppError> {
    let url = batch_url(&connection.base_url, connection.dialect, route)?;
    // Rows that are for one endpoint only are not for this one.
    let headers = resolve_call::headers(connection, EndpointKind::Models, false, None, secret)?;
    providers::plain_http_guard(&url, &headers, connection.plain_http_agreed)?;
    Ok(Call {
        method: Method::GET,
        url,
        headers,
        body: Bytes::new(),
        endpoint: EndpointKind::Models,
        dialect: connection.dialect,
        idle_timeout: std::time::Duration::from_millis(connection.network.idle_timeout_ms),
    })
}

/// Puts a file of requests into the provider's store and gives its id there. `call` is for [`BatchRoute::Files`].
///
/// # Errors
/// What the server or the network says; [`AppError::Storage`] when the file cannot be read.
pub async fn upload(http: &Http, call: &Call, file: &Path) -> Result<String, AppError> {
    let boundary = format!("juxta-{}", uuid::Uuid::new_v4().simple());
    let head = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n\
         --{boundary}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"requests.jsonl\"\r\n\
         content-type: application/jsonl\r\n\r\n"
    );
    let form = Upload::new().bytes(head).file(file.to_owned(), false).map_err(|error| unreadable(file, &error))?;
    let form = form.bytes(format!("\r\n--{boundary}--\r\n"));
    let call = post(call, &format!("multipart/form-data; boundary={boundary}"));
    let fetched = fetch_sending(http, &call, Some(&form)).await;
    let (status, body) = (fetched.status, text(fetched)?);
    object::read_file_id(&body).ok_or_else(|| not_understood(&call, status, &body, "no id of a file"))
}

/// Hands over a batch. `call` is for [`BatchRoute::All`]. The request is made once, whatever happens.
///
/// # Errors
/// [`AppError::Storage`] when the file cannot be read; then nothing was sent.
pub async fn submit(http: &Http, call: &Call, input: Input<'_>, order: Order<'_>) -> Result<Submitted, AppError> {
    let request = request(call.dialect, input, order)?;
    let call = post(call, "application/json");
    let fetched = fetch_sending(http, &call, Some(&request)).await;
    let (status, is_sent) = (fetched.status, fetched.is_sent);
    let body = match text(fetched) {
        Ok(body) => body,
        Err(error) => {
            // A gateway that gave up says nothing of the server behind it, which may have the batch.
            let is_refused = status.is_some_and(|status| (400..500).contains(&status));
            return Ok(match is_refused || !is_sent {
                true => Submitted::NotTaken(error),
                false => Submitted::Unknown(error),
            });
        }
    };
    Ok(match object::read(&body) {
        Some(object) => Submitted::Taken(Box::new(object), body),
        None if envelope::open(&body).is_ok_and(|opened| opened.is_error) => {
            Submitted::NotTaken(not_understood(&call, status, &body, ""))
        }
        None => Submitted::Unknown(not_understood(&call, status, &body, "no batch")),
    })
}

/// Asks about one batch. `call` is for [`BatchRoute::One`].
///
/// # Errors
/// What the server or the network says.
pub async fn get(http: &Http, call: &Call) -> Result<Told, AppError> {
    told(call, fetch(http, call).await)
}

/// Asks for a batch to be stopped. `call` is for [`BatchRoute::Cancel`].
///
/// # Errors
/// What the server or the network says.
pub async fn cancel(http: &Http, call: &Call) -> Result<Told, AppError> {
    let call = Call { method: Method::POST, ..call.clone() };
    told(&call, fetch(http, &call).await)
}

/// One page of what the provider has, newest first as providers tell it. `call` is for [`BatchRoute::All`].
///
/// # Errors
/// What the server or the network says.
pub async fn list(
    http: &Http,
    call: &Call,
    state: Option<&str>,
    limit: u32,
    cursor: Option<&str>,
) -> Result<Page, AppError> {
    let mut call = call.clone();
    {
        let mut query = call.url.query_pairs_mut();
        query.append_pair("limit", &limit.to_string());
        if let Some(state) = state {
            query.append_pair("status", state);
        }
        if let Some(cursor) = cursor {
            let name = if call.dialect == Dialect::OpenAi { "after" } else { "cursor" };
            query.append_pair(name, cursor);
        }
    }
    let fetched = fetch(http, &call).await;
    let (status, body) = (fetched.status, text(fetched)?);
    object::read_page(&body).ok_or_else(|| not_understood(&call, status, &body, "no list of batches"))
}

/// Fetches what the answer to `call` says is at `address` into `writer`, and says how many bytes that were.
///
/// # Errors
/// What the server or the network says; [`AppError::Invalid`] for an address that is not asked, [`AppError::Storage`]
/// when it cannot be written.
pub async fn fetch_address(
    http: &Http,
    call: &Call,
    address: &str,
    writer: &mut (dyn Write + Send),
) -> Result<u64, AppError> {
    let bare = asked(call, address, "result", "application/jsonl, */*")?;
    let kept = keep(http, &bare, writer).await;
    match with_credentials(&bare, call, kept.status) {
        Some(with_key) => keep(http, &with_key, writer).await.bytes,
        None => kept.bytes,
    }
}

/// Fetches a file of the provider's store into `writer`. `call` is for [`BatchRoute::FileContent`].
///
/// # Errors
/// As [`fetch_address`].
pub async fn fetch_file(http: &Http, call: &Call, writer: &mut (dyn Write + Send)) -> Result<u64, AppError> {
    let mut call = call.clone();
    for header in call.headers.iter_mut().filter(|header| header.name.eq_ignore_ascii_case("accept")) {
        *header = CallHeader::plain("accept", "application/jsonl, */*");
    }
    keep(http, &call, writer).await.bytes
}

/// The body of the request that makes a batch.
fn request(dialect: Dialect, input: Input<'_>, order: Order<'_>) -> Result<Upload, AppError> {
    let quoted = |text: &str| Value::from(text).to_string();
    let mut rest = String::new();
    if dialect == Dialect::OpenAi {
        rest.push_str(&format!(",\"endpoint\":{}", quoted(order.endpoint)));
    }
    if let Some(window) = order.window {
        let name = if dialect == Dialect::OpenAi { "completion_window" } else { "endpoint_completion_window" };
        rest.push_str(&format!(",\"{name}\":{}", quoted(window)));
    }
    if !order.metadata.is_empty() {
        let entries = order.metadata.iter().map(|entry| format!("{}:{}", quoted(&entry.name), quoted(&entry.value)));
        rest.push_str(&format!(",\"metadata\":{{{}}}", entries.collect::<Vec<_>>().join(",")));
    }
    rest.push('}');
    let with = |name: &str, text: &str| format!("{{\"{name}\":{}{rest}", quoted(text));
    Ok(match input {
        Input::Address(url) => Upload::new().bytes(with("input_file_url", url)),
        Input::Kept(id) => Upload::new().bytes(with("input_file_id", id)),
        Input::File(path) => Upload::new()
            .bytes("{\"input_file_base64\":\"")
            .file(path.to_owned(), true)
            .map_err(|error| unreadable(path, &error))?
            .bytes(format!("\"{rest}")),
    })
}

fn unreadable(path: &Path, error: &std::io::Error) -> AppError {
    AppError::Storage { message: format!("{} could not be read: {error}", path.display()) }
}

/// A POST whose body is given when it is sent. A row of the connection does not say what that is.
fn post(call: &Call, content_type: &str) -> Call {
    let mut call = Call { method: Method::POST, ..call.clone() };
    call.headers.retain(|header| !header.name.eq_ignore_ascii_case("content-type"));
    call.headers.insert(call.headers.len().min(1), CallHeader::plain("content-type", content_type));
    call
}

fn told(call: &Call, fetched: Fetched) -> Result<Told, AppError> {
    let (status, json) = (fetched.status, text(fetched)?);
    match object::read(&json) {
        Some(object) => Ok(Told { object, json }),
        None => Err(not_understood(call, status, &json, "no batch")),
    }
}

fn text(fetched: Fetched) -> Result<String, AppError> {
    fetched.body.map(|body| String::from_utf8_lossy(&body).into_owned())
}

/// The error that a body tells, or that it is not what was asked for.
fn not_understood(call: &Call, status: Option<u16>, body: &str, what: &str) -> AppError {
    /// Characters of the body that are shown.
    const EXCERPT: usize = 400;
    let is_error = envelope::open(body).is_ok_and(|opened| opened.is_error);
    if is_error {
        return AppError::Rejected(Box::new(classify::classify(&classify::Answer {
            status: status.unwrap_or_default(),
            headers: &HeaderMap::new(),
            body: body.as_bytes(),
            dialect: call.dialect,
            now: std::time::SystemTime::now(),
            elapsed_ms: 0.0,
        })));
    }
    AppError::Protocol {
        at: 0,
        message: format!("the answer is {what}"),
        excerpt: body.trim_start_matches('\u{FEFF}').chars().take(EXCERPT).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sent(dialect: Dialect, input: Input<'_>, order: Order<'_>) -> String {
        request(dialect, input, order).expect("a request").whole().await
    }

    #[tokio::test]
    async fn a_request_holds_what_was_chosen_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.jsonl");
        std::fs::write(&path, "{\"a\":\"東京\"}\n").expect("a file");
        let entry = |name: &str, value: &str| MetadataEntry { name: name.to_owned(), value: value.to_owned() };
        let metadata = [entry("größe", "a\"\\\u{2028}"), entry("juxta_batch", "1")];
        let full = Order { window: Some("4h"), endpoint: "/v1/chat/completions", metadata: &metadata };
        let bare = Order { window: None, endpoint: "/v1/embeddings", metadata: &[] };
        let kept = "{\"größe\":\"a\\\"\\\\\u{2028}\",\"juxta_batch\":\"1\"}";
        for (dialect, input, order, expected) in [
            (
                Dialect::ScaigridV1,
                Input::File(&path),
                full,
                format!(
                    "{{\"input_file_base64\":\"eyJhIjoi5p2x5LqsIn0K\",\"endpoint_completion_window\":\"4h\",\
                     \"metadata\":{kept}}}"
                ),
            ),
            (
                Dialect::ScaigridV1,
                Input::Address("s3://b/\"ü\""),
                bare,
                "{\"input_file_url\":\"s3://b/\\\"ü\\\"\"}".to_owned(),
            ),
            (
                Dialect::OpenAi,
                Input::Kept("file-1"),
                full,
                format!(
                    "{{\"input_file_id\":\"file-1\",\"endpoint\":\"/v1/chat/completions\",\
                     \"completion_window\":\"4h\",\"metadata\":{kept}}}"
                ),
            ),
        ] {
            assert_eq!(sent(dialect, input, order).await, expected);
        }
    }
}
