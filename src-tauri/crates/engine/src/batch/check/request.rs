//! One line: what it asks for, and the first thing that is wrong with it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use juxta_client::{json, providers};
use juxta_wire::batch::{BatchFaultKind, BatchMend};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::params::{self, ParameterSpec};
use serde_json::value::RawValue;

use super::ids::{Digest, Ids, digest};
use super::{Rules, body};
use crate::batch::edit::{with_first_member, with_json_at, without_members, without_stray_commas};
use crate::batch::mend::KEEP;
use crate::batch::pick::{Raw, pick, present, span_in, text};
use crate::batch::words::number as number_words;

/// In a longer line nothing is looked for that needs all of it in memory as a tree, and none is mended.
const LARGEST_MENDED: usize = 1_000_000;
/// Some programs begin a file of UTF-8 with it.
const MARK: char = '\u{FEFF}';

/// What is wrong with a line, and where.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub kind: BatchFaultKind,
    /// Where the excerpt may begin.
    pub from: usize,
    pub span: Range<usize>,
    pub message: String,
    pub mend: Option<BatchMend>,
}

/// What a line asks for.
#[derive(Debug, Default)]
pub(super) struct Seen<'a> {
    pub id: Option<Digest>,
    pub endpoint: Option<EndpointKind>,
    pub model: Option<Cow<'a, str>>,
    pub tokens: u64,
    pub fault: Option<Found>,
}

/// What lines are held against.
pub(super) struct Reader<'r> {
    pub rules: &'r Rules,
    /// The one endpoint that all lines shall have.
    pub only: Option<EndpointKind>,
    pub tables: HashMap<EndpointKind, Vec<ParameterSpec>>,
}

impl Reader<'_> {
    /// Reads the line with this number. Its `custom_id` is held against those that are known, and is not kept.
    pub fn read<'a>(&mut self, line: &'a str, number: u64, ids: &mut Ids) -> Seen<'a> {
        if let Some(rest) = line.strip_prefix(MARK) {
            let message = "Before the line stands a byte order mark, which most servers do not take.".to_owned();
            let found = Found::of(BatchFaultKind::Json, line, line, message);
            let fault = Some(Found {
                span: 0..MARK.len_utf8(),
                mend: replace("Remove mark", line, || Some(rest.to_owned())),
                ..found
            });
            return Seen { fault, ..self.read(rest, number, ids) };
        }
        let members = match pick(line, &["custom_id", "method", "url", "body"]) {
            Ok(members) => members,
            Err(error) => return Seen { fault: Some(no_object(line, &error)), ..Seen::default() },
        };
        let [id, method, url, body] = std::array::from_fn(|at| members.get(at).copied().flatten());
        let known = text(id).filter(|id| !id.is_empty()).map(|id| digest(&id));
        let (endpoint, url_fault) = self.endpoint(line, url);
        let asked = self.body(line, endpoint, body);
        let fault =
            id_fault(line, id, number, ids).or_else(|| method_fault(line, method)).or(url_fault).or(asked.fault);
        Seen { id: known, endpoint, fault, model: asked.model, tokens: asked.tokens }
    }

    fn endpoint(&self, line: &str, url: Raw<'_>) -> (Option<EndpointKind>, Option<Found>) {
        let kind = BatchFaultKind::Endpoint;
        let dialect = self.rules.dialect;
        let Some(address) = text(url) else {
            let message = "There is no url, which says what the line calls.".to_owned();
            let mend = self.only.and_then(|only| path_of(dialect, only)).and_then(|path| match url {
                Some(url) => at_value(&format!("Set {path}"), line, url, &path),
                None => first_member(&format!("Set {path}"), line, "url", &path),
            });
            let found = Found::of(kind, line, url.map_or(line, RawValue::get), message);
            return (self.only, Some(Found { mend, ..found }));
        };
        let called = providers::endpoint_of(&address);
        let found = |message: String, wanted: Option<EndpointKind>| {
            let path = wanted.and_then(|wanted| path_of(dialect, wanted));
            let mend = path.and_then(|path| at_value(&format!("Set {path}"), line, url?, &path));
            Some(Found { mend, ..Found::of(kind, line, url.map_or(line, RawValue::get), message) })
        };
        match called {
            Some((_, EndpointKind::Transcribe)) => {
                (None, found("A transcription sends a file along, which a line cannot hold.".to_owned(), None))
            }
            Some((_, endpoint)) if self.only.is_some_and(|only| only != endpoint) => {
                let only = self.only.and_then(|only| path_of(dialect, only)).unwrap_or_default();
                let message =
                    format!("The lines of this batch call {only}, and its queue takes one endpoint at a time.");
                (None, found(message, None))
            }
            Some((spoken, endpoint)) if spoken == dialect && address.starts_with('/') => (Some(endpoint), None),
            Some((_, endpoint)) if dialect.has(endpoint) => {
                let wanted = path_of(dialect, endpoint).unwrap_or_default();
                (Some(endpoint), found(format!("Here the path of this call is {wanted}."), Some(endpoint)))
            }
            _ => (None, found("This is no endpoint of this provider that a batch can call.".to_owned(), None)),
        }
    }

    fn body<'a>(&mut self, line: &'a str, endpoint: Option<EndpointKind>, body: Raw<'a>) -> body::Asked<'a> {
        let Some(body) = present(body) else {
            let message = "There is no body, which is what the call sends.".to_owned();
            return body::Asked::wrong(Found::of(BatchFaultKind::MissingField, line, line, message));
        };
        if !body.get().starts_with('{') {
            let message = "body is to be an object, between { and }.".to_owned();
            return body::Asked::wrong(Found::of(BatchFaultKind::Field, line, body.get(), message));
        }
        let Some(endpoint) = endpoint else { return body::Asked::default() };
        let dialect = self.rules.dialect;
        let table = self.tables.entry(endpoint).or_insert_with(|| params::table(endpoint, dialect).parameters);
        body::read(line, body.get(), endpoint, table, &self.rules.windows)
    }
}

