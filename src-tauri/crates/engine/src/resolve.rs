//! From what the person composed to the exact bytes of a call.
//!
//! [`ResolvedCall`] can only be made here, and both the preview and the sender take it, so what the screen shows before
//! sending is what goes out.

mod continuation;

use bytes::Bytes;
use juxta_client::call::Call;
use juxta_client::endpoints::{Attached, Encoded, Form, Route, encode, wants_stream};
use juxta_client::{json, providers, resolve_call};
use juxta_wire::connection::{Connection, KeySource, SecretSlot};
use juxta_wire::draft::{Draft, Message, Parameter, Variable};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::AppError;
use juxta_wire::exchange::{Carried, FormPart, KeyOrigin, RequestView, SentKey, Warning};
use juxta_wire::lane::{Comparison, Lane, Override};
use juxta_wire::params::{self, ParameterTable};
use juxta_wire::run::Slice;
use juxta_wire::tools::ToolSource;
use serde_json::Value;
use std::time::Duration;

use crate::dialogue::variable_parts;
use crate::recordings::Sound;
use crate::template::{Alone, Template};

pub use continuation::Continuation;

/// A call that is ready to go, with what a screen shows of it.
#[derive(Debug)]
pub struct ResolvedCall {
    call: Call,
    view: RequestView,
}

impl ResolvedCall {
    pub fn call(&self) -> &Call {
        &self.call
    }

    pub fn view(&self) -> &RequestView {
        &self.view
    }

    /// The model that a body written by hand asks for, which need not be the lane's.
    pub fn written_model(&self) -> Option<String> {
        let is_model = |key: &&SentKey| key.name == "model" && key.origin == KeyOrigin::Edited;
        self.view.keys.iter().rev().find(is_model).and_then(|key| serde_json::from_str(&key.json).ok())
    }
}

/// Looks up the key of a slot; `None` when there is none.
pub type KeyLookup<'a> = &'a dyn Fn(&SecretSlot) -> Result<Option<String>, AppError>;

/// A stand-in for a key that ends as the key ends, so that a preview needs no keychain.
pub fn masked_key(slot: &SecretSlot) -> Result<Option<String>, AppError> {
    Ok(match &slot.source {
        KeySource::Absent => None,
        KeySource::Keychain { last_four } | KeySource::Memory { last_four } => Some(format!("••••••••{last_four}")),
        KeySource::Environment { name } => std::env::var(name).ok(),
    })
}

/// Builds the call of `lane`. `connection` has its real base URL, also when it is the sandbox.
pub fn resolve(
    comparison: &Comparison,
    lane: &Lane,
    connection: &Connection,
    keys: KeyLookup<'_>,
) -> Result<ResolvedCall, AppError> {
    resolve_with(comparison, lane, connection, keys, Beside::default())
}

/// What a call needs that neither its lane nor its draft holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// The earlier steps that it goes on from.
    pub step: Option<&'a Continuation>,
    /// Which of the texts it sends; the first slice where nobody says.
    pub slice: Option<Slice>,
    /// The sound of the draft's recording.
    pub sound: Option<&'a Sound>,
}

/// Builds the call of a lane.
pub fn resolve_with(
    comparison: &Comparison,
    lane: &Lane,
    connection: &Connection,
    keys: KeyLookup<'_>,
    beside: Beside<'_>,
) -> Result<ResolvedCall, AppError> {
    let body = match &lane.raw_body {
        Some(_) if lane.endpoint == EndpointKind::Transcribe => {
            let message = "A transcription is a form with a file, so its body cannot be written by hand";
            return Err(AppError::Invalid { field: "rawBody".into(), message: message.into() });
        }
        Some(text) => Body::by_hand(text, lane.endpoint),
        None => Body::of_form(comparison, lane, connection.dialect, beside)?,
    };
    let url = providers::url(&connection.base_url, connection.dialect, lane.endpoint)?;
    let headers = resolve_call::headers(connection, lane.endpoint, body.streams, body.content_type(), keys)?;
    providers::plain_http_guard(&url, &headers, connection.plain_http_agreed)?;
    let call = Call {
        method: http::Method::POST,
        url,
        headers,
        body: body.bytes.clone(),
        endpoint: lane.endpoint,
        dialect: connection.dialect,
        idle_timeout: Duration::from_millis(connection.network.idle_timeout_ms),
    };
    let table = params::table(lane.endpoint, connection.dialect);
    let Body { keys, mut warning, carried, form, .. } = body;
    if lane.endpoint == EndpointKind::Synthesize
        && lane.raw_body.is_none()
        && !keys.iter().any(|key| key.name == "voice")
    {
        let message = "No voice is chosen. Most servers refuse to speak without one.".to_owned();
        warning = Some(Warning { parameter: Some("voice".to_owned()), message });
    }
    let shown = form.is_none().then(|| String::from_utf8_lossy(&call.body).into_owned());
    let view = view(&call, compared(comparison, lane, &table, keys), &table, warning);
    let (parts, shown) = form.map_or((Vec::new(), shown), |form| (form.parts, Some(form.shown)));
    Ok(ResolvedCall { call, view: RequestView { carried, parts, body: shown.unwrap_or_default(), ..view } })
}

