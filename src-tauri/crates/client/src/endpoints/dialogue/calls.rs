//! The calls of an answer that wait for a result.

use std::collections::HashSet;

use juxta_wire::outcome::{Choice, Outcome};
use juxta_wire::tools::ToolReply;

use crate::endpoints::carry::{find_text, members};

/// What kind of result a call waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    Function,
    Custom,
    /// Whether it may be made at all.
    Approval,
    /// An item of its own kind: a screenshot, what a shell wrote.
    Item,
}

/// One call of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The choice, or output item, that made it.
    pub choice: u32,
    /// Its place among the calls of that choice.
    pub call: u32,
    pub kind: CallKind,
    /// By which its result names it; `None` when the server gave none.
    pub id: Option<String>,
    pub name: String,
    /// Its arguments as the model spelled them.
    pub given: String,
}

/// What is to be answered: one for each id, however many calls have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub id: String,
    pub kind: CallKind,
    pub name: String,
    pub given: String,
}

/// An output item that waits: its type, its kind, and the members with its id and with what it was given.
struct Waits {
    item: &'static str,
    kind: CallKind,
    id: &'static str,
    input: Option<&'static str>,
}

const fn waits(item: &'static str, kind: CallKind, id: &'static str, input: Option<&'static str>) -> Waits {
    Waits { item, kind, id, input }
}

const WAITS: &[Waits] = &[
    waits("function_call", CallKind::Function, "call_id", Some("arguments")),
    waits("custom_tool_call", CallKind::Custom, "call_id", Some("input")),
    waits("mcp_approval_request", CallKind::Approval, "id", Some("arguments")),
    waits("computer_call", CallKind::Item, "call_id", None),
    waits("local_shell_call", CallKind::Item, "call_id", None),
    waits("shell_call", CallKind::Item, "call_id", None),
    waits("apply_patch_call", CallKind::Item, "call_id", None),
];

/// The member of an item that holds what its tool is given.
pub(super) fn input_of(kind: &str) -> Option<&'static str> {
    WAITS.iter().find(|waits| waits.item == kind)?.input
}

/// The calls of an answer in their order. Items of a response belong together; of several alternatives of a chat only
/// `choice` is looked at. A call whose result came with the answer was made by the server, and waits for nothing.
pub fn calls(outcome: &Outcome, choice: u32) -> Vec<Call> {
    if outcome.choices.iter().any(|choice| choice.item.is_some()) {
        return calls_of_items(&outcome.choices);
    }
    let choice = outcome.choices.iter().find(|known| known.index == choice);
    choice.map_or_else(Vec::new, calls_of_choice)
}

fn calls_of_choice(choice: &Choice) -> Vec<Call> {
    let calls = choice.tool_calls.iter().zip(0..).map(|(call, at)| Call {
        choice: choice.index,
        call: at,
        kind: if call.kind == "custom" { CallKind::Custom } else { CallKind::Function },
        id: call.id.clone().filter(|id| !id.is_empty()),
        name: call.name.clone(),
        given: call.arguments.clone(),
    });
    calls.collect()
}

fn calls_of_items(choices: &[Choice]) -> Vec<Call> {
    let items = choices.iter().filter_map(|choice| Some((choice, choice.item.as_ref()?)));
    let items: Vec<_> = items
        .filter(|(_, item)| {
            item.kind.ends_with("_output") || item.kind.starts_with("mcp_approval_") || is_call(&item.kind)
        })
        .map(|(choice, item)| (choice, item, members(&item.json).unwrap_or_default()))
        .collect();
    let done: HashSet<String> = items
        .iter()
        .filter_map(|(_, item, members)| match item.kind.as_str() {
            "mcp_approval_response" => find_text(members, "approval_request_id"),
            kind if kind.ends_with("_output") => find_text(members, "call_id"),
            _ => None,
        })
        .collect();
    let calls = items.iter().filter_map(|(choice, item, members)| {
        let waits = WAITS.iter().find(|waits| waits.item == item.kind)?;
        let id = find_text(members, waits.id).filter(|id| !id.is_empty());
        if id.as_ref().is_some_and(|id| done.contains(id)) {
            return None;
        }
        let streamed = choice.tool_calls.first().map(|call| call.arguments.clone());
        let given = streamed.or_else(|| find_text(members, waits.input?));
        Some(Call {
            choice: choice.index,
            call: 0,
            kind: waits.kind,
            id,
            name: find_text(members, "name").unwrap_or_default(),
            given: given.unwrap_or_default(),
        })
    });
    calls.collect()
}

fn is_call(kind: &str) -> bool {
    WAITS.iter().any(|waits| waits.item == kind)
}

/// Several calls with one id are answered once.
pub fn questions(calls: &[Call]) -> Vec<Question> {
    let mut asked: Vec<Question> = Vec::new();
    for call in calls {
        let Some(id) = &call.id else { continue };
        if asked.iter().all(|known| known.id != *id) {
            let (kind, name, given) = (call.kind, call.name.clone(), call.given.clone());
            asked.push(Question { id: id.clone(), kind, name, given });
        }
    }
    asked
}

/// Why a reply is none to this question.
pub fn result_problem(question: &Question, reply: &ToolReply) -> Option<String> {
    let Question { id, kind, .. } = question;
    match (kind, reply) {
        (CallKind::Function | CallKind::Custom, ToolReply::Output { .. }) => None,
        (CallKind::Approval, ToolReply::Approval { .. }) => None,
        (CallKind::Approval, _) => Some(format!("{id} asks whether a call may be made: allow it or refuse it")),
        (_, ToolReply::Approval { .. }) => Some(format!("{id} waits for a result and asks for no approval")),
        (CallKind::Item, ToolReply::Output { .. }) => {
            Some(format!("The result of {id} is an item of its own kind and no text"))
        }
        (_, ToolReply::Item { json }) => item_problem(id, json),
    }
}

fn item_problem(id: &str, json: &str) -> Option<String> {
    let Some(members) = members(json) else { return Some(format!("The result of {id} is no JSON object")) };
    match (find_text(&members, "type"), find_text(&members, "call_id")) {
        (None, _) => Some(format!("The result of {id} is an item without a type")),
        (_, Some(other)) if other != id => Some(format!("The result of {id} names the call {other}")),
        _ => None,
    }
}
