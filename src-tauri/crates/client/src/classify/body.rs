//! The words of a JSON error body, in every shape that the servers are known or suspected to use.
//!
//! In this order: FastAPI's `{"detail":[…]}`, `{"detail":"…"}` and `{"detail":{…}}`; `{"error":{…}}`, as OpenAI, litellm
//! and ScaiGrid's envelope have it; `{"error":"…"}`; and a bare `{"code","message"}`.

use juxta_wire::error::FieldError;
use serde_json::value::RawValue;

use crate::loose::{self, Object, Raw, members};

members!(Body {
    detail: Raw<'a> = "detail",
    error: Raw<'a> = "error",
    meta: Object<Meta<'a>> = "meta",
    request_id: Raw<'a> = "request_id",
    retry_after: Raw<'a> = "retry_after",
    data: Raw<'a> = "data",
});

members!(Meta { request_id: Raw<'a> = "request_id" });

members!(Words {
    code: Raw<'a> = "code",
    kind: Raw<'a> = "type",
    message: Raw<'a> = "message",
    msg: Raw<'a> = "msg",
    title: Raw<'a> = "title",
    error: Raw<'a> = "error",
    param: Raw<'a> = "param",
    retry_after: Raw<'a> = "retry_after",
    request_id: Raw<'a> = "request_id",
    details: Raw<'a> = "details",
});

members!(Fault {
    loc: Raw<'a> = "loc",
    field: Raw<'a> = "field",
    msg: Raw<'a> = "msg",
    message: Raw<'a> = "message",
    input: Raw<'a> = "input",
});

/// What a body says.
#[derive(Debug, Default)]
pub struct Said {
    pub code: Option<String>,
    /// OpenAI's `type`: the code when there is no better one, and sometimes the only sign of a used-up quota.
    kind: Option<String>,
    pub message: Option<String>,
    pub retry_after: Option<f64>,
    pub request_id: Option<String>,
    pub fields: Vec<FieldError>,
}

impl Said {
    /// What may name a known fault, most exact first.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.code.as_deref().into_iter().chain(self.kind.as_deref())
    }
}

/// `None` when `text` is no JSON.
pub fn read(text: &str) -> Option<Said> {
    if text.starts_with('[') {
        // Some gateways wrap the error in a list of one.
        let first = loose::elements(serde_json::from_str(text).ok()?).into_iter().next();
        return Some(first.and_then(|first| read(first.get())).unwrap_or_default());
    }
    let Some(body) = loose::object::<Body<'_>>(text).ok()? else {
        let words = loose::text(serde_json::from_str(text).ok()?);
        return Some(Said { message: words.map(Into::into), ..Said::default() });
    };
    let mut said = match (body.detail, body.error, body.data) {
        (Some(detail), _, _) if detail.get().starts_with('[') => faults(detail),
        (_, Some(error), _) if crate::envelope::says_something(Some(error)) => words_of(error),
        (Some(detail), _, _) => words_of(detail),
        (None, _, Some(data)) if data.get().starts_with('{') && bare(text).message.is_none() => {
            read(data.get()).unwrap_or_default()
        }
        _ => bare(text),
    };
    if said.code.is_none() {
        // `{"error":"text","code":…}` keeps its code outside.
        let outside = bare(text);
        (said.code, said.kind) = (outside.code, said.kind.or(outside.kind));
        said.message = said.message.or(outside.message);
    }
    let meta = body.meta.0.and_then(|meta| loose::text_or_number(meta.request_id));
    said.request_id = meta.or_else(|| loose::text_or_number(body.request_id)).map(Into::into).or(said.request_id);
    said.retry_after = said.retry_after.or_else(|| loose::seconds(body.retry_after));
    Some(said)
}

/// An object with words, or the words themselves.
fn words_of(raw: &RawValue) -> Said {
    match loose::text(Some(raw)) {
        Some(message) => Said { message: filled(message.as_ref()), ..Said::default() },
        None => bare(raw.get()),
    }
}

