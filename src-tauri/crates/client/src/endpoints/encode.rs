//! The body of a request to any endpoint, and what is worth saying about it before it is sent.

use std::borrow::Cow;
use std::collections::HashMap;

use juxta_wire::draft::{Content, Message, Parameter, Role, sort_members};
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::error::AppError;
use juxta_wire::exchange::{Carried, KeyOrigin, SentKey};
use juxta_wire::params;

use super::carry::{self, Carrying, Notes, Route};
use super::writer::{Members, Writer};
use super::{chat, generic, media, prompt, responses};
use crate::multipart;

/// What a lane makes of a draft.
#[derive(Debug, Clone, Copy)]
pub struct Form<'a> {
    pub route: Route,
    pub model: &'a str,
    /// Those that are muted stay out, and count where a place is named.
    pub messages: &'a [Message],
    /// As [`juxta_wire::draft::Draft::text_input`].
    pub text_input: bool,
    /// What a call of vectors sends.
    pub texts: &'a [String],
    /// What a transcription sends. `None` where there is none yet, which only a form that is looked at may have.
    pub attached: Option<Attached<'a>>,
    /// What stands behind them, in the words of this endpoint: a dialogue that goes on.
    pub more: &'a [Message],
    /// The messages are the lane's own.
    pub is_forked: bool,
    /// The draft's own parameters.
    pub draft: &'a [Parameter],
    /// Those with the lane's overrides, which have the lane as their origin.
    pub keys: &'a [SentKey],
    /// Names that the lane leaves out.
    pub unset: &'a [&'a str],
    /// As [`juxta_wire::draft::Draft::order`], in the words of the base.
    pub order: &'a [String],
}

/// A file that goes along.
#[derive(Debug, Clone, Copy)]
pub struct Attached<'a> {
    pub name: &'a str,
    /// By its bytes.
    pub media_type: &'a str,
    pub bytes: &'a [u8],
}

/// A body, byte for byte, with what is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded {
    pub bytes: Vec<u8>,
    /// In the order sent.
    pub keys: Vec<SentKey>,
    /// The name of the key that the messages became; `None` when they are not sent.
    pub content: Option<&'static str>,
    pub carried: Vec<Carried>,
    /// A stream is asked for.
    pub streams: bool,
    /// Set when the body is a form, and not JSON.
    pub multipart: Option<multipart::Written>,
}

