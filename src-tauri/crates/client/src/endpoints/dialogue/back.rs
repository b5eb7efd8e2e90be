//! What goes back to the model: its answer and the results of its calls, as messages of a draft in the words of the
//! endpoint that they go to.

use juxta_wire::draft::{Content, Message, Parameter, Part, Role};
use juxta_wire::outcome::Choice;
use juxta_wire::tools::{ToolArguments, ToolReply};

use super::calls::{CallKind, Question, input_of};
use crate::endpoints::carry::{find_text, items, list, members, object, quoted, text_of};

/// What a chat said, with the calls that it made. `reasoning` is the member that tells it what it thought.
pub fn chat_answer(choice: &Choice, arguments: &[ToolArguments], reasoning: Option<&str>) -> Message {
    let mut made = Vec::new();
    if let Some(name) = reasoning.filter(|_| !choice.reasoning.is_empty()) {
        made.push(Parameter::new(name, quoted(&choice.reasoning)));
    }
    let calls = choice.tool_calls.iter().zip(0..).map(|(call, at)| {
        let input = said(arguments, choice.index, at).unwrap_or(&call.arguments);
        let member = if call.kind == "custom" { "input" } else { "arguments" };
        let inner = [Parameter::new("name", quoted(&call.name)), Parameter::new(member, quoted(input))];
        let mut outer = Vec::new();
        outer.extend(call.id.as_ref().map(|id| Parameter::new("id", quoted(id))));
        outer.push(Parameter::new("type", quoted(&call.kind)));
        outer.push(Parameter::new(&call.kind, object(&inner)));
        object(&outer)
    });
    let calls: Vec<String> = calls.collect();
    let content = match choice.text.is_empty() && !calls.is_empty() {
        true => Content::Null,
        false => Content::Text { text: choice.text.clone() },
    };
    if !calls.is_empty() {
        made.push(Parameter::new("tool_calls", list(&calls)));
    }
    Message { content, members: made, ..Message::text(Role::Assistant, "") }
}

/// The arguments of a call in the person's words, where they gave any.
pub fn said(arguments: &[ToolArguments], choice: u32, call: u32) -> Option<&str> {
    arguments.iter().rev().find(|one| one.choice == choice && one.call == call).map(|one| one.text.as_str())
}

/// The result of each call. Function results are messages of the role tool, which both a chat and a response take.
pub fn output_messages<'a>(
    results: impl Iterator<Item = (&'a Question, &'a ToolReply)>,
    is_chat: bool,
) -> Vec<Message> {
    results.map(|(question, reply)| output_message(question, reply, is_chat)).collect()
}

fn output_message(question: &Question, reply: &ToolReply, is_chat: bool) -> Message {
    let Question { id, kind, .. } = question;
    let members = match reply {
        ToolReply::Output { text } if is_chat || *kind == CallKind::Function => {
            let members = vec![Parameter::new("tool_call_id", quoted(id))];
            return Message { members, ..Message::text(Role::Tool, text) };
        }
        ToolReply::Output { text } => vec![
            Parameter::new("type", "\"custom_tool_call_output\""),
            Parameter::new("call_id", quoted(id)),
            Parameter::new("output", quoted(text)),
        ],
        ToolReply::Approval { approve, reason } => {
            let reason = (!reason.is_empty()).then(|| Parameter::new("reason", quoted(reason)));
            let members = [
                Parameter::new("type", "\"mcp_approval_response\""),
                Parameter::new("approval_request_id", quoted(id)),
                Parameter::new("approve", approve.to_string()),
            ];
            members.into_iter().chain(reason).collect()
        }
        ToolReply::Item { json } => return Message { role: Role::Tool, ..item_message(json) },
    };
    Message { content: Content::Absent, members, ..Message::text(Role::Tool, "") }
}

/// An output item that is said again, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeItem {
    pub choice: u32,
    pub kind: String,
    /// With none of its strings cut.
    pub json: String,
}

/// The items of an answer, with the arguments that the person changed.
pub fn item_messages(items: &[WholeItem], arguments: &[ToolArguments]) -> Vec<Message> {
    let messages = items.iter().map(|item| match (input_of(&item.kind), said(arguments, item.choice, 0)) {
        (Some(name), Some(text)) => with_member(item_message(&item.json), name, text),
        _ => item_message(&item.json),
    });
    messages.collect()
}

fn with_member(mut message: Message, name: &str, text: &str) -> Message {
    for member in message.members.iter_mut().filter(|member| member.name == name) {
        member.json = quoted(text);
    }
    message
}

fn item_message(json: &str) -> Message {
    let all = members(json).unwrap_or_default();
    let order = all.iter().map(|member| member.name.clone()).collect();
    if find_text(&all, "type").as_deref() != Some("message") {
        return Message { content: Content::Absent, members: all, order, ..Message::text(Role::Assistant, "") };
    }
    let role = find_text(&all, "role");
    let role = Role::ALL.into_iter().find(|known| Some(known.as_str()) == role.as_deref());
    let content =
        all.iter().find(|member| member.name == "content").map_or(Content::Null, |member| content(&member.json));
    let members = all.into_iter().filter(|member| member.name != "role" && member.name != "content").collect();
    Message { content, members, order, ..Message::text(role.unwrap_or(Role::Assistant), "") }
}

fn content(json: &str) -> Content {
    match (text_of(json), items(json)) {
        (Some(text), _) => Content::Text { text },
        (None, Some(parts)) => Content::Parts { parts: parts.into_iter().map(|json| Part::Raw { json }).collect() },
        (None, None) => Content::Null,
    }
}
