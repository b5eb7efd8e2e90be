//! A lane's request body as JSON that a person edits, and the way back into draft and lane.

mod align;
mod by_hand;

use std::collections::HashSet;
use std::ops::Range;

use juxta_client::endpoints::{Encoded, chat};
use juxta_client::import::body::{self, Body, Problem};
use juxta_client::json;
use juxta_wire::body_edit::{BodyEdit, BodyProblem, Severity};
use juxta_wire::draft::{Content, Message, Parameter, Part, sort_members};
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
    /// of another endpoint than the base, and where the form would not send the same, the text becomes the body that is
    /// sent to the byte.
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

/// Does the form send what `text` says? White space between values does not matter.
fn form_says(comparison: &Comparison, index: usize, text: &str, dialect: Option<Dialect>) -> bool {
    let body = form_body(comparison, &comparison.lanes[index], dialect);
    body.is_ok_and(|body| json::compact(&body) == json::compact(text))
}

/// What the messages became has no text of its own.
fn parameters_of(form: Encoded) -> Vec<Parameter> {
    let keys = form.keys.into_iter().filter(|key| key.name != "model" && !key.json.is_empty());
    keys.map(|key| Parameter::new(key.name, key.json)).collect()
}

/// The draft is written in the words of the base lane. Of another endpoint the way back into it is not known.
fn is_form_of_draft(comparison: &Comparison, lane: &Lane) -> bool {
    comparison.lanes.first().is_none_or(|base| base.endpoint == lane.endpoint)
}

fn apply(comparison: &Comparison, index: usize, text: &str, dialect: Option<Dialect>) -> BodyEdit {
    let lane = &comparison.lanes[index];
    let read = is_form_of_draft(comparison, lane).then(|| body::read(lane.endpoint, text));
    let form = read.and_then(|read| in_form(comparison, index, read, text, dialect));
    let (members, mut problems, changed) = form.unwrap_or_else(|| {
        let read = by_hand::read(text);
        let mut changed = comparison.clone();
        changed.lanes[index].raw_body = Some(text.to_owned());
        (read.members, read.problems, changed)
    });
    let table = dialect.map(|dialect| params::table(lane.endpoint, dialect));
    problems.extend(table.iter().flat_map(|table| misfits(table, &members)));
    let can_apply = problems.iter().all(|problem| problem.severity == Severity::Warning);
    let is_unchanged = || form_says(comparison, index, text, dialect);
    let changed = match () {
        () if !can_apply => None,
        () if lane.raw_body.is_none() && is_unchanged() => Some(comparison.clone()),
        () => Some(changed),
    };
    problems.sort_by_key(|problem| (problem.severity == Severity::Warning, problem.span.start));
    problems.truncate(MOST_PROBLEMS);
    BodyEdit { comparison: changed, problems: in_utf16(text, problems) }
}

/// The members of a body, what is wrong with them, and the comparison that says the same.
type Edit = (Vec<(Parameter, Range<usize>)>, Vec<Problem>, Comparison);