/// The body that the form of `lane` makes, variables filled in.
pub(crate) fn filled_body(comparison: &Comparison, lane: &Lane, dialect: Dialect) -> Result<Bytes, AppError> {
    filled_slice(comparison, lane, dialect, None)
}

/// The same, of one slice of the texts.
pub(crate) fn filled_slice(
    comparison: &Comparison,
    lane: &Lane,
    dialect: Dialect,
    slice: Option<Slice>,
) -> Result<Bytes, AppError> {
    Ok(Body::of_form(comparison, lane, dialect, Beside { slice, ..Beside::default() })?.bytes)
}

/// The bytes of a body and what is in them.
struct Body {
    bytes: Bytes,
    /// In the order sent.
    keys: Vec<SentKey>,
    warning: Option<Warning>,
    carried: Vec<Carried>,
    streams: bool,
    /// Set when it is a form.
    form: Option<SentForm>,
}

/// What a screen shows of a form.
struct SentForm {
    content_type: String,
    parts: Vec<FormPart>,
    shown: String,
}

impl Body {
    fn content_type(&self) -> Option<&str> {
        self.form.as_ref().map(|form| form.content_type.as_str())
    }

    fn of_form(comparison: &Comparison, lane: &Lane, dialect: Dialect, beside: Beside<'_>) -> Result<Self, AppError> {
        let step = beside.step;
        if lane.model.trim().is_empty() {
            return Err(AppError::Invalid { field: "model".into(), message: "Choose a model for this lane".into() });
        }
        let draft = &comparison.draft;
        let route = route(comparison, lane, dialect);
        let variables = variables(draft, lane);
        let mut template = Template::new(&variables);
        let before = if step.is_some_and(|step| step.alone) { &[] } else { messages(draft, lane) };
        let messages = template.messages(before);
        let mut filled = template.take_filled();
        let mut own = effective_parameters(draft, lane);
        if let Some(step) = step {
            step.set_previous(&mut own);
        }
        for key in &mut own {
            if let Some(alone) = template_form(route, &key.name) {
                key.json = template.json(&key.json, alone);
                key.filled = template.take_filled();
            }
        }
        // Without what its tools give a dialogue could not go on; in one that has begun the person can still say it.
        if step.is_none() {
            rule_texts(draft, &mut template);
        }
        template.finish()?;
        let more = step.map_or(&[][..], |step| &step.messages);
        let texts = texts(draft, beside.slice);
        check_content(lane.endpoint, texts, beside.sound)?;
        let content = Content { messages: &messages, more, texts, sound: beside.sound };
        let encoded = encoded(comparison, lane, route, content, &own)?;
        let is_of_messages = !matches!(lane.endpoint, EndpointKind::Embed | EndpointKind::Transcribe);
        if is_of_messages
            && encoded.content.is_some()
            && more.is_empty()
            && messages.iter().all(|message| message.muted)
        {
            return Err(AppError::Invalid { field: "messages".into(), message: "Write a message first".into() });
        }
        let Encoded { bytes, mut keys, content, carried, streams, multipart } = encoded;
        // Instructions that stand before the messages here are counted with them.
        let apart = own.iter().filter(|key| key.filled > 0 && !keys.iter().any(|known| known.name == key.name));
        filled += apart.map(|key| key.filled).sum::<u32>();
        for key in keys.iter_mut().filter(|key| Some(key.name.as_str()) == content) {
            key.filled = filled;
        }
        if let Some(step) = step {
            step.claim_previous(&mut keys);
        }
        let form = multipart.map(|written| SentForm {
            content_type: written.content_type(),
            parts: written.parts,
            shown: written.shown,
        });
        Ok(Self { bytes: Bytes::from(bytes), keys, warning: None, carried, streams, form })
    }

