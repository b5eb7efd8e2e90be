//! Chat completions in all dialects.

use std::iter;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::State as Shared;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, StatusCode, Uri};
use juxta_wire::endpoint::Dialect;
use juxta_wire::window::SandboxFaults;
use serde_json::Value;

use super::{Context, RequestId, json_response, put, refusal};
use crate::action::{Action, Actions};
use crate::answer::{Answer, Choice, Finish, Reply, Usage, compose};
use crate::delivery::{self, Pace};
use crate::dialect;
use crate::faults::{self, Behaviour, Fault, StreamFault};
use crate::frames::{self, Frame, FrameKind, Heading, Spelling, UsageMember};
use crate::listen::ResetSwitch;
use crate::models::{VENDOR, Voice};
use crate::refusal::{FieldProblem, Reason, Step};
use crate::request::{self, Order};

pub(super) async fn answer(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Extension(reset): Extension<ResetSwitch>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let dialect = dialect::of_path(uri.path());
    let prepared = prepare(&context, dialect, &headers, &body);
    let call = match prepared {
        Ok((order, voice, wish)) => Call { context, id, reset, order, voice, wish },
        Err(reason) => return refusal(dialect, &id.0, &reason),
    };
    let mut response = call.respond(&uri, &body).await;
    if dialect == Dialect::ScaigridV1 && response.status() == StatusCode::OK {
        put(response.headers_mut(), "x-scaigrid-model", &call.order.model);
        put(response.headers_mut(), "x-scaigrid-backend", "sandbox-1");
    }
    response
}

fn prepare(
    context: &Context,
    dialect: Dialect,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Order, Voice, Wish), Reason> {
    let order = request::read(dialect, body)?;
    let voice = Voice::find(&order.model).ok_or_else(|| Reason::ModelNotFound(order.model.clone()))?;
    let mut wish = Wish::read(headers, &voice, &context.state.faults())?;
    if context.is_elsewhere() {
        // Whoever was redirected has arrived.
        wish.behaviour = wish.behaviour.filter(|behaviour| *behaviour != Behaviour::Redirect);
    }
    Ok((order, voice, wish))
}

/// How the answer is to come, from header, model name and menu, in this order.
struct Wish {
    behaviour: Option<Behaviour>,
    pace: Pace,
    done_on_scale: bool,
}

impl Wish {
    fn read(headers: &HeaderMap, voice: &Voice, menu: &SandboxFaults) -> Result<Self, Reason> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let by_header = match text("x-sandbox-fault") {
            Some(name) => Some(faults::find(name).ok_or_else(|| unknown_header("x-sandbox-fault", name))?),
            None => None,
        };
        let by_menu = || menu.scenario.as_deref().and_then(faults::find);
        let behaviour = by_header.or(voice.fault).or_else(by_menu).map(|fault: &Fault| fault.behaviour);
        let by_header = match text("x-sandbox-rate") {
            Some(rate) => Some(rate.parse().map_err(|_| unknown_header("x-sandbox-rate", rate))?),
            None => None,
        };
        let by_scenario = match behaviour {
            Some(Behaviour::Rate(rate)) => Some(rate),
            _ => None,
        };
        let rate: Option<f64> = by_header.or(by_scenario).or(menu.tokens_per_second);
        Ok(Self {
            behaviour,
            pace: rate.map_or(voice.pace, |rate| voice.pace.at(rate)),
            done_on_scale: menu.done_on_scale || text("x-sandbox-done") == Some("true"),
        })
    }

    fn stream_fault(&self) -> Option<StreamFault> {
        match self.behaviour {
            Some(Behaviour::Stream(fault)) => Some(fault),
            _ => None,
        }
    }
}

fn unknown_header(name: &str, value: &str) -> Reason {
    Reason::Fields(vec![FieldProblem {
        path: vec![Step::Name(name.to_owned())],
        message: "This header's value is not one the sandbox knows".to_owned(),
        code: "value_error",
        input: value.into(),
        context: None,
    }])
}

