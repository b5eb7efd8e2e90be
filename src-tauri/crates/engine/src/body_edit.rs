//! A lane's request body as JSON that a person edits, and the way back into draft and lane.

mod align;
mod by_hand;

use std::collections::HashSet;
use std::ops::Range;

use juxta_client::endpoints::{Encoded, chat};
use juxta_client::import::chat::{self as body, ChatBody, Problem};
use juxta_client::json;
use juxta_wire::body_edit::{BodyEdit, BodyProblem, Severity};
use juxta_wire::draft::{Content, Draft, Message, Parameter, Part, sort_members};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::AppError;
use juxta_wire::ids::LaneId;
use juxta_wire::lane::{Comparison, Lane, Override};
use juxta_wire::params::{self, ParameterTable};

use crate::resolve::{self, effective_parameters};
use crate::{Engine, not_found};

/// More would not be read.
const MOST_PROBLEMS: usize = 100;

impl Engine {
    /// The body that a lane would send, as indented JSON and before variables are filled in; a body that was written by
    /// hand as it is. Neither a model nor a message is needed yet.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for the field whose value is no JSON, [`AppError::NotFound`] for a lane that is not there.
    pub fn lane_body(&self, comparison: &Comparison, lane: &LaneId) -> Result<String, AppError> {
        let lane = comparison.lanes.iter().find(|known| known.id == *lane).ok_or_else(|| not_found("The lane"))?;
        match &lane.raw_body {
            Some(text) => Ok(text.clone()),
            None => Ok(json::indented(&form_body(comparison, lane, self.dialect_of(lane))?)),
        }
    }

    /// Reads the body of a lane back. What it says about the lane goes where the form keeps it: parameters of the base
    /// into the draft, of another lane into its overrides, messages into the draft unless the lane has its own. For a lane
    /// that is no chat, or whose draft was not written for a chat, the text becomes the body that is sent to the byte.
    pub fn apply_body(&self, comparison: &Comparison, lane: &LaneId, text: &str) -> BodyEdit {
        let Some(index) = comparison.lanes.iter().position(|known| known.id == *lane) else {
            let message = "This lane is not there any more.".to_owned();
            let problem = BodyProblem { start: 0, end: 0, severity: Severity::Error, path: String::new(), message };
            return BodyEdit { comparison: None, problems: vec![problem] };
        };
        let lane = &comparison.lanes[index];
        apply(comparison, index, text, self.dialect_of(lane))
    }

    /// What a lane sends beside model and messages, in the words of its own endpoint and before variables are filled in:
    /// what its draft would hold if it were the base. Neither a model nor a message is needed yet.
    ///
    /// # Errors
    /// As [`Engine::lane_body`].
    pub fn lane_parameters(&self, comparison: &Comparison, lane: &LaneId) -> Result<Vec<Parameter>, AppError> {
        let lane = comparison.lanes.iter().find(|known| known.id == *lane).ok_or_else(|| not_found("The lane"))?;
        Ok(parameters_of(resolve::form(comparison, lane, self.dialect_of(lane))?))
    }

    fn dialect_of(&self, lane: &Lane) -> Option<Dialect> {
        self.ready_connection(&lane.connection).ok().map(|connection| connection.dialect)
    }
}

/// On one line, variables as they are.
fn form_body(comparison: &Comparison, lane: &Lane, dialect: Option<Dialect>) -> Result<String, AppError> {
    Ok(String::from_utf8_lossy(&resolve::form(comparison, lane, dialect)?.bytes).into_owned())
}

/// What the messages became has no text of its own.
fn parameters_of(form: Encoded) -> Vec<Parameter> {
    let keys = form.keys.into_iter().filter(|key| key.name != "model" && !key.json.is_empty());
    keys.map(|key| Parameter::new(key.name, key.json)).collect()
}

/// Of another endpoint the way back into the draft is not known, so there the text itself becomes the body.
fn is_form_of_draft(comparison: &Comparison, lane: &Lane) -> bool {
    let is_chat = |lane: &Lane| lane.endpoint == EndpointKind::Chat;
    is_chat(lane) && comparison.lanes.first().is_none_or(is_chat)
}