    /// A body that somebody wrote, which goes out as it is, JSON or not.
    fn by_hand(text: &str, endpoint: EndpointKind) -> Self {
        let warn = |message: String| Some(Warning { parameter: None, message });
        let (keys, warning) = match json::parse(text) {
            _ if text.is_empty() => (Vec::new(), warn("The body is empty.".to_owned())),
            Err(fault) => {
                let line = text[..fault.span.start].matches('\n').count() + 1;
                (Vec::new(), warn(format!("The body is no JSON. Line {line}: {}", fault.message)))
            }
            Ok(node) => match &node.kind {
                json::Kind::Object(members) => {
                    let keys = members.iter().map(|member| edited_key(text, member));
                    (keys.collect(), None)
                }
                _ => (Vec::new(), warn("The body is JSON, and no object.".to_owned())),
            },
        };
        let streams = wants_stream(endpoint, &keys);
        let mut keys = keys;
        for key in keys.iter_mut().filter(|key| Some(key.name.as_str()) == endpoint.content_member()) {
            key.json.clear();
        }
        Self { bytes: Bytes::copy_from_slice(text.as_bytes()), keys, warning, carried: Vec::new(), streams, form: None }
    }
}

/// From the base lane's endpoint to this lane's.
fn route(comparison: &Comparison, lane: &Lane, dialect: Dialect) -> Route {
    let base = comparison.lanes.first().map_or(lane.endpoint, |base| base.endpoint);
    Route { base, endpoint: lane.endpoint, dialect }
}

/// The variables of a draft, with those that the lane has a value of its own for.
pub(crate) fn variables(draft: &Draft, lane: &Lane) -> Vec<Variable> {
    let is_own = |name: &str| lane.variables.iter().any(|own| own.name == name);
    let shared = draft.variables.iter().filter(|variable| !is_own(&variable.name));
    lane.variables.iter().chain(shared).cloned().collect()
}

/// The texts that a call sends.
fn texts(draft: &Draft, slice: Option<Slice>) -> &[String] {
    let (from, to) = match slice {
        Some(slice) => (slice.from as usize, slice.to as usize),
        None => draft.slices().next().unwrap_or_default(),
    };
    draft.texts.get(from..to).unwrap_or_default()
}

fn check_content(endpoint: EndpointKind, texts: &[String], sound: Option<&Sound>) -> Result<(), AppError> {
    let missing = |field: &str, message: &str| Err(AppError::Invalid { field: field.into(), message: message.into() });
    match endpoint {
        EndpointKind::Embed if texts.is_empty() => missing("texts", "Write or load a text first"),
        EndpointKind::Transcribe if sound.is_none() => missing("recording", "Record or choose a sound first"),
        _ => Ok(()),
    }
}

/// What stands beside the parameters.
struct Content<'a> {
    messages: &'a [Message],
    /// What a dialogue adds to them.
    more: &'a [Message],
    texts: &'a [String],
    sound: Option<&'a Sound>,
}

/// The body that a lane's form makes of its content and of `keys`.
fn encoded(
    comparison: &Comparison,
    lane: &Lane,
    route: Route,
    content: Content<'_>,
    keys: &[SentKey],
) -> Result<Encoded, AppError> {
    let unset: Vec<&str> = lane.overrides.iter().filter(|change| is_unset(change)).map(Override::name).collect();
    encode(&Form {
        route,
        model: &lane.model,
        messages: content.messages,
        text_input: comparison.draft.text_input,
        texts: content.texts,
        attached: content.sound.map(|sound| Attached {
            name: &sound.file_name,
            media_type: &sound.media_type,
            bytes: &sound.bytes,
        }),
        more: content.more,
        is_forked: lane.forked_messages.is_some(),
        draft: &comparison.draft.parameters,
        keys,
        unset: &unset,
        order: &comparison.draft.order,
    })
}

fn is_unset(change: &Override) -> bool {
    matches!(change, Override::Unset { .. })
}

