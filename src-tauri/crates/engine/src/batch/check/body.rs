//! The body of a line, held against what is known of its endpoint. Members that no table knows are left alone.

use std::borrow::Cow;
use std::collections::HashMap;

use juxta_wire::batch::BatchFaultKind;
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::params::{self, ParameterSpec};

use super::request::{Found, keep, without_stream};
use crate::batch::pick::{Raw, each, pick, picked, present, text};
use crate::batch::tokens;
use crate::batch::words::number;

/// What is read beside the parameters of the table.
const BESIDE: [&str; 7] =
    ["model", "stream", "previous_response_id", "conversation", "prompt", "tools", "instructions"];

#[derive(Debug, Default)]
pub(super) struct Asked<'a> {
    pub model: Option<Cow<'a, str>>,
    /// Of what goes in, roughly.
    pub tokens: u64,
    pub fault: Option<Found>,
}

impl Asked<'_> {
    pub fn wrong(fault: Found) -> Self {
        Self { fault: Some(fault), ..Self::default() }
    }
}

pub(super) fn read<'a>(
    line: &'a str,
    body: &'a str,
    endpoint: EndpointKind,
    table: &[ParameterSpec],
    windows: &HashMap<String, u64>,
) -> Asked<'a> {
    let content_name = endpoint.content_member();
    let names: Vec<&str> = BESIDE.into_iter().chain(content_name).chain(table.iter().map(|spec| spec.name)).collect();
    // Of a name that stands there twice only the first is filled.
    let values = pick(body, &names).unwrap_or_default();
    let value = |name: &str| -> Raw<'a> {
        names.iter().position(|known| *known == name).and_then(|at| values.get(at).copied().flatten())
    };
    let model = text(value("model")).filter(|model| !model.is_empty());
    let content = content_name.and_then(value);
    let counted = [content, value("tools"), value("instructions")];
    let tokens = counted.iter().flatten().map(|raw| tokens::estimate(raw.get())).sum();

    let missing = |name: &str| {
        let message = format!("body has no {name}, which this endpoint needs.");
        Some(Found::of(BatchFaultKind::MissingField, line, body, message))
    };
    let begins =
        ["previous_response_id", "conversation", "prompt"].into_iter().any(|name| present(value(name)).is_some());
    let content_fault = || match (content_name, present(content)) {
        (None, _) => None,
        (Some(_), None) if endpoint == EndpointKind::Responses && begins => None,
        (Some(name), None) => missing(name),
        (Some(name), Some(raw)) => {
            let message = content_problem(endpoint, name, raw.get())?;
            Some(Found { mend: keep(line), ..Found::of(BatchFaultKind::Field, line, raw.get(), message) })
        }
    };
    let stream = value("stream").filter(|stream| stream.get() == "true");
    let stream_fault = || {
        let message = "A queue gives whole answers, so there is nothing to stream.".to_owned();
        let found = Found::of(BatchFaultKind::Stream, line, stream?.get(), message);
        Some(Found { mend: without_stream(line), ..found })
    };
    let misfit = || {
        table.iter().filter(|spec| spec.name != "stream").find_map(|spec| {
            let raw = value(spec.name)?;
            let problem = params::check(spec, raw.get())?;
            let message = format!("{}: {}.", spec.name, problem.message);
            Some(Found { mend: keep(line), ..Found::of(BatchFaultKind::Field, line, raw.get(), message) })
        })
    };
    let too_long = || {
        let most = *windows.get(model.as_deref()?)?;
        let message = format!("≈ {} tokens in, and {} takes {}.", number(tokens), model.as_deref()?, number(most));
        // The count is rough: whoever knows better can send the line.
        let found = Found::of(BatchFaultKind::TooLong, line, content.map_or(body, |raw| raw.get()), message);
        (tokens > most).then(|| Found { mend: keep(line), ..found })
    };
    let no_model = if model.is_none() { missing("model") } else { None };
    let fault = no_model.or_else(content_fault).or_else(stream_fault).or_else(misfit).or_else(too_long);
    Asked { model, tokens, fault }
}

/// What is wrong with the form of what an endpoint is given.
fn content_problem(endpoint: EndpointKind, name: &str, json: &str) -> Option<String> {
    let is_text = json.starts_with('"');
    let is_list = json.starts_with('[');
    match endpoint {
        EndpointKind::Chat => {
            let (mut at, mut without_role) = (0, None);
            let count = each(json, &mut |message| {
                let [role] = picked(message, ["role"]);
                if text(role).is_none() {
                    without_role.get_or_insert(at);
                }
                at += 1;
            });
            match (count, without_role) {
                (None | Some(0), _) => Some(format!("{name} is to be a list of messages, with one at least.")),
                (_, Some(at)) => Some(format!("{name}.{at} has no role.")),
                _ => None,
            }
        }
        EndpointKind::Embed | EndpointKind::Responses | EndpointKind::Completions => match json {
            "[]" | "\"\"" if endpoint == EndpointKind::Embed => Some(format!("{name} is empty.")),
            _ if is_text || is_list => None,
            _ => Some(format!("{name} is to be a text or a list.")),
        },
        EndpointKind::Generate | EndpointKind::Image | EndpointKind::Synthesize => {
            (!is_text).then(|| format!("{name} is to be a text."))
        }
        EndpointKind::Generic | EndpointKind::Transcribe | EndpointKind::Models => None,
    }
}
