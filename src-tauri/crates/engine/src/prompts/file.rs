//! A prompt as a JSON file that people read, compare and merge line by line.
//!
//! Every text stands on lines of its own, so that two people who change different lines change different lines of the
//! file. Values of parameters stand as they were spelled. What a later version or a person added at the outermost level is
//! kept when the file is written again.

mod layout;
mod matrix;
mod plan;
mod read;

use juxta_wire::draft::{Content, Draft, Grid, Message, Parameter, Part};
use juxta_wire::ids::ConnectionId;
use juxta_wire::lane::{Comparison, Lane, Override};
use serde_json::value::RawValue;

use layout::Layout;
pub use matrix::{other_matrix_members, read_matrix, write_matrix};
pub use read::{Unread, other_members, read};

/// The ending of the file's name.
pub const ENDING: &str = ".prompt.json";
/// What the first member says.
const FORMAT: &str = "juxta-prompt/1";

/// What a file says of a connection: its id may mean nothing on another machine, its name may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedConnection {
    pub id: ConnectionId,
    pub name: String,
}

/// The file of `comparison`. `name_of` names a connection; `others` are members of the file that are none of the prompt's,
/// with their JSON.
pub fn write(
    comparison: &Comparison,
    name_of: &dyn Fn(&ConnectionId) -> String,
    others: Vec<(String, String)>,
) -> String {
    let mut members = members(FORMAT, comparison, name_of);
    members.extend(others.into_iter().map(|(name, json)| (name, Layout::Raw(json))));
    Layout::Object(members).to_text()
}

/// All that a file says of a comparison.
fn members(format: &str, comparison: &Comparison, name_of: &dyn Fn(&ConnectionId) -> String) -> Vec<(String, Layout)> {
    let Comparison { id, name, draft, lanes, repeats } = comparison;
    let mut members = vec![
        ("format".to_owned(), Layout::text(format)),
        ("id".to_owned(), Layout::text(id.as_str())),
        ("name".to_owned(), Layout::text(name)),
    ];
    members.extend(draft_members(draft));
    members.push(("lanes".to_owned(), Layout::List(lanes.iter().map(|lane| lane_layout(lane, name_of)).collect())));
    if *repeats != 1 {
        members.push(("repeats".to_owned(), Layout::Raw(repeats.to_string())));
    }
    members
}

fn draft_members(draft: &Draft) -> Vec<(String, Layout)> {
    let Draft { messages, parameters, variables, order, text_input, tool_plan, reasoning_back, dataset, .. } = draft;
    let Draft { texts, batch, recording, grid, checks, .. } = draft;
    let mut members = vec![("messages".to_owned(), messages_layout(messages))];
    if !variables.is_empty() {
        members.push(("variables".to_owned(), Layout::List(variables.iter().map(plan::variable).collect())));
    }
    members.extend(dataset.as_ref().map(|dataset| ("dataset".to_owned(), plan::dataset(dataset))));
    if !parameters.is_empty() {
        members.push(("parameters".to_owned(), parameters_layout(parameters)));
    }
    members.extend(order_member(order));
    members.extend(text_input.then(|| ("textInput".to_owned(), Layout::Raw("true".to_owned()))));
    members.extend(plan::tool_plan(tool_plan).map(|plan| ("toolPlan".to_owned(), plan)));
    members.extend(plan::reasoning_back(*reasoning_back).map(|back| ("reasoningBack".to_owned(), Layout::text(back))));
    if !texts.is_empty() {
        members.push(("texts".to_owned(), Layout::List(texts.iter().map(|text| Layout::lines(text)).collect())));
    }
    members.extend((*batch != 0).then(|| ("batch".to_owned(), Layout::Raw(batch.to_string()))));
    if *grid != Grid::default()
        && let Ok(json) = serde_json::to_string(grid)
    {
        members.push(("grid".to_owned(), Layout::Raw(json)));
    }
    members.extend(recording.as_ref().map(|id| ("recording".to_owned(), Layout::text(id.as_str()))));
    if !checks.is_empty() {
        members.push(("checks".to_owned(), Layout::List(checks.iter().filter_map(plan::check).collect())));
    }
    members
}

fn order_member(order: &[String]) -> Option<(String, Layout)> {
    let names = || order.iter().map(|name| Layout::text(name)).collect();
    (!order.is_empty()).then(|| ("order".to_owned(), Layout::List(names())))
}

fn messages_layout(messages: &[Message]) -> Layout {
    Layout::List(messages.iter().map(message_layout).collect())
}