/// What a lane's form makes, variables as they are. Neither a model nor a message is needed yet, nor a connection: one that
/// was deleted has no `dialect`, and its lane can be looked at all the same.
pub(crate) fn form(comparison: &Comparison, lane: &Lane, dialect: Option<Dialect>) -> Result<Encoded, AppError> {
    let draft = &comparison.draft;
    let first = || Dialect::ALL.into_iter().find(|dialect| dialect.has(lane.endpoint));
    let route = route(comparison, lane, dialect.or_else(first).unwrap_or(Dialect::OpenAi));
    let content = Content { messages: messages(draft, lane), more: &[], texts: texts(draft, None), sound: None };
    encoded(comparison, lane, route, content, &effective_parameters(draft, lane))
}

/// Of parameters whose texts are the person's own words, in which variables stand for theirs: what becomes of a variable
/// that stands alone.
fn template_form(route: Route, name: &str) -> Option<Alone> {
    match name {
        "args" if route.endpoint == EndpointKind::Generic => Some(Alone::Value),
        "instructions" if [route.base, route.endpoint].contains(&EndpointKind::Responses) => Some(Alone::Text),
        _ => None,
    }
}

/// Names of the variables that `lane` needs.
pub(crate) fn variable_names(comparison: &Comparison, lane: &Lane) -> Vec<String> {
    if lane.raw_body.is_some() {
        return Vec::new();
    }
    let draft = &comparison.draft;
    let dialect = Dialect::ALL.into_iter().find(|dialect| dialect.has(lane.endpoint)).unwrap_or(Dialect::OpenAi);
    let route = route(comparison, lane, dialect);
    // With no variable known, all that are needed are missing.
    let mut template = Template::new(&[]);
    template.messages(messages(draft, lane));
    for key in effective_parameters(draft, lane) {
        if let Some(alone) = template_form(route, &key.name) {
            template.json(&key.json, alone);
        }
    }
    rule_texts(draft, &mut template);
    match template.finish() {
        Err(AppError::Template { names, .. }) => names,
        _ => Vec::new(),
    }
}

/// Fills in what the rules for tools say, so that `template` knows what they lack.
fn rule_texts(draft: &Draft, template: &mut Template<'_>) {
    for rule in &draft.tool_plan.rules {
        if let ToolSource::Text { text } = &rule.gives {
            for part in variable_parts(text) {
                template.text(part);
            }
        }
    }
}

/// The messages that a lane sends.
pub(crate) fn messages<'a>(draft: &'a Draft, lane: &'a Lane) -> &'a [Message] {
    lane.forked_messages.as_deref().unwrap_or(&draft.messages)
}

fn model_key(lane: &Lane) -> SentKey {
    key(&Parameter::new("model", Value::from(lane.model.as_str()).to_string()), KeyOrigin::Lane)
}

fn edited_key(text: &str, member: &json::Member) -> SentKey {
    key(&Parameter::new(&member.name, member.value.text(text)), KeyOrigin::Edited)
}

/// The draft's parameters with the lane's overrides: a changed value stays at its place, a new one goes to the end.
pub fn effective_parameters(draft: &Draft, lane: &Lane) -> Vec<SentKey> {
    let find = |name: &str| lane.overrides.iter().find(|change| change.name() == name);
    let mut sent: Vec<SentKey> = draft
        .parameters
        .iter()
        .filter_map(|parameter| match find(&parameter.name) {
            None => Some(key(parameter, KeyOrigin::Draft)),
            Some(Override::Set { parameter }) => Some(key(parameter, KeyOrigin::Lane)),
            Some(Override::Unset { .. }) => None,
        })
        .collect();
    for change in &lane.overrides {
        if let Override::Set { parameter } = change
            && !draft.parameters.iter().any(|known| known.name == parameter.name)
        {
            sent.push(key(parameter, KeyOrigin::Lane));
        }
    }
    sent
}

fn key(parameter: &Parameter, origin: KeyOrigin) -> SentKey {
    SentKey {
        name: parameter.name.clone(),
        json: parameter.json.clone(),
        origin,
        extra: false,
        base_json: None,
        filled: 0,
    }
}