fn apply(comparison: &Comparison, index: usize, text: &str, dialect: Option<Dialect>) -> BodyEdit {
    let lane = &comparison.lanes[index];
    let (parameters, mut problems, read) = match is_form_of_draft(comparison, lane) {
        true => {
            let read = body::read(text);
            let parameters = read.parameters.iter().cloned().zip(read.spans.iter().cloned()).collect();
            (parameters, read.problems.clone(), Some(read))
        }
        false => {
            let read = by_hand::read(text);
            (read.members, read.problems, None)
        }
    };
    let table = dialect.map(|dialect| params::table(lane.endpoint, dialect));
    problems.extend(table.iter().flat_map(|table| misfits(table, &parameters)));
    let can_apply = problems.iter().all(|problem| problem.severity == Severity::Warning);
    let is_unchanged =
        || form_body(comparison, lane, dialect).is_ok_and(|before| json::compact(&before) == json::compact(text));
    let changed = match read {
        _ if !can_apply => None,
        _ if lane.raw_body.is_none() && is_unchanged() => Some(comparison.clone()),
        Some(read) => Some(rebuilt(comparison, index, read)),
        None => {
            let mut changed = comparison.clone();
            changed.lanes[index].raw_body = Some(text.to_owned());
            Some(changed)
        }
    };
    problems.sort_by_key(|problem| (problem.severity == Severity::Warning, problem.span.start));
    problems.truncate(MOST_PROBLEMS);
    BodyEdit { comparison: changed, problems: in_utf16(text, problems) }
}

/// Values that the table of the endpoint finds something wrong with.
fn misfits(table: &ParameterTable, members: &[(Parameter, Range<usize>)]) -> Vec<Problem> {
    let found = members.iter().filter_map(|(parameter, span)| {
        let spec = table.parameters.iter().find(|spec| spec.name == parameter.name)?;
        let found = params::check(spec, &parameter.json)?;
        let path = parameter.name.clone();
        Some(Problem { span: span.clone(), severity: Severity::Warning, path, message: found.message })
    });
    found.collect()
}

/// The comparison in which the lane at `index` sends `read`.
fn rebuilt(comparison: &Comparison, index: usize, mut read: ChatBody) -> Comparison {
    let mut changed = comparison.clone();
    let names = |read: &ChatBody| match read.order.is_empty() {
        false => read.order.clone(),
        true => usual_order(read.parameters.iter().map(|parameter| parameter.name.as_str())),
    };
    let wanted = names(&read);
    let lane = &mut changed.lanes[index];
    lane.model = std::mem::take(&mut read.model);
    let place = lane.forked_messages.as_mut().unwrap_or(&mut changed.draft.messages);
    *place = merged_messages(place, read.messages);

    let keys = effective_parameters(&comparison.draft, &comparison.lanes[index]);
    let mut before: Vec<Parameter> = keys.into_iter().map(|key| Parameter::new(key.name, key.json)).collect();
    sort_members(&mut before, &comparison.draft.order, |parameter| &parameter.name);
    let known: Vec<Parameter> = before.iter().chain(&comparison.draft.parameters).cloned().collect();
    let parameters = respelled(&known, read.parameters);
    if parameters != before {
        let lane = &mut changed.lanes[index];
        if index == 0 {
            lane.overrides.clear();
            changed.draft.parameters = parameters;
        } else {
            lane.overrides = overrides(&changed.draft.parameters, parameters);
        }
    }
    changed.draft.order = order_for(&changed, index, wanted);
    changed
}

/// What a lane that is not the base says beside the draft.
fn overrides(draft: &[Parameter], wanted: Vec<Parameter>) -> Vec<Override> {
    let sent: HashSet<String> = wanted.iter().map(|parameter| parameter.name.clone()).collect();
    let unset = draft.iter().filter(|parameter| !sent.contains(&parameter.name));
    let unset: Vec<Override> = unset.map(|parameter| Override::Unset { name: parameter.name.clone() }).collect();
    let set = wanted.into_iter().filter(|parameter| !draft.contains(parameter));
    set.map(|parameter| Override::Set { parameter }).chain(unset).collect()
}

/// White space is not the person's choice here: the text they edited was laid out for them. So a value that differs in
/// nothing else keeps the text it had, and a new one is written without.
fn respelled(before: &[Parameter], read: Vec<Parameter>) -> Vec<Parameter> {
    read.into_iter()
        .map(|parameter| {
            let json = json::compact(&parameter.json);
            let old = before.iter().find(|old| old.name == parameter.name && json::compact(&old.json) == json);
            Parameter { json: old.map_or(json, |old| old.json.clone()), name: parameter.name }
        })
        .collect()
}

