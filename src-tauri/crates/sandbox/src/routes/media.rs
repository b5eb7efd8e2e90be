//! The endpoints of vectors, pictures and sounds, and the pictures that their answers point to.

use axum::Extension;
use axum::extract::{Path, State as Shared};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST};
use http::{HeaderMap, StatusCode, Uri};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::trouble::{self, Trouble};
use super::wish::Wish;
use super::{Context, RequestId, put, refusal};
use crate::action::Action;
use crate::delivery::{self, Pace};
use crate::faults::{Behaviour, Refused};
use crate::listen::ResetSwitch;
use crate::media::image::Links;
use crate::media::models::{self, Chosen, Skill};
use crate::media::shelf::Picture;
use crate::media::{Made, embed, image, synthesize, transcribe};
use crate::refusal::Reason;
use crate::request::Upload;
use crate::request::media as request;
use crate::{auth, dialect};

/// Bytes of a piece of sound.
const PIECE: usize = 4_096;

pub(super) async fn answer(
    Shared(context): Shared<Context>,
    Extension(endpoint): Extension<EndpointKind>,
    Extension(id): Extension<RequestId>,
    Extension(reset): Extension<ResetSwitch>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let dialect = dialect::of_path(uri.path());
    let (call, wish) = match prepare(&context, endpoint, dialect, id, &headers, &body).await {
        Ok(prepared) => prepared,
        Err((id, reason)) => return refusal(dialect, &id.0, &reason),
    };
    let (id, model) = (call.id.clone(), call.model.clone());
    let mut response = match call.respond(&context, &wish, reset, &uri, &body).await {
        Ok(response) => response,
        Err(reason) => {
            let mut response = refusal(dialect, &id.0, &reason);
            if matches!(wish.behaviour, Some(Behaviour::Refuse(Refused::Temperature))) {
                // The scenario is called after its status, also where the dialect itself would say 400.
                *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            }
            response
        }
    };
    if dialect == Dialect::ScaigridV1 && response.status() == StatusCode::OK {
        put(response.headers_mut(), "x-scaigrid-model", &model);
        put(response.headers_mut(), "x-scaigrid-backend", "sandbox-1");
    }
    response
}

/// A request that fits.
struct Call {
    dialect: Dialect,
    id: RequestId,
    model: String,
    chosen: Chosen,
    members: Map<String, Value>,
    file: Option<Upload>,
    links: Links,
    created: u64,
}

async fn prepare(
    context: &Context,
    endpoint: EndpointKind,
    dialect: Dialect,
    id: RequestId,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<(Call, Wish), (RequestId, Reason)> {
    let read = async {
        let (members, file) = if endpoint == EndpointKind::Transcribe {
            let (fields, file) = request::form(headers, body.clone()).await?;
            (request::members_of_form(dialect, fields), file)
        } else {
            (request::members(body)?, None)
        };
        if file.as_ref().is_some_and(|file| file.bytes.len() > transcribe::MOST_BYTES) {
            return Err(Reason::TooLarge);
        }
        let found = match endpoint {
            EndpointKind::Embed => embed::check(&members),
            EndpointKind::Image => image::check(&members),
            EndpointKind::Transcribe => transcribe::check(&members, file.as_ref()),
            EndpointKind::Synthesize => synthesize::check(&members),
            EndpointKind::Chat
            | EndpointKind::Responses
            | EndpointKind::Generic
            | EndpointKind::Generate
            | EndpointKind::Completions
            | EndpointKind::Models => vec![],
        };
        request::check(endpoint, dialect, &members, found)?;
        let model = members.get("model").and_then(Value::as_str).unwrap_or_default().to_owned();
        let chosen = models::find(endpoint, &model).ok_or_else(|| Reason::ModelNotFound(model.clone()))?;
        let wish = Wish::read(headers, chosen.fault, chosen.model.pace, &context.state.faults())?;
        Ok((members, file, model, chosen, wish))
    };
    let (members, file, model, chosen, wish) = match read.await {
        Ok(read) => read,
        Err(reason) => return Err((id, reason)),
    };
    // As the caller wrote it, so that an address by name stays one.
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).map(str::to_owned);
    let links = Links {
        here: format!("http://{}", host.unwrap_or_else(|| context.address.to_string())),
        elsewhere: format!("http://{}", context.state.elsewhere()),
        token: || uuid::Uuid::new_v4().simple().to_string(),
    };
    let created = context.state.started();
    Ok((Call { dialect, id, model, chosen, members, file, links, created }, wish))
}

