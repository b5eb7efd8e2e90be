//! The endpoints that answer with text or items, in all dialects.

use std::iter;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State as Shared};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, StatusCode, Uri};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use serde_json::Value;
use tokio::time::Instant;

use super::trouble::{self, Trouble};
use super::wish::Wish;
use super::{Context, RequestId, json_response, put, refusal};
use crate::action::{Action, Actions};
use crate::answer::{Answer, Choice, Finish, Reply, Usage, compose};
use crate::delivery::{self, Pace};
use crate::dialect;
use crate::faults::{self, Behaviour, Failure};
use crate::frames::responses::{Framing, Sheet};
use crate::frames::{self, Frame, FrameKind, Frames, Heading, Spelling, UsageMember, completions, generic};
use crate::listen::ResetSwitch;
use crate::models::{VENDOR, Voice};
use crate::refusal::Reason;
use crate::request::{self, Chain, Dialogue, Form, Order};
use crate::responses::memory::Remembered;
use crate::responses::{self, Performance, Stage};

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
    let prepared = prepare(&context, endpoint, dialect, &headers, &body);
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

/// A response that was answered before, as it is now.
pub(super) async fn response(
    Shared(context): Shared<Context>,
    Extension(id): Extension<RequestId>,
    Path(response): Path<String>,
) -> Response {
    match context.state.remembered(&response) {
        Some(remembered) => (StatusCode::OK, [(CONTENT_TYPE, "application/json")], remembered.now()).into_response(),
        None => refusal(Dialect::OpenAi, &id.0, &Reason::ResponseNotFound(response)),
    }
}

fn prepare(
    context: &Context,
    endpoint: EndpointKind,
    dialect: Dialect,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Order, Voice, Wish), Reason> {
    let mut order = request::read(endpoint, dialect, body)?;
    let voice = Voice::find(&order.model).ok_or_else(|| Reason::ModelNotFound(order.model.clone()))?;
    let wish = Wish::read(headers, voice.fault, voice.pace, &context.state.faults())?;
    if let Form::Responses(chain) = &order.form
        && let Some(previous) = chain.previous.clone()
    {
        let before = context.state.remembered(&previous).ok_or(Reason::PreviousNotFound(previous))?;
        order.continues(before.conversation, before.called);
    }
    if voice.minds_the_dialogue() {
        order.mind_the_dialogue()?;
    }
    if voice.tosses() {
        order.seed = context.state.next_toss(&order.model, order.seed);
    }
    Ok((order, voice, wish))
}

