//! Paths, and what happens to every request: it is remembered, its key is checked, and its answer gets the headers of
//! its dialect.

mod batches;
mod files;
mod media;
mod models;
mod text;
mod trouble;
mod wish;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, Request, State as Shared};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post};
use axum::{Extension, Router};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use serde_json::Value;
use tower::Service;

use crate::capture::Capture;
use crate::listen::ResetSwitch;
use crate::refusal::Reason;
use crate::state::{State, now};
use crate::{auth, dialect, replay};
use files::Shelf;
use files::openai::OpenAi;
use files::scale::Scale;

/// Images in messages are large; more than this is a mistake.
const LARGEST_BODY: usize = 64 * 1024 * 1024;
/// Files of requests are larger: OpenAI's limit, and what a form adds.
const LARGEST_FILE: usize = 201 * 1024 * 1024;
/// What the sandbox says its limit is. It counts and never refuses.
const REQUESTS_A_MINUTE: usize = 6_000;

/// Where text is asked for. OpenAI's endpoints are under `/v1` as well, for callers that take no prefix.
const TEXTS: &[(&str, EndpointKind)] = &[
    ("/v5/chat/completions", EndpointKind::Chat),
    ("/v5/responses", EndpointKind::Responses),
    ("/v5/inference", EndpointKind::Generic),
    ("/v5/completions", EndpointKind::Completions),
    ("/v1/inference/chat", EndpointKind::Chat),
    ("/v1/inference/generate", EndpointKind::Generate),
    ("/v1/chat/completions", EndpointKind::Chat),
    ("/v1/responses", EndpointKind::Responses),
    ("/v1/completions", EndpointKind::Completions),
    ("/oai/v1/chat/completions", EndpointKind::Chat),
    ("/oai/v1/responses", EndpointKind::Responses),
    ("/oai/v1/completions", EndpointKind::Completions),
];

/// Where vectors, pictures and sounds are made.
const MEDIA: &[(&str, EndpointKind)] = &[
    ("/v1/inference/embed", EndpointKind::Embed),
    ("/v1/inference/images/generate", EndpointKind::Image),
    ("/v1/inference/audio/transcribe", EndpointKind::Transcribe),
    ("/v1/inference/audio/synthesize", EndpointKind::Synthesize),
    ("/v1/embeddings", EndpointKind::Embed),
    ("/v1/images/generations", EndpointKind::Image),
    ("/v1/audio/transcriptions", EndpointKind::Transcribe),
    ("/v1/audio/speech", EndpointKind::Synthesize),
    ("/oai/v1/embeddings", EndpointKind::Embed),
    ("/oai/v1/images/generations", EndpointKind::Image),
    ("/oai/v1/audio/transcriptions", EndpointKind::Transcribe),
    ("/oai/v1/audio/speech", EndpointKind::Synthesize),
];

/// Where OpenAI's files and batches are.
const OPENAI: &[&str] = &["/oai/v1", "/v1"];

/// Pictures and results of batches to fetch. Their addresses are secret enough, so no key is asked for.
const PICTURES: &str = "/media/";

/// What handlers get beside the request.
#[derive(Debug, Clone)]
struct Context {
    state: Arc<State>,
    /// The door this router stands behind.
    address: SocketAddr,
}

impl Context {
    fn is_elsewhere(&self) -> bool {
        self.address == self.state.elsewhere()
    }
}

/// The sandbox's own name for a request.
#[derive(Debug, Clone)]
struct RequestId(String);

pub(crate) fn router(state: Arc<State>, address: SocketAddr) -> Router {
    let replays = replay::router(Arc::clone(state.replays()));
    let context = Context { state, address };
    let all = OPENAI.iter().fold(answering(), |router, base| {
        router
            .merge(shelf::<OpenAi>(&format!("{base}/files")))
            .route(&format!("{base}/batches"), post(batches::openai::create).get(batches::openai::list))
            .route(&format!("{base}/batches/{{id}}"), get(batches::openai::one))
            .route(&format!("{base}/batches/{{id}}/cancel"), post(batches::openai::cancel))
    });
    all.route("/v1/inference/batch", post(batches::scaigrid::create).get(batches::scaigrid::list))
        .route("/v1/inference/batch/{id}", get(batches::scaigrid::one))
        .route("/v1/inference/batch/{id}/cancel", post(batches::scaigrid::cancel))
        .route("/media/results/{file}", get(files::openai::result))
        .route("/media/{token}", get(media::picture))
        .merge(shelf::<Scale>("/v5/files"))
        .route("/v5/files/{id}", patch(files::scale::update))
        .route("/v5/chat/completions/models", get(models::scale_catalogue))
        .route("/v5/models", get(models::scale_records))
        .route("/v1/models", get(models::scaigrid_list))
        .route("/v1/models/{slug}", get(models::scaigrid_one))
        .route("/v1/responses/{id}", get(text::response))
        .route("/oai/v1/responses/{id}", get(text::response))
        .route("/oai/v1/models", get(models::openai_list))
        .route("/oai/v1/models/{*id}", get(models::openai_one))
        .fallback(|request: Request| async move { refused(&request, &Reason::NotFound) })
        .method_not_allowed_fallback(|request: Request| async move { refused(&request, &Reason::MethodNotAllowed) })
        // What is too large has been refused by then.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(context.clone(), receive))
        .with_state(context)
        // A recording is given as it was: nothing is checked, and no header of ours is added.
        .merge(replays)
}