impl Found {
    /// A fault at `part` of `line`, which shows the member that it is the value of.
    pub fn of(kind: BatchFaultKind, line: &str, part: &str, message: String) -> Self {
        let span = span_in(line, part);
        let before = line[..span.start].trim_end();
        let name = before.strip_suffix(':').map(str::trim_end).and_then(|before| before.strip_suffix('"'));
        let from = name.and_then(|name| name.rfind('"')).unwrap_or(0);
        Self { kind, from, span, message, mend: None }
    }
}

/// The path of an endpoint as lines name it.
pub(crate) fn path_of(dialect: Dialect, endpoint: EndpointKind) -> Option<String> {
    let url = providers::url("https://provider.invalid", dialect, endpoint).ok()?;
    Some(url.path().to_owned())
}

/// A mend, where the line is short enough for one and can be changed so.
pub(super) fn replace(label: &str, line: &str, text: impl FnOnce() -> Option<String>) -> Option<BatchMend> {
    let text = if line.len() <= LARGEST_MENDED { text() } else { None };
    Some(BatchMend::Replace { label: label.to_owned(), text: text.filter(|text| !text.contains(['\n', '\r']))? })
}

pub(super) fn keep(line: &str) -> Option<BatchMend> {
    replace(KEEP, line, || Some(line.to_owned()))
}

pub(super) fn without_stream(line: &str) -> Option<BatchMend> {
    // What only says how to stream is refused without a stream.
    replace("Remove stream", line, || without_members(line, "/body", &["stream", "stream_options"]))
}

fn at_value(label: &str, line: &str, value: &RawValue, text: &str) -> Option<BatchMend> {
    let json = serde_json::Value::from(text).to_string();
    replace(label, line, || Some(with_json_at(line, span_in(line, value.get()), &json)))
}

fn first_member(label: &str, line: &str, name: &str, text: &str) -> Option<BatchMend> {
    replace(label, line, || with_first_member(line, name, &serde_json::Value::from(text).to_string()))
}

fn no_object(line: &str, error: &serde_json::Error) -> Found {
    let at = |span: Range<usize>, message: String| {
        let mend = replace("Remove comma", line, || without_stray_commas(line));
        Found { kind: BatchFaultKind::Json, from: 0, span, message, mend }
    };
    if line.len() > LARGEST_MENDED {
        // Columns count bytes, from 1.
        let mut start = error.column().saturating_sub(1).min(line.len());
        while !line.is_char_boundary(start) {
            start -= 1;
        }
        return at(start..line.len().min(start + 1), "From here on this is no JSON object.".to_owned());
    }
    match json::parse(line) {
        Err(fault) => at(fault.span, fault.message),
        Ok(_) => at(span_in(line, line.trim()), "A line is one JSON object, between { and }.".to_owned()),
    }
}

fn id_fault(line: &str, id: Raw<'_>, number: u64, ids: &mut Ids) -> Option<Found> {
    let Some(id) = present(id) else {
        let message = "There is no custom_id, by which its answer could be found.".to_owned();
        let free = ids.free(&format!("line-{number}"));
        let mend = match id {
            Some(null) => at_value("Add id", line, null, &free),
            None => first_member("Add id", line, "custom_id", &free),
        };
        let found = Found::of(BatchFaultKind::MissingId, line, id.map_or(line, RawValue::get), message);
        return Some(Found { mend, ..found });
    };
    let found = |kind, message: String, label: &str, wish: &str, ids: &mut Ids| {
        let mend = at_value(label, line, id, &ids.free(wish));
        Some(Found { mend, ..Found::of(kind, line, id.get(), message) })
    };
    let Some(known) = text(Some(id)) else {
        let message = "custom_id is to be a text.".to_owned();
        let is_number =
            id.get().len() <= 40 && id.get().starts_with(|first: char| first == '-' || first.is_ascii_digit());
        let wish = if is_number { id.get().to_owned() } else { format!("line-{number}") };
        return found(BatchFaultKind::MissingId, message, "Rename", &wish, ids);
    };
    if known.is_empty() {
        let message = "custom_id is empty, so its answer could not be found.".to_owned();
        return found(BatchFaultKind::MissingId, message, "Add id", &format!("line-{number}"), ids);
    }
    let first = ids.line_of(&digest(&known))?;
    let message = format!("First used on line {}.", number_words(first));
    found(BatchFaultKind::DuplicateId, message, "Rename", &known, ids)
}

fn method_fault(line: &str, method: Raw<'_>) -> Option<Found> {
    let kind = BatchFaultKind::Method;
    match method {
        None => {
            let message = "There is no method. A queue takes POST.".to_owned();
            let mend = first_member("Set POST", line, "method", "POST");
            Some(Found { mend, ..Found::of(kind, line, line, message) })
        }
        Some(method) if text(Some(method)).as_deref() == Some("POST") => None,
        Some(method) => {
            let mend = at_value("Set POST", line, method, "POST");
            Some(Found {
                mend,
                ..Found::of(kind, line, method.get(), "A queue takes POST and nothing else.".to_owned())
            })
        }
    }
}