/// What is to be spelled.
enum Said {
    Answer(Answer),
    Value(Value),
    Items(Box<Sheet>, Performance),
    /// A chat from prepared bytes.
    Flood,
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

impl Call {
    async fn respond(&self, uri: &Uri, body: &[u8]) -> Response {
        match trouble::before(&self.context, self.wish.behaviour, uri, body, &self.order.temperature).await {
            Some(Trouble::Refusal(reason)) => self.refuse(&reason),
            Some(Trouble::Other(response)) => response,
            None => self.speak().await,
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
        let said = self.say(as_stream);
        let mut response = if as_stream { self.stream(said) } else { self.whole(said).await };
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

    /// What the request is called, without its prefix.
    fn own_id(&self) -> &str {
        self.id.0.trim_start_matches("req_")
    }

    /// Named after the request, so that the frames of two requests can be told apart.
    fn answer_id(&self) -> String {
        let prefix = match self.order.endpoint() {
            EndpointKind::Chat | EndpointKind::Models | EndpointKind::Generic => "chatcmpl-",
            EndpointKind::Generate | EndpointKind::Completions => "cmpl-",
            EndpointKind::Responses => "resp_",
            EndpointKind::Embed | EndpointKind::Image | EndpointKind::Transcribe | EndpointKind::Synthesize => "media-",
        };
        format!("{prefix}{}", self.own_id())
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
        Spelling { usage, done: self.ends_with_mark(), top_logprobs: self.order.top_logprobs, seed: self.order.seed }
    }

    /// Scale's own client cannot read the mark, and responses end with an event that says so.
    fn ends_with_mark(&self) -> bool {
        let proxied = self.wish.done_on_scale || self.wish.behaviour == Some(Behaviour::DataOnly);
        match self.order.dialect {
            Dialect::ScaleV5 => proxied,
            Dialect::ScaigridV1 => true,
            Dialect::OpenAi => self.order.endpoint() != EndpointKind::Responses || proxied,
        }
    }

    fn compose(&self) -> Answer {
        let mut answer = compose(&self.order, &self.voice);
        if self.wish.behaviour == Some(Behaviour::HugeEvent) {
            faults::swell(&mut answer);
        }
        answer
    }

    fn say(&self, as_stream: bool) -> Said {
        match &self.order.form {
            Form::Responses(chain) => self.respond_with_items(chain),
            Form::Generic(_) => match self.voice.value(&self.order) {
                Some(value) => Said::Value(value),
                None => Said::Answer(self.compose()),
            },
            Form::Chat if as_stream && self.wish.stream_fault().is_none() && self.voice.flood().is_some() => {
                Said::Flood
            }
            Form::Chat | Form::Generate => Said::Answer(self.compose()),
            Form::Completions(prompts) => {
                let mut answer = self.compose();
                completions::echo(&mut answer, prompts);
                Said::Answer(answer)
            }
        }
    }

    /// Makes the response and keeps it for those that continue from it.
    fn respond_with_items(&self, chain: &Chain) -> Said {
        let heading = self.heading(self.answer_id());
        let mut stage = Stage::new(&self.order, chain, self.own_id());
        let performance = match self.voice.items() {
            Some(model) => Performance::of_items(&self.order, (model.scripts)(&mut stage), model.ending),
            None => responses::spoken(&mut stage, self.compose()),
        };
        let sheet = Sheet::new(&heading, chain, self.wish.behaviour != Some(Behaviour::NoUsage));
        if chain.store {
            self.context.state.remember(Remembered {
                id: heading.id,
                conversation: self
                    .order
                    .messages
                    .iter()
                    .cloned()
                    .chain([request::Said { role: "assistant".to_owned(), text: performance.text() }])
                    .collect(),
                called: Dialogue::of_items(performance.output().iter()).called,
                begun: sheet.begun("in_progress").to_string().into(),
                whole: sheet.whole(&performance).to_string().into(),
                whole_at: Instant::now() + self.wish.pace.whole(performance.usage.completion),
            });
        }
        Said::Items(Box::new(sheet), performance)
    }

    fn stream(&self, said: Said) -> Response {
        let spelling = self.spelling(true);
        let frames = match said {
            Said::Flood => None,
            Said::Answer(answer) => Some(self.frames(answer, spelling)),
            Said::Value(value) => Some(generic::stream_value(value, spelling.done)),
            Said::Items(sheet, performance) => {
                let framing = match self.wish.behaviour {
                    Some(Behaviour::DataOnly) => Framing::DataOnly,
                    _ => Framing::Named { done: spelling.done },
                };
                Some(frames::responses::stream(&sheet, performance, framing))
            }
        };
        let actions = match (frames, self.wish.stream_fault()) {
            (None, _) => self.flood(self.voice.flood().unwrap_or_default(), spelling),
            (Some(frames), None) => faults::plain(frames),
            (Some(frames), Some(fault)) => {
                let failure = Failure {
                    frame: &|sent| self.failure_frame(sent),
                    // After an error in the middle only ScaiGrid sends its end mark.
                    done_in_the_middle: self.order.dialect == Dialect::ScaigridV1,
                    done_at_the_start: spelling.done,
                };
                faults::stream(fault, frames, &failure)
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

    fn frames(&self, answer: Answer, spelling: Spelling) -> Frames {
        let heading = self.heading(self.answer_id());
        match self.order.form {
            Form::Generic(_) => generic::stream_spoken(answer, spelling.done),
            Form::Generate | Form::Completions(_) => completions::stream(&heading, answer, spelling),
            Form::Chat | Form::Responses(_) => frames::stream(heading, answer, spelling),
        }
    }

    fn failure_frame(&self, sent: usize) -> Frame {
        let dialect = self.order.dialect;
        match self.order.form {
            Form::Responses(_) => Reason::Backend.event(sent),
            _ => Frame::error(dialect, &Reason::Backend.frame(dialect)),
        }
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

    /// The body of an answer in one piece, and its tokens.
    fn body(&self, said: Said) -> (Value, usize) {
        let heading = || self.heading(self.answer_id());
        let spelling = self.spelling(false);
        match said {
            Said::Flood => (Value::Null, 0),
            Said::Value(value) => (generic::whole(&value), 1),
            // Nobody waits for what happens in the background.
            Said::Items(sheet, _) if self.in_background() => (sheet.begun("queued"), 0),
            Said::Items(sheet, performance) => (sheet.whole(&performance), performance.usage.completion),
            Said::Answer(answer) => {
                let body = match self.order.form {
                    Form::Generic(_) => generic::whole(&generic::spoken(&answer)),
                    Form::Generate | Form::Completions(_) => {
                        completions::whole(&heading(), &answer, spelling, &self.id.0)
                    }
                    Form::Chat | Form::Responses(_) => frames::whole(&heading(), &answer, spelling, &self.id.0),
                };
                (body, answer.usage.completion)
            }
        }
    }

    fn in_background(&self) -> bool {
        matches!(&self.order.form, Form::Responses(chain) if chain.background)
    }

    async fn whole(&self, said: Said) -> Response {
        let under_way = self.context.state.begin_answer();
        let (body, tokens) = self.body(said);
        if !self.in_background() {
            tokio::time::sleep(self.wish.pace.whole(tokens)).await;
        }
        let text = Bytes::from(body.to_string());
        let Some(fault) = self.wish.stream_fault() else { return json_response(StatusCode::OK, &body) };
        let actions = match trouble::whole(fault, text) {
            Ok(actions) => actions,
            Err(reason) => return self.refuse(&reason),
        };
        let body: Body = delivery::body(Box::new(actions.into_iter()), Pace::FLAT_OUT, self.reset.clone(), under_way);
        (StatusCode::OK, [(CONTENT_TYPE, "application/json")], body).into_response()
    }
}