fn message_layout(message: &Message) -> Layout {
    let Message { id: _, role, content, muted, members, order } = message;
    let mut parts = vec![("role".to_owned(), Layout::text(role.as_str()))];
    parts.extend(match content {
        Content::Text { text } => Some(("text".to_owned(), Layout::lines(text))),
        Content::Parts { parts } => Some(("parts".to_owned(), Layout::List(parts.iter().map(part_layout).collect()))),
        Content::Null => Some(("text".to_owned(), Layout::Raw("null".to_owned()))),
        Content::Absent => None,
    });
    if *muted {
        parts.push(("muted".to_owned(), Layout::Raw("true".to_owned())));
    }
    if !members.is_empty() {
        parts.push(("members".to_owned(), parameters_layout(members)));
    }
    parts.extend(order_member(order));
    Layout::Object(parts)
}

fn part_layout(part: &Part) -> Layout {
    match part {
        Part::Text { text } => Layout::object([("text", Layout::lines(text))]),
        Part::Image { url, detail: None } => Layout::object([("image", Layout::text(url))]),
        Part::Image { url, detail: Some(detail) } => {
            Layout::object([("image", Layout::text(url)), ("detail", Layout::text(detail))])
        }
        Part::Audio { data, format } => {
            Layout::object([("format", Layout::text(format)), ("audio", Layout::text(data))])
        }
        Part::File { name, data, id, url } => {
            let said = [("name", name), ("id", id), ("url", url), ("data", data)];
            let said =
                said.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Layout::text(value.as_ref()?))));
            Layout::object([("file", Layout::Object(said.collect()))])
        }
        Part::Raw { json } => match as_it_is(json) {
            Some(json) => Layout::object([("json", Layout::Raw(json))]),
            None => Layout::object([("unfinished", Layout::lines(json))]),
        },
    }
}

/// An object where every value is JSON and every name stands once. What a person has not finished typing is neither, and
/// is kept all the same.
fn parameters_layout(parameters: &[Parameter]) -> Layout {
    let is_once = |name: &str| parameters.iter().filter(|other| other.name == name).count() == 1;
    let values: Option<Vec<_>> = parameters
        .iter()
        .map(|parameter| {
            let json = as_it_is(&parameter.json).filter(|_| is_once(&parameter.name))?;
            Some((parameter.name.clone(), Layout::Raw(json)))
        })
        .collect();
    values.map_or_else(|| Layout::List(parameters.iter().map(parameter_layout).collect()), Layout::Object)
}

fn parameter_layout(parameter: &Parameter) -> Layout {
    let name = Layout::text(&parameter.name);
    match as_it_is(&parameter.json) {
        Some(json) => Layout::object([("name", name), ("value", Layout::Raw(json))]),
        None => Layout::object([("name", name), ("unfinished", Layout::lines(&parameter.json))]),
    }
}

/// A JSON text that can stand in the file byte for byte and be read from there again.
fn as_it_is(json: &str) -> Option<String> {
    let is_alone = json.trim() == json && !json.contains('\r');
    (is_alone && serde_json::from_str::<&RawValue>(json).is_ok()).then(|| json.to_owned())
}

fn lane_layout(lane: &Lane, name_of: &dyn Fn(&ConnectionId) -> String) -> Layout {
    let Lane { id, connection, endpoint, model, overrides, forked_messages, muted, raw_body, hold, variables } = lane;
    let connection = [("id", Layout::text(connection.as_str())), ("name", Layout::text(&name_of(connection)))];
    let mut members = vec![
        ("id".to_owned(), Layout::text(id.as_str())),
        ("connection".to_owned(), Layout::object(connection)),
        ("endpoint".to_owned(), Layout::text(endpoint.name())),
        ("model".to_owned(), Layout::text(model)),
    ];
    if !overrides.is_empty() {
        members.push(("overrides".to_owned(), Layout::List(overrides.iter().map(override_layout).collect())));
    }
    if let Some(messages) = forked_messages {
        members.push(("messages".to_owned(), messages_layout(messages)));
    }
    if let Some(body) = raw_body {
        members.push(("body".to_owned(), Layout::lines(body)));
    }
    if !variables.is_empty() {
        members.push(("variables".to_owned(), Layout::List(variables.iter().map(plan::variable).collect())));
    }
    for (name, is_set) in [("muted", muted), ("hold", hold)] {
        if *is_set {
            members.push((name.to_owned(), Layout::Raw("true".to_owned())));
        }
    }
    Layout::Object(members)
}

fn override_layout(change: &Override) -> Layout {
    match change {
        Override::Set { parameter } => parameter_layout(parameter),
        Override::Unset { name } => Layout::object([("unset", Layout::text(name))]),
    }
}

#[cfg(test)]
mod tests;