fn merged_messages(old: &[Message], read: Vec<Message>) -> Vec<Message> {
    let sent: Vec<&Message> = old.iter().filter(|message| !message.muted).collect();
    let before: Vec<Option<String>> = sent.iter().map(|message| written(message)).collect();
    let after: Vec<Option<String>> = read.iter().map(written).collect();
    let pairs = align::pair(&before, &after);
    let fresh = read.into_iter().zip(&pairs).zip(&after).map(|((message, pair), text)| match pair {
        Some(at) if before[*at] == *text => sent[*at].clone(),
        Some(at) => Message { id: sent[*at].id.clone(), ..respelled_message(sent[*at], message) },
        None => respelled_message(&Message::text(message.role, ""), message),
    });
    let mut merged: Vec<Message> = fresh.collect();
    put_back_muted(old, &pairs, &mut merged);
    merged
}

/// As it goes into a body; `None` when it cannot, which no message that was read from one can be equal to.
fn written(message: &Message) -> Option<String> {
    let bytes = chat::encode_message(message).ok()?;
    Some(json::compact(&String::from_utf8_lossy(&bytes)))
}

fn respelled_message(old: &Message, mut read: Message) -> Message {
    read.members = respelled(&old.members, read.members);
    if let Content::Parts { parts } = &mut read.content {
        for (at, part) in parts.iter_mut().enumerate() {
            let Part::Raw { json } = part else { continue };
            let compact = json::compact(json);
            let old = match &old.content {
                Content::Parts { parts } => parts.get(at),
                Content::Text { .. } | Content::Null | Content::Absent => None,
            };
            *json = match old {
                Some(Part::Raw { json: old }) if json::compact(old) == compact => old.clone(),
                _ => compact,
            };
        }
    }
    read
}

/// Each muted message goes behind the message it stood behind, or where that was.
fn put_back_muted(old: &[Message], pairs: &[Option<usize>], merged: &mut Vec<Message>) {
    let mut sent_before = 0;
    let mut shift = 0;
    for message in old {
        if !message.muted {
            sent_before += 1;
            continue;
        }
        let behind = pairs.iter().rposition(|pair| pair.is_some_and(|at| at < sent_before));
        merged.insert(behind.map_or(0, |at| at + 1) + shift, message.clone());
        shift += 1;
    }
}

fn usual_order<'a>(parameters: impl Iterator<Item = &'a str>) -> Vec<String> {
    ["model", "messages"].into_iter().chain(parameters).map(str::to_owned).collect()
}

/// Names of the members of a lane in the order sent.
fn sent_order(draft: &Draft, lane: &Lane, order: &[String]) -> Vec<String> {
    let keys = effective_parameters(draft, lane);
    let mut names = usual_order(keys.iter().map(|key| key.name.as_str()));
    sort_members(&mut names, order, |name| name);
    names
}

/// The draft's order under which the lane at `index` sends `wanted`, with as little said as possible: all lanes share it.
fn order_for(comparison: &Comparison, index: usize, wanted: Vec<String>) -> Vec<String> {
    let draft = &comparison.draft;
    let lane = &comparison.lanes[index];
    if sent_order(draft, lane, &draft.order) == wanted {
        return draft.order.clone();
    }
    let mut merged = wanted.clone();
    let rest = match draft.order.is_empty() {
        true => usual_order(draft.parameters.iter().map(|parameter| parameter.name.as_str())),
        false => draft.order.clone(),
    };
    for (at, name) in rest.iter().enumerate() {
        if !merged.contains(name) {
            let before = rest[..at].iter().rev().find_map(|before| merged.iter().position(|known| known == before));
            merged.insert(before.map_or(0, |before| before + 1), name.clone());
        }
    }
    let is_needless = sent_order(draft, lane, &[]) == wanted
        && comparison.lanes.iter().all(|lane| sent_order(draft, lane, &[]) == sent_order(draft, lane, &merged));
    if is_needless { Vec::new() } else { merged }
}

/// Places in the units in which the page counts.
fn in_utf16(text: &str, problems: Vec<Problem>) -> Vec<BodyProblem> {
    let units = |range: Range<usize>| text[range].encode_utf16().count() as u32;
    problems
        .into_iter()
        .map(|problem| {
            let start = units(0..problem.span.start);
            let end = start + units(problem.span);
            BodyProblem { start, end, severity: problem.severity, path: problem.path, message: problem.message }
        })
        .collect()
}

#[cfg(test)]
mod tests;