impl Call {
    async fn respond(
        self,
        context: &Context,
        wish: &Wish,
        reset: ResetSwitch,
        uri: &Uri,
        body: &[u8],
    ) -> Result<Response, Reason> {
        let temperature = self.members.get("temperature").cloned().unwrap_or_default();
        match trouble::before(context, wish.behaviour, uri, body, &temperature).await {
            Some(Trouble::Refusal(reason)) => return Err(reason),
            Some(Trouble::Other(response)) => return Ok(response),
            None => {}
        }
        let under_way = context.state.begin_answer();
        // Drawing and speaking are work that would hold up everybody else.
        let made = tokio::task::spawn_blocking(move || self.make()).await;
        let (made, pictures) = made.map_err(|_| Reason::Backend)??;
        for picture in pictures {
            context.state.offer(picture);
        }
        let kind = match wish.behaviour {
            Some(Behaviour::WrongContentType) => "text/plain; charset=utf-8",
            _ => made.media_type,
        };
        let head = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")];
        if let Some(fault) = wish.stream_fault() {
            let actions = trouble::whole(fault, made.body)?;
            let body = delivery::body(Box::new(actions.into_iter()), Pace::FLAT_OUT, reset, under_way);
            return Ok((StatusCode::OK, head, body).into_response());
        }
        if !made.in_pieces {
            tokio::time::sleep(wish.pace.whole(0)).await;
            return Ok((StatusCode::OK, head, made.body).into_response());
        }
        let body = delivery::body(Box::new(pieces(made.body)), wish.pace, reset, under_way);
        Ok((StatusCode::OK, head, body).into_response())
    }

    fn make(self) -> Result<(Made, Vec<Picture>), Reason> {
        let Self { dialect, id, members, .. } = &self;
        let alone = |made: Made| (made, Vec::new());
        match self.chosen.model.skill {
            Skill::Embed(model) => embed::make(*dialect, &id.0, &self.model, &model, members).map(alone),
            Skill::Image(manner) => image::make(*dialect, &id.0, self.created, manner, members, &self.links),
            Skill::Transcribe(manner) => {
                let file = self.file.as_ref().ok_or(Reason::Backend)?;
                transcribe::make(*dialect, &id.0, manner, members, file).map(alone)
            }
            Skill::Synthesize(manner) => synthesize::make(manner, members).map(alone),
        }
    }
}

fn pieces(body: Bytes) -> impl Iterator<Item = Action> + Send {
    let count = body.len().div_ceil(PIECE);
    let piece = move |at: usize| body.slice(at * PIECE..body.len().min((at + 1) * PIECE));
    std::iter::once(Action::Begin).chain((0..count).flat_map(move |at| [Action::Token, Action::Send(piece(at))]))
}

/// A picture behind the token of its address. It needs no key, but where it was made to.
pub(super) async fn picture(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Response {
    let refuse = |reason: &Reason| refusal(Dialect::ScaigridV1, &id.0, reason);
    let Some(picture) = context.state.picture(&token) else { return refuse(&Reason::NotFound) };
    if picture.until <= Instant::now() {
        return refuse(&Reason::Expired);
    }
    if picture.keyed
        && let Err(reason) = auth::check(Dialect::ScaleV5, &headers, context.state.token())
    {
        return refuse(&reason);
    }
    (StatusCode::OK, [(CONTENT_TYPE, picture.media_type)], picture.bytes).into_response()
}