/// One request with all that decides its answer.
struct Call {
    context: Context,
    id: RequestId,
    reset: ResetSwitch,
    order: Order,
    voice: Voice,
    wish: Wish,
}

const HTML: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>500 Internal Server Error</title></head>\n<body>\n\
    <h1>Internal Server Error</h1>\n<p>The proxy could not reach the application. This page is simulated.</p>\n</body>\n</html>\n";

impl Call {
    async fn respond(&self, uri: &Uri, body: &[u8]) -> Response {
        match self.wish.behaviour {
            Some(Behaviour::Refuse(refused)) => self.refuse(&refused.reason(&self.order.temperature)),
            Some(Behaviour::RefuseOnce) if self.context.state.refuse_this_time(uri.path(), body) => {
                self.refuse(&Reason::RateLimited)
            }
            Some(Behaviour::HtmlPage) => {
                (StatusCode::INTERNAL_SERVER_ERROR, [(CONTENT_TYPE, "text/html; charset=utf-8")], HTML).into_response()
            }
            Some(Behaviour::Redirect) => {
                let path = uri.path_and_query().map_or("/", |path| path.as_str());
                let target = format!("http://{}{path}", self.context.state.elsewhere());
                (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, target)]).into_response()
            }
            Some(Behaviour::SlowFirstByte(wait)) => {
                let _under_way = self.context.state.begin_answer();
                tokio::time::sleep(wait).await;
                self.speak().await
            }
            _ => self.speak().await,
        }
    }

    fn refuse(&self, reason: &Reason) -> Response {
        let mut response = refusal(self.order.dialect, &self.id.0, reason);
        if matches!(self.wish.behaviour, Some(Behaviour::Refuse(faults::Refused::Temperature))) {
            // The scenario is called after its status, also where the dialect itself would say 400.
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        }
        response
    }

    async fn speak(&self) -> Response {
        let as_stream = self.order.stream && self.wish.behaviour != Some(Behaviour::JsonInsteadOfStream);
        let mut response = if as_stream { self.stream() } else { self.whole().await };
        if self.wish.behaviour == Some(Behaviour::WrongContentType) {
            put(response.headers_mut(), "content-type", "text/plain; charset=utf-8");
        }
        response
    }

    fn heading(&self, id: String) -> Heading {
        let Order { dialect, model, .. } = &self.order;
        // Behind Scale's gateway the vendor is no longer part of the name.
        let model = if *dialect == Dialect::ScaleV5 { model.trim_start_matches(VENDOR) } else { model };
        Heading { dialect: *dialect, id, created: self.context.state.started(), model: model.to_owned() }
    }

    /// Named after the request, so that the frames of two requests can be told apart.
    fn answer_id(&self) -> String {
        format!("chatcmpl-{}", self.id.0.trim_start_matches("req_"))
    }

    fn spelling(&self, as_stream: bool) -> Spelling {
        let usage = match (self.order.dialect, self.wish.behaviour) {
            (_, Some(Behaviour::NoUsage)) => UsageMember::Never,
            (_, Some(Behaviour::UsageOnEmptyChoice)) => UsageMember::OnEmptyChoice,
            (Dialect::ScaigridV1, _) => UsageMember::OnFinish,
            (Dialect::ScaleV5 | Dialect::OpenAi, _) if self.order.include_usage || !as_stream => {
                UsageMember::OnOwnChunk
            }
            (Dialect::ScaleV5 | Dialect::OpenAi, _) => UsageMember::Never,
        };
        Spelling {
            usage,
            done: self.order.dialect != Dialect::ScaleV5 || self.wish.done_on_scale,
            top_logprobs: self.order.top_logprobs,
            seed: self.order.seed,
        }
    }

    fn compose(&self) -> Answer {
        let mut answer = compose(&self.order, &self.voice);
        if self.wish.behaviour == Some(Behaviour::HugeEvent) {
            faults::swell(&mut answer);
        }
        answer
    }

    fn stream(&self) -> Response {
        let spelling = self.spelling(true);
        let actions = match (self.wish.stream_fault(), self.voice.flood()) {
            (None, Some(tokens)) => self.flood(tokens, spelling),
            (None, None) => faults::plain(frames::stream(self.heading(self.answer_id()), self.compose(), spelling)),
            (Some(fault), _) => {
                let frames = frames::stream(self.heading(self.answer_id()), self.compose(), spelling);
                let error = Frame::error(self.order.dialect, &Reason::Backend.frame(self.order.dialect));
                faults::stream(fault, frames, error, spelling.done)
            }
        };
        let kind = match self.order.dialect {
            Dialect::ScaigridV1 => "text/event-stream",
            Dialect::ScaleV5 | Dialect::OpenAi => "text/event-stream; charset=utf-8",
        };
        let under_way = self.context.state.begin_answer();
        let body = delivery::body(actions, self.wish.pace, self.reset.clone(), under_way);
        (StatusCode::OK, [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], body).into_response()
    }

    /// An answer whose token frames were written once and are sent again and again. Stop texts, choices and log
    /// probabilities are not looked at.
    fn flood(&self, tokens: usize, spelling: Spelling) -> Actions {
        let asked = tokens;
        let tokens = asked.min(self.order.maximum_tokens.unwrap_or(usize::MAX));
        let usage = Usage { prompt: self.order.prompt_tokens, completion: tokens, reasoning: 0 };
        let heading = self.heading("chatcmpl-flood".to_owned());
        let prepared = self.context.state.flood(self.order.dialect, || {
            let plain = Spelling { usage: UsageMember::Never, top_logprobs: None, ..spelling };
            let frames = frames::stream(heading.clone(), crate::models::flood_answer(), plain);
            frames.filter(|frame| frame.kind == FrameKind::Token).map(|frame| Bytes::from(frame.text)).collect()
        });
        let finish = if tokens < asked { Finish::Length } else { Finish::Stop };
        let around = Answer { choices: vec![Choice { reply: Reply::default(), finish }], usage };
        let (before, after): (Vec<_>, Vec<_>) =
            frames::stream(heading, around, spelling).partition(|frame| frame.kind == FrameKind::Role);
        let send = |frame: Frame| Action::Send(Bytes::from(frame.text));
        let repeated =
            (0..tokens).flat_map(move |index| [Action::Token, Action::Send(prepared[index % prepared.len()].clone())]);
        Box::new(
            iter::once(Action::Begin)
                .chain(before.into_iter().map(send))
                .chain(repeated)
                .chain(after.into_iter().map(send)),
        )
    }

    async fn whole(&self) -> Response {
        let under_way = self.context.state.begin_answer();
        let answer = self.compose();
        tokio::time::sleep(self.wish.pace.whole(answer.usage.completion)).await;
        let body: Value = frames::whole(&self.heading(self.answer_id()), &answer, self.spelling(false), &self.id.0);
        let text = Bytes::from(body.to_string());
        let middle = text.len() / 2;
        let actions = match self.wish.stream_fault() {
            None => return json_response(StatusCode::OK, &body),
            Some(StreamFault::ErrorInStream | StreamFault::ErrorFirstFrame) => return self.refuse(&Reason::Backend),
            Some(StreamFault::Stall) => vec![Action::Send(text.slice(..middle)), Action::Hang],
            Some(StreamFault::Cut) => vec![Action::Send(text.slice(..middle)), Action::Break],
            Some(StreamFault::Reset) => vec![Action::Send(text.slice(..middle)), Action::Reset],
            Some(StreamFault::OneByteWrites) => vec![Action::SendByByte(text)],
            Some(_) => vec![
                Action::Send(text.slice(..middle)),
                Action::Pause(Duration::from_millis(2)),
                Action::Send(text.slice(middle..)),
            ],
        };
        let body: Body = delivery::body(Box::new(actions.into_iter()), Pace::FLAT_OUT, self.reset.clone(), under_way);
        (StatusCode::OK, [(CONTENT_TYPE, "application/json")], body).into_response()
    }
}