/// A provider's files below a path.
fn shelf<S: Shelf>(path: &str) -> Router<Context> {
    Router::new()
        .route(path, post(files::create::<S>).get(files::list::<S>))
        .route(&format!("{path}/{{id}}"), get(files::retrieve::<S>).delete(files::delete::<S>))
        .route(&format!("{path}/{{id}}/content"), get(files::content::<S>))
}

/// The endpoints that answer requests.
fn answering() -> Router<Context> {
    let texts = TEXTS.iter().fold(Router::new(), |router, (path, endpoint)| {
        router.route(path, post(text::answer).layer(Extension(*endpoint)))
    });
    MEDIA
        .iter()
        .fold(texts, |router, (path, endpoint)| router.route(path, post(media::answer).layer(Extension(*endpoint))))
}

/// The same for the rows of batches, which no caller sends: nothing is remembered of them and no key is asked for.
pub(crate) fn endpoints(state: Arc<State>, address: SocketAddr) -> Router {
    answering().layer(DefaultBodyLimit::disable()).with_state(Context { state, address })
}

/// Answers a row of a batch.
pub(crate) async fn answer_row(router: Router, mut request: http::Request<Body>, id: &str) -> Response {
    request.extensions_mut().insert(RequestId(id.to_owned()));
    request.extensions_mut().insert(ResetSwitch::default());
    answer(router, request).await
}

/// Runs one request through the router.
pub(crate) async fn answer(mut router: Router, request: http::Request<Body>) -> Response {
    let answered: Result<Response, Infallible> = router.call(request).await;
    match answered {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

async fn receive(Shared(context): Shared<Context>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let largest = if parts.uri.path().ends_with("/v1/files") { LARGEST_FILE } else { LARGEST_BODY };
    let Ok(body) = to_bytes(body, largest).await else {
        // Too large, or the caller went away while it was sending.
        return refusal(dialect::of_path(parts.uri.path()), "", &Reason::TooLarge);
    };
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    context.state.capture(Capture {
        received_on: context.address,
        method: parts.method.to_string(),
        path,
        headers: parts.headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect(),
        body: body.clone(),
    });
    let id = RequestId(format!("req_{}", uuid::Uuid::new_v4().simple()));
    parts.extensions.insert(id.clone());
    let dialect = dialect::of_path(parts.uri.path());
    let brought_id = parts.headers.get("x-request-id").cloned();
    let is_open = context.is_elsewhere() || parts.uri.path().starts_with(PICTURES);
    let token = if is_open { None } else { context.state.token() };
    let permission = auth::check(dialect, &parts.headers, token);
    let request = Request::from_parts(parts, Body::from(body));
    let mut response = match permission {
        Ok(()) => next.run(request).await,
        Err(reason) => refused(&request, &reason),
    };
    add_headers(&context, dialect, &id, brought_id, &mut response);
    response
}

fn add_headers(
    context: &Context,
    dialect: Dialect,
    id: &RequestId,
    brought_id: Option<HeaderValue>,
    response: &mut Response,
) {
    let asked_to_wait = response.headers().get(RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.parse().ok());
    let headers = response.headers_mut();
    match dialect {
        Dialect::ScaigridV1 => {
            let used = context.state.requests() % REQUESTS_A_MINUTE;
            let (left, wait): (_, u32) = asked_to_wait.map_or((REQUESTS_A_MINUTE - used, 60), |wait| (0, wait));
            put(headers, "x-scaigrid-request-id", &id.0);
            put(headers, "x-scaigrid-ratelimit-limit", &REQUESTS_A_MINUTE.to_string());
            put(headers, "x-scaigrid-ratelimit-remaining", &left.to_string());
            put(headers, "x-scaigrid-ratelimit-reset", &(now() + u64::from(wait)).to_string());
            if let Some(brought) = brought_id {
                headers.insert("x-request-id", brought);
            }
        }
        Dialect::ScaleV5 | Dialect::OpenAi => put(headers, "x-request-id", &id.0),
    }
}

/// Sets a header whose value is ours or came from a model name; what cannot be a header value is left out.
fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

fn refused(request: &Request, reason: &Reason) -> Response {
    let id = request.extensions().get::<RequestId>().map_or("", |id| id.0.as_str());
    refusal(dialect::of_path(request.uri().path()), id, reason)
}

fn refusal(dialect: Dialect, request_id: &str, reason: &Reason) -> Response {
    let refusal = reason.refuse(dialect, request_id);
    let mut response = json_response(refusal.status, &refusal.body);
    if let Some(seconds) = refusal.retry_after {
        put(response.headers_mut(), "retry-after", &seconds.to_string());
    }
    if let Some(should_retry) = refusal.should_retry {
        put(response.headers_mut(), "x-should-retry", if should_retry { "true" } else { "false" });
    }
    response
}

/// An answer of OpenAI's, or a refusal in its words.
fn openai(id: &RequestId, answer: Result<Response, Reason>) -> Response {
    answer.unwrap_or_else(|reason| refusal(Dialect::OpenAi, &id.0, &reason))
}

fn json_response(status: StatusCode, body: &Value) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