fn bare(json: &str) -> Said {
    let Ok(Some(words)) = loose::object::<Words<'_>>(json) else { return Said::default() };
    let kind = loose::some_text(words.kind).filter(|kind| kind != "None").map(String::from);
    let message = [words.message, words.msg, words.title, words.error].into_iter().find_map(loose::some_text);
    let mut fields = details(words.details);
    if fields.is_empty()
        && let Some(param) = loose::some_text(words.param).filter(|param| param != "None")
    {
        let message = message.as_deref().unwrap_or_default();
        fields.push(field_error(split_path(&param), message, None));
    }
    Said {
        code: loose::text_or_number(words.code).filter(|code| code != "None").map(Into::into).or_else(|| kind.clone()),
        kind,
        message: message.as_deref().and_then(filled),
        retry_after: loose::seconds(words.retry_after),
        request_id: loose::text_or_number(words.request_id).map(Into::into),
        fields,
    }
}

fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// FastAPI's list: `loc` mixes member names and positions.
fn faults(detail: &RawValue) -> Said {
    let fields: Vec<FieldError> = loose::array::<Fault<'_>>(detail.get())
        .into_iter()
        .map(|fault| {
            let path = match loose::text(fault.loc) {
                Some(path) => split_path(&path),
                None => loose::elements(fault.loc)
                    .into_iter()
                    .filter_map(|step| loose::text_or_number(Some(step)).map(Into::into))
                    .collect(),
            };
            let message = [fault.msg, fault.message].into_iter().find_map(loose::some_text).unwrap_or_default();
            field_error(path, &message, fault.input)
        })
        .collect();
    let words: Vec<String> = fields
        .iter()
        .map(|field| match join_path(&field.path) {
            path if path.is_empty() => field.message.clone(),
            path => format!("{path}: {}", field.message),
        })
        .collect();
    Said { message: filled(&words.join("; ")), fields, ..Said::default() }
}

/// ScaiGrid's list of `{field, message}`; a sister product sends an object from field to message.
fn details(details: Raw<'_>) -> Vec<FieldError> {
    let Some(details) = details else { return Vec::new() };
    if details.get().starts_with('{') {
        let map: serde_json::Map<String, serde_json::Value> = serde_json::from_str(details.get()).unwrap_or_default();
        return map
            .into_iter()
            .filter_map(|(field, message)| Some(field_error(split_path(&field), message.as_str()?, None)))
            .collect();
    }
    loose::array::<Fault<'_>>(details.get())
        .into_iter()
        .filter_map(|fault| {
            let message = [fault.message, fault.msg].into_iter().find_map(loose::some_text).unwrap_or_default();
            Some(field_error(split_path(&loose::some_text(fault.field)?), &message, fault.input))
        })
        .collect()
}

fn field_error(path: Vec<String>, message: &str, input: Raw<'_>) -> FieldError {
    let parameter = match path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["body", parameter, ..] => Some((*parameter).to_owned()),
        ["body" | "query" | "header" | "path" | "cookie", ..] | [] => None,
        [parameter, ..] => Some((*parameter).to_owned()),
    };
    FieldError { path, message: message.to_owned(), parameter, input: input.map(|input| input.get().to_owned()) }
}

/// `messages[0].content` and `messages.0.content` alike.
fn split_path(path: &str) -> Vec<String> {
    path.split(['.', '[', ']']).filter(|step| !step.is_empty()).map(str::to_owned).collect()
}

/// `body.messages[0].content`.
fn join_path(path: &[String]) -> String {
    let mut joined = String::new();
    for step in path {
        if step.bytes().all(|byte| byte.is_ascii_digit()) {
            joined.push_str(&format!("[{step}]"));
        } else {
            if !joined.is_empty() {
                joined.push('.');
            }
            joined.push_str(step);
        }
    }
    joined
}