/// `read` where the form keeps it; `None` when the form would not send what the text says. A chat has a form for
/// everything that a chat can be, so what does not fit there is an error of the text.
fn in_form(comparison: &Comparison, index: usize, read: Body, text: &str, dialect: Option<Dialect>) -> Option<Edit> {
    let is_chat = comparison.lanes[index].endpoint == EndpointKind::Chat;
    let is_sound = read.problems.iter().all(|problem| problem.severity == Severity::Warning);
    if !is_chat && !is_sound {
        return None;
    }
    let members = read.parameters.iter().cloned().zip(read.spans.iter().cloned()).collect();
    let problems = read.problems.clone();
    let changed = rebuilt(comparison, index, read, dialect);
    (is_chat || form_says(&changed, index, text, dialect)).then_some((members, problems, changed))
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
fn rebuilt(comparison: &Comparison, index: usize, mut read: Body, dialect: Option<Dialect>) -> Comparison {
    let mut changed = comparison.clone();
    let endpoint = comparison.lanes[index].endpoint;
    let names = |read: &Body| match read.order.is_empty() {
        false => read.order.clone(),
        true => usual_order(endpoint, read.parameters.iter().map(|parameter| parameter.name.as_str())),
    };
    let wanted = names(&read);
    let keeps_messages = !says_messages(comparison, index, &read, dialect);
    let lane = &mut changed.lanes[index];
    lane.raw_body = None;
    lane.model = std::mem::take(&mut read.model);
    if !keeps_messages {
        let place = lane.forked_messages.as_mut().unwrap_or(&mut changed.draft.messages);
        *place = merged_messages(place, read.messages);
        changed.draft.text_input = read.is_text;
    }

    if endpoint == EndpointKind::Embed {
        // A body holds the first slice of the texts.
        let to = changed.draft.slices().next().map_or(0, |(_, to)| to);
        changed.draft.texts.splice(..to, read.texts);
        changed.draft.text_input = read.is_text;
    }

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

/// Whether a body says something about the messages that the draft does not: args of generic inference are a parameter,
/// and a prompt that several messages became stays theirs as long as its text is the same.
fn says_messages(comparison: &Comparison, index: usize, read: &Body, dialect: Option<Dialect>) -> bool {
    let lane = &comparison.lanes[index];
    match lane.endpoint {
        EndpointKind::Generic | EndpointKind::Embed | EndpointKind::Transcribe | EndpointKind::Models => false,
        EndpointKind::Chat | EndpointKind::Responses => true,
        EndpointKind::Generate | EndpointKind::Completions | EndpointKind::Image | EndpointKind::Synthesize => {
            let before = form_body(comparison, lane, dialect).map(|before| body::read(lane.endpoint, &before).messages);
            let texts = |messages: &[Message]| -> Vec<Content> {
                messages.iter().map(|message| message.content.clone()).collect()
            };
            before.map_or(true, |before| texts(&before) != texts(&read.messages))
        }
    }
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

fn usual_order<'a>(endpoint: EndpointKind, parameters: impl Iterator<Item = &'a str>) -> Vec<String> {
    body::leading(endpoint).into_iter().chain(parameters).map(str::to_owned).collect()
}

/// Orders are said in the words of the base.
fn base_endpoint(comparison: &Comparison) -> EndpointKind {
    comparison.lanes.first().map_or(EndpointKind::Chat, |base| base.endpoint)
}

/// Names of the members of a lane in the order sent.
fn sent_order(comparison: &Comparison, lane: &Lane, order: &[String]) -> Vec<String> {
    let keys = effective_parameters(&comparison.draft, lane);
    let mut names = usual_order(base_endpoint(comparison), keys.iter().map(|key| key.name.as_str()));
    sort_members(&mut names, order, |name| name);
    names
}

/// The draft's order under which the lane at `index` sends `wanted`, with as little said as possible: all lanes share it.
fn order_for(comparison: &Comparison, index: usize, wanted: Vec<String>) -> Vec<String> {
    let draft = &comparison.draft;
    let lane = &comparison.lanes[index];
    if sent_order(comparison, lane, &draft.order) == wanted {
        return draft.order.clone();
    }
    let mut merged = wanted.clone();
    let rest = match draft.order.is_empty() {
        true => {
            usual_order(base_endpoint(comparison), draft.parameters.iter().map(|parameter| parameter.name.as_str()))
        }
        false => draft.order.clone(),
    };
    for (at, name) in rest.iter().enumerate() {
        if !merged.contains(name) {
            let before = rest[..at].iter().rev().find_map(|before| merged.iter().position(|known| known == before));
            merged.insert(before.map_or(0, |before| before + 1), name.clone());
        }
    }
    let is_needless = sent_order(comparison, lane, &[]) == wanted
        && comparison
            .lanes
            .iter()
            .all(|lane| sent_order(comparison, lane, &[]) == sent_order(comparison, lane, &merged));
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