/// Writes the body of a lane. Parameters keep their JSON text to the byte.
///
/// # Errors
/// [`AppError::Invalid`] with the field that does not fit: a value that is no JSON, a name that is there twice.
pub fn encode(form: &Form<'_>) -> Result<Encoded, AppError> {
    let route = form.route;
    let mut notes = Notes::new(route.differs());
    let messages = match route.base == EndpointKind::Responses && route.differs() {
        true => Cow::Owned(carry::to_chat(form.messages, &mut notes)?),
        false => Cow::Borrowed(form.messages),
    };
    let messages = match form.more {
        [] => messages,
        more => Cow::Owned([&*messages, more].concat()),
    };
    if route.endpoint == EndpointKind::Generic && !form.keys.iter().any(|key| key.name == "args") {
        return with_made_args(form, messages, notes);
    }
    let carrying = match route.differs() {
        true => carry::parameters(route, form.keys, form.unset, &mut notes)?,
        false => Carrying { keys: form.keys.to_vec(), ..Carrying::default() },
    };
    let (keys, lead) = (carrying.keys, carrying.lead);
    let order = renamed(form, &carrying.renamed);
    let mut content = Writer::default();
    let name = route.endpoint.content_member().filter(|_| !goes_without_input(route.endpoint, &messages, &keys));
    match route.endpoint {
        EndpointKind::Responses if name.is_none() => {}
        EndpointKind::Chat | EndpointKind::Models => chat::write_messages(&mut content, &led(messages, lead))?,
        EndpointKind::Responses if form.text_input && only_text(&messages).is_some() => {
            content.string(only_text(&messages).unwrap_or_default());
            notes.moved("messages", "input", "The text is the input. Its role is not sent.");
        }
        EndpointKind::Responses => {
            responses::write_input(&mut content, &messages, &mut notes)?;
            let message = "Each message is an item of input; tool calls and their results are items of their own.";
            notes.moved("messages", "input", message);
        }
        EndpointKind::Image | EndpointKind::Synthesize => {
            content.string(&media::one_text(lead.as_deref(), &messages, &mut notes));
        }
        EndpointKind::Generate | EndpointKind::Completions => {
            content.string(&prompt::prompt_text(lead.as_deref(), &messages, &mut notes));
        }
        EndpointKind::Embed => media::write_texts(&mut content, form.texts, form.text_input),
        EndpointKind::Transcribe => {
            let written = media::transcription(form, &keys, &order, &mut notes)?;
            let bytes = written.bytes.clone();
            let encoded = finished(form, bytes, keys, name, &order, notes);
            return Ok(Encoded { multipart: Some(written), ..encoded });
        }
        EndpointKind::Generic => notes.lost("messages", "The args that are set here are sent instead of them."),
    }
    let written = |body: &mut Writer| {
        body.bytes(&content.bytes);
        Ok(())
    };
    let bytes = write_body(form.model, name.map(|name| (name, &written as Write<'_>)), &parameters(&keys), &order)?;
    Ok(finished(form, bytes, keys, name, &order, notes))
}

/// A response can begin with what the server keeps, and then needs no input.
fn goes_without_input(endpoint: EndpointKind, messages: &[Message], keys: &[SentKey]) -> bool {
    let begins = |key: &SentKey| ["prompt", "conversation", "previous_response_id"].contains(&key.name.as_str());
    endpoint == EndpointKind::Responses
        && messages.iter().all(|message| message.muted)
        && keys.iter().any(|key| begins(key) && key.json.trim() != "null")
}

/// What the user says, when that is all there is.
fn only_text(messages: &[Message]) -> Option<&str> {
    let mut sent = messages.iter().filter(|message| !message.muted);
    match (sent.next(), sent.next()) {
        (Some(Message { role: Role::User, content: Content::Text { text }, members, .. }), None)
            if members.is_empty() =>
        {
            Some(text)
        }
        _ => None,
    }
}

/// Generic inference without args of its own: the draft as a chat would send it, as far as its table has no word for it.
fn with_made_args(form: &Form<'_>, messages: Cow<'_, [Message]>, mut notes: Notes) -> Result<Encoded, AppError> {
    let route = form.route;
    let table = params::table(route.endpoint, route.dialect);
    let is_own = |name: &str| table.parameters.iter().any(|spec| spec.name == name);
    let is_of_draft = |name: &str| form.draft.iter().any(|parameter| parameter.name == name);
    let all = form.keys.iter().cloned();
    // What the lane adds by itself is a member of the body; what it says of a parameter of the draft is not.
    let (inside, mut keys): (Vec<_>, Vec<_>) = all.partition(|key| !is_own(&key.name) && is_of_draft(&key.name));
    notes.told("messages", "args.messages", "No args are set, so the messages go into them as a chat has them.");
    let mut inner = Notes::new(true);
    let carrying = match route.base {
        EndpointKind::Chat | EndpointKind::Generic => Carrying { keys: inside, ..Carrying::default() },
        _ => carry::parameters(Route { endpoint: EndpointKind::Chat, ..route }, &inside, form.unset, &mut inner)?,
    };
    for note in inner.list {
        notes.list.push(Carried { to: note.to.map(|to| format!("args.{to}")), ..note });
    }
    for key in carrying.keys.iter().filter(|key| key.origin != KeyOrigin::Carried) {
        notes.told(&key.name, format!("args.{}", key.name), "It goes into args under its own name.");
    }
    let order = renamed(form, &carrying.renamed);
    let inside = parameters(&carrying.keys);
    let mut args = Writer::default();
    generic::write_args(&mut args, &led(messages, carrying.lead), &inside)?;
    let written = |body: &mut Writer| {
        body.bytes(&args.bytes);
        Ok(())
    };
    let bytes = write_body(form.model, Some(("args", &written)), &parameters(&keys), &order)?;
    let streams = wants_stream(EndpointKind::Chat, &carrying.keys);
    keys.insert(0, content_key(form, "args"));
    Ok(Encoded { streams, ..finished(form, bytes, keys, Some("args"), &order, notes) })
}

/// Puts what the model is told first before the messages.
fn led(messages: Cow<'_, [Message]>, lead: Option<String>) -> Cow<'_, [Message]> {
    match lead {
        None => messages,
        Some(text) => std::iter::once(Message::text(Role::System, text)).chain(messages.into_owned()).collect(),
    }
}

fn parameters(keys: &[SentKey]) -> Vec<Parameter> {
    keys.iter().map(|key| Parameter::new(&key.name, &key.json)).collect()
}

/// The draft's order, in the words of this endpoint.
fn renamed(form: &Form<'_>, names: &HashMap<String, String>) -> Vec<String> {
    let content = |endpoint: EndpointKind| endpoint.content_member().unwrap_or("args");
    let here = |name: &String| match name == content(form.route.base) {
        true => content(form.route.endpoint).to_owned(),
        false => names.get(name).unwrap_or(name).clone(),
    };
    form.order.iter().map(here).collect()
}

fn content_key(form: &Form<'_>, name: &str) -> SentKey {
    let origin = match () {
        () if form.is_forked => KeyOrigin::Lane,
        () if form.route.base.content_member() == Some(name) => KeyOrigin::Draft,
        () => KeyOrigin::Carried,
    };
    key(name, String::new(), origin)
}

fn key(name: &str, json: String, origin: KeyOrigin) -> SentKey {
    SentKey { name: name.to_owned(), json, origin, extra: false, base_json: None, filled: 0 }
}

fn finished(
    form: &Form<'_>,
    bytes: Vec<u8>,
    keys: Vec<SentKey>,
    content: Option<&'static str>,
    order: &[String],
    notes: Notes,
) -> Encoded {
    let streams = wants_stream(form.route.endpoint, &keys);
    let model = key("model", serde_json::Value::from(form.model).to_string(), KeyOrigin::Lane);
    let is_there = content.is_some_and(|name| keys.iter().any(|key| key.name == name));
    let content_key = content.filter(|_| !is_there).map(|name| content_key(form, name));
    let mut keys: Vec<SentKey> = std::iter::once(model).chain(content_key).chain(keys).collect();
    sort_members(&mut keys, order, |key| &key.name);
    Encoded { bytes, keys, content, carried: notes.list, streams, multipart: None }
}

/// Does a body with these keys ask for a stream? Of two members of one name the last counts, as with nearly every server.
pub fn wants_stream(endpoint: EndpointKind, keys: &[SentKey]) -> bool {
    let json = |name: &str| keys.iter().rev().find(|key| key.name == name).map(|key| key.json.as_str());
    match endpoint {
        EndpointKind::Generic => json("args").and_then(carry::members).is_some_and(|args| {
            args.iter().rev().find(|member| member.name == "stream").is_some_and(|member| member.json == "true")
        }),
        EndpointKind::Synthesize => json("stream_format").is_some_and(|json| json.trim() == "\"sse\""),
        _ => json("stream").is_some_and(|json| json.trim() == "true"),
    }
}

/// Writes a value.
pub(super) type Write<'a> = &'a dyn Fn(&mut Writer) -> Result<(), AppError>;

/// `{"model":…,"messages":…,…}`: model and content, then the parameters; `order` may say otherwise.
///
/// # Errors
/// As [`encode`].
pub(super) fn write_body(
    model: &str,
    content: Option<(&str, Write<'_>)>,
    parameters: &[Parameter],
    order: &[String],
) -> Result<Vec<u8>, AppError> {
    enum Member<'a> {
        Model(&'a str),
        Content(&'a str, Write<'a>),
        Other(&'a Parameter),
    }
    let content = content.map(|(name, write)| Member::Content(name, write));
    let usual = std::iter::once(Member::Model(model)).chain(content);
    let mut all: Vec<Member<'_>> = usual.chain(parameters.iter().map(Member::Other)).collect();
    sort_members(&mut all, order, |member| match member {
        Member::Model(_) => "model",
        Member::Content(name, _) => name,
        Member::Other(parameter) => &parameter.name,
    });
    let mut body = Writer::default();
    let mut members = Members::open(&mut body, "");
    for member in all {
        match member {
            Member::Model(model) => members.string("model", model)?,
            Member::Content(name, write) => write(members.name(name)?)?,
            Member::Other(parameter) => members.json(&parameter.name, &parameter.json)?,
        }
    }
    members.close();
    Ok(body.bytes)
}

#[cfg(test)]
mod tests;