/// Says of each key what the table and the base lane know of it.
fn compared(comparison: &Comparison, lane: &Lane, table: &ParameterTable, mut keys: Vec<SentKey>) -> Vec<SentKey> {
    let base = comparison.lanes.first().filter(|base| base.id != lane.id);
    let base = base.map(|base| base_keys(&comparison.draft, base)).unwrap_or_default();
    // What the messages became has no text, and stands in no table.
    for key in keys.iter_mut().filter(|key| !key.json.is_empty()) {
        key.extra = key.name != "model" && !table.parameters.iter().any(|spec| spec.name == key.name);
        // What is only said in other words is no difference.
        let is_own = !matches!(key.origin, KeyOrigin::Carried | KeyOrigin::Dialogue);
        let base = base.iter().find(|base| is_own && base.name == key.name && base.json != key.json);
        key.base_json = base.map(|base| base.json.clone());
    }
    keys
}

fn base_keys(draft: &Draft, base: &Lane) -> Vec<SentKey> {
    match &base.raw_body {
        Some(text) => Body::by_hand(text, base.endpoint).keys,
        None => std::iter::once(model_key(base)).chain(effective_parameters(draft, base)).collect(),
    }
}

fn view(call: &Call, keys: Vec<SentKey>, table: &ParameterTable, warning: Option<Warning>) -> RequestView {
    let is_sent = |name: &str| keys.iter().any(|key| key.name == name);
    let absent = match &warning {
        // Nobody knows what a body says that cannot be read.
        Some(_) => Vec::new(),
        None => {
            let names = table.parameters.iter().map(|spec| spec.name);
            names.filter(|name| !is_sent(name)).map(str::to_owned).collect()
        }
    };
    RequestView {
        method: call.method.to_string(),
        url: call.url.to_string(),
        headers: call.view_headers(),
        body: String::new(),
        body_bytes: call.body.len() as u64,
        warnings: warning.into_iter().chain(warnings(&keys, table)).collect(),
        carried: Vec::new(),
        parts: Vec::new(),
        keys,
        absent,
    }
}

/// A preview cannot know what is made anew for each call, so it says that instead of showing one that will not be sent.
pub fn without_fresh_values(view: &RequestView, connection: &Connection) -> RequestView {
    let mut view = view.clone();
    for row in connection.headers.iter().filter(|row| row.secret.is_none() && row.value.contains("{{uuid}}")) {
        for header in view.headers.iter_mut().filter(|header| header.name.eq_ignore_ascii_case(row.name.trim())) {
            header.value = row.value.trim().replace("{{uuid}}", "(a fresh UUID)");
        }
    }
    view
}

/// Validation warns and never forbids: servers change.
fn warnings(keys: &[SentKey], table: &ParameterTable) -> Vec<Warning> {
    keys.iter()
        .filter_map(|key| {
            let spec = table.parameters.iter().find(|spec| spec.name == key.name && !key.json.is_empty())?;
            let problem = params::check(spec, &key.json)?;
            Some(Warning { parameter: Some(key.name.clone()), message: problem.message })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use juxta_wire::endpoint::EndpointKind;

    fn lane(overrides: Vec<Override>) -> Lane {
        Lane {
            id: juxta_wire::ids::LaneId::new(),
            connection: juxta_wire::ids::ConnectionId("c".into()),
            endpoint: EndpointKind::Chat,
            model: "m".into(),
            overrides,
            forked_messages: None,
            muted: false,
            raw_body: None,
            hold: false,
            variables: Vec::new(),
        }
    }

    #[test]
    fn overrides_change_in_place_take_away_and_add_at_the_end() {
        let draft = Draft {
            parameters: vec![Parameter::new("a", "1"), Parameter::new("b", "2"), Parameter::new("c", "3")],
            ..Draft::default()
        };
        let lane = lane(vec![
            Override::Set { parameter: Parameter::new("d", "1e-3") },
            Override::Unset { name: "a".into() },
            Override::Set { parameter: Parameter::new("b", "2.0") },
            Override::Unset { name: "never set".into() },
        ]);
        let sent: Vec<_> = effective_parameters(&draft, &lane)
            .into_iter()
            .map(|key| (key.name, key.json, key.origin == KeyOrigin::Lane))
            .collect();
        let expected = [("b", "2.0", true), ("c", "3", false), ("d", "1e-3", true)]
            .map(|(name, json, lane)| (name.to_owned(), json.to_owned(), lane));
        assert_eq!(sent, expected);
    }
}
